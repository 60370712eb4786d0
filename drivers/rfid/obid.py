"""FEIG OBID ISO-Host: bytes, frames and replies, without a wire (device reference 0.2, 1.2 and 15).

    standard   LEN | COM-ADR | CMD | [STATUS] | DATA | CRC LSB MSB            LEN counts all bytes
    advanced   02 | ALEN MSB LSB | COM-ADR | CMD | [STATUS] | DATA | CRC LSB MSB

Only replies have the status byte.  A reader answers in the frame type of the request and says nothing at all
to a frame with a wrong length or CRC.  UIDs travel most significant byte first, and so does every memory
block: the first byte of a block on the wire is the last one in the tag (`BlockOrder.REVERSED`; some readers
are set otherwise).

`Command` is what can be asked; the `parse_` functions read the replies' data.  Locking commands (22, 28, 2A
and the manufacturer's A4, A6, B5) are not here on purpose: they cannot be undone.
"""

from __future__ import annotations

import struct
from binascii import crc_hqx
from dataclasses import dataclass
from enum import Enum, IntEnum

__all__ = [
    "BlockOrder",
    "Blocks",
    "Frame",
    "FrameError",
    "FrameReader",
    "FrameType",
    "InventoryPage",
    "IsoError",
    "Status",
    "SystemInformation",
    "TagSeen",
    "checksum",
    "encode",
    "parse_blocks",
    "parse_inventory",
    "parse_random",
    "parse_security",
    "parse_system_information",
]

FRAME_BYTES_MAX = 2048
"""The longest advanced frame that is taken: about 200 tags in one reply."""

_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class FrameError(Exception):
    """Bytes that are no frame, or a reply whose data cannot be what its command answers."""


class FrameType(Enum):
    """How frames are framed; advanced ones may be longer than 255 bytes."""

    STANDARD = "standard"
    ADVANCED = "advanced"


class BlockOrder(Enum):
    """How the bytes of a memory block travel."""

    REVERSED = "reversed"
    NATURAL = "natural"


class Status(IntEnum):
    """The status byte of a reply, as far as it is documented."""

    OK = 0x00
    NO_TRANSPONDER = 0x01
    DATA_ERROR = 0x02
    WRITE_ERROR = 0x03
    ADDRESS_ERROR = 0x04
    WRONG_TRANSPONDER_TYPE = 0x05
    AUTHENTICATION_ERROR = 0x08
    GENERAL_ERROR = 0x0E
    EEPROM_FAILURE = 0x10
    PARAMETER_RANGE = 0x11
    UNKNOWN_COMMAND = 0x80
    WRONG_LENGTH = 0x81
    COMMAND_NOT_AVAILABLE = 0x82
    RF_COMMUNICATION_ERROR = 0x83
    BUFFER_OVERFLOW = 0x93
    MORE_DATA = 0x94
    ISO_15693_ERROR = 0x95
    ISO_14443_ERROR = 0x96
    HARDWARE_WARNING = 0xF1


class IsoError(IntEnum):
    """What the tag itself answered, behind `Status.ISO_15693_ERROR` (ISO 15693-3, 7.4.2)."""

    NOT_SUPPORTED = 0x01
    NOT_RECOGNISED = 0x02
    OPTION_NOT_SUPPORTED = 0x03
    UNKNOWN = 0x0F
    BLOCK_MISSING = 0x10
    ALREADY_LOCKED = 0x11
    LOCKED = 0x12
    WRITE_FAILED = 0x13
    LOCK_FAILED = 0x14


def checksum(data: bytes) -> int:
    """CRC-16/MCRF4XX: polynomial 8408 reflected, start FFFF, no final XOR.

    With every byte's bits mirrored it is the unreflected CRC that `binascii` computes in C.
    """
    crc = crc_hqx(data.translate(_MIRRORED), 0xFFFF)
    return _MIRRORED[crc >> 8] | _MIRRORED[crc & 0xFF] << 8


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, either way: *payload* begins with the status byte when it is a reply."""

    frame_type: FrameType
    address: int
    command: int
    payload: bytes


def encode(frame: Frame) -> bytes:
    """The bytes of *frame*.  Raises `FrameError` when it is longer than its type allows."""
    if frame.frame_type is FrameType.STANDARD:
        length = 5 + len(frame.payload)
        if length > 255:
            raise FrameError(f"{length} bytes do not fit into a standard frame")
        head = bytes((length, frame.address, frame.command))
    else:
        length = 7 + len(frame.payload)
        if length > FRAME_BYTES_MAX:
            raise FrameError(f"{length} bytes do not fit into an advanced frame")
        head = struct.pack(">BHBB", 0x02, length, frame.address, frame.command)
    body = head + frame.payload
    return body + checksum(body).to_bytes(2, "little")


class FrameReader:
    """Cuts a stream into frames of both types, however the bytes arrive.

    A standard frame cannot be 2 bytes long, so a first byte of 02 begins an advanced one.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._buffer += data

    def next_frame(self) -> Frame | None:
        """The next whole frame, None when it has not arrived completely.

        Raises `FrameError` for a wrong length or CRC.  Everything buffered is dropped then: in a protocol of
        question and answer nothing behind a broken frame is worth keeping, and no other start can be told.
        """
        buffer = self._buffer
        if not buffer:
            return None
        is_advanced = buffer[0] == 0x02
        if is_advanced:
            if len(buffer) < 3:
                return None
            length, head, least = buffer[1] << 8 | buffer[2], 3, 7
        else:
            length, head, least = buffer[0], 1, 5
        if not least <= length <= FRAME_BYTES_MAX:
            self.drop()
            raise FrameError(f"a frame cannot be {length} bytes long")
        if len(buffer) < length:
            return None
        raw = bytes(buffer[:length])
        if checksum(raw[:-2]) != raw[-2] | raw[-1] << 8:
            self.drop()
            raise FrameError("wrong CRC")
        del buffer[:length]
        frame_type = FrameType.ADVANCED if is_advanced else FrameType.STANDARD
        return Frame(frame_type, raw[head], raw[head + 1], raw[head + 2 : -2])

    def drop(self) -> int:
        """Forgets an unfinished frame and says how many bytes that were."""
        count = len(self._buffer)
        self._buffer.clear()
        return count


