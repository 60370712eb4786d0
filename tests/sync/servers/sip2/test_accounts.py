"""Accounts: which lists are asked for, and what is understood of money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from sync.entries import BadIdentifier, ItemId, Money, Reason
from sync.questions import AboutAccount, AccountFacts, FeeFact, HoldFact, LoanFact
from sync.servers.ils import ServerSilent
from sync.servers.sip2.fees import amount_in, fees_in_texts
from tests.kit.sip2_server import STATUS, Script
from tests.sync.servers.sip2.conftest import READER, Desk


def reply_64(
    more: str = "",
    *,
    counts: Sequence[int | None] = (0, 0, 0, 0, 0, 0),
    flags: str = "",
    patron: str = "R0001234",
) -> str:
    """A patron information response; *counts* are holds, overdue, charged, fines, recalls, holds that wait."""
    told = "".join("    " if count is None else f"{count:04}" for count in counts)
    return f"64{flags:14}00120261122    160452{told}AOBIB|AA{patron}|AEAda Reader|BLY|{more}"


def told(desk: Desk) -> AccountFacts:
    facts = desk.client.ask(AboutAccount(READER))
    assert isinstance(facts, AccountFacts)
    return facts


def summaries(desk: Desk) -> list[str]:
    return [request[23:33].rstrip() for request in desk.server.asked("63")]


def test_each_list_that_is_not_empty_is_asked_for_once() -> None:
    """One list each, one Y in each request, in one order; what is counted as empty is not asked for."""
    counts = (1, 1, 2, 1, 0, 1)
    lists = ["AUB1|AUB2|BV6.50|BHCNY|", "ATB2|", "ASB7|", "CDThe tale of two|", "AVovd 6.50 Emma|"]
    desk = Desk({"63": [reply_64(one, counts=counts) for one in lists]})
    assert told(desk) == AccountFacts(
        READER,
        is_known=True,
        loans=(LoanFact(ItemId("B2"), is_overdue=True), LoanFact(ItemId("B1"))),
        holds=(HoldFact(ItemId("B7"), is_ready=True), HoldFact(title="The tale of two")),
        fees=(FeeFact("", Money(650, "CNY"), text="ovd 6.50 Emma"),),
        owed=Money(650, "CNY"),
        loan_count=2,
        pays_several=False,
    )
    assert summaries(desk) == ["  Y", " Y", "Y", "     Y", "   Y"]
    assert not any("|AD" in request for request in desk.server.asked("63"))


def test_limits_and_blocks_stand_beside_the_account() -> None:
    """A blocked reader's account is told with the reason, the limit and what the server says."""
    facts = told(Desk({"63": reply_64("CB0010|BV6.50|AFsee staff|", flags="YYYY      YY")}))
    assert (facts.loan_limit, facts.blocks, facts.messages) == (10, (Reason.FEES_OWED,), ("see staff",))
    assert facts.is_known


def test_long_lists_are_read_page_by_page() -> None:
    """A list goes on where the last page ended, and a server that begins anew is not asked for ever."""
    counts = (3, 0, 0, 0, 0, 0)
    paged = Desk({"63": [reply_64(one, counts=counts) for one in ("", "ASB1|ASB2|", "ASB3|")]})
    holds = told(paged).holds
    assert holds is not None
    assert [hold.item for hold in holds] == ["B1", "B2", "B3"]
    assert "BP3|" in paged.server.asked("63")[-1]
    stubborn = Desk({"63": [reply_64("", counts=counts), reply_64("ASB1|ASB2|", counts=counts)]})
    assert len(told(stubborn).holds or ()) == 2
    assert len(stubborn.server.asked("63")) == 3


def test_lists_nobody_counts_are_asked_for_and_told_where_they_come() -> None:
    """Blank counts mean that the server does not count: an empty list is then not told."""
    counts = (None, None, None, None, None, None)
    pages = ["AUB1|BV0.00|", "", "ASB7|", ""]
    facts = told(Desk({"63": [reply_64(one, counts=counts) for one in pages]}))
    assert facts.loans == (LoanFact(ItemId("B1")),)
    assert facts.holds == (HoldFact(ItemId("B7"), is_ready=True),)
    assert (facts.fees, facts.owed) == ((), Money(0, "CNY"))


def test_a_profile_leaves_out_lists() -> None:
    """A list the system does not fill is not asked for, and not told."""
    counts = (2, 1, 0, 0, 0, 2)
    desk = Desk({"63": reply_64("ASB1|", counts=counts)}, changes={"lists": ["charged", "overdue"]})
    facts = told(desk)
    assert facts.holds is None
    assert summaries(desk) == ["  Y", " Y"]


