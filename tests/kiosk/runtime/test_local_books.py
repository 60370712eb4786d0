"""The terminal's own books: snapshot and journal together, in what they say and in what they forget."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from drivers.link.memory import VirtualClock
from drivers.masked import Secret
from kiosk.runtime.books_pump import BooksPump, Inquire, Renewed, Wrote
from kiosk.runtime.local_books import LocalBooks
from kiosk.runtime.snapshots import SnapshotPump, SnapshotUnusable
from kiosk.workflow.events import NotTold, SnapshotCame, ToldHere
from sync.entries import (
    Answer,
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    GiveBack,
    Granted,
    Intended,
    ItemId,
    Lend,
    PatronId,
    PinRefused,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Restored,
    Secured,
    SecureFailed,
    SecureIntended,
    ServerClock,
    Settled,
    Settlement,
    Silence,
    TagBits,
)
from sync.questions import (
    AboutPatron,
    LendingFacts,
    MayLend,
    NewsFor,
    NewsKind,
    PatronFacts,
    PatronNews,
)
from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.snapshot.content import Snapshot
from tests.kit import library
from tests.kit.library import BOOKS, ISSUED_AT, LOANS_MAX, OTHER, READER
from tests.kit.recording import KeptLog

NOW = ISSUED_AT + timedelta(hours=1)
DUE = Due(date(2026, 3, 30))
BITS = (TagBits("E0", 7),)
POLICY = OfflinePolicy(OfflineLending.WITHIN_LIMITS)


class Books:
    """Local books whose rows are written by hand."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.clock = VirtualClock(NOW)
        self.local = LocalBooks(POLICY, self.clock)
        self.local.snapshot = snapshot or library.snapshot()
        self.count = 0

    def lend(self, item: ItemId, patron: PatronId = READER, *more: EntryRow) -> EntryKey:
        """The terminal lends *item* by itself."""
        self.count += 1
        key = EntryKey("e1", 1, self.count, 1)
        self.local.follow(
            [
                Intended(key, NOW, Lend(item, patron, NOW)),
                Promised(key, NOW, DUE, ISSUED_AT),
                ReleaseIntended(key, NOW, (TagBits("E0", 7),)),
                *more,
            ]
        )
        return key

    def released(self, key: EntryKey) -> None:
        self.local.follow([Released(key, NOW, (TagBits("E0", 0xC2),))])

    def answered(self, key: EntryKey, answer: Answer) -> None:
        self.local.follow([Answered(key, NOW, answer)])

    def may_lend(self, item: ItemId, patron: PatronId = READER) -> LendingFacts:
        facts = self.local.told(MayLend(item, patron))
        assert isinstance(facts, LendingFacts)
        return facts

    def news(self, patron: PatronId = READER) -> PatronNews:
        facts = self.local.told(NewsFor(patron))
        assert isinstance(facts, PatronNews)
        return facts

    def about(self, pin: str | None = None, patron: PatronId = READER) -> PatronFacts:
        facts = self.local.told(AboutPatron(patron, None if pin is None else Secret(pin)))
        assert isinstance(facts, PatronFacts)
        return facts

    def give_back(self, item: ItemId, *more: type[EntryRow]) -> EntryKey:
        """*item* is brought here; *more* kinds of rows follow what is intended."""
        self.count += 1
        key = EntryKey("e1", 1, self.count, 1)
        self.local.follow([Intended(key, NOW, GiveBack(item, NOW)), SecureIntended(key, NOW, BITS)])
        rows: dict[type[EntryRow], EntryRow] = {
            Secured: Secured(key, NOW, BITS),
            SecureFailed: SecureFailed(key, NOW, (), "write-refused"),
            CaseOpened: CaseOpened(key, NOW, CaseReason.RETURN_UNKNOWN),
            Answered: Answered(key, NOW, Refused(Reason.ITEM_UNKNOWN)),
            Restored: Restored(key, NOW, BITS),
            Settled: Settled(key, NOW, Settlement.DONE),
        }
        self.local.follow([rows[kind] for kind in more])
        return key


@pytest.fixture
def books() -> Books:
    return Books()


