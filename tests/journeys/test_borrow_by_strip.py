"""A reader borrows items with magnetic strips, the whole way: scanner, SIP2, central, journal and the strip unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.em import Deed
from drivers.sim.shelf import item_tag
from drivers.sim.strip import Strip as MagneticStrip
from drivers.sim.strip import StripItem, tape
from kiosk.workflow.settings import ScannedItem, SessionSettings, Strips
from kiosk.workflow.view import (
    NO,
    STRIP_READY,
    Borrowing,
    Notice,
    Status,
    StripStep,
    Summary,
    Trouble,
    UseStripUnit,
    Welcome,
)
from sync.central import demo
from sync.entries import CaseOpened, Granted, Released, ReleaseIntended, Settled, Settlement, Strip
from tests.kit.rig import OFFLINE, Rig, with_settings

FREE = demo.ITEMS_FREE
BY_STRIP = with_settings(strips=Strips.UNTAGGED, scanned_item=ScannedItem.LEND)
HYBRID = with_settings(strips=Strips.ALL, scanned_item=ScannedItem.LEND)


def opened(folder: Path, settings: SessionSettings) -> Iterator[Rig]:
    """A rig of *settings*, at rest."""
    rig = Rig(folder, settings)
    rig.settle()
    yield rig
    rig.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A terminal of a library with barcodes and strips; tagged items are lent on its pad."""
    yield from opened(tmp_path, BY_STRIP)


@pytest.fixture
def hybrid(tmp_path: Path) -> Iterator[Rig]:
    """A terminal of a library whose items have a tag and a strip."""
    yield from opened(tmp_path, HYBRID)


def rows(rig: Rig, item: str) -> list[object]:
    """Every row of every entry of *item*, in order."""
    return [row for entry in rig.entries() if entry.promise.item == item for row in entry.rows]


def ending(rig: Rig, item: str) -> Settlement | None:
    """How the last entry of *item* ended."""
    return next((row.how for row in reversed(rows(rig, item)) if isinstance(row, Settled)), None)


def deeds(rig: Rig) -> list[tuple[Deed, tuple[str, ...]]]:
    """What the coil was told to do, and what lay on it."""
    return rig.strips.pulses


def test_an_item_is_borrowed_by_barcode_and_strip(rig: Rig) -> None:
    """Scanned, granted, asked for on the whole screen, slid over the unit: lent, verified, and one pulse in all."""
    rig.begin()
    rig.scan(FREE[0])
    asked = rig.seen(UseStripUnit)
    assert (asked.step, asked.line.id) == (StripStep.DESENSITISE, FREE[0])
    assert deeds(rig) == []

    rig.slide(FREE[0])

    assert rig.line(FREE[0]).status is Status.LENT
    assert rig.line(FREE[0]).why is None
    assert rig.inactive == {FREE[0]}
    assert rig.server.loans_of(demo.READER) == {FREE[0]}
    assert deeds(rig) == [(Deed.DESENSITISE, (FREE[0],))]
    released = [row for row in rows(rig, FREE[0]) if isinstance(row, Released)]
    assert [row.strip for row in released] == [Strip.INACTIVE]
    assert rig.kiosk.health.told()["strips_treated"] == 1


def test_several_items_go_over_the_unit_one_after_the_other(rig: Rig) -> None:
    """Each is asked for when the one before it is done; the summary has them all."""
    rig.begin()
    for item in FREE[:3]:
        rig.scan(item)
        rig.slide(item)
    rig.choose("finish")

    assert rig.seen(Summary).lent == 3
    assert rig.inactive == set(FREE[:3])
    assert deeds(rig) == [(Deed.DESENSITISE, (item,)) for item in FREE[:3]]


def test_items_scanned_in_one_go_wait_for_their_turn(rig: Rig) -> None:
    """The second is not asked for at the server before the first is done."""
    rig.begin()
    rig.scan(FREE[0])
    rig.scan(FREE[1])
    assert rig.server.loans_of(demo.READER) == {FREE[0]}

    rig.slide(FREE[0])
    assert rig.seen(UseStripUnit).line.id == FREE[1]
    rig.slide(FREE[1])

    assert rig.statuses() == {FREE[0]: Status.LENT, FREE[1]: Status.LENT}
    assert rig.inactive == set(FREE[:2])


