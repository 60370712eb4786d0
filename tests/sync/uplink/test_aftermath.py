"""What is written about entries whose session is gone, and what start-up makes of what it finds; all of it on a real
journal, so that no sequence of rows is thought of that the journal would refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    Dropped,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Intended,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Promise,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Restored,
    Secured,
    SecureFailed,
    SecureIntended,
    Settled,
    Settlement,
    Silence,
    Strip,
    TagBits,
    UndoLoan,
)
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.uplink.aftermath import Aftermath, aftermath
from sync.uplink.reports import Unclear
from sync.uplink.start_up import (
    Ask,
    FindPayment,
    FinishRelease,
    FinishSecuring,
    Leave,
    Settle,
    at_start,
)
from tests.kit.left_behind import release_unknown, return_unknown
from tests.sync.uplink.samples import (
    ANNA,
    BOOK,
    GRANTED,
    KEEP,
    NOON,
    NOT_DONE,
    REFUSED,
    give_back,
    lend,
    pay,
    renew,
    report_care,
    undo,
)

DARK = Unclear("nothing tells whose loan it is")
TAGS = (TagBits("E004", 0xC2),)
UNKNOWN = Refused(Reason.ITEM_UNKNOWN)


class Book:
    """A real journal, and the keys of its entries."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._numbers = count(1)

    def new_key(self) -> EntryKey:
        return EntryKey(self.journal.epoch, self.journal.boot, next(self._numbers), 1)

    def begin(self, promise: Promise) -> EntryKey:
        key = self.new_key()
        self.journal.append([Intended(key, NOON, promise)])
        return key

    def entry(self, key: EntryKey) -> Entry:
        entry = self.journal.entry(key)
        assert entry is not None
        return entry

    def follow(self, key: EntryKey, outcome: Answer | Unclear) -> Aftermath:
        """Writes what follows from *outcome* for entry *key*."""
        entry = self.entry(key)
        undone = self.entry(entry.promise.undoes) if isinstance(entry.promise, UndoLoan) else None
        after = aftermath(
            entry, outcome, NOON, self.new_key, None if undone is None or undone.is_settled else undone
        )
        self.journal.append(after.rows)
        return after

    def start(self, key: EntryKey) -> object:
        """What start-up does about *key*; what it writes is written."""
        found = at_start(self.entry(key), self.journal.undo_of(key), NOON, self.new_key)
        if isinstance(found, Settle):
            self.journal.append(found.aftermath.rows)
        return found

    def end(self, key: EntryKey) -> Settlement | None:
        return next((row.how for row in self.entry(key).rows if isinstance(row, Settled)), None)

    def case(self, key: EntryKey) -> CaseReason | None:
        return next((row.reason for row in self.entry(key).rows if isinstance(row, CaseOpened)), None)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    journal = Journal.open(tmp_path / "journal.sqlite", JournalKeys.from_secret(bytes(32)), lambda: NOON)
    yield Book(journal)
    assert journal.verify().is_whole
    journal.close()


ENDS: dict[str, tuple[Promise, Answer | Unclear, Settlement | None, CaseReason | None]] = {
    "lend refused": (lend(), REFUSED, Settlement.REFUSED, None),
    "lend not done": (lend(), NOT_DONE, Settlement.NOT_DONE, None),
    "lend unclear": (lend(), DARK, Settlement.CASE, CaseReason.OUTCOME_UNKNOWN),
    "lend held": (lend(), Held(), None, None),
    "lend silence": (lend(), Silence("deadline"), None, None),
    "lend that only renewed": (lend(), replace(GRANTED, renewed=True), Settlement.DONE, None),
    "kept lend granted": (lend(late=KEEP), GRANTED, Settlement.DONE, None),
    "kept lend not done": (lend(late=KEEP), NOT_DONE, None, None),
    "kept lend refused": (lend(late=KEEP), REFUSED, Settlement.CASE, CaseReason.LOAN_REFUSED),
    "renewal granted": (renew(), GRANTED, Settlement.DONE, None),
    "renewal refused": (renew(), REFUSED, Settlement.REFUSED, None),
    "renewal not done": (renew(), NOT_DONE, Settlement.NOT_DONE, None),
    "renewal unclear": (renew(), DARK, Settlement.CASE, CaseReason.OUTCOME_UNKNOWN),
    "report heard": (report_care(), GRANTED, Settlement.DONE, None),
    "report refused": (report_care(), REFUSED, Settlement.REFUSED, None),
    "report of an unknown item": (report_care(), UNKNOWN, Settlement.CASE, CaseReason.CARE_REFUSED),
    "report not done": (report_care(), NOT_DONE, None, None),
}


