"""What a UHF reader module can do wrong, the same for every maker's far end."""

from __future__ import annotations

from collections import deque
from enum import Enum

__all__ = ["Faults", "ReaderFault"]


class ReaderFault(Enum):
    """What one answer can suffer."""

    WRONG_CHECKSUM = "wrong checksum"
    SILENCE = "silence"
    OTHER_COMMAND = "other command"
    OTHER_EPC = "other epc"
    IMPOSSIBLE_LENGTH = "impossible length"
    REPEATED = "repeated"
    STRANGE_STATUS = "strange status"
    DISTURBED_AIR = "disturbed air"


class Faults:
    """The faults of the next answers; may be injected by any thread.

    *lies_about* maps EPCs to those that inventories tell instead.
    """

    def __init__(self) -> None:
        self.lies_about: dict[bytes, bytes] = {}
        self._queued: deque[ReaderFault | None] = deque()

    def inject(self, *faults: ReaderFault | None) -> None:
        """Queues one fault for each of the next answers, None for a sound one."""
        self._queued.extend(faults)

    def next(self) -> ReaderFault | None:
        """What the answer that is made now suffers."""
        return self._queued.popleft() if self._queued else None

    def told(self, epc: bytes) -> bytes:
        """The EPC that an inventory tells for *epc*."""
        return self.lies_about.get(epc, epc)

    def changed(self, data: bytes, fault: ReaderFault | None, epc_ends_at: int = -1) -> bytes:
        """An answer's *data* as *fault* leaves it; the last byte of an EPC in it stands at *epc_ends_at*."""
        match fault:
            case ReaderFault.OTHER_EPC:
                changed = bytearray(data)
                if changed:
                    changed[epc_ends_at] ^= 0x01
                return bytes(changed)
            case ReaderFault.IMPOSSIBLE_LENGTH:
                return data[:-1] if data else b"\x00"
            case _:
                return data

    def damaged(self, raw: bytes, fault: ReaderFault | None) -> bytes:
        """An answer's frame as *fault* leaves it."""
        match fault:
            case ReaderFault.WRONG_CHECKSUM:
                return raw[:-1] + bytes((raw[-1] ^ 0xFF,))
            case ReaderFault.REPEATED:
                return raw + raw
            case _:
                return raw
