"""Receipt printers that speak ESC/POS, on a serial line, over TCP, on USB or by a device file.

    models     Epson TM-T20, TM-T82, TM-T88 and what speaks like them: Xprinter, Gprinter, Zjiang, Sunmi, Bixolon,
               Custom and other kiosk printers, 58 or 80 mm
    line       serial:/dev/ttyUSB0?baud=115200 (9600 to 115200, 8N1, as its self-test prints it)
               tcp://HOST:9100
               file:/dev/usb/lp0, where the kernel's usblp has the printer
               usbprinter:04b8:0202, without it
    supported  text in three sizes, cutting, paper end and near end, cover, errors; Chinese by the printer's own
               GB18030 font or as pictures
    wrong      a printer that does not answer is never called fine, and what it printed is not confirmed; one without
               handshake loses what overflows its buffer, so each piece waits until the printer is online;
               as pictures a slip is 20 kB: at least 38400 baud, or print_seconds_max is over
    unverified no printer was at hand; that usblp passes status bytes back while it prints is told of some kernels
    not        code pages of Arabic, Hebrew and Thai, Star line mode
    source     device reference 10.1; ESC/POS command reference

Settings: *columns* is what the self-test shows for font A: 32 on 58 mm, 42 or 48 on 80 mm.  *chinese* is "gb18030" for
printers sold in China, "raster" for any other one (then *font* is a font file, as `ui/fonts/NotoSansSC-Regular.otf`),
"none" where only English is printed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from drivers.link import Clock, DeviceLost, Link, SettingsError
from drivers.printer import Document, NotPrinted, Obstacle, Paper, Printed, PrinterStatus, escpos_status
from drivers.printer.escpos_commands import RASTER_COLUMNS_MAX, Chinese, CodePage, Composer
from drivers.printer.layout import lay_out

__all__ = ["Chinese", "CodePage", "EscposPrinter", "EscposPrinterSettings", "open"]

_COLUMNS = (24, 64)
_ASK_AGAIN_SECONDS = 0.2
_LISTEN_SECONDS = 0.1
# A float sum may fall short of the moment it was waited for by less than this.
_CLOCK_GRAIN_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class EscposPrinterSettings:
    """How the printer is set up.

    *answer_seconds_max* is for one answer about its state, *write_seconds_max* for one piece of at most *piece_bytes*
    (a longer line is a piece of its own), *print_seconds_max* for a whole document.  *clears_buffer*: after one that
    was broken off the printer is told to forget the rest; false for a printer that does not know that command and
    prints it.
    """

    columns: int = 42
    chinese: Chinese = Chinese.GB18030
    code_page: CodePage = CodePage.CP858
    font: str = field(default="", metadata={"is_file": True})
    has_cutter: bool = True
    clears_buffer: bool = True
    piece_bytes: int = 512
    answer_seconds_max: float = 0.5
    write_seconds_max: float = 5.0
    print_seconds_max: float = 30.0


def open(settings: EscposPrinterSettings, link: Link, clock: Clock) -> EscposPrinter:
    """The printer on *link*; it is not asked anything yet.

    Raises `SettingsError` for settings no printer can have and `DeviceLost`.  The link is closed with the printer,
    and also when opening fails.
    """
    try:
        _check(settings)
        link.discard_input()
    except BaseException:
        link.close()
        raise
    return EscposPrinter(settings, link, clock)


class EscposPrinter:
    """A `Printer`; see the front page of the room for what it promises."""

    def __init__(self, settings: EscposPrinterSettings, link: Link, clock: Clock) -> None:
        self._settings = settings
        self._link = link
        self._clock = clock
        self._composer: Composer | None = None

    def print(self, document: Document) -> Printed:
        """As promised by `Printer`."""
        pieces = self._pieces(document)
        status = self.status()
        if status.obstacle:
            raise NotPrinted(status.obstacle)
        is_heard = status.is_online is not None
        deadline = self._clock.monotonic() + self._settings.print_seconds_max
        for piece in pieces:
            self._link.write(piece, self._settings.write_seconds_max)
            if is_heard:
                is_heard = self._is_taken(deadline)
            elif self._clock.monotonic() >= deadline:
                raise self._broken_off(Obstacle.OFFLINE)
        # Who was silent all along is not waited for.
        left = deadline - self._clock.monotonic()
        return self._printed(max(left, self._settings.answer_seconds_max) if is_heard else 0.0)

    def status(self) -> PrinterStatus:
        """As promised by `Printer`; a printer that does not answer the first question is not asked the others."""
        printer = self._ask(escpos_status.PRINTER)
        if printer is None:
            return PrinterStatus()
        cause = self._ask(escpos_status.OFFLINE_CAUSE)
        return escpos_status.status_of(printer, cause, self._ask(escpos_status.PAPER_SENSOR))

    def close(self) -> None:
        """As promised by `Printer`."""
        self._link.close()

    def _pieces(self, document: Document) -> Sequence[bytes]:
        """The bytes of *document* in pieces between which the printer may be asked."""
        settings = self._settings
        if self._composer is None:
            self._composer = Composer(
                settings.columns,
                settings.chinese,
                settings.code_page,
                settings.font,
                has_cutter=settings.has_cutter,
            )
        lines = lay_out(document, settings.columns, is_wide=settings.chinese is not Chinese.NONE)
        return tuple(_joined(self._composer.commands(lines), settings.piece_bytes))

    def _is_taken(self, deadline: float) -> bool:
        """Waits until the printer is online again after a piece; false when it no longer says.

        Raises `NotPrinted` when it names an obstacle, or is offline past *deadline* without one.
        """
        while True:
            printer = self._ask(escpos_status.PRINTER)
            if printer is None:
                return False
            if escpos_status.is_online(printer):
                return True
            # Offline with nothing to blame is a full buffer: it comes back by itself.
            obstacle = self.status().obstacle or Obstacle.OFFLINE
            if obstacle is not Obstacle.OFFLINE or self._clock.monotonic() >= deadline:
                raise self._broken_off(obstacle)
            self._clock.wait(_ASK_AGAIN_SECONDS)

    def _printed(self, seconds: float) -> Printed:
        """Asks in turn, so that the answer comes after the last line, and waits *seconds* for it."""
        self._link.discard_input()
        self._link.write(escpos_status.PAPER_IN_TURN, self._settings.write_seconds_max)
        answer = self._answer(seconds)
        if answer is not None and escpos_status.is_answer_in_turn(answer):
            if escpos_status.paper_in_turn(answer) is Paper.OUT:
                raise self._broken_off(Obstacle.PAPER_OUT)
            return Printed.CONFIRMED
        obstacle = self.status().obstacle
        if obstacle:
            raise self._broken_off(obstacle)
        return Printed.NOT_CONFIRMED

    def _broken_off(self, obstacle: Obstacle) -> NotPrinted:
        """The error to raise, after the printer was told to forget the rest: nobody waits for it any more."""
        if self._settings.clears_buffer:
            with contextlib.suppress(DeviceLost):
                self._link.write(escpos_status.CLEAR_BUFFER, self._settings.answer_seconds_max)
        return NotPrinted(obstacle)

    def _ask(self, about: escpos_status.Question) -> int | None:
        """The answer to a real-time question; None when there is none that can be believed."""
        self._link.discard_input()
        self._link.write(escpos_status.question(about), self._settings.write_seconds_max)
        answer = self._answer(self._settings.answer_seconds_max)
        return answer if answer is not None and escpos_status.is_answer(answer) else None

    def _answer(self, seconds: float) -> int | None:
        """The one byte that came within *seconds*; None for nothing, and for more than one: that is no answer."""
        deadline = self._clock.monotonic() + seconds
        while True:
            left = deadline - self._clock.monotonic()
            heard = self._link.read(1, min(max(0.0, left), _LISTEN_SECONDS))
            if heard and heard[0] not in escpos_status.FLOW:
                break
            if left <= _CLOCK_GRAIN_SECONDS:
                return None
        rest = self._link.read(16, 0.0)
        return None if any(byte not in escpos_status.FLOW for byte in rest) else heard[0]


def _joined(commands: Sequence[bytes], size: int) -> Iterator[bytes]:
    """*commands* put together up to *size* bytes; none is cut, for a question must not land inside one."""
    piece = b""
    for command in commands:
        if piece and len(piece) + len(command) > size:
            yield piece
            piece = b""
        piece += command
    if piece:
        yield piece


def _check(settings: EscposPrinterSettings) -> None:
    """Raises `SettingsError` naming the first setting that is out of range."""
    least, most = _COLUMNS
    if not least <= settings.columns <= most or settings.columns % 2:
        raise SettingsError(
            f"columns is {settings.columns}, allowed are even numbers from {least} to {most}; usual are 32, 42, 48"
        )
    if settings.chinese is Chinese.RASTER and settings.columns > RASTER_COLUMNS_MAX:
        raise SettingsError(
            f"columns is {settings.columns}, at most {RASTER_COLUMNS_MAX} with chinese = 'raster'"
        )
    if settings.chinese is Chinese.RASTER and not Path(settings.font).is_file():
        raise SettingsError(f"font {settings.font!r} is no file; chinese = 'raster' needs the path of a font")
    if not 64 <= settings.piece_bytes <= 4096:
        raise SettingsError(f"piece_bytes is {settings.piece_bytes}, allowed is 64 to 4096")
    for name, seconds_max in (("answer", 10.0), ("write", 60.0), ("print", 120.0)):
        seconds: float = getattr(settings, f"{name}_seconds_max")
        if not 0.05 <= seconds <= seconds_max:
            raise SettingsError(f"{name}_seconds_max is {seconds}, allowed is 0.05 to {seconds_max:g}")
