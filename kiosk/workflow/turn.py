"""Collects what one event leads to: rows, effects, keys.  It lives for the length of one `step`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from drivers.rfid import TagUid
from kiosk.workflow.effects import (
    Ask,
    AskHere,
    Carry,
    Effect,
    GiveUp,
    Keep,
    Play,
    Record,
    Release,
    Secure,
    Sound,
)
from kiosk.workflow.events import Happened
from kiosk.workflow.state import State
from sync.entries import (
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Intended,
    ItemId,
    Lend,
    Promise,
    Promised,
    ReleaseIntended,
    Row,
    Strip,
    TagBits,
)
from sync.questions import LocalQuestion, Question


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
    def number(self) -> str:
        """A number of its own for what people are told of this event, as a receipt; no entry has it."""
        return EntryKey(self._epoch, self._boot, self._event, 0).reference

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What the event leads to."""
        return (Record(tuple(self._rows)), *self._effects) if self._rows else tuple(self._effects)

    def record(self, *rows: Row) -> None:
        """Has *rows* written, in one commit with all others of this turn."""
        self._rows.extend(rows)

    def promise(self, promise: Promise) -> EntryKey:
        """Begins an entry: its intent is recorded, and it is carried."""
        key = self.new_key()
        self.begin(key, promise)
        return key

    def promise_here(
        self,
        promise: Lend,
        due: Due,
        snapshot_at: datetime,
        before: tuple[TagBits, ...] | None,
        strip: Strip | None = None,
    ) -> Promised:
        """Begins an entry whose loan the terminal itself grants until *due*; it is carried when its turn comes.

        *before* are the tags, and *strip* the strip, to be released from now on; *before* None where nothing is.
        """
        key = self.new_key()
        promised = Promised(key, self.wall, due, snapshot_at)
        more = () if before is None else (ReleaseIntended(key, self.wall, before, strip),)
        self.begin(key, promise, promised, *more)
        return promised

    def new_key(self) -> EntryKey:
        """A key that no entry has yet."""
        self._ordinal += 1
        return EntryKey(self._epoch, self._boot, self._event, self._ordinal)

    def begin(self, key: EntryKey, promise: Promise, *more: EntryRow, is_held: bool = False) -> Entry:
        """Begins the entry *key*: its intent and *more* are recorded, and it is carried; *is_held* as in `Carry`."""
        rows = (Intended(key, self.wall, promise, self.seconds), *more)
        self.record(*rows)
        entry = Entry(key, promise, rows)
        self._effects.append(Carry(entry, is_held))
        return entry

    def keep(self, row: Promised) -> None:
        """Has the terminal's own promise written for an entry that the uplink has already, and tells it."""
        self.record(row)
        self._effects.append(Keep(row.key, row))

    def give_up(self, key: EntryKey) -> None:
        """Stops waiting for *key*."""
        self._effects.append(GiveUp(key))

    def ask(self, token: int, question: Question) -> None:
        """Asks the server."""
        self._effects.append(Ask(token, question))

    def ask_here(self, token: int, question: LocalQuestion) -> None:
        """Asks the terminal's own books."""
        self._effects.append(AskHere(token, question))

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


def given_up(state: State, item: ItemId | None, key: EntryKey, turn: Turn) -> State:
    """*state* that no longer waits for entry *key* of *item*, and remembers that its outcome is open."""
    turn.give_up(key)
    return left_open(state, item, key)


def left_open(state: State, item: ItemId | None, key: EntryKey) -> State:
    """*state* that remembers that the outcome of entry *key* of *item* is open."""
    if item is None or any(known == key for known, _ in state.given_up):
        return state
    return replace(state, given_up=(*state.given_up, (key, item)))
