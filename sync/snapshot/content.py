"""A snapshot as a terminal reads it: unchangeable, and taken apart only where it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from sync.entries import ItemId, PatronId
from sync.rules.terms import CardStatus
from sync.snapshot.extract import ItemKind, LibraryTerms, PatronStanding
from sync.snapshot.pepper import Pepper
from sync.snapshot.table import Table

NUMBER_MAX = 2**53 - 1


@dataclass(frozen=True, slots=True)
class PatronOnRecord:
    """A patron as the snapshot has them.

    *token* is what stands for them, *loans* the open loans at issue by item type, *sealed_pin* the verifier, empty
    where there is none.
    """

    token: str
    standing: PatronStanding
    loans: dict[str, int]
    sealed_pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one terminal knows, and since when.

    *number* rises with every snapshot made for *terminal*.  *salt* belongs to this snapshot; with the terminal's pepper
    it makes *pepper*, without which no patron can be found.
    """

    number: int
    issued_at: datetime
    terminal: str
    terms: LibraryTerms
    kinds: tuple[ItemKind, ...]
    items: Table
    on_loan: Table
    on_hold: Table
    patrons: Table
    salt: bytes
    pepper: Pepper | None = field(default=None, repr=False)

    def explained_by(self, secret: bytes) -> Snapshot:
        """This snapshot with the terminal's pepper, so that patrons can be found in it."""
        return replace(self, pepper=Pepper.of(secret, self.salt))

    def day_of(self, moment: datetime) -> date:
        """The day it is at the library at *moment*."""
        zone: tzinfo | None = ZoneInfo(self.terms.zone) if self.terms.zone else None
        return moment.astimezone(zone).date()

    def item(self, item: ItemId) -> ItemKind | None:
        """What is known of *item*; None when it was not in the library at issue, or its line makes no sense."""
        kind = self.items.find(item)
        try:
            return None if kind is None else self.kinds[int(kind)]
        except (ValueError, IndexError):
            return None

    def token(self, patron: PatronId) -> str | None:
        """What stands for *patron* here, also for one that is not in it; None without the pepper."""
        return None if self.pepper is None else self.pepper.token(patron)

    def patron(self, patron: PatronId) -> PatronOnRecord | None:
        """What is known of *patron*; None when there was no such card at issue, or its line makes no sense."""
        token = self.token(patron)
        line = None if token is None else self.patrons.find(token)
        try:
            return None if token is None or line is None else read_patron(token, line)
        except ValueError:
            return None


# A patron's line: what is empty is what most patrons have.
_BLOCKED, _OWES = "b", "f"


def write_patron(standing: PatronStanding, loans: dict[str, int], sealed_pin: str) -> str:
    """A patron as a line of `Snapshot.patrons`; `read_patron` takes it back."""
    return ";".join(
        (
            standing.category,
            "" if standing.card is CardStatus.ACTIVE else standing.card.value,
            (_BLOCKED if standing.is_blocked else "") + (_OWES if standing.owes_too_much else ""),
            "" if standing.expires_on is None else standing.expires_on.isoformat(),
            "" if standing.overdue_from is None else standing.overdue_from.isoformat(),
            str(standing.age_years or ""),
            ",".join(f"{name}:{count}" for name, count in sorted(loans.items())),
            sealed_pin,
        )
    )


def read_patron(token: str, line: str) -> PatronOnRecord:
    """The patron of *line*.  Raises ValueError for a line that `write_patron` cannot have made."""
    category, card, flags, expires_on, overdue_from, age_years, loans, sealed_pin = line.split(";")
    standing = PatronStanding(
        category=category,
        card=CardStatus(card or CardStatus.ACTIVE.value),
        is_blocked=_BLOCKED in flags,
        owes_too_much=_OWES in flags,
        expires_on=date.fromisoformat(expires_on) if expires_on else None,
        overdue_from=date.fromisoformat(overdue_from) if overdue_from else None,
        age_years=int(age_years or "0"),
    )
    counts = (one.rpartition(":") for one in loans.split(",") if one)
    return PatronOnRecord(token, standing, {name: int(count) for name, _, count in counts}, sealed_pin)


def whole_second(moment: datetime) -> datetime:
    """*moment* as a snapshot dates itself: UTC, without parts of a second."""
    return moment.astimezone(UTC).replace(microsecond=0)
