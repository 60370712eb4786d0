"""What is wrong with a configuration, as sentences: section, key, what was found, what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import annotated_types
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from drivers.link import SettingsError

FOUND_LENGTH_MAX = 60


class ConfigurationWrong(SettingsError):
    """The configuration cannot be used; *complaints* are all its faults, one sentence each."""

    def __init__(self, complaints: Sequence[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = tuple(complaints)


def from_validation(
    section: str, error: ValidationError, known: Iterable[str], fields: Mapping[str, FieldInfo] | None = None
) -> list[str]:
    """One complaint for each fault that *error* lists in *section*, whose keys are *known*."""
    faults: list[dict[str, Any]] = [dict(fault) for fault in error.errors(include_url=False)]
    places = [fault["loc"] for fault in faults]
    return [
        _one(section, fault, tuple(known), fields or {})
        for fault in faults
        # A list whose every member is wrong is not complained about as empty.
        if not any(place[: len(fault["loc"])] == fault["loc"] and place != fault["loc"] for place in places)
    ]


def unknown(what: str, name: str, known: Iterable[str], shown: str = "{}") -> str:
    """That *name* is not among *known*, with the nearest one or all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = (
        f"did you mean {shown.format(near[0])}?"
        if near
        else "known are " + ", ".join(map(shown.format, names))
    )
    return f"unknown {what}; {hint}" if names else f"unknown {what}; there are none"


def _one(section: str, fault: dict[str, Any], known: tuple[str, ...], fields: Mapping[str, FieldInfo]) -> str:
    place = [str(part) for part in fault["loc"]]
    kind = str(fault["type"])
    key = ".".join(place)
    where = f"[{section}] {key}" if key else f"[{section}]"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{where}: " + (unknown("key", place[0], known) if len(place) == 1 else "unknown key")
    field = fields.get(place[0]) if place else None
    allowed = _allowed(field) if len(place) == 1 else ""
    if kind == "missing":
        return f"{where}: is missing" + (f"; allowed is {allowed}" if allowed else "")
    if kind == "value_error":
        reason = str(fault["msg"]).removeprefix("Value error, ")
        return f"{where}: {reason}" if key else f"{where} {reason}"
    found = _found(fault["input"])
    match kind:
        case "greater_than_equal" | "greater_than" | "too_short" | "string_too_short":
            said = "is too small" if "greater" in kind else "is too short"
        case "less_than_equal" | "less_than" | "too_long" | "string_too_long":
            said = "is too great" if "less" in kind else "is too long"
        case _:
            said = "does not fit"
    allowed = allowed or _stated(fault)
    return f"{where}: {found} {said}, allowed {'is ' if not allowed[:1].isdigit() else ''}{allowed}"


def _found(value: object) -> str:
    text = repr(value)
    return text if len(text) <= FOUND_LENGTH_MAX else text[:FOUND_LENGTH_MAX] + "..."


def _stated(fault: dict[str, Any]) -> str:
    expected = fault.get("ctx", {}).get("expected")
    if expected is not None:
        return str(expected).replace(" or ", ", ")
    message = str(fault["msg"])
    for beginning in ("Input should be a valid ", "Input should be "):
        if message.startswith(beginning):
            rest = message.removeprefix(beginning)
            article = "an" if rest[:1] in "aeiou" else "a"
            return f"{article} {rest}" if beginning.endswith("valid ") else rest
    return message


def _allowed(field: FieldInfo | None) -> str:
    """The limits of *field* in words, empty when it has none."""
    if field is None:
        return ""
    least = most = None
    shortest = longest = None
    for limit in field.metadata:
        match limit:
            case annotated_types.Ge(ge=value):
                least = value
            case annotated_types.Le(le=value):
                most = value
            case annotated_types.MinLen(min_length=length):
                shortest = length
            case annotated_types.MaxLen(max_length=length):
                longest = length
    if least is not None and most is not None:
        return f"{least} to {most}"
    choices = _choices(field.annotation)
    if choices:
        return ", ".join(choices)
    if longest is not None:
        unit = "characters" if field.annotation is str else "values"
        return f"{'a text' if field.annotation is str else 'a list'} of {shortest or 0} to {longest} {unit}"
    return ""


def _choices(annotation: object) -> tuple[str, ...]:
    values = getattr(annotation, "__args__", ())
    return tuple(map(repr, values)) if values and all(isinstance(value, str) for value in values) else ()
