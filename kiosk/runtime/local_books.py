"""The terminal's own books: what a snapshot of central says, and what this terminal did since, without asking anybody.

The journal's part is kept in memory, by patron and by item: loans that are not settled, and those whose case is open.
A loan whose item was given back here is over, whatever the server has heard of either.  It follows every row once that
is on disk; a row costs the same however many entries there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar, assert_never

from drivers.link import Clock
from kiosk.runtime.own_payments import OwnPayments
from kiosk.runtime.own_returns import OwnReturns
from sync.cases import news_of
from sync.entries import (
    Answered,
    DayClosed,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    Intended,
    ItemId,
    Lend,
    PatronId,
    PinAccepted,
    PinRefused,
    Promised,
    Refused,
    Row,
    ServerClock,
    ServerReached,
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
from sync.rules.offline import OfflinePolicy
from sync.snapshot import lending
from sync.snapshot.content import Snapshot
from sync.snapshot.lending import OwnLoans
from sync.uplink.promised import is_back, is_withdrawn

N = TypeVar("N")


class LocalBooks:
    """Begins empty.

    *snapshot* is the newest one, None where there is none; *policy* says how far it is trusted.  Days are those of the
    server's clock once it was read since the start, carried on by the monotonic one: what is promised does not follow
    a wall clock that jumps.  Before that, they are those of *clock*'s wall time.
    """

    def __init__(self, policy: OfflinePolicy, clock: Clock) -> None:
        self.snapshot: Snapshot | None = None
        self._policy = policy
        self._clock = clock
        self._measure: ServerClock | None = None
        self._loans: dict[EntryKey, Entry] = {}
        self._ended: set[EntryKey] = set()
        self._returns = OwnReturns()
        self._payments = OwnPayments()
        self._of_patron: dict[PatronId, dict[EntryKey, None]] = {}
        self._of_item: dict[ItemId, dict[EntryKey, None]] = {}

    def remember(self, entries: Iterable[Entry]) -> None:
        """*entries* are all of the journal that are not settled or have an open case."""
        for entry in entries:
            if isinstance(entry.promise, Lend):
                self._keep(entry)
                self._lent_again(entry, entry.rows)
            self._payments.follow(entry.rows)
            self._end_loans(self._returns.follow(entry.rows))

    def follow(self, rows: Iterable[Row]) -> None:
        """*rows* are on disk, those of one commit."""
        of_entries: list[EntryRow] = []
        for row in rows:
            if isinstance(row, EntryRow):
                of_entries.append(row)
            match row:
                case ServerClock():
                    self._measure = row
                case PinRefused() | PinAccepted() | DayClosed() | ServerReached():
                    continue
                case Intended(key, _, promise):
                    if isinstance(promise, Lend):
                        self._keep(Entry(key, promise, (row,)))
                case _:
                    known = self._loans.get(row.key)
                    if known is not None:
                        self._keep(replace(known, rows=(*known.rows, row)))
                        self._lent_again(known, (row,))
        self._payments.follow(of_entries)
        self._end_loans(self._returns.follow(of_entries))

    def told(self, question: LocalQuestion) -> LocalFacts | None:
        """The answer; None where only a snapshot could give it and there is none.

        Slow where a PIN has to be judged, some tens of milliseconds.
        """
        match question:
            case NewsFor(patron):
                loans = self._promised(self._of_patron.get(patron))
                provisional = _items(
                    loan for loan in loans if _is_unanswered(loan) and loan.key not in self._ended
                )
                is_paying = self._payments.is_open(patron)
                return PatronNews(patron, news_of(loans), provisional, is_paying)
            case AboutPatron():
                return None if self.snapshot is None else self._about(self.snapshot, question)
            case MayLend():
                return None if self.snapshot is None else self._may_lend(self.snapshot, question)
            case _:
                assert_never(question)

    def _about(self, snapshot: Snapshot, question: AboutPatron) -> PatronFacts:
        own = OwnLoans(self._theirs(question.patron), (), self._returns.since(snapshot.issued_at))
        facts = lending.patron_facts(snapshot, question, own, self._now())
        if question.pin is None or not facts.is_known:
            return facts
        return replace(facts, is_pin_right=lending.pin_verdict(snapshot, question.patron, question.pin))

    def _may_lend(self, snapshot: Snapshot, wish: MayLend) -> LendingFacts:
        holders = {
            loan.promise.patron for loan in self._promised(self._of_item.get(wish.item)) if self._is_out(loan)
        }
        others = (wish.item,) if holders - {wish.patron} else ()
        own = OwnLoans(self._theirs(wish.patron), others, self._returns.since(snapshot.issued_at))
        return lending.may_lend(snapshot, wish, own, self._now(), self._policy)

    def _now(self) -> datetime:
        if self._measure is None:
            return self._clock.now()
        return self._measure.server + timedelta(seconds=self._clock.monotonic() - self._measure.seconds)

    def _theirs(self, patron: PatronId) -> tuple[ItemId, ...]:
        """What this terminal lent *patron* by itself and the server may not have counted yet."""
        loans = self._promised(self._of_patron.get(patron))
        return _items(loan for loan in loans if self._is_out(loan))

    def _is_out(self, loan: Entry) -> bool:
        return _is_out(loan) and loan.key not in self._ended

    def _end_loans(self, items: Iterable[ItemId]) -> None:
        """*items* came back: whoever had them by this terminal's word has them no more."""
        for item in items:
            self._ended.update(self._of_item.get(item, ()))

    def _lent_again(self, loan: Entry, rows: Iterable[EntryRow]) -> None:
        for row in rows:
            is_granted = isinstance(row, Answered) and isinstance(row.answer, Granted)
            if loan.promise.item is not None and (is_granted or isinstance(row, Promised)):
                self._returns.lent(loan.promise.item)

    def _promised(self, keys: Iterable[EntryKey] | None) -> tuple[Entry, ...]:
        return tuple(loan for key in keys or () if (loan := self._loans[key]).promised is not None)

    def _keep(self, entry: Entry) -> None:
        key, promise = entry.key, entry.promise
        if entry.is_settled and not entry.has_open_case:
            self._loans.pop(key, None)
            self._ended.discard(key)
            if isinstance(promise, Lend):
                _leave(self._of_patron, promise.patron, key)
                _leave(self._of_item, promise.item, key)
            return
        self._loans[key] = entry
        if isinstance(promise, Lend):
            self._of_patron.setdefault(promise.patron, {})[key] = None
            self._of_item.setdefault(promise.item, {})[key] = None

    def __len__(self) -> int:
        return len(self._loans)


def _leave(index: dict[N, dict[EntryKey, None]], name: N, key: EntryKey) -> None:
    keys = index.get(name, {})
    keys.pop(key, None)
    if not keys:
        index.pop(name, None)


def _items(loans: Iterable[Entry]) -> tuple[ItemId, ...]:
    return tuple(item for loan in loans if (item := loan.promise.item) is not None)


def _is_unanswered(loan: Entry) -> bool:
    return not isinstance(loan.answer, Granted | Refused) and not _is_here(loan)


def _is_here(loan: Entry) -> bool:
    return is_withdrawn(loan) or is_back(loan)


def _is_out(loan: Entry) -> bool:
    """Whether the item is with the reader, as far as is known here and not settled."""
    return not loan.is_settled and not isinstance(loan.answer, Refused) and not _is_here(loan)