RETURN_ENDS: dict[str, tuple[Answer | Unclear, Settlement | None, CaseReason | None]] = {
    "granted": (GRANTED, Settlement.DONE, None),
    "no loan there": (Refused(Reason.NOT_ON_LOAN), Settlement.REFUSED, None),
    "unknown item": (UNKNOWN, Settlement.CASE, CaseReason.RETURN_REFUSED),
    "refused": (REFUSED, Settlement.CASE, CaseReason.RETURN_REFUSED),
    "not done": (NOT_DONE, None, None),
    "unclear": (DARK, Settlement.CASE, CaseReason.OUTCOME_UNKNOWN),
    "held": (Held(), None, None),
    "silence": (Silence("deadline"), None, None),
}


@pytest.mark.parametrize("name", RETURN_ENDS)
def test_a_return_without_a_session_is_done_or_before_staff(book: Book, name: str) -> None:
    """The item is here, secured, and the reader is gone: it is told until it is done, or staff hear why it is not."""
    outcome, how, case = RETURN_ENDS[name]
    key = book.begin(give_back())
    book.journal.append([SecureIntended(key, NOON, TAGS), Secured(key, NOON, TAGS)])

    book.follow(key, outcome)

    assert (book.end(key), book.case(key)) == (how, case)


def test_a_return_that_could_not_be_secured_stays_a_case_when_it_is_done(book: Book) -> None:
    """The loan is closed, and the case of its tags stays open for staff."""
    key = book.begin(give_back())
    book.journal.append(
        [
            SecureIntended(key, NOON, TAGS),
            SecureFailed(key, NOON, TAGS, "write-refused"),
            CaseOpened(key, NOON, CaseReason.RETURN_NOT_SECURED),
        ]
    )

    book.follow(key, GRANTED)

    assert (book.end(key), book.case(key)) == (Settlement.CASE, CaseReason.RETURN_NOT_SECURED)
    assert book.entry(key).has_open_case


PAYMENT_ENDS: dict[str, tuple[Answer | Unclear, Settlement | None, CaseReason | None]] = {
    "granted": (GRANTED, Settlement.DONE, None),
    "refused": (Refused(Reason.FEE_GONE), Settlement.CASE, CaseReason.PAYMENT_NOT_POSTED),
    "not done": (NOT_DONE, None, None),
    "unclear": (DARK, Settlement.CASE, CaseReason.PAYMENT_NOT_POSTED),
}


@pytest.mark.parametrize("name", PAYMENT_ENDS)
def test_a_payment_without_a_session_is_posted_or_before_staff(book: Book, name: str) -> None:
    """The money was taken and the reader is gone: it is posted, or staff have the case."""
    outcome, how, case = PAYMENT_ENDS[name]
    key = book.begin(pay())
    book.journal.append([PaymentApproved(key, NOON, "0042")])

    book.follow(key, outcome)

    assert (book.end(key), book.case(key)) == (how, case)


@pytest.mark.parametrize("name", ENDS)
def test_an_entry_without_a_session_ends_as_its_promise_says(book: Book, name: str) -> None:
    """Each outcome of each promise has one end, or none yet; what was told "not lent" and not done is only closed."""
    promise, outcome, how, case = ENDS[name]
    key = book.begin(promise)

    after = book.follow(key, outcome)

    assert (book.end(key), book.case(key), after.entries) == (how, case, ())


def test_a_loan_granted_late_is_undone(book: Book) -> None:
    """A grant that comes when the reader was told "not lent" begins an entry that takes the loan back, in the same
    commit; the loan stays open until that is answered."""
    loan = book.begin(lend())

    after = book.follow(loan, GRANTED)

    (undoing,) = after.entries
    assert undoing.promise == UndoLoan(BOOK, ANNA, NOON, loan)
    assert [entry.key for entry in book.journal.unsettled()] == [loan, undoing.key]
    assert book.follow(undoing.key, GRANTED).entries == ()
    assert (book.end(loan), book.end(undoing.key)) == (Settlement.UNDONE, Settlement.DONE)


