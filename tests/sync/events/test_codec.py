"""Batches and receipts as JSON: exact limits, one meaning, and nothing but `BadEvent` for what is not one."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sync.entries import (
    Alert,
    Due,
    FeeKind,
    FeePart,
    Flaw,
    Granted,
    Held,
    ItemId,
    Means,
    Money,
    PatronId,
    Reason,
    Refused,
    Silence,
    TakenBack,
)
from sync.events import (
    BATCH_MAX,
    BATCH_SIZE_MAX,
    PARTS_MAX,
    RECEIPT_SIZE_MAX,
    BadEvent,
    Batch,
    CareReported,
    FeesPaid,
    GapFound,
    ItemGivenBack,
    LoanMade,
    LoanUndone,
    NeverSent,
    Outcome,
    Receipt,
    RenewalMade,
    from_json,
    to_json,
)
from tests.kit.effort import effort

AT = datetime(2026, 11, 22, 8, 15, 30, 123456, UTC)
ITEM, PATRON = ItemId("30999000010030"), PatronId("20999000000017")
LOAN = LoanMade(1, "k7-1-1-1", AT, -1.5, ITEM, PATRON, True, date(2026, 12, 22))
BACK = ItemGivenBack(8, "k7-1-8-1", AT, 0.5, ITEM, True, date(2026, 11, 20))
PART = FeePart("L17-overdue-1", Money(250, "CNY"), FeeKind.OVERDUE, ITEM)
PAID = FeesPaid(10, "k7-1-10-1", AT, 0.5, PATRON, Money(300, "CNY"), (PART,), Means.QR, "Q/2026-1")
CARE = CareReported(12, "k7-1-12-1", AT, None, ITEM, (Flaw.BARCODE_MISSING, Flaw.DAMAGED), "王 Wang")
BATCH = Batch(
    "k7",
    (
        LOAN,
        LoanMade(2, "k7-1-2-1", AT, None, ITEM, PATRON),
        RenewalMade(3, "k7-1-3-1", AT, 0.0, ITEM, PATRON, False, date(2026, 11, 30)),
        LoanUndone(4, "k7-1-4-1", AT, 2.25, ITEM, PATRON, "k7-1-1-1"),
        NeverSent(5, 7),
        BACK,
        ItemGivenBack(9, "k7-1-9-1", AT, None, ITEM),
        PAID,
        FeesPaid(
            11, "k7-1-11-1", AT, None, PATRON, Money(-1, "EUR"), (FeePart("", Money(0, "EUR")),), Means.CARD
        ),
        CARE,
        NeverSent(13, 14, was_told=True),
    ),
)
RECEIPT = Receipt(
    9,
    (
        Outcome(
            1, Granted(Due(date(2026, 12, 22), "22.12."), "西游记", fee=Money(200, "CNY")), "implied-return"
        ),
        Outcome(2, Granted(Due(None), "", False, True, True, None, ("a", "b"))),
        Outcome(3, Refused(Reason.FEES_OWED, "Emma", Money(1, "EUR"), ("pay",))),
        Outcome(4, Held()),
        Outcome(
            5,
            Granted(
                Due(date(2026, 11, 20), "20.11."),
                "Emma",
                release=False,
                fee=Money(250, "CNY"),
                back=TakenBack(
                    True,
                    PATRON,
                    PatronId("2"),
                    False,
                    Alert.HOLD_AT_BRANCH,
                    "3",
                    "east",
                    "Shelf",
                    "west",
                    "c",
                    "I1",
                    "new",
                ),
            ),
        ),
        Outcome(6, Granted(Due(None), back=TakenBack())),
        Outcome(7, Granted(Due(None), reference="P17")),
    ),
)
EXAMPLES = re.findall(
    r"```json (\w+)\n(.*?)```", Path("docs/events.md").read_text(encoding="utf-8"), re.DOTALL
)
KINDS = {"batch": Batch, "receipt": Receipt, "gap": GapFound}


@pytest.mark.parametrize("value", [BATCH, RECEIPT, GapFound(7), RECEIPT.outcomes[0], Receipt(0, ())])
def test_what_is_written_is_read_back(value: Any) -> None:
    """Every value survives the way over the wire, as text and as bytes."""
    text = to_json(value)

    assert from_json(type(value), text) == value
    assert from_json(type(value), text.encode()) == value
    assert "\n" not in text


def test_the_documented_examples_are_understood() -> None:
    """docs/events.md shows a batch, a receipt and a gap that are exactly what is read."""
    read = {kind: from_json(KINDS[kind], text) for kind, text in EXAMPLES}

    assert set(read) == set(KINDS)
    batch, receipt = read["batch"], read["receipt"]
    assert isinstance(batch, Batch)
    assert isinstance(receipt, Receipt)
    assert [type(event) for event in batch.events] == [
        LoanMade,
        RenewalMade,
        LoanUndone,
        ItemGivenBack,
        FeesPaid,
        CareReported,
        NeverSent,
    ]
    assert [type(outcome.answer) for outcome in receipt.outcomes] == [
        Granted,
        Refused,
        Held,
        Granted,
        Granted,
        Refused,
    ]
    assert read["gap"] == GapFound(41)


def test_moments_travel_in_utc_and_come_from_any_zone() -> None:
    """The same moment is the same text, to the microsecond."""
    shanghai = timezone(timedelta(hours=8))
    there = Batch("k7", (LoanMade(1, "k", AT.astimezone(shanghai), None, ITEM, PATRON),))

    assert '"at":"2026-11-22T08:15:30.123456Z"' in to_json(there)
    text = to_json(there).replace("08:15:30.123456Z", "16:15:30.123456+08:00")
    assert from_json(Batch, text) == there


def test_a_moment_without_a_zone_and_silence_cannot_be_written() -> None:
    """They have no meaning to the other side."""
    with pytest.raises(BadEvent):
        to_json(Batch("k7", (LoanMade(1, "k", datetime(2026, 1, 1), None, ITEM, PATRON),)))
    with pytest.raises(BadEvent):
        to_json(Outcome(1, Silence("deadline")))


def test_texts_for_display_are_cut_and_cleaned() -> None:
    """A title of any length and with any characters in it reaches the terminal."""
    granted = Granted(Due(None), "a\n\ud800b" + "x" * 600, messages=("m",) * 20)
    outcome = from_json(Outcome, to_json(Outcome(1, granted)).encode())

    assert isinstance(outcome.answer, Granted)
    assert outcome.answer.title == "a  b" + "x" * 496
    assert len(outcome.answer.messages) == 10


def test_a_newer_central_stops_no_older_terminal() -> None:
    """Unknown fields of a receipt are skipped, an unknown reason is OTHER."""
    text = (
        to_json(RECEIPT)
        .replace('"fees-owed"', '"not-thought-of-yet"')
        .replace('"hold-at-branch"', '"on-the-moon"')
        .replace('"number":4', '"new":[1],"number":4')
    )
    read = from_json(Receipt, text)

    assert isinstance(read.outcomes[2].answer, Refused)
    assert read.outcomes[2].answer.reason is Reason.OTHER
    assert read.outcomes[3] == RECEIPT.outcomes[3]
    assert isinstance(read.outcomes[4].answer, Granted)
    assert read.outcomes[4].answer.back is not None
    assert read.outcomes[4].answer.back.alert is Alert.OTHER


def test_an_older_central_says_nothing_of_returns() -> None:
    """Where an answer has neither `back` nor `reference`, it is understood as one that tells neither."""
    told = json.loads(to_json(RECEIPT.outcomes[0]))
    del told["answer"]["back"], told["answer"]["reference"]

    assert from_json(Outcome, json.dumps(told)) == RECEIPT.outcomes[0]


def changed(**changes: Any) -> str:
    """A batch of one loan with *changes* in it."""
    loan = json.loads(to_json(Batch("k7", (LOAN,))))["events"][0]
    return json.dumps({"epoch": "k7", "events": [loan | changes]})


def changed_event(event: Any, **changes: Any) -> str:
    """A batch of *event* with *changes* in it."""
    told = json.loads(to_json(Batch("k7", (event,))))["events"][0]
    return json.dumps({"epoch": "k7", "events": [told | changes]})


def part(**changes: Any) -> list[Any]:
    """The parts of `PAID` with *changes* in the one there is."""
    (told,) = json.loads(to_json(Batch("k7", (PAID,))))["events"][0]["parts"]
    return [told | changes]


WITHIN = [
    changed_event(BACK, was_on_loan=None, due_before=None),
    changed_event(PAID, parts=part() * PARTS_MAX),
    changed_event(PAID, amount={"minor_units": -(2**53) + 1, "currency": "XXX"}),
    changed_event(PAID, voucher="v" * 80),
    changed_event(PAID, parts=part(fee="", item=None)),
    changed_event(CARE, by="x" * 40, flaws=[flaw.value for flaw in reversed(Flaw)]),
    changed(number=2**53 - 1),
    changed(key="k" * 128),
    changed(item="~ !", patron="P" * 64),
    changed(offset_seconds=10 * 366 * 86_400),
    changed(offset_seconds=0),
    changed(at="1970-01-01T00:00:00Z"),
    changed(at="2200-12-31T23:59:59.999999Z"),
    changed(promised_due="2200-12-31"),
    changed(promised_due=None),
]
BEYOND = [
    changed_event(BACK, was_on_loan="yes"),
    changed_event(BACK, patron=PATRON.reveal()),
    changed_event(PAID, item=ITEM),
    changed_event(PAID, parts=[]),
    changed_event(PAID, parts=part() * (PARTS_MAX + 1)),
    changed_event(PAID, parts=part(fee="f" * 81)),
    changed_event(PAID, parts=part(kind="bribe")),
    changed_event(PAID, parts=part(more=1)),
    changed_event(PAID, amount={"minor_units": 1.5, "currency": "CNY"}),
    changed_event(PAID, amount={"minor_units": "150", "currency": "CNY"}),
    changed_event(PAID, amount={"minor_units": 2**53, "currency": "CNY"}),
    changed_event(PAID, amount={"minor_units": 150, "currency": "yuan"}),
    changed_event(PAID, amount={"minor_units": 150}),
    changed_event(PAID, means="shells"),
    changed_event(PAID, voucher="v" * 81),
    changed_event(PAID, voucher="v\n"),
    changed_event(CARE, flaws=[]),
    changed_event(CARE, flaws=["damaged", "damaged"]),
    changed_event(CARE, flaws=["ugly"]),
    changed_event(CARE, by=""),
    changed_event(CARE, by="x" * 41),
    changed_event(CARE, by=" x"),
    changed(number=0),
    changed(number=2**53),
    changed(number=1.0),
    changed(number=True),
    changed(number="1"),
    changed(key=""),
    changed(key="k" * 129),
    changed(key="k k"),
    changed(key="钥匙"),
    changed(item=""),
    changed(item="x" * 65),
    changed(item=" x"),
    changed(item="a|b"),
    changed(item=3),
    changed(patron="2\n0"),
    changed(patron=None),
    changed(at="2026-11-22T08:15:30"),
    changed(at="2026-11-22"),
    changed(at="2026-13-22T08:15:30Z"),
    changed(at="1969-12-31T23:59:59Z"),
    changed(at="2201-01-01T00:00:00Z"),
    changed(at="0001-01-01T00:00:00+23:59"),
    changed(at=1_700_000_000),
    changed(offset_seconds=10 * 366 * 86_400 + 1),
    changed(offset_seconds="1"),
    changed(offset_seconds=True),
    changed(offset_seconds=10**400),
    changed(fee_consented=1),
    changed(fee_consented=None),
    changed(promised_due="2026-02-30"),
    changed(promised_due="20261222"),
    changed(promised_due="1969-12-31"),
    changed(kind="loans"),
    changed(kind=None),
    changed(colour="red"),
    changed(offset_seconds=float("nan")),
    changed(offset_seconds=float("inf")),
    json.dumps({"epoch": "k7", "events": []}),
    json.dumps({"epoch": "K7", "events": json.loads(changed())["events"]}),
    json.dumps({"epoch": "k" * 33, "events": json.loads(changed())["events"]}),
    json.dumps({"epoch": "", "events": json.loads(changed())["events"]}),
    json.dumps({"events": json.loads(changed())["events"]}),
    json.dumps({"epoch": "k7", "events": json.loads(changed())["events"], "more": 1}),
    json.dumps({"epoch": "k7", "events": {}}),
    json.dumps({"epoch": "k7", "events": [{"kind": "never-sent", "number": 5, "through": 4}]}),
    '{"epoch": "k7", "epoch": "k8", "events": []}',
    "",
    "{",
    "null",
    "[" * 100_000,
    "9" * 5000,
    "﻿{}",
]


@pytest.mark.parametrize("text", WITHIN)
def test_what_is_just_within_the_limits_is_taken(text: str) -> None:
    """The limits themselves belong to what is allowed."""
    assert from_json(Batch, from_json_roundtrip(text)) == from_json(Batch, text)


def from_json_roundtrip(text: str) -> str:
    """*text* read and written again."""
    return to_json(from_json(Batch, text))


@pytest.mark.parametrize("text", BEYOND)
def test_what_is_beyond_the_limits_is_refused_without_repeating_it(text: str) -> None:
    """The error names the place and never what stood there."""
    with pytest.raises(BadEvent) as caught:
        from_json(Batch, text)

    assert PATRON.reveal() not in str(caught.value)


def test_numbers_and_keys_of_a_batch_are_each_others() -> None:
    """A gap, a turn, a key that comes twice, one event too many: the batch is refused."""
    one, two = LOAN, LoanMade(2, "other", AT, None, ITEM, PATRON)
    many = tuple(LoanMade(n, f"k{n}", AT, None, ITEM, PATRON) for n in range(1, BATCH_MAX + 2))
    for events in (
        (one, LoanMade(3, "other", AT, None, ITEM, PATRON)),
        (two, one),
        (one, LoanMade(2, one.key, AT, None, ITEM, PATRON)),
        (NeverSent(1, 4), two),
        many,
    ):
        with pytest.raises(BadEvent):
            from_json(Batch, to_json(Batch("k7", events)))
    assert len(from_json(Batch, to_json(Batch("k7", many[:-1]))).events) == BATCH_MAX


def test_the_largest_batch_fits_into_what_is_read() -> None:
    """A hundred events with everything at its longest are within the limit; more bytes are not looked at."""
    longest = tuple(
        LoanUndone(
            2**53 - 200 + n,
            f"{'0' * 32}-{'1' * 12}-{'2' * 12}-{n:06}",
            AT,
            -123456.123456789,
            ItemId('"' * 64),
            PatronId("\\" * 64),
            f"{'0' * 32}-{'1' * 12}-{'2' * 12}-{n:06}",
        )
        for n in range(BATCH_MAX)
    )
    text = to_json(Batch("e" * 32, longest)).encode()

    assert len(text) <= BATCH_SIZE_MAX
    assert from_json(Batch, text).events == longest
    with pytest.raises(BadEvent):
        from_json(Batch, text + b" " * (BATCH_SIZE_MAX - len(text) + 1))


def test_the_largest_receipt_fits_into_what_is_read() -> None:
    """A hundred outcomes with the longest titles are within the limit."""
    words = ("架" * 500,) * 6
    granted = Granted(
        Due(date(2026, 1, 1), "年" * 500),
        "书" * 500,
        messages=("话" * 200,) * 10,
        back=TakenBack(
            True, PatronId("\\" * 64), PatronId('"' * 64), True, Alert.HOLD_AT_BRANCH, *words, "new"
        ),
        reference="r" * 500,
    )
    text = to_json(Receipt(100, tuple(Outcome(n, granted, "implied-return") for n in range(1, 101)))).encode()

    assert len(text) <= RECEIPT_SIZE_MAX


@pytest.mark.parametrize("kind", [Batch, Receipt])
def test_mutations_are_read_or_refused_and_nothing_else(kind: Any) -> None:
    """20,000 damaged texts: each is a `BadEvent`, or a value that is written and read back as itself."""
    original = to_json(BATCH if kind is Batch else RECEIPT).encode()
    pieces = [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"null",
        b"-1",
        b"1e999",
        b"\\ud800",
        b"\xff",
        b"true",
        b"\x00",
    ]
    read = 0
    for number in range(effort(10_000)):
        seed = random.Random(f"{kind.__name__} {number}")
        text = bytearray(original)
        for _ in range(seed.randint(1, 4)):
            place = seed.randrange(len(text))
            match seed.randrange(4):
                case 0:
                    text[place] = seed.randrange(256)
                case 1:
                    del text[place : place + seed.randint(1, 40)]
                case 2:
                    text[place:place] = seed.choice(pieces)
                case _:
                    other = seed.randrange(len(text))
                    text[place:place] = text[other : other + seed.randint(1, 60)]
        try:
            value = from_json(kind, bytes(text))
        except BadEvent:
            continue
        read += 1
        assert from_json(kind, to_json(value)) == value
    # Digits within numbers and letters within titles may change and leave a good text.
    assert read > 0
