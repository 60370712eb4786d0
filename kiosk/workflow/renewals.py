"""Renewing: one entry for each loan, from the list of books or from the account, and the exact reason for each refusal.

    LENT --chosen--> RENEWING (waits) --few enough on their way, intent recorded, carried--> RENEWING
      ^                                                                 |-- granted --> RENEWED, the new day
      '-- a loan that was renewed, or tried, is not tried again         |-- refused --> NOT_RENEWED, the server's reason
                                                                        '-- silence --> NOT_RENEWED, left to the uplink

A renewal is kept however late it is granted; a reader who heard that nobody answered may find the later day next time.
Without the server nothing is renewed: the terminal cannot know who waits for the item.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.workflow.account_state import LoanState
from kiosk.workflow.effects import Sound
from kiosk.workflow.line import LineState
from kiosk.workflow.state import Session, State, with_line
from kiosk.workflow.turn import Turn, given_up
from kiosk.workflow.view import LoanStatus, Status, Trouble
from sync.entries import (
    Answer,
    Answered,
    Due,
    EntryKey,
    Granted,
    Held,
    ItemId,
    Reason,
    Refused,
    Renew,
    Settled,
    Settlement,
    Silence,
)

IN_FLIGHT_MAX = 5
"""Renewals on their way at once: whoever chooses "all" with forty loans can still be answered about something else."""


def why_not(state: State, session: Session, item: ItemId) -> Reason | Trouble | None:
    """Why *item* cannot be renewed whatever the server would say; None where it is asked."""
    if session.is_provisional or state.is_server_away:
        return Reason.NOT_WITHOUT_SERVER
    if state.is_room_low:
        return Trouble.STORAGE_FULL
    if any(given == item for _, given in state.given_up):
        return Trouble.NO_ANSWER
    return None


def renew_line(state: State, session: Session, item: str, turn: Turn) -> Session:
    """*session* with the renewal of *item*, a line of the list of books, under way where it was offered."""
    for line in session.lines:
        is_offered = line.status is Status.ALREADY_YOURS and line.may_renew
        if line.id == item and line.item is not None and is_offered:
            return with_line(session, _line_begun(state, session, line, line.item, turn))
    return session


def _line_begun(state: State, session: Session, line: LineState, item: ItemId, turn: Turn) -> LineState:
    line = replace(line, since=turn.seconds, may_renew=False)
    why = why_not(state, session, item)
    if why is not None:
        turn.play(Sound.REFUSED)
        return replace(line, why=why)
    key = turn.promise(Renew(item, session.patron, turn.wall, due_before=line.due))
    return replace(line, status=Status.RENEWING, key=key)


def renew_loan(session: Session, item: str, turn: Turn) -> Session:
    """*session* with loan *item* of the account to be renewed; one that was renewed, or tried, stays as it is."""
    return _with_loans(session, lambda loan: _wanted(loan, turn) if loan.item == item else loan)


def renew_all(session: Session, turn: Turn) -> Session:
    """*session* with every loan of the account to be renewed that was not tried yet."""
    return _with_loans(session, lambda loan: _wanted(loan, turn))


def _wanted(loan: LoanState, turn: Turn) -> LoanState:
    if loan.status is not LoanStatus.LENT:
        return loan
    return replace(loan, status=LoanStatus.RENEWING, since=turn.seconds)


def may_renew(session: Session) -> bool:
    """Whether there is a loan on the account that can be tried."""
    return any(loan.status is LoanStatus.LENT for loan in session.account.loans or ())


def start_waiting(state: State, session: Session, turn: Turn) -> Session:
    """*session* with as many of the waiting renewals on their way as may be at once."""
    under_way = sum(loan.key is not None and is_under_way(loan) for loan in session.account.loans or ())
    for loan in session.account.loans or ():
        if loan.status is not LoanStatus.RENEWING or loan.key is not None:
            continue
        why = why_not(state, session, loan.item)
        if why is not None:
            session = _ended(session, _not_renewed(loan, why, turn))
        elif under_way < IN_FLIGHT_MAX:
            under_way += 1
            due_before = loan.due_told
            key = turn.promise(Renew(loan.item, session.patron, turn.wall, due_before=due_before))
            session = _with_loan(session, replace(loan, key=key, since=turn.seconds))
    return session


def is_under_way(loan: LoanState) -> bool:
    """Whether *loan* is being renewed."""
    return loan.status is LoanStatus.RENEWING


def loan_of(session: Session, key: EntryKey) -> LoanState | None:
    """The loan whose renewal is entry *key* and is under way; None where there is none."""
    loans = session.account.loans or ()
    return next((loan for loan in loans if loan.key == key and is_under_way(loan)), None)


def answered_line(
    state: State, line: LineState, key: EntryKey, answer: Answer, turn: Turn
) -> tuple[State, LineState]:
    """*state* and *line* after the server's *answer* to renewing it, which was entry *key*."""
    due = _written(key, answer, turn)
    match answer:
        case Granted():
            title = answer.title or line.title
            return state, replace(line, status=Status.RENEWED, due=due, title=title, why=None)
        case Refused():
            message = " ".join(answer.messages)
            return state, replace(line, status=Status.ALREADY_YOURS, why=answer.reason, message=message)
        case Held() | Silence():
            return given_up(state, line.item, key, turn), replace(
                line, status=Status.ALREADY_YOURS, why=Trouble.NO_ANSWER
            )


