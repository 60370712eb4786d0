"""Random days at a terminal with a strip unit, watched by somebody who counts for themselves."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from drivers.em import Deed, StripState
from drivers.rfid import LibraryItem, Tag
from kiosk.workflow import events, view
from kiosk.workflow.effects import AskHere, Carry, Effect, LeaveStrip, Release, Secure, TreatStrip
from kiosk.workflow.events import Device, ReleaseTrouble, StripTrouble
from kiosk.workflow.settings import SessionSettings, Strips
from kiosk.workflow.state import Identifying, Serving, Summing
from kiosk.workflow.strips import in_process
from kiosk.workflow.view import Status, Trouble
from sync.entries import (
    Answer,
    Answered,
    Due,
    EntryKey,
    Granted,
    Intended,
    ItemId,
    Lend,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Row,
    Silence,
    Strip,
)
from sync.questions import LendingFacts, MayLend
from tests.kit.stage import DUE, READER, item, offers, tag
from tests.kit.strip_stage import WITH_STRIPS, StripStage

TAGS = (tag(1), tag(2), tag(3, media_format=3), tag(4, media_format=1), tag(5, 1, 2), tag(5, 2, 2))


@dataclass(frozen=True)
class Facts:
    """What somebody said of an item: may it pass, does it hold magnetic media, and was that the server."""

    release: bool
    magnetic: bool | None
    is_server: bool

    @property
    def allows(self) -> bool:
        """Whether a strip may be switched off by this."""
        is_known = self.magnetic is False or (self.is_server and self.magnetic is None)
        return self.release and is_known


class StripDay(StripStage):
    """A stage that judges every single turn by its own books."""

    def __init__(self, settings: SessionSettings = WITH_STRIPS) -> None:
        super().__init__(settings)
        self.open: TreatStrip | None = None
        self.facts_of: dict[EntryKey, Facts] = {}
        self.tapes: set[str] = set()
        self.sensed: dict[ItemId, int] = {}
        self.lies = False
        self.came_for: str | None = None
        self.pulsed: list[EntryKey] = []
        self.read: dict[EntryKey, StripState] = {}

    def happen(self, event: events.Event) -> tuple[Effect, ...]:
        """As on any stage; then the turn is judged."""
        self._heard(event)
        known, was_serving = len(self.rows), isinstance(self.state.phase, Serving)
        effects = super().happen(event)
        self._learn(event, self.rows[known:])
        for effect in effects:
            match effect:
                case Carry(entry) if isinstance(entry.promise, Lend):
                    self._asked(entry.promise.item)
                case AskHere(question=MayLend(item=asked)):
                    self._asked(asked)
                case TreatStrip():
                    self._judge(effect)
                case _:
                    pass
        self._left_where_refused()
        self._forget_ended(was_serving)
        if effects:
            self._lent_is_verified()
        return effects

    def _heard(self, event: events.Event) -> None:
        match event:
            case events.StripSensed(stays):
                now = self._in_process()
                if now is not None:
                    self.sensed[ItemId(now)] = self.sensed.get(ItemId(now), 0) + 1
                if not self.lies:
                    self.came_for = now if stays else None
                elif self.came_for is None:
                    self.came_for = "two of them"
                self.lies = self.lies or stays
            case events.StripLifted():
                self.lies, self.came_for = False, None
            case events.Scanned(scan) if not scan.flaw:
                again = scan.text.reveal()
                if self.lies and self.came_for is None:
                    self.came_for = again
                if again == self._in_process() and self.open is None:
                    self.sensed[ItemId(again)] = int(self.lies and self.came_for == again)
            case events.StripTreated() | events.StripNotTreated() | events.StripSpoilt():
                self._answered(event)
            case events.DeviceDown(Device.STRIP_UNIT):
                self.lies, self.came_for = False, None
            case events.PadRead(tags):
                contents = [(one.uid, one.content) for one in tags]
                self.tapes |= {
                    uid for uid, one in contents if isinstance(one, LibraryItem) and one.media_format == 3
                }
            case _:
                pass

    def _learn(self, event: events.Event, rows: list[Row]) -> None:
        """What was said of an item counts once it is written: an answer said twice is dropped."""
        for row in rows:
            match row, event:
                case Answered(key, _, Granted(release=release, magnetic=magnetic)), _:
                    self.facts_of[key] = Facts(release, magnetic, is_server=True)
                case Promised(key), events.ToldHere(_, LendingFacts() as said):
                    self.facts_of[key] = Facts(said.release, said.magnetic, is_server=False)
                case _:
                    pass

    def _answered(self, event: events.StripTreated | events.StripNotTreated | events.StripSpoilt) -> None:
        if self.open is not None and self.open.key == event.key:
            self.open = None
            if isinstance(event, events.StripTreated):
                self.read[event.key] = event.strip
                if event.stays and not self.lies:
                    self.lies, self.came_for = True, self._item_of(event.key)

    def _in_process(self) -> str | None:
        phase = self.state.phase
        line = in_process(phase.session) if isinstance(phase, Serving) else None
        return None if line is None else line.id

    def _item_of(self, key: EntryKey) -> ItemId:
        item = next(row for row in self.rows_of(Intended) if row.key == key).promise.item
        assert item is not None
        return item

    def _asked(self, asked: ItemId) -> None:
        if asked in self.sensed or asked != self._in_process():
            return
        is_its_own = self.lies and self.came_for in (None, asked)
        self.sensed[asked] = int(is_its_own)
        self.came_for = asked if is_its_own else self.came_for

    def _judge(self, order: TreatStrip) -> None:
        assert self.open is None, "two strips are treated at once"
        self.open = order
        told = [row for row in self.rows if getattr(row, "key", None) == order.key]
        assert any(is_leave(row) for row in told), "treated before anybody allowed it"
        ends = [row for row in told if isinstance(row, ReleaseIntended | Released | ReleaseFailed)]
        assert ends, "treated without a record"
        assert isinstance(ends[-1], ReleaseIntended), "treated after its end was written"
        assert ends[-1].strip is not None, "treated, and the journal does not say so"
        if order.deed is Deed.DESENSITISE:
            self._judge_release(order.key, ends[-1])

    def _judge_release(self, key: EntryKey, intended: ReleaseIntended) -> None:
        wanted = self._item_of(key)
        said = self.facts_of[key]
        assert said.allows, f"treated although {said}"
        assert not self.tapes & {bits.uid for bits in intended.before}, "treated although a tag says tape"
        refused = [
            row for row in self.rows_of(Answered) if row.key == key and isinstance(row.answer, Refused)
        ]
        assert not refused, "treated for a loan that was refused"
        if key not in self.pulsed and self.state.settings.strip_unit_senses:
            assert not self.lies or self.came_for == wanted, "somebody else's item lies there"
            assert self.sensed[wanted] == int(self.lies), "another item was sensed since the scan"
        if key not in self.pulsed:
            self.pulsed.append(key)

    def _left_where_refused(self) -> None:
        order = self.open
        if order is None or order.deed is Deed.SENSITISE:
            return
        refused = [
            row for row in self.rows_of(Answered) if row.key == order.key and isinstance(row.answer, Refused)
        ]
        assert not refused or LeaveStrip(order.key) in self.left, (
            "the unit is armed for a loan that was refused"
        )

    def _forget_ended(self, was_serving: bool) -> None:
        """Only what is on its way counts what comes to the unit; what is left there by the last reader is nobody's."""
        phase = self.state.phase
        lines = phase.session.lines if isinstance(phase, Serving) else ()
        open_lines = {line.item for line in lines if line.strip is not None}
        self.sensed = {one: count for one, count in self.sensed.items() if one in open_lines}
        if was_serving and not isinstance(phase, Serving) and self.lies:
            self.came_for = "the last reader"

    def _lent_is_verified(self) -> None:
        phase = self.state.phase
        lines = phase.session.lines if isinstance(phase, Serving) else ()
        lines = phase.lines if isinstance(phase, Summing) else lines
        for line in lines:
            told = [row for row in self.rows_of(ReleaseIntended) if row.key == line.key]
            if line.status not in (Status.LENT, Status.LENT_PROVISIONALLY) or line.key is None:
                continue
            if not told or told[-1].strip is None:
                continue
            done = [row for row in self.rows_of(Released) if row.key == line.key]
            assert len(done) == 1, "lent, and its strip is not done"
            assert len(done[0].after) == len(told[-1].before), "lent, and only its strip is done"
            read = self.read.get(line.key)
            assert read is not None, "lent, and its strip was never treated"
            assert done[0].strip is Strip(read.value), "lent by another word than the unit's"
            assert read is not StripState.ACTIVE, "lent with an active strip"
            is_said = line.why is Trouble.STRIP_NOT_CHECKED
            assert is_said == (read is StripState.UNVERIFIED), "lent, and nobody checked"


