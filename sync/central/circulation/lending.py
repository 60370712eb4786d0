"""Lends and renews, or says exactly why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from sync.central.circulation.library import Library
from sync.central.circulation.states import Case, case_on
from sync.central.store.records import ItemRecord, LoanRecord
from sync.central.store.sheet import Sheet
from sync.entries import FeeKind, ItemId, Money, PatronId, Reason
from sync.rules.due import due_day, due_day_renewed
from sync.rules.lending import lending_refusal
from sync.rules.renewing import renewal_refusal
from sync.rules.terms import LentTo, LoanState


@dataclass(frozen=True, slots=True)
class Wish:
    """What a terminal asks for: *item* for *patron*, from *terminal*.

    *fee_consented*: the reader agreed to the fee.  *renew_own*: where the patron has the item already,
    that loan is lengthened (SIP2 SC renewal policy Y).
    """

    item: ItemId
    patron: PatronId
    terminal: str
    fee_consented: bool = False
    renew_own: bool = False


@dataclass(frozen=True, slots=True)
class Lent:
    """Done: the *loan* as it now stands; *fee* is what was charged for it."""

    item: ItemRecord
    loan: LoanRecord
    is_renewed: bool
    fee: Money | None = None


@dataclass(frozen=True, slots=True)
class NotLent:
    """Not done, and nothing was changed.

    *fee* goes with FEE_NEEDS_CONSENT and FEES_OWED.  *item* is None when it is unknown, *loan* the open loan
    that stood in the way.
    """

    reason: Reason
    item: ItemRecord | None = None
    is_patron_known: bool = True
    fee: Money | None = None
    loan: LoanRecord | None = None


def lend(connection: Connection, library: Library, wish: Wish) -> Lent | NotLent:
    """Lends the item as *wish* says.  Needs a writing transaction."""
    return _alone(connection, library, wish, lend_on)


def renew(connection: Connection, library: Library, wish: Wish) -> Lent | NotLent:
    """Lengthens the loan the patron has of the item.  Needs a writing transaction."""
    return _alone(connection, library, wish, renew_on)


def _alone(
    connection: Connection,
    library: Library,
    wish: Wish,
    do: Callable[[Sheet, Library, Wish], Lent | NotLent],
) -> Lent | NotLent:
    sheet = Sheet(connection, library.now(), (wish.item,), (wish.patron,))
    outcome = do(sheet, library, wish)
    sheet.write()
    return replace(outcome, loan=sheet.loan(outcome.loan.id)) if isinstance(outcome, Lent) else outcome


def lend_on(sheet: Sheet, library: Library, wish: Wish) -> Lent | NotLent:
    """Lends on *sheet*, which has to know item and patron; nothing is written yet."""
    case = _case(sheet, library, wish)
    if isinstance(case, NotLent):
        return case
    if wish.renew_own and case.item_state.lent_to is LentTo.THIS_PATRON:
        return _renew(sheet, library, wish, case)
    today = library.today()
    reason = lending_refusal(
        case.item_state, case.patron_state, case.terms, today, fee_consented=wish.fee_consented
    )
    if reason is not None:
        return _not_lent(library, case, reason)
    due_on = due_day(today, case.terms.loan.loan_days, case.terms.calendar)
    loan = sheet.lend(case.item, wish.patron, sheet.now, due_on, wish.terminal)
    sheet.serve_hold(loan)
    return Lent(case.item, loan, False, charge_fee(sheet, library, case.item, loan, wish.terminal))


def renew_on(sheet: Sheet, library: Library, wish: Wish) -> Lent | NotLent:
    """Lengthens a loan on *sheet*, which has to know item and patron; nothing is written yet."""
    case = _case(sheet, library, wish)
    return case if isinstance(case, NotLent) else _renew(sheet, library, wish, case)


def charge_fee(
    sheet: Sheet, library: Library, item: ItemRecord, loan: LoanRecord, terminal: str
) -> Money | None:
    """Charges what a loan of *item* costs; None for nothing."""
    if item.checkout_fee_minor <= 0:
        return None
    fee = library.money(item.checkout_fee_minor)
    sheet.charge(loan, FeeKind.CHECKOUT, fee, library.today(), terminal)
    return fee


def _renew(sheet: Sheet, library: Library, wish: Wish, case: Case) -> Lent | NotLent:
    if case.loan is None:
        return _not_lent(library, case, Reason.NOT_ON_LOAN)
    today = library.today()
    reason = renewal_refusal(
        LoanState(case.loan.due_on, case.loan.renewals),
        case.item_state,
        case.patron_state,
        case.terms,
        today,
        fee_consented=wish.fee_consented,
    )
    if reason is not None:
        return _not_lent(library, case, reason)
    days, calendar = case.terms.loan.renewal_days, case.terms.calendar
    loan = sheet.change(
        case.loan,
        due_on=due_day_renewed(case.loan.due_on, today, days, calendar),
        renewals=case.loan.renewals + 1,
        renewed_at=sheet.now,
    )
    return Lent(case.item, loan, True, charge_fee(sheet, library, case.item, loan, wish.terminal))


def _case(sheet: Sheet, library: Library, wish: Wish) -> Case | NotLent:
    patron, item = sheet.patrons.get(wish.patron), sheet.items.get(wish.item)
    if patron is None:
        return NotLent(Reason.PATRON_UNKNOWN, item, is_patron_known=False)
    if item is None:
        return NotLent(Reason.ITEM_UNKNOWN)
    return case_on(sheet, library, item, patron, library.today(), sheet.open_loan(wish.item))


def _not_lent(library: Library, case: Case, reason: Reason) -> NotLent:
    fee = None
    if reason is Reason.FEE_NEEDS_CONSENT:
        fee = library.money(case.item_state.checkout_fee_minor)
    elif reason is Reason.FEES_OWED:
        fee = library.money(case.patron_state.fees_owed_minor)
    return NotLent(reason, case.item, fee=fee, loan=case.loan)