@pytest.mark.parametrize("script", [b"", b"Problems handling the request\r", reply_64(patron="R9")])
def test_an_account_outlives_a_list_that_fails(script: Script) -> None:
    """What was told is told, within the time of one question; the lists behind are not."""
    counts = (1, 0, 1, 1, 0, 1)
    desk = Desk({"63": [reply_64("AUB1|BV2.00|", counts=counts), script]})
    facts = told(desk)
    assert (facts.loans, facts.holds) == ((LoanFact(ItemId("B1")),), None)
    assert (facts.owed, facts.fees) == (Money(200, "CNY"), (FeeFact("", Money(200, "CNY")),))
    assert desk.clock.monotonic() <= 5.0


def test_an_account_nobody_answers_for_is_silence() -> None:
    """Without the first answer there is none."""
    with pytest.raises(ServerSilent):
        told(Desk({"63": b""}))


def test_no_account_is_asked_for_without_a_number() -> None:
    """Koha answers such a question with its administrator."""
    desk = Desk({"63": reply_64()})
    with pytest.raises(BadIdentifier):
        desk.client.ask(AboutAccount(type(READER)(" ")))
    assert not desk.server.asked("63")


def test_a_system_without_63_tells_what_it_can() -> None:
    """By 23 there is what is owed, and no list."""
    reply = f"24{'':14}00120261122    160452AOBIB|AAR0001234|AEAda|BLY|BHCNY|BV2.50|"
    desk = Desk({"23": reply}, changes={"supports": ["93", "99", "23", "11", "09", "17"]})
    facts = told(desk)
    assert (facts.loans, facts.holds, facts.owed) == (None, None, Money(250, "CNY"))
    assert facts.fees == (FeeFact("", Money(250, "CNY")),)
    assert facts.takes_payments is False


# --- Money ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "fines", "owed"),
    [
        ("BV6.50|", 1, Money(650, "CNY")),
        ("BV6,50|BHEUR|", 1, Money(650, "EUR")),
        ("BV0.00|", 1, Money(0, "CNY")),
        ("", 0, Money(0, "CNY")),
        ("", 1, None),
        ("", None, None),
        ("BV-1.00|", 0, None),
        ("BVsome|", 1, None),
        ("BV1.234|", 1, None),
        ("BV6.505|", 1, None),
        ("BV99999999999.00|", 1, None),
        ("BV1000000.00|", 1, None),
        ("BV٦.50|", 1, None),
        ("BV6.50 or 7.50|", 1, None),
    ],
)
def test_what_is_owed_is_told_or_not_and_never_guessed(
    more: str, fines: int | None, owed: Money | None
) -> None:
    """A sum that is none, negative or absurd is not told, and then no fee is either."""
    facts = told(Desk({"63": reply_64(more, counts=(0, 0, 0, fines, 0, 0))}))
    assert facts.owed == owed
    if owed is None:
        assert facts.fees is None
    else:
        assert sum(fee.amount.minor_units for fee in facts.fees or ()) == owed.minor_units


def test_money_of_another_currency_is_shown_and_not_taken() -> None:
    """The terminal reckons in one currency."""
    facts = told(Desk({"63": reply_64("BHEUR|BV6.50|", counts=(0, 0, 0, 1, 0, 0))}))
    assert (facts.owed, facts.takes_payments) == (Money(650, "EUR"), False)


@pytest.mark.parametrize(
    ("supported", "takes"),
    [
        ("Y" * 16, True),
        ("YYYYYYYYYYYNYYYY", True),
        ("YYYYYYYYYNYYYYYY", False),
        ("YYYYYYYYY", False),
        ("", False),
    ],
)
def test_payments_are_taken_where_the_server_lists_them(supported: str, takes: bool) -> None:
    """Profile and server have to agree before money is taken, and reports are told only where they are listed."""
    desk = Desk({"99": STATUS.replace("Y" * 16, supported), "63": reply_64("BV1.00|")})
    assert told(desk).takes_payments is takes
    can = desk.client.capabilities()
    assert (can.takes_payments, can.takes_care) == (takes, supported[11:12] == "Y")


