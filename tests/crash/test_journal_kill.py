"""kill -9 at random moments and at chosen system calls: nothing acknowledged is lost, and the chain holds."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sync.entries import EntryKey
from tests.crash.journal_oracle import acknowledged, broken_promises

WRITER = [sys.executable, "-m", "tests.crash.journal_writer"]
KILLS = 20


def killed_after(path: Path, variant: str, lines: int) -> dict[EntryKey, int]:
    """What a writer acknowledged that was killed when it had said *lines* lines; what it said meanwhile counts."""
    with subprocess.Popen([*WRITER, str(path), variant], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.readlines()
    assert writer.returncode == -signal.SIGKILL
    return acknowledged(said)


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    """A writer killed twenty times at random moments on one file: every acknowledged row is there, once, in order."""
    chance = random.Random(20261122)
    path = tmp_path / "journal.sqlite"
    promised: dict[EntryKey, int] = {}
    for kill in range(KILLS):
        promised |= killed_after(path, "product", chance.randrange(2, 120))
        assert broken_promises(path, promised) == [], f"after kill {kill}"
    assert len(promised) > KILLS
    # Each start and each look of the checker is a boot of its own.
    assert {key.boot for key in promised} == set(range(1, 2 * KILLS, 2))


def test_the_kill_test_sees_an_acknowledgement_that_came_too_early(tmp_path: Path) -> None:
    """Negative control: a writer that acknowledges before it commits is caught within a few kills."""
    caught = False
    for kill in range(40):
        path = tmp_path / f"journal-{kill}.sqlite"
        promised = killed_after(path, "acknowledges-first", 2 + kill % 7)
        caught = caught or bool(broken_promises(path, promised))
        if caught:
            break
    assert caught


def killed_at(
    path: Path, call: str, count: int, variant: str = "product"
) -> tuple[bool, dict[EntryKey, int]]:
    """Whether the *count*-th *call* came (the writer dies at it), and what was acknowledged before."""
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    inject = ["-e", f"inject={call}:signal=KILL:when={count}"]
    done = subprocess.run(
        [*strace, *inject, *WRITER, str(path), variant, "2"], stdout=subprocess.PIPE, text=True, check=False
    )
    return "end\n" not in done.stdout, acknowledged(done.stdout.splitlines())


@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
def test_a_kill_at_a_system_call_loses_nothing(tmp_path: Path, call: str) -> None:
    """Killed at calls that write and sync, from the making of the file to the second loan's end, nothing promised is
    lost and the journal opens again."""
    reached = 0
    for count in (1, 2, 3, 5, 7, 9, 12, 15, 18, 22, 26, 31, 37, 44):
        path = tmp_path / f"journal-{count}.sqlite"
        was_killed, promised = killed_at(path, call, count)
        assert broken_promises(path, promised) == [], f"killed at {call} {count}"
        reached += was_killed
        if not was_killed:
            break
    assert reached >= 4


# --- What kill -9 cannot show: the operating system keeps unsynced writes, a power cut does not --------------------


def unsynced_acknowledgements(tmp_path: Path, variant: str) -> int:
    """How many acknowledgements a writer of ten loans gave while something it had written was not synced."""
    trace = tmp_path / f"{variant}.trace"
    strace = ["strace", "-f", "-qq", "-y", "-o", str(trace), "-e", "trace=pwrite64,fdatasync,fsync,write"]
    writer = [*WRITER, str(tmp_path / f"{variant}.sqlite"), variant, "10"]
    subprocess.run([*strace, *writer], stdout=subprocess.DEVNULL, check=True)
    dirty: set[str] = set()
    unsynced = acknowledgements = 0
    for line in trace.read_text(encoding="utf-8").splitlines():
        call, _, rest = line.partition(" ")[2].strip().partition("(")
        file = rest.partition("<")[2].partition(">")[0]
        if call == "pwrite64":
            dirty.add(file)
        elif call in ("fdatasync", "fsync"):
            dirty.discard(file)
        elif call == "write" and '"ack ' in rest:
            acknowledgements += 1
            # The file itself may be written behind the log: what counts is the log, until a checkpoint syncs both.
            unsynced += any(name.endswith("-wal") for name in dirty)
    assert acknowledgements == 30
    return unsynced


def test_every_acknowledgement_follows_a_sync(tmp_path: Path) -> None:
    """No row is acknowledged while a write to the log waits for its sync: what a power cut could take was promised
    to nobody."""
    assert unsynced_acknowledgements(tmp_path, "product") == 0


@pytest.mark.parametrize("variant", ["never-syncs", "syncs-at-checkpoints"])
def test_the_sync_test_sees_a_writer_that_does_not_sync(tmp_path: Path, variant: str) -> None:
    """Negative control: `synchronous` OFF and NORMAL are both caught."""
    assert unsynced_acknowledgements(tmp_path, variant) > 20