UNDOINGS: dict[str, tuple[Answer | Unclear, Settlement | None, Settlement | None, CaseReason | None]] = {
    "done": (GRANTED, Settlement.DONE, Settlement.UNDONE, None),
    "not done": (NOT_DONE, None, None, None),
    "no loan there": (Refused(Reason.NOT_ON_LOAN), Settlement.NOT_DONE, Settlement.UNDONE, None),
    "refused": (REFUSED, Settlement.REFUSED, Settlement.CASE, CaseReason.UNDO_REFUSED),
    "unclear": (DARK, Settlement.CASE, Settlement.CASE, CaseReason.OUTCOME_UNKNOWN),
}


@pytest.mark.parametrize("name", UNDOINGS)
def test_undoing_settles_the_loan_too(book: Book, name: str) -> None:
    """The end of an undoing is the end of its loan; what goes wrong is one case, the loan's."""
    outcome, how, loan_how, case = UNDOINGS[name]
    loan = book.begin(lend())
    book.journal.append([Answered(loan, NOON, GRANTED), ReleaseIntended(loan, NOON, TAGS)])
    book.journal.append([ReleaseFailed(loan, NOON, TAGS, "write-refused")])
    undoing = book.begin(UndoLoan(BOOK, ANNA, NOON, loan))

    book.follow(undoing, outcome)

    assert (book.end(undoing), book.end(loan)) == (how, loan_how)
    assert (book.case(undoing), book.case(loan)) == (None, case)


def test_an_undoing_whose_loan_is_settled_makes_its_own_case(book: Book) -> None:
    """Where the loan was settled before, a refused undoing is a case of its own."""
    loan = book.begin(lend())
    book.journal.append([Answered(loan, NOON, GRANTED), Settled(loan, NOON, Settlement.UNDONE)])
    refused, unclear = (
        book.begin(UndoLoan(BOOK, ANNA, NOON, loan)),
        book.begin(UndoLoan(BOOK, ANNA, NOON, loan)),
    )

    book.follow(refused, REFUSED)
    book.follow(unclear, DARK)

    assert (book.end(refused), book.case(refused)) == (Settlement.CASE, CaseReason.UNDO_REFUSED)
    assert (book.end(unclear), book.case(unclear)) == (Settlement.CASE, CaseReason.OUTCOME_UNKNOWN)


def test_a_long_silence_is_written_once(book: Book) -> None:
    """However often nobody answers, the journal does not grow."""
    key = book.begin(lend())
    for why in ("deadline", "connect", "connect"):
        book.follow(key, Silence(why))
    assert len(book.entry(key).rows) == 2


def test_an_answered_entry_has_no_second_aftermath(book: Book) -> None:
    """A second outcome for an entry that is answered is a fault of the program, never written."""
    key = book.begin(lend())
    book.follow(key, REFUSED)
    with pytest.raises(ValueError, match="answered before"):
        book.follow(key, GRANTED)


# --- At start -----------------------------------------------------------------------------------------------------

Rows = Callable[[EntryKey], list[EntryRow]]


def _failed(key: EntryKey) -> list[EntryRow]:
    return [
        Answered(key, NOON, GRANTED),
        ReleaseIntended(key, NOON, TAGS),
        ReleaseFailed(key, NOON, TAGS, "write-refused"),
    ]


def _secured(key: EntryKey) -> list[EntryRow]:
    return [SecureIntended(key, NOON, TAGS), Secured(key, NOON, TAGS)]


