"""The reader that cards connect to: its speech, and what hostile cards do to it."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from drivers.link import CardPresence, DeviceFault, DeviceLost, SettingsError
from drivers.link.clock import RealClock
from drivers.link.urls import open_apdu_link
from drivers.link.vpcd import VpcdLink, open_vpcd
from drivers.sim.card import VirtualCard
from drivers.sim.card_serving import CardServing

WAIT_SECONDS = 10.0
CLOCK = RealClock()
UID = bytes.fromhex("FFCA000000")
ATR = b"\x00\x05\x3b\x80\x80\x01\x01"


@pytest.fixture
def link() -> Iterator[VpcdLink]:
    opened = open_vpcd("localhost", 0, CLOCK)
    yield opened
    opened.close()


@pytest.fixture
def place(link: VpcdLink) -> Iterator[CardServing]:
    serving = CardServing("127.0.0.1", link.port)
    yield serving
    serving.close()


def seen(link: VpcdLink, presence: CardPresence) -> None:
    deadline = CLOCK.monotonic() + WAIT_SECONDS
    while link.wait_for_change(0.05) is not presence:
        assert CLOCK.monotonic() < deadline, f"never {presence}"


class Liar(threading.Thread):
    """A connection that says *to_atr* when it is asked for its ATR and *to_apdu* to the first command."""

    def __init__(self, link: VpcdLink, to_atr: bytes, to_apdu: bytes = b"") -> None:
        super().__init__(daemon=True)
        self.heard = b""
        self._answers = (to_atr, to_apdu)
        self._socket = socket.create_connection(("127.0.0.1", link.port), WAIT_SECONDS)
        self.start()

    def run(self) -> None:
        with self._socket, suppress(OSError):
            for size, answer in zip((6, 2 + len(UID)), self._answers, strict=True):
                self.heard += self._exactly(size)
                self._socket.sendall(answer)

    def _exactly(self, size: int) -> bytes:
        """The next *size* bytes; a socket with a time limit gives them in pieces whatever it is asked for."""
        data = b""
        while len(data) < size:
            piece = self._socket.recv(size - len(data))
            if not piece:
                raise OSError("the reader left")
            data += piece
        return data


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "reader.example", "::", ""])
def test_only_this_machine_may_connect(host: str) -> None:
    """A host that others could reach is a wrong setting."""
    with pytest.raises(SettingsError, match="localhost"):
        open_vpcd(host, 0, CLOCK)


def test_a_port_that_is_taken_is_a_loss(link: VpcdLink) -> None:
    """Two readers cannot be at one port; the second one is told so, also through its URL."""
    with pytest.raises(DeviceLost, match=str(link.port)):
        open_apdu_link(f"vpcd://127.0.0.1:{link.port}", CLOCK)


def test_the_speech_is_that_of_vpcd(link: VpcdLink) -> None:
    """A card is switched on, asked for its ATR, sent the APDU behind two bytes of length, and switched off."""
    card = Liar(link, ATR, b"\x00\x02\x90\x00")
    seen(link, CardPresence.PRESENT)
    assert link.transmit(UID, WAIT_SECONDS) == b"\x90\x00"
    card.join(WAIT_SECONDS)
    assert card.heard.hex(" ") == "00 01 01 00 01 04 00 05 ff ca 00 00 00"


def test_a_command_goes_out_with_its_length(link: VpcdLink, place: CardServing) -> None:
    """An APDU reaches the card as it is, and its answer comes back as it is."""
    card = VirtualCard(CLOCK)
    place.put(card)
    seen(link, CardPresence.PRESENT)
    assert link.transmit(UID, WAIT_SECONDS).hex() == "04a1b2c3d4e5f69000"
    assert card.heard == (UID,)


@pytest.mark.parametrize("command", [b"", b"\x00", b"\x04", b"\xff\xca\x00", bytes(65536)])
def test_what_is_no_apdu_is_not_sent(link: VpcdLink, command: bytes) -> None:
    """One byte would be a control message, so a command too short or too long is the caller's error."""
    with pytest.raises(ValueError, match="APDU"):
        link.transmit(command, 1)


def test_without_a_card_a_command_is_a_fault(link: VpcdLink) -> None:
    """An exchange without card is the card's fault, not a loss of the reader."""
    with pytest.raises(DeviceFault):
        link.transmit(UID, 1)


def test_nothing_happening_takes_its_time_and_no_more(link: VpcdLink) -> None:
    """Without a card the wait ends after its time-out with ABSENT; zero only looks."""
    started = CLOCK.monotonic()
    assert link.wait_for_change(0.1) is CardPresence.ABSENT
    assert 0.09 <= CLOCK.monotonic() - started < 1.0
    assert link.wait_for_change(0) is CardPresence.ABSENT


NO_ATR = {
    "nothing": b"",
    "empty": b"\x00\x00",
    "wrong start": b"\x00\x02\x90\x00",
    "too long": b"\x00\x22\x3b" + bytes(33),
    "half": b"\x00\x05\x3b",
}


