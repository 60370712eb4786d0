"""Who goes next in a lane, and when.

- An entry waits only behind earlier entries that touch the same item or the same patron; one that touches no item, or
  no patron, is in nobody's way there.
- What is held bars the way of what comes behind it as any other, and is not sent.  A payment bars its patron from when
  it may be sent: whoever waits to hear whether their money was taken can borrow meanwhile.
- The session's entries go first, and so does what they wait behind; then the backlog, oldest first.
- A server that keeps order (`Capabilities.keeps_order`) gets entries by their positions instead, whatever they touch,
  those of an earlier epoch before those of a later one (a journal that was restored has both).  What is held holds up
  all that comes behind it.  What it holds an answer back to is in nobody's way, and is sent again in its own time.

Every step costs the logarithm of the lane's length; while a session waits, also of what it waits behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from sync.entries import Entry, ItemId, PatronId, Pay, ReportCare
from sync.servers.ils import Capabilities
from sync.uplink.queues import Queues
from sync.uplink.steps import AskAbout, Carry, Idle, Next, Wait
from sync.uplink.timetable import STALE_MARKS_MAX, Timetable
from sync.uplink.waiting import Stage, Waiting

Number = tuple[int, int]
"""An epoch, counted in the order they came into the lane, and a position within it."""


class Order:
    """The lane by who is in whose way.  Whoever changes a `Waiting` that is in it says so by `changed`."""

    def __init__(self) -> None:
        self._lane: dict[int, Waiting] = {}
        self._items: Queues[ItemId] = Queues()
        self._patrons: Queues[PatronId] = Queues()
        self._epochs: dict[str, int] = {}
        self._numbers: list[tuple[Number, int]] = []
        self._sessions: dict[int, Waiting] = {}
        self._aside: set[int] = set()
        self._urgent: set[int] = set()
        self._is_urgent_stale = False
        self._free: set[int] = set()
        self._at_once = Timetable()
        self._in_turn = Timetable()
        self._stored = Timetable()

    def __len__(self) -> int:
        return len(self._lane)

    @property
    def session_count(self) -> int:
        """How many belong to the running session."""
        return len(self._sessions)

    def at(self, place: int) -> Waiting | None:
        """Who waits at *place*."""
        return self._lane.get(place)

    def in_order(self) -> tuple[Waiting, ...]:
        """All of them, the earliest first."""
        return tuple(self._lane[place] for place in sorted(self._lane))

    # --- What changes ---------------------------------------------------------------------------------------------

    def add(self, waiting: Waiting) -> None:
        """*waiting* comes in at its place; one that waits there already gives it up."""
        replaced = self._lane.get(waiting.place)
        if replaced is not None:
            self._forget(replaced)
        promise, place = waiting.entry.promise, waiting.place
        heads = self._heads(waiting)
        self._lane[place] = waiting
        self._items.add(promise.item, place)
        if _is_in_no_way(waiting):
            self._aside.add(place)
        else:
            self._patrons.add(promise.patron, place)
        self._epochs.setdefault(waiting.entry.key.epoch, len(self._epochs))
        heappush(self._numbers, (self._number(waiting), place))
        self.changed(waiting)
        for head in heads:
            if head is not waiting:
                # It was first until one came in at an earlier place.
                self._settle(head)
        self._is_urgent_stale = self._is_urgent_stale or bool(self._urgent)

    def remove(self, waiting: Waiting) -> None:
        """*waiting* is out of everybody's way."""
        if waiting.place in self._urgent and waiting.place not in self._free:
            self._is_urgent_stale = True
        self._forget(waiting)
        for head in self._heads(waiting):
            self._settle(head)
        if len(self._numbers) > 2 * len(self._lane) + STALE_MARKS_MAX:
            self._numbers = [(self._number(one), place) for place, one in self._lane.items()]
            heapify(self._numbers)

    def changed(self, waiting: Waiting) -> None:
        """*waiting*, which is in here, has another stage, time or session than before."""
        place = waiting.place
        if place in self._aside and not _is_in_no_way(waiting):
            self._step_in(waiting)
        if waiting.is_of_session:
            if place not in self._sessions:
                self._is_urgent_stale = True
                self._sessions[place] = waiting
        elif self._sessions.pop(place, None) is not None:
            self._is_urgent_stale = True
        if waiting.is_stored and waiting.stage is not Stage.TO_BE_UNDONE:
            self._stored.put(waiting)
        self._settle(waiting, is_new=True)
        if waiting.stage is Stage.TO_BE_UNDONE:
            self._stored.drop(waiting)
            for head in self._heads(waiting):
                self._settle(head)

    def _step_in(self, waiting: Waiting) -> None:
        """*waiting* is in its patron's way from now on."""
        heads = self._heads(waiting)
        self._aside.discard(waiting.place)
        self._patrons.add(waiting.entry.promise.patron, waiting.place)
        self._is_urgent_stale = True
        for head in heads:
            self._settle(head)

    def _forget(self, waiting: Waiting) -> None:
        place = waiting.place
        del self._lane[place]
        self._aside.discard(place)
        self._free.discard(place)
        self._urgent.discard(place)
        if self._sessions.pop(place, None) is not None:
            self._is_urgent_stale = True
        for timetable in (self._at_once, self._in_turn, self._stored):
            timetable.drop(waiting)

    def _heads(self, waiting: Waiting) -> list[Waiting]:
        item = self._items.first(waiting.entry.promise.item, self._lane, is_barred_by_undone=True)
        patron = self._patrons.first(waiting.entry.promise.patron, self._lane, is_barred_by_undone=False)
        return [head for head in (item, patron) if head is not None]

    def _settle(self, waiting: Waiting, *, is_new: bool = False) -> None:
        """Puts *waiting* into the timetable it belongs to, or takes it out."""
        heads = self._heads(waiting)
        may_go = waiting.stage not in (Stage.TO_BE_UNDONE, Stage.HELD)
        is_free = may_go and all(head is waiting for head in heads)
        was_free = waiting.place in self._free
        if is_free and (is_new or not was_free):
            self._free.add(waiting.place)
            self._put(waiting)
        elif was_free and not is_free:
            self._free.discard(waiting.place)
            self._at_once.drop(waiting)
            self._in_turn.drop(waiting)

    def _put(self, waiting: Waiting) -> None:
        is_urgent = waiting.place in self._urgent
        mine, other = (self._at_once, self._in_turn) if is_urgent else (self._in_turn, self._at_once)
        other.drop(waiting)
        mine.put(waiting)

    # --- Who is next ----------------------------------------------------------------------------------------------

    def next_of(self, now_seconds: float, gate_seconds: float, ways: Capabilities) -> Next:
        """What to do at *now_seconds*; what no session waits for does not go before *gate_seconds*."""
        if ways.keeps_order:
            return self._next_by_position(now_seconds, gate_seconds, ways)
        self._refresh_urgency()
        urgent = self._at_once.ready(now_seconds, ways.entries_per_exchange)
        if urgent:
            return _step(urgent, ways, is_of_session=True)
        others = self._in_turn.ready(now_seconds, ways.entries_per_exchange)
        if others and gate_seconds <= now_seconds:
            return _step(others, ways, is_of_session=False)
        soonest = 0.0 if others else self._in_turn.soonest_seconds()
        in_turn = None if soonest is None else max(soonest, gate_seconds)
        return _wait(self._at_once.soonest_seconds(), in_turn)

    def _next_by_position(self, now_seconds: float, gate_seconds: float, ways: Capabilities) -> Next:
        # Whoever is first is in the session's way.
        is_urgent = bool(self._sessions)
        gate = 0.0 if is_urgent else gate_seconds
        run = self._run(ways.entries_per_exchange)
        begins = max(run[0].not_before_seconds, gate) if run else None
        if begins is not None and begins <= now_seconds:
            return _step(run, ways, is_of_session=is_urgent)
        stored = self._stored.ready(now_seconds, ways.entries_per_exchange)
        if stored and gate <= now_seconds:
            stored.sort(key=self._number)
            return _step(self._contiguous(stored), ways, is_of_session=is_urgent)
        soonest = 0.0 if stored else self._stored.soonest_seconds()
        return _wait(begins, None if soonest is None else max(soonest, gate))

    def _run(self, count_max: int) -> list[Waiting]:
        """The first by number of those the server does not have, and what follows it without a gap."""
        run: list[Waiting] = []
        taken: list[tuple[Number, int]] = []
        while self._numbers and len(run) < count_max:
            number, place = self._numbers[0]
            waiting = self._lane.get(place)
            if waiting is None or self._number(waiting) != number or not _is_news(waiting):
                heappop(self._numbers)
                continue
            is_next = not run or number == _after(self._number(run[-1]))
            if waiting.stage is Stage.HELD or not is_next:
                break
            taken.append(heappop(self._numbers))
            run.append(waiting)
        for known in taken:
            heappush(self._numbers, known)
        return run

    def _contiguous(self, ready: list[Waiting]) -> list[Waiting]:
        run = ready[:1]
        for waiting in ready[1:]:
            if self._number(waiting) != _after(self._number(run[-1])):
                break
            run.append(waiting)
        return run

    def _number(self, waiting: Waiting) -> Number:
        return self._epochs[waiting.entry.key.epoch], waiting.entry.position

    def _refresh_urgency(self) -> None:
        """The session's entries and all they wait behind, directly or not, are urgent."""
        if not self._is_urgent_stale:
            return
        self._is_urgent_stale = False
        urgent = self._behind_which_sessions_wait()
        changed = urgent ^ self._urgent
        self._urgent = urgent
        for place in changed:
            if place in self._free:
                self._put(self._lane[place])

    def _behind_which_sessions_wait(self) -> set[int]:
        ahead = [-place for place in self._sessions]
        heapify(ahead)
        found = set(self._sessions)
        items: set[ItemId | None] = set()
        patrons: set[PatronId | None] = set()
        while ahead:
            place = -heappop(ahead)
            promise = self._lane[place].entry.promise
            touching: list[Iterable[int]] = []
            # Going from the last place to the first, whoever is in the way of an item is found with its last entry.
            if promise.item not in items:
                items.add(promise.item)
                touching.append(self._items.places(promise.item))
            if promise.patron not in patrons:
                patrons.add(promise.patron)
                touching.append(self._patrons.places(promise.patron))
            for places in touching:
                for other in places:
                    if other < place and other not in found and other in self._lane:
                        found.add(other)
                        heappush(ahead, -other)
        return found


