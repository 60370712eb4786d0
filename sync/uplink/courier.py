"""Performs one exchange with the server at a time, and says what happened.

Order: questions of the running session, its entries, other questions, the backlog.  One `turn` is one question, one
batch of entries carried (of one, where the server takes no more), or one entry asked about (`asking.py`).  What was
told as never sent waits for leave, which is asked once the server was reached (`unsent.py`).
Whoever owns the thread calls `turn` until it says how long nothing is due; everything else here belongs to the same
thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, assert_never

from drivers.link import Clock
from sync.entries import NEVER_SENT, Answer, Entry, EntryKey, Promised, ServerClock, Silence
from sync.questions import AboutServer, Facts, Question, ServerFacts
from sync.servers.ils import Capabilities, LoginRefused, Server, ServerSilent
from sync.uplink import steps
from sync.uplink.asking import asked_about
from sync.uplink.doubt import NOT_DONE
from sync.uplink.lane import Lane
from sync.uplink.reports import (
    Carried,
    ClockTold,
    Judged,
    LeaveAsked,
    Link,
    LinkState,
    NotTold,
    Report,
    Told,
    Unanswered,
)
from sync.uplink.times import ServerTimes
from sync.uplink.waiting import DELAY_SECONDS_MIN, LOGIN_DELAY_SECONDS_MIN

QUESTIONS_MAX: Final = 256
"""More questions at once than this are a fault of the program."""
BACKLOG_STEP: Final = 100
"""A backlog that shrinks is told in steps of this many; that it is empty, or is not any more, at once."""
LEAVE_SECONDS: Final = 1.0
"""How often is looked whether leave to send was given; whoever gives it says so at once."""
_STRICTEST: Final = Capabilities(keeps_order=True)
"""How a server is treated that has not told its ways yet: one entry at a time, in order, never twice unasked."""


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

    *clock* measures, and is compared with the server's; *chance* gives numbers from 0 to 1 that spread the next tries
    of many terminals.  *epoch* and *boot* are those of the journal this boot, *clocks* what earlier boots learnt of the
    server's clock, each with its boot: entries get their `offset_seconds` from them just before they are carried.
    """

    def __init__(
        self,
        server: Server,
        clock: Clock,
        chance: Callable[[], float],
        *,
        epoch: str = "",
        boot: int = 0,
        clocks: Sequence[tuple[int, ServerClock]] = (),
    ) -> None:
        self._server = server
        self._clock = clock
        self._chance = chance
        self._times = ServerTimes(epoch, boot, clocks)
        self._lane = Lane()
        self._ways = _STRICTEST
        self._are_ways_known = False
        self._session_questions: deque[Pending] = deque()
        self._other_questions: deque[Pending] = deque()
        self._link = Link.UNKNOWN
        self._is_in_service = True
        self._reported: LinkState | None = None
        self._untold: list[Report] = []
        self._no_login_before_seconds = 0.0

    @property
    def lane(self) -> Lane:
        """The lane as it stands."""
        return self._lane

    def enter(
        self,
        entries: Sequence[Entry],
        *,
        is_of_session: bool,
        is_in_doubt: bool = False,
        is_held: bool = False,
    ) -> None:
        """Takes *entries*, whose `Intended` rows are committed, in this order; as `Lane.enter`."""
        self._lane.enter(entries, is_of_session=is_of_session, is_in_doubt=is_in_doubt, is_held=is_held)
        self._note_if_away(*(entry.key for entry in entries))

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
        judged = (Judged(key, NOT_DONE),) if self._lane.give_up(key) else ()
        return (*judged, *self._news())

    def proceed(self, entry: Entry) -> None:
        """What *entry*, held, had to wait for has happened, and its rows that say so are committed.

        What is not held changes nothing.
        """
        self._lane.proceed(entry)
        self._note_if_away(entry.key)

    def give_leave(self, notes: int) -> None:
        """That the server was reached is on disk, as it was asked for by `LeaveAsked`."""
        self._lane.unsent.give_leave(notes)

    def promise(self, key: EntryKey, row: Promised) -> tuple[Report, ...]:
        """The terminal granted *key* itself, and *row* is committed: it is carried however long that takes.

        A key that is not in the lane any more was answered, or found not done; its report is on its way.
        """
        self._lane.promise(key, row)
        return self._news()

    def lose_track(self) -> None:
        """Whoever cranked this failed in the middle of a turn: what may have been under way is in doubt."""
        self._lane.lose_track()

    def turn(self) -> Turned:
        """At most one exchange with the server; never raises for want of an answer."""
        now = self._clock.monotonic()
        if self._session_questions:
            return self._turned(self._put(self._session_questions.popleft(), now))
        step = self._next(now)
        is_urgent = isinstance(step, steps.Carry | steps.AskAbout) and step.is_of_session
        if self._other_questions and not is_urgent:
            return self._turned(self._put(self._other_questions.popleft(), now))
        match step:
            case steps.Carry():
                return self._turned(self._carry(step.entries, now))
            case steps.AskAbout():
                return self._turned(self._ask_about(step))
            case steps.AskLeave():
                return self._ask_leave(step.keys, now)
            case steps.Wait():
                return Turned(self._news(), step.until_seconds - now)
            case steps.Idle():
                return Turned(self._news(), None)
            case _:
                assert_never(step)

    def _next(self, now_seconds: float) -> steps.Next:
        """What is due; how this server wants it is asked when something is, and again after silence.

        What is held is in the way of others at the strictest servers only, so that is found out then, too.
        """
        step = self._lane.next_of(now_seconds, self._ways)
        if self._are_ways_known:
            return step
        may_go = not isinstance(step, steps.Wait | steps.Idle)
        if not may_go and isinstance(
            self._lane.next_of(now_seconds, Capabilities()), steps.Wait | steps.Idle
        ):
            return step
        try:
            self._ways = self._server.capabilities()
        except (ServerSilent, LoginRefused):
            # Then the exchange itself will meet the same, and is delayed for it.
            return step if may_go else steps.Wait(now_seconds + DELAY_SECONDS_MIN)
        self._are_ways_known = True
        return self._lane.next_of(now_seconds, self._ways)

    # --- Questions ------------------------------------------------------------------------------------------------

    def _put(self, pending: Pending, now_seconds: float) -> tuple[Report, ...]:
        if now_seconds < self._no_login_before_seconds:
            return (NotTold(pending.token, Unanswered.LOGIN_REFUSED),)
        try:
            facts = self._server.ask(pending.question)
        except ServerSilent:
            self._silent(())
            return (NotTold(pending.token, Unanswered.SILENT),)
        except LoginRefused:
            self._locked_out(())
            return (NotTold(pending.token, Unanswered.LOGIN_REFUSED),)
        self._answering()
        return (Told(pending.token, facts), *self._clock_report(facts, now_seconds))

    def _clock_report(self, facts: Facts, asked_at_seconds: float) -> tuple[Report, ...]:
        if not isinstance(facts, ServerFacts):
            return ()
        self._is_in_service = facts.is_online
        if facts.clock is None:
            return ()
        # The server read its clock some time between question and answer.
        half = (self._clock.monotonic() - asked_at_seconds) / 2
        at = self._clock.now() - timedelta(seconds=half)
        clock = ServerClock(at, asked_at_seconds + half, facts.clock)
        return (ClockTold(clock),) if self._times.learn(clock, half) else ()

    # --- Entries --------------------------------------------------------------------------------------------------

    def _carry(self, entries: tuple[Entry, ...], now_seconds: float) -> tuple[Report, ...]:
        keys = [entry.key for entry in entries]
        self._lane.depart(keys, is_sent=True)
        try:
            answers = self._answers(entries, now_seconds)
        except LoginRefused:
            # Nothing was sent; but the reader is told "no answer", so it is asked about before it is ever sent.
            self._locked_out(keys, is_unsent=True)
            return self._not_carried(keys, (Silence("login"),) * len(keys))
        if all(isinstance(answer, Silence) for answer in answers):
            is_unsent = all(isinstance(answer, Silence) and answer.is_unsent for answer in answers)
            self._silent(keys, is_unsent=is_unsent)
            return self._not_carried(keys, answers)
        else:
            now = self._clock.monotonic()
            self._answering()
            for key, answer in zip(keys, answers, strict=True):
                self._lane.carried(key, answer, now, self._chance())
                if isinstance(answer, Silence):
                    self._link = Link.SILENT
        return tuple(Carried(key, answer) for key, answer in zip(keys, answers, strict=True))

    def _not_carried(self, keys: Sequence[EntryKey], answers: Sequence[Answer]) -> tuple[Report, ...]:
        """What is said of *keys* after silence; what is not in doubt even now was never sent."""
        unsent = self._lane.note_unsent(keys)
        return tuple(
            Carried(key, Silence(NEVER_SENT) if key in unsent else answer)
            for key, answer in zip(keys, answers, strict=True)
        )

    def _answers(self, entries: tuple[Entry, ...], now_seconds: float) -> tuple[Answer, ...]:
        if now_seconds < self._no_login_before_seconds:
            raise LoginRefused
        stamped = [replace(entry, offset_seconds=self._times.offset_seconds(entry)) for entry in entries]
        answers = self._server.carry(stamped)
        return answers if len(answers) == len(entries) else (Silence("garbled"),) * len(entries)

    def _ask_about(self, step: steps.AskAbout) -> tuple[Report, ...]:
        key = step.entry.key
        self._lane.depart([key], is_sent=False)
        try:
            verdict = asked_about(self._server, step)
        except ServerSilent:
            self._silent([key])
            return ()
        except LoginRefused:
            self._locked_out([key])
            return ()
        self._lane.judged(key, verdict)
        self._answering()
        return (Judged(key, verdict, is_carried_next=key in self._lane and verdict == NOT_DONE),)

    # --- What was never sent --------------------------------------------------------------------------------------

    def _ask_leave(self, keys: Sequence[EntryKey], now_seconds: float) -> Turned:
        """Asks for leave to send *keys*; whether the server can be reached is found out first, by a question."""
        if self._link is not Link.UP:
            return self._turned(self._look_for_server(keys, now_seconds))
        notes = self._lane.unsent.ask(now_seconds)
        # What it is asked for is told before.
        return Turned((*self._news(), *((LeaveAsked(notes),) if notes else ())), LEAVE_SECONDS)

    def _look_for_server(self, keys: Sequence[EntryKey], now_seconds: float) -> tuple[Report, ...]:
        try:
            if now_seconds < self._no_login_before_seconds:
                raise LoginRefused
            facts = self._server.ask(AboutServer())
        except ServerSilent:
            self._silent(keys)
            return ()
        except LoginRefused:
            self._locked_out(keys)
            return ()
        self._answering()
        return self._clock_report(facts, now_seconds)

    def _note_if_away(self, *keys: EntryKey) -> None:
        """While the server is away, what of *keys* has happened is told as never sent, and waits with the backlog."""
        if self._link in (Link.SILENT, Link.LOGIN_REFUSED):
            self._untold += (Carried(key, Silence(NEVER_SENT)) for key in self._lane.note_unsent(keys))

    def _went(self, link: Link) -> None:
        """The server is away, as *link* says."""
        was_there = self._link not in (Link.SILENT, Link.LOGIN_REFUSED)
        self._link = link
        self._are_ways_known = False
        if was_there:
            self._note_if_away(*(waiting.entry.key for waiting in self._lane.waiting))

    # --- The link -------------------------------------------------------------------------------------------------

    def _answering(self) -> None:
        self._link = Link.UP
        self._no_login_before_seconds = 0.0
        self._lane.answering()

    def _silent(self, keys: Sequence[EntryKey], *, is_unsent: bool = False) -> None:
        self._went(Link.SILENT)
        self._lane.silent(keys, self._clock.monotonic(), self._chance(), DELAY_SECONDS_MIN, is_unsent)

    def _locked_out(self, keys: Sequence[EntryKey], *, is_unsent: bool = False) -> None:
        self._went(Link.LOGIN_REFUSED)
        now = self._clock.monotonic()
        if now >= self._no_login_before_seconds:
            self._no_login_before_seconds = now + LOGIN_DELAY_SECONDS_MIN
        self._lane.silent(keys, now, self._chance(), LOGIN_DELAY_SECONDS_MIN, is_unsent)

    def _turned(self, reports: tuple[Report, ...]) -> Turned:
        return Turned((*reports, *self._news()), 0.0)

    def _news(self) -> tuple[Report, ...]:
        untold, self._untold = tuple(self._untold), []
        return (*untold, *self._link_report())

    def _link_report(self) -> tuple[Report, ...]:
        state = LinkState(self._link, self._lane.backlog, self._is_in_service)
        last = self._reported
        is_news = (
            last is None
            or (last.link, last.is_in_service) != (state.link, state.is_in_service)
            or (last.backlog == 0) != (state.backlog == 0)
            or abs(last.backlog - state.backlog) >= BACKLOG_STEP
        )
        if not is_news:
            return ()
        self._reported = state
        return (state,)
