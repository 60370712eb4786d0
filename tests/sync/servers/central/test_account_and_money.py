"""Returns, accounts and payments through the client, against a central that really listens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from drivers.link.clock import RealClock
from sync.central import demo
from sync.entries import (
    Alert,
    Entry,
    FeeKind,
    FeePart,
    GiveBack,
    Granted,
    Means,
    Money,
    Pay,
    PaymentApproved,
    Reason,
    Refused,
    item_id,
    patron_id,
)
from sync.questions import AboutAccount, AccountFacts
from sync.servers.central.client import CentralServer
from tests.sync.servers.central.entries_of import entry, lend

OWES = patron_id(demo.READER_OWES)


def account(client: CentralServer, card: str) -> AccountFacts:
    """The account of *card*."""
    facts = client.ask(AboutAccount(patron_id(card)))
    assert isinstance(facts, AccountFacts)
    return facts


def give_back(position: int, item: str) -> Entry:
    """*item* lies at the terminal now."""
    return entry(position, GiveBack(item_id(item), RealClock().now(), was_on_loan=True))


def paid(position: int, fees: dict[str, int], voucher: str = "0017") -> Entry:
    """The reader who owes paid *fees* by card, with an hour of delay."""
    parts = tuple(FeePart(fee, Money(units, "CNY")) for fee, units in fees.items())
    at = RealClock().now() - timedelta(hours=1)
    promise = Pay(OWES, Money(sum(fees.values()), "CNY"), parts, Means.CARD, at)
    made = entry(position, promise)
    return replace(made, rows=(*made.rows, PaymentApproved(made.key, at, voucher)))


def test_an_account_tells_loans_holds_fees_and_limits(client: CentralServer) -> None:
    """Titles, due days, readiness, place in the queue, fees by item, what is owed and why nothing is lent."""
    owing, holding = account(client, demo.READER_OWES), account(client, demo.READER_WITH_HOLDS)
    lender, nobody = account(client, demo.READER_WITH_LOAN), account(client, "9")

    assert owing.fees is not None
    assert [(fee.kind, fee.amount, fee.item, fee.title) for fee in owing.fees] == [
        (FeeKind.DAMAGE, Money(6000, "CNY"), demo.ITEM_DAMAGED, "植物名实图考"),
        (FeeKind.OVERDUE, Money(250, "CNY"), None, ""),
    ]
    assert (owing.owed, owing.blocks, owing.loan_limit) == (Money(6250, "CNY"), (Reason.FEES_OWED,), 10)
    assert holding.holds is not None
    assert [(hold.item, hold.is_ready, hold.pickup, hold.queue) for hold in holding.holds] == [
        (demo.ITEM_ON_HOLD_FOR_OTHER, True, "一楼预约架 Hold shelf", None),
        (demo.ITEM_WAITED_FOR, False, "一楼预约架 Hold shelf", 1),
    ]
    assert lender.loans is not None
    assert all(loan.title and loan.due is not None for loan in lender.loans)
    assert (lender.owed, lender.fees) == (Money(0, "CNY"), ())
    assert not nobody.is_known


def test_a_return_is_answered_with_reader_fee_and_way(client: CentralServer) -> None:
    """Whose loan ended, what it costs, who waits and where; the repeat says the same, an unknown item is refused."""
    entries = [give_back(1, demo.ITEM_OVERDUE), give_back(2, demo.ITEM_WAITED_FOR), give_back(3, "99")]
    late, waited_for, unknown = client.carry(entries)
    again = client.carry(entries)

    assert isinstance(late, Granted)
    assert late.back is not None
    assert late.fee is not None
    assert late.fee.minor_units > 0
    assert late.back.patron == patron_id(demo.READER_OVERDUE)
    assert isinstance(waited_for, Granted)
    assert waited_for.back is not None
    assert (waited_for.back.alert, waited_for.back.hold_patron) == (
        Alert.HOLD_HERE,
        patron_id(demo.READER_WITH_HOLDS),
    )
    assert unknown == Refused(Reason.ITEM_UNKNOWN)
    assert again == (late, waited_for, unknown)


def test_a_payment_is_posted_once_and_a_vanished_fee_is_told(client: CentralServer) -> None:
    """The number of the payment comes back; a second payment of the same fee is refused, with its reason."""
    damage, overdue = (fee.id for fee in account(client, demo.READER_OWES).fees or ())
    payment = paid(1, {overdue: 250})
    first = client.carry([payment])
    again = client.carry([payment])
    others = client.carry([paid(2, {overdue: 250}), paid(3, {damage: 1}), paid(4, {damage: 6000})])

    assert isinstance(first[0], Granted)
    assert first[0].reference.startswith("P")
    assert again == first
    assert others[:2] == (Refused(Reason.FEE_GONE), Refused(Reason.AMOUNT_DIFFERS))
    assert isinstance(others[2], Granted)
    assert account(client, demo.READER_OWES).fees == ()


def test_no_voucher_keeps_a_payment_from_central(client: CentralServer) -> None:
    """Whatever a card terminal calls its payment, the money that was taken is posted."""
    damage, _ = (fee.id for fee in account(client, demo.READER_OWES).fees or ())
    (answer,) = client.carry([paid(1, {damage: 6000}, voucher="№ 17\n" + "x" * 600)])

    assert isinstance(answer, Granted)


def test_loans_returns_and_payments_go_in_one_batch_in_their_order(client: CentralServer) -> None:
    """What is lent and given back in the same batch is on nobody's account afterwards."""
    book = demo.ITEMS_FREE[0]
    lent, back = client.carry([lend(1, book, promised_days=30), give_back(2, book)])

    assert isinstance(lent, Granted)
    assert isinstance(back, Granted)
    assert back.back is not None
    assert back.back.was_on_loan is True
    assert account(client, demo.READER).loans == ()
