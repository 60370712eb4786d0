"""A lane as its rules read: a list in order, looked through from its beginning at every step.

What `sync/uplink/lane.py` does with indices has to be what this does without any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sync.entries import (
    Answer,
    Entry,
    EntryKey,
    Granted,
    Held,
    ItemId,
    Lend,
    PatronId,
    Pay,
    Promised,
    Renew,
    ReportCare,
    Silence,
    UndoLoan,
)
from sync.servers.ils import Capabilities
from sync.uplink.doubt import is_undone_when_late, may_be_sent_again
from sync.uplink.promised import is_withdrawn
from sync.uplink.reports import Verdict
from sync.uplink.steps import AskAbout, Carry, Idle, Next, Wait
from sync.uplink.waiting import (
    DELAY_SECONDS_MIN,
    ENTRY_DELAY_SECONDS_MAX,
    SETTLING_SECONDS,
    Stage,
    delay_seconds,
)


@dataclass
class Place:
    entry: Entry
    stage: Stage
    is_of_session: bool
    silences: int = 0
    begins: float = 0.0
    is_stored: bool = False
    is_given_up: bool = False


class PlainLane:
    """The same verbs as `Lane`."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.in_flight: tuple[EntryKey, ...] = ()
        self.silences = 0
        self.gate = 0.0
        self.epochs: list[str] = []

    @property
    def backlog(self) -> int:
        return sum(not place.is_of_session for place in self.places)

    def enter(
        self,
        entries: Sequence[Entry],
        *,
        is_of_session: bool,
        is_in_doubt: bool = False,
        is_held: bool = False,
    ) -> None:
        for entry in entries:
            is_promised = entry.promised is not None
            stage = Stage.DOUBT if is_in_doubt else Stage.PROMISED if is_promised else Stage.FRESH
            if is_held or (is_in_doubt and not entry.may_be_carried):
                stage = Stage.HELD
            new = Place(entry, stage, is_of_session and not is_promised)
            if entry.key.epoch not in self.epochs:
                self.epochs.append(entry.key.epoch)
            new.is_stored = isinstance(entry.answer, Held) and stage is not Stage.HELD
            new.is_given_up = is_withdrawn(entry)
            for number, place in enumerate(self.places):
                undoes = isinstance(entry.promise, UndoLoan) and entry.promise.undoes == place.entry.key
                if undoes and place.stage is Stage.TO_BE_UNDONE:
                    self.places[number] = new
                    break
            else:
                self.places.append(new)

    def proceed(self, entry: Entry) -> bool:
        place = self._find(entry.key)
        if place is None or place.stage is not Stage.HELD:
            return False
        place.entry = replace(entry, position=place.entry.position)
        place.stage = Stage.FRESH
        return True

    def promise(self, key: EntryKey, row: Promised) -> bool:
        place = self._find(key)
        if place is None:
            return False
        place.entry = replace(place.entry, rows=(*place.entry.rows, row))
        place.is_of_session = False
        if place.stage is Stage.TO_BE_UNDONE:
            self.places.remove(place)
        elif place.stage is Stage.FRESH and key not in self.in_flight:
            place.stage = Stage.PROMISED
        return True

    def give_up(self, key: EntryKey) -> bool:
        place = self._find(key)
        if place is None:
            return False
        if place.stage is Stage.HELD:
            self.places.remove(place)
            return False
        is_unsent = place.stage in (Stage.FRESH, Stage.PROMISED) and key not in self.in_flight
        if is_unsent and isinstance(place.entry.promise, Lend | Renew):
            self.places.remove(place)
            return True
        place.is_of_session = False
        place.is_given_up = place.entry.promised is not None
        return False

    def lose_track(self) -> None:
        self.in_flight = ()
        for place in self.places:
            if place.stage is Stage.FRESH:
                place.stage = Stage.DOUBT

    def depart(self, keys: Sequence[EntryKey], *, is_sent: bool) -> None:
        self.in_flight = tuple(keys)
        for place in self.places:
            if is_sent and place.entry.key in keys:
                place.stage = Stage.DOUBT

    def carried(self, key: EntryKey, answer: Answer, now: float, chance: float) -> None:
        place = self._arrive(key)
        self.answering()
        if isinstance(answer, Held | Silence):
            place.is_stored = place.is_stored or isinstance(answer, Held)
            self._delay(place, now, chance, DELAY_SECONDS_MIN)
        else:
            self._end(place, answer)

    def judged(self, key: EntryKey, verdict: Verdict) -> None:
        place = self._arrive(key)
        self.answering()
        if may_be_sent_again(place.entry, verdict) and not place.is_given_up:
            place.stage, place.silences, place.begins = Stage.FRESH, 0, 0.0
        else:
            self._end(place, verdict)

    def silent(
        self,
        keys: Sequence[EntryKey],
        now: float,
        chance: float,
        delay_seconds_min: float = DELAY_SECONDS_MIN,
    ) -> None:
        self.silences += 1
        self.gate = now + delay_seconds(self.silences, chance, delay_seconds_min)
        for key in keys:
            self._delay(self._arrive(key), now, chance, delay_seconds_min)

    def answering(self) -> None:
        self.silences, self.gate = 0, 0.0

    def _find(self, key: EntryKey) -> Place | None:
        return next((place for place in self.places if place.entry.key == key), None)

    def _arrive(self, key: EntryKey) -> Place:
        self.in_flight = tuple(other for other in self.in_flight if other != key)
        place = self._find(key)
        assert place is not None
        return place

    def _delay(self, place: Place, now: float, chance: float, seconds_min: float) -> None:
        place.silences += 1
        own = min(ENTRY_DELAY_SECONDS_MAX, delay_seconds(place.silences, chance, seconds_min))
        place.begins = now + SETTLING_SECONDS + own

    def _end(self, place: Place, outcome: Answer | Verdict) -> None:
        if isinstance(outcome, Granted):
            is_late = is_undone_when_late(place.entry, outcome)
            is_late = is_late or (place.is_given_up and not outcome.renewed)
            if is_late and not place.is_of_session:
                place.stage = Stage.TO_BE_UNDONE
                return
        else:
            for other in self.places:
                undoes = isinstance(other.entry.promise, UndoLoan) and other.entry.promise.undoes
                if undoes == place.entry.key and other.stage is Stage.FRESH:
                    other.stage = Stage.DOUBT
        self.places.remove(place)

    # --- Who is next ----------------------------------------------------------------------------------------------

    def next_of(self, now: float, ways: Capabilities) -> Next:
        if self.in_flight:
            return Idle()
        if ways.keeps_order:
            return self._by_position(now, ways)
        urgent = self._urgent()
        free = list(self._free())
        session = [place for place in free if place.entry.key in urgent]
        others = [place for place in free if place.entry.key not in urgent]
        ready = [place for place in session if place.begins <= now]
        if ready:
            return self._step(ready[: ways.entries_per_exchange], ways, is_of_session=True)
        ready = [place for place in others if max(place.begins, self.gate) <= now]
        if ready:
            return self._step(ready[: ways.entries_per_exchange], ways, is_of_session=False)
        times = [place.begins for place in session] + [max(place.begins, self.gate) for place in others]
        return Wait(min(times)) if times else Idle()

    def _by_position(self, now: float, ways: Capabilities) -> Next:
        is_urgent = any(place.is_of_session for place in self.places)
        gate = 0.0 if is_urgent else self.gate
        alive = sorted(
            (place for place in self.places if place.stage is not Stage.TO_BE_UNDONE),
            key=self._number,
        )
        news = [place for place in alive if not place.is_stored]
        known = [place for place in alive if place.is_stored]
        times: list[float] = []
        if news and news[0].stage is not Stage.HELD:
            begins = max(news[0].begins, gate)
            if begins <= now:
                return self._step(_run(news, ways.entries_per_exchange), ways, is_of_session=is_urgent)
            times.append(begins)
        if known:
            ready = [place for place in known if max(place.begins, gate) <= now]
            # The earliest in the lane are looked at, and sent by position.
            ready.sort(key=self.places.index)
            chosen = sorted(ready[: ways.entries_per_exchange], key=self._number)
            if chosen:
                return self._step(_run(chosen, ways.entries_per_exchange), ways, is_of_session=is_urgent)
            times.append(min(max(place.begins, gate) for place in known))
        return Wait(min(times)) if times else Idle()

    def _step(self, ready: list[Place], ways: Capabilities, *, is_of_session: bool) -> Next:
        first = ready[0]
        is_sent_on = [
            ways.repeats_safely or place.stage is Stage.FRESH or isinstance(place.entry.promise, ReportCare)
            for place in ready
        ]
        if not is_sent_on[0]:
            return AskAbout(first.entry, is_of_session, first.stage is Stage.DOUBT, first.is_given_up)
        if ways.keeps_order and False in is_sent_on:
            ready = ready[: is_sent_on.index(False)]
        together = (place for place, is_sent in zip(ready, is_sent_on, strict=False) if is_sent)
        return Carry(tuple(place.entry for place in together), is_of_session)

    def _free(self) -> Iterator[Place]:
        """Those that may be tried: no earlier entry touches their item or patron."""
        items: set[ItemId | None] = set()
        patrons: set[PatronId | None] = set()
        for place in self.places:
            promise = place.entry.promise
            is_free = promise.item not in items - {None} and promise.patron not in patrons - {None}
            items.add(promise.item)
            if place.stage is not Stage.TO_BE_UNDONE and not _is_in_no_way(place):
                patrons.add(promise.patron)
                if is_free and place.stage is not Stage.HELD:
                    yield place

    def _urgent(self) -> frozenset[EntryKey]:
        """The session's entries and all they wait behind, directly or not."""
        items: set[ItemId | None] = set()
        patrons: set[PatronId | None] = set()
        keys: list[EntryKey] = []
        for place in reversed(self.places):
            promise = place.entry.promise
            touches = promise.item in items - {None} or promise.patron in patrons - {None}
            touches = touches and not _is_in_no_way(place)
            if place.is_of_session or touches:
                keys.append(place.entry.key)
                items.add(promise.item)
                patrons.add(promise.patron)
        return frozenset(keys)

    def _number(self, place: Place) -> tuple[int, int]:
        return self.epochs.index(place.entry.key.epoch), place.entry.position


def _is_in_no_way(place: Place) -> bool:
    return place.stage is Stage.HELD and isinstance(place.entry.promise, Pay)


def _run(places: list[Place], count_max: int) -> list[Place]:
    run = places[:1]
    for place in places[1:count_max]:
        last, entry = run[-1].entry, place.entry
        is_next = (entry.key.epoch, entry.position) == (last.key.epoch, last.position + 1)
        if place.stage is Stage.HELD or not is_next:
            break
        run.append(place)
    return run
