"""Lending, renewing and checking in over the demo library, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from drivers.link.memory import VirtualClock
from sync.central import demo
from sync.central.circulation import lending, returning
from sync.central.circulation.facts import report_item, report_patron
from sync.central.circulation.lending import Lent, NotLent, Wish
from sync.central.circulation.library import Library
from sync.central.store import queries
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import ItemId, Money, PatronId, Reason

FREE = demo.ITEMS_FREE


def ask(
    store: Store,
    library: Library,
    item: str,
    patron: str = demo.READER,
    *,
    fee_consented: bool = False,
    renew_own: bool = False,
    terminal: str = "kiosk1",
) -> Lent | NotLent:
    wish = Wish(ItemId(item), PatronId(patron), terminal, fee_consented, renew_own)
    with store.writing() as connection:
        return lending.lend(connection, library, wish)


def renew(store: Store, library: Library, item: str, patron: str, **rest: bool) -> Lent | NotLent:
    with store.writing() as connection:
        return lending.renew(connection, library, Wish(ItemId(item), PatronId(patron), "kiosk1", **rest))


def give_back(
    store: Store, library: Library, item: str, terminal: str = "kiosk1", *, is_undo: bool = False
) -> returning.CheckedIn:
    with store.writing() as connection:
        return returning.check_in(connection, library, ItemId(item), terminal, is_undo=is_undo)


def owed(store: Store, library: Library, patron: str = demo.READER) -> int:
    with store.reading() as connection:
        report = report_patron(connection, library, PatronId(patron))
    assert report is not None
    return report.owed.minor_units


REFUSED = [
    (demo.ITEM_REFERENCE, demo.READER, Reason.ITEM_REFERENCE),
    (demo.ITEM_SPECIAL, demo.READER, Reason.ITEM_SPECIAL_COLLECTION),
    (demo.ITEM_SERIES, demo.READER, Reason.ITEM_LARGE_SERIES),
    (demo.ITEM_PERIODICAL, demo.READER, Reason.ITEM_NOT_FOR_LOAN),
    (demo.ITEM_LOST, demo.READER, Reason.ITEM_LOST),
    (demo.ITEM_IN_TRANSIT, demo.READER, Reason.ITEM_IN_TRANSIT),
    (demo.ITEM_DAMAGED, demo.READER, Reason.ITEM_DAMAGED),
    (demo.ITEM_WITHDRAWN, demo.READER, Reason.ITEM_WITHDRAWN),
    (demo.ITEM_ON_LOAN, demo.READER, Reason.ITEM_ON_LOAN_TO_OTHER),
    (demo.ITEM_ON_HOLD_FOR_OTHER, demo.READER, Reason.ITEM_ON_HOLD_FOR_OTHER),
    (demo.ITEM_WAITED_FOR, demo.READER, Reason.ITEM_ON_HOLD_FOR_OTHER),
    (demo.ITEM_ON_HOLD_FOR_DEMO_READER, demo.READER_ENGLISH, Reason.ITEM_ON_HOLD_FOR_OTHER),
    (demo.ITEM_AGE_16, demo.READER_CHILD, Reason.ITEM_AGE_RATING),
    (demo.ITEM_WITH_FEE, demo.READER_CHILD, Reason.ITEM_NOT_FOR_LOAN),
    (demo.ITEM_WITH_FEE, demo.READER, Reason.FEE_NEEDS_CONSENT),
    (FREE[0], demo.READER_BLOCKED, Reason.PATRON_BLOCKED),
    (FREE[0], demo.READER_BLOCKED_BY_STAFF, Reason.PATRON_BLOCKED),
    (FREE[0], demo.READER_EXPIRED, Reason.PATRON_EXPIRED),
    (FREE[0], demo.READER_CARD_LOST, Reason.CARD_LOST),
    (FREE[0], demo.READER_AT_LIMIT, Reason.LIMIT_REACHED),
    (FREE[0], demo.READER_OWES, Reason.FEES_OWED),
    (FREE[0], demo.READER_OVERDUE, Reason.LOANS_OVERDUE),
    (FREE[0], "20999999999999", Reason.PATRON_UNKNOWN),
    ("30999999999999", demo.READER, Reason.ITEM_UNKNOWN),
]


def test_every_case_of_the_demo_library_is_refused_for_its_own_reason(store: Store, library: Library) -> None:
    """Each notable item and card of the demo gives exactly the reason its README promises, and lends nothing."""
    found = [(item, patron, ask(store, library, item, patron)) for item, patron, _ in REFUSED]

    assert [
        (item, patron, outcome.reason if isinstance(outcome, NotLent) else outcome)
        for item, patron, outcome in found
    ] == REFUSED
    with store.reading() as connection:
        assert queries.open_loan_of_item(connection, ItemId(FREE[0])) is None


def test_a_loan_is_on_the_readers_account_and_due_on_an_open_day(store: Store, library: Library) -> None:
    """What is granted is what the account shows afterwards; the day is never a Monday, when the library is closed."""
    outcome = ask(store, library, FREE[0])

    assert isinstance(outcome, Lent)
    assert outcome.loan.due_on == date(2026, 4, 1)
    assert not outcome.is_renewed
    with store.reading() as connection:
        report = report_patron(connection, library, PatronId(demo.READER))
    assert report is not None
    assert [loan.item for loan in report.loans] == [FREE[0]]


@pytest.mark.parametrize(("days_on", "due"), [(6, date(2026, 4, 7)), (5, date(2026, 4, 5))])
def test_a_due_day_moves_past_the_weekly_closing(
    store: Store, library: Library, clock: VirtualClock, days_on: int, due: date
) -> None:
    """A loan whose period ends on a closed Monday is due on Tuesday; on a Sunday it stays."""
    clock.wait((days_on - 1) * 86_400)

    outcome = ask(store, library, FREE[0])

    assert isinstance(outcome, Lent)
    assert outcome.loan.due_on == due


def test_the_library_decides_which_day_it_is(store: Store, clock: VirtualClock) -> None:
    """At 17:00 UTC it is the next day in Shanghai, and loans count from there."""
    clock.wait(8 * 3600)

    outcome = ask(store, Library(clock, "CNY", zone=ZoneInfo("Asia/Shanghai")), FREE[0])

    assert isinstance(outcome, Lent)
    assert outcome.loan.due_on == date(2026, 4, 2)


def test_ones_own_loan_is_never_renewed_silently(store: Store, library: Library) -> None:
    """A second checkout is refused as the reader's own, and renewed only where the terminal asks for that."""
    ask(store, library, FREE[0])

    again = ask(store, library, FREE[0])
    renewed = ask(store, library, FREE[0], renew_own=True)

    assert isinstance(again, NotLent)
    assert again.reason is Reason.ALREADY_YOURS
    assert isinstance(renewed, Lent)
    assert renewed.is_renewed
    assert renewed.loan.renewals == 1


