"""A reader borrows books, the whole way: drivers, journal, SIP2, central and tags, on real bytes."""

from __future__ import annotations

import pytest

from drivers.link.memory import Corrupted, Cut, Lost, Repeated
from drivers.sim.shelf import empty_tag, foreign_item_tag, item_tags, locked_item_tag, patron_card_tag
from kiosk.workflow.view import (
    Borrowing,
    EnterPin,
    FeeConsent,
    Notice,
    NotServed,
    PutBack,
    Refusal,
    Status,
    Summary,
    Trouble,
    Welcome,
)
from sync.central import demo
from sync.entries import Lend, Reason, Settled, Settlement
from tests.kit.rig import Rig

FREE = demo.ITEMS_FREE


def endings(rig: Rig) -> dict[str, str]:
    """How each loan's entry ended, by item; the last one counts."""
    return {
        str(entry.promise.item): row.how.value
        for entry in rig.entries()
        if isinstance(entry.promise, Lend)
        for row in entry.rows
        if isinstance(row, Settled)
    }


def test_a_stack_is_borrowed_and_released(rig: Rig) -> None:
    """Books laid down before the card are counted, lent after the PIN, released at the tags and at the server."""
    rig.lay(*FREE[:4], demo.ITEM_REFERENCE)
    assert rig.seen(Welcome).books == 5

    rig.show_card()
    assert rig.seen(EnterPin).books == 5
    rig.pin()

    assert list(rig.statuses().values()).count(Status.LENT) == 4
    assert rig.line(demo.ITEM_REFERENCE).why is Reason.ITEM_REFERENCE
    assert rig.server.loans_of(demo.READER) == set(FREE[:4])
    assert rig.released == set(FREE[:4])
    assert endings(rig) == dict.fromkeys(FREE[:4], "done") | {demo.ITEM_REFERENCE: "refused"}


def test_card_first_and_books_one_by_one(rig: Rig) -> None:
    """The other order works the same: each book is lent as it is laid down."""
    rig.begin()
    for book in FREE[:3]:
        rig.lay(book)
        assert rig.line(book).status is Status.LENT

    assert rig.released == set(FREE[:3])


def test_the_summary_ends_the_session_and_the_next_reader_sees_nothing_of_it(rig: Rig) -> None:
    """Finish shows what was lent; done leads to a welcome that only says that things still lie there."""
    rig.lay(FREE[0])
    rig.begin()
    rig.choose("finish")
    assert rig.seen(Summary).lent == 1

    rig.choose("done")

    assert rig.seen(Welcome).left == 1
    assert rig.seen(Welcome).books == 0


def test_what_the_last_reader_left_is_not_lent_to_the_next(rig: Rig) -> None:
    """Tags of the last session stay out of the next one until they have left the field."""
    rig.lay(FREE[0])
    rig.begin()
    rig.choose("finish")
    rig.choose("done")
    rig.take_card()

    rig.begin(demo.READER_ENGLISH)
    rig.lay(FREE[1])

    assert rig.server.loans_of(demo.READER_ENGLISH) == {FREE[1]}
    assert rig.server.loans_of(demo.READER) == {FREE[0]}


def test_another_card_ends_the_session_and_begins_the_next(rig: Rig) -> None:
    """A new card never borrows into the session of the one before."""
    rig.lay(FREE[0])
    rig.begin()
    rig.take_card()

    rig.show_card(demo.READER_ENGLISH)
    if isinstance(rig.view, Summary):
        rig.choose("done")
    rig.until(lambda: isinstance(rig.view, EnterPin))
    rig.pin()
    rig.lay(FREE[1])

    assert rig.server.holder_of(FREE[0]) == demo.READER
    assert rig.server.holder_of(FREE[1]) == demo.READER_ENGLISH


def test_a_scanned_card_and_a_typed_one_are_as_good(rig: Rig) -> None:
    """The barcode of the card, or its number typed in, leads to the PIN as the card does."""
    rig.scan(demo.READER)
    rig.until(lambda: isinstance(rig.view, EnterPin))
    rig.choose("cancel")

    rig.choose("number")
    rig.type_number(demo.READER)

    rig.seen(EnterPin)


