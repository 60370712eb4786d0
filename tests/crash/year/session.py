"""One reader at one terminal: card, books, what they do with what the screen asks, and how they leave."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from kiosk.workflow.view import NotServed, PutBack, Status, Summary
from sync.entries import EntryKey, Lend
from tests.crash.year.devices import RELEASED, Book
from tests.crash.year.ledger import Ended, Ledger, Left
from tests.crash.year.library import WorldTime
from tests.crash.year.terminal import Terminal

VERIFIED = (Status.LENT, Status.LENT_PROVISIONALLY)
TOLD_LENT = (*VERIFIED, Status.LENT_NOT_VERIFIED, Status.LENT_STAYS_SECURED)
UNSURE = (None, Status.ASKING, Status.RELEASING, Status.UNDOING, Status.PUT_BACK)
"""What leaves a reader unsure when the power went."""
ENTRIES_OF_A_SESSION = 24
PUT_BACK_CHANCE = 0.6


class Session:
    """*reader* with *books* at *terminal*; the power goes *cut_after* so many turns."""

    def __init__(
        self,
        terminal: Terminal,
        reader: str,
        books: list[Book],
        cut_after: int | None,
        *,
        dice: random.Random,
        time: WorldTime,
        ledger: Ledger,
    ) -> None:
        self._terminal = terminal
        self._reader = reader
        self._books = books
        self._cut_after = cut_after
        self._dice = dice
        self._time = time
        self._ledger = ledger
        self._told: dict[str, Status] = {}
        self._turns = 0

    def pass_by(self) -> list[Left]:
        """All of it; how each book left."""
        begun = self._time.now()
        before = {str(entry.key) for entry in self._terminal.journal.entries(limit=ENTRIES_OF_A_SESSION)}
        is_cut = not self._borrow()
        if is_cut:
            self._cut()
            if self._terminal.is_idle:
                # Back at work: the reader tries once more.
                for book in self._books:
                    self._terminal.pad.lift(book)
                self._cut_after = None
                self._borrow()
        keys: dict[str, list[EntryKey]] = {}
        for entry in self._terminal.journal.entries(limit=ENTRIES_OF_A_SESSION):
            if isinstance(entry.promise, Lend) and str(entry.key) not in before:
                keys.setdefault(str(entry.promise.item), []).append(entry.key)
        return [self._left(book, begun, tuple(keys.get(book.number, ())), is_cut) for book in self._books]

    def _left(self, book: Book, begun: datetime, keys: tuple[EntryKey, ...], is_cut: bool) -> Left:
        self._terminal.pad.lift(book)
        status = self._told.get(book.number)
        ended = Ended.ON_ITS_SHELF
        if status in TOLD_LENT or (is_cut and status is Status.ALREADY_YOURS):
            ended = Ended.TAKEN
        elif is_cut and status in UNSURE:
            ended = Ended.LEFT_TO_STAFF
        if status in VERIFIED and book.afi != RELEASED:
            self._ledger.found.append(f"{book.number}: was said to be lent, and its tag is not released (I2)")
        self._ledger.counts[f"told {status.value if status else 'nothing'}"] += 1
        left = Left(
            book.number, self._reader, self._terminal.name, begun, self._time.now(), ended, status, keys
        )
        self._ledger.leave(left)
        return left

    def _cut(self) -> None:
        """The power goes, now and then several times in a row, and a clock may have lost its time."""
        while True:
            self._ledger.counts["power cuts"] += 1
            self._terminal.power_cut()
            if self._dice.random() < 0.7:
                break
            self._terminal.until(lambda: False, self._dice.uniform(0.0, 2.0))
        self._terminal.until(lambda: self._terminal.is_idle, 60.0)

    def _wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether the session goes on."""

        def is_over() -> bool:
            self._turns += 1
            for line in self._terminal.lines:
                if line.item is not None:
                    self._told[line.item] = line.status
            return self._is_cut or condition()

        self._terminal.until(is_over, seconds)
        return not self._is_cut

    @property
    def _is_cut(self) -> bool:
        return self._cut_after is not None and self._turns >= self._cut_after

    def _borrow(self) -> bool:
        """From the card to the summary; False when the power went."""
        terminal = self._terminal
        terminal.show_card(self._reader)
        goes_on = self._wait_for(lambda: not terminal.is_idle, 5.0)
        for book in self._books:
            terminal.pad.lay(book)
        goes_on = goes_on and self._wait_for(lambda: terminal.is_done_with(self._books), 90.0)
        while goes_on and isinstance(terminal.view, PutBack):
            if self._dice.random() < PUT_BACK_CHANCE:
                for book in self._books:
                    terminal.pad.lay(book)
            else:
                terminal.touch("no")
            goes_on = self._wait_for(lambda: not isinstance(terminal.view, PutBack), 10.0)
            goes_on = goes_on and self._wait_for(lambda: terminal.is_done_with(self._books), 60.0)
        if goes_on and not isinstance(terminal.view, NotServed):
            terminal.touch("finish")
            goes_on = self._wait_for(lambda: isinstance(terminal.view, Summary) or terminal.is_idle, 60.0)
        if goes_on:
            terminal.touch("done")
        return goes_on
