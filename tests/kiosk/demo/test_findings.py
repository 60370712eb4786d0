"""Journal, tags, money, paper and server are compared, and every difference is a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kiosk.demo.findings import Findings, look
from kiosk.demo.report import lines
from kiosk.demo.running import Outcome
from kiosk.demo.witnesses import Heard, Ledger
from sync.entries import (
    Alert,
    Answered,
    Dropped,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    FeePart,
    Flaw,
    GiveBack,
    Granted,
    Intended,
    ItemId,
    Lend,
    Means,
    Money,
    PatronId,
    Pay,
    PaymentApproved,
    PaymentReversed,
    Promise,
    Released,
    ReleaseIntended,
    ReportCare,
    Secured,
    SecureIntended,
    Settled,
    Settlement,
    TakenBack,
)

AT = datetime(2026, 3, 2, tzinfo=UTC)
ITEM = "30999000010030"
KEY = EntryKey("e1", 1, 1, 1)
PROMISE = Lend(ItemId(ITEM), PatronId("20999000000017"), AT)
LENT = Entry(
    KEY,
    PROMISE,
    (
        Intended(KEY, AT, PROMISE),
        Answered(KEY, AT, Granted(Due(None))),
        ReleaseIntended(KEY, AT, ()),
        Released(KEY, AT, ()),
        Settled(KEY, AT, Settlement.DONE),
    ),
)
OPEN = replace(LENT, rows=LENT.rows[:2])


READER = "20999000000017"


def ended(promise: Promise, number: int, *rows: EntryRow, how: Settlement = Settlement.DONE) -> Entry:
    """An entry of *promise* that came to its end after *rows*, which are written as if they were its own."""
    key = EntryKey("e1", 1, number, 1)
    own = tuple(replace(row, key=key) for row in rows)
    return Entry(key, promise, (Intended(key, AT, promise), *own, Settled(key, AT, how)))


def back(number: int = 2, alert: Alert | None = None) -> Entry:
    """The item is given back."""
    answer = Granted(Due(None), back=TakenBack(True, PatronId(READER), alert=alert))
    secured = (SecureIntended(KEY, AT, ()), Secured(KEY, AT, ()))
    return ended(GiveBack(ItemId(ITEM), AT), number, *secured, Answered(KEY, AT, answer))


def dropped(into: str = "2") -> Entry:
    """The item is given back, and falls into a bin."""
    whole = back()
    return replace(whole, rows=(*whole.rows[:-1], Dropped(whole.key, AT, into), whole.rows[-1]))


def paid(*rows: EntryRow, how: Settlement = Settlement.DONE) -> Entry:
    """A fee of 2.50 is paid by card."""
    fee = Money(250, "CNY")
    promise = Pay(PatronId(READER), fee, (FeePart("f1", fee),), Means.CARD, AT)
    return ended(promise, 3, PaymentApproved(KEY, AT, "1"), *rows, how=how)


PAID = {"e1-1-3-1": 250}
CARE = ended(ReportCare(ItemId(ITEM), (Flaw.LOOSE_PAGES,), AT), 4)
LISTED = ((ITEM, ("loose-pages",)),)
SLIP = Alert.HOLD_HERE


def things(afi: int) -> list[dict[str, Any]]:
    return [{"id": ITEM, "tags": [{"afi": afi}]}]


def stripped(strip: str) -> list[dict[str, Any]]:
    return [{"id": ITEM, "tags": [], "strip": strip}]


def found(heard: Heard) -> Findings:
    return look(heard, [ITEM])


def test_three_witnesses_that_say_the_same_are_believed() -> None:
    """A loan in the journal, a released tag and a loan at the server disagree about nothing."""
    findings = found(Heard([LENT], things(0xC2), loans=[ITEM]))

    assert findings.disagreements == ()
    assert findings.tags == {ITEM: ("C2",)}
    assert findings.loans == (ITEM,)


@pytest.mark.parametrize(
    ("entries", "afi", "loans", "what"),
    [
        ([LENT], 0xC2, [], "server has no loan"),
        ([LENT], 0x07, [ITEM], "its tag or strip is not released"),
        ([], 0xC2, [], "its tag or strip is released and the journal has no loan"),
        ([], 0x07, [ITEM], "journal has no loan, server has the loan"),
        ([OPEN], 0x07, [], "is not settled"),
        ([LENT, back()], 0xC2, [], "its tag or strip is released and the journal has no loan"),
        ([LENT, back()], 0x07, [ITEM], "journal has no loan, server has the loan"),
        ([back(2), replace(LENT, key=EntryKey("e1", 1, 5, 1))], 0x07, [], "its tag or strip is not released"),
    ],
)
def test_each_difference_is_told(entries: list[Entry], afi: int, loans: list[str], what: str) -> None:
    """Whichever witness differs, there is a sentence about it; what happened last is what counts."""
    findings = found(Heard(entries, things(afi), loans=loans))

    assert any(what in sentence for sentence in findings.disagreements)


def test_a_strip_is_a_witness_as_a_tag_is() -> None:
    """An inactive strip belongs to a loan; one that is active does not, and a tape that was erased is told."""
    agreed = found(Heard([LENT], stripped("inactive"), loans=[ITEM]))
    assert (agreed.disagreements, agreed.tags, agreed.strips) == ((), {}, {ITEM: "inactive"})

    assert found(Heard([LENT], stripped("active"), loans=[ITEM])).disagreements
    assert found(Heard([], stripped("inactive"))).disagreements
    assert found(Heard([], stripped("erased"))).disagreements


GIVEN_BACK = Heard([LENT, back(alert=SLIP)], things(0x07), returns={ITEM: 1}, paper=["Held", ITEM])
SETTLED = Heard([paid()], money={"card": 250}, machine=Ledger(PAID), central=Ledger(PAID))
REPORTED = Heard([CARE], care=LISTED)
FELL = Heard([LENT, dropped()], things(0x07), returns={ITEM: 1}, bins={"2": [ITEM]})


@pytest.mark.parametrize("heard", [GIVEN_BACK, SETTLED, REPORTED, FELL])
def test_what_was_given_back_paid_and_reported_is_believed(heard: Heard) -> None:
    """Told once to everybody who has to know, nobody disagrees."""
    assert found(heard).disagreements == ()


@pytest.mark.parametrize(
    ("heard", "what"),
    [
        (replace(GIVEN_BACK, returns={}), "given back 1 times, central was told 0 times"),
        (replace(GIVEN_BACK, returns={ITEM: 2}), "given back 1 times, central was told 2 times"),
        (replace(GIVEN_BACK, paper=["Held"]), "it goes on (hold-here) and no slip was printed"),
        (replace(GIVEN_BACK, paper=[ITEM, f"for {READER}"]), "a card number stands on the paper"),
        (replace(SETTLED, money={"card": 500}), "the far end has taken 500"),
        (replace(SETTLED, money={}), "the far end has taken 0"),
        (replace(SETTLED, money={"card": 250, "qr": 100}), "by qr: the journal says 0"),
        (replace(SETTLED, machine=Ledger()), "the machine's ledger has {}"),
        (replace(SETTLED, central=Ledger()), "central has booked {}"),
        (replace(SETTLED, central=Ledger({**PAID, "other": 1})), "central has booked"),
        (replace(SETTLED, machine=Ledger(PAID, 1)), "the machine's ledger does not come to nothing but to 1"),
        (replace(SETTLED, central=Ledger(PAID, -5)), "central's ledger does not come to nothing but to -5"),
        (replace(SETTLED, entries=[paid(how=Settlement.CASE)]), "central has booked"),
        (replace(FELL, bins={}), "the journal says it fell, it fell 0 times"),
        (replace(FELL, bins={"2": [ITEM], "": [ITEM]}), "the journal says it fell, it fell 2 times"),
        (replace(FELL, bins={"2": [], "": [ITEM]}), "the journal says bin 2, it fell into the one below"),
        (replace(FELL, entries=[LENT, back()]), "the journal says it did not fall, it fell 1 times"),
        (replace(REPORTED, care=()), "reported 1 times, on the list 0 times"),
        (replace(REPORTED, care=LISTED * 2), "reported 1 times, on the list 2 times"),
    ],
)
def test_each_difference_about_returns_money_and_care_is_told(heard: Heard, what: str) -> None:
    """Told twice, told to nobody, money that nobody took or booked: there is a sentence, and the demo fails."""
    findings = found(heard)

    assert any(what in sentence for sentence in findings.disagreements), findings.disagreements
    outcome = Outcome(findings)
    assert not outcome.is_good
    assert any(line.startswith("DISAGREE") for line in lines(outcome))


def test_what_was_known_too_late_needs_no_slip() -> None:
    """When the server says that somebody waits for an item that lies in its bin already, nobody prints it a slip."""
    late = dropped()
    answered = next(row for row in late.rows if isinstance(row, Answered))
    answer = Granted(Due(None), back=TakenBack(True, alert=SLIP))
    rows = [row for row in late.rows if row is not answered]
    rows.insert(-1, replace(answered, answer=answer))

    assert found(replace(FELL, entries=[LENT, replace(late, rows=tuple(rows))])).disagreements == ()


def test_an_item_that_was_never_made_secure_is_told() -> None:
    """A return that is done without its tags read back as secured is a difference."""
    bare = ended(GiveBack(ItemId(ITEM), AT), 2, Answered(KEY, AT, Granted(Due(None), back=TakenBack(True))))

    assert any("never made secure" in one for one in found(replace(GIVEN_BACK, entries=[bare])).disagreements)


def test_money_that_went_back_stands_nowhere() -> None:
    """A payment that was undone leaves the far end with nothing, and neither ledger with a payment that stands."""
    undone = paid(PaymentReversed(KEY, AT, "2"), how=Settlement.UNDONE)

    assert found(Heard([undone], money={"card": 0})).disagreements == ()


def test_no_patron_is_in_what_is_told() -> None:
    """The findings name items, never who borrowed, returned or paid."""
    heard = Heard([LENT, back(), paid()], things(0x07), loans=[ITEM])

    assert READER not in str(found(heard).as_json())
    assert READER not in "".join(lines(Outcome(found(heard))))
