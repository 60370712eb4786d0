"""Whose answer is it?  Brings what pad, server and the terminal's own books say to the line, or the phase, it is for.

An answer nobody waits for any more changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow import (
    account,
    borrow,
    give_back,
    identify,
    lines,
    paying,
    payments,
    provisional,
    release,
    renewals,
    starting,
)
from kiosk.workflow.effects import LeaveStrip
from kiosk.workflow.events import TagsNotReleased, TagsReleased, TagsRestored, TagsSecured
from kiosk.workflow.line import LineState
from kiosk.workflow.state import Identifying, Returning, Serving, Session, Starting, State, with_line
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Status
from sync.entries import Answer, EntryKey, Held, Silence
from sync.questions import Facts, ItemFacts, LendingFacts, LocalFacts, PatronNews


def tags_done(
    state: State, event: TagsReleased | TagsNotReleased | TagsSecured | TagsRestored, turn: Turn
) -> State:
    """*state* after the pad said what became of the tags of an entry."""
    if isinstance(state.phase, Returning) and isinstance(event, TagsSecured | TagsRestored):
        return give_back.told_by_pad(state, state.phase.batch, event, turn)
    if isinstance(event, TagsRestored):
        return state
    if isinstance(state.phase, Starting):
        is_known = event.key in state.phase.pending
        return starting.told_by_pad(state, state.phase, event, turn) if is_known else state
    found = _line_of(state, event.key)
    if found is None or found[1].key != event.key:
        return state
    session, line = found
    state, line = release.told_by_pad(state, session, line, event, turn)
    return replace(state, phase=Serving(with_line(session, line)))


def carried(state: State, key: EntryKey, answer: Answer, turn: Turn, *, is_found: bool = False) -> State:
    """*state* after the server's *answer* to entry *key*, or its silence; *is_found* as in `Carried`."""
    if not isinstance(answer, Held | Silence):
        state = _no_longer_open(state, key)
    if isinstance(state.phase, Starting):
        is_known = key in state.phase.pending
        return starting.answered(state, state.phase, key, answer, turn) if is_known else state
    found = _line_of(state, key)
    if found is None:
        return _carried_beside(state, key, answer, turn)
    session, line = found
    if not isinstance(answer, Silence):
        session = replace(session, heard_at=turn.seconds)
    match line.status:
        case Status.ASKING:
            state, line = borrow.answered_lend(state, session, line, key, answer, turn, is_found=is_found)
        case Status.RENEWING:
            state, line = renewals.answered_line(state, line, key, answer, turn)
        case Status.RELEASING | Status.STRIP_WANTED | Status.PUT_BACK | Status.UNDOING:
            state, line = release.answered(state, session, line, key, answer, turn)
        case _:
            return state
    session = with_line(session, line)
    if isinstance(answer, Silence):
        state, session = provisional.server_went(state, session, turn)
    return replace(state, phase=Serving(session))


def _carried_beside(state: State, key: EntryKey, answer: Answer, turn: Turn) -> State:
    """*state* after an answer to what is no line of the list of books: a renewal from the account, or a payment."""
    payment = payments.of_key(state, key)
    if payment is not None:
        return paying.posting_answered(state, payment, answer, turn)
    if isinstance(state.phase, Returning):
        return give_back.carried(state, state.phase.batch, key, answer, turn)
    session = state.phase.session if isinstance(state.phase, Serving) else None
    loan = None if session is None else renewals.loan_of(session, key)
    if session is None or loan is None:
        return state
    if not isinstance(answer, Silence):
        session = replace(session, heard_at=turn.seconds)
    state, session = renewals.answered_loan(state, session, loan, key, answer, turn)
    return _with(state, session)


