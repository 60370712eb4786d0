"""An unattended book drop: one item at a time, read, made secure, recorded, told, and only then let through the flap.

    Idle --item came--> READING --exactly one, ours--> WORKING --told, or recorded--> MOVING --passed--> DONE --> Idle
                           |                              `--not taken, not ours--> TAKE_OUT --taken out--> Idle
                           `--two, none, another library's, unreadable--> TAKE_OUT
                                                          MOVING --stuck--> STUCK --taken out, after a while--> Idle

Nobody is there to be asked, so an item with parts missing is taken as it is.  What is told and then does not reach its
bin is a case: taken out again in front of the flap, or stuck behind it.  The flap opens for what was told of and lies
there still, by its tags, or by its barcode read anew once it was taken out; never for something else put there instead.
While the bin is full or the drop is away, nothing is begun.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow.back_answers import lies_there, settled
from kiosk.workflow.back_ends import write
from kiosk.workflow.back_line import RID_OF, BackLineState, Batch, DropWork, is_under_way, with_back
from kiosk.workflow.back_secure import left
from kiosk.workflow.drop_reading import (
    at_work,
    is_pad_used,
    line_of,
    not_read,
    take_out,
    untagged,
    with_late_tags,
    with_work,
    working,
)
from kiosk.workflow.effects import OpenDrop, Sound
from kiosk.workflow.events import Device, DropCame, DropEmptied, DropFull, DropPassed, DropStuck
from kiosk.workflow.pad import free_tags, survey
from kiosk.workflow.state import Idle, Returning, State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import BackStatus, DropStep, Trouble
from sync.entries import CaseOpened, CaseReason, Dropped, EntryKey
from sync.rules.sorting import Route

Happening = DropCame | DropEmptied | DropPassed | DropStuck | DropFull

TAKEN_OUT = "taken-out"


def told(state: State, event: Happening, turn: Turn) -> State:
    """*state* after the book drop said something."""
    unit = state.drop_unit
    match event:
        case DropCame():
            return replace(state, drop_unit=replace(unit, is_occupied=True))
        case DropEmptied():
            return _emptied(replace(state, drop_unit=replace(unit, is_occupied=False)), turn)
        case DropFull(is_full):
            return replace(state, drop_unit=replace(unit, is_full=is_full))
        case DropPassed(key):
            return _passed(state, key, turn)
        case DropStuck(key, why):
            return _stuck(state, key, why, turn)


def went_down(state: State, turn: Turn) -> State:
    """*state* after the drop was lost: what lies in front of its flap is found anew."""
    return _emptied(replace(state, drop_unit=replace(state.drop_unit, is_occupied=False)), turn)


def _emptied(state: State, turn: Turn) -> State:
    found = at_work(state)
    if found is None:
        return state
    batch, work = found
    match work.step:
        case DropStep.READING:
            return _over(state)
        case DropStep.WORKING:
            line = line_of(batch)
            if line is not None and line.status is BackStatus.PUT_BACK:
                state, line = left(state, line, turn)
                batch = with_back(batch, line)
            # What comes next may be something else.
            return with_work(state, batch, replace(work, was_emptied=True))
        case DropStep.STUCK:
            return with_work(state, batch, replace(work, was_emptied=True))
        case _:
            return state


def _passed(state: State, key: EntryKey, turn: Turn) -> State:
    found = at_work(state)
    if found is None or found[1].opened != key:
        return state
    batch, work = found
    line = line_of(batch)
    if line is not None:
        if not line.is_over and line.key == key:
            number = line.bin.number if line.bin is not None else ""
            line = write(line, turn, Dropped(key, turn.wall, number))
        batch = with_back(batch, settled(line, turn))
    unit = replace(state.drop_unit, is_occupied=False, done=state.drop_unit.done + 1)
    turn.play(Sound.DONE)
    # Its tags may lie in reach below the flap for long.
    tags = tuple(tag.uid for tag in state.pad.tags)
    state = replace(state, drop_unit=unit, pad=replace(state.pad, quarantined=tags))
    return with_work(state, batch, replace(work, step=DropStep.DONE, since=turn.seconds, opened=None))


def _stuck(state: State, key: EntryKey, why: str, turn: Turn) -> State:
    found = at_work(state)
    if found is None or found[1].opened != key:
        return state
    batch, work = found
    batch = _not_in_bin(batch, why, turn)
    work = replace(work, step=DropStep.STUCK, since=turn.seconds, opened=None, why=Trouble.STUCK_IN_DROP)
    return with_work(state, batch, replace(work, was_emptied=not state.drop_unit.is_occupied))


def _not_in_bin(batch: Batch, word: str, turn: Turn) -> Batch:
    """*batch* whose item was told of and is not in its bin: a case, unless nothing was told."""
    line = line_of(batch)
    turn.play(Sound.ATTENTION)
    if line is None:
        return batch
    if line.key is not None and not line.is_over:
        line = write(line, turn, CaseOpened(line.key, turn.wall, CaseReason.NOT_IN_BIN, word))
        line = replace(settled(line, turn), status=BackStatus.BACK_TO_STAFF)
    return with_back(batch, replace(line, why=Trouble.NOT_IN_BIN))


def follow_up(state: State, turn: Turn) -> State:
    """*state* after everything that follows from where the drop stands has been set going."""
    found = at_work(state)
    if found is None:
        return _begun(state, turn) if isinstance(state.phase, Idle) else state
    batch, work = found
    due = due_at(state, work)
    is_due = due is not None and turn.seconds >= due
    match work.step:
        case DropStep.READING if is_due:
            return not_read(state, batch, work, turn)
        case DropStep.READING if work.scanned is not None and not is_pad_used(state):
            return untagged(state, batch, work, work.scanned, turn)
        case DropStep.WORKING:
            return _worked(state, batch, work, turn)
        case DropStep.TAKE_OUT:
            return _to_be_taken_out(state, batch, work, turn)
        case DropStep.DONE if is_due or state.drop_unit.is_occupied:
            return _begun(_over(state), turn)
        case DropStep.STUCK if is_due and work.was_emptied:
            return _begun(_over(state), turn)
        case _:
            return state


def _begun(state: State, turn: Turn) -> State:
    """*state* with what lies in front of the flap being read, where anything can be taken now."""
    if state.settings.drop is None:
        return state
    if turn.seconds - state.active_at >= state.settings.idle_seconds:
        # Whoever comes now has not been here before.
        unit = replace(state.drop_unit, done=0)
        state = replace(state, drop_unit=unit, language=state.settings.language)
    if not state.drop_unit.is_occupied or is_shut(state):
        return state
    work = DropWork(DropStep.READING, turn.seconds)
    return replace(state, phase=Returning(Batch(heard_at=turn.seconds, drop=work)), active_at=turn.seconds)


def is_shut(state: State) -> bool:
    """Whether nothing can be taken now: the bin is full, or the drop is away, or nothing here can read an item."""
    return state.drop_unit.is_full or is_away(state)


def is_away(state: State) -> bool:
    """Whether the drop, or everything that could read an item in it, is away."""
    has_scanner = state.settings.has_scanner and Device.SCANNER not in state.down
    return Device.BOOK_DROP in state.down or not (is_pad_used(state) or has_scanner)


def _worked(state: State, batch: Batch, work: DropWork, turn: Turn) -> State:
    """*state* once its item's story is written as far as it goes: through the flap, or out again."""
    line = line_of(batch)
    if line is None or is_under_way(line):
        return state
    is_piled = line.status is BackStatus.HANDED_BACK and line.route is Route.FOREIGN
    if line.status not in RID_OF and not is_piled:
        why = line.why if isinstance(line.why, Trouble) else None
        return with_work(state, batch, replace(work, step=DropStep.TAKE_OUT, since=turn.seconds, why=why))
    if not state.drop_unit.is_occupied:
        _not_in_bin(batch, TAKEN_OUT, turn)
        return _over(state)
    line, is_more = with_late_tags(state, line, turn)
    if is_more:
        return working(state, batch, work, line, turn)
    trouble = _trouble_of(state, work, line)
    if trouble is not None:
        return take_out(state, batch, work, trouble, turn)
    key = line.key or turn.new_key()
    turn.do(OpenDrop(key, line.bin.number if line.bin is not None else ""))
    return with_work(
        state, batch, replace(work, step=DropStep.MOVING, since=turn.seconds, opened=key, why=None)
    )


