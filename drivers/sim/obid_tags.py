"""What a FEIG reader makes of a tag's answer: the addressed commands of B0 and B1, at the reader's end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.rfid import TagUid
from drivers.rfid.obid import BlockOrder, Status
from drivers.sim.tag_answers import AirAnswer, Heard

__all__ = ["TagCommands", "TagReply"]

_NXP = 0x04
_ISO, _MAKER = 0xB0, 0xB1
_KNOWN = (0x23, 0x24, 0x27, 0x2B, 0x2C)
_REPLY_BYTES_MAX = 250 - 8

_STATUS = {
    Heard.ANSWER: Status.OK,
    Heard.ERROR: Status.ISO_15693_ERROR,
    Heard.SILENCE: Status.NO_TRANSPONDER,
    Heard.NOISE: Status.RF_COMMUNICATION_ERROR,
    Heard.NO_CONFIRMATION: Status.WRITE_ERROR,
}

Ask = Callable[[TagUid, int, bytes], AirAnswer | None]


@dataclass(frozen=True, slots=True)
class TagReply:
    """A status byte (None: no answer at all), its data, and how long the air was used."""

    status: int | None
    data: bytes = b""
    seconds: float = 0.0


class TagCommands:
    """Hands commands to tags by *ask* and puts their answers into the reader's order."""

    def __init__(self, ask: Ask, block_order: BlockOrder, size_is_minus_one: bool) -> None:
        self._ask = ask
        self._step = -1 if block_order is BlockOrder.REVERSED else 1
        self._minus = 1 if size_is_minus_one else 0

    def carried_out(self, command: int, data: bytes) -> TagReply:
        """The reply to *command* with *data*, sub-command and UID included."""
        if command == _MAKER:
            if len(data) < 3 or data[0] != _NXP:
                return TagReply(Status.COMMAND_NOT_AVAILABLE)
            data = data[1:]
        if len(data) < 10:
            return TagReply(Status.WRONG_LENGTH)
        sub, uid, rest = data[0], TagUid(data[2:10].hex().upper()), data[10:]
        if (sub < 0xA0) is not (command == _ISO):
            return TagReply(Status.COMMAND_NOT_AVAILABLE)
        if sub == 0x23 and len(rest) == 2 and not 1 <= rest[1] <= 32:
            return TagReply(Status.PARAMETER_RANGE)
        if sub == 0x24:
            return self._write(uid, rest)
        answer = self._ask(uid, sub, rest)
        if answer is None:
            return TagReply(Status.WRONG_LENGTH if sub in _KNOWN else Status.COMMAND_NOT_AVAILABLE)
        reply = answer.data
        if answer.heard is Heard.ANSWER:
            reply = self._arranged(sub, uid, rest, answer.data)
            if len(reply) > _REPLY_BYTES_MAX:
                return TagReply(Status.PARAMETER_RANGE)
        return TagReply(_STATUS[answer.heard], reply, answer.seconds)

    def _arranged(self, sub: int, uid: TagUid, rest: bytes, data: bytes) -> bytes:
        match sub:
            case 0x23:
                stride = len(data) // rest[1]
                blocks = (data[at : at + stride] for at in range(0, len(data), stride))
                turned = b"".join(block[:1] + block[1:][:: self._step] for block in blocks)
                return bytes((rest[1], stride - 1)) + turned
            case 0x2B:
                dsfid, afi, size, count = data
                sizes = (size - self._minus, (count - self._minus) & 0xFF)
                return bytes((dsfid, *bytes.fromhex(uid), afi, *sizes, 0x01))
            case 0x2C:
                return bytes((rest[1],)) + data
            case _:
                return data

    def _write(self, uid: TagUid, rest: bytes) -> TagReply:
        if len(rest) < 3 or not rest[1] or len(rest) != 3 + rest[1] * rest[2]:
            return TagReply(Status.WRONG_LENGTH)
        size = rest[2]
        blocks = (rest[at : at + size][:: self._step] for at in range(3, len(rest), size))
        answer = self._ask(uid, 0x24, rest[:2] + b"".join(blocks))
        if answer is None:
            return TagReply(Status.WRONG_LENGTH)
        return TagReply(_STATUS[answer.heard], answer.data, answer.seconds)
