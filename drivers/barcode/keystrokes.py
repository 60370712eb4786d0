"""Keys down and up in, characters out: shift, AltGr, control, caps lock, dead keys and Alt numbers.

What a key is held for is known only from what came since the device was opened or last silent, so `forget` begins anew:
a scanner holds no key between two codes, and one whose release got lost must not change the next code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from drivers.barcode.alt_codes import DIGITS_MAX, character_of
from drivers.barcode.keymap import KEYPAD_DIGITS, Dead, Layout, Level, has_alt_gr, is_letter, meaning
from drivers.link import KeyEvent

__all__ = ["MEANINGLESS", "EndKey", "KeystrokeDecoder"]

MEANINGLESS = "\N{REPLACEMENT CHARACTER}"
"""Stands for a key that gives no character, or of which it is not certain what was meant."""

_SHIFTS = frozenset((42, 54))
_CONTROLS = frozenset((29, 97))
_LEFT_ALT, _RIGHT_ALT = 56, 100
_ALTS = frozenset((_LEFT_ALT, _RIGHT_ALT))
_METAS = frozenset((125, 126))
_MODIFIERS = _SHIFTS | _CONTROLS | _ALTS | _METAS
_CAPS_LOCK = 58
_NUM_LOCK, _SCROLL_LOCK = 69, 70
_LOCKS = frozenset((_CAPS_LOCK, _NUM_LOCK, _SCROLL_LOCK))


class EndKey(Enum):
    """A key that a scanner presses when a code is whole."""

    ENTER = "enter"
    KEYPAD_ENTER = "keypad-enter"
    TAB = "tab"


_END_KEYS = {28: EndKey.ENTER, 96: EndKey.KEYPAD_ENTER, 15: EndKey.TAB}


@dataclass(slots=True)
class KeystrokeDecoder:
    """The state of one keyboard; never raises, and holds no more than the keys there are and five digits.

    Keys of *end_keys* give a carriage return; the others that could end a code mean nothing.
    """

    layout: Layout
    end_keys: frozenset[EndKey]
    _held: set[int] = field(default_factory=set)
    _has_caps: bool = False
    _dead: Dead | None = None
    _number: str | None = field(default=None, repr=False)

    def take(self, key: KeyEvent) -> str:
        """The characters that *key* completes, possibly none; `MEANINGLESS` for what spoils a code."""
        if not key.is_down:
            return self._released(key.code)
        if key.code in self._held:  # it cannot go down twice: its release, and who knows what else, was lost
            return MEANINGLESS
        self._held.add(key.code)
        if key.code in _MODIFIERS:
            return ""
        if key.code in _LOCKS:
            self._has_caps ^= key.code == _CAPS_LOCK
            return ""
        if key.code in _END_KEYS:
            return self._ended(_END_KEYS[key.code])
        return self._typed(key.code)

    def forget(self) -> bool:
        """Begins anew, with no key held; says whether something had begun that belongs to the characters given."""
        self._has_caps = False
        return self._let_go()

    def _let_go(self) -> bool:
        """As `forget`, but for caps lock: a scanner that sets it for a code takes it back behind the end of it."""
        is_midway = bool(self._held & _MODIFIERS) or self._dead is not None or self._number is not None
        self._held.clear()
        self._dead = self._number = None
        return is_midway

    def _released(self, code: int) -> str:
        if code not in self._held:  # held since before it was opened
            return ""
        self._held.discard(code)
        if code not in _ALTS or self._number is None:
            return ""
        digits, self._number = self._number, None
        return character_of(digits) or MEANINGLESS

    def _ended(self, end_key: EndKey) -> str:
        """The end of a code; with a modifier held, somebody's release was lost and the letters are not certain."""
        is_midway = self._let_go()
        if end_key not in self.end_keys:
            return MEANINGLESS
        return MEANINGLESS + "\r" if is_midway else "\r"

    def _typed(self, code: int) -> str:
        has_control = bool(self._held & _CONTROLS)
        has_alt = bool(self._held & _ALTS)
        is_chosen = has_alt_gr(self.layout) and (
            _RIGHT_ALT in self._held or (has_control and _LEFT_ALT in self._held)
        )
        if self._held & _METAS:
            return MEANINGLESS
        if is_chosen:
            return MEANINGLESS if self._held & _SHIFTS else self._signed(code, Level.ALT_GR)
        if has_alt:
            return MEANINGLESS if has_control else self._numbered(code)
        if has_control:
            return self._controlled(code)
        has_shift = bool(self._held & _SHIFTS)
        if self._has_caps and is_letter(self.layout, code):
            has_shift = not has_shift
        return self._signed(code, Level.SHIFT if has_shift else Level.PLAIN)

    def _numbered(self, code: int) -> str:
        """Another digit of a character's number; one more than there can be stays, so that it means nothing."""
        if code not in KEYPAD_DIGITS:
            return MEANINGLESS
        self._number = ((self._number or "") + KEYPAD_DIGITS[code])[: DIGITS_MAX + 1]
        return ""

    def _controlled(self, code: int) -> str:
        """Control and a letter (or one of the three signs behind Z) give a control character, as on a terminal."""
        sign = meaning(self.layout, code, Level.PLAIN)
        if not isinstance(sign, str) or not ("a" <= sign <= "z" or sign in "[\\]"):
            return MEANINGLESS
        return chr(ord(sign) & 0x1F)

    def _signed(self, code: int, level: Level) -> str:
        sign = meaning(self.layout, code, level)
        dead, self._dead = self._dead, None
        if isinstance(sign, Dead):
            if dead is None:
                self._dead = sign
                return ""
            return MEANINGLESS
        if dead is not None:
            return dead.value if sign == " " else MEANINGLESS
        return sign or MEANINGLESS
