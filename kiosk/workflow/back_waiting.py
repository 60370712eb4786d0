"""What waits while items are given back: is asked about, begun when it may, and not waited for without end."""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow import back_pad, back_secure, back_strip, strips
from kiosk.workflow.back_ends import recorded
from kiosk.workflow.back_line import OPEN_BACK, BackLineState, Batch, with_back
from kiosk.workflow.events import Device
from kiosk.workflow.state import Returning, State
from kiosk.workflow.strip_orders import LEAVE_SECONDS_MAX
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import BackStatus, Trouble
from sync.questions import AboutItem


def out_of_patience(state: State, batch: Batch, turn: Turn) -> State:
    """*state* after whatever of *batch* waited too long was ended."""
    state, batch = back_secure.out_of_patience(state, batch, turn)
    for line in batch.lines:
        due = due_at(state, batch, line)
        if due is None or turn.seconds < due:
            continue
        if line.status is BackStatus.TELLING:
            batch = with_back(batch, recorded(state.settings, line, turn))
        elif line.status is BackStatus.WAITING and line.why is Trouble.NOT_ON_PAD:
            batch = back_pad.take_as_it_is(batch, line.id)
    return replace(state, phase=Returning(batch))


def due_at(state: State, batch: Batch, line: BackLineState) -> float | None:
    """When *line* is waited for no longer (monotonic seconds); None where nothing of it is waited for.

    A server that answers one book after the other is at work: the time runs from its last answer.
    """
    settings = state.settings
    if line.status is BackStatus.STRIP_WANTED:
        left_at = line.strip.left_at if line.strip is not None else None
        return line.since + settings.strip_seconds if left_at is None else left_at + LEAVE_SECONDS_MAX
    if line.attempt is not None:
        return line.since + settings.put_back_seconds
    if line.status is BackStatus.TELLING:
        return line.since if batch.is_leaving else max(line.since, batch.heard_at) + settings.answer_seconds
    if line.status is BackStatus.WAITING and line.why is Trouble.NOT_ON_PAD:
        return line.since + settings.put_back_seconds
    if line.status is BackStatus.WAITING and line.token and not line.is_heard:
        return _asked_until(state, batch, line)
    return None


def _asked_until(state: State, batch: Batch, line: BackLineState) -> float:
    """Until when *line* waits for what the server knows of its item, before anything is done to that."""
    is_stripped = strips.is_stripped(state.settings, has_tags=bool(line.uids))
    wait = state.settings.answer_seconds if is_stripped else state.settings.ask_item_seconds
    return max(line.asked_at, batch.heard_at) + wait


def start(state: State, batch: Batch, turn: Turn) -> tuple[State, Batch]:
    """*state* and *batch* with every waiting line on its way: asked about, then made secure."""
    if Device.PAD in state.down:
        batch = back_pad.without_pad(batch)
    state, batch = _ask_about_items(state, batch, turn)
    for line in batch.lines:
        if line.status is BackStatus.WAITING and line.item is not None and _may_start(state, batch, line):
            state, line = back_secure.begin(state, line, line.item, turn)
            batch = with_back(batch, line)
    return state, batch


def _ask_about_items(state: State, batch: Batch, turn: Turn) -> tuple[State, Batch]:
    if state.is_server_away or state.settings.ask_item_seconds <= 0:
        return state, batch
    for line in batch.lines:
        if line.status in OPEN_BACK and line.item is not None and not line.token:
            state = replace(state, token=state.token + 1)
            turn.ask(state.token, AboutItem(line.item))
            batch = with_back(batch, replace(line, token=state.token, asked_at=turn.seconds))
    return state, batch


def _may_start(state: State, batch: Batch, line: BackLineState) -> bool:
    if line.why is Trouble.NOT_ON_PAD:
        return False
    is_asked = bool(line.token) and not line.is_heard and not state.is_server_away
    if is_asked and state.now.seconds < _asked_until(state, batch, line):
        return False
    work = back_secure.work_for(state, line)
    return work is None or work.why is not None or back_strip.is_free(state, batch)
