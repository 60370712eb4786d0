"""A small library as a snapshot has it, for tests that need one without a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from argon2 import PasswordHasher

from sync.entries import ItemId, PatronId
from sync.rules.terms import Condition, LoanTerms, Use
from sync.snapshot.content import Snapshot
from sync.snapshot.drawing import draw
from sync.snapshot.extract import Extract, ItemKind, ItemType, LibraryTerms, PatronStanding

PEPPER = bytes(range(32))
PIN = "1234"
READER = PatronId("20999000000017")
OTHER = PatronId("20999000000025")
BOOKS = tuple(ItemId(f"3099900001{number:04}") for number in range(1, 8))
REFERENCE = ItemId("30999000020001")
ISSUED_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LOANS_MAX = 3

EXTRACT = Extract(
    terms=LibraryTerms(
        "Example",
        "CNY",
        "UTC",
        loans_max={"adult": LOANS_MAX},
        item_types={"book": ItemType()},
        loan_terms={("adult", "book"): LoanTerms(28)},
    ),
    items={
        **dict.fromkeys(BOOKS, ItemKind("book")),
        REFERENCE: ItemKind("book", Use.REFERENCE, Condition.IN_PLACE),
    },
    patrons={READER: PatronStanding("adult"), OTHER: PatronStanding("adult")},
    pin_hashes={READER: PasswordHasher(1, 64, 1).hash(PIN)},
)


def snapshot(number: int = 1, issued_at: datetime = ISSUED_AT, extract: Extract = EXTRACT) -> Snapshot:
    """The snapshot of *extract* for a terminal, not sealed."""
    return draw(extract, "kiosk-01", number, issued_at, PEPPER).snapshot


def lent_to(patron: PatronId, *items: ItemId) -> Extract:
    """The library with *items* on loan to *patron* already."""
    return replace(EXTRACT, on_loan=dict.fromkeys(items, patron))
