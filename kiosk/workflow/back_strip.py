"""The strip of an item that is given back: over the unit, once, to be made active again.

A strip has no identity, so one item at a time is wanted at the unit; the others wait.  Making a strip active that is
active already does no harm, so a second item is no danger as it is in lending: what is not sure is tried again, and at
last is for staff.

    STRIP_WANTED --treated: read as active, or not to be read--> secured
         `--time over, "no", the unit gone or in vain, nobody can tell--> not secured
         `--a tag says that this is another item, and nothing was ordered--> stopped
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from drivers.em import Deed
from kiosk.workflow import strip_unit, view
from kiosk.workflow.back_ends import not_secured, secured, stopped, taken_away
from kiosk.workflow.back_line import BackLineState, Batch, with_back
from kiosk.workflow.effects import LeaveStrip, TreatStrip
from kiosk.workflow.events import (
    Device,
    StripLifted,
    StripNotTreated,
    StripSensed,
    StripSpoilt,
    StripTreated,
    StripTrouble,
)
from kiosk.workflow.line import StripWork
from kiosk.workflow.state import Returning, State, StripUnitState
from kiosk.workflow.strip_orders import LEAVE_SECONDS_MAX, RETRY_SECONDS, SECOND_ITEM
from kiosk.workflow.strip_unit import Happening
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import BackStatus, Trouble
from sync.entries import Strip

NO_ANSWER = "no-answer"


def in_process(batch: Batch) -> BackLineState | None:
    """The one line whose item the strip unit is for now, from its intent on."""
    for line in batch.lines:
        if line.strip is not None and line.attempt is not None:
            return line
    return None


def wanted(batch: Batch) -> BackLineState | None:
    """The line whose item is wanted at the unit now."""
    line = in_process(batch)
    return line if line is not None and line.status is BackStatus.STRIP_WANTED else None


def is_free(state: State, batch: Batch) -> bool:
    """Whether the next item may be begun that needs the unit."""
    return in_process(batch) is None and state.strip_unit.order is None


def told(state: State, batch: Batch, event: Happening, turn: Turn) -> State:
    """*state* after the unit said something while *batch* is given back."""
    match event:
        case StripTreated() | StripNotTreated() | StripSpoilt():
            return _answered(state, batch, event, turn)
        case StripSensed(was_there=False, stays=True) if not state.strip_unit.is_occupied:
            line = wanted(batch)
            of = None if line is None else line.id
            return replace(state, strip_unit=replace(state.strip_unit, is_occupied=True, of=of))
        case StripSensed() | StripLifted():
            return strip_unit.told(state, event, turn)
        case _:
            assert_never(event)


def _answered(
    state: State, batch: Batch, event: StripTreated | StripNotTreated | StripSpoilt, turn: Turn
) -> State:
    unit, line = state.strip_unit, wanted(batch)
    if unit.order != event.key:
        return state
    if line is None or line.strip is None or line.key != event.key:
        # Its line has ended; the unit's own story goes on.
        return strip_unit.told(state, event, turn)
    stays = unit.is_occupied or (isinstance(event, StripTreated) and event.stays)
    of = (unit.of if unit.is_occupied and unit.of is not None else line.id) if stays else None
    state = replace(state, strip_unit=StripUnitState(None, stays, of))
    line = _heard(state, line, line.strip, event, turn)
    return replace(state, phase=Returning(with_back(batch, line)))


def _heard(
    state: State,
    line: BackLineState,
    work: StripWork,
    event: StripTreated | StripNotTreated | StripSpoilt,
    turn: Turn,
) -> BackLineState:
    work = replace(work, left_at=None, is_ready=False)
    is_untouched = isinstance(event, StripNotTreated) and event.trouble is not StripTrouble.FAULT
    if work.why is Trouble.TAG_IS_OF_ANOTHER and not is_untouched:
        # The unit was faster than the tag: whatever it did, this is not the item that was scanned.
        return replace(line, strip=replace(work, pulses=work.pulses + 1))
    match event:
        case StripTreated(strip=strip):
            found = Strip(strip.value)
            work = replace(work, pulses=work.pulses + 1, found=found)
            if found is not Strip.INACTIVE:
                return secured(state, replace(line, strip=work), turn)
            return _again(state, line, replace(work, word="strip-inactive"), turn)
        case StripNotTreated(trouble=StripTrouble.FAULT):
            work = replace(work, pulses=work.pulses + 1, word=StripTrouble.FAULT.value)
            return _again(state, line, work, turn)
        case StripNotTreated():
            return replace(line, strip=replace(work, lost_at=turn.seconds))
        case StripSpoilt(why=why):
            work = replace(work, pulses=work.pulses + 1, found=Strip.UNVERIFIED, word=why)
            return _again(state, line, work, turn)
        case _:
            assert_never(event)


def _again(state: State, line: BackLineState, work: StripWork, turn: Turn) -> BackLineState:
    """*line* tried once more, unless it was too often."""
    line = replace(line, strip=work)
    if work.pulses < state.settings.release_tries_max:
        return line
    why = Trouble.STRIP_SECOND_ITEM if work.word == SECOND_ITEM else Trouble.NOT_SECURED_ASK_STAFF
    return not_secured(state, line, work.word, turn, why)


def follow_up(state: State, batch: Batch, turn: Turn) -> tuple[State, Batch]:
    """*state* and *batch* after what follows: the unit is told to treat, or to leave, or is waited for no longer."""
    line = wanted(batch)
    if line is None or line.strip is None or line.key is None:
        return state, batch
    key, work = line.key, line.strip
    if not work.is_over and turn.seconds - line.since >= state.settings.strip_seconds:
        work = replace(work, is_over=True)
        line = replace(line, strip=work)
    if state.strip_unit.order == key:
        line = _ordered(state, line, work, turn)
    elif work.is_over:
        line = _concluded(state, line, work, turn)
    elif _may_order(state, line, work, turn):
        turn.do(TreatStrip(key, Deed.SENSITISE))
        state = replace(state, strip_unit=replace(state.strip_unit, order=key))
    return state, with_back(batch, line)


def _concluded(state: State, line: BackLineState, work: StripWork, turn: Turn) -> BackLineState:
    """*line*, whose strip is not waited for any longer."""
    if work.why is Trouble.TAG_IS_OF_ANOTHER:
        end = taken_away(line, work.why.value, turn) if work.pulses else stopped(line, work.why, turn)
        return replace(end, why=work.why)
    why = work.why or Trouble.STRIP_NOT_USED_IN_TIME
    return not_secured(state, line, work.word or why.value, turn, why)


def _ordered(state: State, line: BackLineState, work: StripWork, turn: Turn) -> BackLineState:
    """*line* while the unit owes an answer: what is waited for no longer it is told to leave."""
    if not work.is_over or line.key is None:
        return line
    if work.left_at is None:
        turn.do(LeaveStrip(line.key))
        return replace(line, strip=replace(work, left_at=turn.seconds))
    if turn.seconds - work.left_at < LEAVE_SECONDS_MAX:
        return line
    return not_secured(state, line, NO_ANSWER, turn)


def _may_order(state: State, line: BackLineState, work: StripWork, turn: Turn) -> bool:
    unit = state.strip_unit
    if Device.STRIP_UNIT in state.down or unit.order is not None or is_anothers(state, line):
        return False
    rests = work.lost_at is not None and turn.seconds - work.lost_at < RETRY_SECONDS
    return not rests and (state.settings.strip_unit_senses or work.is_ready)


def is_anothers(state: State, line: BackLineState) -> bool:
    """Whether something lies on the unit that is not the item of *line*: it has to be taken away first."""
    unit = state.strip_unit
    return unit.is_occupied and unit.of not in (None, line.id)


def chosen(state: State, batch: Batch, line: BackLineState, choice: str) -> Batch:
    """*batch* after the reader chose something while *line* is wanted at the unit."""
    work = line.strip
    match choice:
        case view.NO if work is not None:
            return with_back(batch, replace(line, strip=replace(work, is_over=True)))
        case view.STRIP_READY if work is not None and may_be_ready(state):
            return with_back(batch, replace(line, strip=replace(work, is_ready=True)))
        case _:
            return batch


def may_be_ready(state: State) -> bool:
    """Whether the reader may say that the item lies on the unit, which cannot sense it."""
    is_idle = state.strip_unit.order is None and Device.STRIP_UNIT not in state.down
    return not state.settings.strip_unit_senses and is_idle


def is_working(state: State, line: BackLineState) -> bool:
    """Whether the unit is at the item of *line*: it lies there, and the unit was told."""
    unit, work = state.strip_unit, line.strip
    if work is None or unit.order != line.key:
        return False
    lies_there = unit.is_occupied and unit.of == line.id and state.settings.strip_unit_treats_lying
    return work.is_ready or lies_there or work.left_at is not None


def stop_untagged(batch: Batch) -> tuple[Batch, bool]:
    """*batch* after a tag of something else came while an item without one is wanted, and whether that stopped it.

    Label and tag may disagree; a tagged item is known by its own tag, whatever else comes to lie there.
    """
    line = wanted(batch)
    if line is None or line.uids or line.strip is None or line.strip.is_over:
        return batch, False
    work = replace(line.strip, why=Trouble.TAG_IS_OF_ANOTHER, is_over=True)
    return with_back(batch, replace(line, strip=work)), True
