"""Performs one exchange with the server at a time, and says what happened.

Order: questions of the running session, its entries, other questions, the backlog.  One `turn` is one question, one
entry carried, or one entry in doubt asked about (its patron, then its item).  Whoever owns the thread calls `turn`
until it says how long nothing is due; `enter`, `ask` and `give_up` belong to the same thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from drivers.link import Clock
from sync.entries import Answer, Entry, EntryKey, Silence
from sync.questions import AboutItem, AboutPatron, ItemFacts, PatronFacts, Question
from sync.servers.ils import LoginRefused, Server, ServerSilent
from sync.uplink import lane, order
from sync.uplink.doubt import NOT_DONE, judge
from sync.uplink.lane import LaneState
from sync.uplink.reports import (
    Carried,
    Judged,
    Link,
    LinkState,
    NotTold,
    Report,
    Told,
    Unanswered,
    Verdict,
)

QUESTIONS_MAX: Final = 256
"""More questions at once than this are a fault of the program."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Question *token*, not asked yet."""

    token: int
    question: Question


@dataclass(frozen=True, slots=True)
class Turned:
    """What one turn led to.

    *wait_seconds*: how long nothing is due, if nothing comes in; zero: turn again; None: until something comes in.
    """

    reports: tuple[Report, ...]
    wait_seconds: float | None


