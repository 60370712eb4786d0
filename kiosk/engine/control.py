"""The control socket of a process: staff and tools ask, the process answers, in lines of JSON.

A request is one line, `{"do": NAME, ...}`; its answer one line, `{"ok": true, ...}` or `{"ok": false, "error":
SENTENCE, "is_call_wrong": ...}`, in the order of a caller's requests.  What can be asked is a mapping of names to
functions, given by whoever builds the process.  A function answers at once, or gives an `Errand` that another thread
fulfils; meanwhile other callers are served.

Who may call: the socket stands in a folder that only its owner may enter, and the kernel's word on the caller
(SO_PEERCRED, unix(7)) has to name the same user or root.  Everybody is limited: length of a request, time to write one,
time to read an answer, number of callers.

`ControlSocket` is a pump: its thread comes from `threads.py`.  `control_folder.py` is where it stands,
`control_call.py` the other end.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from drivers.link import SettingsError
from kiosk.engine.control_folder import SOCKET_NAME, listening, make_private, user_of
from kiosk.engine.errands import Answer, Command, Errand, NotDone
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS

LINE_BYTES_MAX: Final = 64 * 1024
UNSENT_BYTES_MAX: Final = 8 * 1024 * 1024
CALLERS_MAX: Final = 16
REQUEST_SECONDS_MAX: Final = 10.0
IDLE_SECONDS_MAX: Final = 60.0
READING_SECONDS_MAX: Final = 30.0


@dataclass(slots=True, eq=False)
class _Caller:
    wire: socket.socket
    waits_since: float
    heard: bytearray = field(default_factory=bytearray)
    unsent: bytearray = field(default_factory=bytearray)
    errand: Errand | None = None
    is_leaving: bool = False


class ControlSocket:
    """Serves *commands* on the socket `kiosk.socket` in *folder*, which is made (mode 0700) where there is none.

    `open` takes the path and raises `SettingsError` when it cannot be had: the folder is somebody else's or open to
    others, or another process serves there.  The first `turn` does it otherwise.
    """

    name = "control"

    def __init__(
        self, folder: Path, commands: Mapping[str, Command], *, monotonic: Callable[[], float], log: Log
    ) -> None:
        self._folder = folder
        self._commands = commands
        self._monotonic = monotonic
        self._log = log
        self._listener: socket.socket | None = None
        self._selector: selectors.BaseSelector | None = None
        self._callers: dict[socket.socket, _Caller] = {}
        self._bell = -1

    @property
    def path(self) -> Path:
        """Where it is served."""
        return self._folder / SOCKET_NAME

    def open(self) -> None:
        """Takes the path; does nothing when it has it.  Raises `SettingsError`."""
        if self._listener is not None:
            return
        try:
            make_private(self._folder)
            self._listener = listening(self._folder, CALLERS_MAX)
        except OSError as error:
            raise SettingsError(f"{self.path}: cannot be served ({error.strerror})") from error
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._bell, selectors.EVENT_READ)

    def turn(self) -> None:
        """Serves whoever calls; waits a slice when nobody does."""
        self.open()
        assert self._selector is not None
        for key, events in self._selector.select(SLICE_SECONDS):
            if key.fileobj is self._listener:
                self._accept(self._listener)
            elif key.fd == self._bell:
                os.eventfd_read(self._bell)
            elif isinstance(key.data, _Caller):
                self._work(key.data, events)
        for caller in list(self._callers.values()):
            self._collect(caller)
            self._limit(caller)

    def close(self) -> None:
        """Ends every call and gives the path back.  May be called twice; never raises."""
        for caller in list(self._callers.values()):
            self._drop(caller)
        if self._listener is None or self._selector is None:
            return
        self._selector.close()
        self._listener.close()
        os.close(self._bell)
        self._listener = self._selector = None
        self._bell = -1
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            self._log.warning("control socket stays behind", path=self.path, why=error.strerror)

    def _accept(self, listener: socket.socket) -> None:
        try:
            wire, _ = listener.accept()
        except OSError:
            return  # The caller is gone again.
        wire.setblocking(False)
        user = user_of(wire)
        if user not in (os.geteuid(), 0):
            self._log.warning("control socket called by another user", user=user)
            wire.close()
            return
        caller = _Caller(wire, self._monotonic())
        self._callers[wire] = caller
        assert self._selector is not None
        self._selector.register(wire, selectors.EVENT_READ, caller)
        if len(self._callers) > CALLERS_MAX:
            self._refuse(caller, "too many callers at once")

    def _work(self, caller: _Caller, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._send(caller)
        if events & selectors.EVENT_READ and caller.wire in self._callers:
            self._hear(caller)

    def _hear(self, caller: _Caller) -> None:
        try:
            data = caller.wire.recv(LINE_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(caller)
            return
        if caller.is_leaving:
            return
        if not caller.heard:
            caller.waits_since = self._monotonic()
        caller.heard += data
        self._answer_next(caller)

    def _answer_next(self, caller: _Caller) -> None:
        """Takes the requests that are whole, one after the other; one that has to wait holds up those behind it."""
        while caller.errand is None and not caller.is_leaving and (end := caller.heard.find(b"\n")) >= 0:
            line = bytes(caller.heard[:end])
            del caller.heard[: end + 1]
            if len(line) > LINE_BYTES_MAX:
                self._refuse(caller, "a request is too long")
                return
            outcome = self._outcome(line)
            if isinstance(outcome, Errand):
                caller.errand = outcome
                outcome.when_done(self._ring)
            else:
                self._tell(caller, outcome)
        if len(caller.heard) > LINE_BYTES_MAX:
            self._refuse(caller, "a request is too long")

    def _outcome(self, line: bytes) -> Answer | NotDone | Errand:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return NotDone("this line is no JSON", is_call_wrong=True)
        if not isinstance(request, dict) or not isinstance(request.get("do"), str):
            return NotDone('a request is an object with a text under "do"', is_call_wrong=True)
        command = self._commands.get(request["do"])
        if command is None:
            known = ", ".join(sorted(self._commands))
            return NotDone(f"nothing of this name can be done; what can: {known}", is_call_wrong=True)
        try:
            return command(request)
        except NotDone as refusal:
            return refusal
        except Exception as mistake:
            self._log.failure("control request failed", mistake, command=request["do"])
            return NotDone(f"failed by a mistake of ours ({type(mistake).__name__}); the log says more")

    def _collect(self, caller: _Caller) -> None:
        if caller.errand is not None and (outcome := caller.errand.outcome) is not None:
            caller.errand = None
            caller.waits_since = self._monotonic()
            self._tell(caller, outcome)
            self._answer_next(caller)

    def _tell(self, caller: _Caller, outcome: Answer | NotDone) -> None:
        if isinstance(outcome, NotDone):
            said: dict[str, Any] = {
                "ok": False,
                "error": str(outcome),
                "is_call_wrong": outcome.is_call_wrong,
            }
        else:
            said = {"ok": True, **outcome}
        caller.unsent += json.dumps(said, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        if len(caller.unsent) > UNSENT_BYTES_MAX:
            self._drop(caller)
        else:
            self._send(caller)

    def _send(self, caller: _Caller) -> None:
        try:
            while caller.unsent:
                del caller.unsent[: caller.wire.send(caller.unsent)]
                caller.waits_since = self._monotonic()
        except BlockingIOError:
            pass
        except OSError:
            self._drop(caller)
            return
        if caller.is_leaving and not caller.unsent:
            self._drop(caller)
            return
        assert self._selector is not None
        wants = selectors.EVENT_READ | (selectors.EVENT_WRITE if caller.unsent else 0)
        self._selector.modify(caller.wire, wants, caller)

    def _refuse(self, caller: _Caller, sentence: str) -> None:
        caller.is_leaving = True
        caller.heard.clear()
        self._tell(caller, NotDone(sentence, is_call_wrong=True))

    def _limit(self, caller: _Caller) -> None:
        if caller.wire not in self._callers or caller.errand is not None:
            return
        waits_seconds = self._monotonic() - caller.waits_since
        if caller.unsent:
            is_late = waits_seconds > READING_SECONDS_MAX
        else:
            is_late = waits_seconds > (REQUEST_SECONDS_MAX if caller.heard else IDLE_SECONDS_MAX)
        if is_late:
            self._drop(caller)

    def _drop(self, caller: _Caller) -> None:
        caller.is_leaving = True
        caller.heard.clear()
        if self._callers.pop(caller.wire, None) is not None and self._selector is not None:
            self._selector.unregister(caller.wire)
            caller.wire.close()

    def _ring(self) -> None:
        try:
            os.eventfd_write(self._bell, 1)
        except OSError:
            return  # Closed meanwhile: nobody waits for the answer any more.
