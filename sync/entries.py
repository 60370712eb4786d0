"""What can be promised: identifiers, money, the closed union of promises, the four answers, the rows of the journal.

A *promise* is what the terminal asks a circulation server to do.  It becomes an *entry* of the journal when its
`Intended` row is committed; everything that happens to it later is another row with the same key.  Rows are never
changed.  All values here are immutable and compare by content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import NewType

from drivers.masked import Masked

ITEM_ID_LENGTH_MAX = 64
PATRON_ID_LENGTH_MAX = 64

ItemId = NewType("ItemId", str)
"""The number of an item as server and tag know it; made by `item_id`."""


class PatronId(Masked):
    """The number of a patron's card; made by `patron_id`, masked wherever it is printed."""

    __slots__ = ()


class BadIdentifier(ValueError):
    """A text that cannot be the number of an item or a patron.  The message never contains the text."""


_PRINTABLE = re.compile(r"[!-~]+(?: [!-~]+)*")


def item_id(text: str) -> ItemId:
    """*text* without surrounding blanks as an item number.

    Raises `BadIdentifier` unless it is 1 to 64 printable ASCII characters without "|" (the SIP2 delimiter).
    """
    return ItemId(_identifier(text, ITEM_ID_LENGTH_MAX))


def patron_id(text: str) -> PatronId:
    """*text* without surrounding blanks as a patron number.  Raises `BadIdentifier` as `item_id` does."""
    return PatronId(_identifier(text, PATRON_ID_LENGTH_MAX))


def _identifier(text: str, length_max: int) -> str:
    stripped = text.strip(" ")
    if not stripped:
        raise BadIdentifier("an identifier must not be empty")
    if len(stripped) > length_max:
        raise BadIdentifier(f"an identifier has at most {length_max} characters, not {len(stripped)}")
    if "|" in stripped or not _PRINTABLE.fullmatch(stripped):
        raise BadIdentifier("an identifier consists of printable ASCII characters other than |")
    return stripped


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in the smallest unit of *currency* (ISO 4217 code): 150 of "CNY" is 1.50 yuan."""

    minor_units: int
    currency: str


@dataclass(frozen=True, slots=True)
class Due:
    """When an item is due: the day where it could be understood, and the server's own text (SIP2 field AH)."""

    day: date | None
    text: str = ""


@dataclass(frozen=True, slots=True, order=True)
class EntryKey:
    """Names an entry for ever: *epoch* new at install and restore, *boot* counted from 1, *event* within it, *ordinal*.

    `str` gives "epoch-boot-event-ordinal", `parse` takes that back.
    """

    epoch: str
    boot: int
    event: int
    ordinal: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.boot}-{self.event}-{self.ordinal}"

    @classmethod
    def parse(cls, text: str) -> EntryKey:
        """The key that prints as *text*.  Raises `BadIdentifier`."""
        match = re.fullmatch(r"([0-9a-z]{1,32})-(\d{1,12})-(\d{1,12})-(\d{1,6})", text)
        if match is None:
            raise BadIdentifier("an entry key is epoch-boot-event-ordinal")
        return cls(match[1], int(match[2]), int(match[3]), int(match[4]))


# --- Promises ---------------------------------------------------------------------------------------------------


class IfGrantedLate(Enum):
    """What becomes of a grant that arrives after the reader was told how it stands."""

    KEEP = "keep"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Lend:
    """Lend *item* to *patron*.

    *fee_consented* once the reader agreed to the fee the server named.  *charged_before* are the items on the
    patron's account as read before asking, None when that was not known: what an in-doubt entry is compared with.
    """

    item: ItemId
    patron: PatronId
    at: datetime
    fee_consented: bool = False
    charged_before: tuple[ItemId, ...] | None = None
    if_granted_late: IfGrantedLate = IfGrantedLate.UNDO


@dataclass(frozen=True, slots=True)
class Renew:
    """Lengthen the loan *patron* has of *item*; *due_before* as read before asking."""

    item: ItemId
    patron: PatronId
    at: datetime
    due_before: Due | None = None
    fee_consented: bool = False
    if_granted_late: IfGrantedLate = IfGrantedLate.KEEP


@dataclass(frozen=True, slots=True)
class UndoLoan:
    """Take back the loan of *item* to *patron* that entry *undoes* made: a check-in (SIP2 09), never 11 with BI."""

    item: ItemId
    patron: PatronId
    at: datetime
    undoes: EntryKey
    if_granted_late: IfGrantedLate = IfGrantedLate.KEEP


Promise = Lend | Renew | UndoLoan


# --- Answers: four kinds, never mixed ---------------------------------------------------------------------------


class Reason(Enum):
    """Why a server, or the terminal on its behalf, does not do what was asked; each has its own sentence."""

    ITEM_UNKNOWN = "item-unknown"
    ITEM_ON_LOAN_TO_OTHER = "item-on-loan-to-other"
    ITEM_ON_HOLD_FOR_OTHER = "item-on-hold-for-other"
    ITEM_REFERENCE = "item-reference"
    ITEM_SPECIAL_COLLECTION = "item-special-collection"
    ITEM_LOST = "item-lost"
    ITEM_IN_TRANSIT = "item-in-transit"
    ITEM_DAMAGED = "item-damaged"
    ITEM_WITHDRAWN = "item-withdrawn"
    ITEM_INCOMPLETE = "item-incomplete"
    ITEM_AGE_RATING = "item-age-rating"
    ITEM_NOT_FOR_LOAN = "item-not-for-loan"
    LIMIT_REACHED = "limit-reached"
    RENEWAL_LIMIT = "renewal-limit"
    NOT_ON_LOAN = "not-on-loan"
    FEE_NEEDS_CONSENT = "fee-needs-consent"
    PATRON_UNKNOWN = "patron-unknown"
    PATRON_BLOCKED = "patron-blocked"
    PATRON_EXPIRED = "patron-expired"
    CARD_LOST = "card-lost"
    FEES_OWED = "fees-owed"
    LOANS_OVERDUE = "loans-overdue"
    WRONG_PIN = "wrong-pin"
    NOT_PERMITTED_HERE = "not-permitted-here"
    NOT_DONE = "not-done"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Granted:
    """The server did it.

    *release* says whether the item may pass the gate (SIP2 desensitize and CI); *magnetic* whether it holds magnetic
    media, None when not said; *renewed* that the loan already existed; *messages* are the server's, for display.
    """

    due: Due
    title: str = ""
    release: bool = True
    magnetic: bool | None = None
    renewed: bool = False
    fee: Money | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The server did not do it, for good.  *fee* goes with FEE_NEEDS_CONSENT and FEES_OWED."""

    reason: Reason
    title: str = ""
    fee: Money | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Stored upstream; the decision comes later."""


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer that can be believed: it may have been done or not.  *why* is one word for the log."""

    why: str


Answer = Granted | Refused | Held | Silence


# --- Rows of the journal ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TagBits:
    """One tag's security state as it was seen: uid in hex, AFI byte, EAS bit where there is one."""

    uid: str
    afi: int
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
    """The tags of the granted item are about to be released; *before* is their state."""

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