@dataclass(frozen=True, slots=True)
class TagSeen:
    """One data set of an inventory: *uid* is 16 upper-case hex digits."""

    transponder_type: int
    dsfid: int
    uid: str


@dataclass(frozen=True, slots=True)
class InventoryPage:
    """What one inventory reply held: only ISO 15693 tags, in the reader's order."""

    tags: tuple[TagSeen, ...]


_ISO_15693, _ISO_14443_A, _ISO_14443_B = 0x03, 0x04, 0x05
_DATA_SET_BYTES = 10


def parse_inventory(data: bytes) -> InventoryPage:
    """The data of an inventory reply: a count, then ten bytes per tag (type, DSFID, UID).

    ISO 14443 cards, say a phone in somebody's hand, are skipped.  Raises `FrameError` when count and length
    disagree or a type is none that libraries' pads know.
    """
    if not data or len(data) != 1 + data[0] * _DATA_SET_BYTES:
        raise FrameError(f"an inventory reply of {len(data)} bytes does not fit its count")
    tags: list[TagSeen] = []
    for at in range(1, len(data), _DATA_SET_BYTES):
        if data[at] == _ISO_15693:
            tags.append(TagSeen(_ISO_15693, data[at + 1], data[at + 2 : at + 10].hex().upper()))
        elif data[at] not in (_ISO_14443_A, _ISO_14443_B):
            raise FrameError(f"transponder type {data[at]:02X} is not known")
    return InventoryPage(tuple(tags))


@dataclass(frozen=True, slots=True)
class SystemInformation:
    """What a tag says about itself (ISO 15693-3, 10.4.12); size and count are None where the size is no usual one."""

    uid: str
    dsfid: int
    afi: int
    block_size_bytes: int | None
    block_count: int | None
    ic_reference: int


def parse_system_information(data: bytes) -> SystemInformation:
    """The data of a system information reply: DSFID, UID, AFI, MEM-SIZE, IC-REF.

    The tag counts block size and number from zero, the manual words them as plain values: 3, 7, 15, 31 mean
    one more (and so does the count beside them), 4, 8, 16, 32 mean themselves.  Any other size is a tag that no library
    has (sensors have blocks of two bytes): which of the two is meant cannot be told.  Raises `FrameError`.
    """
    if len(data) != 13:
        raise FrameError(f"system information of {len(data)} bytes instead of 13")
    size: int | None = data[10] & 0x3F
    count: int | None = data[11]
    if size in (3, 7, 15, 31):
        size, count = size + 1, data[11] + 1
    elif size not in (4, 8, 16, 32):
        size = count = None
    return SystemInformation(data[1:9].hex().upper(), data[0], data[9], size, count, data[12])


@dataclass(frozen=True, slots=True)
class Blocks:
    """Memory that was read: *data* in the tag's order, *security* one byte per block (bit 0: locked)."""

    block_size_bytes: int
    security: bytes
    data: bytes


def parse_blocks(data: bytes, order: BlockOrder, count_asked: int) -> Blocks:
    """The data of a read multiple reply: DB-N, DB-SIZE, then a security byte and the block for each.

    Raises `FrameError` when it holds no block, more than *count_asked*, or not the length it announces.
    """
    if len(data) < 2:
        raise FrameError("a read reply without block count and size")
    count, size = data[0], data[1]
    if not 1 <= count <= count_asked:
        raise FrameError(f"{count} blocks came where {count_asked} were asked for")
    if not 1 <= size <= 32 or len(data) != 2 + count * (1 + size):
        raise FrameError(f"{count} blocks of {size} bytes do not fill {len(data)} bytes")
    stride = 1 + size
    step = -1 if order is BlockOrder.REVERSED else 1
    memory = b"".join(data[at : at + size][::step] for at in range(3, len(data), stride))
    return Blocks(size, data[2::stride], memory)


def parse_security(data: bytes, count_asked: int) -> bytes:
    """The data of a security status reply: DB-N, then a byte per block (bit 0: locked).

    Raises `FrameError`.
    """
    if not data or data[0] != count_asked or len(data) != 1 + count_asked:
        raise FrameError(f"security status of {len(data)} bytes for {count_asked} blocks")
    return data[1:]


def parse_random(data: bytes) -> bytes:
    """The data of a reply to "get random number": the two bytes of it.  Raises `FrameError`."""
    if len(data) != 2:
        raise FrameError(f"a random number of {len(data)} bytes")
    return data
