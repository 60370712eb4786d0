"""The far end of a 3M 210/810 or Bibliotheca M210: D5/D6 frames with ISO 15693 tags in memory (device reference 1.3).

Stays silent to a wrong start, length or CRC.  EAS off and a tag that is not there look the same.  With *line_baud*
and *has_air_time* it takes as long as the real thing.  Commands that write memory, lock, or pass bare ISO commands
through are heard and not carried out.
"""

from __future__ import annotations

from drivers.link import Clock
from drivers.rfid import TagUid
from drivers.rfid.m210 import START, START_OF_PROBE, Error, Frame, FrameError, FrameReader, encode
from drivers.rfid.obid import IsoError
from drivers.sim import airtime
from drivers.sim.tag_answers import AirAnswer, Heard
from drivers.sim.tag_field import ReaderFault, TagField

__all__ = ["M210Reader"]

_VERSION = bytes((10, 5, 0, 2))
_START_UP_REPLY = bytes.fromhex("02 01 01 03 02 02 03 00")
_HAS_DSFID = 0x02
_UID_BYTES = 8
_BITS_PER_BYTE = 10
_BROKEN_FRAME_SECONDS = 0.25

# Our commands about one tag: the ISO command behind each, and how many bytes follow the UID.
_ABOUT_A_TAG = {
    0x02: (0x23, 2),
    0x03: (0xA5, 0),
    0x09: (0x27, 1),
    0x0A: (0x2B, 0),
    0x0B: (0x2B, 0),
    0x0C: (0xA3, 1),
}
_NEVER_DONE = (0x01, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0D, 0x0E, 0x0F, 0x14)

_ISO_ERRORS = {
    IsoError.NOT_SUPPORTED: Error.UNSUPPORTED,
    IsoError.BLOCK_MISSING: Error.MEMORY_NOT_THERE,
    IsoError.LOCKED: Error.LOCKED,
    IsoError.UNKNOWN: Error.NOT_WRITTEN,
}

Reply = tuple[int, bytes, float]
"""Error byte, data, and how long the air was used."""


