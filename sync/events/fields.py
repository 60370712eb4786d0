"""Reads the fields of a JSON object: each with its type and its limits, nothing converted in silence."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, NoReturn, TypeVar

from sync.entries import Money

NUMBER_MAX = 2**53 - 1
"""The largest number that every reader of JSON holds exactly."""

KEY_LENGTH_MAX = 128
SHOWN_LENGTH_MAX = 500
OFFSET_SECONDS_MAX = 10.0 * 366 * 86_400
YEAR_MIN, YEAR_MAX = 1970, 2200

_KEY = re.compile(r"[!-~]+")
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)


Choice = TypeVar("Choice", bound=Enum)


class BadEvent(ValueError):
    """A text that is no batch, receipt, gap or outcome.  The message names the place, never what stood there."""


def moment_text(moment: datetime) -> str:
    """*moment* in UTC to the microsecond (RFC 3339).  Raises `BadEvent` for one without a zone."""
    if moment.tzinfo is None:
        raise BadEvent("at: without a time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day_text(day: date | None) -> str | None:
    """*day* as YYYY-MM-DD, None as null."""
    return None if day is None else day.isoformat()


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object.  Every reading raises `BadEvent` for a field that is missing or not what it has to be."""

    found: dict[str, Any]

    @classmethod
    def parse(cls, text: bytes | str, size_max: int) -> Fields:
        """The JSON object that *text* is, in UTF-8 and at most *size_max* long."""
        if len(text) > size_max:
            raise BadEvent(f"more than {size_max} bytes")
        try:
            decoded = text.decode("utf-8") if isinstance(text, bytes) else text
            return cls.of(json.loads(decoded, object_pairs_hook=_object, parse_constant=_no_constant))
        except BadEvent:
            raise
        except (ValueError, RecursionError):
            raise BadEvent("not JSON") from None

    @classmethod
    def of(cls, value: object) -> Fields:
        """*value*, which has to be an object."""
        if not isinstance(value, dict):
            raise BadEvent("not an object")
        return cls(value)

    @staticmethod
    def clean(text: str) -> str:
        """*text* cut to `SHOWN_LENGTH_MAX`, with a blank for what cannot be shown."""
        text = text[:SHOWN_LENGTH_MAX]
        if text.isprintable():
            return text
        return "".join(character if character.isprintable() else " " for character in text)

    def are_exactly(self, names: frozenset[str]) -> None:
        """Checks that there are these fields and no others."""
        if self.found.keys() != names:
            raise BadEvent("fields are missing, or there are too many")

    def has(self, name: str) -> bool:
        """Whether there is a field *name* that is not null."""
        return self.found.get(name) is not None

    def _value(self, name: str) -> Any:
        try:
            return self.found[name]
        except KeyError:
            raise BadEvent(f"{name}: missing") from None

    def text(self, name: str, length_max: int) -> str:
        """A text of at most *length_max* characters."""
        value = self._value(name)
        if not isinstance(value, str) or len(value) > length_max:
            raise BadEvent(f"{name}: has to be a text of at most {length_max} characters")
        return value

    def key(self, name: str) -> str:
        """1 to 128 visible ASCII characters."""
        value = self.text(name, KEY_LENGTH_MAX)
        if _KEY.fullmatch(value) is None:
            raise BadEvent(f"{name}: has to be 1 to {KEY_LENGTH_MAX} visible ASCII characters")
        return value

    def number(self, name: str, least: int = 1) -> int:
        """A whole number from *least* to `NUMBER_MAX`."""
        value = self._value(name)
        if type(value) is not int or not least <= value <= NUMBER_MAX:
            raise BadEvent(f"{name}: has to be a whole number from {least} to {NUMBER_MAX}")
        return value

    def amount(self, name: str) -> Money:
        """An amount of money, whatever its sign and its size: whether it can be paid is not a question of form."""
        told = self.inner(name)
        told.are_exactly(frozenset({"minor_units", "currency"}))
        return Money(told.number("minor_units", least=-NUMBER_MAX), told.currency("currency"))

    def currency(self, name: str) -> str:
        """An ISO 4217 code."""
        value = self.text(name, 3)
        if _CURRENCY.fullmatch(value) is None:
            raise BadEvent(f"{name}: has to be an ISO 4217 code")
        return value

    def one_of(self, name: str, choices: type[Choice]) -> Choice:
        """One of the values of *choices*."""
        value = self.text(name, 32)
        try:
            return choices(value)
        except ValueError:
            raise BadEvent(f"{name}: not known") from None

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._value(name)
        if not isinstance(value, bool):
            raise BadEvent(f"{name}: has to be true or false")
        return value

    def offset(self, name: str) -> float | None:
        """Seconds, at most ten years either way; None for null."""
        value = self._value(name)
        if value is None:
            return None
        if type(value) not in (int, float) or abs(value) > OFFSET_SECONDS_MAX or not math.isfinite(value):
            raise BadEvent(f"{name}: has to be seconds within ten years, or null")
        return float(value)

    def moment(self, name: str) -> datetime:
        """A moment with its zone (RFC 3339), in UTC."""
        value = self.text(name, 40)
        if _MOMENT.fullmatch(value) is None:
            raise BadEvent(f"{name}: has to be a moment with its zone (RFC 3339)")
        try:
            found = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadEvent(f"{name}: there is no such moment") from None
        if not YEAR_MIN <= found.year <= YEAR_MAX:
            raise BadEvent(f"{name}: has to be within {YEAR_MIN} and {YEAR_MAX}")
        return found

    def day(self, name: str) -> date | None:
        """A day (YYYY-MM-DD); None for null."""
        if self._value(name) is None:
            return None
        value = self.text(name, 10)
        try:
            found = date.fromisoformat(value) if _DAY.fullmatch(value) else None
        except ValueError:
            found = None
        if found is None or not YEAR_MIN <= found.year <= YEAR_MAX:
            raise BadEvent(f"{name}: has to be a day, YYYY-MM-DD, within {YEAR_MIN} and {YEAR_MAX}")
        return found

    def shown(self, name: str) -> str:
        """A text for display, of at most `SHOWN_LENGTH_MAX` printable characters."""
        return _shown(name, self._value(name))

    def shown_list(self, name: str, count_max: int) -> tuple[str, ...]:
        """At most *count_max* texts for display."""
        return tuple(_shown(name, text) for text in self._list(name, count_max))

    def inner(self, name: str) -> Fields:
        """An object."""
        return Fields.of(self._value(name))

    def objects(self, name: str, count_max: int) -> tuple[Fields, ...]:
        """At most *count_max* objects."""
        return tuple(Fields.of(one) for one in self._list(name, count_max))

    def _list(self, name: str, count_max: int) -> list[Any]:
        value = self._value(name)
        if not isinstance(value, list) or len(value) > count_max:
            raise BadEvent(f"{name}: has to be a list of at most {count_max}")
        return value


def _shown(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > SHOWN_LENGTH_MAX or not value.isprintable():
        raise BadEvent(f"{name}: has to be a text of at most {SHOWN_LENGTH_MAX} printable characters")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadEvent("a field comes twice")
    return found


def _no_constant(_text: str) -> NoReturn:
    raise BadEvent("not JSON")
