"""A small library as an extract, and keys for its one terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync.entries import item_id, patron_id
from sync.rules.terms import Calendar, CardStatus, Condition, LoanTerms, Use
from sync.snapshot.content import Snapshot
from sync.snapshot.drawing import draw
from sync.snapshot.extract import Extract, ItemKind, ItemType, LibraryTerms, PatronStanding
from sync.snapshot.keys import SnapshotKeys

NOW = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
TERMINAL = "kiosk-01"
SIGNING = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ISSUER = SIGNING.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
KEYS = SnapshotKeys(TERMINAL, key=b"k" * 32, pepper=b"p" * 32, issuer=ISSUER)
PIN = "4711"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

BOOK, OTHER_BOOK, FILM, TAPE, OTHER_TAPE, UNCLEAR = (item_id(f"3099{n:010d}") for n in range(6))
REFERENCE, SPECIAL, SERIES, PERIODICAL = (item_id(f"3098{n:010d}") for n in range(4))
LOST, FOR_ADULTS, STRIP_STAYS, HELD, LENT, LENT_TO_READER = (item_id(f"3097{n:010d}") for n in range(6))
STRANGE_TYPE = item_id("30960000000000")
READER, CHILD, CARD_LOST, BLOCKED, OWES, EXPIRED, OVERDUE, BORROWER, WITHOUT_PIN = (
    patron_id(f"2099{n:010d}") for n in range(9)
)
STRANGER = patron_id("20990000099999")

TERMS = LibraryTerms(
    library="DEMO",
    currency="CNY",
    zone="Asia/Shanghai",
    calendar=Calendar(frozenset({0}), frozenset({date(2026, 6, 11)})),
    loans_max={"adult": 3, "child": 2},
    item_types={
        "book": ItemType(),
        "film": ItemType(checkout_fee_minor=200),
        "tape": ItemType(magnetic=True),
        "unclear": ItemType(magnetic=None),
        "strange": ItemType(),
    },
    loan_terms={
        ("adult", "book"): LoanTerms(30),
        ("adult", "film"): LoanTerms(7),
        ("adult", "tape"): LoanTerms(7, count_max=1),
        ("adult", "unclear"): LoanTerms(7),
        ("child", "book"): LoanTerms(21),
    },
)


def extract() -> Extract:
    """The library on 12 May 2026."""
    book, adult = ItemKind("book"), PatronStanding("adult", age_years=18)
    patrons = {
        READER: adult,
        CHILD: PatronStanding("child", age_years=9),
        CARD_LOST: replace(adult, card=CardStatus.LOST),
        BLOCKED: replace(adult, is_blocked=True),
        OWES: replace(adult, owes_too_much=True),
        EXPIRED: replace(adult, expires_on=date(2026, 5, 11)),
        OVERDUE: replace(adult, overdue_from=date(2026, 5, 13)),
        BORROWER: adult,
        WITHOUT_PIN: adult,
    }
    return Extract(
        terms=TERMS,
        items={
            **dict.fromkeys((BOOK, OTHER_BOOK, HELD, LENT, LENT_TO_READER), book),
            FILM: ItemKind("film"),
            **dict.fromkeys((TAPE, OTHER_TAPE), ItemKind("tape")),
            UNCLEAR: ItemKind("unclear"),
            STRANGE_TYPE: ItemKind("strange"),
            REFERENCE: replace(book, use=Use.REFERENCE),
            SPECIAL: replace(book, use=Use.SPECIAL),
            SERIES: replace(book, use=Use.LARGE_SERIES),
            PERIODICAL: replace(book, use=Use.PERIODICAL),
            LOST: replace(book, condition=Condition.LOST),
            FOR_ADULTS: replace(book, age_min_years=18),
            STRIP_STAYS: replace(book, stays_secured=True),
        },
        on_loan={LENT: BORROWER, LENT_TO_READER: READER},
        on_hold={HELD: BORROWER},
        patrons=patrons,
        pin_hashes={patron: CHEAP.hash(PIN) for patron in patrons if patron != WITHOUT_PIN},
    )


def snapshot(number: int = 7, issued_at: datetime = NOW) -> Snapshot:
    """That library's snapshot for the terminal."""
    return draw(extract(), TERMINAL, number, issued_at, KEYS.pepper).snapshot


# A library's own file, as a school would write it.
FILE: dict[str, Any] = {
    "library": "学校图书馆 School library",
    "currency": "CNY",
    "zone": "Asia/Shanghai",
    "calendar": {"weekdays": [5, 6], "days": ["2026-10-01"]},
    "categories": {"pupil": {"loans_max": 2}},
    "item_types": {"book": {"magnetic": False}},
    "loan_terms": {"pupil": {"book": {"days": 14}}},
    "items": [
        {"number": "1001", "type": "book"},
        {"number": "1002", "type": "book", "use": "reference", "stays_secured": True},
    ],
    "patrons": [
        {"number": "P-1", "category": "pupil", "pin_hash": CHEAP.hash("4711"), "age_years": 12},
        {"number": "P-2", "category": "pupil", "card": "lost", "expires_on": "2026-08-31"},
    ],
    "on_loan": {"1001": "P-1"},
    "on_hold": {"1001": "P-2"},
}
