"""One item or thing of the running session, as it is remembered between two events."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.em import Deed
from drivers.rfid import TagUid
from kiosk.workflow.two_phase import Attempt
from kiosk.workflow.view import SlipState, Status, Trouble
from sync.entries import (
    Due,
    EntryKey,
    Granted,
    ItemId,
    Money,
    Promised,
    Reason,
    Refused,
    Strip,
    TagBits,
)


@dataclass(frozen=True, slots=True)
class StripWork:
    """An item's way over the strip unit, from the moment on in which it was asked for.

    *sensed* items came to the unit since its barcode was scanned last (a tagged item: since it was asked for), while
    the unit was safe.  *deed* once the strip's turn has come, *pulses* how often the unit was told to do it,
    *is_ready* once the reader said that the item lies there, *is_over* once it is not waited for any longer,
    *left_at* when the unit was told to leave it be, *lost_at* when it last did nothing although it was told.

    *found* None: the strip is surely as it was; else as the unit read it last, UNVERIFIED when nobody can tell.
    *after* are the item's tags as read last.  *why* it is not to be treated, *word* what went wrong, for staff.
    """

    sensed: int = 0
    deed: Deed | None = None
    pulses: int = 0
    is_ready: bool = False
    is_over: bool = False
    left_at: float | None = None
    lost_at: float | None = None
    found: Strip | None = None
    after: tuple[TagBits, ...] = ()
    why: Trouble | None = None
    word: str = ""

    @property
    def is_as_before(self) -> bool:
        """Whether a gate would surely stop the item by its strip."""
        return self.found in (None, Strip.ACTIVE)


@dataclass(frozen=True, slots=True)
class LineState:
    """One item or thing of the running session.

    *uids* are its tags on the pad (none for a scanned item), *media_formats* what they say that it holds,
    *holds_magnetic* once the server told of the item that it is a tape or a disk.  *key* is its entry under way, *undo*
    the entry that takes a loan back.  *since* is when its status began.  *has_left* once all its tags were gone from
    the pad after it ended.  *is_confirmed* once the reader agreed to borrow it.  *token* is the question asked about
    the item, *may_lack_parts* the rule for its parts.

    *granted* or *refused* is what the server said to the loan, *promised* what the terminal itself said; *attempt* is
    the release under way, *strip* its item's way over the strip unit, None where no strip is touched.  *token_here* is
    the question the terminal's own books are asked, which then counted *beside* as lent.  *slip* goes with it to the
    gate, asked for as *token_slip*; *reference* is what staff find it by.
    """

    id: str
    status: Status
    since: float
    item: ItemId | None = None
    uids: tuple[TagUid, ...] = ()
    parts: int = 1
    parts_present: int = 1
    media_formats: tuple[int | None, ...] = ()
    holds_magnetic: bool = False
    title: str = ""
    due: Due | None = None
    why: Reason | Trouble | None = None
    fee: Money | None = None
    message: str = ""
    key: EntryKey | None = None
    undo: EntryKey | None = None
    granted: Granted | None = None
    refused: Refused | None = None
    promised: Promised | None = None
    attempt: Attempt | None = None
    strip: StripWork | None = None
    fee_consented: bool = False
    accepts_missing_parts: bool = False
    is_confirmed: bool = False
    may_lack_parts: bool | None = None
    may_renew: bool = False
    token: int = 0
    token_here: int = 0
    beside: tuple[ItemId, ...] = ()
    reference: str = ""
    slip: SlipState | None = None
    token_slip: int = 0
    has_left: bool = False

    @property
    def is_provisional(self) -> bool:
        """Whether it is lent by this terminal's word alone so far."""
        return self.promised is not None and self.granted is None and self.status in LENT


BUSY = (
    Status.ASKING,
    Status.RELEASING,
    Status.STRIP_WANTED,
    Status.RENEWING,
    Status.UNDOING,
    Status.PUT_BACK,
)
"""The statuses in which something is under way that must come to its end before the session may."""

UNDER_WAY = (Status.ASKING, Status.RELEASING, Status.STRIP_WANTED, Status.PUT_BACK)
"""The statuses of an item that may yet become the patron's loan."""

LENT = (Status.LENT, Status.LENT_STAYS_SECURED, Status.LENT_PROVISIONALLY, Status.LENT_NOT_VERIFIED)
"""The statuses in which the item is the patron's loan, made in this session."""
