"""Choosing fees: what can be paid here at all, what the reader leaves out, and what it comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.workflow import choosing, events, view
from kiosk.workflow.effects import Ask, TakePayment
from kiosk.workflow.settings import Service
from kiosk.workflow.view import FeeLine
from sync.entries import FeeKind, FeePart, Means, Money, Reason
from sync.questions import AboutAccount, AccountFacts, FeeFact
from tests.kit.stage import item
from tests.kit.till import FEES, PAYS, Till, account_of, yuan


def enabled(shown: view.View) -> list[str]:
    """What can be chosen below the lines."""
    return [choice.id for choice in shown.choices if choice.enabled]


def chosen(shown: view.ChooseFees) -> list[bool]:
    """Which lines are chosen."""
    return [fee.is_chosen for fee in shown.fees]


def test_all_fees_are_chosen_at_first_and_each_can_be_left_out() -> None:
    """The total follows every touch, and nothing chosen cannot be paid."""
    stage = Till(PAYS)
    fees = stage.choose_fees()
    assert (chosen(fees), fees.total) == ([True, True, True], yuan(2450))
    assert enabled(fees) == ["all-fees", "pay-by:card", "pay-by:qr", "cancel"]

    stage.choose("fee:1")
    fees = stage.shows(view.ChooseFees)
    assert (chosen(fees), fees.total) == ([True, False, True], yuan(450))
    stage.choose("fee:0")
    stage.choose("fee:2")
    fees = stage.shows(view.ChooseFees)
    assert (fees.total, enabled(fees)) == (yuan(0), ["all-fees", "cancel"])
    stage.choose("all-fees")

    assert stage.shows(view.ChooseFees).total == yuan(2450)


@pytest.mark.parametrize("line", ["3", "-1", "99999999999999999999", "", "x", "1.5", "１"])
def test_a_line_that_is_not_there_changes_nothing(line: str) -> None:
    """Touches come from outside; what is not offered is not heard."""
    stage = Till(PAYS)
    before = stage.choose_fees()

    stage.happen(events.Chosen(f"fee:{line}"))

    assert stage.shows(view.ChooseFees) == before


def test_the_kinds_and_items_of_fees_are_written_with_what_is_paid() -> None:
    """A payment says what it is for, fee by fee."""
    stage = Till(PAYS)
    stage.choose_fees()
    stage.choose("fee:1")
    stage.pay_by()

    [entry] = stage.payments()

    assert getattr(entry.promise, "parts", None) == (
        FeePart("f1", yuan(150), FeeKind.OVERDUE, item(1)),
        FeePart("f3", yuan(300), FeeKind.CARD),
    )


def test_a_server_that_tells_one_sum_is_paid_as_a_whole() -> None:
    """There is nothing to be left out."""
    stage = Till(PAYS)
    fees = stage.choose_fees(account_of(fees=None, owed=yuan(777)))

    assert fees.is_whole_only
    assert fees.fees == (FeeLine(yuan(777), FeeKind.OTHER, is_chosen=True),)
    assert enabled(fees) == ["pay-by:card", "pay-by:qr", "cancel"]
    stage.happen(events.Chosen("fee:0"))
    assert stage.shows(view.ChooseFees).total == yuan(777)
    stage.pay_by(facts=account_of(fees=None, owed=yuan(777)))
    assert getattr(stage.payments()[0].promise, "parts", None) == (FeePart("", yuan(777)),)


@pytest.mark.parametrize(
    "fees",
    [
        (FeeFact("", yuan(100)), FeeFact("f2", yuan(200))),
        (FeeFact("f1", yuan(100)), FeeFact("f1", yuan(200))),
    ],
)
def test_fees_that_cannot_be_told_apart_are_paid_as_a_whole(fees: tuple[FeeFact, ...]) -> None:
    """A fee without a name of its own cannot be paid alone."""
    stage = Till(PAYS)

    shown = stage.choose_fees(account_of(fees=fees, owed=yuan(300)))

    assert (shown.is_whole_only, shown.total, chosen(shown)) == (True, yuan(300), [True, True])


def test_a_server_that_takes_one_fee_or_all_is_never_offered_some() -> None:
    """Choosing one leaves the others out; all together is the whole that is owed."""
    stage = Till(PAYS)
    one_only = account_of(pays_several=False)
    fees = stage.choose_fees(one_only)
    assert (fees.is_one_only, chosen(fees), fees.total) == (True, [True, True, True], yuan(2450))

    stage.choose("fee:2")
    assert chosen(stage.shows(view.ChooseFees)) == [False, False, True]
    stage.choose("fee:0")
    assert chosen(stage.shows(view.ChooseFees)) == [True, False, False]
    stage.choose("all-fees")
    stage.pay_by(facts=one_only)

    assert getattr(stage.payments()[0].promise, "parts", None) == (FeePart("", yuan(2450)),)


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        (yuan(-5), Reason.AMOUNT_DIFFERS),
        (yuan(0), Reason.AMOUNT_DIFFERS),
        (yuan(10**15), Reason.AMOUNT_DIFFERS),
        (yuan(PAYS.payment_max + 1), Reason.AMOUNT_DIFFERS),
        (yuan(500, "EUR"), Reason.CURRENCY_DIFFERS),
        (yuan(500, ""), Reason.CURRENCY_DIFFERS),
    ],
)
def test_a_fee_that_no_terminal_may_take_is_shown_with_its_reason_and_cannot_be_chosen(
    amount: Money, why: Reason
) -> None:
    """The good fees beside it can be paid; the total never counts it."""
    stage = Till(PAYS)
    bad = account_of(fees=(*FEES, FeeFact("bad", amount)), owed=None)

    fees = stage.choose_fees(bad)

    assert (fees.fees[3].why, fees.fees[3].choices, fees.fees[3].is_chosen) == (why, (), False)
    assert fees.total == yuan(2450)
    stage.happen(events.Chosen("fee:3"))
    assert stage.shows(view.ChooseFees).total == yuan(2450)


@pytest.mark.parametrize("amount", [yuan(-300), yuan(0), yuan(10**13), yuan(100, "USD")])
def test_a_sum_that_no_terminal_may_take_is_not_paid_here_at_all(amount: Money) -> None:
    """Nothing is offered to be paid, and the account says what is owed as it was told."""
    stage = Till(PAYS)
    stage.ready()

    account = stage.log_in_to_account(account_of(fees=None, owed=amount))

    assert account.owed == amount
    assert "pay" not in enabled(account)
    stage.happen(events.Chosen("pay"))
    stage.shows(view.Account)


def test_fees_that_come_to_too_much_together_have_to_be_paid_in_parts() -> None:
    """Each is small enough, all are not; with one left out the rest can be paid."""
    stage = Till(replace(PAYS, payment_max=2200))

    fees = stage.choose_fees()
    assert fees.is_too_much
    assert "pay-by:card" not in enabled(fees)
    stage.happen(events.Chosen("pay-by:card"))
    assert stage.shows(view.ChooseFees)
    stage.choose("fee:2")

    fees = stage.shows(view.ChooseFees)
    assert not fees.is_too_much
    assert "pay-by:card" in enabled(fees)


def test_a_fee_the_server_takes_no_money_for_here_is_left_out() -> None:
    """It is shown, and stays open."""
    stage = Till(PAYS)
    fees = stage.choose_fees(account_of(fees=(FEES[0], replace(FEES[1], is_payable=False))))

    assert (chosen(fees), fees.fees[1].choices, fees.total) == ([True, False], (), yuan(150))


def test_a_server_that_takes_no_payments_here_is_offered_none() -> None:
    """The fees are shown, and that is all."""
    stage = Till(PAYS)
    stage.ready()

    account = stage.log_in_to_account(account_of(takes_payments=False))

    assert "pay" not in enabled(account)


def test_a_library_without_the_service_offers_no_paying() -> None:
    """The account is there all the same."""
    stage = Till(replace(PAYS, services=(Service.BORROW, Service.ACCOUNT)))
    stage.ready()

    account = stage.log_in_to_account()

    assert "pay" not in [choice.id for choice in account.choices]


def test_means_are_offered_as_they_work_and_the_counter_is_a_sentence() -> None:
    """A terminal that is not ready yet, or away, is not offered; nothing is charged by reading a sentence."""
    stage = Till(PAYS)
    stage.log_in_to_account()
    stage.choose("pay")
    fees = stage.shows(view.ChooseFees)
    assert (fees.is_at_counter, enabled(fees)) == (True, ["all-fees", "cancel"])
    stage.happen(events.Chosen("pay-by:card"))
    stage.happen(events.Chosen("pay-by:counter"))
    stage.shows(view.ChooseFees)

    stage.ready(Means.CARD)
    assert "pay-by:card" in enabled(stage.view)
    stage.ready(Means.QR)
    stage.happen(events.DeviceDown(events.Device.QR_PAYMENT))
    assert "pay-by:qr" not in enabled(stage.view)
    stage.happen(events.DeviceUp(events.Device.QR_PAYMENT))
    assert "pay-by:qr" not in enabled(stage.view), "it has not said that it is ready"
    stage.ready(Means.QR)
    assert "pay-by:qr" in enabled(stage.view)


def test_means_that_the_library_does_not_have_are_never_offered() -> None:
    """Whatever says that it is ready."""
    stage = Till(replace(PAYS, means=(Means.QR,), pays_at_counter=False))

    fees = stage.choose_fees()

    assert ("pay-by:card" in enabled(fees), "pay-by:qr" in enabled(fees)) == (False, True)
    assert not fees.is_at_counter


def test_without_the_server_or_without_room_nothing_is_paid() -> None:
    """Money is only taken where it can be posted and written down."""
    for event in (events.ServerWent(), events.RoomChanged(True)):
        stage = Till(PAYS)
        stage.choose_fees()

        stage.happen(event)
        stage.happen(events.Chosen("pay-by:card"))

        assert "pay-by:card" not in enabled(stage.shows(view.ChooseFees))
        assert not [ask for ask in stage.all(Ask)[3:] if isinstance(ask.question, AboutAccount)]
        assert not stage.all(TakePayment)


def test_going_back_leaves_everything_as_it_was() -> None:
    """Nobody has to pay who looked at the fees."""
    stage = Till(PAYS)
    stage.choose_fees()

    stage.choose("cancel")

    stage.shows(view.Account)
    assert not stage.rows


fees_told = st.lists(
    st.builds(
        FeeFact,
        st.sampled_from(["", "a", "b", "c", "d", "e"]),
        st.builds(
            Money,
            st.one_of(st.integers(-5, 5), st.integers(-(10**15), 10**15)),
            st.sampled_from(["CNY", "CNY", "CNY", "EUR", ""]),
        ),
        is_payable=st.booleans(),
    ),
    max_size=6,
).map(tuple)
accounts = st.builds(
    lambda fees, owed, pays_several: account_of(fees=fees, owed=owed, pays_several=pays_several),
    st.one_of(st.none(), fees_told),
    st.one_of(st.none(), st.builds(Money, st.integers(-(10**14), 10**14), st.sampled_from(["CNY", "EUR"]))),
    st.booleans(),
)


@given(accounts, st.lists(st.integers(0, 7).map(str), max_size=8))
def test_whatever_a_server_tells_only_a_good_sum_can_ever_be_asked_for(
    facts: AccountFacts, touches: list[str]
) -> None:
    """Parts are above nothing and of the one currency, named once each, and add up to the total."""
    chosen = choosing.begin(facts, PAYS)
    for place in touches:
        chosen = choosing.toggled(chosen, facts, PAYS, place)

    parts = choosing.parts_of(facts, chosen.chosen, PAYS)

    total = choosing.total_of(parts, PAYS)
    assert total.currency == "CNY"
    if parts is not None:
        assert all(0 < part.amount.minor_units <= PAYS.payment_max for part in parts)
        assert all(part.amount.currency == "CNY" for part in parts)
        assert len({part.fee for part in parts}) == len(parts) <= choosing.PARTS_MAX
        assert total.minor_units == sum(part.amount.minor_units for part in parts) > 0
        assert len(parts) == 1 or (facts.pays_several and all(part.fee for part in parts))
