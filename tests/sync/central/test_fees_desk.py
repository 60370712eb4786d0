"""What staff do about fees and about items that need care, at central's own machine."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from drivers.link import SettingsError
from drivers.link.memory import VirtualClock
from sync.central import care_desk, demo, fees_desk
from sync.central.circulation.caring import report_care
from sync.central.circulation.library import Library
from sync.central.closing_tables import CLOSING_HEADS, exported
from sync.central.exceptions_desk import NotDone
from sync.central.settings import CentralSettings
from sync.central.store import ledger_tables as m
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import Flaw, ItemId

CARD = demo.READER
BOOK = demo.ITEMS_FREE[0]


@pytest.fixture
def settings(file_store: Store, tmp_path: Path) -> CentralSettings:
    """The demo library, served from a file."""
    return CentralSettings(f"sqlite:///{tmp_path / 'demo.db'}", zone="UTC")


def fee(settings: CentralSettings, clock: VirtualClock, amount: str = "5.00") -> str:
    """The reference of a new fee of the reader."""
    return str(fees_desk.charged(settings, clock, CARD, "other", amount, "", "Wang", "")["booked"])


def owed(settings: CentralSettings, clock: VirtualClock) -> str:
    """What the reader owes."""
    return str(fees_desk.listed(settings, clock, CARD)["owed"])


@pytest.mark.parametrize(
    ("harm", "is_set_price", "amount", "may_replace"),
    [
        ("pencil", False, "35.00", False),
        ("pen", False, "70.00", True),
        ("loss", False, "70.00", False),
        ("loss", True, "35.00", False),
    ],
)
def test_harm_costs_what_the_librarys_rule_makes_of_the_price(
    file_store: Store,
    settings: CentralSettings,
    clock: VirtualClock,
    harm: str,
    is_set_price: bool,
    amount: str,
    may_replace: bool,
) -> None:
    """Pencil the price, pen twice or the same book, loss twice; one volume of a set the set's price."""
    with file_store.writing() as connection:
        price = {"price_minor": 3500, "is_set_price": is_set_price}
        connection.execute(update(t.items).where(t.items.c.number == BOOK).values(price))
    said = fees_desk.charged_for_harm(settings, clock, CARD, BOOK, harm, "Wang", "seen at the desk")

    assert (said["amount"], said["may_replace"]) == (amount, may_replace)
    (listed,) = fees_desk.listed(settings, clock, CARD)["fees"]
    assert (listed["reference"], listed["amount"], listed["item"]) == (said["booked"], amount, BOOK)


def test_a_library_has_harms_of_its_own(
    file_store: Store, settings: CentralSettings, clock: VirtualClock
) -> None:
    """Where harms.csv has rows, they count, with their minimum; what is not among them is refused by name."""
    with file_store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM harms")
        water = {"code": "water", "factor": "1/2", "set_factor": "1", "may_replace": False}
        connection.execute(insert(m.harms).values(**water, minimum_minor=10_000, fee_kind="damage"))

    assert fees_desk.charged_for_harm(settings, clock, CARD, BOOK, "water", "Wang", "")["amount"] == "100.00"
    with pytest.raises(NotDone, match="known are: water"):
        fees_desk.charged_for_harm(settings, clock, CARD, BOOK, "pencil", "Wang", "")


def test_an_item_without_a_price_costs_nothing_by_itself(
    file_store: Store, settings: CentralSettings, clock: VirtualClock
) -> None:
    """Staff find out the price first; nothing is booked."""
    with file_store.writing() as connection:
        connection.execute(update(t.items).where(t.items.c.number == BOOK).values(price_minor=None))
    with pytest.raises(NotDone, match="no price"):
        fees_desk.charged_for_harm(settings, clock, CARD, BOOK, "loss", "Wang", "")

    assert owed(settings, clock) == "0.00"


