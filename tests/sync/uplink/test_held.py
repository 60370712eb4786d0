"""What waits in its lane for its tags to be secured or its money to be taken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.link.memory import VirtualClock
from sync.entries import Due, Entry, Granted, Lend
from sync.questions import AboutAccount, AboutItem
from sync.servers.ils import Capabilities, ServerSilent
from sync.uplink.courier import Courier
from sync.uplink.lane import Lane
from sync.uplink.reports import Carried, Judged
from sync.uplink.steps import AskAbout, Carry, Idle, Next
from sync.uplink.waiting import DELAY_SECONDS_MIN
from tests.sync.uplink.library import Library, Line
from tests.sync.uplink.samples import (
    ANNA,
    BOOK,
    BORIS,
    NOON,
    NOT_DONE,
    OTHER_BOOK,
    approved,
    entry,
    give_back,
    key,
    lend,
    pay,
    report_care,
    secure_intended,
    secured,
)

SIP2 = Capabilities()
CENTRAL = Capabilities(entries_per_exchange=3, repeats_safely=True, keeps_order=True)
BACK = replace(entry(1, give_back(), secure_intended(1)), position=1)
SECURED = replace(entry(1, give_back(), secure_intended(1), secured(1)), position=0)
SAME_ITEM = replace(entry(2, Lend(BOOK, BORIS, NOON)), position=2)
OTHER = replace(entry(3, lend(OTHER_BOOK)), position=3)
PAYS = replace(entry(4, pay()), position=4)


def lane_of(*held: Entry) -> Lane:
    lane = Lane()
    lane.enter(held, is_of_session=True, is_held=True)
    return lane


def next_of(lane: Lane, ways: Capabilities = SIP2) -> Next:
    return lane.next_of(1e6, ways)


def sent(step: Next) -> list[Entry]:
    return list(step.entries) if isinstance(step, Carry) else []


@pytest.mark.parametrize("ways", [SIP2, CENTRAL])
def test_what_is_held_is_not_sent(ways: Capabilities) -> None:
    """However long it waits, the server is told of nothing that has not happened yet."""
    assert next_of(lane_of(BACK), ways) == Idle()


def test_what_is_held_bars_its_item_and_nothing_else() -> None:
    """Another loan of the same item waits; an item and a patron it does not touch go on."""
    lane = lane_of(BACK)
    lane.enter([SAME_ITEM, OTHER], is_of_session=True)

    assert sent(next_of(lane)) == [OTHER]


def test_a_held_payment_bars_nobody() -> None:
    """Its reader may wait long to hear whether money was taken, and borrows meanwhile."""
    lane = lane_of(PAYS)
    lane.enter([OTHER, SAME_ITEM], is_of_session=True)

    assert sent(next_of(lane)) == [OTHER]


def test_a_payment_that_may_be_sent_goes_before_what_its_reader_did_later() -> None:
    """From then on it bars its patron as any entry does, and others it leaves alone."""
    lane = lane_of(PAYS)
    lane.enter([OTHER, SAME_ITEM], is_of_session=True)
    assert sent(next_of(lane)) == [OTHER]

    lane.proceed(replace(PAYS, rows=(*PAYS.rows, approved(4))))

    assert [one.key for one in sent(next_of(lane))] == [PAYS.key]
    lane.depart([PAYS.key], is_sent=True)
    lane.silent([PAYS.key], 1e6, 0.0)
    assert sent(next_of(lane)) == [SAME_ITEM]


def test_where_order_is_kept_all_wait_behind_what_is_held() -> None:
    """Central gets entries by their numbers: a later one would say that the earlier one never comes."""
    lane = lane_of(BACK)
    lane.enter([SAME_ITEM, OTHER], is_of_session=True)
    assert next_of(lane, CENTRAL) == Idle()

    lane.proceed(SECURED)

    assert [one.key for one in sent(next_of(lane, CENTRAL))] == [key(1), key(2), key(3)]


def test_what_was_given_up_holds_nobody_up() -> None:
    """An item that was taken away before it was secured: the server hears of the others."""
    lane = lane_of(BACK)
    lane.enter([SAME_ITEM], is_of_session=True)

    assert not lane.give_up(key(1)), "whoever held it knows"

    assert sent(next_of(lane, CENTRAL)) == sent(next_of(lane)) == [SAME_ITEM]


def test_what_may_proceed_is_carried_with_its_rows_and_its_place() -> None:
    """The server, and whoever judges it later, see that it was secured; its number stays."""
    lane = lane_of(BACK)

    assert lane.proceed(SECURED)

    assert sent(next_of(lane)) == [replace(SECURED, position=1)]


def test_only_what_is_held_may_proceed() -> None:
    """A second word, or one about an entry that is gone, changes nothing."""
    lane = lane_of(BACK)
    lane.proceed(SECURED)
    lane.depart([key(1)], is_sent=True)
    lane.silent([key(1)], 0.0, 0.0)

    assert not lane.proceed(SECURED)
    assert isinstance(next_of(lane), AskAbout)
    assert not lane.proceed(OTHER)


@pytest.mark.parametrize(
    "happened",
    [SECURED, entry(1, pay(), approved(1)), entry(1, report_care())],
    ids=["a return", "a payment", "a report"],
)
def test_what_has_happened_is_told_though_the_reader_left(happened: Entry) -> None:
    """Giving it up takes it from the session, never from the lane."""
    lane = Lane()
    lane.enter([happened], is_of_session=True)

    assert not lane.give_up(key(1))

    assert sent(next_of(lane)) == [happened]
    assert lane.backlog == 1


@pytest.mark.parametrize(
    ("found", "is_held"),
    [(BACK, True), (PAYS, True), (SECURED, False), (entry(4, pay(), approved(4)), False)],
    ids=["not secured", "not paid", "secured", "paid"],
)
def test_start_up_holds_what_may_not_be_carried_yet(found: Entry, is_held: bool) -> None:
    """Its rows decide: what could not have been sent is held, what could is in doubt."""
    lane = Lane()
    lane.enter([found], is_of_session=False, is_in_doubt=True)

    assert (next_of(lane) == Idle()) == is_held
    assert isinstance(next_of(lane), AskAbout) != is_held


def test_a_mistake_in_the_pump_sends_nothing_that_is_held() -> None:
    """What surely was not under way is not in doubt after it."""
    lane = lane_of(BACK)
    lane.lose_track()
    assert next_of(lane) == Idle()


# --- What is asked ------------------------------------------------------------------------------------------------


def courier_of(library: Library, one: Entry) -> Courier:
    """One that has sent *one*, whose reply was lost."""
    clock = VirtualClock()
    courier = Courier(library, clock, lambda: 1.0)
    courier.enter([one], is_of_session=True)
    library.line = Line.REPLY_LOST
    courier.turn()
    library.line = Line.GOOD
    library.exchanges.clear()
    clock.wait(600.0)
    return courier


class Shy(Library):
    """Counts how often it is asked how it wants things, and does not say."""

    asked = 0

    def capabilities(self) -> Capabilities:
        self.asked += 1
        raise ServerSilent("connect")


def test_whether_what_is_held_bars_the_others_is_asked_now_and_then() -> None:
    """Of a server whose ways are not known yet the strictest are assumed; while it is silent, nobody spins."""
    server = Shy()
    courier = Courier(server, VirtualClock(), lambda: 1.0)
    courier.enter([BACK], is_of_session=True, is_held=True)
    assert courier.turn().wait_seconds is None
    assert server.asked == 0, "nothing but what is held is there"
    courier.enter([OTHER], is_of_session=True)

    turned = courier.turn()

    assert (server.asked, turned.wait_seconds) == (1, DELAY_SECONDS_MIN)


def test_of_a_return_only_the_item_is_asked_about() -> None:
    """Nobody said whose it is, so no patron's name crosses the line."""
    library = Library()
    courier = courier_of(library, SECURED)

    courier.turn()

    assert library.exchanges == [AboutItem(BOOK)]
    assert key(1) not in courier.lane


