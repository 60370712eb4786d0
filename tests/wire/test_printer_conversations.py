"""Conversations with a printer in hex: what is sent, and what comes back."""

from __future__ import annotations

import pytest

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.printer import Align, Document, NotPrinted, Obstacle, Pair, Printed, Size, Text, escpos_printer
from drivers.printer.escpos_printer import Chinese, CodePage, EscposPrinterSettings

GOOD = [("10 04 01", "12"), ("10 04 02", "12"), ("10 04 04", "12")]
# Reset; large, bold, in the middle; one line; plain again; two lines; feed and cut.
CHINESE_SLIP = (
    "1B 40 "
    "1D 21 11 1B 45 01 1B 61 01 1C 26 C7 EB B3 F6 CA BE 1C 2E 0A "
    "1D 21 00 1B 45 00 1B 61 00 1C 26 CD BC CA E9 BA C5 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 "
    "31 30 30 30 30 30 30 31 1C 2E 0A "
    "1D 21 00 1B 45 00 1B 61 00 53 61 6C 74 0A "
    "1B 64 06 1D 56 01"
)
ENGLISH_SLIP = (
    "1B 40 1C 2E 1B 74 13 1D 21 00 1B 45 00 1B 61 00 53 74 72 61 E1 65 20 35 20 D5 0A 1B 64 06 1D 56 01"
)
CLEAR = "10 14 08 01 03 14 01 06 02 08"

Conversation = list[tuple[str, str]]


class Script:
    """A far end that hears exactly what is written here, and answers so."""

    def __init__(self, conversation: Conversation) -> None:
        self.turns = [(bytes.fromhex(heard), bytes.fromhex(answer)) for heard, answer in conversation]

    def receive(self, data: bytes) -> bytes:
        if not data:
            return b""
        heard, answer = self.turns.pop(0)
        assert data.hex(" ").upper() == heard.hex(" ").upper()
        return answer


def printed(conversation: Conversation, document: Document, **settings: object) -> Printed:
    """What becomes of *document* in *conversation*, which is spoken to its end."""
    clock, script = VirtualClock(), Script(conversation)
    made = EscposPrinterSettings(columns=32, **settings)  # type: ignore[arg-type]
    printer = escpos_printer.open(made, MemoryLink(script, clock), clock)
    try:
        return printer.print(document)
    finally:
        assert script.turns == []


CHINESE = Document(
    (
        Text("请出示", Size.LARGE, Align.CENTRE, is_bold=True),
        Pair("图书号", "10000001"),
        Text("Salt"),
    )
)


def test_a_chinese_slip() -> None:
    """State, slip with FS & around Chinese, state, and the question in turn that confirms it."""
    conversation = [*GOOD, (CHINESE_SLIP, ""), ("10 04 01", "12"), ("1D 72 01", "00")]

    assert printed(conversation, CHINESE) is Printed.CONFIRMED


def test_an_english_slip_on_a_printer_without_chinese() -> None:
    """FS . and ESC t come first, so that letters with accents are what they are."""
    conversation = [*GOOD, (ENGLISH_SLIP, ""), ("10 04 01", "12"), ("1D 72 01", "03")]
    settings = {"chinese": Chinese.NONE, "code_page": CodePage.CP858}

    assert printed(conversation, Document((Text("Straße 5 €"),)), **settings) is Printed.CONFIRMED


def test_a_printer_that_says_nothing() -> None:
    """The first question is not answered: the slip is sent, asked about once, and not confirmed."""
    conversation = [("10 04 01", ""), (CHINESE_SLIP, ""), ("1D 72 01", ""), ("10 04 01", "")]

    assert printed(conversation, CHINESE) is Printed.NOT_CONFIRMED


@pytest.mark.parametrize(
    ("state", "obstacle"),
    [
        ([("10 04 01", "1A"), ("10 04 02", "32"), ("10 04 04", "7E")], Obstacle.PAPER_OUT),
        ([("10 04 01", "1A"), ("10 04 02", "16"), ("10 04 04", "12")], Obstacle.COVER_OPEN),
        ([("10 04 01", "1A"), ("10 04 02", "52"), ("10 04 04", "12")], Obstacle.ERROR),
        ([("10 04 01", "1A"), ("10 04 02", "12"), ("10 04 04", "12")], Obstacle.OFFLINE),
    ],
)
def test_a_printer_that_cannot_print(state: Conversation, obstacle: Obstacle) -> None:
    """Not a byte of the slip is sent to a printer that says why it would not print it."""
    with pytest.raises(NotPrinted) as caught:
        printed(state, CHINESE)

    assert caught.value.obstacle is obstacle


def test_paper_that_ends_on_the_way() -> None:
    """Offline after the slip, stopped for want of paper: the rest is thrown away."""
    stopped = [("10 04 01", "1A"), ("10 04 01", "1A"), ("10 04 02", "32"), ("10 04 04", "7E")]

    with pytest.raises(NotPrinted):
        printed([*GOOD, (CHINESE_SLIP, ""), *stopped, (CLEAR, "")], CHINESE)
