"""How a loan the terminal itself granted ends: every pair of its two stories, on a real journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest

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
    Granted,
    Intended,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
    TagBits,
    UndoLoan,
)
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.uplink.aftermath import aftermath
from sync.uplink.promised import settle_promised
from sync.uplink.reports import Unclear
from sync.uplink.start_up import Ask, FinishRelease, Leave, Settle, at_start
from tests.kit.left_behind import release_unknown
from tests.sync.uplink.samples import ANNA, BOOK, GRANTED, KEEP, NOON, NOT_DONE, REFUSED, lend

TAGS = (TagBits("E004", 0xC2),)
DUE = Due(date(2026, 6, 9))
LATER = Granted(Due(date(2026, 6, 23)))
RENEWED = replace(GRANTED, renewed=True)
NO_TAG, OPEN, RELEASED, SECURED, UNSEEN = "no tag", "being released", "released", "secured again", "not seen"
TAGGED = {
    NO_TAG: (),
    OPEN: (ReleaseIntended,),
    RELEASED: (ReleaseIntended, Released),
    SECURED: (ReleaseIntended, ReleaseFailed),
    UNSEEN: (ReleaseIntended, ReleaseFailed, CaseOpened),
}


class Book:
    """A real journal with one loan the terminal granted."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._numbers = count(1)
        self.key = self.new_key()
        promise = lend(late=KEEP, before=None)
        self.write(Intended(self.key, NOON, promise, 1.0), Promised(self.key, NOON, DUE, NOON))

    def new_key(self) -> EntryKey:
        return EntryKey(self.journal.epoch, self.journal.boot, next(self._numbers), 1)

    def write(self, *rows: EntryRow) -> None:
        self.journal.append(rows)

    def tag(self, story: str) -> None:
        rows: dict[type, EntryRow] = {
            ReleaseIntended: ReleaseIntended(self.key, NOON, TAGS),
            Released: Released(self.key, NOON, TAGS),
            ReleaseFailed: ReleaseFailed(self.key, NOON, TAGS, "write-refused"),
            CaseOpened: CaseOpened(self.key, NOON, CaseReason.RELEASE_UNKNOWN, "left the pad"),
        }
        self.write(*(rows[kind] for kind in TAGGED[story]))

    @property
    def entry(self) -> Entry:
        entry = self.journal.entry(self.key)
        assert entry is not None
        return entry

    def follow(self, outcome: Answer | Unclear) -> tuple[Entry, ...]:
        after = aftermath(self.entry, outcome, NOON, self.new_key, undo=self.journal.undo_of(self.key))
        self.write(*after.rows)
        return after.entries

    @property
    def end(self) -> Settlement | None:
        return next((row.how for row in self.entry.rows if isinstance(row, Settled)), None)

    @property
    def cases(self) -> list[CaseReason]:
        return [row.reason for row in self.entry.rows if isinstance(row, CaseOpened)]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    journal = Journal.open(tmp_path / "journal.sqlite", JournalKeys.from_secret(bytes(32)), lambda: NOON)
    yield Book(journal)
    assert journal.verify().is_whole
    journal.close()


UNKNOWN, DIFFERS, NOT_LENT = CaseReason.RELEASE_UNKNOWN, CaseReason.DUE_DIFFERS, CaseReason.LOAN_REFUSED
Case = tuple[str, Answer, Settlement | None, list[CaseReason]]
ENDS: dict[str, Case] = {
    "granted, no tag": (NO_TAG, GRANTED, Settlement.DONE, []),
    "granted while released": (OPEN, GRANTED, None, []),
    "granted, released": (RELEASED, GRANTED, Settlement.DONE, []),
    "granted, not seen": (UNSEEN, GRANTED, Settlement.CASE, [UNKNOWN]),
    "another day": (RELEASED, LATER, Settlement.CASE, [DIFFERS]),
    "another day, not seen": (UNSEEN, LATER, Settlement.CASE, [UNKNOWN, DIFFERS]),
    "no day told": (RELEASED, Granted(Due(None)), Settlement.DONE, []),
    "a day nobody can read": (RELEASED, Granted(Due(None, "soon")), Settlement.CASE, [DIFFERS]),
    "refused, no tag": (NO_TAG, REFUSED, Settlement.CASE, [NOT_LENT]),
    "refused while released": (OPEN, REFUSED, None, []),
    "refused, released": (RELEASED, REFUSED, Settlement.CASE, [NOT_LENT]),
    "refused, secured": (SECURED, REFUSED, Settlement.REFUSED, []),
    "refused, not seen": (UNSEEN, REFUSED, Settlement.CASE, [UNKNOWN, NOT_LENT]),
    "not done, released": (RELEASED, NOT_DONE, None, []),
    "not done, secured": (SECURED, NOT_DONE, Settlement.NOT_DONE, []),
    "granted, secured, only renewed": (SECURED, RENEWED, Settlement.CASE, [UNKNOWN]),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_server_tells_the_second_story(book: Book, name: str) -> None:
    """What the server says ends the loan by what is known of its tags, and not before that is known."""
    story, answer, how, cases = ENDS[name]
    book.tag(story)

    entries = book.follow(answer)

    assert (book.end, book.cases, entries) == (how, cases, ())


SECOND: dict[str, Case] = {
    "granted, then released": (RELEASED, GRANTED, Settlement.DONE, []),
    "granted for another day, then released": (RELEASED, LATER, Settlement.CASE, [DIFFERS]),
    "granted, then not seen": (UNSEEN, GRANTED, Settlement.CASE, [UNKNOWN]),
    "refused, then released": (RELEASED, REFUSED, Settlement.CASE, [NOT_LENT]),
    "refused, then secured": (SECURED, REFUSED, Settlement.REFUSED, []),
}


@pytest.mark.parametrize("name", SECOND)
def test_the_tags_tell_the_second_story(book: Book, name: str) -> None:
    """Answered while its tags were being released: whoever records their result settles it by the same rule."""
    story, answer, how, cases = SECOND[name]
    book.tag(OPEN)
    book.follow(answer)
    assert book.end is None
    rows: dict[str, EntryRow] = {
        RELEASED: Released(book.key, NOON, TAGS),
        SECURED: ReleaseFailed(book.key, NOON, TAGS, "write-refused"),
    }
    if story == UNSEEN:
        book.write(*release_unknown(book.entry, NOON, "left the pad").rows)
    else:
        book.write(rows[story])
        book.write(*settle_promised(book.entry, NOON))

    assert (book.end, book.cases) == (how, cases)


def test_a_promise_taken_back_is_undone_when_it_is_granted_after_all(book: Book) -> None:
    """The tags were read back as secured and the reader was told "not lent": a late grant begins its undoing."""
    book.tag(SECURED)

    (undoing,) = book.follow(GRANTED)

    assert undoing.promise == UndoLoan(BOOK, ANNA, NOON, book.key)
    assert isinstance(at_start(book.entry, book.journal.undo_of(book.key), NOON, book.new_key), Leave)
    answered = Answered(undoing.key, NOON, GRANTED)
    after = aftermath(undoing, answered.answer, NOON, book.new_key, book.entry)
    book.write(*after.rows)
    assert book.end is Settlement.UNDONE


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (GRANTED, Settlement.UNDONE),
        (Refused(Reason.NOT_ON_LOAN), Settlement.UNDONE),
        (REFUSED, Settlement.CASE),
    ],
)
def test_a_loan_ends_as_its_undoing_did(book: Book, answer: Answer, how: Settlement) -> None:
    """Stopped between the two settlements, the loan still ends as its undoing."""
    book.tag(SECURED)
    (undoing,) = book.follow(GRANTED)
    end = Settlement.DONE if isinstance(answer, Granted) else Settlement.REFUSED
    book.write(Answered(undoing.key, NOON, answer), Settled(undoing.key, NOON, end))
    undo = book.journal.entry(undoing.key)

    book.write(*settle_promised(book.entry, NOON, undo))

    assert book.end is how


