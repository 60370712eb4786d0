"""Thousands of random returns: whatever happens in whatever order, nobody is refused and nothing is said in vain."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from drivers.em import StripState
from drivers.masked import Masked
from drivers.rfid import Tag
from kiosk.workflow import events
from kiosk.workflow.effects import (
    Ask,
    Carry,
    Effect,
    GiveUp,
    OpenDrop,
    PrintSlip,
    Proceed,
    Restore,
    Secure,
)
from kiosk.workflow.events import Device, ReleaseTrouble, StripTrouble
from kiosk.workflow.settings import DropSettings, ForeignItems, ScannedItem, Service, SessionSettings, Strips
from kiosk.workflow.state import Idle, Returning, owns
from kiosk.workflow.view import BackStatus, BackSummary, BookDropping, DropStep, GivingBack, View, Welcome
from sync.entries import (
    Alert,
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    Entry,
    EntryKey,
    EntryRow,
    GiveBack,
    Granted,
    Held,
    Intended,
    PatronId,
    Reason,
    Refused,
    Restored,
    Secured,
    SecureFailed,
    Settled,
    Settlement,
    Silence,
    TagBits,
)
from sync.journal.automaton import following
from sync.journal.stages import EntryState
from sync.questions import AboutItem, ItemFacts, Standing
from sync.rules.sorting import Bin, Route, SortingRules
from tests.kit.back_stage import TAKES_BACK, BackStage, back, lent
from tests.kit.effort import effort
from tests.kit.stage import DUE, EMPTY_TAG, OTHER_READER, READER, SECURED, item, offers, tag

TAGS: tuple[Tag, ...] = (
    *(lent(number) for number in range(1, 5)),
    lent(5, 1, 2),
    lent(5, 2, 2),
    tag(6),
    lent(7, owner="DE-1"),
    EMPTY_TAG,
)
BINS = SortingRules({"1": Bin("1"), "9": Bin("9")}, by_code={"x": "1"}, by_route={Route.STAFF: "9"})
KIND_SEEDS = 5


def settings_of(seed: int, dice: random.Random) -> SessionSettings:
    """A terminal of every kind in turn: lending too, for returns alone, with strips, a book drop."""
    settings = replace(
        TAKES_BACK,
        ask_item_seconds=dice.choice([0.0, 1.0]),
        scanned_item=dice.choice(list(ScannedItem)),
        foreign_items=dice.choice(list(ForeignItems)),
        sorting=dice.choice([SortingRules(), BINS]),
        has_pad=dice.random() < 0.9,
        needs_pin=False,
        lines_max=dice.choice([5, 60]),
        services=(Service.BORROW, Service.RETURN),
    )
    match seed % KIND_SEEDS:
        case 0:
            return replace(settings, services=(Service.RETURN,))
        case 1:
            return replace(settings, strips=dice.choice([Strips.ALL, Strips.UNTAGGED]), ask_item_seconds=1.0)
        case 2:
            return replace(settings, services=(Service.RETURN,), drop=DropSettings())
        case _:
            return settings


class Watched(BackStage):
    """A stage that looks at every single turn: what is ordered has its record, and nothing is told too early."""

    def happen(self, event: events.Event) -> tuple[Effect, ...]:
        """As on any stage."""
        effects = super().happen(event)
        for effect in effects:
            comes_after_its_record(self, effect)
        return effects


def comes_after_its_record(stage: BackStage, effect: Effect) -> None:
    """What *effect* does to the world has its row in the journal by now."""
    match effect:
        case Proceed(entry):
            written = tuple(rows_by_key(stage)[entry.key])
            assert entry.rows == written[: len(entry.rows)], "told with other rows"
            assert entry.may_be_carried, "told before it was secured"
        case Carry(entry, is_held=False) if isinstance(entry.promise, GiveBack):
            assert entry.may_be_carried, "told before it was secured"
        case OpenDrop(key):
            rows = rows_by_key(stage).get(key, [])
            is_ours = any(isinstance(row, Intended) for row in rows)
            is_done = any(isinstance(row, Secured | SecureFailed) for row in rows)
            assert is_done or not is_ours, "the flap opened before the record"
        case Restore(key):
            rows = rows_by_key(stage)[key]
            assert any(is_refusal(row) for row in rows), "put back as it was without a refusal"


def walk(seed: int, steps: int = 100) -> Watched:
    """Returns in which everything happens at random; the promises are checked after every event."""
    dice = random.Random(seed)
    stage = Watched(settings_of(seed, dice))
    for _ in range(steps):
        something_happens(stage, dice)
        promises_hold(stage)
    return stage


def something_happens(stage: BackStage, dice: random.Random) -> None:
    """One random event, most likely one that leads somewhere."""
    dice.choices(
        [reader_acts, pad_reads, pad_answers, server_acts, unit_acts, drop_acts, world_turns, time_goes],
        [3, 4, 5, 4, 2, 3, 1, 2],
    )[0](stage, dice)


def reader_acts(stage: BackStage, dice: random.Random) -> None:
    """A choice that is offered, a scan, a card, or a touch."""
    choices = [offer.id for offer in offers(stage.view) if offer.enabled and offer.id != "number"]
    match dice.randrange(6):
        case 0 | 1 | 2 if choices:
            stage.happen(events.Chosen(dice.choice(choices)))
        case 3:
            stage.scan(item(dice.randrange(1, 7)), flaw=dice.choice(["", "", "", "check"]))
        case 4 if dice.random() < 0.2:
            stage.happen(events.CardCame(Masked(dice.choice([READER, OTHER_READER]))))
        case _:
            stage.happen(events.Touched())


def pad_reads(stage: BackStage, dice: random.Random) -> None:
    """Things lie on the pad, or are gone; what was secured reads as secured."""
    if stage.state.settings.has_pad:
        most = 2 if stage.state.settings.drop is not None else 4
        stage.lay(*dice.sample(TAGS, dice.randrange(most + 1)))


def pad_answers(stage: BackStage, dice: random.Random) -> None:
    """The pad answers one of its last orders, perhaps again."""
    secures, restores = stage.all(Secure)[-3:], stage.all(Restore)[-2:]
    if restores and dice.random() < 0.3:
        order = dice.choice(restores)
        done = dice.random() < 0.7
        stage.happen(events.TagsRestored(order.key, order.before if done else (), done))
    elif secures:
        wanted = dice.choice(secures)
        if dice.random() < 0.7:
            after = tuple(TagBits(uid, SECURED) for uid in wanted.uids)
            stage.happen(events.TagsSecured(wanted.key, after, True))
        else:
            trouble = dice.choice([*ReleaseTrouble, None])
            stage.happen(events.TagsSecured(wanted.key, (), False, trouble))


def server_acts(stage: BackStage, dice: random.Random) -> None:
    """It answers what it was told of, or what it was asked; as the lane does, one believed answer each."""
    asked = [ask for ask in stage.all(Ask)[-8:] if isinstance(ask.question, AboutItem)]
    awaited = [ask for ask in asked if is_awaited(stage, ask.token)]
    if awaited or (asked and dice.random() < 0.2):
        asked = awaited or asked
        ask = dice.choice(asked)
        assert isinstance(ask.question, AboutItem)
        facts = ItemFacts(
            ask.question.item,
            dice.random() < 0.9,
            "A title",
            dice.choice(list(Standing)),
            dice.choice([DUE, None]),
            magnetic=dice.choice([None, False, False, False, True]),
        )
        stage.happen(events.Told(ask.token, facts) if dice.random() < 0.8 else events.NotTold(ask.token))
        return
    open_keys = [key for key in stage.told() if owns(stage.state, key) and not is_answered(stage, key)]
    if not open_keys:
        return
    key = dice.choice(open_keys)
    if dice.random() < 0.05:
        stage.happen(events.Carried(key, Silence("unclear")))
        stage.happen(events.LeftToStaff(key))
        stage.rows += [
            CaseOpened(key, stage.wall, CaseReason.OUTCOME_UNKNOWN),
            Settled(key, stage.wall, Settlement.CASE),
        ]
    else:
        stage.happen(events.Carried(key, an_answer(dice)))


def is_awaited(stage: BackStage, token: int) -> bool:
    """Whether a line waits for what question *token* asks."""
    phase = stage.state.phase
    lines = phase.batch.lines if isinstance(phase, Returning) else ()
    return any(line.token == token and not line.is_heard for line in lines)


def an_answer(dice: random.Random) -> Answer:
    """Any answer, most likely a grant."""
    answers: list[Answer] = [
        back(),
        back(patron=PatronId(OTHER_READER)),
        back(alert=dice.choice(list(Alert)), hold_patron=PatronId(READER), sort_bin="x"),
        back(was_on_loan=False, patron=None),
        Granted(DUE),
        Refused(Reason.ITEM_UNKNOWN),
        Refused(dice.choice([reason for reason in Reason if reason is not Reason.NOT_DONE])),
        Held(),
        Silence("deadline"),
    ]
    return dice.choice(answers)


def unit_acts(stage: BackStage, dice: random.Random) -> None:
    """Something comes to the strip unit or leaves it, or it answers its order."""
    if stage.state.settings.strips is Strips.NONE:
        return
    order, unit = stage.state.strip_unit.order, stage.state.strip_unit
    if order is None or dice.random() < 0.3:
        if unit.is_occupied:
            stage.happen(events.StripLifted())
        else:
            stage.happen(events.StripSensed(stays=True, was_there=dice.random() < 0.1))
        return
    strip = dice.choice([StripState.ACTIVE, StripState.ACTIVE, StripState.UNVERIFIED, StripState.INACTIVE])
    answers: list[events.Event] = [
        events.StripTreated(order, strip, stays=dice.random() < 0.5),
        events.StripTreated(order, strip),
        events.StripNotTreated(order, dice.choice(list(StripTrouble))),
        events.StripSpoilt(order, dice.choice(["second-item", "unit-lost"])),
    ]
    stage.happen(dice.choice(answers))


def drop_acts(stage: BackStage, dice: random.Random) -> None:
    """Something is put into the drop or taken out, its flap answers, or its bin fills."""
    if stage.state.settings.drop is None:
        return
    opened = stage.all(OpenDrop)
    is_moving = isinstance(stage.view, BookDropping) and stage.view.step is DropStep.MOVING
    if opened and is_moving and dice.random() < 0.8:
        key = opened[-1].key
        passed = dice.random() < 0.8
        stage.happen(events.DropPassed(key) if passed else events.DropStuck(key, "not-passed"))
    elif dice.random() < 0.1:
        stage.happen(events.DropFull(dice.random() < 0.3))
    elif stage.state.drop_unit.is_occupied and not is_moving:
        if dice.random() < 0.3:
            stage.happen(events.DropEmptied())
    elif not is_moving:
        stage.drop(dice.choice(TAGS[:4]))


def world_turns(stage: BackStage, dice: random.Random) -> None:
    """Server, devices, disk and printer come and go."""
    device = dice.choice([Device.PAD, Device.SCANNER, Device.PRINTER, Device.STRIP_UNIT, Device.BOOK_DROP])
    happened: list[events.Event] = [
        events.ServerWent(),
        events.ServerCame(),
        events.ServerCame(),
        events.DeviceDown(device),
        events.DeviceUp(device),
        events.DeviceUp(device),
        events.RoomChanged(dice.random() < 0.5),
    ]
    if stage.all(PrintSlip):
        happened.append(events.SlipNotPrinted(stage.last(PrintSlip).token, "paper"))
    if stage.state.strip_unit.order is not None and device is Device.STRIP_UNIT:
        # Its pump answers what was ordered before it says that it is away.
        stage.happen(events.StripSpoilt(stage.state.strip_unit.order, "unit-lost"))
    stage.happen(dice.choice(happened))


def time_goes(stage: BackStage, dice: random.Random) -> None:
    """A little time passes, or a while."""
    stage.pass_time(dice.choice([1, 2, 5, 20]))


# --- What has to hold ---------------------------------------------------------------------------------------------


def rows_by_key(stage: BackStage) -> dict[EntryKey, list[EntryRow]]:
    """What was written about each entry."""
    rows: dict[EntryKey, list[EntryRow]] = {}
    for row in stage.rows:
        if isinstance(row, EntryRow):
            rows.setdefault(row.key, []).append(row)
    return rows


def is_answered(stage: BackStage, key: EntryKey) -> bool:
    """Whether an answer that can be believed is written."""
    answered = (row for row in stage.rows_of(Answered) if row.key == key)
    return any(isinstance(row.answer, Granted | Refused) for row in answered)


def is_refusal(row: EntryRow) -> bool:
    """Whether *row* is the server's word that it does not know the item."""
    return isinstance(row, Answered) and row.answer == Refused(Reason.ITEM_UNKNOWN)


