"""The scanner on a line: settings, silence, faults and loss."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from drivers.barcode import Scan, Symbology, serial_scanner
from drivers.barcode.framing import FrameRules
from drivers.barcode.serial_scanner import SerialScanner, SerialScannerSettings
from drivers.barcode.symbology import DIGITS, LIBRARY_CODABAR, CodeRule
from drivers.link import DeviceLost, SettingsError
from drivers.link.memory import Late, MemoryLink, Sound, VirtualClock
from drivers.masked import Masked
from drivers.sim.scanner import (
    BrokenOff,
    ControlInside,
    Endless,
    GarbageBefore,
    ScannerFarEnd,
    Split,
)
from tests.kit.effort import effort

SILENT = SerialScannerSettings(frames=FrameRules(ends_by_silence=True), silence_seconds=0.08)


class Bench:
    """A scanner on a memory link, its far end and its clock."""

    def __init__(self, settings: SerialScannerSettings | None = None, terminator: bytes = b"\r") -> None:
        self.clock = VirtualClock()
        self.far_end = ScannerFarEnd(self.clock, terminator=terminator)
        self.link = MemoryLink(self.far_end, self.clock)
        self.scanner: SerialScanner = serial_scanner.open(
            settings or SerialScannerSettings(), self.link, self.clock
        )

    def read(self, timeout_seconds: float = 5.0) -> str:
        scan = self.scanner.read(timeout_seconds)
        return "nothing" if scan is None else scan.text.reveal() or f"!{scan.flaw}"


def test_nothing_is_none_after_exactly_the_time_given() -> None:
    """A read without a scan takes its time-out and no longer; a zero time-out only looks."""
    bench = Bench()
    assert bench.read(0.25) == "nothing"
    assert bench.clock.monotonic() == pytest.approx(0.25)
    assert bench.read(0) == "nothing"
    assert bench.clock.monotonic() == pytest.approx(0.25)


def test_a_pause_inside_a_code_does_not_cut_it() -> None:
    """A code whose bytes come 0.2 s apart is one scan, also when it is read in slices of 0.1 s."""
    bench = Bench()
    bench.far_end.scan("30234000517861", fault=Split(5, 0.2))
    seen = [bench.read(0.1) for _ in range(8)]
    assert [one for one in seen if one != "nothing"] == ["30234000517861"]


def test_half_a_code_is_a_flaw_after_a_second_and_spoils_nothing() -> None:
    """A code that broke off is told as flawed in length once the line rested, and the next scan is whole."""
    bench = Bench(replace(SerialScannerSettings(), rules=(CodeRule(Symbology.UNKNOWN, 4, 14, DIGITS),)))
    bench.far_end.scan("30234000517861", fault=BrokenOff(7))
    assert bench.read(0.5) == "nothing"
    assert bench.read(5.0) == "!length"
    assert bench.clock.monotonic() == pytest.approx(1.0)
    bench.far_end.scan("30234000517861")
    assert bench.read() == "30234000517861"


def test_silence_closes_a_code_without_terminator() -> None:
    """A scanner set to send no terminator gives its scan after the set silence, not after the time-out."""
    bench = Bench(SILENT, terminator=b"")
    bench.link.inject(Sound(), Late(0.03), Late(0.03))
    bench.far_end.scan("30234000517861", fault=Split(5))
    assert bench.read(5.0) == "30234000517861"
    assert bench.clock.monotonic() == pytest.approx(0.03 + 0.03 + 0.08)


FAULTS = [
    (ControlInside(4), ["!control", "30234000517861"]),
    (GarbageBefore(b"\xff\xfe\x9c"), ["!alphabet", "30234000517861"]),
    (GarbageBefore(b"\x00\x00"), ["30234000517861", "30234000517861"]),
    (GarbageBefore(b"\x1b[2J\r"), ["!control", "30234000517861"]),
    (Endless(100_000), ["!length", "30234000517861"]),
    (Endless(200), ["!length", "30234000517861"]),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS, ids=[repr(fault) for fault, _ in FAULTS])
def test_a_bad_scan_is_told_and_the_next_one_counts(
    fault: ControlInside | GarbageBefore | Endless, expected: list[str]
) -> None:
    """Control characters, line noise and absurd lengths are flaws of one scan; the next is read as ever."""
    bench = Bench()
    bench.far_end.scan("30234000517861", fault=fault)
    bench.far_end.scan("30234000517861")
    assert [bench.read(), bench.read()] == expected


def test_a_prefix_is_removed_and_has_to_be_there() -> None:
    """With a prefix set, a code without it is not trusted: its first letter may be part of the number."""
    bench = Bench(replace(SerialScannerSettings(), prefix="#1"))
    bench.far_end.prefix = b"#1"
    bench.far_end.scan("30234000517861", aim="F0")
    assert bench.scanner.read(1) == Scan(Masked("30234000517861"), Symbology.CODABAR)
    bench.far_end.prefix = b""
    bench.far_end.scan("30234000517861")
    assert bench.read() == "!alphabet"


def test_what_was_scanned_before_opening_is_nobodys() -> None:
    """Bytes that lay on the line when the scanner was opened never become a scan."""
    clock = VirtualClock()
    far_end = ScannerFarEnd(clock)
    link = MemoryLink(far_end, clock)
    far_end.scan("30234000517861", fault=Split(8))
    assert link.read(4, 1) == b"3023"  # the rest of the first piece has arrived and waits

    scanner = serial_scanner.open(SerialScannerSettings(), link, clock)
    scan = scanner.read(3)
    assert scan is not None
    assert scan.flaw == "length"


def test_a_scanner_that_takes_commands_is_lit_while_it_is_open() -> None:
    """The start command goes out when it is opened and the stop command when it is closed, once."""
    settings = replace(SerialScannerSettings(), start_command="<H>", stop_command="<I>")
    bench = Bench(settings)
    assert bench.far_end.is_lit
    bench.scanner.close()
    assert not bench.far_end.is_lit
    bench.scanner.close()
    with pytest.raises(DeviceLost):
        bench.scanner.read(0)


def test_closing_an_unplugged_scanner_is_quiet() -> None:
    """Closing never raises, also when the stop command finds nobody."""
    bench = Bench(replace(SerialScannerSettings(), stop_command="<I>"))
    bench.link.unplug()
    bench.scanner.close()
    bench.scanner.close()
    with pytest.raises(DeviceLost):
        bench.link.read(1, 0)


WRONG = [
    ({"rules": ()}, "rules"),
    ({"rules": (CodeRule(Symbology.QR, 0, 4),)}, "lengths of qr"),
    ({"rules": (CodeRule(Symbology.QR, 5, 4),)}, "lengths of qr"),
    ({"rules": (CodeRule(Symbology.QR, 1, 65),)}, "text_length_max"),
    ({"rules": (CodeRule(Symbology.QR, alphabet=""),)}, "alphabet of qr"),
    ({"rules": (CodeRule(Symbology.QR, alphabet="1é"),)}, "alphabet of qr"),
    ({"frames": FrameRules(code_size_max=0)}, "code_size_max is 0"),
    ({"frames": FrameRules(code_size_max=5000)}, "code_size_max is 5000"),
    ({"frames": FrameRules(ignored=b"\x001")}, "frames.ignored"),
    ({"text_length_max": 300, "rules": (LIBRARY_CODABAR,)}, "text_length_max"),
    ({"silence_seconds": 0.0}, "silence_seconds is 0.0"),
    ({"silence_seconds": 11.0}, "silence_seconds is 11.0"),
    ({"prefix": "号"}, "prefix"),
    ({"start_command": "é"}, "start_command"),
]


@pytest.mark.parametrize(("change", "named"), WRONG, ids=[named for _, named in WRONG])
def test_a_setting_that_cannot_be_is_named(change: dict[str, object], named: str) -> None:
    """Opening with a wrong setting says which one, and closes the link."""
    clock = VirtualClock()
    link = MemoryLink(ScannerFarEnd(clock), clock)
    settings = SerialScannerSettings(**change)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=named):
        serial_scanner.open(settings, link, clock)
    with pytest.raises(DeviceLost):
        link.read(1, 0)


@pytest.mark.parametrize("call", range(6))
def test_unplugging_at_any_moment_is_device_lost(call: int) -> None:
    """Whichever read the cable is pulled before, the scanner says so; opened again it reads the next code."""
    bench = Bench()
    bench.far_end.scan("30234000517861", fault=Split(3, 0.05))
    for _ in range(call):
        bench.read(0.05)
    bench.link.unplug()
    with pytest.raises(DeviceLost):
        bench.read(0.05)
    bench.scanner.close()
    again = MemoryLink(bench.far_end, bench.clock)
    scanner = serial_scanner.open(SerialScannerSettings(), again, bench.clock)
    bench.clock.wait(2)
    bench.far_end.scan("30234000517861")
    scans = [scanner.read(3) for _ in range(2)]
    assert "30234000517861" in [scan.text.reveal() for scan in scans if scan is not None]


@pytest.mark.parametrize("settings", [SerialScannerSettings(), SILENT], ids=["terminated", "by silence"])
def test_no_bytes_on_the_line_break_the_scanner(settings: SerialScannerSettings) -> None:
    """20 000 seeded inputs give scans of allowed text or flawed scans without text, and never an error."""
    chance = random.Random(13)
    bench = Bench(settings)
    words = [
        b"30234000517861",
        b"]F0A30234000517861B",
        b"]A",
        b"\x02",
        b"\x03",
        b"\r\n",
        b"\t",
        b"9780306406157",
    ]
    for _ in range(effort(20_000)):
        data = b"".join(
            chance.choice(words) if chance.random() < 0.5 else chance.randbytes(chance.randrange(20))
            for _ in range(chance.randrange(1, 5))
        )
        bench.far_end.type(data, chance.choice((0, 1, 3)), chance.choice((0.0, 0.0, 0.05)))
        scan = bench.scanner.read(0.02)
        if scan is not None:
            assert scan.flaw in ("", "control", "length", "check", "alphabet", "symbology")
            assert scan.text.reveal() == ("" if scan.flaw else "30234000517861")


def test_endless_noise_does_not_hold_a_read_beyond_its_time() -> None:
    """A line that never falls silent and never ends a code lets the read return in time."""

    class Babbler:
        def __init__(self, clock: VirtualClock) -> None:
            self.clock = clock

        def receive(self, data: bytes) -> bytes:
            self.clock.wait(0.01)
            return b"7" * 100

    clock = VirtualClock()
    scanner = serial_scanner.open(SerialScannerSettings(), MemoryLink(Babbler(clock), clock), clock)
    started = clock.monotonic()
    assert scanner.read(0.5) is None
    assert clock.monotonic() - started < 0.6
