"""What a person does to a far end that is served alone: one line of words in, one line of words out.

| far end | what can be said |
|---|---|
| a pad | `lay NUMBER [MODEL]`, `take NUMBER`, `take`, `look` |
| a scanner | `scan CODE` |
| a strip unit | `slide NAME [tape]`, `lay NAME [tape]`, `lift`, `look` |
| a printer | `look`, `tear`, `load [LINES]` |
| a card terminal | `card CHOICE` (`approve`, `decline`, ... or `none`), `look` |
| a payment back end | `pay [KEY]`, `decline [KEY]`, `look` |
| a book drop | `insert NAME`, `pull-out`, `full`, `emptied`, `look` |

The models of a tag are those of `drivers/rfid/tagdata/rules.py`, with `blank`.  `help` lists what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, cast

from drivers.rfid.tagdata.rules import Model
from drivers.sim import shelf
from drivers.sim.book_drop import BookDropFarEnd
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.keyboard_scanner import KeyboardScannerFarEnd
from drivers.sim.qr_backend import QrBackendFarEnd, QrOrder
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.strip import StripItem, plain_item, tape
from drivers.sim.tag import SimulatedTag
from drivers.sim.tag_field import TagField
from drivers.sim.uhf_tag import SimulatedUhfTag, UhfField
from drivers.sim.zvt_terminal import ZvtTerminalFarEnd
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
    "blank": lambda number: shelf.uhf_blank_tag(_whole(number)),
}
STRIP_ITEMS: Mapping[str, Callable[[str], StripItem]] = {"book": plain_item, "tape": tape}


class StripUnitFarEnd(Protocol):
    """A simulated strip unit, as far as a hand reaches it."""

    def slide(self, *items: StripItem) -> None:
        """Moves *items*, as one, over the unit."""

    def lay(self, *items: StripItem) -> None:
        """Lays *items* on it."""

    def lift(self) -> None:
        """Takes away what lies there."""


class Hands:
    """A person's hands at one far end: remember which tag is in which book."""

    def __init__(self, far_end: object) -> None:
        self._moves = _moves_at(far_end)

    def do(self, line: str) -> str:
        """What comes of *line*.  Raises `CannotBeDone` for what makes no sense."""
        words = line.split()
        if not words or words[0] == "help":
            return "can be said: " + ", ".join(sorted(self._moves) or ["nothing"])
        move = self._moves.get(words[0])
        if move is None:
            raise CannotBeDone(f"{words[0]!r} makes no sense here; {self.do('help')}")
        try:
            return move(*words[1:])
        except TypeError as error:
            raise CannotBeDone(f"{words[0]!r} takes other words, or fewer, or more") from error
        except KeyError as error:
            raise CannotBeDone(f"{line.strip()!r}: there is no such thing here") from error
        except ValueError as error:
            raise CannotBeDone(f"{line.strip()!r} cannot be done: {error}") from error


def _moves_at(far_end: object) -> Moves:
    match far_end:
        case TagField():
            return _at_pad(far_end, HF_TAGS, lambda tag: f"{tag.uid} AFI {tag.afi:02X}")
        case UhfField():
            return _at_pad(far_end, UHF_TAGS, lambda tag: f"{tag.pc:04X} {tag.epc.hex().upper()}")
        case ScannerFarEnd() | KeyboardScannerFarEnd():
            return {"scan": lambda code: _scanned(far_end, code)}
        case EscposPrinterFarEnd():
            return {
                "look": lambda: (
                    " | ".join(one.text for one in far_end.paper if one.text) or "no paper came out"
                ),
                "tear": lambda: f"{len(far_end.tear_off())} lines torn off",
                "load": lambda lines="1000": _loaded(far_end, _whole(lines)),
            }
        case ZvtTerminalFarEnd():
            return {"card": far_end.show, "look": lambda: _ledger(far_end)}
        case QrBackendFarEnd():
            return {
                "pay": lambda key="": f"paid: {_orders([far_end.pay(key)])}",
                "decline": lambda key="": f"not paid: {_orders([far_end.decline(key)])}",
                "look": lambda: _orders(far_end.orders.values()) or "no payment was asked for",
            }
        case BookDropFarEnd():
            return _at_drop(far_end)
        case _ if all(hasattr(far_end, move) for move in ("slide", "lay", "lift")):
            return _at_strip_unit(cast(StripUnitFarEnd, far_end))
        case _:
            return {}


