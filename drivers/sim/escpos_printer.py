"""The far end of a receipt printer: reads ESC/POS, keeps what it printed, runs out of paper, opens, chokes.

It obeys what `drivers/printer` sends and a little more; a command it does not know is swallowed.  Real-time questions
are answered on arrival, also while nothing prints; everything else waits in the buffer for its turn.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from drivers.link import Clock
from drivers.sim.escpos_commands import Command, Glyphs, Reader, RealTime, split_real_time

__all__ = ["EscposPrinterFarEnd", "Picture", "PrintedLine"]

_CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}


@dataclass(frozen=True, slots=True)
class Picture:
    """Dots: *data* is *width_bytes* a row, most significant bit left, a set bit black (GS v 0)."""

    width_bytes: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line on the paper: letters, or a picture; *width* and *height* say how many times larger than normal."""

    text: str = ""
    width: int = 1
    height: int = 1
    is_bold: bool = False
    is_centred: bool = False
    picture: Picture | None = None
    is_cut: bool = False


@dataclass(slots=True)
class _Style:
    width: int = 1
    height: int = 1
    is_bold: bool = False
    is_centred: bool = False
    is_chinese: bool = False
    code_page: str = "cp437"


@dataclass(slots=True)
class _Setting:
    """The line that is being set, and how wide it is by now."""

    text: str = ""
    columns: int = 0
    style: _Style = field(default_factory=_Style)


