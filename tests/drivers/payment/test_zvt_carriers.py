"""Blocks that were sent again: by the terminal, and by the till."""

from __future__ import annotations

import pytest

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.payment.zvt import ACKNOWLEDGED, Apdu, Control, encode
from drivers.payment.zvt_carriers import CarrierBroken, SerialCarrier
from drivers.payment.zvt_commands import DIAGNOSIS
from drivers.payment.zvt_exchange import Exchange
from drivers.payment.zvt_serial import block

LINE = block(encode(Apdu(Control.PRINT_LINE, b"\x00Summe")))
DONE = block(encode(ACKNOWLEDGED))
END = block(encode(Apdu(Control.COMPLETION)))


class Deaf:
    """A terminal that has not heard the first acknowledgement of its line, and says it again."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def receive(self, data: bytes) -> bytes:
        if not data:
            return b""
        self.heard.append(data)
        if data == b"\x06":
            return LINE if self.heard.count(b"\x06") == 1 else b""
        if data == DONE:
            return (
                LINE
                if self.heard.count(DONE) == 1
                else b"\x06" + END
                if self.heard.count(DONE) == 2
                else b"\x06"
            )
        return b"\x06" + DONE


class Refusing:
    """A line on which every block arrives damaged."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def receive(self, data: bytes) -> bytes:
        if not data:
            return b""
        self.heard.append(data)
        return b"\x15"


def test_a_line_that_is_said_again_is_one_line() -> None:
    """A block that comes again because its acknowledgement was lost is acknowledged again, and counts once."""
    clock, far_end = VirtualClock(), Deaf()
    carrier = SerialCarrier(MemoryLink(far_end, clock), clock, 5.0)
    exchange = Exchange(carrier, clock, answer_seconds_max=5.0, silence_seconds_max=30.0)
    exchange.begin(DIAGNOSIS, is_repeatable=True)
    heard = []
    while exchange.is_under_way:
        apdu = exchange.poll(0.1)
        heard += [] if apdu is None else [apdu.control]

    assert heard == [Control.PRINT_LINE, Control.COMPLETION]
    assert far_end.heard.count(DONE) == 3


@pytest.mark.parametrize(("is_repeatable", "times"), [(True, 3), (False, 1)])
def test_only_what_moves_no_money_is_sent_again(is_repeatable: bool, times: int) -> None:
    """A damaged block goes out three times, one that may take money once, whatever the line says."""
    clock, far_end = VirtualClock(), Refusing()
    carrier = SerialCarrier(MemoryLink(far_end, clock), clock, 5.0)
    carrier.send(DIAGNOSIS, is_repeatable=is_repeatable)

    with pytest.raises(CarrierBroken):
        carrier.receive(1.0)
    assert far_end.heard == [block(encode(DIAGNOSIS))] * times


def test_the_same_answer_to_the_next_command_is_an_answer() -> None:
    """A second command's acknowledgement, whose sign was lost, is no repetition of the first one's."""

    class Signless:
        def __init__(self) -> None:
            self.heard: list[bytes] = []

        def receive(self, data: bytes) -> bytes:
            if len(data) < 2:
                return b""
            self.heard.append(data)
            return DONE

    clock, far_end = VirtualClock(), Signless()
    carrier = SerialCarrier(MemoryLink(far_end, clock), clock, 5.0)
    for _ in range(2):
        carrier.send(DIAGNOSIS, is_repeatable=True)
        assert carrier.receive(0.1) == ACKNOWLEDGED
    assert len(far_end.heard) == 2
