"""What the client asks about patrons, items and the server, and what it understands."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from drivers.masked import Secret
from sync.entries import Due, ItemId, Money
from sync.questions import (
    AboutItem,
    AboutPatron,
    AboutServer,
    EndOfSession,
    ItemFacts,
    LoanFact,
    PatronFacts,
    ServerFacts,
    SessionEnded,
    Standing,
)
from tests.sync.servers.sip2.conftest import (
    ITEM,
    READER,
    Desk,
    reply_18,
    reply_64,
)


@pytest.mark.parametrize(
    ("flags", "more", "is_known", "is_right"),
    [
        ("", "BLY|CQY|", True, True),
        ("", "BLY|CQN|AF-- Invalid password|", True, False),
        ("", "BLY|", True, None),
        ("", "CQY|", True, None),
        ("YYYY", "BLN|", False, None),
        ("YYYY", "BLN|CQY|", False, None),
    ],
)
def test_a_pin_is_right_only_when_card_and_pin_are_valid(
    flags: str, more: str, is_known: bool, is_right: bool | None
) -> None:
    """Only BL and CQ together verify a PIN; an answer without CQ does not."""
    desk = Desk({"63": reply_64(flags, more)})
    facts = desk.client.ask(AboutPatron(READER, Secret("1234")))
    assert isinstance(facts, PatronFacts)
    assert (facts.is_known, facts.is_pin_right) == (is_known, is_right)
    assert "AD1234|AC|" in desk.server.requests[-1]


def test_a_pin_the_line_cannot_carry_is_wrong() -> None:
    """A PIN with a delimiter in it is not sent, and is wrong."""
    desk = Desk({"63": reply_64("", "BLY|CQY|AUB1|", charged="0001")})
    facts = desk.client.ask(AboutPatron(READER, Secret("12|34")))
    assert facts == PatronFacts(READER, is_known=True, is_pin_right=False)
    assert ["AD" in request for request in desk.server.asked("63")] == [False]


def test_behind_a_wrong_pin_there_is_nothing_to_read() -> None:
    """With a wrong PIN neither name nor loans, debt or blocks are handed on, and no list is asked for."""
    more = "BLY|CQN|CB0010|BHCNY|BV6.50|AUB1|AFwrong PIN|"
    desk = Desk({"63": reply_64("YYYY", more, charged="0002", overdue="0001")}, dialect="evergreen")
    assert desk.client.ask(AboutPatron(READER, Secret("9999"))) == PatronFacts(
        READER, is_known=True, is_pin_right=False, messages=("wrong PIN",)
    )
    assert len(desk.server.asked("63")) == 1


def test_an_account_is_told_with_its_loans() -> None:
    """Name, loans, limit and debt come out of one question."""
    more = "BZ0005|CB0010|BLY|BHCNY|BV6.50|AUB1|AUB2|AFWelcome &#124; 您好|"
    desk = Desk({"63": reply_64("", more, charged="0002")})
    assert desk.client.ask(AboutPatron(READER)) == PatronFacts(
        READER,
        is_known=True,
        name="Ada Reader",
        loans=(LoanFact(ItemId("B1")), LoanFact(ItemId("B2"))),
        loan_count=2,
        loan_limit=10,
        fees_owed=Money(650, "CNY"),
        messages=("Welcome | 您好",),
    )


def test_a_long_list_is_read_page_by_page() -> None:
    """Loans that do not fit into one reply are asked for from where the last one ended."""
    pages = [reply_64("", "BLY|AUB1|AUB2|", charged="0003"), reply_64("", "BLY|AUB3|", charged="0003")]
    desk = Desk({"63": pages})
    facts = desk.client.ask(AboutPatron(READER, Secret("1234")))
    assert isinstance(facts, PatronFacts)
    assert facts.loans == (LoanFact(ItemId("B1")), LoanFact(ItemId("B2")), LoanFact(ItemId("B3")))
    first, second = desk.server.asked("63")
    assert "BP" not in first
    assert "BP3|" in second
    assert "AD" not in second


def test_a_list_that_stays_short_is_not_told() -> None:
    """When a server counts more loans than it lists, the loans count as not told: comparing with them would
    lie.
    """
    desk = Desk({"63": reply_64("", "BLY|AUB1|", charged="0003")})
    facts = desk.client.ask(AboutPatron(READER))
    assert isinstance(facts, PatronFacts)
    assert (facts.loans, facts.loan_count) == (None, 3)
    assert len(desk.server.asked("63")) == 2


def test_evergreen_tells_overdue_loans_apart() -> None:
    """Overdue loans that are missing from the charged list are asked for and marked."""
    desk = Desk(
        {
            "63": [
                reply_64("", "BLY|AUB1|", charged="0001", overdue="0001"),
                reply_64("", "BLY|ATB2|", charged="0001", overdue="0001"),
            ]
        },
        dialect="evergreen",
    )
    facts = desk.client.ask(AboutPatron(READER))
    assert isinstance(facts, PatronFacts)
    assert facts.loans == (LoanFact(ItemId("B2"), is_overdue=True), LoanFact(ItemId("B1")))
    assert facts.loan_count == 2
    assert [request[23:33] for request in desk.server.asked("63")] == ["  Y       ", " Y        "]


def test_our_own_server_marks_overdue_loans() -> None:
    """Where the charged list has every loan, the overdue list marks those that are late and adds none."""
    desk = Desk(
        {
            "63": [
                reply_64("", "BLY|AUB1|AUB2|", charged="0002", overdue="0001"),
                reply_64("", "BLY|ATB2|", charged="0002", overdue="0001"),
            ]
        },
        dialect="central",
    )
    facts = desk.client.ask(AboutPatron(READER))
    assert isinstance(facts, PatronFacts)
    assert facts.loans == (LoanFact(ItemId("B2"), is_overdue=True), LoanFact(ItemId("B1")))
    assert facts.loan_count == 2


def test_a_patron_is_asked_by_23_where_63_is_missing() -> None:
    """A system without 63 is asked by 23, which tells no loans."""
    reply = f"24{'':14}00120261122    160452AOBIB|AAR0001234|AEAda|BLY|CQY|"
    desk = Desk({"23": reply}, changes={"supports": ["93", "99", "23", "11", "09", "17"]})
    facts = desk.client.ask(AboutPatron(READER, Secret("1234")))
    assert facts == PatronFacts(READER, is_known=True, name="Ada", is_pin_right=True)
    assert desk.client.capabilities().tells_loans is False


def test_an_item_is_told_with_its_parts() -> None:
    """Standing, due date, parts and the rule for incomplete items come from our own server."""
    desk = Desk({"17": reply_18("04", "AH2026-11-30|ZP3|ZIN|")}, dialect="central")
    assert desk.client.ask(AboutItem(ITEM)) == ItemFacts(
        ITEM,
        is_known=True,
        title="Emma",
        standing=Standing.ON_LOAN,
        due=Due(date(2026, 11, 30), "2026-11-30"),
        parts=3,
        lend_incomplete=False,
    )


@pytest.mark.parametrize("parts", ["0", "-1", "many", "٣", "9" * 30])
def test_an_absurd_number_of_parts_is_not_believed(parts: str) -> None:
    """What cannot be a number of parts is not told."""
    facts = Desk({"17": reply_18("03", f"ZP{parts}|")}, dialect="central").client.ask(AboutItem(ITEM))
    assert isinstance(facts, ItemFacts)
    assert facts.parts is None


def test_the_server_tells_its_clock() -> None:
    """The server's state has its clock as a moment with a zone, and its library's name."""
    assert Desk().client.ask(AboutServer()) == ServerFacts(
        is_online=True, lends=True, clock=datetime(2026, 11, 22, 16, 4, 51, tzinfo=UTC), library="Stadt"
    )


def test_the_end_of_a_session_is_told_where_the_server_wants_it() -> None:
    """35 is sent where the system has it and not elsewhere."""
    desk = Desk({"35": "36Y20261122    160452AOBIB|AAR0001234|"})
    assert desk.client.ask(EndOfSession(READER)) == SessionEnded()
    assert desk.server.requests[-1] == "3520261122    080451AOBIB|AAR0001234|AC|"
    silent = Desk(dialect="interlib-gbk")
    assert silent.client.ask(EndOfSession(READER)) == SessionEnded()
    assert silent.server.requests == []