class EscposPrinterFarEnd:
    """A printer *columns* wide, with *lines_left* on its roll, of which the last *lines_low* are "near end".

    *speaks* false: it has no way to answer.  *has_chinese* false: it knows no Chinese and sets letters by code page.
    *bytes_per_second* 0: it prints at once; else it takes its time, and what overflows *buffer_bytes* is lost, as on a
    line without handshake.  Whatever is changed from outside may be changed from another thread.
    """

    def __init__(self, clock: Clock, columns: int = 42, *, has_chinese: bool = True) -> None:
        self.columns = columns
        self.has_chinese = has_chinese
        self.speaks = True
        self.lines_left = 1000
        self.lines_low = 20
        self.bytes_per_second = 0
        self.buffer_bytes = 4096
        self.lost_bytes = 0
        self.is_cover_open = False
        self.has_error = False
        self._clock = clock
        self._lock = threading.Lock()
        self._reader = Reader()
        self._arrived = b""
        self._queue = bytearray()
        self._printed_at = clock.monotonic()
        self._style = _Style(is_chinese=has_chinese)
        self._line = _Setting()
        self._paper: list[PrintedLine] = []

    @property
    def paper(self) -> tuple[PrintedLine, ...]:
        """What hangs out of the printer, from top to bottom."""
        with self._lock:
            return tuple(self._paper)

    def tear_off(self) -> tuple[PrintedLine, ...]:
        """Takes the paper away, and gives it."""
        with self._lock:
            paper = tuple(self._paper)
            self._paper.clear()
            return paper

    def load(self, lines: int = 1000) -> None:
        """Puts a new roll in, and closes the cover: what waited in the buffer is printed now."""
        with self._lock:
            self.lines_left, self.is_cover_open, self.has_error = lines, False, False

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`: the answers to what was asked, in order."""
        with self._lock:
            arrived, self._arrived = split_real_time(self._arrived + data)
            answers = self._work()
            for one in arrived:
                if isinstance(one, RealTime):
                    answers += self._obey_at_once(one)
                else:
                    self._queue_up(one)
                    answers += self._work()
            return answers if self.speaks else b""

    def _queue_up(self, data: bytes) -> None:
        if not self._queue:
            self._printed_at = self._clock.monotonic()
        room = max(0, self.buffer_bytes - len(self._queue)) if self.bytes_per_second else len(data)
        self._queue += data[:room]
        self.lost_bytes += len(data[room:])

    def _work(self) -> bytes:
        """Prints what there was time for, and answers what was asked in turn."""
        if self._is_stopped:
            self._printed_at = self._clock.monotonic()
            return b""
        count = len(self._queue)
        if self.bytes_per_second:
            now = self._clock.monotonic()
            count = min(count, int((now - self._printed_at) * self.bytes_per_second))
            self._printed_at += count / self.bytes_per_second
        answers = b""
        for at in range(count):
            if self._is_stopped:
                count = at
                break
            self._reader.feed(bytes(self._queue[at : at + 1]))
            while (one := self._reader.next(is_chinese=self._style.is_chinese)) is not None:
                answers += self._obey(one)
        del self._queue[:count]
        return answers

    @property
    def _is_stopped(self) -> bool:
        return self.lines_left <= 0 or self.is_cover_open or self.has_error

    @property
    def _is_full(self) -> bool:
        return bool(self.bytes_per_second) and len(self._queue) > self.buffer_bytes // 2

    def _obey_at_once(self, command: RealTime) -> bytes:
        match command:
            case RealTime(0x04, 1):
                return bytes((0x12 | (0x08 if self._is_stopped or self._is_full else 0),))
            case RealTime(0x04, 2):
                cause = 0x04 * self.is_cover_open | 0x20 * (self.lines_left <= 0) | 0x40 * self.has_error
                return bytes((0x12 | cause,))
            case RealTime(0x04, 4):
                is_out, is_low = self.lines_left <= 0, self.lines_left <= self.lines_low
                return bytes((0x12 | 0x60 * is_out | 0x0C * is_low,))
            case RealTime(0x14, 8):
                self._queue.clear()
                self._reader.clear()
                self._line = _Setting()
        return b""

    def _obey(self, one: Command | Glyphs) -> bytes:
        style = self._style
        match one:
            case Glyphs(data):
                self._set(data)
            case Command(b"\n"):
                self._feed()
            case Command(b"\x1b@"):
                self._line, self._style = _Setting(), _Style(is_chinese=self.has_chinese)
            case Command(b"\x1b!", parameters):
                style.width, style.height = 1 + (parameters[0] >> 5 & 1), 1 + (parameters[0] >> 4 & 1)
                style.is_bold = bool(parameters[0] & 0x08)
            case Command(b"\x1bE", parameters):
                style.is_bold = bool(parameters[0] & 1)
            case Command(b"\x1ba", parameters):
                style.is_centred = parameters[0] in (1, 0x31)
            case Command(b"\x1bd", parameters):
                for _ in range(parameters[0]):
                    self._feed()
            case Command(b"\x1bt", parameters):
                style.code_page = _CODE_PAGES.get(parameters[0], "cp437")
            case Command(b"\x1c&"):
                style.is_chinese = self.has_chinese
            case Command(b"\x1c."):
                style.is_chinese = False
            case Command(b"\x1d!", parameters):
                style.width, style.height = 1 + (parameters[0] >> 4 & 7), 1 + (parameters[0] & 7)
            case Command(b"\x1dV"):
                self._put(PrintedLine(is_cut=True))
            case Command(b"\x1dv", parameters):
                self._draw(parameters)
            case Command(b"\x1dr"):
                is_out, is_low = self.lines_left <= 0, self.lines_left <= self.lines_low
                return bytes((0x0C * is_out | 0x03 * is_low,))
        return b""

    def _set(self, data: bytes) -> None:
        codec = "gb18030" if self._style.is_chinese else self._style.code_page
        letter = data.decode(codec, errors="replace")
        columns = (2 if len(data) > 1 else 1) * self._style.width
        if self._line.columns + columns > self.columns:
            self._feed()
        self._line.text += letter
        self._line.columns += columns
        self._line.style = _Style(
            self._style.width, self._style.height, self._style.is_bold, self._style.is_centred
        )

    def _draw(self, parameters: bytes) -> None:
        width, dots = parameters[2] + 256 * parameters[3], parameters[6:]
        if dots:
            self._put(PrintedLine(picture=Picture(width, dots)))

    def _feed(self) -> None:
        style, line = self._line.style, self._line
        self._line = _Setting()
        self._put(PrintedLine(line.text, style.width, style.height, style.is_bold, style.is_centred))

    def _put(self, line: PrintedLine) -> None:
        if self.lines_left > 0:
            self._paper.append(line)
            self.lines_left -= 0 if line.is_cut else 1