class M210Reader(TagField):
    """`FarEnd` that is a 3M 210 with the tags of a `TagField` on it.

    *says_afi* puts the AFI behind the UID in the reply to a write of it; *waiting* are bytes that an earlier
    conversation left in the bridge, sent before anything else.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        says_afi: bool = True,
        waiting: bytes = b"",
        line_baud: int = 0,
        has_air_time: bool = False,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._says_afi = says_afi
        self._waiting = waiting
        self._line_baud = line_baud
        self._has_air_time = has_air_time
        self._reader = FrameReader()
        self._heard_at = 0.0

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""
        sent, self._waiting = self._waiting, b""
        if not data:
            return sent
        now = self._clock.monotonic()
        if now - self._heard_at > _BROKEN_FRAME_SECONDS:
            self._reader.drop()
        self._reader.feed(data)
        try:
            while (frame := self._reader.next_frame()) is not None:
                sent += self._answered(frame)
        except FrameError:
            pass  # nothing is known to be said to a frame that cannot be read
        self._heard_at = self._clock.monotonic()
        return sent

    def _answered(self, frame: Frame) -> bytes:
        with self._lock:
            self.commands_heard.append(frame.payload)
            fault = self._next_fault()
            with self._as_with(fault):
                reply = self._carried_out(frame)
        answer = self._framed(frame, reply, fault)
        if self._has_air_time:
            self._clock.wait(reply[2])
        if self._line_baud:
            count = len(encode(frame)) + len(answer)
            self._clock.wait(airtime.line_seconds(count, self._line_baud, _BITS_PER_BYTE))
        return answer

    def _framed(self, asked: Frame, reply: Reply, fault: ReaderFault | None) -> bytes:
        start, command, (error, data, _) = asked.start, asked.command, reply
        match fault:
            case ReaderFault.SILENCE:
                return b""
            case ReaderFault.OTHER_COMMAND:
                command ^= 0x01
            case ReaderFault.OTHER_UID:
                data = bytes(byte ^ 0x01 if index == 7 else byte for index, byte in enumerate(data))
            case ReaderFault.IMPOSSIBLE_LENGTH:
                data = data[:-3] if data else b"\x00"
            case ReaderFault.OTHER_FRAME_TYPE:
                start ^= START ^ START_OF_PROBE
            case ReaderFault.HARDWARE_WARNING:
                error, data = Error.READER_FE, b""
            case ReaderFault.DISTURBED_AIR:
                error, data = Error.AIR_21, b""
            case ReaderFault.TWICE if command == 0xFE and data:
                data = data[:2] + bytes((2 * data[2],)) + data[3:] * 2
            case ReaderFault.UNHEARD_TAG:
                error, data = Error.NO_TRANSPONDER, b""
            case _:
                pass
        raw = encode(Frame(start, bytes((command, error)) + data))
        if fault is ReaderFault.WRONG_CRC:
            raw = raw[:-1] + bytes((raw[-1] ^ 0xFF,))
        return raw + raw if fault is ReaderFault.REPEATED else raw

    def _carried_out(self, frame: Frame) -> Reply:
        command, data = frame.command, frame.payload[1:]
        if frame.start == START_OF_PROBE:
            known = (command, data) == (0x04, b"\x00\x11")
            return (Error.OK, b"\x11" + _VERSION, 0.0) if known else (Error.NOT_IMPLEMENTED, b"", 0.0)
        match command:
            case 0x11:
                return Error.OK, _VERSION, 0.0
            case 0x13 | 0x58:
                return Error.OK, _START_UP_REPLY, 0.0
            case 0xFE if len(data) == 2:
                return self._inventory(data[0], data[1])
            case 0xFE:
                return Error.PARAMETER, b"", 0.0
            case _ if command in _ABOUT_A_TAG:
                return self._by_tag(command, data)
            case _ if command in _NEVER_DONE:
                return Error.UNSUPPORTED, b"", 0.0
            case _:
                return Error.NOT_IMPLEMENTED, b"", 0.0

    def _inventory(self, afi: int, options: int) -> Reply:
        heard = {uid: tag for uid, tag in self._heard().items() if not afi or tag.afi == afi}
        told = b""
        for uid, tag in heard.items():
            told += (bytes((tag.dsfid,)) if options & _HAS_DSFID else b"") + bytes.fromhex(uid)
        data = bytes((afi, options, len(heard))) + told
        return Error.OK, data, airtime.inventory_seconds(heard)

    def _by_tag(self, command: int, data: bytes) -> Reply:
        iso, count = _ABOUT_A_TAG[command]
        raw, rest = data[:_UID_BYTES], data[_UID_BYTES:]
        if len(raw) != _UID_BYTES or len(rest) != count or (command == 0x02 and not 1 <= rest[1] <= 32):
            return Error.PARAMETER, raw, 0.0
        if command == 0x0C:
            iso, parameters = (0xA2 if rest[0] else 0xA3), b""
        else:
            parameters = rest
        answer = self._asked(TagUid(raw.hex().upper()), iso, parameters)
        if answer is None:
            return Error.NOT_IMPLEMENTED, raw, 0.0
        error = _error(answer)
        if error != Error.OK:
            return error, raw, answer.seconds
        return Error.OK, raw + self._told(command, rest, answer.data), answer.seconds

    def _told(self, command: int, rest: bytes, data: bytes) -> bytes:
        """What stands behind the UID."""
        match command:
            case 0x02:
                stride = len(data) // rest[1]
                blocks = (data[at : at + stride] for at in range(0, len(data), stride))
                numbered = (bytes(((rest[0] + index) & 0xFF,)) + block for index, block in enumerate(blocks))
                return bytes((rest[1],)) + b"".join(numbered)
            case 0x09:
                return rest if self._says_afi else b""
            case 0x0A:
                return data[1:2]
            case 0x0B:
                return data[:1]
            case _:
                return b""


def _error(answer: AirAnswer) -> int:
    match answer.heard:
        case Heard.ANSWER:
            return Error.OK
        case Heard.SILENCE | Heard.NO_CONFIRMATION:
            return Error.NO_TRANSPONDER
        case Heard.NOISE:
            return Error.AIR_21
        case Heard.ERROR:
            return _ISO_ERRORS.get(IsoError(answer.data[0]), Error.NOT_READ)
