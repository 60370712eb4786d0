"""A transaction that could not be is never made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sync.entries import FeeKind, Money
from sync.rules.ledger import (
    ACCOUNT_NAMES,
    Allowance,
    AmountRefused,
    CannotCounter,
    Countered,
    CurrencyRefused,
    DepositAccount,
    Income,
    Kind,
    LedgerError,
    Leg,
    Malformed,
    Origin,
    PatronAccount,
    Share,
    Till,
    Transaction,
    Unbalanced,
    account_name,
    charge,
    counter,
    deposit,
    deposit_refund,
    payment,
    payment_from_deposit,
    refund,
    waiver,
)
from sync.rules.ledger.transactions import LEGS_MAX
from tests.sync.rules.ledger.samples import BOOK, DAY, OTHER, PATRON, origin, share

OWES = PatronAccount(PATRON)
INCOME = Income(FeeKind.OVERDUE)
TEN = Money(1_000, "CNY")

EVERY_KIND = [
    charge(origin("F1"), PATRON, FeeKind.OVERDUE, TEN, BOOK),
    payment(origin("P1"), PATRON, [share("F1", 600), share("F2", 400)], Till.QR),
    payment_from_deposit(origin("P2"), PATRON, [share("F1", 600)]),
    waiver(origin("W1"), PATRON, [share("F1", 400)]),
    deposit(origin("D1"), PATRON, TEN, Till.COUNTER),
    refund(origin("R1"), PATRON, [share("F1", 600)], Till.CARD_TERMINAL),
    deposit_refund(origin("R2"), PATRON, TEN, Till.CASH),
]


@pytest.mark.parametrize("made", EVERY_KIND, ids=lambda made: f"{made.kind.value}-{made.reference}")
def test_every_transaction_and_its_counter_sum_to_zero(made: Transaction) -> None:
    """Each kind balances, and its counter takes every account back by exactly as much."""
    back = counter(made, origin("C1"))

    assert sum(leg.minor_units for leg in made.legs) == sum(leg.minor_units for leg in back.legs) == 0
    assert [(leg.account, -leg.minor_units) for leg in made.legs] == [
        (leg.account, leg.minor_units) for leg in back.legs
    ]
    assert back.counters == Countered(made.reference, made.kind)
    assert back.volume_minor == made.volume_minor


@pytest.mark.parametrize("made", EVERY_KIND, ids=lambda made: f"{made.kind.value}-{made.reference}")
def test_no_kind_passes_for_another(made: Transaction) -> None:
    """The legs of one kind are refused under the name of every other kind."""
    for kind in Kind:
        if kind not in (made.kind, Kind.CORRECTION):
            with pytest.raises(Malformed):
                Transaction(made.origin, kind, "CNY", made.legs)
    with pytest.raises(Malformed):
        Transaction(made.origin, made.kind, "CNY", counter(made, origin("C1")).legs)


def test_a_correction_is_not_countered() -> None:
    """What was countered wrongly is booked anew: there is no counter of a counter."""
    back = counter(EVERY_KIND[0], origin("C1"))

    with pytest.raises(CannotCounter, match="book anew"):
        counter(back, origin("C2"))
    with pytest.raises(CannotCounter, match="book anew"):
        Transaction(
            origin("C2"), Kind.CORRECTION, "CNY", EVERY_KIND[0].legs, Countered("C1", Kind.CORRECTION)
        )


FEE = Leg(OWES, 500, "F1")
EARNED = Leg(INCOME, -500)
MALFORMED: list[tuple[str, Kind, tuple[Leg, ...], type[LedgerError]]] = [
    ("off by one", Kind.CHARGE, (FEE, Leg(INCOME, -499)), Unbalanced),
    ("one leg", Kind.CHARGE, (FEE,), Malformed),
    ("no leg", Kind.CHARGE, (), Malformed),
    ("a fee named otherwise", Kind.CHARGE, (Leg(OWES, 500, "F2"), EARNED), Malformed),
    ("a fee without a name", Kind.CHARGE, (Leg(OWES, 500), EARNED), Malformed),
    ("an item on income", Kind.CHARGE, (FEE, Leg(INCOME, -500, item=BOOK)), Malformed),
    ("a fee on income", Kind.CHARGE, (FEE, Leg(INCOME, -500, "F1")), Malformed),
    ("two fees", Kind.CHARGE, (Leg(OWES, 250, "F1"), Leg(OWES, 250, "F2"), EARNED), Malformed),
    ("two incomes", Kind.CHARGE, (FEE, Leg(INCOME, -250), Leg(Income(FeeKind.CARD), -250)), Malformed),
    ("nobody's fee", Kind.CHARGE, (Leg(Till.QR, 500), EARNED), Malformed),
    ("a payment of no fee", Kind.PAYMENT, (Leg(Till.QR, 500), Leg(OWES, -500)), Malformed),
    (
        "a fee twice",
        Kind.PAYMENT,
        (Leg(Till.QR, 500), Leg(OWES, -250, "F1"), Leg(OWES, -250, "F1")),
        Malformed,
    ),
    (
        "two readers",
        Kind.PAYMENT,
        (Leg(Till.QR, 500), Leg(OWES, -250, "F1"), Leg(PatronAccount(OTHER), -250, "F2")),
        Malformed,
    ),
    (
        "another reader's deposit",
        Kind.PAYMENT,
        (Leg(DepositAccount(OTHER), 500), Leg(OWES, -500, "F1")),
        Malformed,
    ),
    (
        "two tills",
        Kind.PAYMENT,
        (Leg(Till.QR, 250), Leg(Till.CASH, 250), Leg(OWES, -500, "F1")),
        Malformed,
    ),
    ("a till out of the waiver", Kind.WAIVER, (Leg(Till.QR, 500), Leg(OWES, -500, "F1")), Malformed),
    (
        "a waived deposit",
        Kind.WAIVER,
        (Leg(Allowance.WAIVER, 500), Leg(DepositAccount(PATRON), -500)),
        Malformed,
    ),
    ("a correction of nothing", Kind.CORRECTION, (FEE, EARNED), Malformed),
]


@pytest.mark.parametrize(("what", "kind", "legs", "error"), MALFORMED, ids=[row[0] for row in MALFORMED])
def test_what_is_no_transaction_is_never_made(
    what: str, kind: Kind, legs: tuple[Leg, ...], error: type[LedgerError]
) -> None:
    """Legs that do not balance, or that the kind does not have, are refused before they are anything."""
    with pytest.raises(error):
        Transaction(origin("F1"), kind, "CNY", legs)


def test_only_a_correction_counters() -> None:
    """A charge that says it counters something is refused."""
    with pytest.raises(Malformed, match="nothing else does"):
        Transaction(origin("F1"), Kind.CHARGE, "CNY", (FEE, EARNED), Countered("P1", Kind.PAYMENT))


def test_a_correction_is_the_reverse_of_something_that_could_be() -> None:
    """Legs that no charge has the other way round, and a reference nothing can have, make no correction."""
    with pytest.raises(Malformed, match="between these accounts"):
        Transaction(origin("C1"), Kind.CORRECTION, "CNY", (FEE, EARNED), Countered("F1", Kind.CHARGE))
    given_back = (Leg(Till.QR, -500), Leg(DepositAccount(PATRON), 500))
    with pytest.raises(Malformed, match="a reference is"):
        Transaction(origin("C1"), Kind.CORRECTION, "CNY", given_back, Countered("D 1", Kind.DEPOSIT))


def test_a_transaction_has_a_bound() -> None:
    """More legs than anybody reads, and more money than twelve digits, are refused."""
    with pytest.raises(Malformed, match="legs"):
        payment(origin("P1"), PATRON, [share(f"F{n}", 1) for n in range(LEGS_MAX)], Till.QR)
    with pytest.raises(AmountRefused):
        payment(origin("P1"), PATRON, [share("F1", 10**12 - 1), share("F2", 1)], Till.QR)
    assert payment(origin("P1"), PATRON, [share("F1", 10**12 - 1)], Till.QR).volume_minor == 10**12 - 1


UNSOUND: list[Any] = [0, -1, 1.5, True, "5", None, 10**12, 10**400]


@pytest.mark.parametrize("units", UNSOUND)
def test_an_amount_that_cannot_be_is_refused_everywhere(units: Any) -> None:
    """Zero, negative, broken and absurd amounts are neither charged, paid, waived, left nor given back."""
    amount = Money(units, "CNY")
    shares = [Share("F1", amount)]
    bookings: list[Callable[[], Transaction]] = [
        lambda: charge(origin("F1"), PATRON, FeeKind.OVERDUE, amount),
        lambda: payment(origin("P1"), PATRON, shares, Till.QR),
        lambda: payment_from_deposit(origin("P1"), PATRON, shares),
        lambda: waiver(origin("W1"), PATRON, shares),
        lambda: refund(origin("R1"), PATRON, shares, Till.QR),
        lambda: deposit(origin("D1"), PATRON, amount, Till.QR),
        lambda: deposit_refund(origin("R1"), PATRON, amount, Till.QR),
    ]
    for book in bookings:
        with pytest.raises(AmountRefused):
            book()
    if units != -1:
        with pytest.raises(AmountRefused):
            Leg(OWES, units)


def test_currencies_are_never_mixed() -> None:
    """Shares of two currencies, and a text that is no currency, make no transaction."""
    with pytest.raises(CurrencyRefused, match="more than one currency"):
        payment(origin("P1"), PATRON, [share("F1", 5), Share("F2", Money(5, "EUR"))], Till.QR)
    with pytest.raises(CurrencyRefused, match="ISO 4217"):
        charge(origin("F1"), PATRON, FeeKind.CARD, Money(5, "yuan"))


def test_a_payment_of_nothing_is_none() -> None:
    """Paying no fee at all is refused."""
    with pytest.raises(Malformed, match="at least one fee"):
        payment(origin("P1"), PATRON, [], Till.QR)


MOMENT: Any = datetime(2026, 11, 23, 12, tzinfo=UTC)
ORIGINS: list[tuple[str, Any, str, str, str]] = [
    ("", DAY, "kiosk-01", "self", ""),
    ("F 1", DAY, "kiosk-01", "self", ""),
    ("F|1", DAY, "kiosk-01", "self", ""),
    ("F1\n", DAY, "kiosk-01", "self", ""),
    ("费1", DAY, "kiosk-01", "self", ""),
    ("F" * 81, DAY, "kiosk-01", "self", ""),
    ("F1", MOMENT, "kiosk-01", "self", ""),
    ("F1", DAY, "", "self", ""),
    ("F1", DAY, "kiosk-01", "", ""),
    ("F1", DAY, "kiosk-01", " Wang", ""),
    ("F1", DAY, "kiosk-01", "Wang\r\nself", ""),
    ("F1", DAY, "k" * 41, "self", ""),
    ("F1", DAY, "kiosk-01", "self", "two words"),
]


@pytest.mark.parametrize(("reference", "day", "source", "operator", "voucher"), ORIGINS)
def test_where_a_transaction_comes_from_is_always_known(
    reference: str, day: date, source: str, operator: str, voucher: str
) -> None:
    """Without a clean reference, a day, a source and an operator nothing is booked."""
    with pytest.raises(Malformed):
        Origin(reference, day, source, operator, voucher)


def test_staff_sign_in_their_own_script() -> None:
    """An operator and a source may be named in Chinese; the days of the calendar have no bound."""
    assert Origin("F1", date.min, "一楼总台", "王老师").operator == "王老师"
    assert Origin("F1", date.max, "台" * 40).operator == "self"


def test_nothing_printed_names_the_reader() -> None:
    """A transaction as it would stand in a log or a traceback does not contain the card's number."""
    for made in EVERY_KIND:
        assert PATRON.reveal() not in f"{made} {made!r}"


def test_account_names_tell_sums_and_no_person() -> None:
    """All patrons share one name, all deposits another, and every account has a name that a closing knows."""
    accounts = [OWES, DepositAccount(PATRON), *Till, *(Income(kind) for kind in FeeKind), *Allowance]

    assert tuple(account_name(account) for account in accounts) == ACCOUNT_NAMES
    assert len(set(ACCOUNT_NAMES)) == len(ACCOUNT_NAMES)
    assert account_name(PatronAccount(OTHER)) == account_name(OWES)
