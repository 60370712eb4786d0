"""Lends and renews, or says exactly why not."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, update

from sync.central.circulation.library import Library
from sync.central.circulation.states import item_state, read_patron_state, read_terms
from sync.central.store import queries
from sync.central.store import tables as t
from sync.central.store.records import HoldRecord, ItemRecord, LoanRecord, PatronRecord
from sync.entries import ItemId, Money, PatronId, Reason
from sync.rules.due import due_day, due_day_renewed
from sync.rules.lending import lending_refusal
from sync.rules.renewing import renewal_refusal
from sync.rules.terms import ItemState, LentTo, LoanState, PatronState, Terms


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


@dataclass(frozen=True, slots=True)
class _Case:
    """All that is known, under lock, about one wish."""

    item: ItemRecord
    patron: PatronRecord
    loan: LoanRecord | None
    holds: tuple[HoldRecord, ...]
    item_state: ItemState
    patron_state: PatronState
    terms: Terms


def lend(connection: Connection, library: Library, wish: Wish) -> Lent | NotLent:
    """Lends the item as *wish* says.  Needs a writing transaction."""
    case = _read(connection, library, wish)
    if isinstance(case, NotLent):
        return case
    if wish.renew_own and case.item_state.lent_to is LentTo.THIS_PATRON:
        return _renew(connection, library, wish, case)
    today = library.today()
    reason = lending_refusal(
        case.item_state, case.patron_state, case.terms, today, fee_consented=wish.fee_consented
    )
    if reason is not None:
        return _not_lent(library, case, reason)
    loan_id = connection.execute(
        insert(t.loans)
        .values(
            item=wish.item,
            patron=wish.patron.reveal(),
            lent_at=library.now(),
            due_on=due_day(today, case.terms.loan.loan_days, case.terms.calendar),
            terminal=wish.terminal,
            renewals=0,
        )
        .returning(t.loans.c.id)
    ).scalar_one()
    _close_own_hold(connection, library, case, loan_id)
    return _lent(connection, library, case, loan_id, is_renewed=False)


def renew(connection: Connection, library: Library, wish: Wish) -> Lent | NotLent:
    """Lengthens the loan the patron has of the item.  Needs a writing transaction."""
    case = _read(connection, library, wish)
    return case if isinstance(case, NotLent) else _renew(connection, library, wish, case)


def _renew(connection: Connection, library: Library, wish: Wish, case: _Case) -> Lent | NotLent:
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
    connection.execute(
        update(t.loans)
        .where(t.loans.c.id == case.loan.id)
        .values(
            due_on=due_day_renewed(case.loan.due_on, today, days, calendar),
            renewals=case.loan.renewals + 1,
            renewed_at=library.now(),
        )
    )
    return _lent(connection, library, case, case.loan.id, is_renewed=True)


def _read(connection: Connection, library: Library, wish: Wish) -> _Case | NotLent:
    patron = queries.find_patron(connection, wish.patron, lock=True)
    item = queries.find_item(connection, wish.item, lock=True)
    if patron is None:
        return NotLent(Reason.PATRON_UNKNOWN, item, is_patron_known=False)
    if item is None:
        return NotLent(Reason.ITEM_UNKNOWN)
    loan = queries.open_loan_of_item(connection, wish.item)
    holds = queries.open_holds_of_item(connection, wish.item)
    return _Case(
        item=item,
        patron=patron,
        loan=loan,
        holds=holds,
        item_state=item_state(item, loan, holds, wish.patron),
        patron_state=read_patron_state(connection, library, patron, item.item_type),
        terms=read_terms(connection, library, patron, item.item_type),
    )


def _not_lent(library: Library, case: _Case, reason: Reason) -> NotLent:
    fee = None
    if reason is Reason.FEE_NEEDS_CONSENT:
        fee = library.money(case.item_state.checkout_fee_minor)
    elif reason is Reason.FEES_OWED:
        fee = library.money(case.patron_state.fees_owed_minor)
    return NotLent(reason, case.item, fee=fee, loan=case.loan)


def _lent(connection: Connection, library: Library, case: _Case, loan_id: int, *, is_renewed: bool) -> Lent:
    loan = queries.find_loan(connection, loan_id)
    if loan is None:
        raise LookupError(f"the loan {loan_id} that was just written is not there")
    fee = None
    if case.item_state.checkout_fee_minor > 0:
        fee = library.money(case.item_state.checkout_fee_minor)
        connection.execute(
            insert(t.fees).values(
                patron=loan.patron.reveal(),
                item=loan.item,
                loan=loan.id,
                kind="checkout",
                amount_minor=fee.minor_units,
                charged_at=library.now(),
            )
        )
    return Lent(case.item, loan, is_renewed, fee)


def _close_own_hold(connection: Connection, library: Library, case: _Case, loan_id: int) -> None:
    connection.execute(
        update(t.holds)
        .where(
            t.holds.c.item == case.item.number,
            t.holds.c.patron == case.patron.number.reveal(),
            t.holds.c.closed_at.is_(None),
        )
        .values(closed_at=library.now(), loan=loan_id)
    )
