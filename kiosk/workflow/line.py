"""One item or thing of the running session, as it is remembered between two events."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.rfid import TagUid
from kiosk.workflow.two_phase import Attempt
from kiosk.workflow.view import SlipState, Status, Trouble
from sync.entries import Due, EntryKey, Granted, ItemId, Money, Promised, Reason, Refused


@dataclass(frozen=True, slots=True)
class LineState:
    """One item or thing of the running session.

    *uids* are its tags on the pad (none for a scanned item), *key* its entry under way, *undo* the entry that takes a
    loan back.  *since* is when its status began.  *has_left* once all its tags were gone from the pad after it ended.
    *is_confirmed* once the reader agreed to borrow it.  *token* is the question asked about the item,
    *may_lack_parts* the rule for its parts.

    *granted* or *refused* is what the server said to the loan, *promised* what the terminal itself said; *attempt* is
    the release under way.  *token_here* is the question the terminal's own books are asked, which then counted
    *beside* as lent.  *slip* goes with it to the gate, asked for as *token_slip*; *reference* names the case.
    """

    id: str
    status: Status
    since: float
    item: ItemId | None = None
    uids: tuple[TagUid, ...] = ()
    parts: int = 1
    parts_present: int = 1
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


BUSY = (Status.ASKING, Status.RELEASING, Status.RENEWING, Status.UNDOING, Status.PUT_BACK)
"""The statuses in which something is under way that must come to its end before the session may."""

LENT = (Status.LENT, Status.LENT_STAYS_SECURED, Status.LENT_PROVISIONALLY, Status.LENT_NOT_VERIFIED)
"""The statuses in which the item is the patron's loan, made in this session."""