def test_tagged_and_stripped_items_mix_in_one_session(rig: Rig) -> None:
    """A tagged book on the pad and one with a strip before the scanner are both lent, each released in its own way."""
    rig.lay(FREE[0])
    rig.begin()
    rig.scan(FREE[1])
    rig.slide(FREE[1])
    rig.lay(FREE[2])

    assert set(rig.statuses().values()) == {Status.LENT}
    assert rig.released == {FREE[0], FREE[2]}
    assert rig.inactive == {FREE[1]}
    assert rig.server.loans_of(demo.READER) == set(FREE[:3])


def test_an_item_that_lies_on_the_unit_when_it_is_scanned_is_the_one(rig: Rig) -> None:
    """Laid there first, scanned where it lies: nothing happens before the grant, then it is treated as it lies."""
    rig.begin()
    rig.put_on_unit(FREE[0])
    assert deeds(rig) == []

    rig.scan(FREE[0])

    assert rig.inactive == {FREE[0]}
    assert deeds(rig) == [(Deed.DESENSITISE, (FREE[0],))]
    rig.lift_from_unit()
    assert rig.line(FREE[0]).status is Status.LENT


def test_what_lies_there_from_the_item_before_is_not_taken_for_the_next(rig: Rig) -> None:
    """The first item stays on the unit; the second is not granted its pulse before the first was taken away."""
    rig.begin()
    rig.put_on_unit(FREE[0])
    rig.scan(FREE[0])
    rig.scan(FREE[1])
    assert len(deeds(rig)) == 1
    assert rig.seen(UseStripUnit).step is StripStep.TAKE_AWAY

    rig.lift_from_unit()
    rig.slide(FREE[1])

    assert deeds(rig) == [(Deed.DESENSITISE, (FREE[0],)), (Deed.DESENSITISE, (FREE[1],))]
    assert rig.statuses() == {FREE[0]: Status.LENT, FREE[1]: Status.LENT}


def test_a_tape_that_is_not_asked_for_is_not_taken_for_the_next_item(rig: Rig) -> None:
    """Scanned where it lies, and the reader's already: the book scanned after it is treated when the tape has gone."""
    rig.strips.items[demo.ITEM_MAGNETIC] = tape(demo.ITEM_MAGNETIC)
    rig.begin()
    rig.scan(demo.ITEM_MAGNETIC)
    rig.choose("finish")
    rig.choose("done")
    rig.take_card()
    rig.begin()
    rig.put_on_unit(demo.ITEM_MAGNETIC)
    rig.scan(demo.ITEM_MAGNETIC)
    assert rig.line(demo.ITEM_MAGNETIC).status is Status.ALREADY_YOURS

    rig.scan(FREE[0])
    assert rig.seen(UseStripUnit).step is StripStep.TAKE_AWAY
    assert deeds(rig) == []
    rig.lift_from_unit()
    rig.slide(FREE[0])

    assert not rig.strips.items[demo.ITEM_MAGNETIC].is_erased
    assert deeds(rig) == [(Deed.DESENSITISE, (FREE[0],))]


@pytest.mark.parametrize(
    ("item", "why"),
    [(demo.ITEM_MAGNETIC, Trouble.STRIP_MAGNETIC_MEDIA), (demo.ITEM_STAYS_SECURED, Trouble.STRIP_PERMANENT)],
)
def test_what_must_stay_as_it_is_is_lent_and_no_coil_comes_near(rig: Rig, item: str, why: Trouble) -> None:
    """Magnetic media by the server's word (CK), desensitise N: lent, sent to the desk, never armed, nothing erased."""
    rig.strips.items[item] = tape(item)
    rig.begin()
    rig.scan(item)
    rig.slide(item)

    assert (rig.line(item).status, rig.line(item).why) == (Status.LENT_STAYS_SECURED, why)
    assert rig.server.loans_of(demo.READER) == {item}
    assert rig.strips.armings == 0
    assert not rig.strips.items[item].is_erased
    assert rig.inactive == set()
    assert not any(isinstance(row, ReleaseIntended) for row in rows(rig, item))


def test_a_reference_work_is_refused_before_the_coil(rig: Rig) -> None:
    """What the server does not lend never gets as far as the strip unit."""
    rig.begin()
    rig.scan(demo.ITEM_REFERENCE)
    rig.slide(demo.ITEM_REFERENCE)

    assert rig.line(demo.ITEM_REFERENCE).status is Status.NOT_LENT
    assert rig.strips.armings == 0


