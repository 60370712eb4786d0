"""Thousands of random sessions: whatever happens in whatever order, the promises hold."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from drivers.masked import Masked, Secret
from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, Carry, Release, Secure
from kiosk.workflow.events import ReleaseTrouble
from kiosk.workflow.settings import ScannedItem
from kiosk.workflow.state import BUSY, Serving
from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    Due,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Intended,
    ItemId,
    Lend,
    Money,
    PinAccepted,
    PinRefused,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Silence,
    UndoLoan,
)
from sync.questions import AboutItem, AboutPatron, ItemFacts, LoanFact
from tests.kit.effort import effort
from tests.kit.stage import DUE, OTHER_READER, READER, SETTINGS, Stage, item, offers, tag

TAGS = (*(tag(number) for number in range(1, 7)), tag(7, 1, 2), tag(7, 2, 2), tag(8, owner="DE-1"))


def walk(seed: int, steps: int = 120) -> Stage:
    """A session in which everything happens at random; the promises are checked after every event."""
    dice = random.Random(seed)
    policy = dice.choice(list(ScannedItem))
    stage = Stage(
        replace(
            SETTINGS,
            scanned_item=policy,
            needs_pin=dice.random() < 0.5,
            lend_incomplete=True,
            confirms_list=dice.random() < 0.3,
        )
    )
    for _ in range(steps):
        something_happens(stage, dice)
        promises_hold(stage)
    return stage


def something_happens(stage: Stage, dice: random.Random) -> None:
    """One random event, rather likely one that fits."""
    if isinstance(stage.view, view.Welcome) and dice.random() < 0.7:
        known = tuple(LoanFact(item(number), DUE) for number in dice.sample(range(1, 9), 2))
        stage.log_in(loans=known, limit=dice.choice([None, 4, 10]))
        return
    weights = {
        books_move: 10,
        server_answers: 26,
        pad_answers: 24,
        reader_acts: 18,
        question_answered: 8,
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
        case _:
            stage.happen(events.NotTold(ask.token))


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


def promises_hold(stage: Stage) -> None:
    """The invariants, looked up in what was recorded and asked for so far."""
    rows: dict[EntryKey, list[EntryRow]] = {}
    for row in stage.rows:
        if not isinstance(row, PinRefused | PinAccepted):
            rows.setdefault(row.key, []).append(row)
    carried = Counter(carry.entry.key for carry in stage.all(Carry))
    assert all(count == 1 for count in carried.values()), "an entry was carried twice"
    assert set(carried) == {key for key, told in rows.items() if isinstance(told[0], Intended)}
    for key, told in rows.items():
        order_is_legal(key, told)
    for release in stage.all(Release):
        told = rows[release.key]
        assert any(isinstance(row, Answered) and isinstance(row.answer, Granted) for row in told), (
            "released ungranted"
        )
        assert any(isinstance(row, ReleaseIntended) for row in told), "released unrecorded"
    lent_is_recorded(stage, rows)


def order_is_legal(key: EntryKey, told: list[EntryRow]) -> None:
    """Intent first, nothing after the settlement, a release result only after its intent."""
    assert isinstance(told[0], Intended)
    assert sum(isinstance(row, Intended) for row in told) == 1
    settled = [index for index, row in enumerate(told) if isinstance(row, Settled)]
    assert settled in ([], [len(told) - 1]), f"{key} went on after it was settled"
    for index, row in enumerate(told):
        if isinstance(row, Released | ReleaseFailed):
            assert any(isinstance(earlier, ReleaseIntended) for earlier in told[:index])
        if isinstance(row, CaseOpened):
            assert isinstance(told[0].promise, Lend | UndoLoan)


def lent_is_recorded(stage: Stage, rows: dict[EntryKey, list[EntryRow]]) -> None:
    """Whatever the screen calls lent has its grant, and its release or its reason, in the journal."""
    shown = stage.view
    if not isinstance(shown, view.Borrowing | view.Summary):
        return
    for line in shown.lines:
        if line.status is view.Status.LENT:
            assert line.item is not None
            assert any(is_lent_by(told, line.item) for told in rows.values()), "lent without a record"


def is_lent_by(told: list[EntryRow], lent: ItemId) -> bool:
    """Whether these rows grant *lent* and say what became of its tags."""
    intended = told[0]
    if not isinstance(intended, Intended) or intended.promise.item != lent:
        return False
    granted = any(isinstance(row, Answered) and isinstance(row.answer, Granted) for row in told)
    needs_release = any(isinstance(row, ReleaseIntended) for row in told)
    return granted and (not needs_release or any(isinstance(row, Released) for row in told))


@pytest.mark.parametrize("block", range(effort(8)))
def test_random_sessions_keep_every_promise(block: int) -> None:
    """Nothing is released ungranted or unrecorded, carried twice, or called lent without its record."""
    for seed in range(block * 40, block * 40 + 40):
        walk(seed)


def test_every_session_ends_once_nothing_happens_any_more() -> None:
    """Left alone, the terminal finds its way back to the welcome from wherever it was."""
    for seed in range(60):
        stage = walk(seed, 60)
        stage.pass_time(200)
        assert not isinstance(stage.state.phase, Serving), f"seed {seed} never ends"
        stage.shows(view.Welcome)


def test_walks_reach_every_view_and_every_status() -> None:
    """The random sessions are worth something: they come everywhere."""
    views: set[type[view.View]] = set()
    statuses: set[view.Status] = set()
    for seed in range(150):
        dice = random.Random(seed)
        stage = Stage(replace(SETTINGS, lend_incomplete=True))
        for _ in range(120):
            something_happens(stage, dice)
            views.add(type(stage.view))
            if isinstance(stage.state.phase, Serving):
                statuses.update(line.status for line in stage.state.phase.session.lines)
    assert statuses >= set(view.Status) - {view.Status.WAITING, view.Status.LENT_PROVISIONALLY}
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