def promises_hold(stage: BackStage) -> None:
    """The invariants, looked up in what was recorded and asked for so far."""
    rows = rows_by_key(stage)
    returns = {key: told for key, told in rows.items() if is_return(told)}
    told = Counter(stage.told())
    assert all(count == 1 for count in told.values()), "told twice"
    carried = Counter(carry.entry.key for carry in stage.all(Carry))
    assert all(carried[key] == 1 for key in returns), "not carried once"
    gone = [effect.key for effect in stage.all(GiveUp)]
    assert not set(gone) & set(told), "told and given up"
    for key, written in returns.items():
        order_is_legal(key, written)
        if key in told:
            assert any(isinstance(row, Secured | SecureFailed) for row in written), "told unsecured"
    for secure in stage.all(Secure):
        assert secure.key in returns, "a tag was written without a record"
    what_is_said_is_recorded(stage, returns)
    if isinstance(stage.state.phase, Idle):
        remembered = repr(replace(stage.state, pin_refusals=()))
        assert "PatronId" not in remembered


def is_return(written: list[EntryRow]) -> bool:
    """Whether these are the rows of a return."""
    return isinstance(written[0], Intended) and isinstance(written[0].promise, GiveBack)


def order_is_legal(key: EntryKey, written: list[EntryRow]) -> None:
    """Every row may follow those before it, as the journal itself judges."""
    stands: EntryState | None = None
    for row in written:
        before, stands = stands, following(stands, row)
        assert stands is not None, f"{key}: no {row} after {before}"


