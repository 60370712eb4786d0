"""The words of a UHF tag's EPC bank (ISO 18000-63): StoredCRC, PC word, EPC.

PC word: bits 15-11 length of the EPC in words, bit 10 user memory in use, bit 9 XPC, bit 8 toggle (0 GS1, 1 ISO), and
with the toggle bits 7-0 AFI.  The StoredCRC (CRC-16/GENIBUS over PC word and EPC) is computed by the tag when it gets
power: behind a write it is an old one until then.
"""

from __future__ import annotations

from binascii import crc_hqx
from typing import NamedTuple

__all__ = ["EpcBank", "epc_bytes", "has_user_memory", "is_iso", "split", "stored_crc"]

_PC_BYTES = 2
_CRC_BYTES = 2


class EpcBank(NamedTuple):
    """What stands in the bank; *is_checked* false where the CRC does not belong to *pc* and *epc*."""

    pc: int
    epc: bytes
    is_checked: bool


def stored_crc(pc: int, epc: bytes) -> int:
    """The CRC a tag keeps of *pc* and *epc*."""
    return crc_hqx(pc.to_bytes(_PC_BYTES, "big") + epc, 0xFFFF) ^ 0xFFFF


def split(bank: bytes) -> EpcBank | None:
    """The bank as read from word 0; None where it is shorter than its PC word says."""
    pc = int.from_bytes(bank[_CRC_BYTES : _CRC_BYTES + _PC_BYTES], "big")
    start = _CRC_BYTES + _PC_BYTES
    epc = bank[start : start + epc_bytes(pc)]
    if len(bank) < start or len(epc) < epc_bytes(pc):
        return None
    return EpcBank(pc, epc, stored_crc(pc, epc) == int.from_bytes(bank[:_CRC_BYTES], "big"))


def epc_bytes(pc: int) -> int:
    """How long the EPC is by the PC word."""
    return 2 * (pc >> 11 & 0x1F)


def has_user_memory(pc: int) -> bool:
    """Whether the PC word says that the user bank is in use."""
    return bool(pc & 0x0400)


def is_iso(pc: int) -> bool:
    """Whether the PC word's low byte is an AFI."""
    return bool(pc & 0x0100)
