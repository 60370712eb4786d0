"""Which data model a tag follows, and what it says by it (device reference 2.5).

A model proves itself, by a check sum or by its structure, so the DSFID of an HF tag and the PC word of a UHF tag only
say how strictly it is looked at.  The strongest proof comes first: the first model that explains the tag is believed.
To add a model: a module beside this one with a function from bytes to `Content | None`, a `Model` in `rules.py`, and a
line below where its proof is weaker than those before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from drivers.rfid import Content, EmptyTag, LibraryItem, TagMemory, UhfMemory, UnknownTag
from drivers.rfid.tagdata import cn_university, iso28560_2, iso28560_3, iso28560_4, legacy_3m, pc_word
from drivers.rfid.tagdata.in_the_clear import parse_ascii, uid_item
from drivers.rfid.tagdata.rules import DecodeRules, Model

__all__ = ["decode", "decode_uhf", "hides_media_format"]

_FACTORY_HEADER = 0xE2
_MORE = UnknownTag("more")
_FIRST = Model.ISO_28560_3
_first_model = iso28560_3.parse


def decode(memory: TagMemory, rules: DecodeRules) -> Content:
    """What *memory* says.  Never raises: what no model explains is an `UnknownTag`.

    Memory that is one byte repeated, or as 3M sold it, is an `EmptyTag`.  `UnknownTag` says "crc" where nothing had a
    right check sum, "layout" where the memory is too short or announces another model, "text" where the identifier is
    no text, and "more" where memory that is not whole ends before it can be judged.  What is said of a part is what
    is said of the whole, save for a media format that stands behind the part (ISO 28560-3).
    """
    # Written for speed: nearly every tag of nearly every library ends here; what does not is looked at once more.
    content = _first_model(memory.data)
    if type(content) is LibraryItem and _FIRST in rules.models:
        return content
    return _believed(_answers(memory, rules)) or _unexplained(memory, rules)


def hides_media_format(memory: TagMemory, rules: DecodeRules) -> bool:
    """Whether *memory*, understood and not whole, ends before it has told the media format or that there is none."""
    data = memory.data
    if _FIRST not in rules.models or memory.is_whole:
        return False
    if _first_model(data) is None and rules.tries_both_orders:
        data = _turned(data, memory.block_size_bytes)
    return _first_model(data) is not None and iso28560_3.goes_on(data)


def decode_uhf(memory: UhfMemory, rules: DecodeRules) -> Content:
    """What a UHF tag says.  Never raises: what no model explains is an `UnknownTag`.

    A tag as its maker sold it (an EPC that begins with E2, has one byte only, or is empty) is an `EmptyTag`.
    `UnknownTag` says "more" where the user bank is needed and was not read, or ends inside an element; "layout" and
    "text" as in `decode`.  `AsciiRule` counts bytes of the EPC.
    """
    pc, epc, user, models = memory.pc, memory.epc, memory.user, rules.models
    content: Content | None = None
    if pc_word.is_iso(pc):
        if Model.ISO_28560_4 in models:
            content = iso28560_4.parse(pc, epc, user, rules.afis)
    elif Model.CN_UNIVERSITY in models:
        content = cn_university.parse(pc, epc, user)
    if content is not None:
        return content
    if rules.ascii is not None and Model.ASCII in models:
        content = parse_ascii(epc, rules.ascii, is_whole=True)
        if content is not None:
            return content
    if Model.UID in models:
        return uid_item(memory.uid)
    is_factory = not epc or (not pc_word.is_iso(pc) and epc[0] == _FACTORY_HEADER)
    return EmptyTag() if is_factory or _is_one_byte(epc) else UnknownTag("layout")


def _believed(answers: Iterator[Content | None]) -> Content | None:
    """The first answer that says something; a model that was right and makes no sense only where no other one does."""
    doubt: Content | None = None
    for content in answers:
        if isinstance(content, UnknownTag) and content.why != _MORE.why:
            doubt = doubt or content
        elif content is not None:
            return content
    return doubt


def _answers(memory: TagMemory, rules: DecodeRules) -> Iterator[Content | None]:
    data, is_whole, models = memory.data, memory.is_whole, rules.models
    if not _is_blank(data) or (memory.dsfid == iso28560_2.DSFID and not is_whole):
        yield from _proven(memory, rules)
    if rules.ascii is not None and Model.ASCII in models:
        yield parse_ascii(data, rules.ascii, is_whole=is_whole)


def _proven(memory: TagMemory, rules: DecodeRules) -> Iterator[Content | None]:
    data, is_whole, models, size = memory.data, memory.is_whole, rules.models, memory.block_size_bytes
    is_announced = memory.dsfid == iso28560_2.DSFID
    if _FIRST in models:
        yield iso28560_3.parse(data)
    if is_announced and Model.ISO_28560_2 in models:
        yield iso28560_2.parse(data, is_announced=True, is_whole=is_whole, block_size_bytes=size)
    if Model.LEGACY_3M in models:
        yield legacy_3m.parse(data, is_whole=is_whole)
    turned = _turned(data, size) if rules.tries_both_orders else b""
    if _FIRST in models:
        yield iso28560_3.parse(turned)
        if not is_whole and len(data) < iso28560_3.BLOCK_BYTES:
            yield _MORE
    if Model.ISO_28560_2 in models:
        yield iso28560_2.parse(data, is_announced=False, is_whole=is_whole, block_size_bytes=size)
        yield iso28560_2.parse(turned, is_announced=False, is_whole=is_whole, block_size_bytes=size)
    if Model.LEGACY_3M in models:
        yield legacy_3m.parse(turned, is_whole=is_whole)
    if rules.accepts_wrong_crc and _FIRST in models and not is_announced:
        yield iso28560_3.parse_unchecked(data, rules.owner)
        yield iso28560_3.parse_unchecked(turned, rules.owner)


def _unexplained(memory: TagMemory, rules: DecodeRules) -> Content:
    if Model.UID in rules.models:
        return uid_item(memory.uid)
    data = memory.data
    is_short = len(data) < iso28560_3.SHORT_BLOCK_BYTES
    if is_short and not memory.is_whole:
        return _MORE
    if not is_short and _is_blank(data):
        return EmptyTag()
    is_other = memory.dsfid == iso28560_2.DSFID or _FIRST not in rules.models
    return UnknownTag("layout" if is_short or is_other else "crc")


def _is_blank(data: bytes) -> bool:
    return _is_one_byte(data) or legacy_3m.is_blank(data)


def _is_one_byte(data: bytes) -> bool:
    return data.count(data[:1]) == len(data)


def _turned(data: bytes, block_size_bytes: int) -> bytes:
    """*data* with each block the other way round, a last one that is not whole too."""
    size = max(1, block_size_bytes)
    whole = len(data) - len(data) % size
    turned = bytearray(data)
    for at in range(min(size, whole)):
        turned[at:whole:size] = data[size - 1 - at : whole : size]
    turned[whole:] = data[whole:][::-1]
    return bytes(turned)
