"""Tags without a data model: a number in clear where a library says, or nothing but the tag's own UID.

Neither proves itself, so both count only where the settings name them, after every model, and what they give is never
verified.

UID: the item's number is the UID itself, upper-case hex as the pad names the tag (ISO 15693: sixteen digits, `E0` in
front; UHF: the EPC with its security bits at zero).  The library's server has to know items by that number, as their
barcode or as a second one.  A tag that nobody has written is an item there like any other.
"""

from __future__ import annotations

import re

from drivers.rfid import Content, LibraryItem, TagUid, UnknownTag
from drivers.rfid.tagdata.meaning import NO_INFORMATION
from drivers.rfid.tagdata.rules import AsciiRule

__all__ = ["parse_ascii", "uid_item"]


def parse_ascii(data: bytes, rule: AsciiRule, *, is_whole: bool) -> Content | None:
    """The item whose number stands where *rule* says, None where what stands there does not match its pattern.

    `UnknownTag` ("more") where *data* ends before it.
    """
    end = rule.offset + rule.length
    if len(data) < end and not is_whole:
        return UnknownTag("more")
    try:
        text = data[rule.offset : end].decode("ascii").strip(rule.stripped)
    except UnicodeDecodeError:
        return None
    if not text.isprintable() or not text or re.fullmatch(rule.pattern, text) is None:
        return None
    return _unverified(text)


def uid_item(uid: TagUid) -> LibraryItem:
    """The item that a server knows by the UID of its tag."""
    return _unverified(uid)


def _unverified(identifier: str) -> LibraryItem:
    return LibraryItem(identifier, 1, 1, "", NO_INFORMATION, None, False)
