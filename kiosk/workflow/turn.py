"""Collects what one event leads to: rows, effects, keys.  It lives for the length of one `step`."""

from __future__ import annotations

from drivers.rfid import TagUid
from kiosk.workflow.effects import Ask, Carry, Effect, GiveUp, Play, Record, Release, Secure, Sound
from kiosk.workflow.events import Happened
from kiosk.workflow.state import State
from sync.entries import Entry, EntryKey, Intended, Promise, Row
from sync.questions import Question


class Turn:
    """The effects of one event, in the order in which they were asked for; the record of its rows goes first."""

    def __init__(self, state: State, happened: Happened) -> None:
        self.seconds = happened.at.seconds
        self.wall = happened.at.wall
        self._epoch = state.epoch
        self._boot = state.boot
        self._event = happened.number
        self._ordinal = 0
        self._rows: list[Row] = []
        self._effects: list[Effect] = []

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What the event leads to."""
        return (Record(tuple(self._rows)), *self._effects) if self._rows else tuple(self._effects)

    def record(self, *rows: Row) -> None:
        """Has *rows* written, in one commit with all others of this turn."""
        self._rows.extend(rows)

    def promise(self, promise: Promise) -> EntryKey:
        """Begins an entry: its intent is recorded, and it is carried."""
        self._ordinal += 1
        key = EntryKey(self._epoch, self._boot, self._event, self._ordinal)
        intended = Intended(key, self.wall, promise)
        self.record(intended)
        self._effects.append(Carry(Entry(key, promise, (intended,))))
        return key

    def give_up(self, key: EntryKey) -> None:
        """Stops waiting for *key*."""
        self._effects.append(GiveUp(key))

    def ask(self, token: int, question: Question) -> None:
        """Asks the server."""
        self._effects.append(Ask(token, question))

    def release(self, key: EntryKey, uids: tuple[TagUid, ...]) -> None:
        """Has the tags released."""
        self._effects.append(Release(key, uids))

    def secure(self, key: EntryKey, uids: tuple[TagUid, ...]) -> None:
        """Has the tags secured again."""
        self._effects.append(Secure(key, uids))

    def play(self, sound: Sound) -> None:
        """Has *sound* played, once a turn however many things happened."""
        if Play(sound) not in self._effects:
            self._effects.append(Play(sound))

    def do(self, effect: Effect) -> None:
        """Has any other *effect* done."""
        self._effects.append(effect)
