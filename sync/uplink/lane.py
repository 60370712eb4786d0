"""An entry's way to one destination: what happens to it there.  Time and chance are handed in.

Who may go next, and when, is in `order.py`.

    enter --> FRESH --sent--> DOUBT --asked, not done, must come true--> FRESH
                |  ^            |  ^--silence, held--'
    enter       |  `--to be sent|
      |         |               `--asked: granted, refused, unclear--> gone (*)
      v         `--sent: granted, refused--> gone (*)
    PROMISED --asked--> FRESH, or gone: granted, unclear

    enter, held --> HELD --proceed--> FRESH
                      `--given up--> gone

- A sent entry is in doubt from the moment it is sent until an answer is believed; so is every unsettled entry found
  at start-up.  What is in doubt is asked about before it is ever sent again.  There is no count after which it is
  given up.
- What has happened while the server is away is told as never sent, is waited for by no session, and stays unsent until
  it is on disk that it may have been sent (`unsent.py`).
- What the terminal itself granted is asked about before it is sent at all: a server that finds it on the patron's
  account already would renew it.
- What is held has its place and is not sent: an item has to be secured, or money to be taken, before.  Found at
  start-up, it is held as long as its rows do not tell that (`Entry.may_be_carried`), and in doubt otherwise.
- What has happened (an item was given back, money was taken) is told until it is done or refused, whoever gives it up.
- A server that answers a repeat as it did the first time (`Capabilities.repeats_safely`) is never asked: everything
  is sent, and sent again.  That is decided when the entry's turn has come, not before.
- One exchange at a time, of one entry or of several (`Capabilities.entries_per_exchange`).  After silence the entry
  and the whole backlog wait, each twice as long as the last time; the entry, so that one that makes the server choke
  does not stop the others; the backlog, so that a server that is away is not asked by a hundred entries in turn.  The
  session's own first try does not wait.

(*) A loan granted after its session had ended keeps its place, and bars its item to others, until the entry that
undoes it takes that place: a check-in sent after somebody else's loan could close that one.  An undoing whose loan
ended in any other way than granted is asked about before it is sent, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from sync.entries import Answer, Entry, EntryKey, Granted, Held, Lend, Promised, Renew, Silence, UndoLoan
from sync.servers.ils import Capabilities
from sync.uplink.doubt import is_undone_when_late, may_be_sent_again
from sync.uplink.order import Order
from sync.uplink.promised import is_withdrawn
from sync.uplink.reports import Verdict
from sync.uplink.steps import AskLeave, Carry, Idle, Next
from sync.uplink.unsent import Unsent
from sync.uplink.waiting import DELAY_SECONDS_MIN, Stage, Waiting, delay_seconds, first_stage


class Lane:
    """The lane of one destination.  Every step costs the logarithm of its length."""

    def __init__(self) -> None:
        self._order = Order()
        self._by_key: dict[EntryKey, Waiting] = {}
        self._undoing: dict[EntryKey, list[EntryKey]] = {}
        self._places = count(1)
        self._in_flight: tuple[EntryKey, ...] = ()
        self.unsent = Unsent()
        """What is in here and was never sent."""
        self._silences = 0
        self._not_before_seconds = 0.0

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, key: EntryKey) -> bool:
        return key in self._by_key

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """Everything in the lane, in order; to be read only."""
        return self._order.in_order()

    @property
    def in_flight(self) -> tuple[EntryKey, ...]:
        """What is in the exchange that is under way."""
        return self._in_flight

    @property
    def backlog(self) -> int:
        """How many entries wait that belong to no running session."""
        return len(self._order) - self._order.session_count

    def next_of(self, now_seconds: float, ways: Capabilities) -> Next:
        """What to do at *now_seconds* (monotonic) with a server of such *ways*."""
        if self._in_flight:
            return Idle()
        step = self._order.next_of(now_seconds, self._not_before_seconds, ways)
        if isinstance(step, Carry) and any(self.unsent.bars(self._find(e.key)) for e in step.entries):
            return AskLeave(tuple(entry.key for entry in step.entries))
        return step

    # --- What comes in --------------------------------------------------------------------------------------------

    def enter(
        self,
        entries: Sequence[Entry],
        *,
        is_of_session: bool,
        is_in_doubt: bool = False,
        is_held: bool = False,
    ) -> None:
        """Takes *entries*, whose `Intended` rows are committed, at the end, in this order.

        What undoes a loan that waits for that takes its place.  What the terminal itself granted belongs to no
        session.  With *is_in_doubt* they were found at start-up; what may not be carried yet is held then, as all is
        with *is_held*.  Raises `ValueError` for a key that is in the lane already; those before it have entered.
        """
        for entry in entries:
            if entry.key in self._by_key:
                raise ValueError(f"{entry.key}: is in the lane already")
            is_promised = entry.promised is not None
            stage = first_stage(entry, is_in_doubt=is_in_doubt, is_held=is_held)
            new = Waiting(
                entry,
                stage,
                is_of_session and not is_promised,
                self._place(entry),
                is_stored=isinstance(entry.answer, Held) and stage is not Stage.HELD,
                is_given_up=is_withdrawn(entry),
            )
            if entry.is_never_sent:
                self.unsent.note(new)
            self._by_key[entry.key] = new
            if isinstance(entry.promise, UndoLoan):
                self._undoing.setdefault(entry.promise.undoes, []).append(entry.key)
            self._order.add(new)

    def _place(self, entry: Entry) -> int:
        """That of the loan *entry* undoes where it waits for that, else the next one."""
        if isinstance(entry.promise, UndoLoan):
            undone = self._by_key.get(entry.promise.undoes)
            if undone is not None and undone.stage is Stage.TO_BE_UNDONE and _touch_the_same(undone, entry):
                del self._by_key[undone.entry.key]
                return undone.place
        return next(self._places)

    def proceed(self, entry: Entry) -> bool:
        """What *entry*, held, had to wait for has happened, as its rows tell: it may be sent.

        False, and nothing happens, where it is not held here.
        """
        waiting = self._by_key.get(entry.key)
        if waiting is None or waiting.stage is not Stage.HELD:
            return False
        waiting.entry = replace(entry, position=waiting.entry.position)
        waiting.stage = Stage.FRESH
        self._order.changed(waiting)
        return True

    def promise(self, key: EntryKey, row: Promised) -> bool:
        """The terminal granted *key* itself, and *row* is committed: it is kept, and belongs to no session any more.

        False, and nothing happens, for a key that is not in the lane: it was answered meanwhile.
        """
        waiting = self._by_key.get(key)
        if waiting is None:
            return False
        waiting.entry = replace(waiting.entry, rows=(*waiting.entry.rows, row))
        waiting.is_of_session = False
        if waiting.stage is Stage.TO_BE_UNDONE:
            self._remove(waiting)
            return True
        if waiting.stage is Stage.FRESH and key not in self._in_flight:
            waiting.stage = Stage.PROMISED
        self._order.changed(waiting)
        return True

    def give_up(self, key: EntryKey) -> bool:
        """No session waits for *key* any more; true when it was never sent and now never will be, which is news.

        What was sent, and what is no reader's wish but has happened, stays.  What is held goes, and whoever held it
        knows.  Giving up what the terminal itself granted takes its promise back: what was sent of it is undone when
        it turns out to be granted, and is not sent again.  An unknown *key* changes nothing.
        """
        waiting = self._by_key.get(key)
        if waiting is None:
            return False
        if waiting.stage is Stage.HELD:
            self._remove(waiting)
            return False
        is_unsent = waiting.stage in (Stage.FRESH, Stage.PROMISED) and key not in self._in_flight
        if is_unsent and isinstance(waiting.entry.promise, Lend | Renew):
            self._remove(waiting)
            return True
        waiting.is_of_session = False
        waiting.is_given_up = waiting.entry.promised is not None
        self._order.changed(waiting)
        return False

    def note_unsent(self, keys: Iterable[EntryKey]) -> tuple[EntryKey, ...]:
        """Which of *keys* surely were never sent and were not noted as such before: now they are, and no session
        waits for them.
        """
        noted: list[EntryKey] = []
        for key in keys:
            waiting = None if key in self._in_flight else self._by_key.get(key)
            if waiting is not None and self.unsent.note(waiting):
                waiting.is_of_session = False
                self._order.changed(waiting)
                noted.append(key)
        return tuple(noted)

    def lose_track(self) -> None:
        """Nobody knows any more what was under way: whatever may have been sent is in doubt."""
        self._in_flight = ()
        for waiting in self.waiting:
            if waiting.stage is Stage.FRESH and not self.unsent.bars(waiting):
                waiting.stage = Stage.DOUBT
                self._order.changed(waiting)

    # --- An exchange ----------------------------------------------------------------------------------------------

    def depart(self, keys: Sequence[EntryKey], *, is_sent: bool) -> None:
        """An exchange about *keys* is under way; with *is_sent* they are in doubt from now on.

        Raises `ValueError` while another one is.
        """
        if self._in_flight:
            raise ValueError(f"{keys[0]}: another exchange is under way")
        for key in keys:
            waiting = self._find(key)
            if is_sent:
                waiting.send()
        self._in_flight = tuple(keys)

    def carried(self, key: EntryKey, answer: Answer, now_seconds: float, chance: float) -> None:
        """The server's *answer* to *key* came at *now_seconds*; *chance*, 0 to 1, spreads the next try.

        `Silence` is for an entry in a batch that others were answered in: it waits, and the backlog does not.
        """
        self._arrive(key)
        self.answering()
        waiting = self._find(key)
        if isinstance(answer, Held | Silence):
            waiting.is_stored = waiting.is_stored or isinstance(answer, Held)
            waiting.delay(now_seconds, chance)
            self._order.changed(waiting)
            return
        self._end(waiting, answer)

    def judged(self, key: EntryKey, verdict: Verdict) -> None:
        """Asking about *key* gave *verdict*."""
        self._arrive(key)
        self.answering()
        waiting = self._find(key)
        if may_be_sent_again(waiting.entry, verdict) and not waiting.is_given_up:
            waiting.go_on()
            self._order.changed(waiting)
            return
        self._end(waiting, verdict)

    def silent(
        self,
        keys: Sequence[EntryKey],
        now_seconds: float,
        chance: float,
        delay_seconds_min: float = DELAY_SECONDS_MIN,
        is_unsent: bool = False,
    ) -> None:
        """Nothing that can be believed came about *keys*: they wait, and so does the backlog.

        Without *keys* it was a question, which is no entry's.  *is_unsent*: surely nothing of them was sent.
        """
        self._silences += 1
        self._not_before_seconds = now_seconds + delay_seconds(self._silences, chance, delay_seconds_min)
        for key in keys:
            self._arrive(key)
            waiting = self._find(key)
            waiting.stage = waiting.stood if is_unsent else waiting.stage
            waiting.delay(now_seconds, chance, delay_seconds_min)
            self._order.changed(waiting)

    def answering(self) -> None:
        """The server answered: the backlog need not wait any longer."""
        self._silences = 0
        self._not_before_seconds = 0.0

    def _arrive(self, key: EntryKey) -> None:
        if key in self._in_flight:
            self._in_flight = tuple(other for other in self._in_flight if other != key)

    def _end(self, waiting: Waiting, outcome: Answer | Verdict) -> None:
        entry = waiting.entry
        if not isinstance(outcome, Granted):
            for key in self._undoing.get(entry.key, ()):
                undoing = self._find(key)
                if undoing.stage is Stage.FRESH:
                    undoing.stage = Stage.DOUBT
                    self._order.changed(undoing)
        elif not waiting.is_of_session and self._is_to_be_undone(waiting, outcome):
            waiting.stage = Stage.TO_BE_UNDONE
            self._order.changed(waiting)
            return
        self._remove(waiting)

    def _is_to_be_undone(self, waiting: Waiting, granted: Granted) -> bool:
        return is_undone_when_late(waiting.entry, granted) or (waiting.is_given_up and not granted.renewed)

    def _remove(self, waiting: Waiting) -> None:
        entry = waiting.entry
        del self._by_key[entry.key]
        if isinstance(entry.promise, UndoLoan):
            others = self._undoing[entry.promise.undoes]
            others.remove(entry.key)
            if not others:
                del self._undoing[entry.promise.undoes]
        self._order.remove(waiting)

    def _find(self, key: EntryKey) -> Waiting:
        waiting = self._by_key.get(key)
        if waiting is None:
            raise ValueError(f"{key}: is not in the lane")
        return waiting


def _touch_the_same(waiting: Waiting, entry: Entry) -> bool:
    mine, its = waiting.entry.promise, entry.promise
    return mine.item == its.item and mine.patron == its.patron
