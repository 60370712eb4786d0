"""The table behind the messages: reads a message class's annotations once, then reads and writes its text
fast.

SIP 2.00: a message is its two-digit id, a fixed part without delimiters, and variable fields, each a
two-character id, a value and "|".  Fields may come in any order; ids that are not in the class are kept as
pairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from sync.servers.sip2.dates import DATE_LENGTH
from sync.servers.sip2.fields import BadValue
from sync.servers.sip2.written_out import Fixed, Reading, Variable, reader, writer

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
_SHORT_DATES = (14, 17)
_UNSENDABLE = re.compile(r"[|\x00-\x1f\x7f]")


class Layout:
    """How messages of one class are read from text and written to it.

    *read* makes the message of a text that begins with this layout's id and has no checksum; it never raises.
    *write* makes the text of a message, without checksum; it raises `BadValue` for what SIP2 cannot carry,
    and `KeyError` for a flag of the fixed part that is neither yes nor no.

    A message that was read has only those attributes set that came; *absent* gives the values of the others,
    which its class looks up.  Setting all of them costs more than reading the rest of the message.
    """

    __slots__ = ("_marks", "absent", "id", "read", "write")

    read: Callable[[str], Any]
    write: Callable[[Any], str]

    def __init__(self, message_id: str, message_class: type[Any]) -> None:
        hints = get_type_hints(message_class, include_extras=True)
        names = [spot.name for spot in fields(message_class) if spot.name != "extra"]
        marks = [_mark(hints[name]) for name in names]
        keeps = [getattr(message_class, name).__set__ for name in names]
        fixed = [mark.kind for mark in marks if isinstance(mark, Fixed)]
        if any(isinstance(mark, Variable) for mark in marks[: len(fixed)]):
            raise TypeError(f"{message_id}: the fixed part comes before every variable field")
        keep = {mark: kept for mark, kept in zip(marks, keeps, strict=True) if isinstance(mark, Variable)}
        self.id = message_id
        self.absent = {name: mark.kind.absent for name, mark in zip(names, marks, strict=True)} | {
            "extra": ()
        }
        self._marks = tuple(zip(names, marks, strict=True))
        self.read = reader(
            message_class,
            Reading(
                fixed=list(zip(fixed, keeps, strict=False)),
                slots={
                    mark.id: (None if mark.kind.read is str else mark.kind.read, kept)
                    for mark, kept in keep.items()
                    if not mark.kind.repeats
                },
                repeating={mark.id: kept for mark, kept in keep.items() if mark.kind.repeats},
                keep_extra=message_class.extra.__set__,
                pair=_pair,
                known_ids=KNOWN_IDS,
                realigned=self._realigned,
            ),
        )
        self.write = writer(message_id, names, marks, self._written_carefully)

    def _realigned(self, text: str) -> str:
        """*text* with its fixed part brought to the length of the definition.

        Servers are seen with dates of 14 characters, a "|" before the first field, and a fixed part cut
        short.
        """
        widths = [mark.kind.width for _, mark in self._marks if isinstance(mark, Fixed)]
        end = 2
        while end < len(text) and text[end] != "|" and text[end : end + 2] not in KNOWN_IDS:
            end += 1
        if end > 2 + sum(widths):
            # Long enough: the first field is one that nobody knows.
            return text
        fixed, rest = text[2:end], text[end:]
        dates = widths.count(DATE_LENGTH)
        others = sum(widths) - dates * DATE_LENGTH
        date_width = (len(fixed) - others) // dates if dates else 0
        parts: list[str] = []
        begin = 0
        for width in widths:
            taken = date_width if width == DATE_LENGTH and date_width in _SHORT_DATES else width
            parts.append(fixed[begin : begin + taken].ljust(width))
            begin += taken
        return self.id + "".join(parts) + rest

    def _written_carefully(self, message: Any) -> str:
        """As `write`, field by field: text for people loses what SIP2 cannot carry, anything else is refused."""
        parts = [self.id]
        for name, mark in self._marks:
            value = getattr(message, name)
            if isinstance(mark, Fixed):
                parts.append(mark.kind.write(value))
                if _UNSENDABLE.search(parts[-1]):
                    raise BadValue(f"{self.id}: {name} cannot hold a delimiter or control character")
                continue
            texts = value if mark.kind.repeats else ()
            if not mark.kind.repeats and (mark.required or value is not mark.kind.absent):
                texts = (mark.kind.write(value),)
            parts += [f"{mark.id}{_sendable(mark.id, text, mark.kind.is_shown)}|" for text in texts]
        parts += [f"{field_id}{_sendable(field_id, text, True)}|" for field_id, text in message.extra]
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
