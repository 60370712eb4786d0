"""The library as every service sees it: its clock, its zone, its currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from drivers.link import Clock
from sync.entries import Money


@dataclass(frozen=True, slots=True)
class Library:
    """Which library this is.  *zone* None means the machine's own; *currency* is an ISO 4217 code."""

    clock: Clock
    currency: str
    institution: str = ""
    name: str = ""
    zone: tzinfo | None = None

    def now(self) -> datetime:
        """The moment, aware, UTC."""
        return self.clock.now()

    def local(self, moment: datetime) -> datetime:
        """*moment* in the library's own time, aware."""
        return moment.astimezone(self.zone)

    def today(self) -> date:
        """The day it is at the library."""
        return self.local(self.now()).date()

    def money(self, minor_units: int) -> Money:
        """*minor_units* of the library's currency."""
        return Money(minor_units, self.currency)
