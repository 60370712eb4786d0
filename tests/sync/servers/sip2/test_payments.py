"""Payments: told once, under one number, and only what is owed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sync.entries import (
    EntryKey,
    FeeKind,
    FeePart,
    Granted,
    Means,
    Money,
    PatronId,
    Pay,
    Reason,
    Refused,
    Silence,
)
from sync.servers.sip2.dates import NOT_DUE
from sync.servers.sip2.payments import fee_of
from sync.servers.sip2.phrasing import transaction_of
from tests.kit.effort import effort
from tests.kit.sip2_server import STATUS
from tests.sync.servers.sip2.conftest import AT, KEY, READER, Desk
from tests.sync.servers.sip2.test_accounts import reply_64

PAID = "38Y20261122    160453AOBIB|AAR0001234|"
REFUSED = "38N20261122    160453AOBIB|AAR0001234|AFno|"
OWES = reply_64("BV6.50|", counts=(0, 0, 0, 1, 0, 0))
OURS = transaction_of(KEY)


def cny(units: int) -> Money:
    return Money(units, "CNY")


def pay(
    *parts: FeePart, owed: int | None = None, means: Means = Means.CARD, amount: int | None = None
) -> Pay:
    parts = parts or (FeePart("", cny(650)),)
    total = sum(part.amount.minor_units for part in parts) if amount is None else amount
    return Pay(READER, cny(total), parts, means, AT, owed_before=None if owed is None else cny(owed))


def test_a_payment_is_one_message_with_all_that_names_it() -> None:
    """When it was, what for, how, how much, whose, and under which number; the account is looked at before."""
    desk = Desk({"37": f"{PAID}BK4711|AFthank you|", "63": OWES})
    assert desk.carry(pay()) == Granted(NOT_DUE, release=False, messages=("thank you",), reference="4711")
    assert desk.server.requests[2:] == [
        "6301920261122    080451  Y       AOBIB|AAR0001234|AC|",
        f"3720261122    0804510102CNYAOBIB|AAR0001234|BK{OURS}|BV6.50|AC|",
    ]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FeeKind.CHECKOUT, "06"),
        (FeeKind.OVERDUE, "04"),
        (FeeKind.DAMAGE, "03"),
        (FeeKind.LOSS, "07"),
        (FeeKind.CARD, "02"),
        (FeeKind.OTHER, "01"),
    ],
)
def test_what_a_fee_is_for_has_a_code(kind: FeeKind, code: str) -> None:
    """Each kind of fee is told by the code of the definition; several kinds are "other"."""
    desk = Desk({"37": PAID, "63": OWES}, dialect="koha")
    desk.carry(pay(FeePart("", cny(100), kind)))
    desk.carry(pay(FeePart("", cny(100), kind), FeePart("", cny(100), FeeKind.CARD)))
    told = [request[20:22] for request in desk.server.asked("37")]
    assert told == [code, "02" if kind is FeeKind.CARD else "01"]


@pytest.mark.parametrize(("means", "code"), [(Means.CARD, "01"), (Means.QR, "00")])
def test_how_it_was_paid_is_told_as_the_library_counts_it(means: Means, code: str) -> None:
    """Koha maps codes to its own kinds of payment, so they are the profile's."""
    desk = Desk({"37": PAID, "63": OWES}, changes={"payment_card": "01", "payment_qr": "00"})
    desk.carry(pay(means=means))
    assert [request[22:24] for request in desk.server.asked("37")] == [code]


def test_the_number_of_a_payment_is_short_and_its_own() -> None:
    """18 letters and digits, always the same for one entry, and different for every other."""
    keys = [EntryKey("e" * 32, boot, event, 1) for boot in range(20) for event in range(effort(500))]
    numbers = {transaction_of(key) for key in keys}
    assert len(numbers) == len(keys)
    assert all(re.fullmatch(r"[A-Z2-7]{18}", number) for number in numbers)
    assert transaction_of(EntryKey("e", 1, 1, 1)) == OURS
    assert transaction_of(EntryKey("1", 1, 1, 1)) == "TSAYJ2YD6DVV3SRMSI"


