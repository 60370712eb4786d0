"""Impinj "A0" modules: what can be asked of a module (device reference 3.2.2); bytes only.

Lock (83), kill (84), reset (70), speed (71) and address (73) are not here on purpose: a kiosk has no use for them, and
some cannot be undone; of what a module keeps only its power (76) can be set.  Nor is the buffered inventory (80, 90 to
93), which could tell of what lay there before.  The only write is one word of the EPC bank.

A question about one tag is put to all that match the EPC given with 85; without one, to all there are.
"""

from __future__ import annotations

from enum import Enum

from drivers.rfid.a0 import (
    FIRMWARE,
    GET_POWER,
    INVENTORY,
    READ,
    SELECT,
    SESSION_INVENTORY,
    SET_ANTENNA,
    SET_POWER,
    START,
    WRITE_BLOCK,
    WRITE_WORD,
)
from drivers.rfid.uhf_frames import Request

__all__ = [
    "SELECT_BYTES_MAX",
    "Writing",
    "firmware",
    "inventory",
    "power",
    "read_words",
    "redact",
    "select",
    "session_inventory",
    "set_antenna",
    "set_power",
    "write_word",
]

SELECT_BYTES_MAX = 62
"""The longest EPC there is: 31 words."""

_EPC_BANK = 0x01
_MATCHED = 0x00
_TARGET_A = 0x00
_COMMAND_AT, _PASSWORD_AT, _PASSWORD_BYTES = 3, 4, 4


class Writing(Enum):
    """How a word is written: BLOCK by 94, which was captured; WORD by 82, for tags that know no block writes."""

    BLOCK = "block"
    WORD = "word"


_COMMANDS = {Writing.BLOCK: WRITE_BLOCK, Writing.WORD: WRITE_WORD}


def firmware() -> Request:
    """Asks for the firmware's version; without effect, so it also serves as a question whether anybody is there."""
    return Request(FIRMWARE)


def set_antenna(antenna: int) -> Request:
    """Works with *antenna* (0 is the first) until the module loses its power."""
    return Request(SET_ANTENNA, bytes((antenna,)))


def power() -> Request:
    """Asks for the transmitter's power."""
    return Request(GET_POWER)


def set_power(dbm: int) -> Request:
    """Sets the transmitter, of all antennas; the module keeps it."""
    return Request(SET_POWER, bytes((dbm,)))


def inventory(rounds: int) -> Request:
    """Asks which tags are in the field, in the session that the module itself prefers."""
    return Request(INVENTORY, bytes((rounds,)))


def session_inventory(session: int, rounds: int) -> Request:
    """The same in *session*, of the tags whose flag is at A: in sessions but 0 a tag falls silent once it was heard."""
    return Request(SESSION_INVENTORY, bytes((session, _TARGET_A, rounds)))


def select(epc: bytes) -> Request:
    """Lets what follows be about the tags with *epc* alone, until the module loses its power."""
    if len(epc) % 2 or not 2 <= len(epc) <= SELECT_BYTES_MAX:
        raise ValueError(f"no tag can be selected by an EPC of {len(epc)} bytes")
    return Request(SELECT, bytes((_MATCHED, len(epc))) + epc)


def read_words(bank: int, first: int, count: int) -> Request:
    """Reads *count* words of *bank* of the tag selected."""
    return Request(READ, bytes((bank, first, count)))


def write_word(word: int, value: int, password: bytes, writing: Writing) -> Request:
    """Writes one *word* of the EPC bank of the tag selected, with its access *password*: the only write there is."""
    where = bytes((_EPC_BANK, word, 1))
    return Request(_COMMANDS[writing], password + where + value.to_bytes(2, "big"))


def redact(data: bytes) -> bytes:
    """*data* without what it holds of a password: zeros there, and in the check sum, which would tell of it too."""
    end = _PASSWORD_AT + _PASSWORD_BYTES
    is_write = data[:1] == bytes((START,)) and data[_COMMAND_AT : _COMMAND_AT + 1] in _WRITES
    if not is_write or len(data) <= end:
        return data
    return data[:_PASSWORD_AT] + bytes(_PASSWORD_BYTES) + data[end:-1] + b"\0"


_WRITES = tuple(bytes((command,)) for command in _COMMANDS.values())
