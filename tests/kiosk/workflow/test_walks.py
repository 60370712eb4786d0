"""Thousands of random sessions: whatever happens in whatever order, the promises hold."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from drivers.masked import Masked, Secret
from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, AskHere, Carry, Effect, Keep, PrintSlip, Release, Secure
from kiosk.workflow.events import ReleaseTrouble
from kiosk.workflow.line import BUSY
from kiosk.workflow.settings import ScannedItem, Service, Strips
from kiosk.workflow.slips import Slip
from kiosk.workflow.state import Identifying, Idle, Serving, owns
from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Intended,
    ItemId,
    Lend,
    Money,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
    Silence,
    UndoLoan,
)
from sync.journal.automaton import following
from sync.journal.stages import EntryState
from sync.questions import (
    AboutAccount,
    AboutItem,
    AboutPatron,
    AccountFacts,
    ItemFacts,
    LendingFacts,
    LoanFact,
    MayLend,
    News,
    NewsFor,
    NewsKind,
    PatronNews,
)
from sync.rules.offline import OfflineLending, OfflinePolicy
from tests.kiosk.workflow.strip_days import StripDay, unit_acts
from tests.kit.effort import effort
from tests.kit.stage import DUE, LENDS_HERE, OTHER_READER, READER, SETTINGS, Stage, item, offers, tag

TAGS = (*(tag(number) for number in range(1, 7)), tag(7, 1, 2), tag(7, 2, 2), tag(8, owner="DE-1"))


class Watched(StripDay):
    """A stage that looks at every single turn, where the order within it matters."""

    def happen(self, event: events.Event) -> tuple[Effect, ...]:
        """As on any stage; nothing new begins on a disk that is nearly full, and nothing is undone that is open."""
        was_low, known = self.state.is_room_low, len(self.rows)
        effects = super().happen(event)
        for row in self.rows[known:]:
            if isinstance(row, Intended) and isinstance(row.promise, UndoLoan):
                undone = row.promise.undoes
                assert any(isinstance(told, ReleaseFailed) and told.key == undone for told in self.rows)
            elif isinstance(row, Intended):
                assert not (was_low and self.state.is_room_low), "begun without room"
        return effects


def walk(seed: int, steps: int = 120) -> Stage:
    """A session in which everything happens at random; the promises are checked after every event."""
    dice = random.Random(seed)
    policy = dice.choice(list(ScannedItem))
    stage = Watched(
        replace(
            SETTINGS,
            scanned_item=policy,
            needs_pin=dice.random() < 0.5,
            lend_incomplete=True,
            confirms_list=dice.random() < 0.3,
            has_printer=dice.random() < 0.5,
            offline=dice.choice([OfflinePolicy(), LENDS_HERE.offline]),
            strips=dice.choice([Strips.NONE, Strips.NONE, Strips.UNTAGGED, Strips.ALL]),
            services=dice.choice([(Service.BORROW,), (Service.BORROW, Service.ACCOUNT, Service.CARE)]),
        )
    )
    if dice.random() < 0.8:
        stage.lend_here(is_away=dice.random() < 0.5)
    for _ in range(steps):
        something_happens(stage, dice)
        promises_hold(stage)
    return stage


def something_happens(stage: Stage, dice: random.Random) -> None:
    """One random event, rather likely one that fits."""
    if isinstance(stage.view, view.Welcome) and dice.random() < 0.7:
        known = tuple(LoanFact(item(number), DUE) for number in dice.sample(range(1, 9), 2))
        limit = dice.choice([None, 4, 10])
        stage.show_card()
        if isinstance(stage.view, view.EnterPin):
            stage.pin()
        if isinstance(stage.state.phase, Identifying) and stage.state.phase.is_here:
            stage.tell_here(stage.facts(loans=None, limit=limit))
        elif isinstance(stage.state.phase, Identifying):
            stage.tell(stage.facts(loans=known, limit=limit))
        return
    weights = {
        books_move: 10,
        server_answers: 26,
        pad_answers: 24,
        reader_acts: 18,
        question_answered: 8,
        books_answer: 20,
        printer_answers: 2,
        strip_unit_acts: 8,
        staff_get_it: 1,
        world_turns: 6,
    }
    dice.choices(list(weights), list(weights.values()))[0](stage, dice)


def books_move(stage: Stage, dice: random.Random) -> None:
    """Some of the books lie on the pad now."""
    lying = sorted(dice.sample(TAGS, dice.randrange(len(TAGS))), key=lambda one: one.uid)
    stage.lay(*lying, readings=dice.randint(1, 2))


def server_answers(stage: Stage, dice: random.Random) -> None:
    """One of the last entries is answered, perhaps not for the first time."""
    if stage.all(Carry):
        stage.happen(events.Carried(dice.choice(stage.all(Carry)[-4:]).entry.key, an_answer(dice)))


def pad_answers(stage: Stage, dice: random.Random) -> None:
    """One of the last releases, or a securing, comes to some end."""
    if stage.all(Secure) and dice.random() < 0.4:
        stage.pad_secures(stage.last(Secure).key, dice.random() < 0.7)
    elif stage.all(Release):
        key = dice.choice(stage.all(Release)[-3:]).key
        if dice.random() < 0.4:
            stage.pad_releases(key)
        else:
            stage.pad_fails(key, dice.choice([*ReleaseTrouble, ReleaseTrouble.WRITE_REFUSED]))


def reader_acts(stage: Stage, dice: random.Random) -> None:
    """A touch, a scan, a card, a number."""
    roll = dice.random()
    if roll < 0.7:
        stage.happen(events.Chosen(dice.choice(choices(stage))))
    elif roll < 0.8:
        flaw = dice.choice(["", "", "check"])
        stage.scan(dice.choice([item(dice.randint(1, 9)), READER, OTHER_READER, "junk"]), flaw)
    elif roll < 0.88:
        stage.show_card(dice.choice([READER, OTHER_READER, "", "x|y"]))
    elif roll < 0.94:
        stage.happen(events.PinEntered(Secret("1234")))
    else:
        stage.happen(events.NumberEntered(Masked(READER)))


def world_turns(stage: Stage, dice: random.Random) -> None:
    """Time passes, a device or the server comes or goes."""
    device = dice.choice(list(events.Device))
    happenings: list[events.Event] = [
        events.DeviceDown(device),
        events.DeviceUp(device),
        events.ServerWent(),
        events.ServerCame(dice.random() < 0.5),
        events.SnapshotCame(dice.choice([None, stage.wall, stage.wall, stage.wall - timedelta(hours=30)])),
        events.RoomChanged(dice.random() < 0.3),
    ]
    if dice.random() < 0.5:
        stage.happen(dice.choice(happenings))
    else:
        stage.pass_time(dice.choice([1, 1, 5, 20, 50]))


def choices(stage: Stage) -> list[str]:
    """What is offered, and something that is not."""
    return [offer.id for offer in offers(stage.view)] + ["finish", "nothing"]


def question_answered(stage: Stage, dice: random.Random) -> None:
    """Answers one of the last questions, or leaves it unanswered."""
    asked = stage.all(Ask)
    if not asked:
        return
    ask = dice.choice(asked[-2:])
    match ask.question:
        case AboutPatron(patron):
            loans = tuple(
                LoanFact(item(number), DUE) for number in dice.sample(range(1, 9), dice.randrange(3))
            )
            facts = stage.facts(
                patron.reveal(), dice.choice([True, True, None, False]), loans, dice.choice([None, 3, 10])
            )
            stage.happen(events.Told(ask.token, facts))
        case AboutItem(asked_item):
            stage.happen(
                events.Told(
                    ask.token, ItemFacts(asked_item, True, lend_incomplete=dice.choice([None, True, False]))
                )
            )
        case AboutAccount(patron):
            numbers = dice.sample(range(1, 9), dice.randrange(5))
            own = tuple(LoanFact(item(number), DUE, dice.choice(["", "A title"])) for number in numbers)
            blocks = dice.choice([(), (), (Reason.FEES_OWED,)])
            account = AccountFacts(patron, True, dice.choice([None, own, own]), (), (), blocks=blocks)
            stage.happen(events.Told(ask.token, account))
        case _:
            stage.happen(events.NotTold(ask.token))


def books_answer(stage: Stage, dice: random.Random) -> None:
    """The terminal's own books answer one of the last questions, or cannot."""
    asked = stage.all(AskHere)
    if not asked:
        return
    ask = dice.choice([one for one in asked[-6:] if not isinstance(one.question, NewsFor)] or asked[-1:])
    match ask.question:
        case MayLend(wanted):
            refusal = None if dice.random() < 0.8 else dice.choice(list(Reason))
            due = None if dice.random() < 0.05 else DUE
            at = stage.state.snapshot_made_at
            facts = LendingFacts(wanted, refusal, due, dice.random() < 0.8, dice.choice([None, False]), at)
            stage.happen(
                events.NotTold(ask.token) if dice.random() < 0.1 else events.ToldHere(ask.token, facts)
            )
        case NewsFor(patron):
            confirmed = News(NewsKind.CONFIRMED, item(9), DUE, DUE)
            stage.happen(events.ToldHere(ask.token, PatronNews(patron, (confirmed,), (item(1),))))
        case AboutPatron(patron):
            right = dice.choice([True, True, None, False])
            stage.happen(events.ToldHere(ask.token, stage.facts(patron.reveal(), right, None)))


