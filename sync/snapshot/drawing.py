"""Makes one terminal's snapshot of what a library has: numbers become tokens, hashes are sealed, no more is taken."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sync.entries import PatronId
from sync.snapshot.content import NUMBER_MAX, Snapshot, whole_second, write_patron
from sync.snapshot.extract import Extract
from sync.snapshot.pepper import SALT_BYTES, Pepper, nonce_of
from sync.snapshot.table import Table

SALTS_MAX = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """A *snapshot*, and how many PINs had to be left out because no terminal could judge their hash."""

    snapshot: Snapshot
    pins_left_out: int


def draw(extract: Extract, terminal: str, number: int, issued_at: datetime, secret: bytes) -> Drawn:
    """The snapshot of *extract* for *terminal*, whose pepper is *secret*.

    Raises ValueError for a number that is not between 1 and `NUMBER_MAX`, and for loans or holds of items or patrons
    that are not in *extract*.
    """
    if not 1 <= number <= NUMBER_MAX:
        raise ValueError(f"a snapshot's number is from 1 to {NUMBER_MAX}")
    missing = {*extract.on_loan, *extract.on_hold} - extract.items.keys()
    strangers = {*extract.on_loan.values(), *extract.on_hold.values()} - extract.patrons.keys()
    if missing or strangers:
        raise ValueError("a loan or a hold names an item or a patron that is not in the list")
    salt, pepper, tokens = _tokens(extract, secret)
    kinds = sorted(set(extract.items.values()), key=repr)
    index = {kind: str(place) for place, kind in enumerate(kinds)}
    lines, left_out = _patrons(extract, pepper, tokens)
    return Drawn(
        Snapshot(
            number=number,
            issued_at=whole_second(issued_at),
            terminal=terminal,
            terms=extract.terms,
            kinds=tuple(kinds),
            items=Table.of((item, index[kind]) for item, kind in extract.items.items()),
            on_loan=Table.of((item, tokens[patron]) for item, patron in extract.on_loan.items()),
            on_hold=Table.of((item, tokens[patron]) for item, patron in extract.on_hold.items()),
            patrons=Table.of(lines),
            salt=salt,
            pepper=pepper,
        ),
        left_out,
    )


def _tokens(extract: Extract, secret: bytes) -> tuple[bytes, Pepper, dict[PatronId, str]]:
    # Two tokens that begin alike would share a nonce; with 96 bits that happens once in an age of the world.
    for _ in range(SALTS_MAX):
        salt = secrets.token_bytes(SALT_BYTES)
        pepper = Pepper.of(secret, salt)
        tokens = {patron: pepper.token(patron) for patron in extract.patrons}
        if len({nonce_of(token) for token in tokens.values()}) == len(tokens):
            return salt, pepper, tokens
    raise ValueError("no salt tells the patrons apart")


def _patrons(
    extract: Extract, pepper: Pepper, tokens: dict[PatronId, str]
) -> tuple[list[tuple[str, str]], int]:
    loans: dict[PatronId, Counter[str]] = {}
    for item, patron in extract.on_loan.items():
        loans.setdefault(patron, Counter())[extract.items[item].type] += 1
    lines, left_out = [], 0
    for patron, standing in extract.patrons.items():
        token, hashed = tokens[patron], extract.pin_hashes.get(patron)
        sealed = None if hashed is None else pepper.seal_pin(token, hashed)
        left_out += hashed is not None and sealed is None
        lines.append((token, write_patron(standing, dict(loans.get(patron, {})), sealed or "")))
    return lines, left_out