def test_a_repeat_bears_the_same_number() -> None:
    """Whoever finds it twice at the server sees that it is one payment."""
    desk = Desk({"37": [b"", PAID], "63": OWES})
    assert desk.carry(pay()) == Silence("deadline")
    assert isinstance(desk.carry(pay()), Granted)
    first, second = desk.server.asked("37")
    assert first == second


# --- What is never sent ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("promise", "reason"),
    [
        (pay(FeePart("", cny(0))), Reason.AMOUNT_DIFFERS),
        (pay(FeePart("", cny(-650))), Reason.AMOUNT_DIFFERS),
        (pay(FeePart("a", cny(700)), FeePart("b", cny(-50))), Reason.AMOUNT_DIFFERS),
        (pay(amount=600), Reason.AMOUNT_DIFFERS),
        (pay(FeePart("", cny(10**11))), Reason.AMOUNT_DIFFERS),
        (Pay(READER, cny(100), (), Means.CARD, AT), Reason.AMOUNT_DIFFERS),
        (pay(owed=600), Reason.AMOUNT_DIFFERS),
        (pay(owed=0), Reason.FEE_GONE),
        (
            Pay(READER, Money(650, "EUR"), (FeePart("", Money(650, "EUR")),), Means.QR, AT),
            Reason.CURRENCY_DIFFERS,
        ),
        (Pay(READER, cny(650), (FeePart("", Money(650, "EUR")),), Means.QR, AT), Reason.CURRENCY_DIFFERS),
        (pay(FeePart("a|b", cny(650)), owed=650), Reason.NOT_DONE),
        (Pay(PatronId(""), cny(650), (FeePart("", cny(650)),), Means.QR, AT), Reason.NOT_DONE),
    ],
)
def test_a_sum_that_is_none_is_never_posted(promise: Pay, reason: Reason) -> None:
    """Nothing, less than nothing, absurd, another currency, another sum than its parts, more than is owed."""
    desk = Desk({"37": PAID, "63": reply_64("BV99.00|", counts=(0, 0, 0, 1, 0, 0))}, dialect="koha")
    assert desk.carry(promise) == Refused(reason)
    assert not desk.server.asked("37")


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (reply_64("BV0.00|"), Reason.FEE_GONE),
        (reply_64(""), Reason.FEE_GONE),
        (reply_64("BV6.49|"), Reason.AMOUNT_DIFFERS),
        (reply_64("BV6.50|BHUSD|"), Reason.CURRENCY_DIFFERS),
        (reply_64("BVsome|"), Reason.OTHER),
        (reply_64("BV6.50|").replace("BLY", "BLN"), Reason.OTHER),
    ],
)
def test_a_fee_that_is_not_there_any_more_is_not_paid(account: str, reason: Reason) -> None:
    """A system that takes any sum is asked just before; what does not agree is refused, and the money goes back."""
    desk = Desk({"37": PAID, "63": account}, dialect="koha")
    assert desk.carry(pay()) == Refused(reason)
    assert not desk.server.asked("37")


def test_silence_before_a_payment_is_silence() -> None:
    """When the account cannot be read nothing is sent, and nothing is claimed."""
    desk = Desk({"37": PAID, "63": b""}, dialect="koha")
    assert desk.carry(pay()) == Silence("deadline")
    assert not desk.server.asked("37")


def test_a_server_that_does_not_list_payments_gets_none() -> None:
    """BX without 37, or no BX at all: the money goes back."""
    for supported in ("YYYYYYYYYNYYYYYY", ""):
        desk = Desk({"99": STATUS.replace("Y" * 16, supported), "37": PAID, "63": OWES})
        assert desk.carry(pay()) == Refused(Reason.NOT_PERMITTED_HERE)
        assert not desk.server.asked("37")


# --- Which fee ------------------------------------------------------------------------------------

ONE, TWO = FeePart("F1", cny(150)), FeePart("F2", cny(500))


