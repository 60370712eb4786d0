"""What the pad's pump sees and does, with the real driver on a far end that speaks the pad's bytes."""

from __future__ import annotations

from itertools import groupby

import pytest

from drivers.link import DeviceLost
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.rfid import LibraryItem, PadSignal, UnknownTag, obid_pad
from drivers.sim.obid_reader import ObidReader
from drivers.sim.shelf import item_tag, item_tags, locked_item_tag, weak_item_tag
from drivers.sim.tag import SimulatedTag
from kiosk.engine.inbox import Inbox
from kiosk.runtime.pads import Order, PadEvent, PadWork
from kiosk.workflow.effects import Release, Restore, Secure, ShowOnPad
from kiosk.workflow.events import (
    PadRead,
    ReleaseTrouble,
    TagsNotReleased,
    TagsReleased,
    TagsRestored,
    TagsSecured,
)
from sync.entries import EntryKey, TagBits
from tests.kit.recording import KeptLog

BOOKS = [f"3099900001{number:04}" for number in range(20)]
SECURED, RELEASED = 0x07, 0xC2


def key(number: int = 1) -> EntryKey:
    return EntryKey("e1", 1, number, 1)


class Bench:
    """A pad's work, its far end, and what it posts."""

    def __init__(self, line_baud: int = 0, *, has_air_time: bool = False) -> None:
        self.clock = VirtualClock()
        self.reader = ObidReader(self.clock, line_baud=line_baud, has_air_time=has_air_time)
        self.link = MemoryLink(self.reader, self.clock)
        self.orders: Inbox[Order] = Inbox(idle=self.clock.wait)
        self.posted: list[PadEvent] = []
        self.log = KeptLog()
        self.work = PadWork(
            self.orders, self.posted.append, stable_readings=2, clock=self.clock, log=self.log
        )
        self.pad = obid_pad.open(obid_pad.ObidPadSettings(), self.link, self.clock)
        self.work.begin(self.pad)

    def turn(self, times: int = 1) -> None:
        for _ in range(times):
            self.work.turn(self.pad)

    def lay(self, *tags: SimulatedTag) -> None:
        self.reader.lay(*tags)
        self.turn(12)

    def readings(self) -> list[PadRead]:
        return [event for event in self.posted if isinstance(event, PadRead)]

    def last(self) -> PadRead:
        return self.readings()[-1]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_lies_there_is_told_with_how_often_it_was_seen(bench: Bench) -> None:
    """The same tags are told for their first, second and third reading in a row, and from then on as certain."""
    bench.lay(item_tag(BOOKS[0]), item_tag(BOOKS[1]))

    told = [(len(event.tags), event.readings) for event in bench.readings() if event.tags]
    assert told[:4] == [(2, 1), (2, 2), (2, 3), (2, 3)]
    assert all(isinstance(tag.content, LibraryItem) for tag in bench.last().tags)


def test_who_comes_later_hears_what_lies_there_now(bench: Bench) -> None:
    """A pad with something on it is told of several times a second, so that a session never begins with old news."""
    bench.lay(item_tag(BOOKS[0]))
    before, began = len(bench.readings()), bench.clock.monotonic()
    while bench.clock.monotonic() - began < 3:
        bench.turn()

    assert len(bench.readings()) - before >= 6


def test_an_empty_pad_is_told_too(bench: Bench) -> None:
    """Nothing on the pad is a reading like any other: quarantined tags are known to have left."""
    bench.turn(50)

    assert bench.readings() == [PadRead((), 1), PadRead((), 2), PadRead((), 3)]


def test_a_change_begins_the_count_anew(bench: Bench) -> None:
    """A book laid down or taken away makes the next reading the first again."""
    one, other = item_tag(BOOKS[0]), item_tag(BOOKS[1])
    bench.lay(one)
    bench.lay(other)
    bench.reader.take(one.uid)
    bench.turn(12)

    told = [(len(event.tags), event.readings) for event in bench.readings() if event.tags]
    assert [one for one, _ in groupby(told)] == [
        *((1, 1), (1, 2), (1, 3)),
        *((2, 1), (2, 2), (2, 3)),
        *((1, 1), (1, 2), (1, 3)),
    ]


def test_a_tag_is_read_once_while_it_lies_there(bench: Bench) -> None:
    """Its memory costs air time once, not with every inventory."""
    bench.lay(item_tag(BOOKS[0]))
    asked = len(bench.reader.commands_heard)
    reads = [command for command in bench.reader.commands_heard if command[0] == 0xB0 and command[1] != 0x01]
    bench.turn(30)

    again = [
        command
        for command in bench.reader.commands_heard[asked:]
        if command[0] == 0xB0 and command[1] != 0x01
    ]
    assert reads
    assert again == []


