"""Payments and what staff book: each once, by the ledger's rules, and refused with the ledger as it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, select

from sync.central import demo
from sync.central.circulation.accounts import ledger_of, reference_of, voucher_of
from sync.central.circulation.library import Library
from sync.central.circulation.paying import NotPaid, Paid, Payment, pay
from sync.central.circulation.policy import EventPolicy
from sync.central.circulation.receiving import receive
from sync.central.circulation.returning import check_in
from sync.central.store import ledger_tables as m
from sync.central.store.ledger_rows import open_fees_of_patron, transactions_of
from sync.central.store.records import FeeRecord
from sync.central.store.store import Store
from sync.entries import FeePart, Granted, ItemId, Money, PatronId, Reason, Refused
from sync.events import Outcome, Receipt
from sync.rules.ledger import PatronAccount, Till
from tests.sync.central.events_of import Terminal

OWES = PatronId(demo.READER_OWES)
THREADS = 8


def fees(store: Store, patron: PatronId = OWES) -> tuple[FeeRecord, ...]:
    """What *patron* owes, oldest first."""
    with store.reading() as connection:
        return open_fees_of_patron(connection, patron)


def tell(store: Store, library: Library, terminal: Terminal, first: int = 1) -> tuple[Outcome, ...]:
    """The outcomes of *terminal*'s events from number *first* on."""
    receipt = receive(store, library, EventPolicy(), terminal.name, terminal.batch(first))
    assert isinstance(receipt, Receipt)
    return receipt.outcomes


def shot(store: Store) -> tuple[int, int, int]:
    """How many transactions and legs there are, and what all accounts come to."""
    with store.reading() as connection:
        count = connection.execute(select(func.count()).select_from(m.ledger)).scalar_one()
        legs, total = connection.execute(
            select(func.count(), func.coalesce(func.sum(m.ledger_legs.c.minor_units), 0))
        ).one()
    return count, legs, int(total)


def test_a_payment_settles_the_fees_it_names_and_is_told_under_a_number(
    store: Store, library: Library
) -> None:
    """Both fees are settled in one transaction; told again it is the same payment."""
    damage, overdue = fees(store)
    terminal = Terminal()
    terminal.pay(demo.READER_OWES, (overdue.reference, 250), (damage.reference, 6000))
    (outcome,) = tell(store, library, terminal)
    before = shot(store)
    again = tell(store, library, terminal)
    with store.reading() as connection:
        *_, kept = transactions_of(connection, OWES, "CNY")

    assert isinstance(outcome.answer, Granted)
    assert outcome.answer.reference == f"P{kept.number}"
    assert again == (outcome,)
    assert (fees(store), shot(store), before[2]) == ((), before, 0)
    assert (kept.transaction.reference, kept.transaction.origin.voucher) == ("kiosk1:e1-1-1-1", "Q1")
    assert kept.transaction.legs[0].account is Till.QR


def test_a_payment_that_names_no_fee_settles_the_oldest_first(store: Store, library: Library) -> None:
    """A sum is taken for what is oldest, in part too."""
    terminal = Terminal()
    terminal.pay(demo.READER_OWES, ("", 6100))
    (outcome,) = tell(store, library, terminal)

    assert isinstance(outcome.answer, Granted)
    assert [fee.amount_minor for fee in fees(store)] == [150]


