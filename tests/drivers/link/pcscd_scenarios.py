"""What `test_pcsc.py` has the product do against the real pcscd, in a machine of its own.

Run as `python -m tests.drivers.link.pcscd_scenarios NAME` in fresh mount, network and process namespaces:
vpcd listens on every address, pcscd has one socket for the whole machine, and neither may meet those of the
machine itself.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import ndef
from smartcard import scard

from drivers.card import CardReader, CardShown, CardTaken, CardUnreadable, pcsc_card
from drivers.card.pcsc_card import NumberSource, PcscCardSettings
from drivers.link import CardPresence, DeviceFault, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.pcsc import PcscLink, open_pcsc
from drivers.link.urls import open_apdu_link
from drivers.sim.card import Type2Tag, Type4Tag, VirtualCard
from drivers.sim.card_serving import CardServing

PORT = 35963
WAIT_SECONDS = 15.0
CLOCK = RealClock()
MESSAGE = b"".join(ndef.message_encoder([ndef.TextRecord("21234000123455")]))
UID = bytes.fromhex("FFCA000000")
CONFIGURATION = f"""
FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:{PORT:#x}
LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so
CHANNELID {PORT:#x}
"""


def seal_off() -> None:
    """Gives this process's namespaces a loopback and an empty /run, so that pcscd finds no other."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    Path("/run/pcscd").mkdir()


class Service:
    """pcscd with the virtual reader, to start, kill and start again."""

    def __init__(self, folder: Path) -> None:
        self._configuration = folder / "reader.conf"
        self._configuration.write_text(CONFIGURATION, encoding="ascii")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["/usr/sbin/pcscd", "--foreground", "--config", str(self._configuration)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(WAIT_SECONDS)


def opened(pattern: str = "Virtual PCD") -> PcscLink:
    """The link, as soon as pcscd gives it."""
    deadline = CLOCK.monotonic() + WAIT_SECONDS
    while True:
        try:
            return open_pcsc(pattern, CLOCK)
        except DeviceLost:
            assert CLOCK.monotonic() < deadline, "pcscd did not come up"
            CLOCK.wait(0.02)


def reader_of(source: NumberSource = NumberSource.UID) -> CardReader:
    opened().close()
    return pcsc_card.open(PcscCardSettings(source), open_apdu_link("pcsc:Virtual PCD", CLOCK), CLOCK)


def told(reader: CardReader) -> object:
    """The next change, a number as text."""
    deadline = CLOCK.monotonic() + WAIT_SECONDS
    while CLOCK.monotonic() < deadline:
        change = reader.poll(0.1)
        if change is not None:
            return change.number.reveal() if isinstance(change, CardShown) else change
    return None


def seen(link: PcscLink, presence: CardPresence) -> None:
    deadline = CLOCK.monotonic() + WAIT_SECONDS
    while link.wait_for_change(0.1) is not presence:
        assert CLOCK.monotonic() < deadline, f"never {presence}"


def equal(found: object, expected: object) -> None:
    assert found == expected, f"{found!r} instead of {expected!r}"


def lost(call: Callable[[], object]) -> None:
    try:
        call()
    except DeviceLost:
        return
    raise AssertionError("no DeviceLost")


def card_events(service: Service, place: CardServing) -> None:
    """Cards come and go, with UID and with both kinds of NDEF tag."""
    service.start()
    reader = reader_of()
    for _ in range(2):
        place.put(VirtualCard(CLOCK))
        equal(told(reader), "04A1B2C3D4E5F6")
        equal(reader.poll(0.02), None)
        place.take()
        equal(told(reader), CardTaken())
    reader.close()
    for content in (Type2Tag(MESSAGE), Type4Tag(MESSAGE)):
        reader = reader_of(NumberSource.NDEF)
        place.put(VirtualCard(CLOCK, content=content))
        equal(told(reader), "21234000123455")
        place.take()
        equal(told(reader), CardTaken())
        reader.close()


def killed_twice(service: Service, place: CardServing) -> None:
    """Two rounds of kill -9: lost at once, refused while down, back with card events, and no thread left
    over.
    """
    service.start()
    card = VirtualCard(CLOCK)
    for _ in range(2):
        reader = reader_of()
        old_link = opened()
        place.put(card)
        equal(told(reader), "04A1B2C3D4E5F6")
        service.kill()
        started = CLOCK.monotonic()
        lost(lambda reader=reader: reader.poll(5))  # type: ignore[misc]
        assert CLOCK.monotonic() - started < 1.0, "the loss was not told at once"
        reader.close()
        lost(lambda: open_pcsc("Virtual PCD", CLOCK))
        service.start()
        reader = reader_of()
        equal(told(reader), "04A1B2C3D4E5F6")
        place.take()
        equal(told(reader), CardTaken())
        place.put(VirtualCard(CLOCK, bytes.fromhex("11223344")))
        equal(told(reader), "11223344")
        place.take()
        equal(told(reader), CardTaken())
        reader.close()
        # Without a new context there is no way back, which is why the link is opened again.
        lost(lambda link=old_link: link.wait_for_change(0))  # type: ignore[misc]
        old_link.close()
    equal([thread.name for thread in threading.enumerate()], ["MainThread"])


def killed_with_a_card_in_use(service: Service, place: CardServing) -> None:
    """A service that dies between two commands to a card is lost, not a fault of the card."""
    service.start()
    link = opened()
    place.put(VirtualCard(CLOCK))
    seen(link, CardPresence.PRESENT)
    equal(link.transmit(UID, 1).hex(), "04a1b2c3d4e5f69000")
    service.kill()
    lost(lambda: link.transmit(UID, 1))
    link.close()
    lost(lambda: link.transmit(UID, 1))


def quick_swap(service: Service, place: CardServing) -> None:
    """A card swapped between two looks is reported as absent once, though a card lies there at both looks."""
    service.start()
    link, watcher = opened(), opened()
    place.put(VirtualCard(CLOCK))
    for one in (link, watcher):
        seen(one, CardPresence.PRESENT)
    equal(link.wait_for_change(0), CardPresence.PRESENT)
    # The virtual reader looks only now and then: a real one has a switch or a field that tells it of every
    # card.
    place.take()
    seen(watcher, CardPresence.ABSENT)
    place.put(VirtualCard(CLOCK, bytes.fromhex("11223344")))
    seen(watcher, CardPresence.PRESENT)
    equal([link.wait_for_change(0) for _ in range(2)], [CardPresence.ABSENT, CardPresence.PRESENT])
    equal(link.transmit(UID, 1).hex(), "112233449000")
    link.close()
    watcher.close()


def pulled_half_way(service: Service, place: CardServing) -> None:
    """A card that leaves between two commands is moved, then taken; the next one is read."""
    service.start()
    reader = reader_of(NumberSource.NDEF)
    card = VirtualCard(CLOCK, content=Type4Tag(MESSAGE))
    card.inject(None, after=3)
    place.put(card)
    equal(told(reader), CardUnreadable("moved"))
    equal(told(reader), CardTaken())
    place.put(VirtualCard(CLOCK, content=Type4Tag(MESSAGE)))
    equal(told(reader), "21234000123455")
    reader.close()


def hostile_answers(service: Service, place: CardServing) -> None:
    """Cut and huge answers are a response or a fault of the card; the next card is read as ever."""
    service.start()
    link = opened()
    for answer in (b"\x90", b"\xff" * 65535, b"\x00" * 258, None):
        card = VirtualCard(CLOCK)
        card.inject(answer)
        place.put(card)
        seen(link, CardPresence.PRESENT)
        with suppress(DeviceFault):
            assert len(link.transmit(UID, 1)) >= 2
        place.take()
        seen(link, CardPresence.ABSENT)
    place.put(VirtualCard(CLOCK))
    seen(link, CardPresence.PRESENT)
    equal(link.transmit(UID, 1).hex(), "04a1b2c3d4e5f69000")
    link.close()


def interfaces_by_name(service: Service, place: CardServing) -> None:
    """Readers are chosen by part of their name; all that match are watched, and none is a loss that says so."""
    service.start()
    equal(opened("virtual pcd").reader_names, ("Virtual PCD 00 00", "Virtual PCD 00 01"))
    equal(opened("PCD*00 01").reader_names, ("Virtual PCD 00 01",))
    equal(opened("00 0?").reader_names, ("Virtual PCD 00 00", "Virtual PCD 00 01"))
    for absent in ("ACR122", "[a-z]", "PCD 00 00 "):
        lost(lambda absent=absent: open_pcsc(absent, CLOCK))  # type: ignore[misc]
    both, first = opened("*"), opened("00 00")
    second_place = CardServing("127.0.0.1", PORT + 1)
    second_place.put(VirtualCard(CLOCK))
    seen(both, CardPresence.PRESENT)
    equal(first.wait_for_change(0.5), CardPresence.ABSENT)
    place.put(VirtualCard(CLOCK, bytes.fromhex("11223344")))
    seen(first, CardPresence.PRESENT)
    equal(both.wait_for_change(0.5), CardPresence.PRESENT)
    equal(both.transmit(UID, 1).hex(), "04a1b2c3d4e5f69000")
    second_place.close()
    seen(both, CardPresence.ABSENT)
    seen(both, CardPresence.PRESENT)
    equal(both.transmit(UID, 1).hex(), "112233449000")


def reset_by_another_program(service: Service, place: CardServing) -> None:
    """A card reset by another program in the middle is a fault of one exchange, and answers the next."""
    service.start()
    link = opened()
    place.put(VirtualCard(CLOCK))
    seen(link, CardPresence.PRESENT)
    link.transmit(UID, 1)
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, other, _ = scard.SCardConnect(context, link.reader_names[0], scard.SCARD_SHARE_SHARED, 3)
    scard.SCardDisconnect(other, scard.SCARD_RESET_CARD)
    with suppress(DeviceFault):
        link.transmit(UID, 1)
        raise AssertionError("the reset was not noticed")
    equal(link.transmit(UID, 1).hex(), "04a1b2c3d4e5f69000")
    equal(link.wait_for_change(0), CardPresence.PRESENT)


def answer_times(service: Service, place: CardServing) -> None:
    """An exchange takes far less than the 40 ms of a delayed acknowledgement."""
    service.start()
    link = opened()
    place.put(VirtualCard(CLOCK))
    seen(link, CardPresence.PRESENT)
    link.transmit(UID, 1)
    started = CLOCK.monotonic()
    for _ in range(50):
        link.transmit(UID, 1)
    per_exchange = (CLOCK.monotonic() - started) / 50
    assert per_exchange < 0.02, f"{per_exchange * 1000:.1f} ms per exchange"
    link.close()


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (
        card_events,
        killed_twice,
        killed_with_a_card_in_use,
        quick_swap,
        pulled_half_way,
        hostile_answers,
        interfaces_by_name,
        reset_by_another_program,
        answer_times,
    )
}


def main(name: str) -> None:
    seal_off()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        place = CardServing("127.0.0.1", PORT)
        try:
            SCENARIOS[name](service, place)
        finally:
            place.close()
            service.kill()
    sys.stdout.write(f"{name}: held\n")


if __name__ == "__main__":
    main(sys.argv[1])
