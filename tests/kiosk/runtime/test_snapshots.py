"""The snapshot in the terminal's books is the newest that can be believed, from the file or from central."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from drivers.link.memory import VirtualClock
from kiosk.runtime.snapshots import Fetching, FileSource, NotFetched, SnapshotUnusable
from sync.snapshot.box import seal
from sync.snapshot.keeping import SnapshotFile
from tests.sync.snapshot.samples import KEYS, SIGNING, snapshot


class Central:
    """Gives *box* to whoever has a lower number; away while *box* is None."""

    def __init__(self) -> None:
        self.box: bytes | None = None
        self.number = 0
        self.asked: list[int] = []

    def issue(self, clock: VirtualClock, number: int) -> bytes:
        self.number = number
        self.box = seal(snapshot(number, clock.now()), KEYS.key, SIGNING)
        return self.box

    def fetch(self, have: int) -> bytes | None:
        self.asked.append(have)
        if self.box is None:
            raise NotFetched
        return self.box if have < self.number else None


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def central() -> Central:
    return Central()


def source(path: Path, clock: VirtualClock, central: Central | None = None) -> FileSource:
    fetching = None if central is None else Fetching(central.fetch, 1800.0)
    return FileSource(path, SnapshotFile(path, KEYS), clock, fetching)


def put(path: Path, box: bytes) -> None:
    beside = path.with_name("coming")
    beside.write_bytes(box)
    beside.chmod(0o600)
    beside.rename(path)


def test_a_file_is_taken_once_and_again_when_it_is_another(
    tmp_path: Path, clock: VirtualClock, central: Central
) -> None:
    """A library without central puts it there; an older one that comes later is told and not used."""
    path = tmp_path / "snapshot.box"
    books = source(path, clock)
    assert books.newest() is None
    old, new = central.issue(clock, 1), central.issue(clock, 2)
    put(path, new)
    first = books.newest()

    assert first is not None
    assert first.number == 2
    assert books.newest() is None
    put(path, old)
    with pytest.raises(SnapshotUnusable, match="newer"):
        books.newest()
    assert books.newest() is None
    put(path, new[:-1])
    with pytest.raises(SnapshotUnusable, match="signature"):
        books.newest()


def test_central_is_asked_at_once_and_then_at_intervals(
    tmp_path: Path, clock: VirtualClock, central: Central
) -> None:
    """What it gives lies in the file afterwards, and the next start begins with it."""
    path = tmp_path / "snapshot.box"
    books = source(path, clock, central)
    central.issue(clock, 1)
    first = books.newest()
    assert books.newest() is None
    clock.wait(1800.0)
    central.issue(clock, 2)
    second = books.newest()

    assert [one.number for one in (first, second) if one is not None] == [1, 2]
    assert central.asked == [0, 1]
    again = source(path, clock).newest()
    assert again is not None
    assert again.number == 2


def test_a_central_that_is_away_is_asked_again_soon(
    tmp_path: Path, clock: VirtualClock, central: Central
) -> None:
    """A minute later, not after half an hour."""
    books = source(tmp_path / "snapshot.box", clock, central)
    assert books.newest() is None
    central.issue(clock, 1)
    clock.wait(61.0)
    found = books.newest()

    assert found is not None


def test_a_snapshot_from_the_future_is_good_once_the_clock_is_right(
    tmp_path: Path, clock: VirtualClock, central: Central
) -> None:
    """A terminal without a battery starts years ago; when it has the time it has its snapshot."""
    path = tmp_path / "snapshot.box"
    put(path, seal(snapshot(1, clock.now() + timedelta(days=1)), KEYS.key, SIGNING))
    books = source(path, clock)
    for _ in range(2):
        with pytest.raises(SnapshotUnusable, match="future"):
            books.newest()
    clock.wait(86_400.0)
    found = books.newest()

    assert found is not None
    assert found.number == 1