@pytest.mark.parametrize(
    ("parts", "owed", "spread", "one_by_one"),
    [
        ((ONE,), 650, "F1", "F1"),
        ((ONE,), None, "F1", "F1"),
        ((ONE, ONE), 650, "F1", "F1"),
        ((ONE, TWO), 650, "", ""),
        ((ONE, TWO), 900, "", None),
        ((ONE, TWO), None, "", None),
        ((FeePart("", cny(650)),), 650, "", ""),
        ((FeePart("", cny(650)),), None, "", ""),
        ((FeePart("", cny(650)),), 900, "", None),
        ((FeePart("", cny(150)), FeePart("", cny(500))), 650, "", ""),
    ],
)
def test_a_sum_is_never_spread_over_fees_nobody_chose(
    parts: tuple[FeePart, ...], owed: int | None, spread: str, one_by_one: str | None
) -> None:
    """One fee goes by its number, all that is owed without one; some of several only where the server takes sums."""
    promise = pay(*parts, owed=owed)
    assert fee_of(promise, pays_several=True) == spread
    assert fee_of(promise, pays_several=False) == one_by_one


DETAILS = "BV6.50|CGF1|FA1.50|FFLate|CGF2|FA5.00|FFDamage|FH0.00|"


@pytest.mark.parametrize(
    ("part", "more", "outcome"),
    [
        (ONE, DETAILS, ""),
        (FeePart("F1", cny(100)), DETAILS, ""),
        (FeePart("F1", cny(151)), DETAILS, Reason.AMOUNT_DIFFERS),
        (FeePart("F3", cny(150)), DETAILS, Reason.FEE_GONE),
        (TWO, DETAILS, Reason.OTHER),
        (ONE, "BV0.00|", Reason.FEE_GONE),
    ],
)
def test_a_fee_is_looked_at_before_it_is_paid(part: FeePart, more: str, outcome: Any) -> None:
    """Where fees have numbers, the one that is paid has to be there, for as much, and payable."""
    desk = Desk({"37": PAID, "63": reply_64(more, counts=(0, 0, 0, 2, 0, 0))}, dialect="gossip")
    answer = desk.carry(pay(part))
    assert answer == (Refused(outcome) if outcome else Granted(NOT_DUE, release=False))
    assert [f"|CG{part.fee}|" in request for request in desk.server.asked("37")] == (
        [] if outcome else [True]
    )


@pytest.mark.parametrize("now", ["7.50", "6.00"])
def test_a_whole_account_that_changed_is_not_paid_in_part(now: str) -> None:
    """A system that spreads a sum over all fees is told of it only when it is all that is owed at that moment."""
    account = reply_64(f"BV{now}|", counts=(0, 0, 0, 2, 0, 0))
    desk = Desk({"37": PAID, "63": account}, dialect="edge-sip2")
    assert desk.carry(pay(ONE, TWO, owed=650)) == Refused(Reason.AMOUNT_DIFFERS)
    assert not desk.server.asked("37")


# --- What the server says -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (reply_64("BV0.00|"), Reason.FEE_GONE),
        (reply_64("BV6.00|", counts=(0, 0, 0, 1, 0, 0)), Reason.AMOUNT_DIFFERS),
        (reply_64("BV6.50|", counts=(0, 0, 0, 1, 0, 0)), Reason.OTHER),
        (reply_64("BV6.50|").replace("BLY", "BLN"), Reason.PATRON_UNKNOWN),
        (b"", Reason.OTHER),
    ],
)
def test_a_refused_payment_is_told_why(account: str | bytes, reason: Reason) -> None:
    """By how the account stands, never by a sentence; a refusal stays one when that cannot be asked."""
    desk = Desk({"37": REFUSED, "63": account}, dialect="evergreen")
    assert desk.carry(pay()) == Refused(reason, messages=("no",))


@pytest.mark.parametrize("flag", ["Y", "1"])
def test_both_forms_of_yes_are_understood(flag: str) -> None:
    """38 says Y by the definition, and 1 where a server mixes it up with ok."""
    assert isinstance(Desk({"37": PAID.replace("38Y", f"38{flag}"), "63": OWES}).carry(pay()), Granted)


def test_a_reply_about_somebody_else_is_no_answer() -> None:
    """A 38 for another card does not post this payment."""
    assert Desk({"37": PAID.replace("R0001234", "R9"), "63": OWES}).carry(pay()) == Silence("deadline")


def test_nothing_is_claimed_of_a_server_that_is_away() -> None:
    """Without a connection there is silence, never a grant or a refusal."""
    desk = Desk()
    desk.refuses_connections = True
    assert desk.carry(pay()) == Silence("connect")
