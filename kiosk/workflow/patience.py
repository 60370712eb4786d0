"""Time limits: how long the server, the pad and an absent reader are waited for.

While something is under way nobody is warned: the reader waits for us then, not we for the reader.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow import borrow, identify, release, starting, strip_orders, touches
from kiosk.workflow.closing import go_idle
from kiosk.workflow.line import BUSY
from kiosk.workflow.state import (
    Broken,
    Identifying,
    Idle,
    Serving,
    Session,
    Starting,
    State,
    Summing,
    TurnedAway,
    TypingNumber,
    TypingPin,
)
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Status


def time_passed(state: State, turn: Turn) -> State:
    """*state* after whatever waited too long was ended."""
    match state.phase:
        case Starting():
            return starting.time_passed(state, state.phase, turn)
        case Identifying(until=until) if turn.seconds >= until:
            return identify.not_told(state, state.phase, turn)
        case TurnedAway(until=until) | Summing(until=until) if turn.seconds >= until:
            return go_idle(state)
        case Serving(session):
            state, session = borrow.out_of_patience(state, session, turn)
            state, session = release.out_of_patience(state, session, turn)
            return _absent(replace(state, phase=Serving(session)), turn)
        case TypingNumber() | TypingPin():
            return _absent(state, turn)
        case Idle(trouble, card_not_read) if trouble is not None or card_not_read:
            forgotten = turn.seconds - state.active_at >= state.settings.refusal_seconds
            return replace(state, phase=Idle()) if forgotten else state
        case _:
            return state


def _absent(state: State, turn: Turn) -> State:
    if _is_busy(state):
        return replace(state, active_at=turn.seconds, warned_at=None)
    if state.warned_at is not None:
        if state.active_at > state.warned_at:
            return replace(state, warned_at=None)
        if turn.seconds - state.warned_at >= state.settings.warning_seconds:
            return touches.give_up_phase(state, turn)
        return state
    if turn.seconds - state.active_at >= state.settings.idle_seconds:
        return replace(state, warned_at=turn.seconds)
    return state


def _is_busy(state: State) -> bool:
    return isinstance(state.phase, Serving) and any(line.status in BUSY for line in state.phase.session.lines)


def next_due(state: State) -> float | None:
    """When a `Tick` is wanted at the latest (monotonic seconds); None while only an event can change anything."""
    settings = state.settings
    match state.phase:
        case (
            Starting(until=until) | Identifying(until=until) | TurnedAway(until=until) | Summing(until=until)
        ):
            return until
        case Serving(session):
            return min([_absent_at(state), *_lines_due(state, session)])
        case TypingNumber() | TypingPin():
            return _absent_at(state)
        case Idle(trouble, card_not_read) if trouble is not None or card_not_read:
            return state.active_at + settings.refusal_seconds
        case Idle() | Broken():
            return None


def _absent_at(state: State) -> float:
    if state.warned_at is not None:
        return state.warned_at + state.settings.warning_seconds
    return state.active_at + state.settings.idle_seconds


def _lines_due(state: State, session: Session) -> list[float]:
    due = []
    for line in session.lines:
        if line.strip is not None and line.strip.left_at is not None:
            due.append(line.strip.left_at + strip_orders.LEAVE_SECONDS_MAX)
        elif line.attempt is not None:
            due.append(line.since + release.patience_seconds(state, line, line.attempt))
        elif line.status in (Status.ASKING, Status.RENEWING):
            due.append(line.since + state.settings.answer_seconds)
    return due