def test_a_permanent_strip_that_the_server_knows_nothing_of_undoes_the_loan(rig: Rig) -> None:
    """Read back as active time after time: tried again by the reader, then the loan is taken back."""
    rig.strips.items[FREE[0]] = StripItem(FREE[0], [MagneticStrip(is_permanent=True)])
    rig.begin()
    rig.scan(FREE[0])
    for _ in range(rig.settings.release_tries_max):
        if isinstance(rig.view, UseStripUnit):
            rig.slide(FREE[0])
    rig.pass_time(2)

    assert rig.inactive == set()
    assert rig.server.loans_of(demo.READER) == set()
    assert ending(rig, FREE[0]) in (Settlement.DONE, Settlement.UNDONE)
    assert rig.line(FREE[0]).status is Status.NOT_LENT


def test_a_weak_pulse_is_tried_again(rig: Rig) -> None:
    """The first try reads active, the second inactive: lent."""
    rig.strips.items[FREE[0]] = StripItem(FREE[0], [MagneticStrip(pulses_needed=2)])
    rig.begin()
    rig.scan(FREE[0])
    rig.slide(FREE[0])
    assert rig.seen(UseStripUnit).step is StripStep.AGAIN

    rig.slide(FREE[0])

    assert rig.line(FREE[0]).status is Status.LENT
    assert rig.inactive == {FREE[0]}


def test_a_fault_of_the_unit_is_tried_again(rig: Rig) -> None:
    """The unit says that it did nothing: the reader slides once more."""
    rig.strips.faults = 1
    rig.begin()
    rig.scan(FREE[0])
    rig.slide(FREE[0])
    assert rig.seen(UseStripUnit).step is StripStep.AGAIN

    rig.slide(FREE[0])

    assert rig.line(FREE[0]).status is Status.LENT


def test_an_item_that_passed_before_its_grant_is_not_treated_in_its_place(rig: Rig) -> None:
    """Two sensings between scan and pulse: nobody can tell which item would lie there, so nothing is pulsed."""
    rig.begin()
    rig.server.silence()
    rig.scan(FREE[0])
    rig.strips.slide(FREE[0])
    rig.turn(4)
    rig.strips.slide(FREE[1])
    rig.turn(4)
    rig.server.mend()
    rig.pass_time(rig.settings.answer_seconds + 2)

    assert deeds(rig) == []
    assert rig.inactive == set()


def test_time_that_runs_out_leaves_the_strip_and_a_case(rig: Rig) -> None:
    """Nobody slides anything: nothing is pulsed, and a human is told that nobody knows."""
    rig.begin()
    rig.scan(FREE[0])
    rig.seen(UseStripUnit)

    rig.pass_time(rig.settings.strip_seconds + 3)

    assert deeds(rig) == []
    assert rig.inactive == set()
    assert any(isinstance(row, CaseOpened) for row in rows(rig, FREE[0]))
    rig.slide(FREE[0])
    assert deeds(rig) == []


def test_a_reader_may_say_no_at_the_unit(rig: Rig) -> None:
    """No pulse after that, whatever passes."""
    rig.begin()
    rig.scan(FREE[0])
    rig.choose(NO)
    rig.pass_time(2)
    rig.slide(FREE[0])

    assert deeds(rig) == []
    assert rig.inactive == set()


def test_a_unit_that_is_unplugged_while_armed_does_nothing_when_it_comes_back(rig: Rig) -> None:
    """The item is a case; after the cable is put back another item is borrowed as if nothing had been."""
    rig.begin()
    rig.scan(FREE[0])
    rig.seen(UseStripUnit)
    rig.unplug_strips()
    rig.pass_time(3)
    assert Notice.STRIP_UNIT_AWAY in rig.shown[-1].notices
    rig.plug_strips()
    rig.slide(FREE[0])
    rig.slide(FREE[1])

    assert deeds(rig) == []
    assert rig.inactive == set()
    assert any(isinstance(row, CaseOpened) for row in rows(rig, FREE[0]))
    rig.scan(FREE[2])
    rig.slide(FREE[2])
    assert deeds(rig) == [(Deed.DESENSITISE, (FREE[2],))]
    assert rig.line(FREE[2]).status is Status.LENT


