"""ISO 28560-2 = GB/T 35660.2: a library's data elements as ISO 15962 objects (device reference 2.2).

What counts here: OID 1 item, 3 owner (ISIL), 4 set information, 5 type of usage, 7 ONIX, 8 MARC and 19 other media
format, 23 owner by another name.  All other elements are stepped over.  The DSFID 06 announces the model; without it
only structure proves it, so the item has to come first, every object has to be as the standard makes it: no
empty ones, texts that can be shown, and owners that look like owners.

What real tags do: the type of usage is one byte, or its two hex digits as text (a Chinese system packs "80" as the
integer 80); an owner without an ISIL stands in OID 23.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from drivers.rfid import Content, UnknownTag
from drivers.rfid.tagdata import isil, iso15962, media_formats
from drivers.rfid.tagdata.iso15962 import Coded, End, Objects
from drivers.rfid.tagdata.meaning import NO_INFORMATION, Fields, content_of, is_plausible, parts_in

__all__ = ["DSFID", "Elements", "elements_of", "parse"]

DSFID = 0x06
_ITEM, _OWNER, _SET, _USAGE, _ONIX, _MARC, _ILL, _MEDIA, _OTHER_OWNER = 1, 3, 4, 5, 7, 8, 11, 19, 23
_MEANT = frozenset((_OWNER, _SET, _USAGE, _ONIX, _MARC, _MEDIA, _OTHER_OWNER))
_ISILS = (_OWNER, _ILL)
_BYTES = (iso15962.CONTENT_PARAMETER, _USAGE, _MEDIA)
_OIDS = range(1, 32)
_SURE_ITEM = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./:+*_-]{3,31}")
_SURE_ISIL = re.compile(r"[0-9A-Za-z][0-9A-Za-z:/-]{0,15}")
_TWO_HEX_DIGITS = re.compile(r"[0-9A-Fa-f]{1,2}")


class Elements(NamedTuple):
    """What the objects say; None where there is no such object."""

    item: str | None
    owner: str
    part: int | None
    parts: int | None
    usage: int | None
    media_format: int | None


def parse(data: bytes, *, is_announced: bool, is_whole: bool, block_size_bytes: int) -> Content | None:
    """What *data* says by this model, None when it is not of it.

    *is_announced*: the DSFID says so, and the objects may come in any order.  `UnknownTag` ("more") where *data* may go
    on behind its end, ("text") for an item that is not plausible; otherwise as `content_of`.
    """
    found = iso15962.objects(data, max(1, block_size_bytes))
    if found.end is End.BROKEN or (found.end is End.INSIDE and is_whole):
        return None
    if not is_announced and not _is_sound(found, data):
        return None
    if found.end is not End.COMPLETE and not is_whole:
        return UnknownTag("more")
    elements = elements_of(found)
    if elements is None or elements.item is None:
        return None
    if not is_announced and _SURE_ITEM.fullmatch(elements.item) is None:
        return None
    if elements.item and not is_plausible(elements.item):
        return UnknownTag("text")
    return content_of(
        Fields(
            elements.item,
            1 if elements.part is None else elements.part,
            1 if elements.parts is None else elements.parts,
            elements.owner,
            NO_INFORMATION if elements.usage is None else elements.usage,
            elements.media_format,
        )
    )


def _is_sound(found: Objects, data: bytes) -> bool:
    """Whether the item comes first and every object is of a library's and coded as the standard codes it."""
    first = next(iter(found.coded), data[0] & 0x0F if data else 0)
    return first == _ITEM and all(
        oid in _OIDS and _is_sound_text(oid, coded) for oid, coded in found.coded.items()
    )


def _is_sound_text(oid: int, coded: Coded) -> bool:
    text = _text(oid, coded)
    if text is None or not coded.value or not (oid in _BYTES or text.isprintable()):
        return False
    if oid in _ISILS:
        return _SURE_ISIL.fullmatch(text) is not None
    return oid != _OTHER_OWNER or is_plausible(text)


def elements_of(found: Objects) -> Elements | None:
    """What *found* says; None where an element that counts is missing although it is listed, or cannot be read."""
    coded = found.coded
    if not found.listed & _MEANT <= coded.keys():
        return None
    texts: dict[int, str] = {}
    for oid, value in coded.items():
        if oid == _ITEM or oid in _MEANT:
            text = _text(oid, value)
            if text is None:
                return None
            texts[oid] = text
    part = parts = usage = None
    if _SET in texts:
        part_and_parts = parts_in(texts[_SET])
        if part_and_parts is None:
            return None
        part, parts = part_and_parts
    if _USAGE in coded:
        usage = _byte(coded[_USAGE])
        if usage is None:
            return None
    owner = texts.get(_OWNER) or texts.get(_OTHER_OWNER) or ""
    if not owner.isprintable():
        owner = ""
    has_format = _MEDIA in texts or _ONIX in texts or _MARC in texts
    media_format = _media_format(coded, texts) if has_format else None
    return Elements(texts.get(_ITEM), owner, part, parts, usage, media_format)


def _text(oid: int, coded: Coded) -> str | None:
    """The text of the object *oid*; empty for one whose bytes are no text by their nature."""
    if coded.compaction != iso15962.APPLICATION_DEFINED:
        text = iso15962.text_of(coded)
        return None if oid == _ITEM and coded.compaction == 1 and len(text or "") < 2 else text
    if oid in _ISILS:
        return isil.decode(coded.value)
    return "" if oid in _BYTES else None


def _byte(coded: Coded) -> int | None:
    """A byte that stands as itself or as its hex digits; three digits of an integer can only be the byte itself."""
    is_itself = coded.compaction in (iso15962.APPLICATION_DEFINED, iso15962.OCTETS)
    text = iso15962.text_of(coded)
    if len(coded.value) == 1 and (is_itself or len(text or "") == 3):
        return coded.value[0]
    return int(text, 16) if text and _TWO_HEX_DIGITS.fullmatch(text) else None


def _media_format(coded: dict[int, Coded], texts: dict[int, str]) -> int | None:
    """The media format in the code of ISO 28560-3; magnetic where any of the three says so."""
    said = (
        media_formats.known(_byte(coded[_MEDIA]) or 0) if _MEDIA in coded else None,
        media_formats.ONIX.get(texts.get(_ONIX, "").upper()),
        media_formats.MARC.get(texts.get(_MARC, "").upper()[:2]),
    )
    if media_formats.TAPE in said:
        return media_formats.TAPE
    return next((value for value in said if value is not None), None)