def test_a_tag_that_came_back_is_read_again(bench: Bench) -> None:
    """What was absent twice may be another book's tag with the same UID: it is not believed to be the same."""
    tag = item_tag(BOOKS[0])
    bench.lay(tag)
    bench.reader.take(tag.uid)
    bench.turn(12)
    changed = item_tag(BOOKS[1])
    changed.uid = tag.uid
    bench.lay(changed)

    [seen] = bench.last().tags
    assert isinstance(seen.content, LibraryItem)
    assert seen.content.identifier == BOOKS[1]


def test_a_tag_that_cannot_be_read_holds_nobody_up_for_long(bench: Bench) -> None:
    """After three inventories it counts as unknown, the others as what they are; read at last, it is told anew."""
    silent = item_tag(BOOKS[1])
    silent.read_failures = 1000
    bench.lay(item_tag(BOOKS[0]), silent)
    contents = [tag.content for tag in bench.last().tags]
    assert sum(isinstance(content, UnknownTag) for content in contents) == 1

    silent.read_failures = 0
    bench.turn(12)

    assert all(isinstance(tag.content, LibraryItem) for tag in bench.last().tags)


def test_a_tag_that_cannot_be_released_is_known_before_anybody_asks_for_the_loan(bench: Bench) -> None:
    """A locked AFI is found when the tag is read."""
    bench.lay(locked_item_tag(BOOKS[0]))

    assert [tag.releasable for tag in bench.last().tags] == [False]


def test_several_entries_are_released_one_after_the_other(bench: Bench) -> None:
    """Each is answered as soon as its own tags were read back, and the tags are released."""
    tags = [item_tag(book) for book in BOOKS[:3]]
    bench.lay(*tags)
    for number, tag in enumerate(tags):
        bench.orders.post(Release(key(number), (tag.uid,)))
    before = len(bench.posted)
    bench.turn()
    first = next(event for event in bench.posted[before:] if isinstance(event, TagsReleased))
    assert first.key == key(0)
    bench.turn(2)

    released = [event for event in bench.posted if isinstance(event, TagsReleased)]
    assert [event.key for event in released] == [key(0), key(1), key(2)]
    assert [bits.afi for event in released for bits in event.after] == [RELEASED] * 3
    assert [tag.afi for tag in tags] == [RELEASED] * 3


def test_all_parts_of_an_item_are_released_together(bench: Bench) -> None:
    """One entry with several tags is answered once, with every tag's state."""
    tags = item_tags(BOOKS[0], 3)
    bench.lay(*tags)

    bench.orders.post(Release(key(), tuple(tag.uid for tag in tags)))
    bench.turn()

    [event] = [event for event in bench.posted if isinstance(event, TagsReleased)]
    assert len(event.after) == 3


def test_a_tag_taken_away_is_missed_and_the_others_are_told(bench: Bench) -> None:
    """What could be read back is told beside what left."""
    tags = item_tags(BOOKS[0], 2)
    bench.lay(*tags)
    bench.reader.take(tags[1].uid)

    bench.orders.post(Release(key(), tuple(tag.uid for tag in tags)))
    bench.turn()

    [event] = [event for event in bench.posted if isinstance(event, TagsNotReleased)]
    assert event.trouble is ReleaseTrouble.TAKEN_AWAY
    assert event.missing == (tags[1].uid,)
    assert [bits.uid for bits in event.after] == [tags[0].uid]


def test_a_tag_that_keeps_its_state_is_told_as_refused(bench: Bench) -> None:
    """A write that never succeeds is no release, whatever the pad answered."""
    tag = weak_item_tag(BOOKS[0], 0)
    bench.lay(tag)
    tag.afi_locked = True

    bench.orders.post(Release(key(), (tag.uid,)))
    bench.turn()

    [event] = [event for event in bench.posted if isinstance(event, TagsNotReleased)]
    assert event.trouble is ReleaseTrouble.WRITE_REFUSED
    assert tag.afi == SECURED


def test_secured_again_is_told_as_complete_only_when_all_tags_are(bench: Bench) -> None:
    """A tag that left while it was to be secured makes the answer incomplete."""
    tags = item_tags(BOOKS[0], 2)
    bench.lay(*tags)
    uids = tuple(tag.uid for tag in tags)
    bench.orders.post(Release(key(1), uids))
    bench.orders.post(Secure(key(1), uids))
    bench.turn(3)
    bench.reader.take(tags[0].uid)
    bench.orders.post(Secure(key(2), uids))
    bench.turn(3)

    told = [event for event in bench.posted if isinstance(event, TagsSecured)]
    assert [(event.key, event.is_complete, event.trouble, event.missing) for event in told] == [
        (key(1), True, None, ()),
        (key(2), False, ReleaseTrouble.TAKEN_AWAY, (tags[0].uid,)),
    ]
    assert tags[1].afi == SECURED


