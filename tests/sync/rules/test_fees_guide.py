"""Every figure of the librarians' page about fees is what the rules reckon."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from sync.entries import FeeKind, Money, patron_id
from sync.rules.amounts import read_factor
from sync.rules.compensation import CompensationRule, HarmedItem, HarmTerms, compensation, usual_rule
from sync.rules.ledger import (
    Allowance,
    Ledger,
    LedgerError,
    Origin,
    PatronAccount,
    Share,
    Till,
    Transaction,
    charge,
    close_day,
    counter,
    payment,
    refund,
    share_out,
    shares_to_give_back,
    waiver,
)
from sync.rules.overdue import Grace, LateLoan, OverdueRate, OverdueRule, overdue_fee
from sync.rules.terms import Calendar

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "fees.md"
CALENDAR = Calendar(frozenset({0}), frozenset(date(2026, 10, day) for day in range(1, 8)))
DAY = date(2026, 11, 23)
READER = patron_id("2300000042")


def rows_of(*heading: str) -> list[list[str]]:
    """The rows of the one table of the guide with this heading, cell by cell."""
    lines = iter(GUIDE.read_text("utf-8").splitlines())
    wanted = "| " + " | ".join(heading) + " |"
    rows = []
    for line in lines:
        if line == wanted:
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    break
                rows.append([cell.strip() for cell in row.strip("|").split("|")])
    assert rows, f"the guide has no table {heading}"
    return rows


def minor(text: str) -> int:
    assert re.fullmatch(r"-?\d+\.\d\d", text), text
    return int(Decimal(text).scaleb(2))


def minor_or_none(text: str) -> int | None:
    return None if text == "none" else minor(text)


def money_or_none(text: str) -> Money | None:
    return None if text == "none" else Money(minor(text), "CNY")


LATE = rows_of("per day", "grace", "closed days", "ceiling", "price", "due", "back", "days late", "costs")
HARMED = rows_of("harm", "price", "price is of", "factor for sets", "minimum", "cap", "costs", "or")
BOOKED = rows_of("booked", "owed", "till qr", "waived")
REFUSED = rows_of("booked", "refused because")
FIGURES = rows_of("kind", "count", "sum", "countered", "countered sum")


@pytest.mark.parametrize("row", LATE, ids=lambda row: "-".join(row))
def test_each_example_of_a_late_return_is_what_it_costs(row: list[str]) -> None:
    """Settings, due day and return of a row give the days and the sum that stand in it."""
    per_day, grace, closed_days, ceiling, price, due, back, days, costs = row
    grace_days, _, manner = grace.partition(" ")
    rate = OverdueRate(
        minor(per_day),
        int(grace_days),
        Grace(manner) if manner else Grace.FORGIVES,
        minor_or_none(ceiling),
        is_capped_at_price=price != "none",
    )
    assert closed_days in ("count", "free")
    rule = OverdueRule("CNY", {"book": rate}, closed_days_count=closed_days == "count")

    loan = LateLoan("book", date.fromisoformat(due), money_or_none(price))
    fee = overdue_fee(loan, date.fromisoformat(back), rule, CALENDAR)

    assert (fee.days_late, fee.amount) == (int(days), Money(minor(costs), "CNY"))


@pytest.mark.parametrize("row", HARMED, ids=lambda row: "-".join(row))
def test_each_example_of_harm_is_what_it_costs(row: list[str]) -> None:
    """Harm, price and settings of a row give the sum and the choice that stand in it."""
    harm, price, price_of, set_factor, minimum, cap, costs, choice = row
    usual = usual_rule("CNY", read_factor(set_factor)).terms(harm)
    terms = HarmTerms(
        usual.factor, usual.set_factor, usual.may_replace, minor_or_none(minimum) or 0, minor_or_none(cap)
    )
    assert price_of in ("the book", "the set")

    item = HarmedItem(money_or_none(price), is_set_price=price_of == "the set")
    found = compensation(item, harm, CompensationRule("CNY", {harm: terms}))

    assert found.amount == Money(minor(costs), "CNY")
    assert found.may_replace == (choice == "the same book")
    assert isinstance(found.factor, Fraction)


def book(words: str, ledger: Ledger) -> Transaction:
    """The transaction that a cell of the guide stands for, seen from *ledger*."""
    what, reference, *rest = words.strip("`").split()
    where = Origin(reference, DAY, "kiosk-01")
    match what, rest:
        case "charge", [kind, amount]:
            return charge(where, READER, FeeKind(kind), Money(minor(amount), "CNY"))
        case "payment", [amount]:
            shares = share_out(ledger.open_fees(READER), Money(minor(amount), "CNY"))
            return payment(where, READER, shares, Till.QR)
        case "payment", [fee, amount]:
            shares = share_out(ledger.open_fees(READER), Money(minor(amount), "CNY"), [fee])
            return payment(where, READER, shares, Till.QR)
        case "waiver", [fee, amount]:
            return waiver(where, READER, [Share(fee, Money(minor(amount), "CNY"))])
        case "refund", [amount]:
            shares = shares_to_give_back(ledger.credits(READER))
            assert sum(one.amount.minor_units for one in shares) in (0, minor(amount))
            return refund(where, READER, shares or [Share("F2", Money(minor(amount), "CNY"))], Till.QR)
        case "counter", [of]:
            (original,) = [one for one in ledger.transactions if one.reference == of]
            return counter(original, where)
        case _:
            raise AssertionError(words)


def the_whole_day() -> Ledger:
    ledger = Ledger("CNY")
    for words, *_ in BOOKED:
        ledger = ledger.post(book(words, ledger))
    return ledger


def test_each_step_of_the_ledgers_example_leaves_what_it_says() -> None:
    """After each booking of the guide the reader owes, the till holds and the library has waived what stands there."""
    ledger = Ledger("CNY")
    for words, owed, till, waived in BOOKED:
        ledger = ledger.post(book(words, ledger))
        balances = (PatronAccount(READER), Till.QR, Allowance.WAIVER)
        found = tuple(ledger.balance(account).minor_units for account in balances)
        assert found == (minor(owed), minor(till), minor(waived)), words


@pytest.mark.parametrize(("words", "why"), REFUSED)
def test_each_refusal_of_the_guide_is_one(words: str, why: str) -> None:
    """What the guide says is refused after that day is refused."""
    ledger = the_whole_day()

    assert why
    with pytest.raises(LedgerError):
        ledger.post(book(words, ledger))


def test_the_days_figures_are_those_of_the_example() -> None:
    """The closing of the guide's day is the table beneath it, line by line."""
    closing = close_day(the_whole_day().transactions, DAY, "CNY", "kiosk-01")

    assert [(row[0], int(row[1]), minor(row[2]), int(row[3]), minor(row[4])) for row in FIGURES] == [
        (f.kind.value, f.count, f.sum_minor, f.countered_count, f.countered_sum_minor) for f in closing.kinds
    ]
    (till,) = [one for one in closing.accounts if one.name == "till:qr"]
    assert (till.debit_minor, till.credit_minor, till.net_minor) == (6_000, 5_400, 600)
