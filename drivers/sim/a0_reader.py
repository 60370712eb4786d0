"""The far end of an Impinj "A0" module, with UHF tags in its field (device reference 3.2.2).

Stays silent to a wrong sum or address.  A question about a tag goes to all that match the EPC selected last, and to
every tag in the field when none is selected, as after `restart`.  What real modules answer to a write is not written
down, so what this one answers is as good as any (`WriteAnswer`), and a write that failed gets a code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.link import Clock
from drivers.rfid.uhf_bits import Shown, stored_crc
from drivers.sim import uhf_airtime
from drivers.sim.uhf_reader import Part, UhfReader
from drivers.sim.uhf_tag import Outcome, SimulatedUhfTag, UhfReply

__all__ = ["A0Reader", "WriteAnswer"]

_START, _ANY = 0xA0, 0xFF
_HEAD_BYTES = 4
_FREQUENCY = 0x04
_STRENGTH = 0x45
_RATE = bytes((0x00, 0x11))
_EPC_BANK = 1
_READ, _WRITES, _INVENTORIES = 0x81, (0x82, 0x94), (0x89, 0x8B)

_OK, _FAILED, _INVENTORY_FAILED, _READ_FAILED, _WRITE_FAILED, _NO_TAG = 0x10, 0x11, 0x31, 0x32, 0x33, 0x36
_PARAMETER, _WORD_COUNT, _BANK = 0x41, 0x42, 0x43


class WriteAnswer(Enum):
    """What is answered to a write that was done: as a read without words, a code, or nothing."""

    AS_READ = "as a read"
    CODE = "code"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class _Reply:
    parts: list[Part]
    seconds: float = 0.0


def _code(code: int, seconds: float = 0.0) -> _Reply:
    return _Reply([Part(b"", bytes((code,)))], seconds)


class A0Reader(UhfReader):
    """`UhfReader` that is such a module.

    *counts_bytes* lets it tell the length of what was read in bytes instead of words.  *tags_per_round* is how many
    tags one round hears (0: all), *readings_more* what its summaries count too many.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        address: int = 1,
        baud: int = 115200,
        line_baud: int = 0,
        has_air_time: bool = False,
        counts_bytes: bool = False,
        write_answer: WriteAnswer = WriteAnswer.AS_READ,
    ) -> None:
        super().__init__(clock, address=address, baud=baud, line_baud=line_baud, has_air_time=has_air_time)
        self.antenna = 0
        self.selected = b""
        self.ignores_selection = False
        self.tags_per_round = 0
        self.readings_more = 0
        self._rounds = 0
        self._counts_bytes = counts_bytes
        self._write_answer = write_answer

    def restart(self) -> None:
        """As every reader; nothing is selected any more, and it works with its first antenna."""
        super().restart()
        self.antenna, self.selected = 0, b""

    def _next_frame(self) -> bytes | None:
        while True:
            start = self._unread.find(_START)
            del self._unread[: start if start >= 0 else len(self._unread)]
            if len(self._unread) < 2 or len(self._unread) < self._unread[1] + 2:
                return None
            frame = bytes(self._unread[: self._unread[1] + 2])
            if len(frame) > _HEAD_BYTES and not sum(frame) & 0xFF:
                del self._unread[: len(frame)]
                return frame
            del self._unread[:1]

    def _framed(self, command: int, payload: bytes) -> bytes:
        body = bytes((_START, len(payload) + 3, self._address, command)) + payload
        return body + bytes((0x100 - (sum(body) & 0xFF) & 0xFF,))

    def _disturbed(self, command: int) -> bytes:
        if command in _INVENTORIES:
            return bytes((_INVENTORY_FAILED,))
        return bytes(
            (_READ_FAILED if command == _READ else _WRITE_FAILED if command in _WRITES else _FAILED,)
        )

    def _answered(self, frame: bytes) -> bytes:
        address, command, data = frame[2], frame[3], frame[4:-1]
        if address not in (_ANY, self._address):
            return b""
        self.commands_heard.append(frame[3:-1])
        reply = self._carried_out(command, data)
        answer = self._sent(command, reply.parts)
        self._spend(len(frame) + len(answer), reply.seconds)
        return answer

    def _carried_out(self, command: int, data: bytes) -> _Reply:
        match command, len(data):
            case 0x72, 0:
                return _Reply([Part(b"", b"\x01\x09")])
            case 0x74, 1 if data[0] < 4:
                self.antenna = data[0]
                return _code(_OK)
            case 0x76, 1 if data[0] <= 33:
                self.power_dbm = data[0]
                return _code(_OK)
            case 0x77, 0:
                return _Reply([Part(b"", bytes((self.power_dbm,)))])
            case (0x89, 1) | (0x8B, 3) if data[-1]:
                return self._counted()
            case 0x85, length if length > 2 and data[0] == 0 and data[1] == length - 2:
                if not self.ignores_selection:
                    self.selected = data[2:]
                return _code(_OK)
            case 0x81, 3:
                return self._read_by(*data)
            case ((0x82 | 0x94), length) if length > 7:
                return self._written_by(data[:4], data[4:7], data[7:])
            case ((0x74 | 0x76 | 0x81 | 0x82 | 0x85 | 0x89 | 0x8B | 0x94), _):
                return _code(_PARAMETER)
            case _:
                return _code(_FAILED)

    def _counted(self) -> _Reply:
        tags = self.inventory()
        seconds = uhf_airtime.inventory_seconds(len(tags), sum(len(tag.epc) for tag in tags))
        readings = len(tags) + self.readings_more
        if 0 < self.tags_per_round < len(tags):
            at = self._rounds * self.tags_per_round % len(tags)
            self._rounds += 1
            tags = (tags[at:] + tags[:at])[: self.tags_per_round]
        parts = [self._reading(tag) for tag in tags]
        parts.append(Part(b"", bytes((self.antenna,)) + _RATE + readings.to_bytes(4, "big")))
        return _Reply(parts, seconds)

    def _reading(self, tag: SimulatedUhfTag) -> Part:
        head = bytes((_FREQUENCY | self.antenna,)) + tag.pc.to_bytes(2, "big")
        return Part(b"", head + self.faults.told(tag.epc) + bytes((_STRENGTH,)), -2)

    def _called(self) -> tuple[bytes, ...]:
        """Whom a question about a tag goes to."""
        return (self.selected,) if self.selected else tuple({tag.epc: None for tag in self.inventory()})

    def _read_by(self, bank: int, first: int, count: int) -> _Reply:
        if bank > 3:
            return _code(_BANK)
        if not 1 <= count <= 32 + 8:
            return _code(_WORD_COUNT)
        called = [(epc, self._shown(epc)) for epc in self._called()]
        replies = [(shown, self.read(epc, bank, first, count)) for epc, shown in called]
        seconds = sum(uhf_airtime.read_seconds(len(epc), count) for epc, _ in called)
        return self._told(replies, count, _READ_FAILED, seconds)

    def _written_by(self, password: bytes, where: bytes, value: bytes) -> _Reply:
        bank, word, count = where
        if bank != _EPC_BANK or count != 1 or len(value) != 2:
            return _code(_PARAMETER)
        called = [(epc, self._shown(epc)) for epc in self._called()]
        replies = [(shown, self.write(epc, word, value, password)) for epc, shown in called]
        seconds = sum(uhf_airtime.write_seconds(len(epc)) for epc, _ in called)
        reply = self._told(replies, 0, _WRITE_FAILED, seconds)
        is_done = any(one.outcome is Outcome.OK for _, one in replies)
        if is_done and self._write_answer is WriteAnswer.CODE:
            return _code(_OK, seconds)
        return _Reply([], seconds) if is_done and self._write_answer is WriteAnswer.NOTHING else reply

    def _shown(self, epc: bytes) -> Shown:
        """What the tag that answers to *epc* shows before anything is done to it."""
        shown = [Shown(tag.pc, tag.epc) for tag in self.tags() if tag.epc.startswith(epc)]
        return shown[0] if shown else Shown(0, epc)

    def _told(self, replies: list[tuple[Shown, UhfReply]], count: int, failed: int, seconds: float) -> _Reply:
        done = [(shown, reply.data) for shown, reply in replies if reply.outcome is Outcome.OK]
        if not done:
            is_there = any(reply.outcome is not Outcome.NO_TAG for _, reply in replies)
            return _code(failed if is_there else _NO_TAG, seconds)
        return _Reply([self._words(len(done), shown, words, count) for shown, words in done], seconds)

    def _words(self, tags: int, shown: Shown, words: bytes, count: int) -> Part:
        inner = shown.pc.to_bytes(2, "big") + shown.epc + stored_crc(shown).to_bytes(2, "big") + words
        tail = bytes((count * 2 if self._counts_bytes else count, _FREQUENCY | self.antenna, 1))
        return Part(b"", tags.to_bytes(2, "big") + bytes((len(inner),)) + inner + tail, 4 + len(shown.epc))
