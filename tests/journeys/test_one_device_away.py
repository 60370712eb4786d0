"""One device fails: what needs it is gone, and everything else goes on; plugged in again it is there again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.workflow.settings import ScannedItem, Strips
from kiosk.workflow.view import Borrowing, Notice, Status, Trouble
from sync.central import demo
from tests.kit.rig import Rig, with_settings

TAGGED, STRIPPED, LATER = demo.ITEMS_FREE[:3]
WITH_STRIPS = with_settings(strips=Strips.UNTAGGED, scanned_item=ScannedItem.LEND, has_printer=True)
BY_BARCODE = with_settings(scanned_item=ScannedItem.LEND, has_printer=True)


def opened(folder: Path, *, has_strips: bool) -> Rig:
    rig = Rig(folder, WITH_STRIPS if has_strips else BY_BARCODE)
    rig.settle()
    return rig


@pytest.fixture
def strips(tmp_path: Path) -> Iterator[Rig]:
    """A terminal with every device there is, in a library where items without a tag have a strip."""
    rig = opened(tmp_path, has_strips=True)
    yield rig
    rig.close()


@pytest.fixture
def barcodes(tmp_path: Path) -> Iterator[Rig]:
    """A terminal with every device but a strip unit, in a library where items without a tag have nothing."""
    rig = opened(tmp_path, has_strips=False)
    yield rig
    rig.close()


def pull_pad(rig: Rig) -> None:
    rig.unplug_pad()


def pull_scanner(rig: Rig) -> None:
    rig.scanner_plug.pull()
    rig.turn(4)


def pull_printer(rig: Rig) -> None:
    rig.printer_plug.pull()
    rig.pass_time(6)


def pull_card_reader(rig: Rig) -> None:
    rig.unplug_card_reader()


def pull_strip_unit(rig: Rig) -> None:
    rig.unplug_strips()


def plug_all(rig: Rig) -> None:
    """Every cable is put back; no pump waits longer than half a minute before it looks again."""
    for plug in (rig.pad_plug, rig.scanner_plug, rig.printer_plug):
        plug.is_in = True
    rig.plug_card_reader()
    rig.strips.is_plugged = True


def begin_by_hand(rig: Rig) -> None:
    rig.choose("number")
    rig.type_number(demo.READER)
    rig.pin()


@dataclass(frozen=True)
class Away:
    """A device that fails, and what is left: how each way of borrowing ends without it, None where nothing happens."""

    pull: Callable[[Rig], None]
    by_tag: Status | None
    by_strip: Status | None
    begin: Callable[[Rig], None] = Rig.begin
    notice: Notice | None = None


LENT = Status.LENT
EVERY_DEVICE = {
    "pad": Away(pull_pad, None, LENT, notice=Notice.PAD_AWAY),
    "scanner": Away(pull_scanner, LENT, None),
    "card reader": Away(pull_card_reader, LENT, LENT, begin_by_hand),
    "printer": Away(pull_printer, LENT, LENT),
    "strip unit": Away(pull_strip_unit, LENT, Status.NOT_LENT, notice=Notice.STRIP_UNIT_AWAY),
}


def borrowed(rig: Rig, *, by_strip: bool) -> dict[str, Status]:
    """What the list says after a book was laid on the pad and another one scanned, and slid where that is asked."""
    rig.lay(TAGGED)
    rig.scan(STRIPPED)
    if by_strip:
        rig.slide(STRIPPED)
    return rig.statuses() if isinstance(rig.view, Borrowing) else {}


@pytest.mark.parametrize("away", EVERY_DEVICE.values(), ids=EVERY_DEVICE.keys())
def test_one_device_takes_away_only_what_needs_it(strips: Rig, away: Away) -> None:
    """Tags, strips, cards and slips each go on without the others, and what cannot be done is not begun."""
    away.pull(strips)
    away.begin(strips)
    seen = borrowed(strips, by_strip=True)

    ways = {TAGGED: away.by_tag, STRIPPED: away.by_strip}
    assert seen == {item: status for item, status in ways.items() if status is not None}
    assert strips.server.loans_of(demo.READER) == {item for item, status in ways.items() if status is LENT}
    assert strips.released == {item for item, status in ways.items() if item == TAGGED and status is LENT}
    assert strips.inactive == {item for item, status in ways.items() if item == STRIPPED and status is LENT}
    if away.notice is not None:
        assert away.notice in strips.shown[-1].notices


@pytest.mark.parametrize("away", EVERY_DEVICE.values(), ids=EVERY_DEVICE.keys())
def test_a_device_that_is_plugged_in_again_serves_the_next_reader(strips: Rig, away: Away) -> None:
    """After half a minute at most everything works again, without a restart, and no notice is left."""
    away.pull(strips)
    strips.pass_time(45)
    plug_all(strips)
    strips.pass_time(31)

    assert not set(strips.shown[-1].notices) & {Notice.PAD_AWAY, Notice.STRIP_UNIT_AWAY}
    strips.begin()
    assert borrowed(strips, by_strip=True) == {TAGGED: LENT, STRIPPED: LENT}


@pytest.mark.parametrize("away", [EVERY_DEVICE["pad"], EVERY_DEVICE["printer"]], ids=["pad", "printer"])
def test_without_the_pad_items_are_lent_by_their_barcodes(barcodes: Rig, away: Away) -> None:
    """Where the library lends scanned items, a pad that failed leaves the scanner; so does a printer."""
    away.pull(barcodes)
    barcodes.begin()
    barcodes.scan(LATER)
    assert barcodes.line(LATER).status is LENT
    assert barcodes.server.loans_of(demo.READER) == {LATER}


def test_a_device_that_fails_in_the_middle_of_a_session_leaves_the_rest_of_it(strips: Rig) -> None:
    """A book is lent, the strip unit fails, the next stripped item is refused at once, and a tagged one is lent."""
    strips.begin()
    strips.scan(STRIPPED)
    strips.slide(STRIPPED)
    strips.unplug_strips()
    strips.scan(LATER)
    strips.lay(TAGGED)

    assert (strips.line(LATER).status, strips.line(LATER).why) == (Status.NOT_LENT, Trouble.STRIP_UNIT_AWAY)
    assert strips.statuses() == {STRIPPED: LENT, LATER: Status.NOT_LENT, TAGGED: LENT}
    assert strips.server.loans_of(demo.READER) == {STRIPPED, TAGGED}
