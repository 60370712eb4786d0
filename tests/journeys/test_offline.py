"""The network is gone, and the terminal goes on lending: by its own books, provisionally, and all of it catches up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from drivers.masked import Secret
from drivers.sim.shelf import item_tags
from drivers.sim.tag import SimulatedTag
from kiosk.sim.cards import library_card
from kiosk.workflow.events import PinEntered
from kiosk.workflow.view import (
    Borrowing,
    EnterPin,
    Notice,
    NotServed,
    PutBack,
    Refusal,
    SlipState,
    Status,
    Summary,
    Trouble,
    Welcome,
)
from sync.central import demo
from sync.entries import (
    CaseOpened,
    CaseReason,
    Entry,
    Promised,
    Reason,
    ReleaseIntended,
    Settled,
    Settlement,
)
from sync.questions import NewsKind
from sync.rules.offline import OfflinePolicy
from sync.rules.terms import CardStatus
from tests.kit.demo_server import OTHER_TERMINAL
from tests.kit.rig import LOOK_SECONDS, OFFLINE, Rig, with_settings

FREE = demo.ITEMS_FREE
HOUR = 3600.0


def cut_off(rig: Rig) -> Rig:
    """*rig* once it lends by itself."""
    rig.pass_time(10)
    rig.cut_network()
    rig.until(lambda: Notice.LENDING_PROVISIONALLY in rig.shown[-1].notices)
    return rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A kiosk that may lend by itself, with a snapshot of this morning, and the network gone since."""
    rig = cut_off(Rig(tmp_path, with_settings(offline=OFFLINE, has_printer=True)))
    yield rig
    rig.close()


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[Rig]:
    """A kiosk that lent one book by itself, and a server that has refused it since: the card had been lost."""
    rig = Rig(tmp_path, with_settings(offline=OFFLINE))
    rig.server.takes_facts = False
    rig.crash()
    rig.restart()
    cut_off(rig)
    rig.lay(FREE[0])
    rig.begin(demo.READER_ENGLISH)
    leave(rig, FREE[0])
    rig.server.desk_marks_card(demo.READER_ENGLISH, CardStatus.LOST)
    catch_up(rig)
    rig.server.desk_marks_card(demo.READER_ENGLISH, CardStatus.ACTIVE)
    yield rig
    rig.close()


def catch_up(rig: Rig) -> None:
    """The network comes back, and everything gets through."""
    rig.mend_network()
    rig.until(lambda: not rig.kiosk.uplink_pump.backlog, seconds=900)
    rig.until(lambda: not rig.journal.unsettled(), seconds=120)


def ends(rig: Rig) -> dict[str, Settlement | None]:
    """How the last entry of each item ended, None while it has not."""
    return {
        str(entry.promise.item): next((row.how for row in entry.rows if isinstance(row, Settled)), None)
        for entry in rig.entries()
    }


def promised_due(entry: Entry) -> date:
    assert entry.promised is not None
    assert entry.promised.due.day is not None
    return entry.promised.due.day


def reasons(entry: Entry) -> list[CaseReason]:
    return [row.reason for row in entry.rows if isinstance(row, CaseOpened)]


def leave(rig: Rig, *books: str) -> None:
    """The reader ends the session and takes books and card away."""
    rig.choose("finish")
    rig.choose("done")
    rig.lift(*books)
    rig.take_card()


def test_five_books_are_borrowed_without_the_network_and_become_loans(rig: Rig) -> None:
    """Released at once, called provisional, and at central with the due dates that were promised."""
    rig.lay(*FREE[:5])
    rig.begin()

    assert set(rig.statuses().values()) == {Status.LENT_PROVISIONALLY}
    assert rig.seen(Borrowing).is_provisional
    assert rig.released == set(FREE[:5])
    assert rig.server.loans_of(demo.READER) == set()
    rig.choose("finish")
    assert rig.seen(Summary).is_provisional
    rig.choose("done")
    told = {str(entry.promise.item): promised_due(entry) for entry in rig.entries()}

    catch_up(rig)

    assert rig.server.loans_of(demo.READER) == set(FREE[:5])
    assert {book: rig.server.due_of(book) for book in FREE[:5]} == told
    assert set(ends(rig).values()) == {Settlement.DONE}


