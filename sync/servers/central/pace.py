"""Keeps one deadline over a whole HTTP exchange, however slowly the other end drips its answer.

`requests` takes a time limit for each wait.  A server that sends one byte before each limit would be listened to for
hours, so the sockets that answers are read from wait no longer than what is left of the deadline.
"""

from __future__ import annotations

import io
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from drivers.link import Clock

MOMENT_SECONDS = 0.001


class Pace:
    """How long one exchange may still take."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = 0.0

    def begin(self, seconds: float) -> None:
        """From now on there are *seconds*."""
        self._until = self._clock.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, never less than a moment."""
        return max(MOMENT_SECONDS, self._until - self._clock.monotonic())

    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self._clock.monotonic() >= self._until


class _Reader(io.RawIOBase):
    """What an answer is read from: each wait is bounded by what is left."""

    def __init__(self, socket: Any, pace: Pace) -> None:
        super().__init__()
        self._socket = socket
        self._raw: Any = socket.makefile("rb", buffering=0)
        self._pace = pace

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """As `RawIOBase`; raises `TimeoutError` at the deadline."""
        if self._pace.is_over():
            raise TimeoutError("deadline")
        self._socket.settimeout(self._pace.left())
        count: int = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        """As `RawIOBase`: lets the socket go."""
        self._raw.close()
        super().close()


class _PacedSocket:
    """A socket that answers are read from; everything else is the socket's own."""

    def __init__(self, socket: Any, pace: Pace) -> None:
        self._socket = socket
        self._pace = pace

    def makefile(self, *_mode: object, **_more: object) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._socket, self._pace))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


def _connection(base: Any, pace: Pace) -> Any:
    class Connection(base):  # type: ignore[misc]
        sock: Any

        def getresponse(self) -> Any:
            socket = self.sock
            self.sock = paced = _PacedSocket(socket, pace)
            try:
                return super().getresponse()
            finally:
                # Where the answer ended the connection there is no socket any more.
                if self.sock is paced:
                    self.sock = socket

    return Connection


class PacedAdapter(HTTPAdapter):
    """Sends requests whose answers are read within *pace*; never sends one twice."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        pools: dict[str, Any] = {}
        for scheme, pool, connection in (
            ("http", HTTPConnectionPool, HTTPConnection),
            ("https", HTTPSConnectionPool, HTTPSConnection),
        ):
            made = type(pool.__name__, (pool,), {"ConnectionCls": _connection(connection, pace)})
            pools[scheme] = made
        self.poolmanager.pool_classes_by_scheme = pools
