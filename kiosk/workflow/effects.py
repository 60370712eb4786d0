"""All that a session can ask to be done; devices are named by role.

The desk hands the records of a turn to the journal first and does everything else only when they are on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.em import Deed
from drivers.rfid import PadSignal, TagUid
from kiosk.workflow.slips import Printable
from sync.entries import Entry, EntryKey, Means, Money, Promised, Row, TagBits
from sync.questions import LocalQuestion, Question


@dataclass(frozen=True, slots=True)
class Record:
    """Write *rows* to the journal, in this order, in one commit with all other records of the turn."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Carry:
    """Hand *entry* to the uplink; answered by `Carried`, perhaps more than once (silence first, the answer later).

    *is_held*: it keeps its place in the lane and is not sent before `Proceed`; what comes first has not happened yet
    (`Entry.may_be_carried`).  `GiveUp` takes it out again.
    """

    entry: Entry
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Proceed:
    """*entry*, held in its lane, may be sent now; its rows are those it has by now."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The session no longer waits for this entry: if it was not sent yet, it must not be; else its outcome is settled
    by its `if_granted_late` without the session.

    One that the terminal itself had promised is given up only when its tags were read back as secured: where it was
    not sent, `Carried` with `Refused(NOT_DONE)` says so, and the session still waits for that.
    """

    key: EntryKey


@dataclass(frozen=True, slots=True)
class Keep:
    """The terminal itself has promised the loan of this entry, which is with the uplink already: *row* says so.

    From here on it is kept however late its grant comes, and no session waits for it.
    """

    key: EntryKey
    row: Promised


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the server; answered by `Told` or `NotTold` with the same *token*."""

    token: int
    question: Question


@dataclass(frozen=True, slots=True)
class AskHere:
    """Ask the terminal's own books (snapshot, journal); answered by `ToldHere` or `NotTold` with the same *token*."""

    token: int
    question: LocalQuestion


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """Print *slip*; answered by `SlipPrinted` or `SlipNotPrinted` with the same *token*.  Nothing waits for it."""

    token: int
    slip: Printable


@dataclass(frozen=True, slots=True)
class Release:
    """Let the tags pass the gate; answered by `TagsReleased` or `TagsNotReleased`."""

    key: EntryKey
    uids: tuple[TagUid, ...]


@dataclass(frozen=True, slots=True)
class Secure:
    """Make the gate stop the tags again; answered by `TagsSecured`."""

    key: EntryKey
    uids: tuple[TagUid, ...]


@dataclass(frozen=True, slots=True)
class Restore:
    """Put the tags back as they were in *before*, those that lie there still; answered by `TagsRestored`."""

    key: EntryKey
    before: tuple[TagBits, ...]


@dataclass(frozen=True, slots=True)
class OpenDrop:
    """Let the item that lies in the book drop into bin *bin* ("" where there is one); answered by `DropPassed` or
    `DropStuck`.
    """

    key: EntryKey
    bin: str = ""


@dataclass(frozen=True, slots=True)
class TakePayment:
    """Take *amount* by *means*, once, for the entry *key*.

    *mark_before* as in `Pay`.  Answered by `PaymentStepped`, any number, and one of `PaymentTaken`, `PaymentNotTaken`,
    `PaymentUnclear`.
    """

    key: EntryKey
    means: Means
    amount: Money
    mark_before: str


@dataclass(frozen=True, slots=True)
class StopPayment:
    """The reader does not want to pay after all; it may be too late, and `TakePayment` is answered as it went."""

    key: EntryKey


@dataclass(frozen=True, slots=True)
class FindPayment:
    """What became of the payment of *entry*, begun before the terminal started?  Moves no money.

    Answered as `TakePayment`.
    """

    entry: Entry


@dataclass(frozen=True, slots=True)
class ReversePayment:
    """Give back the *amount* that was taken as *voucher*; answered by `PaymentGivenBack` or `PaymentNotGivenBack`."""

    key: EntryKey
    means: Means
    amount: Money
    voucher: str


@dataclass(frozen=True, slots=True)
class TreatStrip:
    """Have *deed* done to the strip of the one item that is sensed next, or lies on the unit; once.

    Answered by exactly one of `StripTreated`, `StripNotTreated` and `StripSpoilt`, whenever that is.
    """

    key: EntryKey
    deed: Deed


@dataclass(frozen=True, slots=True)
class LeaveStrip:
    """Make the strip unit safe again: what was ordered for *key* is answered now, as far as it came."""

    key: EntryKey


@dataclass(frozen=True, slots=True)
class ShowOnPad:
    """Light and sound of the pad itself."""

    signal: PadSignal


class Sound(Enum):
    """What the terminal can be heard to say; different for read, done, refused and attention."""

    READ = "read"
    DONE = "done"
    REFUSED = "refused"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Play:
    """Play *sound* where the terminal has a loudspeaker."""

    sound: Sound


Effect = (
    Record
    | Carry
    | GiveUp
    | Keep
    | Ask
    | AskHere
    | Proceed
    | Release
    | Secure
    | Restore
    | OpenDrop
    | TakePayment
    | StopPayment
    | FindPayment
    | ReversePayment
    | TreatStrip
    | LeaveStrip
    | ShowOnPad
    | PrintSlip
    | Play
)
