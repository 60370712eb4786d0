"""What start-up makes of a journal that was left in the middle of something."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kiosk.runtime.open_entries import OpenEntries
from kiosk.runtime.recovery import recover
from sync.cases import case_of
from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    FeePart,
    GiveBack,
    Granted,
    Intended,
    Lend,
    Means,
    Money,
    PatronId,
    Pay,
    PaymentApproved,
    PinRefused,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseIntended,
    Row,
    Secured,
    SecureIntended,
    ServerClock,
    Settled,
    Settlement,
    TagBits,
    UndoLoan,
)
from sync.entries import item_id as item
from sync.journal.care.backup import back_up
from sync.journal.care.restore import restore
from sync.journal.journal import Journal
from tests.kit.rig import KEYS

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
READER = PatronId("20999000000017")
BITS = (TagBits("E0040100000000AA", 0x07),)


class Book:
    """A journal that is closed and opened again."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.db"
        self.journal = Journal.open(self._path, KEYS, lambda: AT)

    def key(self, number: int = 1) -> EntryKey:
        return EntryKey(self.journal.epoch, self.journal.boot, number, 1)

    def begin(self, number: int = 1) -> EntryKey:
        """An intent to lend, written."""
        key = self.key(number)
        promise = Lend(item(f"3099900001{number:04}"), READER, AT, charged_before=())
        self.journal.append([Intended(key, AT, promise)])
        return key

    def write(self, *rows: EntryRow) -> None:
        self.journal.append(rows)

    def restored(self) -> Journal:
        """The journal as it is made anew from a copy of this one."""
        backup, target = self._path.with_name("backup.db"), self._path.with_name("restored.db")
        back_up(self.journal.file, backup, KEYS)
        self.journal.close()
        restore(backup, target, KEYS, AT.isoformat())
        self.journal = Journal.open(target, KEYS, lambda: AT)
        return self.journal

    def restart(self) -> Journal:
        self.journal.close()
        self.journal = Journal.open(self._path, KEYS, lambda: AT)
        return self.journal


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book(tmp_path)
    yield book
    book.journal.close()


def ends(journal: Journal, key: EntryKey) -> list[Settlement]:
    entry = journal.entry(key)
    assert entry is not None
    return [row.how for row in entry.rows if isinstance(row, Settled)]


def test_what_was_never_answered_is_in_doubt(book: Book) -> None:
    """Whether it was sent is not known any more."""
    key = book.begin()

    recovered = recover(book.restart(), AT)

    assert [entry.key for entry in recovered.in_doubt] == [key]
    assert [open_key for open_key, _ in recovered.left_open] == [key]


def test_a_release_under_way_is_left_to_the_session(book: Book) -> None:
    """Its tag may still lie there."""
    key = book.begin()
    book.write(Answered(key, AT, Granted(Due(None))), ReleaseIntended(key, AT, BITS))

    recovered = recover(book.restart(), AT)

    assert [entry.key for entry in recovered.open_releases] == [key]
    assert recovered.in_doubt == recovered.fresh == ()


def test_a_release_that_was_done_is_settled_at_once(book: Book) -> None:
    """Only its last row was missing."""
    key = book.begin()
    book.write(Answered(key, AT, Granted(Due(None))), ReleaseIntended(key, AT, BITS), Released(key, AT, BITS))
    journal = book.restart()

    recovered = recover(journal, AT)

    assert ends(journal, key) == [Settlement.DONE]
    assert recovered.open_entries == ()


def test_a_refusal_that_was_not_settled_is(book: Book) -> None:
    """The answer stands in the journal; nobody is asked again."""
    key = book.begin()
    book.write(Answered(key, AT, Refused(Reason.LIMIT_REACHED)))
    journal = book.restart()

    assert recover(journal, AT).in_doubt == ()
    assert ends(journal, key) == [Settlement.REFUSED]


def test_a_grant_nobody_was_told_of_is_undone_by_an_entry_of_this_start(book: Book) -> None:
    """The undoing is written before anybody is served, and enters the lane fresh."""
    key = book.begin()
    book.write(Answered(key, AT, Granted(Due(None))))
    journal = book.restart()

    [undo] = recover(journal, AT).fresh

    assert isinstance(undo.promise, UndoLoan)
    assert undo.promise.undoes == key
    assert (undo.key.boot, undo.key.event, undo.position) == (journal.boot, 0, 2)
    assert journal.entry(undo.key) is not None


