"""UHFReader18 family: what can be asked of a reader (device reference 3.2.1); bytes only.

Kill (05), lock (06), block erase (07), read protection (08 to 0B), block write (10) and writing a whole EPC (04) are
not here on purpose: a kiosk has no use for them, and most cannot be undone.  The only write is one word of the EPC
bank.
"""

from __future__ import annotations

from drivers.rfid.uhf18 import (
    BEEP,
    GET_WORK_MODE,
    INVENTORY,
    READ,
    READER_INFO,
    SET_POWER,
    SET_WORK_MODE,
    SET_WORK_MODE_OF_NEWER,
    WRITE,
    WorkMode,
)
from drivers.rfid.uhf_frames import Request

__all__ = [
    "SELECT_WORDS_MAX",
    "answer_mode",
    "answer_mode_of_newer_readers",
    "beep",
    "inventory",
    "read_words",
    "reader_info",
    "redact",
    "set_power",
    "work_mode",
    "write_word",
]

SELECT_WORDS_MAX = 15
"""The longest EPC by which a tag can be selected."""

_MASK = 0xFF
_EPC_STARTS_AT_BIT = 0x20
_EPC_BANK = 0x01
_COMMAND_AT = 2


def reader_info() -> Request:
    """Asks what the reader is; without effect, so it also serves as a question whether anybody is there."""
    return Request(READER_INFO)


def inventory(q: int | None = None, session: int = 0) -> Request:
    """Asks which tags are in the field.  Newer readers want *q* (2 to the power of it slots) and the *session*."""
    return Request(INVENTORY, b"" if q is None else bytes((q, session)))


def read_words(epc: bytes, bank: int, first: int, count: int, password: bytes, *, by_mask: bool) -> Request:
    """Reads *count* words of *bank* of the tag that has *epc* now, with its access *password* (zeros: without one)."""
    who, mask = _selected(epc, by_mask)
    return Request(READ, who + bytes((bank, first, count)) + password + mask)


def write_word(epc: bytes, word: int, value: int, password: bytes, *, by_mask: bool) -> Request:
    """Writes one *word* of the EPC bank of the tag that has *epc* now: the only write there is."""
    who, mask = _selected(epc, by_mask)
    return Request(
        WRITE, b"\x01" + who + bytes((_EPC_BANK, word)) + value.to_bytes(2, "big") + password + mask
    )


def _selected(epc: bytes, by_mask: bool) -> tuple[bytes, bytes]:
    """ENum and EPC, and what stands at the end instead where the tag is selected by a mask over the EPC bank."""
    words, rest = divmod(len(epc), 2)
    if rest or not 1 <= words <= SELECT_WORDS_MAX:
        raise ValueError(f"no tag can be selected by an EPC of {len(epc)} bytes")
    if not by_mask:
        return bytes((words,)) + epc, b""
    head = bytes((_EPC_BANK,)) + _EPC_STARTS_AT_BIT.to_bytes(2, "big") + bytes((len(epc) * 8,))
    return bytes((_MASK,)), head + epc


def set_power(dbm: int) -> Request:
    """Sets the transmitter; the reader keeps it."""
    return Request(SET_POWER, bytes((dbm,)))


def beep(on_50_ms: int, off_50_ms: int, times: int) -> Request:
    """Lamp and buzzer, on and off for multiples of 50 ms."""
    return Request(BEEP, bytes((on_50_ms, off_50_ms, times)))


def work_mode() -> Request:
    """Asks how the reader works; only older readers know the question."""
    return Request(GET_WORK_MODE)


def answer_mode(mode: WorkMode) -> Request:
    """Lets an older reader speak only when it is asked; the rest of *mode* stays."""
    return Request(SET_WORK_MODE, b"\x00" + mode.kept)


def answer_mode_of_newer_readers() -> Request:
    """The same for newer readers, which have a command of their own."""
    return Request(SET_WORK_MODE_OF_NEWER, b"\x00")


def redact(data: bytes) -> bytes:
    """*data* with zeros for the CRC of a frame that may hold a password: half of one could be reckoned from it.

    The password itself is kept out of a trace by `drivers.link.trace.conceal`.
    """
    is_whole = len(data) > _COMMAND_AT and data[0] == len(data) - 1
    return data[:-2] + b"\0\0" if is_whole and data[_COMMAND_AT] in (READ, WRITE) else data
