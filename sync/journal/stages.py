"""Where an entry stands, as a value: what it is about, what was said of it, and how far each part of it is."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, assert_never

from sync.entries import GiveBack, Lend, Pay, Promise, Renew, ReportCare, UndoLoan


class What(Enum):
    """Which life an entry lives."""

    __hash__ = object.__hash__  # As below: by the name it would cost a commit more than the steps themselves.

    LOAN = "loan"
    RETURN = "return"
    PAYMENT = "payment"
    REPORT = "report"


def what_of(promise: Promise) -> What:
    """Which life *promise* begins."""
    match promise:
        case Lend() | Renew() | UndoLoan():
            return What.LOAN
        case GiveBack():
            return What.RETURN
        case Pay():
            return What.PAYMENT
        case ReportCare():
            return What.REPORT
        case _:
            assert_never(promise)


class Word(Enum):
    """What the server said."""

    __hash__ = object.__hash__

    NONE = "unanswered"
    GRANTED = "granted"
    REFUSED = "refused"


class Tags(Enum):
    """How far the tags are; *SECURING_AGAIN*: what came of securing them before is written."""

    __hash__ = object.__hash__

    UNTOUCHED = "untouched"
    RELEASING = "releasing"
    RELEASED = "released"
    FAILED = "release failed"
    SECURING = "securing"
    SECURED = "secured"
    NOT_SECURED = "securing failed"
    SECURING_AGAIN = "securing again"
    RESTORED = "restored"


class Paid(Enum):
    """How far the money is."""

    __hash__ = object.__hash__

    UNKNOWN = "money unknown"
    TAKEN = "money taken"
    NOT_TAKEN = "no money taken"
    GIVEN_BACK = "money given back"


class EntryState(NamedTuple):
    """Where an entry stands.  Prints as words for an error."""

    what: What = What.LOAN
    word: Word = Word.NONE
    is_promised: bool = False
    tags: Tags = Tags.UNTOUCHED
    is_dropped: bool = False
    paid: Paid = Paid.UNKNOWN
    has_open_case: bool = False
    is_settled: bool = False

    @property
    def is_over(self) -> bool:
        """Whether no row at all may follow any more."""
        return self.is_settled and not self.has_open_case

    def __str__(self) -> str:
        said = [self.what.value, self.word.value]
        if self.what in (What.LOAN, What.RETURN):
            said.append(self.tags.value)
        if self.what is What.PAYMENT:
            said.append(self.paid.value)
        said += ["promised"] * self.is_promised + ["dropped"] * self.is_dropped
        return ", ".join(said + ["case"] * self.has_open_case + ["settled"] * self.is_settled)
