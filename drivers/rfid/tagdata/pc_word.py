"""The PC word in a UHF tag's EPC bank (ISO 18000-63; device reference 3.1).

Bits 15-11 are the length of the EPC in words, bit 10 says that the user bank is in use, bit 8 is the toggle (0 GS1, 1
ISO: then bits 7-0 are the AFI).
"""

from __future__ import annotations

__all__ = ["epc_bytes", "has_user_memory", "is_iso"]


def epc_bytes(pc: int) -> int:
    """How long the EPC is."""
    return 2 * (pc >> 11 & 0x1F)


def has_user_memory(pc: int) -> bool:
    """Whether the user bank is in use."""
    return bool(pc & 0x0400)


def is_iso(pc: int) -> bool:
    """Whether the low byte is an AFI."""
    return bool(pc & 0x0100)
