"""What readers choose on the pages of the account, of fees and of a payment."""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow import account, choosing, closing, paying, receipt_making, renewals, view
from kiosk.workflow.account_state import Page
from kiosk.workflow.receipts import Receipt
from kiosk.workflow.state import Session, State
from kiosk.workflow.turn import Turn


def chosen(state: State, session: Session, name: str, argument: str, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after the reader chose *name* with *argument*; what is not offered changes nothing."""
    if name in (view.PRINT, view.CODE) and not session.is_ending:
        return receipt_making.chosen(state, name, receipts(state, session, turn), turn), session
    match session.page:
        case Page.ACCOUNT if not session.is_ending:
            return _on_account(state, session, name, argument, turn)
        case Page.FEES if not session.is_ending:
            return _on_fees(state, session, name, argument, turn)
        case Page.PAYING if name == view.CANCEL:
            return paying.cancel(state, session, turn)
        case Page.PAYING if name == view.DONE and not session.is_ending:
            return paying.done(replace(state, on_hand=None), session, turn)
        case _:
            return state, session


def _on_account(
    state: State, session: Session, name: str, argument: str, turn: Turn
) -> tuple[State, Session]:
    match name:
        case "renew":
            return state, renewals.renew_loan(session, argument, turn)
        case view.RENEW_ALL:
            return state, renewals.renew_all(session, turn)
        case view.PAY if paying.may_choose(state, session) and session.account.facts is not None:
            chosen_first = choosing.begin(session.account.facts, state.settings)
            return _left(state), replace(session, page=Page.FEES, choosing=chosen_first)
        case view.BORROW if session.may_borrow:
            return _left(state), replace(session, page=Page.BOOKS)
        case view.ACCOUNT if session.account.why is not None:
            return account.opened(state, session, turn)
        case view.FINISH:
            return state, closing.end(session)
        case _:
            return state, session


def _on_fees(state: State, session: Session, name: str, argument: str, turn: Turn) -> tuple[State, Session]:
    facts = session.account.facts
    if facts is None or name == view.CANCEL:
        return state, replace(session, page=Page.ACCOUNT)
    match name:
        case "fee":
            made = choosing.toggled(session.choosing, facts, state.settings, argument)
            return state, replace(session, choosing=made)
        case view.ALL_FEES:
            return state, replace(session, choosing=choosing.begin(facts, state.settings))
        case "pay-by":
            return paying.pay_by(state, session, argument, turn)
        case _:
            return state, session


def receipts(state: State, session: Session, turn: Turn) -> tuple[Receipt, ...]:
    """What can be taken home from the page that is open."""
    match session.page:
        case Page.ACCOUNT:
            lines = (*session.lines, *renewals.as_lines(session, turn))
            return receipt_making.of_loans(state, lines, turn)
        case Page.PAYING:
            payment = paying.shown(state, session)
            return () if payment is None else receipt_making.of_payment(state, session, payment, turn)
        case _:
            return ()


def _left(state: State) -> State:
    """*state* in which the receipt of the page that was open is not spoken of any more."""
    return replace(state, on_hand=None)
