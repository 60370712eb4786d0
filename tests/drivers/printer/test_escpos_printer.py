"""The ESC/POS driver against printers that are slow, silent, empty, confused or gone."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.link import DeviceLost, SettingsError
from drivers.link.memory import Corrupted, Late, Lost, MemoryLink, Noise, Repeated, Sound, VirtualClock
from drivers.printer import (
    Align,
    Document,
    Gap,
    NotPrinted,
    Obstacle,
    Pair,
    Paper,
    Printed,
    PrinterStatus,
    Rule,
    Size,
    Text,
    escpos_printer,
)
from drivers.printer.escpos_printer import Chinese, CodePage, EscposPrinter, EscposPrinterSettings
from drivers.printer.layout import LINES_MAX
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from tests.kit.effort import effort
from tests.kit.printer_bench import (
    LONG,
    Bench,
    check_a_broken_document_is_told_and_forgotten,
    check_no_half_document_is_confirmed,
    check_nothing_is_lost,
    check_silence_is_not_believed,
)

FONT = Path(__file__).parents[3] / "ui" / "fonts" / "NotoSansSC-Regular.otf"
UNKNOWN = PrinterStatus()


def test_size_weight_and_place_arrive_on_paper() -> None:
    """A heading is large, bold and in the middle; what follows is not."""
    bench = Bench()

    bench.printer.print(
        Document((Text("Desk", Size.LARGE, Align.CENTRE, is_bold=True), Gap(), Text("plain"), Rule()))
    )

    heading, _, plain, rule = bench.far_end.paper[:4]
    assert (heading.text, heading.width, heading.height) == ("Desk", 2, 2)
    assert heading.is_bold
    assert heading.is_centred
    assert (plain.text, plain.width, plain.is_bold, plain.is_centred) == ("plain", 1, False, False)
    assert rule.text == "-" * 42


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_a_pair_reaches_the_right_edge(columns: int) -> None:
    """What something is called stands left, what it is ends at the edge, also where letters are two columns wide."""
    bench = Bench(columns=columns)
    bench.far_end.columns = columns

    bench.printer.print(Document((Pair("图书号", "10000001"), Pair("Number", "10000001"))))

    assert bench.words == [
        "图书号" + " " * (columns - 14) + "10000001",
        "Number" + " " * (columns - 14) + "10000001",
    ]


def test_chinese_is_drawn_where_the_printer_knows_none(capfd: pytest.CaptureFixture[str]) -> None:
    """With "raster" a Chinese line is a picture as wide as the paper, an English one stays letters."""
    bench = Bench(chinese=Chinese.RASTER, font=str(FONT))
    bench.far_end.has_chinese = False

    assert (
        bench.printer.print(Document((Text("请在服务台出示"), Text("Show this at the desk"))))
        is Printed.CONFIRMED
    )

    drawn, written = bench.far_end.paper[:2]
    assert drawn.picture is not None
    assert drawn.picture.width_bytes * 8 == 42 * 12
    assert any(drawn.picture.data)
    assert written.text == "Show this at the desk"
    assert capfd.readouterr() == ("", "")


def test_letters_with_accents_survive_without_chinese() -> None:
    """With "none" the code page is set, and what it lacks becomes a question mark, never a command."""
    bench = Bench(chinese=Chinese.NONE, code_page=CodePage.CP858)
    bench.far_end.has_chinese = False

    bench.printer.print(Document((Text("Grüße für 5 €"), Text("书"))))

    assert bench.words == ["Grüße für 5 €", "?"]


def test_a_character_no_printer_has_is_seen_to_be_missing() -> None:
    """A character beyond the basic plane is printed as GB2312's sign for that, and what follows stays right."""
    bench = Bench()

    bench.printer.print(Document((Text("喆堃镕𠮷四个少见的字"),)))

    assert bench.words == ["喆堃镕〓四个少见的字"]


def test_nothing_in_a_title_is_a_command() -> None:
    """A title with a cut, a drawer kick and a real-time reset in it is printed without them."""
    bench = Bench()

    bench.printer.print(
        Document(
            (Text("A\x1dV\x00B\x1bp\x00\x19\x19C\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08D\u202eE\n\tF"),)
        )
    )

    assert "".join(bench.words).replace(" ", "") == "AVBpCDEF"
    assert sum(line.is_cut for line in bench.far_end.paper) == 1


