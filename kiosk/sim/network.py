"""The wire between the terminal and its server: a TCP port that passes everything on, and can be cut."""

from __future__ import annotations

import contextlib
import socket
import struct

from kiosk.sim.loop import Loop

PIECE_BYTES = 16 * 1024
BACKLOG_BYTES_MAX = 1024 * 1024


class _Half:
    """One end of a connection: what still has to be sent to it, and where what it says goes."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.backlog = bytearray()
        self.other: _Half | None = None


class Network:
    """Listens at *host* (port 0: a free one, see `port`) and passes each connection on to *server*.

    `cut` breaks what is connected and refuses what is new, as a switch without power does; `mute` keeps connections
    and swallows everything in both directions, as a broken route does; `mend` ends both.
    """

    def __init__(self, loop: Loop, server: tuple[str, int], host: str = "127.0.0.1", port: int = 0) -> None:
        self._loop = loop
        self._server = server
        self._host = host
        self._listener: socket.socket | None = None
        self._halves: list[_Half] = []
        self._is_mute = False
        self.port = port
        self._listen()

    @property
    def is_whole(self) -> bool:
        """Whether what is said on one side arrives on the other."""
        return self._listener is not None and not self._is_mute

    def cut(self) -> None:
        """Breaks every connection and refuses new ones."""
        if self._listener is not None:
            self._loop.forget(self._listener)
            self._listener.close()
            self._listener = None
        while self._halves:
            self._drop(self._halves[0], hard=True)

    def mute(self) -> None:
        """Lets every connection stand and nothing through."""
        self._is_mute = True

    def mend(self) -> None:
        """Lets everything through again; connections in which something was swallowed are broken first.

        Raises `OSError` when somebody else took the port meanwhile.
        """
        if self._is_mute:
            self._is_mute = False
            while self._halves:
                self._drop(self._halves[0], hard=True)
        if self._listener is None:
            self._listen()

    def close(self) -> None:
        """Ends everything."""
        self.cut()

    def _listen(self) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self.port))
            listener.listen(16)
        except OSError:
            listener.close()
            raise
        listener.setblocking(False)
        self.port = int(listener.getsockname()[1])
        self._listener = listener
        self._loop.watch(listener, self._accept)

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            near, _ = self._listener.accept()
        except OSError:
            return
        try:
            far = socket.create_connection(self._server, timeout=2)
        except OSError:
            _reset(near)
            return
        one, other = _Half(near), _Half(far)
        one.other, other.other = other, one
        for half in (one, other):
            half.sock.setblocking(False)
            half.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._halves.append(half)
            self._watch(half)

    def _watch(self, half: _Half) -> None:
        self._loop.watch(half.sock, lambda: self._serve(half), write=bool(half.backlog))

    def _serve(self, half: _Half) -> None:
        """Sends what *half* waits for and passes on what it says."""
        try:
            if half.backlog:
                del half.backlog[: half.sock.send(half.backlog)]
                self._watch(half)
            data = half.sock.recv(PIECE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(half, hard=False)
            return
        other = half.other
        if other is None or self._is_mute:
            return
        other.backlog += data
        if len(other.backlog) > BACKLOG_BYTES_MAX:
            self._drop(half, hard=True)
            return
        with contextlib.suppress(BlockingIOError, OSError):
            del other.backlog[: other.sock.send(other.backlog)]
        self._watch(other)

    def _drop(self, half: _Half, *, hard: bool) -> None:
        for one in (half, half.other):
            if one is None or one not in self._halves:
                continue
            self._halves.remove(one)
            self._loop.forget(one.sock)
            if hard:
                _reset(one.sock)
            else:
                if one.backlog:
                    with contextlib.suppress(OSError):
                        one.sock.send(one.backlog)
                one.sock.close()


def _reset(sock: socket.socket) -> None:
    """Closes *sock* so that the other side sees the line break, not an orderly end."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
