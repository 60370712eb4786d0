"""What a UHF pad needs of a reader module: four questions that every maker's protocol can ask.

A driver is a module's codec, a `UhfModule` over it, and an `open` that puts `uhf_pad.UhfPad` on top.  Nothing here can
lock, kill, erase, or write a password: the only thing that can be written is one word of the EPC bank.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, Protocol

from drivers.masked import Secret
from drivers.rfid import PadSignal

__all__ = ["EPC_WORD", "NO_PASSWORD", "PC_WORD", "Bank", "Heard", "UhfModule"]

PC_WORD = 1
"""Where the PC word stands in the EPC bank; before it is the StoredCRC, behind it the EPC."""

EPC_WORD = 2
"""The EPC's first word in the EPC bank."""

NO_PASSWORD = Secret("00000000")
"""The access password of a tag that has none."""


class Bank(IntEnum):
    """A tag's memory banks that are read; bank 0 holds the passwords and is nobody's business."""

    EPC = 1
    TID = 2
    USER = 3


class Heard(NamedTuple):
    """A tag that answered an inventory: its *epc*, whole words, never empty; *pc* is None where the module hides it."""

    pc: int | None
    epc: bytes


class UhfModule(Protocol):
    """A reader module, by what it can do for a pad.  Every call blocks for a bounded time.

    Tags are named by the EPC they have now.  Any call may raise `DeviceLost` and `DeviceFault`; an answer to another
    question, an impossible length and a status that is not known are `DeviceFault`, never an answer.
    """

    def inventory(self) -> tuple[Heard, ...]:
        """The tags that answer now, each EPC once, in any order; rounds are repeated as the module needs it."""

    def read_words(self, epc: bytes, bank: Bank, first: int, count: int) -> bytes:
        """*count* words (1 to 33) of *bank* from word *first*, 2 * *count* bytes; empty where the bank ends before.

        Raises `TagGone` when the tag that has *epc* now is not heard, after the module's own tries.
        """

    def accepts_password(self, epc: bytes, password: Secret) -> bool | None:
        """Whether the tag lets itself be opened by *password* (eight hex digits); nothing is written.

        None where the module cannot ask that without writing.  Raises `TagGone`.
        """

    def write_epc_word(self, epc: bytes, word: int, value: int, password: Secret) -> None:
        """Writes *value* to *word* (1 is the PC word) of the EPC bank, with *password*; tried once.

        Returning means only that the module said so.  Raises `WriteRefused` when the tag says that it was not done
        ("locked", "password", "weak", "unsupported"), `TagGone` when it cannot be told whether it was done.
        """

    def signal(self, signal: PadSignal) -> None:
        """As `Pad.signal`."""

    def close(self) -> None:
        """As `Pad.close`."""
