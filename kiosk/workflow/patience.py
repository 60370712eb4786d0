"""Time limits: how long the server, the pad and an absent reader are waited for.

While something is under way nobody is warned: the reader waits for us then, not we for the reader.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow import (
    account,
    back_waiting,
    borrow,
    care,
    closing,
    drop,
    give_back,
    identify,
    paying,
    payments,
    receipt_making,
    release,
    renewals,
    starting,
    strip_orders,
    touches,
)
from kiosk.workflow.closing import go_idle
from kiosk.workflow.state import (
    BackSumming,
    Broken,
    Identifying,
    Idle,
    Returning,
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
    state = receipt_making.time_passed(care.time_passed(payments.time_passed(state, turn), turn), turn)
    match state.phase:
        case Starting():
            return starting.time_passed(state, state.phase, turn)
        case Identifying(until=until) if turn.seconds >= until:
            return identify.not_told(state, state.phase, turn)
        case Summing() | BackSumming() if receipt_making.is_code_shown(state):
            return state
        case TurnedAway(until=until) | Summing(until=until) | BackSumming(until=until) if (
            turn.seconds >= until
        ):
            return go_idle(state)
        case Returning(batch):
            state = back_waiting.out_of_patience(state, batch, turn)
            return state if batch.drop is not None else _absent(state, turn)
        case Serving(session):
            state, session = borrow.out_of_patience(state, session, turn)
            state, session = release.out_of_patience(state, session, turn)
            state, session = renewals.out_of_patience(state, session, turn)
            session = paying.out_of_patience(account.out_of_patience(session, turn), turn)
            return _absent(replace(state, phase=Serving(session)), turn)
        case TypingNumber() | TypingPin():
            return _absent(state, turn)
        case Idle() if _is_idle_with_a_word(state):
            forgotten = turn.seconds - state.active_at >= state.settings.refusal_seconds
            return go_idle(state) if forgotten else state
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
        if isinstance(state.phase, Returning) and state.phase.batch.began_by_itself:
            # Nobody chose to begin, so nobody is asked whether to end.
            return touches.give_up_phase(state, turn)
        return replace(state, warned_at=turn.seconds)
    return state


def _is_busy(state: State) -> bool:
    if isinstance(state.phase, Returning):
        return give_back.is_busy(state.phase.batch)
    if not isinstance(state.phase, Serving):
        return False
    session = state.phase.session
    is_waited_for = closing.is_busy(state, session) or account.is_busy(session)
    return is_waited_for or receipt_making.is_code_shown(state)


def _is_idle_with_a_word(state: State) -> bool:
    """Whether the first screen says something that is for one reader only."""
    if not isinstance(state.phase, Idle):
        return False
    return state.phase.trouble is not None or state.phase.card_not_read or state.wants_account


def next_due(state: State) -> float | None:
    """When a `Tick` is wanted at the latest (monotonic seconds); None while only an event can change anything."""
    if isinstance(state.phase, Broken):
        return None
    beside = [*payments.due(state), *care.due(state), *receipt_making.due(state)]
    of_phase = _phase_due(state)
    return min(beside if of_phase is None else [of_phase, *beside], default=None)


def _phase_due(state: State) -> float | None:
    settings = state.settings
    match state.phase:
        case (
            Starting(until=until)
            | Identifying(until=until)
            | TurnedAway(until=until)
            | Summing(until=until)
            | BackSumming(until=until)
        ):
            return until
        case Returning(batch):
            lines_due = [back_waiting.due_at(state, batch, line) for line in batch.lines]
            lines_due.append(_absent_at(state) if batch.drop is None else drop.due_at(state, batch.drop))
            return min((due for due in lines_due if due is not None), default=None)
        case Serving(session):
            return min([_absent_at(state), *_lines_due(state, session), *_account_due(state, session)])
        case TypingNumber() | TypingPin():
            return _absent_at(state)
        case Idle() if _is_idle_with_a_word(state):
            return state.active_at + settings.refusal_seconds
        case Idle() | Broken():
            return None


def _absent_at(state: State) -> float:
    if state.warned_at is not None:
        return state.warned_at + state.settings.warning_seconds
    return state.active_at + state.settings.idle_seconds


def _account_due(state: State, session: Session) -> list[float]:
    asked = (session.account, session.choosing)
    renewed = (loan for loan in session.account.loans or () if renewals.is_under_way(loan))
    return [
        *(one.until for one in asked if one.token),
        *(loan.since + state.settings.answer_seconds for loan in renewed),
    ]


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
