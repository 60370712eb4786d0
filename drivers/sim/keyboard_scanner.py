"""The far end of a scanner that is a keyboard: types a code key by key, as a country has its keys or as Alt numbers.

Its tables say which keys a character takes and were written for themselves, not turned round from the driver's, so that
a slip in one of the two shows.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from drivers.link import Clock
from drivers.link.key_events import EV_KEY, EV_SYN, SYN_DROPPED, SYN_REPORT, InputEvent

__all__ = [
    "BrokenOff",
    "GapInside",
    "KeyFault",
    "KeyboardScannerFarEnd",
    "Manner",
    "OtherKeyInside",
    "ReleaseLost",
    "Repeating",
    "Slow",
]

_EV_MSC, _MSC_SCAN = 4, 4
_SHIFT, _CONTROL, _ALT, _ALT_GR = 42, 29, 56, 100
_ENTER = 28
_KEYPAD = {"7": 71, "8": 72, "9": 73, "4": 75, "5": 76, "6": 77, "1": 79, "2": 80, "3": 81, "0": 82}

Stroke = tuple[tuple[int, ...], int]
"""The keys that are held, and the one that is pressed."""


class Manner(Enum):
    """How it types."""

    US = "us"
    DE = "de"
    FR = "fr"
    ALT = "alt"
    ALT_ZERO = "alt with leading zeros"
    KEYPAD = "digits on the keypad, the rest as in the US"


@dataclass(frozen=True, slots=True)
class Repeating:
    """The key at *position* is held so long that it repeats."""

    position: int


@dataclass(frozen=True, slots=True)
class ReleaseLost:
    """The keys at *position*, the modifiers too, never come up."""

    position: int


@dataclass(frozen=True, slots=True)
class GapInside:
    """The kernel throws away what is typed from *position* on, *length* characters long, and says so."""

    position: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class OtherKeyInside:
    """The key *code* is pressed before *position*, as by somebody's hand."""

    position: int
    code: int


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """Only the first *length* characters come, and no end."""

    length: int


@dataclass(frozen=True, slots=True)
class Slow:
    """*key_seconds* lie between the keys."""

    key_seconds: float


KeyFault = Repeating | ReleaseLost | GapInside | OtherKeyInside | BrokenOff | Slow


