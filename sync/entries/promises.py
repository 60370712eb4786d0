"""What the terminal can ask a circulation server to do: the closed union of promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sync.entries.identifiers import Due, EntryKey, ItemId, PatronId


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
