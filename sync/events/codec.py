"""Batches and receipts as JSON (RFC 8259, UTF-8), within exact limits.

What a terminal sends is taken strictly: a field too many, a field too few, a value of another type is a `BadEvent`.
What central answers is taken strictly in what it says and tolerantly in what it adds: unknown fields are skipped, a
reason that this version does not know is OTHER, so that a newer central never stops an older terminal's lane.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar, assert_never

from sync.entries import FeePart, Money
from sync.events.fields import BadEvent, Fields, day_text, moment_text
from sync.events.outcomes import outcome_object, read_outcome, read_receipt
from sync.events.reading import read_event
from sync.events.values import (
    BATCH_MAX,
    Batch,
    CareReported,
    Event,
    FeesPaid,
    GapFound,
    ItemGivenBack,
    LoanMade,
    LoanUndone,
    NamedEvent,
    NeverSent,
    Outcome,
    Receipt,
    RenewalMade,
)

__all__ = ["BATCH_SIZE_MAX", "RECEIPT_SIZE_MAX", "BadEvent", "event_object", "from_json", "to_json"]

BATCH_SIZE_MAX = 65_536
RECEIPT_SIZE_MAX = 2_097_152
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
            return _lent(event, "loan") | {
                "fee_consented": event.fee_consented,
                "promised_due": day_text(event.promised_due),
            }
        case RenewalMade():
            return _lent(event, "renewal") | {
                "fee_consented": event.fee_consented,
                "due_before": day_text(event.due_before),
            }
        case LoanUndone():
            return _lent(event, "loan-undone") | {"undoes": event.undoes}
        case ItemGivenBack():
            return _common(event, "given-back") | {
                "item": event.item,
                "was_on_loan": event.was_on_loan,
                "due_before": day_text(event.due_before),
            }
        case FeesPaid():
            return _common(event, "fees-paid") | {
                "patron": event.patron.reveal(),
                "amount": _money_object(event.amount),
                "parts": [_part_object(part) for part in event.parts],
                "means": event.means.value,
                "voucher": event.voucher,
            }
        case CareReported():
            flaws = [flaw.value for flaw in event.flaws]
            return _common(event, "care") | {"item": event.item, "flaws": flaws, "by": event.by}
        case NeverSent():
            kind = "told-before" if event.was_told else "never-sent"
            return {"kind": kind, "number": event.number, "through": event.through}
        case _:
            assert_never(event)


def _lent(event: LoanMade | RenewalMade | LoanUndone, kind: str) -> dict[str, Any]:
    return _common(event, kind) | {"item": event.item, "patron": event.patron.reveal()}


def _common(event: NamedEvent, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "number": event.number,
        "key": event.key,
        "at": moment_text(event.at),
        "offset_seconds": event.offset_seconds,
    }


def _part_object(part: FeePart) -> dict[str, Any]:
    amount = _money_object(part.amount)
    return {"fee": part.fee, "amount": amount, "kind": part.kind.value, "item": part.item}


def _money_object(money: Money) -> dict[str, Any]:
    return {"minor_units": money.minor_units, "currency": money.currency}


_EPOCH = re.compile(r"[0-9a-z]{1,32}")


def _batch(fields: Fields) -> Batch:
    fields.are_exactly(frozenset({"epoch", "events"}))
    epoch = fields.text("epoch", 32)
    if _EPOCH.fullmatch(epoch) is None:
        raise BadEvent("epoch: has to be 1 to 32 of 0-9 and a-z")
    told = fields.objects("events", BATCH_MAX)
    if not told:
        raise BadEvent("events: there are none")
    events = tuple(read_event(event) for event in told)
    keys = [event.key for event in events if not isinstance(event, NeverSent)]
    if len(set(keys)) != len(keys):
        raise BadEvent("events: a key comes twice")
    expected = events[0].number
    for event in events:
        if event.number != expected:
            raise BadEvent("events: the numbers are not without gaps")
        expected = (event.through if isinstance(event, NeverSent) else event.number) + 1
    return Batch(epoch, events)
