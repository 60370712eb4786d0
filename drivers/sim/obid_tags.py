"""What a FEIG reader does with one tag: the addressed commands of B0 and B1, at the reader's end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.rfid import TagUid
from drivers.rfid.obid import BlockOrder, IsoError, Status
from drivers.sim import airtime
from drivers.sim.tag import SimulatedTag

__all__ = ["TagCommands", "TagReply"]

_NXP = 0x04


@dataclass(frozen=True, slots=True)
class TagReply:
    """A status byte (None: no answer at all), its data, and how long the air was used."""

    status: int | None
    data: bytes = b""
    seconds: float = 0.0


def _iso(error: IsoError, seconds: float, *more: int) -> TagReply:
    return TagReply(Status.ISO_15693_ERROR, bytes((error, *more)), seconds)


class TagCommands:
    """Carries out commands on the tags of a field."""

    def __init__(self, block_order: BlockOrder, size_is_minus_one: bool) -> None:
        self._step = -1 if block_order is BlockOrder.REVERSED else 1
        self._minus = 1 if size_is_minus_one else 0

    def carried_out(self, field: Mapping[TagUid, SimulatedTag], command: int, data: bytes) -> TagReply:
        """The reply to *command* with *data*, sub-command and UID included."""
        if command == 0xB1:
            if len(data) < 3 or data[0] != _NXP:
                return TagReply(Status.COMMAND_NOT_AVAILABLE)
            data = data[1:]
        if command == 0xB1 and data[0] == 0xA5 and data[1] == 0x00:
            has_alarm = any(tag.eas for tag in field.values())
            return TagReply(
                Status.OK if has_alarm else Status.NO_TRANSPONDER, seconds=airtime.write_seconds(0)
            )
        if len(data) < 10:
            return TagReply(Status.WRONG_LENGTH)
        sub, rest = data[0], data[10:]
        tag = field.get(TagUid(data[2:10].hex().upper()))
        if tag is None or tag.leaves_after == 0:
            return TagReply(Status.NO_TRANSPONDER, seconds=airtime.no_answer_seconds())
        if tag.leaves_after is not None:
            tag.leaves_after -= 1
        is_write = sub in (0x24, 0x27, 0x29, 0xA2, 0xA3)
        if is_write and tag.write_failures > 0:
            tag.write_failures -= 1
            return TagReply(Status.WRITE_ERROR, seconds=airtime.write_seconds())
        if not is_write and tag.read_failures > 0:
            tag.read_failures -= 1
            return TagReply(Status.RF_COMMUNICATION_ERROR, seconds=airtime.no_answer_seconds())
        reply = self._nxp(tag, sub) if command == 0xB1 else self._standard(tag, sub, rest)
        if tag.leaves_after == 0:
            return TagReply(Status.NO_TRANSPONDER, seconds=reply.seconds)
        return reply

    def _nxp(self, tag: SimulatedTag, sub: int) -> TagReply:
        seconds = airtime.write_seconds()
        if tag.eas is None:
            return _iso(IsoError.NOT_SUPPORTED, seconds)
        match sub:
            case 0xA2 | 0xA3:
                tag.eas = sub == 0xA2
                return TagReply(Status.OK, seconds=seconds)
            case 0xA5:
                return TagReply(Status.OK if tag.eas else Status.NO_TRANSPONDER, seconds=seconds)
            case _:
                return TagReply(Status.COMMAND_NOT_AVAILABLE)

    def _standard(self, tag: SimulatedTag, sub: int, rest: bytes) -> TagReply:
        match sub, len(rest):
            case 0x23, 2:
                return self._read(tag, rest[0], rest[1])
            case 0x24, length if length >= 3:
                return self._write(tag, rest[0], rest[1], rest[2], rest[3:])
            case 0x27, 1:
                seconds = airtime.write_seconds()
                if tag.afi_locked:
                    return _iso(IsoError.LOCKED, seconds)
                tag.afi = rest[0]
                return TagReply(Status.OK, seconds=seconds)
            case 0x2B, 0:
                return self._information(tag)
            case 0x2C, 2:
                return self._security(tag, rest[0], rest[1])
            case ((0x02 | 0x23 | 0x24 | 0x27 | 0x2B | 0x2C), _):
                return TagReply(Status.WRONG_LENGTH)
            case _:
                return TagReply(Status.COMMAND_NOT_AVAILABLE)

    def _information(self, tag: SimulatedTag) -> TagReply:
        seconds = airtime.system_information_seconds()
        if not tag.knows_information:
            return _iso(IsoError.NOT_SUPPORTED, seconds)
        size, count = tag.block_size_bytes - self._minus, tag.block_count - self._minus
        data = bytes((tag.dsfid, *bytes.fromhex(tag.uid), tag.afi, size, count, 0x01))
        return TagReply(Status.OK, data, seconds)

    def _read(self, tag: SimulatedTag, first: int, count: int) -> TagReply:
        if count == 0 or count > 32 or count * (tag.block_size_bytes + 1) > 250 - 8:
            return TagReply(Status.PARAMETER_RANGE)
        seconds = airtime.read_seconds(count, tag.block_size_bytes)
        if first + count > tag.block_count:
            return _iso(IsoError.BLOCK_MISSING, seconds)
        data = bytearray((count, tag.block_size_bytes))
        for number in range(first, first + count):
            at = number * tag.block_size_bytes
            data.append(number in tag.locked_blocks)
            data += tag.memory[at : at + tag.block_size_bytes][:: self._step]
        return TagReply(Status.OK, bytes(data), seconds)

    def _write(self, tag: SimulatedTag, first: int, count: int, size: int, data: bytes) -> TagReply:
        if size != tag.block_size_bytes or len(data) != count * size or not count:
            return TagReply(Status.WRONG_LENGTH)
        seconds = count * airtime.write_seconds(size + 1)
        for number in range(first, first + count):
            if number >= tag.block_count:
                return _iso(IsoError.BLOCK_MISSING, seconds, number)
            if number in tag.locked_blocks:
                return _iso(IsoError.LOCKED, seconds, number)
            at = (number - first) * size
            tag.memory[number * size : number * size + size] = data[at : at + size][:: self._step]
        return TagReply(Status.OK, seconds=seconds)

    def _security(self, tag: SimulatedTag, first: int, count: int) -> TagReply:
        seconds = airtime.read_seconds(count, 0)
        if not tag.knows_security_status:
            return _iso(IsoError.NOT_SUPPORTED, seconds)
        if first + count > tag.block_count or not count:
            return _iso(IsoError.BLOCK_MISSING, seconds)
        locks = bytes(number in tag.locked_blocks for number in range(first, first + count))
        return TagReply(Status.OK, bytes((count,)) + locks, seconds)
