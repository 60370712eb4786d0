"""Reads JSON objects field by field, and says of a wrong one where it stands and what is allowed, never what it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Final, TypeVar

E = TypeVar("E", bound=Enum)
V = TypeVar("V")

_MISSING: Final = object()
CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
ZONE: Final = re.compile(r"(?:[A-Za-z0-9_+-]{1,30}(?:/[A-Za-z0-9_+-]{1,30}){0,3})?")
CURRENCY: Final = re.compile(r"[A-Z]{3}")
WORDS: Final = re.compile(r"[^\x00-\x1f\x7f]{0,500}")


class ContentWrong(ValueError):
    """A field that cannot be; the sentence says where it stands and what is allowed."""


class Fields:
    """One JSON object; *where* is its place in the file.  Every reader raises `ContentWrong`."""

    def __init__(self, value: object, where: str = "") -> None:
        if not isinstance(value, dict):
            raise ContentWrong(f"{where or 'the file'}: must be an object")
        self._fields: dict[str, object] = value
        self._where = where
        self._read: set[str] = set()

    def place(self, name: str) -> str:
        """Where field *name* stands."""
        return f"{self._where}.{name}" if self._where else name

    def done(self) -> None:
        """Refuses whatever nobody asked for."""
        if self._fields.keys() - self._read:
            raise ContentWrong(f"{self._where or 'the file'}: has a field that means nothing")

    def text(self, name: str, pattern: re.Pattern[str], default: object = _MISSING) -> str:
        """A text that *pattern* matches as a whole."""
        return self._typed(name, str, f"must read {pattern.pattern}", default, pattern.fullmatch)

    def any_text(self, name: str) -> str:
        """A text of whatever length."""
        return self._typed(name, str, "must be a text", _MISSING, lambda _: True)

    def whole(self, name: str, low: int, high: int, default: object = _MISSING) -> int:
        """A whole number from *low* to *high*."""
        allowed = f"must be a whole number from {low} to {high}"
        return self._typed(name, int, allowed, default, lambda number: low <= number <= high)

    def yes(self, name: str, default: object = _MISSING) -> bool:
        """True or false."""
        return self._typed(name, bool, "must be true or false", default, lambda _: True)

    def day(self, name: str) -> date | None:
        """A day as YYYY-MM-DD; None where it is null or missing."""
        value = self._value(name, None)
        return None if value is None else read_day(value, self.place(name))

    def moment(self, name: str) -> datetime:
        """A moment as ISO 8601 with its distance from UTC."""
        value = self._value(name, _MISSING)
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise ContentWrong(f"{self.place(name)}: must be a moment as 2026-05-12T08:00:00Z")
        return moment

    def one_of(self, name: str, choices: type[E], default: object = _MISSING) -> E:
        """One of the values of *choices*."""
        value = self._value(name, default)
        try:
            return value if isinstance(value, choices) else choices(value)
        except ValueError:
            allowed = ", ".join(str(choice.value) for choice in choices)
            raise ContentWrong(f"{self.place(name)}: must be one of {allowed}") from None

    def is_null(self, name: str) -> bool:
        """Whether *name* is null or missing; it counts as read then."""
        return self._value(name, None) is None

    def inner(self, name: str) -> Fields:
        """The object *name*; an empty one where it is missing."""
        return Fields(self._value(name, {}), self.place(name))

    def members(self, name: str) -> Iterator[tuple[object, str]]:
        """The members of list *name* with their places; none where it is missing."""
        value = self._value(name, [])
        if not isinstance(value, list):
            raise ContentWrong(f"{self.place(name)}: must be a list")
        for place, member in enumerate(value):
            yield member, f"{self.place(name)}[{place}]"

    def names(self) -> Iterator[str]:
        """Every name in this object, in the file's order; all count as read."""
        self._read.update(self._fields)
        yield from self._fields

    def _typed(
        self, name: str, kind: type[V], allowed: str, default: object, is_good: Callable[[V], object]
    ) -> V:
        value = self._value(name, default)
        # A bool is an int to Python, and not to anybody who writes a file.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)) or not is_good(value):
            raise ContentWrong(f"{self.place(name)}: {allowed}")
        return value

    def _value(self, name: str, default: object) -> object:
        self._read.add(name)
        value = self._fields.get(name, default)
        if value is _MISSING:
            raise ContentWrong(f"{self.place(name)}: is missing")
        return value


def read_day(value: object, where: str) -> date:
    """*value* as a day.  Raises `ContentWrong`."""
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ContentWrong(f"{where}: must be a day as YYYY-MM-DD")


def parse(data: bytes) -> Fields:
    """The JSON object in *data* (UTF-8).  Raises `ContentWrong`."""
    try:
        return Fields(json.loads(data))
    except (ValueError, RecursionError):
        raise ContentWrong("the file: must be JSON in UTF-8") from None
