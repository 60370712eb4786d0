"""Readers give items back, the whole way: drivers, journal, SIP2, central and tags, on real bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.sim.shelf import foreign_item_tag, item_tag, item_tags, locked_item_tag
from kiosk.workflow.settings import DropSettings, ScannedItem, Service
from kiosk.workflow.view import (
    BackStatus,
    BackSummary,
    BookDropping,
    Borrowing,
    DropStep,
    GivingBack,
    Notice,
    Status,
    Trouble,
    Welcome,
)
from sync.central import demo
from sync.entries import (
    Answered,
    CaseOpened,
    CaseReason,
    Dropped,
    Entry,
    GiveBack,
    Intended,
    Reason,
    Restored,
    Secured,
    SecureIntended,
    Settled,
    Settlement,
)
from tests.kit.demo_server import OTHER_TERMINAL
from tests.kit.rig import RELEASED_AFI, SETTINGS, Rig

FREE = demo.ITEMS_FREE
NOBODYS = "39999000000019"
BOTH = replace(SETTINGS, services=(Service.BORROW, Service.RETURN))
ONLY = replace(SETTINGS, services=(Service.RETURN,))
DROP = replace(ONLY, drop=DropSettings())


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A terminal that lends and takes back."""
    yield from a_rig(tmp_path, BOTH)


@pytest.fixture
def only(tmp_path: Path) -> Iterator[Rig]:
    """A terminal for returns alone."""
    yield from a_rig(tmp_path, ONLY)


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[Rig]:
    """An unattended book drop."""
    yield from a_rig(tmp_path, DROP)


def a_rig(folder: Path, settings: object) -> Iterator[Rig]:
    rig = Rig(folder, settings)  # type: ignore[arg-type]
    rig.settle()
    yield rig
    rig.close()


def returns(rig: Rig) -> list[Entry]:
    """Every return's entry, oldest first."""
    return [entry for entry in rig.entries() if isinstance(entry.promise, GiveBack)]


def endings(rig: Rig) -> dict[str, Settlement]:
    """How each return ended, by item; the last one counts."""
    return {
        str(entry.promise.item): row.how
        for entry in returns(rig)
        for row in entry.rows
        if isinstance(row, Settled)
    }


def cases(rig: Rig) -> list[CaseReason]:
    """Why staff have to look."""
    return [row.reason for entry in returns(rig) for row in entry.rows if isinstance(row, CaseOpened)]


def turn_without_the_server(rig: Rig) -> None:
    """Lets a moment pass in which the server has not answered yet."""
    for _ in range(20):
        for pump in rig.kiosk.pumps:
            if pump.name != "uplink":
                pump.turn()


def test_a_stack_is_given_back_without_a_card(rig: Rig) -> None:
    """Each loan is closed at the server, each tag secured, and each entry done."""
    rig.lend(demo.READER, *FREE[:4])
    rig.choose("give-back")

    rig.lay(*FREE[:4])

    assert rig.back_statuses() == dict.fromkeys(FREE[:4], BackStatus.BACK)
    assert rig.server.loans_of(demo.READER) == set()
    assert rig.released == set()
    assert endings(rig) == dict.fromkeys(FREE[:4], Settlement.DONE)
    kinds = [type(row) for row in returns(rig)[0].rows]
    assert kinds == [Intended, SecureIntended, Secured, Answered, Settled]


def test_books_of_two_readers_are_counted_apart(rig: Rig) -> None:
    """The summary knows that there were two, and says of nobody who they are."""
    rig.lend(demo.READER, FREE[0])
    rig.lend(demo.READER_ENGLISH, FREE[1])
    rig.choose("give-back")
    rig.lay(*FREE[:2])

    rig.choose("finish")

    assert rig.seen(BackSummary).readers == 2
    assert demo.READER not in repr(rig.view)


def test_a_blocked_reader_gives_back_as_anybody(rig: Rig) -> None:
    """Nobody is asked who they are, so nobody is refused."""
    rig.lend(demo.READER, FREE[0])
    rig.choose("give-back")

    rig.lay(FREE[0])

    assert rig.back_line(FREE[0]).status is BackStatus.BACK


