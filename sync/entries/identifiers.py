"""Identifiers, money and due dates: parsed once at the edge, immutable, masked where they point to a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import NewType

from drivers.masked import Masked

ITEM_ID_LENGTH_MAX = 64
PATRON_ID_LENGTH_MAX = 64

ItemId = NewType("ItemId", str)
"""The number of an item as server and tag know it; made by `item_id`."""


class PatronId(Masked):
    """The number of a patron's card; made by `patron_id`, masked wherever it is printed."""

    __slots__ = ()


class BadIdentifier(ValueError):
    """A text that cannot be the number of an item or a patron.  The message never contains the text."""


_KEY = re.compile(r"([0-9a-z]{1,32})-(\d{1,12})-(\d{1,12})-(\d{1,6})")
_PRINTABLE = re.compile(r"[!-~]+(?: [!-~]+)*")


def item_id(text: str) -> ItemId:
    """*text* without surrounding blanks as an item number.

    Raises `BadIdentifier` unless it is 1 to 64 printable ASCII characters without "|" (the SIP2 delimiter).
    """
    return ItemId(_identifier(text, ITEM_ID_LENGTH_MAX))


def patron_id(text: str) -> PatronId:
    """*text* without surrounding blanks as a patron number.  Raises `BadIdentifier` as `item_id` does."""
    return PatronId(_identifier(text, PATRON_ID_LENGTH_MAX))


def _identifier(text: str, length_max: int) -> str:
    stripped = text.strip(" ")
    if not stripped:
        raise BadIdentifier("an identifier must not be empty")
    if len(stripped) > length_max:
        raise BadIdentifier(f"an identifier has at most {length_max} characters, not {len(stripped)}")
    if "|" in stripped or not _PRINTABLE.fullmatch(stripped):
        raise BadIdentifier("an identifier consists of printable ASCII characters other than |")
    return stripped


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in the smallest unit of *currency* (ISO 4217 code): 150 of "CNY" is 1.50 yuan."""

    minor_units: int
    currency: str


@dataclass(frozen=True, slots=True)
class Due:
    """When an item is due: the day where it could be understood, and the server's own text (SIP2 field AH)."""

    day: date | None
    text: str = ""


@dataclass(frozen=True, slots=True, order=True)
class EntryKey:
    """Names an entry for ever: *epoch* new at install and restore, *boot* counted from 1, *event* within it, *ordinal*.

    `str` gives "epoch-boot-event-ordinal", `parse` takes that back.
    """

    epoch: str
    boot: int
    event: int
    ordinal: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.boot}-{self.event}-{self.ordinal}"

    @property
    def reference(self) -> str:
        """What people call it: on a slip, on the screen, in the list of cases.  The epoch is cut to four characters."""
        return f"{self.epoch[:4]}-{self.boot}-{self.event}-{self.ordinal}"

    @classmethod
    def parse(cls, text: str) -> EntryKey:
        """The key that prints as *text*.  Raises `BadIdentifier`."""
        match = _KEY.fullmatch(text)
        if match is None:
            raise BadIdentifier("an entry key is epoch-boot-event-ordinal")
        return cls(match[1], int(match[2]), int(match[3]), int(match[4]))
