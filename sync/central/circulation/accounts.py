"""A patron's part of the ledger: read, added to by the rules of `sync.rules.ledger`, and kept.

Whoever adds has locked the patron: so two payments of one fee, or a payment and a waiver, wait for each other.
"""

from __future__ import annotations

import hashlib
import re

from sqlalchemy import Connection

from sync.central.circulation.library import Library
from sync.central.store.ledger_rows import Booked, Kept, charges_of_loans, keep, patron_of, transactions_of
from sync.central.store.records import LoanRecord
from sync.central.store.tables import TEXT_LENGTH
from sync.entries import FeeKind, PatronId
from sync.rules.ledger import SELF, Income, Ledger, LedgerError, Origin, Transaction, counter

_REFERENCE = re.compile(r"[!-{}~]{1,80}")
_UNFIT = re.compile(r"[^!-{}~]")


def ledger_of(connection: Connection, library: Library, patron: PatronId) -> Ledger:
    """All that was ever booked for *patron*.  Raises `LedgerError` where it is in another currency."""
    kept = transactions_of(connection, patron, library.currency)
    return Ledger.of(library.currency, (one.transaction for one in kept))


def book(
    connection: Connection,
    library: Library,
    ledger: Ledger,
    transaction: Transaction,
    *,
    loan: int | None = None,
    note: str = "",
) -> int:
    """Adds *transaction*, which has to follow from its patron's *ledger*; the number of its row.

    Raises `LedgerError`, and has then added nothing.
    """
    ledger.post(transaction)
    booked = Booked(transaction, library.now(), loan, note[:TEXT_LENGTH])
    (number,) = keep(connection, (booked,))
    return number


def reference_of(terminal: str, key: str, more: str = "") -> str:
    """What a transaction is called that *terminal* named *key*; *more* tells apart what has one key."""
    named = ":".join(part for part in (terminal, key, more) if part)
    if _REFERENCE.fullmatch(named) is not None:
        return named
    return f"{_UNFIT.sub('-', terminal)[:15]}:{hashlib.sha256(named.encode()).hexdigest()}"


def voucher_of(text: str) -> str:
    """*text* as the ledger takes it, with - for what it does not."""
    return _UNFIT.sub("-", text.strip())[:80]


def standing_charges(
    connection: Connection, library: Library, loan: LoanRecord, kind: FeeKind
) -> tuple[Kept, ...]:
    """The charges of *kind* for *loan* that nobody countered."""
    charged = [
        kept
        for kept in charges_of_loans(connection, (loan.id,), library.currency)
        if any(leg.account == Income(kind) for leg in kept.transaction.legs)
    ]
    if not charged:
        return ()
    booked = transactions_of(connection, patron_of(charged[0].transaction), library.currency)
    countered = {
        kept.transaction.counters.reference for kept in booked if kept.transaction.counters is not None
    }
    return tuple(kept for kept in charged if kept.transaction.reference not in countered)


def counter_charges(
    connection: Connection, library: Library, loan: LoanRecord, kind: FeeKind, source: str
) -> bool:
    """Counters what was charged of *kind* for *loan*; false where a charge stays because something rests on it.

    What was paid of it is the patron's to have back.  The patron has to be locked.
    """
    is_all = True
    for kept in standing_charges(connection, library, loan, kind):
        charged = kept.transaction
        origin = Origin(f"{charged.reference}-countered"[-80:], library.today(), source, SELF)
        try:
            ledger = ledger_of(connection, library, patron_of(charged))
            book(connection, library, ledger, counter(charged, origin), loan=loan.id)
        except LedgerError:
            # No item is kept from coming back by what stands in the ledger.
            is_all = False
    return is_all
