"""Reads a tag's memory in as few questions as its content needs, through any reader of ISO 15693 tags."""

from __future__ import annotations

from drivers.link import DeviceFault
from drivers.rfid import Content, TagMemory, TagUid, UnknownTag
from drivers.rfid.iso15693 import Iso15693Reader, TagBlocks, TagFacts
from drivers.rfid.iso15693_settings import Iso15693Settings
from drivers.rfid.tagdata.decode import decode, hides_media_format
from drivers.rfid.tagdata.rules import Model

__all__ = ["Iso15693Memory"]

_FIXED_PART_BYTES = 34
_USUAL_BLOCK_BYTES = 4
_BYTES_MAX = 512
"""Where reading on ends: no data model needs more, and a tag of 8 KB must not hold up the books beside it."""

_BLOCKS_MAX = 256
"""How many blocks have a number: a block's number is one byte."""

_DOUBTFUL = ("crc", "more")
_PROVE_NOTHING = frozenset((Model.ASCII, Model.UID))
_NOTHING_KNOWN = TagFacts(None)


class Iso15693Memory:
    """The memory of tags in the field of one reader."""

    def __init__(self, settings: Iso15693Settings, reader: Iso15693Reader) -> None:
        self._reader = reader
        self._rules = settings.decode_rules(tries_both_orders=reader.tries_both_orders)
        self._reads_extensions = settings.reads_extensions
        rule = settings.ascii
        self._guesses = not _PROVE_NOTHING.isdisjoint(settings.models)
        self._bytes_max = max(_BYTES_MAX, 0 if rule is None else rule.offset + rule.length)

    def read(self, uid: TagUid, facts: TagFacts | None) -> Content:
        """What the memory of *uid* says; *facts* are what the tag said about itself, None where it does not know.

        The first 32 bytes suffice for most tags: where an owner fills the two bytes behind them the check sum
        of the short form is wrong, and other models say that there is more.  Then it is read on, until what was read
        makes sense or memory ends.  A DSFID that the reader did not tell is asked for where nothing made sense, and
        beforehand where a model counts that proves nothing.  Raises `TagGone` and `DeviceFault`.
        """
        reading = _Reading(self._reader, uid, facts or _NOTHING_KNOWN)
        if self._guesses:
            reading.ask_dsfid()
        reading.go_on(-(-_FIXED_PART_BYTES // reading.usual_block_bytes))
        if self._reads_extensions:
            reading.go_on(self._reader.blocks_per_read)
            while len(reading.data) < self._bytes_max and hides_media_format(reading.memory(), self._rules):
                reading.go_on(self._reader.blocks_per_read)
        content = decode(reading.memory(), self._rules)
        while isinstance(content, UnknownTag):
            if content.why in _DOUBTFUL and not reading.is_whole and len(reading.data) < self._bytes_max:
                reading.go_on(self._reader.blocks_per_read)
            elif not reading.ask_dsfid():
                break
            content = decode(reading.memory(), self._rules)
        return content


class _Reading:
    """How far one tag has been read."""

    def __init__(self, reader: Iso15693Reader, uid: TagUid, facts: TagFacts) -> None:
        self.data = b""
        self._dsfid = facts.dsfid
        self._may_ask = facts.dsfid is None
        self.is_whole = False
        self._reader = reader
        self._uid = uid
        self._facts = facts
        self._size = facts.block_size_bytes
        self._step = reader.blocks_per_read

    @property
    def usual_block_bytes(self) -> int:
        """The size of a block, or what nearly all tags have while it is not known."""
        return self._size or _USUAL_BLOCK_BYTES

    def memory(self) -> TagMemory:
        """What was read so far."""
        return TagMemory(
            self._uid,
            self._dsfid or 0,
            self._facts.afi or 0,
            self.data,
            self.usual_block_bytes,
            is_whole=self.is_whole,
        )

    def ask_dsfid(self) -> bool:
        """Asks for the DSFID where that was not done; true when it became known by it."""
        if not self._may_ask:
            return False
        self._may_ask = False
        self._dsfid = self._reader.dsfid(self._uid)
        return self._dsfid is not None

    def go_on(self, wanted: int) -> None:
        """Reads up to *wanted* more blocks; where the end is not known, the steps become smaller towards it."""
        first = len(self.data) // self.usual_block_bytes
        total = self._facts.block_count
        end = _BLOCKS_MAX if total is None else total
        step = min(self._step, wanted, max(1, self._reader.bytes_per_read // self.usual_block_bytes))
        while step and not self.is_whole:
            count = min(step, end - first)
            blocks = self._reader.blocks(self._uid, first, count, self._size) if count > 0 else None
            if blocks is not None:
                self._take(blocks)
                self.is_whole = len(self.data) >= end * self.usual_block_bytes
                return
            step = self._step = step // 2
            self.is_whole = total is not None or count <= 0 or not step

    def _take(self, blocks: TagBlocks) -> None:
        if self._size not in (None, blocks.block_size_bytes):
            raise DeviceFault(
                f"{self._uid}: blocks of {blocks.block_size_bytes} bytes where it has {self._size}"
            )
        self._size = blocks.block_size_bytes
        self.data += blocks.data
