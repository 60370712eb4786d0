"""What else stands at the terminal: paper, card terminal, wallet and chute are worked over the table's socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from drivers.link.memory import VirtualClock
from drivers.sim.book_drop import BIN_FULL, ENTRY, FLAP, BookDropFarEnd
from drivers.sim.card_serving import CardServing
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.http_requests import Request
from drivers.sim.obid_reader import ObidReader
from drivers.sim.qr_backend import TOKEN, QrBackendFarEnd
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd
from kiosk.sim.control import CannotBeDone
from kiosk.sim.corners import ChuteCorner, PrinterCorner, TillCorner
from kiosk.sim.table import Table
from kiosk.sim.things import demo_things
from sync.central import demo

BOOK, OTHER = demo.ITEMS_FREE[:2]


class Bench:
    """A table with every corner, without wires."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.reader, self.drop = ObidReader(self.clock), BookDropFarEnd(self.clock)
        self.printer = EscposPrinterFarEnd(self.clock)
        self.terminal, self.backend = ZvtTerminalFarEnd(self.clock), QrBackendFarEnd(self.clock)
        self.cards = CardServing("127.0.0.1", 9)
        things = demo_things()
        self.table = Table(
            things,
            reader=self.reader,
            scanner=ScannerFarEnd(self.clock),
            strip_place=None,
            card_place=self.cards,
            plugs={},
            network=None,
            clock=self.clock,
            corners=(
                PrinterCorner(self.printer),
                TillCorner(self.terminal, self.backend),
                ChuteCorner(things, self.drop, self.reader),
            ),
        )

    def ask(self, do: str, **beside: object) -> dict[str, Any]:
        return dict(self.table.answer({"do": do, **beside}))

    def wants_money(self, key: str) -> None:
        """The terminal asks the back end for a payment, as its client does."""
        body = b'{"amount": 150, "currency": "CNY", "subject": "Demo", "seconds": 60}'
        headers = {"authorization": f"Bearer {TOKEN}"}
        self.backend.answer(Request("PUT", f"/payments/{key}", headers, body))


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.cards.close()


def test_paper_hangs_out_until_it_is_torn_off(bench: Bench) -> None:
    """The state shows what was printed, and who tears it off holds it."""
    bench.printer.receive(b"\x1b@Due 12 May\n")
    assert bench.ask("state")["paper"] == ["Due 12 May"]

    assert bench.ask("tear") == {"lines": ["Due 12 May"]}

    assert bench.ask("state")["paper"] == []


def test_a_roll_can_be_put_in_and_be_empty(bench: Bench) -> None:
    """A roll without a line is one that is out, until a new one is put in."""
    bench.ask("load", lines=0)
    assert bench.printer.lines_left == 0

    bench.ask("load")

    assert bench.printer.lines_left == 1000


def test_cards_are_shown_as_they_are_asked_for(bench: Bench) -> None:
    """Every way a card can go can be chosen, and none at all."""
    for choice in CardChoice:
        bench.ask("card", choice=choice.value)
        assert bench.terminal.card is choice
        assert bench.ask("state")["card"] == choice.value

    bench.ask("card", choice="none")

    assert bench.ask("state")["card"] == "none"


def test_the_wallet_pays_the_code_that_is_shown_or_does_not(bench: Bench) -> None:
    """A payment that waits is paid or declined, and the state tells what the wallet gave."""
    bench.wants_money("e1-1-1-1")
    assert bench.ask("wallet", how="decline") == {"key": "e1-1-1-1"}
    bench.wants_money("e1-1-2-1")

    bench.ask("wallet", how="pay", key="e1-1-2-1")

    told = bench.ask("state")["money"]
    assert told["card"] == []
    assert [(one["key"], one["state"], one["taken"]) for one in told["qr"]] == [
        ("e1-1-1-1", "cancelled", 0),
        ("e1-1-2-1", "paid", 150),
    ]


def test_what_is_put_into_the_chute_is_read_there_until_it_falls(bench: Bench) -> None:
    """Barrier and antenna see the same item, and lose it together."""
    bench.ask("insert", thing=BOOK)
    assert bench.ask("state")["chute"] == BOOK
    assert not bench.drop.level(ENTRY)
    assert len(bench.reader.tags()) == 1

    bench.drop.drive(FLAP, True)
    for _ in range(20):
        bench.clock.wait(0.1)
        bench.drop.level(ENTRY)

    told = bench.ask("state")
    assert (told["chute"], told["bins"]) == ("", {"": [BOOK]})
    assert bench.reader.tags() == ()


def test_two_pushed_in_as_one_are_two_to_the_antenna_and_come_out_together(bench: Bench) -> None:
    """One barrier is dark, two tags are read, and a hand takes both out again."""
    bench.ask("insert", thing=BOOK, also=OTHER)
    assert len(bench.reader.tags()) == 2

    bench.ask("pull-out")

    assert bench.reader.tags() == ()
    assert bench.ask("state")["chute"] == ""


@pytest.mark.parametrize(
    ("do", "beside"),
    [
        ("load", {"lines": -1}),
        ("load", {"lines": True}),
        ("load", {"lines": "many"}),
        ("card", {}),
        ("card", {"choice": ["approve"]}),
        ("wallet", {"how": "pay"}),
        ("wallet", {"how": {}}),
        ("wallet", {"how": "pay", "key": 3}),
        ("insert", {}),
        ("insert", {"thing": 5}),
        ("insert", {"thing": BOOK, "also": "no such thing"}),
        ("insert", {"thing": demo.READER}),
        ("pull-out", {}),
        ("bin", {}),
        ("bin", {"how": ["full"]}),
    ],
)
def test_nonsense_is_refused_with_a_sentence(bench: Bench, do: str, beside: dict[str, object]) -> None:
    """Whatever makes no sense at a corner changes nothing there."""
    before = bench.ask("state")

    with pytest.raises(CannotBeDone, match=r"\w+ \w+"):
        bench.ask(do, **beside)

    assert bench.ask("state") == before


def test_a_bin_is_full_until_it_is_emptied(bench: Bench) -> None:
    """The sensor in the bin says so, as long as nobody was there."""
    bench.ask("bin", how="full")
    assert not bench.drop.level(BIN_FULL)

    bench.ask("bin", how="emptied")

    assert bench.drop.level(BIN_FULL)


def test_a_chute_that_is_taken_takes_nothing_more(bench: Bench) -> None:
    """What lies there has to fall or be pulled out first."""
    bench.ask("insert", thing=BOOK)

    with pytest.raises(CannotBeDone, match="lies there already"):
        bench.ask("insert", thing=OTHER)

    assert len(bench.reader.tags()) == 1
