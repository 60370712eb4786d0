"""What the strip unit says: items that come and go, and what became of the strip it was told to treat.

What follows from it is in `strip_orders.py`.  An answer that was not ordered, or that comes for a line that has ended,
changes nothing about any line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from drivers.em import Deed
from kiosk.workflow import release, strip_orders, strips
from kiosk.workflow.events import (
    StripLifted,
    StripNotTreated,
    StripSensed,
    StripSpoilt,
    StripTreated,
    StripTrouble,
)
from kiosk.workflow.line import LineState, StripWork
from kiosk.workflow.state import NOBODYS, Serving, Session, State, StripUnitState, with_line
from kiosk.workflow.strip_orders import SECOND_ITEM
from kiosk.workflow.strips import with_work, work_of
from kiosk.workflow.turn import Turn
from kiosk.workflow.two_phase import Sign
from kiosk.workflow.view import Status
from sync.entries import Strip

Happening = StripSensed | StripLifted | StripTreated | StripNotTreated | StripSpoilt


def told(state: State, event: Happening, turn: Turn) -> State:
    """*state* after the unit said something."""
    match event:
        case StripSensed(was_there=True):
            return replace(state, strip_unit=replace(state.strip_unit, is_occupied=True, of=NOBODYS))
        case StripSensed(stays):
            return _sensed(state, stays)
        case StripLifted():
            return _lifted(state)
        case StripTreated() | StripNotTreated() | StripSpoilt():
            return _answered(state, event, turn)
        case _:
            assert_never(event)


def went_down(state: State) -> State:
    """*state* after the unit was lost: what lies on it is found anew."""
    return replace(state, strip_unit=StripUnitState(order=state.strip_unit.order))


def _in_process(state: State) -> tuple[Session, LineState, StripWork] | None:
    if isinstance(state.phase, Serving):
        session = state.phase.session
        line = strips.in_process(session)
        if line is not None and line.strip is not None:
            return session, line, line.strip
    return None


def _with_work(state: State, session: Session, line: LineState, work: StripWork) -> State:
    return replace(state, phase=Serving(with_line(session, replace(line, strip=work))))


def _sensed(state: State, stays: bool) -> State:
    found, unit = _in_process(state), state.strip_unit
    if unit.is_occupied:
        # Something lies there that was not seen to go: what came is one more, whosever it is.
        unit = replace(unit, of=NOBODYS if unit.of is None else unit.of)
    else:
        unit = replace(unit, is_occupied=stays, of=found[1].id if found is not None and stays else None)
    state = replace(state, strip_unit=unit)
    if found is None or found[2].deed is Deed.SENSITISE:
        return state
    session, line, work = found
    return _with_work(state, session, line, replace(work, sensed=work.sensed + 1))


def _lifted(state: State) -> State:
    was = state.strip_unit
    state = replace(state, strip_unit=replace(was, is_occupied=False, of=None))
    found = _in_process(state)
    if found is None or found[2].found is None or was.of != found[1].id:
        return state
    # It was treated, and is asked for once more: it may come again.
    session, line, work = found
    return _with_work(state, session, line, replace(work, sensed=0))


def _answered(state: State, event: StripTreated | StripNotTreated | StripSpoilt, turn: Turn) -> State:
    unit, found = state.strip_unit, _in_process(state)
    if unit.order != event.key:
        return state
    stays = unit.is_occupied or (isinstance(event, StripTreated) and event.stays)
    if found is None or found[1].key != event.key or found[1].status is not Status.STRIP_WANTED:
        # Its line has ended; what lies there has to go before anything else is treated.
        return replace(state, strip_unit=StripUnitState(None, stays, NOBODYS if stays else None))
    session, line, work = found
    is_alone = strips.is_alone(state, line)
    # What nobody's hand took away is still whose it was.
    of = unit.of if unit.is_occupied and unit.of is not None else line.id
    state = replace(state, strip_unit=StripUnitState(None, stays, of if stays else None))
    is_one_more = isinstance(event, StripTreated) or (
        isinstance(event, StripNotTreated) and event.trouble is StripTrouble.FAULT
    )
    pulses = work.pulses + 1 if is_one_more else work.pulses
    line = with_work(line, replace(work, left_at=None, is_ready=False, pulses=pulses))
    match event:
        case StripTreated(strip=strip):
            state, line = _treated(state, session, line, Strip(strip.value), is_alone, turn)
        case StripNotTreated(trouble=trouble):
            state, line = _not_treated(state, session, line, trouble, turn)
        case StripSpoilt(why=why):
            state, line = strip_orders.spoilt(state, session, line, why, turn)
        case _:
            assert_never(event)
    return replace(state, phase=Serving(with_line(session, line)))


def _treated(
    state: State, session: Session, line: LineState, strip: Strip, is_alone: bool, turn: Turn
) -> tuple[State, LineState]:
    if not is_alone:
        return strip_orders.spoilt(state, session, line, SECOND_ITEM, turn)
    is_there = state.strip_unit.is_occupied
    line = with_work(line, replace(work_of(line), found=strip, sensed=int(is_there)))
    work = work_of(line)
    if work.deed is Deed.SENSITISE:
        if strip is Strip.ACTIVE:
            return release.went(state, session, line, Sign.RESTORED, (), turn)
        return _not_restored(state, session, line, f"strip-{strip.value}", turn)
    if strip is Strip.ACTIVE:
        return release.went(
            state,
            session,
            with_work(line, replace(work_of(line), word="strip-active")),
            Sign.REFUSED,
            (),
            turn,
        )
    against = work.why if work.why not in strips.STANDS else None
    against = against or strips.held_back_since(line)
    if against is not None:
        # The unit was faster than the word that it must not: staff have to know.
        return strip_orders.concluded(state, session, line, against, turn)
    return release.went(
        state, session, with_work(line, replace(work_of(line), why=None)), Sign.VERIFIED, (), turn
    )


def _not_treated(
    state: State, session: Session, line: LineState, trouble: StripTrouble, turn: Turn
) -> tuple[State, LineState]:
    match trouble:
        case StripTrouble.LEFT | StripTrouble.UNIT_LOST:
            return state, with_work(line, replace(work_of(line), lost_at=turn.seconds))
        case StripTrouble.FAULT if work_of(line).deed is Deed.SENSITISE:
            return _not_restored(state, session, line, trouble.value, turn)
        case StripTrouble.FAULT:
            return release.went(
                state,
                session,
                with_work(line, replace(work_of(line), word=trouble.value)),
                Sign.REFUSED,
                (),
                turn,
            )
        case _:
            assert_never(trouble)


def _not_restored(
    state: State, session: Session, line: LineState, word: str, turn: Turn
) -> tuple[State, LineState]:
    """Tried again, unless it was too often."""
    line = with_work(line, replace(work_of(line), word=word))
    if work_of(line).pulses < state.settings.release_tries_max:
        return state, line
    return release.went(state, session, line, Sign.NOT_RESTORED, (), turn)
