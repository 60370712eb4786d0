"""Many terminals at once, on both databases: what may happen once happens once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation import lending, returning
from sync.central.circulation.facts import report_patron
from sync.central.circulation.lending import Lent, NotLent, Wish
from sync.central.circulation.library import Library
from sync.central.faces.rest.once import Reply, once
from sync.central.faces.rest.tokens import Asker
from sync.central.store.store import Store
from sync.entries import ItemId, PatronId, Reason

THREADS = 12
PATRONS = (
    demo.READER,
    demo.READER_ENGLISH,
    demo.READER_STUDENT,
    demo.READER_STAFF,
    demo.READER_SENIOR,
    demo.READER_RARE_NAME,
)


def lend(store: Store, library: Library, item: str, patron: str) -> Lent | NotLent:
    with store.writing() as connection:
        return lending.lend(connection, library, Wish(ItemId(item), PatronId(patron), "kiosk1"))


def test_one_item_asked_for_by_many_is_lent_once(store: Store, library: Library) -> None:
    """Of all readers who ask for the same item at the same moment exactly one gets it, for every item."""
    for item in demo.ITEMS_FREE:
        with ThreadPoolExecutor(THREADS) as pool:
            outcomes = list(pool.map(partial(lend, store, library, item), PATRONS * 2))

        lent = [outcome for outcome in outcomes if isinstance(outcome, Lent)]
        reasons = {outcome.reason for outcome in outcomes if isinstance(outcome, NotLent)}
        assert len(lent) == 1
        # The one who got it asked twice.
        assert reasons <= {Reason.ITEM_ON_LOAN_TO_OTHER, Reason.ALREADY_YOURS}


def test_the_limit_holds_when_every_terminal_asks_at_once(store: Store, library: Library) -> None:
    """A child with four of five items who asks for eight at once gets one."""
    with store.writing() as connection:
        report = report_patron(connection, library, PatronId(demo.READER_AT_LIMIT))
        assert report is not None
        returning.check_in(connection, library, report.loans[0].item, "kiosk1")
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(
            pool.map(lambda item: lend(store, library, item, demo.READER_AT_LIMIT), demo.ITEMS_FREE)
        )

    assert sum(isinstance(outcome, Lent) for outcome in outcomes) == 1


def test_lending_and_returning_at_once_never_stop_each_other(store: Store, library: Library) -> None:
    """Readers exchanging the same few items at the same moment all get an answer; at the end the books agree."""

    def exchange(number: int) -> str:
        item = demo.ITEMS_FREE[number % 3]
        outcome = lend(store, library, item, PATRONS[number % len(PATRONS)])
        with store.writing() as connection:
            closed = returning.check_in(connection, library, ItemId(item), "kiosk1").closed
        return f"{isinstance(outcome, Lent)}{closed is not None}"

    with ThreadPoolExecutor(THREADS) as pool:
        found = Counter(pool.map(exchange, range(60)))

    lent = sum(count for kind, count in found.items() if kind.startswith("True"))
    closed = sum(count for kind, count in found.items() if kind.endswith("True"))
    assert lent == closed > 0


def test_a_write_with_one_key_happens_once_however_often_it_comes_at_once(
    store: Store, library: Library
) -> None:
    """Twelve copies of a request at the same moment do its work once, and all get the same answer."""
    asker = Asker("kiosk1", Secret("t" * 20))
    done: list[int] = []

    def repeat(number: int) -> Reply:
        def do(connection: object) -> Reply:
            done.append(number)
            return Reply(201, f"done by {number}")

        return once(store, library, asker, "key-00000001", "request", do)

    with ThreadPoolExecutor(THREADS) as pool:
        replies = set(pool.map(repeat, range(THREADS)))

    assert len(done) == 1
    assert replies == {Reply(201, f"done by {done[0]}")}
