"""Rows survive the way into bytes and back, and a body never says who it is about."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.entries import (
    Alert,
    Answer,
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    DayClosed,
    Dropped,
    Due,
    EntryKey,
    FeeKind,
    FeePart,
    Flaw,
    GiveBack,
    Granted,
    Held,
    IfGrantedLate,
    Intended,
    ItemId,
    Lend,
    Means,
    Money,
    OtherRow,
    PatronId,
    Pay,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    PinAccepted,
    PinRefused,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Renew,
    ReportCare,
    Restored,
    Row,
    Secured,
    SecureFailed,
    SecureIntended,
    ServerClock,
    ServerReached,
    Settled,
    Settlement,
    Silence,
    Strip,
    TagBits,
    TakenBack,
    UndoLoan,
)
from sync.journal import codec
from sync.journal.errors import BadRow

CANARY = "CANARY-2300000042"
KEY = EntryKey("0123456789abcdef", 7, 81, 2)

texts = st.text(max_size=20)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2200, 1, 1), timezones=offsets)
patrons = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64).map(PatronId)
items = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64).map(ItemId)
dues = st.builds(Due, st.none() | st.dates(), texts)
moneys = st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["CNY", "EUR"]))
lates = st.sampled_from(IfGrantedLate)
messages = st.lists(texts, max_size=3).map(tuple)
bits = st.builds(
    TagBits, texts, st.none() | st.integers(0, 255), st.none() | st.booleans(), st.none() | st.booleans()
)
strips = st.none() | st.sampled_from(Strip)
tags = st.lists(bits, max_size=4).map(tuple)
keys = st.just(KEY)
seconds = st.floats(allow_nan=False, allow_infinity=False)
backs = st.builds(
    TakenBack,
    st.none() | st.booleans(),
    st.none() | patrons,
    st.none() | patrons,
    st.booleans(),
    st.none() | st.sampled_from(Alert),
    *([texts] * 7),
)
parts = st.builds(FeePart, texts, moneys, st.sampled_from(FeeKind), st.none() | items)
answers: st.SearchStrategy[Answer] = st.one_of(
    st.builds(
        Granted,
        dues,
        texts,
        st.booleans(),
        st.none() | st.booleans(),
        st.booleans(),
        st.none() | moneys,
        messages,
        st.none() | backs,
        texts,
    ),
    st.builds(Refused, st.sampled_from(Reason), texts, st.none() | moneys, messages),
    st.builds(Held),
    st.builds(Silence, texts),
)
promises = st.one_of(
    st.builds(Lend, items, patrons, moments, st.booleans(), st.none() | st.lists(items).map(tuple), lates),
    st.builds(Renew, items, patrons, moments, st.none() | dues, st.booleans(), lates),
    st.builds(UndoLoan, items, patrons, moments, keys, lates),
    st.builds(GiveBack, items, moments, st.none() | st.booleans(), st.none() | dues, lates),
    st.builds(
        Pay,
        patrons,
        moneys,
        st.lists(parts, max_size=3).map(tuple),
        st.sampled_from(Means),
        moments,
        st.none() | moneys,
        texts,
        lates,
    ),
    st.builds(ReportCare, items, st.lists(st.sampled_from(Flaw)).map(tuple), moments, texts, lates),
)
rows: st.SearchStrategy[Row] = st.one_of(
    st.builds(Intended, keys, moments, promises, st.none() | seconds),
    st.builds(Promised, keys, moments, dues, moments),
    st.builds(Answered, keys, moments, answers),
    st.builds(ReleaseIntended, keys, moments, tags, strips),
    st.builds(Released, keys, moments, tags, strips),
    st.builds(ReleaseFailed, keys, moments, tags, texts, strips),
    st.builds(SecureIntended, keys, moments, tags, strips),
    st.builds(Secured, keys, moments, tags, strips),
    st.builds(SecureFailed, keys, moments, tags, texts, strips),
    st.builds(Restored, keys, moments, tags),
    st.builds(Dropped, keys, moments, texts),
    st.builds(PaymentApproved, keys, moments, texts, texts, texts, messages),
    st.builds(PaymentNotMade, keys, moments, texts),
    st.builds(PaymentReversed, keys, moments, texts, messages),
    st.builds(Settled, keys, moments, st.sampled_from(Settlement)),
    st.builds(CaseOpened, keys, moments, st.sampled_from(CaseReason), texts),
    st.builds(CaseClosed, keys, moments, texts, st.sampled_from(CaseEnd), texts),
    st.builds(ServerClock, moments, seconds, moments),
    st.builds(PinRefused, moments, patrons),
    st.builds(PinAccepted, moments, patrons),
    st.builds(ServerReached, moments),
    st.builds(DayClosed, moments, st.dates(), st.integers(), texts, texts),
)


@given(rows)
@example(Answered(KEY, datetime(2026, 1, 1, tzinfo=UTC), Silence("lone \ud800 surrogate")))
def test_every_row_comes_back_as_it_was(row: Row) -> None:
    """A row put into bytes and read back equals the row, whatever characters a server put into it."""
    encoded = codec.encode(row)
    own = None if isinstance(row, OtherRow) else KEY

    assert codec.decode(encoded.kind, encoded.body, encoded.personal, own) == row
    assert codec.encode(codec.decode(encoded.kind, encoded.body, encoded.personal, own)) == encoded


def personal_rows() -> list[Row]:
    at, patron = datetime(2026, 5, 12, tzinfo=UTC), PatronId(CANARY)
    loans = (ItemId(CANARY),)
    return [
        Intended(KEY, at, Lend(ItemId("1"), patron, at, charged_before=loans)),
        Intended(KEY, at, Renew(ItemId("1"), patron, at, Due(date(2026, 5, 1)))),
        Intended(KEY, at, UndoLoan(ItemId("1"), patron, at, KEY)),
        Answered(KEY, at, Granted(Due(None), messages=(CANARY,))),
        Answered(KEY, at, Refused(Reason.OTHER, messages=(CANARY,))),
        CaseOpened(KEY, at, CaseReason.RELEASE_UNKNOWN, CANARY),
        CaseClosed(KEY, at, CANARY, CaseEnd.LENT_AT_DESK, CANARY),
        Intended(KEY, at, Pay(patron, Money(1, "CNY"), (), Means.CARD, at)),
        Intended(KEY, at, ReportCare(ItemId("1"), (Flaw.DAMAGED,), at, CANARY)),
        Answered(KEY, at, Granted(Due(None), back=TakenBack(True, patron))),
        Answered(KEY, at, Granted(Due(None), back=TakenBack(True, hold_patron=patron))),
        PaymentApproved(KEY, at, "42", "TRACE", card=CANARY),
        PaymentApproved(KEY, at, "42", "TRACE", receipt=("sum", CANARY)),
        PaymentReversed(KEY, at, "43", (CANARY,)),
        PinRefused(at, patron),
        PinAccepted(at, patron),
    ]


@pytest.mark.parametrize("row", personal_rows(), ids=lambda row: type(row).__name__)
def test_a_body_never_says_who_it_is_about(row: Row) -> None:
    """Patron, earlier loans, the server's greetings, whose item came back and who waits for it, a card, a receipt, a
    case's detail, who closed it and who reported an item are personal."""
    encoded = codec.encode(row)

    assert CANARY not in encoded.body
    assert encoded.personal is not None
    assert CANARY.encode() in encoded.personal


