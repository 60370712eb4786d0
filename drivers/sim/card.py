"""The far end of a smart card reader: cards that answer APDUs, and the speech of a virtual card to vpcd.

A card is one object; `MemoryApduLink` holds it in tests, `card_serving.py` lays it on a virtual reader in the
demo.
"""

from __future__ import annotations

import threading
from collections import deque

from drivers.link import Clock
from drivers.link.memory_card import CardFarEnd

__all__ = ["CardContent", "Type2Tag", "Type4Tag", "VirtualCard", "VpcdCard"]

OK = b"\x90\x00"
_UNKNOWN = b"\x6a\x81"
_NOT_FOUND = b"\x6a\x82"
_ATR = bytes.fromhex("3B8F8001804F0CA0000003060300030000000068")
_NDEF_APPLICATION = bytes.fromhex("D2760000850101")


class CardContent:
    """A card without anything to read but its UID."""

    def answer(self, command: bytes) -> bytes:
        """The response to a *command* of at least five bytes; "not supported" for all that is unknown."""
        return _UNKNOWN

    def reset(self) -> None:
        """Loses what was selected."""


class Type2Tag(CardContent):
    """A memory tag with an NDEF message (NTAG, Ultralight), behind a reader that gives *read_size* bytes a
    time.

    *control* are TLV blocks before the message.  *memory* holds the pages from 0 on and may be changed.
    """

    def __init__(self, message: bytes, read_size: int = 16, control: bytes = b"", size: int = 504) -> None:
        length = bytes((len(message),)) if len(message) < 0xFF else b"\xff" + len(message).to_bytes(2, "big")
        blocks = control + b"\x03" + length + message + b"\xfe"
        head = bytes(12) + bytes((0xE1, 0x10, size // 8, 0x00))
        self.memory = bytearray(head + blocks + bytes(max(0, size - len(blocks))))
        self.read_size = read_size

    def answer(self, command: bytes) -> bytes:
        """READ BINARY of the PC/SC reader (FF B0 00 page length)."""
        if command[:3] != b"\xff\xb0\x00":
            return _UNKNOWN
        start, length = command[3] * 4, command[4]
        if length > self.read_size:
            return b"\x6c" + bytes((self.read_size,))
        if start + 4 > len(self.memory):
            return _NOT_FOUND
        return bytes(self.memory[start : start + length]) + OK


class Type4Tag(CardContent):
    """A card or phone with the NDEF application; *read_size* is the most it gives at a time (MLe).

    *container* and *file* are what the two files hold and may be changed.
    """

    def __init__(self, message: bytes, read_size: int = 0x3B) -> None:
        self.file = bytearray(len(message).to_bytes(2, "big") + message)
        self.container = bytearray(bytes.fromhex("000F20") + read_size.to_bytes(2, "big"))
        self.container += bytes.fromhex("00340406E104") + len(self.file).to_bytes(2, "big") + b"\x00\xff"
        self._application = False
        self._selected: bytearray | None = None

    def reset(self) -> None:
        """Loses application and file."""
        self._application = False
        self._selected = None

    def answer(self, command: bytes) -> bytes:
        """SELECT by name and by file, READ BINARY (ISO 7816-4)."""
        if command[:4] == b"\x00\xa4\x04\x00":
            self._application = command[5 : 5 + command[4]] == _NDEF_APPLICATION
            return OK if self._application else _NOT_FOUND
        if command[:4] == b"\x00\xa4\x00\x0c" and self._application:
            files = {b"\xe1\x03": self.container, b"\xe1\x04": self.file}
            self._selected = files.get(command[5:7])
            return _NOT_FOUND if self._selected is None else OK
        if command[:2] == b"\x00\xb0" and self._selected is not None:
            start, length = int.from_bytes(command[2:4], "big"), command[4]
            if length > int.from_bytes(self.container[3:5], "big"):
                return b"\x67\x00"
            return bytes(self._selected[start : start + length]) + OK
        return _UNKNOWN


class VirtualCard:
    """A contactless card with *uid* and *content*, as a `CardFarEnd`; may be used from two threads."""

    def __init__(
        self, clock: Clock, uid: bytes = bytes.fromhex("04A1B2C3D4E5F6"), content: CardContent | None = None
    ) -> None:
        self.uid = uid
        self.content = content or CardContent()
        self._clock = clock
        self._faults: deque[tuple[bool, bytes | None]] = deque()
        self._heard: list[bytes] = []
        self._lock = threading.Lock()

    @property
    def atr(self) -> bytes:
        """See `CardFarEnd.atr`: a contactless memory card."""
        return _ATR

    @property
    def heard(self) -> tuple[bytes, ...]:
        """Every command so far."""
        with self._lock:
            return tuple(self._heard)

    def inject(self, *answers: bytes | None, after: int = 0) -> None:
        """Gives *answers* instead of its own, once *after* commands went well; None is leaving the reader."""
        with self._lock:
            self._faults.extend((False, None) for _ in range(after))
            self._faults.extend((True, answer) for answer in answers)

    def reset(self) -> None:
        """See `CardFarEnd.reset`."""
        self.content.reset()

    def answer(self, command: bytes) -> bytes | None:
        """See `CardFarEnd.answer`; never raises, whatever *command* is."""
        with self._lock:
            self._heard.append(command)
            is_faulty, answer = self._faults.popleft() if self._faults else (False, None)
            if is_faulty:
                return answer
            if len(command) < 5:
                return b"\x67\x00"
            if command[:4] == b"\xff\xca\x00\x00":
                return self.uid + OK
            return self.content.answer(command)


class VpcdCard:
    """`FarEnd` that speaks for *card* to vpcd: two bytes of length, big-endian, then a control byte or an
    APDU.

    After `has_left` it says nothing more; whoever serves it breaks the connection.
    """

    def __init__(self, card: CardFarEnd) -> None:
        self._card = card
        self._buffer = bytearray()
        self.has_left = False

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`."""
        self._buffer += data
        answers = bytearray()
        while not self.has_left and len(self._buffer) >= 2:
            end = 2 + int.from_bytes(self._buffer[:2], "big")
            if len(self._buffer) < end:
                break
            message = bytes(self._buffer[2:end])
            del self._buffer[:end]
            answer = self._answer(message)
            if answer is not None:
                answers += len(answer).to_bytes(2, "big") + answer
        return bytes(answers)

    def _answer(self, message: bytes) -> bytes | None:
        if message == b"\x04":
            return self._card.atr
        if len(message) <= 1:
            self._card.reset()
            return None
        answer = self._card.answer(message)
        self.has_left = answer is None
        return answer
