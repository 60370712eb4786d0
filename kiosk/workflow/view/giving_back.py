"""What a reader sees who gives items back, at the pad or at a book drop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.workflow.view.values import Choice, SlipState, Trouble
from sync.entries import Due, ItemId, Money, Reason
from sync.rules.sorting import Bin, Route


class BackStatus(Enum):
    """How an item that is given back stands.

    Only BACK, BACK_NO_LOAN, BACK_RECORDED and BACK_TO_STAFF say that the reader is rid of it, and only once that is
    recorded.  BACK_NO_LOAN: it had been returned before.  BACK_RECORDED: the server is told later.  BACK_TO_STAFF: it
    stays here, secured or not, and staff look at it.  HANDED_BACK: another library's, or nobody's; it goes back to the
    reader, or with the route FOREIGN onto the pile of such items.  PARTS_MISSING: parts are asked for; with
    SAME_NUMBER_TWICE it has one too many.  WAITING with NOT_ON_PAD: its barcode was scanned, and it is to be laid on
    the pad.
    """

    WAITING = "waiting"
    SECURING = "securing"
    STRIP_WANTED = "strip-wanted"
    PUT_BACK = "put-back"
    TELLING = "telling"
    BACK = "back"
    BACK_NO_LOAN = "back-no-loan"
    BACK_RECORDED = "back-recorded"
    BACK_TO_STAFF = "back-to-staff"
    HANDED_BACK = "handed-back"
    PARTS_MISSING = "parts-missing"
    NOT_TAKEN = "not-taken"


@dataclass(frozen=True, slots=True)
class BackLine:
    """One item (or thing) that is given back.

    *id* as in `Line`.  *was_due* is when it had to be back, *days_overdue* by how much it is late (0: in time, or not
    known), *fee* what that costs.  *why* is set for everything that is not going well; ALREADY_BACK beside a good end:
    it was laid there once more, and nothing was done again.  *bin* is where it is to be put and *route* why there, both
    None until that is known.  *reader* counts the readers whose loans are given back in one go, from 1; 0 while nobody
    is known to have had it: lines of one number share a receipt.
    """

    id: str
    status: BackStatus
    item: ItemId | None = None
    title: str = ""
    was_due: Due | None = None
    days_overdue: int = 0
    fee: Money | None = None
    why: Reason | Trouble | None = None
    message: str = ""
    parts: int = 1
    parts_present: int = 1
    bin: Bin | None = None
    route: Route | None = None
    reader: int = 0
    reference: str = ""
    slip: SlipState | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class GivingBack:
    """The list of what is given back; nobody has to say who they are.

    *done* items are taken back.  *is_recorded_only*: the server is away, and is told later.  Choices: "finish"; in a
    line "care:ITEM", and "give-back:ITEM" where it is to be taken as it is, with parts missing or without its tag.
    """

    lines: tuple[BackLine, ...]
    done: int
    is_busy: bool = False
    is_recorded_only: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class UseStripUnitBack:
    """*line* has to go over the strip unit to be made secure; waited for until *seconds_left* have passed.

    Choices: "strip-ready" where the unit senses nothing by itself, "no".
    """

    line: BackLine
    seconds_left: int
    is_working: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class BackSummary:
    """The end of giving back: what needs somebody's attention stands first.

    *readers* different readers' loans were ended.  Choices: "done", and "print", "code" where a receipt can be had.
    """

    lines: tuple[BackLine, ...]
    done: int
    to_staff: int
    not_taken: int
    seconds_left: int
    readers: int = 0
    is_recorded_only: bool = False
    receipt: SlipState | None = None
    choices: tuple[Choice, ...] = ()


class DropStep(Enum):
    """What an unattended book drop is at.

    READY: insert one item.  READING: it is there and not read yet.  WORKING: it is secured and recorded.  MOVING: the
    flap is open.  TAKE_OUT: it is not taken, and has to be taken out again.  DONE: it is in the bin.  STUCK, FULL and
    AWAY: nothing can be dropped until staff have been there.
    """

    READY = "ready"
    READING = "reading"
    WORKING = "working"
    MOVING = "moving"
    TAKE_OUT = "take-out"
    DONE = "done"
    STUCK = "stuck"
    FULL = "full"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class BookDropping:
    """An unattended book drop: one item at a time; *line* is the one it is about, None where there is none.

    *done* items were taken in a row, since the drop was last left alone.
    """

    step: DropStep
    line: BackLine | None = None
    why: Trouble | None = None
    done: int = 0
    is_recorded_only: bool = False
    choices: tuple[Choice, ...] = ()
