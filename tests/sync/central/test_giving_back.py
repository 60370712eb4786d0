"""Returns that terminals tell: which loan ends and when, what it costs, and where the item goes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from drivers.link.memory import VirtualClock
from sync.central import demo
from sync.central.circulation.conflicts import list_exceptions
from sync.central.circulation.library import Library
from sync.central.circulation.policy import EventPolicy
from sync.central.circulation.receiving import receive
from sync.central.circulation.returning import check_in
from sync.central.store import care_tables as c
from sync.central.store import event_tables as e
from sync.central.store import tables as t
from sync.central.store.ledger_rows import debts_of_patrons, open_fees_of_patron
from sync.central.store.store import Store
from sync.entries import Alert, Granted, ItemId, Money, PatronId, Reason, Refused, TakenBack
from sync.events import Outcome, Receipt
from tests.sync.central.events_of import DUE, START, Terminal, holder, spans

FREE = demo.ITEMS_FREE
ANNA, BO = demo.READER, demo.READER_ENGLISH
NOW_MINUTES = 10 * 1440.0
"""The clock of these tests, in minutes after `START`."""


def tell(store: Store, library: Library, terminal: Terminal, first: int = 1) -> tuple[Outcome, ...]:
    """The outcomes of *terminal*'s events from number *first* on."""
    receipt = receive(store, library, EventPolicy(), terminal.name, terminal.batch(first))
    assert isinstance(receipt, Receipt)
    return receipt.outcomes


def granted(outcome: Outcome) -> tuple[Granted, TakenBack]:
    """The grant of *outcome*, and what it says of the return."""
    assert isinstance(outcome.answer, Granted)
    assert outcome.answer.back is not None
    return outcome.answer, outcome.answer.back


def owed(store: Store, patron: str) -> int:
    """What *patron* owes."""
    with store.reading() as connection:
        return debts_of_patrons(connection, [PatronId(patron)])[PatronId(patron)]


def kinds(store: Store) -> list[str]:
    """The kinds of the open cases, the oldest first."""
    with store.reading() as connection:
        return [case.kind.value for case in list_exceptions(connection)]


def change_item(store: Store, item: str, **values: Any) -> None:
    """Changes what is recorded of *item*."""
    with store.writing() as connection:
        connection.execute(update(t.items).where(t.items.c.number == item).values(**values))


def stand_in(store: Store, terminal: str, branch: str) -> None:
    """*terminal* stands in *branch* from now on."""
    with store.writing() as connection:
        connection.execute(insert(c.terminal_branches).values(terminal=terminal, branch=branch))


def condition(store: Store, item: str) -> str:
    """What is recorded of *item*'s condition."""
    with store.reading() as connection:
        return str(
            connection.execute(select(t.items.c.condition).where(t.items.c.number == item)).scalar_one()
        )


# --- Which loan ends ------------------------------------------------------------------------------------------------


