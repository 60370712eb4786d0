"""The lane with its indices does step by step what the lane without any does."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from sync.entries import (
    Answer,
    Answered,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Lend,
    Promise,
    Renew,
    Silence,
    UndoLoan,
    item_id,
    patron_id,
)
from sync.servers.ils import Capabilities
from sync.uplink.lane import Lane
from sync.uplink.reports import Unclear, Verdict
from sync.uplink.steps import AskAbout, Carry
from sync.uplink.waiting import Stage
from tests.kit.effort import effort
from tests.sync.uplink.lane_model import PlainLane
from tests.sync.uplink.samples import (
    GRANTED,
    KEEP,
    NOON,
    NOT_DONE,
    REFUSED,
    approved,
    entry,
    give_back,
    key,
    pay,
    promised,
    report_care,
    secure_intended,
    secured,
)

ITEMS = [item_id(f"1000000{n}") for n in range(4)]
PATRONS = [patron_id(f"230000004{n}") for n in range(3)]
WAYS = [
    Capabilities(),
    Capabilities(entries_per_exchange=3),
    Capabilities(entries_per_exchange=3, repeats_safely=True),
    Capabilities(entries_per_exchange=3, repeats_safely=True, keeps_order=True),
    Capabilities(keeps_order=True),
]
ANSWERS: list[Answer] = [GRANTED, replace(GRANTED, renewed=True), REFUSED, Held(), Silence("garbled")]
VERDICTS: list[Verdict] = [GRANTED, NOT_DONE, REFUSED, Unclear("dark")]
Picks = st.integers(0, 1_000_000)


class Both(RuleBasedStateMachine):
    """Does the same to both lanes; the choices are drawn as numbers, so that both see the same ones."""

    def __init__(self) -> None:
        super().__init__()
        self.lane = Lane()
        self.model = PlainLane()
        self.now = 0.0
        self.made: dict[EntryKey, Entry] = {}

    @rule(pick=Picks, count=st.integers(1, 4), is_of_session=st.booleans(), is_in_doubt=st.booleans())
    def enter(self, pick: int, count: int, is_of_session: bool, is_in_doubt: bool) -> None:
        chance = random.Random(pick)
        entries = [self._made(chance) for _ in range(count)]
        is_held = chance.random() < 0.2
        for lane in (self.lane, self.model):
            lane.enter(entries, is_of_session=is_of_session, is_in_doubt=is_in_doubt, is_held=is_held)

    @rule(pick=Picks)
    def proceed(self, pick: int) -> None:
        """What one entry had to wait for has happened; most of the time one that is held."""
        held = [w.entry for w in self.lane.waiting if w.stage is Stage.HELD]
        choices = held or list(self.made.values())
        if choices:
            one = random.Random(pick).choice(choices)
            rows = (*one.rows, Answered(one.key, NOON, Silence("deadline")))
            one = replace(one, rows=rows, position=0)
            assert self.lane.proceed(one) == self.model.proceed(one)

    def _made(self, chance: random.Random) -> Entry:
        number = len(self.made) + 1
        item, patron = chance.choice(ITEMS), chance.choice(PATRONS)
        loans = [one for one in self.made.values() if isinstance(one.promise, Lend)]
        promise: Promise = Lend(item, patron, NOON)
        rows: list[EntryRow] = []
        match chance.randrange(13):
            case 0:
                promise = Renew(item, patron, NOON)
            case 1 | 2 if loans:
                undone = chance.choice(loans)
                assert isinstance(undone.promise, Lend)
                promise = UndoLoan(undone.promise.item, undone.promise.patron, NOON, undone.key)
            case 3:
                promise = Lend(item, patron, NOON, if_granted_late=KEEP)
            case 4:
                rows = [Answered(key(number), NOON, Held())]
            case 8:
                promise, rows = give_back(item), [secure_intended(number), secured(number)]
            case 9:
                promise, rows = give_back(item), [secure_intended(number)]
            case 10:
                promise, rows = replace(pay(), patron=patron), [approved(number)]
            case 11:
                promise = replace(pay(), patron=patron)
            case 12:
                promise = report_care(item)
        new = entry(number, promise, *rows)
        if isinstance(promise, Lend) and chance.random() < 0.3:
            new = entry(number, promise, promised(number))
        # Numbers come in order, and now and then one is missing; a restored journal has two epochs.
        position = number + len(self.made) // 5
        if chance.random() < 0.3:
            new = replace(new, key=replace(new.key, epoch="cafe"))
        self.made[new.key] = new = replace(new, position=position)
        return new

    @rule(pick=Picks, seconds=st.sampled_from([0.0, 0.0, 0.5, 7.0, 400.0]), ways=st.sampled_from(WAYS))
    def turn(self, pick: int, seconds: float, ways: Capabilities) -> None:
        """One exchange, with whatever outcome."""
        chance = random.Random(pick)
        self.now += seconds
        step = self.lane.next_of(self.now, ways)
        assert step == self.model.next_of(self.now, ways)
        match step:
            case Carry(entries):
                self._carry(chance, [one.key for one in entries])
            case AskAbout(entry=one):
                self._judge(chance, one.key)

    def _carry(self, chance: random.Random, keys: list[EntryKey]) -> None:
        spread, is_silent = chance.random(), chance.random() < 0.3
        answers = [chance.choice(ANSWERS) for _ in keys]
        for lane in (self.lane, self.model):
            lane.depart(keys, is_sent=True)
            assert lane.in_flight == tuple(keys)
            if is_silent:
                lane.silent(keys, self.now, spread)
                continue
            for one, answer in zip(keys, answers, strict=True):
                lane.carried(one, answer, self.now, spread)

    def _judge(self, chance: random.Random, one: EntryKey) -> None:
        spread, is_silent, verdict = chance.random(), chance.random() < 0.3, chance.choice(VERDICTS)
        for lane in (self.lane, self.model):
            lane.depart([one], is_sent=False)
            if is_silent:
                lane.silent([one], self.now, spread, 60.0)
            else:
                lane.judged(one, verdict)

    @rule(pick=Picks)
    def give_up(self, pick: int) -> None:
        if self.made:
            one = random.Random(pick).choice(list(self.made))
            assert self.lane.give_up(one) == self.model.give_up(one)

    @rule(pick=Picks)
    def promise(self, pick: int) -> None:
        loans = [one for one in self.made.values() if isinstance(one.promise, Lend) and not one.promised]
        if loans:
            one = random.Random(pick).choice(loans).key
            row = replace(promised(one.event), key=one)
            self.made[one] = replace(self.made[one], rows=(*self.made[one].rows, row))
            assert self.lane.promise(one, row) == self.model.promise(one, row)

    @rule(spread=st.floats(0.0, 1.0))
    def nobody_answers_a_question(self, spread: float) -> None:
        for lane in (self.lane, self.model):
            lane.silent([], self.now, spread)

    @rule()
    def somebody_answers_a_question(self) -> None:
        for lane in (self.lane, self.model):
            lane.answering()

    @rule()
    def lose_track(self) -> None:
        for lane in (self.lane, self.model):
            lane.lose_track()

    @invariant()
    def both_hold_the_same(self) -> None:
        """The same entries in the same order, each at the same stage and with the same time, and the same next step."""
        held = [
            (w.entry, w.stage, w.is_of_session, w.silences, w.not_before_seconds, w.is_stored, w.is_given_up)
            for w in self.lane.waiting
        ]
        assert held == [
            (p.entry, p.stage, p.is_of_session, p.silences, p.begins, p.is_stored, p.is_given_up)
            for p in self.model.places
        ]
        assert self.lane.backlog == self.model.backlog
        for ways in WAYS:
            assert self.lane.next_of(self.now, ways) == self.model.next_of(self.now, ways)


def test_the_lane_does_what_its_rules_say() -> None:
    """Whatever happens in which order: the lane that finds its next entry by indices and the one that looks through
    all of them agree at every step, for every kind of server."""
    run_state_machine_as_test(
        Both,
        settings=settings(
            max_examples=effort(150),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_an_undoing_of_something_else_takes_nobodys_place() -> None:
    """What claims to undo a loan of another item waits at the end like everything else."""
    lane = Lane()
    loan = entry(1, Lend(ITEMS[0], PATRONS[0], NOON))
    lane.enter([loan], is_of_session=False)
    lane.depart([loan.key], is_sent=True)
    lane.carried(loan.key, Granted(GRANTED.due), 0.0, 0.0)
    lane.enter([entry(2, UndoLoan(ITEMS[1], PATRONS[0], NOON, loan.key))], is_of_session=False)
    assert [waiting.entry.key for waiting in lane.waiting] == [key(1), key(2)]
