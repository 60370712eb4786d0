"""URN Code 40, in which ISO 28560-4 writes an item's identifier into a UHF tag (device reference 3.1 A).

Two bytes hold three characters: 1600 a + 40 b + c + 1, with A-Z 1 to 26, `-` 27, `.` 28, `:` 29, 0-9 30 to 39, and 0
for nothing behind the last character.  Bytes from FB on escape: FB a run of nine digits or more as an integer (length
less nine and bytes less four in one byte before it), FC one ASCII character, FD two and FE three bytes of UTF-8.  A
last byte 00 fills the last word.
"""

from __future__ import annotations

__all__ = ["decode"]

_TABLE = "\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789"
_RUN, _ASCII, _THREE_BYTES = 0xFB, 0xFC, 0xFE


def decode(data: bytes) -> str | None:
    """The text in *data*; None where it is not coded so, or nothing stands in it."""
    text: list[str] = []
    at, size = 0, len(data)
    while at < size:
        lead = data[at]
        if not any(data[at : at + 2]):
            return "".join(text) if text and not any(data[at:]) else None
        if lead < _RUN:
            piece, used = _word(data[at : at + 2]), 2
        elif lead == _RUN:
            piece, used = _run(data[at + 1 : at + 21])
        elif lead <= _THREE_BYTES:
            used = lead - _ASCII + 2
            piece = _character(data[at + 1 : at + used], used - 1)
        else:
            return None
        if not piece:
            return None
        text.append(piece)
        at += used
        if lead < _RUN and len(piece) < 3 and not _ends(data, at):
            return None
    return "".join(text) or None


def _ends(data: bytes, at: int) -> bool:
    """Whether a word that is not full may stand before *at*: at the end, or before an escape."""
    return data[at : at + 1] >= b"\xfb" or not any(data[at:])


def _word(data: bytes) -> str:
    if len(data) < 2:
        return ""
    value = int.from_bytes(data, "big") - 1
    first, rest = divmod(value, 1600)
    second, third = divmod(rest, 40)
    if value < 0 or not first < len(_TABLE) or (third and not second):
        return ""
    return f"{_TABLE[first]}{_TABLE[second]}{_TABLE[third]}".rstrip("\0") if first else ""


def _run(data: bytes) -> tuple[str, int]:
    """The digits behind an FB, and how many bytes they take with it; empty where they are not coded so."""
    if not data:
        return "", 0
    digits, size = (data[0] >> 4) + 9, (data[0] & 0x0F) + 4
    value = data[1 : 1 + size]
    text = str(int.from_bytes(value, "big"))
    if len(value) < size or len(text) != digits or (size > 4 and value[0] == 0):
        return "", 0
    return text, size + 2


def _character(data: bytes, size: int) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return text if len(data) == size and len(text) == 1 else ""