def strip_unit_acts(stage: Stage, dice: random.Random) -> None:
    """Something comes to the strip unit or leaves it, or it answers."""
    if isinstance(stage, StripDay):
        unit_acts(stage, dice)


def printer_answers(stage: Stage, dice: random.Random) -> None:
    """One of the last slips came out, or did not."""
    if stage.all(PrintSlip):
        token = dice.choice(stage.all(PrintSlip)[-2:]).token
        came = dice.random() < 0.5
        stage.happen(events.SlipPrinted(token) if came else events.SlipNotPrinted(token, "jam"))


def staff_get_it(stage: Stage, dice: random.Random) -> None:
    """What became of an entry can be told by nobody: as the desk does it, its case ends it."""
    waiting = [carry.entry for carry in stage.all(Carry)[-4:] if owns(stage.state, carry.entry.key)]
    loans = [entry.key for entry in waiting if isinstance(entry.promise, Lend)]
    unanswered = [key for key in loans if not is_answered(stage, key)]
    if not unanswered:
        return
    key = dice.choice(unanswered)
    stage.happen(events.Carried(key, Silence("unclear")))
    stage.happen(events.LeftToStaff(key))
    stage.rows.append(CaseOpened(key, stage.wall, CaseReason.OUTCOME_UNKNOWN))
    stage.rows.append(Settled(key, stage.wall, Settlement.CASE))