def test_what_was_lost_and_found_is_countered_and_given_back(
    settings: CentralSettings, clock: VirtualClock
) -> None:
    """Charged, waived in part, paid at the counter, found: waiver and charge are countered, the money goes back."""
    charge = fee(settings, clock, "70.00")
    waiver = fees_desk.waived(settings, clock, charge, "16.00", "Wang", "hardship")["booked"]
    paid = fees_desk.taken(settings, clock, CARD, [charge], "counter", "Wang", "")
    with pytest.raises(NotDone, match="first"):
        fees_desk.corrected(settings, clock, charge, "Li", "found")
    for reference in (waiver, charge):
        fees_desk.corrected(settings, clock, str(reference), "Li", "found")
    in_credit = fees_desk.listed(settings, clock, CARD)["to_give_back"]
    back = fees_desk.refunded(settings, clock, CARD, "counter", "Li", "")

    assert (paid["amount"], in_credit, back["amount"], owed(settings, clock)) == (
        "54.00",
        "54.00",
        "54.00",
        "0.00",
    )
    assert fees_desk.checked(settings, clock)["is_whole"]


def test_a_deposit_pays_fees_and_the_rest_goes_back(settings: CentralSettings, clock: VirtualClock) -> None:
    """What is left with the library is never given out twice, and a deposit that was booked wrongly is countered."""
    left = fees_desk.deposited(settings, clock, CARD, "100.00", "cash", "Wang", "for a card")
    charge = fee(settings, clock, "2.50")
    fees_desk.taken(settings, clock, CARD, [charge], "deposit", "Wang", "")
    held = fees_desk.listed(settings, clock, CARD)["deposit"]
    for wrong in ("97.51", "0", "-1"):
        with pytest.raises(NotDone):
            fees_desk.deposit_returned(settings, clock, CARD, wrong, "cash", "Wang", "")
    with pytest.raises(NotDone):
        fees_desk.corrected(settings, clock, str(left["booked"]), "Li", "not hers")
    back = fees_desk.deposit_returned(settings, clock, CARD, "97.50", "cash", "Wang", "")
    other = fees_desk.deposited(settings, clock, CARD, "8.00", "cash", "Wang", "")
    fees_desk.corrected(settings, clock, str(other["booked"]), "Li", "not hers")

    assert (held, back["amount"], owed(settings, clock)) == ("97.50", "97.50", "0.00")
    assert fees_desk.listed(settings, clock, CARD)["deposit"] == "0.00"
    assert fees_desk.checked(settings, clock)["is_whole"]


@pytest.mark.parametrize("by", ["", " ", "self", "x" * 33])
def test_nothing_is_booked_without_a_name(settings: CentralSettings, clock: VirtualClock, by: str) -> None:
    """Whoever books says who they are; a reader alone books nothing here."""
    calls: tuple[Callable[[], object], ...] = (
        lambda: fees_desk.charged(settings, clock, CARD, "other", "1.00", "", by, ""),
        lambda: fees_desk.waived(settings, clock, "x", "", by, ""),
        lambda: fees_desk.corrected(settings, clock, "x", by, ""),
        lambda: fees_desk.taken(settings, clock, CARD, ["x"], "counter", by, ""),
    )
    for book in calls:
        with pytest.raises(NotDone, match="--by"):
            book()
    assert owed(settings, clock) == "0.00"


@pytest.mark.parametrize("amount", ["0", "-1.00", "1.005", "1,50", "abc", "", "9" * 13, "1e3", "１.00"])
def test_an_amount_that_is_none_is_refused(
    settings: CentralSettings, clock: VirtualClock, amount: str
) -> None:
    """Nothing, negative sums, a part of a fen, and what cannot be read: the sentence says how an amount reads."""
    with pytest.raises(NotDone, match="--amount"):
        fees_desk.charged(settings, clock, CARD, "other", amount, "", "Wang", "")


