"""Processes that say JSON lines and are told JSON lines: children of ours, and kiosks behind the fork server."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from drivers.link.clock import RealClock

ROOT = Path(__file__).parents[2]
CLOCK = RealClock()
END_SECONDS_MAX = 15.0


class Wire(Protocol):
    """The way to a process."""

    def fileno(self) -> int:
        """What becomes readable when the process says something."""

    def read(self) -> bytes:
        """What it said; empty when it ended."""

    def write(self, data: bytes) -> None:
        """Tells it *data*."""

    def kill(self) -> None:
        """SIGKILL, now; returns when the process is gone."""

    def end(self, number: int) -> None:
        """Ends its standard input and sends it signal *number* (0: none); returns when it is gone."""


class Talk:
    """A conversation with a process; everything it said is kept in *said*."""

    def __init__(self, wire: Wire, log: Path) -> None:
        self._wire = wire
        self._log = log
        self._unread = b""
        self._heard: deque[dict[str, Any]] = deque()
        self.said: list[dict[str, Any]] = []

    def listen(self, seconds: float) -> bool:
        """Takes in what is said within *seconds*; whether anything was."""
        is_said = self._hear(seconds)
        self.said += self._heard
        self._heard.clear()
        return is_said

    def _hear(self, seconds: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._wire.fileno(), selectors.EVENT_READ)
            if not selector.select(max(0.0, seconds)):
                return False
        data = self._wire.read()
        if not data:
            raise AssertionError(f"the process ended: {self._log.read_text(encoding='utf-8')[-2000:]}")
        *lines, self._unread = (self._unread + data).split(b"\n")
        self._heard += [json.loads(line) for line in lines]
        return True

    def until(self, condition: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
        """Listens until *condition* holds; fails with *what* after *seconds*.

        What was said at once is taken in one by one, so that nothing goes by between two looks.
        """
        deadline = CLOCK.monotonic() + seconds
        while not condition():
            if self._heard:
                self.said.append(self._heard.popleft())
                continue
            left = deadline - CLOCK.monotonic()
            assert left > 0, f"{what}; said last: {self.said[-3:]}"
            self._hear(min(left, 0.5))

    def tell(self, **request: object) -> None:
        """Says one line to the process."""
        self._wire.write(json.dumps(request).encode() + b"\n")

    def kill(self) -> None:
        """SIGKILL, now; what was heard of it by then counts as said."""
        self._wire.kill()
        self.said += self._heard
        self._heard.clear()

    def end(self, number: int = signal.SIGTERM) -> None:
        """Ends it in order."""
        self._wire.end(number)


class Child:
    """`Wire` to a child of this process, started with *arguments*; its standard error goes to *log*.

    *beside* are variables of its environment that ours does not have.
    """

    def __init__(self, arguments: list[str], log: Path, beside: Mapping[str, str] | None = None) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**os.environ, **(beside or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._out.fileno(), False)

    def fileno(self) -> int:
        """As promised by `Wire`."""
        return self._out.fileno()

    def read(self) -> bytes:
        """As promised by `Wire`."""
        return self._out.read() or b""

    def write(self, data: bytes) -> None:
        """As promised by `Wire`."""
        self._in.write(data)
        self._in.flush()

    def kill(self) -> None:
        """As promised by `Wire`."""
        self._process.send_signal(signal.SIGKILL)
        self._reap()

    def end(self, number: int) -> None:
        """As promised by `Wire`."""
        self._in.close()
        if number:
            self._process.send_signal(number)
        try:
            self._process.wait(END_SECONDS_MAX)
        finally:
            if self._process.poll() is None:
                self._process.kill()
            self._reap()

    def _reap(self) -> None:
        self._process.wait(END_SECONDS_MAX)
        for stream in (self._in, self._out):
            if not stream.closed:
                stream.close()


class Forked:
    """`Wire` to a kiosk of *configuration* behind the fork server at *place*; *process* is its id."""

    def __init__(self, place: Path, configuration: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(place))
        self._socket.sendall(f"{configuration}\n".encode())
        with self._socket.makefile("rb", buffering=0) as said:
            self.process = int(json.loads(said.readline())["pid"])

    def fileno(self) -> int:
        """As promised by `Wire`."""
        return self._socket.fileno()

    def read(self) -> bytes:
        """As promised by `Wire`."""
        return self._socket.recv(1 << 16)

    def write(self, data: bytes) -> None:
        """As promised by `Wire`."""
        self._socket.sendall(data)

    def kill(self) -> None:
        """As promised by `Wire`."""
        os.kill(self.process, signal.SIGKILL)
        self._until_gone()

    def end(self, number: int) -> None:
        """As promised by `Wire`."""
        self._socket.shutdown(socket.SHUT_WR)
        if number:
            os.kill(self.process, number)
        self._until_gone()

    def _until_gone(self) -> None:
        """The other end of the connection closes with the process, and nobody else holds it."""
        self._socket.settimeout(END_SECONDS_MAX)
        with suppress(ConnectionResetError):
            while self._socket.recv(1 << 16):
                pass
        self._socket.close()
        deadline = CLOCK.monotonic() + END_SECONDS_MAX
        while Path(f"/proc/{self.process}").exists():
            assert CLOCK.monotonic() < deadline, "a killed process stays"
            CLOCK.wait(0.001)
