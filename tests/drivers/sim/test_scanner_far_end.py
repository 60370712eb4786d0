"""The scanner's far end says what a scanner says."""

from __future__ import annotations

from drivers.link.memory import VirtualClock
from drivers.sim.scanner import BrokenOff, ControlInside, Endless, GarbageBefore, ScannerFarEnd, Split


def drained(far_end: ScannerFarEnd) -> list[bytes]:
    return list(iter(lambda: far_end.receive(b""), b""))


def test_a_code_goes_out_as_the_scanner_is_set() -> None:
    """Prefix, AIM identifier, code and terminator stand in this order."""
    far_end = ScannerFarEnd(VirtualClock(), prefix=b"#", terminator=b"\r\n")
    far_end.scan("30234000517861", aim="F0")
    assert drained(far_end) == [b"#]F030234000517861\r\n"]


def test_each_fault_is_what_its_name_says() -> None:
    """Split, garbage, control character, absurd length and a broken-off code appear in the bytes."""
    far_end = ScannerFarEnd(VirtualClock())
    far_end.scan("123456", fault=Split(3))
    assert drained(far_end) == [b"123", b"456", b"\r"]
    far_end.scan("123456", fault=GarbageBefore(b"\xff"))
    far_end.scan("123456", fault=ControlInside(2, 0x1B))
    far_end.scan("123456", fault=Endless(8))
    far_end.scan("123456", fault=BrokenOff(2))
    assert drained(far_end) == [b"\xff123456\r", b"12\x1b3456\r", b"12345612\r", b"12"]


def test_pieces_come_when_they_are_due() -> None:
    """A gap between pieces is a gap on the clock."""
    clock = VirtualClock()
    far_end = ScannerFarEnd(clock)
    far_end.scan("123456", fault=Split(4, 0.5))
    assert drained(far_end) == [b"1234"]
    clock.wait(0.5)
    assert drained(far_end) == [b"56\r"]


def test_a_dark_scanner_reads_nothing() -> None:
    """The stop command makes it dark, the start command lights it, also when a command comes in pieces."""
    far_end = ScannerFarEnd(VirtualClock())
    far_end.receive(b"<I")
    assert far_end.is_lit
    far_end.receive(b">")
    assert not far_end.is_lit
    far_end.scan("123456")
    assert drained(far_end) == []
    far_end.receive(b"noise<H>")
    far_end.scan("123456")
    assert drained(far_end) == [b"123456\r"]
