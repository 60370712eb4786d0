"""What is promised of every circulation system that speaks SIP2, with each behaving as the real one was seen to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from drivers.link.memory import VirtualClock
from sync.entries import (
    Alert,
    Answer,
    Due,
    Entry,
    EntryKey,
    FeePart,
    Flaw,
    GiveBack,
    Granted,
    Intended,
    Means,
    Money,
    Pay,
    Promise,
    Reason,
    Refused,
    ReportCare,
    item_id,
    patron_id,
)
from sync.questions import AboutAccount, AccountFacts, HoldFact
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.phrasing import transaction_of
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings
from tests.kit.sip2_personalities import EDGE, EVERY_PERSONALITY, INTERLIB, Personality, Takes
from tests.kit.sip2_systems import BreakingLine, Deed, Fee, Hold, Loan, System

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
DUE = AT + timedelta(days=7)
BOOK, OTHER, READER, STRANGER = "10000001", "20000002", "2300000042", "2300000077"
KEY = EntryKey("e", 1, 7, 1)

EVERY = pytest.mark.parametrize("personality", EVERY_PERSONALITY, ids=lambda one: one.dialect)
PAYING = pytest.mark.parametrize(
    "personality",
    [one for one in EVERY_PERSONALITY if one.takes is not Takes.NOTHING],
    ids=lambda one: one.dialect,
)


class House:
    """A terminal at a system in which the reader has one book on loan."""

    def __init__(self, personality: Personality) -> None:
        self.clock = VirtualClock(AT)
        self.system = System(personality, self.clock, frozenset({BOOK, OTHER}), frozenset({READER, STRANGER}))
        self.system.loans[BOOK] = Loan(READER, DUE)
        settings = Sip2Settings(profile(personality.dialect), "LIB", user="kiosk", location="WEST", zone=UTC)
        self.server = Sip2Server(lambda: BreakingLine(self.system, self.clock, []), settings, self.clock)

    def carry(self, promise: Promise) -> Answer:
        (answer,) = self.server.carry([Entry(KEY, promise, (Intended(KEY, AT, promise),))])
        return answer

    def give_back(self, item: str = BOOK, *, was_on_loan: bool | None = True) -> Answer:
        due = Due(DUE.date()) if was_on_loan else None
        return self.carry(GiveBack(item_id(item), AT, was_on_loan=was_on_loan, due_before=due))

    def account(self, patron: str = READER) -> AccountFacts:
        facts = self.server.ask(AboutAccount(patron_id(patron)))
        assert isinstance(facts, AccountFacts)
        return facts

    def pay(self, units: int, fee: str = "", currency: str = "CNY") -> Answer:
        amount = Money(units, currency)
        return self.carry(Pay(patron_id(READER), amount, (FeePart(fee, amount),), Means.CARD, AT))


@EVERY
def test_a_loan_ends_when_the_item_comes_back(personality: Personality) -> None:
    """One 09 ends the loan, and the answer says that there was one, of whom where that is told, and when it was due."""
    house = House(personality)

    answer = house.give_back()

    assert isinstance(answer, Granted)
    assert answer.back is not None
    assert (answer.back.was_on_loan, answer.due.day, answer.title) == (True, DUE.date(), "Title")
    assert answer.back.patron == (patron_id(READER) if personality.names_borrower else None)
    assert (answer.back.hold_patron, answer.back.alert, answer.back.home) == (None, None, "Main")
    assert (house.system.loans, house.system.done) == ({}, [(Deed.RETURNED, BOOK, READER)])


@EVERY
def test_an_item_that_came_back_twice_is_taken_twice(personality: Personality) -> None:
    """The second time there is no loan: that is no refusal, and it is said."""
    house = House(personality)
    house.give_back()

    answer = house.give_back(was_on_loan=False)

    assert isinstance(answer, Granted)
    assert answer.back is not None
    assert (answer.back.was_on_loan, answer.back.patron) == (False, None)
    assert len(house.system.done) == 1


@EVERY
def test_an_item_nobody_knows_is_refused_as_that(personality: Personality) -> None:
    """Every system says it differently, and it is understood of each."""
    answer = House(personality).give_back("99999999", was_on_loan=None)
    assert isinstance(answer, Refused)
    assert answer.reason is Reason.ITEM_UNKNOWN


@EVERY
def test_an_item_that_is_not_taken_here_stays_on_loan(personality: Personality) -> None:
    """A return that is blocked is refused as that, and never taken for "had been returned already"."""
    house = House(personality)
    house.system.blocked.add(BOOK)

    answer = house.give_back()

    assert isinstance(answer, Refused)
    assert answer.reason is Reason.NOT_RETURNABLE_HERE
    assert house.system.loans[BOOK].patron == READER


@pytest.mark.parametrize(
    ("prepare", "alert", "destination"),
    [
        (lambda system: system.holds.append(Hold(BOOK, STRANGER)), Alert.HOLD_HERE, ""),
        (lambda system: system.holds.append(Hold(BOOK, STRANGER, "EAST")), Alert.HOLD_AT_BRANCH, "EAST"),
        (lambda system: system.away.update({BOOK: "EAST"}), Alert.OTHER_BRANCH, "EAST"),
    ],
    ids=["hold", "hold elsewhere", "other branch"],
)
@EVERY
def test_where_an_item_goes_is_told(
    personality: Personality, prepare: Callable[[System], None], alert: Alert, destination: str
) -> None:
    """Why it does not go to its shelf, and where to, as far as the system tells; and nobody's name."""
    house = House(personality)
    prepare(house.system)

    answer = house.give_back()

    assert isinstance(answer, Granted)
    assert answer.back is not None
    if personality.codes_alerts:
        assert (answer.back.alert, answer.back.destination) == (alert, destination)
        is_held = alert is not Alert.OTHER_BRANCH
        assert answer.back.hold_patron == (patron_id(STRANGER) if is_held else None)
    else:
        assert (answer.back.alert, answer.back.destination) == (Alert.OTHER, "")
    assert "Quintana" not in repr(answer)


