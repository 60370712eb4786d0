"""The ledger of one machine: what its journal says of money, as double entry, and its days closed one by one.

    booked = book(told, source="kiosk-1", zone=None)
    rows = close_days(told, wanted, now, source="kiosk-1", zone=None, key=key)
    verified = verify(told, key, is_purged=False)

Nothing is stored twice: `booking.py` makes the transactions from the rows of payments whenever they are wanted, and
`closing.py` puts a day's figures into a row that the journal keeps, with an HMAC that binds it to the closing before.
`verifying.py` makes every closing anew and says what differs.  `key_file.py` is the key, which serves nothing else.

Which day a payment is booked on is said by the closings, not by a clock that may be set: a closing takes what lies
before it in the journal, happened before its end, and is in no earlier one.  Who paid is in none of it.

Pure but for the key's file: who reads the journal hands its rows over, and writes the closings it gets.
"""

from __future__ import annotations

from sync.machine_ledger.booking import Booked, Unbookable, book
from sync.machine_ledger.closing import ClosingRefused, DayWanted, close_days, days_closed
from sync.machine_ledger.key_file import ledger_key
from sync.machine_ledger.verifying import Finding, Verified, verify

__all__ = [
    "Booked",
    "ClosingRefused",
    "DayWanted",
    "Finding",
    "Unbookable",
    "Verified",
    "book",
    "close_days",
    "days_closed",
    "ledger_key",
    "verify",
]
