"""What can be done on the table, and what lies where, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

CARD = "card"
SHELF, PAD, READER = "shelf", "pad", "reader"
STRIP_UNIT = "strip-unit"
STRIP_STATES = ("active", "inactive", "erased")
NETWORK_STATES = ("whole", "cut", "mute")
CARD_CHOICES = ("approve", "decline")
WALLET_DEEDS = ("pay", "decline")
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
    its magnetic strip stands, one of `STRIP_STATES`, empty for what has none.  *has_chute*: the pad is in the chute of
    a book drop.
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
    has_chute: bool = False

    @property
    def id(self) -> str:
        """Names the piece on this table."""
        return f"{self.thing}/{self.part}"

    @property
    def move(self) -> tuple[str, dict[str, object]]:
        """The request that a touch on it means.

        Onto the pad or reader, or back to the shelf; over the strip unit where it has a strip and no tag; into the
        chute where there is one, and out of it again.
        """
        if self.has_chute and self.kind != CARD:
            return ("pull-out", {}) if self.place == PAD else ("insert", {"thing": self.thing})
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
class Deed:
    """What hands can do beside moving things: *name* says what, *request* is what a touch on it means.

    *is_on*: it is so until it is touched again, as a card that is shown to whoever asks.
    """

    name: str
    request: tuple[str, dict[str, object]]
    is_enabled: bool = True
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class TableState:
    """Everything on the table; *network* is one of `NETWORK_STATES`, or "none"."""

    pieces: tuple[Piece, ...]
    devices: Mapping[str, bool]
    network: str
    deeds: tuple[Deed, ...] = ()


def state_of(answer: Mapping[str, Any]) -> TableState:
    """The state that the request "state" was answered with.  Raises `TableGone` when it is none."""
    try:
        has_chute = "chute" in answer
        pieces = tuple(piece for thing in answer["things"] for piece in _pieces(thing, has_chute))
        return TableState(pieces, dict(answer["devices"]), str(answer["network"]), tuple(_deeds(answer)))
    except (KeyError, TypeError, AttributeError) as error:
        raise TableGone("the answer is no state of a table") from error


def _deeds(answer: Mapping[str, Any]) -> Iterator[Deed]:
    """What can be done at the corners of the table that there are."""
    if "chute" in answer:
        yield Deed("pull-out", ("pull-out", {}), is_enabled=bool(answer["chute"]))
        is_full = bool(answer["is_full"])
        yield Deed("bin full", ("bin", {"how": "emptied" if is_full else "full"}), is_on=is_full)
    elif "money" in answer:
        for choice in CARD_CHOICES:
            is_on = answer["card"] == choice
            yield Deed(f"card {choice}", ("card", {"choice": "none" if is_on else choice}), is_on=is_on)
        is_open = any(order["state"] == "pending" for order in answer["money"]["qr"])
        for how in WALLET_DEEDS:
            yield Deed(f"wallet {how}", ("wallet", {"how": how}), is_enabled=is_open)
    if "paper" in answer:
        yield Deed("tear", ("tear", {}), is_enabled=bool(answer["paper"]))


def _pieces(thing: Mapping[str, Any], has_chute: bool) -> list[Piece]:
    one, kind, title, number, note = (str(thing[name]) for name in ("id", "kind", "title", "number", "note"))
    tags, strip = thing.get("tags", ()), str(thing.get("strip", ""))
    if not tags:
        return [Piece(one, kind, title, number, note, str(thing["place"]), strip=strip, has_chute=has_chute)]
    # Nobody drops one part of a book.
    parts = tags[:1] if has_chute else tags
    pieces = []
    for part, tag in enumerate(parts, 1):
        place = PAD if tag["on_pad"] else SHELF
        which = 0 if len(parts) == 1 else part
        afi = int(tag["afi"])
        pieces.append(Piece(one, kind, title, number, note, place, which, len(parts), afi, strip, has_chute))
    return pieces
