"""What a reader sees of the account, of fees to be chosen, and of a payment."""

from __future__ import annotations

import math
from datetime import date

from kiosk.workflow import choosing, paying, payments, receipt_making, renewals, view
from kiosk.workflow.account_state import LoanState, Page
from kiosk.workflow.settings import Service, SessionSettings
from kiosk.workflow.state import Session, State, books_left_to_borrow
from kiosk.workflow.view import Choice, FeeLine, HoldLine, LoanLine, LoanStatus, PaymentState
from sync.entries import Due, Means, Money
from sync.questions import AccountFacts, FeeFact, HoldFact


def page_view(state: State, session: Session, greeting: str) -> view.View | None:
    """The page that is open; None for the list of books.  *greeting* is the name as far as it may be shown."""
    match session.page:
        case Page.BOOKS:
            return None
        case Page.ACCOUNT:
            return _account(state, session, greeting)
        case Page.FEES:
            return _fees(state, session)
        case Page.PAYING:
            return _paying(state, session)


# --- The account ------------------------------------------------------------------------------------------------


def _account(state: State, session: Session, greeting: str) -> view.Account:
    account, facts = session.account, session.account.facts
    today = state.now.wall.astimezone(state.settings.zone).date()
    quota, left = _quota(session, facts)
    is_renewing = any(renewals.is_under_way(loan) for loan in account.loans or ())
    fees = facts.fees if facts is not None else None
    return view.Account(
        greeting=greeting,
        loans=None if account.loans is None else _loans(state, session, today),
        holds=None if facts is None or facts.holds is None else _holds(facts.holds),
        fees=None if fees is None else tuple(_fee_line(fee, state.settings) for fee in fees),
        owed=choosing.owed(facts) if facts is not None else None,
        quota=quota,
        quota_left=left,
        blocks=session.blocks,
        messages=facts.messages if facts is not None else (),
        is_loading=facts is None and bool(account.token),
        is_busy=is_renewing or bool(account.token),
        why=account.why,
        is_payment_open=session.is_payment_open,
        receipt=receipt_making.slip_of(state),
        choices=_account_choices(state, session, facts),
    )


def _quota(session: Session, facts: AccountFacts | None) -> tuple[int | None, int | None]:
    if facts is None or facts.loan_limit is None or facts.loan_count is None:
        return session.loan_limit, books_left_to_borrow(session)
    return facts.loan_limit, max(0, facts.loan_limit - facts.loan_count)


def _account_choices(state: State, session: Session, facts: AccountFacts | None) -> tuple[Choice, ...]:
    is_open = not session.is_ending
    can_renew = is_open and not (session.is_provisional or state.is_server_away or state.is_room_low)
    choices = []
    if session.account.loans:
        choices.append(Choice(view.RENEW_ALL, can_renew and renewals.may_renew(session)))
    if Service.PAY in state.settings.services and facts is not None and choosing.shown_fees(facts):
        choices.append(Choice(view.PAY, paying.may_choose(state, session)))
    if session.may_borrow:
        choices.append(Choice(view.BORROW, is_open))
    if session.account.why is not None:
        choices.append(Choice(view.ACCOUNT, is_open and not state.is_server_away))
    if _has_renewed(session) and is_open:
        choices.extend(receipt_making.choices(state))
    return (*choices, Choice(view.FINISH, is_open))


def _has_renewed(session: Session) -> bool:
    return any(loan.status is LoanStatus.RENEWED for loan in session.account.loans or ())


def _loans(state: State, session: Session, today: date) -> tuple[LoanLine, ...]:
    """Overdue loans first, then by the day they are due; one that was just renewed stays where it was."""
    ordered = sorted(
        session.account.loans or (),
        key=lambda loan: (not _is_late(loan, loan.due_told, today), _day(loan.due_told), loan.item),
    )
    can_renew = not (session.is_ending or session.is_provisional or state.is_server_away or state.is_room_low)
    return tuple(_loan_line(loan, today, can_renew) for loan in ordered)


def _day(due: Due | None) -> date:
    return date.max if due is None or due.day is None else due.day


def _is_late(loan: LoanState, due: Due | None, today: date) -> bool:
    if loan.status is LoanStatus.RENEWED and due is loan.due:
        return _day(due) < today
    return loan.is_overdue or _day(due) < today


