"""Days in which anything happens to the whole terminal: readers, books, cables, bytes, clocks and power cuts at random.

Drivers, journal, SIP2 and central are the real ones; on some days the terminal lends by itself while the network is
away, and now and then its disk is full.  Each day ends in quiet, and then journal, tags and server agree.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.link.memory import AnswerFault, Corrupted, Cut, Late, Lost, Repeated
from drivers.sim.shelf import item_tags
from drivers.sim.tag import SimulatedTag
from kiosk.sim.cards import library_card
from kiosk.workflow.events import Chosen
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.view import Welcome
from sync.central import demo
from sync.entries import CaseOpened, Entry, Granted, Lend, Released, ReleaseIntended, Settled, Settlement
from sync.journal.errors import JournalFull
from sync.rules.offline import OfflinePolicy
from tests.kit.effort import effort
from tests.kit.rig import OFFLINE, RELEASED_AFI, Rig, with_settings

BOOKS = {**dict.fromkeys(demo.ITEMS_FREE[:4], 1), demo.ITEM_TWO_PARTS: 2, demo.ITEM_WITH_FEE: 1}
READERS = (demo.READER, demo.READER_ENGLISH, demo.READER_STUDENT)
HAPPENINGS = 60
QUIET_SECONDS_MAX = 1500
NEVER = OfflinePolicy()


class Day:
    """A rig to which things happen as *seed* says; it lends by itself where *policy* lets it."""

    def __init__(self, folder: Path, seed: int, policy: OfflinePolicy = NEVER) -> None:
        self.dice = random.Random(seed)
        folder.mkdir()
        self.rig = Rig(folder, self.settings(policy))
        self.rig.tags = {book: list(item_tags(book, parts)) for book, parts in BOOKS.items()}
        self.tags = [tag for tags in self.rig.tags.values() for tag in tags]
        self.happenings: dict[Callable[[], None], int] = {
            self.lay: 12,
            self.take: 5,
            self.clear: 4,
            self.card: 10,
            self.touch: 10,
            self.network: 3,
            self.injure_answers: 7,
            self.injure_tag: 7,
            self.injure_pad: 3,
            self.wait: 4,
            self.power_cut: 6,
            self.jump: 1,
            **({self.outage: 8, self.renew_snapshot: 2, self.disk: 1} if policy is not NEVER else {}),
        }

    def settings(self, policy: OfflinePolicy) -> SessionSettings:
        """How the library wants its sessions on this day."""
        return with_settings(
            needs_pin=False, answer_seconds=self.dice.choice([4, 15]), offline=policy, has_printer=True
        )

    def pass_by(self) -> None:
        """All of it, with the pumps turning in any order; then everything is mended and quiet."""
        for happening in self.dice.choices(
            list(self.happenings), list(self.happenings.values()), k=HAPPENINGS
        ):
            happening()
            for _ in range(self.dice.choice([1, 3, 10, 60])):
                self.dice.choice(self.rig.kiosk.pumps).turn()
        self.mend()
        waited = 0
        while not self.is_quiet and waited < QUIET_SECONDS_MAX:
            self.rig.pass_time(20)
            waited += 20

    @property
    def is_quiet(self) -> bool:
        return isinstance(self.rig.view, Welcome) and not self.rig.journal.unsettled()

    def mend(self) -> None:
        self.clear()
        for tag in self.tags:
            tag.write_failures = tag.read_failures = 0
            tag.leaves_after = None
        self.rig.server.cut()
        self.rig.server.mend()
        self.rig.clear_disk()
        self.rig.pad_plug.is_in = True
        self.rig.pass_time(60)

    # --- What happens

    def any_tag(self) -> SimulatedTag:
        return self.dice.choice(self.tags)

    def lay(self) -> None:
        self.rig.reader.lay(*self.dice.sample(self.tags, self.dice.randint(1, len(self.tags))))

    def take(self) -> None:
        self.rig.reader.take(self.any_tag().uid)

    def clear(self) -> None:
        self.rig.reader.take(*(tag.uid for tag in self.tags))

    def card(self) -> None:
        self.rig.card_link.take()
        self.rig.turn(3)
        self.rig.card_link.put(library_card(self.dice.choice(READERS), self.rig.clock))

    def touch(self) -> None:
        offered = [one.id for one in self.rig.choices if one.enabled] if self.rig.view is not None else []
        if offered:
            self.rig.kiosk.post(Chosen(self.dice.choice(offered)))

    def network(self) -> None:
        self.dice.choice([self.rig.cut_network, self.rig.server.silence, self.rig.server.mend])()

    def outage(self) -> None:
        """A whole visit without the network: the stack lies there, and a reader comes."""
        self.rig.cut_network()
        self.wait()
        self.lay()
        self.card()
        self.wait()

    def renew_snapshot(self) -> None:
        self.rig.make_snapshot()

    def disk(self) -> None:
        self.rig.fill_disk()
        self.wait()
        self.rig.clear_disk()

    def injure_answers(self) -> None:
        faults: list[AnswerFault] = [Lost(), Cut(20), Corrupted(-2), Repeated(), Late(3.0), Late(7.0)]
        if self.rig.server.is_connected:
            self.rig.server.link().inject(*self.dice.sample(faults, 2))

    def injure_tag(self) -> None:
        tag, times = self.any_tag(), self.dice.choice([1, 2, 3, 5, 8])
        match self.dice.randrange(4):
            case 0 | 1:
                tag.write_failures = times
            case 2:
                tag.read_failures = times
            case _:
                tag.leaves_after = times

    def injure_pad(self) -> None:
        plug = self.rig.pad_plug
        if not plug.is_in:
            plug.is_in = True
        elif self.dice.random() < 0.4 or plug.link is None:
            plug.pull()
        else:
            faults: list[AnswerFault] = [Lost(), Cut(3), Corrupted(-1), Repeated(), Late(1.0)]
            plug.link.inject(self.dice.choice(faults))

    def wait(self) -> None:
        self.rig.pass_time(self.dice.choice([1, 5, 16, 50]))

    def jump(self) -> None:
        self.rig.clock.jump_wall(self.dice.choice([-86_400, 86_400, -3_600]))

    def power_cut(self) -> None:
        self.rig.crash()
        self.rig.restart_at_once()

    # --- What must hold

    def broken(self) -> Iterator[str]:
        """Every promise that does not hold, as a sentence."""
        if not self.is_quiet:
            yield f"not quiet after {QUIET_SECONDS_MAX} s: {self.rig.view}, {self.rig.journal.unsettled()}"
        for level, sentence, facts in self.rig.log.lines:
            if level == "failure" and not isinstance(facts.get("mistake"), JournalFull):
                yield f"a mistake of ours: {sentence}, {facts.get('mistake')!r}"
            if any(reader in f"{sentence} {facts}" for reader in READERS):
                yield f"a patron's number in the log: {sentence}"
        for book, tags in self.rig.tags.items():
            loans = [
                entry
                for entry in self.rig.entries()
                if isinstance(entry.promise, Lend) and entry.promise.item == book
            ]
            promised = [entry for entry in loans if entry.promised is not None]
            if any(end_of(entry) is None for entry in promised):
                yield f"{book}: a promise that never ended (I1)"
            for sentence in disagreements(loans, tags, self.rig.server.holder_of(book)):
                yield f"{book}: {sentence}"


def end_of(entry: Entry) -> Settlement | None:
    return next((row.how for row in entry.rows if isinstance(row, Settled)), None)


def standing(loans: list[Entry]) -> list[Entry]:
    """The *loans* of one item that are done and not over.

    One the terminal promised is the fact that the one before it ended, also where it was granted and then undone.
    """
    left: list[Entry] = []
    for entry in sorted(loans, key=lambda entry: entry.position):
        is_done = end_of(entry) is Settlement.DONE
        if entry.promised is not None and (is_done or isinstance(entry.answer, Granted)):
            left = []
        left += [entry] if is_done else []
    return left


def has(entry: Entry, kind: type[CaseOpened | ReleaseIntended | Released]) -> bool:
    return any(isinstance(row, kind) for row in entry.rows)


def disagreements(loans: list[Entry], tags: list[SimulatedTag], holder: str | None) -> Iterator[str]:
    """What the *loans* of one item in the journal, its *tags* and its *holder* at the server contradict."""
    released = [tag.afi == RELEASED_AFI for tag in tags]
    if any(released) and not any(has(entry, ReleaseIntended) for entry in loans):
        yield "a tag is released and no row grants that (I2)"
    if any(has(entry, CaseOpened) for entry in loans):
        return
    done = standing(loans)
    if len(done) != (0 if holder is None else 1):
        yield f"the journal has {len(done)} loans, the server {0 if holder is None else 1} (I1)"
    # A settled loan's patron may be wiped by now.
    known = {entry.promise.patron.reveal() for entry in done if entry.promise.patron}
    if holder is not None and known and holder not in known:
        yield "the server has it on another reader's account (I1)"
    if any(released) and not done:
        yield "a tag is released without a loan (I2)"
    touched = [entry for entry in loans if has(entry, ReleaseIntended)]
    # A later loan that was refused left the tag secured, whoever's the book is.
    if touched and touched[-1] in done and has(touched[-1], Released) and not all(released):
        yield "the journal says released, a tag is not (I2)"


def days(
    folder: Path, seeds: range, policy: OfflinePolicy
) -> tuple[list[str], Counter[Settlement | None], int]:
    """What was broken on the days of *seeds*, how entries ended, and how many of them the terminal promised itself."""
    seen: Counter[Settlement | None] = Counter()
    found: list[str] = []
    promised = 0
    for seed in seeds:
        day = Day(folder / str(seed), seed, policy)
        day.pass_by()
        found += [f"day {seed}: {sentence}" for sentence in day.broken()]
        seen.update(end_of(entry) for entry in day.rig.entries())
        promised += sum(entry.promised is not None for entry in day.rig.entries())
        day.rig.close()
    return found, seen, promised


@pytest.mark.parametrize("block", range(4))
def test_whatever_happens_journal_tags_and_server_agree_in_the_end(tmp_path: Path, block: int) -> None:
    """Every entry is settled or a case, no tag is released without its row, no loan is doubled or lost."""
    found, seen, promised = days(tmp_path, range(block * effort(5), (block + 1) * effort(5)), NEVER)

    assert found == []
    assert seen[Settlement.DONE] > 0
    assert promised == 0


@pytest.mark.parametrize("block", range(4))
def test_lending_without_the_network_ends_in_the_same_agreement(tmp_path: Path, block: int) -> None:
    """What the terminal promised itself is a loan, or was taken back, or is a case: never lost, never doubled."""
    found, seen, promised = days(tmp_path, range(block * effort(5), (block + 1) * effort(5)), OFFLINE)

    assert found == []
    assert seen[Settlement.DONE] > 0
    assert promised > 0


def test_the_checks_notice_what_must_not_be() -> None:
    """Negative control: a released tag without a row, and a loan that only the server knows, are both found out."""
    [tag] = item_tags(demo.ITEMS_FREE[0], 1)
    tag.afi = RELEASED_AFI

    assert len(list(disagreements([], [tag], None))) == 2
    tag.afi = 0x07
    assert len(list(disagreements([], [tag], demo.READER))) == 1
