"""What staff book: charges, waivers, payments at the counter, money given back, deposits, and corrections; each with a
name.

Every function locks the patron, reads the ledger under that lock, and raises `LedgerError` with nothing booked.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from sync.central.circulation.accounts import book, ledger_of
from sync.central.circulation.library import Library
from sync.central.store import ledger_tables as m
from sync.central.store import queries
from sync.central.store.ledger_rows import Booked, Kept, keep, patron_of, transaction_named
from sync.central.store.records import ItemRecord
from sync.entries import FeeKind, ItemId, Money, PatronId
from sync.rules.amounts import read_factor
from sync.rules.compensation import (
    Compensation,
    CompensationRule,
    HarmedItem,
    HarmTerms,
    compensation,
    usual_rule,
)
from sync.rules.ledger import (
    Ledger,
    Origin,
    Overpaid,
    ReferenceUnknown,
    Share,
    Till,
    Transaction,
    charge,
    counter,
    deposit,
    deposit_refund,
    payment,
    payment_from_deposit,
    refund,
    share_out,
    shares_to_give_back,
    waiver,
)

SOURCE = "central"


class PatronUnknown(LookupError):
    """There is no such card."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who books, on *connection*, and why: *by* is staff's name, *note* what else is worth knowing."""

    connection: Connection
    library: Library
    by: str
    note: str = ""

    def origin(self, letter: str) -> Origin:
        """A reference of its own, *letter* in front of it, for what is booked today."""
        return Origin(f"{letter}{secrets.token_hex(6)}", self.library.today(), SOURCE, self.by)

    def ledger(self, patron: PatronId) -> Ledger:
        """The patron's part of the ledger, under lock.  Raises `PatronUnknown`."""
        if queries.find_patron(self.connection, patron, lock=True) is None:
            raise PatronUnknown
        return ledger_of(self.connection, self.library, patron)

    def book(self, ledger: Ledger, made: Transaction, loan: int | None = None) -> str:
        """The reference of *made*, which is booked."""
        book(self.connection, self.library, ledger, made, loan=loan, note=self.note)
        return made.reference


def charge_by_hand(desk: Desk, patron: PatronId, kind: FeeKind, amount: Money, item: ItemId | None) -> str:
    """*patron* owes *amount* more; the fee's reference."""
    return desk.book(desk.ledger(patron), charge(desk.origin("D"), patron, kind, amount, item))


def charge_harm(desk: Desk, patron: PatronId, item: ItemRecord, harm: str) -> tuple[str, Compensation]:
    """*patron* owes what *harm* to *item* costs by the library's rule; the fee's reference, and how it was reckoned.

    Raises `HarmUnknown`, `PriceUnknown`, and what `compensation` raises besides.
    """
    price = None if item.price_minor is None else desk.library.money(item.price_minor)
    owed = compensation(
        HarmedItem(price, item.is_set_price), harm, compensation_rule(desk.connection, desk.library)
    )
    return charge_by_hand(desk, patron, owed.fee_kind, owed.amount, item.number), owed


def compensation_rule(connection: Connection, library: Library) -> CompensationRule:
    """The library's own terms; the usual ones where it has none."""
    rows = connection.execute(select(m.harms)).all()
    if not rows:
        return usual_rule(library.currency)
    return CompensationRule(
        library.currency,
        {
            row.code: HarmTerms(
                read_factor(row.factor),
                read_factor(row.set_factor),
                row.may_replace,
                row.minimum_minor,
                row.cap_minor,
                FeeKind(row.fee_kind),
            )
            for row in rows
        },
    )