def test_what_cannot_be_booked_is_a_sentence_and_changes_nothing(
    settings: CentralSettings, clock: VirtualClock
) -> None:
    """Unknown cards, items, fees, kinds and tills, more than is owed, twice the same: the ledger stays as it was."""
    charge = fee(settings, clock)
    before = fees_desk.checked(settings, clock)["transactions"]
    calls: tuple[Callable[[], object], ...] = (
        lambda: fees_desk.listed(settings, clock, "99"),
        lambda: fees_desk.charged(settings, clock, "99", "other", "1.00", "", "Wang", ""),
        lambda: fees_desk.charged(settings, clock, CARD, "bribe", "1.00", "", "Wang", ""),
        lambda: fees_desk.charged(settings, clock, CARD, "other", "1.00", "99", "Wang", ""),
        lambda: fees_desk.charged_for_harm(settings, clock, CARD, "99", "loss", "Wang", ""),
        lambda: fees_desk.waived(settings, clock, charge, "5.01", "Wang", ""),
        lambda: fees_desk.waived(settings, clock, "F999", "", "Wang", ""),
        lambda: fees_desk.taken(settings, clock, CARD, [charge], "sock", "Wang", ""),
        lambda: fees_desk.taken(settings, clock, CARD, ["F999"], "cash", "Wang", ""),
        lambda: fees_desk.taken(settings, clock, demo.READER_ENGLISH, [charge], "cash", "Wang", ""),
        lambda: fees_desk.taken(settings, clock, CARD, [], "cash", "Wang", ""),
        lambda: fees_desk.taken(settings, clock, CARD, [charge], "deposit", "Wang", ""),
        lambda: fees_desk.deposited(settings, clock, "99", "1.00", "cash", "Wang", ""),
        lambda: fees_desk.deposited(settings, clock, CARD, "1.00", "deposit", "Wang", ""),
        lambda: fees_desk.deposit_returned(settings, clock, CARD, "1.00", "cash", "Wang", ""),
        lambda: fees_desk.refunded(settings, clock, CARD, "cash", "Wang", ""),
        lambda: fees_desk.corrected(settings, clock, "F999", "Wang", ""),
    )
    for wrong in calls:
        with pytest.raises(NotDone) as caught:
            wrong()
        assert CARD not in str(caught.value)
    assert fees_desk.checked(settings, clock)["transactions"] == before


def test_a_call_with_another_currency_is_refused(settings: CentralSettings, clock: VirtualClock) -> None:
    """Whoever forgets --currency books nothing into a ledger of another one."""
    fee(settings, clock)
    euros = CentralSettings(settings.database_url, currency="EUR", zone="UTC")
    with pytest.raises(NotDone, match="kept in CNY"):
        fees_desk.charged(euros, clock, CARD, "other", "1.00", "", "Wang", "")


def test_a_day_is_exported_with_figures_that_sum_to_zero(
    settings: CentralSettings, clock: VirtualClock, tmp_path: Path
) -> None:
    """Once it is over: every leg of every transaction, and what each kind and account came to; no card anywhere."""
    charge = fee(settings, clock)
    fees_desk.taken(settings, clock, CARD, [charge], "cash", "=Wang", "")
    to, day = tmp_path / "day.csv", clock.now().date()
    with pytest.raises(NotDone, match="not over"):
        exported(settings, clock, day, to)
    clock.wait(86_400)
    said = exported(settings, clock, None, to)
    with pytest.raises(SettingsError, match="there already"):
        exported(settings, clock, day, to)
    legs = list(csv.DictReader(to.read_text("utf-8-sig").splitlines()))
    figures = list(csv.DictReader((tmp_path / "day-closing.csv").read_text("utf-8-sig").splitlines()))

    assert (said["transactions"], said["sums_to_zero"]) == (2, True)
    assert [(leg["kind"], leg["account"], leg["debit"], leg["credit"]) for leg in legs] == [
        ("charge", "patrons", "5.00", ""),
        ("charge", "income:other", "", "5.00"),
        ("payment", "till:cash", "5.00", ""),
        ("payment", "patrons", "", "5.00"),
    ]
    assert legs[2]["operator"] == "'=Wang"
    whole = {row["account"]: row for row in figures if row["source"] == "all" and row["account"]}
    assert tuple(figures[0]) == CLOSING_HEADS
    assert (whole["till:cash"]["debit"], whole["patrons"]["debit"], whole["patrons"]["credit"]) == (
        "5.00",
    ) * 3
    assert CARD not in to.read_text("utf-8-sig")
    assert date.fromisoformat(said["day"]) == day


