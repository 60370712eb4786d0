"""The control socket: one JSON object a line in both directions, over a Unix socket that only its owner may open.

A request is `{"do": VERB, ...}`, its answer `{"ok": true, ...}` or `{"ok": false, "error": SENTENCE}`, in order.  What
the verbs are is decided by whoever answers (`table.py`).  A line that is too long or no request is answered with an
error, and a client that floods us is put out.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kiosk.sim.loop import Loop

LINE_BYTES_MAX = 64 * 1024
BACKLOG_BYTES_MAX = 4 * 1024 * 1024

Answer = Mapping[str, Any]


class CannotBeDone(Exception):
    """A request that makes no sense, or not now; the text is the answer."""


class ControlSocket:
    """Serves *answer* at *path*; raises `OSError` when the path cannot be had.

    *answer* gets the request and gives what goes beside `"ok": true`; it raises `CannotBeDone` for what it refuses.
    """

    def __init__(self, loop: Loop, path: Path, answer: Callable[[Mapping[str, Any]], Answer]) -> None:
        self._loop = loop
        self._path = path
        self._answer = answer
        self._clients: dict[socket.socket, tuple[bytearray, bytearray]] = {}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            path.unlink(missing_ok=True)
            # Between bind and chmod nobody else may get in.
            before = os.umask(0o177)
            try:
                self._listener.bind(str(path))
            finally:
                os.umask(before)
            self._listener.listen(8)
        except OSError:
            self._listener.close()
            raise
        self._listener.setblocking(False)
        loop.watch(self._listener, self._accept)

    def close(self) -> None:
        """Ends everything and takes the path away.  May be called twice."""
        for client in list(self._clients):
            self._drop(client)
        self._loop.forget(self._listener)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        client.setblocking(False)
        self._clients[client] = (bytearray(), bytearray())
        self._loop.watch(client, lambda: self._serve(client))

    def _serve(self, client: socket.socket) -> None:
        heard, unsent = self._clients[client]
        try:
            if unsent:
                self._send(client)
            data = client.recv(LINE_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        heard += data
        while (end := heard.find(b"\n")) >= 0:
            line = bytes(heard[:end])
            del heard[: end + 1]
            unsent += json.dumps(self._reply(line), ensure_ascii=False).encode() + b"\n"
        if len(heard) > LINE_BYTES_MAX or len(unsent) > BACKLOG_BYTES_MAX:
            self._drop(client)
            return
        with contextlib.suppress(BlockingIOError):
            self._send(client)

    def _reply(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except ValueError:
            return {"ok": False, "error": "this line is no JSON"}
        except RecursionError:
            return {"ok": False, "error": "this line is nested too deeply"}
        if not isinstance(request, dict) or not isinstance(request.get("do"), str):
            return {"ok": False, "error": 'a request is an object with a text under "do"'}
        try:
            return {"ok": True, **self._answer(request)}
        except CannotBeDone as refusal:
            return {"ok": False, "error": str(refusal)}

    def _send(self, client: socket.socket) -> None:
        _, unsent = self._clients[client]
        try:
            while unsent:
                del unsent[: client.send(unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(client)
            return
        self._loop.watch(client, lambda: self._serve(client), write=bool(unsent))

    def _drop(self, client: socket.socket) -> None:
        if self._clients.pop(client, None) is not None:
            self._loop.forget(client)
            client.close()
