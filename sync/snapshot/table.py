"""Many short texts by name, as one sorted text: nothing is taken apart before it is asked for.

A line is `key TAB value`; lines are sorted by key (by ASCII) and end with LF.  100,000 lines are one string of their
own length in memory, and a key is found by halving in some 17 looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_BETWEEN = "\t"
_END = "\n"


class Table:
    """An unchangeable mapping of printable ASCII keys to ASCII values."""

    __slots__ = ("text",)

    def __init__(self, text: str = "") -> None:
        """Takes *text* as it is: whoever made it, by `of`, vouches for its order."""
        self.text = text

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Table:
        """The table of *pairs*, in any order.  Raises ValueError for a key that is there twice."""
        lines = sorted(f"{key}{_BETWEEN}{value}{_END}" for key, value in pairs)
        keys = {line.partition(_BETWEEN)[0] for line in lines}
        if len(keys) != len(lines):
            raise ValueError("a key is there twice")
        return cls("".join(lines))

    def find(self, key: str) -> str | None:
        """The value of *key*, None when there is none."""
        text, sought = self.text, key + _BETWEEN
        low, high = 0, len(text)
        while low < high:
            start = text.rfind(_END, low, (low + high) // 2) + 1 or low
            end = text.index(_END, start)
            if text.startswith(sought, start):
                return text[start + len(sought) : end]
            if text[start:end] < sought:
                low = end + 1
            else:
                high = start
        return None

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every key with its value, in order."""
        for line in self.text.splitlines():
            key, _, value = line.partition(_BETWEEN)
            yield key, value

    def __len__(self) -> int:
        """How many keys there are."""
        return self.text.count(_END)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Table({len(self)} lines)"
