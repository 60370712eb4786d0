"""The messages of a simulated card terminal, put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

__all__ = ["message", "result_fields", "step", "text_block", "text_line"]

_STEPS = {
    0x04: b"Autorisierung",
    0x0A: b"Bitte Karte einstecken",
    0x0B: b"Karte entnehmen",
    0x0E: b"Bitte warten",
}


def message(control: bytes, data: bytes) -> bytes:
    """CLA and INS, the length, and *data*."""
    size = bytes((len(data),)) if len(data) < 0xFF else b"\xff" + len(data).to_bytes(2, "little")
    return control + size + data


def step(code: int) -> bytes:
    """04 FF with its text."""
    text = b"\x07" + bytes((len(_STEPS[code]),)) + _STEPS[code]
    container = b"\x24" + bytes((len(text),)) + text
    return message(b"\x04\xff", bytes((code, 0x01, 0x06, len(container))) + container)


def text_line(line: str) -> bytes:
    """06 D1 with *line*."""
    return message(b"\x06\xd1", b"\x00" + line.encode("cp437", "replace"))


def text_block(lines: Sequence[str]) -> bytes:
    """06 D3 with *lines*, as a receipt of the administration."""
    texts = [line.encode("cp437", "replace") for line in lines]
    inside = b"".join(b"\x07" + bytes((len(text),)) + text for text in texts)
    container = b"\x1f\x07\x01\x03\x25" + bytes((len(inside),)) + inside
    return message(b"\x06\xd3", b"\x06" + bytes((len(container),)) + container)


def result_fields(minor: int, currency: str, trace: int, receipt: int, now: datetime, card: str) -> bytes:
    """What follows the result in 04 0F: amount, numbers, time, *card* as hexadecimal digits, terminal and brand."""
    packed = bytes.fromhex(card + "F" * (len(card) % 2))
    return b"".join(
        (
            b"\x04" + _digits(minor, 6) + b"\x49" + bytes.fromhex(currency),
            b"\x0b" + _digits(trace, 3) + b"\x87" + _digits(receipt, 2),
            b"\x0c" + bytes.fromhex(f"{now:%H%M%S}") + b"\x0d" + bytes.fromhex(f"{now:%m%d}"),
            b"\x22" + bytes((0xF0 + len(packed) // 10, 0xF0 + len(packed) % 10)) + packed,
            b"\x29\x52\x00\x12\x33\x8b\xf0\xf8girocard",
        )
    )


def _digits(number: int, size: int) -> bytes:
    return bytes.fromhex(f"{number:0{2 * size}}")
