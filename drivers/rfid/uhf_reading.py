"""Reads UHF tags through a module: a tag's EPC bank as a whole, and its user bank where its content needs that."""

from __future__ import annotations

from collections.abc import Iterator

from drivers.link import DeviceFault
from drivers.rfid import Content, TagGone, TagUid, UhfMemory, UnknownTag
from drivers.rfid.tagdata.decode import decode_uhf
from drivers.rfid.uhf_bits import Shown, UhfBits
from drivers.rfid.uhf_module import Bank, UhfModule
from drivers.rfid.uhf_settings import UhfPadSettings

__all__ = ["UhfReading"]

_USER_STEP_WORDS = 8
_USER_BYTES_MAX = 512
"""Where reading a user bank ends: modules number 256 words with one byte, and no data model needs more."""

_MORE = UnknownTag("more")


class UhfReading:
    """The memory of tags in the field of one module; every question is tried as often as the settings say."""

    def __init__(self, settings: UhfPadSettings, module: UhfModule) -> None:
        self._module = module
        self._bits = UhfBits(settings)
        self._rules = settings.decode_rules(tries_both_orders=False)
        self._tries = settings.retries + 1

    def words(self, epc: bytes, bank: Bank, first: int, count: int, tries: int = 0) -> bytes:
        """As `UhfModule.read_words`, tried *tries* times, or as often as the settings say."""
        for _ in range(tries or self._tries):
            try:
                return self._module.read_words(epc, bank, first, count)
            except TagGone:
                continue
        raise TagGone(f"{self._bits.uid(epc)}: not heard")

    def bank(self, epc: bytes, tries: int = 0) -> tuple[int, Shown]:
        """StoredCRC and content of the EPC bank of the tag that has *epc* now.

        Raises `TagGone`, and `DeviceFault` where the bank is another tag's.
        """
        data = self.words(epc, Bank.EPC, 0, 2 + len(epc) // 2, tries)
        if not data:
            raise TagGone(f"{self._bits.uid(epc)}: its EPC bank ends before its EPC")
        pc = int.from_bytes(data[2:4], "big")
        shown = Shown(pc, data[4:])
        if shown.epc != epc:
            if not shown.is_plain:
                # An extended PC stands in front of the EPC that the inventory tells: no library's tag.
                return 0, Shown(pc, epc)
            raise DeviceFault(f"{self._bits.uid(epc)} was asked and another tag answered")
        return int.from_bytes(data[:2], "big"), shown

    def answering(self, epc: bytes, tries: int = 0) -> Shown | None:
        """What the tag shows that has *epc* now; None when nobody answers to it."""
        try:
            return self.bank(epc, tries)[1]
        except TagGone:
            return None

    def understood(self, uid: TagUid, shown: Shown) -> tuple[Content, bytes | None]:
        """What the tag says, and its user bank as far as it was read for that; None where it was not needed."""
        content = self.decoded(uid, shown, None)
        if content != _MORE:
            return content, None
        user = b""
        for user in self._user(shown.epc):
            content = self.decoded(uid, shown, user)
            if content != _MORE:
                return content, user
        return UnknownTag("layout"), user

    def decoded(self, uid: TagUid, shown: Shown, user: bytes | None) -> Content:
        """What a tag says that shows *shown* and has *user*; nothing is asked."""
        return decode_uhf(UhfMemory(uid, shown.pc, shown.epc, user), self._rules)

    def _user(self, epc: bytes) -> Iterator[bytes]:
        """The user bank, as far as it may be all that was written: up to a word of zeros, then up to its end."""
        data, step = b"", _USER_STEP_WORDS
        while step and len(data) < _USER_BYTES_MAX:
            piece = self.words(epc, Bank.USER, len(data) // 2, step)
            if not piece:
                # A bank says nothing at all when asked for a word more than it has.
                step //= 2
                continue
            data += piece
            if piece.endswith(b"\0\0"):
                yield data
        yield data
