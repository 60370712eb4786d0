"""Impinj R2000 and E710 modules, "A0": bytes, frames and replies, without a wire (device reference 0.2, 3.2.2 and 15).

    either way    A0 | LEN | ADR | CMD | DATA | CHK        LEN counts all bytes behind it
                  CHK = the two's complement of the sum of all before it, so a whole frame adds up to 00

Address 01 is a module's own as it is sold, FF is any module's.  An answer whose data is one byte is a code (`Code`).
One question can have several answers: an inventory tells each reading in a frame of its own and ends with a summary.

What can be asked stands in `a0_commands.py`; the `parse_` functions read the answers' data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from drivers.rfid.obid import FrameError
from drivers.rfid.uhf_frames import Frame, FrameFinder
from drivers.rfid.uhf_module import Heard

__all__ = [
    "FIRMWARE",
    "GET_POWER",
    "INVENTORY",
    "READ",
    "SELECT",
    "SESSION_INVENTORY",
    "SET_ANTENNA",
    "SET_POWER",
    "START",
    "WRITE_BLOCK",
    "WRITE_WORD",
    "Code",
    "Frame",
    "FrameError",
    "FrameReader",
    "Read",
    "Summary",
    "encode",
    "is_summary",
    "parse_firmware",
    "parse_heard",
    "parse_read",
    "parse_summary",
]

START = 0xA0
FIRMWARE, SET_ANTENNA, SET_POWER, GET_POWER = 0x72, 0x74, 0x76, 0x77
READ, WRITE_WORD, SELECT = 0x81, 0x82, 0x85
INVENTORY, SESSION_INVENTORY, WRITE_BLOCK = 0x89, 0x8B, 0x94

_LENGTH_MIN = 3
_LENGTH_MAX = 141
"""Of the longest answer that can be asked for: 33 words of a tag with 31 words of EPC."""

_SUMMARY_BYTES = 7
_HEARD_BYTES_BESIDES_EPC = 4
_READ_BYTES_BESIDES_DATA = 6
_DATA_BYTES_BESIDES_EPC = 4
_PC_LENGTH_SHIFT = 11
_PC_HAS_XPC = 0x0200


class Code(IntEnum):
    """An answer of one byte.  What is not among them is no answer."""

    OK = 0x10
    FAILED = 0x11
    INVENTORY_FAILED = 0x31
    READ_FAILED = 0x32
    WRITE_FAILED = 0x33
    LOCK_FAILED = 0x34
    KILL_FAILED = 0x35
    NO_TAG = 0x36
    BUFFER_EMPTY = 0x38
    PARAMETER = 0x41
    WORD_COUNT = 0x42
    BANK = 0x43
    LOCK_REGION = 0x44


def encode(frame: Frame) -> bytes:
    """The bytes of *frame*.  Raises `FrameError` when it is too long."""
    length = _LENGTH_MIN + len(frame.payload)
    if length > _LENGTH_MAX:
        raise FrameError(f"{length} bytes do not fit into a frame")
    body = bytes((START, length, frame.address, frame.command)) + frame.payload
    return body + bytes((-sum(body) & 0xFF,))


class FrameReader(FrameFinder):
    """Cuts a stream into frames.  A sum of eight bits passes one damaged frame in 256: answers are proved otherwise."""

    def _size(self, buffer: bytearray, at: int) -> int:
        if buffer[at] != START:
            return 0
        if at + 1 == len(buffer):
            return 2
        return buffer[at + 1] + 2 if _LENGTH_MIN <= buffer[at + 1] <= _LENGTH_MAX else 0

    def _taken(self, raw: bytes) -> Frame | None:
        return None if sum(raw) & 0xFF else Frame(raw[2], raw[3], raw[4:-1])


def parse_firmware(data: bytes) -> str:
    """The data of an answer to 72: major and minor version.  Raises `FrameError`."""
    if len(data) != 2:
        raise FrameError(f"a firmware version of {len(data)} bytes")
    return f"{data[0]}.{data[1]}"


@dataclass(frozen=True, slots=True)
class Summary:
    """How an inventory ended: on which *antenna* (0 is the first), after how many *readings*."""

    antenna: int
    readings: int


def is_summary(data: bytes) -> bool:
    """Whether the data of an inventory answer is the last one's: no reading has an odd number of bytes."""
    return len(data) == _SUMMARY_BYTES


def parse_summary(data: bytes) -> Summary:
    """The last data of an inventory: antenna, readings a second(2), readings(4).  Raises `FrameError`."""
    if not is_summary(data):
        raise FrameError(f"the end of an inventory of {len(data)} bytes")
    return Summary(data[0], int.from_bytes(data[3:], "big"))


def parse_heard(data: bytes) -> Heard | None:
    """One reading of an inventory: frequency and antenna, PC word(2), EPC, signal strength; None without an EPC.

    Raises `FrameError` when the EPC is not as long as its PC word says (an extended PC, XPC, says nothing of that).
    """
    size = len(data) - _HEARD_BYTES_BESIDES_EPC
    if size < 0 or size % 2:
        raise FrameError(f"a reading of {len(data)} bytes")
    pc = int.from_bytes(data[1:3], "big")
    if not pc & _PC_HAS_XPC and (pc >> _PC_LENGTH_SHIFT) * 2 != size:
        raise FrameError(f"an EPC of {size} bytes behind the PC word {pc:04X}")
    return Heard(pc, data[3:-1]) if size else None


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one tag: the *epc* it has, *words* as asked for; *tags* is how many tags answered in all."""

    tags: int
    epc: bytes
    words: bytes


def parse_read(data: bytes, count: int) -> Read:
    """The data of an answer to 81, where *count* words were asked for.

    Tags(2), length of the next four, PC word(2), EPC, CRC(2), words, length of the words, antenna, readings.  Public
    sources count the length of the words in words or in bytes: both are taken.  Raises `FrameError`.
    """
    size = len(data) - _READ_BYTES_BESIDES_DATA
    epc_size = size - _DATA_BYTES_BESIDES_EPC - count * 2
    if epc_size < 0 or epc_size % 2 or data[2] != size or data[-3] not in (count, count * 2):
        raise FrameError(f"{len(data)} bytes came where {count} words were asked for")
    tags = int.from_bytes(data[:2], "big")
    if not tags:
        raise FrameError("words of no tag")
    return Read(tags, data[5 : 5 + epc_size], data[7 + epc_size : 3 + size])