def _step(ready: list[Waiting], ways: Capabilities, *, is_of_session: bool) -> Next:
    first = ready[0]
    if not _is_carried(first, ways):
        return AskAbout(first.entry, is_of_session, first.stage is not Stage.PROMISED, first.is_given_up)
    together: list[Entry] = []
    for waiting in ready:
        if _is_carried(waiting, ways):
            together.append(waiting.entry)
        elif ways.keeps_order:
            break
    return Carry(tuple(together), is_of_session)


def _is_in_no_way(waiting: Waiting) -> bool:
    return waiting.stage is Stage.HELD and isinstance(waiting.entry.promise, Pay)


def _is_carried(waiting: Waiting, ways: Capabilities) -> bool:
    """Whether *waiting* is sent without asking about it before; staff who read twice that a book needs care lose
    nothing.
    """
    is_harmless = isinstance(waiting.entry.promise, ReportCare)
    return ways.repeats_safely or waiting.stage is Stage.FRESH or is_harmless


def _is_news(waiting: Waiting) -> bool:
    """Whether the server does not have *waiting*."""
    return not waiting.is_stored and waiting.stage is not Stage.TO_BE_UNDONE


def _after(number: Number) -> Number:
    epoch, position = number
    return epoch, position + 1


def _wait(*times: float | None) -> Next:
    known = [time for time in times if time is not None]
    return Wait(min(known)) if known else Idle()
