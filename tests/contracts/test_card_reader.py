"""What every card reader promises, on a memory link and on a virtual reader that cards connect to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ndef
import pytest

from drivers.card import CardReader, CardShown, CardTaken, CardUnreadable, pcsc_card
from drivers.card.pcsc_card import NumberSource, PcscCardSettings
from drivers.link import ApduLink, Clock, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.memory import VirtualClock
from drivers.link.memory_card import MemoryApduLink
from drivers.link.vpcd import open_vpcd
from drivers.sim.card import Type2Tag, Type4Tag, VirtualCard
from drivers.sim.card_serving import CardServing

WAIT_SECONDS = 10.0
MESSAGE = b"".join(ndef.message_encoder([ndef.TextRecord("21234000123455")]))


@dataclass
class Table:
    """A reader and the place on it."""

    clock: Clock
    link: ApduLink
    place: MemoryApduLink | CardServing
    open: Callable[[PcscCardSettings], CardReader]

    def told(self, reader: CardReader) -> object:
        """The next change within the deadline, or None."""
        deadline = self.clock.monotonic() + WAIT_SECONDS
        while self.clock.monotonic() < deadline:
            change = reader.poll(0.1)
            if change is not None:
                return change.number.reveal() if isinstance(change, CardShown) else change
        return None


@pytest.fixture(params=["memory", "vpcd"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    if request.param == "memory":
        virtual = VirtualClock()
        memory = MemoryApduLink(virtual)
        yield Table(virtual, memory, memory, lambda settings: pcsc_card.open(settings, memory, virtual))
        return
    clock = RealClock()
    link = open_vpcd("127.0.0.1", 0, clock)
    serving = CardServing("127.0.0.1", link.port)
    yield Table(clock, link, serving, lambda settings: pcsc_card.open(settings, link, clock))
    serving.close()
    link.close()


def test_a_card_is_shown_once_and_taken_once(table: Table) -> None:
    """A card that lies there is told once, however long it lies, and once when it leaves; again when it is
    back.
    """
    reader = table.open(PcscCardSettings())
    card = VirtualCard(table.clock)
    for _ in range(2):
        table.place.put(card)
        assert table.told(reader) == "04A1B2C3D4E5F6"
        assert [reader.poll(0.02) for _ in range(3)] == [None, None, None]
        table.place.take()
        assert table.told(reader) == CardTaken()
        assert reader.poll(0.02) is None


def test_a_swapped_card_is_taken_before_the_next_is_shown(table: Table) -> None:
    """Another card in place of the first, between two looks, is a leave and an arrival."""
    reader = table.open(PcscCardSettings())
    table.place.put(VirtualCard(table.clock))
    assert table.told(reader) == "04A1B2C3D4E5F6"
    table.place.put(VirtualCard(table.clock, bytes.fromhex("11223344")))
    assert table.told(reader) == CardTaken()
    assert table.told(reader) == "11223344"


@pytest.mark.parametrize("tag", [Type2Tag, Type4Tag])
def test_a_number_in_a_tag_is_read(table: Table, tag: type[Type2Tag] | type[Type4Tag]) -> None:
    """The text of an NDEF tag is the number, over the same link."""
    reader = table.open(PcscCardSettings(NumberSource.NDEF))
    table.place.put(VirtualCard(table.clock, content=tag(MESSAGE)))
    assert table.told(reader) == "21234000123455"


def test_a_card_that_leaves_while_it_is_read_is_moved_then_taken(table: Table) -> None:
    """A card pulled between two commands is told as moved, then as taken, and the next one is read."""
    reader = table.open(PcscCardSettings(NumberSource.NDEF))
    card = VirtualCard(table.clock, content=Type4Tag(MESSAGE))
    card.inject(None, after=3)
    table.place.put(card)
    assert table.told(reader) == CardUnreadable("moved")
    assert table.told(reader) == CardTaken()
    table.place.put(VirtualCard(table.clock, content=Type4Tag(MESSAGE)))
    assert table.told(reader) == "21234000123455"


def test_a_closed_reader_is_lost_and_closes_twice(table: Table) -> None:
    """Closing twice raises nothing; a poll after it raises `DeviceLost`."""
    reader = table.open(PcscCardSettings())
    reader.close()
    reader.close()
    with pytest.raises(DeviceLost):
        reader.poll(0)