def test_an_overdue_book_says_by_how_much(rig: Rig) -> None:
    """The day it had to be back, the days since, and what that costs."""
    rig.lend(demo.READER, FREE[0])
    due = rig.server.due_of(FREE[0])
    assert due is not None
    rig.clock.wait(40 * 86_400.0)
    rig.settle()
    rig.choose("give-back")

    rig.lay(FREE[0])

    line = rig.back_line(FREE[0])
    assert line.status is BackStatus.BACK
    assert line.days_overdue == (rig.clock.now().date() - due).days > 0


def test_a_book_that_was_back_already_is_secured_all_the_same(rig: Rig) -> None:
    """No loan is found, and nobody minds."""
    rig.tags[FREE[0]] = [item_tag(FREE[0])]
    rig.tags[FREE[0]][0].afi = RELEASED_AFI
    rig.choose("give-back")

    rig.lay(FREE[0])

    assert rig.back_line(FREE[0]).status is BackStatus.BACK_NO_LOAN
    assert rig.released == set()


def test_an_item_nobody_knows_is_put_back_as_it_was(rig: Rig) -> None:
    """The pad wrote its tag before the server said that it is not ours: it is what it was."""
    rig.tags[NOBODYS] = [item_tag(NOBODYS)]
    rig.tags[NOBODYS][0].afi = 0x4A
    rig.choose("give-back")

    rig.lay(NOBODYS)

    assert rig.back_line(NOBODYS).status is BackStatus.HANDED_BACK
    assert rig.back_line(NOBODYS).why is Reason.ITEM_UNKNOWN
    assert rig.tags[NOBODYS][0].afi == 0x4A
    assert any(isinstance(row, Restored) for row in returns(rig)[0].rows)
    assert endings(rig) == {NOBODYS: Settlement.REFUSED}


def test_another_librarys_item_is_left_alone(rig: Rig) -> None:
    """Its tag is not written, and the server hears nothing of it."""
    foreign = foreign_item_tag("777")
    foreign.afi = RELEASED_AFI
    rig.choose("give-back")

    rig.lay(foreign)

    assert [line.status for line in rig.seen(GivingBack).lines] == [BackStatus.HANDED_BACK]
    assert foreign.afi == RELEASED_AFI
    assert returns(rig) == []


def test_a_tag_that_cannot_be_written_is_no_reason_to_refuse(rig: Rig) -> None:
    """The loan is closed, and staff secure the book."""
    locked = locked_item_tag(FREE[0])
    rig.lend(demo.READER, FREE[0])
    locked.afi = RELEASED_AFI
    rig.tags[FREE[0]] = [locked]
    rig.choose("give-back")

    rig.lay(FREE[0])

    assert rig.back_line(FREE[0]).status is BackStatus.BACK_TO_STAFF
    assert rig.server.loans_of(demo.READER) == set()
    assert cases(rig) == [CaseReason.RETURN_NOT_SECURED]


def test_a_missing_volume_is_asked_for(rig: Rig) -> None:
    """The set is given back as it is when nobody brings the rest."""
    first, second = item_tags(demo.ITEM_TWO_PARTS, 2)
    for tag in (first, second):
        tag.afi = RELEASED_AFI
    rig.choose("give-back")
    rig.lay(first)
    assert rig.back_line(demo.ITEM_TWO_PARTS).status is BackStatus.PARTS_MISSING

    rig.choose("finish")

    assert rig.back_line(demo.ITEM_TWO_PARTS).status is BackStatus.BACK_TO_STAFF
    assert CaseReason.PARTS_MISSING in cases(rig)


def test_a_volume_that_comes_after_the_rest_is_secured_too(rig: Rig) -> None:
    """It was left out, and found in the bag a moment later."""
    both = item_tags(FREE[0], 2)
    rig.tags[FREE[0]] = list(both)
    rig.lend(demo.READER, FREE[0])
    rig.choose("give-back")
    rig.lay(both[0])
    rig.choose(f"give-back:{FREE[0]}")
    assert rig.back_line(FREE[0]).status is BackStatus.BACK_TO_STAFF

    rig.lay(both[1])

    assert [tag.afi for tag in both].count(RELEASED_AFI) == 0
    assert rig.back_line(FREE[0]).status is BackStatus.BACK
    assert cases(rig) == [CaseReason.PARTS_MISSING]


