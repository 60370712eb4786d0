"""What a library has, in plain, as far as lending without the server needs it: the same whoever will get a snapshot.

Central makes it of its store, `plain_file.py` of a file.  It holds card numbers and PIN hashes: it never leaves the
place where it was made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sync.entries import ItemId, PatronId
from sync.rules.terms import Calendar, CardStatus, Condition, LoanTerms, Use


@dataclass(frozen=True, slots=True)
class ItemType:
    """What holds for every item of a type.  *magnetic* None: not known, then no strip is desensitised offline."""

    magnetic: bool | None = False
    checkout_fee_minor: int = 0


@dataclass(frozen=True, slots=True)
class ItemKind:
    """What is known of one item; many items share a kind.  *stays_secured*: it has a strip that is never released."""

    type: str
    use: Use = Use.LENDING
    condition: Condition = Condition.IN_PLACE
    age_min_years: int = 0
    stays_secured: bool = False


@dataclass(frozen=True, slots=True)
class LibraryTerms:
    """What the library grants.

    *zone* is an IANA name, empty the terminal's own.  *loans_max* is the number of items a patron of each category may
    have at once.  *loan_terms* are by category and item type; what is not there is not lent.
    """

    library: str
    currency: str
    zone: str = ""
    calendar: Calendar = field(default_factory=Calendar)
    loans_max: Mapping[str, int] = field(default_factory=dict)
    item_types: Mapping[str, ItemType] = field(default_factory=dict)
    loan_terms: Mapping[tuple[str, str], LoanTerms] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PatronStanding:
    """How a patron stands, no more than the rules ask.

    *owes_too_much* and *overdue_from* (the first day on which too much is overdue, if nothing comes back) are judged
    where the account is known.  *age_years* are completed years on the day of issue, never more than the highest age
    rating of the library: so the age of a grown-up stands nowhere.
    """

    category: str
    card: CardStatus = CardStatus.ACTIVE
    is_blocked: bool = False
    owes_too_much: bool = False
    expires_on: date | None = None
    overdue_from: date | None = None
    age_years: int = 0


@dataclass(frozen=True, slots=True)
class Extract:
    """A library on one day.

    *on_loan* and *on_hold* give the borrower, and the patron whose hold is served next; every item and patron in them
    stands in *items* and *patrons*.  *pin_hashes* (Argon2id) only for patrons who have a PIN.
    """

    terms: LibraryTerms
    items: Mapping[ItemId, ItemKind] = field(default_factory=dict)
    on_loan: Mapping[ItemId, PatronId] = field(default_factory=dict)
    on_hold: Mapping[ItemId, PatronId] = field(default_factory=dict)
    patrons: Mapping[PatronId, PatronStanding] = field(default_factory=dict)
    pin_hashes: Mapping[PatronId, str] = field(default_factory=dict, repr=False)

    def digest(self) -> str:
        """The same for the same library only: 64 hex digits, over everything in it."""
        digest = hashlib.blake2b(digest_size=32)
        terms = self.terms
        digest.update(
            repr(
                (
                    (terms.library, terms.currency, terms.zone),
                    (sorted(terms.calendar.weekdays), sorted(terms.calendar.days)),
                    (sorted(terms.loans_max.items()), sorted(terms.item_types.items(), key=_first)),
                    sorted(terms.loan_terms.items(), key=_first),
                )
            ).encode()
        )
        kinds = {kind: repr(kind) for kind in set(self.items.values())}
        for lines in (
            [f"{item}\t{kinds[kind]}\n" for item, kind in self.items.items()],
            [f"{item}\t{patron.reveal()}\n" for item, patron in self.on_loan.items()],
            [f"{item}\t{patron.reveal()}\n" for item, patron in self.on_hold.items()],
            [f"{patron.reveal()}\t{standing!r}\n" for patron, standing in self.patrons.items()],
            [f"{patron.reveal()}\t{hashed}\n" for patron, hashed in self.pin_hashes.items()],
        ):
            lines.sort()
            digest.update(f"{len(lines)}\n{''.join(lines)}".encode())
        return digest.hexdigest()


def _first(pair: tuple[object, object]) -> str:
    return repr(pair[0])