def test_a_return_ends_the_loan_and_says_whose_it_was_and_when_it_was_due(
    store: Store, library: Library
) -> None:
    """The reader's card is told for the receipt, with the due day, the title and where the item goes."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, 0)
    terminal.give_back(FREE[0], 600)
    _, outcome = tell(store, library, terminal)
    answer, back = granted(outcome)

    assert (answer.due.day, answer.title) == (DUE, "西游记")
    assert (answer.release, answer.fee) == (False, None)
    assert (back.was_on_loan, back.patron, back.hold_patron, back.secure) == (
        True,
        PatronId(ANNA),
        None,
        True,
    )
    assert (back.alert, back.sort_bin, back.destination) == (None, "1", "")
    assert spans(store, FREE[0]) == [(0, 600, ANNA, "returned")]


def test_what_is_not_on_loan_is_taken_back_all_the_same(store: Store, library: Library) -> None:
    """It had been returned already; a book that the library does not have is refused, and nothing is written."""
    terminal = Terminal()
    terminal.give_back(FREE[0], 600, was_on_loan=False)
    terminal.give_back("99", 601)
    returned, unknown = tell(store, library, terminal)

    assert granted(returned)[1].was_on_loan is False
    assert unknown.answer == Refused(Reason.ITEM_UNKNOWN)
    assert (spans(store, FREE[0]), kinds(store)) == ([], [])


def test_a_return_told_again_is_answered_as_at_first_and_ends_nothing(store: Store, library: Library) -> None:
    """The answer to a repeat names the same reader, also after the item was lent on to somebody else."""
    terminal, other = Terminal(), Terminal("t2")
    terminal.lend(FREE[0], ANNA, 0)
    terminal.give_back(FREE[0], 60)
    first = tell(store, library, terminal)
    other.lend(FREE[0], BO, 120)
    tell(store, library, other)
    again = tell(store, library, terminal)

    assert again == first
    assert granted(again[1])[1].patron == PatronId(ANNA)
    assert holder(store, FREE[0]) == BO


def test_no_card_stays_in_the_stored_answer_to_a_return(store: Store, library: Library) -> None:
    """Whose loan ended and who waits is told, and kept in no text of the event."""
    terminal = Terminal()
    terminal.lend(demo.ITEM_WAITED_FOR, ANNA, 0)
    terminal.give_back(demo.ITEM_WAITED_FOR, NOW_MINUTES)
    outcomes = tell(store, library, terminal)
    with store.reading() as connection:
        row = connection.execute(select(e.events).where(e.events.c.number == 2)).one()

    assert granted(outcomes[1])[1].hold_patron == PatronId(demo.READER_WITH_HOLDS)
    assert outcomes == tell(store, library, terminal)
    for text in (row.outcome, row.body):
        assert ANNA not in text
        assert demo.READER_WITH_HOLDS not in text


def test_a_return_never_ends_a_newer_loan(store: Store, library: Library) -> None:
    """The terminal was away, and the item went on: the newer loan stays, the older one ended at the return."""
    one, other = Terminal("t1"), Terminal("t2")
    one.lend(FREE[0], ANNA, 0)
    tell(store, library, one)
    one.give_back(FREE[0], 60)
    other.lend(FREE[0], BO, 120)
    tell(store, library, other)
    outcome = tell(store, library, one, first=2)[0]

    assert spans(store, FREE[0]) == [(0, 60, ANNA, "returned"), (120, None, BO, "")]
    assert granted(outcome)[1].patron == PatronId(ANNA)
    assert outcome.exception == "newer-loan"


def test_a_loan_told_after_a_later_return_ended_at_that_return(store: Store, library: Library) -> None:
    """Two terminals were away: the loan of one was given back at the other, which told first."""
    one, other = Terminal("t1"), Terminal("t2")
    other.give_back(FREE[0], 90, was_on_loan=None)
    tell(store, library, other)
    one.lend(FREE[0], ANNA, 30)
    tell(store, library, one)

    assert spans(store, FREE[0]) == [(30, 90, ANNA, "returned")]


def test_the_order_of_one_terminal_counts_and_not_its_clock(store: Store, library: Library) -> None:
    """Its clock went back between the return and the next loan: that loan begins after the return, and is open."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, 0)
    terminal.give_back(FREE[0], 100)
    terminal.lend(FREE[0], BO, 40)
    tell(store, library, terminal)

    assert spans(store, FREE[0]) == [(0, 100, ANNA, "returned"), (100, None, BO, "")]


def test_a_return_that_staff_saw_later_counts_from_when_it_happened(store: Store, library: Library) -> None:
    """Staff checked the pile in on Monday, with a fee; the terminal then tells that it came back in time."""
    terminal = Terminal()
    with store.writing() as connection:
        check_in(connection, library, ItemId(demo.ITEM_OVERDUE), "desk")
    charged = owed(store, demo.READER_OVERDUE)
    # Eight days before START is within the loan, and before its due day.
    terminal.give_back(demo.ITEM_OVERDUE, -8 * 1440)
    answer, back = granted(tell(store, library, terminal)[0])

    assert charged > 0
    assert (answer.fee, back.was_on_loan) == (None, True)
    assert owed(store, demo.READER_OVERDUE) == 0
    assert [ended for _, ended, _, _ in spans(store, demo.ITEM_OVERDUE)] == [-8 * 1440]


# --- What it costs --------------------------------------------------------------------------------------------------