def test_an_undoing_begun_at_start_is_timed_by_the_monotonic_clock(book: Book) -> None:
    """A wall clock that is set right minutes after the start does not re-date it."""
    key = book.begin()
    book.write(Answered(key, AT, Granted(Due(None))))

    [undo] = recover(book.restart(), AT, 12.5).fresh

    [intended] = undo.rows
    assert isinstance(intended, Intended)
    assert intended.seconds == 12.5


def test_an_undoing_under_way_is_asked_about_and_not_begun_twice(book: Book) -> None:
    """A second restart in the middle of an undoing leaves one undoing."""
    key = book.begin()
    book.write(Answered(key, AT, Granted(Due(None))))
    [undo] = recover(book.restart(), AT).fresh

    recovered = recover(book.restart(), AT)

    assert [entry.key for entry in recovered.in_doubt] == [undo.key]
    assert recovered.fresh == ()
    assert recovered.left_open == ((undo.key, undo.promise.item),)


def test_recovering_twice_writes_nothing_twice(book: Book) -> None:
    """A start that is interrupted and begun again comes to the same."""
    for number in (1, 2, 3):
        book.begin(number)
    book.write(Answered(book.key(2), AT, Refused(Reason.LIMIT_REACHED)))
    first = recover(book.restart(), AT)
    second = recover(book.restart(), AT)

    assert [entry.key for entry in first.in_doubt] == [entry.key for entry in second.in_doubt]
    assert book.journal.verify().is_whole


def test_the_desk_knows_of_its_entries_what_the_journal_does(book: Book) -> None:
    """Row by row the desk's own picture of what is open is the journal's."""
    key, other = book.begin(1), book.begin(2)
    known = OpenEntries(book.journal.unsettled())
    rows: list[EntryRow] = [
        Answered(key, AT, Granted(Due(None))),
        ReleaseIntended(key, AT, BITS),
        Released(key, AT, BITS),
        Answered(other, AT, Refused(Reason.ITEM_LOST)),
        Settled(other, AT, Settlement.REFUSED),
    ]
    for row in rows:
        book.write(row)
        known.note([row])
        entries = {entry.key: entry for entry in book.journal.unsettled()}
        assert {one: known.get(one) for one in (key, other)} == {
            one: entries.get(one) for one in (key, other)
        }

    known.note([PinRefused(AT, READER), CaseOpened(book.key(9), AT, CaseReason.OUTCOME_UNKNOWN)])
    assert len(known) == 1


def test_who_undoes_whom_is_known_while_both_are_open(book: Book) -> None:
    """An undoing finds the loan it undoes until that is settled."""
    key = book.begin()
    promise = UndoLoan(item("30999000010001"), READER, AT, key)
    undo = Entry(book.key(2), promise, (Intended(book.key(2), AT, promise),))
    known = OpenEntries([*book.journal.unsettled(), undo])
    loan = known.undone_by(undo)
    assert loan is not None
    assert loan.key == key

    known.note([Settled(key, AT, Settlement.UNDONE)])

    assert known.undone_by(undo) is None


DUE = Due(date(2026, 3, 30))


def promise(book: Book, *more: EntryRow, number: int = 1) -> EntryKey:
    """A loan the terminal granted itself, with its release begun, and what came after that."""
    key = book.begin(number)
    book.write(Promised(key, AT, DUE, AT), ReleaseIntended(key, AT, BITS), *more)
    return key


def test_a_promised_loan_cut_off_in_its_release_is_finished_and_carried(book: Book) -> None:
    """Its tag may still lie there, and the server does not know of it: both are seen to."""
    key = promise(book)

    recovered = recover(book.restart(), AT)

    assert [entry.key for entry in recovered.open_releases] == [key]
    assert [entry.key for entry in recovered.in_doubt] == [key]
    assert recovered.left_open == (), "it is the reader's, whatever comes"