STARTS: dict[str, tuple[Promise, Rows, type, Settlement | None]] = {
    "never answered": (lend(), lambda k: [], Ask, None),
    "silence": (lend(), lambda k: [Answered(k, NOON, Silence("deadline"))], Ask, None),
    "held": (lend(), lambda k: [Answered(k, NOON, Held())], Ask, None),
    "renewal never answered": (renew(), lambda k: [], Ask, None),
    "undoing never answered": (undo(99), lambda k: [], Ask, None),
    "refused": (lend(), lambda k: [Answered(k, NOON, REFUSED)], Settle, Settlement.REFUSED),
    "not done": (lend(), lambda k: [Answered(k, NOON, NOT_DONE)], Settle, Settlement.NOT_DONE),
    "granted, kept": (lend(late=KEEP), lambda k: [Answered(k, NOON, GRANTED)], Settle, Settlement.DONE),
    "renewal granted": (renew(), lambda k: [Answered(k, NOON, GRANTED)], Settle, Settlement.DONE),
    "undoing granted": (undo(99), lambda k: [Answered(k, NOON, GRANTED)], Settle, Settlement.DONE),
    "release open": (
        lend(),
        lambda k: [Answered(k, NOON, GRANTED), ReleaseIntended(k, NOON, TAGS)],
        FinishRelease,
        None,
    ),
    "released": (
        lend(),
        lambda k: [Answered(k, NOON, GRANTED), ReleaseIntended(k, NOON, TAGS), Released(k, NOON, TAGS)],
        Settle,
        Settlement.DONE,
    ),
    "release failed": (lend(), _failed, Settle, Settlement.CASE),
    "report never answered": (report_care(), lambda k: [], Ask, None),
    "return being secured": (give_back(), lambda k: [SecureIntended(k, NOON, TAGS)], FinishSecuring, None),
    "return secured": (give_back(), _secured, Ask, None),
    "return not secured": (
        give_back(),
        lambda k: [
            SecureIntended(k, NOON, TAGS),
            SecureFailed(k, NOON, TAGS, "write-refused"),
            CaseOpened(k, NOON, CaseReason.RETURN_NOT_SECURED),
        ],
        Ask,
        None,
    ),
    "return left away": (
        give_back(),
        lambda k: [
            SecureIntended(k, NOON, TAGS),
            SecureFailed(k, NOON, (), "left the pad"),
            CaseOpened(k, NOON, CaseReason.RETURN_UNKNOWN),
        ],
        Settle,
        Settlement.CASE,
    ),
    "return granted, and not seen to fall": (
        give_back(),
        lambda k: [*_secured(k), Answered(k, NOON, GRANTED)],
        Settle,
        Settlement.CASE,
    ),
    "return granted, and fallen": (
        give_back(),
        lambda k: [*_secured(k), Answered(k, NOON, GRANTED), Dropped(k, NOON, "2")],
        Settle,
        Settlement.DONE,
    ),
    "return refused": (
        give_back(),
        lambda k: [*_secured(k), Answered(k, NOON, UNKNOWN)],
        Settle,
        Settlement.CASE,
    ),
    "return refused and restored": (
        give_back(),
        lambda k: [*_secured(k), Answered(k, NOON, UNKNOWN), Restored(k, NOON, TAGS)],
        Settle,
        Settlement.REFUSED,
    ),
    "return being secured once more, and perhaps told": (
        give_back(),
        lambda k: [
            SecureIntended(k, NOON, TAGS),
            SecureFailed(k, NOON, TAGS, "write-refused"),
            SecureIntended(k, NOON, TAGS),
        ],
        Ask,
        None,
    ),
    "return being secured once more, and granted": (
        give_back(),
        lambda k: [
            SecureIntended(k, NOON, TAGS),
            SecureFailed(k, NOON, TAGS, "write-refused"),
            SecureIntended(k, NOON, TAGS),
            Answered(k, NOON, GRANTED),
        ],
        Settle,
        Settlement.CASE,
    ),
    "payment begun": (pay(), lambda k: [], FindPayment, None),
    "payment approved": (pay(), lambda k: [PaymentApproved(k, NOON, "0042")], Ask, None),
    "payment not made": (
        pay(),
        lambda k: [PaymentNotMade(k, NOON, "declined")],
        Settle,
        Settlement.NOT_DONE,
    ),
    "payment of which nobody can tell": (
        pay(),
        lambda k: [CaseOpened(k, NOON, CaseReason.PAYMENT_UNKNOWN)],
        Settle,
        Settlement.CASE,
    ),
    "payment posted": (
        pay(),
        lambda k: [PaymentApproved(k, NOON, "0042"), Answered(k, NOON, GRANTED)],
        Settle,
        Settlement.DONE,
    ),
    "payment refused": (
        pay(),
        lambda k: [PaymentApproved(k, NOON, "0042"), Answered(k, NOON, REFUSED)],
        Settle,
        Settlement.CASE,
    ),
    "payment given back": (
        pay(),
        lambda k: [
            PaymentApproved(k, NOON, "0042"),
            Answered(k, NOON, REFUSED),
            PaymentReversed(k, NOON, "0043"),
        ],
        Settle,
        Settlement.UNDONE,
    ),
    "case opened": (
        lend(),
        lambda k: [*_failed(k), CaseOpened(k, NOON, CaseReason.RELEASE_UNKNOWN)],
        Settle,
        Settlement.CASE,
    ),
}