def is_leave(row: object) -> bool:
    """Whether *row* allows a loan."""
    return isinstance(row, Promised) or (isinstance(row, Answered) and isinstance(row.answer, Granted))


QUICK = replace(WITH_STRIPS, needs_pin=False)


def a_day(seed: int, steps: int = 100, kind: type[StripDay] = StripDay) -> StripDay:
    """A session, or several, in which everything happens at random; every turn is judged."""
    dice = random.Random(seed)
    day = kind(
        replace(
            QUICK,
            strips=dice.choice([Strips.UNTAGGED, Strips.UNTAGGED, Strips.ALL]),
            strip_unit_senses=dice.random() < 0.8,
            release_tries_max=dice.choice([1, 2, 3]),
            strip_seconds=dice.choice([5, 30]),
        )
    )
    if dice.random() < 0.4:
        day.lend_here(is_away=dice.random() < 0.5)
    for _ in range(steps):
        something_happens(day, dice)
    return day


def something_happens(day: StripDay, dice: random.Random) -> None:
    """One random event, rather likely one that fits."""
    if isinstance(day.view, view.Welcome) and dice.random() < 0.8:
        day.show_card()
        if isinstance(day.state.phase, Identifying) and day.state.phase.is_here:
            day.tell_here(day.facts(loans=None))
        elif isinstance(day.state.phase, Identifying):
            day.tell(day.facts())
        return
    weights = {unit_acts: 30, server_answers: 22, books_answer: 10, reader_acts: 16, books_move: 8}
    weights |= {pad_answers: 16, world_turns: 6}
    dice.choices(list(weights), list(weights.values()))[0](day, dice)


