"""An entry that waits in its lane, and how long it waits after silence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from sync.entries import Entry, GiveBack, Pay, ReportCare

DELAY_SECONDS_MIN: Final = 1.0
DELAY_SECONDS_MAX: Final = 300.0
ENTRY_DELAY_SECONDS_MAX: Final = 60.0
"""An entry's own delay outlives the outage that caused it, and its patron waits for it."""
SETTLING_SECONDS: Final = 5.0
"""A slow server may still be at work on what it did not answer: before this nothing is asked about it, because what it
does later would have been judged "not done".
"""
LOGIN_DELAY_SECONDS_MIN: Final = 60.0
"""Some servers shut an account out after three refused logins."""


class Stage(Enum):
    """Where an entry stands in its lane.

    HELD never sent, and not to be before what comes first has happened; FRESH never sent, or found not done and to be
    sent; PROMISED never sent, and granted by the terminal itself; DOUBT perhaps sent; TO_BE_UNDONE granted too late,
    until the entry that undoes it takes its place.
    """

    HELD = "held"
    FRESH = "fresh"
    PROMISED = "promised"
    DOUBT = "doubt"
    TO_BE_UNDONE = "to-be-undone"


def first_stage(entry: Entry, *, is_in_doubt: bool, is_held: bool) -> Stage:
    """Where *entry* stands when it comes in; *is_in_doubt*: it was found at start-up, and is unless
    the journal shows that it was never sent.
    """
    if is_held or (is_in_doubt and not entry.may_be_carried):
        return Stage.HELD
    if is_in_doubt and not entry.is_never_sent:
        return Stage.DOUBT
    return Stage.FRESH if entry.promised is None else Stage.PROMISED


@dataclass(slots=True, eq=False)
class Waiting:
    """One entry in its lane; not to be tried before *not_before_seconds* (monotonic).

    *place* is its number in the lane, the lower the earlier.  *is_stored*: the server has it and holds its answer
    back.  *is_given_up*: the terminal took back its own promise after it was perhaps sent.  *noted*: as in `unsent.py`,
    0 for what is not noted.
    """

    entry: Entry
    stage: Stage
    is_of_session: bool
    place: int
    silences: int = 0
    not_before_seconds: float = 0.0
    is_stored: bool = False
    is_given_up: bool = False
    noted: int = 0
    _before: Stage | None = None

    def send(self) -> None:
        """It is perhaps sent from now on."""
        self._before, self.stage = self.stage, Stage.DOUBT

    @property
    def stood(self) -> Stage:
        """Where it stands after the server could not be reached at all: what has happened as before it was sent.

        Asking about it could not always tell.  A loan is asked about all the same: its reader was told otherwise since.
        """
        return self._before if self.is_fact and self._before is not None else self.stage

    @property
    def is_fact(self) -> bool:
        """Whether it has happened, whatever the server says: it is no reader's wish."""
        return isinstance(self.entry.promise, GiveBack | Pay | ReportCare)

    def delay(self, now_seconds: float, chance: float, seconds_min: float = DELAY_SECONDS_MIN) -> None:
        """Nothing that can be believed was said about it: it waits, twice as long as the last time."""
        self.silences += 1
        own = min(ENTRY_DELAY_SECONDS_MAX, delay_seconds(self.silences, chance, seconds_min))
        self.not_before_seconds = now_seconds + SETTLING_SECONDS + own

    def go_on(self) -> None:
        """It is to be sent now."""
        self.stage = Stage.FRESH
        self.silences = 0
        self.not_before_seconds = 0.0


def delay_seconds(silences: int, chance: float, seconds_min: float) -> float:
    """Doubles with every silence up to the longest; half of it is fixed, half is left to *chance* (0 to 1)."""
    longest = max(DELAY_SECONDS_MAX, seconds_min)
    whole = min(longest, seconds_min * 2.0 ** min(silences - 1, 16))
    return whole * (0.5 + 0.5 * chance)
