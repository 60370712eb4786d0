"""Waits for every wire of the process at once and calls whoever it belongs to; no thread is needed."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from typing import Protocol


class Readable(Protocol):
    """A socket, a pipe, a terminal."""

    def fileno(self) -> int:
        """Its descriptor, -1 once it is closed."""


class Loop:
    """Calls back when a socket can be read or written.  Callbacks are quick and never raise."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def watch(self, sock: Readable, call: Callable[[], None], *, write: bool = False) -> None:
        """Calls *call* whenever *sock* can be read, or with *write*, also when it can be written.

        Raises `OSError` for what cannot be waited for, as a plain file.
        """
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        if sock in self._selector.get_map():
            self._selector.modify(sock, events, call)
        else:
            self._selector.register(sock, events, call)

    def forget(self, sock: Readable) -> None:
        """Calls no more for *sock*.  Nothing happens when it was not watched."""
        if sock.fileno() >= 0 and sock in self._selector.get_map():
            self._selector.unregister(sock)

    def turn(self, timeout_seconds: float) -> None:
        """Waits for at most *timeout_seconds* and serves what is ready."""
        for key, _ in self._selector.select(timeout_seconds):
            # A callback before this one may have closed the socket.
            if key.fileobj in self._selector.get_map():
                key.data()

    def close(self) -> None:
        """Forgets everything."""
        self._selector.close()
