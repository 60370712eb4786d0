"""Where a UHF tag's security stands, and what one word has to become to change it; bytes only (device reference 3.1).

PC word: bits 15-11 the EPC's length in words, bit 10 user memory, bit 9 XPC, bit 8 set where bits 7-0 are an AFI.  The
EPC itself may hold the security bit instead: then changing it changes the name by which readers call the tag, so
the pad's own name (`uid`) has that bit at zero.
"""

from __future__ import annotations

from binascii import crc_hqx
from typing import NamedTuple

from drivers.rfid import SecurityState, TagUid
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf_module import EPC_WORD, PC_WORD
from drivers.rfid.uhf_settings import UhfPadSettings

__all__ = ["Change", "Shown", "UhfBits", "stored_crc"]

_HAS_AFI = 0x0100
_HAS_XPC = 0x0200
_AFI = 0x00FF
_LENGTH_SHIFT = 11


class Shown(NamedTuple):
    """What a tag's EPC bank held when it was read: the PC word and the EPC."""

    pc: int
    epc: bytes

    @property
    def is_plain(self) -> bool:
        """Whether the EPC is as long as the PC word says, with nothing (XPC) between the two."""
        return (self.pc >> _LENGTH_SHIFT) * 2 == len(self.epc) and not self.pc & _HAS_XPC


class Change(NamedTuple):
    """One word of the EPC bank to write, and what the tag shows once it is written."""

    word: int
    value: int
    after: Shown


def stored_crc(shown: Shown) -> int:
    """The StoredCRC that belongs to *shown*: CRC-16/GENIBUS over PC and EPC (ISO 18000-63, 6.3.2.1.2.1)."""
    return crc_hqx(shown.pc.to_bytes(2, "big") + shown.epc, 0xFFFF) ^ 0xFFFF


class UhfBits:
    """The security state of UHF tags by a library's settings."""

    def __init__(self, settings: UhfPadSettings) -> None:
        self._settings = settings

    def uid(self, epc: bytes) -> TagUid:
        """The name that *epc* keeps whatever its security state is."""
        at = self._epc_at(epc)
        if at is None:
            return TagUid(epc.hex().upper())
        word = int.from_bytes(epc[at : at + 2], "big") & ~self._settings.bit_mask
        return TagUid((epc[:at] + word.to_bytes(2, "big") + epc[at + 2 :]).hex().upper())

    def state(self, shown: Shown) -> SecurityState:
        """What the gate would see; None for what this tag has no place for."""
        if self._settings.uses_afi:
            return SecurityState(shown.pc & _AFI if shown.pc & _HAS_AFI else None)
        if self._settings.uses_bit:
            word = self._word(shown)
            is_released = word is not None and word & self._settings.bit_mask == self._settings.bit_released
            return SecurityState(None, bit=None if word is None else not is_released)
        return SecurityState(None)

    def change(self, shown: Shown, wanted: SecurityState) -> Change | None:
        """What to write so that *shown* becomes as *wanted*; None where the tag has no place for it.

        With LOOKUP, where *wanted* says nothing, and where it is so already, the word to write is the one that it has.
        """
        settings = self._settings
        if settings.security is Security.UHF_AFI:
            if not shown.pc & _HAS_AFI:
                return None
            pc = shown.pc if wanted.afi is None else shown.pc & ~_AFI | wanted.afi
            return Change(PC_WORD, pc, Shown(pc, shown.epc))
        if not settings.uses_bit:
            return Change(PC_WORD, shown.pc, shown)
        word = self._word(shown)
        if word is None:
            return None
        bit = word & settings.bit_mask
        if wanted.bit is not None:
            bit = settings.bit_released ^ settings.bit_mask if wanted.bit else settings.bit_released
        value = word & ~settings.bit_mask | bit
        at = self._epc_at(shown.epc)
        if at is None:
            return Change(PC_WORD, value, Shown(value, shown.epc))
        epc = shown.epc[:at] + value.to_bytes(2, "big") + shown.epc[at + 2 :]
        return Change(settings.bit_word, value, Shown(shown.pc, epc))

    def _word(self, shown: Shown) -> int | None:
        """The word with the security bit; None when the EPC ends before it."""
        if self._settings.bit_word == PC_WORD:
            return shown.pc
        at = self._epc_at(shown.epc)
        return None if at is None else int.from_bytes(shown.epc[at : at + 2], "big")

    def _epc_at(self, epc: bytes) -> int | None:
        """Where in *epc* the word with the security bit begins; None when the bit is not there."""
        at = (self._settings.bit_word - EPC_WORD) * 2
        return at if self._settings.uses_bit and 0 <= at <= len(epc) - 2 else None
