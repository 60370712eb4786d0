"""What the fields of a tag mean, the same in every data model (ISO 28560-1).

Real stations swap the two bytes of set information: no ordinal is larger than the number of parts, so one that is
tells it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from drivers.masked import Masked
from drivers.rfid import Content, EmptyTag, LibraryItem, PatronCard, UnknownTag

__all__ = ["NO_INFORMATION", "Fields", "content_of", "is_plausible", "parts_in"]

NO_INFORMATION = 0x60
"""Type of usage of a tag that does not say: no information."""

_PATRON = 8
_SET_INFORMATION_DIGITS = (2, 4, 6)
_PLAUSIBLE = re.compile(r"[^\W_][\w .,:;/+*$%()@#&'-]{0,31}")


class Fields(NamedTuple):
    """What a model found on a tag, as it stands there; *part* and *parts* may be swapped or zero."""

    identifier: str
    part: int = 1
    parts: int = 1
    owner: str = ""
    usage: int = NO_INFORMATION
    media_format: int | None = None
    is_verified: bool = True


def content_of(fields: Fields) -> Content:
    """What *fields* make of the tag.

    `EmptyTag` without an identifier, `PatronCard` for a type of usage 8x, `UnknownTag` ("text") for an identifier that
    cannot be shown, ("layout") for a part 0 of several.
    """
    identifier, part, parts, owner, usage, media_format, is_verified = fields
    if part > parts:
        parts, part = part, parts
    if part == 0 and parts <= 1:
        part = parts = 1
    if part == 0:
        return UnknownTag("layout")
    if not identifier.isprintable():
        return UnknownTag("text")
    if not identifier:
        return EmptyTag()
    if usage >> 4 == _PATRON:
        return PatronCard(Masked(identifier), owner)
    return LibraryItem(identifier, part, parts, owner, usage, media_format, is_verified)


def is_plausible(identifier: str) -> bool:
    """Whether *identifier* looks like an item's number: a letter or digit first, few other signs, at most 32 in all.

    For models without a check sum, whose compaction makes text of nearly anything.
    """
    return _PLAUSIBLE.fullmatch(identifier) is not None


def parts_in(set_information: str) -> tuple[int, int] | None:
    """Part and parts in set information of 2, 4 or 6 digits, the total first ("1203": part 3 of 12); else None."""
    size = len(set_information)
    if size not in _SET_INFORMATION_DIGITS or not set_information.isascii() or not set_information.isdigit():
        return None
    return int(set_information[size // 2 :]), int(set_information[: size // 2])
