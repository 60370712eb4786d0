"""What devices and screen showed last, in memory shared with the process that outlives the kiosk.

A store into a shared mapping is no system call: it neither counts among those a kiosk is killed at, nor is it lost.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass, field

from drivers.sim.shelf import item_tags
from drivers.sim.tag import SimulatedTag

SECURED_AFI = 0x07


class Witness:
    """A byte for the AFI of each of *books*, and one that is set once the screen called it lent."""

    def __init__(self, books: Sequence[str]) -> None:
        self._place = {book: 2 * number for number, book in enumerate(books)}
        self._memory = mmap.mmap(-1, max(1, 2 * len(books)))
        for book in books:
            self.set_afi(book, SECURED_AFI)

    def afi(self, book: str) -> int:
        """The AFI byte of *book* as it was written last."""
        return self._memory[self._place[book]]

    def set_afi(self, book: str, afi: int) -> None:
        """The tag of *book* has *afi* from now on."""
        self._memory[self._place[book]] = afi

    def say_lent(self, book: str) -> None:
        """The screen calls *book* lent."""
        self._memory[self._place[book] + 1] = 1

    @property
    def said(self) -> frozenset[str]:
        """The books the screen ever called lent."""
        return frozenset(book for book, place in self._place.items() if self._memory[place + 1])


@dataclass
class WitnessedTag(SimulatedTag):
    """A tag whose AFI is written through to *witness*."""

    book: str = ""
    witness: Witness | None = field(default=None, repr=False)

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "afi" and self.book and self.witness is not None and isinstance(value, int):
            self.witness.set_afi(self.book, value)


def witnessed_tag(book: str, witness: Witness) -> WitnessedTag:
    """The tag of *book*, in the state the witness saw last."""
    (tag,) = item_tags(book, 1)
    return WitnessedTag(tag.uid, tag.memory, afi=witness.afi(book), book=book, witness=witness)