def _us_strokes() -> dict[str, Stroke]:
    strokes: dict[str, Stroke] = {" ": ((), 57)}
    for first, plain, shifted in (
        (2, "1234567890-=", "!@#$%^&*()_+"),
        (16, "qwertyuiop[]", "QWERTYUIOP{}"),
        (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
        (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    ):
        strokes |= {character: ((), first + place) for place, character in enumerate(plain)}
        strokes |= {character: ((_SHIFT,), first + place) for place, character in enumerate(shifted)}
    return strokes


def _german_strokes() -> dict[str, Stroke]:
    strokes = {text: stroke for text, stroke in _us_strokes().items() if text.isalnum() or text == " "}
    for one, other in ("yz", "YZ"):
        strokes[one], strokes[other] = strokes[other], strokes[one]
    plain = {"+": 27, "#": 43, "<": 86, ",": 51, ".": 52, "-": 53}
    shift = {
        "!": 2, '"': 3, "$": 5, "%": 6, "&": 7, "/": 8, "(": 9, ")": 10, "=": 11, "?": 12,
        "*": 27, "'": 43, ">": 86, ";": 51, ":": 52, "_": 53,
    }  # fmt: skip
    alt_gr = {"{": 8, "[": 9, "]": 10, "}": 11, "\\": 12, "@": 16, "~": 27, "|": 86}
    return strokes | _levels(plain, shift, alt_gr)


def _french_strokes() -> dict[str, Stroke]:
    strokes = {text: stroke for text, stroke in _us_strokes().items() if text.isalpha() or text == " "}
    for one, other in ("aq", "AQ", "zw", "ZW"):
        strokes[one], strokes[other] = strokes[other], strokes[one]
    plain = {
        "&": 2, '"': 4, "'": 5, "(": 6, "-": 7, "_": 9, ")": 12, "=": 13, "$": 27, "*": 43, "<": 86,
        "m": 39, ",": 50, ";": 51, ":": 52, "!": 53,
    }  # fmt: skip
    shift = {digit: 2 + place for place, digit in enumerate("1234567890")}
    shift |= {"+": 13, "%": 40, ">": 86, "M": 39, "?": 50, ".": 51, "/": 52}
    alt_gr = {"#": 4, "{": 5, "[": 6, "|": 7, "\\": 9, "^": 10, "@": 11, "]": 12, "}": 13}
    return strokes | _levels(plain, shift, alt_gr)


def _levels(plain: dict[str, int], shift: dict[str, int], alt_gr: dict[str, int]) -> dict[str, Stroke]:
    levels = (((), plain), ((_SHIFT,), shift), ((_ALT_GR,), alt_gr))
    return {text: (held, code) for held, keys in levels for text, code in keys.items()}


# Signs that take a dead key and the space bar.
_SPACE: Stroke = ((), 57)
_DEAD: dict[Manner, dict[str, Stroke]] = {
    Manner.DE: {"^": ((), 41), "`": ((_SHIFT,), 13)},
    Manner.FR: {"~": ((_ALT_GR,), 3), "`": ((_ALT_GR,), 8)},
}


def _strokes(manner: Manner) -> dict[str, tuple[Stroke, ...]]:
    tables = {Manner.DE: _german_strokes, Manner.FR: _french_strokes}
    table = {text: (stroke,) for text, stroke in tables.get(manner, _us_strokes)().items()}
    if manner is Manner.KEYPAD:
        table |= {digit: (((), code),) for digit, code in _KEYPAD.items()}
    return table | {text: (stroke, _SPACE) for text, stroke in _DEAD.get(manner, {}).items()}


def _pressed(code: int) -> list[list[InputEvent]]:
    return [[(_EV_MSC, _MSC_SCAN, 0x70000 + code), (EV_KEY, code, 1)]]


def _released(code: int) -> list[list[InputEvent]]:
    return [[(_EV_MSC, _MSC_SCAN, 0x70000 + code), (EV_KEY, code, 0)]]


def _typed(stroke: Stroke) -> list[list[InputEvent]]:
    """The reports of one stroke: keys held go down first and come up last."""
    held, code = stroke
    reports = [report for key in held for report in _pressed(key)]
    reports += _pressed(code) + _released(code)
    return reports + [report for key in reversed(held) for report in _released(key)]


class KeyboardScannerFarEnd:
    """A scanner that types *prefix*, an AIM identifier where one is given, the code and *end_key*.

    *key_seconds* lie between two reports; *end_key* None is a scanner that adds nothing.  It may be used from two
    threads.
    """

    def __init__(
        self,
        clock: Clock,
        manner: Manner = Manner.US,
        end_key: int | None = _ENTER,
        key_seconds: float = 0.004,
    ) -> None:
        self.manner = manner
        self.end_key = end_key
        self.key_seconds = key_seconds
        self.prefix = ""
        self._clock = clock
        self._reports: deque[tuple[float, tuple[InputEvent, ...]]] = deque()
        self._lock = threading.Lock()

    def scan(self, code: str, aim: str = "", fault: KeyFault | None = None) -> None:
        """Shows it *code* (ASCII); *aim* is letter and modifier, as "F0".  What was scanned before is typed first."""
        text = self.prefix + ("]" + aim if aim else "") + code
        if isinstance(fault, BrokenOff):
            text = text[: fault.length]
        pieces = [self._keys(character) for character in text]
        if fault is not None:
            self._damage(pieces, fault)
        if self.end_key is not None and not isinstance(fault, BrokenOff):
            pieces.append(_typed(((), self.end_key)))
        seconds = fault.key_seconds if isinstance(fault, Slow) else self.key_seconds
        self.type((report for piece in pieces for report in piece), seconds)

    def type(self, reports: Iterable[Iterable[InputEvent]], key_seconds: float | None = None) -> None:
        """Sends *reports* as they are, each followed by SYN_REPORT, *key_seconds* apart."""
        pause = self.key_seconds if key_seconds is None else key_seconds
        with self._lock:
            due = max(self._clock.monotonic(), self._reports[-1][0] + pause if self._reports else 0.0)
            for report in reports:
                self._reports.append((due, (*report, (EV_SYN, SYN_REPORT, 0))))
                due += pause

    def due_at(self) -> float | None:
        """See `KeyFarEnd.due_at`."""
        with self._lock:
            return self._reports[0][0] if self._reports else None

    def events(self) -> tuple[InputEvent, ...]:
        """See `KeyFarEnd.events`."""
        given: list[InputEvent] = []
        with self._lock:
            while self._reports and self._reports[0][0] <= self._clock.monotonic():
                given += self._reports.popleft()[1]
        return tuple(given)

    def drop_typing(self) -> None:
        """Forgets what it was about to type, as a scanner does that loses its power."""
        with self._lock:
            self._reports.clear()

    def _keys(self, character: str) -> list[list[InputEvent]]:
        if self.manner in (Manner.ALT, Manner.ALT_ZERO):
            digits = f"{ord(character):0{4 if self.manner is Manner.ALT_ZERO else 1}}"
            inner = [report for digit in digits for report in _typed(((), _KEYPAD[digit]))]
            return _pressed(_ALT) + inner + _released(_ALT)
        return [report for stroke in _strokes(self.manner)[character] for report in _typed(stroke)]

    @staticmethod
    def _damage(pieces: list[list[list[InputEvent]]], fault: KeyFault) -> None:
        match fault:
            case Repeating(position):
                down = next(index for index, report in enumerate(pieces[position]) if report[-1][2] == 1)
                again = [[(EV_KEY, pieces[position][down][-1][1], 2)] for _ in range(5)]
                pieces[position][down + 1 : down + 1] = again
            case ReleaseLost(position):
                pieces[position] = [report for report in pieces[position] if report[-1][2] != 0]
            case GapInside(position, length):
                pieces[position : position + length] = [[[(EV_SYN, SYN_DROPPED, 0), (EV_KEY, 2, 1)]]]
            case OtherKeyInside(position, code):
                pieces.insert(position, _typed(((), code)))
            case BrokenOff() | Slow():
                pass