def test_the_snapshot_says_until_when(books: Books) -> None:
    """An item of the library is lent for as long as central would lend it, dated with the snapshot."""
    facts = books.may_lend(BOOKS[0])

    assert (facts.refusal, facts.due, facts.snapshot_at) == (None, DUE, ISSUED_AT)


def test_a_wall_clock_that_jumps_moves_no_due_date(books: Books) -> None:
    """Once the server's clock was read, what is promised goes by it, however the wall clock is set afterwards."""
    books.local.follow([ServerClock(NOW, 0.0, NOW)])
    books.clock.jump_wall(timedelta(days=365).total_seconds())
    books.clock.wait(60)

    facts = books.may_lend(BOOKS[0])

    assert (facts.refusal, facts.due) == (None, DUE)


def test_a_clock_that_was_never_compared_is_believed(books: Books) -> None:
    """Before the server told its time there is no other than the terminal's own: a day later, a day later due."""
    books.clock.jump_wall(timedelta(days=1).total_seconds())

    assert books.may_lend(BOOKS[0]).due == Due(date(2026, 3, 31))


def test_without_a_snapshot_only_the_journal_speaks(books: Books) -> None:
    """Who asks what only central knows is not told; what became of earlier loans is."""
    books.lend(BOOKS[0])
    books.local.snapshot = None

    assert books.local.told(MayLend(BOOKS[1], READER)) is None
    assert books.local.told(AboutPatron(READER)) is None
    assert books.news().provisional == (BOOKS[0],)


def test_what_the_terminal_lent_itself_counts_against_the_limit(books: Books) -> None:
    """Nobody gets more than their limit by coming back while the server is away."""
    for item in BOOKS[:LOANS_MAX]:
        assert books.may_lend(item).refusal is None
        books.released(books.lend(item))

    assert books.may_lend(BOOKS[LOANS_MAX]).refusal is Reason.LIMIT_REACHED
    assert books.about().loan_count == LOANS_MAX
    assert books.may_lend(BOOKS[LOANS_MAX], OTHER).refusal is None


def test_a_book_nobody_saw_leave_counts_as_lent(books: Books) -> None:
    """Taken away in the middle of its release: it may be with the reader, so it is on the account and nobody else's."""
    for item in BOOKS[:LOANS_MAX]:
        key = books.lend(item)
        books.local.follow(
            [
                ReleaseFailed(key, NOW, (), "taken-away"),
                CaseOpened(key, NOW, CaseReason.RELEASE_UNKNOWN, "taken-away, 0 tags read"),
            ]
        )

    assert books.may_lend(BOOKS[LOANS_MAX]).refusal is Reason.LIMIT_REACHED
    assert books.may_lend(BOOKS[0], OTHER).refusal is Reason.ITEM_ON_LOAN_TO_OTHER
    assert books.news().provisional == tuple(BOOKS[:LOANS_MAX])


def test_a_book_that_staff_took_back_is_free_again(books: Books) -> None:
    """Its case was closed at the desk, whatever the server will say of the loan."""
    key = books.lend(BOOKS[0])
    books.local.follow(
        [
            ReleaseFailed(key, NOW, (), "taken-away"),
            CaseOpened(key, NOW, CaseReason.RELEASE_UNKNOWN),
            CaseClosed(key, NOW, "desk", CaseEnd.RETURNED_AT_DESK),
        ]
    )

    assert books.may_lend(BOOKS[0], OTHER).refusal is None
    assert books.news().provisional == ()


@pytest.mark.parametrize(
    "ending",
    [
        lambda key: (Released(key, NOW, ()), Answered(key, NOW, Refused(Reason.PATRON_BLOCKED))),
        lambda key: (ReleaseFailed(key, NOW, (), "write-refused"),),
        lambda key: (
            ReleaseFailed(key, NOW, (), "write-refused"),
            Answered(key, NOW, Refused(Reason.NOT_DONE)),
            Settled(key, NOW, Settlement.NOT_DONE),
        ),
    ],
)
def test_what_never_became_a_loan_does_not_count(books: Books, ending: object) -> None:
    """A refused loan, and one whose item stayed, leave the limit as it was."""
    assert callable(ending)
    for item in BOOKS[:LOANS_MAX]:
        books.local.follow(ending(books.lend(item)))

    assert books.may_lend(BOOKS[LOANS_MAX]).refusal is None


