"""kill -9 for whole kiosk processes, with a real central and devices that speak real bytes."""

from __future__ import annotations

from pathlib import Path

from tests.crash.around import READERS, ordinary_books
from tests.crash.invariants import broken
from tests.crash.kill_bench import KillBench
from tests.crash.kill_run import BOOKS_EACH, POINTS, kill_often
from tests.kit.effort import effort
from tests.kit.proofs import note

SEED = 20
KILLS = effort(100, 10_000)


def test_a_kiosk_killed_at_any_moment_loses_and_doubles_nothing() -> None:
    """After kills at chosen points, at random moments and while it came back, all that was said and written agrees."""
    done = kill_often(KILLS, SEED)

    note(
        "kills",
        SEED,
        {"kills": done.kills, "kills a second": done.kills / done.seconds, "found": len(done.found)},
    )
    assert not done.found, "\n".join(done.found)
    assert done.kills >= KILLS


def test_a_kiosk_that_writes_behind_is_found_out(tmp_path: Path) -> None:
    """Negative control: a kiosk that says "written" before it is, killed once, breaks the same checks."""
    bench = KillBench(tmp_path, "tests.crash.write_behind")
    try:
        stack = ordinary_books()[:BOOKS_EACH]
        bench.begin(READERS[0], stack)
        bench.kiosk.until(lambda: POINTS[3][1](bench), "the books were not lent")
        bench.kill()
        bench.start_again()
        bench.come_back()

        assert broken(bench.world()) != []
    finally:
        bench.close()
