"""A device that is written to and read from by its file, as a printer of the USB printer class is by usblp's node.

A node takes bytes as the device does, and what it answers is read when there is any; an empty answer is none.  A plain
file is written at its end and never read: what is in it was written by us.
"""

from __future__ import annotations

import contextlib
import os
import select
import stat

from drivers.link import Clock, DeviceLost, SettingsError

__all__ = ["FileLink", "open_file"]

_DISCARD_BYTES_MAX = 1 << 20


def open_file(path: str, clock: Clock) -> FileLink:
    """Opens *path*, which has to exist: a name that was mistyped does not become a file that swallows everything.

    Raises `DeviceLost` when it is not there or may not be written, `SettingsError` for a folder.
    """
    flags = os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | os.O_APPEND
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISDIR(kind):
            raise SettingsError(f"{path}: is a folder")
        answers = stat.S_ISCHR(kind)
        descriptor = os.open(path, flags | (os.O_RDWR if answers else os.O_WRONLY))
    except OSError as error:
        raise DeviceLost(f"{path}: {error.strerror}") from error
    return FileLink(descriptor, path, clock, answers=answers)


class FileLink:
    """`Link` over an open file; *answers*: it can be read."""

    def __init__(self, descriptor: int, path: str, clock: Clock, *, answers: bool) -> None:
        self._descriptor = descriptor
        self._path = path
        self._clock = clock
        self._answers = answers

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """As promised by `Link`."""
        deadline = self._clock.monotonic() + timeout_seconds
        self._check_open()
        while self._answers:
            try:
                left = max(0.0, deadline - self._clock.monotonic())
                is_there = self._is_ready(select.POLLIN, left)
                data = os.read(self._descriptor, size_max) if is_there else b""
            except BlockingIOError:
                data = b""
            except OSError as error:
                raise DeviceLost(f"{self._path}: {error.strerror}") from error
            if data or not is_there or left <= 0:
                return data
            # Said to be readable, and nothing was: what usblp does before an answer is there.
            self._clock.wait(min(0.01, left))
        if timeout_seconds > 0:
            self._clock.wait(timeout_seconds)
        return b""

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """As promised by `Link`; *timeout_seconds* is for all of *data*."""
        deadline = self._clock.monotonic() + timeout_seconds
        rest = memoryview(data)
        self._check_open()
        while rest:
            try:
                if not self._is_ready(select.POLLOUT, max(0.0, deadline - self._clock.monotonic())):
                    raise DeviceLost(f"{self._path}: {len(rest)} of {len(data)} bytes not taken in time")
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise DeviceLost(f"{self._path}: {error.strerror}") from error

    def discard_input(self) -> int:
        """As promised by `Link`; stops after 1 MiB, so that a babbling device cannot hold it."""
        count = 0
        while count < _DISCARD_BYTES_MAX and (piece := self.read(4096, 0.0)):
            count += len(piece)
        return count

    def close(self) -> None:
        """As promised by `Link`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _check_open(self) -> None:
        if self._descriptor < 0:
            raise DeviceLost(f"{self._path}: the link is closed")

    def _is_ready(self, event: int, timeout_seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, event)
        return bool(poll.poll(timeout_seconds * 1000))
