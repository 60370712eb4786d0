"""What surely was never sent, and that it stays so until a row of the journal says that the server was reached.

What is given back while the server is away is in no doubt as long as the terminal runs.  That it is in none after a
restart, either, takes two rows: one of the entry, that it was never sent so far, and one of no entry (`ServerReached`),
that from there on it may have been.  So everything here is about one order: what is noted as unsent is not sent before
leave was given for that note, and leave is given for all notes so far by whoever has committed that row.
"""

from __future__ import annotations

from typing import Final

from sync.uplink.waiting import Stage, Waiting

ASK_SECONDS: Final = 60.0
"""After this long leave is asked for again: whoever gives it may have failed over it."""


class Unsent:
    """The notes of one lane, counted from 1."""

    def __init__(self) -> None:
        self._notes = 0
        self._leave = 0
        self._asked = 0
        self._asked_at_seconds = 0.0

    def note(self, waiting: Waiting) -> bool:
        """Notes *waiting*; false where it is noted already, was perhaps sent, or is only wished for."""
        if waiting.noted or waiting.stage is not Stage.FRESH or not waiting.is_fact:
            return False
        self._notes += 1
        waiting.noted = self._notes
        return True

    def bars(self, waiting: Waiting) -> bool:
        """Whether *waiting* must not be sent yet."""
        return waiting.noted > self._leave

    def give_leave(self, notes: int) -> None:
        """A row that says that the server was reached is on disk behind the first *notes* notes."""
        self._leave = max(self._leave, notes)

    def ask(self, now_seconds: float) -> int:
        """For how many notes leave is to be asked at *now_seconds* (monotonic); 0 where that was just done."""
        if self._asked == self._notes and now_seconds < self._asked_at_seconds + ASK_SECONDS:
            return 0
        self._asked, self._asked_at_seconds = self._notes, now_seconds
        return self._notes
