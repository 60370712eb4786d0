"""A full disk: a new loan is refused politely, what was begun and every taking back is written, later all goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sync.entries import EntryKey
from sync.journal.errors import JournalFull
from sync.journal.journal import Journal
from sync.journal.room import Reserve
from sync.journal.settings import JournalSettings
from tests.crash.failing_disk import Holds, in_use
from tests.crash.full_disk import DISK_BYTES, SETTINGS, Story, tell, until_full
from tests.sync.journal.samples import KEYS, CountingClock, granted, key_of, lending


def told_on_a_counted_disk(folder: Path) -> Story:
    """The story on a disk that a shim of SQLite's file system keeps small."""
    holds = Holds(folder, DISK_BYTES)
    with in_use(holds):

        def fill() -> None:
            holds.bytes_max = DISK_BYTES // 2

        def make_room() -> None:
            holds.bytes_max = 2 * DISK_BYTES

        return tell(folder / "journal", fill, make_room)


def check(story: Story) -> None:
    assert story.before > 100
    assert (story.trace, story.finished, story.undone) == (0, 20, 20)
    assert (story.returned, story.paid) == (20, 0)
    assert (story.begun_without_reserve, story.was_low) == (0, True)
    assert (story.is_low, story.after, story.faults) == (False, 1, [])


def test_what_was_begun_is_written_in_place_of_the_reserve(tmp_path: Path) -> None:
    """When the disk is full a new loan leaves no trace; twenty loans are finished, twenty taken back and twenty items
    returned in the room of the reserve, while nothing new begins and no money is taken; with room again the reserve is
    made and lending goes on."""
    check(told_on_a_counted_disk(tmp_path))


def test_a_real_small_disk_is_told_the_same_story(tmp_path: Path) -> None:
    """The same on a file system of two megabytes of its own, where the machine lets us mount one; where it does not,
    the counted disk stands in for it."""
    place = tmp_path / "mounted"
    place.mkdir()
    inside = (
        f"mount -t tmpfs -o size={DISK_BYTES} tmpfs {place} && exec {sys.executable} -m tests.crash.full_disk"
    )
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", f"{inside} {place}/journal"]
    can_mount = ["unshare", "--mount", "--map-root-user", "mount", "-t", "tmpfs", "tmpfs", str(place)]
    try:
        is_possible = subprocess.run(can_mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        is_possible = False
    if not is_possible:
        check(told_on_a_counted_disk(place))
        return
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "faults=[], was_low=True, is_low=False, after=1" in done.stdout
    assert "trace=0, finished=20, undone=20, returned=20, paid=0, begun_without_reserve=0" in done.stdout


def test_a_start_on_a_full_disk_is_written_in_place_of_the_reserve(tmp_path: Path) -> None:
    """A terminal that is switched on again goes on with what was begun instead of never coming up; without a reserve
    it cannot.
    """
    holds, path = Holds(tmp_path, DISK_BYTES), tmp_path / "journal"

    def fill() -> None:
        holds.bytes_max = sum(file.stat().st_size for file in tmp_path.iterdir())

    with in_use(holds):
        journal = Journal.open(path, KEYS, CountingClock().now, SETTINGS)
        key = key_of(journal, 1)
        journal.append([lending(key)])
        journal.close()
        fill()

        journal = Journal.open(path, KEYS, CountingClock().now, SETTINGS)
        assert journal.boot == 2
        journal.append([granted(key)])
        journal.close()

        Reserve(path, SETTINGS).give_up()
        fill()
        with pytest.raises(JournalFull):
            Journal.open(path, KEYS, CountingClock().now, SETTINGS)


def finish(journal: Journal, begun: list[EntryKey]) -> None:
    for key in begun:
        journal.append([granted(key)])


def test_without_a_reserve_the_same_disk_refuses_what_was_begun(tmp_path: Path) -> None:
    """Negative control: were nothing kept back, finishing would be refused as well; the story above would not hold."""
    holds = Holds(tmp_path, DISK_BYTES)
    none = JournalSettings(reserve_bytes=0, margin_bytes=0)
    with in_use(holds):
        journal = Journal.open(tmp_path / "journal", KEYS, CountingClock().now, none)
        holds.bytes_max = DISK_BYTES // 2
        begun = until_full(journal)
        with pytest.raises(JournalFull):
            finish(journal, begun)
        journal.close()


def test_a_database_that_may_not_grow_refuses_politely(tmp_path: Path) -> None:
    """SQLite's own limit of pages is a full disk too: refused whole, and taken again when the limit is lifted."""
    journal = Journal.open(tmp_path / "journal", KEYS, CountingClock().now, SETTINGS)
    ((pages,),) = journal._file.query("PRAGMA page_count")
    journal._file.query(f"PRAGMA max_page_count = {pages + 20}")
    begun = until_full(journal)
    journal._file.query("PRAGMA max_page_count = 1000000")

    journal.append([lending(key_of(journal, 20_000))])

    assert len(begun) > 5
    assert [entry.key for entry in journal.unsettled()] == [*begun, key_of(journal, 20_000)]
    assert journal.verify().is_whole
    journal.close()


def test_the_reserve_is_really_there(tmp_path: Path) -> None:
    """The reserve is blocks of the disk, not a promise of some; half a reserve is none and is made anew."""
    path = tmp_path / "journal"
    reserve = Reserve(path, JournalSettings(reserve_bytes=2**20, margin_bytes=0))
    assert not reserve.is_there
    assert reserve.make()
    file = tmp_path / "journal-reserve"
    status = file.stat()
    assert (status.st_size, status.st_blocks * 512 >= 2**20, status.st_mode & 0o777) == (2**20, True, 0o600)

    assert reserve.give_up()
    assert not reserve.give_up()
    with file.open("wb") as sparse:
        sparse.truncate(2**20)
    assert not reserve.is_there
    assert reserve.make()
    assert [path.name for path in tmp_path.iterdir()] == ["journal-reserve"]


def test_room_is_low_below_the_margin_and_until_there_is_a_quarter_more(tmp_path: Path) -> None:
    """Room does not change with every loan: once low it stays low until a quarter more than the margin is free; pages
    that are free within the journal count for half of the margin at most."""
    free = Reserve(tmp_path / "journal", JournalSettings(reserve_bytes=0, margin_bytes=0)).left().free_bytes
    close = Reserve(tmp_path / "journal", JournalSettings(reserve_bytes=0, margin_bytes=free + free // 8))
    far = Reserve(tmp_path / "journal", JournalSettings(reserve_bytes=0, margin_bytes=free * 4))

    assert close.left().is_low
    assert close.left(free // 4).is_low
    assert not close.left(free // 2 + free // 4).is_low
    assert not close.left(free // 4).is_low
    assert far.left(free * 100).is_low