def is_answered(stage: Stage, key: EntryKey) -> bool:
    """Whether an answer that can be believed is written."""
    return any(
        row.key == key and isinstance(row.answer, Granted | Refused) for row in stage.rows_of(Answered)
    )


def an_answer(dice: random.Random) -> Answer:
    """Any answer, most likely a grant."""
    answers: list[Answer] = [
        Granted(DUE, "A title"),
        Granted(DUE, "A title"),
        Granted(DUE, release=False),
        Granted(Due(None), renewed=True),
        Refused(dice.choice(list(Reason)), fee=dice.choice([None, Money(100, "CNY")])),
        Refused(Reason.FEE_NEEDS_CONSENT, fee=Money(100, "CNY")),
        Held(),
        Silence("deadline"),
    ]
    return dice.choice(answers)


def rows_by_key(stage: Stage) -> dict[EntryKey, list[EntryRow]]:
    """What was written about each entry."""
    rows: dict[EntryKey, list[EntryRow]] = {}
    for row in stage.rows:
        if isinstance(row, EntryRow):
            rows.setdefault(row.key, []).append(row)
    return rows


def promises_hold(stage: Stage) -> None:
    """The invariants, looked up in what was recorded and asked for so far."""
    rows = rows_by_key(stage)
    carried = Counter(carry.entry.key for carry in stage.all(Carry))
    assert all(count == 1 for count in carried.values()), "an entry was carried twice"
    assert set(carried) == {key for key, told in rows.items() if isinstance(told[0], Intended)}
    for key, told in rows.items():
        order_is_legal(key, told)
    for release in stage.all(Release):
        told = rows[release.key]
        assert any(is_leave(row) for row in told), "released ungranted"
        assert any(isinstance(row, ReleaseIntended) for row in told), "released unrecorded"
    for keep in stage.all(Keep):
        assert keep.row in rows[keep.key], "kept without a promise"
    slips = [printed.slip for printed in stage.all(PrintSlip) if isinstance(printed.slip, Slip)]
    references = Counter(slip.reference for slip in slips)
    assert all(count == 1 for count in references.values()), "a slip was printed twice"
    if stage.state.settings.offline.lend is OfflineLending.NEVER:
        nothing_is_provisional(stage)
    if isinstance(stage.state.phase, Idle):
        nobody_is_remembered(stage)
    lent_is_recorded(stage, rows)


