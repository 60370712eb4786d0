"""ZVT messages as bytes: CLA INS LEN data, where LEN FF is followed by two bytes, the lower first (ZVT 2.1).

A message of its own is all there is on TCP; on a serial line it travels in a block (`zvt_serial.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["ACKNOWLEDGED", "DATA_BYTES_MAX", "Apdu", "ApduCutter", "Control", "ZvtError", "decode", "encode"]

DATA_BYTES_MAX = 8192
_EXTENDED = 0xFF
# What terminals and tills begin a message with; any other first byte is not the beginning of one.
_CLASSES = frozenset((0x04, 0x05, 0x06, 0x08, 0x0F, 0x80, 0x84))


class ZvtError(Exception):
    """Bytes that are no message, or no content that such a message can have."""


class Control(IntEnum):
    """The two bytes that say what a message is."""

    STATUS_INFORMATION = 0x040F
    INTERMEDIATE_STATUS = 0x04FF
    STATUS_ENQUIRY = 0x0501
    REGISTRATION = 0x0600
    AUTHORISATION = 0x0601
    LOG_OFF = 0x0602
    COMPLETION = 0x060F
    ABORTED = 0x061E
    REPEAT_RECEIPT = 0x0620
    REVERSAL = 0x0630
    END_OF_DAY = 0x0650
    DIAGNOSIS = 0x0670
    INITIALISATION = 0x0693
    ABORT = 0x06B0
    PRINT_LINE = 0x06D1
    PRINT_TEXT_BLOCK = 0x06D3
    ACKNOWLEDGED = 0x8000


@dataclass(frozen=True, slots=True)
class Apdu:
    """One message; *control* is CLA and INS, see `Control` for those that are known."""

    control: int
    data: bytes = b""

    @property
    def refusal(self) -> int | None:
        """The code of a refusal (84 xx 00); None when it is none: 84 00 00 is an acknowledgement too."""
        return self.control & 0xFF or None if self.control >> 8 == 0x84 else None

    @property
    def is_acknowledgement(self) -> bool:
        """Whether it is one, in either way."""
        return self.control in (Control.ACKNOWLEDGED, 0x8400)


ACKNOWLEDGED = Apdu(Control.ACKNOWLEDGED)


def encode(apdu: Apdu) -> bytes:
    """The bytes of *apdu*.  Raises `ZvtError` for more than `DATA_BYTES_MAX` bytes of data."""
    size = len(apdu.data)
    if size > DATA_BYTES_MAX:
        raise ZvtError(f"{size} bytes of data, at most {DATA_BYTES_MAX}")
    length = bytes((size,)) if size < _EXTENDED else bytes((_EXTENDED,)) + size.to_bytes(2, "little")
    return apdu.control.to_bytes(2, "big") + length + apdu.data


def decode(data: bytes) -> Apdu:
    """The one message that *data* is.  Raises `ZvtError`."""
    cut = _cut(data)
    if cut is None or cut[1] != len(data):
        raise ZvtError("a message of another length than it says")
    return cut[0]


class ApduCutter:
    """Cuts a stream of messages; holds at most one that is not finished."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def is_inside(self) -> bool:
        """Whether a message has begun to arrive."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._buffer += data

    def next_apdu(self) -> Apdu | None:
        """The next whole message; None when it has not arrived completely.

        Raises `ZvtError`, and forgets everything, when what arrived cannot be a message: nobody knows where the next
        one begins.
        """
        try:
            cut = _cut(bytes(self._buffer))
        except ZvtError:
            self._buffer.clear()
            raise
        if cut is None:
            return None
        del self._buffer[: cut[1]]
        return cut[0]

    def drop(self) -> int:
        """Forgets what has arrived and says how many bytes that were."""
        count = len(self._buffer)
        self._buffer.clear()
        return count


def _cut(data: bytes) -> tuple[Apdu, int] | None:
    """The message at the beginning of *data* and its size; None when it is not all there."""
    if data and data[0] not in _CLASSES:
        raise ZvtError(f"no message begins with {data[0]:02X}")
    if len(data) < 3:
        return None
    size, begin = data[2], 3
    if size == _EXTENDED:
        if len(data) < 5:
            return None
        size, begin = int.from_bytes(data[3:5], "little"), 5
    if size > DATA_BYTES_MAX:
        raise ZvtError(f"a message of {size} bytes, at most {DATA_BYTES_MAX}")
    if len(data) < begin + size:
        return None
    return Apdu(int.from_bytes(data[:2], "big"), data[begin : begin + size]), begin + size
