"""The rows of the journal, and the entry they tell of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from sync.entries.answers import Answer, Granted, Held, Refused, Silence
from sync.entries.identifiers import Due, EntryKey, PatronId
from sync.entries.promises import IfGrantedLate, Promise


@dataclass(frozen=True, slots=True)
class TagBits:
    """One tag's security state as it was seen: uid in hex, AFI byte, EAS bit, security bit in the EPC of a UHF tag.

    None for what the tag or the library does not use; all None also when the tag lay outside the field just then.
    """

    uid: str
    afi: int | None
    eas: bool | None = None
    bit: bool | None = None


class Strip(Enum):
    """A magnetic strip as it was read; UNVERIFIED: the unit cannot read it, or nobody can tell."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Intended:
    """An entry begins: this will be asked of the server.

    *seconds* is the monotonic clock of its boot at *at*: no jump of the wall clock moves it.  None where it is not
    known (rows of older formats).
    """

    key: EntryKey
    at: datetime
    promise: Promise
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Promised:
    """The terminal itself granted the loan, by its snapshot of *snapshot_at*: the reader was told *due*.

    From here on the entry must come true: it is kept whenever its grant comes, and a refusal is a case.
    """

    key: EntryKey
    at: datetime
    due: Due
    snapshot_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """The server's answer came (or its silence was noticed; an entry may have that and a later answer)."""

    key: EntryKey
    at: datetime
    answer: Answer


@dataclass(frozen=True, slots=True)
class ReleaseIntended:
    """The granted item is about to be released; *before* names every one of its tags, with its state.

    *strip* as it was before, where the item has a strip that is to be desensitised too; None: no strip is touched.
    """

    key: EntryKey
    at: datetime
    before: tuple[TagBits, ...]
    strip: Strip | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """Every tag was read back as released, and the strip, where one was to be desensitised, is done.

    *strip* UNVERIFIED: the unit treated it and cannot read it back.
    """

    key: EntryKey
    at: datetime
    after: tuple[TagBits, ...]
    strip: Strip | None = None


@dataclass(frozen=True, slots=True)
class ReleaseFailed:
    """A tag or the strip could not be released, or what was released could not be told; *after* where it was read."""

    key: EntryKey
    at: datetime
    after: tuple[TagBits, ...]
    why: str
    strip: Strip | None = None


class Settlement(Enum):
    """How an entry ended.  NOT_DONE: nobody was asked to, or asking showed that it was not done."""

    DONE = "done"
    REFUSED = "refused"
    UNDONE = "undone"
    NOT_DONE = "not-done"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing more will happen to this entry; its sealed patron number may be wiped when no open case needs it."""

    key: EntryKey
    at: datetime
    how: Settlement


class CaseReason(Enum):
    """Why a human has to look."""

    RELEASE_UNKNOWN = "release-unknown"
    NOT_SECURED = "not-secured"
    UNDO_REFUSED = "undo-refused"
    OUTCOME_UNKNOWN = "outcome-unknown"
    LOAN_REFUSED = "loan-refused"
    DUE_DIFFERS = "due-differs"
    JOURNAL_DAMAGED = "journal-damaged"


class CaseEnd(Enum):
    """What staff did about a case."""

    AS_IT_STANDS = "as-it-stands"
    LENT_AT_DESK = "lent-at-desk"
    RETURNED_AT_DESK = "returned-at-desk"
    DUE_AGREED = "due-agreed"
    NOT_FOUND = "not-found"


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A human must settle this; the item and the masked patron are those of the entry."""

    key: EntryKey
    at: datetime
    reason: CaseReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """Staff settled every case of this entry that was open; *by* is their name for it, "self" the terminal's own."""

    key: EntryKey
    at: datetime
    by: str
    how: CaseEnd
    note: str = ""


@dataclass(frozen=True, slots=True)
class ServerClock:
    """The server's clock said *server* when ours said *at*, *seconds* after the machine's own start (monotonic)."""

    at: datetime
    seconds: float
    server: datetime


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


EntryRow = (
    Intended
    | Promised
    | Answered
    | ReleaseIntended
    | Released
    | ReleaseFailed
    | Settled
    | CaseOpened
    | CaseClosed
)
Row = EntryRow | ServerClock | PinRefused | PinAccepted


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as its rows tell it, oldest first; `rows[0]` is its `Intended`.

    *position* is its number in its lane, counted from 1 without gaps within an epoch; 0 until it is committed.
    *offset_seconds* is what has to be added to its times to have the server's, as far as was known when it was last
    sent; None: not known.
    """

    key: EntryKey
    promise: Promise
    rows: tuple[EntryRow, ...] = field(default=())
    position: int = 0
    offset_seconds: float | None = None

    @property
    def promised(self) -> Promised | None:
        """The row by which the terminal itself granted it; None where it waits for the server's word."""
        return next((row for row in self.rows if isinstance(row, Promised)), None)

    @property
    def is_kept(self) -> bool:
        """Whether it is to come true however late: it happened already, or is a correction."""
        return self.promise.if_granted_late is IfGrantedLate.KEEP or self.promised is not None

    @property
    def has_open_case(self) -> bool:
        """Whether a human still has to look."""
        is_open = False
        for row in self.rows:
            if isinstance(row, CaseOpened):
                is_open = True
            elif isinstance(row, CaseClosed):
                is_open = False
        return is_open

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
    def strip_before(self) -> Strip | None:
        """The strip that the last release was to treat, as it was before; None where no strip was to be touched."""
        for row in reversed(self.rows):
            if isinstance(row, ReleaseIntended):
                return row.strip
        return None

    @property
    def is_released(self) -> bool:
        """Whether the last release that was recorded succeeded."""
        for row in reversed(self.rows):
            if isinstance(row, Released | ReleaseFailed):
                return isinstance(row, Released)
        return False
