"""Dates, money, answers and tags as what JSON knows, and back: the words of the row codec, and its one form of text.

A date and time is ISO 8601 with its offset, absent values are null, tuples are arrays; answers are objects
whose "is" names the kind.  What a server says of a person (`messages` greet by name, and whose item it was) is not
in them: it stands beside them.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from math import isfinite
from typing import Any, Final, TypeVar, assert_never

from sync.entries import (
    Alert,
    Answer,
    Due,
    Granted,
    Held,
    Money,
    PatronId,
    Reason,
    Refused,
    Silence,
    Strip,
    TagBits,
    TakenBack,
)

Json = dict[str, Any]
_BACK_TEXTS: Final = (
    "sort_bin",
    "destination",
    "location",
    "home",
    "collection",
    "call_number",
    "condition",
)
"""What `TakenBack` ends with, in its order."""

_Kind = TypeVar("_Kind")

encode: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode
"""Whatever JSON knows as text: ASCII, without blanks, members in the order they were given."""

quote: Final = json.encoder.encode_basestring_ascii
"""A text as `encode` writes it."""


def from_moment(moment: datetime) -> str:
    """*moment* with its offset.  Raises `ValueError` for one without: nobody could order it later."""
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset cannot be written")
    return moment.isoformat()


def to_moment(text: str) -> datetime:
    """Inverse of `from_moment`."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset was written")
    return moment


def from_seconds(seconds: float) -> float:
    """*seconds* as a finite number with a fraction.  Raises `ValueError` for one that no clock shows."""
    if not isfinite(seconds):
        raise ValueError("seconds without an end cannot be written")
    return float(seconds)


def to_seconds(value: Any) -> float:
    """Inverse of `from_seconds`."""
    return from_seconds(checked(value, float))


def from_due(due: Due | None) -> list[str | None] | None:
    """[day or null, the server's text]."""
    return None if due is None else [None if due.day is None else due.day.isoformat(), due.text]


def to_due(value: list[str | None] | None) -> Due | None:
    """Inverse of `from_due`."""
    if value is None:
        return None
    day, text = value
    return Due(None if day is None else date.fromisoformat(day), checked(text, str))


def due_of(value: list[str | None] | None) -> Due:
    """What `to_due` makes of *value*, which must not be null.  Raises `ValueError`."""
    due = to_due(value)
    if due is None:
        raise ValueError("a loan without a due date was written")
    return due


def from_money(money: Money | None) -> list[int | str] | None:
    """[smallest units, currency]."""
    return None if money is None else [money.minor_units, money.currency]


def to_money(value: list[Any] | None) -> Money | None:
    """Inverse of `from_money`."""
    if value is None:
        return None
    minor_units, currency = value
    return Money(checked(minor_units, int), checked(currency, str))


def money_of(value: list[Any] | None) -> Money:
    """What `to_money` makes of *value*, which must not be null.  Raises `ValueError`."""
    money = to_money(value)
    if money is None:
        raise ValueError("an amount that is none was written")
    return money


def from_strip(strip: Strip | None) -> Json:
    """The member "strip", none where no strip is touched."""
    return {} if strip is None else {"strip": strip.value}


def to_strip(body: Json) -> Strip | None:
    """Inverse of `from_strip`."""
    return Strip(body["strip"]) if "strip" in body else None


def from_tags(tags: tuple[TagBits, ...]) -> list[list[Any]]:
    """[[uid, AFI or null, EAS or null], ...]; a fourth place where there is a security bit."""
    return [
        [tag.uid, tag.afi, tag.eas] if tag.bit is None else [tag.uid, tag.afi, tag.eas, tag.bit]
        for tag in tags
    ]


def to_tags(value: list[list[Any]]) -> tuple[TagBits, ...]:
    """Inverse of `from_tags`."""
    return tuple(
        TagBits(checked(u, str), optional(a, int), optional(e, bool), *(checked(b, bool) for b in more))
        for u, a, e, *more in value
    )


def from_answer(answer: Answer) -> Json:
    """The answer without what `of_person` says; "back" and "reference" stand only where there are such."""
    match answer:
        case Granted():
            back = {} if answer.back is None else {"back": _from_back(answer.back)}
            reference = {"reference": answer.reference} if answer.reference else {}
            return {
                "is": "granted",
                "due": from_due(answer.due),
                "title": answer.title,
                "release": answer.release,
                "magnetic": answer.magnetic,
                "renewed": answer.renewed,
                "fee": from_money(answer.fee),
                **back,
                **reference,
            }
        case Refused():
            return {
                "is": "refused",
                "reason": answer.reason.value,
                "title": answer.title,
                "fee": from_money(answer.fee),
            }
        case Held():
            return {"is": "held"}
        case Silence():
            return {"is": "silence", "why": answer.why}
        case _:
            assert_never(answer)


def of_person(answer: Answer) -> Json:
    """What *answer* may say of a person: its messages, whose item it was, and for whom it is held."""
    said: Json = {}
    if isinstance(answer, Granted | Refused) and answer.messages:
        said["messages"] = answer.messages
    if isinstance(answer, Granted) and answer.back is not None:
        if answer.back.patron is not None:
            said["patron"] = answer.back.patron.reveal()
        if answer.back.hold_patron is not None:
            said["hold_patron"] = answer.back.hold_patron.reveal()
    return said


def to_answer(value: Json, about: Json) -> Answer:
    """Inverse of `from_answer`; *about* is what `of_person` gave, empty once it was wiped."""
    messages = each(about.get("messages", []))
    match value["is"]:
        case "granted":
            return Granted(
                due_of(value["due"]),
                checked(value["title"], str),
                checked(value["release"], bool),
                optional(value["magnetic"], bool),
                checked(value["renewed"], bool),
                to_money(value["fee"]),
                messages,
                _to_back(value["back"], about) if "back" in value else None,
                checked(value.get("reference", ""), str),
            )
        case "refused":
            title = checked(value["title"], str)
            return Refused(Reason(value["reason"]), title, to_money(value["fee"]), messages)
        case "held":
            return Held()
        case "silence":
            return Silence(checked(value["why"], str))
        case _:
            raise ValueError("an answer of unknown kind was written")


def _from_back(back: TakenBack) -> Json:
    texts = {name: text for name in _BACK_TEXTS if (text := getattr(back, name))}
    alert = {} if back.alert is None else {"alert": back.alert.value}
    return {"on_loan": back.was_on_loan, "secure": back.secure, **alert, **texts}


def _to_back(value: Any, about: Json) -> TakenBack:
    said = checked(value, dict)
    return TakenBack(
        optional(said["on_loan"], bool),
        _person(about, "patron"),
        _person(about, "hold_patron"),
        checked(said["secure"], bool),
        Alert(said["alert"]) if "alert" in said else None,
        *(checked(said.get(name, ""), str) for name in _BACK_TEXTS),
    )


def _person(about: Json, name: str) -> PatronId | None:
    return PatronId(checked(about[name], str)) if name in about else None


def checked(value: Any, kind: type[_Kind]) -> _Kind:
    """*value*, which must be a *kind*.  Raises `ValueError`."""
    if type(value) is not kind:
        raise ValueError(f"{kind.__name__} expected, {type(value).__name__} found")
    return value


def optional(value: Any, kind: type[_Kind]) -> _Kind | None:
    """*value*, which must be a *kind* or null.  Raises `ValueError`."""
    return None if value is None else checked(value, kind)


def each(values: Any) -> tuple[str, ...]:
    """The array *values*, which must hold only texts.  Raises `ValueError`."""
    return tuple([checked(value, str) for value in checked(values, list)])
