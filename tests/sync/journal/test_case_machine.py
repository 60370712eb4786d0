"""Cases over a real journal, whatever happens in whatever order."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)
from hypothesis.strategies import sampled_from

from sync.cases import CaseRefused, case_of, cases_of, closing
from sync.entries import CaseEnd, CaseOpened, CaseReason, EntryKey, Row, Settlement
from sync.journal.codec import WIPED
from sync.journal.journal import Journal
from tests.kit.effort import effort
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    PATRON,
    CountingClock,
    granted,
    key_of,
    lending,
    released,
    releasing,
    settled,
)


class CasesOfAJournal(RuleBasedStateMachine):
    """Loans begin, get cases, are settled; staff close; the journal is tidied and reopened.

    *expected* is the model: which entries have an open case, by the reasons in order.
    """

    loans: Bundle[EntryKey] = Bundle("loans")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "journal.sqlite"
        self.clock = CountingClock()
        self.journal = Journal.open(self.path, KEYS, self.clock.now)
        self.events = 0
        self.expected: dict[EntryKey, list[CaseReason]] = {}
        self.settled: set[EntryKey] = set()
        self.closed: set[EntryKey] = set()

    @rule(target=loans)
    def lend(self) -> EntryKey:
        self.events += 1
        key = key_of(self.journal, self.events)
        self.journal.append([lending(key), granted(key, "Welcome"), releasing(key), released(key)])
        return key

    @rule(key=loans, reason=sampled_from(CaseReason))
    def open_case(self, key: EntryKey, reason: CaseReason) -> None:
        row = CaseOpened(key, NOON, reason, PATRON.reveal())
        if key in self.settled:
            self._refused([row])
        else:
            self.journal.append([row])
            self.expected.setdefault(key, []).append(reason)

    @rule(key=loans, how=sampled_from([Settlement.DONE, Settlement.CASE]))
    def settle(self, key: EntryKey, how: Settlement) -> None:
        if key in self.settled:
            self._refused([settled(key, how)])
        else:
            self.journal.append([settled(key, how)])
            self.settled.add(key)

    @rule(key=loans, how=sampled_from(CaseEnd))
    def close(self, key: EntryKey, how: CaseEnd) -> None:
        entry = self.journal.entry(key)
        assert entry is not None
        case = case_of(entry)
        try:
            row = closing(entry, how, "desk", "", NOON)
        except CaseRefused:
            assert case is None or how not in case.ends
            return
        assert key in self.expected
        self.journal.append([row])
        self._refused([row])
        del self.expected[key]
        self.closed.add(key)

    @rule()
    def tidy(self) -> None:
        self.journal.tidy()

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.journal = Journal.open(self.path, KEYS, self.clock.now)

    @rule(target=loans, key=consumes(loans))
    def forget_one_that_is_over(self, key: EntryKey) -> EntryKey | MultipleResults[EntryKey]:
        """What is over is tidied away, and nobody's number is left for it."""
        is_over = key in self.settled and key not in self.expected
        self.journal.tidy()
        entry = self.journal.entry(key)
        assert entry is not None
        assert entry.promise.patron == (WIPED if is_over else PATRON)
        return multiple() if is_over else key

    @invariant()
    def no_case_is_lost(self) -> None:
        """The journal's open cases are the model's, with their reasons in order, and by their patron."""
        cases = cases_of(self.journal.open_cases())
        assert {case.key: [note.reason for note in case.reasons] for case in cases} == self.expected
        assert all(entry.promise.patron == PATRON for entry in self.journal.open_cases())
        assert all(case.ends for case in cases)

    def teardown(self) -> None:
        assert self.journal.verify().is_whole
        boxes = self._boxes_of(self.settled - set(self.expected))
        self.journal.tidy()
        assert self._boxes_of(self.settled - set(self.expected)) <= boxes
        assert self._boxes_of(self.settled - set(self.expected)) == 0
        self.journal.close()
        self.folder.cleanup()

    def _boxes_of(self, keys: set[EntryKey]) -> int:
        sql = (
            "SELECT 1 FROM sealed JOIN rows USING (number)"
            " WHERE entry = (SELECT number FROM rows WHERE key = ?)"
        )
        return sum(len(self.journal.file.query(sql, str(key))) for key in keys)

    def _refused(self, rows: list[Row]) -> None:
        try:
            self.journal.append(rows)
        except ValueError:
            return
        raise AssertionError("the journal took what cannot follow")


TestCasesOfAJournal = CasesOfAJournal.TestCase
"""No case is lost, none closed twice, and a patron stays sealed exactly until nobody needs to know any more."""
TestCasesOfAJournal.settings = settings(max_examples=effort(30), stateful_step_count=25, deadline=None)
