"""Days without a server, as they may happen: a machine that asks for anything and objects to what must not be lent."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sync.entries import ItemId, PatronId
from sync.questions import MayLend
from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.rules.terms import Use
from sync.snapshot.lending import OwnLoans, may_lend
from tests.sync.snapshot import samples as s

LIBRARY = s.extract()
SNAPSHOT = s.snapshot()
ITEMS = st.sampled_from([*LIBRARY.items, ItemId("77777777777777")])
PATRONS = st.sampled_from([*LIBRARY.patrons, s.STRANGER])
NEVER = (s.REFERENCE, s.SPECIAL, s.SERIES, s.PERIODICAL, s.LOST, s.FILM, s.STRANGE_TYPE)
STOPPED = (s.CARD_LOST, s.BLOCKED, s.OWES, s.EXPIRED, s.STRANGER)


class DaysOffline(RuleBasedStateMachine):
    """A model of the shelves and of who has what beside the terminal's own decisions."""

    decide = staticmethod(may_lend)

    @initialize(loans_max=st.none() | st.integers(1, 3))
    def begin(self, loans_max: int | None) -> None:
        self.policy = OfflinePolicy(OfflineLending.WITHIN_LIMITS, loans_max=loans_max)
        self.now = s.NOW
        self.lent: dict[ItemId, PatronId] = {}
        self.returned: set[ItemId] = set()
        self.refused: set[tuple[ItemId, PatronId]] = set()

    def own(self, patron: PatronId) -> OwnLoans:
        theirs = [item for item, borrower in self.lent.items() if borrower == patron]
        return OwnLoans(theirs, [item for item in self.lent if item not in theirs], self.returned)

    @rule(item=ITEMS, patron=PATRONS, usage=st.sampled_from((None, 0x11, 0x13, 0x21)))
    def ask(self, item: ItemId, patron: PatronId, usage: int | None) -> None:
        found = self.decide(SNAPSHOT, MayLend(item, patron, usage), self.own(patron), self.now, self.policy)
        if found.refusal is not None:
            assert found.due is None
            assert not found.release
            return
        assert item not in self.lent
        assert item not in NEVER
        assert usage in (None, 0x11)
        assert patron not in STOPPED
        assert LIBRARY.items[item].use is Use.LENDING
        assert LIBRARY.on_hold.get(item) in (None, patron)
        assert LIBRARY.items[item].age_min_years <= LIBRARY.patrons[patron].age_years
        assert not (patron == s.OVERDUE and self.now > s.NOW + timedelta(days=1))
        assert found.due is not None
        assert found.due.day is not None
        assert SNAPSHOT.terms.calendar.is_open(found.due.day)
        self.lent[item] = patron
        self.returned.discard(item)

    @rule(data=st.data())
    def bring_back(self, data: st.DataObject) -> None:
        if self.lent:
            item = data.draw(st.sampled_from(list(self.lent)))
            del self.lent[item]
            self.returned.add(item)

    @rule(hours=st.integers(1, 40))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def nobody_has_more_than_the_limit(self) -> None:
        for patron, standing in LIBRARY.patrons.items():
            mine = {item for item, borrower in self.lent.items() if borrower == patron}
            at_issue = {item for item, borrower in LIBRARY.on_loan.items() if borrower == patron}
            assert not mine or len(mine | at_issue) <= SNAPSHOT.terms.loans_max[standing.category]
            assert self.policy.loans_max is None or len(mine) <= self.policy.loans_max
            assert len(mine & {s.TAPE, s.OTHER_TAPE}) <= 1
