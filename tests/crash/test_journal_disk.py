"""A disk that fails or is full: said by name, nothing half written, and nothing acknowledged is lost."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.journal.errors import JournalFull
from sync.journal.journal import Journal
from tests.crash.journal_oracle import acknowledged, broken_promises
from tests.sync.journal.samples import KEYS, CountingClock, granted, key_of, lending, whole_loan

WRITER = [sys.executable, "-m", "tests.crash.journal_writer"]


@pytest.mark.parametrize(
    ("call", "error", "counts", "said"),
    [
        ("fdatasync", "EIO", (13, 20, 31), "broken"),
        ("fdatasync", "ENOSPC", (13, 31), "broken"),
        ("pwrite64", "EIO", (50, 61, 90), "broken"),
        ("pwrite64", "ENOSPC", (50, 61, 90), "full"),
    ],
)
def test_a_failing_disk_is_named(
    tmp_path: Path, call: str, error: str, counts: tuple[int, ...], said: str
) -> None:
    """From the n-th call on the disk fails: the writer hears it by name, and all it was promised before is there."""
    for count in counts:
        _fail(tmp_path / f"journal-{count}.sqlite", call, error, count, said)


def _fail(path: Path, call: str, error: str, count: int, said: str) -> None:
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    done = subprocess.run(
        [*strace, "-e", f"inject={call}:error={error}:when={count}+", *WRITER, str(path), "product", "40"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    promised = acknowledged(done.stdout.splitlines())

    assert said in done.stdout.split()
    assert promised
    assert broken_promises(path, promised) == []


def test_a_full_disk_refuses_politely_and_recovers(tmp_path: Path) -> None:
    """When there is no room rows are refused whole and the journal stays open; with room it takes them again."""
    path = tmp_path / "journal.sqlite"
    journal = Journal.open(path, KEYS, CountingClock().now)
    first = whole_loan(journal, 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    refused = 0
    keys = [first]
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
        for event in range(2, 200):
            key = key_of(journal, event)
            try:
                journal.append([lending(key), granted(key)])
                keys.append(key)
            except JournalFull:
                refused += 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    again = whole_loan(journal, 200)

    assert refused > 50
    assert journal.entry(again) is not None
    assert [entry.key for entry in journal.entries()] == [again, *reversed(keys)]
    report = journal.verify()
    journal.close()
    assert report.is_whole
    assert broken_promises(path, dict.fromkeys(keys[1:], 2)) == []


def test_an_installation_on_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, opening: Callable[[], Journal]
) -> None:
    """A journal that cannot be made is an error by name, and the next try starts clean."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
        with pytest.raises(JournalFull):
            opening()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)

    journal = opening()

    assert journal.boot == 1
    journal.close()


@pytest.fixture
def opening(tmp_path: Path) -> Callable[[], Journal]:
    return lambda: Journal.open(tmp_path / "new.sqlite", KEYS, CountingClock().now)
