"""The table: things are laid where they are asked to be, and nonsense is refused with a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from drivers.em import Deed
from drivers.link.memory import VirtualClock
from drivers.sim.card_serving import CardServing
from drivers.sim.obid_reader import ObidReader
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.strip import StripItem
from kiosk.sim.control import CannotBeDone
from kiosk.sim.table import Table
from kiosk.sim.things import demo_things
from sync.central import demo

BOOK = demo.ITEMS_FREE[0]
STRIPPED = demo.ITEMS_BY_STRIP[0]


class Cable:
    """Something that can be unplugged."""

    is_plugged = True

    def unplug(self) -> None:
        self.is_plugged = False

    def replug(self) -> None:
        self.is_plugged = True


class Coils:
    """A strip unit that switches off whatever is slid over it."""

    def slide(self, *items: StripItem, after_seconds: float, seconds: float) -> None:
        assert after_seconds > 0
        assert seconds > 1
        for item in items:
            item.pulse(Deed.DESENSITISE)


class Bench:
    """A table on far ends without wires."""

    def __init__(self) -> None:
        clock = VirtualClock()
        self.reader, self.scanner, self.cable = ObidReader(clock), ScannerFarEnd(clock), Cable()
        self.cards = CardServing("127.0.0.1", 9)
        self.table = Table(
            demo_things(),
            reader=self.reader,
            scanner=self.scanner,
            strip_place=Coils(),
            card_place=self.cards,
            plugs={"pad": self.cable},
            network=None,
            clock=clock,
        )

    def ask(self, do: str, **beside: object) -> dict[str, Any]:
        return dict(self.table.answer({"do": do, **beside}))

    def thing(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(thing for thing in self.ask("state")["things"] if thing["id"] == name)
        return found


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.cards.close()


def test_a_book_goes_to_the_pad_and_back(bench: Bench) -> None:
    """Its tag is in the reader's field while it lies there, and the state says where it is."""
    bench.ask("put", thing=BOOK)
    assert [tag.afi for tag in bench.reader.tags()] == [0x07]
    assert bench.thing(BOOK)["place"] == "pad"

    bench.ask("take", thing=BOOK)

    assert bench.reader.tags() == ()
    assert bench.thing(BOOK)["place"] == "shelf"


def test_one_part_of_a_set_can_be_laid_down_alone(bench: Bench) -> None:
    """Parts are counted from one, and the state tells each part's place."""
    bench.ask("put", thing=demo.ITEM_TWO_PARTS, part=2)

    told = bench.thing(demo.ITEM_TWO_PARTS)
    assert [tag["on_pad"] for tag in told["tags"]] == [False, True]


def test_a_card_lies_on_the_reader_until_it_is_taken(bench: Bench) -> None:
    """Showing another card takes the first one's place."""
    bench.ask("show", thing=demo.READER)
    bench.ask("show", thing=demo.READER_ENGLISH)
    assert bench.thing(demo.READER)["place"] == "shelf"
    assert bench.thing(demo.READER_ENGLISH)["place"] == "reader"

    bench.ask("hide")

    assert bench.thing(demo.READER_ENGLISH)["place"] == "shelf"


def test_a_barcode_is_what_the_thing_or_the_words_say(bench: Bench) -> None:
    """A thing's own barcode, or any code, comes out of the scanner with its AIM identifier."""
    bench.ask("scan", thing=BOOK)
    bench.ask("scan", code="abc")

    assert bench.scanner.receive(b"") == b"]F0" + BOOK.encode() + b"\r"
    assert bench.scanner.receive(b"") == b"]F0abc\r"


def test_a_book_with_a_strip_goes_over_the_strip_unit(bench: Bench) -> None:
    """The state tells how its strip is, and that a tape did not survive it; it never lies on the pad."""
    assert bench.thing(STRIPPED)["strip"] == bench.thing(demo.ITEM_MAGNETIC)["strip"] == "active"
    assert "strip" not in bench.thing(BOOK)

    bench.ask("slide", thing=STRIPPED)
    bench.ask("slide", thing=demo.ITEM_MAGNETIC)

    assert bench.thing(STRIPPED)["strip"] == "inactive"
    assert bench.thing(demo.ITEM_MAGNETIC)["strip"] == "erased"
    assert (bench.thing(STRIPPED)["place"], bench.thing(STRIPPED)["tags"]) == ("shelf", [])


def test_a_device_is_unplugged_and_plugged_in(bench: Bench) -> None:
    """The state says which cables are in."""
    bench.ask("unplug", device="pad")
    assert bench.ask("state")["devices"] == {"pad": False}

    bench.ask("plug", device="pad")

    assert bench.ask("state")["devices"] == {"pad": True}


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "dance"},
        {"do": "put"},
        {"do": "put", "thing": "nothing"},
        {"do": "put", "thing": ["x"]},
        {"do": "put", "thing": demo.READER},
        {"do": "put", "thing": BOOK, "part": 2},
        {"do": "put", "thing": BOOK, "part": "one"},
        {"do": "show", "thing": BOOK},
        {"do": "put", "thing": STRIPPED},
        {"do": "slide", "thing": BOOK},
        {"do": "slide", "thing": "nothing"},
        {"do": "slide"},
        {"do": "scan", "thing": "strange-card"},
        {"do": "scan", "code": "康"},
        {"do": "scan", "code": "x" * 201},
        {"do": "scan", "code": 5},
        {"do": "unplug", "device": "toaster"},
        {"do": "unplug"},
        {"do": "network", "how": "cut"},
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(bench: Bench, request_: dict[str, object]) -> None:
    """Unknown verbs, things, parts and devices change nothing and say why."""
    with pytest.raises(CannotBeDone, match=r"\w+ \w+"):
        bench.table.answer(request_)

    assert bench.reader.tags() == ()


def test_every_thing_on_the_shelf_can_be_used(bench: Bench) -> None:
    """Books and odd tags can be laid down or slid, cards shown, and no two tags have the same UID."""
    for thing in bench.ask("state")["things"]:
        verb = "show" if thing["kind"] == "card" else "slide" if "strip" in thing else "put"
        bench.ask(verb, thing=thing["id"])

    uids = [tag.uid for tag in bench.reader.tags()]
    assert len(uids) == sum(thing.get("parts", 0) for thing in bench.ask("state")["things"])
