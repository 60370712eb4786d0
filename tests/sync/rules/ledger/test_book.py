"""What a ledger takes, and what it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.entries import FeeKind, Money, item_id
from sync.rules.amounts import BadRule
from sync.rules.ledger import (
    CannotCounter,
    CurrencyRefused,
    DepositAccount,
    Income,
    Ledger,
    LedgerError,
    NotInCredit,
    Overpaid,
    PatronAccount,
    ReferenceTaken,
    ReferenceUnknown,
    Share,
    Till,
    Transaction,
    charge,
    counter,
    deposit,
    deposit_refund,
    payment,
    payment_from_deposit,
    refund,
    shares_to_give_back,
    waiver,
)
from sync.rules.ledger.transactions import Countered, Kind, negated
from tests.sync.rules.ledger.samples import BOOK, DAY, OTHER, PATRON, origin, owing, share

OWES = PatronAccount(PATRON)


def pays(reference: str, *shares: Share) -> Transaction:
    return payment(origin(reference), PATRON, shares, Till.QR)


def test_a_fee_goes_from_owed_to_paid() -> None:
    """A charge is owed, a payment in two parts settles it, and the money lies in the till."""
    ledger = owing(600).post(pays("P1", share("F1", 400)))
    assert [fee.owed for fee in ledger.open_fees(PATRON)] == [Money(200, "CNY")]

    ledger = ledger.post(pays("P2", share("F1", 200)))

    assert ledger.open_fees(PATRON) == ()
    assert ledger.balance(OWES) == Money(0, "CNY")
    assert ledger.balance(Till.QR) == Money(600, "CNY")
    assert ledger.balance(Income(FeeKind.OVERDUE)) == Money(-600, "CNY")


def test_the_same_transaction_counts_once() -> None:
    """Told again after a lost answer, a payment changes nothing; another one under its reference is refused."""
    once = owing(600).post(pays("P1", share("F1", 400)))

    assert once.post(pays("P1", share("F1", 400))) is once
    with pytest.raises(ReferenceTaken, match="P1"):
        once.post(pays("P1", share("F1", 200)))


def test_nothing_is_paid_or_waived_twice() -> None:
    """More than what is left of a fee is refused, with what is left, and the ledger stays as it was."""
    ledger = owing(600, 100).post(pays("P1", share("F1", 400)))

    with pytest.raises(Overpaid, match="of F1 200 is owed, not 201"):
        ledger.post(pays("P2", share("F1", 201)))
    with pytest.raises(Overpaid):
        ledger.post(waiver(origin("W1"), PATRON, [share("F1", 201)]))
    with pytest.raises(Overpaid):
        ledger.post(pays("P3", share("F2", 100), share("F1", 201)))
    assert ledger.balance(OWES) == Money(300, "CNY")
    assert len(ledger.transactions) == 3


def test_a_fee_that_vanished_meanwhile_is_refused() -> None:
    """A payment for a fee nobody charged, for another reader's fee or for another item than its own is refused."""
    ledger = owing(600)
    elsewhere = Share("F1", Money(600, "CNY"), item_id("10000002"))

    for wrong in (
        pays("P1", share("F9", 600)),
        payment(origin("P1"), OTHER, [share("F1", 600)], Till.QR),
        pays("P1", elsewhere),
    ):
        with pytest.raises(ReferenceUnknown):
            ledger.post(wrong)
    with pytest.raises(Overpaid, match="of F1 0 is owed"):
        ledger.post(counter(ledger.transactions[0], origin("C1"))).post(pays("P1", share("F1", 600)))


def test_a_countered_charge_is_given_back_as_far_as_it_was_paid() -> None:
    """After a charge is countered its payment is in credit: that much is given back, once, and no more."""
    ledger = owing(600).post(pays("P1", share("F1", 400)))
    ledger = ledger.post(counter(ledger.transactions[0], origin("C1")))
    assert ledger.balance(OWES) == Money(-400, "CNY")

    shares = shares_to_give_back(ledger.credits(PATRON))
    back = ledger.post(refund(origin("R1"), PATRON, shares, Till.QR))

    assert shares == (share("F1", 400),)
    assert back.balance(OWES) == back.balance(Till.QR) == Money(0, "CNY")
    assert back.credits(PATRON) == ()
    with pytest.raises(NotInCredit, match="F1 has 0"):
        back.post(refund(origin("R2"), PATRON, [share("F1", 1)], Till.QR))
    with pytest.raises(NotInCredit, match="F1 has 400"):
        ledger.post(refund(origin("R2"), PATRON, [share("F1", 401)], Till.QR))


def test_a_fee_that_is_owed_is_not_given_back() -> None:
    """What was paid for a fee that stands is not given back: the charge is countered first."""
    ledger = owing(600).post(pays("P1", share("F1", 600)))

    with pytest.raises(NotInCredit):
        ledger.post(refund(origin("R1"), PATRON, [share("F1", 600)], Till.QR))


