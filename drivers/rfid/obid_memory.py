"""Reads a tag's memory through a FEIG reader, in as few questions as its content needs."""

from __future__ import annotations

from drivers.link import DeviceFault
from drivers.rfid import Content, TagGone, TagMemory, TagUid, UnknownTag, obid_commands
from drivers.rfid.obid import FrameError, IsoError, Status, SystemInformation, parse_blocks
from drivers.rfid.obid_exchange import ObidExchange
from drivers.rfid.obid_settings import ObidPadSettings
from drivers.rfid.tagdata.decode import decode

__all__ = ["ObidMemory"]

_FIXED_PART_BYTES = 34
_USUAL_BLOCK_BYTES = 4


class ObidMemory:
    """The memory of tags in the field of one reader."""

    def __init__(self, settings: ObidPadSettings, exchange: ObidExchange) -> None:
        self._exchange = exchange
        self._order = settings.wire_order
        self._rules = settings.rules
        self._reads_extensions = settings.reads_extensions

    def read(self, uid: TagUid, information: SystemInformation | None) -> Content:
        """What the memory of *uid* says.

        The first 32 bytes suffice for most tags: where an owner fills the two bytes behind them the check sum
        of the short form is wrong, and more is read.  Raises `TagGone` and `DeviceFault`.
        """
        size = information.block_size_bytes if information is not None else _USUAL_BLOCK_BYTES
        total = information.block_count if information is not None else obid_commands.BLOCKS_PER_READ_MAX
        wanted = -(-_FIXED_PART_BYTES // size)
        data = self._blocks(uid, 0, min(wanted, total), size)
        content = self._decoded(uid, information, data, size)
        is_doubtful = isinstance(content, UnknownTag) and content.why == "crc"
        first = len(data) // size
        if first < total and data and (is_doubtful or self._reads_extensions):
            data += self._blocks(uid, first, total - first, size)
            content = self._decoded(uid, information, data, size)
        return content

    def _decoded(self, uid: TagUid, information: SystemInformation | None, data: bytes, size: int) -> Content:
        dsfid, afi = (information.dsfid, information.afi) if information is not None else (0, 0)
        return decode(TagMemory(uid, dsfid, afi, data, size), self._rules)

    def _blocks(self, uid: TagUid, first: int, count: int, size: int) -> bytes:
        """Up to *count* blocks from *first*, at most what one reply holds; empty behind the end of memory."""
        count = min(count, obid_commands.BLOCKS_PER_READ_MAX)
        if count <= 0:
            return b""
        answer = self._exchange.ask(obid_commands.read_blocks(uid, first, count))
        if answer.status == Status.ADDRESS_ERROR or answer.iso_error in (
            IsoError.UNKNOWN,
            IsoError.BLOCK_MISSING,
        ):
            return b""
        if answer.status != Status.OK:
            raise TagGone(f"{uid}: status {answer.status:02X}")
        try:
            blocks = parse_blocks(answer.data, self._order, count)
        except FrameError as error:
            raise DeviceFault(f"{uid}: {error}") from error
        if blocks.block_size_bytes != size:
            raise DeviceFault(f"{uid}: blocks of {blocks.block_size_bytes} bytes where it has {size}")
        return blocks.data
