"""Rows as bytes and back: the body, which never says who it is about, and the personal part, which may.

Both are JSON without blanks, ASCII (other characters escaped), members in the order written here: one row
has one form, so that it can be hashed.  The key of an entry and the kind of a row stand beside the body,
not in it.

Personal are: the patron's number; what was charged to the patron before (a list of loans is as good as a
name); the server's messages (they greet by name), whose loan ended with a return and for whom the item is held;
the card of a payment and the terminal's receipts; the detail of a case, who closed one with which note, and who
reported an item.  A row read after its personal part was wiped has `WIPED` for a patron, None for what was charged
and for who is not known, no messages, no card, no receipt, no detail, and nobody who closed or reported.

`intents.py` is the row that begins an entry, `values.py` what rows are made of.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Final, NamedTuple, assert_never

from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    DayClosed,
    Dropped,
    EntryKey,
    EntryRow,
    Intended,
    OtherRow,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    PinAccepted,
    PinRefused,
    Promised,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Restored,
    Row,
    Secured,
    SecureFailed,
    SecureIntended,
    ServerClock,
    ServerReached,
    Settled,
    Settlement,
    Strip,
)
from sync.journal.errors import BadRow
from sync.journal.intents import WIPED, from_intended, from_patron, to_intended, to_patron
from sync.journal.values import (
    Json,
    checked,
    due_of,
    each,
    from_answer,
    from_due,
    from_moment,
    from_seconds,
    from_strip,
    from_tags,
    of_person,
    to_answer,
    to_moment,
    to_seconds,
    to_strip,
    to_tags,
)
from sync.journal.values import encode as encode_json

__all__ = ["WIPED", "Encoded", "decode", "encode"]

INTENDED: Final = "intended"
PROMISED: Final = "promised"
ANSWERED: Final = "answered"
RELEASE_INTENDED: Final = "release-intended"
RELEASED: Final = "released"
RELEASE_FAILED: Final = "release-failed"
SETTLED: Final = "settled"
CASE_OPENED: Final = "case-opened"
CASE_CLOSED: Final = "case-closed"
SERVER_CLOCK: Final = "server-clock"
PIN_REFUSED: Final = "pin-refused"
PIN_ACCEPTED: Final = "pin-accepted"
SECURE_INTENDED: Final = "secure-intended"
SECURED: Final = "secured"
SECURE_FAILED: Final = "secure-failed"
RESTORED: Final = "restored"
DROPPED: Final = "dropped"
PAYMENT_APPROVED: Final = "payment-approved"
PAYMENT_NOT_MADE: Final = "payment-not-made"
PAYMENT_REVERSED: Final = "payment-reversed"
DAY_CLOSED: Final = "day-closed"
SERVER_REACHED: Final = "server-reached"

_scan = json.JSONDecoder().raw_decode


class Encoded(NamedTuple):
    """A row as text: its *kind*, its *body*, its *personal* part where it has one."""

    kind: str
    body: str
    personal: bytes | None = None


def encode(row: Row) -> Encoded:
    """*row* as text.  Raises `BadRow` for a moment without an offset."""
    try:
        return _encoded(row)
    except ValueError as error:
        raise BadRow(f"{type(row).__name__}: {error}") from error


def decode(kind: str, body: str, personal: bytes | None, key: EntryKey | None) -> Row:
    """The row that `encode` made into *kind*, *body* and *personal* (None once wiped).

    *key* is that of its entry, None for rows that belong to no entry.  Raises `BadRow`.
    """
    try:
        about = {} if personal is None else _json(personal.decode("ascii"))
        return _decoded(kind, _json(body), about, key)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        # The parser's own words may quote what it read, so only their kind goes on.
        raise BadRow(f"a row of kind {kind!r:.40} is not in the format: {type(error).__name__}") from None


def _json(text: str) -> Json:
    """The object that *text* is, from its first character to its last.  Raises what the scanner raises."""
    found, end = _scan(text)
    if end != len(text):
        raise ValueError("something follows the object")
    return checked(found, dict)


def _encoded(row: Row) -> Encoded:
    at = from_moment(row.at)
    match row:
        case Intended():
            return Encoded(INTENDED, *from_intended(row, at))
        case Answered():
            body = encode_json({"at": at, **from_answer(row.answer)})
            return Encoded(ANSWERED, body, _sealed(of_person(row.answer)))
        case Settled():
            return _open(SETTLED, at, how=row.how.value)
        case Promised():
            return _open(PROMISED, at, due=from_due(row.due), snapshot_at=from_moment(row.snapshot_at))
        case ReleaseIntended():
            return _touched(RELEASE_INTENDED, at, row.strip, before=from_tags(row.before))
        case Released():
            return _touched(RELEASED, at, row.strip, after=from_tags(row.after))
        case ReleaseFailed():
            return _touched(RELEASE_FAILED, at, row.strip, after=from_tags(row.after), why=row.why)
        case SecureIntended():
            return _touched(SECURE_INTENDED, at, row.strip, before=from_tags(row.before))
        case Secured():
            return _touched(SECURED, at, row.strip, after=from_tags(row.after))
        case SecureFailed():
            return _touched(SECURE_FAILED, at, row.strip, after=from_tags(row.after), why=row.why)
        case Restored():
            return _open(RESTORED, at, after=from_tags(row.after))
        case Dropped():
            return _open(DROPPED, at, bin=row.bin)
        case PaymentApproved() | PaymentNotMade() | PaymentReversed():
            return _of_payment(row, at)
        case CaseOpened():
            detail = {"detail": row.detail} if row.detail else {}
            return Encoded(CASE_OPENED, encode_json({"at": at, "reason": row.reason.value}), _sealed(detail))
        case CaseClosed():
            who = {"by": row.by, "note": row.note}
            return Encoded(CASE_CLOSED, encode_json({"at": at, "how": row.how.value}), _sealed(who))
        case ServerClock() | PinRefused() | PinAccepted() | DayClosed() | ServerReached():
            return _of_no_entry(row, at)
        case _:
            assert_never(row)


def _open(kind: str, at: str, **members: Any) -> Encoded:
    """A row that says nothing personal."""
    return Encoded(kind, encode_json({"at": at, **members}))


def _touched(kind: str, at: str, strip: Strip | None, **members: Any) -> Encoded:
    return _open(kind, at, **members, **from_strip(strip))


def _of_payment(row: PaymentApproved | PaymentNotMade | PaymentReversed, at: str) -> Encoded:
    match row:
        case PaymentApproved():
            private = {"card": row.card, "receipt": row.receipt}
            body = encode_json({"at": at, "voucher": row.voucher, "mark": row.mark})
            return Encoded(PAYMENT_APPROVED, body, _sealed(private if row.card or row.receipt else {}))
        case PaymentNotMade():
            return _open(PAYMENT_NOT_MADE, at, why=row.why)
        case PaymentReversed():
            body = encode_json({"at": at, "voucher": row.voucher})
            return Encoded(PAYMENT_REVERSED, body, _sealed({"receipt": row.receipt} if row.receipt else {}))
        case _:
            assert_never(row)


def _of_no_entry(row: OtherRow, at: str) -> Encoded:
    match row:
        case ServerClock():
            return _open(SERVER_CLOCK, at, seconds=from_seconds(row.seconds), server=from_moment(row.server))
        case PinRefused() | PinAccepted():
            kind = PIN_REFUSED if isinstance(row, PinRefused) else PIN_ACCEPTED
            return Encoded(kind, encode_json({"at": at}), from_patron(row.patron).encode("ascii"))
        case DayClosed():
            day = row.day.isoformat()
            return _open(DAY_CLOSED, at, day=day, number=row.number, figures=row.figures, mac=row.mac)
        case ServerReached():
            return _open(SERVER_REACHED, at)
        case _:
            assert_never(row)


def _sealed(personal: Json) -> bytes | None:
    return encode_json(personal).encode("ascii") if personal else None


def _decoded(kind: str, body: Json, about: Json, key: EntryKey | None) -> Row:
    at = to_moment(checked(body["at"], str))
    match kind:
        case "pin-refused":
            return PinRefused(at, to_patron(about))
        case "pin-accepted":
            return PinAccepted(at, to_patron(about))
        case "server-clock":
            return ServerClock(at, to_seconds(body["seconds"]), to_moment(checked(body["server"], str)))
        case "day-closed":
            day, number = date.fromisoformat(checked(body["day"], str)), checked(body["number"], int)
            return DayClosed(at, day, number, checked(body["figures"], str), checked(body["mac"], str))
        case "server-reached":
            return ServerReached(at)
        case _ if key is None:
            raise ValueError("a row of an entry without the entry's key")
        case "intended":
            return to_intended(body, about, key)
        case "promised":
            return Promised(key, at, due_of(body["due"]), to_moment(checked(body["snapshot_at"], str)))
        case "answered":
            return Answered(key, at, to_answer(body, about))
        case "settled":
            return Settled(key, at, Settlement(body["how"]))
        case "case-opened":
            return CaseOpened(key, at, CaseReason(body["reason"]), checked(about.get("detail", ""), str))
        case "case-closed":
            by, note = checked(about.get("by", ""), str), checked(about.get("note", ""), str)
            return CaseClosed(key, at, by, CaseEnd(body["how"]), note)
        case _:
            return _done(kind, body, about, key, at)


def _done(kind: str, body: Json, about: Json, key: EntryKey, at: datetime) -> EntryRow:
    """What the terminal did: to tags, to a strip, with a flap, with money."""
    match kind:
        case "release-intended":
            return ReleaseIntended(key, at, to_tags(body["before"]), to_strip(body))
        case "released":
            return Released(key, at, to_tags(body["after"]), to_strip(body))
        case "release-failed":
            why = checked(body["why"], str)
            return ReleaseFailed(key, at, to_tags(body["after"]), why, to_strip(body))
        case "secure-intended":
            return SecureIntended(key, at, to_tags(body["before"]), to_strip(body))
        case "secured":
            return Secured(key, at, to_tags(body["after"]), to_strip(body))
        case "secure-failed":
            why = checked(body["why"], str)
            return SecureFailed(key, at, to_tags(body["after"]), why, to_strip(body))
        case "restored":
            return Restored(key, at, to_tags(body["after"]))
        case "dropped":
            return Dropped(key, at, checked(body["bin"], str))
        case "payment-approved":
            voucher, mark = checked(body["voucher"], str), checked(body["mark"], str)
            card, receipt = checked(about.get("card", ""), str), each(about.get("receipt", []))
            return PaymentApproved(key, at, voucher, mark, card, receipt)
        case "payment-not-made":
            return PaymentNotMade(key, at, checked(body["why"], str))
        case "payment-reversed":
            receipt = each(about.get("receipt", []))
            return PaymentReversed(key, at, checked(body["voucher"], str), receipt)
        case _:
            raise ValueError("a row of unknown kind")
