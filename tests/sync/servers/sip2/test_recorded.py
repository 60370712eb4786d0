"""Replies in the shapes that running servers were recorded with, Koha 19.06 and Evergreen 3.17: order of fields, what
is left out, what a program printed of itself.  Numbers and titles are ours."""

from __future__ import annotations

from datetime import date

from sync.entries import Due, FeePart, GiveBack, Granted, Means, Money, Pay, TakenBack
from sync.questions import AboutAccount, AccountFacts, FeeFact
from sync.servers.sip2.dates import NOT_DUE
from tests.sync.servers.sip2.conftest import AT, ITEM, READER, Desk

NOW = "20261122    160453"
GARBAGE = "C4::SIP::SIPServer=HASH(0x55f80fe32870)"
KOHA_STATUS = "98YYYYYY02500520261122    1604522.00AOCPL|BXYYYYYYYYYYYNYYYY|"
KOHA_FREE = (
    f"64{'':14}001{NOW}000000000001000000000000AOCPL|AAR0001234|AEAda Reader|BLY|CQY|CC5|BD1 High Street|PCPT|PIY|"
    f"AFGreetings from Koha. |"
)
KOHA_OWES = (
    f"64YYYY      YY  001{NOW}000000000000000100000000AOCPL|AAR0001234|AEAda Reader|BLY|BHUSD|BV6.50|CC5|AV{ITEM}|"
    "PCPT|PIY|AFPatron owes 6.50|"
)
KOHA_BACK = f"101YNN{NOW}AOCPL|AB{ITEM}|AQCPL|AJMort|AAR0001234|CSFIC 1|CY{GARBAGE}|DA{GARBAGE}|"
KOHA_NOT_ON_LOAN = f"101YNN{NOW}AOCPL|AB{ITEM}|AQCPL|AJMort|CSFIC 1|CY{GARBAGE}|DA{GARBAGE}|"
KOHA_PAID = f"38Y{NOW}AOCPL|AAR0001234|"
EVERGREEN_STATUS = "98YYYYYY60000320261122    1604512.00AOgapines|BXYYYYYYYYYYYNNNYY|"
EVERGREEN_FREE = (
    f"64  Y           000{NOW}000200000000000000000003AOgapines|AAR0001234|AEAda  Reader|BHUSD|BV0.0|"
    "BDMain Street|AQBR2|BLY|CQY|PA20350101|PCPatrons|PIFiltered|XI15|"
)
EVERGREEN_BACK = (
    f"101YNN{NOW}AOgapines|AB{ITEM}|AQBR1|AJLa canzone|AAR0001234|CK001|CRReference|CSML 2533 B34 C1|"
)
EVERGREEN_NOT_ON_LOAN = EVERGREEN_BACK.replace("AAR0001234|", "")

BACK = GiveBack(ITEM, AT, due_before=Due(date(2026, 11, 30), "2026-11-30 23:59:59"))


def test_koha_takes_back_with_garbage_in_its_reply() -> None:
    """The loan ended, the second time there was none, and what the program printed is nobody."""
    desk = Desk({"99": KOHA_STATUS, "09": [KOHA_BACK, KOHA_NOT_ON_LOAN]}, dialect="koha")
    first, second = desk.carry(BACK), desk.carry(BACK)
    assert isinstance(first, Granted)
    assert isinstance(second, Granted)
    assert first.back == TakenBack(was_on_loan=True, patron=READER, home="CPL", call_number="FIC 1")
    assert second.back == TakenBack(was_on_loan=False, home="CPL", call_number="FIC 1")


def test_koha_tells_no_sum_where_nothing_is_owed() -> None:
    """A sum left out beside a count of no fees is nothing owed, so that a payment can be seen to have arrived."""
    facts = Desk({"99": KOHA_STATUS, "63": KOHA_FREE}, dialect="koha", currency="USD").client.ask(
        AboutAccount(READER)
    )
    assert isinstance(facts, AccountFacts)
    assert (facts.owed, facts.fees, facts.holds, facts.takes_payments) == (Money(0, "USD"), (), (), True)
    assert facts.messages == ("Greetings from Koha.",)


def test_koha_is_paid_what_is_owed() -> None:
    """Its fees are item numbers, so they are one; its 38 bears no number."""
    desk = Desk({"99": KOHA_STATUS, "63": KOHA_OWES, "37": KOHA_PAID}, dialect="koha", currency="USD")
    facts = desk.client.ask(AboutAccount(READER))
    assert isinstance(facts, AccountFacts)
    amount = Money(650, "USD")
    assert facts.fees == (FeeFact("", amount, text=str(ITEM)),)
    paid = desk.carry(Pay(READER, amount, (FeePart("", amount),), Means.CARD, AT, owed_before=facts.owed))
    assert paid == Granted(NOT_DUE, release=False)
    assert desk.server.asked("37")[0].startswith("3720261122    0804510102USDAO")


def test_evergreen_takes_back_and_tells_where_it_belongs() -> None:
    """Home, collection and call number come with the borrower, who is left out the second time."""
    desk = Desk({"99": EVERGREEN_STATUS, "09": [EVERGREEN_BACK, EVERGREEN_NOT_ON_LOAN]}, dialect="evergreen")
    first, second = desk.carry(BACK), desk.carry(BACK)
    assert isinstance(first, Granted)
    assert isinstance(second, Granted)
    home = {"home": "BR1", "collection": "Reference", "call_number": "ML 2533 B34 C1"}
    assert first.back == TakenBack(was_on_loan=True, patron=READER, **home)  # type: ignore[arg-type]
    assert second.back == TakenBack(was_on_loan=False, **home)  # type: ignore[arg-type]
    assert (first.due, first.title) == (BACK.due_before, "La canzone")


def test_evergreen_counts_holds_it_does_not_list() -> None:
    """A sum with one decimal is nothing all the same; holds that are counted and not listed are not told."""
    desk = Desk({"99": EVERGREEN_STATUS, "63": EVERGREEN_FREE}, dialect="evergreen", currency="USD")
    facts = desk.client.ask(AboutAccount(READER))
    assert isinstance(facts, AccountFacts)
    assert (facts.owed, facts.fees, facts.holds, facts.loans) == (Money(0, "USD"), (), None, ())
