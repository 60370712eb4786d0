"""Dates, money, answers and tags as what JSON knows, and back: the words of the row codec.

A date and time is ISO 8601 with its offset, absent values are null, tuples are arrays; answers are objects
whose "is" names the kind.  Texts of a server for display (`messages`) are not here: they may name a person.
"""

from __future__ import annotations

from datetime import date, datetime
from math import isfinite
from typing import Any, TypeVar, assert_never

from sync.entries import (
    Answer,
    Due,
    Granted,
    Held,
    Money,
    Reason,
    Refused,
    Silence,
    TagBits,
)

Json = dict[str, Any]
_Kind = TypeVar("_Kind")


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
    """The answer without the messages of its server."""
    match answer:
        case Granted():
            return {
                "is": "granted",
                "due": from_due(answer.due),
                "title": answer.title,
                "release": answer.release,
                "magnetic": answer.magnetic,
                "renewed": answer.renewed,
                "fee": from_money(answer.fee),
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


def to_answer(value: Json, messages: tuple[str, ...]) -> Answer:
    """Inverse of `from_answer`; *messages* are given back to the answers that have some."""
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
