"""Paying at the terminal: what can be paid, the question before money is asked for, and the page that shows the rest.

    fees chosen --how to pay--> the account is asked anew --still as chosen--> intent, money asked for: `pay_ends.py`
                                     `--changed, gone, or nobody answers--> nothing is asked for, the page says why

While a reader's money is under way their session cannot end, and nobody is asked whether they are still there.
Whoever pays while an earlier payment of theirs is in doubt could pay twice, so that is not offered.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow import account, choosing, payments
from kiosk.workflow.account_state import Choosing, Page, Payment
from kiosk.workflow.effects import Sound, StopPayment, TakePayment
from kiosk.workflow.line import BUSY
from kiosk.workflow.settings import Service
from kiosk.workflow.state import Serving, Session, State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import PaymentState, PaymentTrouble
from sync.entries import Answer, Means, Money, Pay, Reason
from sync.questions import AboutAccount, AccountFacts, Facts


def may_choose(state: State, session: Session) -> bool:
    """Whether the page of fees can be opened: there is something that can be paid, and nothing of theirs in doubt."""
    facts = session.account.facts
    if facts is None or Service.PAY not in state.settings.services or session.is_payment_open:
        return False
    can_pay = facts.takes_payments and bool(choosing.choosable(facts, state.settings))
    return can_pay and not (session.is_ending or state.is_server_away or state.is_room_low)


def chosen_parts(state: State, session: Session) -> Choosing | None:
    """The fees that are chosen now, as they would be paid; None where that is nothing, or more than is taken."""
    facts = session.account.facts
    if facts is None or not may_choose(state, session):
        return None
    parts = choosing.parts_of(facts, session.choosing.chosen, state.settings)
    total = choosing.total_of(parts, state.settings)
    if parts is None or choosing.why_not(total, state.settings) is not None:
        return None
    return replace(session.choosing, parts=parts, amount=total)


# --- From the choice to the intent ------------------------------------------------------------------------------


def pay_by(state: State, session: Session, means: str, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after the reader chose to pay by *means*; what is not offered changes nothing."""
    asked = next((one for one in payments.offered(state) if one.value == means), None)
    chosen = chosen_parts(state, session)
    if asked is None or chosen is None:
        return state, session
    token = state.token + 1
    turn.ask(token, AboutAccount(session.patron))
    until = turn.seconds + account.ASKING_SECONDS_MAX
    chosen = replace(chosen, means=asked, token=token, until=until, why=None)
    return replace(state, token=token), replace(session, page=Page.PAYING, choosing=chosen, paying=None)


