"""What can be done on the table, and what lies where, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

CARD = "card"
SHELF, PAD, READER = "shelf", "pad", "reader"
STRIP_UNIT = "strip-unit"
STRIP_STATES = ("active", "inactive", "erased")
NETWORK_STATES = ("whole", "cut", "mute")
RELEASED_AFI, SECURED_AFI = 0xC2, 0x07


class TableGone(Exception):
    """The process of the far ends does not answer any more: the demo is over."""


class TableRefused(Exception):
    """What was asked makes no sense, or not now; the text is the table's own sentence."""


class TableControl(Protocol):
    """The process of the far ends."""

    async def ask(self, do: str, **beside: object) -> Mapping[str, Any]:
        """The answer to one request.  Raises `TableRefused` or `TableGone`."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something a hand can move: a card, a book, or one part of a book of several.

    *part* counts from 1 and is 0 for what is whole; *afi* is that of its tag, None for what has none.  *strip* is how
    its magnetic strip stands, one of `STRIP_STATES`, empty for what has none.
    """

    thing: str
    kind: str
    title: str
    number: str
    note: str
    place: str
    part: int = 0
    parts: int = 1
    afi: int | None = None
    strip: str = ""

    @property
    def id(self) -> str:
        """Names the piece on this table."""
        return f"{self.thing}/{self.part}"

    @property
    def move(self) -> tuple[str, dict[str, object]]:
        """The request that a touch on it means.

        Onto the pad or reader, or back to the shelf; over the strip unit where it has a strip and no tag.
        """
        if self.kind == CARD:
            return ("hide", {}) if self.place == READER else ("show", {"thing": self.thing})
        if self.strip and self.afi is None:
            return self.slide
        which: dict[str, object] = {"thing": self.thing, **({"part": self.part} if self.part else {})}
        return ("take" if self.place == PAD else "put", which)

    @property
    def slide(self) -> tuple[str, dict[str, object]]:
        """The request that moves it over the strip unit."""
        return "slide", {"thing": self.thing}


@dataclass(frozen=True, slots=True)
class TableState:
    """Everything on the table; *network* is one of `NETWORK_STATES`, or "none"."""

    pieces: tuple[Piece, ...]
    devices: Mapping[str, bool]
    network: str


def state_of(answer: Mapping[str, Any]) -> TableState:
    """The state that the request "state" was answered with.  Raises `TableGone` when it is none."""
    try:
        pieces = tuple(piece for thing in answer["things"] for piece in _pieces(thing))
        return TableState(pieces, dict(answer["devices"]), str(answer["network"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise TableGone("the answer is no state of a table") from error


def _pieces(thing: Mapping[str, Any]) -> list[Piece]:
    one, kind, title, number, note = (str(thing[name]) for name in ("id", "kind", "title", "number", "note"))
    tags, strip = thing.get("tags", ()), str(thing.get("strip", ""))
    if not tags:
        return [Piece(one, kind, title, number, note, str(thing["place"]), strip=strip)]
    pieces = []
    for part, tag in enumerate(tags, 1):
        place = PAD if tag["on_pad"] else SHELF
        which = 0 if len(tags) == 1 else part
        pieces.append(Piece(one, kind, title, number, note, place, which, len(tags), int(tag["afi"]), strip))
    return pieces
