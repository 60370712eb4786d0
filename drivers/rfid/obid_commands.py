"""FEIG OBID ISO-Host: what can be asked of a reader (device reference 1.2); bytes only.

Each function gives the command byte and its data; `obid.encode` makes the frame.  Nothing here locks
anything, writes memory, or sets or protects by a password (B4, A6).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

__all__ = [
    "Request",
    "control_field",
    "control_output",
    "cpu_reset",
    "detect_baud",
    "eas_alarm",
    "get_input",
    "get_random",
    "inventory",
    "read_blocks",
    "read_configuration",
    "reader_info",
    "redact",
    "reset_field",
    "save_configuration",
    "security_status",
    "set_eas",
    "set_password",
    "software_version",
    "system_information",
    "write_afi",
    "write_configuration",
]

ISO_COMMAND = 0xB0
MANUFACTURER_COMMAND = 0xB1
MANUFACTURER_NXP = 0x04
INVENTORY, READ_MULTIPLE = 0x01, 0x23
WRITE_AFI, SYSTEM_INFORMATION, SECURITY_STATUS = 0x27, 0x2B, 0x2C
SET_EAS, RESET_EAS, EAS_ALARM = 0xA2, 0xA3, 0xA5
GET_RANDOM, SET_PASSWORD = 0xB2, 0xB3

EAS_AFI_PASSWORD = 0x10
"""Which of an NXP chip's passwords guards the EAS bit and the AFI."""

ADDRESSED = 0x01
"""MODE: only the tag whose UID follows is meant."""

WITH_LOCK_STATE = 0x08
"""MODE of read multiple: the security byte of each block shows its real lock state."""

MORE = 0x80
"""MODE of inventory: go on with the tags that did not fit into the last reply."""

BLOCKS_PER_READ_MAX = 8
"""A reply has to fit into the reader's buffer: (TX-BUF - 10) / (DB-SIZE + 1) blocks, at most 8 everywhere."""

BYTES_PER_READ_MAX = 128
"""What one read gives of memory where blocks are large."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command byte and its data, which may cover a password and is not shown."""

    command: int
    data: bytes = field(default=b"", repr=False)


def detect_baud() -> Request:
    """Asks for any answer, to find out the line's speed."""
    return Request(0x52, b"\x00")


def cpu_reset() -> Request:
    """Restarts the reader."""
    return Request(0x63)


def software_version() -> Request:
    """Asks for firmware and hardware; without effect, so it also serves as a question whether anybody is
    there.
    """
    return Request(0x65)


def reader_info(mode: int = 0) -> Request:
    """Asks what the reader is; *mode* picks the table."""
    return Request(0x66, bytes((mode,)))


def reset_field() -> Request:
    """Switches the field off and on, so that tags that were silenced answer again; takes about 15 ms."""
    return Request(0x69)


def control_field(is_on: bool) -> Request:
    """Switches the field on or off."""
    return Request(0x6A, bytes((is_on,)))


def control_output(state: int, frequency: int, duration: int, relay_duration: int) -> Request:
    """Lamps and buzzer of the CPR family: *state* has bits 5-4 buzzer, 3-2 red, 1-0 green (01 on, 10 off, 11
    flash).

    *frequency* has the same places (00 5 Hz, 01 2.5 Hz, 10 1.25 Hz, 11 0.625 Hz), durations count 100 ms,
    FFFF is until further notice.
    """
    return Request(0x71, struct.pack(">4H", state, frequency, duration, relay_duration))


def get_input() -> Request:
    """Asks for the state of the input pins."""
    return Request(0x74)


def inventory(more: bool = False) -> Request:
    """Asks which tags are in the field; *more* for those that did not fit into the last reply."""
    return Request(ISO_COMMAND, bytes((INVENTORY, MORE if more else 0)))


def system_information(uid: str) -> Request:
    """Asks one tag for DSFID, AFI and size of memory."""
    return Request(ISO_COMMAND, bytes((SYSTEM_INFORMATION, ADDRESSED)) + bytes.fromhex(uid))


