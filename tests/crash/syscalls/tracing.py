"""Kills a process at its n-th system call of a kind, or lets that call fail, by strace."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.crash.talking import CLOCK

CALLS = (
    *("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink", "unlinkat"),
    *("fallocate", "sendto", "sendmsg", "recvfrom", "recvmsg"),
)
ATTACH_SECONDS_MAX = 10.0
PR_SET_PTRACER = 0x59616D61
END_SECONDS_MAX = 10.0


def killed_at(call: str, number: int, body: Callable[[], None]) -> bool:
    """Runs *body* in a fork of this process that is killed ahead of its *number*-th call of *call*.

    False when *body* came to its end before that.  Raises `AssertionError` when it ended in another way.
    """
    start, go = os.pipe()
    process = os.fork()
    if process == 0:
        _run(start, go, body)
    os.close(start)
    tracer = subprocess.Popen(
        [
            *("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"),
            *("-e", f"inject={call}:signal=KILL:when={number}", "-p", str(process)),
        ]
    )
    try:
        _until_attached(process, tracer)
        os.write(go, b"g")
        _, status = os.waitpid(process, 0)
    finally:
        os.close(go)
        tracer.wait(END_SECONDS_MAX)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.waitstatus_to_exitcode(status) == 0, f"it ended with {status}"
    return False


def let_be_traced() -> None:
    """This process may be traced by one that is not its parent, also where Yama forbids it (prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)


def _run(start: int, go: int, body: Callable[[], None]) -> None:
    code = 1
    try:
        os.close(go)
        let_be_traced()
        os.read(start, 1)
        body()
        code = 0
    finally:
        # Whatever happened, the fork must not go on as if it were the tests.
        os._exit(code)


@contextmanager
def failing(process: int, call: str, error: str, when: str, log: Path) -> Iterator[Callable[[], bool]]:
    """Lets calls of *call* in any thread of *process* fail with *error*; gives whether one did by now.

    *when* counts the calls of a thread as strace(1) has it: "3" is the third, "3+" the third and all after it.
    """
    tracer = subprocess.Popen(
        [
            *("strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}"),
            *("-e", f"inject={call}:error={error}:when={when}", "-p", str(process)),
        ]
    )
    try:
        _until_attached(process, tracer)
        yield lambda: "(INJECTED)" in log.read_text(encoding="utf-8")
    finally:
        tracer.terminate()
        tracer.wait(END_SECONDS_MAX)


def _until_attached(process: int, tracer: subprocess.Popen[bytes]) -> None:
    deadline = CLOCK.monotonic() + ATTACH_SECONDS_MAX
    threads = Path(f"/proc/{process}/task")
    while any("TracerPid:\t0\n" in task.read_text(encoding="ascii") for task in threads.glob("*/status")):
        assert tracer.poll() is None, "strace did not attach"
        assert CLOCK.monotonic() < deadline, "strace did not attach in time"
        CLOCK.wait(0.001)
