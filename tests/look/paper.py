"""Makes a picture of every sample slip as it comes out of the printer's far end, without a printer.

python -m tests.look.paper --out build/look
"""

from __future__ import annotations

import argparse
from datetime import timedelta, timezone
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.printer import Document, Printed, escpos_printer
from drivers.printer.escpos_printer import Chinese, EscposPrinterSettings
from drivers.sim.escpos_printer import EscposPrinterFarEnd, PrintedLine
from kiosk.wording.slips import slip_document
from kiosk.workflow.view import Language
from tests.look.slips import SLIPS_ON_PAPER, slip

FONT = Path(__file__).parents[2] / "ui" / "fonts" / "NotoSansSC-Regular.otf"
ZONE = timezone(timedelta(hours=8))
COLUMN, LINE, MARGIN = 12, 32, 24


def printed(
    document: Document, columns: int, *, chinese: Chinese = Chinese.GB18030
) -> tuple[PrintedLine, ...]:
    """*document* as it stands on the far end's paper; an `AssertionError` when the printer did not confirm it."""
    clock = VirtualClock()
    far_end = EscposPrinterFarEnd(clock, columns, has_chinese=chinese is Chinese.GB18030)
    settings = EscposPrinterSettings(columns, chinese, font=str(FONT))
    printer = escpos_printer.open(settings, MemoryLink(far_end, clock), clock)
    assert printer.print(document) is Printed.CONFIRMED
    return far_end.tear_off()


def picture_of(paper: tuple[PrintedLine, ...], columns: int) -> Image.Image:
    """*paper* as a printer *columns* wide sets it: each letter in its place, a dot a pixel."""
    height = sum(_height(line) for line in paper) + 2 * MARGIN
    picture = Image.new("L", (columns * COLUMN + 2 * MARGIN, height), 255)
    top = MARGIN
    for line in paper:
        if line.picture is not None:
            size = (line.picture.width_bytes * 8, _height(line))
            dots = Image.frombytes("1", size, bytes(byte ^ 0xFF for byte in line.picture.data))
            picture.paste(dots, (MARGIN, top))
        elif line.is_cut:
            ImageDraw.Draw(picture).line((0, top, picture.width, top), fill=128)
        else:
            _set(picture, line, top, columns)
        top += _height(line)
    return picture


def _height(line: PrintedLine) -> int:
    if line.picture is not None:
        return len(line.picture.data) // line.picture.width_bytes
    return LINE * line.height if not line.is_cut else 1


def _set(picture: Image.Image, line: PrintedLine, top: int, columns: int) -> None:
    taken = sum(_columns(letter) for letter in line.text) * line.width
    left = MARGIN + (columns - taken) * COLUMN // 2 * line.is_centred
    font = ImageFont.truetype(str(FONT), 22, layout_engine=ImageFont.Layout.BASIC)
    for letter in line.text:
        width = _columns(letter) * COLUMN
        drawn = max(width, int(font.getlength(letter)) + 2)
        cell = Image.new("L", (drawn, LINE), 255)
        ImageDraw.Draw(cell).text(
            (drawn // 2, 24), letter, font=font, fill=0, anchor="ms", stroke_width=int(line.is_bold)
        )
        cell = cell.resize((width * line.width, LINE * line.height))
        picture.paste(cell, (left, top))
        left += cell.width


def _columns(letter: str) -> int:
    return 1 if letter.isascii() else 2


def main() -> None:
    """Read the arguments and make the pictures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, default=Path("build/look"))
    out: Path = arguments.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name in SLIPS_ON_PAPER:
        for language in Language:
            document = slip_document(slip(name, language), Language.CHINESE, ZONE)
            for columns in (32, 42):
                for chinese in (Chinese.GB18030, Chinese.RASTER):
                    paper = printed(document, columns, chinese=chinese)
                    place = out / f"slip-{name}.{language.value}.{columns}.{chinese.value}.png"
                    picture_of(paper, columns).save(place)


if __name__ == "__main__":
    main()
