"""Traces: enough to find a fault, nothing that names a person."""

from __future__ import annotations

import logging

import pytest

from drivers.link import CardPresence, DeviceLost
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.trace import TraceApduLink, TraceLink, conceal

SECRET = b"AD1234|"


class Echo:
    """Answers with what it hears."""

    def receive(self, data: bytes) -> bytes:
        return data


class Card:
    """A reader with a card whose every answer is the same."""

    def wait_for_change(self, timeout_seconds: float) -> CardPresence:
        return CardPresence.PRESENT

    def transmit(self, command: bytes, timeout_seconds: float) -> bytes:
        if not command:
            raise DeviceLost("gone")
        return b"12345678\x90\x00"

    def close(self) -> None:
        return None


def test_a_trace_shows_directions_and_lengths_only() -> None:
    """By default no byte of what was said is in the lines."""
    lines: list[str] = []
    link = TraceLink(MemoryLink(Echo(), VirtualClock()), lines.append)
    link.write(SECRET, 1.0)
    link.read(100, 1.0)
    link.read(100, 1.0)
    link.write(b"rest", 1.0)
    link.discard_input()

    assert lines == ["> 7 bytes", "< 7 bytes", "> 4 bytes", "x 4 bytes"]


def test_a_trace_with_bytes_shows_them_as_hex_after_redaction() -> None:
    """Where bytes are asked for they are shown, except what the redaction blanks."""
    lines: list[str] = []
    link = TraceLink(
        MemoryLink(Echo(), VirtualClock()),
        lines.append,
        show_bytes=True,
        redact=lambda data: data.replace(b"1234", b"****"),
    )
    link.write(SECRET, 1.0)
    answer = link.read(100, 1.0)

    assert answer == SECRET
    assert lines == ["> 7 bytes: 41 44 2a 2a 2a 2a 7c", "< 7 bytes: 41 44 2a 2a 2a 2a 7c"]


def test_a_failure_is_told_and_passed_on() -> None:
    """A lost device is a line in the trace and still an error."""
    lines: list[str] = []
    memory = MemoryLink(Echo(), VirtualClock())
    link = TraceLink(memory, lines.append)
    memory.unplug()

    with pytest.raises(DeviceLost):
        link.read(1, 0.0)
    with pytest.raises(DeviceLost):
        link.write(b"x", 0.0)
    assert lines == ["! read: DeviceLost", "> 1 bytes", "! write: DeviceLost"]


def test_a_trace_goes_to_the_log_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    """Without another place the lines are debug lines of the log."""
    with caplog.at_level(logging.DEBUG):
        TraceLink(MemoryLink(Echo(), VirtualClock())).write(SECRET, 1.0)

    assert [(record.levelname, record.message) for record in caplog.records] == [("DEBUG", "> 7 bytes")]


def test_a_card_readers_trace_shows_changes_and_lengths() -> None:
    """A card's coming is told once, its answers by length, its failure by kind."""
    lines: list[str] = []
    link = TraceApduLink(Card(), lines.append)
    link.wait_for_change(0.1)
    link.wait_for_change(0.1)
    answer = link.transmit(b"\xff\xca\x00\x00\x00", 1.0)
    with pytest.raises(DeviceLost):
        link.transmit(b"", 1.0)
    link.close()

    assert answer == b"12345678\x90\x00"
    assert lines == ["card present", "> 5 bytes", "< 10 bytes", "> 0 bytes", "! transmit: DeviceLost"]


def test_a_concealed_secret_is_zeros_in_every_direction() -> None:
    """What a driver conceals is shown as zeros from then on; the device gets it as it is."""
    lines: list[str] = []
    link = TraceLink(MemoryLink(Echo(), VirtualClock()), lines.append, show_bytes=True)
    conceal(link, b"1234")
    link.write(SECRET, 1.0)

    assert link.read(100, 1.0) == SECRET
    assert lines == ["> 7 bytes: 41 44 00 00 00 00 7c", "< 7 bytes: 41 44 00 00 00 00 7c"]


def test_concealing_from_a_link_without_a_trace_changes_nothing() -> None:
    """A driver conceals what it sends wherever it is opened; an empty secret conceals nothing."""
    plain = MemoryLink(Echo(), VirtualClock())
    lines: list[str] = []
    traced = TraceLink(plain, lines.append, show_bytes=True)
    conceal(plain, b"1234")
    conceal(traced, b"")
    traced.write(SECRET, 1.0)

    assert plain.read(100, 1.0) == SECRET
    assert lines == ["> 7 bytes: 41 44 31 32 33 34 7c"]


def test_a_trace_around_a_line_without_a_speed_has_none() -> None:
    """Retuning a traced link that has no speed changes nothing and says so."""
    lines: list[str] = []
    link = TraceLink(MemoryLink(Echo(), VirtualClock()), lines.append)

    assert not link.retune(57600)
    assert lines == []
