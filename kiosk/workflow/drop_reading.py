"""What lies in front of the flap of a book drop: exactly one item, or it has to be taken out again."""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow.back_answers import handed_back, lies_there, settled
from kiosk.workflow.back_line import RID_OF, BackLineState, Batch, DropWork, with_back
from kiosk.workflow.back_pad import afresh, has_new_tags, laid
from kiosk.workflow.back_secure import put_back
from kiosk.workflow.effects import Sound
from kiosk.workflow.events import Device
from kiosk.workflow.pad import free_tags, survey
from kiosk.workflow.state import Returning, State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import BackStatus, DropStep, Trouble
from sync.entries import ItemId

BEFORE_THE_FLAP = (DropStep.WORKING, DropStep.TAKE_OUT)
"""The steps in which an item that was read may be taken out, and something else put there."""


def at_work(state: State) -> tuple[Batch, DropWork] | None:
    """What the drop is at, None while nothing was put into it."""
    if isinstance(state.phase, Returning) and state.phase.batch.drop is not None:
        return state.phase.batch, state.phase.batch.drop
    return None


def with_work(state: State, batch: Batch, work: DropWork) -> State:
    """*state* with the drop at *work*, of *batch*."""
    return replace(state, phase=Returning(replace(batch, drop=work)))


def line_of(batch: Batch) -> BackLineState | None:
    """The one item it is about, None before it was read."""
    return batch.lines[0] if batch.lines else None


def scanned(state: State, item: ItemId, turn: Turn) -> State:
    """*state* after the barcode of *item* was read in the drop."""
    found = at_work(state)
    if found is None:
        return state
    batch, work = found
    line = line_of(batch)
    if line is not None and line.item == item and not line.uids:
        work = replace(work, was_emptied=work.was_emptied and work.step not in BEFORE_THE_FLAP)
        return with_work(state, batch, work)
    if work.step is not DropStep.READING:
        return state
    if work.scanned not in (None, item):
        return take_out(state, batch, work, Trouble.ONE_AT_A_TIME, turn)
    return with_work(state, batch, replace(work, scanned=item))


def follow_pad(state: State, batch: Batch, work: DropWork, turn: Turn) -> State:
    """*state* after a stable reading of the pad in the drop."""
    found, odd = survey(free_tags(state.pad), state.settings.owners)
    line = line_of(batch)
    if work.step in BEFORE_THE_FLAP and line is not None and line.uids and lies_there(state, line):
        if state.drop_unit.is_occupied:
            work = replace(work, was_emptied=False)
        if line.status is BackStatus.PUT_BACK:
            state, line = put_back(state, line, turn)
        return with_work(state, with_back(batch, line), work)
    if work.step is not DropStep.READING or not (found or odd):
        return state
    foreign = [thing for thing in odd if thing.trouble is Trouble.FOREIGN_LIBRARY]
    if len(found) + len(foreign) > 1 or (found and odd):
        return take_out(state, batch, work, Trouble.ONE_AT_A_TIME, turn)
    if found:
        if work.scanned not in (None, found[0].item):
            return take_out(state, batch, work, Trouble.NOT_THE_SCANNED_ITEM, turn)
        line = BackLineState(found[0].item, BackStatus.WAITING, turn.seconds, item=found[0].item)
        return working(state, batch, work, laid(replace(line, takes_as_it_is=True), found[0], turn), turn)
    if foreign:
        return _foreign(state, batch, work, f"tag:{foreign[0].uid}", turn)
    return with_work(state, batch, replace(work, why=odd[0].trouble))


def working(state: State, batch: Batch, work: DropWork, line: BackLineState, turn: Turn) -> State:
    """*state* with the item of *line* given back from here on."""
    turn.play(Sound.READ)
    work = replace(work, step=DropStep.WORKING, since=turn.seconds, why=None)
    return with_work(state, with_back(batch, replace(line, is_settled_later=True)), work)


def with_late_tags(state: State, line: BackLineState, turn: Turn) -> tuple[BackLineState, bool]:
    """*line*, which was taken back, and whether tags of its item were seen since: then it begins afresh with all."""
    found, _ = survey(free_tags(state.pad), state.settings.owners)
    thing = next((thing for thing in found if thing.item == line.item), None)
    if thing is None or line.status not in RID_OF or not has_new_tags(line, thing):
        return line, False
    return laid(replace(afresh(settled(line, turn), was_back=True), takes_as_it_is=True), thing, turn), True


def _foreign(state: State, batch: Batch, work: DropWork, identifier: str, turn: Turn) -> State:
    """Another library's item: not touched, nobody is told; out again, or into its own bin."""
    line = BackLineState(
        identifier, BackStatus.NOT_TAKEN, turn.seconds, why=Trouble.FOREIGN_LIBRARY, is_over=True
    )
    line = handed_back(state.settings, line, turn)
    return with_work(
        state, with_back(batch, line), replace(work, step=DropStep.WORKING, since=turn.seconds, why=None)
    )


def take_out(state: State, batch: Batch, work: DropWork, why: Trouble, turn: Turn) -> State:
    """*state* in which what lies in front of the flap has to be taken out again, because of *why*."""
    turn.play(Sound.REFUSED)
    return with_work(state, batch, replace(work, step=DropStep.TAKE_OUT, since=turn.seconds, why=why))


def not_read(state: State, batch: Batch, work: DropWork, turn: Turn) -> State:
    """*state* after the time to read is over: what was scanned is taken as it is, what was not has to go."""
    if work.scanned is not None:
        return untagged(state, batch, work, work.scanned, turn)
    nothing = Trouble.UNREADABLE_TAG if state.settings.has_pad else Trouble.BARCODE_UNREADABLE
    return take_out(state, batch, work, work.why or nothing, turn)


def untagged(state: State, batch: Batch, work: DropWork, item: ItemId, turn: Turn) -> State:
    """Nothing but its barcode was read of *item*."""
    line = BackLineState(item, BackStatus.WAITING, turn.seconds, item=item, takes_as_it_is=True)
    return working(state, batch, work, line, turn)


def is_pad_used(state: State) -> bool:
    """Whether a pad is there to see the item by."""
    return state.settings.has_pad and Device.PAD not in state.down
