"""Cards in hex: every command sent to the card and every response, as on the contactless side of a reader."""

from __future__ import annotations

import pytest

from drivers.card import CardShown, CardUnreadable, pcsc_card
from drivers.card.ndef_text import NdefRecord
from drivers.card.pcsc_card import NumberSource, PcscCardSettings, UidFormat
from drivers.link.memory import VirtualClock
from drivers.link.memory_card import MemoryApduLink

UID_TEN_DIGITS = PcscCardSettings(uid_format=UidFormat.TEN_DIGITS_BE)
TEXT = PcscCardSettings(NumberSource.NDEF)
URI = PcscCardSettings(NumberSource.NDEF, ndef_record=NdefRecord.URI, ndef_prefix="https://lib.example/")

# Each line: > to the card, < from it.
CONVERSATIONS = {
    "UID": (UID_TEN_DIGITS, "0077705923", "> FF CA 00 00 00\n< 04 A1 B2 C3 90 00"),
    "UID not supported": (UID_TEN_DIGITS, "!uid", "> FF CA 00 00 00\n< 6A 81"),
    "UID longer than asked": (UID_TEN_DIGITS, "!uid", "> FF CA 00 00 00\n< 04 A1 62 82"),
    "Type 2, sixteen bytes a time": (
        TEXT,
        "2123400012",
        """
        > FF B0 00 03 10
        < E1 10 3E 00 03 11 D1 01 0D 54 02 65 6E 32 31 32 90 00
        > FF B0 00 07 10
        < 33 34 30 30 30 31 32 FE 00 00 00 00 00 00 00 00 90 00
        """,
    ),
    "Type 2 behind a reader of single pages": (
        URI,
        "42-A",
        """
        > FF B0 00 03 10
        < 6C 04
        > FF B0 00 03 04
        < E1 10 06 00 90 00
        > FF B0 00 04 10
        < 6C 04
        > FF B0 00 04 04
        < 03 15 D1 01 90 00
        > FF B0 00 05 10
        < 11 55 04 6C 69 62 2E 65 78 61 6D 70 6C 65 2F 34 90 00
        > FF B0 00 09 10
        < 32 2D 41 FE 90 00
        """,
    ),
    "Type 4": (
        TEXT,
        "2123400012",
        """
        > FF B0 00 03 10
        < 6A 81
        > FF B0 00 03 04
        < 6A 81
        > 00 A4 04 00 07 D2 76 00 00 85 01 01 00
        < 90 00
        > 00 A4 00 0C 02 E1 03
        < 90 00
        > 00 B0 00 00 0F
        < 00 0F 20 00 0C 00 34 04 06 E1 04 00 FE 00 FF 90 00
        > 00 A4 00 0C 02 E1 04
        < 90 00
        > 00 B0 00 00 02
        < 00 11 90 00
        > 00 B0 00 02 0C
        < D1 01 0D 54 02 65 6E 32 31 32 33 34 90 00
        > 00 B0 00 0E 05
        < 30 30 30 31 32 90 00
        """,
    ),
    "neither": (
        TEXT,
        "!ndef",
        """
        > FF B0 00 03 10
        < 63 00
        > FF B0 00 03 04
        < 63 00
        > 00 A4 04 00 07 D2 76 00 00 85 01 01 00
        < 6A 82
        """,
    ),
}


class Script:
    """A card that knows one conversation and notices any word that is not in it."""

    atr = bytes.fromhex("3B8F8001804F0CA0000003060300030000000068")

    def __init__(self, conversation: str) -> None:
        lines = [line.strip() for line in conversation.strip().splitlines()]
        self.commands = [bytes.fromhex(line[1:]) for line in lines if line.startswith(">")]
        self.responses = [bytes.fromhex(line[1:]) for line in lines if line.startswith("<")]
        self.heard: list[bytes] = []

    def reset(self) -> None:
        self.heard.clear()

    def answer(self, command: bytes) -> bytes | None:
        self.heard.append(command)
        place = len(self.heard) - 1
        return self.responses[place] if place < len(self.responses) else None


@pytest.mark.parametrize(
    ("settings", "number", "conversation"), CONVERSATIONS.values(), ids=CONVERSATIONS.keys()
)
def test_the_words_to_a_card_are_these(settings: PcscCardSettings, number: str, conversation: str) -> None:
    """Exactly these commands go to the card, and these responses give this number."""
    clock = VirtualClock()
    link = MemoryApduLink(clock)
    card = Script(conversation)
    link.put(card)

    told = pcsc_card.open(settings, link, clock).poll(1)

    assert [command.hex(" ") for command in card.heard] == [command.hex(" ") for command in card.commands]
    assert isinstance(told, CardShown | CardUnreadable)
    assert (told.number.reveal() if isinstance(told, CardShown) else f"!{told.why}") == number