def test_what_rests_on_a_transaction_is_countered_first() -> None:
    """A waived charge and a payment that was given back are countered only after the waiver and the refund."""
    waived = owing(600).post(waiver(origin("W1"), PATRON, [share("F1", 100)]))
    with pytest.raises(CannotCounter, match="waived of F1 first"):
        waived.post(counter(waived.transactions[0], origin("C1")))

    given = owing(600).post(pays("P1", share("F1", 600)))
    given = given.post(counter(given.transactions[0], origin("C1")))
    given = given.post(refund(origin("R1"), PATRON, [share("F1", 600)], Till.QR))
    with pytest.raises(CannotCounter, match="given back of F1 first"):
        given.post(counter(given.transactions[1], origin("C2")))

    mended = given.post(counter(given.transactions[3], origin("C2")))
    assert mended.post(counter(given.transactions[1], origin("C3"))).balance(OWES) == Money(0, "CNY")


def test_a_reversed_payment_is_owed_again() -> None:
    """When the card terminal takes a payment back, the fee is owed as before it."""
    before = owing(600)
    paid = before.post(pays("P1", share("F1", 600)))

    reversed_ = paid.post(counter(paid.transactions[-1], origin("C1")))

    assert reversed_.open_fees(PATRON) == before.open_fees(PATRON)
    assert reversed_.balance(Till.QR) == Money(0, "CNY")


def test_a_transaction_is_countered_once_and_whole() -> None:
    """A second counter, one of something unknown, and one of another amount or kind are refused."""
    ledger = owing(600)
    made = ledger.transactions[0]
    once = ledger.post(counter(made, origin("C1")))

    with pytest.raises(CannotCounter, match="F1 was countered already"):
        once.post(counter(made, origin("C2")))
    with pytest.raises(ReferenceUnknown, match="no transaction F1"):
        Ledger("CNY").post(counter(made, origin("C1")))
    smaller = charge(origin("F1"), PATRON, FeeKind.OVERDUE, Money(599, "CNY"), BOOK)
    with pytest.raises(CannotCounter, match="not the reverse"):
        ledger.post(counter(smaller, origin("C1")))
    paid = ledger.post(pays("P1", share("F1", 600)))
    let_off = waiver(origin("P1"), PATRON, [share("F1", 600)])
    disguised = Transaction(
        origin("C1"), Kind.CORRECTION, "CNY", negated(let_off.legs), Countered("P1", Kind.WAIVER)
    )
    with pytest.raises(CannotCounter, match="not the reverse"):
        paid.post(disguised)


def test_a_deposit_is_given_out_once() -> None:
    """A deposit pays fees and is given back as far as it goes, and its own counter comes before it is spent."""
    ledger = owing(600).post(deposit(origin("D1"), PATRON, Money(1_000, "CNY"), Till.COUNTER))
    ledger = ledger.post(payment_from_deposit(origin("P1"), PATRON, [share("F1", 600)]))
    assert ledger.balance(DepositAccount(PATRON)) == Money(-400, "CNY")

    for wrong in (
        deposit_refund(origin("R1"), PATRON, Money(401, "CNY"), Till.COUNTER),
        deposit_refund(origin("R1"), OTHER, Money(1, "CNY"), Till.COUNTER),
        counter(ledger.transactions[1], origin("C1")),
    ):
        with pytest.raises(NotInCredit, match="deposit"):
            ledger.post(wrong)
    ledger = ledger.post(deposit_refund(origin("R1"), PATRON, Money(400, "CNY"), Till.COUNTER))
    assert ledger.balance(DepositAccount(PATRON)) == Money(0, "CNY")


def test_a_ledger_has_one_currency() -> None:
    """A transaction in another currency is refused, and a ledger without one cannot begin."""
    foreign = charge(origin("F1"), PATRON, FeeKind.OVERDUE, Money(600, "EUR"))

    with pytest.raises(CurrencyRefused, match="in CNY, not in EUR"):
        Ledger("CNY").post(foreign)
    with pytest.raises(BadRule):
        Ledger("yuan")


def test_the_oldest_fee_comes_first_whenever_it_was_told() -> None:
    """Fees stand in the order of their days, however late a terminal told them; those of one day as they were told."""
    ledger = Ledger.of(
        "CNY",
        [
            charge(origin(reference, DAY - timedelta(days=ago)), PATRON, FeeKind.OVERDUE, Money(100, "CNY"))
            for reference, ago in (("F1", 1), ("F2", 9), ("F3", 1), ("F4", 0))
        ],
    )

    assert [fee.reference for fee in ledger.fees(PATRON)] == ["F2", "F1", "F3", "F4"]
    assert ledger.fees(OTHER) == ()


def test_whoever_refuses_is_of_one_family() -> None:
    """A caller that catches `LedgerError` catches every refusal of a ledger, and none of them names the reader."""
    ledger = owing(600)

    for wrong in (
        pays("P1", share("F1", 601)),
        pays("F1", share("F1", 600)),
        pays("P1", share("F9", 600)),
        refund(origin("R1"), PATRON, [share("F1", 600)], Till.QR),
        deposit_refund(origin("R1"), PATRON, Money(1, "CNY"), Till.QR),
    ):
        with pytest.raises(LedgerError) as refused:
            ledger.post(wrong)
        assert PATRON.reveal() not in str(refused.value)
