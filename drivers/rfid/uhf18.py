"""UHFReader18 family: bytes, frames and replies, without a wire (device reference 0.2, 3.2.1 and 15).

    question   LEN | ADR | CMD | DATA          | CRC LSB MSB        LEN counts all bytes behind it
    answer     LEN | ADR | CMD | STATUS | DATA | CRC LSB MSB        CRC-16/MCRF4XX over all before it
    pushed     LEN | ADR | EE  | 00 | EPC      | CRC LSB MSB        unasked, in scan mode

Address FF is any reader's.  A reader says nothing to a frame with a wrong length or CRC, and answers a command that it
does not know with command 00 and status FE.  One question can have several answers: an inventory with status 03 goes
on in the next frame.

What can be asked stands in `uhf18_commands.py`; the `parse_` functions read the answers' data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from drivers.rfid.obid import FrameError, checksum
from drivers.rfid.uhf_frames import Frame, FrameFinder

__all__ = [
    "BEEP",
    "GET_WORK_MODE",
    "INVENTORY",
    "NOT_KNOWN",
    "PUSHED",
    "READ",
    "READER_INFO",
    "SET_POWER",
    "SET_WORK_MODE",
    "SET_WORK_MODE_OF_NEWER",
    "WRITE",
    "Frame",
    "FrameError",
    "FrameReader",
    "ReaderInfo",
    "Status",
    "TagError",
    "WorkMode",
    "encode",
    "parse_info",
    "parse_inventory",
    "parse_words",
    "parse_work_mode",
]

INVENTORY, READ, WRITE = 0x01, 0x02, 0x03
READER_INFO, SET_POWER, BEEP = 0x21, 0x2F, 0x33
SET_WORK_MODE, GET_WORK_MODE, SET_WORK_MODE_OF_NEWER = 0x35, 0x36, 0x76
PUSHED, NOT_KNOWN = 0xEE, 0x00

_FRAME_BYTES_MIN = 5


class Status(IntEnum):
    """The status byte of an answer.  02, 03 and 05 are confirmed by a public manual, F9 and FA are not."""

    OK = 0x00
    FINISHED = 0x01
    TIME_OUT = 0x02
    MORE = 0x03
    MEMORY_FULL = 0x04
    WRONG_PASSWORD = 0x05
    ANTENNA = 0xF8
    WRITE_FAILED = 0xF9
    POOR_LINK = 0xFA
    NO_TAG = 0xFB
    TAG_ERROR = 0xFC
    WRONG_LENGTH = 0xFD
    NOT_KNOWN = 0xFE
    PARAMETER = 0xFF


class TagError(IntEnum):
    """What the tag itself answered, behind `Status.TAG_ERROR` (ISO 18000-63, annex I)."""

    OTHER = 0x00
    OVERRUN = 0x03
    LOCKED = 0x04
    NO_POWER = 0x0B
    NOT_SPECIFIC = 0x0F


def encode(frame: Frame) -> bytes:
    """The bytes of *frame*, whose payload begins with the status byte when it is an answer.

    Raises `FrameError` when it is too long."""
    length = 4 + len(frame.payload)
    if length > 0xFF:
        raise FrameError(f"{length} bytes do not fit into a frame")
    body = bytes((length, frame.address, frame.command)) + frame.payload
    return body + checksum(body).to_bytes(2, "little")


class FrameReader(FrameFinder):
    """Cuts a stream into frames: a reader in scan mode floods the line, so its first bytes are mostly half a frame."""

    def _size(self, buffer: bytearray, at: int) -> int:
        size = buffer[at] + 1
        return size if size >= _FRAME_BYTES_MIN else 0

    def _taken(self, raw: bytes) -> Frame | None:
        is_sound = checksum(raw[:-2]) == raw[-2] | raw[-1] << 8
        return Frame(raw[1], raw[2], raw[3:-2]) if is_sound else None


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """What a reader says of itself; *scan_tenths* is how long one inventory may last, in 100 ms."""

    firmware: str
    model: int
    power_dbm: int
    scan_tenths: int


def parse_info(data: bytes) -> ReaderInfo:
    """The data of an answer to 21: version(2) type protocols band(2) power scan time; newer readers say more behind it.

    Raises `FrameError` when it is shorter.
    """
    if len(data) < 8:
        raise FrameError(f"reader information of {len(data)} bytes")
    return ReaderInfo(f"{data[0]}.{data[1]}", data[2], data[6], data[7])


@dataclass(frozen=True, slots=True)
class WorkMode:
    """How an older reader works: whether it *pushes* tags unasked, and the parameters that `answer_mode` hands back."""

    pushes: bool
    kept: bytes


_READ_MODE_AT = 4


def parse_work_mode(data: bytes) -> WorkMode:
    """The data of an answer to 36: four bytes of Wiegand, then read mode, mode state, bank, first, count, tag time.

    Raises `FrameError` when it is shorter.
    """
    if len(data) < _READ_MODE_AT + 6:
        raise FrameError(f"a work mode of {len(data)} bytes")
    return WorkMode(data[_READ_MODE_AT] != 0, data[_READ_MODE_AT + 1 : _READ_MODE_AT + 6])


def parse_inventory(data: bytes) -> tuple[bytes, ...]:
    """The EPCs in the data of an inventory answer: a count, then a length and the EPC for each.

    Newer readers put the antenna in front and the signal's strength behind each EPC (unverified); which of the two it
    is, only one fits.  Tags without an EPC are left out.  Raises `FrameError` when neither fits, or an EPC is no whole
    number of words.
    """
    for head, tail in ((0, 0), (1, 1)):
        epcs = _listed(data[head:], tail)
        if epcs is not None:
            return tuple(epc for epc in epcs if epc)
    raise FrameError(f"an inventory answer of {len(data)} bytes does not fit its count and lengths")


def _listed(data: bytes, tail: int) -> list[bytes] | None:
    if not data:
        return None
    epcs, at = [], 1
    for _ in range(data[0]):
        if at >= len(data) or data[at] & 1:
            return None
        end = at + 1 + data[at]
        epcs.append(data[at + 1 : end])
        at = end + tail
        if at > len(data):
            return None
    return epcs if at == len(data) else None


def parse_words(data: bytes, count: int) -> bytes:
    """The data of a read answer: *count* words and nothing else.  Raises `FrameError`."""
    if len(data) != count * 2:
        raise FrameError(f"{len(data)} bytes came where {count} words were asked for")
    return data
