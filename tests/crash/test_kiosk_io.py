"""The disk fails under a whole kiosk in the middle of a borrowing: EIO, ENOSPC and EROFS from the kernel's calls."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from sync.entries import ReleaseIntended
from tests.crash.around import READERS, ordinary_books
from tests.crash.invariants import World, broken
from tests.crash.kill_bench import KillBench
from tests.crash.syscalls.tracing import failing
from tests.kit.effort import effort

BOOKS_EACH = 2
# Which call of a borrowing fails: fdatasync comes once a commit, pwrite64 several times.
NUMBERS = {"fdatasync": (3, 2, 4, 1, 5), "pwrite64": (13, 5, 21, 1, 9, 17)}
NUMBERS_EACH = effort(2, 6)
FAILURES = (("EIO", ""), ("EIO", "+"), ("ENOSPC", "+"), ("EROFS", "+"))


class Disk:
    """A bench whose disk fails; every play has books of its own."""

    def __init__(self, folder: Path, server: str = "tests.crash.fork_server") -> None:
        self.bench = KillBench(folder, server)
        self._books = iter(ordinary_books())
        self._log = folder / "strace.log"

    def play(self, call: str, error: str, when: str) -> tuple[bool, set[str], bool]:
        """A reader borrows while the disk fails; whether it did, what was released by then, whether that was said."""
        bench, stack = self.bench, list(islice(self._books, BOOKS_EACH))
        bench.wait_for("Welcome")
        self._log.unlink(missing_ok=True)
        with failing(bench.process, call, error, when, self._log) as has_failed:
            bench.begin(READERS[0], stack)
            bench.kiosk.until(lambda: self._is_told() or self._is_over(), "the reader is not told")
            outcome = has_failed(), bench.released.intersection(stack), self._is_told()
        bench.kill()
        bench.start_again()
        bench.come_back()
        bench.clear_pad(stack)
        return outcome

    def world(self) -> World:
        """What the witnesses say of all plays so far; the kiosk runs again afterwards."""
        world = self.bench.world()
        self.bench.take_back()
        return world

    def _is_told(self) -> bool:
        """Whether the screen says that it cannot go on, or that these books are not lent."""
        states = list(self.bench.lines().values())
        return self.bench.view() == "OutOfService" or (
            len(states) == BOOKS_EACH and set(states) <= {"lent", "not-lent"} and "not-lent" in states
        )

    def _is_over(self) -> bool:
        """Whether both books are lent and nothing is left to be written."""
        return list(self.bench.lines().values()) == ["lent"] * BOOKS_EACH and self.bench.has_nothing_open()


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    disk = Disk(tmp_path_factory.mktemp("disk"))
    yield disk
    disk.bench.close()


@pytest.mark.parametrize(("error", "for_good"), FAILURES, ids=["EIO once", "EIO", "ENOSPC", "EROFS"])
@pytest.mark.parametrize("call", NUMBERS)
def test_a_disk_that_fails_is_told_and_releases_nothing_unrecorded(
    disk: Disk, call: str, error: str, for_good: str
) -> None:
    """Whichever write or sync fails, the reader is told; what was released until then has its row on disk, and after a
    restart journal, tags and central agree."""
    released: set[str] = set()
    failed = 0
    for number in NUMBERS[call][:NUMBERS_EACH]:
        has_failed, now_released, is_told = disk.play(call, error, f"{number}{for_good}")
        assert is_told or not has_failed
        failed += has_failed
        released |= now_released
    world = disk.world()

    assert failed
    assert not (found := broken(world)), "\n".join(found)
    recorded = {
        str(getattr(entry.promise, "item", ""))
        for entry in world.entries
        if any(isinstance(row, ReleaseIntended) for row in entry.rows)
    }
    assert released <= recorded


def test_a_kiosk_that_is_deaf_to_its_disk_is_found_out(tmp_path: Path) -> None:
    """Negative control: a kiosk that takes a failed commit for a good one tells nobody, and breaks the same checks."""
    disk = Disk(tmp_path, "tests.crash.deaf")
    try:
        bench, stack = disk.bench, ordinary_books()[:BOOKS_EACH]
        bench.wait_for("Welcome")
        with failing(bench.process, "fdatasync", "EIO", "1+", tmp_path / "strace.log"):
            bench.begin(READERS[0], stack)
            bench.kiosk.until(lambda: bool(bench.released.intersection(stack)), "nothing was released")
        bench.kill()
        bench.start_again()
        bench.come_back()

        assert broken(bench.world()) != []
    finally:
        disk.bench.close()
