"""The terminal's own books: what a snapshot of central says, and what this terminal did since, without asking anybody.

The journal's part is kept in memory, by patron and by item: loans that are not settled, and those whose case is open.
It follows every row once that is on disk; a row costs the same however many entries there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol, assert_never

from sync.cases import news_of
from sync.entries import (
    Entry,
    EntryKey,
    Granted,
    Intended,
    ItemId,
    Lend,
    PatronId,
    PinAccepted,
    PinRefused,
    Refused,
    ReleaseFailed,
    Row,
    ServerClock,
)
from sync.questions import (
    AboutPatron,
    LendingFacts,
    LocalFacts,
    LocalQuestion,
    MayLend,
    NewsFor,
    PatronFacts,
    PatronNews,
)


class Snapshot(Protocol):
    """What central told about its patrons and items, as of *made_at*."""

    @property
    def made_at(self) -> datetime:
        """When central made it."""

    def patron_facts(self, question: AboutPatron, own: tuple[ItemId, ...]) -> PatronFacts:
        """How the patron stands; *own* are the items this terminal lent them since."""

    def may_lend(self, question: MayLend, own: tuple[ItemId, ...], now: datetime) -> LendingFacts:
        """Whether the item may be lent at *now*; *own* as for `patron_facts`."""


class LocalBooks:
    """Begins with the *entries* that are not settled or have an open case.  *now* gives the wall time, aware."""

    def __init__(self, entries: Iterable[Entry], now: Callable[[], datetime]) -> None:
        self.snapshot: Snapshot | None = None
        self._now = now
        self._loans: dict[EntryKey, Entry] = {}
        self._of_patron: dict[PatronId, dict[EntryKey, None]] = {}
        for entry in entries:
            if isinstance(entry.promise, Lend):
                self._keep(entry)

    def follow(self, rows: Iterable[Row]) -> None:
        """*rows* are on disk."""
        for row in rows:
            match row:
                case ServerClock() | PinRefused() | PinAccepted():
                    continue
                case Intended(key, _, promise):
                    if isinstance(promise, Lend):
                        self._keep(Entry(key, promise, (row,)))
                case _:
                    known = self._loans.get(row.key)
                    if known is not None:
                        self._keep(replace(known, rows=(*known.rows, row)))

    def told(self, question: LocalQuestion) -> LocalFacts | None:
        """The answer; None where only a snapshot could give it and there is none."""
        match question:
            case NewsFor(patron):
                loans = self._promised_to(patron)
                provisional = tuple(loan.promise.item for loan in loans if _is_unanswered(loan))
                return PatronNews(patron, news_of(loans), provisional)
            case AboutPatron(patron):
                snapshot = self.snapshot
                return None if snapshot is None else snapshot.patron_facts(question, self._own(patron))
            case MayLend():
                return self._may_lend(question)
            case _:
                assert_never(question)

    def _may_lend(self, question: MayLend) -> LendingFacts | None:
        if self.snapshot is None:
            return None
        return self.snapshot.may_lend(question, self._own(question.patron), self._now())

    def _own(self, patron: PatronId) -> tuple[ItemId, ...]:
        """What this terminal lent *patron* by itself and central may not have counted yet."""
        return tuple(loan.promise.item for loan in self._promised_to(patron) if _counts(loan))

    def _promised_to(self, patron: PatronId) -> tuple[Entry, ...]:
        keys = self._of_patron.get(patron, {})
        return tuple(loan for key in keys if (loan := self._loans[key]).promised is not None)

    def _keep(self, entry: Entry) -> None:
        patron = entry.promise.patron
        if entry.is_settled and not entry.has_open_case:
            self._loans.pop(entry.key, None)
            keys = self._of_patron.get(patron, {})
            keys.pop(entry.key, None)
            if not keys:
                self._of_patron.pop(patron, None)
            return
        self._loans[entry.key] = entry
        self._of_patron.setdefault(patron, {})[entry.key] = None

    def __len__(self) -> int:
        return len(self._loans)


def _is_unanswered(loan: Entry) -> bool:
    return not isinstance(loan.answer, Granted | Refused) and not _has_stayed(loan)


def _has_stayed(loan: Entry) -> bool:
    return any(isinstance(row, ReleaseFailed) for row in loan.rows) and not loan.is_released


def _counts(loan: Entry) -> bool:
    return not isinstance(loan.answer, Refused) and not _has_stayed(loan)
