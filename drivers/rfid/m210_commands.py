"""3M 210/810 and Bibliotheca M210: what is asked of a reader (device reference 1.3); bytes only.

Each function gives a frame; `m210.encode` makes its bytes.  Writing memory (04, 05, 07), locking (06, 08, 0E),
writing the DSFID (0F) and the pass-through of bare ISO commands (14) are not here on purpose.
"""

from __future__ import annotations

from drivers.rfid.m210 import START, START_OF_PROBE, Frame

__all__ = [
    "ABOUT_A_TAG",
    "BLOCKS_PER_READ_MAX",
    "BYTES_PER_READ_MAX",
    "INVENTORY_OPTIONS",
    "check_eas",
    "control_eas",
    "get_afi",
    "get_dsfid",
    "hardware_version",
    "inventory",
    "read_blocks",
    "start_up",
    "start_up_of_bibliotheca",
    "version",
    "write_afi",
]

VERSION, INVENTORY, READ_MULTIPLE, START_UP = 0x11, 0xFE, 0x02, 0x13
CHECK_EAS, WRITE_AFI, GET_AFI, GET_DSFID, CONTROL_EAS = 0x03, 0x09, 0x0A, 0x0B, 0x0C

ABOUT_A_TAG = (READ_MULTIPLE, CHECK_EAS, WRITE_AFI, GET_AFI, GET_DSFID, CONTROL_EAS)
"""What names a tag by its UID, and is answered with it."""

INVENTORY_OPTIONS = 0x05
"""What every known driver asks with: bit 0 the AFI is a filter (00 is all), bit 2 compatible."""

BLOCKS_PER_READ_MAX = 8
BYTES_PER_READ_MAX = 128


def hardware_version() -> Frame:
    """Asks for the hardware version in the frame that only this question has; the first thing to be said."""
    return Frame(START_OF_PROBE, b"\x04\x00\x11")


def start_up() -> Frame:
    """What every known driver sends next; what it means is not known."""
    return Frame(START, bytes.fromhex("13 04 01 00 02 00 03 00 04 00"))


def start_up_of_bibliotheca() -> tuple[Frame, ...]:
    """What Bibliotheca's own software sends besides; what it means is not known."""
    return (
        Frame(START, bytes.fromhex("13 06 01 00 02 00 03 00 04 00 0B 00 0A 00")),
        Frame(START, bytes.fromhex("58 00 03 02 3A 02 00")),
    )


def version() -> Frame:
    """Asks for the version in an ordinary frame."""
    return Frame(START, bytes((VERSION,)))


def inventory(options: int = INVENTORY_OPTIONS) -> Frame:
    """Asks which tags are in the field."""
    return Frame(START, bytes((INVENTORY, 0x00, options)))


def read_blocks(uid: str, first: int, count: int) -> Frame:
    """Reads *count* blocks of one tag from *first*."""
    return Frame(START, bytes((READ_MULTIPLE,)) + bytes.fromhex(uid) + bytes((first, count)))


def get_afi(uid: str) -> Frame:
    """Asks one tag for its AFI."""
    return _about(GET_AFI, uid)


def get_dsfid(uid: str) -> Frame:
    """Asks one tag for its DSFID."""
    return _about(GET_DSFID, uid)


def write_afi(uid: str, afi: int) -> Frame:
    """Writes the AFI of one tag."""
    return _about(WRITE_AFI, uid, afi)


def control_eas(uid: str, is_on: bool) -> Frame:
    """Switches the EAS bit of one tag."""
    return _about(CONTROL_EAS, uid, is_on)


def check_eas(uid: str) -> Frame:
    """Asks one tag whether its EAS bit is on; "off" is told as "no transponder"."""
    return _about(CHECK_EAS, uid)


def _about(command: int, uid: str, *value: int) -> Frame:
    return Frame(START, bytes((command,)) + bytes.fromhex(uid) + bytes(value))