def test_without_its_strip_unit_a_terminal_asks_for_no_stripped_item(rig: Rig) -> None:
    """The item is refused before the server hears of it, a tagged one is lent as ever."""
    rig.unplug_strips()
    rig.begin()
    rig.scan(FREE[0])
    rig.lay(FREE[1])

    assert (rig.line(FREE[0]).status, rig.line(FREE[0]).why) == (Status.NOT_LENT, Trouble.STRIP_UNIT_AWAY)
    assert rig.line(FREE[1]).status is Status.LENT
    assert rig.server.loans_of(demo.READER) == {FREE[1]}
    assert Notice.STRIP_UNIT_AWAY in rig.shown[-1].notices


def test_nothing_happens_to_what_lies_there_at_power_up(rig: Rig) -> None:
    """A restart with an item on the unit, in the middle of its loan: the strip stays, and a case says so."""
    rig.begin()
    rig.scan(FREE[0])
    rig.seen(UseStripUnit)
    rig.crash()
    rig.strips.lay(FREE[0])
    rig.restart()
    rig.until(lambda: isinstance(rig.view, Welcome))
    rig.pass_time(20)

    assert deeds(rig) == []
    assert rig.inactive == set()
    assert any(isinstance(row, CaseOpened) for row in rows(rig, FREE[0]))


def test_items_that_pass_without_a_session_are_left_alone(rig: Rig) -> None:
    """Before the card, after the session: the unit only looks."""
    rig.slide(FREE[0])
    rig.begin()
    rig.slide(FREE[1])
    rig.choose("finish")
    rig.slide(FREE[2])

    assert rig.strips.armings == 0
    assert rig.inactive == set()


def test_a_hybrid_item_is_released_at_tag_and_strip(hybrid: Rig) -> None:
    """Both or neither: it is lent when both are done."""
    hybrid.begin()
    hybrid.lay(FREE[0])
    assert hybrid.seen(UseStripUnit).line.id == FREE[0]

    hybrid.slide(FREE[0])

    assert hybrid.line(FREE[0]).status is Status.LENT
    assert hybrid.released == {FREE[0]}
    assert hybrid.inactive == {FREE[0]}


def test_a_hybrid_item_whose_strip_cannot_be_switched_is_secured_again(hybrid: Rig) -> None:
    """The strip stays active, so the tag is made active again and the loan is taken back."""
    hybrid.strips.items[FREE[0]] = StripItem(FREE[0], [MagneticStrip(is_permanent=True)])
    hybrid.begin()
    hybrid.lay(FREE[0])
    for _ in range(hybrid.settings.release_tries_max):
        if isinstance(hybrid.view, UseStripUnit):
            hybrid.slide(FREE[0])
    hybrid.pass_time(2)

    assert hybrid.released == set()
    assert hybrid.inactive == set()
    assert hybrid.server.loans_of(demo.READER) == set()


def test_a_tape_with_a_tag_and_a_strip_keeps_both(hybrid: Rig) -> None:
    """Its tag names magnetic tape (ISO 28560-3 media format): neither is touched, though the server says nothing."""
    hybrid.tags[FREE[0]] = [item_tag(FREE[0], media_format=3)]
    hybrid.strips.items[FREE[0]] = tape(FREE[0])
    hybrid.begin()
    hybrid.lay(FREE[0])
    hybrid.slide(FREE[0])

    assert hybrid.line(FREE[0]).why is Trouble.STRIP_MAGNETIC_MEDIA
    assert hybrid.released == set()
    assert hybrid.inactive == set()
    assert not hybrid.strips.items[FREE[0]].is_erased


def test_a_tag_of_another_item_on_the_pad_stops_everything(rig: Rig) -> None:
    """Label and tag disagree: what goes over the unit may be another item, so nothing is pulsed, the loan is undone."""
    rig.begin()
    rig.scan(FREE[0])
    rig.seen(UseStripUnit)
    rig.lay(FREE[1])
    rig.pass_time(2)
    rig.slide(FREE[0])

    assert deeds(rig) == []
    assert FREE[0] not in rig.server.loans_of(demo.READER)
    assert rig.line(FREE[0]).why is Trouble.TAG_IS_OF_ANOTHER


