"""The third chapter: one reader renews, another one looks at the account although it is blocked, and pays."""

from __future__ import annotations

from kiosk.demo.visit import Hand, Steps, Visit
from kiosk.workflow.view import (
    ACCOUNT,
    DONE,
    FINISH,
    PAY,
    PRINT,
    RENEW_ALL,
    Account,
    ChooseFees,
    Paying,
    PaymentState,
    SlipState,
    Summary,
    Welcome,
)
from sync.central import demo
from sync.entries import FeeKind

RENEWS = demo.READER_WITH_LOAN
PAYS = demo.READER_OWES


def renew(visit: Visit, hand: Hand) -> Steps:
    """A reader has everything renewed: one loan is, one is not, and says why."""
    yield from _open_account(visit, hand, RENEWS)
    yield from visit.shot(hand, "account")
    yield from hand.touch(RENEW_ALL)
    yield from hand.until(lambda: _is_at_rest(hand) and _has_renewed(hand), 20, "nothing was renewed")
    yield from visit.shot(hand, "account-renewed")
    yield from _end(visit, hand)


def pay(visit: Visit, hand: Hand) -> Steps:
    """A reader who may not borrow pays one fee by card and the other one by code."""
    yield from _open_account(visit, hand, PAYS)
    yield from visit.shot(hand, "account-blocked")
    yield from hand.touch(PAY)
    yield from hand.until(lambda: isinstance(hand.view, ChooseFees), 15, "no fees were shown")
    yield from hand.touch(f"fee:{_number_of(hand, FeeKind.DAMAGE)}")
    yield from visit.shot(hand, "choose-fees")
    visit.table.ask("card", choice="approve")
    yield from hand.touch("pay-by:card")
    yield from hand.until(lambda: isinstance(hand.view, Paying), 15, "no payment began")
    yield from visit.shot(hand, "card-payment")
    yield from hand.until(lambda: _is_posted(hand), 30, "the payment by card was not posted")
    yield from hand.touch(PRINT)
    yield from hand.until(lambda: _is_printed(hand), 15, "the receipt was not printed")
    yield from visit.shot(hand, "card-paid")
    yield from hand.touch(DONE)
    yield from hand.until(lambda: _is_at_rest(hand), 15, "the account did not come again")
    yield from hand.touch(PAY)
    yield from hand.touch("pay-by:qr")
    yield from hand.until(lambda: _has_code(hand), 15, "no code was shown")
    yield from visit.shot(hand, "code-payment")
    visit.table.ask("wallet", how="pay")
    yield from hand.until(lambda: _is_posted(hand), 30, "the payment by code was not posted")
    yield from visit.shot(hand, "code-paid")
    yield from hand.touch(DONE)
    yield from hand.until(lambda: _is_at_rest(hand), 15, "the account did not come again")
    yield from visit.shot(hand, "account-settled")
    yield from _end(visit, hand)


def _open_account(visit: Visit, hand: Hand, card: str) -> Steps:
    yield from hand.touch(ACCOUNT)
    yield from visit.show_card(hand, card)
    yield from hand.until(lambda: _is_at_rest(hand), 15, "no account was shown")


def _end(visit: Visit, hand: Hand) -> Steps:
    yield from hand.touch(FINISH)
    yield from hand.until(lambda: isinstance(hand.view, Summary | Welcome), 15, "the session did not end")
    if isinstance(hand.view, Summary):
        yield from hand.touch(DONE)
    yield from visit.leave(hand)


def _is_at_rest(hand: Hand) -> bool:
    view = hand.view
    return isinstance(view, Account) and view.loans is not None and not (view.is_loading or view.is_busy)


def _has_renewed(hand: Hand) -> bool:
    view = hand.view
    loans = view.loans if isinstance(view, Account) else None
    return bool(loans) and all(loan.status.value in ("renewed", "not-renewed") for loan in loans or ())


def _number_of(hand: Hand, kind: FeeKind) -> int:
    fees = hand.view.fees if isinstance(hand.view, ChooseFees) else ()
    return next(number for number, fee in enumerate(fees) if fee.kind is kind)


def _is_posted(hand: Hand) -> bool:
    return isinstance(hand.view, Paying) and hand.view.state is PaymentState.POSTED


def _is_printed(hand: Hand) -> bool:
    return isinstance(hand.view, Paying) and hand.view.receipt is SlipState.PRINTED


def _has_code(hand: Hand) -> bool:
    return isinstance(hand.view, Paying) and bool(hand.view.code)