def test_what_cannot_be_booked_is_refused_and_changes_nothing(store: Store, library: Library) -> None:
    """A fee that is gone, another amount, another currency, absurd and negative sums, an unknown card."""
    damage, overdue = (fee.reference for fee in fees(store))
    (other,) = fees(store, PatronId(demo.READER_OWES_LITTLE))
    terminal = Terminal()
    expected = []
    for parts, amount, currency, reason in (
        ([("F999", 250)], None, "CNY", Reason.FEE_GONE),
        ([(other.reference, 300)], None, "CNY", Reason.FEE_GONE),
        ([(overdue, 249)], None, "CNY", Reason.AMOUNT_DIFFERS),
        ([(overdue, 251)], None, "CNY", Reason.AMOUNT_DIFFERS),
        ([(overdue, 250)], 300, "CNY", Reason.AMOUNT_DIFFERS),
        ([(overdue, 250), (overdue, 250)], None, "CNY", Reason.AMOUNT_DIFFERS),
        ([(overdue, 500), (damage, -250)], None, "CNY", Reason.AMOUNT_DIFFERS),
        ([(overdue, 0)], None, "CNY", Reason.AMOUNT_DIFFERS),
        ([(overdue, -250)], None, "CNY", Reason.AMOUNT_DIFFERS),
        ([("", 6251)], None, "CNY", Reason.AMOUNT_DIFFERS),
        ([("", 2**53 - 1)], None, "CNY", Reason.AMOUNT_DIFFERS),
        ([(overdue, 250)], None, "EUR", Reason.CURRENCY_DIFFERS),
    ):
        terminal.pay(demo.READER_OWES, *parts, amount=amount, currency=currency)
        expected.append(reason)
    terminal.pay("99", (overdue, 250))
    before = shot(store)
    outcomes = tell(store, library, terminal)

    told = [outcome.answer.reason for outcome in outcomes if isinstance(outcome.answer, Refused)]
    assert told == [*expected, Reason.PATRON_UNKNOWN]
    assert shot(store) == before
    assert [fee.amount_minor for fee in fees(store)] == [6000, 250]


def test_a_fee_that_a_return_makes_can_be_paid_in_the_same_batch(store: Store, library: Library) -> None:
    """Events are judged one after another: what the return charged is open when the payment comes."""
    terminal = Terminal()
    terminal.give_back(demo.ITEM_OVERDUE, 10 * 1440)
    terminal.pay(demo.READER_OVERDUE, ("", 120))
    terminal.lend(demo.ITEMS_FREE[0], demo.READER_OVERDUE, 10 * 1440, due=None)
    outcomes = tell(store, library, terminal)

    assert all(isinstance(outcome.answer, Granted) for outcome in outcomes)
    assert fees(store, PatronId(demo.READER_OVERDUE)) == ()


def test_an_undone_loan_gives_a_paid_fee_back_as_credit(store: Store, library: Library) -> None:
    """The fee is countered also when it was paid meanwhile: the library owes it to the reader, and nobody loses it."""
    patron, terminal = PatronId(demo.READER), Terminal()
    film = terminal.lend(demo.ITEM_WITH_FEE, demo.READER, 0, fee_consented=True)
    terminal.pay(demo.READER, ("", 200), minutes=1)
    terminal.undo(film, 2)
    tell(store, library, terminal)
    with store.reading() as connection:
        ledger = ledger_of(connection, library, patron)

    assert ledger.balance(PatronAccount(patron)) == Money(-200, "CNY")
    assert [fee.open_minor for fee in ledger.credits(patron)] == [-200]
    assert fees(store, patron) == ()


def payment(reference: str, fee: str, minor_units: int = 250) -> Payment:
    """A payment of one fee, by a card terminal."""
    amount = Money(minor_units, "CNY")
    return Payment(OWES, amount, (FeePart(fee, amount),), Till.CARD_TERMINAL, reference, "kiosk1")


def book(store: Store, library: Library, told: Payment) -> Paid | NotPaid:
    """What became of *told*, in a transaction of its own."""
    with store.writing() as connection:
        return pay(connection, library, told)


def test_two_payments_of_one_fee_at_the_same_moment_are_one(store: Store, library: Library) -> None:
    """Of many terminals that take money for the same fee one books it; the others give the money back."""
    fee = fees(store)[1].reference
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(
            pool.map(
                lambda number: book(store, library, payment(f"k{number}:1", fee)),
                range(THREADS),
            )
        )

    assert sum(isinstance(outcome, Paid) for outcome in outcomes) == 1
    assert {outcome for outcome in outcomes if isinstance(outcome, NotPaid)} == {NotPaid(Reason.FEE_GONE)}
    assert [fee.amount_minor for fee in fees(store)] == [6000]
    assert shot(store)[2] == 0