def account_told(state: State, session: Session, facts: Facts | None, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after the account was told anew before paying, or not (None).

    Money is asked for only when what was chosen is still owed, to the last minor unit.
    """
    chosen = replace(session.choosing, token=0)
    is_theirs = isinstance(facts, AccountFacts) and facts.patron == session.patron and facts.is_known
    if not isinstance(facts, AccountFacts) or not is_theirs:
        return state, _not_begun(session, chosen, Reason.NOT_WITHOUT_SERVER, turn)
    session = account.with_facts(state.settings, session, facts)
    is_same = choosing.parts_of(facts, chosen.chosen, state.settings) == chosen.parts
    if not (is_same and facts.takes_payments):
        return state, _not_begun(session, chosen, PaymentTrouble.FEES_CHANGED, turn)
    if chosen.means not in payments.offered(state):
        return state, _not_begun(session, chosen, PaymentTrouble.DEVICE_AWAY, turn)
    if not may_choose(state, session):
        return state, _not_begun(session, chosen, Reason.NOT_DONE, turn)
    return _begun(state, session, chosen, chosen.means, facts, turn)


def _not_begun(session: Session, chosen: Choosing, why: PaymentTrouble | Reason, turn: Turn) -> Session:
    turn.play(Sound.REFUSED)
    return replace(session, choosing=replace(chosen, why=why))


def _begun(
    state: State, session: Session, chosen: Choosing, means: Means, facts: AccountFacts, turn: Turn
) -> tuple[State, Session]:
    """The one place where money is asked for: once for each entry, after its intent."""
    mark = next((mark for known, mark in state.marks if known is means), "")
    amount = choosing.total_of(chosen.parts, state.settings)
    key = turn.new_key()
    promise = Pay(
        patron=session.patron,
        amount=amount,
        parts=chosen.parts,
        means=means,
        at=turn.wall,
        owed_before=_in_currency(facts.owed, amount),
        mark_before=mark,
    )
    entry = turn.begin(key, promise, is_held=True)
    turn.do(TakePayment(key, means, amount, mark))
    payment = Payment(entry, PaymentState.AUTHORISING, turn.seconds)
    state = replace(state, payments=(*state.payments, payment))
    return state, replace(session, choosing=chosen, paying=key)


def _in_currency(owed: Money | None, amount: Money) -> Money | None:
    """What is owed, where an entry in doubt could be compared with it."""
    return owed if owed is not None and owed.currency == amount.currency else None


def out_of_patience(session: Session, turn: Turn) -> Session:
    """*session* that no longer waits for the account it asked for before paying."""
    chosen = session.choosing
    if chosen.token == 0 or turn.seconds < chosen.until:
        return session
    return _not_begun(session, replace(chosen, token=0), Reason.NOT_WITHOUT_SERVER, turn)


# --- The page ---------------------------------------------------------------------------------------------------


def shown(state: State, session: Session) -> Payment | None:
    """The payment that the reader looks at."""
    return next((payment for payment in state.payments if payment.entry.key == session.paying), None)


def cancel(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after the reader wanted to stop: at once before money is asked for, else if it can be."""
    if session.choosing.token:
        chosen = replace(session.choosing, token=0)
        return state, replace(session, page=Page.FEES, choosing=chosen)
    payment = shown(state, session)
    if payment is None or payment.state is not PaymentState.AUTHORISING or payment.is_stopping:
        return state, session
    turn.do(StopPayment(payment.entry.key))
    return payments.with_payment(state, replace(payment, is_stopping=True)), session


def done(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after the reader saw how it ended: back to the fees, or to what the account says now."""
    if session.choosing.token or (session.paying is None and session.choosing.why is None):
        return state, session
    payment = shown(state, session)
    if payment is not None and payment.is_under_way:
        return state, session
    is_open = session.is_payment_open
    if payment is not None:
        is_open = is_open or payment.state in (PaymentState.APPROVED, PaymentState.UNKNOWN)
        kept = tuple(one for one in state.payments if one is not payment or not one.is_over)
        state = replace(state, payments=kept)
    session = replace(session, paying=None, is_payment_open=is_open)
    if payment is None and session.account.facts is not None:
        chosen = choosing.begin(session.account.facts, state.settings)
        page = Page.FEES if chosen.chosen else Page.ACCOUNT
        return state, replace(session, page=page, choosing=chosen)
    if payment is not None and payment.state is PaymentState.NOT_PAID:
        return state, replace(session, page=Page.FEES)
    return account.opened(state, session, turn)


def is_under_way(state: State, session: Session) -> bool:
    """Whether the session cannot end: its money is under way, or is about to be asked for."""
    payment = shown(state, session)
    return bool(session.choosing.token) or (payment is not None and payment.is_under_way)


def posting_answered(state: State, payment: Payment, answer: Answer, turn: Turn) -> State:
    """*state* after the server's *answer* to posting *payment*, whatever page its reader is on by now.

    Posted late, it is in doubt no more, and the account is asked anew; money that goes back is shown, unless a book is
    being worked on.
    """
    state = payments.answered(state, payment, answer, turn)
    key = payment.entry.key
    if not isinstance(state.phase, Serving) or state.phase.session.paying == key:
        return state
    session, after = state.phase.session, payments.of_key(state, key)
    if after is None:
        session = replace(session, account=replace(session.account, is_stale=True), is_payment_open=False)
    elif after.state is PaymentState.REVERSING and not any(line.status in BUSY for line in session.lines):
        session = replace(session, page=Page.PAYING, paying=key, choosing=replace(session.choosing, token=0))
    return replace(state, phase=Serving(session))
