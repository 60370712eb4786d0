"""The far end of a reader of the UHFReader18 family, with UHF tags in its field (device reference 3.2.1, 15).

Stays silent to a wrong length, CRC or address, answers a command that it does not know with command 00 and status FE,
gives an inventory in parts with status 03, and in scan mode pushes EE frames and executes reader commands alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from drivers.link import Clock
from drivers.rfid.obid import checksum
from drivers.sim import uhf_airtime
from drivers.sim.uhf_reader import Part, UhfReader
from drivers.sim.uhf_tag import Outcome, UhfReply

__all__ = ["Generation", "Uhf18Reader"]

_FRAME_BYTES_MIN = 5
_PUSH_SECONDS = 0.05
_SELECT_BY_MASK = 0xFF
_EPC_BANK = 1
_PUSHED = 0xEE
_WORK_MODE = bytes.fromhex("001E0A0F 00 0204020600 0000")
_READ_MODE_AT = 4
_READER_COMMANDS = (0x21, 0x2F, 0x33, 0x35, 0x36, 0x76)

_OK, _FINISHED, _TIME_OUT, _MORE, _POOR_LINK, _NO_TAG = 0x00, 0x01, 0x02, 0x03, 0xFA, 0xFB
_WRONG_LENGTH, _NOT_KNOWN, _PARAMETER = 0xFD, 0xFE, 0xFF
_ENDS = {
    Outcome.OK: (_OK, b""),
    Outcome.NO_TAG: (_NO_TAG, b""),
    Outcome.UNHEARD: (_POOR_LINK, b""),
    Outcome.WRONG_PASSWORD: (0x05, b""),
    Outcome.LOCKED: (0xFC, b"\x04"),
    Outcome.OVERRUN: (0xFC, b"\x03"),
    Outcome.NO_POWER: (0xFC, b"\x0b"),
}


class Generation(Enum):
    """OLDER readers know 35 and 36 and a plain inventory; NEWER ones know 76 and want Q and session."""

    OLDER = "older"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    data: bytes = b""
    command: int | None = None
    more: tuple[bytes, ...] = ()
    seconds: float = 0.0


_UNKNOWN = _Reply(_NOT_KNOWN, command=0x00)


class Uhf18Reader(UhfReader):
    """`UhfReader` of the family; *pushes* starts it in scan mode.
    *tags_per_scan* is how many tags it hears before the time of one inventory is over (0: all).
    """

    def __init__(
        self,
        clock: Clock,
        *,
        address: int = 0,
        generation: Generation = Generation.OLDER,
        baud: int = 57600,
        pushes: bool = False,
        tags_per_answer: int = 8,
        line_baud: int = 0,
        has_air_time: bool = False,
    ) -> None:
        super().__init__(clock, address=address, baud=baud, line_baud=line_baud, has_air_time=has_air_time)
        self.beeps: list[bytes] = []
        self.tags_per_scan = 0
        self._scanned = 0
        self._generation = generation
        self._tags_per_answer = tags_per_answer
        self._pushed_at = clock.monotonic()
        self._work_mode = bytearray(_WORK_MODE)
        self._work_mode[_READ_MODE_AT] = pushes

    @property
    def pushes(self) -> bool:
        """Whether the reader is in scan mode."""
        return self._work_mode[_READ_MODE_AT] != 0

    def start_pushing(self) -> None:
        """Puts the reader into scan mode, as a power cut does where that is what it kept."""
        self._work_mode[_READ_MODE_AT] = 1

    def _next_frame(self) -> bytes | None:
        while self._unread and len(self._unread) > self._unread[0]:
            frame = bytes(self._unread[: self._unread[0] + 1])
            del self._unread[: len(frame)]
            if len(frame) >= _FRAME_BYTES_MIN and checksum(frame[:-2]) == int.from_bytes(
                frame[-2:], "little"
            ):
                return frame
            self._unread.clear()
        return None

    def _said_unasked(self) -> bytes:
        """What a reader in scan mode pushes, at most every fiftieth of a second."""
        now = self._clock.monotonic()
        if not self.pushes or now - self._pushed_at < _PUSH_SECONDS:
            return b""
        self._pushed_at = now
        return b"".join(self._framed(_PUSHED, bytes((_OK,)) + tag.epc) for tag in self.inventory())

    def _framed(self, command: int, payload: bytes) -> bytes:
        body = bytes((len(payload) + 4, self._address, command)) + payload
        return body + checksum(body).to_bytes(2, "little")

    def _disturbed(self, command: int) -> bytes:
        return bytes((_POOR_LINK,))

    def _answered(self, frame: bytes) -> bytes:
        address, command, data = frame[1], frame[2], frame[3:-2]
        if address not in (0xFF, self._address) or (self.pushes and command not in _READER_COMMANDS):
            return b""
        self.commands_heard.append(frame[2:-2])
        reply = self._carried_out(command, data)
        parts = [Part(bytes((_MORE,)), more) for more in reply.more]
        parts.append(Part(bytes((reply.status,)), reply.data))
        answer = self._sent(command if reply.command is None else reply.command, parts)
        self._spend(len(frame) + len(answer), reply.seconds)
        return answer

    def _carried_out(self, command: int, data: bytes) -> _Reply:
        is_older = self._generation is Generation.OLDER
        match command, len(data):
            case 0x21, 0:
                info = bytes((0x05, 0x02, 0x86, 0x02, 0x31, 0x80, self.power_dbm, 0x14))
                return _Reply(_OK, info if is_older else info + bytes(4))
            case 0x01, length:
                if length != (0 if is_older else 2):
                    return _Reply(_WRONG_LENGTH)
                return self._counted()
            case 0x02, _:
                return self._asked_tag(data, 0, self._read_by)
            case 0x03, _ if data:
                return self._asked_tag(data[1:], data[0] * 2, self._written_by)
            case 0x2F, 1:
                self.power_dbm = data[0]
                return _Reply(_OK)
            case 0x33, 3:
                self.beeps.append(data)
                return _Reply(_OK)
            case 0x35, 6 if is_older:
                self._work_mode[_READ_MODE_AT : _READ_MODE_AT + 6] = data
                return _Reply(_OK)
            case 0x36, 0 if is_older:
                return _Reply(_OK, bytes(self._work_mode))
            case 0x76, 1 if not is_older:
                self._work_mode[_READ_MODE_AT] = data[0]
                return _Reply(_OK)
            case _:
                return _UNKNOWN

    def _counted(self) -> _Reply:
        tags = self.inventory()
        seconds = uhf_airtime.inventory_seconds(len(tags), sum(len(tag.epc) for tag in tags))
        epcs = [self.faults.told(epc) for epc in dict.fromkeys(tag.epc for tag in tags)]
        if not epcs:
            return _Reply(_NO_TAG, seconds=seconds)
        status = _FINISHED
        if 0 < self.tags_per_scan < len(epcs):
            at, status = self._scanned % len(epcs), _TIME_OUT
            self._scanned += self.tags_per_scan
            epcs = (epcs[at:] + epcs[:at])[: self.tags_per_scan]
        step = self._tags_per_answer
        parts = tuple(self._listed(epcs[at : at + step]) for at in range(0, len(epcs), step))
        return _Reply(status, parts[-1], more=parts[:-1], seconds=seconds)

    def _listed(self, epcs: list[bytes]) -> bytes:
        if self._generation is Generation.OLDER:
            return bytes((len(epcs),)) + b"".join(bytes((len(epc),)) + epc for epc in epcs)
        return bytes((1, len(epcs))) + b"".join(bytes((len(epc),)) + epc + b"\x50" for epc in epcs)

    def _asked_tag(
        self, data: bytes, extra: int, carried_out: Callable[[bytes, bytes, bytes], _Reply]
    ) -> _Reply:
        """Takes tag, body and password apart, where *extra* bytes stand between the body's three and the password."""
        if not data:
            return _Reply(_WRONG_LENGTH)
        words = 0 if data[0] == _SELECT_BY_MASK else data[0]
        at = 1 + words * 2
        body_size = 3 if extra == 0 else 2 + extra
        epc, body, password = data[1:at], data[at : at + body_size], data[at + body_size : at + body_size + 4]
        mask = data[at + body_size + 4 :]
        if data[0] == _SELECT_BY_MASK:
            if len(mask) < 4 or mask[:3] != b"\x01\x00\x20" or len(mask) != 4 + mask[3] // 8:
                return _Reply(_PARAMETER)
            epc, mask = mask[4:], b""
        if len(body) != body_size or len(password) != 4 or mask or not epc:
            return _Reply(_WRONG_LENGTH)
        return carried_out(epc, body, password)

    def _read_by(self, epc: bytes, body: bytes, password: bytes) -> _Reply:
        bank, first, count = body
        if bank > 3 or not 1 <= count <= 120:
            return _Reply(_PARAMETER)
        reply = self.read(epc, bank, first, count, password)
        return self._told(reply, uhf_airtime.read_seconds(len(epc), count))

    def _written_by(self, epc: bytes, body: bytes, password: bytes) -> _Reply:
        bank, word, value = body[0], body[1], body[2:]
        if bank != _EPC_BANK or len(value) != 2:
            return _Reply(_PARAMETER)
        reply = self.write(epc, word, value, password)
        return self._told(reply, uhf_airtime.write_seconds(len(epc)))

    def _told(self, reply: UhfReply, seconds: float) -> _Reply:
        status, data = _ENDS[reply.outcome]
        return _Reply(status, data or reply.data, seconds=seconds)