def is_leave(row: EntryRow) -> bool:
    """Whether *row* allows a release: the server's grant, or the terminal's own."""
    return isinstance(row, Promised) or (isinstance(row, Answered) and isinstance(row.answer, Granted))


def nothing_is_provisional(stage: Stage) -> None:
    """Where the library does not want it, the terminal grants nothing and identifies nobody by itself."""
    assert not stage.rows_of(Promised)
    assert not stage.all(Keep)
    assert all(isinstance(asked.question, NewsFor) for asked in stage.all(AskHere))


def nobody_is_remembered(stage: Stage) -> None:
    """Between two sessions the state holds no name, no number, no PIN; wrong PINs have their own window."""
    remembered = repr(replace(stage.state, pin_refusals=()))
    assert not any(word in remembered for word in ("Demo Reader", "PatronId", "Secret(", "News("))


def order_is_legal(key: EntryKey, told: list[EntryRow]) -> None:
    """Every row may follow those before it, as the journal itself judges."""
    stands: EntryState | None = None
    for row in told:
        before, stands = stands, following(stands, row)
        assert stands is not None, f"{key}: no {row} after {before}"
        if isinstance(row, CaseOpened):
            assert isinstance(told[0], Intended)
            assert isinstance(told[0].promise, Lend | UndoLoan)


def lent_is_recorded(stage: Stage, rows: dict[EntryKey, list[EntryRow]]) -> None:
    """Whatever the screen calls lent has its grant, and its release or its reason, in the journal."""
    shown = stage.view
    if not isinstance(shown, view.Borrowing | view.Summary):
        return
    for line in shown.lines:
        if line.status in (view.Status.LENT, view.Status.LENT_PROVISIONALLY):
            assert line.item is not None
            needs_grant = line.status is view.Status.LENT
            assert any(is_lent_by(told, line.item, needs_grant) for told in rows.values()), (
                "lent without a record"
            )


def is_lent_by(told: list[EntryRow], lent: ItemId, needs_grant: bool) -> bool:
    """Whether these rows grant *lent*, the server or with *needs_grant* false the terminal, and release its tags."""
    intended = told[0]
    if not isinstance(intended, Intended) or intended.promise.item != lent:
        return False
    granted = any(is_leave(row) and (not needs_grant or isinstance(row, Answered)) for row in told)
    needs_release = any(isinstance(row, ReleaseIntended) for row in told)
    return granted and (not needs_release or any(isinstance(row, Released) for row in told))


def everything_is_settled_or_in_the_lane(stage: Stage) -> None:
    """After the session each entry is settled, or waits for the server, or for the entry that undoes it."""
    rows = rows_by_key(stage)
    undone = {
        told[0].promise.undoes
        for told in rows.values()
        if isinstance(told[0], Intended) and isinstance(told[0].promise, UndoLoan)
    }
    for key, told in rows.items():
        is_settled = any(isinstance(row, Settled) for row in told)
        assert is_settled or not is_answered(stage, key) or key in undone, f"{key} is nobody's: {told}"
        entry = Entry(key, told[0].promise, tuple(told)) if isinstance(told[0], Intended) else None
        assert entry is not None
        assert not entry.is_release_open or is_settled, f"{key}: its release has no end"