def read_blocks(uid: str, first: int, count: int, with_lock_state: bool = False) -> Request:
    """Reads *count* blocks of one tag, at most `BLOCKS_PER_READ_MAX` where a reader's buffer is small."""
    mode = ADDRESSED | (WITH_LOCK_STATE if with_lock_state else 0)
    return Request(ISO_COMMAND, bytes((READ_MULTIPLE, mode)) + bytes.fromhex(uid) + bytes((first, count)))


def security_status(uid: str, first: int, count: int) -> Request:
    """Asks one tag which of its blocks are locked."""
    return Request(
        ISO_COMMAND, bytes((SECURITY_STATUS, ADDRESSED)) + bytes.fromhex(uid) + bytes((first, count))
    )


def write_afi(uid: str, afi: int) -> Request:
    """Writes the application family identifier of one tag."""
    return Request(ISO_COMMAND, bytes((WRITE_AFI, ADDRESSED)) + bytes.fromhex(uid) + bytes((afi,)))


def set_eas(uid: str, is_on: bool) -> Request:
    """Switches the EAS bit of one NXP tag."""
    sub = SET_EAS if is_on else RESET_EAS
    return Request(MANUFACTURER_COMMAND, bytes((MANUFACTURER_NXP, sub, ADDRESSED)) + bytes.fromhex(uid))


def eas_alarm(uid: str | None = None) -> Request:
    """Asks NXP tags whether their EAS bit is on: any in the field, or *uid* alone.

    Status OK is "yes", NO_TRANSPONDER is "nobody answered".
    """
    head = bytes((MANUFACTURER_NXP, EAS_ALARM))
    if uid is None:
        return Request(MANUFACTURER_COMMAND, head + b"\x00")
    return Request(MANUFACTURER_COMMAND, head + bytes((ADDRESSED,)) + bytes.fromhex(uid))


def get_random(uid: str) -> Request:
    """Asks one NXP tag for the random number that covers the next password."""
    return Request(
        MANUFACTURER_COMMAND, bytes((MANUFACTURER_NXP, GET_RANDOM, ADDRESSED)) + bytes.fromhex(uid)
    )


def set_password(uid: str, password: bytes, random: bytes) -> Request:
    """Presents the EAS/AFI password, four bytes, to one NXP tag, covered by its last *random* number, two bytes.

    The tag takes password XOR random | random (NXP SL2S2002, 9.5.3.20).  Bytes go out in the order given.
    """
    covered = bytes(one ^ other for one, other in zip(password, random + random, strict=True))
    head = bytes((MANUFACTURER_NXP, SET_PASSWORD, ADDRESSED)) + bytes.fromhex(uid)
    return Request(MANUFACTURER_COMMAND, head + bytes((EAS_AFI_PASSWORD,)) + covered)


def redact(data: bytes) -> bytes:
    """*data* without what it holds of a password: such a frame ends behind its command, CRC included."""
    head = 4 if data[:1] == b"\x02" else 2
    is_password = len(data) > head + 2 and (data[head], data[head + 2]) == (
        MANUFACTURER_COMMAND,
        SET_PASSWORD,
    )
    return data[: head + 3] if is_password else data


def read_configuration(block: int, is_eeprom: bool = False) -> Request:
    """Reads the 14 bytes of configuration block *block*, from EEPROM or as it is in force."""
    return Request(0x80, bytes((block | 0x80 if is_eeprom else block,)))


def write_configuration(block: int, data: bytes, is_eeprom: bool = False) -> Request:
    """Writes the 14 bytes of configuration block *block*; without EEPROM it holds until the next restart."""
    if len(data) != 14:
        raise ValueError(f"a configuration block has 14 bytes, not {len(data)}")
    return Request(0x81, bytes((block | 0x80 if is_eeprom else block,)) + data)


def save_configuration(block: int) -> Request:
    """Makes configuration block *block* as it is in force permanent."""
    return Request(0x82, bytes((block,)))
