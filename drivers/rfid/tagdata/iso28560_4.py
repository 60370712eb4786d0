"""ISO 28560-4 = GB/T 35660.3 on UHF tags (device reference 3.1 A).

The PC word has the ISO toggle and a library's AFI.  The EPC is the unique item identifier in URN Code 40: the item
alone, owner.item, or owner.item.set information.  The user bank, where the PC word says that it is in use, begins with
the DSFID 06 and goes on with the objects of ISO 28560-2.

The AFI and the length in the PC word are the proof: URN Code 40 itself makes text of nine words in ten.
"""

from __future__ import annotations

from collections.abc import Collection

from drivers.rfid import Content, UnknownTag
from drivers.rfid.tagdata import iso15962, iso28560_2, pc_word, urn40
from drivers.rfid.tagdata.iso15962 import End
from drivers.rfid.tagdata.iso28560_2 import Elements
from drivers.rfid.tagdata.meaning import NO_INFORMATION, Fields, content_of, is_plausible, parts_in

__all__ = ["parse"]

_SIX_BIT_HEADER = 0x41
_WORD_BYTES = 2
_NOTHING = Elements(None, "", None, None, None, None)


def parse(pc: int, epc: bytes, user: bytes | None, afis: Collection[int]) -> Content | None:
    """What a tag says by this model, None when it is not of it; *afis* are those that a library's tags may have.

    `UnknownTag` ("more") where the user bank was not read, or ends inside an object; ("layout") where it contradicts
    the EPC or itself; ("text") for an item or owner that is not plausible; otherwise as `content_of`.
    """
    if not pc_word.is_iso(pc) or pc & 0xFF not in afis or pc_word.epc_bytes(pc) != len(epc):
        return None
    if _is_six_bit_scheme(epc):
        return None
    text = urn40.decode(epc)
    if text is None:
        return None
    is_used = pc_word.has_user_memory(pc)
    if user is None and is_used:
        return UnknownTag("more")
    elements = _user_elements(user) if user and (is_used or user[0] == iso28560_2.DSFID) else _NOTHING
    return elements if isinstance(elements, UnknownTag) else _content(text, elements)


def _is_six_bit_scheme(epc: bytes) -> bool:
    """A German scheme with the same AFIs: 41, then the number of bytes of six-bit text that follow."""
    return len(epc) > 2 and epc[0] == _SIX_BIT_HEADER and len(epc) - 2 - epc[1] in (0, 1)


def _user_elements(user: bytes) -> Elements | UnknownTag:
    if not any(user):
        return _NOTHING
    if user[0] != iso28560_2.DSFID:
        return UnknownTag("layout")
    found = iso15962.objects(user[1:], _WORD_BYTES)
    if found.end is End.INSIDE:
        return UnknownTag("more")
    elements = None if found.end is End.BROKEN else iso28560_2.elements_of(found)
    return UnknownTag("layout") if elements is None else elements


def _content(text: str, elements: Elements) -> Content:
    owner, item, set_information = _in_parts(text)
    part, parts = elements.part, elements.parts
    if set_information:
        said = parts_in(set_information)
        if said is None or (part is not None and said != (part, parts)):
            return UnknownTag("layout")
        part, parts = said
    if elements.item not in (None, item):
        return UnknownTag("layout")
    if not is_plausible(item) or (owner and not is_plausible(owner)):
        return UnknownTag("text")
    return content_of(
        Fields(
            item,
            1 if part is None else part,
            1 if parts is None else parts,
            owner or elements.owner,
            NO_INFORMATION if elements.usage is None else elements.usage,
            elements.media_format,
        )
    )


def _in_parts(text: str) -> tuple[str, str, str]:
    """Owner, item and set information; a dot behind them belongs to the item."""
    pieces = text.split(".")
    match pieces:
        case [item]:
            return "", item, ""
        case [owner, item]:
            return owner, item, ""
        case [owner, item, set_information] if parts_in(set_information) is not None:
            return owner, item, set_information
        case [owner, *rest]:
            return owner, ".".join(rest), ""
        case _:
            return "", text, ""
