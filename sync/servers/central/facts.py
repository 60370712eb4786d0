"""Reads what central tells about patrons, items and itself; whatever is not as agreed is garbled."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from sync.entries import BadIdentifier, Due, FeeKind, ItemId, Money, PatronId, Reason, item_id
from sync.questions import (
    AccountFacts,
    FeeFact,
    HoldFact,
    ItemFacts,
    LoanFact,
    PatronFacts,
    ServerFacts,
    Standing,
)
from sync.servers.ils import ServerSilent

LOANS_MAX = 1000
SHOWN_LENGTH_MAX = 500
_REASONS = {reason.value: reason for reason in Reason}
_KINDS = {kind.value: kind for kind in FeeKind}
_STANDINGS = {
    Reason.ITEM_LOST: Standing.LOST,
    Reason.ITEM_IN_TRANSIT: Standing.IN_TRANSIT,
    Reason.ITEM_DAMAGED: Standing.OTHER,
    Reason.ITEM_WITHDRAWN: Standing.OTHER,
}


class Told:
    """One JSON object; every reading raises `ServerSilent` garbled for what is not there or of another type."""

    def __init__(self, found: object) -> None:
        if not isinstance(found, dict):
            raise ServerSilent("garbled")
        self._found: dict[str, Any] = found

    def _of(self, name: str, *kinds: type) -> Any:
        value = self._found.get(name)
        if type(value) not in kinds:
            raise ServerSilent("garbled")
        return value

    def shown(self, name: str) -> str:
        """A text for display: cut, with blanks for what cannot be shown."""
        text: str = self._of(name, str)[:SHOWN_LENGTH_MAX]
        return "".join(character if character.isprintable() else " " for character in text).strip()

    def flag(self, name: str) -> bool:
        """True or false."""
        value: bool = self._of(name, bool)
        return value

    def count(self, name: str) -> int:
        """A whole number that is not negative and not absurd."""
        value: int = self._of(name, int)
        if not 0 <= value <= 2**53:
            raise ServerSilent("garbled")
        return value

    def day(self, name: str) -> date | None:
        """A day, None for null."""
        if self._found.get(name) is None:
            return None
        try:
            return date.fromisoformat(self._of(name, str))
        except ValueError:
            raise ServerSilent("garbled") from None

    def objects(self, name: str) -> list[Told]:
        """A list of objects."""
        found = self._of(name, list)
        if len(found) > LOANS_MAX:
            raise ServerSilent("garbled")
        return [Told(one) for one in found]

    def has(self, name: str) -> bool:
        """Whether there is a field *name* that is not null."""
        return self._found.get(name) is not None

    def item(self, name: str) -> ItemId:
        """The number of an item."""
        try:
            return item_id(self.shown(name))
        except BadIdentifier:
            raise ServerSilent("garbled") from None

    def amount(self, name: str) -> Money:
        """An amount that is not negative."""
        told = Told(self._of(name, dict))
        amount, currency = told.count("minor_units"), told.shown("currency")
        if re.fullmatch(r"[A-Z]{3}", currency) is None:
            raise ServerSilent("garbled")
        return Money(amount, currency)

    def reason(self, name: str) -> Reason | None:
        """A reason; one that this version does not know is OTHER; None for null."""
        if self._found.get(name) is None:
            return None
        return _REASONS.get(self._of(name, str), Reason.OTHER)

    def reasons(self, name: str) -> tuple[Reason, ...]:
        """A list of reasons."""
        found = self._of(name, list)
        if not all(isinstance(one, str) for one in found):
            raise ServerSilent("garbled")
        return tuple(dict.fromkeys(_REASONS.get(one, Reason.OTHER) for one in found[:LOANS_MAX]))

    def money(self, name: str) -> Money | None:
        """An amount, None where it is nothing."""
        found = self.amount(name)
        return found if found.minor_units else None

    def names(self, name: str, number: str) -> bool:
        """Whether field *name* is *number*: an answer about somebody else is no answer."""
        return bool(self._of(name, str) == number)


def patron_facts(told: Told, patron: PatronId, is_pin_right: bool | None) -> PatronFacts:
    """How *patron* stands."""
    if not told.names("number", patron.reveal()):
        raise ServerSilent("garbled")
    loans = tuple(_loan(loan) for loan in told.objects("loans"))
    return PatronFacts(
        patron,
        is_known=True,
        name=told.shown("name"),
        is_pin_right=is_pin_right,
        blocks=told.reasons("refusals"),
        loans=loans,
        loan_count=len(loans),
        loan_limit=told.count("loans_max"),
        fees_owed=told.money("owed"),
    )


def account_facts(told: Told, patron: PatronId) -> AccountFacts:
    """What *patron* has got, waits for and has to pay; None for what an older central does not tell."""
    if not told.names("number", patron.reveal()):
        raise ServerSilent("garbled")
    loans = tuple(_loan(loan) for loan in told.objects("loans"))
    return AccountFacts(
        patron,
        is_known=True,
        loans=loans,
        holds=tuple(_hold(hold) for hold in told.objects("holds")),
        fees=tuple(_fee(fee) for fee in told.objects("fees")) if told.has("fees") else None,
        owed=told.amount("owed"),
        loan_count=len(loans),
        loan_limit=told.count("loans_max"),
        blocks=told.reasons("refusals"),
    )


def _loan(told: Told) -> LoanFact:
    return LoanFact(told.item("item"), _due(told.day("due_on")), told.shown("title"), told.flag("is_overdue"))


def _hold(told: Told) -> HoldFact:
    is_ready = told.flag("is_on_shelf")
    return HoldFact(
        told.item("item"),
        told.shown("title"),
        is_ready,
        told.shown("pickup_location"),
        queue=told.count("queue") if told.has("queue") and not is_ready else None,
    )


def _fee(told: Told) -> FeeFact:
    return FeeFact(
        told.shown("id"),
        told.amount("amount"),
        _KINDS.get(told.shown("kind"), FeeKind.OTHER),
        told.item("item") if told.has("item") else None,
        told.shown("title"),
        told.day("since"),
    )


def _due(day: date | None) -> Due | None:
    return None if day is None else Due(day, day.isoformat())


def item_facts(told: Told, item: ItemId) -> ItemFacts:
    """How *item* stands."""
    if not told.names("number", item):
        raise ServerSilent("garbled")
    due, reason = _due(told.day("due_on")), told.reason("refusal")
    if reason in _STANDINGS:
        standing = _STANDINGS[reason]
    elif due is not None:
        standing = Standing.ON_LOAN
    elif told.flag("is_on_hold_shelf"):
        standing = Standing.ON_HOLD_SHELF
    else:
        standing = Standing.AVAILABLE if reason is None else Standing.NOT_FOR_LOAN
    return ItemFacts(
        item,
        is_known=True,
        title=told.shown("title"),
        standing=standing,
        due=due,
        magnetic=told.flag("magnetic"),
        parts=told.count("parts"),
        lend_incomplete=told.flag("lend_incomplete"),
        reason=reason,
    )


def server_facts(told: Told) -> ServerFacts:
    """Whether central is in service, and its clock."""
    try:
        now = datetime.fromisoformat(told.shown("now"))
    except ValueError:
        raise ServerSilent("garbled") from None
    if now.tzinfo is None:
        raise ServerSilent("garbled")
    return ServerFacts(is_online=True, clock=now.astimezone(UTC), library=told.shown("library"))