def test_a_loan_that_central_counted_already_is_counted_once(books: Books) -> None:
    """A snapshot made after the loan reached central has it, and so has the journal until it is settled."""
    key = books.lend(BOOKS[0])
    books.answered(key, Granted(DUE))
    books.local.snapshot = library.snapshot(2, extract=library.lent_to(READER, BOOKS[0]))

    assert books.about().loan_count == 1


def test_an_item_is_not_lent_to_two_readers(books: Books) -> None:
    """What this terminal lent and did not take back is somebody's, whatever the snapshot says."""
    books.released(books.lend(BOOKS[0], OTHER))

    assert books.may_lend(BOOKS[0]).refusal is Reason.ITEM_ON_LOAN_TO_OTHER
    assert books.may_lend(BOOKS[0], OTHER).refusal is Reason.ALREADY_YOURS


def test_a_pin_is_judged_by_the_snapshots_verifier(books: Books) -> None:
    """Right and wrong are told apart; where there is no verifier nothing is verified; unasked nothing is judged."""
    assert books.about(library.PIN).is_pin_right is True
    assert books.about("4321").is_pin_right is False
    assert books.about(library.PIN, OTHER).is_pin_right is None
    assert books.about().is_pin_right is None


def test_a_card_that_is_not_in_the_snapshot_is_not_known(books: Books) -> None:
    """Made since, or never: without the server that cannot be told apart, and no PIN is judged."""
    assert not books.about(library.PIN, PatronId("20999000099999")).is_known


def test_the_reader_hears_of_a_refusal_until_staff_settled_it(books: Books) -> None:
    """News of a loan that was not confirmed stand at every visit until its case is closed, and then never again."""
    key = books.lend(BOOKS[0])
    books.released(key)
    assert books.news().provisional == (BOOKS[0],)

    books.answered(key, Refused(Reason.PATRON_BLOCKED, "A Title"))
    books.local.follow([CaseOpened(key, NOW, CaseReason.LOAN_REFUSED), Settled(key, NOW, Settlement.CASE)])
    assert [news.kind for news in books.news().news] == [NewsKind.NOT_CONFIRMED]
    assert books.news().provisional == ()

    books.local.follow([CaseClosed(key, NOW, "Li", CaseEnd.RETURNED_AT_DESK)])
    assert books.news() == PatronNews(READER)
    assert len(books.local) == 0


def test_the_reader_hears_of_another_due_date(books: Books) -> None:
    """The day that was promised and the day that holds are both told."""
    key = books.lend(BOOKS[0])
    books.answered(key, Granted(Due(date(2026, 3, 20)), "A Title"))
    books.local.follow([CaseOpened(key, NOW, CaseReason.DUE_DIFFERS), Settled(key, NOW, Settlement.CASE)])

    [news] = books.news().news
    assert (news.kind, news.promised, news.due) == (NewsKind.DUE_CHANGED, DUE, Due(date(2026, 3, 20)))


def test_nobody_hears_of_another_readers_loans(books: Books) -> None:
    """News are for the one whose loan it is."""
    books.answered(books.lend(BOOKS[0], OTHER), Refused(Reason.PATRON_BLOCKED))

    assert books.news() == PatronNews(READER)


def test_what_is_settled_is_forgotten(books: Books) -> None:
    """A year of loans leaves nothing in memory, neither of items nor of patrons; other rows are no loans."""
    before = len(books.local)
    for number in range(1000):
        key = books.lend(ItemId(f"31{number:012}"), PatronId(f"21{number:012}"))
        books.released(key)
        books.answered(key, Silence("deadline"))
        books.answered(key, Granted(DUE))
        books.local.follow([Settled(key, NOW, Settlement.DONE)])
    books.local.follow([ServerClock(NOW, 1.0, NOW), PinRefused(NOW, READER)])

    assert len(books.local) == before
    assert not books.local._of_patron
    assert not books.local._of_item


