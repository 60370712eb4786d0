"""3M's own layout from before ISO 28560 (RFID501; device reference 2.3).

    0    04
    1    number of this item in its set (high nibble), items in the set (low nibble)
    2    00
    3    media type
    4-19 the item's barcode, ASCII, filled with 00
    20   branch (12 bits) and library (20 bits)      24  four bytes of the library's own      28-31  00

Library and branch are numbers that 3M gave: no ISIL comes of them, so the owner stays empty.  The layout has no check
sum; the bytes that are always the same are the proof.  A tag as 3M sold it holds 55 in its first 24 bytes, then 00.
"""

from __future__ import annotations

import re

from drivers.rfid import Content, UnknownTag
from drivers.rfid.tagdata import media_formats
from drivers.rfid.tagdata.meaning import Fields, content_of

__all__ = ["is_blank", "parse"]

_BYTES = 32
_MEDIA_TYPES = frozenset((0, *media_formats.LEGACY_3M))
_BARCODE = re.compile(rb"[!-~][ -~]*\0*")
_BLANK = re.compile(rb"\x55{24}\0{4}[\x55\0]*")


def is_blank(data: bytes) -> bool:
    """Whether *data* is a tag as 3M sold it."""
    return _BLANK.fullmatch(data) is not None


def parse(data: bytes, *, is_whole: bool) -> Content | None:
    """What *data* says by this model, None when it is not of it.

    `UnknownTag` ("more") where it looks so and is cut; otherwise as `content_of`.
    """
    if data[:1] != b"\x04" or any(data[2:3]) or any(data[28:_BYTES]):
        return None
    if len(data) < _BYTES:
        return None if is_whole else UnknownTag("more")
    item, items = data[1] >> 4, data[1] & 0x0F
    if not item or not items or data[3] not in _MEDIA_TYPES or _BARCODE.fullmatch(data, 4, 20) is None:
        return None
    barcode = data[4:20].rstrip(b"\0 ").decode("ascii")
    return content_of(
        Fields(barcode, item, items, media_format=media_formats.LEGACY_3M.get(data[3])),
    )