def test_an_untagged_book_is_given_back_by_its_barcode(tmp_path: Path) -> None:
    """Where books without tags are lent, a scan is enough."""
    for rig in a_rig(tmp_path, replace(BOTH, has_pad=False, scanned_item=ScannedItem.LEND)):
        rig.server.desk_lends(demo.READER, FREE[0])
        rig.choose("give-back")

        rig.scan(FREE[0])

        assert rig.back_line(FREE[0]).status is BackStatus.BACK
        assert rig.server.loans_of(demo.READER) == set()


def test_without_a_network_books_are_taken_and_told_later(rig: Rig) -> None:
    """Secured and recorded at once; the server closes the loan when it is back."""
    rig.lend(demo.READER, FREE[0])
    rig.cut_network()
    rig.pass_time(40)
    rig.choose("give-back")
    rig.lay(FREE[0])
    assert rig.back_line(FREE[0]).status is BackStatus.BACK_RECORDED
    assert rig.released == set()
    rig.choose("finish")

    rig.mend_network()
    rig.until(lambda: not rig.server.loans_of(demo.READER), 120)

    rig.until(lambda: endings(rig) == {FREE[0]: Settlement.DONE}, 60)


def test_a_network_that_goes_in_the_middle_loses_nothing(rig: Rig) -> None:
    """What was asked is recorded, and told when the network is back."""
    rig.lend(demo.READER, FREE[0])
    rig.choose("give-back")
    rig.cut_network()

    rig.lay(FREE[0])
    rig.pass_time(30)
    assert rig.back_line(FREE[0]).status is BackStatus.BACK_RECORDED
    rig.mend_network()

    rig.until(lambda: not rig.server.loans_of(demo.READER), 120)
    rig.until(lambda: endings(rig) == {FREE[0]: Settlement.DONE}, 60)


def test_a_lost_answer_is_found_out(rig: Rig) -> None:
    """What was perhaps told is asked about, and told again where the same loan stands still."""
    rig.lend(demo.READER, FREE[0])
    rig.choose("give-back")
    rig.reader.lay(*rig.tags[FREE[0]])
    rig.until(lambda: bool(returns(rig)))
    rig.server.silence()
    rig.pass_time(20)
    assert rig.back_line(FREE[0]).status is BackStatus.BACK_RECORDED

    rig.server.cut()
    rig.mend_network()

    rig.until(lambda: not rig.server.loans_of(demo.READER), 120)
    rig.until(lambda: endings(rig) == {FREE[0]: Settlement.DONE}, 120)
    assert cases(rig) == []


def test_power_that_goes_before_the_book_is_secured(rig: Rig) -> None:
    """It lies there still after the start: it is secured then, and told."""
    rig.lend(demo.READER, FREE[0])
    rig.choose("give-back")
    rig.reader.lay(*rig.tags[FREE[0]])
    rig.until(lambda: bool(returns(rig)))
    assert rig.released == {FREE[0]}

    rig.crash()
    rig.restart()

    rig.until(lambda: not rig.server.loans_of(demo.READER), 60)
    assert rig.released == set()
    rig.until(lambda: endings(rig) == {FREE[0]: Settlement.DONE}, 60)


def test_power_that_goes_with_the_book(rig: Rig) -> None:
    """Gone after the start: nobody can say whether it came back, so nobody is told that it did."""
    rig.lend(demo.READER, FREE[0])
    rig.choose("give-back")
    rig.reader.lay(*rig.tags[FREE[0]])
    rig.until(lambda: bool(returns(rig)))
    rig.crash()
    rig.reader.take(*(tag.uid for tag in rig.tags[FREE[0]]))

    rig.restart()
    rig.pass_time(10)

    assert cases(rig) == [CaseReason.RETURN_UNKNOWN]
    assert rig.server.loans_of(demo.READER) == {FREE[0]}