def test_a_wrong_pin_is_limited_also_across_a_restart(rig: Rig) -> None:
    """Three wrong PINs close the terminal to that card, and a restart gives no new tries."""
    rig.show_card()
    rig.pin("0000")
    assert rig.seen(EnterPin).tries_left == 2
    rig.pin("0001")
    rig.crash()
    rig.restart()
    rig.show_card()
    rig.pin("0002")

    assert Refusal.TOO_MANY_PIN_TRIES in rig.seen(NotServed).reasons
    assert rig.server.loans_of(demo.READER) == set()


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (demo.READER_BLOCKED, Reason.PATRON_BLOCKED),
        (demo.READER_EXPIRED, Reason.PATRON_EXPIRED),
        (demo.READER_CARD_LOST, Reason.CARD_LOST),
        (demo.READER_OWES, Reason.FEES_OWED),
        ("20999000009999", Reason.PATRON_UNKNOWN),
    ],
)
def test_a_card_that_may_not_borrow_is_told_why(rig: Rig, card: str, reason: Reason) -> None:
    """The exact reason comes from the server to the screen, and nothing is lent."""
    rig.lay(FREE[0])
    rig.begin(card)

    assert rig.seen(NotServed).reasons[0] is reason
    assert rig.released == set()


def test_a_fee_is_consented_to_before_it_is_charged(rig: Rig) -> None:
    """The fee is shown first; the loan comes with the reader's yes, as an entry of its own."""
    rig.begin()
    rig.lay(demo.ITEM_WITH_FEE)
    fee = rig.seen(FeeConsent).line.fee
    assert fee is not None
    assert (fee.minor_units, fee.currency) == (200, "CNY")
    assert rig.server.loans_of(demo.READER) == set()

    rig.choose("yes")

    assert rig.server.loans_of(demo.READER) == {demo.ITEM_WITH_FEE}
    consents = [entry.promise.fee_consented for entry in rig.entries() if isinstance(entry.promise, Lend)]
    assert consents == [False, True]


def test_an_item_in_parts_is_lent_whole(rig: Rig) -> None:
    """One part alone is not lent; with the other one both tags are released for one loan."""
    parts = list(item_tags(demo.ITEM_TWO_PARTS, 2))
    rig.tags[demo.ITEM_TWO_PARTS] = parts
    rig.begin()
    rig.lay(parts[0])
    assert rig.line(demo.ITEM_TWO_PARTS).status is Status.INCOMPLETE
    assert rig.server.loans_of(demo.READER) == set()

    rig.lay(parts[1])

    assert rig.line(demo.ITEM_TWO_PARTS).status is Status.LENT
    assert rig.released == {demo.ITEM_TWO_PARTS}


def test_odd_things_on_the_pad_get_a_sentence_and_never_a_loan(rig: Rig) -> None:
    """A foreign tag, an empty one and a patron card among the books each say what they are; the book is lent."""
    rig.begin()
    foreign, empty, card = foreign_item_tag("0815"), empty_tag(), patron_card_tag(demo.READER_STUDENT)
    rig.lay(foreign, empty, card, FREE[0])

    view = rig.seen(Borrowing)
    assert {line.why for line in view.lines if line.item is None} == {
        Trouble.FOREIGN_LIBRARY,
        Trouble.EMPTY_TAG,
        Trouble.PATRON_CARD,
    }
    assert rig.server.loans_of(demo.READER) == {FREE[0]}
    assert [tag.afi for tag in (foreign, card)] == [0x07, 0x07]


def test_a_tag_that_cannot_be_released_is_found_before_the_loan_is_asked_for(rig: Rig) -> None:
    """A locked tag leads to no question to the server at all."""
    tag = locked_item_tag(FREE[0])
    rig.tags[FREE[0]] = [tag]
    rig.begin()
    rig.lay(tag)

    assert rig.line(FREE[0]).why is Trouble.TAG_CANNOT_BE_RELEASED
    assert rig.entries() == ()


def test_a_book_taken_away_too_early_is_asked_back_and_finished(rig: Rig) -> None:
    """Gone between grant and release it is asked for by title; back on the pad it is released and lent."""
    rig.begin()
    rig.tags[FREE[0]] = list(item_tags(FREE[0], 1))
    tag = rig.tags[FREE[0]][0]
    rig.reader.lay(tag)
    rig.until(lambda: rig.server.loans_of(demo.READER) == {FREE[0]})
    rig.reader.take(tag.uid)
    rig.until(lambda: isinstance(rig.view, PutBack))
    assert rig.seen(PutBack).line.title == "西游记"

    rig.lay(FREE[0])

    assert rig.line(FREE[0]).status is Status.LENT
    assert rig.released == {FREE[0]}


