"""The account: loans, holds and fees of who is logged in, as the server tells them now.

It is asked for when the page is opened, and again after anything was done that changes it.  Servers that tell loans by
their numbers only are asked about each item, a few at a time, as long as the page can use it.

Readers who may not borrow come here too: they see what is against them, renew and pay.  Whoever may borrow again after
that goes on to the list of books.  Not everybody does: a card that was reported lost may be in anybody's hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.workflow import choosing, renewals
from kiosk.workflow.account_state import AccountState, LoanState, Page
from kiosk.workflow.effects import Sound
from kiosk.workflow.line import BUSY, LENT
from kiosk.workflow.settings import Service, SessionSettings
from kiosk.workflow.state import Session, State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import LoanStatus, Refusal, Status
from sync.entries import Reason
from sync.questions import AboutAccount, AboutItem, AccountFacts, Facts, ItemFacts, LoanFact

ASKING_SECONDS_MAX = 30
"""The server's own deadlines are shorter; this one is for an uplink that says nothing at all."""

ITEMS_ASKED_MAX = 2
"""Questions about items under way at once: more would stand before what the reader does next."""

LOANS_MAX = 300
"""Loans shown; what a server tells beyond that is not."""

_NOT_HERS = (Reason.PATRON_UNKNOWN, Reason.CARD_LOST, Reason.WRONG_PIN)
"""Blocks that leave open whose hand the card is in."""


def is_offered(settings: SessionSettings) -> bool:
    """Whether readers of this terminal can see their account."""
    return Service.ACCOUNT in settings.services


def may_borrow(settings: SessionSettings, blocks: Sequence[Reason]) -> bool:
    """Whether somebody with these *blocks* may lay books down; one with a full quota may, and is told so."""
    is_blocked = any(reason is not Reason.LIMIT_REACHED for reason in blocks)
    return Service.BORROW in settings.services and not is_blocked


def may_look(settings: SessionSettings, blocks: Sequence[Reason]) -> bool:
    """Whether somebody with these *blocks* may see the account they belong to."""
    return is_offered(settings) and not any(reason in _NOT_HERS for reason in blocks)


