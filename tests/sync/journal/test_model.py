"""The journal against a model of it in plain dictionaries, for whatever a day may bring."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    DayClosed,
    Dropped,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Intended,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Promise,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Restored,
    Secured,
    SecureFailed,
    SecureIntended,
    ServerReached,
    Settled,
    Settlement,
    Silence,
)
from sync.journal.automaton import following
from sync.journal.codec import WIPED
from sync.journal.errors import RowRefused
from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from sync.journal.stages import EntryState
from tests.kit.effort import effort
from tests.sync.journal.samples import KEYS, NOON, CountingClock, lending, paying, reporting, returning

RETENTION = timedelta(days=10)
SETTINGS = JournalSettings(segment_rows=7, retention=RETENTION, reserve_bytes=0, margin_bytes=0)


def later_rows(key: EntryKey) -> list[EntryRow]:
    """One of each row that may come after the first."""
    return [
        Promised(key, NOON, Due(NOON.date()), NOON),
        Answered(key, NOON, Granted(Due(None), messages=("您好",))),
        Answered(key, NOON, Refused(Reason.OTHER)),
        Answered(key, NOON, Held()),
        Answered(key, NOON, Silence("deadline")),
        ReleaseIntended(key, NOON, ()),
        Released(key, NOON, ()),
        ReleaseFailed(key, NOON, (), "write"),
        SecureIntended(key, NOON, ()),
        Secured(key, NOON, ()),
        SecureFailed(key, NOON, (), "write"),
        Restored(key, NOON, ()),
        Dropped(key, NOON, "2"),
        PaymentApproved(key, NOON, "42", "TRACE", "****1234", ("sum",)),
        PaymentNotMade(key, NOON, "declined"),
        PaymentReversed(key, NOON, "43", ("sum",)),
        CaseOpened(key, NOON, CaseReason.RELEASE_UNKNOWN, "detail"),
        CaseClosed(key, NOON, "Li", CaseEnd.AS_IT_STANDS, "note"),
        *(Settled(key, NOON, how) for how in Settlement),
    ]


KINDS = len(later_rows(EntryKey("0", 1, 1, 1)))


class Days(RuleBasedStateMachine):
    """What is appended, refused, tidied, closed and purged, and what must then be there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.clock = CountingClock()
        self.entries: dict[EntryKey, list[EntryRow]] = {}
        self.states: dict[EntryKey, EntryState] = {}
        self.positions: dict[EntryKey, int] = {}
        self.events = 0

    @initialize()
    def begin(self) -> None:
        self.journal = self.opened()

    def opened(self) -> Journal:
        return Journal.open(self.folder / "journal", KEYS, self.clock.now, SETTINGS)

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)

    def open_keys(self) -> list[EntryKey]:
        return [key for key, state in self.states.items() if not state.is_settled]

    @rule(
        kinds=st.lists(st.sampled_from([lending, returning, paying, reporting]), min_size=1, max_size=3),
        seconds=st.none() | st.floats(0, 1e9),
    )
    def begin_some(self, kinds: list[Callable[[EntryKey], Intended]], seconds: float | None) -> None:
        """Some loans, returns, payments and reports begin in one commit."""
        rows: list[Intended] = []
        for kind in kinds:
            self.events += 1
            key = EntryKey(self.journal.epoch, self.journal.boot, self.events, 1)
            rows.append(replace(kind(key), seconds=seconds))
        given = self.journal.append(rows)
        for row in rows:
            self.positions[row.key] = len(self.positions) + 1
            self.entries[row.key] = [row]
            state = following(None, row)
            assert state is not None
            self.states[row.key] = state
        assert given == {row.key: self.positions[row.key] for row in rows}

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """A batch for one entry, of rows that mostly may follow and sometimes may not: taken whole, or not at all."""
        key = data.draw(st.sampled_from(list(self.states)))
        state: EntryState | None = self.states[key]
        rows: list[EntryRow] = []
        for choice in data.draw(st.lists(st.integers(0, KINDS - 1), min_size=1, max_size=4)):
            every = later_rows(key)
            able = [row for row in every if state is not None and following(state, row) is not None]
            row = every[choice] if choice % 5 == 4 or not able else able[choice % len(able)]
            rows.append(row)
            state = None if state is None else following(state, row)
        if state is None:
            with pytest.raises(RowRefused):
                self.journal.append(rows)
        else:
            assert self.journal.append(rows) == {}
            self.entries[key] += rows
            self.states[key] = state

    @rule(count=st.integers(1, 8))
    def finish(self, count: int) -> None:
        """The oldest entries come to their end, and their cases are closed."""
        for key in [key for key, state in self.states.items() if not state.is_over][:count]:
            rows: list[EntryRow] = []
            if not self.states[key].is_settled:
                rows.append(Settled(key, NOON, Settlement.CASE))
            if self.states[key].has_open_case:
                rows.append(CaseClosed(key, NOON, "Li", CaseEnd.NOT_FOUND))
            self.journal.append(rows)
            for row in rows:
                state = following(self.states[key], row)
                assert state is not None
                self.states[key] = state
            self.entries[key] += rows

    @rule()
    def close_a_day(self) -> None:
        """A day of the ledger is closed: a row of no entry."""
        assert self.journal.append([DayClosed(NOON, NOON.date(), 1, "{}", "00")]) == {}

    @rule()
    def reach_the_server(self) -> None:
        """The server was reached: a row of no entry."""
        assert self.journal.append([ServerReached(NOON)]) == {}

    @rule()
    def tidy(self) -> None:
        self.journal.tidy()
        self.forget()

    @rule()
    def start_again(self) -> None:
        self.journal.close()
        self.journal = self.opened()

    @rule()
    def grow_old(self) -> None:
        """All that is over and lies in a closed segment before anything open goes."""
        self.journal.tidy()
        self.clock.moment += RETENTION + timedelta(days=1)
        while self.journal.tidy():
            pass
        self.forget()

    def forget(self) -> None:
        """What is over, and begins in a purged segment, is gone; nothing else is."""
        purged = [segment for segment in self.journal.segments() if segment.is_purged]
        for key in list(self.states):
            if self.journal.entry(key) is None:
                assert self.states[key].is_over
                assert purged
                assert self.positions[key] <= purged[-1].counts["circulation"].position
                del self.states[key], self.entries[key]

    @invariant()
    def holds_what_it_was_given(self) -> None:
        """Open entries are whole and in order; those that are over tell the same, without whom."""
        if not hasattr(self, "journal"):
            return
        expected = tuple(
            Entry(key, self.promise(key), tuple(self.entries[key]), self.positions[key])
            for key in self.open_keys()
        )
        assert self.journal.unsettled() == expected
        assert self.journal.case_keys() == tuple(k for k, state in self.states.items() if state.has_open_case)
        for key, state in self.states.items():
            entry = self.journal.entry(key)
            assert entry is not None
            assert [type(row) for row in entry.rows] == [type(row) for row in self.entries[key]]
            assert entry.promise.patron == self.promise(key).patron or (
                state.is_over and entry.promise.patron == WIPED
            )

    def promise(self, key: EntryKey) -> Promise:
        first = self.entries[key][0]
        assert isinstance(first, Intended)
        return first.promise

    @rule()
    def verify(self) -> None:
        report = self.journal.verify()
        assert report.faults == ()
        assert report.unsettled == len(self.open_keys())


def test_whatever_happens_the_journal_is_what_the_model_says() -> None:
    """Appended, refused, tidied, restarted, purged in any order: the journal holds what it was given, and no more."""
    bounds = settings(max_examples=effort(10), stateful_step_count=40, deadline=None)
    run_state_machine_as_test(Days, settings=bounds)
