"""Where snapshots come from: a file that somebody replaces, or central; and what becomes of one that is none."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from drivers.link.memory import VirtualClock
from kiosk.runtime.snapshots import (
    RETRY_SECONDS,
    Fetching,
    FetchRefused,
    FileSource,
    NotFetched,
    SnapshotUnusable,
)
from sync import private_files
from sync.snapshot.drawing import draw
from sync.snapshot.issuer import Issuer
from sync.snapshot.keeping import SnapshotFile
from sync.snapshot.keys import SnapshotKeys
from tests.kit.library import EXTRACT, PEPPER

KEY = bytes(range(64, 96))
ISSUER = Issuer(bytes(range(96, 128)))
REFRESH_SECONDS = 1800.0


class Bench:
    """A source on a file of its own, and somebody who issues snapshots."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.path = folder / "snapshot.box"
        self.central: list[bytes | None] = []
        self.is_away = False
        self.is_refused = False
        self.asked: list[int] = []
        self.source = self.opened()

    def opened(self, *, fetches: bool = True) -> FileSource:
        keys = SnapshotKeys("kiosk-01", KEY, PEPPER, ISSUER.public_key)
        fetching = Fetching(self.fetch, REFRESH_SECONDS) if fetches else None
        return FileSource(self.path, SnapshotFile(self.path, keys), self.clock, fetching)

    def fetch(self, have: int) -> bytes | None:
        self.asked.append(have)
        if self.is_away:
            raise NotFetched("connect")
        if self.is_refused:
            raise FetchRefused("central gives this terminal no snapshot")
        return self.central.pop(0) if self.central else None

    def box(self, number: int, issuer: Issuer = ISSUER) -> bytes:
        drawn = draw(EXTRACT, "kiosk-01", number, self.clock.now() - timedelta(minutes=1), PEPPER)
        return issuer.box(drawn.snapshot, KEY)

    def number(self) -> int | None:
        """The number of the snapshot found now."""
        found = self.source.newest()
        return None if found is None else found.number


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_file_is_read_when_it_changes_and_not_otherwise(bench: Bench) -> None:
    """A library without central puts a file there now and then; each is taken once."""
    bench.source = bench.opened(fetches=False)
    assert bench.number() is None
    private_files.replace(bench.path, bench.box(1))
    assert bench.number() == 1
    assert bench.number() is None

    private_files.replace(bench.path, bench.box(2))

    assert bench.number() == 2


def test_what_central_gave_is_kept_for_the_next_start(bench: Bench) -> None:
    """A terminal that starts without the network begins with the snapshot it had."""
    bench.central.append(bench.box(7))
    assert bench.number() == 7

    bench.is_away = True
    bench.source = bench.opened()

    assert bench.number() == 7


def test_central_is_asked_for_something_newer_than_there_is(bench: Bench) -> None:
    """Every half hour, with the number that is known; nothing new changes nothing."""
    bench.central += [bench.box(7), None]
    assert bench.number() == 7
    assert bench.number() is None
    bench.clock.wait(REFRESH_SECONDS + 1)

    assert bench.number() is None
    assert bench.asked == [0, 7]


def test_a_central_that_is_away_is_asked_again_soon(bench: Bench) -> None:
    """An outage that ends is not waited out to the next half hour."""
    bench.is_away = True
    assert bench.number() is None
    assert bench.number() is None
    assert bench.asked == [0]
    bench.is_away = False
    bench.central.append(bench.box(7))
    bench.clock.wait(RETRY_SECONDS + 1)

    assert bench.number() == 7


@pytest.mark.parametrize("what", ["altered", "another issuer's", "older", "no snapshot at all"])
def test_what_is_no_snapshot_for_this_terminal_is_refused(bench: Bench, what: str) -> None:
    """Whoever can write the file, or stands between terminal and central, cannot make it lend by another snapshot."""
    private_files.replace(bench.path, bench.box(5))
    bench.central += [bench.box(6)]
    assert bench.number() == 5
    assert bench.number() == 6
    good = bench.box(9)
    bad = {
        "altered": good[:-1] + bytes((good[-1] ^ 1,)),
        "another issuer's": bench.box(9, Issuer(bytes(32))),
        "older": bench.box(5),
        "no snapshot at all": b"lend everything",
    }[what]
    private_files.replace(bench.path, bad)

    with pytest.raises(SnapshotUnusable):
        bench.source.newest()
    assert bench.number() is None


def test_a_terminal_that_is_given_no_snapshot_says_so_once(bench: Bench) -> None:
    """A token that is not good is for the installer: one line, not one a minute, and again after it had been good."""
    quiet = 0
    for refused in (True, True, True, False, True):
        bench.is_refused = refused
        with contextlib.suppress(SnapshotUnusable):
            bench.source.newest()
            quiet += 1
        bench.clock.wait(REFRESH_SECONDS + 1)

    assert (quiet, len(bench.asked)) == (3, 5)
