"""Strip unit drivers that are broken on purpose: the judge of `strip_play.py` sees each of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.em import Deed, NotTreated, Spoilt, StripEvent, StripState, Treated
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.em.bookcheck_unit import BookCheckUnit
from drivers.em.crossing import Crossing
from drivers.em.laid_unit import Act, LaidUnit, Result
from tests.kit.effort import effort
from tests.kit.strip_bench import CONTACTS, TABLE, StripBench, bookcheck, contacts, serial
from tests.kit.strip_play import Play


class Open(BookCheckUnit):
    """Takes the unit as it finds it."""

    def begin(self) -> None:
        self._sensors()


class Forgetful(BookCheckUnit):
    """Leaves the unit live when a deed is over."""

    def _crossed(self, deed: Deed, crossing: Crossing) -> Treated | Spoilt:
        self._deed = None
        self._is_live = False
        return Treated(deed, crossing.strip(deed, 0.0))


class Dozing(BookCheckUnit):
    """Thinks that nothing happened while it did not look."""

    def _watching(self, deed: Deed) -> StripEvent | None:
        self._looked_at = self._clock.monotonic()
        return super()._watching(deed)


class Certain(BookCheckUnit):
    """Takes a deed that was broken off for one that was not done."""

    def _broken_off(self, why: str, *, in_doubt: bool = False) -> NotTreated | Spoilt:
        ended = super()._broken_off(why, in_doubt=in_doubt)
        return NotTreated(ended.deed, why)


class Twice(LaidUnit):
    """Treats once more what lies there, to be sure."""

    def _pulsed(self, deed: Deed) -> Act:
        super()._pulsed(deed)
        self._clock.wait(1.0)
        return super()._pulsed(deed)


class Believing(LaidUnit):
    """Takes a command that was sent for one that was obeyed."""

    def _pulsed(self, deed: Deed) -> Act:
        super()._pulsed(deed)
        return Act(Result.DONE)


class Hoping(LaidUnit):
    """Takes a command whose end nobody knows for one that did nothing."""

    def _pulsed(self, deed: Deed) -> Act:
        act = super()._pulsed(deed)
        return Act(Result.NOTHING, act.why) if act.result is Result.UNKNOWN else act


class Blind(LaidUnit):
    """Says of a strip what it should be."""

    def _judged(self, deed: Deed, before: StripState) -> Treated | Spoilt:
        judged = super()._judged(deed, before)
        return Treated(deed, deed.wanted, judged.stays) if isinstance(judged, Treated) else judged


class Chattering(LaidUnit):
    """Tells the end of a deed twice."""

    def _ended(self, event: StripEvent) -> StripEvent:
        return event


BROKEN: dict[str, Callable[[], StripBench]] = {
    "taken as it is found": lambda: bookcheck(BookCheckSettings(), Open),
    "left live": lambda: bookcheck(BookCheckSettings(), Forgetful),
    "not watched": lambda: bookcheck(BookCheckSettings(), Dozing),
    "sure of nothing done": lambda: bookcheck(BookCheckSettings(), Certain),
    "pulsed twice": lambda: contacts(CONTACTS, Twice),
    "believing what was sent": lambda: serial(TABLE, 1, Believing),
    "hoping it did nothing": lambda: serial(TABLE, 1, Hoping),
    "blind": lambda: contacts(CONTACTS, Blind),
    "not at its end": lambda: contacts(CONTACTS, Chattering),
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_the_judge_sees_a_driver_that_is_broken(name: str) -> None:
    """Each broken driver is caught by the play in which the true ones are not."""
    caught = 0
    for seed in range(effort(40)):
        try:
            Play(BROKEN[name](), seed).run(120)
        except AssertionError:
            caught += 1
            break

    assert caught
