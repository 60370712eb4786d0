"""What an open journal keeps in memory, and what a batch of rows would make of it.

Small on purpose: where the chain ends, how far each lane is counted, and the state of entries that are not
settled. A `Draft` checks a whole batch against that before anything is written; only when the commit stands
does it become the memory, so that a failed commit leaves no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple, assert_never

from sync.entries import (
    DayClosed,
    EntryKey,
    EntryRow,
    GiveBack,
    Intended,
    Lend,
    PatronId,
    Pay,
    PinAccepted,
    PinRefused,
    Promise,
    Renew,
    ReportCare,
    Row,
    ServerClock,
    ServerReached,
    UndoLoan,
)
from sync.journal import automaton, codec
from sync.journal.errors import RowRefused
from sync.journal.register import Register
from sync.journal.seal import Record, Seal
from sync.journal.stages import EntryState

CIRCULATION: Final = "circulation"
"""The lane to the library's circulation server."""

LANES: Final = (CIRCULATION,)
"""Every lane there is."""

EVENTS_MAX: Final = 10**12
ORDINALS_MAX: Final = 10**6


def destination(promise: Promise) -> str:
    """The lane *promise* goes by."""
    match promise:
        case Lend() | Renew() | UndoLoan() | GiveBack() | Pay() | ReportCare():
            return CIRCULATION
        case _:
            assert_never(promise)


class OpenEntry(NamedTuple):
    """An entry to which something may still happen: the *number* of its first row, its *position* in its lane, its
    *state*, and the entry that undoes it.
    """

    number: int
    position: int
    state: EntryState
    undone_by: EntryKey | None = None


@dataclass(frozen=True, slots=True)
class PinRefusal:
    """A refused PIN that no right one followed; *number* is its row."""

    number: int
    at: datetime
    patron: PatronId


class BootClock(NamedTuple):
    """What was last told of the server's clock during *boot*; its `seconds` are comparable with that boot's only."""

    boot: int
    told: ServerClock


@dataclass(slots=True)
class Memory:
    """How the journal stands: the last row's *number* and *link*, the last *positions*, what is open.

    *clocks* is the number of the row with the last measure of the server's clock, and the measure, by boot.  Rows up
    to *wiped_to* need not be looked at again for boxes to be wiped; *pin_boxes* are those of rows about PINs.
    """

    number: int
    link: bytes
    positions: dict[str, int] = field(default_factory=dict)
    entries: dict[EntryKey, OpenEntry] = field(default_factory=dict)
    refusals: tuple[PinRefusal, ...] = ()
    clocks: dict[int, tuple[int, ServerClock]] = field(default_factory=dict)
    wiped_to: int = 0
    pin_boxes: set[int] = field(default_factory=set)