@pytest.mark.parametrize("story", [NO_TAG, OPEN, RELEASED, UNSEEN])
def test_what_nobody_can_tell_is_for_staff(book: Book, story: str) -> None:
    """An unclear verdict ends it as a case, whatever its tags do."""
    book.tag(story)
    book.follow(Unclear("nothing tells whose loan it is"))
    assert (book.end, book.cases[-1]) == (Settlement.CASE, CaseReason.OUTCOME_UNKNOWN)


STARTS = {
    NO_TAG: Ask(),
    OPEN: FinishRelease(is_unanswered=True),
    RELEASED: Ask(),
    SECURED: Ask(),
    UNSEEN: Ask(),
}


@pytest.mark.parametrize("story", STARTS)
def test_at_start_it_is_still_to_be_carried(book: Book, story: str) -> None:
    """Whatever its tags were at: nobody answered, so it stays in its lane, and an open release is finished beside."""
    book.tag(story)
    assert at_start(book.entry, None, NOON, book.new_key) == STARTS[story]


@pytest.mark.parametrize("story", [RELEASED, SECURED, UNSEEN])
def test_start_up_settles_what_was_answered(book: Book, story: str) -> None:
    """Stopped between the second story and the settlement, start-up writes what was missing."""
    book.tag(story)
    book.write(Answered(book.key, NOON, REFUSED))
    found = at_start(book.entry, None, NOON, book.new_key)
    assert isinstance(found, Settle)
    book.write(*found.aftermath.rows)
    assert book.end is (Settlement.REFUSED if story == SECURED else Settlement.CASE)


def test_a_release_nobody_saw_is_a_case_at_once_and_settled_by_the_answer(book: Book) -> None:
    """Staff hear of it today, though the server may answer in a week."""
    book.tag(OPEN)
    book.write(*release_unknown(book.entry, NOON, "left the pad").rows)
    assert (book.end, book.cases) == (None, [UNKNOWN])

    book.follow(GRANTED)

    assert (book.end, book.cases) == (Settlement.CASE, [UNKNOWN])


def test_only_what_the_terminal_promised_is_settled_like_this() -> None:
    """Asking it of another entry is a fault of the program."""
    promise = lend()
    key = EntryKey("e", 1, 1, 1)
    with pytest.raises(ValueError, match="not promised"):
        settle_promised(Entry(key, promise, (Intended(key, NOON, promise),)), NOON)


@pytest.mark.parametrize("answer", [GRANTED, REFUSED])
def test_a_loan_made_after_its_item_was_returned_at_the_desk_is_a_case_again(
    book: Book, answer: Answer
) -> None:
    """Staff had closed the case of a book nobody saw leave; a loan the server makes only then would stand for ever,
    and a refusal agrees with them.
    """
    book.tag(UNSEEN)
    book.write(CaseClosed(book.key, NOON, "desk", CaseEnd.RETURNED_AT_DESK))

    book.write(*aftermath(book.entry, answer, NOON, book.new_key).rows)

    entry = book.entry
    assert entry.has_open_case is isinstance(answer, Granted)
    assert [row.how for row in entry.rows if isinstance(row, Settled)] == [Settlement.CASE]
