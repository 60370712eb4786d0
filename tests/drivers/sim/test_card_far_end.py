"""The card's far end answers as a card, and speaks as a virtual card does to vpcd."""

from __future__ import annotations

import random

import pytest

from drivers.link.memory import VirtualClock
from drivers.sim.card import CardContent, Type2Tag, Type4Tag, VirtualCard, VpcdCard
from tests.kit.effort import effort

CONTENTS = {
    "nothing": CardContent(),
    "type 2": Type2Tag(b"\xd0\x00\x00"),
    "type 4": Type4Tag(b"\xd0\x00\x00"),
}

# To the card, and back: length and ATR request, UID, an unknown command.
SPEECH = [
    ("0001 04", "0014 3B8F8001804F0CA0000003060300030000000068"),
    ("0005 FFCA000000", "0009 04A1B2C3D4E5F69000"),
    ("0001 01 0001 02 0005 FFCA010000", "0002 6A81"),
    ("0001 00", ""),
    ("0004 00B00000", "0002 6700"),
]


@pytest.mark.parametrize("size", [1000, 1, 3], ids=["whole", "byte by byte", "in threes"])
@pytest.mark.parametrize(("said", "answered"), SPEECH)
def test_a_card_speaks_to_vpcd(said: str, answered: str, size: int) -> None:
    """Each message is answered behind its length, control messages but the ATR request not at all."""
    far_end = VpcdCard(VirtualCard(VirtualClock()))
    data = bytes.fromhex(said)
    answers = b"".join(far_end.receive(data[at : at + size]) for at in range(0, len(data), size))
    assert answers == bytes.fromhex(answered)


def test_a_card_that_leaves_says_no_more() -> None:
    """After it left, whatever is said finds no answer."""
    card = VirtualCard(VirtualClock())
    card.inject(None, after=1)
    far_end = VpcdCard(card)
    command = bytes.fromhex("0005FFCA000000")
    assert far_end.receive(command)
    assert not far_end.has_left
    assert far_end.receive(command * 2) == b""
    assert far_end.has_left


def test_switching_on_forgets_what_was_selected() -> None:
    """A Type 4 card reads no file after a reset until it is selected again."""
    card = VirtualCard(VirtualClock(), content=Type4Tag(b"\xd0\x00\x00"))
    select = [bytes.fromhex("00A4040007D276000085010100"), bytes.fromhex("00A4000C02E103")]
    read = bytes.fromhex("00B000000F")
    assert [card.answer(command) for command in select] == [b"\x90\x00"] * 2
    assert card.answer(read) == bytes.fromhex("000F20003B00340406E104000500FF9000")
    card.reset()
    assert card.answer(read) == b"\x6a\x81"


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_no_bytes_break_a_card(content: CardContent) -> None:
    """20 000 seeded inputs, random or command-like, are answered with a status or wait for more."""
    chance = random.Random(31)
    card = VirtualCard(VirtualClock(), content=content)
    starts = [bytes.fromhex(start) for start in ("FFCA0000", "FFB000", "00A40400", "00A4000C", "00B0", "")]
    for _ in range(effort(20_000)):
        command = chance.choice(starts) + chance.randbytes(chance.randrange(10))
        answer = card.answer(command)
        assert answer is not None
        assert len(answer) >= 2
    far_end = VpcdCard(card)
    for _ in range(effort(20_000)):
        far_end.receive(chance.randbytes(chance.randrange(30)))
