"""Which data model a tag follows, and what it says by it (device reference 2.5).

A model with a check sum proves itself, so the DSFID only decides what is tried first.  To add a model: a
module beside this one with a function from bytes to `Content | None`, and a line in `decode` where its proof
is weaker than those before it.
"""

from __future__ import annotations

from drivers.rfid import Content, EmptyTag, TagMemory, UnknownTag
from drivers.rfid.tagdata import iso28560_3
from drivers.rfid.tagdata.rules import DecodeRules

__all__ = ["decode"]

_DSFID_28560_2 = 0x06
_first_model = iso28560_3.parse


def decode(memory: TagMemory, rules: DecodeRules) -> Content:
    """What *memory* says.  Never raises: what no model explains is an `UnknownTag`.

    Memory that is one byte repeated is an `EmptyTag`.  `UnknownTag` says "crc" where nothing had a right
    check sum, "layout" where the memory is too short or announces another model, "text" where the identifier
    is no text.
    """
    content = _first_model(memory.data)
    return content if content is not None else _second_look(memory, rules)


def _second_look(memory: TagMemory, rules: DecodeRules) -> Content:
    data = memory.data
    if len(data) < iso28560_3.SHORT_BLOCK_BYTES:
        return UnknownTag("layout")
    if data.count(data[:1]) == len(data):
        return EmptyTag()
    turned = _turned(data, memory.block_size_bytes) if rules.tries_both_orders else b""
    content = iso28560_3.parse(turned)
    if content is not None:
        return content
    if memory.dsfid == _DSFID_28560_2:
        return UnknownTag("layout")
    if rules.accepts_wrong_crc:
        content = iso28560_3.parse_unchecked(data, rules.owner)
        if content is None:
            content = iso28560_3.parse_unchecked(turned, rules.owner)
    return content if content is not None else UnknownTag("crc")


def _turned(data: bytes, block_size_bytes: int) -> bytes:
    size = max(1, block_size_bytes)
    return b"".join(data[at : at + size][::-1] for at in range(0, len(data), size))