@EVERY
def test_an_account_is_told_whole(personality: Personality) -> None:
    """Loans with the overdue ones first, holds with the ready ones first, and what is owed."""
    house = House(personality)
    house.system.loans[OTHER] = Loan(READER, AT - timedelta(days=1))
    house.system.holds += [Hold("30000003", READER), Hold("40000004", READER, is_ready=True)]
    house.system.fees += [Fee("F1", READER, 150, BOOK), Fee("F2", READER, 500, OTHER)]

    account = house.account()

    assert account.is_known
    assert account.loans is not None
    assert [(loan.item, loan.is_overdue) for loan in account.loans] == [(OTHER, True), (BOOK, False)]
    assert account.loan_count == 2
    assert account.holds == (
        HoldFact(item_id("40000004"), is_ready=personality is not EDGE),
        HoldFact(item_id("30000003")),
    )
    assert account.owed == Money(650, "CNY")
    assert account.fees is not None
    assert sorted(fee.amount.minor_units for fee in account.fees) == [150, 500]
    assert [fee.id for fee in account.fees] == (["F1", "F2"] if personality.details else ["", ""])
    assert account.takes_payments is (personality.takes is not Takes.NOTHING)


@EVERY
def test_an_empty_account_costs_one_question(personality: Personality) -> None:
    """What is counted as empty is not asked for, and is told as empty."""
    house = House(personality)
    account = house.account(STRANGER)
    assert (account.loans, account.holds, account.fees) == ((), (), ())
    assert account.owed == Money(0, "CNY")
    assert [frame[:2] for frame in house.system.frames].count(b"63") == 1


@EVERY
def test_a_card_nobody_knows_has_no_account(personality: Personality) -> None:
    """Nothing is told of it, and no payment taken for it."""
    account = House(personality).account("2399999999")
    assert (account.is_known, account.loans, account.owed, account.takes_payments) == (
        False,
        None,
        None,
        False,
    )


@PAYING
def test_a_payment_is_posted_once_and_is_gone_from_the_account(personality: Personality) -> None:
    """What is owed in all is paid with one message that bears the terminal's number."""
    house = House(personality)
    house.system.fees.append(Fee("F1", READER, 650, BOOK))

    answer = house.pay(650, house.account().fees[0].id)  # type: ignore[index]

    assert isinstance(answer, Granted)
    assert house.system.payments == [(READER, 650, transaction_of(KEY))]
    assert answer.reference == (transaction_of(KEY) if personality.details else "")
    assert house.account().owed == Money(0, "CNY")


@PAYING
@pytest.mark.parametrize(("owed", "reason"), [(0, Reason.FEE_GONE), (300, Reason.AMOUNT_DIFFERS)])
def test_more_than_is_owed_is_never_posted(personality: Personality, owed: int, reason: Reason) -> None:
    """A fee that vanished meanwhile, or became less, is told apart, also where the system would take any sum."""
    house = House(personality)
    if owed:
        house.system.fees.append(Fee("F1", READER, owed, BOOK))

    answer = house.pay(650, "F1" if personality.details else "")

    assert answer == Refused(reason, messages=getattr(answer, "messages", ()))
    assert house.system.payments == []


@EVERY
def test_money_of_another_currency_is_told_to_nobody(personality: Personality) -> None:
    """It is refused by the terminal itself."""
    house = House(personality)
    assert house.pay(650, currency="EUR") == Refused(Reason.CURRENCY_DIFFERS)
    assert house.system.frames == []


@pytest.mark.parametrize(
    "personality",
    [one for one in EVERY_PERSONALITY if one.takes is Takes.NOTHING],
    ids=lambda one: one.dialect,
)
def test_a_system_without_payments_is_told_of_none(personality: Personality) -> None:
    """Money that was taken nevertheless goes back."""
    house = House(personality)
    house.system.fees.append(Fee("F1", READER, 650, BOOK))
    assert house.pay(650) == Refused(Reason.NOT_PERMITTED_HERE)
    assert not any(frame.startswith(b"37") for frame in house.system.frames)


@EVERY
def test_what_needs_care_is_told_where_there_is_a_place_for_it(personality: Personality) -> None:
    """Elsewhere it lies in the journal alone, and is done at once."""
    house = House(personality)
    answer = house.carry(ReportCare(item_id(BOOK), (Flaw.LOOSE_PAGES, Flaw.WRITTEN_IN), AT))
    assert isinstance(answer, Granted)
    told = [(BOOK, "needs care: loose-pages, written-in")] if personality.takes_care else []
    assert house.system.care == told
    assert any(frame.startswith(b"19") for frame in house.system.frames) is personality.takes_care


def test_a_chinese_system_speaks_its_charset() -> None:
    """The words by which success is told arrive in GB18030."""
    house = House(INTERLIB)
    answer = house.give_back()
    assert isinstance(answer, Granted)
    assert answer.messages == ("成功",)
    assert "成功".encode("gb18030") in house.system.replies[-1]
