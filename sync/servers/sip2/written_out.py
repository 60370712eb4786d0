"""Functions written out for each message class once, in the manner of `dataclasses`: a loop over its table
would take twice the time, and a stack of books is many messages.

What is written out comes from our own message classes only, never from a wire.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass
from typing import Any

from sync.servers.sip2.fields import Kind

Keep = Callable[[Any, Any], None]
"""Sets one attribute of a message, frozen or not: the `__set__` of its slot."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Marks an attribute as the next part of the fixed part."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Variable:
    """Marks an attribute as the field *id*; one that is *required* is sent even when empty."""

    id: str
    kind: Kind
    required: bool = False


def fixed_reader(kinds: Sequence[Kind], keeps: Sequence[Keep]) -> Callable[[Any, str], None]:
    """A function that sets the attributes of the fixed part from a text, written out as `composer` does."""
    names: dict[str, Any] = {}
    lines = ["def read_fixed(message, text):"]
    begin = 2
    for n, (kind, keep) in enumerate(zip(kinds, keeps, strict=True)):
        names |= {f"read{n}": kind.read, f"keep{n}": keep}
        part = f"text[{begin}:{begin + kind.width}]"
        lines.append(f"keep{n}(message, {part if kind.read is str else f'read{n}({part})'})")
        begin += kind.width
    exec("\n    ".join([*lines, "return None"]), names)
    reader: Callable[[Any, str], None] = names["read_fixed"]
    return reader


def composer(message_id: str, marks: Sequence[Fixed | Variable]) -> Callable[..., tuple[str, int]]:
    """A function from the values of a message to its text and the number of its fields, in the manner of
    `dataclasses`: written out for the class once, because a loop over the table takes twice the time.
    """
    names: dict[str, Any] = {}
    always = message_id
    count = 0
    sometimes: list[str] = []
    for n, mark in enumerate(marks):
        names |= {f"write{n}": mark.kind.write, f"absent{n}": mark.kind.absent}
        written = f"v{n}" if mark.kind.write is str else f"write{n}(v{n})"
        if isinstance(mark, Fixed):
            always += f"{{{written}}}"
        elif mark.required and not sometimes:
            always += f"{mark.id}{{{written}}}|"
            count += 1
        elif mark.kind.repeats:
            sometimes.append(f"for one in v{n}: text += f'{mark.id}{{one}}|'; count += 1")
        else:
            condition = "True" if mark.required else f"v{n} is not absent{n}"
            sometimes.append(f"if {condition}: text += f'{mark.id}{{{written}}}|'; count += 1")
    lines = [
        f"def compose({''.join(f'v{n}, ' for n in range(len(marks)))}extra):",
        f"text = f'{always}'; count = {count}",
        *sometimes,
        "for id, value in extra: text += f'{id}{value}|'; count += 1",
        "return text, count",
    ]
    exec("\n    ".join(lines), names)
    composed: Callable[..., tuple[str, int]] = names["compose"]
    return composed


def initializer(spots: Sequence[Field[Any]], keeps: Sequence[Keep]) -> Callable[..., None]:
    """An `__init__` with the parameters of the dataclass's own, which sets the slots of a frozen class
    directly.
    """
    names: dict[str, Any] = {f"keep{n}": keep for n, keep in enumerate(keeps)}
    names |= {f"default{n}": spot.default for n, spot in enumerate(spots)}
    parameters = [
        spot.name if spot.default is MISSING else f"{spot.name}=default{n}" for n, spot in enumerate(spots)
    ]
    lines = [f"def __init__({', '.join(['self', *parameters])}):"]
    lines += [f"keep{n}(self, {spot.name})" for n, spot in enumerate(spots)]
    exec("\n    ".join(lines), names)
    init: Callable[..., None] = names["__init__"]
    return init