def test_a_promised_loan_that_left_is_carried(book: Book) -> None:
    """The reader has the book: the server hears of it, however long that takes."""
    key = book.begin()
    book.write(Promised(key, AT, DUE, AT), ReleaseIntended(key, AT, BITS), Released(key, AT, BITS))

    recovered = recover(book.restart(), AT)

    assert recovered.open_releases == ()
    assert [entry.key for entry in recovered.in_doubt] == [key]
    assert [entry.is_kept for entry in recovered.open_entries] == [True]


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (Granted(DUE), Settlement.DONE),
        (Granted(Due(date(2026, 3, 9))), Settlement.CASE),
        (Refused(Reason.PATRON_BLOCKED), Settlement.CASE),
    ],
)
def test_a_promised_loan_that_was_answered_and_not_settled_is(
    book: Book, answer: Granted | Refused, how: Settlement
) -> None:
    """Tags and server had both said all they would; only the last row was missing, or the case."""
    key = promise(book)
    book.write(Released(key, AT, BITS), Answered(key, AT, answer))
    journal = book.restart()

    assert recover(journal, AT).open_entries == ()
    assert ends(journal, key) == [how]


def test_what_undid_a_loan_is_remembered_until_the_loan_is_settled(book: Book) -> None:
    """Rows that are taken back leave the picture as it was before them."""
    key = book.begin()
    known = OpenEntries(book.journal.unsettled())
    undo = book.key(2)
    before = known.note([Intended(undo, AT, UndoLoan(item("30999000010001"), READER, AT, key))])
    loan = known.get(key)
    assert loan is not None
    settled = known.note([Answered(undo, AT, Granted(Due(None))), Settled(undo, AT, Settlement.DONE)])
    undoing = known.undo_of(loan)
    assert undoing is not None
    assert undoing.is_settled
    assert known.get(undo) is None

    known.take_back(settled)
    undoing = known.undo_of(loan)
    assert undoing is not None
    assert not undoing.is_settled
    known.take_back(before)

    assert known.undo_of(loan) is None
    assert {entry.key for entry in known} == {key}


def test_rows_about_nobodys_entry_change_nothing(book: Book) -> None:
    """The server's clock, refused PINs and the closing of a settled case are not about open entries."""
    key = book.begin()
    known = OpenEntries(book.journal.unsettled())
    rows: list[Row] = [
        ServerClock(AT, 1.0, AT),
        PinRefused(AT, READER),
        CaseClosed(book.key(9), AT, "Li", CaseEnd.AS_IT_STANDS),
    ]

    assert known.note(rows) == ()
    assert {entry.key for entry in known} == {key}


class Counted:
    """A `Book` that counts how often it is read."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.epoch, self.boot = journal.epoch, journal.boot
        self.reads = 0

    def unsettled(self) -> tuple[Entry, ...]:
        self.reads += 1
        return self._journal.unsettled()

    def never_sent(self) -> Collection[EntryKey]:
        return self._journal.never_sent()

    def undo_of(self, key: EntryKey) -> Entry | None:
        return self._journal.undo_of(key)

    def append(self, rows: Sequence[Row]) -> Mapping[EntryKey, int]:
        return self._journal.append(rows)


def test_a_long_backlog_is_read_once(book: Book) -> None:
    """A month without the server is read one time, and what start-up writes about it goes into one commit."""
    for number in range(1, 200):
        promise(book, number=number)
        if number % 2:
            book.write(Released(book.key(number), AT, BITS))
        if number % 4 == 1:
            book.write(Answered(book.key(number), AT, Granted(DUE)))
    counted = Counted(book.restart())

    recovered = recover(counted, AT)

    assert counted.reads == 1
    assert len(recovered.open_releases) == 99
    assert len(recovered.in_doubt) == 149
    assert {entry.key for entry in recovered.open_entries} == {
        entry.key for entry in book.journal.unsettled()
    }


def test_what_was_being_secured_is_left_to_the_session_and_held(book: Book) -> None:
    """Its tags may still lie there; it has its place in the lane, before what came later."""
    back, loan = book.key(1), book.key(2)
    book.write(
        Intended(back, AT, GiveBack(item("30999000010001"), AT)),
        SecureIntended(back, AT, BITS),
        Intended(loan, AT, Lend(item("30999000010002"), READER, AT)),
    )

    recovered = recover(book.restart(), AT)

    assert [entry.key for entry in recovered.open_secures] == [back]
    assert [(entry.key, entry.may_be_carried) for entry in recovered.in_doubt] == [
        (back, False),
        (loan, True),
    ]
    assert [key for key, _ in recovered.left_open] == [loan]


def test_a_return_that_was_secured_is_in_doubt(book: Book) -> None:
    """Perhaps the server was told of it; a reader may be told that the item is back."""
    back = book.key(1)
    book.write(
        Intended(back, AT, GiveBack(item("30999000010001"), AT)),
        SecureIntended(back, AT, BITS),
        Secured(back, AT, BITS),
    )

    recovered = recover(book.restart(), AT)

    assert (recovered.open_secures, recovered.left_open) == ((), ())
    assert [entry.may_be_carried for entry in recovered.in_doubt] == [True]


@pytest.mark.parametrize("is_approved", [False, True])
def test_a_payment_under_way_is_left_to_the_session_until_its_money_was_taken(
    book: Book, is_approved: bool
) -> None:
    """Nobody wrote down whether it was: the till is asked; afterwards posting it is the lane's own business."""
    key, price = book.key(1), Money(150, "CNY")
    book.write(Intended(key, AT, Pay(READER, price, (FeePart("", price),), Means.CARD, AT)))
    if is_approved:
        book.write(PaymentApproved(key, AT, "0042"))

    recovered = recover(book.restart(), AT)

    assert [entry.key for entry in recovered.open_payments] == ([] if is_approved else [key])
    assert [entry.may_be_carried for entry in recovered.in_doubt] == [is_approved]
    assert recovered.left_open == ()


