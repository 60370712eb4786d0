"""One item that is given back, and all of one go, as they are remembered between two events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from drivers.masked import Masked
from drivers.rfid import TagUid
from kiosk.workflow.line import StripWork
from kiosk.workflow.two_phase import Attempt
from kiosk.workflow.view import BackStatus, DropStep, SlipState, Trouble
from sync.entries import (
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    ItemId,
    Money,
    PatronId,
    Reason,
    Refused,
    TagBits,
)
from sync.rules.sorting import Bin, Route


@dataclass(frozen=True, slots=True)
class BackLineState:
    """One item or thing that is given back.

    *uids* are its tags on the pad (none for a scanned item), *since* is when its status began.  *has_part_twice*: more
    tags of it lie there than it can have.  *takes_as_it_is*: it is not waited for what is missing of it any more, its
    parts or its tag.  *has_left* once its tags were gone from the pad after it ended.

    *token* is the question asked about the item at *asked_at*, *is_heard* once that has its end, *is_told* once it was
    answered, *was_on_loan*, *due_before* and *is_magnetic* what the answer said.  *entry* is its entry, with the rows
    written here so far, *attempt* the securing (or putting back as it was) under way, *strip* its way over the strip
    unit, None where no strip is touched; *before* and *after* its tags as read before and last.  *is_over* once no more
    is written about the entry here: late answers are the uplink's.  *is_settled_later*: its story ends with a bin.

    *was_back*: it was taken back before, by its barcode or with other tags, *earlier_uids*.  The rest is as in
    `BackLine`.
    """

    id: str
    status: BackStatus
    since: float
    item: ItemId | None = None
    uids: tuple[TagUid, ...] = ()
    parts: int = 1
    parts_present: int = 1
    has_part_twice: bool = False
    media_formats: tuple[int | None, ...] = ()
    title: str = ""
    why: Reason | Trouble | None = None
    message: str = ""
    takes_as_it_is: bool = False
    has_left: bool = False
    token: int = 0
    asked_at: float = 0.0
    is_heard: bool = False
    is_told: bool = False
    was_on_loan: bool | None = None
    due_before: Due | None = None
    is_magnetic: bool | None = None
    entry: Entry | None = None
    attempt: Attempt | None = None
    strip: StripWork | None = None
    before: tuple[TagBits, ...] = ()
    after: tuple[TagBits, ...] = ()
    is_over: bool = False
    is_settled_later: bool = False
    was_back: bool = False
    earlier_uids: tuple[TagUid, ...] = ()
    was_due: Due | None = None
    days_overdue: int = 0
    fee: Money | None = None
    bin: Bin | None = None
    route: Route | None = None
    reader: int = 0
    reference: str = ""
    slip: SlipState | None = None
    token_slip: int = 0

    @property
    def key(self) -> EntryKey | None:
        """That of its entry, None before there is one."""
        return None if self.entry is None else self.entry.key

    @property
    def answer(self) -> Granted | Refused | None:
        """What the server said."""
        answer = None if self.entry is None else self.entry.answer
        return answer if isinstance(answer, Granted | Refused) else None


BUSY_BACK = (BackStatus.SECURING, BackStatus.STRIP_WANTED, BackStatus.PUT_BACK, BackStatus.TELLING)
"""The statuses in which something is under way."""

OPEN_BACK = (BackStatus.WAITING, BackStatus.PARTS_MISSING)
"""The statuses of an item about which nothing is written yet."""

RID_OF = (BackStatus.BACK, BackStatus.BACK_NO_LOAN, BackStatus.BACK_RECORDED, BackStatus.BACK_TO_STAFF)
"""The statuses in which the reader is rid of it."""

NOT_RID_OF = (BackStatus.NOT_TAKEN, BackStatus.HANDED_BACK)
"""The statuses in which the reader still has it, and may try again."""


@dataclass(frozen=True, slots=True)
class DropWork:
    """What an unattended book drop is at with the item in front of its flap.

    *since* is when the step began.  *scanned* is the item whose barcode was read.  *opened* is what the flap was opened
    for.  *was_emptied*: the item was taken out and not seen since, or it was taken out, or away, after it got stuck.
    """

    step: DropStep
    since: float
    scanned: ItemId | None = None
    opened: EntryKey | None = None
    why: Trouble | None = None
    was_emptied: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """All that is given back in one go.

    *readers* are those whose loans were ended, in the order in which that became known: they are only counted.
    *heard_at* is when the server last said something.  *began_by_itself*: nobody chose to give back, and nobody has to
    choose to finish.  *is_leaving*: the reader does not wait for answers.  *forgotten* lines ended well long ago and
    made room.  *next_number* is whose turn it is afterwards.  *drop* is set at a book drop.
    """

    lines: tuple[BackLineState, ...] = ()
    readers: tuple[PatronId, ...] = ()
    heard_at: float = 0.0
    began_by_itself: bool = False
    is_ending: bool = False
    is_leaving: bool = False
    forgotten: int = 0
    next_number: Masked | None = None
    drop: DropWork | None = None


def with_back(batch: Batch, line: BackLineState) -> Batch:
    """*batch* with *line* in the place of the one with the same id, or at the end."""
    if any(known.id == line.id for known in batch.lines):
        return replace(batch, lines=tuple(line if known.id == line.id else known for known in batch.lines))
    return replace(batch, lines=(*batch.lines, line))


def each_back(batch: Batch, change: Callable[[BackLineState], BackLineState]) -> Batch:
    """*batch* with every line as *change* makes it."""
    return replace(batch, lines=tuple(change(line) for line in batch.lines))


def with_rows(line: BackLineState, *rows: EntryRow) -> BackLineState:
    """*line* whose entry has *rows* as well."""
    if line.entry is None:
        return line
    return replace(line, entry=replace(line.entry, rows=(*line.entry.rows, *rows)))


def is_under_way(line: BackLineState) -> bool:
    """Whether something happens to *line* without anybody doing anything."""
    if line.status in BUSY_BACK:
        return True
    return line.status is BackStatus.WAITING and line.why is not Trouble.NOT_ON_PAD


def for_the_summary(line: BackLineState) -> BackLineState:
    """*line* as it is shown when all is over: nobody's number is left in it."""
    return replace(line, entry=None, attempt=None, strip=None, before=(), after=(), is_over=True)