@pytest.mark.parametrize("name", STARTS)
def test_start_up_knows_what_to_do_with_every_entry(book: Book, name: str) -> None:
    """Whatever row an entry stopped at: it is asked about, its release finished, or it is settled at once."""
    promise, rows, expected, how = STARTS[name]
    key = book.begin(promise)
    book.journal.append(rows(key))

    assert isinstance(book.start(key), expected)
    assert book.end(key) == how


def test_start_up_undoes_a_grant_nobody_was_told_of(book: Book) -> None:
    """A loan granted and never released when the terminal stopped is undone, once, over as many starts as it takes."""
    key = book.begin(lend())
    book.journal.append([Answered(key, NOON, GRANTED)])

    found = book.start(key)

    assert isinstance(found, Settle)
    (undoing,) = found.aftermath.entries
    assert isinstance(book.start(key), Leave)
    assert isinstance(book.start(undoing.key), Ask)
    assert len(book.journal.unsettled()) == 2


@pytest.mark.parametrize(("answer", "how"), [(GRANTED, Settlement.UNDONE), (REFUSED, Settlement.CASE)])
def test_start_up_settles_a_loan_whose_undoing_is_settled(
    book: Book, answer: Answer, how: Settlement
) -> None:
    """Stopped between the two settlements, the loan still ends as its undoing did."""
    loan = book.begin(lend())
    book.journal.append(_failed(loan))
    undoing = book.begin(UndoLoan(BOOK, ANNA, NOON, loan))
    end = Settlement.DONE if isinstance(answer, Granted) else Settlement.REFUSED
    book.journal.append([Answered(undoing, NOON, answer), Settled(undoing, NOON, end)])

    book.start(loan)

    assert book.end(loan) == how


def test_a_release_nobody_can_see_is_a_case(book: Book) -> None:
    """When the tags are gone at start-up, how they left is for staff to settle."""
    key = book.begin(lend())
    book.journal.append([Answered(key, NOON, GRANTED), ReleaseIntended(key, NOON, TAGS)])

    book.journal.append(release_unknown(book.entry(key), NOON, "left the pad").rows)

    assert (book.end(key), book.case(key)) == (Settlement.CASE, CaseReason.RELEASE_UNKNOWN)


def test_a_return_nobody_saw_being_secured_is_a_case(book: Book) -> None:
    """When the tags are gone at start-up, nobody knows who has the item: staff are told, the server is not."""
    key = book.begin(give_back())
    book.journal.append([SecureIntended(key, NOON, TAGS, Strip.INACTIVE)])

    rows = return_unknown(book.entry(key), NOON, "left the pad")
    book.journal.append(rows)

    assert (book.end(key), book.case(key)) == (Settlement.CASE, CaseReason.RETURN_UNKNOWN)
    assert [row.strip for row in rows if isinstance(row, SecureFailed)] == [Strip.INACTIVE]


@pytest.mark.parametrize("strip", [None, Strip.UNVERIFIED])
def test_a_release_nobody_can_tell_says_whether_a_strip_belonged_to_it(
    book: Book, strip: Strip | None
) -> None:
    """Staff are told of the strip where one was to be treated, and nobody claims to have read it."""
    key = book.begin(lend())
    book.journal.append([Answered(key, NOON, GRANTED), ReleaseIntended(key, NOON, (), strip)])

    rows = release_unknown(book.entry(key), NOON, "strip not treated").rows

    assert [row.strip for row in rows if isinstance(row, ReleaseFailed)] == [strip]


def test_a_loan_with_a_case_and_an_open_undoing_is_settled_once(book: Book) -> None:
    """While its undoing is open a loan is left alone, so that start-up never settles it twice."""
    loan = book.begin(lend())
    book.journal.append([*_failed(loan), CaseOpened(loan, NOON, CaseReason.RELEASE_UNKNOWN)])
    undoing = book.begin(UndoLoan(BOOK, ANNA, NOON, loan))
    book.journal.append([Answered(undoing, NOON, GRANTED)])

    assert isinstance(book.start(loan), Leave)
    found = at_start(book.entry(undoing), None, NOON, book.new_key, book.entry(loan))
    assert isinstance(found, Settle)
    book.journal.append(found.aftermath.rows)

    assert (book.end(loan), book.end(undoing)) == (Settlement.UNDONE, Settlement.DONE)
