"""What there is to know about a patron or an item, read in one transaction and changing nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from sync.central.circulation.library import Library
from sync.central.circulation.states import item_state, patron_state
from sync.central.store import queries
from sync.central.store.records import FeeRecord, HoldRecord, ItemRecord, LoanRecord, PatronRecord
from sync.entries import ItemId, Money, PatronId, Reason
from sync.rules.lending import item_refusal, patron_refusals
from sync.rules.limits import loans_left
from sync.rules.terms import PatronState


@dataclass(frozen=True, slots=True)
class PatronReport:
    """How a patron stands.

    *refusals* are the reasons nothing is lent to them, the gravest first, LIMIT_REACHED last; *loans*
    soonest due first, *overdue* those past due.  *queue* has the place of each hold, by its id, among those on its
    item.
    """

    patron: PatronRecord
    state: PatronState
    refusals: tuple[Reason, ...]
    loans: tuple[LoanRecord, ...]
    overdue: tuple[LoanRecord, ...]
    holds: tuple[HoldRecord, ...]
    queue: Mapping[int, int]
    fees: tuple[FeeRecord, ...]
    owed: Money


@dataclass(frozen=True, slots=True)
class ItemReport:
    """How an item stands; *refusal* is why it is not lent to anybody, None when it is lent in principle."""

    item: ItemRecord
    refusal: Reason | None
    loan: LoanRecord | None
    holds: tuple[HoldRecord, ...]


def report_patron(connection: Connection, library: Library, number: PatronId) -> PatronReport | None:
    """The report on patron *number*, None when there is no such card."""
    patron = queries.find_patron(connection, number)
    if patron is None:
        return None
    today = library.today()
    loans = queries.open_loans_of_patron(connection, number)
    holds = queries.open_holds_of_patron(connection, number)
    fees = queries.open_fees_of_patron(connection, number)
    owed_minor = sum(fee.amount_minor for fee in fees)
    blocks = queries.count_open_blocks(connection, number, library.now())
    state = patron_state(patron, loans, owed_minor, blocks, today)
    refusals = patron_refusals(state, patron.terms, today)
    if loans_left(state, patron.terms) == 0:
        refusals += (Reason.LIMIT_REACHED,)
    return PatronReport(
        patron=patron,
        state=state,
        refusals=refusals,
        loans=loans,
        overdue=tuple(loan for loan in loans if loan.due_on < today),
        holds=holds,
        queue=_queue(connection, holds),
        fees=fees,
        owed=library.money(state.fees_owed_minor),
    )


def _queue(connection: Connection, holds: tuple[HoldRecord, ...]) -> dict[int, int]:
    places: dict[int, int] = {}
    before: Counter[ItemId] = Counter()
    for hold in queries.open_holds_of_items(connection, {hold.item for hold in holds}):
        before[hold.item] += 1
        places[hold.id] = before[hold.item]
    return places


def report_item(connection: Connection, number: ItemId) -> ItemReport | None:
    """The report on item *number*, None when there is no such item."""
    item = queries.find_item(connection, number)
    if item is None:
        return None
    loan = queries.open_loan_of_item(connection, number)
    holds = queries.open_holds_of_item(connection, number)
    state = item_state(item, loan, holds, PatronId(""))
    return ItemReport(item, item_refusal(state), loan, holds)
