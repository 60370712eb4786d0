"""JSON values with one place replaced by what nobody expects there: input for readers that believe nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

STRANGE: tuple[object, ...] = (
    None, True, -1, 0, 1, 1.5, 2**53, 2**53 + 1, 10**400, "", "x", "\x00", "\ud800", "9" * 600, "2026-02-30",
    "0001-01-01", [], [[]], [None], ["x"], [{}], {}, {"minor_units": 1}, {"minor_units": -1, "currency": "CNY"},
    {"minor_units": 1, "currency": "x"},
)  # fmt: skip


def mutations(value: Any) -> Iterator[Any]:
    """*value* with each place, itself included, replaced by each of `STRANGE`, and each member left out."""
    for place in _places(value):
        for strange in STRANGE:
            yield _with(value, place, strange)
        if place and isinstance(place[-1], str):
            yield _without(value, place)


def _places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, one in members:
        yield from _places(one, (*at, name))


def _with(value: Any, place: tuple[str | int, ...], new: object) -> Any:
    if not place:
        return new
    found = copy.deepcopy(value)
    _inner(found, place)[place[-1]] = new
    return found


def _without(value: Any, place: tuple[str | int, ...]) -> Any:
    found = copy.deepcopy(value)
    del _inner(found, place)[place[-1]]
    return found


def _inner(value: Any, place: tuple[str | int, ...]) -> Any:
    for name in place[:-1]:
        value = value[name]
    return value
