"""The table behind the messages: reads a message class's annotations once, then reads and writes its text
fast.

SIP 2.00: a message is its two-digit id, a fixed part without delimiters, and variable fields, each a
two-character id, a value and "|".  Fields may come in any order; ids that are not in the class are kept as
pairs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from sync.servers.sip2.fields import BadValue
from sync.servers.sip2.written_out import Fixed, Reading, Variable, composer, reader

Pairs = tuple[tuple[str, str], ...]


# Every id of SIP 2.00 and its usual extensions: where a fixed part of unusual length ends.
_SECOND_LETTERS = {
    "A": "ABCDEFGHJLMNOPQSTUV",
    "B": "DEFGHIKLMNOPQRSTUVWXYZ",
    "C": "ABCDFGHIJKLMNOPQRSTVY",
    "D": "A",
    "P": "ABCI",
    "X": "I",
    "Z": "R",
}
KNOWN_IDS = frozenset(first + second for first, letters in _SECOND_LETTERS.items() for second in letters)
_PLAUSIBLE_ID = re.compile(r"[A-Z][A-Z0-9]|[0-9][A-Z]")
_UNSENDABLE = re.compile(r"[|\x00-\x1f\x7f]")


class Layout:
    """How messages of one class are read from text and written to it.

    A message that was read has only those attributes set that came; `absent` gives the values of the others,
    which its class looks up.  Setting all of them costs more than reading the rest of the message.
    """

    __slots__ = (
        "_compose",
        "_fixed_end",
        "_get",
        "_read",
        "_shown",
        "_widths",
        "_write_fixed",
        "_write_variable",
        "absent",
        "id",
    )

    def __init__(self, message_id: str, message_class: type[Any]) -> None:
        hints = get_type_hints(message_class, include_extras=True)
        names = [spot.name for spot in fields(message_class) if spot.name != "extra"]
        marks = [_mark(hints[name]) for name in names]
        fixed = [mark.kind for mark in marks if isinstance(mark, Fixed)]
        variable = [mark for mark in marks if isinstance(mark, Variable)]
        if any(isinstance(mark, Variable) for mark in marks[: len(fixed)]):
            raise TypeError(f"{message_id}: the fixed part comes before every variable field")
        keeps = [getattr(message_class, name).__set__ for name in names]
        keep = {mark.id: kept for mark, kept in zip(marks, keeps, strict=True) if isinstance(mark, Variable)}
        self.id = message_id
        self.absent = {name: mark.kind.absent for name, mark in zip(names, marks, strict=True)} | {
            "extra": ()
        }
        self._get = attrgetter(*names, "extra") if names else (lambda message: (message.extra,))
        self._widths = tuple(kind.width for kind in fixed)
        self._fixed_end = 2 + sum(self._widths)
        self._read = reader(
            message_class,
            Reading(
                fixed=list(zip(fixed, keeps, strict=False)),
                slots={
                    mark.id: (None if mark.kind.read is str else mark.kind.read, keep[mark.id])
                    for mark in variable
                    if not mark.kind.repeats
                },
                repeating={mark.id: keep[mark.id] for mark in variable if mark.kind.repeats},
                keep_extra=message_class.extra.__set__,
                pair=_pair,
            ),
        )
        self._write_fixed = tuple(kind.write for kind in fixed)
        self._write_variable = tuple(
            # Nothing is identical to a new object: a required field is never absent.
            (
                position,
                mark.id,
                mark.kind.write,
                object() if mark.required else mark.kind.absent,
                mark.kind.repeats,
            )
            for position, mark in enumerate(variable, start=len(fixed))
        )
        self._compose = composer(message_id, names, marks)
        self._shown = frozenset(mark.id for mark in variable if mark.kind.is_shown)

    # --- Reading ----------------------------------------------------------------------------------

    def read(self, text: str) -> Any:
        """The message in *text*, which begins with this layout's id and has no checksum.  Never raises."""
        start = self._fixed_end
        if text[start : start + 2] not in KNOWN_IDS and len(text) != start:
            text = self._realigned(text)
        return self._read(text)

    def _realigned(self, text: str) -> str:
        """*text* with its fixed part brought to the length of the definition.

        Servers are seen with dates of 14 characters, a "|" before the first field, and a fixed part cut
        short.
        """
        end = 2
        while end < len(text) and text[end] != "|" and text[end : end + 2] not in KNOWN_IDS:
            end += 1
        if end > self._fixed_end:
            return text
        fixed, rest = text[2:end], text[end:]
        dates = [width for width in self._widths if width == 18]
        others = sum(self._widths) - sum(dates)
        date_width = (len(fixed) - others) // len(dates) if dates else 0
        parts: list[str] = []
        begin = 0
        for width in self._widths:
            taken = min(date_width, 18) if width == 18 and date_width in (14, 17) else width
            parts.append(fixed[begin : begin + taken].ljust(width))
            begin += taken
        return self.id + "".join(parts) + rest

    # --- Writing ----------------------------------------------------------------------------------

    def write(self, message: Any) -> str:
        """The text of *message* without checksum.  Raises `BadValue` for what SIP2 cannot carry."""
        try:
            text, count = self._compose(message)
        except KeyError:
            raise BadValue(f"{self.id}: a flag is neither yes nor no") from None
        if text.count("|") != count or not text.isprintable():
            return self._write_carefully(self._get(message))
        return text

    def _write_carefully(self, values: Sequence[Any]) -> str:
        """As `write`, field by field: text for people loses what SIP2 cannot carry, anything else is
        refused.
        """
        fixed = "".join(write(value) for write, value in zip(self._write_fixed, values, strict=False))
        if _UNSENDABLE.search(fixed):
            raise BadValue(f"{self.id}: the fixed part cannot hold a delimiter or control character")
        parts = [self.id, fixed]
        for position, field_id, write, absent, repeats in self._write_variable:
            value = values[position]
            texts = value if repeats else () if value is absent else (write(value),)
            parts += [f"{field_id}{_sendable(field_id, text, field_id in self._shown)}|" for text in texts]
        parts += [f"{field_id}{_sendable(field_id, text, True)}|" for field_id, text in values[-1]]
        return "".join(parts)


def _mark(hint: Any) -> Fixed | Variable:
    if get_origin(hint) is Annotated:
        for mark in get_args(hint)[1:]:
            if isinstance(mark, Fixed | Variable):
                return mark
    raise TypeError("every attribute of a message is marked Fixed or Variable")


def _pair(chunk: str) -> tuple[str, str]:
    """An unknown field as (id, value); ("", all of it) when it cannot be a field, as after a raw "|" in a
    value.
    """
    return (chunk[:2], chunk[2:]) if _PLAUSIBLE_ID.match(chunk) else ("", chunk)


def _sendable(field_id: str, text: str, is_shown: bool) -> str:
    if not _UNSENDABLE.search(text):
        return text
    if not is_shown:
        raise BadValue(f"{field_id} cannot hold a delimiter or control character")
    return _UNSENDABLE.sub(" ", text)