@pytest.mark.parametrize("block", range(effort(8)))
def test_random_sessions_keep_every_promise(block: int) -> None:
    """Nothing is released ungranted or unrecorded, carried twice, or called lent without its record."""
    for seed in range(block * 40, block * 40 + 40):
        walk(seed)


def test_every_session_ends_once_nothing_happens_any_more() -> None:
    """Left alone, the terminal finds its way back to the welcome, and nothing begun is left to nobody."""
    for seed in range(60):
        stage = walk(seed, 60)
        stage.pass_time(200)
        everything_is_settled_or_in_the_lane(stage)
        assert not isinstance(stage.state.phase, Serving), f"seed {seed} never ends"
        stage.shows(view.Welcome)


def test_walks_reach_every_view_and_every_status() -> None:
    """The random sessions are worth something: they come everywhere."""
    views: set[type[view.View]] = set()
    statuses: set[view.Status] = set()
    for seed in range(150):
        dice = random.Random(seed)
        strips = Strips.ALL if seed % 3 == 0 else Strips.NONE
        stage = StripDay(replace(LENDS_HERE, lend_incomplete=True, strips=strips))
        if seed % 2:
            stage.lend_here()
        for _ in range(120):
            something_happens(stage, dice)
            views.add(type(stage.view))
            if isinstance(stage.state.phase, Serving):
                statuses.update(line.status for line in stage.state.phase.session.lines)
    assert statuses >= set(view.Status) - {view.Status.WAITING}
    assert views >= {
        view.Welcome,
        view.EnterNumber,
        view.EnterPin,
        view.LookingUp,
        view.NotServed,
        view.Borrowing,
        view.HowMany,
        view.CountDiffers,
        view.PutBack,
        view.UseStripUnit,
        view.FeeConsent,
        view.StillThere,
        view.Summary,
    }
    assert set(BUSY) <= statuses


def test_a_session_replays_bit_by_bit_under_another_hash_seed() -> None:
    """The same events give the same rows and effects for ever, whatever the interpreter's hash seed."""
    program = (
        "from tests.kiosk.workflow.test_walks import walk\n"
        "for seed in range(6):\n"
        "    s = walk(seed); print(repr(s.rows), repr(s.effects), repr(s.view))\n"
    )
    outputs = set()
    for hash_seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=True
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(outputs.pop()) > 1000


def test_the_checks_notice_a_release_without_a_grant() -> None:
    """A control: the promises' checker is not blind."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    promises_hold(stage)

    stage.effects.append(Release(stage.carried(1).key, (tag(1).uid,)))

    with pytest.raises(AssertionError, match="released ungranted"):
        promises_hold(stage)


def test_the_checks_notice_an_entry_carried_twice() -> None:
    """Another control."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))

    stage.effects.append(stage.last(Carry))

    with pytest.raises(AssertionError, match="carried twice"):
        promises_hold(stage)


def test_the_checks_notice_a_promise_the_library_did_not_want() -> None:
    """A third: what the terminal must not grant by itself is looked for."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    promises_hold(stage)

    stage.rows.append(Promised(stage.carried(1).key, stage.wall, DUE, stage.wall))

    with pytest.raises(AssertionError):
        promises_hold(stage)


def test_the_checks_notice_an_entry_that_is_nobodys() -> None:
    """A fourth: granted, not settled, and no undoing under way."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    everything_is_settled_or_in_the_lane(stage)

    stage.rows.append(Answered(stage.carried(1).key, stage.wall, Granted(DUE)))

    with pytest.raises(AssertionError, match="nobody's"):
        everything_is_settled_or_in_the_lane(stage)


def test_the_checks_notice_a_row_the_journal_would_refuse() -> None:
    """A fifth: nothing follows the end."""
    stage = Stage()
    stage.log_in()
    stage.lay(tag(1))
    stage.borrow(1)
    promises_hold(stage)

    stage.rows.append(Released(stage.carried(1).key, stage.wall, ()))

    with pytest.raises(AssertionError, match="after"):
        promises_hold(stage)