def what_is_said_is_recorded(stage: BackStage, returns: dict[EntryKey, list[EntryRow]]) -> None:
    """Whatever the reader is rid of has its rows: secured or not, told or in the lane."""
    shown = stage.view
    lines = shown.lines if isinstance(shown, GivingBack | BackSummary) else ()
    needed: dict[BackStatus, tuple[type[EntryRow], ...]] = {
        BackStatus.BACK: (Secured, Answered),
        BackStatus.BACK_NO_LOAN: (Secured, Answered),
        BackStatus.BACK_RECORDED: (Secured,),
        BackStatus.BACK_TO_STAFF: (CaseOpened,),
    }
    for line in lines:
        kinds = needed.get(line.status, ())
        of_item = [told for told in returns.values() if is_of(told, line.item)]
        for kind in kinds:
            is_there = any(isinstance(row, kind) for told in of_item for row in told)
            assert is_there or is_left(stage), f"{line.status} without {kind.__name__}"


def is_left(stage: BackStage) -> bool:
    """Whether the desk wrote a case that the session only learns of."""
    return any(row.reason is CaseReason.OUTCOME_UNKNOWN for row in stage.rows_of(CaseOpened))


def is_of(told: list[EntryRow], wanted: object) -> bool:
    """Whether these rows are those of item *wanted*."""
    return isinstance(told[0], Intended) and told[0].promise.item == wanted


