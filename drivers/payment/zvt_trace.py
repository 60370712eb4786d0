"""What a trace of a terminal's line may show: which message, and the content of those that can hold no secret.

A piece that is not made of whole messages is blanked: a card number may be in it.
"""

from __future__ import annotations

import re

from drivers.payment.zvt import Apdu, ApduCutter, Control, ZvtError, encode
from drivers.payment.zvt_serial import BlockReader, Sign

__all__ = ["redact"]

_AUTHORISATION = re.compile(rb"\x04.{6}\x49.{2}", re.DOTALL)
_ABORTED_BYTES_MAX = 1


def redact(data: bytes) -> bytes:
    """*data* as a trace may show it: blocks become the messages in them, contents that may hold a secret zeros."""
    if data and all(byte in (Sign.ACK, Sign.NAK) for byte in data):
        return data
    try:
        messages = (
            _of_blocks(data) if data[:1] in (b"\x10", b"\x06", b"\x15") and b"\x10\x02" in data else None
        )
        if messages is None:
            messages = _of_stream(data)
    except ZvtError:
        messages = None
    if messages is None:
        return bytes(len(data))
    return b"".join(_shown(message) for message in messages)


def _shown(message: Apdu) -> bytes:
    is_plain = (message.control == Control.AUTHORISATION and _AUTHORISATION.fullmatch(message.data)) or (
        message.control == Control.ABORTED and len(message.data) <= _ABORTED_BYTES_MAX
    )
    return encode(message if is_plain else Apdu(message.control, bytes(len(message.data))))


def _of_blocks(data: bytes) -> list[Apdu] | None:
    """The messages in *data*; None when it is not made of whole blocks and signs."""
    reader = BlockReader()
    reader.feed(data)
    messages: list[Apdu] = []
    while (part := reader.next_part()) is not None:
        if isinstance(part, bytes):
            found = _of_stream(part)
            if found is None:
                return None
            messages += found
    return None if reader.is_inside else messages


def _of_stream(data: bytes) -> list[Apdu] | None:
    """The messages in *data*; None when the last one is not whole."""
    cutter = ApduCutter()
    cutter.feed(data)
    messages = []
    while (message := cutter.next_apdu()) is not None:
        messages.append(message)
    return None if cutter.is_inside else messages
