"""HF pads that are broken on purpose: the checks of `hf_checks.py` see each of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.rfid import SecurityState, TagUid, obid_pad
from drivers.rfid.iso15693 import Written
from drivers.rfid.obid_pad import ObidPad
from drivers.rfid.tag_settings import Security
from tests.kit.hf_bench import HfBench, ObidBench
from tests.kit.hf_checks import (
    check_an_unconfirmed_write_is_refused,
    check_reading_switches_nothing_off,
    check_silence_is_no_release,
    check_written_is_not_believed,
)


class Rewriting(ObidPad):
    """Checks beforehand by writing whatever state it believes to have read, "off" too."""

    def _write(self, uid: TagUid, state: SecurityState, *, is_check: bool = False) -> None:
        super()._write(uid, state)


class Hearing(ObidPad):
    """Takes a silent alarm for a tag that is released already."""

    def release(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        state = self._state(uid)
        return (state, state) if self.is_released(state) else super().release(uid)


class Hopeful(ObidPad):
    """Takes an alarm that fell silent for a write that nobody confirmed."""

    def _write_one(
        self, uid: TagUid, write: Callable[[], Written], is_written: Callable[[SecurityState], bool]
    ) -> None:
        super()._write_one(uid, write, lambda now: is_written(now) or now.eas is False)


class Trusting(ObidPad):
    """Takes "written" for written."""

    def release(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        before, target = self._state(uid), self._settings.target(released=True)
        self._write(uid, target)
        return before, target


CONTROLS: dict[type[ObidPad], Callable[[type[HfBench]], None]] = {
    Rewriting: lambda make: check_reading_switches_nothing_off(make, Security.EAS, 2),
    Hearing: lambda make: check_silence_is_no_release(make, 2),
    Hopeful: check_an_unconfirmed_write_is_refused,
    Trusting: check_written_is_not_believed,
}


@pytest.mark.parametrize("broken", CONTROLS, ids=lambda one: one.__name__.lower())
def test_a_broken_pad_is_found_out(broken: type[ObidPad], monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a pad that breaks one rule fails the check of that rule, which the real one passes."""
    CONTROLS[broken](ObidBench)
    monkeypatch.setattr(obid_pad, "ObidPad", broken)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        CONTROLS[broken](ObidBench)
