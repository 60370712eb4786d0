"""A text that points to a person, or opens an account: prints masked, compares as itself."""

from __future__ import annotations

from typing import final


class Masked:
    """Holds *text* and shows at most its last two characters.

    `str`, `repr` and format give the mask, so that a log line, a traceback or an f-string cannot leak the text.
    Only `reveal` gives it back; call that where the text leaves for a wire or a seal, and nowhere else.
    Subclasses are distinct: equal only to the same class with the same text.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @final
    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def mask(self) -> str:
        """What may be shown: dots and the last two characters, dots alone for a text of fewer than six."""
        return "···" + self._text[-2:] if len(self._text) >= 6 else "···"

    @final
    def __str__(self) -> str:
        return self.mask()

    @final
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.mask()})"

    @final
    def __format__(self, spec: str) -> str:
        return format(self.mask(), spec)

    @final
    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Masked) and other._text == self._text

    @final
    def __hash__(self) -> int:
        return hash((type(self).__name__, self._text))

    @final
    def __bool__(self) -> bool:
        return bool(self._text)


class Secret(Masked):
    """A PIN or password: shows nothing of itself, not even its length."""

    __slots__ = ()

    def mask(self) -> str:
        """Three dots, whatever the text."""
        return "···"
