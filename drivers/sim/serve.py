"""Serves a far end on a pseudo-terminal or a TCP port, from a thread of its own.

The driver on the other side opens the `url` like that of any device.  `unplug` takes the far end away as
pulling the cable does (an open descriptor or connection breaks, a new one is refused) and `replug` puts it
back under the same URL.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import socket
import struct
import threading
import tty
from pathlib import Path
from typing import Protocol

from drivers.sim import FarEnd

__all__ = ["Serving", "serve_pty", "serve_tcp"]

_ASK_MILLISECONDS = 10
"""How often a far end is asked whether it has something to say unasked."""

_PIECE_BYTES = 4096


class _Port(Protocol):
    """Where a far end is served: all descriptors are non-blocking."""

    def plug(self) -> None:
        """Makes the far end reachable.  Raises `OSError`."""

    def unplug(self) -> None:
        """Breaks what is open and makes the far end unreachable."""

    def waiting_on(self) -> list[int]:
        """The descriptors to watch for input."""

    def take(self, descriptor: int) -> bytes:
        """What has arrived on *descriptor*, possibly nothing.  Raises `OSError` when the other side left."""

    def send(self, data: bytes) -> None:
        """Sends *data*, dropping what nobody takes."""


class _Pty:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._master = -1
        self._slave = -1

    def plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        fresh = self._path.with_name(f".{self._path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self._path)

    def unplug(self) -> None:
        self._path.unlink(missing_ok=True)
        for descriptor in (self._master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)
        self._master = self._slave = -1

    def waiting_on(self) -> list[int]:
        return [self._master] if self._master >= 0 else []

    def take(self, descriptor: int) -> bytes:
        try:
            return os.read(descriptor, _PIECE_BYTES)
        except BlockingIOError:
            return b""

    def send(self, data: bytes) -> None:
        # A line has no memory: what overflows the terminal's buffer is lost.
        with contextlib.suppress(OSError):
            os.write(self._master, data)


class _Tcp:
    """One driver at a time: a new connection replaces the one before, as on a serial-to-TCP box."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self.port = port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None

    def plug(self) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self.port))
            listener.listen(4)
        except OSError:
            listener.close()
            raise
        listener.setblocking(False)
        self.port = int(listener.getsockname()[1])
        self._listener = listener

    def unplug(self) -> None:
        self._drop_client()
        if self._listener is not None:
            # The serving thread may be waiting on it, which keeps a socket that is only closed listening.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def waiting_on(self) -> list[int]:
        return [one.fileno() for one in (self._listener, self._client) if one is not None]

    def take(self, descriptor: int) -> bytes:
        if self._listener is not None and descriptor == self._listener.fileno():
            self._drop_client()
            self._client, _ = self._listener.accept()
            self._client.setblocking(False)
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return b""
        if self._client is None or descriptor != self._client.fileno():
            return b""
        try:
            data = self._client.recv(_PIECE_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._client.close()
            self._client = None
        return data

    def send(self, data: bytes) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.sendall(data)

    def _drop_client(self) -> None:
        if self._client is not None:
            # Without lingering the close is a reset, as when the cable is pulled and the device starts again.
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._client.close()
            self._client = None


class Serving:
    """A far end on a port; made by `serve_pty` and `serve_tcp`."""

    def __init__(self, far_end: FarEnd, port: _Port, name: str) -> None:
        self._far_end = far_end
        self._port = port
        self._lock = threading.RLock()
        self._plugged = True
        self._ended = False
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name=f"far end {name}", daemon=True)
        self._thread.start()

    url = ""
    """What a driver opens, without options."""

    def unplug(self) -> None:
        """Pulls the cable; what was under way is lost.  Nothing happens when it is pulled already."""
        with self._lock:
            if self._plugged and not self._ended:
                self._plugged = False
                self._port.unplug()
        self._wake()

    def replug(self) -> None:
        """Puts the cable back under the same URL.  Raises `OSError` when the path or port was taken
        meanwhile.
        """
        with self._lock:
            if not self._plugged and not self._ended:
                self._port.plug()
                self._plugged = True
        self._wake()

    @property
    def is_plugged(self) -> bool:
        """Whether a driver can reach the far end."""
        return self._plugged

    def close(self) -> None:
        """Ends serving and the thread.  May be called twice."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            if self._plugged:
                self._port.unplug()
        self._wake()
        self._thread.join(timeout=10)
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._wake_write, b"!")

    def _run(self) -> None:
        while not self._ended:
            poll = select.poll()
            poll.register(self._wake_read, select.POLLIN)
            with self._lock:
                for descriptor in self._port.waiting_on() if self._plugged else ():
                    poll.register(descriptor, select.POLLIN)
            ready = [descriptor for descriptor, _ in poll.poll(_ASK_MILLISECONDS)]
            if self._wake_read in ready:
                os.read(self._wake_read, _PIECE_BYTES)
            self._turn(ready)

    def _turn(self, ready: list[int]) -> None:
        arrived = b""
        with self._lock:
            if not self._is_serving():
                return
            for descriptor in self._port.waiting_on():
                if descriptor in ready:
                    with contextlib.suppress(OSError):
                        arrived += self._port.take(descriptor)
        # The far end may take its time; unplugging must be possible meanwhile, so the lock is free here.
        try:
            answer = self._far_end.receive(arrived)
        except Exception:
            # A far end promises never to raise; a driver must not wait for one that has.
            logging.getLogger(__name__).exception("far end %s failed and is unplugged", self._thread.name)
            self.unplug()
            return
        with self._lock:
            if answer and self._is_serving():
                self._port.send(answer)

    def _is_serving(self) -> bool:
        return self._plugged and not self._ended


def serve_pty(far_end: FarEnd, path: str | Path) -> Serving:
    """Serves *far_end* on a new pseudo-terminal that *path*, a symbolic link made now, leads to.

    The URL is `serial:PATH`.  A pseudo-terminal has no parity and no speed: give none, or what the device
    needs. Raises `OSError`.
    """
    port = _Pty(Path(path).absolute())
    port.plug()
    serving = Serving(far_end, port, Path(path).name)
    serving.url = f"serial:{Path(path).absolute()}"
    return serving


def serve_tcp(far_end: FarEnd, host: str = "127.0.0.1", port: int = 0) -> Serving:
    """Serves *far_end* on *host*:*port*, to one driver at a time; port 0 takes a free one and keeps it.

    The URL is `tcp://HOST:PORT`.  Raises `OSError`.
    """
    tcp = _Tcp(host, port)
    tcp.plug()
    serving = Serving(far_end, tcp, f"{host}:{tcp.port}")
    serving.url = f"tcp://{host}:{tcp.port}"
    return serving