def waive(desk: Desk, fee: str, amount: Money | None = None) -> str:
    """The library lets off *amount* of *fee*, None all that is open of it."""
    patron = patron_of_fee(desk, fee)
    ledger = desk.ledger(patron)
    open_fees = [one for one in ledger.open_fees(patron) if one.reference == fee]
    if not open_fees:
        raise ReferenceUnknown(f"nothing is owed for {fee}")
    let_off = open_fees[0].owed if amount is None else amount
    if let_off.minor_units > open_fees[0].open_minor:
        raise Overpaid(f"of {fee} {open_fees[0].open_minor} is owed, not {let_off.minor_units}")
    shares = (Share(fee, let_off, open_fees[0].item),)
    return desk.book(ledger, waiver(desk.origin("W"), patron, shares))


def take(desk: Desk, patron: PatronId, fees: Collection[str], till: Till | None) -> tuple[str, Money]:
    """*patron* pays *fees* into *till* (None: out of their deposit), each in full; the payment's reference, and what it
    came to.
    """
    ledger = desk.ledger(patron)
    owed = {one.reference: one.open_minor for one in ledger.open_fees(patron)}
    gone = sorted(set(fees) - set(owed))
    if gone:
        raise ReferenceUnknown(f"nothing is owed for {', '.join(gone)}")
    total = desk.library.money(sum(owed[fee] for fee in set(fees)))
    shares = share_out(ledger.open_fees(patron), total, fees)
    origin = desk.origin("B")
    made = (
        payment_from_deposit(origin, patron, shares)
        if till is None
        else payment(origin, patron, shares, till)
    )
    return desk.book(ledger, made), total


def take_deposit(desk: Desk, patron: PatronId, amount: Money, till: Till) -> str:
    """*patron* leaves *amount* with the library, in *till*; its reference."""
    return desk.book(desk.ledger(patron), deposit(desk.origin("H"), patron, amount, till))


def give_deposit_back(desk: Desk, patron: PatronId, amount: Money, till: Till) -> str:
    """*patron* gets *amount* of their deposit out of *till*; its reference."""
    return desk.book(desk.ledger(patron), deposit_refund(desk.origin("R"), patron, amount, till))


def give_money_back(desk: Desk, patron: PatronId, till: Till) -> tuple[str, Money]:
    """*patron* gets out of *till* what was paid for fees that are not owed any more."""
    ledger = desk.ledger(patron)
    shares = shares_to_give_back(ledger.credits(patron))
    if not shares:
        raise ReferenceUnknown("there is nothing to give back")
    total = desk.library.money(sum(share.amount.minor_units for share in shares))
    return desk.book(ledger, refund(desk.origin("R"), patron, shares, till)), total


def correct(desk: Desk, reference: str) -> str:
    """Counters transaction *reference*: all accounts are as they were before it."""
    kept = _named(desk, reference)
    patron = patron_of(kept.transaction)
    ledger = desk.ledger(patron)
    return desk.book(ledger, counter(kept.transaction, desk.origin("C")), kept.loan)


def patron_of_fee(desk: Desk, fee: str) -> PatronId:
    """Whose fee it is.  Raises `ReferenceUnknown`."""
    return patron_of(_named(desk, fee).transaction)


def _named(desk: Desk, reference: str) -> Kept:
    if not reference.isprintable():
        raise ReferenceUnknown("there is no such transaction")
    kept = transaction_named(desk.connection, reference, desk.library.currency)
    if kept is None:
        raise ReferenceUnknown(f"there is no transaction {reference}")
    return kept


def charge_imported(connection: Connection, library: Library, rows: Iterable[Mapping[str, Any]]) -> None:
    """Charges the fees of a library's own list, each on the day it was charged there."""
    booked = []
    for row in rows:
        at: datetime = row["charged_at"]
        origin = Origin(f"I{secrets.token_hex(8)}", library.local(at).date(), SOURCE, "import")
        item = None if row["item"] is None else ItemId(row["item"])
        amount = library.money(row["amount_minor"])
        made = charge(origin, PatronId(row["patron"]), FeeKind(row["kind"]), amount, item)
        booked.append(Booked(made, at))
    keep(connection, booked)