def test_a_late_return_costs_what_its_type_says_on_the_librarys_days(
    store: Store, library: Library, clock: VirtualClock
) -> None:
    """Due on a Sunday fifteen days ago, three Mondays closed since: twelve days at 0.10, told and owed."""
    terminal = Terminal()
    terminal.give_back(demo.ITEM_OVERDUE, NOW_MINUTES)
    answer, back = granted(tell(store, library, terminal)[0])
    with store.reading() as connection:
        (fee,) = open_fees_of_patron(connection, PatronId(demo.READER_OVERDUE))

    assert clock.now() == START + timedelta(minutes=NOW_MINUTES)
    assert answer.fee == Money(120, "CNY")
    assert (back.patron, answer.due.day) == (PatronId(demo.READER_OVERDUE), date(2026, 2, 15))
    assert (fee.kind.value, fee.item, fee.amount_minor, fee.title) == (
        "overdue",
        demo.ITEM_OVERDUE,
        120,
        "海错图",
    )
    assert fee.reference.endswith("-overdue-1")


@pytest.mark.parametrize(
    ("minutes", "fee"), [(-5 * 1440.0, None), (-4 * 1440.0, 0), (-3 * 1440.0, 10), (0.0, 40)]
)
def test_the_fee_is_that_of_the_day_of_the_return_and_not_of_the_day_it_is_told(
    file_store: Store, library: Library, minutes: float, fee: int | None
) -> None:
    """A terminal that was away for a week does not make its readers pay for it."""
    terminal = Terminal()
    terminal.give_back(demo.ITEM_OVERDUE, minutes)
    answer, _ = granted(tell(file_store, library, terminal)[0])

    assert answer.fee == (Money(fee, "CNY") if fee else None)
    assert owed(file_store, demo.READER_OVERDUE) == (fee or 0)


def test_a_fee_is_charged_once_whatever_is_told_again(file_store: Store, library: Library) -> None:
    """The batch is repeated, and the item given back a second time: one charge."""
    terminal = Terminal()
    terminal.give_back(demo.ITEM_OVERDUE, NOW_MINUTES)
    tell(file_store, library, terminal)
    tell(file_store, library, terminal)
    terminal.give_back(demo.ITEM_OVERDUE, NOW_MINUTES, was_on_loan=False)
    tell(file_store, library, terminal)

    assert owed(file_store, demo.READER_OVERDUE) == 120


def test_a_debt_made_by_a_return_stops_the_next_loan_of_the_same_batch(
    file_store: Store, library: Library
) -> None:
    """What a return costs counts at once."""
    with file_store.writing() as connection:
        connection.execute(update(t.categories).values(fees_ceiling_minor=100, overdue_max=None))
    terminal = Terminal()
    terminal.give_back(demo.ITEM_OVERDUE, NOW_MINUTES)
    terminal.lend(FREE[0], demo.READER_OVERDUE, NOW_MINUTES, due=None)
    _, outcome = tell(file_store, library, terminal)

    assert isinstance(outcome.answer, Refused)
    assert (outcome.answer.reason, outcome.answer.fee) == (Reason.FEES_OWED, Money(120, "CNY"))


# --- Where it goes --------------------------------------------------------------------------------------------------


def test_an_item_that_is_waited_for_goes_to_the_hold_shelf(file_store: Store, library: Library) -> None:
    """It is on the shelf for the first who waits, and refused to everybody else."""
    terminal = Terminal()
    terminal.give_back(demo.ITEM_WAITED_FOR, NOW_MINUTES)
    terminal.lend(demo.ITEM_WAITED_FOR, BO, NOW_MINUTES, due=None)
    returned, refused = tell(file_store, library, terminal)
    _, back = granted(returned)

    assert (back.alert, back.hold_patron) == (Alert.HOLD_HERE, PatronId(demo.READER_WITH_HOLDS))
    assert (back.location, back.sort_bin) == ("一楼预约架 Hold shelf", "")
    assert isinstance(refused.answer, Refused)
    with file_store.reading() as connection:
        hold = connection.execute(select(t.holds).where(t.holds.c.item == demo.ITEM_WAITED_FOR)).one()
    assert hold.is_on_shelf