@pytest.mark.parametrize("says", NO_ATR.values(), ids=NO_ATR.keys())
def test_who_gives_no_atr_is_no_card(link: VpcdLink, place: CardServing, says: bytes) -> None:
    """A connection that does not answer as a card is put out, and the next card is seen."""
    liar = Liar(link, says)
    place.put(VirtualCard(CLOCK))
    seen(link, CardPresence.PRESENT)
    assert link.transmit(UID, WAIT_SECONDS).hex() == "04a1b2c3d4e5f69000"
    liar.join(WAIT_SECONDS)


def test_who_speaks_unasked_is_no_card(link: VpcdLink) -> None:
    """A browser that finds the port, and a card that talks while it lies there, are put out."""
    with socket.create_connection(("127.0.0.1", link.port), WAIT_SECONDS) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert link.wait_for_change(0.1) is CardPresence.ABSENT
    talker = Liar(link, ATR + b"\x00\x02\x90\x00")
    seen(link, CardPresence.PRESENT)
    with pytest.raises(DeviceFault):
        link.transmit(UID, WAIT_SECONDS)
    assert link.wait_for_change(0) is CardPresence.ABSENT
    talker.join(WAIT_SECONDS)


def with_answer(link: VpcdLink, answer: bytes, timeout_seconds: float) -> bytes:
    """What the link makes of a card that has its ATR ready in time and then says *answer*."""
    card = VirtualCard(CLOCK)
    card.inject(answer)
    serving = CardServing("127.0.0.1", link.port)
    serving.put(card)
    try:
        seen(link, CardPresence.PRESENT)
        return link.transmit(UID, timeout_seconds)
    finally:
        serving.close()


@pytest.mark.parametrize("answer", [b"", b"\x90"])
def test_an_answer_without_status_puts_the_card_out(link: VpcdLink, answer: bytes) -> None:
    """Less than two bytes is no answer: a fault, then the card counts as taken."""
    with pytest.raises(DeviceFault):
        with_answer(link, answer, WAIT_SECONDS)
    assert link.wait_for_change(0) is CardPresence.ABSENT


def test_the_longest_answer_comes_whole(link: VpcdLink) -> None:
    """An answer of 65535 bytes arrives as it was sent."""
    assert with_answer(link, bytes(65533) + b"\x90\x00", WAIT_SECONDS) == bytes(65533) + b"\x90\x00"


def test_a_card_that_does_not_answer_is_put_out_in_time(link: VpcdLink) -> None:
    """A silent card costs the time-out of the exchange, and is then gone."""

    class Mute(VirtualCard):
        def answer(self, command: bytes) -> bytes | None:
            CLOCK.wait(1.0)
            return None

    serving = CardServing("127.0.0.1", link.port)
    serving.put(Mute(CLOCK))
    seen(link, CardPresence.PRESENT)
    started = CLOCK.monotonic()
    with pytest.raises(DeviceFault):
        link.transmit(UID, 0.1)
    assert CLOCK.monotonic() - started < 0.9
    assert link.wait_for_change(0) is CardPresence.ABSENT
    serving.close()


def test_a_card_that_lies_there_is_seen_by_a_reader_opened_again(link: VpcdLink, place: CardServing) -> None:
    """A card stays where it lies when the reader goes, and is seen when the reader is back at its port."""
    port = link.port
    place.put(VirtualCard(CLOCK))
    seen(link, CardPresence.PRESENT)
    link.close()
    link.close()
    with pytest.raises(DeviceLost):
        link.transmit(UID, 1)

    again = open_vpcd("127.0.0.1", port, CLOCK)
    seen(again, CardPresence.PRESENT)
    assert again.transmit(UID, WAIT_SECONDS).hex() == "04a1b2c3d4e5f69000"
    place.take()
    seen(again, CardPresence.ABSENT)
    again.close()


def test_no_bytes_of_a_card_break_the_reader(link: VpcdLink) -> None:
    """2000 seeded cards that say anything leave a reader that answers, and raise nothing but the card's
    fault.
    """
    chance = random.Random(29)
    answered = 0
    for _ in range(2_000):
        body = chance.randbytes(chance.randrange(12))
        sound = len(body).to_bytes(2, "big") + body
        says = chance.choice((sound, sound, body, sound + b"\x00", sound[:-1]))
        liar = Liar(link, ATR if chance.random() < 0.9 else says, says)
        if link.wait_for_change(0) is CardPresence.PRESENT:
            with suppress(DeviceFault):
                assert len(link.transmit(UID, 0.1)) >= 2
                answered += 1
            link.wait_for_change(WAIT_SECONDS)
        liar.join(WAIT_SECONDS)
    assert 200 < answered < 1_900
    place = CardServing("127.0.0.1", link.port)
    place.put(VirtualCard(CLOCK))
    seen(link, CardPresence.PRESENT)
    assert link.transmit(UID, WAIT_SECONDS).hex() == "04a1b2c3d4e5f69000"
    place.close()