def test_a_nearly_full_disk_takes_returns(rig: Rig) -> None:
    """The journal's reserve is for what readers bring."""
    rig.lend(demo.READER, FREE[0])
    rig.fill_disk()
    rig.pass_time(30)
    rig.choose("give-back")

    rig.lay(FREE[0])

    assert rig.back_line(FREE[0]).status is BackStatus.BACK
    assert Notice.STORAGE_FULL in rig.shown[-1].notices


def test_a_pad_that_is_pulled_and_plugged_in_again_goes_on(rig: Rig) -> None:
    """What lies there is secured when the pad is back."""
    rig.lend(demo.READER, FREE[0])
    rig.choose("give-back")
    rig.reader.lay(*rig.tags[FREE[0]])
    rig.until(lambda: bool(returns(rig)))
    rig.unplug_pad()

    rig.plug_pad()
    rig.until(lambda: rig.back_line(FREE[0]).status is BackStatus.BACK)

    assert rig.released == set()


def test_a_book_given_back_is_lent_to_the_next_reader(rig: Rig) -> None:
    """A card ends the batch; lifted and laid down again, the book is lent, and released again."""
    rig.lend(demo.READER, FREE[0])
    rig.choose("give-back")
    rig.lay(FREE[0])

    rig.begin(demo.READER_ENGLISH)
    assert rig.seen(Borrowing).lines == ()
    rig.lift(FREE[0])
    rig.lay(FREE[0])

    assert rig.line(FREE[0]).status is Status.LENT
    assert rig.server.holder_of(FREE[0]) == demo.READER_ENGLISH
    assert rig.released == {FREE[0]}


def test_a_book_laid_there_twice_is_given_back_once(rig: Rig) -> None:
    """The second time it says so."""
    rig.lend(demo.READER, FREE[0])
    rig.choose("give-back")
    rig.lay(FREE[0])
    rig.lift(FREE[0])

    rig.lay(FREE[0])

    assert rig.back_line(FREE[0]).why is Trouble.ALREADY_BACK
    assert len(returns(rig)) == 1


def test_a_terminal_for_returns_needs_no_touch(only: Rig) -> None:
    """Lay down, take off, go: it begins and ends by itself."""
    only.lend(demo.READER, FREE[0])
    only.lay(FREE[0])
    assert only.back_line(FREE[0]).status is BackStatus.BACK

    only.lift(FREE[0])
    assert only.seen(BackSummary).done == 1
    only.pass_time(ONLY.summary_seconds + 1)

    only.seen(Welcome)


def test_a_book_drops_into_its_bin(drop: Rig) -> None:
    """Read, secured, recorded, told, through the flap, and only then settled."""
    drop.lend(demo.READER, FREE[0])
    drop.insert(FREE[0])
    drop.until(lambda: bool(drop.chute.bins))

    drop.until(lambda: endings(drop) == {FREE[0]: Settlement.DONE})
    assert drop.server.loans_of(demo.READER) == set()
    assert drop.released == set()
    kinds = [type(row) for row in returns(drop)[0].rows]
    assert kinds == [Intended, SecureIntended, Secured, Answered, Dropped, Settled]
    drop.pass_time(6)
    assert drop.seen(BookDropping).step is DropStep.READY


def test_a_drop_serves_at_night_without_a_network(drop: Rig) -> None:
    """One book after the other, and all are told when the network is back."""
    drop.lend(demo.READER, *FREE[:3])
    drop.cut_network()
    drop.pass_time(40)
    for book in FREE[:3]:
        drop.insert(book)
        drop.until(lambda book=book: any(book in fell for fell in drop.chute.bins.values()))  # type: ignore[misc]
        drop.pass_time(6)

    drop.mend_network()

    drop.until(lambda: not drop.server.loans_of(demo.READER), 200)
    drop.until(lambda: endings(drop) == dict.fromkeys(FREE[:3], Settlement.DONE), 60)


def test_another_librarys_book_is_taken_out_of_the_drop(drop: Rig) -> None:
    """The flap stays shut."""
    drop.insert("777", foreign_item_tag("777"))
    assert drop.seen(BookDropping).step is DropStep.TAKE_OUT
    assert drop.seen(BookDropping).why is Trouble.FOREIGN_LIBRARY

    drop.take_out()

    assert drop.seen(BookDropping).step is DropStep.READY
    assert drop.chute.bins == {}


