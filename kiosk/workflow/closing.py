"""The end of a session: what is under way comes to its end, the summary is read, and nothing of the patron stays.

What still lies on the pad then belongs to nobody until it has left the field once.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.masked import Masked
from kiosk.workflow import care, identify, paying, payments, receipt_making, renewals, strips
from kiosk.workflow.account_state import OnHand
from kiosk.workflow.effects import Sound
from kiosk.workflow.line import BUSY, LineState
from kiosk.workflow.state import Dialog, Idle, Serving, Session, State, Summing
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Status, Trouble
from sync.entries import Reason
from sync.questions import EndOfSession


def books_seen(session: Session) -> int:
    """How many items the session has seen, whatever became of them; a word about a scan is no item."""
    return sum(line.item is not None for line in session.lines)


def finish_chosen(session: Session) -> Session:
    """*session* after the reader chose to finish: a difference between said and seen is shown first."""
    if session.declared is not None and session.declared != books_seen(session):
        return replace(session, dialog=Dialog.DIFFERS_AT_FINISH)
    return end(session)


def end(session: Session, next_number: Masked | None = None) -> Session:
    """*session* that takes nothing new and ends when all that is under way has ended."""
    return replace(session, is_ending=True, dialog=None, next_number=next_number or session.next_number)


def close_when_done(state: State, session: Session, turn: Turn) -> State:
    """*state* after *session*: over when it is ending and nothing is under way, else still serving."""
    if not session.is_ending or is_busy(state, session):
        return replace(state, phase=Serving(session))
    state = forgotten(quarantine_all(strips.left_unclaimed(state)))
    if not state.is_server_away:
        state = replace(state, token=state.token + 1)
        turn.ask(state.token, EndOfSession(session.patron))
    state = replace(state, warned_at=None, active_at=turn.seconds)
    if session.next_number is not None:
        state = replace(state, phase=Idle(), language=state.settings.language)
        return identify.number_given(state, session.next_number, turn)
    listed = tuple(_last_word(line) for line in session.lines if not _is_undecided(state, line))
    lines = (*listed, *renewals.as_lines(session, turn))
    if not lines:
        return go_idle(state)
    turn.play(Sound.DONE)
    receipts = receipt_making.of_loans(state, lines, turn)
    state = replace(state, on_hand=OnHand(receipts) if receipts else None)
    return replace(state, phase=Summing(lines, turn.seconds + state.settings.summary_seconds))


def is_busy(state: State, session: Session) -> bool:
    """Whether something is under way that has to come to its end before *session* may: a deed, or money."""
    is_line = any(line.status in BUSY for line in session.lines)
    is_loan = any(renewals.is_under_way(loan) for loan in session.account.loans or ())
    return is_line or is_loan or paying.is_under_way(state, session)


def forgotten(state: State) -> State:
    """*state* without what was on the pages of whoever was here."""
    return replace(care.forgotten(payments.forgotten(state)), on_hand=None, wants_account=False)


def _is_undecided(state: State, line: LineState) -> bool:
    """Whether the reader never said that *line* is to be borrowed; a scan is a word."""
    is_scanned = strips.has_strip(state.settings, line) and not line.uids
    return line.status is Status.WAITING and not is_scanned


def _last_word(line: LineState) -> LineState:
    """*line* as it stands in the summary: what was left open is not lent."""
    if line.status is Status.NEEDS_CONSENT:
        return replace(line, status=Status.NOT_LENT, why=Reason.FEE_NEEDS_CONSENT)
    if line.status is Status.WAITING:
        return replace(line, status=Status.NOT_LENT, why=Trouble.STRIP_NOT_USED_IN_TIME)
    if line.status is Status.INCOMPLETE:
        return replace(line, status=Status.NOT_LENT)
    return line


def go_idle(state: State) -> State:
    """*state* with nobody at the terminal: the next reader finds the house's own language."""
    state = forgotten(state)
    return replace(state, phase=Idle(), language=state.settings.language, warned_at=None)


def quarantine_all(state: State) -> State:
    """*state* in which everything on the pad waits to be taken off before it counts again."""
    uids = tuple(tag.uid for tag in state.pad.tags)
    return replace(state, pad=replace(state.pad, quarantined=uids))