def test_a_tag_is_put_back_as_it_was_and_one_that_left_is_told(bench: Bench) -> None:
    """Tags come back to the state they were found in, not to a state of the library's; what left is not claimed."""
    odd, gone = (item_tag(book) for book in BOOKS[:2])
    odd.afi = 0x5A
    bench.lay(odd, gone)
    before = (TagBits(odd.uid, 0x5A), TagBits(gone.uid, RELEASED))
    bench.orders.post(Secure(key(1), (odd.uid, gone.uid)))
    bench.turn(3)
    assert odd.afi == SECURED
    bench.reader.take(gone.uid)

    bench.orders.post(Restore(key(1), before[:1]))
    bench.orders.post(Restore(key(1), before))
    bench.turn(3)

    told = [event for event in bench.posted if isinstance(event, TagsRestored)]
    assert [(event.after, event.is_complete) for event in told] == [(before[:1], True), (before[:1], False)]
    assert odd.afi == 0x5A


def test_what_was_ordered_of_a_lost_pad_is_answered(bench: Bench) -> None:
    """The order under way and those that wait are told as lost with the pad; nobody waits for them for ever."""
    tags = [item_tag(book) for book in BOOKS[:3]]
    bench.lay(*tags)
    bench.orders.post(Release(key(1), (tags[0].uid,)))
    bench.orders.post(Release(key(2), (tags[1].uid,)))
    bench.orders.post(Secure(key(3), (tags[2].uid,)))
    bench.orders.post(Restore(key(4), (TagBits(tags[2].uid, RELEASED),)))
    bench.link.unplug()
    with pytest.raises(DeviceLost):
        bench.turn()

    bench.work.lost()
    bench.work.lost()

    lost = [event.key for event in bench.posted if isinstance(event, TagsNotReleased)]
    secured = [(event.key, event.is_complete) for event in bench.posted if isinstance(event, TagsSecured)]
    restored = [(event.key, event.is_complete) for event in bench.posted if isinstance(event, TagsRestored)]
    assert (lost, secured, restored) == ([key(1), key(2)], [(key(3), False)], [(key(4), False)])


def test_a_lamp_waits_for_the_books(bench: Bench) -> None:
    """Only the newest signal is shown, and only when nothing else waits: readers wait for books, not for lights."""
    tag = item_tag(BOOKS[0])
    bench.lay(tag)
    bench.orders.post(ShowOnPad(PadSignal.WORKING))
    bench.orders.post(ShowOnPad(PadSignal.DONE))
    bench.orders.post(Release(key(), (tag.uid,)))

    bench.turn()

    assert isinstance(bench.posted[-1], TagsReleased)


def test_a_book_taken_away_is_noticed_while_others_are_released(bench: Bench) -> None:
    """Orders without end do not keep the pad from looking: within three seconds the missing book is known."""
    tags = [item_tag(book) for book in BOOKS[:2]]
    bench.lay(*tags)
    bench.reader.take(tags[1].uid)
    began = bench.clock.monotonic()
    while len(bench.last().tags) == 2:
        bench.orders.post(Release(key(), (tags[0].uid,)))
        bench.turn()
        bench.clock.wait(0.05)
        assert bench.clock.monotonic() - began < 3.0


def ideal_seconds(count: int) -> float:
    """Line and air time of two inventories, and of reading, writing and reading back *count* tags."""
    bench = Bench(38_400, has_air_time=True)
    bench.reader.lay(*(item_tag(book) for book in BOOKS[:count]))
    began = bench.clock.monotonic()
    uids = bench.pad.inventory()
    for uid in uids:
        bench.pad.read(uid)
    assert bench.pad.inventory() == uids
    for uid in uids:
        bench.pad.release(uid)
    return bench.clock.monotonic() - began


@pytest.mark.parametrize("count", [1, 5, 10])
def test_a_stack_costs_what_its_bytes_cost(count: int) -> None:
    """From the last tag in the field to the last read-back no needless command is sent: at most a quarter more.

    The server is one that answers at once; time is that of a line of 38,400 baud and of ISO 15693's air interface.
    """
    bench = Bench(38_400, has_air_time=True)
    while len(bench.readings()) < 3:
        bench.turn()
    tags = [item_tag(book) for book in BOOKS[:count]]
    bench.work.begin(bench.pad)
    bench.reader.lay(*tags)
    began = bench.clock.monotonic()
    while not bench.last().tags or bench.last().readings < 2:
        bench.turn()
    for number, tag in enumerate(bench.last().tags):
        bench.orders.post(Release(key(number), (tag.uid,)))
    while sum(isinstance(event, TagsReleased) for event in bench.posted) < count:
        bench.turn()

    assert bench.clock.monotonic() - began <= 1.25 * ideal_seconds(count)
