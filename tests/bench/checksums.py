"""The check sums of frames and tags, as the product computes them, against a table of 256 words in Python."""

from __future__ import annotations

from collections.abc import Callable

from drivers.rfid import m210, obid
from drivers.rfid.tagdata import iso28560_3
from tests.bench.figures import Figure
from tests.bench.pairs import ratios

FRAME = bytes(range(17, 17 + 62))
"""As long as an answer that holds eight blocks."""

TAG = bytes(range(32, 64))
TOP, MASK = 0x8000, 0xFFFF


def _word(byte: int, polynomial: int, *, is_reflected: bool) -> int:
    crc = byte if is_reflected else byte << 8
    for _ in range(8):
        if is_reflected:
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
        else:
            crc = (crc << 1 ^ (polynomial if crc & TOP else 0)) & MASK
    return crc


REFLECTED = tuple(_word(byte, 0x8408, is_reflected=True) for byte in range(256))
PLAIN = tuple(_word(byte, 0x1021, is_reflected=False) for byte in range(256))


def mcrf4xx(data: bytes) -> int:
    """FEIG's, by a table."""
    crc = MASK
    table = REFLECTED
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


def ccitt_false(data: bytes) -> int:
    """ISO 28560-3's, by a table."""
    crc = MASK
    table = PLAIN
    for byte in data:
        crc = (crc << 8 & MASK) ^ table[crc >> 8 ^ byte]
    return crc


def genibus(data: bytes) -> int:
    """3M's, by a table."""
    return ccitt_false(data) ^ MASK


def of_a_tag(memory: bytes) -> int:
    """ISO 28560-3 leaves the check sum itself out and fills up to 34 bytes."""
    return ccitt_false(memory[:19] + memory[21:32] + b"\0\0")


CASES: tuple[tuple[str, Callable[[bytes], int], Callable[[bytes], int], bytes], ...] = (
    ("CRC-16/MCRF4XX of a FEIG frame", obid.checksum, mcrf4xx, FRAME),
    ("CRC-16/GENIBUS of a 3M frame", m210.checksum, genibus, FRAME),
    ("CRC-16/CCITT-FALSE of a tag", iso28560_3.checksum, of_a_tag, TAG),
)


def figures(pairs: int, repeat: int) -> list[Figure]:
    """A figure for each check sum: *pairs* ratios of *repeat* frames."""
    measured = []
    for name, ours, table, data in CASES:
        if ours(data) != table(data):
            raise AssertionError(f"{name}: ours is {ours(data):04X}, the table's {table(data):04X}")

        def by_us(ours: Callable[[bytes], int] = ours, data: bytes = data) -> object:
            return ours(data)

        def by_table(table: Callable[[bytes], int] = table, data: bytes = data) -> object:
            return table(data)

        samples = ratios(by_us, by_table, pairs=pairs, repeat=repeat)
        measured.append(Figure(name, samples, "times", "a table of 256 words in Python", 1.0))
    return measured