def test_renewals_end_where_the_library_says(store: Store, library: Library) -> None:
    """A loan can be renewed twice, each time for a whole period, and then not again."""
    ask(store, library, FREE[0])
    outcomes = [renew(store, library, FREE[0], demo.READER) for _ in range(3)]

    days = [outcome.loan.due_on for outcome in outcomes if isinstance(outcome, Lent)]
    assert days == [date(2026, 5, 1), date(2026, 5, 31)]
    assert isinstance(outcomes[2], NotLent)
    assert outcomes[2].reason is Reason.RENEWAL_LIMIT


def test_a_renewal_that_cannot_be_says_why(store: Store, library: Library) -> None:
    """Not on loan, somebody else's, exhausted, overdue: each is refused as itself."""
    found = [
        renew(store, library, item, patron)
        for item, patron in (
            (FREE[0], demo.READER),
            (demo.ITEM_ON_LOAN, demo.READER),
            (demo.ITEM_RENEWED_OUT, demo.READER_WITH_LOAN),
            (demo.ITEM_OVERDUE, demo.READER_OVERDUE),
        )
    ]

    assert [outcome.reason for outcome in found if isinstance(outcome, NotLent)] == [
        Reason.NOT_ON_LOAN,
        Reason.ITEM_ON_LOAN_TO_OTHER,
        Reason.RENEWAL_LIMIT,
        Reason.LOANS_OVERDUE,
    ]


def test_a_loan_that_somebody_waits_for_is_not_renewed(
    store: Store, library: Library, clock: VirtualClock
) -> None:
    """Another reader's hold stops the renewal; the borrower's own hold does not."""
    row = {"item": demo.ITEM_ON_LOAN, "placed_at": clock.now(), "is_on_shelf": False, "pickup_location": ""}
    with store.writing() as connection:
        connection.execute(insert(t.holds).values(row | {"patron": demo.READER_WITH_LOAN}))
    mine = renew(store, library, demo.ITEM_ON_LOAN, demo.READER_WITH_LOAN)
    with store.writing() as connection:
        connection.execute(insert(t.holds).values(row | {"patron": demo.READER}))
    theirs = renew(store, library, demo.ITEM_ON_LOAN, demo.READER_WITH_LOAN)

    assert isinstance(mine, Lent)
    assert isinstance(theirs, NotLent)
    assert theirs.reason is Reason.ITEM_ON_HOLD_FOR_OTHER


def test_ones_own_hold_lends_and_is_served_by_it(store: Store, library: Library) -> None:
    """A reader who waits for an item gets it, and waits no longer."""
    outcome = ask(store, library, demo.ITEM_ON_HOLD_FOR_DEMO_READER)

    assert isinstance(outcome, Lent)
    with store.reading() as connection:
        assert queries.open_holds_of_patron(connection, PatronId(demo.READER)) == ()


