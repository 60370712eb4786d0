"""Sessions that treat strips wrongly, on purpose, each in one way: random days find each of them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from drivers.em import Deed
from kiosk.workflow import borrow, strip_orders, strip_unit, strips
from kiosk.workflow.effects import TreatStrip
from kiosk.workflow.view import StripStep
from tests.kiosk.workflow.strip_days import a_day

Break = Callable[[pytest.MonkeyPatch], None]


def treats_before_the_grant(patch: pytest.MonkeyPatch) -> None:
    """The unit is told as soon as the server was asked."""
    start = borrow._start

    def started(state: Any, session: Any, line: Any, item: Any, turn: Any) -> Any:
        state, after = start(state, session, line, item, turn)
        if after.strip is not None and after.key is not None:
            turn.do(TreatStrip(after.key, Deed.DESENSITISE))
        return state, after

    patch.setattr(borrow, "_start", started)


def treats_magnetic_media(patch: pytest.MonkeyPatch) -> None:
    """No interlock is asked."""
    patch.setattr(strips, "interlock", lambda facts: None)


def does_not_wait_for_the_answer(patch: pytest.MonkeyPatch) -> None:
    """The unit is told again while it has not answered."""
    order = strip_orders._order

    def ordered(state: Any, line: Any, turn: Any) -> Any:
        _, line = order(state, line, turn)
        return state, line

    patch.setattr(strip_orders, "_order", ordered)


def counts_nothing(patch: pytest.MonkeyPatch) -> None:
    """What comes to the unit while it is safe is not noticed."""
    patch.setattr(strip_unit, "_sensed", lambda state, stays: state)


def treats_what_lies_there(patch: pytest.MonkeyPatch) -> None:
    """Whosever it is."""
    patch.setattr(strips, "step_of", lambda state, line: StripStep.DESENSITISE)


def goes_on_after_a_refusal(patch: pytest.MonkeyPatch) -> None:
    """Once the strip's turn has come, nothing the server says stops it."""
    why_not = strip_orders._why_not
    patch.setattr(strip_orders, "_why_not", lambda state, line: why_not(state, replace(line, refused=None)))


def never_says_unchecked(patch: pytest.MonkeyPatch) -> None:
    """A strip nobody read is lent like any other."""
    patch.setattr(strips, "last_word", lambda line, end: None)


def records_nothing_of_the_strip(patch: pytest.MonkeyPatch) -> None:
    """The journal is told of the tags alone."""
    patch.setattr(strips, "as_before", lambda line: None)


BROKEN = [
    (treats_before_the_grant, "before anybody allowed it"),
    (treats_magnetic_media, "treated although"),
    (does_not_wait_for_the_answer, "two strips"),
    (counts_nothing, "lies there|another item"),
    (treats_what_lies_there, "lies there|another item"),
    (goes_on_after_a_refusal, "armed for a loan that was refused"),
    (never_says_unchecked, "nobody checked"),
    (records_nothing_of_the_strip, "journal does not say so"),
]


@pytest.mark.parametrize(("broken", "found"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_session_that_treats_strips_wrongly_is_found_out(
    broken: Break, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sound session gets through the same days (`tests/kiosk/workflow/test_strip_days.py`)."""
    broken(monkeypatch)

    with pytest.raises(AssertionError, match=found):
        days(400)


def days(count: int) -> None:
    """So many days, each judged turn by turn."""
    for seed in range(count):
        a_day(seed)