@pytest.mark.parametrize("row", personal_rows(), ids=lambda row: type(row).__name__)
def test_a_row_can_be_read_after_it_was_wiped(row: Row) -> None:
    """Without its personal part a row still says what happened, and to nobody."""
    encoded = codec.encode(row)

    wiped = codec.decode(encoded.kind, encoded.body, None, KEY)

    assert type(wiped) is type(row)
    assert wiped.at == row.at
    if isinstance(wiped, Intended):
        assert wiped.promise.patron == (None if isinstance(wiped.promise, ReportCare) else codec.WIPED)
        assert not wiped.promise.patron
    assert CANARY not in codec.encode(wiped).body + str(codec.encode(wiped).personal)


@given(st.builds(Intended, keys, moments, promises))
def test_whatever_begins_has_something_to_seal(row: Intended) -> None:
    """An entry begins with a box also where it is about nobody: by its box an open entry is found after a restart."""
    encoded = codec.encode(row)

    assert encoded.personal is not None
    if isinstance(row.promise, GiveBack):
        assert codec.decode(encoded.kind, encoded.body, None, KEY) == row


def test_what_a_payment_was_for_outlives_whose_it_was() -> None:
    """Amount, fees, means and what the other side calls the payment are read after the patron was wiped: the ledger of
    the machine is made of them."""
    at = datetime(2026, 5, 12, tzinfo=UTC)
    parts = (FeePart("F-1", Money(300, "CNY"), FeeKind.OVERDUE, ItemId("1")), FeePart("", Money(50, "CNY")))
    promise = Pay(PatronId(CANARY), Money(350, "CNY"), parts, Means.QR, at, Money(900, "CNY"), "M")
    encoded = codec.encode(Intended(KEY, at, promise))

    wiped = codec.decode(encoded.kind, encoded.body, None, KEY)

    assert isinstance(wiped, Intended)
    assert wiped.promise == replace(promise, patron=codec.WIPED)


