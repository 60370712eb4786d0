"""3M 210/810 and Bibliotheca M210: frames and replies, without a wire (device reference 0.2, 1.3 and 15).

    D6 | LEN MSB LSB | CMD | DATA | CRC MSB LSB               to the reader
    D6 | LEN MSB LSB | CMD | ERROR | DATA | CRC MSB LSB       from it

LEN counts what follows it, CRC included.  The question for the hardware version, asked before all others, begins
with D5, and so does its answer.  UIDs travel most significant byte first, memory in the tag's own order.

`m210_commands.py` is what can be asked; the `parse_` functions read the data of good replies.
"""

from __future__ import annotations

from binascii import crc_hqx
from dataclasses import dataclass
from enum import IntEnum

__all__ = [
    "START",
    "START_OF_PROBE",
    "Blocks",
    "Error",
    "Frame",
    "FrameError",
    "FrameReader",
    "checksum",
    "encode",
    "parse_blocks",
    "parse_byte",
    "parse_inventory",
    "parse_uid",
]

START, START_OF_PROBE = 0xD6, 0xD5

FRAME_BYTES_MAX = 4096
"""The longest frame that is taken: 255 tags of nine bytes are little more than half of it."""

_LEAST_LENGTH = 3
_BLOCK_BYTES_MAX = 32
_UID_BYTES = 8
_HAS_DSFID = 0x02


class FrameError(Exception):
    """Bytes that are no frame, or a reply whose data cannot be what its command answers."""


class Error(IntEnum):
    """The byte behind the command of a reply, as far as its meaning is known."""

    OK = 0x00
    NOT_IMPLEMENTED = 0x02
    NO_TRANSPONDER = 0x06
    MEMORY_NOT_AVAILABLE = 0x0F
    MEMORY_NOT_THERE = 0x11
    LOCKED = 0x12
    NOT_READ = 0x15
    NOT_WRITTEN = 0x16
    AIR_21 = 0x21
    AIR_22 = 0x22
    AIR_23 = 0x23
    UNSUPPORTED = 0x30
    OPTION = 0x31
    PARAMETER = 0x32
    READER_FD = 0xFD
    READER_FE = 0xFE


def checksum(data: bytes) -> int:
    """CRC-16/GENIBUS: polynomial 1021, start FFFF, final XOR FFFF, nothing reflected."""
    return crc_hqx(data, 0xFFFF) ^ 0xFFFF


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, either way: *payload* is CMD and everything between it and the CRC."""

    start: int
    payload: bytes

    @property
    def command(self) -> int:
        """The command that is asked or answered."""
        return self.payload[0]


def encode(frame: Frame) -> bytes:
    """The bytes of *frame*.  Raises `FrameError` when it is empty or too long."""
    length = len(frame.payload) + 2
    if not _LEAST_LENGTH <= length <= FRAME_BYTES_MAX - 3:
        raise FrameError(f"{len(frame.payload)} bytes are no frame")
    body = length.to_bytes(2, "big") + frame.payload
    return bytes((frame.start,)) + body + checksum(body).to_bytes(2, "big")


class FrameReader:
    """Cuts a stream into frames, however the bytes arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._buffer += data

    def next_frame(self) -> Frame | None:
        """The next whole frame, None when it has not arrived completely.

        Raises `FrameError` for a wrong start, length or CRC.  Everything buffered is dropped then: in a protocol of
        question and answer nothing behind a broken frame is worth keeping.
        """
        buffer = self._buffer
        if not buffer:
            return None
        if buffer[0] not in (START, START_OF_PROBE):
            start = buffer[0]
            self.drop()
            raise FrameError(f"a frame cannot begin with {start:02X}")
        if len(buffer) < 3:
            return None
        length = buffer[1] << 8 | buffer[2]
        if not _LEAST_LENGTH <= length <= FRAME_BYTES_MAX - 3:
            self.drop()
            raise FrameError(f"a frame cannot be {length} bytes long")
        if len(buffer) < 3 + length:
            return None
        raw = bytes(buffer[: 3 + length])
        if checksum(raw[1:-2]) != raw[-2] << 8 | raw[-1]:
            self.drop()
            raise FrameError("wrong CRC")
        del buffer[: 3 + length]
        return Frame(raw[0], raw[3:-2])

    def drop(self) -> int:
        """Forgets an unfinished frame and says how many bytes that were."""
        count = len(self._buffer)
        self._buffer.clear()
        return count


def parse_inventory(data: bytes) -> tuple[str, ...]:
    """The data of an inventory reply: AFI, options, a count, then the UIDs, each behind its DSFID where so asked.

    The UIDs as 16 upper-case hex digits in the reader's order.  Raises `FrameError` when count and length disagree.
    """
    if len(data) < 3:
        raise FrameError(f"an inventory reply of {len(data)} bytes")
    skipped = 1 if data[1] & _HAS_DSFID else 0
    stride = skipped + _UID_BYTES
    if len(data) != 3 + data[2] * stride:
        raise FrameError(f"an inventory reply of {len(data)} bytes does not fit its count of {data[2]}")
    return tuple(data[at + skipped : at + stride].hex().upper() for at in range(3, len(data), stride))


@dataclass(frozen=True, slots=True)
class Blocks:
    """Memory that was read of *uid*: *data* in the tag's order, *locks* one byte per block (not zero: locked)."""

    uid: str
    block_size_bytes: int
    locks: bytes
    data: bytes


def parse_blocks(data: bytes, first: int, count_asked: int) -> Blocks:
    """The data of a read multiple reply: UID, count, then for each block its number, its lock state and itself.

    Raises `FrameError` when it holds no block, more than *count_asked*, others than those from *first* on, or not
    the length it announces.
    """
    if len(data) < _UID_BYTES + 1:
        raise FrameError(f"a read reply of {len(data)} bytes")
    count, blocks = data[_UID_BYTES], data[_UID_BYTES + 1 :]
    if not 1 <= count <= count_asked:
        raise FrameError(f"{count} blocks came where {count_asked} were asked for")
    stride, rest = divmod(len(blocks), count)
    size = stride - 2
    if rest or not 1 <= size <= _BLOCK_BYTES_MAX:
        raise FrameError(f"{count} blocks do not fill {len(blocks)} bytes")
    if any(blocks[index * stride] != (first + index) & 0xFF for index in range(count)):
        raise FrameError(f"other blocks than the {count} from {first} on")
    memory = b"".join(blocks[at + 2 : at + stride] for at in range(0, len(blocks), stride))
    return Blocks(data[:_UID_BYTES].hex().upper(), size, blocks[1::stride], memory)


def parse_byte(data: bytes) -> tuple[str, int]:
    """The data of a reply that is a UID and one byte, an AFI or a DSFID.  Raises `FrameError`."""
    if len(data) != _UID_BYTES + 1:
        raise FrameError(f"a reply of {len(data)} bytes instead of {_UID_BYTES + 1}")
    return data[:_UID_BYTES].hex().upper(), data[_UID_BYTES]


def parse_uid(data: bytes) -> str:
    """The UID that a reply begins with; what may follow it differs between models.  Raises `FrameError`."""
    if not _UID_BYTES <= len(data) <= _UID_BYTES + 1:
        raise FrameError(f"a reply of {len(data)} bytes instead of {_UID_BYTES}")
    return data[:_UID_BYTES].hex().upper()