def answered_loan(
    state: State, session: Session, loan: LoanState, key: EntryKey, answer: Answer, turn: Turn
) -> tuple[State, Session]:
    """*state* and *session* after the server's *answer* to renewing *loan* from the account, which was entry *key*."""
    due = _written(key, answer, turn)
    match answer:
        case Granted():
            title = answer.title or loan.title
            loan = replace(
                loan, status=LoanStatus.RENEWED, due=due, title=title, message=" ".join(answer.messages)
            )
            account = replace(session.account, is_stale=True)
            return state, _ended(replace(session, account=account), loan)
        case Refused():
            loan = replace(loan, message=" ".join(answer.messages))
            return state, _ended(session, _not_renewed(loan, answer.reason, turn))
        case Held() | Silence():
            return _unanswered(given_up(state, loan.item, key, turn), session, loan, turn)


def _written(key: EntryKey, answer: Answer, turn: Turn) -> Due | None:
    """The new day, None where there is none; what *answer* means for the entry is recorded."""
    turn.record(Answered(key, turn.wall, answer))
    match answer:
        case Granted():
            turn.record(Settled(key, turn.wall, Settlement.DONE))
            turn.play(Sound.DONE)
            return answer.due
        case Refused():
            turn.record(Settled(key, turn.wall, Settlement.REFUSED))
            turn.play(Sound.REFUSED)
        case Held() | Silence():
            turn.play(Sound.REFUSED)
    return None


def _unanswered(state: State, session: Session, loan: LoanState, turn: Turn) -> tuple[State, Session]:
    """A server that is silent about one renewal is not asked for the others."""
    session = _ended(session, _not_renewed(loan, Trouble.NO_ANSWER, turn))
    for waiting in session.account.loans or ():
        if is_under_way(waiting) and waiting.key is None:
            session = _ended(session, _not_renewed(waiting, Trouble.NO_ANSWER, turn))
    return state, session


def line_out_of_patience(state: State, line: LineState, turn: Turn) -> tuple[State, LineState]:
    """*state* and *line*, whose renewal nobody answered in time."""
    if line.key is not None:
        state = given_up(state, line.item, line.key, turn)
    return state, replace(line, status=Status.ALREADY_YOURS, why=Trouble.NO_ANSWER)


def out_of_patience(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* without the renewals of the account that the server has left waiting too long."""
    for loan in session.account.loans or ():
        waited = turn.seconds - max(loan.since, session.heard_at)
        if is_under_way(loan) and loan.key is not None and waited >= state.settings.answer_seconds:
            state = given_up(state, loan.item, loan.key, turn)
            state, session = _unanswered(state, session, loan, turn)
    return state, session


def left_to_staff(session: Session, loan: LoanState, turn: Turn) -> Session:
    """*session* after the renewal of *loan* was settled as a case: no more is written about it."""
    return _ended(session, _not_renewed(loan, Trouble.NO_ANSWER, turn))


def _not_renewed(loan: LoanState, why: Reason | Trouble, turn: Turn) -> LoanState:
    turn.play(Sound.REFUSED)
    return replace(loan, status=LoanStatus.NOT_RENEWED, why=why)


def _ended(session: Session, loan: LoanState) -> Session:
    """*session* with *loan* as it ended, in the list of books too where it has a line there: nothing is tried twice."""
    session = _with_loan(session, loan)
    for line in session.lines:
        if line.item == loan.item and line.status is Status.ALREADY_YOURS:
            if loan.status is LoanStatus.RENEWED:
                line = replace(line, status=Status.RENEWED, due=loan.due, may_renew=False, why=None)
            else:
                line = replace(line, may_renew=False, why=loan.why, message=loan.message)
            session = with_line(session, line)
    return session


def as_lines(session: Session, turn: Turn) -> tuple[LineState, ...]:
    """The loans of the account that were renewed, or tried, as lines of the summary; those of the list are there."""
    listed = [line.item for line in session.lines]
    return tuple(
        LineState(
            loan.item,
            Status.RENEWED if loan.status is LoanStatus.RENEWED else Status.ALREADY_YOURS,
            turn.seconds,
            item=loan.item,
            title=loan.title,
            due=loan.due or loan.due_told,
            why=loan.why,
            message=loan.message,
            key=loan.key,
        )
        for loan in session.account.loans or ()
        if loan.status is not LoanStatus.LENT and loan.item not in listed
    )


def _with_loan(session: Session, loan: LoanState) -> Session:
    return _with_loans(session, lambda known: loan if known.item == loan.item else known)


def _with_loans(session: Session, change: Callable[[LoanState], LoanState]) -> Session:
    loans = session.account.loans
    if loans is None:
        return session
    return replace(session, account=replace(session.account, loans=tuple(change(loan) for loan in loans)))