def nothing_is_left_to_nobody(stage: BackStage) -> None:
    """After all each return is settled, or waits in its lane, secured as far as it goes."""
    for key, told in rows_by_key(stage).items():
        if not is_return(told):
            continue
        assert isinstance(told[0], Intended)
        entry = Entry(key, told[0].promise, tuple(told))
        assert not entry.is_secure_open, f"{key}: nobody knows whether it was secured"
        assert entry.is_settled or not isinstance(entry.answer, Granted | Refused), f"{key} is nobody's"
        assert entry.is_settled or key in stage.told(), f"{key} is held for ever"


@pytest.mark.parametrize("block", range(effort(4)))
def test_random_returns_keep_every_promise(block: int) -> None:
    """Nothing is told unsecured, twice or in vain, and nothing said done that is not recorded."""
    for seed in range(block * 20, block * 20 + 20):
        walk(seed)


def test_every_return_ends_once_nothing_happens_any_more() -> None:
    """Left alone, the terminal finds its way back, and no entry is held in its lane for ever."""
    for seed in range(effort(40)):
        stage = walk(seed, 60)
        if stage.all(OpenDrop) and isinstance(stage.view, BookDropping):
            stage.happen(events.DropStuck(stage.last(OpenDrop).key, "drop-lost"))
        stage.happen(events.DropEmptied())
        stage.lay()
        stage.pass_time(250)
        assert not isinstance(stage.state.phase, Returning), f"seed {seed} never ends"
        nothing_is_left_to_nobody(stage)