def _loan_line(loan: LoanState, today: date, can_renew: bool) -> LoanLine:
    due = loan.due if loan.status is LoanStatus.RENEWED and loan.due is not None else loan.due_told
    is_overdue = _is_late(loan, due, today)
    offered = (Choice(f"renew:{loan.item}", can_renew),) if loan.status is LoanStatus.LENT else ()
    return LoanLine(
        item=loan.item,
        status=loan.status,
        title=loan.title,
        due=due,
        is_overdue=is_overdue,
        days_overdue=max(0, (today - _day(due)).days) if is_overdue else 0,
        why=loan.why,
        message=loan.message,
        choices=offered,
    )


def _holds(holds: tuple[HoldFact, ...]) -> tuple[HoldLine, ...]:
    """Those that are ready first, each kind in the server's order."""
    ordered = sorted(holds, key=lambda hold: not hold.is_ready)
    return tuple(
        HoldLine(hold.title, hold.item, hold.is_ready, hold.pickup, hold.until, hold.queue)
        for hold in ordered
    )


# --- Fees -------------------------------------------------------------------------------------------------------


def _fee_line(
    fee: FeeFact, settings: SessionSettings, is_chosen: bool = False, choices: tuple[Choice, ...] = ()
) -> FeeLine:
    return FeeLine(
        amount=fee.amount,
        kind=fee.kind,
        item=fee.item,
        title=fee.title,
        text=fee.text,
        is_chosen=is_chosen,
        why=choosing.why_not(fee.amount, settings),
        choices=choices,
    )


def _fees(state: State, session: Session) -> view.ChooseFees:
    facts, settings = session.account.facts, state.settings
    at_counter = settings.pays_at_counter
    if facts is None:
        return view.ChooseFees((), Money(0, settings.currency), False, at_counter, choices=_cancel(session))
    is_whole = choosing.is_whole_only(facts)
    can = choosing.choosable(facts, settings)
    lines = tuple(
        _fee_line(
            fee,
            settings,
            fee.id in session.choosing.chosen,
            (Choice(f"fee:{place}"),) if fee.id in can and not is_whole else (),
        )
        for place, fee in enumerate(choosing.shown_fees(facts))
    )
    parts = choosing.parts_of(facts, session.choosing.chosen, settings)
    total = choosing.total_of(parts, settings)
    is_ready = paying.chosen_parts(state, session) is not None
    means = tuple(Choice(f"pay-by:{one.value}", is_ready) for one in payments.offered(state))
    everything = () if is_whole else (Choice(view.ALL_FEES, bool(can)),)
    return view.ChooseFees(
        fees=lines,
        total=total,
        is_whole_only=is_whole,
        is_at_counter=at_counter,
        is_one_only=not is_whole and not facts.pays_several,
        is_too_much=total.minor_units > settings.payment_max,
        choices=(*everything, *means, *_cancel(session)),
    )


def _cancel(session: Session) -> tuple[Choice, ...]:
    return (Choice(view.CANCEL, not session.is_ending),)


# --- A payment --------------------------------------------------------------------------------------------------


def _paying(state: State, session: Session) -> view.Paying:
    payment = paying.shown(state, session)
    if payment is None:
        return _before_paying(state, session)
    is_end = not payment.is_under_way
    choices: tuple[Choice, ...] = ()
    if payment.state is PaymentState.AUTHORISING:
        choices = (Choice(view.CANCEL, not payment.is_stopping),)
    elif is_end:
        is_kept = payment.state is not PaymentState.NOT_PAID
        choices = (Choice(view.DONE), *(receipt_making.choices(state) if is_kept else ()))
    has_reference = payment.state not in (PaymentState.AUTHORISING, PaymentState.NOT_PAID)
    # How long the other side is waited for afterwards is not the reader's time.
    is_readers = payment.state is PaymentState.AUTHORISING and not payment.is_found
    until = payment.since + state.settings.pay_seconds if is_readers else state.now.seconds
    left = max(0, math.ceil(until - state.now.seconds))
    return view.Paying(
        state=payment.state,
        amount=payment.pay.amount,
        means=payment.pay.means,
        step=payment.step,
        text=payment.text,
        code=payment.code,
        why=payment.why,
        reference=payment.entry.key.reference if has_reference else "",
        seconds_left=left,
        receipt=receipt_making.slip_of(state),
        choices=choices,
    )


def _before_paying(state: State, session: Session) -> view.Paying:
    """The account is asked once more, or what it said speaks against paying: no money is under way."""
    chosen = session.choosing
    amount = chosen.amount or Money(0, state.settings.currency)
    means = chosen.means or Means.CARD
    if chosen.token:
        return view.Paying(PaymentState.AUTHORISING, amount, means, choices=(Choice(view.CANCEL),))
    return view.Paying(PaymentState.NOT_PAID, amount, means, why=chosen.why, choices=(Choice(view.DONE),))
