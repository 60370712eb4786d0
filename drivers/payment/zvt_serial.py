"""ZVT on a serial line: 10 02, the message with every 10 doubled, 10 03, CRC-16/KERMIT over message and 03, lower
byte first.  A block is answered with 06 (taken) or 15 (damaged: send it again).
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum

from drivers.payment.zvt import DATA_BYTES_MAX, ZvtError

__all__ = ["BlockReader", "Sign", "block", "checksum"]

_DLE, _STX, _ETX = 0x10, 0x02, 0x03
_BLOCK_BYTES_MAX = DATA_BYTES_MAX + 5


class Sign(IntEnum):
    """The answer to a block."""

    ACK = 0x06
    NAK = 0x15


def checksum(data: bytes) -> int:
    """CRC-16/KERMIT: polynomial 8408 reflected, from 0, not inverted."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0x8408 if value & 1 else value >> 1
    return value


def block(message: bytes) -> bytes:
    """The block in which *message* travels."""
    body = message.replace(bytes((_DLE,)), bytes((_DLE, _DLE)))
    tail = checksum(message + bytes((_ETX,))).to_bytes(2, "little")
    return bytes((_DLE, _STX)) + body + bytes((_DLE, _ETX)) + tail


class BlockReader:
    """Cuts a line into messages and signs; holds at most one block that is not finished."""

    def __init__(self) -> None:
        self._bytes: deque[int] = deque()
        self._body = bytearray()
        self._tail = bytearray()
        self._is_escaped = False
        self._is_inside = False
        self._is_ended = False

    @property
    def is_inside(self) -> bool:
        """Whether a block has begun to arrive."""
        return self._is_inside or self._is_escaped

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._bytes.extend(data)

    def next_part(self) -> bytes | Sign | None:
        """The next message whose check sum is right, or sign; None when nothing has arrived completely.

        Raises `ZvtError` for a damaged block, which is forgotten.  What stands between blocks and is no sign is
        passed over.
        """
        while self._bytes:
            part = self._took(self._bytes.popleft())
            if part is not None:
                return part
        return None

    def drop(self) -> int:
        """Forgets everything and says how many bytes that were."""
        count = len(self._bytes) + len(self._body) + len(self._tail)
        self._bytes.clear()
        self._forget()
        return count

    def _took(self, byte: int) -> bytes | Sign | None:
        if self._is_ended:
            self._tail.append(byte)
            return self._finished() if len(self._tail) == 2 else None
        if self._is_escaped:
            self._is_escaped = False
            self._escaped(byte)
        elif byte == _DLE:
            self._is_escaped = True
        elif self._is_inside:
            self._body.append(byte)
        elif byte in (Sign.ACK, Sign.NAK):
            return Sign(byte)
        if len(self._body) > _BLOCK_BYTES_MAX:
            self._forget()
            raise ZvtError("a block that does not end")
        return None

    def _escaped(self, byte: int) -> None:
        if byte == _STX:
            # A block that begins inside another: the end of the first was lost.
            self._forget()
            self._is_inside = True
        elif not self._is_inside:
            return
        elif byte == _DLE:
            self._body.append(byte)
        elif byte == _ETX:
            self._is_ended = True
        else:
            self._forget()
            raise ZvtError(f"10 {byte:02X} inside a block")

    def _finished(self) -> bytes:
        message, tail = bytes(self._body), bytes(self._tail)
        self._forget()
        if checksum(message + bytes((_ETX,))) != int.from_bytes(tail, "little"):
            raise ZvtError("a block with a wrong check sum")
        return message

    def _forget(self) -> None:
        self._body.clear()
        self._tail.clear()
        self._is_escaped = self._is_inside = self._is_ended = False
