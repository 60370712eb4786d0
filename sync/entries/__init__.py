"""What can be promised: identifiers and money, the promises, the four answers, the rows of the journal.

A *promise* is what the terminal asks a circulation server to do.  It becomes an *entry* of the journal when its
`Intended` row is committed; everything that happens to it later is another row with the same key.  Rows are never
changed.  All values here are immutable and compare by content.
"""

from __future__ import annotations

from sync.entries.answers import (
    Answer,
    Granted,
    Held,
    Reason,
    Refused,
    Silence,
)
from sync.entries.identifiers import (
    ITEM_ID_LENGTH_MAX,
    PATRON_ID_LENGTH_MAX,
    BadIdentifier,
    Due,
    EntryKey,
    ItemId,
    Money,
    PatronId,
    item_id,
    patron_id,
)
from sync.entries.promises import (
    IfGrantedLate,
    Lend,
    Promise,
    Renew,
    UndoLoan,
)
from sync.entries.rows import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Entry,
    EntryRow,
    Intended,
    PinAccepted,
    PinRefused,
    Promised,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Row,
    ServerClock,
    Settled,
    Settlement,
    Strip,
    TagBits,
)

__all__ = [
    "ITEM_ID_LENGTH_MAX",
    "PATRON_ID_LENGTH_MAX",
    "Answer",
    "Answered",
    "BadIdentifier",
    "CaseClosed",
    "CaseEnd",
    "CaseOpened",
    "CaseReason",
    "Due",
    "Entry",
    "EntryKey",
    "EntryRow",
    "Granted",
    "Held",
    "IfGrantedLate",
    "Intended",
    "ItemId",
    "Lend",
    "Money",
    "PatronId",
    "PinAccepted",
    "PinRefused",
    "Promise",
    "Promised",
    "Reason",
    "Refused",
    "ReleaseFailed",
    "ReleaseIntended",
    "Released",
    "Renew",
    "Row",
    "ServerClock",
    "Settled",
    "Settlement",
    "Silence",
    "Strip",
    "TagBits",
    "UndoLoan",
    "item_id",
    "patron_id",
]