def test_one_payment_told_many_times_at_the_same_moment_is_booked_once(
    store: Store, library: Library
) -> None:
    """Every copy is answered with the same number; another payment under its reference is refused."""
    fee = fees(store)[1].reference
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = set(pool.map(lambda _: book(store, library, payment("k1:1", fee)), range(THREADS)))
    other = book(store, library, payment("k1:1", fees(store)[0].reference, 6000))

    assert len(outcomes) == 1
    assert isinstance(outcomes.pop(), Paid)
    assert other == NotPaid(Reason.NOT_DONE)


def test_a_number_that_another_readers_payment_has_books_nothing_for_this_one(
    store: Store, library: Library
) -> None:
    """A terminal that begins its numbers anew is refused: what is told as paid has been booked for that card."""
    small = Money(100, "CNY")
    told = Payment(OWES, small, (FeePart("", small),), Till.CARD_TERMINAL, "k1:1", "kiosk1")
    other = replace(told, patron=PatronId(demo.READER_OWES_LITTLE))
    assert isinstance(book(store, library, told), Paid)
    before = fees(store, other.patron)

    assert book(store, library, other) == NotPaid(Reason.NOT_DONE)
    assert fees(store, other.patron) == before


def test_returns_payments_and_loans_at_once_leave_the_books_balanced(store: Store, library: Library) -> None:
    """Terminals that return, pay and lend the same items for the same reader never stop each other."""
    patron = demo.READER_OVERDUE

    def work(number: int) -> bool:
        terminal = Terminal(f"t{number}")
        terminal.give_back(demo.ITEM_OVERDUE, 10 * 1440)
        terminal.pay(patron, ("", 10), minutes=10 * 1440)
        terminal.lend(demo.ITEM_OVERDUE, patron, 10 * 1440, due=None)
        outcomes = tell(store, library, terminal)
        return isinstance(outcomes[1].answer, Granted)

    with ThreadPoolExecutor(THREADS) as pool:
        paid = sum(pool.map(work, range(THREADS)))
    with store.reading() as connection:
        ledger = ledger_of(connection, library, PatronId(patron))
    open_minor = sum(fee.amount_minor for fee in fees(store, PatronId(patron)))

    assert 1 <= paid <= THREADS
    assert open_minor == 120 - 10 * paid == ledger.balance(PatronAccount(PatronId(patron))).minor_units
    assert shot(store)[2] == 0


def test_a_return_and_a_loan_of_one_item_at_the_same_moment_follow_one_another(
    store: Store, library: Library
) -> None:
    """Whatever comes first, the item ends with one reader or none, and each return is charged once."""
    item, terminal = demo.ITEM_OVERDUE, Terminal("t1")
    terminal.lend(item, demo.READER, 10 * 1440)
    with store.writing() as connection:
        check_in(connection, library, ItemId(demo.ITEMS_FREE[0]), "kiosk1")

    def give_back(_: int) -> None:
        with store.writing() as connection:
            check_in(connection, library, ItemId(item), "kiosk1")

    with ThreadPoolExecutor(THREADS) as pool:
        lent = pool.submit(partial(tell, store, library, terminal))
        list(pool.map(give_back, range(THREADS)))
        (outcome,) = lent.result()

    assert isinstance(outcome.answer, Granted)
    owed = sum(fee.amount_minor for fee in fees(store, PatronId(demo.READER_OVERDUE)))
    assert owed in (0, 120)
    assert shot(store)[2] == 0


@pytest.mark.parametrize("key", ["k" * 128, "a|b", "e-1-1-1"])
def test_every_key_makes_a_reference_of_its_own(key: str) -> None:
    """Two terminals with the same key, and keys that the ledger cannot take, are told apart."""
    references = {
        reference_of(terminal, one) for terminal in ("k1", "k2" * 16) for one in (key, key[:-1] + "x")
    }

    assert len(references) == 4
    assert all(0 < len(reference) <= 80 and "|" not in reference for reference in references)


def test_what_a_card_terminal_calls_a_payment_is_kept_in_letters_the_ledger_takes() -> None:
    """Blanks and other signs become dashes; nothing is refused for the name of a receipt."""
    assert voucher_of(" 00 17|ü ") == "00-17--"
    assert len(voucher_of("x" * 200)) == 80