def opened(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* with the page of the account open, and asked for; honest where nobody can be asked."""
    session = replace(session, page=Page.ACCOUNT)
    if state.is_server_away or session.is_of_snapshot:
        turn.play(Sound.REFUSED)
        account = replace(session.account, token=0, why=Refusal.SERVER_AWAY)
        return state, replace(session, account=account)
    token = state.token + 1
    turn.ask(token, AboutAccount(session.patron))
    until = turn.seconds + ASKING_SECONDS_MAX
    account = replace(session.account, token=token, until=until, why=None, is_stale=False)
    return replace(state, token=token), replace(session, account=account)


def may_be_opened(state: State, session: Session) -> bool:
    """Whether the account can be looked at now: nothing of the list of books is under way, and the server is there."""
    is_busy = any(line.status in BUSY for line in session.lines)
    return not (is_busy or session.is_ending or session.is_of_snapshot or state.is_server_away)


def told(state: State, session: Session, facts: Facts | None, turn: Turn) -> Session:
    """*session* after the account was told, or not (None)."""
    if not isinstance(facts, AccountFacts) or facts.patron != session.patron or not facts.is_known:
        turn.play(Sound.REFUSED)
        return replace(session, account=replace(session.account, token=0, why=Refusal.SERVER_AWAY))
    return with_facts(state.settings, session, facts)


def with_facts(settings: SessionSettings, session: Session, facts: AccountFacts) -> Session:
    """*session* that knows *facts*: whoever is blocked no longer may borrow from now on."""
    loans = None if facts.loans is None else _loans(session, facts.loans[:LOANS_MAX])
    account = AccountState(facts, loans, is_stale=False)
    chosen = choosing.begin(facts, settings) if session.page is Page.ACCOUNT else session.choosing
    blocks, was_blocked = facts.blocks, bool(session.blocks)
    session = replace(session, account=account, choosing=chosen, blocks=blocks)
    may = may_borrow(settings, blocks)
    if may and was_blocked and not any(line.status in LENT for line in session.lines):
        # What was told of somebody who was blocked may not be what holds now.
        count = facts.loan_count if facts.loan_count is not None else session.loan_count
        limit = facts.loan_limit if facts.loan_limit is not None else session.loan_limit
        loans_now = facts.loans if facts.loans is not None else session.loans
        session = replace(session, loans=loans_now, loan_count=count, loan_limit=limit)
    return replace(session, may_borrow=may)


def _loans(session: Session, told: Sequence[LoanFact]) -> tuple[LoanState, ...]:
    """The loans as *told*, with what this session knows of them: what it renewed, and what it asked about."""
    known = {loan.item: loan for loan in session.account.loans or ()}
    listed = {fact.item: fact for fact in told}
    loans = [_loan(session, fact, known.get(item)) for item, fact in listed.items()]
    kept = [loan for loan in known.values() if loan.item not in listed and loan.status is not LoanStatus.LENT]
    return (*loans, *kept)


def _loan(session: Session, fact: LoanFact, known: LoanState | None) -> LoanState:
    if known is None:
        known = _of_list(session, LoanState(fact.item))
    due = fact.due or known.due_told
    title = fact.title or known.title
    return replace(known, title=title, due_told=due, is_overdue=fact.is_overdue)


def _of_list(session: Session, loan: LoanState) -> LoanState:
    """*loan* as the list of books knows it, where it was renewed or tried there."""
    for line in session.lines:
        if line.item == loan.item and line.status is Status.RENEWED:
            return replace(loan, status=LoanStatus.RENEWED, title=line.title, due=line.due)
        if line.item == loan.item and line.status is Status.ALREADY_YOURS and not line.may_renew:
            return replace(loan, status=LoanStatus.NOT_RENEWED, title=line.title, why=line.why)
    return loan


def follow_up(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* with everything asked that the page needs, and renewals that wait on their way."""
    session = renewals.start_waiting(state, session, turn)
    if session.page is not Page.ACCOUNT or session.is_ending or state.is_server_away:
        return state, session
    is_renewing = any(renewals.is_under_way(loan) for loan in session.account.loans or ())
    if session.account.is_stale and not is_renewing and session.account.token == 0:
        return opened(state, session, turn)
    return _ask_about_items(state, session, turn)


def _ask_about_items(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    loans = session.account.loans
    if loans is None:
        return state, session
    token = state.token
    asked = sum(bool(loan.token) for loan in loans)
    known = list(loans)
    for place, loan in enumerate(loans):
        is_bare = not loan.title or loan.due_told is None
        if asked < ITEMS_ASKED_MAX and is_bare and loan.token is None:
            token, asked = token + 1, asked + 1
            turn.ask(token, AboutItem(loan.item))
            known[place] = replace(loan, token=token)
    if token == state.token:
        return state, session
    return replace(state, token=token), replace(session, account=replace(session.account, loans=tuple(known)))


def learn_about_item(session: Session, token: int, facts: ItemFacts | None) -> Session:
    """*session* after question *token* about an item was answered, or not (None); it is asked once."""
    loans = session.account.loans
    if loans is None or token == 0 or all(loan.token != token for loan in loans):
        return session
    known = tuple(_learnt(loan, facts) if loan.token == token else loan for loan in loans)
    return replace(session, account=replace(session.account, loans=known))


def _learnt(loan: LoanState, facts: ItemFacts | None) -> LoanState:
    loan = replace(loan, token=0)
    if facts is None or facts.item != loan.item:
        return loan
    return replace(loan, title=loan.title or facts.title, due_told=loan.due_told or facts.due)


def out_of_patience(session: Session, turn: Turn) -> Session:
    """*session* that no longer waits for an account nobody tells of."""
    if session.account.token == 0 or turn.seconds < session.account.until:
        return session
    return replace(session, account=replace(session.account, token=0, why=Refusal.SERVER_AWAY))


def is_busy(session: Session) -> bool:
    """Whether something of the account is under way that the reader waits for."""
    is_renewing = any(renewals.is_under_way(loan) for loan in session.account.loans or ())
    return is_renewing or bool(session.account.token)
