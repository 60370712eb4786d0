"""What central says about events as JSON, and back.  Reading raises `BadEvent`."""

from __future__ import annotations

from typing import Any

from sync.entries import (
    PATRON_ID_LENGTH_MAX,
    Alert,
    Answer,
    BadIdentifier,
    Due,
    Granted,
    Held,
    Money,
    PatronId,
    Reason,
    Refused,
    TakenBack,
    patron_id,
)
from sync.events.fields import BadEvent, Fields, day_text
from sync.events.values import BATCH_MAX, Outcome, Receipt

MESSAGES_MAX = 10
_REASONS = {reason.value: reason for reason in Reason}
_ALERTS = {alert.value: alert for alert in Alert}
_WORDS = ("sort_bin", "destination", "location", "home", "collection", "call_number", "condition")


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
            "back": None if answer.back is None else _back_object(answer.back),
            "reference": Fields.clean(answer.reference),
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


def _back_object(back: TakenBack) -> dict[str, Any]:
    words = {name: Fields.clean(getattr(back, name)) for name in _WORDS}
    return {
        "was_on_loan": back.was_on_loan,
        "patron": None if back.patron is None else back.patron.reveal(),
        "hold_patron": None if back.hold_patron is None else back.hold_patron.reveal(),
        "secure": back.secure,
        "alert": None if back.alert is None else back.alert.value,
    } | words


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
                back=_back(fields.inner("back")) if fields.has("back") else None,
                reference=fields.shown("reference") if fields.has("reference") else "",
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


def _back(told: Fields) -> TakenBack:
    """Fields that are missing are as they are where nothing is said."""
    words = {name: told.shown(name) for name in _WORDS if told.has(name)}
    alert = _ALERTS.get(told.text("alert", 64), Alert.OTHER) if told.has("alert") else None
    return TakenBack(
        was_on_loan=told.flag("was_on_loan") if told.has("was_on_loan") else None,
        patron=_patron(told, "patron"),
        hold_patron=_patron(told, "hold_patron"),
        secure=told.flag("secure") if told.has("secure") else True,
        alert=alert,
        **words,
    )


def _patron(told: Fields, name: str) -> PatronId | None:
    if not told.has(name):
        return None
    try:
        return patron_id(told.text(name, PATRON_ID_LENGTH_MAX))
    except BadIdentifier:
        raise BadEvent(f"{name}: is no card") from None


def _fee(fields: Fields) -> Money | None:
    if not fields.has("fee"):
        return None
    told = fields.inner("fee")
    return Money(told.number("minor_units", least=0), told.currency("currency"))
