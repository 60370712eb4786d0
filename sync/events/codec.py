"""Batches and receipts as JSON (RFC 8259, UTF-8), within exact limits.

What a terminal sends is taken strictly: a field too many, a field too few, a value of another type is a `BadEvent`.
What central answers is taken strictly in what it says and tolerantly in what it adds: unknown fields are skipped, a
reason that this version does not know is OTHER, so that a newer central never stops an older terminal's lane.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar, assert_never

from sync.entries import BadIdentifier, ItemId, PatronId, item_id, patron_id
from sync.events.fields import BadEvent, Fields, day_text, moment_text
from sync.events.outcomes import outcome_object, read_outcome, read_receipt
from sync.events.values import (
    BATCH_MAX,
    Batch,
    Event,
    GapFound,
    LoanMade,
    LoanUndone,
    NeverSent,
    Outcome,
    Receipt,
    RenewalMade,
)

__all__ = ["BATCH_SIZE_MAX", "RECEIPT_SIZE_MAX", "BadEvent", "event_object", "from_json", "to_json"]

BATCH_SIZE_MAX = 65_536
RECEIPT_SIZE_MAX = 1_048_576
"""The largest texts, in bytes, that are looked at."""

Value = TypeVar("Value", Batch, Receipt, GapFound, Outcome)


def to_json(value: Batch | Receipt | GapFound | Outcome) -> str:
    """*value* as one line of JSON; `from_json` gives an equal value back.

    Titles and messages are cut and cleaned to what `from_json` takes.  Raises `BadEvent` for an answer that central
    cannot give (silence) and for a moment without a zone.
    """
    match value:
        case Batch():
            found: object = {
                "epoch": value.epoch,
                "events": [event_object(event) for event in value.events],
            }
        case Receipt():
            found = {
                "acknowledged": value.acknowledged,
                "outcomes": [outcome_object(outcome) for outcome in value.outcomes],
            }
        case GapFound():
            found = {"expected": value.expected}
        case Outcome():
            found = outcome_object(value)
        case _:
            assert_never(value)
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def from_json(kind: type[Value], text: bytes | str) -> Value:
    """The *kind* of value that *text* holds.  Raises `BadEvent` for every text that does not hold one."""
    fields = Fields.parse(text, BATCH_SIZE_MAX if kind is Batch else RECEIPT_SIZE_MAX)
    if kind is Batch:
        return _batch(fields)  # type: ignore[return-value]
    if kind is Receipt:
        return read_receipt(fields)  # type: ignore[return-value]
    if kind is GapFound:
        return GapFound(fields.number("expected"))  # type: ignore[return-value]
    return read_outcome(fields)  # type: ignore[return-value]


# --- Events ---------------------------------------------------------------------------------------------------------


def event_object(event: Event) -> dict[str, Any]:
    """*event* as the JSON object it travels as."""
    match event:
        case LoanMade():
            return _common(event, "loan") | {
                "fee_consented": event.fee_consented,
                "promised_due": day_text(event.promised_due),
            }
        case RenewalMade():
            return _common(event, "renewal") | {
                "fee_consented": event.fee_consented,
                "due_before": day_text(event.due_before),
            }
        case LoanUndone():
            return _common(event, "loan-undone") | {"undoes": event.undoes}
        case NeverSent():
            kind = "told-before" if event.was_told else "never-sent"
            return {"kind": kind, "number": event.number, "through": event.through}
        case _:
            assert_never(event)


def _common(event: LoanMade | RenewalMade | LoanUndone, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "number": event.number,
        "key": event.key,
        "at": moment_text(event.at),
        "offset_seconds": event.offset_seconds,
        "item": event.item,
        "patron": event.patron.reveal(),
    }


_COMMON = frozenset({"kind", "number", "key", "at", "offset_seconds", "item", "patron"})
_KINDS = {
    "loan": _COMMON | {"fee_consented", "promised_due"},
    "renewal": _COMMON | {"fee_consented", "due_before"},
    "loan-undone": _COMMON | {"undoes"},
    "never-sent": frozenset({"kind", "number", "through"}),
    "told-before": frozenset({"kind", "number", "through"}),
}
_EPOCH = re.compile(r"[0-9a-z]{1,32}")


def _batch(fields: Fields) -> Batch:
    fields.are_exactly(frozenset({"epoch", "events"}))
    epoch = fields.text("epoch", 32)
    if _EPOCH.fullmatch(epoch) is None:
        raise BadEvent("epoch: has to be 1 to 32 of 0-9 and a-z")
    told = fields.objects("events", BATCH_MAX)
    if not told:
        raise BadEvent("events: there are none")
    events = tuple(_event(event) for event in told)
    keys = [event.key for event in events if not isinstance(event, NeverSent)]
    if len(set(keys)) != len(keys):
        raise BadEvent("events: a key comes twice")
    expected = events[0].number
    for event in events:
        if event.number != expected:
            raise BadEvent("events: the numbers are not without gaps")
        expected = (event.through if isinstance(event, NeverSent) else event.number) + 1
    return Batch(epoch, events)


def _event(fields: Fields) -> Event:
    kind = fields.text("kind", 32)
    if kind not in _KINDS:
        raise BadEvent("kind: not known")
    fields.are_exactly(_KINDS[kind])
    number = fields.number("number")
    if kind in ("never-sent", "told-before"):
        through = fields.number("through")
        if through < number:
            raise BadEvent("through: before number")
        return NeverSent(number, through, was_told=kind == "told-before")
    key, at, offset = fields.key("key"), fields.moment("at"), fields.offset("offset_seconds")
    item, patron = _numbers(fields)
    if kind == "loan":
        consented, due = fields.flag("fee_consented"), fields.day("promised_due")
        return LoanMade(number, key, at, offset, item, patron, consented, due)
    if kind == "renewal":
        consented, due = fields.flag("fee_consented"), fields.day("due_before")
        return RenewalMade(number, key, at, offset, item, patron, consented, due)
    return LoanUndone(number, key, at, offset, item, patron, fields.key("undoes"))


def _numbers(fields: Fields) -> tuple[ItemId, PatronId]:
    item, patron = fields.text("item", 64), fields.text("patron", 64)
    try:
        found = item_id(item), patron_id(patron)
    except BadIdentifier as error:
        raise BadEvent(f"item or patron: {error}") from None
    if found != (item, PatronId(patron)):
        raise BadEvent("item or patron: has blanks around it")
    return found
