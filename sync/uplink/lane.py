"""An entry's way to one destination: what happens to it there.  Values and functions; time and chance are handed in.

Who may go next, and when, is in `order.py`.

    enter --> FRESH --sent--> DOUBT --asked, not done, may be sent again--> FRESH
                |               |  ^--silence, held--'
                |               `--asked: granted, refused, unclear--> gone (*)
                `--sent: granted, refused--> gone (*)

- A sent entry is in doubt from the moment it is sent until an answer is believed; so is every unsettled entry found
  at start-up.  What is in doubt is asked about before it is ever sent again.  There is no count after which it is
  given up.
- One exchange at a time.  After silence the entry and the whole backlog wait, each twice as long as the last time;
  the entry, so that one that makes the server choke does not stop the others; the backlog, so that a server that is
  away is not asked by a hundred entries in turn.  The session's own first try does not wait.

(*) A loan granted after its session had ended keeps its place, and bars its item to others, until the entry that
undoes it takes that place: a check-in sent after somebody else's loan could close that one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from sync.entries import (
    Answer,
    Entry,
    EntryKey,
    Granted,
    Held,
    Silence,
    UndoLoan,
)
from sync.uplink.doubt import is_undone_when_late, may_be_sent_again
from sync.uplink.reports import Verdict

DELAY_SECONDS_MIN: Final = 1.0
DELAY_SECONDS_MAX: Final = 300.0
ENTRY_DELAY_SECONDS_MAX: Final = 60.0
"""An entry's own delay outlives the outage that caused it, and its patron waits for it."""
SETTLING_SECONDS: Final = 5.0
"""A slow server may still be at work on what it did not answer: before this nothing is asked about it, because what it
does later would have been judged "not done"."""
LOGIN_DELAY_SECONDS_MIN: Final = 60.0
"""Some servers shut an account out after three refused logins."""


class Stage(Enum):
    """Where an entry stands in its lane."""

    FRESH = "fresh"
    DOUBT = "doubt"
    TO_BE_UNDONE = "to-be-undone"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry in its lane; not to be tried before *not_before_seconds* (monotonic)."""

    entry: Entry
    stage: Stage
    is_of_session: bool
    silences: int = 0
    not_before_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LaneState:
    """The lane, in order; *in_flight* while an exchange is under way; *silences* in a row and what they cost."""

    waiting: tuple[Waiting, ...] = ()
    in_flight: EntryKey | None = None
    silences: int = 0
    not_before_seconds: float = 0.0

    @property
    def backlog(self) -> int:
        """How many entries wait that belong to no running session."""
        return sum(not waiting.is_of_session for waiting in self.waiting)


def enter(state: LaneState, entries: Sequence[Entry], *, is_of_session: bool, is_in_doubt: bool) -> LaneState:
    """*state* with *entries*, whose `Intended` rows are committed, at its end, in this order.

    An entry that undoes a loan which waits for that takes its place.  Raises `ValueError` for a key that is in the
    lane already.
    """
    waiting = state.waiting
    stage = Stage.DOUBT if is_in_doubt else Stage.FRESH
    for entry in entries:
        if any(other.entry.key == entry.key for other in waiting):
            raise ValueError(f"{entry.key}: is in the lane already")
        new = Waiting(entry, stage, is_of_session)
        place = _place_of_undone(waiting, entry)
        waiting = (*waiting, new) if place is None else (*waiting[:place], new, *waiting[place + 1 :])
    return replace(state, waiting=waiting)


def _place_of_undone(lane: tuple[Waiting, ...], entry: Entry) -> int | None:
    if not isinstance(entry.promise, UndoLoan):
        return None
    for place, waiting in enumerate(lane):
        if waiting.entry.key == entry.promise.undoes and waiting.stage is Stage.TO_BE_UNDONE:
            return place
    return None


def depart(state: LaneState, key: EntryKey) -> LaneState:
    """*state* with an exchange about *key* under way; from now on that entry is in doubt."""
    if state.in_flight is not None:
        raise ValueError(f"{key}: another exchange is under way")
    return replace(_changed(state, key, lambda w: replace(w, stage=Stage.DOUBT)), in_flight=key)


def carried(state: LaneState, key: EntryKey, answer: Answer, now_seconds: float, chance: float) -> LaneState:
    """*state* after the server's *answer* to *key*, at *now_seconds*; *chance*, 0 to 1, spreads the next try."""
    state = replace(state, in_flight=None)
    match answer:
        case Silence():
            return silent(state, key, now_seconds, chance)
        case Held():
            return _changed(answering(state), key, lambda w: _delayed(w, now_seconds, chance))
        case _:
            return _ended(answering(state), key, answer)


