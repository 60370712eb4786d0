"""What a person does to a far end that is served alone: one line of words in, one line of words out.

| far end | what can be said |
|---|---|
| a pad | `lay NUMBER [MODEL]`, `take NUMBER`, `take`, `look` |
| a scanner | `scan CODE` |
| a strip unit | `slide NAME [tape]`, `lay NAME [tape]`, `lift`, `look` |
| a printer | `look`, `tear`, `load [LINES]` |

The models of a tag are those of `drivers/rfid/tagdata/rules.py`, with `blank`.  `help` lists what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from drivers.masked import Masked
from drivers.rfid.tagdata.rules import Model
from drivers.sim import shelf
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.keyboard_scanner import KeyboardScannerFarEnd
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.strip import StripItem, plain_item, tape
from drivers.sim.tag import SimulatedTag
from drivers.sim.tag_field import TagField
from drivers.sim.uhf_tag import SimulatedUhfTag, UhfField
from kiosk.sim.control import CannotBeDone

Moves = Mapping[str, Callable[..., str]]

HF_TAGS: Mapping[str, Callable[[str], SimulatedTag]] = {
    Model.ISO_28560_3.value: shelf.item_tag,
    Model.ISO_28560_2.value: shelf.item_tag_28560_2,
    Model.LEGACY_3M.value: shelf.item_tag_3m,
    Model.ASCII.value: shelf.clear_item_tag,
    "blank": shelf.empty_tag,
}
UHF_TAGS: Mapping[str, Callable[[str], SimulatedUhfTag]] = {
    Model.ISO_28560_4.value: shelf.uhf_item_tag,
    Model.CN_UNIVERSITY.value: shelf.uhf_consortium_tag,
    "blank": lambda number: shelf.uhf_blank_tag(int(number)),
}


class StripUnitFarEnd(Protocol):
    """A simulated strip unit, as far as a hand reaches it."""

    def slide(self, *items: StripItem) -> None:
        """Moves *items*, as one, over the unit."""

    def lay(self, *items: StripItem) -> None:
        """Lays *items* on it."""

    def lift(self) -> None:
        """Takes away what lies there."""


def said(far_end: object, line: str) -> str:
    """What comes of *line*, said to *far_end*.  Raises `CannotBeDone` for what makes no sense to it."""
    words = line.split()
    moves = moves_of(far_end)
    if not words or words[0] == "help":
        return "can be said: " + ", ".join(sorted(moves) or ["nothing"])
    move = moves.get(words[0])
    if move is None:
        raise CannotBeDone(f"{words[0]!r} makes no sense here; " + said(far_end, "help"))
    try:
        return move(*words[1:])
    except (TypeError, ValueError, KeyError) as error:
        raise CannotBeDone(f"{line.strip()!r} cannot be done: {error}") from error


def moves_of(far_end: object) -> Moves:
    """What can be said to *far_end*, by its first word."""
    match far_end:
        case TagField():
            return _at_pad(_HfPad(far_end))
        case UhfField():
            return _at_pad(_UhfPad(far_end))
        case ScannerFarEnd() | KeyboardScannerFarEnd():
            return {"scan": lambda code: _scanned(far_end, code)}
        case EscposPrinterFarEnd():
            return {
                "look": lambda: " | ".join(one.text for one in far_end.paper if one.text) or "no paper came out",
                "tear": lambda: f"{len(far_end.tear_off())} lines torn off",
                "load": lambda lines="1000": _loaded(far_end, int(lines)),
            }
        case _ if all(hasattr(far_end, move) for move in ("slide", "lay", "lift")):
            return _StripHand(far_end).moves  # type: ignore[arg-type]
        case _:
            return {}


class _Pad(Protocol):
    """Tags on a pad by the number of the book."""

    def lay(self, number: str, model: str) -> None: ...

    def take(self, numbers: tuple[str, ...]) -> None: ...

    def lying(self) -> tuple[str, ...]: ...


class _HfPad:
    def __init__(self, field: TagField) -> None:
        self._field = field
        self._numbers: dict[str, SimulatedTag] = {}

    def lay(self, number: str, model: str) -> None:
        tag = _made(HF_TAGS, model or Model.ISO_28560_3.value)(number)
        self._numbers[number] = tag
        self._field.lay(tag)

    def take(self, numbers: tuple[str, ...]) -> None:
        self._field.take(*(self._numbers[number].uid for number in numbers))

    def lying(self) -> tuple[str, ...]:
        return tuple(f"{tag.uid} AFI {tag.afi:02X}" for tag in self._field.tags())