def test_what_may_not_be_lent_is_refused_and_leaves_no_trace(rig: Rig) -> None:
    """A reference work and a book that waits for somebody else stay secured, and no row tells of them."""
    rig.lay(FREE[0], demo.ITEM_REFERENCE, demo.ITEM_ON_HOLD_FOR_OTHER)
    rig.begin()

    assert rig.line(demo.ITEM_REFERENCE).why is Reason.ITEM_REFERENCE
    assert rig.line(demo.ITEM_ON_HOLD_FOR_OTHER).why is Reason.ITEM_ON_HOLD_FOR_OTHER
    assert rig.released == {FREE[0]}
    assert [entry.promise.item for entry in rig.entries()] == [FREE[0]]


def test_nothing_is_released_before_promise_and_release_are_on_disk(rig: Rig) -> None:
    """Intent, promise and release are one commit: whatever a power cut leaves, no tag is released without its row."""
    rig.begin()
    rig.lay(FREE[0])

    [entry] = rig.entries()
    kinds = [type(row) for row in entry.rows]
    assert kinds.index(Promised) < kinds.index(ReleaseIntended)
    assert entry.position == 1


def test_the_limit_holds_without_the_server(rig: Rig) -> None:
    """What was lent at the last visit, also without the network, counts at the next one."""
    rig.close()
    limited = with_settings(offline=OfflinePolicy(OFFLINE.lend, 24, loans_max=2))
    rig.settings = limited
    rig.restart_at_once()
    rig.until(lambda: Notice.LENDING_PROVISIONALLY in rig.shown[-1].notices)
    rig.lay(*FREE[:2])
    rig.begin()
    assert list(rig.statuses().values()).count(Status.LENT_PROVISIONALLY) == 2
    leave(rig, *FREE[:2])
    rig.lay(FREE[2])
    rig.begin()

    assert rig.line(FREE[2]).why is Reason.OFFLINE_LIMIT
    assert rig.released == set(FREE[:2])


def test_a_wrong_pin_is_wrong_without_the_server_too(rig: Rig) -> None:
    """The verifier of the snapshot judges; wrong tries count, and nothing is lent by them."""
    rig.lay(FREE[0])
    rig.show_card()
    rig.pin("8362")

    assert not isinstance(rig.view, Borrowing)
    rig.pin()
    assert rig.line(FREE[0]).status is Status.LENT_PROVISIONALLY


def test_a_lost_card_is_stopped_without_the_server(rig: Rig) -> None:
    """A card reported lost before the snapshot was made borrows nothing here."""
    rig.lay(FREE[0])
    rig.begin(demo.READER_CARD_LOST)

    assert Reason.CARD_LOST in rig.seen(NotServed).reasons
    assert rig.released == set()


def test_a_loan_refused_afterwards_is_a_case_and_news_at_the_next_visit(refused: Rig) -> None:
    """What happened is not undone by a refusal: staff have a case, and the reader hears of it at the next visit."""
    [entry] = refused.entries()
    assert refused.server.loans_of(demo.READER_ENGLISH) == set()
    assert reasons(entry) == [CaseReason.LOAN_REFUSED]
    assert ends(refused) == {FREE[0]: Settlement.CASE}
    assert [case.key for case in refused.journal.open_cases()] == [entry.key]

    refused.begin(demo.READER_ENGLISH)

    [news] = refused.seen(Borrowing).news
    assert (news.kind, news.item, news.promised.day) == (NewsKind.NOT_CONFIRMED, FREE[0], promised_due(entry))


def test_news_outlive_a_restart_and_are_for_one_reader_only(refused: Rig) -> None:
    """What was not confirmed is remembered by the journal; the next reader in line hears nothing of it."""
    refused.crash()
    refused.restart()
    refused.until(lambda: not refused.shown[-1].notices)

    refused.begin()
    assert refused.seen(Borrowing).news == ()
    refused.choose("finish")
    refused.take_card()
    refused.until(lambda: isinstance(refused.view, Welcome))
    refused.begin(demo.READER_ENGLISH)

    assert [news.kind for news in refused.seen(Borrowing).news] == [NewsKind.NOT_CONFIRMED]


def test_another_due_date_is_a_case_and_news(rig: Rig) -> None:
    """The desk lent the same book to the same reader two days later: both days are told, to staff and reader."""
    rig.lay(FREE[0])
    rig.begin()
    leave(rig, FREE[0])
    rig.clock.wait(48 * HOUR)
    rig.server.desk_lends(demo.READER, FREE[0])

    catch_up(rig)

    [entry] = rig.entries()
    assert reasons(entry) == [CaseReason.DUE_DIFFERS]
    assert rig.server.loans_of(demo.READER) == {FREE[0]}
    rig.begin()
    [news] = rig.seen(Borrowing).news
    assert news.kind is NewsKind.DUE_CHANGED
    assert news.promised.day == promised_due(entry)
    assert news.due is not None
    assert news.due.day == rig.server.due_of(FREE[0])