def _at_pad(
    field: TagField | UhfField, makers: Mapping[str, Callable[[str], Any]], show: Callable[[Any], str]
) -> Moves:
    laid: dict[str, Any] = {}

    def lay(number: str, model: str = next(iter(makers))) -> str:
        if model not in makers:
            raise CannotBeDone(f"model {model!r} is not known here; allowed: {', '.join(makers)}")
        laid[number] = makers[model](number)
        field.lay(laid[number])
        return f"{number} lies there"

    def take(*numbers: str) -> str:
        taken = [laid.pop(number) for number in numbers or tuple(laid)]
        if isinstance(field, TagField):
            field.take(*(tag.uid for tag in taken))
        else:
            field.take(*taken)
        return f"{len(taken)} taken away"

    return {
        "lay": lay,
        "take": take,
        "look": lambda: ", ".join(show(tag) for tag in field.tags()) or "nothing lies there",
    }


def _at_strip_unit(unit: StripUnitFarEnd) -> Moves:
    items: dict[str, StripItem] = {}

    def item(name: str, kind: str = "book") -> StripItem:
        if kind not in STRIP_ITEMS:
            raise CannotBeDone(f"{kind!r} is not known here; allowed: {', '.join(STRIP_ITEMS)}")
        return items.setdefault(name, STRIP_ITEMS[kind](name))

    def slide(*words: str) -> str:
        unit.slide(item(*words))
        return f"{words[0]} slides over it"

    def lay(*words: str) -> str:
        unit.lay(item(*words))
        return f"{words[0]} lies there"

    def lift() -> str:
        unit.lift()
        return "nothing lies there"

    return {"slide": slide, "lay": lay, "lift": lift, "look": lambda: _strips(items.values())}


def _at_drop(drop: BookDropFarEnd) -> Moves:
    def insert(name: str) -> str:
        drop.insert(name)
        return f"{name} lies in front of the flap"

    def pull_out() -> str:
        return f"{drop.take_out() or 'nothing'} taken out"

    def fill(is_full: bool) -> str:
        drop.is_full = is_full
        return "the bin is full" if is_full else "there is room in the bin"

    def look() -> str:
        bins = "; ".join(f"bin {name or 'below'}: {', '.join(items)}" for name, items in drop.bins.items())
        return f"in front of the flap: {drop.in_front or 'nothing'}; {bins or 'nothing fell'}"

    return {
        "insert": insert,
        "pull-out": pull_out,
        "full": lambda: fill(True),
        "emptied": lambda: fill(False),
        "look": look,
    }


def _strips(items: Iterable[StripItem]) -> str:
    told = (
        f"{item.name} {'active' if item.is_active else 'inactive'}{', erased' if item.is_erased else ''}"
        for item in items
    )
    return "; ".join(told) or "no item has been here"


def _ledger(far_end: ZvtTerminalFarEnd) -> str:
    told = (
        f"{one.minor / 100:.2f} (receipt {one.receipt}{', given back' if one.is_reversed else ''})"
        for one in far_end.authorised
    )
    return "; ".join(told) or "no money was taken"


def _orders(orders: Iterable[QrOrder]) -> str:
    return "; ".join(f"{one.minor / 100:.2f} {one.currency} {one.state} ({one.key})" for one in orders)


def _scanned(far_end: ScannerFarEnd | KeyboardScannerFarEnd, code: str) -> str:
    far_end.scan(code)
    return "scanned"


def _whole(word: str) -> int:
    if not (word.isascii() and word.isdecimal()):
        raise CannotBeDone(f"{word!r} has to be a whole number here")
    return int(word)


def _loaded(far_end: EscposPrinterFarEnd, lines: int) -> str:
    far_end.load(lines)
    return f"paper for {lines} lines"
