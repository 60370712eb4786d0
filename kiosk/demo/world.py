"""The demo's surroundings: central with the demo library, and the table, each a process of its own."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.link import Clock
from kiosk.demo.settings_file import CHECKER, TERMINAL, write_settings
from sync.central import demo
from sync.central.settings import CentralSettings
from sync.central.snapshot_office.staff import code_for
from sync.enrolment import enrol_at_central
from sync.servers.central_office import CentralOffice

READY_SECONDS_MAX = 40.0
END_SECONDS_MAX = 10.0
IDENTITY = "identity"
STALE = (
    *("control", "pad", "scanner", "snapshot.box", "snapshot.box.number"),
    *("central.db", "central.db-wal", "central.db-shm", "central.key"),
    *("journal.db", "journal.db-wal", "journal.db-shm", "journal.db-reserve"),
)


class DoesNotStart(Exception):
    """A process of the demo did not get ready; the text says which, and what it said last."""


@dataclass(slots=True)
class _Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path


class World:
    """Everything around the terminal, in *folder*.  Used as a context: it ends its own processes and no others.

    When this process is ended by force, they notice and end by themselves.  With *has_drop* it is a book drop.
    """

    def __init__(
        self,
        folder: Path,
        language: str,
        clock: Clock,
        *,
        pad_is_tcp: bool = False,
        has_drop: bool = False,
    ) -> None:
        self.folder = folder.absolute()
        self.settings_file = self.folder / "kiosk.toml"
        self._language = language
        self._clock = clock
        self._pad_is_tcp = pad_is_tcp
        self.has_drop = has_drop
        self._children: list[_Child] = []
        self.table: dict[str, Any] = {}
        self.server_url = ""

    def __enter__(self) -> World:
        try:
            self._start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def control_path(self) -> Path:
        """The table's control socket."""
        return Path(str(self.table["control"]))

    def end(self) -> None:
        """Ends the processes that were started here, the last one first, by force when they do not go."""
        while self._children:
            child = self._children.pop()
            child.process.send_signal(signal.SIGTERM)
            try:
                child.process.wait(END_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            if child.process.stdout is not None:
                child.process.stdout.close()

    def start_table_window(self, arguments: Sequence[str]) -> None:
        """Starts the window of the table; *arguments* follow the interpreter.  It may be closed at any time."""
        self._spawn("table window", arguments)

    def _start(self) -> None:
        for stale in STALE:
            (self.folder / stale).unlink(missing_ok=True)
        shutil.rmtree(self.folder / IDENTITY, ignore_errors=True)
        secrets = write_settings(self.folder, self.settings_file, self._language, {})
        central = self._started(
            "central",
            [
                *(
                    "-m",
                    "kiosk",
                    "central",
                    "--demo",
                    "--end-with-parent",
                    str(os.getpid()),
                    "--rest-port",
                    "0",
                ),
                *("--database", f"sqlite:///{self.folder / 'central.db'}", "--sip2-port", "0"),
                *(
                    "--terminal",
                    f"{TERMINAL}={secrets[TERMINAL]}",
                    "--terminal",
                    f"{CHECKER}={secrets[CHECKER]}",
                ),
            ],
        )
        self.server_url = f"tcp://127.0.0.1:{central['sip2_port']}"
        self._enrol(central["rest_port"])
        self.table = self._started(
            "table",
            [
                *("-m", "kiosk", "sim", "shelf", "--end-with-parent", str(os.getpid())),
                *("--folder", str(self.folder)),
                *("--card-port", str(_free_port()), "--server", f"127.0.0.1:{central['rest_port']}"),
                *(["--pad-tcp"] if self._pad_is_tcp else []),
                *(["--drop"] if self.has_drop else []),
            ],
        )
        write_settings(self.folder, self.settings_file, self._language, self.table, IDENTITY)

    def _enrol(self, rest_port: int) -> None:
        """Gives the terminal its identity, as an installer would."""
        settings = CentralSettings(f"sqlite:///{self.folder / 'central.db'}", sip2_port=None, zone=demo.ZONE)
        code = code_for(settings, TERMINAL, self._clock)
        office = CentralOffice(f"http://127.0.0.1:{rest_port}", self._clock)
        enrol_at_central(self.folder / IDENTITY, office, code, self._clock)

    def _started(self, name: str, arguments: Sequence[str]) -> dict[str, Any]:
        """The line with which the process says that it is ready."""
        child = self._spawn(name, arguments)
        assert child.process.stdout is not None
        line = self._first_line(child)
        try:
            said: Any = json.loads(line)
        except ValueError:
            said = None
        if not isinstance(said, Mapping) or said.get("ready") is not True:
            last = child.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-8:]
            raise DoesNotStart(
                f"{name} did not get ready within {READY_SECONDS_MAX:.0f} s:\n" + "\n".join(last)
            )
        return dict(said)

    def _first_line(self, child: _Child) -> bytes:
        out = child.process.stdout
        assert out is not None
        os.set_blocking(out.fileno(), False)
        deadline = self._clock.monotonic() + READY_SECONDS_MAX
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                remaining = deadline - self._clock.monotonic()
                if remaining <= 0 or not selector.select(remaining):
                    return line
                piece = out.read()
                if not piece:
                    return line
                line += piece
        return line

    def _spawn(self, name: str, arguments: Sequence[str]) -> _Child:
        log = self.folder / f"{name.replace(' ', '-')}.log"
        with log.open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                # A key that interrupts the demo is not for its children: they are ended in order.
                start_new_session=True,
            )
        child = _Child(name, process, log)
        self._children.append(child)
        return child


class TableControl:
    """What a script asks of the table; blocking, one request at a time.  Raises `OSError` when the table is gone."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(10)
        self._socket.connect(str(path))
        self._stream = self._socket.makefile("rwb")

    def ask(self, do: str, **beside: object) -> dict[str, Any]:
        """The table's answer; raises `ValueError` with its sentence when it refuses."""
        self._stream.write(json.dumps({"do": do, **beside}).encode() + b"\n")
        self._stream.flush()
        line = self._stream.readline()
        if not line:
            raise ConnectionError("the table is gone")
        answer: dict[str, Any] = json.loads(line)
        if not answer.get("ok"):
            raise ValueError(str(answer.get("error")))
        return answer

    def close(self) -> None:
        """Ends the connection."""
        self._stream.close()
        self._socket.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