def test_an_outage_in_the_middle_of_a_session_makes_the_rest_provisional(tmp_path: Path) -> None:
    """One book with the server, one that met its silence, one without it: all three are lent, and each is one loan."""
    rig = Rig(tmp_path, with_settings(offline=OFFLINE))
    rig.pass_time(10)
    rig.begin()
    rig.lay(FREE[0])
    assert rig.line(FREE[0]).status is Status.LENT
    rig.server.silence()
    rig.reader.lay(*rig.tags.setdefault(FREE[1], list(item_tags(FREE[1], 1))))
    rig.until(lambda: rig.statuses().get(FREE[1]) is Status.LENT_PROVISIONALLY, seconds=60)
    rig.lay(FREE[2])

    assert rig.statuses() == {
        FREE[0]: Status.LENT,
        FREE[1]: Status.LENT_PROVISIONALLY,
        FREE[2]: Status.LENT_PROVISIONALLY,
    }
    assert rig.released == set(FREE[:3])
    catch_up(rig)
    assert rig.server.loans_of(demo.READER) == set(FREE[:3])
    assert len(rig.entries()) == 3
    assert set(ends(rig).values()) == {Settlement.DONE}
    rig.close()


def test_a_library_that_wants_nothing_provisional_gets_nothing_provisional(tmp_path: Path) -> None:
    """Without that policy an outage is what it always was: nobody is served, and nothing is promised."""
    rig = Rig(tmp_path)
    rig.pass_time(10)
    rig.cut_network()
    rig.pass_time(10)
    rig.lay(FREE[0])
    rig.begin()

    assert Refusal.SERVER_AWAY in rig.seen(NotServed).reasons
    assert rig.entries() == ()
    rig.close()


def test_a_server_that_has_not_everything_yet_is_not_waited_for(rig: Rig) -> None:
    """The network is back and the backlog on its way: the next reader is lent provisionally, at once."""
    rig.lay(*FREE[:6])
    rig.begin()
    leave(rig, *FREE[:6])
    rig.server.mend()
    rig.until(lambda: Notice.SERVER_AWAY not in rig.shown[-1].notices)
    assert rig.kiosk.uplink_pump.backlog

    rig.card_link.put(library_card(demo.READER_ENGLISH, rig.clock))
    rig.until(lambda: isinstance(rig.view, EnterPin))
    rig.kiosk.post(PinEntered(Secret(demo.PIN)))
    rig.until(lambda: isinstance(rig.view, Borrowing))
    assert rig.seen(Borrowing).is_provisional

    rig.lay(FREE[7])
    assert rig.line(FREE[7]).status is Status.LENT_PROVISIONALLY
    catch_up(rig)
    assert rig.server.loans_of(demo.READER) == set(FREE[:6])
    assert rig.server.loans_of(demo.READER_ENGLISH) == {FREE[7]}


def test_once_everything_is_there_the_server_is_asked_again(rig: Rig) -> None:
    """After catching up a loan is the server's word again, and nothing is called provisional."""
    rig.lay(FREE[0])
    rig.begin()
    leave(rig, FREE[0])
    catch_up(rig)
    rig.until(lambda: not rig.shown[-1].notices)
    rig.begin()
    rig.lay(FREE[1])

    assert rig.line(FREE[1]).status is Status.LENT
    assert not rig.seen(Borrowing).is_provisional


def test_a_new_snapshot_is_used_as_soon_as_it_is_there(rig: Rig) -> None:
    """What central changed since reaches the terminal with the next snapshot, although the server does not answer."""
    rig.server.desk_marks_card(demo.READER, CardStatus.LOST)
    rig.make_snapshot()
    rig.pass_time(LOOK_SECONDS + 1)
    rig.begin()

    assert Reason.CARD_LOST in rig.seen(NotServed).reasons