def test_of_a_payment_only_the_account_is_asked_about() -> None:
    """What is owed tells; it was posted, and is not posted again."""
    library = Library(owed={ANNA: 400})
    courier = courier_of(library, entry(1, pay(150, 400), approved(1)))

    courier.turn()

    assert library.exchanges == [AboutAccount(ANNA)]
    assert (library.executed, library.owed) == ([key(1)], {ANNA: 250})


def test_a_report_is_made_again_without_asking() -> None:
    """Staff may read twice that a book needs care; nothing is asked for it."""
    library = Library()
    courier = courier_of(library, entry(1, report_care()))

    assert Carried(key(1), Granted(Due(None))) in courier.turn().reports
    assert library.cared_for == [key(1), key(1)]


def test_a_payment_that_was_not_posted_is_posted_once() -> None:
    """As much is owed as before, so it is sent after the restart, and only then."""
    library = Library(owed={ANNA: 400})
    courier = Courier(library, VirtualClock(), lambda: 1.0)
    courier.enter([entry(1, pay(150, 400), approved(1))], is_of_session=False, is_in_doubt=True)

    asked = courier.turn().reports
    assert library.executed == []
    courier.turn()

    assert [report.verdict for report in asked if isinstance(report, Judged)] == [NOT_DONE]
    assert (library.executed, library.owed) == ([key(1)], {ANNA: 250})
