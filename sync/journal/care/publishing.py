"""Gives a finished file its name: whole, on the disk, its owner's alone, and never over another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.journal.care.reading_only import log_of


class CareRefused(ValueError):
    """What was asked of the journal's keepers cannot be done like that; the text says why, and names nobody."""


def require_free(target: Path) -> None:
    """Raises `CareRefused` where *target* or a log of it exists: no journal and no backup is ever written over."""
    for path in (target, log_of(target)):
        if path.exists() or path.is_symlink():
            raise CareRefused(f"{path} is there already and is not written over")
    if not target.parent.is_dir():
        raise CareRefused(f"{target.parent} is no folder")


def draft_of(target: Path) -> Path:
    """Where *target* is made before it has its name; what an earlier try left there is taken away."""
    draft = target.with_name(target.name + ".part")
    for leftover in (draft, log_of(draft), draft.with_name(draft.name + "-journal")):
        leftover.unlink(missing_ok=True)
    return draft


@contextmanager
def private_file(path: Path) -> Iterator[int]:
    """A new, empty file of mode 0600.  Raises `OSError`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def publish(draft: Path, target: Path) -> None:
    """The finished *draft* is *target* from now on, also after a power cut.  Raises `CareRefused` or `OSError`."""
    descriptor = os.open(draft, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, target)
    except FileExistsError as error:
        raise CareRefused(f"{target} is there already and is not written over") from error
    draft.unlink()
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """The names in *folder* are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