@settings(max_examples=effort(200), deadline=None)
@given(st.text(max_size=300))
def test_any_text_prints_as_one_document(text: str) -> None:
    """Whatever stands in a title, the printer stays in step: what comes after it is printed as it should be."""
    bench = Bench()

    assert bench.printer.print(Document((Text(text), Text("after it")))) is Printed.CONFIRMED

    assert bench.words[-1] == "after it"
    assert bench.far_end.paper[-1].is_cut


def test_a_document_has_an_end() -> None:
    """However long a document is, it takes a limited length of paper."""
    bench = Bench()

    bench.printer.print(Document((Text("word " * 200),) * 100))

    assert len(bench.far_end.paper) < LINES_MAX + 20


@pytest.mark.parametrize("speed", [200, 1000, 5000])
def test_a_slow_printer_loses_nothing(speed: int) -> None:
    """A printer with a small buffer and no handshake is waited for: every line is on paper when it is confirmed."""
    check_nothing_is_lost(EscposPrinter, speed)


def test_a_printer_that_is_too_slow_is_given_up_and_prints_nothing_later() -> None:
    """When the time for a document is over it is broken off, and the rest is not printed before the next one."""
    bench = Bench(print_seconds_max=3.0)
    bench.far_end.bytes_per_second = 100
    bench.far_end.buffer_bytes = 1024

    with pytest.raises(NotPrinted) as caught:
        bench.printer.print(LONG)

    assert caught.value.obstacle is Obstacle.OFFLINE
    bench.far_end.bytes_per_second = 0
    bench.far_end.tear_off()
    assert bench.printer.print(Document((Text("the next"),))) is Printed.CONFIRMED
    assert bench.words == ["the next"]


@pytest.mark.parametrize("lines", [1, 5, 20, 39])
def test_paper_that_ends_in_the_middle_is_told_and_the_rest_is_forgotten(lines: int) -> None:
    """A document that the paper did not suffice for is not printed, and does not go on when paper is put in."""
    check_a_broken_document_is_told_and_forgotten(EscposPrinter, lines)


def test_no_half_document_is_confirmed() -> None:
    """Wherever the paper ends, also after all bytes were taken, the document is not confirmed."""
    check_no_half_document_is_confirmed(EscposPrinter)


def test_a_printer_without_a_way_back_prints_and_is_not_believed() -> None:
    """A printer that never answers gets every line; its status is unknown, not fine, and nothing is confirmed."""
    check_silence_is_not_believed(EscposPrinter)


def test_a_printer_that_takes_no_bytes_is_lost() -> None:
    """A line that stands still ends in `DeviceLost` within the time for one piece."""
    bench = Bench()
    bench.link.refuses_writes = True

    with pytest.raises(DeviceLost):
        bench.printer.print(LONG)

    assert bench.clock.monotonic() <= EscposPrinterSettings().write_seconds_max + 1


class CutAfter:
    """A far end whose cable is pulled after *size* bytes."""

    def __init__(self, far_end: EscposPrinterFarEnd, size: int) -> None:
        self.far_end = far_end
        self.size = size
        self.link: MemoryLink | None = None

    def receive(self, data: bytes) -> bytes:
        self.size -= len(data)
        if self.size < 0:
            assert self.link is not None
            self.link.unplug()
            return b""
        return self.far_end.receive(data)


@pytest.mark.parametrize("size", [0, 10, 100, 1000])
def test_a_cable_pulled_while_it_prints_is_a_lost_device(size: int) -> None:
    """Wherever the cable comes out, the document is not said to be printed."""
    clock = VirtualClock()
    far_end = CutAfter(EscposPrinterFarEnd(clock), size)
    far_end.link = MemoryLink(far_end, clock)
    printer = escpos_printer.open(EscposPrinterSettings(), far_end.link, clock)

    with pytest.raises(DeviceLost):
        printer.print(LONG)