def test_a_unit_that_senses_nothing_waits_for_the_reader(tmp_path: Path) -> None:
    """The reader says when the item lies there; without a word nothing is pulsed.  It cannot verify: that is said."""
    settings = with_settings(strips=Strips.UNTAGGED, scanned_item=ScannedItem.LEND, strip_unit_senses=False)
    for rig in opened(tmp_path, settings):
        rig.begin()
        rig.scan(FREE[0])
        rig.put_on_unit(FREE[0])
        rig.pass_time(5)
        assert deeds(rig) == []

        rig.choose(STRIP_READY)

        assert deeds(rig) == [(Deed.DESENSITISE, (FREE[0],))]
        assert (rig.line(FREE[0]).status, rig.line(FREE[0]).why) == (
            Status.LENT,
            Trouble.STRIP_NOT_CHECKED,
        )
        told = rig.kiosk.health.told()
        assert (told["strips_treated"], told["strips_unverified"]) == (0, 1)


def test_without_the_network_only_what_is_known_not_to_be_magnetic_is_treated(tmp_path: Path) -> None:
    """The snapshot says what a tape is; the terminal's own promise desensitises an ordinary book and no tape."""
    settings = with_settings(
        strips=Strips.UNTAGGED, scanned_item=ScannedItem.LEND, offline=OFFLINE, needs_pin=False
    )
    for rig in opened(tmp_path, settings):
        rig.strips.items[demo.ITEM_MAGNETIC] = tape(demo.ITEM_MAGNETIC)
        rig.pass_time(10)
        rig.cut_network()
        rig.pass_time(10)
        rig.show_card()
        assert isinstance(rig.view, Borrowing)
        rig.scan(FREE[0])
        rig.slide(FREE[0])
        rig.scan(demo.ITEM_MAGNETIC)
        rig.slide(demo.ITEM_MAGNETIC)

        assert rig.inactive == {FREE[0]}
        assert deeds(rig) == [(Deed.DESENSITISE, (FREE[0],))]
        assert not rig.strips.items[demo.ITEM_MAGNETIC].is_erased
        rig.mend_network()
        rig.pass_time(60)
        assert FREE[0] in rig.server.loans_of(demo.READER)


def test_what_the_server_grants_is_what_the_journal_has(rig: Rig) -> None:
    """The order of the rows is grant, intent, release: no pulse without the two before it on disk."""
    rig.begin()
    rig.scan(FREE[0])
    before = [type(row) for row in rows(rig, FREE[0])]
    assert before[-1] is ReleaseIntended
    assert any(isinstance(entry.answer, Granted) for entry in rig.entries())
    rig.slide(FREE[0])

    after = [row for row in rows(rig, FREE[0]) if isinstance(row, ReleaseIntended | Released)]
    assert [row.strip for row in after] == [Strip.UNVERIFIED, Strip.INACTIVE]


def test_a_book_that_stands_on_a_real_strip_unit_is_moved_over_it_after_a_second_scan(tmp_path: Path) -> None:
    """The BookCheck cannot treat what stands there: the reader is told what to do, and does not wait for nothing."""
    rig = Rig(tmp_path, replace(BY_STRIP, strip_unit_treats_lying=False), bookcheck=True)
    rig.pass_time(5)
    rig.begin()
    rig.put_on_unit(FREE[0])
    rig.pass_time(1)
    rig.scan(FREE[0])
    rig.pass_time(2)
    assert (rig.seen(UseStripUnit).step, rig.seen(UseStripUnit).is_working) == (StripStep.SCAN_AGAIN, False)
    rig.lift_from_unit()
    rig.pass_time(1)
    rig.scan(FREE[0])
    rig.pass_time(2)
    rig.slide(FREE[0])

    assert rig.line(FREE[0]).status is Status.LENT
    assert rig.inactive == {FREE[0]}
    rig.close()


def test_a_real_strip_unit_lends_a_book_and_spares_a_tape(tmp_path: Path) -> None:
    """The same journey with the BookCheck's own driver: live for one crossing, in media mode before and after."""
    rig = Rig(tmp_path, BY_STRIP, bookcheck=True)
    rig.strips.items[demo.ITEM_MAGNETIC] = tape(demo.ITEM_MAGNETIC)
    assert rig.bookcheck is not None
    rig.pass_time(5)
    rig.slide(FREE[2])
    rig.begin()
    rig.scan(FREE[0])
    rig.pass_time(1)
    rig.slide(FREE[0])
    rig.scan(demo.ITEM_MAGNETIC)
    rig.pass_time(1)
    rig.slide(demo.ITEM_MAGNETIC)

    assert rig.line(FREE[0]).status is Status.LENT
    assert rig.inactive == {FREE[0]}
    assert not rig.strips.items[demo.ITEM_MAGNETIC].is_erased
    assert rig.bookcheck.far_end.is_safe
    rig.close()
