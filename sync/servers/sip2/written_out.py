"""Functions written out for each message class once, in the manner of `dataclasses`: a loop over its table
would take twice the time, and a stack of books is many messages.

What is written out comes from our own message classes only, never from a wire.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader needs: the kinds of the fixed part and how each is kept, the fields that come once (None
    reads a text as it is), those that repeat, how what is left is kept, and how a left-over chunk becomes a
    pair.
    """

    fixed: Sequence[tuple[Kind, Keep]]
    slots: Mapping[str, tuple[Callable[[str], Any] | None, Keep]]
    repeating: Mapping[str, Keep]
    keep_extra: Keep
    pair: Callable[[str], tuple[str, str]]
    known_ids: frozenset[str]
    realigned: Callable[[str], str]


def reader(message_class: type[Any], parts: Reading) -> Callable[[str], Any]:
    """A function from the text of a message to the message; see `Layout.read` for what it promises."""
    names: dict[str, Any] = {
        "new": object.__new__,
        "message_class": message_class,
        "slot_of": parts.slots.get,
        "repeating": parts.repeating,
        "keep_extra": parts.keep_extra,
        "pair": parts.pair,
        "realigned": parts.realigned,
        "known_ids": parts.known_ids,
    }
    fixed: list[str] = []
    begin = 2
    for n, (kind, keep) in enumerate(parts.fixed):
        names |= {f"read{n}": kind.read, f"keep{n}": keep}
        part = f"text[{begin}:{begin + kind.width}]"
        fixed.append(f"keep{n}(message, {part if kind.read is str else f'read{n}({part})'})")
        begin += kind.width
    exec(_READER.format(fixed="; ".join(fixed) or "pass", begin=begin), names)
    read: Callable[[str], Any] = names["read"]
    return read


# Backwards, so that the first value of a repeated id counts, as in every server that was tried.
_READER = """
def read(text):
    if text[{begin}:{begin} + 2] not in known_ids and len(text) != {begin}:
        text = realigned(text)
    message = new(message_class)
    {fixed}
    many = extra = None
    for chunk in reversed(text[{begin}:].split("|")):
        slot = slot_of(chunk[:2])
        if slot is not None:
            if value := chunk[2:]:
                read, keep = slot
                keep(message, value if read is None else read(value))
        elif chunk:
            if chunk[:2] in repeating:
                many = many or []
                many.append((chunk[:2], chunk[2:]))
            else:
                extra = extra or []
                extra.append(pair(chunk))
    if many:
        for field_id, keep in repeating.items():
            keep(message, tuple(value for found, value in reversed(many) if found == field_id))
    if extra:
        keep_extra(message, tuple(reversed(extra)))
    return message
"""


def writer(
    message_id: str,
    names: Sequence[str],
    marks: Sequence[Fixed | Variable],
    carefully: Callable[[Any], str],
) -> Callable[[Any], str]:
    """A function from a message to its text; *carefully* writes what holds more delimiters than it has
    fields.
    """
    known: dict[str, Any] = {"carefully": carefully}
    always = message_id
    count = 0
    sometimes: list[str] = []
    for n, (name, mark) in enumerate(zip(names, marks, strict=True)):
        known |= {f"write{n}": mark.kind.write, f"absent{n}": mark.kind.absent}
        value = f"message.{name}"
        written = value if mark.kind.write is str else f"write{n}({value})"
        if isinstance(mark, Fixed):
            always += f"{{{written}}}"
        elif mark.required and not sometimes:
            always += f"{mark.id}{{{written}}}|"
            count += 1
        elif mark.kind.repeats:
            sometimes.append(f"for one in {value}: text += f'{mark.id}{{one}}|'; count += 1")
        else:
            condition = "True" if mark.required else f"{value} is not absent{n}"
            sometimes.append(f"if {condition}: text += f'{mark.id}{{{written}}}|'; count += 1")
    lines = [
        "def write(message):",
        f"text = f'{always}'; count = {count}",
        *sometimes,
        "for id, value in message.extra: text += f'{id}{value}|'; count += 1",
        "if text.count('|') != count or not text.isprintable(): return carefully(message)",
        "return text",
    ]
    exec("\n    ".join(lines), known)
    written_out: Callable[[Any], str] = known["write"]
    return written_out


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