@pytest.mark.parametrize(
    "fault",
    [
        Lost(),
        Corrupted(0, 0x02),
        Corrupted(0, 0x81),
        Noise(b"\x12"),
        Noise(b"garbage"),
        Repeated(),
        Late(2.0),
    ],
    ids=lambda fault: repr(fault),
)
def test_an_answer_that_is_none_leaves_the_state_unknown(fault: Lost) -> None:
    """A lost, late, doubled or garbled answer is never taken for a good state; the next sound one is."""
    bench = Bench()
    bench.link.inject(fault)

    assert bench.printer.status() == UNKNOWN

    bench.clock.wait(5.0)
    assert bench.printer.status().is_fine


@pytest.mark.parametrize("lost", [1, 2])
def test_half_a_state_is_not_a_good_one(lost: int) -> None:
    """Where one of the answers is missing, what it would have told is unknown, so the printer is not fine."""
    bench = Bench()
    bench.link.inject(*(Sound(),) * lost, Lost())

    status = bench.printer.status()

    assert status.is_online
    assert not status.is_fine
    assert not status.is_known
    assert (status.paper is Paper.NOT_KNOWN) is (lost == 2)
    assert (status.is_cover_open is None) is (lost == 1)


class Babbler:
    """A printer that answers everything with the next bytes of a reel."""

    def __init__(self, reel: bytes) -> None:
        self.reel = reel

    def receive(self, data: bytes) -> bytes:
        answer, self.reel = self.reel[: len(data)], self.reel[len(data) :]
        return answer


@settings(max_examples=effort(200), deadline=None)
@given(st.binary(max_size=2000))
def test_garbage_from_a_printer_ends_in_time(reel: bytes) -> None:
    """Whatever a printer answers, printing ends within its time, with a result or one of the errors it names."""
    clock = VirtualClock()
    settings = EscposPrinterSettings(print_seconds_max=5.0)
    printer = escpos_printer.open(settings, MemoryLink(Babbler(reel), clock), clock)

    with suppress(DeviceLost, NotPrinted):
        printer.print(Document(LONG.blocks[:10]))

    assert clock.monotonic() <= 2 * settings.print_seconds_max + 12 * settings.answer_seconds_max


def test_flow_control_bytes_are_no_answers() -> None:
    """XOFF and XON around an answer do not spoil it."""
    bench = Bench()
    bench.link.inject(Noise(b"\x13\x11"))

    assert bench.printer.status().is_fine


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (EscposPrinterSettings(columns=33), "columns is 33"),
        (EscposPrinterSettings(columns=200), "columns is 200"),
        (EscposPrinterSettings(chinese=Chinese.RASTER, font="nowhere.otf"), "nowhere.otf"),
        (EscposPrinterSettings(columns=64, chinese=Chinese.RASTER, font=str(FONT)), "at most 48"),
        (EscposPrinterSettings(piece_bytes=1), "piece_bytes is 1"),
        (EscposPrinterSettings(answer_seconds_max=0.0), "answer_seconds_max is 0.0"),
    ],
)
def test_settings_no_printer_can_have_are_named(settings: EscposPrinterSettings, named: str) -> None:
    """A wrong setting is refused when the printer is opened, with its name and what is allowed."""
    clock = VirtualClock()

    with pytest.raises(SettingsError, match=named.replace(".", r"\.")):
        escpos_printer.open(settings, MemoryLink(EscposPrinterFarEnd(clock), clock), clock)


def test_a_file_that_is_no_font_is_named() -> None:
    """A font setting that leads to something else is the installer's, with the path in the sentence."""
    bench = Bench(chinese=Chinese.RASTER, font=__file__)

    with pytest.raises(SettingsError, match="not a readable font"):
        bench.printer.print(Document((Text("书"),)))


def test_printing_leaves_no_folder_and_no_log_handler_behind(tmp_path: Path) -> None:
    """What python-escpos makes when it is imported is cleared away: no temporary folder, no handler on the root."""
    program = (
        "import logging; from drivers.printer.escpos_commands import *; "
        "Composer(42, Chinese.GB18030, CodePage.CP858, '', has_cutter=True); assert not logging.root.handlers"
    )

    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        timeout=60,
    )

    assert list(tmp_path.iterdir()) == []


def test_the_driver_alone_imports_neither_package() -> None:
    """Knowing the driver costs nothing: python-escpos and Pillow come with the first document."""
    program = (
        "import sys; import drivers.printer.escpos_printer; assert not {'escpos', 'PIL'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3], timeout=60)
