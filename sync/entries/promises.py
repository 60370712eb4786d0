"""What the terminal can ask a circulation server to do: the closed union of promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sync.entries.fees import FeePart, Means
from sync.entries.identifiers import Due, EntryKey, ItemId, Money, PatronId


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


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Take *item* back, which lies at the terminal; nobody has to say who they are.

    *was_on_loan* and *due_before* are as the server told of the item before, None when it did not: what an in-doubt
    entry is compared with.  It has happened, so it is told until it is done or refused.
    """

    item: ItemId
    at: datetime
    was_on_loan: bool | None = None
    due_before: Due | None = None
    if_granted_late: IfGrantedLate = IfGrantedLate.KEEP

    @property
    def patron(self) -> PatronId | None:
        """Nobody, as far as the terminal knows."""
        return None


@dataclass(frozen=True, slots=True)
class Pay:
    """*patron* pays *amount*, which is that of all *parts*, by *means*; carried once the money was taken.

    *owed_before* is what the server said is owed in all, None when it did not: what an in-doubt entry is compared
    with.  *mark_before* is by what the card terminal tells the payment before this one, in the words of whoever asked
    it; empty where there was none, and for QR payments, which are named by the entry's key.
    """

    patron: PatronId
    amount: Money
    parts: tuple[FeePart, ...]
    means: Means
    at: datetime
    owed_before: Money | None = None
    mark_before: str = ""
    if_granted_late: IfGrantedLate = IfGrantedLate.KEEP

    @property
    def item(self) -> ItemId | None:
        """None: a payment touches no item."""
        return None


class Flaw(Enum):
    """What is wrong with an item that needs care."""

    BARCODE_MISSING = "barcode-missing"
    BARCODE_UNREADABLE = "barcode-unreadable"
    TAG_DISAGREES = "tag-disagrees"
    LOOSE_PAGES = "loose-pages"
    WRITTEN_IN = "written-in"
    DAMAGED = "damaged"
    PART_MISSING = "part-missing"


@dataclass(frozen=True, slots=True)
class ReportCare:
    """*item* needs care because of *flaws* (in the order of `Flaw`); *by* is staff's name, or "self" for a reader."""

    item: ItemId
    flaws: tuple[Flaw, ...]
    at: datetime
    by: str = "self"
    if_granted_late: IfGrantedLate = IfGrantedLate.KEEP

    @property
    def patron(self) -> PatronId | None:
        """Nobody: who reports it is not written down."""
        return None


Promise = Lend | Renew | UndoLoan | GiveBack | Pay | ReportCare