class Courier:
    """Carries entries and questions to *server*.

    *clock* only measures; *chance* gives numbers from 0 to 1 that spread the next tries of many terminals.
    """

    def __init__(self, server: Server, clock: Clock, chance: Callable[[], float]) -> None:
        self._server = server
        self._clock = clock
        self._chance = chance
        self._lane = LaneState()
        self._session_questions: deque[Pending] = deque()
        self._other_questions: deque[Pending] = deque()
        self._link = Link.UNKNOWN
        self._reported: LinkState | None = None
        self._no_login_before_seconds = 0.0

    @property
    def lane(self) -> LaneState:
        """The lane as it stands."""
        return self._lane

    def enter(self, entries: Sequence[Entry], *, is_of_session: bool, is_in_doubt: bool = False) -> None:
        """Takes *entries*, whose `Intended` rows are committed, in this order.  Raises `ValueError` (a known key)."""
        self._lane = lane.enter(self._lane, entries, is_of_session=is_of_session, is_in_doubt=is_in_doubt)

    def ask(self, token: int, question: Question, *, is_of_session: bool = True) -> None:
        """Takes a question; answered by `Told` or `NotTold`, once.  Raises `ValueError` when there are too many."""
        questions = self._session_questions if is_of_session else self._other_questions
        if len(questions) >= QUESTIONS_MAX:
            raise ValueError(f"more than {QUESTIONS_MAX} questions wait")
        questions.append(Pending(token, question))

    def give_up(self, key: EntryKey) -> tuple[Report, ...]:
        """No session waits for *key* any more.

        Says `Judged` with `NOT_DONE` when it was never sent, and now never will be.
        """
        self._lane, is_unsent = lane.give_up(self._lane, key)
        judged = (Judged(key, NOT_DONE),) if is_unsent else ()
        return (*judged, *self._link_report())

    def turn(self) -> Turned:
        """At most one exchange with the server; never raises for want of an answer."""
        now = self._clock.monotonic()
        if self._session_questions:
            return self._turned(self._put(self._session_questions.popleft(), now))
        step = order.next_of(self._lane, now)
        is_urgent = isinstance(step, order.Carry | order.AskAbout) and step.is_of_session
        if self._other_questions and not is_urgent:
            return self._turned(self._put(self._other_questions.popleft(), now))
        match step:
            case order.Carry():
                return self._turned(self._carry(step.entry, now))
            case order.AskAbout():
                return self._turned(self._ask_about(step.entry))
            case order.Wait():
                return Turned(self._link_report(), step.until_seconds - now)
            case order.Idle():
                return Turned(self._link_report(), None)
            case _:
                assert_never(step)

    def _put(self, pending: Pending, now_seconds: float) -> tuple[Report, ...]:
        if now_seconds < self._no_login_before_seconds:
            return (NotTold(pending.token, Unanswered.LOGIN_REFUSED),)
        try:
            facts = self._server.ask(pending.question)
        except ServerSilent:
            self._silent(None)
            return (NotTold(pending.token, Unanswered.SILENT),)
        except LoginRefused:
            self._locked_out(None)
            return (NotTold(pending.token, Unanswered.LOGIN_REFUSED),)
        self._answering()
        return (Told(pending.token, facts),)

    def _carry(self, entry: Entry, now_seconds: float) -> tuple[Report, ...]:
        key = entry.key
        self._lane = lane.depart(self._lane, key)
        try:
            answer = self._answer(entry, now_seconds)
        except LoginRefused:
            # Nothing was sent; but the reader is told "no answer", so it is asked about before it is ever sent.
            self._locked_out(key)
            return (Carried(key, Silence("login")),)
        if isinstance(answer, Silence):
            self._silent(key)
        else:
            self._lane = lane.carried(self._lane, key, answer, self._clock.monotonic(), self._chance())
            self._answering()
        return (Carried(key, answer),)

    def _answer(self, entry: Entry, now_seconds: float) -> Answer:
        if now_seconds < self._no_login_before_seconds:
            raise LoginRefused
        answers = self._server.carry((entry,))
        return answers[0] if len(answers) == 1 else Silence("garbled")

    def _ask_about(self, entry: Entry) -> tuple[Report, ...]:
        key = entry.key
        self._lane = lane.depart(self._lane, key)
        try:
            verdict = self._verdict(entry)
        except ServerSilent:
            self._silent(key)
            return ()
        except LoginRefused:
            self._locked_out(key)
            return ()
        self._lane = lane.judged(self._lane, key, verdict)
        self._answering()
        return (Judged(key, verdict),)

    def _verdict(self, entry: Entry) -> Verdict:
        capabilities = self._server.capabilities()
        patron: PatronFacts | None = None
        item: ItemFacts | None = None
        if capabilities.tells_loans:
            facts = self._server.ask(AboutPatron(entry.promise.patron))
            patron = facts if isinstance(facts, PatronFacts) else None
        if capabilities.may_ask_items:
            facts = self._server.ask(AboutItem(entry.promise.item))
            item = facts if isinstance(facts, ItemFacts) else None
        return judge(entry, item, patron)

    def _answering(self) -> None:
        self._link = Link.UP
        self._no_login_before_seconds = 0.0
        self._lane = lane.answering(self._lane)

    def _silent(self, key: EntryKey | None) -> None:
        self._link = Link.SILENT
        self._delay(key, lane.DELAY_SECONDS_MIN)

    def _locked_out(self, key: EntryKey | None) -> None:
        self._link = Link.LOGIN_REFUSED
        now = self._clock.monotonic()
        if now >= self._no_login_before_seconds:
            self._no_login_before_seconds = now + lane.LOGIN_DELAY_SECONDS_MIN
        self._delay(key, lane.LOGIN_DELAY_SECONDS_MIN)

    def _delay(self, key: EntryKey | None, seconds_min: float) -> None:
        now, chance = self._clock.monotonic(), self._chance()
        if key is None:
            self._lane = lane.unasked(self._lane, now, chance, seconds_min)
        else:
            self._lane = lane.silent(self._lane, key, now, chance, seconds_min)

    def _turned(self, reports: tuple[Report, ...]) -> Turned:
        return Turned((*reports, *self._link_report()), 0.0)

    def _link_report(self) -> tuple[Report, ...]:
        state = LinkState(self._link, self._lane.backlog)
        if state == self._reported:
            return ()
        self._reported = state
        return (state,)