@pytest.mark.parametrize(
    ("texts", "fees"),
    [
        (["1.50 overdue", "5.00 damage"], [("1.50 overdue", 150), ("5.00 damage", 500)]),
        (["¥1.50 滞纳金", "5元 污损"], [("¥1.50 滞纳金", 150), ("5元 污损", 500)]),
        (
            ["1.50 overdue", "1.50 overdue", "3.50"],
            [("1.50 overdue", 150), ("1.50 overdue", 150), ("3.50", 350)],
        ),
        # Not their sum, nothing to read, two readings, a date, a number: one fee for all.
        (["1.50 overdue", "4.00 damage"], None),
        (["B0000001", "B0000002"], None),
        (["1.50 of 6.50", "5.00"], None),
        (["6.50 since 22.11.2026"], [("6.50 since 22.11.2026", 650)]),
        (["overdue 2026-11-22"], None),
        (["10000001"], None),
        (["6.50 EUR"], None),
        (["-6.50"], None),
        ([], None),
    ],
)
def test_free_text_is_read_only_where_it_can_be_read_in_one_way(
    texts: list[str], fees: list[tuple[str, int]] | None
) -> None:
    """The text stays as it is; the amounts count only when together they are what is owed."""
    found = fees_in_texts(texts, Money(650, "CNY"))
    expected = [("\n".join(texts), 650)] if fees is None else fees
    assert [(fee.text, fee.amount.minor_units) for fee in found or ()] == expected
    assert {fee.id for fee in found or ()} == {""}


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [
        ("¥120", "JPY", 120),
        ("120", "JPY", None),
        ("1.500 KWD", "KWD", 1500),
        ("CNY 2", "CNY", 200),
        ("2.5", "CNY", None),
    ],
)
def test_an_amount_in_a_sentence_has_the_form_of_its_currency(
    text: str, currency: str, units: int | None
) -> None:
    """All decimals, or a sign beside it."""
    amount = amount_in(text, currency)
    assert (None if amount is None else amount.minor_units) == units


DETAIL = (
    "BHEUR|BV5.00|CG213-3|FA1.00|FB830$245|FC01.08.2026|FDSQL / Lans (1988)|FE3|FFLate|FH1.00|FI|"
    "CG768-3|FA1.00|FB830$246|FC02.08.2026|FDLinked data|FE3|FFLate|FH0.00|FIStill on loan.|"
    "CG105-15|FA3.00|FB|FC30.07.2026|FDOther|FE15|FFOther|FH3.00|FI|BEx@example.org|FU20|"
)


def test_gossip_tells_each_fee_with_its_number() -> None:
    """Number, amount, item, title, since when, and which of them cannot be paid now."""
    desk = Desk({"63": reply_64(DETAIL, counts=(0, 0, 0, 3, 0, 0))}, dialect="gossip", currency="EUR")
    facts = told(desk)
    assert facts.fees == (
        FeeFact(
            "213-3",
            Money(100, "EUR"),
            item=ItemId("830$245"),
            title="SQL / Lans (1988)",
            since=date(2026, 8, 1),
            text="Late",
        ),
        FeeFact(
            "768-3",
            Money(100, "EUR"),
            item=ItemId("830$246"),
            title="Linked data",
            since=date(2026, 8, 2),
            text="Late Still on loan.",
            is_payable=False,
        ),
        FeeFact("105-15", Money(300, "EUR"), title="Other", since=date(2026, 7, 30), text="Other"),
    )
    assert (facts.takes_payments, facts.pays_several) == (True, False)
    assert summaries(desk) == ["  Y", "      Y"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FA3.00", "FA3.01"),
        ("FA3.00", "FAmuch"),
        ("FA3.00", "FA-3.00"),
        ("FA3.00|", ""),
        ("CG105-15", "CG213-3"),
        ("CG105-15", "CG"),
        ("CG", "XG"),
    ],
)
def test_fees_that_cannot_be_believed_are_one(old: str, new: str) -> None:
    """An amount that does not add up or cannot be read, or two fees of one number: then only the whole is told."""
    reply = reply_64(DETAIL.replace(old, new), counts=(0, 0, 0, 3, 0, 0))
    assert told(Desk({"63": reply}, dialect="gossip", currency="EUR")).fees == (
        FeeFact("", Money(500, "EUR")),
    )


def test_folio_writes_days_its_own_way() -> None:
    """A moment with a zone is the day it names."""
    more = "BV1.00|CGa1|FA1.00|FC2026-11-01T08:00:00.000Z|FFOverdue fine|"
    facts = told(Desk({"63": reply_64(more, counts=(0, 0, 0, 1, 0, 0))}, dialect="edge-sip2"))
    assert facts.fees == (FeeFact("a1", Money(100, "CNY"), since=date(2026, 11, 1), text="Overdue fine"),)