def test_a_ledger_that_somebody_forged_is_told(
    file_store: Store, settings: CentralSettings, clock: VirtualClock
) -> None:
    """A leg slipped in past the product breaks the sum, and the check says so."""
    with file_store.writing() as connection:
        first = connection.execute(select(m.ledger.c.id).limit(1)).scalar_one()
        forged = {"transaction": first, "account": "patrons", "minor_units": -1, "fee": "x"}
        connection.execute(insert(m.ledger_legs).values(forged))
    said = fees_desk.checked(settings, clock)

    assert (said["is_whole"], said["sum_minor"], len(said["wrong"])) == (False, -1, 1)


def test_care_is_listed_once_with_the_items_condition_and_ended_by_staff(
    file_store: Store, settings: CentralSettings, clock: VirtualClock, library: Library
) -> None:
    """The same flaw told again is no second report; whoever ends it says how the item stands from then on."""
    with file_store.writing() as connection:
        for flaws in ((Flaw.DAMAGED, Flaw.LOOSE_PAGES), (Flaw.DAMAGED,), (Flaw.PART_MISSING,)):
            report_care(connection, library, ItemId(BOOK), flaws, "self", "kiosk1")
    first, second = care_desk.listed(settings)["care"]
    calls: tuple[Callable[[], object], ...] = (
        lambda: care_desk.done(settings, clock, first["reference"], "", ""),
        lambda: care_desk.done(settings, clock, first["reference"], "Wang", "", "dusty"),
        lambda: care_desk.done(settings, clock, "N99", "Wang", ""),
    )
    for wrong in calls:
        with pytest.raises(NotDone):
            wrong()
    care_desk.done(settings, clock, first["reference"], "Wang", "to the binder", "damaged")
    (left,) = care_desk.listed(settings)["care"]

    assert (first["flaws"], first["condition"]) == (["loose-pages", "damaged"], "in-place")
    assert (left["reference"], left["condition"]) == (second["reference"], "damaged")


STRANGE = (
    "", "x", "\x00", "\x1b[2J", "\udcff", "-1", "1e9", "NaN", "9" * 50, "9" * 5000, "３.５", "1_0", "0.001", "D" * 100,
)  # fmt: skip


def calls_with(
    settings: CentralSettings, clock: VirtualClock, known: str, text: str
) -> tuple[Callable[[], object], ...]:
    """Every call of staff, each with *text* in one place; *known* is a fee that is owed."""
    desk, place = fees_desk, (settings, clock)
    return (
        lambda: desk.listed(*place, text),
        lambda: desk.charged(*place, CARD, "other", text, "", "Li", ""),
        lambda: desk.charged(*place, CARD, text, "1.00", "", "Li", ""),
        lambda: desk.charged_for_harm(*place, CARD, BOOK, text, "Li", ""),
        lambda: desk.charged_for_harm(*place, CARD, text, "pen", "Li", ""),
        lambda: desk.waived(*place, text, "", "Li", ""),
        lambda: desk.waived(*place, known, text or "x", "Li", ""),
        lambda: desk.taken(*place, CARD, (text,), "counter", "Li", ""),
        lambda: desk.refunded(*place, CARD, text, "Li", ""),
        lambda: desk.corrected(*place, text, "Li", ""),
        lambda: care_desk.done(*place, text, "Li", "", text),
    )


def test_no_text_in_any_place_of_a_call_breaks_the_books(
    settings: CentralSettings, clock: VirtualClock
) -> None:
    """Amounts, references, cards, items, harms, tills, kinds that are none: a sentence to show, and the books whole."""
    known = fee(settings, clock)
    said: list[str] = []
    for text in STRANGE:
        for call in calls_with(settings, clock, known, text):
            with pytest.raises(NotDone) as told:
                call()
            said.append(str(told.value))

    assert all(one.isprintable() for one in said)
    assert owed(settings, clock) == "5.00"
    assert fees_desk.checked(settings, clock)["is_whole"]