class Draft:
    """Rows on their way into the file: *records* and *boxes* as they will lie there, *given* the positions of the
    entries that begin.  *begins_anew*: something is asked for here that a reader does not have yet, so that it can be
    refused when room is short.

    The journal's *memory* and *register* are only read until `take_effect`.
    """

    def __init__(self, memory: Memory, register: Register, seal: Seal, epoch: str, boot: int) -> None:
        self.records: list[tuple[int | str | bytes | None, ...]] = []
        self.boxes: list[tuple[int, bytes]] = []
        self._memory = memory
        self._register = register
        self._seal = seal
        self._epoch = epoch
        self._boot = boot
        self._number = memory.number
        self._link = memory.link
        self._positions: dict[str, int] = {}
        self._entries: dict[EntryKey, OpenEntry] = {}
        self._over: list[EntryKey] = []
        self.given: dict[EntryKey, int] = {}
        self._begun: dict[str, int] = {}
        self._latest_event = -1
        self._refusals = memory.refusals
        self._clocks: dict[int, tuple[int, ServerClock]] = {}
        self._pin_boxes: set[int] = set()
        self.begins_anew = False

    def add_all(self, rows: Sequence[Row]) -> None:
        """Checks and seals *rows* in order.  Raises `RowRefused` or `BadRow`; the draft is then useless."""
        for row in rows:
            match row:
                case Intended():
                    self._begin(row)
                case PinRefused():
                    number = self._write(row, None)
                    self._refusals = (*self._refusals, PinRefusal(number, row.at, row.patron))
                case PinAccepted():
                    self._accept(row)
                case ServerClock():
                    self._clocks[self._boot] = (self._write(row, None), row)
                case DayClosed() | ServerReached():
                    self._write(row, None)
                case _:
                    self._continue(row)

    def take_effect(self) -> None:
        """The rows are committed: the memory now knows them."""
        memory = self._memory
        memory.number, memory.link, memory.refusals = self._number, self._link, self._refusals
        memory.positions.update(self._positions)
        memory.clocks.update(self._clocks)
        memory.pin_boxes |= self._pin_boxes
        memory.entries.update(self._entries)
        for key in self._over:
            del memory.entries[key]
        self._register.add(self._begun, self._latest_event)

    def _begin(self, row: Intended) -> None:
        key, text = row.key, str(row.key)
        if (key.epoch, key.boot) != (self._epoch, self._boot):
            raise RowRefused(f"{text}: a new entry's key begins with {self._epoch}-{self._boot}")
        if not (0 <= key.event < EVENTS_MAX and 0 <= key.ordinal < ORDINALS_MAX):
            raise RowRefused(f"{text}: no such key could be read back")
        if text in self._begun or self._register.is_taken(key, text):
            raise RowRefused(f"{text}: there is an entry with this key")
        lane = destination(row.promise)
        position = self._positions.get(lane, self._memory.positions.get(lane, 0)) + 1
        number = self._write(row, self._number + 1, text, lane, position)
        self._positions[lane] = position
        self._begun[text] = number
        self._latest_event = max(self._latest_event, key.event)
        self._entries[key] = OpenEntry(number, position, automaton.begun(row.promise))
        self.given[key] = position
        match row.promise:
            case Lend() | Renew() | Pay():
                self.begins_anew = True
            case UndoLoan():
                self._note_undo(row.promise.undoes, key)
            case GiveBack() | ReportCare():
                pass  # An item that is given back is never refused, nor what is said of it in the same commit.
            case _:
                assert_never(row.promise)

    def _note_undo(self, undoes: EntryKey, key: EntryKey) -> None:
        undone = self._find(undoes)
        if undone is not None:
            self._entries[undoes] = undone._replace(undone_by=key)

    def _continue(self, row: EntryRow) -> None:
        entry = self._find(row.key)
        if entry is None or entry.state.is_over:
            raise RowRefused(f"{row.key}: {type(row).__name__} for an entry that is not open")
        state = automaton.following(entry.state, row)
        if state is None:
            sign = automaton.sign_name(row)
            raise RowRefused(f"{row.key}: {sign} cannot follow in state: {entry.state}")
        self._write(row, entry.number)
        self._entries[row.key] = entry._replace(state=state)
        if state.is_over:
            self._over.append(row.key)

    def _accept(self, row: PinAccepted) -> None:
        left = tuple(refusal for refusal in self._refusals if refusal.patron != row.patron)
        # Who it was is kept only where an earlier refusal has to be found again after a restart.
        self._write(row, None, keeps_box=len(left) < len(self._refusals))
        self._refusals = left

    def _find(self, key: EntryKey) -> OpenEntry | None:
        return self._entries.get(key) or self._memory.entries.get(key)

    def _write(
        self,
        row: Row,
        entry: int | None,
        key: str | None = None,
        lane: str | None = None,
        position: int | None = None,
        keeps_box: bool = True,
    ) -> int:
        encoded = codec.encode(row)
        number = self._number + 1
        token = None
        if encoded.personal is not None:
            token, box = self._seal.close(number, encoded.personal)
            if keeps_box:
                self.boxes.append((number, box))
                if entry is None:
                    self._pin_boxes.add(number)
        record = Record(number, entry, encoded.kind, key, lane, position, token, encoded.body)
        self._link = self._seal.link(self._link, record)
        self._number = number
        self.records.append((*record, self._link))
        return number