def judged(state: LaneState, key: EntryKey, verdict: Verdict) -> LaneState:
    """*state* after asking about *key* gave *verdict*."""
    state = replace(answering(state), in_flight=None)
    if may_be_sent_again(_find(state, key).entry.promise, verdict):
        return _changed(
            state, key, lambda w: replace(w, stage=Stage.FRESH, silences=0, not_before_seconds=0.0)
        )
    return _ended(state, key, verdict)


def silent(
    state: LaneState,
    key: EntryKey,
    now_seconds: float,
    chance: float,
    delay_seconds_min: float = DELAY_SECONDS_MIN,
) -> LaneState:
    """*state* after nothing that can be believed came about *key*: it waits, and so does the backlog."""
    state = replace(state, in_flight=None, silences=state.silences + 1)
    until = now_seconds + _delay_seconds(state.silences, chance, delay_seconds_min)
    state = replace(state, not_before_seconds=until)
    return _changed(state, key, lambda w: _delayed(w, now_seconds, chance, delay_seconds_min))


def unasked(state: LaneState, now_seconds: float, chance: float, delay_seconds_min: float) -> LaneState:
    """*state* after a question, which is no entry's, stayed unanswered: the backlog waits."""
    silences = state.silences + 1
    until = now_seconds + _delay_seconds(silences, chance, delay_seconds_min)
    return replace(state, silences=silences, not_before_seconds=until)


def answering(state: LaneState) -> LaneState:
    """*state* after the server answered: the backlog need not wait any longer."""
    return replace(state, silences=0, not_before_seconds=0.0)


def give_up(state: LaneState, key: EntryKey) -> tuple[LaneState, bool]:
    """*state* where no session waits for *key* any more, and whether that was never sent and now never will be.

    What was sent, and what undoes a loan, stays.  An unknown *key* changes nothing.
    """
    waiting = next((w for w in state.waiting if w.entry.key == key), None)
    if waiting is None:
        return state, False
    is_unsent = waiting.stage is Stage.FRESH and state.in_flight != key
    if is_unsent and not isinstance(waiting.entry.promise, UndoLoan):
        return _without(state, key), True
    return _changed(state, key, lambda w: replace(w, is_of_session=False)), False


def _ended(state: LaneState, key: EntryKey, outcome: Answer | Verdict) -> LaneState:
    waiting = _find(state, key)
    if (
        isinstance(outcome, Granted)
        and not waiting.is_of_session
        and is_undone_when_late(waiting.entry.promise, outcome)
    ):
        return _changed(state, key, lambda w: replace(w, stage=Stage.TO_BE_UNDONE))
    return _without(state, key)


def _delayed(
    waiting: Waiting, now_seconds: float, chance: float, delay_seconds_min: float = DELAY_SECONDS_MIN
) -> Waiting:
    silences = waiting.silences + 1
    delay = min(ENTRY_DELAY_SECONDS_MAX, _delay_seconds(silences, chance, delay_seconds_min))
    until = now_seconds + SETTLING_SECONDS + delay
    return replace(waiting, silences=silences, not_before_seconds=until, stage=Stage.DOUBT)


def _delay_seconds(silences: int, chance: float, delay_seconds_min: float) -> float:
    """Doubles with every silence up to the longest; half of it is fixed, half is left to *chance*."""
    longest = max(DELAY_SECONDS_MAX, delay_seconds_min)
    whole = min(longest, delay_seconds_min * 2.0 ** min(silences - 1, 16))
    return whole * (0.5 + 0.5 * chance)


def _find(state: LaneState, key: EntryKey) -> Waiting:
    for waiting in state.waiting:
        if waiting.entry.key == key:
            return waiting
    raise ValueError(f"{key}: is not in the lane")


def _changed(state: LaneState, key: EntryKey, change: Callable[[Waiting], Waiting]) -> LaneState:
    _find(state, key)
    return replace(state, waiting=tuple(change(w) if w.entry.key == key else w for w in state.waiting))


def _without(state: LaneState, key: EntryKey) -> LaneState:
    return replace(state, waiting=tuple(w for w in state.waiting if w.entry.key != key))
