"""Rows as bytes and back: the body, which never says who it is about, and the personal part, which may.

Both are JSON without blanks, ASCII (other characters escaped), members in the order written here: one row
has one form, so that it can be hashed.  The key of an entry and the kind of a row stand beside the body,
not in it.

Personal are: the patron's number; what was charged to the patron before (a list of loans is as good as a
name); the server's messages (they greet by name), the detail of a case, and who closed one with which note.  A
row read after its personal part was wiped has `WIPED` for a patron, None for what was charged, no messages, no
detail, and nobody who closed.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple, assert_never

from sync.entries import (
    Answer,
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    EntryKey,
    Granted,
    IfGrantedLate,
    Intended,
    ItemId,
    Lend,
    PatronId,
    PinAccepted,
    PinRefused,
    Promise,
    Promised,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Renew,
    Row,
    ServerClock,
    Settled,
    Settlement,
    Strip,
    UndoLoan,
)
from sync.journal.errors import BadRow
from sync.journal.values import (
    Json,
    checked,
    due_of,
    each,
    from_answer,
    from_due,
    from_moment,
    from_seconds,
    from_tags,
    to_answer,
    to_due,
    to_moment,
    to_seconds,
    to_tags,
)

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

WIPED: Final = PatronId("")
"""Stands for a patron whose number was wiped: false, prints as dots, and no `patron_id` equals it."""

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode
_scan = json.JSONDecoder().raw_decode
_quote = json.encoder.encode_basestring_ascii
_TRUTH: Final = {True: "true", False: "false"}
_LATE: Final = {True: IfGrantedLate.KEEP.value, False: IfGrantedLate.UNDO.value}


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
            return _from_intended(row, at)
        case Promised():
            body = {"at": at, "due": from_due(row.due), "snapshot_at": from_moment(row.snapshot_at)}
            return Encoded(PROMISED, _encode(body))
        case Answered():
            return Encoded(
                ANSWERED, _encode({"at": at, **from_answer(row.answer)}), _from_messages(row.answer)
            )
        case ReleaseIntended():
            before = {"at": at, "before": from_tags(row.before), **_from_strip(row.strip)}
            return Encoded(RELEASE_INTENDED, _encode(before))
        case Released():
            after = {"at": at, "after": from_tags(row.after), **_from_strip(row.strip)}
            return Encoded(RELEASED, _encode(after))
        case ReleaseFailed():
            failed = {"at": at, "after": from_tags(row.after), "why": row.why, **_from_strip(row.strip)}
            return Encoded(RELEASE_FAILED, _encode(failed))
        case Settled():
            return Encoded(SETTLED, _encode({"at": at, "how": row.how.value}))
        case CaseOpened():
            detail = _encode({"detail": row.detail}).encode("ascii") if row.detail else None
            return Encoded(CASE_OPENED, _encode({"at": at, "reason": row.reason.value}), detail)
        case CaseClosed():
            who = _encode({"by": row.by, "note": row.note}).encode("ascii")
            return Encoded(CASE_CLOSED, _encode({"at": at, "how": row.how.value}), who)
        case ServerClock():
            told = {"at": at, "seconds": from_seconds(row.seconds), "server": from_moment(row.server)}
            return Encoded(SERVER_CLOCK, _encode(told))
        case PinRefused():
            return Encoded(PIN_REFUSED, _encode({"at": at}), _from_patron(row.patron))
        case PinAccepted():
            return Encoded(PIN_ACCEPTED, _encode({"at": at}), _from_patron(row.patron))
        case _:
            assert_never(row)


def _from_messages(answer: Answer) -> bytes | None:
    if isinstance(answer, Granted | Refused) and answer.messages:
        return _encode({"messages": answer.messages}).encode("ascii")
    return None


def _from_strip(strip: Strip | None) -> Json:
    return {} if strip is None else {"strip": strip.value}


def _to_strip(body: Json) -> Strip | None:
    return Strip(body["strip"]) if "strip" in body else None


def _from_patron(patron: PatronId) -> bytes:
    return f'{{"patron":{_quote(patron.reveal())}}}'.encode("ascii")


def _from_intended(row: Intended, at: str) -> Encoded:
    """Written out by hand: with a dictionary and an encoder the reader's first wait would be half as long again."""
    promise = row.promise
    asked_at = at if promise.at == row.at and promise.at.tzinfo is row.at.tzinfo else from_moment(promise.at)
    charged = ""
    match promise:
        case Lend():
            name, rest = "lend", f'"fee":{_TRUTH[promise.fee_consented]}'
            if promise.charged_before is not None:
                charged = f',"charged":[{",".join(map(_quote, promise.charged_before))}]'
        case Renew():
            name, rest = (
                "renew",
                f'"fee":{_TRUTH[promise.fee_consented]},"due":{_encode(from_due(promise.due_before))}',
            )
        case UndoLoan():
            name, rest = "undo-loan", f'"undoes":"{promise.undoes}"'
        case _:
            assert_never(promise)
    late = _LATE[promise.if_granted_late is IfGrantedLate.KEEP]
    start = f'{{"at":"{at}","promise":"{name}","item":{_quote(promise.item)}'
    since = "" if row.seconds is None else f',"seconds":{from_seconds(row.seconds)!r}'
    body = f'{start},"asked_at":"{asked_at}","late":"{late}",{rest}{since}}}'
    return Encoded(INTENDED, body, f'{{"patron":{_quote(promise.patron.reveal())}{charged}}}'.encode("ascii"))


