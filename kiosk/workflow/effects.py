"""All that a session can ask to be done; devices are named by role.

The desk hands the records of a turn to the journal first and does everything else only when they are on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.em import Deed
from drivers.rfid import PadSignal, TagUid
from kiosk.workflow.slips import Slip
from sync.entries import Entry, EntryKey, Promised, Row
from sync.questions import LocalQuestion, Question


@dataclass(frozen=True, slots=True)
class Record:
    """Write *rows* to the journal, in this order, in one commit with all other records of the turn."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Carry:
    """Hand *entry* to the uplink; answered by `Carried`, perhaps more than once (silence first, the answer later)."""

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
    slip: Slip


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
    | Release
    | Secure
    | TreatStrip
    | LeaveStrip
    | ShowOnPad
    | PrintSlip
    | Play
)
