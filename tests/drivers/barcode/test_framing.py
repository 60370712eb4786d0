"""A scanner's bytes cut into codes, however they arrive."""

from __future__ import annotations

import random

import pytest

from drivers.barcode.framing import FrameRules, RawScan, ScanFramer
from tests.kit.effort import effort

ARRIVALS = {"whole": 10_000, "byte by byte": 1, "in threes": 3}


def said(scans: tuple[RawScan, ...] | list[RawScan]) -> list[str]:
    return [scan.code.reveal() if not scan.flaw else f"!{scan.flaw}" for scan in scans]


def fed(framer: ScanFramer, data: bytes, size: int) -> list[str]:
    scans: list[RawScan] = []
    for start in range(0, len(data), size):
        scans += framer.feed(data[start : start + size])
    return said(scans)


STREAMS = [
    (b"30234000517861\r", ["30234000517861"]),
    (b"30234000517861\n", ["30234000517861"]),
    (b"30234000517861\r\n", ["30234000517861"]),
    (b"30234000517861\t", ["30234000517861"]),
    (b"\x0230234000517861\x03", ["30234000517861"]),
    (b"\x0230234000517861\x03\r\n", ["30234000517861"]),
    (b"1\r2\n3\t4\r\n\x025\x03", ["1", "2", "3", "4", "5"]),
    (b"\r\n\r\n\t\x03\x02\x03", []),
    (b"\x00\x0012\x0034\r", ["1234"]),
    (b"12\x0734\r56\r", ["!control", "56"]),
    (b"\x1b[A\r56\r", ["!control", "56"]),
    (b"12\x7f\r", ["!control"]),
    (b"12\xb234\r", ["!alphabet"]),
    ("图书馆\r".encode("gb18030"), ["!alphabet"]),
    (b"1234\x025678\x03", ["!length", "5678"]),
    (b"1" * 256 + b"\r", ["1" * 256]),
    (b"1" * 257 + b"\r2\r", ["!length", "2"]),
    (b"1" * 100_000 + b"\r2\r", ["!length", "2"]),
    (b"1" * 300 + b"\x022\x03", ["!length", "2"]),
]


@pytest.mark.parametrize("size", ARRIVALS.values(), ids=ARRIVALS.keys())
@pytest.mark.parametrize(("stream", "expected"), STREAMS, ids=[repr(stream[:12]) for stream, _ in STREAMS])
def test_bytes_become_codes(stream: bytes, expected: list[str], size: int) -> None:
    """Every terminator ends a code, an empty one is nothing, and a flaw spoils no more than its own code."""
    assert fed(ScanFramer(), stream, size) == expected


def test_silence_ends_a_code_only_where_no_terminator_is_sent() -> None:
    """Half a number is a scan for a scanner without terminator, and a flaw for all others."""
    with_terminator, without = ScanFramer(), ScanFramer(FrameRules(ends_by_silence=True))
    assert with_terminator.feed(b"302340005") == without.feed(b"302340005") == ()
    assert with_terminator.is_pending

    assert said(with_terminator.silence()) == ["!length"]
    assert said(without.silence()) == ["302340005"]
    assert not with_terminator.is_pending
    assert with_terminator.silence() == without.silence() == ()
    assert said(with_terminator.feed(b"17861\r")) == ["17861"]


def test_what_is_ignored_is_a_setting() -> None:
    """A group separator is dropped where the settings say so, and a flaw otherwise."""
    assert fed(ScanFramer(FrameRules(ignored=b"\x1d")), b"01\x1d21\r", 1) == ["0121"]
    assert fed(ScanFramer(), b"01\x1d21\r", 1) == ["!control"]


def test_a_code_is_masked_until_it_is_asked_for() -> None:
    """Neither a framer nor its scans show a number in a log line."""
    framer = ScanFramer()
    framer.feed(b"30234000517861")
    assert "30234" not in repr(framer)
    assert "30234" not in repr(framer.feed(b"\r"))


@pytest.mark.parametrize("ends_by_silence", [False, True])
def test_no_bytes_break_the_framer(ends_by_silence: bool) -> None:
    """20 000 seeded inputs give scans of printable ASCII within the cap, or flaws of the known words."""
    chance = random.Random(7)
    rules = FrameRules(ends_by_silence, code_size_max=32)
    framer = ScanFramer(rules)
    spice = [0x02, 0x03, 0x0D, 0x0A, 0x09, 0x00, 0x5D, 0x41]
    for _ in range(effort(20_000)):
        data = bytes(
            chance.choice(spice) if chance.random() < 0.3 else chance.randrange(256)
            for _ in range(chance.randrange(48))
        )
        scans = framer.feed(data) + (framer.silence() if chance.random() < 0.2 else ())
        for scan in scans:
            text = scan.code.reveal()
            assert scan.flaw in ("", "control", "alphabet", "length")
            assert bool(text) != bool(scan.flaw)
            assert len(text) <= 32
            assert all(0x20 <= ord(character) < 0x7F for character in text)