def left_to_staff(state: State, key: EntryKey, turn: Turn) -> State:
    """*state* after entry *key* was settled as a case: no more may be written about it."""
    state = _no_longer_open(state, key)
    payment = payments.of_key(state, key)
    if payment is not None:
        return payments.left_to_staff(state, payment, turn)
    if isinstance(state.phase, Starting):
        return starting.left_to_staff(state, state.phase, key) if key in state.phase.pending else state
    if isinstance(state.phase, Returning):
        return give_back.given_to_staff(state, state.phase.batch, key, turn)
    found = _line_of(state, key)
    if found is None or found[1].key != key:
        return _loan_left_to_staff(state, key, turn)
    session, line = found
    if state.strip_unit.order == key:
        turn.do(LeaveStrip(key))
    if line.attempt is not None:
        line = release.left_to_staff(line, turn)
    elif line.status is Status.ASKING:
        line = borrow.left_to_staff(line, turn)
    return replace(state, phase=Serving(with_line(session, line)))


def _loan_left_to_staff(state: State, key: EntryKey, turn: Turn) -> State:
    session = state.phase.session if isinstance(state.phase, Serving) else None
    loan = None if session is None else renewals.loan_of(session, key)
    if session is None or loan is None:
        return state
    return _with(state, renewals.left_to_staff(session, loan, turn))


def _no_longer_open(state: State, key: EntryKey) -> State:
    if not state.given_up:
        return state
    return replace(state, given_up=tuple(given for given in state.given_up if given[0] != key))


def _line_of(state: State, key: EntryKey) -> tuple[Session, LineState] | None:
    if isinstance(state.phase, Serving):
        for line in state.phase.session.lines:
            if key in (line.key, line.undo):
                return state.phase.session, line
    return None


def told(state: State, token: int, facts: Facts, turn: Turn) -> State:
    """*state* after the server told *facts*."""
    match state.phase:
        case Identifying(_, asked, is_here=False) if asked == token:
            # What lies on the pad is taken from its next reading: the last one may be older than the patron.
            return identify.told(state, state.phase, facts, turn)
        case Serving(session) if _is_about_account(session, token):
            return _account_told(state, session, token, facts, turn)
        case Serving(session):
            of_item = facts if isinstance(facts, ItemFacts) else None
            session = account.learn_about_item(session, token, of_item)
            return _with(state, lines.learn_about_item(session, token, of_item, state.settings))
        case Returning(batch):
            return give_back.told(state, batch, token, facts, turn)
        case _:
            return state


def _is_about_account(session: Session, token: int) -> bool:
    return token != 0 and token in (session.account.token, session.choosing.token)


def _account_told(state: State, session: Session, token: int, facts: Facts | None, turn: Turn) -> State:
    if token == session.choosing.token:
        state, session = paying.account_told(state, session, facts, turn)
        return _with(state, session)
    return _with(state, account.told(state, session, facts, turn))


def told_here(state: State, token: int, facts: LocalFacts, turn: Turn) -> State:
    """*state* after the terminal's own books told *facts*."""
    match state.phase, facts:
        case Identifying(_, asked, is_here=True), _ if asked == token:
            return identify.told(state, state.phase, facts, turn)
        case Serving(session), PatronNews() if session.token_news == token:
            return _with(state, provisional.learn_news(session, facts))
        case Serving(session), LendingFacts():
            return _lending_told(state, session, token, facts, turn)
        case _:
            return state


def not_told(state: State, token: int, turn: Turn) -> State:
    """*state* after question *token* stayed unanswered, whoever was asked."""
    match state.phase:
        case Identifying(_, asked) if asked == token:
            return identify.not_told(state, state.phase, turn)
        case Serving(session) if _is_about_account(session, token):
            return _account_told(state, session, token, None, turn)
        case Serving(session):
            session = account.learn_about_item(session, token, None)
            session = lines.learn_about_item(session, token, None, state.settings)
            state = _with(state, session)
            return _lending_told(state, session, token, None, turn)
        case Returning(batch):
            return give_back.told(state, batch, token, None, turn)
        case _:
            return state


def _lending_told(
    state: State, session: Session, token: int, facts: LendingFacts | None, turn: Turn
) -> State:
    for line in session.lines:
        if line.token_here == token and token != 0:
            state, line = provisional.told(state, session, line, facts, turn)
            return _with(state, with_line(session, line))
    return state


def _with(state: State, session: Session) -> State:
    return replace(state, phase=Serving(session))