def test_a_moment_without_an_offset_is_refused() -> None:
    """Nobody could order a row by a wall time that does not say where, so it is never written."""
    with pytest.raises(BadRow, match="offset"):
        codec.encode(Settled(KEY, datetime(2026, 5, 12), Settlement.DONE))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_seconds_no_clock_shows_are_refused(value: float) -> None:
    """A row is never written with seconds that are no number or have no end."""
    at = datetime(2026, 5, 12, tzinfo=UTC)
    for row in (ServerClock(at, value, at), Intended(KEY, at, Lend(ItemId("1"), PatronId("2"), at), value)):
        with pytest.raises(BadRow, match="seconds"):
            codec.encode(row)


def test_an_intent_of_older_formats_has_no_seconds() -> None:
    """A row written before seconds were kept is read without them."""
    at = datetime(2026, 5, 12, tzinfo=UTC)
    encoded = codec.encode(Intended(KEY, at, Lend(ItemId("1"), PatronId("2"), at), 7.5))
    older = encoded.body.replace(',"seconds":7.5', "")

    row = codec.decode(encoded.kind, older, encoded.personal, KEY)

    assert older != encoded.body
    assert isinstance(row, Intended)
    assert row.seconds is None


@given(rows, st.data())
def test_damaged_text_is_named_and_never_quoted(row: Row, data: st.DataObject) -> None:
    """A body that was cut or altered gives a row or `BadRow`, nothing else."""
    encoded = codec.encode(row)
    place = data.draw(st.integers(0, len(encoded.body) - 1))
    damaged = encoded.body[:place] + data.draw(st.sampled_from(["", "\x00", "{", "]", "9", '"', "null"]))
    with contextlib.suppress(BadRow):
        codec.decode(encoded.kind, damaged + encoded.body[place + 1 :], encoded.personal, KEY)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("intended", "[]"),
        ("intended", "{}"),
        ("intended", '{"at":"2026-05-12T00:00:00+00:00","promise":"steal","item":"1","asked_at":"x"}'),
        ("settled", '{"at":"2026-05-12T00:00:00","how":"done"}'),
        ("settled", '{"at":7,"how":"done"}'),
        ("settled", '{"at":"2026-05-12T00:00:00+00:00","how":"forgotten"}'),
        ("answered", '{"at":"2026-05-12T00:00:00+00:00","is":"perhaps"}'),
        ("answered", '{"at":"2026-05-12T00:00:00+00:00","is":"silence","why":7}'),
        (
            "intended",
            '{"at":"2026-05-12T00:00:00+00:00","promise":"lend","item":"1","asked_at":'
            '"2026-05-12T00:00:00+00:00","late":"keep","fee":false,"seconds":NaN}',
        ),
        (
            "promised",
            '{"at":"2026-05-12T00:00:00+00:00","due":null,"snapshot_at":"2026-05-12T00:00:00+00:00"}',
        ),
        (
            "promised",
            '{"at":"2026-05-12T00:00:00+00:00","due":[null,"x"],"snapshot_at":"2026-05-12T00:00:00"}',
        ),
        ("case-closed", '{"at":"2026-05-12T00:00:00+00:00","how":"forgotten"}'),
        (
            "server-clock",
            '{"at":"2026-05-12T00:00:00+00:00","seconds":1,"server":"2026-05-12T00:00:00+00:00"}',
        ),
        (
            "server-clock",
            '{"at":"2026-05-12T00:00:00+00:00","seconds":1e999,"server":"2026-05-12T00:00:00+00:00"}',
        ),
        ("server-clock", '{"at":"2026-05-12T00:00:00+00:00","seconds":1.0,"server":"2026-05-12T00:00:00"}'),
        ("server-clock", '{"at":"2026-05-12T00:00:00+00:00","seconds":"1","server":null}'),
        (
            "intended",
            '{"at":"2026-05-12T00:00:00+00:00","promise":"give-back","item":"1","asked_at":'
            '"2026-05-12T00:00:00+00:00","late":"keep","on_loan":1,"due":null}',
        ),
        (
            "intended",
            '{"at":"2026-05-12T00:00:00+00:00","promise":"pay","asked_at":"2026-05-12T00:00:00+00:00",'
            '"late":"keep","means":"card","amount":[3.5,"CNY"],"parts":[],"owed":null,"mark":""}',
        ),
        (
            "intended",
            '{"at":"2026-05-12T00:00:00+00:00","promise":"pay","asked_at":"2026-05-12T00:00:00+00:00",'
            '"late":"keep","means":"cheque","amount":[35,"CNY"],"parts":[],"owed":null,"mark":""}',
        ),
        (
            "intended",
            '{"at":"2026-05-12T00:00:00+00:00","promise":"report-care","item":"1","asked_at":'
            '"2026-05-12T00:00:00+00:00","late":"keep","flaws":["dull"]}',
        ),
        ("server-reached", '{"at":"2026-05-12T00:00:00"}'),
        ("payment-approved", '{"at":"2026-05-12T00:00:00+00:00","voucher":7,"mark":""}'),
        ("dropped", '{"at":"2026-05-12T00:00:00+00:00","bin":2}'),
        (
            "day-closed",
            '{"at":"2026-05-12T00:00:00+00:00","day":"2026-13-12","number":1,"figures":"","mac":""}',
        ),
        (
            "day-closed",
            '{"at":"2026-05-12T00:00:00+00:00","day":"2026-05-12","number":true,"figures":"","mac":""}',
        ),
        (
            "answered",
            '{"at":"2026-05-12T00:00:00+00:00","is":"granted","due":[null,""],"title":"","release":true,'
            '"magnetic":null,"renewed":false,"fee":null,"back":{"on_loan":null,"secure":true,"alert":"x"}}',
        ),
        ("unheard-of", '{"at":"2026-05-12T00:00:00+00:00"}'),
        ("released", '{"at":"2026-05-12T00:00:00+00:00","after":' + "[" * 100_000 + "}"),
        ("released", '{"at":"2026-05-12T00:00:00+00:00","after":[["E0",7,null,true,true]]}'),
        ("released", '{"at":"2026-05-12T00:00:00+00:00","after":[["E0",7,null,null]]}'),
        ("released", '{"at":"2026-05-12T00:00:00+00:00","after":[["E0",7,null,1]]}'),
        ("released", '{"at":"2026-05-12T00:00:00+00:00","after":[["E0",7]]}'),
        ("released", '{"at":"2026-05-12T00:00:00+00:00","after":[],"strip":"melted"}'),
        ("release-intended", '{"at":"2026-05-12T00:00:00+00:00","before":[],"strip":null}'),
    ],
)
def test_what_is_no_row_is_refused(kind: str, body: str) -> None:
    """A body of another kind, with a missing, wrong or unheard-of value, or nested without end is `BadRow`."""
    with pytest.raises(BadRow):
        codec.decode(kind, body, None, KEY)


def test_members_have_one_order() -> None:
    """Equal rows have equal bytes, so that they can be hashed, without blanks."""
    row = Answered(KEY, datetime(2026, 5, 12, tzinfo=UTC), Refused(Reason.ITEM_LOST, "活着"))

    body = codec.encode(row).body

    assert body == json.dumps(json.loads(body), separators=(",", ":"))
    assert body.isascii()
    assert body.startswith('{"at":"2026-05-12T00:00:00+00:00","is":"refused","reason":"item-lost"')
