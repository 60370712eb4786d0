"""What start-up settles, before anybody is served: the journal's unsettled entries, each put where it belongs.

What needs nobody is written at once.  A release or a securing under way is finished by the session while its tags may
still lie there; of a payment under way it has whoever was to take the money asked.  Everything else goes into the lane,
in doubt unless the journal shows that it was never sent; what that means with this server the lane decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, assert_never

from kiosk.runtime.open_entries import OpenEntries
from sync.entries import Entry, EntryKey, ItemId, Row, UndoLoan
from sync.uplink.start_up import (
    Ask,
    FindPayment,
    FinishRelease,
    FinishSecuring,
    Leave,
    Settle,
    at_start,
)


class Book(Protocol):
    """The journal as far as start-up has to know it."""

    @property
    def epoch(self) -> str:
        """The first part of every key."""

    @property
    def boot(self) -> int:
        """The second part of every key of this start."""

    def unsettled(self) -> tuple[Entry, ...]:
        """Every entry that is not settled, in the order in which they entered their lane."""

    def never_sent(self) -> Collection[EntryKey]:
        """Which of them the server surely was not told of."""

    def undo_of(self, key: EntryKey) -> Entry | None:
        """The entry that undoes the unsettled entry *key*."""

    def append(self, rows: Sequence[Row]) -> Mapping[EntryKey, int]:
        """Writes *rows* in one commit; the positions of the entries that begin in them."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """*open_releases* are for the session to finish, *in_doubt* and *fresh* enter the lane in this order.

    What the terminal itself granted may be both open and in doubt.  *open_secures* are items given back whose securing
    has no result, *open_payments* those of which nobody wrote down whether the money was taken: for the session to
    finish too.  Both are among *in_doubt*, for their place in the lane, and are held there until the session lets them
    proceed or gives them up.
    """

    open_releases: tuple[Entry, ...]
    in_doubt: tuple[Entry, ...]
    fresh: tuple[Entry, ...]
    open_entries: tuple[Entry, ...]
    undoings: tuple[Entry, ...] = ()
    open_secures: tuple[Entry, ...] = ()
    open_payments: tuple[Entry, ...] = ()

    @property
    def left_open(self) -> tuple[tuple[EntryKey, ItemId], ...]:
        """The entries on their way whose item a reader must not be told anything of: a loan may yet be undone."""
        return tuple(
            (entry.key, item)
            for entry in (*self.in_doubt, *self.fresh)
            if (item := entry.promise.item) is not None
            if isinstance(entry.promise, UndoLoan) or not entry.is_kept
        )


def _in_their_places(unsettled: Sequence[Entry], undo_of: Mapping[EntryKey, Entry | None]) -> Iterator[Entry]:
    """*unsettled*, each undoing right behind its loan: as in the lane before, nothing of that item comes between."""
    moved: set[EntryKey] = set()
    for entry in unsettled:
        if entry.key in moved:
            continue
        yield entry
        undo = undo_of[entry.key]
        if undo is not None and not undo.is_settled:
            moved.add(undo.key)
            yield undo


def recover(book: Book, at: datetime, seconds: float | None = None) -> Recovered:
    """Puts every unsettled entry of *book* where it belongs; what has to be written for that is on disk afterwards.

    *seconds* is the monotonic clock at *at*, for what begins now.
    """
    unsettled, never_sent = book.unsettled(), book.never_sent()
    undo_of = {entry.key: book.undo_of(entry.key) for entry in unsettled}
    undoings = tuple(undo for undo in undo_of.values() if undo is not None and undo.is_settled)
    known = OpenEntries(unsettled, undoings)
    ordinal = 0

    def new_key() -> EntryKey:
        nonlocal ordinal
        ordinal += 1
        return EntryKey(book.epoch, book.boot, 0, ordinal)

    releases: list[Entry] = []
    secures: list[Entry] = []
    payments: list[Entry] = []
    in_doubt: list[Entry] = []
    fresh: list[Entry] = []
    rows: list[Row] = []
    for entry in _in_their_places(unsettled, undo_of):
        undone, is_of_copy = known.undone_by(entry), entry.key.epoch != book.epoch
        action = at_start(entry, undo_of[entry.key], at, new_key, undone, seconds, is_of_copy=is_of_copy)
        match action:
            case Ask():
                in_doubt.append(replace(entry, is_never_sent=entry.key in never_sent))
            case FinishRelease(is_unanswered):
                releases.append(entry)
                if is_unanswered:
                    in_doubt.append(entry)
            case FinishSecuring():
                secures.append(entry)
                in_doubt.append(entry)
            case FindPayment():
                payments.append(entry)
                in_doubt.append(entry)
            case Leave():
                pass
            case Settle(aftermath):
                rows.extend(aftermath.rows)
                fresh.extend(aftermath.entries)
            case _:
                assert_never(action)
    # A month without the network leaves many entries: they are read once, and followed from here on.
    positions = book.append(rows)
    known.note(rows)
    known.place(positions)
    placed = (replace(entry, position=positions.get(entry.key, entry.position)) for entry in fresh)
    return Recovered(
        tuple(releases),
        tuple(in_doubt),
        tuple(placed),
        tuple(known),
        undoings,
        tuple(secures),
        tuple(payments),
    )
