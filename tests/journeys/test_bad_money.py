"""What goes wrong with money, on real bytes: a clear word, a balanced ledger, and a log that names nobody.

Session, journal, uplink, SIP2, central, ledger and the drivers of both tills are real.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from drivers.sim.zvt_terminal import CardChoice
from kiosk.engine.logs import open_log
from kiosk.wording.catalogue import words_in
from kiosk.wording.paying import paying_page
from kiosk.workflow.events import Chosen
from kiosk.workflow.settings import Service, SessionSettings
from kiosk.workflow.view import (
    Account,
    Borrowing,
    ChooseFees,
    Language,
    Paying,
    PaymentState,
    PaymentTrouble,
    Status,
    Welcome,
)
from sync.central import demo
from sync.entries import CaseOpened, CaseReason, Entry, Means, Pay, Reason, Settled, Settlement
from sync.journal.reading import Reading
from sync.machine_ledger import book
from sync.servers.sip2.framing import checksum
from tests.kit.canary import NAME, NUMBER, PIN, found_in
from tests.kit.rig import Rig, with_settings

PAYS = with_settings(services=tuple(Service), means=(Means.CARD, Means.QR), has_printer=True)
FEE = 350


def at(folder: Path, settings: SessionSettings = PAYS) -> Rig:
    """A terminal before which a reader stands who owes one fee."""
    rig = Rig(folder, settings)
    rig.server.desk_enters(NUMBER, NAME, PIN)
    rig.server.desk_charges(NUMBER, FEE)
    rig.settle()
    rig.turn(200)
    return rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = at(tmp_path)
    yield rig
    balanced_and_silent(rig)
    rig.close()


def balanced_and_silent(rig: Rig) -> None:
    """Both ledgers sum to zero at every step; no log line names the reader."""
    with_money = Reading(rig.journal.file).money_after(0, 100)
    booked, refused = book(with_money, "kiosk-1", UTC)
    assert not refused
    assert all(sum(leg.minor_units for leg in one.transaction.legs) == 0 for one in booked)
    assert rig.server.ledger_sum() == 0
    stream = io.StringIO()
    log = open_log("kiosk", stream)
    for level, sentence, facts in rig.log.lines:
        mistake = facts.pop("mistake", None)
        if isinstance(mistake, BaseException):
            log.failure(sentence, mistake, **facts)
        else:
            getattr(log, level)(sentence, **facts)
    assert found_in(stream.getvalue()) == set()


def log_in(rig: Rig) -> Account:
    """The account, once it is told."""
    rig.choose("account")
    rig.show_card(NUMBER)
    rig.pin(PIN)
    rig.until(lambda: isinstance(rig.view, Account) and not rig.seen(Account).is_busy)
    rig.turn(60)
    return rig.seen(Account)


def to_fees(rig: Rig) -> ChooseFees:
    """The page of fees."""
    log_in(rig)
    rig.until(lambda: any(choice.id == "pay" and choice.enabled for choice in rig.choices))
    rig.choose("pay")
    return rig.seen(ChooseFees)


def until_ended(rig: Rig, state: PaymentState) -> Paying:
    """The page of a payment that stands as *state*; what it says names nobody and is not empty."""
    rig.until(lambda: isinstance(rig.view, Paying) and rig.seen(Paying).state is state, 900.0)
    for language in Language:
        page = paying_page(words_in(language), rig.seen(Paying))
        assert page.title
        assert page.lead
    return rig.seen(Paying)


def payments(rig: Rig) -> list[Entry]:
    """Every payment in the journal."""
    return [entry for entry in rig.entries() if isinstance(entry.promise, Pay)]


def ends(rig: Rig) -> list[Settlement]:
    """How they ended."""
    return [row.how for entry in payments(rig) for row in entry.rows if isinstance(row, Settled)]


def cases(rig: Rig) -> list[CaseOpened]:
    """What staff are asked to find out."""
    return [row for entry in payments(rig) for row in entry.rows if isinstance(row, CaseOpened)]


def test_a_fee_that_vanished_before_it_is_paid_takes_no_money(rig: Rig) -> None:
    """The reader is told that the fees have changed, and nothing was asked of the card terminal."""
    to_fees(rig)
    rig.server.desk_waives_all(NUMBER)
    rig.choose("pay-by:card")
    rig.until(lambda: isinstance(rig.view, Paying) and rig.seen(Paying).why is not None)

    assert rig.seen(Paying).why is PaymentTrouble.FEES_CHANGED
    assert payments(rig) == []
    assert rig.card_terminal.authorised == []


@pytest.mark.parametrize("means", ["card", "qr"])
def test_a_fee_that_vanished_while_it_is_paid_is_given_back(rig: Rig, means: str) -> None:
    """Taken, refused by the library's books, and given back to the last minor unit."""
    to_fees(rig)
    rig.choose(f"pay-by:{means}")
    if means == "qr":
        rig.until(lambda: bool(rig.seen(Paying).code))
    rig.server.desk_waives_all(NUMBER)
    if means == "qr":
        rig.wallet.pay()
    shown = until_ended(rig, PaymentState.REVERSED)

    assert shown.why is Reason.FEE_GONE
    assert (rig.card_terminal.taken_minor, rig.wallet.taken_minor) == (0, 0)
    assert ends(rig) == [Settlement.UNDONE]
    assert cases(rig) == []