def unit_acts(day: StripDay, dice: random.Random) -> None:
    """Something comes or goes while the unit is safe, or it answers what it was told."""
    order = day.open
    if order is None or dice.random() < 0.1:
        what = dice.random()
        if what < 0.35:
            day.sense(stays=dice.random() < 0.6)
        elif day.lies:
            day.lift()
        return
    was_left = LeaveStrip(order.key) in day.left
    roll = dice.random()
    if roll < 0.6:
        wanted = order.deed.wanted
        strip = dice.choice([wanted, wanted, wanted, *StripState])
        day.happen(events.StripTreated(order.key, strip, dice.random() < 0.4))
    elif was_left or roll < 0.7:
        trouble = StripTrouble.LEFT if was_left else dice.choice([StripTrouble.FAULT, StripTrouble.UNIT_LOST])
        day.happen(events.StripNotTreated(order.key, trouble))
    elif roll < 0.75:
        day.happen(events.StripSpoilt(order.key, dice.choice(["second-item", "unit-lost"])))


def server_answers(day: StripDay, dice: random.Random) -> None:
    """The server answers one of the last entries."""
    carried = day.all(Carry)
    if carried:
        entry = dice.choice(carried[-3:]).entry
        answers: list[Answer] = [
            *[Granted(DUE, magnetic=dice.choice([None, False]))] * 5,
            Granted(DUE, release=dice.random() < 0.7, magnetic=dice.choice([None, True])),
            Granted(Due(None), renewed=True),
            Refused(dice.choice([Reason.PATRON_BLOCKED, Reason.NOT_DONE, Reason.ALREADY_YOURS])),
            Silence("deadline"),
        ]
        if not any(
            row.key == entry.key and not isinstance(row.answer, Silence) for row in day.rows_of(Answered)
        ):
            day.happen(events.Carried(entry.key, dice.choice(answers)))


def books_answer(day: StripDay, dice: random.Random) -> None:
    """The terminal's own books answer the last question of the kind."""
    asked = [ask for ask in day.all(AskHere) if isinstance(ask.question, MayLend)]
    if not asked:
        return
    ask = asked[-1]
    assert isinstance(ask.question, MayLend)
    refusal = None if dice.random() < 0.85 else Reason.LIMIT_REACHED
    release, magnetic = dice.random() < 0.9, dice.choice([False, False, None, True])
    facts = LendingFacts(ask.question.item, refusal, DUE, release, magnetic, day.wall)
    day.happen(events.ToldHere(ask.token, facts))


def reader_acts(day: StripDay, dice: random.Random) -> None:
    """A touch, a scan, a card."""
    roll = dice.random()
    if roll < 0.35:
        offered = [offer.id for offer in offers(day.view) if offer.enabled and offer.id != "finish"]
        day.happen(events.Chosen(dice.choice([*offered, "nothing"])))
    elif roll < 0.92:
        day.scan(item(dice.randint(1, 8)))
    elif roll < 0.96:
        day.happen(events.Chosen("finish"))
    else:
        day.show_card(READER)


def books_move(day: StripDay, dice: random.Random) -> None:
    """Tagged books are laid down or taken away."""
    laid: list[Tag] = dice.sample(TAGS, dice.choice([0, 1, 1, 2, 3]))
    day.lay(*laid)


def pad_answers(day: StripDay, dice: random.Random) -> None:
    """The pad does, or cannot do, one of the last things it was told."""
    orders = [effect for effect in day.effects if isinstance(effect, Release | Secure)]
    if not orders:
        return
    order = orders[-1]
    if isinstance(order, Secure):
        day.pad_secures(order.key, dice.random() < 0.8)
    elif dice.random() < 0.75:
        day.pad_releases(order.key)
    else:
        day.pad_fails(order.key, dice.choice(list(ReleaseTrouble)))


def world_turns(day: StripDay, dice: random.Random) -> None:
    """Time passes, the unit or the server comes or goes."""
    happenings: list[events.Event] = [
        events.DeviceDown(Device.STRIP_UNIT),
        events.DeviceUp(Device.STRIP_UNIT),
        events.DeviceUp(Device.STRIP_UNIT),
        events.ServerWent(),
        events.ServerCame(),
    ]
    if dice.random() < 0.4:
        day.happen(dice.choice(happenings))
    else:
        day.pass_time(dice.choice([1, 2, 6, 12]))
