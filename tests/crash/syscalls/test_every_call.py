"""kill -9 at every system call that writes, syncs, sends, receives or unlinks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.syscalls.bench import Play, SyscallBench, one_borrow, one_catch_up
from tests.kit.proofs import note


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyscallBench]:
    bench = SyscallBench(tmp_path_factory.mktemp("calls"))
    yield bench
    bench.close()


@pytest.mark.parametrize("play", [one_borrow, one_catch_up])
def test_a_kill_at_any_system_call_loses_and_doubles_nothing(bench: SyscallBench, play: Play) -> None:
    """Wherever it is killed between two calls, journal, tags and central agree once the terminal is back."""
    killed = bench.kill_everywhere(play)

    note(
        f"kills at system calls, {play.__name__}",
        0,
        {"calls": killed.calls, "found": len(killed.found)},
    )
    assert not killed.found, "\n".join(killed.found)
    assert killed.calls > 30