@pytest.mark.parametrize("choice", [CardChoice.WRONG_AMOUNT, CardChoice.WRONG_CURRENCY])
def test_a_card_terminal_that_answers_for_another_sum_is_not_believed(rig: Rig, choice: CardChoice) -> None:
    """Nothing is posted and nothing asked again; staff get every reference, and the reader still borrows."""
    to_fees(rig)
    rig.card_terminal.card = choice
    rig.choose("pay-by:card")
    shown = until_ended(rig, PaymentState.UNKNOWN)

    assert shown.why is PaymentTrouble.OTHER_AMOUNT
    assert shown.reference
    assert len(rig.card_terminal.authorised) == 1
    [case] = cases(rig)
    assert case.reason is CaseReason.PAYMENT_UNKNOWN
    assert shown.reference in case.detail
    assert found_in(case.detail) == set()
    rig.choose("done")
    account = rig.seen(Account)
    assert account.is_payment_open
    assert account.owed is not None
    assert account.owed.minor_units == FEE
    assert not any(one.id == "pay" and one.enabled for one in rig.choices)
    rig.choose("borrow")
    rig.lay(demo.ITEMS_FREE[0])
    rig.until(lambda: isinstance(rig.view, Borrowing) and Status.LENT in rig.statuses().values())


@pytest.mark.parametrize(
    ("minor", "currency"),
    [
        (FEE + 1000, "CNY"),
        (FEE - 1, "CNY"),
        (FEE, "EUR"),
        (-FEE, "CNY"),
        (0, "CNY"),
        (10**30, "CNY"),
    ],
)
def test_a_back_end_that_answers_for_another_sum_is_not_believed(rig: Rig, minor: int, currency: str) -> None:
    """Whatever it says that it took, it is not what was owed: a case, or surely not paid, and never posted."""
    to_fees(rig)
    rig.choose("pay-by:qr")
    rig.until(lambda: bool(rig.seen(Paying).code))
    [order] = rig.wallet.orders.values()
    rig.wallet.pay()
    order.minor, order.currency = minor, currency
    until_ended(rig, PaymentState.UNKNOWN)

    assert ends(rig) == [Settlement.CASE]
    [case] = cases(rig)
    assert case.reason is CaseReason.PAYMENT_UNKNOWN
    assert rig.server.owed_by(NUMBER) == FEE


@pytest.mark.parametrize("means", ["card", "qr"])
def test_a_double_tap_is_one_payment(rig: Rig, means: str) -> None:
    """Two touches before the screen has changed, and two more behind them."""
    to_fees(rig)
    for _ in range(2):
        rig.kiosk.post(Chosen(f"pay-by:{means}"))
        rig.kiosk.post(Chosen(f"pay-by:{means}"))
        rig.turn(3)
    if means == "qr":
        rig.until(lambda: bool(rig.seen(Paying).code))
        rig.wallet.pay()
    until_ended(rig, PaymentState.POSTED)

    assert len(payments(rig)) == 1
    assert rig.card_terminal.taken_minor + rig.wallet.taken_minor == FEE
    assert rig.server.owed_by(NUMBER) == 0


