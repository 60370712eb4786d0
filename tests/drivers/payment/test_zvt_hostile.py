"""Bytes from a broken or hostile line: each parser gives a value or its own error, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from drivers.payment.card_numbers import without_card_numbers
from drivers.payment.zvt import Apdu, ApduCutter, Control, ZvtError, decode, encode
from drivers.payment.zvt_fields import Encoding, fields_of, text_of, tlv_of
from drivers.payment.zvt_hearing import Hearing, completion_of, intermediate_of, lines_of, status_of
from drivers.payment.zvt_serial import BlockReader
from drivers.payment.zvt_trace import redact
from tests.drivers.payment.test_zvt import GOLDEN, MESSAGES
from tests.kit.effort import effort

CP437 = Encoding.CP437
BODIES = [decode(data).data for data in MESSAGES.values()]


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    kind = chance.randrange(4)
    data = bytearray(chance.choice(seeds))
    if kind == 0:
        return chance.randbytes(chance.randrange(120))
    if kind == 1:
        return bytes(data[: chance.randrange(len(data) + 1)])
    for _ in range(chance.randrange(1, 4)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data) if kind == 2 else bytes(chance.choice(seeds) + data)


def all_parts(data: bytes) -> object:
    reader = BlockReader()
    reader.feed(data)
    while (part := reader.next_part()) is not None:
        if isinstance(part, bytes):
            decode(part)
    return None


def all_apdus(data: bytes) -> object:
    cutter = ApduCutter()
    cutter.feed(data)
    while (apdu := cutter.next_apdu()) is not None:
        assert decode(encode(apdu)) == apdu
    return None


PARSERS: dict[str, tuple[Callable[[bytes], object], list[bytes]]] = {
    "blocks": (all_parts, [data for (way, _, _), data in GOLDEN.items() if way == "serial"]),
    "messages": (all_apdus, list(MESSAGES.values())),
    "one message": (decode, list(MESSAGES.values())),
    "fields": (fields_of, BODIES),
    "container": (tlv_of, [body[2:] for body in BODIES]),
    "status information": (lambda data: status_of(data, CP437), BODIES),
    "intermediate status": (lambda data: intermediate_of(data, CP437), BODIES),
    "completion": (completion_of, [*BODIES, b"\xf0\xf0\xf72.14.15\x00"]),
    "line": (lambda data: lines_of(Apdu(Control.PRINT_LINE, data), CP437), BODIES),
    "block of lines": (lambda data: lines_of(Apdu(Control.PRINT_TEXT_BLOCK, data), CP437), BODIES),
}


@pytest.mark.parametrize("name", PARSERS)
def test_hostile_bytes_raise_nothing_but_the_parsers_own_error(name: str) -> None:
    """Twenty thousand random, changed and cut inputs are understood or refused by `ZvtError`, per parser."""
    parse, seeds = PARSERS[name]
    chance = random.Random(name)
    understood = 0
    for _ in range(effort(20_000)):
        try:
            parse(mutated(chance, seeds))
            understood += 1
        except ZvtError:
            continue
    assert 0 < understood < effort(20_000)


@pytest.mark.parametrize("name", ["hearing", "texts", "trace"])
def test_what_takes_any_bytes_takes_any_bytes(name: str) -> None:
    """Gathering a conversation, cleaning a text and blanking a trace have no error at all, whatever comes."""
    chance = random.Random(name)
    controls = [0x040F, 0x04FF, 0x06D1, 0x06D3, 0x0601]
    hearing = Hearing("EUR", CP437)
    for _ in range(effort(20_000)):
        data = mutated(chance, BODIES)
        match name:
            case "hearing":
                hearing.hear(Apdu(chance.choice(controls), data))
            case "texts":
                assert "\n" not in text_of(data, chance.choice(list(Encoding)))
                assert len(without_card_numbers(data.decode("latin-1"))) == len(data)
            case _:
                redact(chance.choice(list(GOLDEN.values())) + data)
    assert len(hearing.receipt) <= 500


def test_a_parser_holds_no_more_than_one_message() -> None:
    """A block or a message that never ends is refused, not kept until memory is full."""
    reader, cutter = BlockReader(), ApduCutter()
    reader.feed(b"\x10\x02" + bytes(20_000))
    cutter.feed(b"\x06\xd3\xff\xff\xff")

    with pytest.raises(ZvtError):
        reader.next_part()
    with pytest.raises(ZvtError):
        cutter.next_apdu()