def test_a_jammed_flap_is_a_case(drop: Rig) -> None:
    """The loan is closed and the book is not in its bin."""
    drop.lend(demo.READER, FREE[0])
    drop.chute.is_jammed = True
    drop.insert(FREE[0])
    drop.until(lambda: drop.seen(BookDropping).step is DropStep.STUCK)

    assert cases(drop) == [CaseReason.NOT_IN_BIN]
    assert endings(drop) == {FREE[0]: Settlement.CASE}


def test_a_book_exchanged_for_cardboard_leaves_the_flap_shut(drop: Rig) -> None:
    """Taken out once it was secured, and something else put there: that it is not in the bin is a case."""
    drop.lend(demo.READER, FREE[0])
    drop.chute.insert(FREE[0])
    drop.reader.lay(*drop.tags[FREE[0]])
    drop.until(lambda: any(isinstance(row, Secured) for entry in returns(drop) for row in entry.rows))

    drop.chute.take_out()
    drop.reader.take(*(tag.uid for tag in drop.tags[FREE[0]]))
    turn_without_the_server(drop)
    drop.chute.insert("cardboard")
    turn_without_the_server(drop)
    drop.settle()

    view = drop.seen(BookDropping)
    assert (view.step, view.why) == (DropStep.TAKE_OUT, Trouble.NOT_IN_BIN)
    assert drop.chute.bins == {}
    drop.take_out()
    assert cases(drop) == [CaseReason.NOT_IN_BIN]
    assert drop.chute.bins == {}


def test_power_that_goes_while_a_book_lies_in_the_drop(drop: Rig) -> None:
    """After the start it is finished, and falls into its bin."""
    drop.lend(demo.READER, FREE[0])
    drop.chute.insert(FREE[0])
    drop.reader.lay(*drop.tags[FREE[0]])
    drop.until(lambda: bool(returns(drop)))

    drop.crash()
    drop.restart()

    drop.until(lambda: bool(drop.chute.bins), 60)
    assert drop.server.loans_of(demo.READER) == set()
    assert drop.released == set()


def test_a_book_lent_at_one_terminal_is_given_back_at_another(tmp_path: Path) -> None:
    """The server ends the loan that the other terminal made."""
    (tmp_path / "other").mkdir()
    first = Rig(tmp_path, BOTH)
    second = Rig(tmp_path / "other", BOTH, first.server, OTHER_TERMINAL, first.clock)
    try:
        first.lay(FREE[0])
        first.begin()
        assert first.line(FREE[0]).status is Status.LENT
        first.choose("finish")
        first.lift(FREE[0])

        second.tags = first.tags
        second.settle()
        second.choose("give-back")
        second.lay(FREE[0])

        assert second.back_line(FREE[0]).status is BackStatus.BACK
        assert first.server.loans_of(demo.READER) == set()
        assert second.released == set()
    finally:
        second.close()
        first.close()


def test_a_return_told_late_ends_no_newer_loan(tmp_path: Path) -> None:
    """Taken while the network was away, and lent on elsewhere before the server heard of it."""
    (tmp_path / "other").mkdir()
    first = Rig(tmp_path, BOTH)
    second = Rig(tmp_path / "other", BOTH, first.server, OTHER_TERMINAL, first.clock)
    try:
        first.lend(demo.READER, FREE[0])
        first.settle()
        first.cut_network()
        first.pass_time(40)
        first.choose("give-back")
        first.lay(FREE[0])
        assert first.back_line(FREE[0]).status is BackStatus.BACK_RECORDED
        first.lift(FREE[0])
        first.pass_time(90)

        second.tags = first.tags
        second.settle()
        second.choose("give-back")
        second.lay(FREE[0])
        second.choose("finish")
        second.lift(FREE[0])
        second.lend(demo.READER_ENGLISH, FREE[0])
        first.mend_network()
        first.until(lambda: FREE[0] in endings(first), 400)

        assert first.server.loans_of(demo.READER_ENGLISH) == {FREE[0]}
        assert first.server.loans_of(demo.READER) == set()
    finally:
        second.close()
        first.close()