def test_a_loan_taken_back_leaves_neither_fee_nor_lost_hold(store: Store, library: Library) -> None:
    """When the tag could not be released and the loan is undone, the fee is not owed and the hold is open again."""
    refused = ask(store, library, demo.ITEM_WITH_FEE)
    lent = ask(store, library, demo.ITEM_WITH_FEE, fee_consented=True)
    ask(store, library, demo.ITEM_ON_HOLD_FOR_DEMO_READER)
    owed_meanwhile = owed(store, library)

    film = give_back(store, library, demo.ITEM_WITH_FEE)
    book = give_back(store, library, demo.ITEM_ON_HOLD_FOR_DEMO_READER, "kiosk9", is_undo=True)

    assert isinstance(refused, NotLent)
    assert refused.fee == Money(200, "CNY")
    assert isinstance(lent, Lent)
    assert lent.fee == Money(200, "CNY")
    assert (owed_meanwhile, owed(store, library)) == (200, 0)
    assert film.is_undone
    assert book.is_undone
    assert book.hold is not None
    assert book.hold.patron == PatronId(demo.READER)


def test_a_real_return_keeps_the_fee(store: Store, library: Library, clock: VirtualClock) -> None:
    """A film that was taken home and came back was lent, and its fee stays owed."""
    ask(store, library, demo.ITEM_WITH_FEE, fee_consented=True)
    clock.wait(6 * 60)

    outcome = give_back(store, library, demo.ITEM_WITH_FEE)

    assert not outcome.is_undone
    assert owed(store, library) == 200


def test_a_return_is_never_refused(store: Store, library: Library) -> None:
    """Not on loan, unknown, lost: each return has an answer, and what was not on loan changes nothing."""
    idle, unknown, lost = (
        give_back(store, library, item) for item in (FREE[0], "30999999999999", demo.ITEM_LOST)
    )

    assert (idle.item is not None, idle.closed) == (True, None)
    assert unknown.item is None
    assert lost.item is not None


def test_a_clock_that_went_back_never_closes_a_loan_before_it_began(
    store: Store, library: Library, clock: VirtualClock
) -> None:
    """A return at an earlier wall time is dated to the beginning of the loan."""
    ask(store, library, FREE[0])
    lent_at = clock.now()
    clock.jump_wall(-86_400)

    outcome = give_back(store, library, FREE[0])

    assert outcome.closed is not None
    assert outcome.closed.closed_at == lent_at


def test_what_comes_back_and_is_waited_for_says_so(store: Store, library: Library) -> None:
    """A returned item that somebody waits for names the next one in line."""
    outcome = give_back(store, library, demo.ITEM_WAITED_FOR)

    assert outcome.hold is not None
    assert outcome.hold.patron == PatronId(demo.READER_WITH_HOLDS)


def test_a_block_that_was_lifted_lends_again(store: Store, library: Library, clock: VirtualClock) -> None:
    """Blocks count from when they are set until they are lifted."""
    with store.writing() as connection:
        connection.execute(t.blocks.update().values(lifted_at=clock.now() + timedelta(hours=1)))
    before = ask(store, library, FREE[0], demo.READER_BLOCKED_BY_STAFF)
    clock.wait(3600)
    after = ask(store, library, FREE[0], demo.READER_BLOCKED_BY_STAFF)

    assert isinstance(before, NotLent)
    assert isinstance(after, Lent)


def test_the_limit_for_one_type_counts_that_type_only(store: Store, library: Library) -> None:
    """Two films are the limit; a third is refused while a book is still lent."""
    with store.writing() as connection:
        connection.execute(t.items.update().where(t.items.c.number.in_(FREE[:2])).values(item_type="film"))
    films = [ask(store, library, item, fee_consented=True) for item in (demo.ITEM_WITH_FEE, FREE[0], FREE[1])]
    book = ask(store, library, FREE[2])

    assert [type(film) for film in films] == [Lent, Lent, NotLent]
    assert isinstance(book, Lent)


def test_an_item_tells_what_it_is(store: Store) -> None:
    """Reference works say why they stay, multi-part items how many parts they have, others nothing against them."""
    with store.reading() as connection:
        reference, parts, film = (
            report_item(connection, ItemId(number))
            for number in (demo.ITEM_REFERENCE, demo.ITEM_THREE_PARTS, demo.ITEM_WITH_FEE)
        )

    assert reference is not None
    assert parts is not None
    assert film is not None
    assert reference.refusal is Reason.ITEM_REFERENCE
    assert (parts.item.parts, parts.refusal) == (3, None)
    assert film.item.checkout_fee_minor == 200
