"""The far end of a card terminal, asked with the reference's own bytes and without the driver."""

from __future__ import annotations

import random

import pytest

from drivers.link.memory import VirtualClock
from drivers.payment.zvt_serial import checksum
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd
from tests.kit.effort import effort

REGISTRATION = "06 00 06 12 34 56 BA 09 78"
PAYMENT = "06 01 0A 04 00 00 00 01 10 00 49 09 78"
REGISTRATION_BLOCK = "10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3"


class Till:
    """Says hex to a far end, acknowledges everything, and writes down what it hears."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.far_end = ZvtTerminalFarEnd(self.clock)
        self.far_end.card = CardChoice.APPROVE

    def say(self, message: str, seconds: float = 5.0) -> str:
        heard = self.far_end.receive(bytes.fromhex(message))
        for _ in range(round(seconds * 10)):
            self.clock.wait(0.1)
            heard += self.far_end.receive(bytes.fromhex("80 00 00"))
        return heard.hex(" ").upper()


def test_a_registration_is_acknowledged_and_completed() -> None:
    """On a bare stream the completion is the reference's own."""
    heard = Till().say(REGISTRATION)

    assert heard == "80 00 00 06 0F 11 19 00 29 52 00 12 33 49 09 78 06 05 27 03 14 01 FF"


def test_a_block_is_taken_with_a_sign_before_it_is_acknowledged() -> None:
    """On a serial line: 06, then 80 00 00 in the reference's block; a damaged block is answered 15 and not heard."""
    good, damaged = Till(), Till()

    assert good.far_end.receive(bytes.fromhex(REGISTRATION_BLOCK)).hex(" ").upper() == (
        "06 10 02 80 00 00 10 03 F5 1F"
    )
    assert damaged.far_end.receive(bytes.fromhex(REGISTRATION_BLOCK[:-2] + "C2")) == b"\x15"
    assert damaged.far_end.heard == []


def test_a_block_nobody_takes_is_sent_again() -> None:
    """Three times, five seconds apart, and at once after 15."""
    till = Till()
    till.far_end.receive(bytes.fromhex(REGISTRATION_BLOCK))
    again = till.far_end.receive(b"\x15")
    till.clock.wait(5.0)
    once_more = till.far_end.receive(b"")
    till.clock.wait(5.0)

    assert again == once_more == bytes.fromhex("10 02 80 00 00 10 03 F5 1F")
    assert checksum(b"\x80\x00\x00\x03").to_bytes(2, "little") == again[-2:]
    assert again not in till.far_end.receive(b"")


def test_money_is_taken_when_the_host_says_so() -> None:
    """A payment asks for the card, takes the amount, tells it, prints it and ends."""
    till = Till()
    till.say(REGISTRATION)
    heard = till.say(PAYMENT)

    assert heard.startswith("80 00 00 04 FF 1E 0A 01 06 1A 24 18 07 16 ")
    assert "27 00 04 00 00 00 01 10 00 49 09 78" in heard
    assert heard.endswith("06 0F 00")
    assert [one.minor for one in till.far_end.authorised] == [11_000]


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("06 01 0A 04 00 00 00 01 10 00 49 09 78", "84 6B 00"),
        ("06 00 06 11 11 11 BA 09 78", "84 83 00"),
        ("06 93 03 12 34 56", "84 83 00"),
    ],
)
def test_what_is_not_allowed_is_refused(message: str, answer: str) -> None:
    """Nothing without registration, nothing with a wrong password, nothing that is not known."""
    assert Till().far_end.receive(bytes.fromhex(message)).hex(" ").upper() == answer


def test_a_terminal_at_work_is_busy() -> None:
    """While it asks for a card every other command is refused with 9C, and the abort ends it with 6C."""
    till = Till()
    till.say(REGISTRATION)
    till.far_end.card = None
    till.say(PAYMENT)

    assert till.far_end.receive(bytes.fromhex(PAYMENT)).hex() == "849c00"
    assert till.say("06 B0 00").startswith("80 00 00 06 1E 01 6C")
    assert till.far_end.authorised == []


def test_no_bytes_break_it() -> None:
    """Whatever arrives, on either line, it answers or is silent, and takes no money by accident."""
    chance = random.Random(5)
    seeds = [bytes.fromhex(one) for one in (REGISTRATION, REGISTRATION_BLOCK, "06 30 06 12 34 56 87 00 42")]
    for _ in range(effort(3_000)):
        far_end = ZvtTerminalFarEnd(VirtualClock())
        far_end.card = CardChoice.APPROVE
        far_end.receive(chance.choice(seeds))
        data = bytearray(chance.choice(seeds) + chance.randbytes(chance.randrange(20)))
        data[chance.randrange(len(data))] = chance.randrange(256)
        far_end.receive(bytes(data))
        assert far_end.authorised == []
