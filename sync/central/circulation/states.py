"""Turns rows into what the rules judge."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from sync.central.circulation.library import Library
from sync.central.store import queries
from sync.central.store.records import FeeRecord, HoldRecord, ItemRecord, LoanRecord, PatronRecord
from sync.entries import PatronId
from sync.rules.terms import ItemState, LentTo, PatronState, Terms


def item_state(
    item: ItemRecord, loan: LoanRecord | None, holds: tuple[HoldRecord, ...], patron: PatronId
) -> ItemState:
    """How *item* stands for *patron*: its open *loan* and the *holds* on it, next first."""
    lent_to = _lent_to(loan, patron)
    if lent_to is LentTo.THIS_PATRON:
        is_held_for_other = any(hold.patron != patron for hold in holds)
    else:
        is_held_for_other = bool(holds) and holds[0].patron != patron
    return ItemState(
        use=item.use,
        condition=item.condition,
        lent_to=lent_to,
        is_held_for_other=is_held_for_other,
        age_min_years=item.age_min_years,
        checkout_fee_minor=item.checkout_fee_minor,
    )


def _lent_to(loan: LoanRecord | None, patron: PatronId) -> LentTo:
    if loan is None:
        return LentTo.NOBODY
    return LentTo.THIS_PATRON if loan.patron == patron else LentTo.SOMEBODY_ELSE


def patron_state(
    patron: PatronRecord,
    loans: tuple[LoanRecord, ...],
    fees: tuple[FeeRecord, ...],
    blocks: int,
    today: date,
    item_type: str = "",
) -> PatronState:
    """How *patron* stands on *today*, seen for a loan of *item_type* (empty when no item is meant)."""
    return PatronState(
        card=patron.card,
        expires_on=patron.expires_on,
        born_on=patron.born_on,
        blocks=blocks,
        fees_owed_minor=sum(fee.amount_minor for fee in fees),
        loans=len(loans),
        loans_of_type=sum(1 for loan in loans if loan.item_type == item_type),
        overdue=sum(1 for loan in loans if loan.due_on < today),
    )


def read_patron_state(
    connection: Connection, library: Library, patron: PatronRecord, item_type: str
) -> PatronState:
    """`patron_state` of what the store holds now."""
    return patron_state(
        patron,
        queries.open_loans_of_patron(connection, patron.number),
        queries.open_fees_of_patron(connection, patron.number),
        queries.count_open_blocks(connection, patron.number, library.now()),
        library.today(),
        item_type,
    )


def read_terms(connection: Connection, library: Library, patron: PatronRecord, item_type: str) -> Terms:
    """What the library grants *patron* for *item_type*."""
    return Terms(
        category=patron.terms,
        loan=queries.find_loan_terms(connection, patron.category, item_type),
        calendar=queries.find_calendar(connection, library.today()),
    )