@pytest.mark.parametrize("means", Means)
def test_a_payment_that_a_copy_found_under_way_is_a_case(book: Book, means: Means) -> None:
    """Money was taken since by a terminal whose rows are gone: the last payment may be another, of the same sum."""
    key, price = book.key(1), Money(150, "CNY")
    book.write(Intended(key, AT, Pay(READER, price, (FeePart("", price),), means, AT)))

    journal = book.restored()
    recovered = recover(journal, AT)

    assert (recovered.open_payments, recovered.in_doubt) == ((), ())
    (entry,) = journal.open_cases()
    assert [type(row) for row in entry.rows] == [Intended, CaseOpened, Settled]
    assert case_of(entry) is not None


def test_a_copy_asks_before_it_posts_what_was_taken(book: Book) -> None:
    """The original may have posted it."""
    key, price = book.key(1), Money(150, "CNY")
    book.write(Intended(key, AT, Pay(READER, price, (FeePart("", price),), Means.CARD, AT)))
    book.write(PaymentApproved(key, AT, "0042"))

    recovered = recover(book.restored(), AT)

    assert [(entry.key, entry.may_be_carried) for entry in recovered.in_doubt] == [(key, True)]


def test_money_that_was_going_back_when_the_power_failed_may_have_gone(book: Book) -> None:
    """Staff are told so: nobody saw the end of it, and whoever pays it back once more would pay twice."""
    key, price = book.key(1), Money(150, "CNY")
    book.write(Intended(key, AT, Pay(READER, price, (FeePart("", price),), Means.CARD, AT)))
    book.write(PaymentApproved(key, AT, "0042"), Answered(key, AT, Refused(Reason.FEE_GONE)))

    journal = book.restart()
    recover(journal, AT)

    (entry,) = journal.open_cases()
    case = case_of(entry)
    assert case is not None
    assert [(note.reason, note.detail) for note in case.reasons] == [
        (CaseReason.PAYMENT_NOT_POSTED, "perhaps-given-back, refused as fee-gone")
    ]


def test_an_undoing_has_its_loans_place_after_a_restart_too(book: Book) -> None:
    """Sent behind somebody else's loan of the same item, it could end that one."""
    loan, other, undo = book.begin(1), book.key(2), book.key(3)
    number = item("30999000010001")
    book.write(Answered(loan, AT, Granted(Due(None))))
    book.write(Intended(other, AT, Lend(number, PatronId("20999000000025"), AT)))
    book.write(Intended(undo, AT, UndoLoan(number, READER, AT, loan)))

    recovered = recover(book.restart(), AT)

    assert [entry.key for entry in recovered.in_doubt] == [undo, other]
