"""Events for tests: a library with plenty of plain items and patrons, and terminals that tell of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select

from sync.central import demo
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import FeePart, Flaw, ItemId, Means, Money, PatronId
from sync.events import (
    Batch,
    CareReported,
    Event,
    FeesPaid,
    ItemGivenBack,
    LoanMade,
    LoanUndone,
    RenewalMade,
)

START = datetime(2026, 2, 20, 9, tzinfo=UTC)
DUE = date(2026, 3, 22)


def at(minutes: float) -> datetime:
    """*minutes* after `START`."""
    return START + timedelta(minutes=minutes)


@dataclass
class Terminal:
    """Numbers and keys of one terminal's epoch."""

    name: str = "kiosk1"
    epoch: str = "e1"
    events: list[Event] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The next number."""
        return len(self.events) + 1

    def lend(
        self,
        item: str,
        patron: str,
        minutes: float,
        *,
        due: date | None = DUE,
        offset: float | None = 0.0,
        fee_consented: bool = False,
    ) -> LoanMade:
        """A loan, a fact unless *due* is None."""
        event = LoanMade(
            self.number,
            f"{self.epoch}-1-{self.number}-1",
            at(minutes),
            offset,
            ItemId(item),
            PatronId(patron),
            fee_consented,
            due,
        )
        self.events.append(event)
        return event

    def renew(self, item: str, patron: str, minutes: float) -> RenewalMade:
        """A wish to renew."""
        number = self.number
        event = RenewalMade(
            number, f"{self.epoch}-1-{number}-1", at(minutes), 0.0, ItemId(item), PatronId(patron)
        )
        self.events.append(event)
        return event

    def undo(self, loan: LoanMade, minutes: float) -> LoanUndone:
        """*loan* never came about."""
        number = self.number
        event = LoanUndone(
            number, f"{self.epoch}-1-{number}-1", at(minutes), 0.0, loan.item, loan.patron, loan.key
        )
        self.events.append(event)
        return event

    def give_back(
        self, item: str, minutes: float, *, was_on_loan: bool | None = True, offset: float | None = 0.0
    ) -> ItemGivenBack:
        """*item* lies at the terminal."""
        event = ItemGivenBack(self.number, self.key, at(minutes), offset, ItemId(item), was_on_loan)
        self.events.append(event)
        return event

    def pay(
        self,
        patron: str,
        *parts: tuple[str, int],
        minutes: float = 0,
        currency: str = "CNY",
        amount: int | None = None,
    ) -> FeesPaid:
        """*patron* paid *parts*, fees and minor units, by QR; *amount* where it is not what they come to."""
        told = tuple(FeePart(fee, Money(units, currency)) for fee, units in parts)
        total = sum(units for _, units in parts) if amount is None else amount
        event = FeesPaid(
            self.number,
            self.key,
            at(minutes),
            0.0,
            PatronId(patron),
            Money(total, currency),
            told,
            Means.QR,
            f"Q{self.number}",
        )
        self.events.append(event)
        return event

    def care(self, item: str, *flaws: Flaw, minutes: float = 0, by: str = "self") -> CareReported:
        """*item* needs care."""
        event = CareReported(self.number, self.key, at(minutes), 0.0, ItemId(item), flaws, by)
        self.events.append(event)
        return event

    @property
    def key(self) -> str:
        """The key of the next event."""
        return f"{self.epoch}-1-{self.number}-1"

    def batch(self, first: int = 1, last: int | None = None) -> Batch:
        """The events from number *first* on."""
        return Batch(self.epoch, tuple(self.events[first - 1 : last]))


def stock(store: Store, items: int, patrons: int, prefix: str = "") -> tuple[list[str], list[str]]:
    """The numbers of new plain items and patrons, which are in *store* from then on."""
    item_numbers = [f"4{prefix}{number:05}" for number in range(items)]
    patron_numbers = [f"5{prefix}{number:05}" for number in range(patrons)]
    with store.writing() as connection:
        item = (
            connection.execute(select(t.items).where(t.items.c.number == demo.ITEMS_FREE[0])).mappings().one()
        )
        patron = (
            connection.execute(select(t.patrons).where(t.patrons.c.number == demo.READER)).mappings().one()
        )
        connection.execute(insert(t.items), [dict(item) | {"number": number} for number in item_numbers])
        connection.execute(
            insert(t.patrons), [dict(patron) | {"number": number} for number in patron_numbers]
        )
    return item_numbers, patron_numbers


def spans(store: Store, item: str) -> list[tuple[float, float | None, str, str]]:
    """The loans of *item*: began, ended (minutes after `START`), patron, how it ended."""
    with store.reading() as connection:
        rows = connection.execute(
            select(t.loans).where(t.loans.c.item == item).order_by(t.loans.c.lent_at, t.loans.c.id)
        ).all()
    return [
        (minutes(row.lent_at), minutes_or_none(row.closed_at), row.patron, row.closed_how or "")
        for row in rows
    ]


def minutes(moment: datetime) -> float:
    """*moment* in minutes after `START`."""
    return (moment - START).total_seconds() / 60


def minutes_or_none(moment: datetime | None) -> float | None:
    """As `minutes`."""
    return None if moment is None else minutes(moment)


def holder(store: Store, item: str) -> str | None:
    """Who has *item*."""
    return next((patron for _, ended, patron, _ in spans(store, item) if ended is None), None)
