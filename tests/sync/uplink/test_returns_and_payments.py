"""Items come back and fees are paid, between loans, over the same bad line and the same restarts: whatever happens in
which order, a return is never lost, no newer loan is ended, and money is taken once and posted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from sync.entries import (
    Answer,
    CaseOpened,
    Due,
    Entry,
    EntryKey,
    FeePart,
    Flaw,
    GiveBack,
    ItemId,
    Means,
    Money,
    PatronId,
    Pay,
    PaymentApproved,
    PaymentNotMade,
    ReportCare,
    Secured,
    SecureIntended,
    Settled,
    Settlement,
)
from sync.entries import CaseReason as Why
from sync.uplink.reports import Report, Unclear
from sync.uplink.start_up import AtStart, FindPayment, FinishSecuring
from tests.kit.effort import effort
from tests.kit.left_behind import return_unknown
from tests.sync.uplink.library import Loan
from tests.sync.uplink.samples import LOCKED, NOON
from tests.sync.uplink.test_promises import EFFORT, ITEMS, PATRONS, SERVERS, Promises

TAKEN, DECLINED, NOBODY_KNOWS = "taken", "declined", "nobody knows"
DESK = EntryKey("desk", 1, 1, 1)
UNKNOWN_ITEM = ITEMS[3]


class Till:
    """Takes money when it is asked to, and remembers; *answers* are what it will say about each payment."""

    def __init__(self) -> None:
        self.charged: list[EntryKey] = []
        self.answers: dict[EntryKey, str] = {}

    def ask(self, key: EntryKey, answer: str, is_charged: bool) -> None:
        """Takes the money of *key* once more, where *is_charged*."""
        if is_charged:
            self.charged.append(key)
        self.answers[key] = answer

    def find(self, key: EntryKey) -> str:
        """What became of *key*, without moving money."""
        return self.answers.get(key, DECLINED)


class Returns(Promises):
    """As the play of loans; besides, items come back and fees are paid."""

    def __init__(self) -> None:
        super().__init__()
        self.library.unknown_items = frozenset({UNKNOWN_ITEM})
        self.library.owed = dict.fromkeys(PATRONS, 1_000)
        self.till = Till()
        self.lying: set[EntryKey] = set()
        self.taken_back: set[EntryKey] = set()
        self.refused_to_take: set[EntryKey] = set()
        self.paying: set[EntryKey] = set()
        self.waiting_for: set[EntryKey] = set()
        self.is_disk_slow = False
        self.unwritten: list[int] = []

    # --- What readers and staff do --------------------------------------------------------------------------------

    @rule(item=st.sampled_from(ITEMS), is_asked=st.booleans())
    def bring(self, item: ItemId, is_asked: bool) -> None:
        """An item is laid on the pad to be given back; the server is asked about it before, where it is there."""
        if any(self.entries[key].promise.item == item for key in self.lying):
            return
        loan = self.library.loans.get(item)
        was_on_loan = (loan is not None) if is_asked else None
        due = Due(loan.due) if is_asked and loan is not None else None
        key = self.begin(GiveBack(item, NOON, was_on_loan, due)).key
        self.write(SecureIntended(key, self.clock.now(), LOCKED))
        self.lying.add(key)
        self.courier.enter([self.entries[key]], is_of_session=True, is_held=True)

    @rule(count=st.integers(1, 3))
    def secure(self, count: int) -> None:
        """Tags were read back as secured: the reader is told that the items are back."""
        for key in sorted(self.lying)[:count]:
            self.secure_one(key)

    def secure_one(self, key: EntryKey) -> None:
        self.write(Secured(key, self.clock.now(), LOCKED))
        self.lying.discard(key)
        self.taken_back.add(key)
        self.waiting_for.add(key)
        self.courier.proceed(self.entries[key])

    @rule()
    def take_away(self) -> None:
        """Somebody takes an item away before it was secured: it is not back, and the reader is told so."""
        for key in sorted(self.lying)[:1]:
            self.lose(key)

    def lose(self, key: EntryKey) -> None:
        self.write(*return_unknown(self.entries[key], self.clock.now(), "left the pad"))
        self.lying.discard(key)
        self.refused_to_take.add(key)
        self.take(self.courier.give_up(key))

    @rule(item=st.sampled_from(ITEMS))
    def report_care(self, item: ItemId) -> None:
        """Somebody says that an item needs care."""
        entry = self.begin(ReportCare(item, (Flaw.LOOSE_PAGES,), NOON))
        self.courier.enter([entry], is_of_session=False)

    @rule(item=st.sampled_from(ITEMS), patron=st.sampled_from(PATRONS), days=st.integers(1, 3))
    def lend_at_the_desk(self, item: ItemId, patron: PatronId, days: int) -> None:
        """Staff lend an item that nobody took away by the terminal's word, and whose return the server has done."""
        untold = (
            entry.promise.item
            for key, entry in self.entries.items()
            if not entry.is_settled and key not in self.library.executed
        )
        if item in self.library.loans or item in tuple(untold):
            return
        due = date(2026, 7, 1) + timedelta(days=len(self.library.executed) + days)
        settled = (key for key, entry in self.entries.items() if entry.is_settled)
        self.library.loans[item] = Loan(patron, due, DESK, (*self.library.executed, *settled))

    @rule(item=st.sampled_from(ITEMS))
    def renew_at_home(self, item: ItemId) -> None:
        """A reader, or the server by itself, lengthens a loan, wherever the item lies."""
        loan = self.library.loans.get(item)
        if loan is not None:
            loan.due += timedelta(days=28)

    @rule(patron=st.sampled_from(PATRONS))
    def charge(self, patron: PatronId) -> None:
        """A fee comes up that no payment of this play is as high as."""
        self.library.owed[patron] += 7

    @rule(
        patron=st.sampled_from(PATRONS),
        hundreds=st.integers(1, 3),
        answer=st.sampled_from([TAKEN, TAKEN, DECLINED, NOBODY_KNOWS]),
        is_charged=st.booleans(),
        is_known=st.booleans(),
    )
    def pay(self, patron: PatronId, hundreds: int, answer: str, is_charged: bool, is_known: bool) -> None:
        """A reader pays fees; the till is asked once it is written down.  One payment of a patron at a time."""
        if self.paying or self.has_unposted(patron):
            return
        amount = Money(100 * hundreds, "CNY")
        owed = self.library.owes(patron) if is_known else None
        promise = Pay(patron, amount, (FeePart("", amount),), Means.CARD, NOON, owed, "0041")
        key = self.intend_to_pay(promise)
        charged = {TAKEN: True, DECLINED: False, NOBODY_KNOWS: is_charged}[answer]
        self.till.ask(key, answer, charged)

    def has_unposted(self, patron: PatronId) -> bool:
        payments = (e for e in self.entries.values() if isinstance(e.promise, Pay))
        return any(e.promise.patron == patron and (not e.is_settled or e.has_open_case) for e in payments)

    def intend_to_pay(self, promise: Pay) -> EntryKey:
        key = self.begin(promise).key
        self.paying.add(key)
        self.courier.enter([self.entries[key]], is_of_session=True, is_held=True)
        return key

    @rule()
    def hear_from_the_till(self) -> None:
        """The till says what became of a payment."""
        for key in sorted(self.paying):
            self.heard(key, self.till.find(key))

    def heard(self, key: EntryKey, answer: str) -> None:
        self.paying.discard(key)
        at = self.clock.now()
        match answer:
            case "taken":
                self.write(PaymentApproved(key, at, "0042", "0042"))
                self.waiting_for.add(key)
                self.courier.proceed(self.entries[key])
                return
            case "declined":
                self.write(PaymentNotMade(key, at, "declined"), Settled(key, at, Settlement.NOT_DONE))
            case _:
                self.write(CaseOpened(key, at, Why.PAYMENT_UNKNOWN), Settled(key, at, Settlement.CASE))
        self.take(self.courier.give_up(key))

    @rule()
    def go(self) -> None:
        """The reader leaves; what they gave back and paid stays on its way."""
        super().go()
        for key in sorted(self.waiting_for):
            self.take(self.courier.give_up(key))
        self.waiting_for.clear()

    # --- The disk -------------------------------------------------------------------------------------------------

    @rule(is_slow=st.booleans())
    def slow_down(self, is_slow: bool) -> None:
        """The disk takes its time to write that the server was reached; a restart may come before."""
        self.is_disk_slow = is_slow
        if not is_slow:
            for notes in self.unwritten:
                super().leave_asked(notes)
            self.unwritten.clear()

    def leave_asked(self, notes: int) -> None:
        if self.is_disk_slow:
            self.unwritten.append(notes)
        else:
            super().leave_asked(notes)

    @rule()
    def restart(self) -> None:
        """The terminal is killed; what was not written by then was never written."""
        self.unwritten.clear()
        super().restart()

    # --- Restarts -------------------------------------------------------------------------------------------------

    @rule(are_tags_there=st.booleans())
    def restart_at_the_pad(self, are_tags_there: bool) -> None:
        """The terminal is killed and comes back; what was being secured may lie there still."""
        self.are_tags_there = are_tags_there
        self.restart()

    are_tags_there = True

    def found_at_start(self, entry: Entry, found: AtStart) -> None:
        self.waiting_for.discard(entry.key)
        if isinstance(found, FinishSecuring):
            self.lying.add(entry.key)
            if self.are_tags_there:
                self.secure_one(entry.key)
            else:
                self.lose(entry.key)
        elif isinstance(found, FindPayment):
            self.heard(entry.key, self.till.find(entry.key))

    def take(self, reports: Sequence[Report]) -> None:
        super().take(reports)
        self.waiting_for = {key for key in self.waiting_for if not self.entries[key].is_settled}

    # --- What must hold -------------------------------------------------------------------------------------------

    def check_entry(self, entry: Entry) -> None:
        super().check_entry(entry)
        key = entry.key
        if key in self.lying or key in self.refused_to_take:
            self.wrong.append(f"{key} was told, and is not secured")
        if isinstance(entry.promise, Pay) and key not in self.till.charged:
            self.wrong.append(f"{key} was posted, and nobody took the money")

    def outcome(self, key: EntryKey, outcome: Answer | Unclear) -> None:
        super().outcome(key, outcome)
        self.told.pop(key, None)

    def teardown(self) -> None:
        self.slow_down(False)
        for key in sorted(self.lying):
            self.secure_one(key)
        self.hear_from_the_till()
        super().teardown()
        for key, entry in self.entries.items():
            end = next(row.how for row in entry.rows if isinstance(row, Settled))
            match entry.promise:
                case GiveBack():
                    self.check_return(key, entry.promise, end)
                case Pay():
                    self.check_payment(key, end, entry.has_open_case)
                case ReportCare():
                    assert key in self.library.cared_for, (
                        f"{key}: nobody hears that {entry.promise.item} needs care"
                    )
                case _:
                    pass
        for key, loan in self.library.closed:
            assert key not in loan.since, f"{key}: ended a loan that was made after it"
        assert set(self.till.charged) <= set(self.entries), "money was taken for nothing"

    def check_return(self, key: EntryKey, promise: GiveBack, end: Settlement) -> None:
        if key in self.refused_to_take:
            assert end is Settlement.CASE
            assert key not in self.library.received, f"{key}: was told, though it was taken away"
            return
        assert end in (Settlement.DONE, Settlement.CASE), f"{key}: the item is here, and it ended as {end}"
        loan = self.library.loans.get(promise.item)
        if end is Settlement.CASE or loan is None:
            return
        is_newer = key in loan.since if loan.made_by == DESK else self.is_later(loan.made_by, key)
        assert is_newer or self.is_brought_again(key, loan), f"{key}: a return is lost"

    def is_later(self, one: EntryKey, than: EntryKey) -> bool:
        return self.order.index(one) > self.order.index(than)

    def is_brought_again(self, key: EntryKey, loan: Loan) -> bool:
        """Whether *key* found the item not on loan, and the loan there is now was made since."""
        return (
            all(closed is not loan for _, closed in self.library.closed)
            and loan.since != ()
            and (key in loan.since)
        )

    def check_payment(self, key: EntryKey, end: Settlement, is_case: bool) -> None:
        charged = Counter(self.till.charged)[key]
        posted = Counter(self.library.executed)[key]
        assert charged <= 1, f"{key}: charged {charged} times"
        assert posted <= charged, f"{key}: posted {posted} times, charged {charged} times"
        match end:
            case Settlement.DONE:
                assert (charged, posted) == (1, 1), f"{key}: paid and posted, they say: {charged}, {posted}"
            case Settlement.NOT_DONE:
                assert charged == 0, f"{key}: not paid, they say, and the money is gone"
            case _:
                assert end is Settlement.CASE
                assert is_case


@pytest.mark.parametrize("server", SERVERS)
def test_returns_and_payments_come_to_one_end(server: str) -> None:
    """Over lost requests, lost replies, readers who leave, tills that do not know and restarts: what was told as given
    back is told to the server or is a case, what was not is not told, and no payment is taken or posted twice."""

    class Served(Returns):
        ways = SERVERS[server]

    run_state_machine_as_test(Served, settings=settings(EFFORT, max_examples=effort(80)))