@pytest.mark.parametrize("fault", [Lost(), Cut(20), Corrupted(-2, 0x01), Corrupted(10, 0x80)])
def test_an_answer_that_cannot_be_believed_lends_nothing_and_is_cleared_up(
    rig: Rig, fault: Lost | Cut | Corrupted
) -> None:
    """The server lent, its answer was injured: nothing is released, and the loan is found and undone afterwards."""
    rig.begin()
    rig.server.link().inject(fault)
    rig.lay(FREE[0])
    rig.until(lambda: rig.line(FREE[0]).status not in (Status.WAITING, Status.ASKING))
    if rig.line(FREE[0]).status is Status.NOT_LENT:
        assert rig.line(FREE[0]).why is Trouble.NO_ANSWER
        rig.pass_time(30)
        assert rig.released == set()
        assert rig.server.loans_of(demo.READER) == set()
        assert endings(rig)[FREE[0]] in ("undone", "not-done")
    else:
        assert rig.released == {FREE[0]}


def test_an_answer_that_comes_twice_lends_once(rig: Rig) -> None:
    """The second copy of a reply is never taken for the answer to the next question."""
    rig.begin()
    rig.server.link().inject(Repeated())
    rig.lay(FREE[0], FREE[1])

    assert rig.released == {FREE[0], FREE[1]}
    assert rig.server.loans_of(demo.READER) == {FREE[0], FREE[1]}


def test_without_a_server_nobody_is_served_and_it_says_so(rig: Rig) -> None:
    """With the network down a card is told so, and welcomed again once the server is back."""
    rig.cut_network()
    rig.lay(FREE[0])
    rig.begin()
    assert Refusal.SERVER_AWAY in rig.seen(NotServed).reasons
    assert Notice.SERVER_AWAY in rig.shown[-1].notices
    rig.take_card()
    rig.mend_network()
    rig.until(lambda: isinstance(rig.view, Welcome) and not rig.shown[-1].notices)

    rig.begin()

    assert rig.released == {FREE[0]}


def test_a_network_that_dies_in_the_middle_leaves_nothing_half_done(rig: Rig) -> None:
    """Cut while a stack is being lent: what the reader was told is what holds once the network is back."""
    rig.begin()
    rig.reader.lay(*(tag for book in FREE[:5] for tag in rig.tags.setdefault(book, list(item_tags(book, 1)))))
    rig.until(lambda: len(rig.server.loans_of(demo.READER)) >= 2)
    rig.cut_network()
    rig.until(lambda: not rig.is_busy)
    told_lent = {item for item, status in rig.statuses().items() if status is Status.LENT}

    rig.mend_network()
    rig.pass_time(90)

    assert rig.server.loans_of(demo.READER) == told_lent == rig.released
    assert set(endings(rig)) == set(FREE[:5])


def test_an_unplugged_pad_is_a_notice_and_comes_back(rig: Rig) -> None:
    """Without its pad the terminal says so and serves on; plugged in again the books are lent."""
    rig.begin()
    rig.unplug_pad()
    rig.until(lambda: Notice.PAD_AWAY in rig.shown[-1].notices)

    rig.plug_pad()
    rig.lay(FREE[0])

    assert rig.line(FREE[0]).status is Status.LENT


def test_a_pad_unplugged_in_the_middle_of_a_release_is_finished_afterwards(rig: Rig) -> None:
    """The book is asked for again and released once the pad is back; the loan is neither lost nor doubled."""
    rig.begin()
    rig.reader.lay(*rig.tags.setdefault(FREE[0], list(item_tags(FREE[0], 1))))
    rig.until(lambda: rig.server.loans_of(demo.READER) == {FREE[0]})
    rig.unplug_pad()
    rig.plug_pad()
    rig.until(lambda: rig.released == {FREE[0]})
    rig.settle()

    assert endings(rig) == {FREE[0]: Settlement.DONE.value}
    assert len(rig.entries()) == 1


def test_nothing_of_a_patron_gets_into_the_log(rig: Rig) -> None:
    """A session with a wrong PIN, a cut network and a scan leaves no number and no PIN in any log line."""
    rig.show_card()
    rig.pin("8362")
    rig.pin()
    rig.lay(FREE[0])
    rig.cut_network()
    rig.scan(FREE[1])
    rig.pass_time(20)

    written = repr(rig.log.lines)
    assert demo.READER not in written
    assert "8362" not in written
    assert demo.PIN not in written