def test_books_begin_with_what_the_journal_holds(books: Books) -> None:
    """After a restart the same is known as before it."""
    keys = [books.lend(item) for item in BOOKS[:LOANS_MAX]]
    entries = [books.local._loans[key] for key in keys]
    again = LocalBooks(POLICY, books.clock)
    again.remember(entries)
    again.snapshot = books.local.snapshot

    assert again.told(MayLend(BOOKS[4], READER)) == books.local.told(MayLend(BOOKS[4], READER))
    assert again.told(NewsFor(READER)) == books.news()


class Pumped:
    """The pump of the books, turned by hand."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.log = KeptLog()
        self.told: list[ToldHere | NotTold | SnapshotCame] = []
        self.pump = BooksPump(
            LocalBooks(POLICY, VirtualClock(NOW)), self.told.append, log=self.log, idle=self.clock.wait
        )


def test_a_question_is_answered_with_what_was_written_before_it() -> None:
    """Rows and questions keep their order: the book just lent counts."""
    bench = Pumped()
    key = EntryKey("e1", 1, 1, 1)
    rows = (Intended(key, NOW, Lend(BOOKS[0], READER, NOW)), Promised(key, NOW, DUE, ISSUED_AT))
    bench.pump.order(Renewed(library.snapshot()))
    bench.pump.order(Wrote(rows))
    bench.pump.order(Inquire(7, NewsFor(READER)))

    bench.pump.turn()

    assert bench.told == [
        SnapshotCame(ISSUED_AT),
        ToldHere(7, PatronNews(READER, (), (BOOKS[0],))),
    ]


def test_a_question_nobody_can_answer_is_answered_so() -> None:
    """Without a snapshot, and when the books fail, the session is told that nothing is known, and the log why."""
    bench = Pumped()
    bench.pump.order(Inquire(7, MayLend(BOOKS[0], READER)))
    bench.pump.turn()
    bench.pump.order(Inquire(8, "no question"))  # type: ignore[arg-type]
    bench.pump.turn()

    assert bench.told == [NotTold(7), NotTold(8)]
    assert bench.log.sentences("failure") == ["the terminal's own books failed"]


class Shelf:
    """`Source` that gives, or refuses, what is laid on it."""

    def __init__(self) -> None:
        self.found: list[Snapshot | SnapshotUnusable] = []
        self.looks = 0

    def newest(self) -> Snapshot | None:
        self.looks += 1
        found = self.found.pop(0) if self.found else None
        if isinstance(found, SnapshotUnusable):
            raise found
        return found


def test_snapshots_are_looked_for_at_once_and_then_now_and_again() -> None:
    """What is found goes into the books; a refused one is said once and changes nothing."""
    clock, log, shelf = VirtualClock(), KeptLog(), Shelf()
    renewed: list[Renewed] = []
    pump = SnapshotPump(shelf, renewed.append, look_seconds=60, clock=clock, log=log)
    first = library.snapshot()
    shelf.found += [
        first,
        SnapshotUnusable("sealed for another terminal"),
        SnapshotUnusable("sealed for another terminal"),
    ]

    pump.turn()
    assert renewed == [Renewed(first)]
    until = clock.monotonic() + 130
    while clock.monotonic() < until:
        pump.turn()

    assert shelf.looks == 3
    assert renewed == [Renewed(first)]
    assert log.sentences("error") == ["a snapshot cannot be used: the one before it stays"]


def test_an_old_moment_is_no_reason_to_look_again() -> None:
    """Setting the wall clock changes nothing about when the next look is due."""
    clock, shelf = VirtualClock(), Shelf()
    pump = SnapshotPump(shelf, lambda _: None, look_seconds=60, clock=clock, log=KeptLog())
    pump.turn()
    clock.jump_wall(86_400)
    pump.turn()

    assert shelf.looks == 1


# --- What came back here ------------------------------------------------------------------------------------------


def test_an_item_given_back_here_may_be_lent_to_somebody_else(books: Books) -> None:
    """The server has heard of neither the loan nor the return: the item lies here all the same."""
    books.lend(BOOKS[0])
    assert books.may_lend(BOOKS[0], OTHER).refusal is Reason.ITEM_ON_LOAN_TO_OTHER

    books.give_back(BOOKS[0], Secured)

    assert books.may_lend(BOOKS[0], OTHER).refusal is None


def test_what_was_given_back_here_leaves_room_for_more(books: Books) -> None:
    """It is no longer counted, and the reader is not told that they have it."""
    books.lend(BOOKS[0])
    books.lend(BOOKS[1])
    counted = books.about().loan_count
    assert counted is not None

    books.give_back(BOOKS[0], Secured)

    assert books.about().loan_count == counted - 1
    assert books.news().provisional == (BOOKS[1],)


LENT = BOOKS[6]


@pytest.fixture
def with_loan() -> Books:
    """Books whose snapshot has LENT on loan to READER."""
    return Books(library.snapshot(extract=library.lent_to(READER, LENT)))


def test_a_loan_of_the_snapshot_that_came_back_here_leaves_room_too(with_loan: Books) -> None:
    """The server counted it when the snapshot was made; the terminal has seen it since."""
    books = with_loan
    counted = books.about().loan_count
    assert counted is not None

    books.give_back(LENT, Secured)

    assert books.about().loan_count == counted - 1


def test_what_is_lent_again_is_out_again(books: Books) -> None:
    """A return ends the loans before it, not those after it."""
    books.lend(BOOKS[0])
    books.give_back(BOOKS[0], Secured)
    books.lend(BOOKS[0], OTHER)

    assert books.may_lend(BOOKS[0]).refusal is Reason.ITEM_ON_LOAN_TO_OTHER


def test_an_item_that_could_not_be_secured_is_back_all_the_same(books: Books) -> None:
    """Staff have it; the reader is rid of it."""
    books.lend(BOOKS[0])
    books.give_back(BOOKS[0], SecureFailed)
    assert books.may_lend(BOOKS[0], OTHER).refusal is None


@pytest.mark.parametrize(
    "rows",
    [(), (SecureFailed, CaseOpened, Settled)],
    ids=["not secured yet", "taken away again"],
)
def test_an_item_nobody_has_seen_being_secured_is_not_back(
    books: Books, rows: tuple[type[EntryRow], ...]
) -> None:
    """Whoever took it away again has it."""
    books.lend(BOOKS[0])
    books.give_back(BOOKS[0], *rows)
    assert books.may_lend(BOOKS[0], OTHER).refusal is Reason.ITEM_ON_LOAN_TO_OTHER


def test_an_item_that_was_handed_back_is_not_back(with_loan: Books) -> None:
    """It left as it came, so it leaves no room."""
    books = with_loan
    counted = books.about().loan_count
    books.give_back(LENT, Secured, Answered, Restored, Settled)
    assert books.about().loan_count == counted


def test_a_return_the_next_snapshot_knows_is_forgotten(with_loan: Books) -> None:
    """What was told before a snapshot was issued is counted there; what was not is remembered here."""
    books = with_loan
    books.give_back(LENT, Secured, Settled)
    books.give_back(BOOKS[0], Secured)
    snapshot = books.local.snapshot
    assert snapshot is not None
    counted = books.about().loan_count
    assert counted is not None

    books.local.snapshot = replace(snapshot, issued_at=NOW + timedelta(hours=1))

    assert books.about().loan_count == counted + 1
    assert len(books.local._returns) == 1


def test_what_came_back_is_known_after_a_restart(books: Books) -> None:
    """From the journal's open entries, in their order."""
    key, back = books.lend(BOOKS[0]), EntryKey("e1", 1, 9, 1)
    promise = GiveBack(BOOKS[0], NOW)
    rows = (Intended(back, NOW, promise), SecureIntended(back, NOW, BITS), Secured(back, NOW, BITS))
    lent = books.local._loans[key]
    again = Books()

    again.local.remember([lent, Entry(back, promise, rows)])

    assert again.may_lend(BOOKS[0], OTHER).refusal is None
