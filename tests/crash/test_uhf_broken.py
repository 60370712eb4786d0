"""UHF pads that are broken on purpose: the judge of `uhf_play.py` sees each of them, and acquits the real one."""

from __future__ import annotations

import pytest

from drivers.link import Clock, Link
from drivers.rfid import TagUid, uhf18_pad
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf18_exchange import Uhf18Exchange
from drivers.rfid.uhf18_pad import Uhf18Module, Uhf18PadSettings
from drivers.rfid.uhf_bits import Change, Shown
from drivers.rfid.uhf_pad import UhfPad
from tests.kit.effort import effort
from tests.kit.uhf_play import Opener, play

WAYS = [Security.UHF_AFI, Security.UHF_BIT]


class Trusting(UhfPad):
    """Believes a module that says "written"."""

    def _written(self, uid: TagUid, epc: bytes, change: Change) -> tuple[Shown, str]:
        shown, refusal = super()._written(uid, epc, change)
        return (shown if refusal else change.after), refusal


class Hasty(UhfPad):
    """Is content when the new EPC answers, whoever answers to the old one."""

    def _read_back(self, old: bytes, new: bytes, is_confirmed: bool) -> Shown:
        shown = self._reading.answering(new, 3)
        return shown if shown is not None else self._reading.bank(old)[1]


class Blind(UhfPad):
    """Takes one of two tags with one name."""

    def _named(self, uid: TagUid) -> tuple[bytes, ...]:
        return super()._named(uid)[-1:]

    def _check_alone(self, shown: Shown, is_released: bool) -> None:
        return


def with_pad(kind: type[UhfPad]) -> Opener:
    def opened(settings: Uhf18PadSettings, link: Link, clock: Clock) -> UhfPad:
        exchange = Uhf18Exchange(
            link,
            clock,
            address=settings.bus_address,
            answer_seconds_max=settings.answer_seconds_max,
            retries=settings.retries,
        )
        module = Uhf18Module(settings, link, exchange)
        module.begin()
        return kind(settings, module)

    return opened


BROKEN = {
    "trusting": with_pad(Trusting),
    "hasty": with_pad(Hasty),
    "blind": with_pad(Blind),
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.value)
def test_whatever_happens_the_pad_says_what_is_so(way: Security) -> None:
    """In hundreds of random days no tag counts as released that is not, and nothing but the security is written."""
    assert play(range(effort(200)), way, uhf18_pad.open) > 50


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_pad_is_seen(name: str) -> None:
    """A pad without one of the precautions is found out by the same days."""
    with pytest.raises(AssertionError):
        play(range(100), Security.UHF_BIT, BROKEN[name])