def _trouble_of(state: State, work: DropWork, line: BackLineState) -> Trouble | None:
    """Why the flap stays shut: something else lies there too, or something else instead; None where it may open."""
    if _others_lie_there(state, line):
        return Trouble.ONE_AT_A_TIME
    is_seen = lies_there(state, line) or not is_pad_used(state)
    return None if is_seen and not work.was_emptied else Trouble.NOT_IN_BIN


def _others_lie_there(state: State, line: BackLineState) -> bool:
    """Whether something else came to lie beside the item of *line*: it would go into the bin unseen."""
    found, odd = survey(free_tags(state.pad), state.settings.owners)
    foreign = [f"tag:{thing.uid}" for thing in odd if thing.trouble is Trouble.FOREIGN_LIBRARY]
    return any(thing.item != line.item for thing in found) or any(other != line.id for other in foreign)


def _to_be_taken_out(state: State, batch: Batch, work: DropWork, turn: Turn) -> State:
    """*state* while something is to be taken out; where it was one too many, the other one goes on."""
    line = line_of(batch)
    is_told = line is not None and line.status in RID_OF
    if not state.drop_unit.is_occupied:
        if is_told:
            _not_in_bin(batch, TAKEN_OUT, turn)
        return _over(state)
    if line is not None and is_told and _trouble_of(state, work, line) is None:
        return with_work(state, batch, replace(work, step=DropStep.WORKING, since=turn.seconds, why=None))
    return state


def _over(state: State) -> State:
    return replace(state, phase=Idle(), warned_at=None)


def due_at(state: State, work: DropWork) -> float | None:
    """When the drop does something by itself (monotonic seconds); None while only an event can change anything."""
    settings, drop = state.settings, state.settings.drop
    if drop is None:
        return None
    match work.step:
        case DropStep.READING:
            return work.since + drop.read_seconds
        case DropStep.DONE:
            return work.since + drop.done_seconds
        case DropStep.STUCK:
            # Long enough to be read; what stays in the light of a barrier is told of as a full bin.
            return work.since + settings.put_back_seconds
        case _:
            return None
