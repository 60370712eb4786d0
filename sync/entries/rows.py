"""The rows of the journal, and the entry they tell of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sync.entries.answers import Answer
from sync.entries.identifiers import Due, EntryKey, PatronId
from sync.entries.promises import Promise


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


@dataclass(frozen=True, slots=True)
class SecureIntended:
    """An item that is given back is about to be made secure; *before* names each of its tags, with its state.

    *strip* as it was before, where the item has a strip that is to be sensitised too; None: no strip is touched.
    """

    key: EntryKey
    at: datetime
    before: tuple[TagBits, ...]
    strip: Strip | None = None


@dataclass(frozen=True, slots=True)
class Secured:
    """Every tag was read back as secured, and the strip, where there is one, is done (UNVERIFIED: not read back)."""

    key: EntryKey
    at: datetime
    after: tuple[TagBits, ...]
    strip: Strip | None = None


@dataclass(frozen=True, slots=True)
class SecureFailed:
    """A tag or the strip is not known to be secure; *after* where it was read, *why* in a word."""

    key: EntryKey
    at: datetime
    after: tuple[TagBits, ...]
    why: str
    strip: Strip | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """The server does not take the item and it lay there still: its tags were put back as they were before."""

    key: EntryKey
    at: datetime
    after: tuple[TagBits, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """The item passed the barrier behind the flap of a book drop, on its way to bin *bin* ("" where there is one)."""

    key: EntryKey
    at: datetime
    bin: str = ""


@dataclass(frozen=True, slots=True)
class PaymentApproved:
    """The money was taken, exactly the promised amount.

    *voucher* is what the other side calls the payment, *mark* by what a card terminal tells it from others; *card* is
    masked as it came, *receipt* the terminal's own, line by line.
    """

    key: EntryKey
    at: datetime
    voucher: str
    mark: str = ""
    card: str = ""
    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentNotMade:
    """Surely no money was taken; *why* in a word."""

    key: EntryKey
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class PaymentReversed:
    """The money that was taken has been given back; *voucher* is what the other side calls that."""

    key: EntryKey
    at: datetime
    voucher: str
    receipt: tuple[str, ...] = ()


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
    RETURN_REFUSED = "return-refused"
    RETURN_NOT_SECURED = "return-not-secured"
    RETURN_UNKNOWN = "return-unknown"
    PARTS_MISSING = "parts-missing"
    NOT_IN_BIN = "not-in-bin"
    PAYMENT_UNKNOWN = "payment-unknown"
    PAYMENT_NOT_POSTED = "payment-not-posted"
    CARE_REFUSED = "care-refused"


class CaseEnd(Enum):
    """What staff did about a case."""

    AS_IT_STANDS = "as-it-stands"
    LENT_AT_DESK = "lent-at-desk"
    RETURNED_AT_DESK = "returned-at-desk"
    DUE_AGREED = "due-agreed"
    SECURED_AT_DESK = "secured-at-desk"
    POSTED_AT_DESK = "posted-at-desk"
    PAID_BACK_AT_DESK = "paid-back-at-desk"
    NOT_PAID = "not-paid"
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


@dataclass(frozen=True, slots=True)
class DayClosed:
    """A day of this machine's ledger was closed as number *number*, counted from 1 without gaps.

    *figures* is the closing as canonical JSON, without anything personal; *mac* its HMAC in hex, which also binds the
    closing before it.
    """

    at: datetime
    day: date
    number: int
    figures: str
    mac: str


@dataclass(frozen=True, slots=True)
class ServerReached:
    """The server can be reached: from here on what was never sent (`NEVER_SENT`) may be sent."""

    at: datetime


EntryRow = (
    Intended
    | Promised
    | Answered
    | ReleaseIntended
    | Released
    | ReleaseFailed
    | SecureIntended
    | Secured
    | SecureFailed
    | Restored
    | Dropped
    | PaymentApproved
    | PaymentNotMade
    | PaymentReversed
    | Settled
    | CaseOpened
    | CaseClosed
)
OtherRow = ServerClock | PinRefused | PinAccepted | DayClosed | ServerReached
"""The rows that belong to no entry."""

Row = EntryRow | OtherRow