def _decoded(kind: str, body: Json, about: Json, key: EntryKey | None) -> Row:
    at = to_moment(checked(body["at"], str))
    match kind:
        case "pin-refused":
            return PinRefused(at, _to_patron(about))
        case "pin-accepted":
            return PinAccepted(at, _to_patron(about))
        case "server-clock":
            return ServerClock(at, to_seconds(body["seconds"]), to_moment(checked(body["server"], str)))
        case _ if key is None:
            raise ValueError("a row of an entry without the entry's key")
        case "intended":
            seconds = body.get("seconds")
            return Intended(
                key, at, _to_promise(body, about), None if seconds is None else to_seconds(seconds)
            )
        case "promised":
            return Promised(key, at, due_of(body["due"]), to_moment(checked(body["snapshot_at"], str)))
        case "answered":
            return Answered(key, at, to_answer(body, each(about.get("messages", []))))
        case "release-intended":
            return ReleaseIntended(key, at, to_tags(body["before"]), _to_strip(body))
        case "released":
            return Released(key, at, to_tags(body["after"]), _to_strip(body))
        case "release-failed":
            why = checked(body["why"], str)
            return ReleaseFailed(key, at, to_tags(body["after"]), why, _to_strip(body))
        case "settled":
            return Settled(key, at, Settlement(body["how"]))
        case "case-opened":
            return CaseOpened(key, at, CaseReason(body["reason"]), checked(about.get("detail", ""), str))
        case "case-closed":
            by, note = checked(about.get("by", ""), str), checked(about.get("note", ""), str)
            return CaseClosed(key, at, by, CaseEnd(body["how"]), note)
        case _:
            raise ValueError("a row of unknown kind")


def _to_patron(about: Json) -> PatronId:
    return PatronId(checked(about["patron"], str)) if about else WIPED


def _to_promise(body: Json, about: Json) -> Promise:
    item = ItemId(checked(body["item"], str))
    patron, at = _to_patron(about), to_moment(checked(body["asked_at"], str))
    late = IfGrantedLate(body["late"])
    match body["promise"]:
        case "lend":
            charged: Any = about.get("charged")
            before = None if charged is None else tuple(ItemId(item) for item in each(charged))
            return Lend(item, patron, at, checked(body["fee"], bool), before, late)
        case "renew":
            return Renew(item, patron, at, to_due(body["due"]), checked(body["fee"], bool), late)
        case "undo-loan":
            return UndoLoan(item, patron, at, EntryKey.parse(checked(body["undoes"], str)), late)
        case _:
            raise ValueError("a promise of unknown kind")
