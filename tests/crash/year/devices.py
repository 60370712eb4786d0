"""A pad that fails as real ones do, at the level of its promises: what happens on its wire is proven elsewhere."""

from __future__ import annotations

import random
from dataclasses import dataclass

from drivers.link import DeviceLost
from drivers.rfid import LibraryItem, PadSignal, SecurityState, Tag, TagGone, TagUid, WriteRefused, in_order

SECURED, RELEASED = 0x07, 0xC2


@dataclass(slots=True)
class Book:
    """A book and its one tag.  *damage* tries to write it fail."""

    number: str
    afi: int = SECURED
    damage: int = 0

    @property
    def uid(self) -> TagUid:
        """The tag's own number."""
        return TagUid(f"E00401{int(self.number):010X}")


@dataclass(slots=True)
class Frailty:
    """How often what goes wrong: chances of each write to be lost with the tag, refused, or to take the pad with it."""

    gone: float = 0.0
    refused: float = 0.0
    lost: float = 0.0


class FrailPad:
    """`Pad` over the books that lie on it."""

    def __init__(self, dice: random.Random, frailty: Frailty) -> None:
        self._dice = dice
        self._frailty = frailty
        self.books: dict[TagUid, Book] = {}

    def lay(self, book: Book) -> None:
        """*book* lies on the pad."""
        self.books[book.uid] = book

    def lift(self, book: Book) -> None:
        """*book* is taken off."""
        self.books.pop(book.uid, None)

    def inventory(self) -> tuple[TagUid, ...]:
        """As promised by `Pad`."""
        return in_order(list(self.books))

    def read(self, uid: TagUid) -> Tag:
        """As promised by `Pad`."""
        book = self._book(uid)
        return Tag(uid, LibraryItem(book.number, 1, 1, "CN-000000", 0x11), SecurityState(book.afi))

    def release(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        """As promised by `Pad`."""
        return self._write(uid, RELEASED)

    def secure(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        """As promised by `Pad`."""
        return self._write(uid, SECURED)

    def restore(self, uid: TagUid, before: SecurityState) -> SecurityState:
        """As promised by `Pad`."""
        return self._write(uid, SECURED if before.afi is None else before.afi)[1]

    def is_released(self, state: SecurityState) -> bool:
        """As promised by `Pad`."""
        return state.afi == RELEASED

    def signal(self, signal: PadSignal) -> None:
        """It has no lamp."""

    def close(self) -> None:
        """Nothing to free."""

    def _write(self, uid: TagUid, afi: int) -> tuple[SecurityState, SecurityState]:
        book, before, throw = self._book(uid), self._book(uid).afi, self._dice.random()
        if book.damage > 0:
            book.damage -= 1
            raise WriteRefused("the tag kept its state")
        if throw < self._frailty.gone:
            # Whether the write still reached the tag is another throw.
            if self._dice.random() < 0.5:
                book.afi = afi
            self.lift(book)
            raise TagGone("it left the field")
        if throw < self._frailty.gone + self._frailty.lost:
            if self._dice.random() < 0.5:
                book.afi = afi
            raise DeviceLost("the pad is silent")
        if throw < self._frailty.gone + self._frailty.lost + self._frailty.refused:
            raise WriteRefused("the tag kept its state")
        book.afi = afi
        return SecurityState(before), SecurityState(afi)

    def _book(self, uid: TagUid) -> Book:
        try:
            return self.books[uid]
        except KeyError:
            raise TagGone("it is not in the field") from None
