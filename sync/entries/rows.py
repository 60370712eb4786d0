"""The rows of the journal, and the entry they tell of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from sync.entries.answers import Answer, Granted, Held, Refused, Silence
from sync.entries.identifiers import EntryKey, PatronId
from sync.entries.promises import Promise


@dataclass(frozen=True, slots=True)
class TagBits:
    """One tag's security state as it was seen: uid in hex, AFI byte, EAS bit where there is one.

    *afi* None: the tag lay outside the field just then.
    """

    uid: str
    afi: int | None
    eas: bool | None = None


@dataclass(frozen=True, slots=True)
class Intended:
    """An entry begins: this will be asked of the server."""

    key: EntryKey
    at: datetime
    promise: Promise


@dataclass(frozen=True, slots=True)
class Answered:
    """The server's answer came (or its silence was noticed; an entry may have that and a later answer)."""

    key: EntryKey
    at: datetime
    answer: Answer


@dataclass(frozen=True, slots=True)
class ReleaseIntended:
    """The tags of the granted item are about to be released; *before* names every one of them, with its state."""

    key: EntryKey
    at: datetime
    before: tuple[TagBits, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """Every tag was read back as released."""

    key: EntryKey
    at: datetime
    after: tuple[TagBits, ...]


@dataclass(frozen=True, slots=True)
class ReleaseFailed:
    """At least one tag could not be released, or what was released could not be told; *after* where it was read."""

    key: EntryKey
    at: datetime
    after: tuple[TagBits, ...]
    why: str


class Settlement(Enum):
    """How an entry ended."""

    DONE = "done"
    REFUSED = "refused"
    UNDONE = "undone"
    NOT_DONE = "not-done"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing more will happen to this entry; its sealed patron number may be wiped when no case needs it."""

    key: EntryKey
    at: datetime
    how: Settlement


class CaseReason(Enum):
    """Why a human has to look."""

    RELEASE_UNKNOWN = "release-unknown"
    UNDO_REFUSED = "undo-refused"
    OUTCOME_UNKNOWN = "outcome-unknown"


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A human must settle this; the item and the masked patron are those of the entry."""

    key: EntryKey
    at: datetime
    reason: CaseReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PinRefused:
    """The server refused a PIN for *patron*; counts against the tries, across restarts."""

    at: datetime
    patron: PatronId


@dataclass(frozen=True, slots=True)
class PinAccepted:
    """The right PIN was given: earlier refusals of *patron* no longer count."""

    at: datetime
    patron: PatronId


EntryRow = Intended | Answered | ReleaseIntended | Released | ReleaseFailed | Settled | CaseOpened
Row = EntryRow | PinRefused | PinAccepted


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as its rows tell it, oldest first; `rows[0]` is its `Intended`."""

    key: EntryKey
    promise: Promise
    rows: tuple[EntryRow, ...] = field(default=())

    @property
    def answer(self) -> Granted | Refused | Held | None:
        """The last answer that is not silence; None while there is none."""
        for row in reversed(self.rows):
            if isinstance(row, Answered) and not isinstance(row.answer, Silence):
                return row.answer
        return None

    @property
    def is_settled(self) -> bool:
        """Whether a `Settled` row ended it."""
        return any(isinstance(row, Settled) for row in self.rows)

    @property
    def is_release_open(self) -> bool:
        """Whether a release was intended and its result was never recorded."""
        is_open = False
        for row in self.rows:
            if isinstance(row, ReleaseIntended):
                is_open = True
            elif isinstance(row, Released | ReleaseFailed):
                is_open = False
        return is_open

    @property
    def is_released(self) -> bool:
        """Whether the last release that was recorded succeeded."""
        for row in reversed(self.rows):
            if isinstance(row, Released | ReleaseFailed):
                return isinstance(row, Released)
        return False