def test_a_full_disk_refuses_politely_before_a_tag_is_touched(rig: Rig) -> None:
    """Nothing new is begun, nothing is released, the terminal is not out of order; with room again it lends."""
    rig.begin()
    rig.lay(FREE[0])
    rig.fill_disk()
    rig.lay(FREE[1])

    assert rig.line(FREE[0]).status is Status.LENT_PROVISIONALLY
    assert rig.line(FREE[1]).why is Trouble.STORAGE_FULL
    assert rig.released == {FREE[0]}
    assert Notice.STORAGE_FULL in rig.shown[-1].notices
    leave(rig, *FREE[:2])
    rig.begin()
    assert Refusal.STORAGE_FULL in rig.seen(NotServed).reasons
    rig.take_card()

    rig.clear_disk()
    rig.lay(FREE[1])
    rig.begin()
    assert rig.line(FREE[1]).status is Status.LENT_PROVISIONALLY


def test_two_terminals_and_one_book(tmp_path: Path) -> None:
    """Lent at the one, brought back unseen, lent at the other without the network: central has the later loan once."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    policy = with_settings(offline=OFFLINE)
    one = Rig(tmp_path / "one", policy)
    two = Rig(tmp_path / "two", policy, one.server, OTHER_TERMINAL, one.clock)
    for rig in (one, two):
        rig.pass_time(10)
    one.begin()
    one.lay(FREE[0])
    assert one.line(FREE[0]).status is Status.LENT
    two.cut_network()
    two.until(lambda: Notice.LENDING_PROVISIONALLY in two.shown[-1].notices)
    two.begin(demo.READER_ENGLISH)
    two.lay(FREE[0])
    assert two.line(FREE[0]).status is Status.LENT_PROVISIONALLY

    catch_up(two)

    assert one.server.loans_of(demo.READER) == set()
    assert one.server.loans_of(demo.READER_ENGLISH) == {FREE[0]}
    assert ends(one) == ends(two) == {FREE[0]: Settlement.DONE}
    two.close()
    one.close()


def test_a_snapshot_that_is_too_old_lends_nothing(rig: Rig) -> None:
    """After a day without a new one the terminal says so instead of lending by what may be long wrong."""
    rig.clock.wait(25 * HOUR)
    rig.lay(FREE[0])
    rig.begin()

    assert Refusal.SNAPSHOT_TOO_OLD in rig.seen(NotServed).reasons
    assert rig.released == set()
    assert rig.entries() == ()


def test_a_session_that_was_begun_is_finished_however_old_the_snapshot_gets(rig: Rig) -> None:
    """The limit passes between two books: the second one is lent as the first one was."""
    rig.clock.wait(24 * HOUR - 120)
    rig.begin()
    rig.lay(FREE[0])
    rig.clock.jump_wall(3 * HOUR)
    rig.lay(FREE[1])

    assert set(rig.statuses().values()) == {Status.LENT_PROVISIONALLY}


def test_a_power_cut_in_the_middle_of_a_release_is_finished_afterwards(rig: Rig) -> None:
    """The book still lies there: it is released after the restart, and its loan reaches central once."""
    rig.begin()
    rig.reader.lay(*rig.tags.setdefault(FREE[0], list(item_tags(FREE[0], 1))))
    rig.until(lambda: any(entry.is_release_open for entry in rig.entries()))
    rig.crash()
    rig.cut_network()
    rig.restart_at_once()
    rig.until(lambda: isinstance(rig.view, Welcome))

    assert rig.released == {FREE[0]}
    catch_up(rig)
    assert rig.server.loans_of(demo.READER) == {FREE[0]}
    assert ends(rig) == {FREE[0]: Settlement.DONE}


def test_a_power_cut_with_the_book_gone_is_a_case_and_still_a_loan(rig: Rig) -> None:
    """Nobody saw how the book left; staff look, and the server gets the loan that was promised."""
    rig.begin()
    tags = rig.tags.setdefault(FREE[0], list(item_tags(FREE[0], 1)))
    rig.reader.lay(*tags)
    rig.until(lambda: any(entry.is_release_open for entry in rig.entries()))
    rig.crash()
    rig.cut_network()
    rig.reader.take(*(tag.uid for tag in tags))
    rig.restart_at_once()
    rig.until(lambda: isinstance(rig.view, Welcome))
    [entry] = rig.entries()
    assert reasons(entry) == [CaseReason.RELEASE_UNKNOWN]
    assert not entry.is_settled

    catch_up(rig)

    assert rig.server.loans_of(demo.READER) == {FREE[0]}
    assert ends(rig) == {FREE[0]: Settlement.CASE}


def test_a_backlog_survives_a_restart_and_catches_up_in_order(rig: Rig) -> None:
    """Two readers' books of before the restart are loans once the network is back, each once."""
    rig.lay(*FREE[:2])
    rig.begin()
    leave(rig, *FREE[:2])
    rig.lay(FREE[2])
    rig.begin(demo.READER_ENGLISH)
    leave(rig, FREE[2])
    rig.crash()
    rig.cut_network()
    rig.restart()
    assert rig.kiosk.uplink_pump.backlog == 3

    catch_up(rig)

    assert rig.server.loans_of(demo.READER) == set(FREE[:2])
    assert rig.server.loans_of(demo.READER_ENGLISH) == {FREE[2]}
    assert set(ends(rig).values()) == {Settlement.DONE}


