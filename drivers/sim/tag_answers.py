"""What a tag answers over the air: ISO 15693-3 and NXP's own commands, before any reader puts it into its frames."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.rfid.obid import IsoError
from drivers.sim import airtime
from drivers.sim.tag import SimulatedTag

__all__ = ["AirAnswer", "Heard", "answer_of"]


class Heard(Enum):
    """What a reader hears after its command."""

    ANSWER = "answer"
    ERROR = "error"
    SILENCE = "silence"
    NOISE = "noise"
    NO_CONFIRMATION = "no confirmation"


@dataclass(frozen=True, slots=True)
class AirAnswer:
    """What was heard, how long the air was used, and the tag's *data*; for an error its code and what it concerns."""

    heard: Heard
    seconds: float
    data: bytes = b""

    @classmethod
    def error(cls, error: IsoError, seconds: float, *more: int) -> AirAnswer:
        """The tag says what is wrong."""
        return cls(Heard.ERROR, seconds, bytes((error, *more)))


_WRITES = (0x24, 0x27, 0xA2, 0xA3)


def answer_of(tag: SimulatedTag | None, command: int, parameters: bytes) -> AirAnswer | None:
    """What *tag* (None: none with that UID is there) does with *command*; None when no tag has such a command.

    Data: 23 a lock byte and the block for each; 2B DSFID, AFI, then block size and count as they are; 2C a lock
    byte per block; B2 the random number.
    """
    if tag is None or tag.leaves_after == 0 or tag.is_mute:
        return AirAnswer(Heard.SILENCE, airtime.no_answer_seconds())
    if tag.leaves_after is not None:
        tag.leaves_after -= 1
    if command in _WRITES and tag.write_failures > 0:
        tag.write_failures -= 1
        return AirAnswer(Heard.NO_CONFIRMATION, airtime.write_seconds())
    if command not in _WRITES and tag.read_failures > 0:
        tag.read_failures -= 1
        return AirAnswer(Heard.NOISE, airtime.no_answer_seconds())
    answer = _standard(tag, command, parameters) if command < 0xA0 else _nxp(tag, command, parameters)
    if answer is not None and tag.leaves_after == 0:
        return AirAnswer(Heard.SILENCE, answer.seconds)
    return answer


def _nxp(tag: SimulatedTag, command: int, parameters: bytes) -> AirAnswer | None:
    seconds = airtime.write_seconds()
    match command, len(parameters):
        case ((0xA2 | 0xA3 | 0xA5), 0) if tag.eas is None:
            return AirAnswer.error(IsoError.NOT_SUPPORTED, seconds)
        case ((0xA2 | 0xA3), 0):
            if tag.guards_eas and not tag.is_open:
                return AirAnswer.error(IsoError.UNKNOWN, seconds)
            tag.eas = command == 0xA2
            return AirAnswer(Heard.ANSWER, seconds)
        case 0xA5, 0 if tag.eas_silences > 0:
            tag.eas_silences -= 1
            return AirAnswer(Heard.SILENCE, seconds)
        case 0xA5, 0:
            return AirAnswer(Heard.ANSWER if tag.eas else Heard.SILENCE, seconds)
        case (0xB2, 0) | (0xB3, 5) if tag.password is None:
            return AirAnswer.error(IsoError.NOT_SUPPORTED, seconds)
        case 0xB2, 0:
            return AirAnswer(Heard.ANSWER, airtime.random_number_seconds(), tag.random_number())
        case 0xB3, 5:
            seconds = airtime.set_password_seconds()
            if tag.present(parameters[0], parameters[1:]):
                return AirAnswer(Heard.ANSWER, seconds)
            return AirAnswer.error(IsoError.UNKNOWN, seconds)
        case _:
            return None


def _standard(tag: SimulatedTag, command: int, parameters: bytes) -> AirAnswer | None:
    match command, len(parameters):
        case 0x23, 2:
            return _read(tag, parameters[0], parameters[1])
        case 0x24, length if length >= 3:
            return _write(tag, parameters[0], parameters[1], parameters[2:])
        case 0x27, 1:
            return _write_afi(tag, parameters[0])
        case 0x2B, 0:
            seconds = airtime.system_information_seconds()
            if not tag.knows_information:
                return AirAnswer.error(IsoError.NOT_SUPPORTED, seconds)
            facts = bytes((tag.dsfid, tag.afi, tag.block_size_bytes, tag.block_count & 0xFF))
            return AirAnswer(Heard.ANSWER, seconds, facts)
        case 0x2C, 2:
            return _locks(tag, parameters[0], parameters[1])
        case _:
            return None


def _write_afi(tag: SimulatedTag, afi: int) -> AirAnswer:
    seconds = airtime.write_seconds()
    if tag.afi_locked:
        return AirAnswer.error(IsoError.LOCKED, seconds)
    if tag.guards_afi and not tag.is_open:
        return AirAnswer.error(IsoError.UNKNOWN, seconds)
    tag.afi = afi
    return AirAnswer(Heard.ANSWER, seconds)


def _read(tag: SimulatedTag, first: int, count: int) -> AirAnswer:
    size = tag.block_size_bytes
    seconds = airtime.read_seconds(count, size)
    if first + count > tag.block_count:
        return AirAnswer.error(IsoError.BLOCK_MISSING, seconds)
    data = bytearray()
    for number in range(first, first + count):
        data.append(number in tag.locked_blocks)
        data += tag.memory[number * size : number * size + size]
    return AirAnswer(Heard.ANSWER, seconds, bytes(data))


def _write(tag: SimulatedTag, first: int, count: int, data: bytes) -> AirAnswer:
    size = tag.block_size_bytes
    seconds = count * airtime.write_seconds(size + 1)
    for number in range(first, first + count):
        if number >= tag.block_count:
            return AirAnswer.error(IsoError.BLOCK_MISSING, seconds, number)
        if number in tag.locked_blocks:
            return AirAnswer.error(IsoError.LOCKED, seconds, number)
        at = (number - first) * size
        tag.memory[number * size : number * size + size] = data[at : at + size]
    return AirAnswer(Heard.ANSWER, seconds)


def _locks(tag: SimulatedTag, first: int, count: int) -> AirAnswer:
    seconds = airtime.read_seconds(count, 0)
    if not tag.knows_security_status:
        return AirAnswer.error(IsoError.NOT_SUPPORTED, seconds)
    if first + count > tag.block_count or not count:
        return AirAnswer.error(IsoError.BLOCK_MISSING, seconds)
    locks = bytes(number in tag.locked_blocks for number in range(first, first + count))
    return AirAnswer(Heard.ANSWER, seconds, locks)
