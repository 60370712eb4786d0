"""The far end of a FEIG pad: OBID ISO-Host with ISO 15693 tags in memory (device reference 1.2, 15).

Answers in the frame type of the request, stays silent to a wrong length or CRC, reports a tag only once until
the field is reset (ONT), gives few tags per reply and status 94 for more, sends blocks reversed.  With a
*line_baud* and *has_air_time* it takes as long as the real thing.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock
from drivers.rfid import TagUid
from drivers.rfid.obid import BlockOrder, Frame, FrameError, FrameReader, FrameType, Status, encode
from drivers.sim import airtime
from drivers.sim.obid_tags import TagCommands, TagReply
from drivers.sim.tag_field import ReaderFault, TagField

__all__ = ["ObidReader", "ReaderFault"]

_CONFIGURATION_BLOCKS = 16
_CONFIGURATION_BYTES = 14
_ONT_BLOCK, _ONT_BYTE, _ONT_BIT = 5, 11, 0x01
_VERSION = bytes.fromhex("0303004453 0D30")
_TAGS_PER_REPLY_MAX = 24
_BROKEN_FRAME_SECONDS = 0.25
"""A pause after which an unfinished frame is forgotten: the device's 12 ms, widened for a busy machine."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """The last output command: as in `obid_commands.control_output`."""

    state: int = 0
    frequency: int = 0
    duration: int = 0


