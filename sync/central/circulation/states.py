"""Turns rows into what the rules judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sync.central.circulation.library import Library
from sync.central.store.records import HoldRecord, ItemRecord, LoanRecord, PatronRecord
from sync.central.store.sheet import Sheet
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
    owed_minor: int,
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
        fees_owed_minor=owed_minor,
        loans=len(loans),
        loans_of_type=sum(1 for loan in loans if loan.item_type == item_type),
        overdue=sum(1 for loan in loans if loan.due_on < today),
    )


def case_on(
    sheet: Sheet, library: Library, item: ItemRecord, patron: PatronRecord, day: date, loan: LoanRecord | None
) -> Case:
    """What the rules are given to judge, as *sheet* has it, for a loan of *item* to *patron* on *day*.

    *loan* is the one that has the item at the moment that counts.
    """
    return Case(
        item=item,
        patron=patron,
        loan=loan,
        item_state=item_state(item, loan, sheet.holds(item.number), patron.number),
        patron_state=patron_state(
            patron,
            sheet.open_loans(patron.number),
            sheet.debts[patron.number],
            sheet.blocks[patron.number],
            library.today(),
            item.item_type,
        ),
        terms=Terms(
            category=patron.terms,
            loan=sheet.terms(patron.category, item.item_type),
            calendar=sheet.calendar(day),
        ),
    )


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known, under lock, about one wish or one loan that was made."""

    item: ItemRecord
    patron: PatronRecord
    loan: LoanRecord | None
    item_state: ItemState
    patron_state: PatronState
    terms: Terms
