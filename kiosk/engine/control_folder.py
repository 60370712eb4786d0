"""Where a control socket stands: a folder that only its owner may enter."""

from __future__ import annotations

import os
import socket
import stat
import struct
from pathlib import Path
from typing import Final

from drivers.link import SettingsError

SOCKET_NAME: Final = "kiosk.socket"
_CREDENTIALS = struct.Struct("3i")


def make_private(folder: Path) -> None:
    """Makes *folder*, and those above it, mode 0700, and makes sure that it is ours alone.

    Raises `SettingsError` when it is no folder, somebody else's, or open to others; `OSError` as the system does.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        raise SettingsError(f"{folder} is no folder")
    if status.st_uid != os.geteuid():
        raise SettingsError(f"{folder} belongs to another user")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(status.st_mode)
        raise SettingsError(f"{folder} is open to others (mode {mode:04o}), allowed is 0700")


def connected(folder: Path, timeout_seconds: float) -> socket.socket:
    """A connection to the process that serves in *folder*.  Raises `OSError`: nobody does."""
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    wire.settimeout(timeout_seconds)
    try:
        with _Address(folder) as address:
            wire.connect(address)
    except BaseException:
        wire.close()
        raise
    return wire


class _Address:
    """The socket's path by way of the opened folder: a path of its own may be longer than an address holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> str:
        self._descriptor = os.open(self._folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._descriptor}/{SOCKET_NAME}"

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def listening(folder: Path, callers_max: int) -> socket.socket:
    """A socket that listens in *folder*; what a killed process left there is taken away first.

    Raises `SettingsError` when another process serves there or the path cannot be had, `OSError` as the system does.
    """
    try:
        connected(folder, 1.0).close()
    except FileNotFoundError:
        pass
    except ConnectionRefusedError:
        # Left behind by a process that was killed.
        (folder / SOCKET_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder / SOCKET_NAME} cannot be had ({error.strerror})") from error
    else:
        raise SettingsError(f"{folder / SOCKET_NAME}: another process serves there")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        with _Address(folder) as address:
            listener.bind(address)
        listener.listen(callers_max)
    except BaseException:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def user_of(wire: socket.socket) -> int:
    """The user at the other end of *wire*, by the kernel's word."""
    credentials = wire.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(credentials)
    return int(user)