class ObidReader(TagField):
    """`FarEnd` that is a FEIG reader with the tags of a `TagField` on it."""

    def __init__(
        self,
        clock: Clock,
        *,
        address: int = 0,
        only_new_tags: bool = True,
        tags_per_reply: int = 4,
        block_order: BlockOrder = BlockOrder.REVERSED,
        size_is_minus_one: bool = True,
        line_baud: int = 0,
        has_air_time: bool = False,
    ) -> None:
        if not 1 <= tags_per_reply <= _TAGS_PER_REPLY_MAX:
            raise ValueError(f"{tags_per_reply} tags do not fit into a standard frame")
        super().__init__()
        self.lamp = Lamp()
        self._clock = clock
        self._address = address
        self._tags_per_reply = tags_per_reply
        self._line_baud = line_baud
        self._has_air_time = has_air_time
        self._reader = FrameReader()
        self._heard_at = 0.0
        self._pending: list[TagUid] = []
        self._commands = TagCommands(self._asked, block_order, size_is_minus_one)
        self._configuration = [bytearray(_CONFIGURATION_BYTES) for _ in range(_CONFIGURATION_BLOCKS)]
        self._configuration[_ONT_BLOCK][_ONT_BYTE] = 0x05 if only_new_tags else 0x04

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""
        if not data:
            return b""
        now = self._clock.monotonic()
        if now - self._heard_at > _BROKEN_FRAME_SECONDS:
            self._reader.drop()
        self._reader.feed(data)
        sent = b""
        try:
            while (frame := self._reader.next_frame()) is not None:
                sent += self._answered(frame)
        except FrameError:
            pass  # the real reader says nothing to a frame that it cannot read
        self._heard_at = self._clock.monotonic()
        return sent

    def _answered(self, frame: Frame) -> bytes:
        if frame.address not in (0xFF, self._address):
            return b""
        with self._lock:
            self.commands_heard.append(bytes((frame.command,)) + frame.payload)
            fault = self._next_fault()
            with self._as_with(fault):
                reply = self._carried_out(frame.command, frame.payload)
        answer = self._framed(frame, reply, fault)
        if self._has_air_time:
            self._clock.wait(reply.seconds)
        if self._line_baud:
            count = len(encode(frame)) + len(answer)
            self._clock.wait(airtime.line_seconds(count, self._line_baud))
        return answer

    def _framed(self, asked: Frame, reply: TagReply, fault: ReaderFault | None) -> bytes:
        if reply.status is None:
            return b""
        status, data, command, frame_type = reply.status, reply.data, asked.command, asked.frame_type
        match fault:
            case ReaderFault.SILENCE:
                return b""
            case ReaderFault.OTHER_COMMAND:
                command ^= 0x01
            case ReaderFault.OTHER_UID:
                data = bytes(byte ^ 0x01 if index == 8 else byte for index, byte in enumerate(data))
            case ReaderFault.IMPOSSIBLE_LENGTH:
                data = data[:-1] if data else b"\x00"
            case ReaderFault.OTHER_FRAME_TYPE:
                others = {FrameType.STANDARD: FrameType.ADVANCED, FrameType.ADVANCED: FrameType.STANDARD}
                frame_type = others[frame_type]
            case ReaderFault.HARDWARE_WARNING:
                status, data = Status.HARDWARE_WARNING, b""
            case ReaderFault.DISTURBED_AIR:
                status, data = Status.RF_COMMUNICATION_ERROR, b""
            case ReaderFault.TWICE if (command, asked.payload[:1]) == (0xB0, b"\x01") and data:
                data = bytes((2 * data[0],)) + data[1:] * 2
            case ReaderFault.UNHEARD_TAG:
                status, data = Status.NO_TRANSPONDER, b""
            case _:
                pass
        raw = encode(Frame(frame_type, self._address, command, bytes((status,)) + data))
        if fault is ReaderFault.WRONG_CRC:
            raw = raw[:-1] + bytes((raw[-1] ^ 0xFF,))
        return raw + raw if fault is ReaderFault.REPEATED else raw

    def _carried_out(self, command: int, data: bytes) -> TagReply:
        match command:
            case 0x52 | 0x63:
                return TagReply(Status.OK)
            case 0x65:
                return TagReply(Status.OK, _VERSION)
            case 0x66:
                return TagReply(Status.OK, bytes((len(_VERSION),)) + _VERSION)
            case 0x69:
                self._reset_field()
                return TagReply(Status.OK, seconds=0.015)
            case 0x6A if len(data) == 1:
                self.field_is_on = bool(data[0] & 1)
                self._reset_field()
                return TagReply(Status.OK)
            case 0x71 if len(data) == 8:
                numbers = [int.from_bytes(data[at : at + 2], "big") for at in (0, 2, 4)]
                self.lamp = Lamp(*numbers)
                return TagReply(Status.OK)
            case 0x74:
                return TagReply(Status.OK, b"\x00")
            case 0x80 | 0x81 | 0x82 if data:
                return self._configured(command, data[0] & 0x7F, data[1:])
            case 0xB0 if len(data) == 2 and data[0] == 0x01:
                return self._inventory(is_more=bool(data[1] & 0x80))
            case 0xB1 if len(data) == 3 and data[1] == 0xA5 and not data[2]:
                has_alarm = any(tag.eas for tag in self._heard().values())
                status = Status.OK if has_alarm else Status.NO_TRANSPONDER
                return TagReply(status, seconds=airtime.write_seconds(0))
            case 0xB0 | 0xB1:
                return self._commands.carried_out(command, data)
            case 0x6A | 0x71 | 0x80 | 0x81 | 0x82:
                return TagReply(Status.WRONG_LENGTH)
            case _:
                return TagReply(Status.UNKNOWN_COMMAND)

    def _configured(self, command: int, number: int, data: bytes) -> TagReply:
        if number >= _CONFIGURATION_BLOCKS:
            return TagReply(Status.PARAMETER_RANGE)
        if command == 0x80:
            return TagReply(Status.OK, bytes(self._configuration[number]))
        if command == 0x81:
            if len(data) != _CONFIGURATION_BYTES:
                return TagReply(Status.WRONG_LENGTH)
            self._configuration[number][:] = data
        return TagReply(Status.OK)

    def _reset_field(self) -> None:
        self._power_up()
        self._pending.clear()

    def _inventory(self, *, is_more: bool) -> TagReply:
        seconds = 0.0
        if not is_more:
            if not self._configuration[_ONT_BLOCK][_ONT_BYTE] & _ONT_BIT:
                self._power_up()
            self._pending = [uid for uid, tag in self._heard().items() if not tag.is_quiet]
            seconds = airtime.inventory_seconds(self._pending)
        page = [uid for uid in self._pending[: self._tags_per_reply] if uid in self._field]
        self._pending = self._pending[self._tags_per_reply :]
        if not page:
            return TagReply(Status.NO_TRANSPONDER, seconds=seconds)
        sets = b""
        for uid in page:
            self._field[uid].is_quiet = True
            sets += bytes((0x03, self._field[uid].dsfid)) + bytes.fromhex(uid)
        status = Status.MORE_DATA if self._pending else Status.OK
        return TagReply(status, bytes((len(page),)) + sets, seconds)
