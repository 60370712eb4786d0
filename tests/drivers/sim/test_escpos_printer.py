"""The printer's far end prints what a printer prints."""

from __future__ import annotations

import pytest

from drivers.link.memory import VirtualClock
from drivers.sim.escpos_printer import EscposPrinterFarEnd, Picture, PrintedLine

SLIP = (
    b"\x1b@\x1da\x00\x1d!\x11\x1bE\x01\x1ba\x01Desk\n\x1d!\x00\x1bE\x00\x1ba\x00\x1c&"
    + "请出示，谢谢㐂".encode("gb18030")
    + b"\x1c.\n\x1bt\x02"
    + "\x1c.é".encode("cp850")
    + b"\n\x1dv0\x00\x01\x00\x02\x00\xf0\x0f\x1bd\x02\x1dV\x01"
)
PAPER = (
    PrintedLine("Desk", 2, 2, is_bold=True, is_centred=True),
    PrintedLine("请出示，谢谢㐂"),
    PrintedLine("é"),
    PrintedLine(picture=Picture(1, b"\xf0\x0f")),
    PrintedLine(),
    PrintedLine(),
    PrintedLine(is_cut=True),
)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_slip_is_read_however_it_arrives(size: int) -> None:
    """Style, Chinese, code page, picture, feed and cut come out the same whole, byte by byte and in threes."""
    far_end = EscposPrinterFarEnd(VirtualClock())

    for at in range(0, len(SLIP), size):
        far_end.receive(SLIP[at : at + size])

    assert far_end.paper == PAPER


def test_a_printer_without_chinese_sets_something_else() -> None:
    """Chinese sent to a printer that has none comes out as letters of its code page, which is why it is drawn."""
    far_end = EscposPrinterFarEnd(VirtualClock())
    far_end.has_chinese = False

    far_end.receive(b"\x1b@\x1c&" + "书".encode("gb18030") + b"\n")

    assert far_end.paper[0].text == "╩Θ"


def test_a_line_that_is_too_long_goes_on_below() -> None:
    """What does not fit the paper breaks without mercy."""
    far_end = EscposPrinterFarEnd(VirtualClock(), columns=32)

    far_end.receive(b"x" * 40 + b"\n")

    assert [line.text for line in far_end.paper] == ["x" * 32, "x" * 8]


def test_what_stops_it_is_told_at_once_and_what_waits_is_printed_later() -> None:
    """An open cover stops printing, is answered in real time, and closing it prints the rest."""
    far_end = EscposPrinterFarEnd(VirtualClock())
    far_end.is_cover_open = True

    assert far_end.receive(b"later\n\x10\x04\x01") == b"\x1a"
    assert far_end.receive(b"\x10\x04") == b""
    assert far_end.receive(b"\x02") == b"\x16"
    assert far_end.paper == ()

    far_end.load()
    assert far_end.receive(b"\x10\x04\x01\x1dr\x01") == b"\x12\x00"
    assert far_end.tear_off() == (PrintedLine("later"),)
    assert far_end.paper == ()


def test_paper_gets_low_and_ends() -> None:
    """Near end is told before the end, and nothing is printed on no paper."""
    far_end = EscposPrinterFarEnd(VirtualClock())
    far_end.load(lines=3)
    far_end.lines_low = 2

    assert far_end.receive(b"\x10\x04\x04") == b"\x12"
    assert far_end.receive(b"1\n\x10\x04\x04") == b"\x1e"
    assert far_end.receive(b"2\n3\n4\n\x10\x04\x04\x10\x04\x02") == b"\x7e\x32"
    assert [line.text for line in far_end.paper] == ["1", "2", "3"]


def test_a_slow_printer_takes_its_time_and_chokes() -> None:
    """What is sent faster than it prints waits, fills the buffer, and then is lost."""
    clock = VirtualClock()
    far_end = EscposPrinterFarEnd(clock)
    far_end.bytes_per_second, far_end.buffer_bytes = 2, 4

    assert far_end.receive(b"ab\ncd\n\x10\x04\x01") == b"\x1a"
    assert far_end.lost_bytes == 2
    assert not far_end.paper

    clock.wait(1.5)
    far_end.receive(b"")
    assert [line.text for line in far_end.paper] == ["ab"]


def test_the_buffer_can_be_thrown_away() -> None:
    """DLE DC4 8 forgets what is not printed yet, a line that was begun included."""
    far_end = EscposPrinterFarEnd(VirtualClock())
    far_end.receive(b"begun\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08other\n")

    assert [line.text for line in far_end.paper] == ["other"]