def test_a_wall_clock_that_jumps_re_dates_nothing(rig: Rig) -> None:
    """The clock is set a month ahead while the network is gone: the loan's day at central is the day it was made."""
    made_on = rig.clock.now()
    rig.lay(FREE[0])
    rig.begin()
    leave(rig, FREE[0])
    rig.clock.jump_wall(2 * HOUR)
    rig.lay(FREE[1])
    rig.begin()
    leave(rig, FREE[1])
    rig.clock.jump_wall(-2 * HOUR)

    catch_up(rig)

    for book in FREE[:2]:
        lent_at = rig.server.lent_at(book)
        assert lent_at is not None
        assert abs(lent_at - made_on) < timedelta(minutes=5)


def begin_release(rig: Rig, book: str) -> list[SimulatedTag]:
    """Lays *book* down and stops when its release is on disk and not done; its tags."""
    tags = rig.tags.setdefault(book, list(item_tags(book, 1)))
    rig.reader.lay(*tags)
    rig.until(lambda: any(entry.is_release_open for entry in rig.entries()))
    return tags


def walk_off(rig: Rig, book: str) -> None:
    """The reader takes *book* away in the middle of its release and does not put it back."""
    rig.reader.take(*(tag.uid for tag in begin_release(rig, book)))
    rig.until(lambda: isinstance(rig.view, PutBack))
    rig.until(lambda: not isinstance(rig.view, PutBack))
    rig.pass_time(3)


def test_a_failed_release_without_the_network_lends_nothing(rig: Rig) -> None:
    """The tag will not be written: it stays secured, the promise is taken back, and central never hears of a loan."""
    rig.begin()
    for tag in begin_release(rig, FREE[0]):
        tag.write_failures = 8
    rig.until(lambda: rig.line(FREE[0]).status is Status.NOT_LENT, seconds=120)

    assert rig.line(FREE[0]).status is Status.NOT_LENT
    assert rig.released == set()
    catch_up(rig)
    assert rig.server.loans_of(demo.READER) == set()
    [entry] = rig.entries()
    assert not reasons(entry)
    assert ends(rig) == {FREE[0]: Settlement.NOT_DONE}


def test_the_slip_of_a_release_nobody_saw_the_end_of_comes_out(rig: Rig) -> None:
    """Taken away in the middle: a case, a reference, and on paper what the desk needs and nobody's name."""
    rig.begin()
    walk_off(rig, FREE[0])

    line = rig.line(FREE[0])
    assert line.reference
    assert line.slip is SlipState.PRINTED
    printed = "\n".join(one.text for one in rig.printer.paper)
    assert line.reference in printed
    assert FREE[0] in printed
    assert demo.READER not in printed
    [entry] = rig.entries()
    assert entry.has_open_case


def test_without_a_printer_that_prints_the_screen_says_the_reference(rig: Rig) -> None:
    """Out of paper: the line says that no slip came, and the reference stands there all the same."""
    rig.printer.lines_left = 0
    rig.until(lambda: Notice.PRINTER_AWAY in rig.shown[-1].notices)
    rig.begin()
    walk_off(rig, FREE[0])

    assert rig.line(FREE[0]).reference
    assert rig.line(FREE[0]).slip is SlipState.NOT_PRINTED


def test_nothing_of_a_patron_is_in_the_log_after_a_day_without_the_network(rig: Rig) -> None:
    """Provisional loans, a wrong PIN and catching up leave no number and no PIN in any line."""
    rig.lay(FREE[0])
    rig.show_card()
    rig.pin("8362")
    rig.pin()
    leave(rig, FREE[0])
    catch_up(rig)

    written = repr(rig.log.lines)
    assert demo.READER not in written
    assert "8362" not in written
    assert demo.PIN not in written