def test_what_came_back_long_ago_is_not_said_to_be_on_the_hold_shelf(
    file_store: Store, library: Library
) -> None:
    """The terminal was away for hours: nobody put the item there, and staff are told to."""
    terminal = Terminal()
    terminal.give_back(demo.ITEM_WAITED_FOR, NOW_MINUTES - 300)
    outcome = tell(file_store, library, terminal)[0]
    with file_store.reading() as connection:
        hold = connection.execute(select(t.holds).where(t.holds.c.item == demo.ITEM_WAITED_FOR)).one()

    assert granted(outcome)[1].alert is Alert.HOLD_HERE
    assert outcome.exception == "hold-waits"
    assert not hold.is_on_shelf


def test_an_item_travels_to_the_branch_where_it_is_fetched_and_home_again(
    file_store: Store, library: Library
) -> None:
    """In transit until it is checked in where it belongs; then on the hold shelf, and later in its place."""
    item = demo.ITEM_WAITED_FOR
    for terminal, branch in (("kiosk1", "main"), ("t2", "east")):
        stand_in(file_store, terminal, branch)
    change_item(file_store, item, branch="main")
    with file_store.writing() as connection:
        connection.execute(update(t.holds).where(t.holds.c.item == item).values(pickup_branch="east"))
    here, there = Terminal(), Terminal("t2")
    here.give_back(item, NOW_MINUTES)
    _, sent = granted(tell(file_store, library, here)[0])
    on_its_way = condition(file_store, item)
    there.give_back(item, NOW_MINUTES)
    there.lend(item, demo.READER_WITH_HOLDS, NOW_MINUTES, due=None)
    arrived, lent = tell(file_store, library, there)
    there.give_back(item, NOW_MINUTES)
    _, home = granted(tell(file_store, library, there, first=3)[0])

    assert (sent.alert, sent.destination, on_its_way) == (Alert.HOLD_AT_BRANCH, "east", "in-transit")
    assert granted(arrived)[1].alert is Alert.HOLD_HERE
    assert isinstance(lent.answer, Granted)
    assert (home.alert, home.destination, home.home) == (Alert.OTHER_BRANCH, "main", "main")
    assert condition(file_store, item) == "in-transit"
    with file_store.writing() as connection:
        check_in(connection, library, ItemId(item), "kiosk1")
    assert condition(file_store, item) == "in-place"


@pytest.mark.parametrize("was", ["lost", "missing"])
def test_what_was_lost_and_comes_back_is_found(file_store: Store, library: Library, was: str) -> None:
    """It can be lent again, goes to staff, and they see to what was charged for it."""
    change_item(file_store, demo.ITEM_OVERDUE, condition=was)
    terminal = Terminal()
    terminal.give_back(demo.ITEM_OVERDUE, NOW_MINUTES)
    outcome = tell(file_store, library, terminal)[0]
    with file_store.reading() as connection:
        (case,) = list_exceptions(connection)

    assert granted(outcome)[1].alert is Alert.OTHER
    assert (case.kind.value, case.patron) == ("item-found", PatronId(demo.READER_OVERDUE))
    assert condition(file_store, demo.ITEM_OVERDUE) == "in-place"


@pytest.mark.parametrize(
    ("item", "alert", "told", "sort_bin"),
    [
        (demo.ITEM_DAMAGED, Alert.OTHER, "damaged", ""),
        (demo.ITEM_WITHDRAWN, Alert.OTHER, "", ""),
        (demo.ITEM_NEW, None, "new", ""),
        (demo.ITEM_CD, None, "", "3"),
        (demo.ITEM_PICTURE_BOOK, None, "", "2"),
    ],
)
def test_items_are_sorted_by_what_they_are(
    file_store: Store, library: Library, item: str, alert: Alert | None, told: str, sort_bin: str
) -> None:
    """Damaged, withdrawn and new items go apart; the bin is that of the item's type."""
    terminal = Terminal()
    terminal.give_back(item, NOW_MINUTES)
    _, back = granted(tell(file_store, library, terminal)[0])

    assert (back.alert, back.condition, back.sort_bin) == (alert, told, sort_bin)


def test_the_bin_of_a_collection_goes_before_that_of_the_type(file_store: Store, library: Library) -> None:
    """A library may sort children's books apart whatever type they are."""
    with file_store.writing() as connection:
        connection.execute(update(t.collections).values(sort_bin="9"))
    terminal = Terminal()
    terminal.give_back(FREE[0], NOW_MINUTES)

    assert granted(tell(file_store, library, terminal)[0])[1].sort_bin == "9"
