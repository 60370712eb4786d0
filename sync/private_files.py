"""Files that only their owner may read: made, replaced and read so that a cut leaves the old one or the new one."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

_OPEN = os.O_CLOEXEC | os.O_NOFOLLOW


class NotPrivate(OSError):
    """A file that group or others may read, or no plain file at all."""


def write_new(path: Path, data: bytes) -> None:
    """Makes *path* with *data*, mode 0600, on the disk when this returns.  Raises `FileExistsError`, `OSError`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def write_whole(path: Path, data: bytes) -> None:
    """As `write_new`, and nobody ever sees a part of it: the name appears when the content is on the disk."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    write_new(beside, data)
    try:
        os.link(beside, path)
    finally:
        beside.unlink()
    sync_folder(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Puts *data* in the place of *path*, mode 0600: a reader sees the old file or the new one.  Raises `OSError`."""
    beside = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        beside.unlink()
    try:
        write_new(beside, data)
        os.rename(beside, path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    sync_folder(path.parent)


def read(path: Path, size_max: int) -> bytes:
    """What is in *path*, one byte more than *size_max* at most.

    Raises `NotPrivate` when it is open to group or others or no plain file, `OSError` when it cannot be read.  A
    credential that systemd hands out shows the group's right to read, for its access list does; that is none.
    """
    # Without O_NONBLOCK a pipe in the file's place would hold up the start for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | _OPEN)
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise NotPrivate(0, "it is no plain file", str(path))
        is_credential = str(path.parent) == os.environ.get("CREDENTIALS_DIRECTORY")
        if mode & (stat.S_IRWXG | stat.S_IRWXO) & ~(stat.S_IRGRP if is_credential else 0):
            raise NotPrivate(0, f"it is open to others (mode {stat.S_IMODE(mode):04o})", str(path))
        return file.read(size_max + 1)


def sync_folder(folder: Path) -> None:
    """Has the names in *folder* on the disk when this returns.  Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