def test_a_payment_of_a_session_that_ended_is_posted_by_itself(rig: Rig) -> None:
    """The network goes after the money was taken; the reader goes; the books have it once they can be reached."""
    to_fees(rig)
    rig.choose("pay-by:card")
    rig.until(lambda: bool(payments(rig)))
    rig.cut_network()
    rig.until(lambda: rig.seen(Paying).state is PaymentState.APPROVED, 120.0)
    rig.until(lambda: any(one.id == "done" and one.enabled for one in rig.choices), 120.0)
    rig.choose("done")
    rig.choose("finish")
    rig.take_card()
    rig.until(lambda: isinstance(rig.view, Welcome), 120.0)
    assert rig.kiosk.desk.state.payments == ()
    rig.mend_network()
    rig.until(lambda: ends(rig) == [Settlement.DONE], 600.0)

    assert rig.card_terminal.taken_minor == FEE
    assert rig.server.owed_by(NUMBER) == 0
    assert cases(rig) == []


# --- Servers that tell impossible sums ----------------------------------------------------------------------------


@contextmanager
def telling(folder: Path, change: Callable[[str], str], settings: SessionSettings = PAYS) -> Iterator[Rig]:
    """A terminal whose server says its answers about accounts (64) as *change* makes them, with a right checksum."""
    rig = at(folder, settings)

    def said(answer: bytes) -> bytes:
        lines = answer.decode("utf-8").split("\r")
        return "\r".join(summed(line) for line in lines).encode("utf-8")

    def summed(line: str) -> str:
        if not line.startswith("64"):
            return line
        text = change(line[: line.index("AZ")]) + "AZ"
        return text + checksum(text.encode("utf-8")).decode()

    rig.server.said = said
    yield rig
    balanced_and_silent(rig)
    rig.close()


@pytest.mark.parametrize(
    "amount",
    [
        "",
        "abc",
        "-3.50",
        "1.2.3",
        "3,5O",
        "99999999999999999999",
        "1e9",
        "３.５０",
        "NaN",
        "3.505",
        "3.50-",
        "(3.50)",
        "HASH(0x1)",
    ],
)
def test_an_amount_that_is_none_is_not_paid_here(tmp_path: Path, amount: str) -> None:
    """The account opens, whatever the server says is owed; no sum that cannot be is offered, and nobody is charged."""

    def change(line: str) -> str:
        line = re.sub(r"BV[^|]*\|", f"BV{amount}|", line)
        return re.sub(r"(AV[^|]*?)\d+\.\d\d", lambda found: f"{found[1]}{amount}", line)

    with telling(tmp_path, change) as rig:
        account = log_in(rig)
        rig.turn(200)
        is_offered = any(one.id == "pay" and one.enabled for one in rig.choices)
        assert not is_offered
        assert account.owed is None or account.owed.minor_units > 0
        rig.kiosk.post(Chosen("pay"))
        rig.kiosk.post(Chosen("pay-by:card"))
        rig.pass_time(5)
        assert payments(rig) == []
        assert rig.card_terminal.authorised == []


def test_a_sum_beyond_what_is_taken_here_is_shown_and_not_paid(tmp_path: Path) -> None:
    """It is told with its amount, and why not here."""
    rig = at(tmp_path, replace(PAYS, payment_max=FEE - 1))
    account = log_in(rig)

    assert account.owed is not None
    assert account.owed.minor_units == FEE
    assert account.fees is not None
    assert [fee.why for fee in account.fees] == [Reason.AMOUNT_DIFFERS]
    rig.kiosk.post(Chosen("pay"))
    rig.kiosk.post(Chosen("pay-by:card"))
    rig.pass_time(5)
    assert payments(rig) == []
    balanced_and_silent(rig)
    rig.close()


def test_a_fee_in_another_currency_is_shown_and_not_paid(tmp_path: Path) -> None:
    """The terminal takes euros, the library's books say yuan: nothing is converted in silence."""
    rig = at(tmp_path, replace(PAYS, currency="EUR"))
    account = log_in(rig)

    assert account.owed is not None
    assert account.owed.currency == "CNY"
    assert account.fees is not None
    assert [fee.why for fee in account.fees] == [Reason.CURRENCY_DIFFERS]
    rig.kiosk.post(Chosen("pay"))
    rig.kiosk.post(Chosen("pay-by:card"))
    rig.pass_time(5)
    assert payments(rig) == []
    balanced_and_silent(rig)
    rig.close()
