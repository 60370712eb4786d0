"""What central says about events as JSON, and back.  Reading raises `BadEvent`."""

from __future__ import annotations

import re
from typing import Any

from sync.entries import Answer, Due, Granted, Held, Money, Reason, Refused
from sync.events.fields import BadEvent, Fields, day_text
from sync.events.values import BATCH_MAX, Outcome, Receipt

MESSAGES_MAX = 10
_REASONS = {reason.value: reason for reason in Reason}


def outcome_object(outcome: Outcome) -> dict[str, Any]:
    """*outcome* as the JSON object it travels as.  Raises `BadEvent` for silence."""
    return {
        "number": outcome.number,
        "answer": _answer_object(outcome.answer),
        "exception": outcome.exception,
    }


def _answer_object(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Granted):
        return {
            "kind": "granted",
            "due": day_text(answer.due.day),
            "due_text": Fields.clean(answer.due.text),
            "title": Fields.clean(answer.title),
            "release": answer.release,
            "magnetic": answer.magnetic,
            "renewed": answer.renewed,
            "fee": _fee_object(answer.fee),
            "messages": [Fields.clean(message) for message in answer.messages[:MESSAGES_MAX]],
        }
    if isinstance(answer, Refused):
        return {
            "kind": "refused",
            "reason": answer.reason.value,
            "title": Fields.clean(answer.title),
            "fee": _fee_object(answer.fee),
            "messages": [Fields.clean(message) for message in answer.messages[:MESSAGES_MAX]],
        }
    if isinstance(answer, Held):
        return {"kind": "held"}
    raise BadEvent("silence is not an answer of central's")


def _fee_object(fee: Money | None) -> dict[str, Any] | None:
    return None if fee is None else {"minor_units": fee.minor_units, "currency": fee.currency}


def read_receipt(fields: Fields) -> Receipt:
    """The receipt that *fields* hold."""
    outcomes = tuple(read_outcome(told) for told in fields.objects("outcomes", BATCH_MAX))
    return Receipt(fields.number("acknowledged", least=0), outcomes)


def read_outcome(fields: Fields) -> Outcome:
    """The outcome that *fields* hold."""
    exception = fields.text("exception", 64) if fields.has("exception") else None
    return Outcome(fields.number("number"), _answer(fields.inner("answer")), exception)


def _answer(fields: Fields) -> Answer:
    match fields.text("kind", 32):
        case "granted":
            return Granted(
                Due(fields.day("due"), fields.shown("due_text")),
                fields.shown("title"),
                release=fields.flag("release"),
                magnetic=fields.flag("magnetic") if fields.has("magnetic") else None,
                renewed=fields.flag("renewed"),
                fee=_fee(fields),
                messages=fields.shown_list("messages", MESSAGES_MAX),
            )
        case "refused":
            return Refused(
                _REASONS.get(fields.text("reason", 64), Reason.OTHER),
                fields.shown("title"),
                _fee(fields),
                fields.shown_list("messages", MESSAGES_MAX),
            )
        case "held":
            return Held()
        case _:
            raise BadEvent("kind: not known")


def _fee(fields: Fields) -> Money | None:
    if not fields.has("fee"):
        return None
    told = fields.inner("fee")
    currency = told.text("currency", 3)
    if re.fullmatch(r"[A-Z]{3}", currency) is None:
        raise BadEvent("currency: has to be an ISO 4217 code")
    return Money(told.number("minor_units", least=0), currency)