def test_walks_reach_every_status_and_every_step() -> None:
    """The random returns are worth something: they come everywhere."""
    views: set[type[View]] = set()
    statuses: set[BackStatus] = set()
    steps: set[DropStep] = set()
    cases: set[CaseReason] = set()
    restored = 0
    for seed in range(90):
        dice = random.Random(seed)
        stage = BackStage(settings_of(seed, dice))
        for _ in range(100):
            something_happens(stage, dice)
            shown = stage.view
            views.add(type(shown))
            if isinstance(shown, GivingBack | BackSummary):
                statuses.update(line.status for line in shown.lines)
            elif isinstance(shown, BookDropping):
                steps.add(shown.step)
        cases.update(stage.cases())
        restored += len(stage.rows_of(Restored))
    assert statuses >= set(BackStatus) - {BackStatus.STRIP_WANTED}
    assert steps == set(DropStep)
    assert {"GivingBack", "BackSummary", "UseStripUnitBack", "BookDropping"} <= {
        kind.__name__ for kind in views
    }
    assert Welcome in views
    assert restored
    assert cases >= {
        CaseReason.RETURN_REFUSED,
        CaseReason.RETURN_NOT_SECURED,
        CaseReason.RETURN_UNKNOWN,
        CaseReason.PARTS_MISSING,
        CaseReason.NOT_IN_BIN,
    }


def test_returns_replay_bit_by_bit_under_another_hash_seed() -> None:
    """The same events give the same rows and effects for ever, whatever the interpreter's hash seed."""
    program = (
        "from tests.kiosk.workflow.test_back_walks import walk\n"
        "for seed in range(4):\n"
        "    s = walk(seed); print(repr(s.rows), repr(s.effects), repr(s.view))\n"
    )
    outputs = set()
    for hash_seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=True
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(outputs.pop()) > 1000


# --- Controls -----------------------------------------------------------------------------------------------------


def a_return() -> Watched:
    """One book, secured and told."""
    stage = Watched()
    stage.begin(lent(1))
    stage.secured(1)
    promises_hold(stage)
    return stage


def test_the_checks_notice_a_return_told_twice() -> None:
    """A control: the promises' checker is not blind."""
    stage = a_return()

    stage.effects.append(stage.last(Proceed))

    with pytest.raises(AssertionError, match="told twice"):
        promises_hold(stage)


def test_the_checks_notice_a_tag_written_without_a_record() -> None:
    """Another control."""
    stage = a_return()

    stage.effects.append(Secure(EntryKey("e1", 1, 99, 1), (lent(2).uid,)))

    with pytest.raises(AssertionError, match="without a record"):
        promises_hold(stage)


def test_the_checks_notice_what_is_said_and_not_recorded() -> None:
    """A third: a line that is back without its row."""
    stage = a_return()
    stage.says(1, back())

    stage.rows = [row for row in stage.rows if not isinstance(row, Answered | Settled)]

    with pytest.raises(AssertionError, match="without Answered"):
        promises_hold(stage)


def test_the_checks_notice_a_return_that_is_held_for_ever() -> None:
    """A fourth: secured, and the lane was never told."""
    stage = a_return()
    nothing_is_left_to_nobody(stage)

    stage.effects = [effect for effect in stage.effects if not isinstance(effect, Proceed)]

    with pytest.raises(AssertionError, match="held for ever"):
        nothing_is_left_to_nobody(stage)


def test_the_checks_notice_a_flap_that_opens_too_early() -> None:
    """A fifth: the item would fall into the bin before anybody knows that it was secured."""
    stage = Watched(replace(TAKES_BACK, services=(Service.RETURN,), drop=DropSettings()))
    stage.drop(lent(1))
    early = OpenDrop(stage.key(1))

    with pytest.raises(AssertionError, match="before the record"):
        comes_after_its_record(stage, early)

    stage.secured(1)
    comes_after_its_record(stage, early)


def test_the_checks_notice_a_tag_that_is_put_back_for_nothing() -> None:
    """A sixth: what was taken back stays secured."""
    stage = a_return()
    stage.says(1, back())

    with pytest.raises(AssertionError, match="without a refusal"):
        comes_after_its_record(stage, Restore(stage.key(1), ()))
