"""A disk that can lose what was not synced: an apsw VFS that notes all that is written, and the images of every cut.

What a sync has confirmed is there for good.  Of what was written since, a cut leaves anything: all, nothing, the first
so many writes, any selection of them, the last one torn between sectors (SQLite file format and "Atomic Commit In
SQLite", section 2: a sector write is taken to be linear but not atomic).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import apsw

SECTOR_BYTES = 512


class Deed(Enum):
    """What can happen to a file."""

    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    DELETE = "delete"


class Operation(NamedTuple):
    """*data* at *offset* of the file *name* (WRITE); *offset* is the new size for TRUNCATE."""

    deed: Deed
    name: str
    offset: int = 0
    data: bytes = b""


class RecordedDisk(apsw.VFS):
    """Passes everything on to the real file system and notes it; *before* is called ahead of every operation.

    The default of every connection opened while it is `in_use`.
    """

    def __init__(self, before: Callable[[], None]) -> None:
        self.operations: list[Operation] = []
        self._before = before
        self.below = apsw.vfs_names()[0]
        super().__init__("recorded", self.below, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self, name, flags)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802
        self.note(Operation(Deed.DELETE, Path(name).name))
        super().xDelete(name, syncdir)

    def note(self, operation: Operation) -> None:
        """Something happens to a file."""
        self._before()
        self.operations.append(operation)


class _File(apsw.VFSFile):
    def __init__(self, disk: RecordedDisk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(disk.below, name, flags)
        self._disk = disk
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = "" if path is None else Path(path).name

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.note(Operation(Deed.WRITE, self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.note(Operation(Deed.TRUNCATE, self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._disk.note(Operation(Deed.SYNC, self._name))


@dataclass(slots=True)
class _OnDisk:
    """One file: what is *safe*, and what was done since."""

    safe: bytearray
    since: list[Operation] = field(default_factory=list)


class Image(NamedTuple):
    """What a cut left: the bytes of each file by name, *digest* of all; *cut* operations were done before it."""

    files: dict[str, bytes]
    digest: bytes
    cut: int
    kind: str


def images(
    start: dict[str, bytes],
    operations: Sequence[Operation],
    names: Sequence[str],
    cuts: Sequence[int],
    *,
    seed: int,
    selections: int,
) -> Iterator[Image]:
    """Every image that a cut after each number of operations in *cuts* (ascending) could leave of the files *names*.

    *selections* random choices of unsynced writes are made for each cut, beside all, none, and the torn ones.
    """
    disk = {name: _OnDisk(bytearray(start.get(name, b""))) for name in names}
    dice = random.Random(seed)
    done = 0
    for cut in cuts:
        for operation in operations[done:cut]:
            if operation.name in disk:
                _do(disk[operation.name], operation)
        done = cut
        for kind, choice in _choices(disk, dice, selections):
            files = {name: _left(disk[name], choice[name]) for name in names}
            yield Image(files, _digest(files), cut, kind)


def _do(file: _OnDisk, operation: Operation) -> None:
    match operation.deed:
        case Deed.SYNC:
            for earlier in file.since:
                _apply(file.safe, earlier)
            file.since.clear()
        case _:
            file.since.append(operation)


def _apply(content: bytearray, operation: Operation) -> None:
    match operation.deed:
        case Deed.WRITE:
            end = operation.offset + len(operation.data)
            if len(content) < operation.offset:
                content.extend(bytes(operation.offset - len(content)))
            content[operation.offset : end] = operation.data
        case Deed.TRUNCATE:
            del content[operation.offset :]
            content.extend(bytes(operation.offset - len(content)))
        case Deed.DELETE:
            content.clear()
        case Deed.SYNC:
            raise ValueError("a sync changes nothing")


Choice = dict[str, list[Operation]]


def _choices(disk: dict[str, _OnDisk], dice: random.Random, selections: int) -> Iterator[tuple[str, Choice]]:
    everything = {name: list(file.since) for name, file in disk.items()}
    nothing: Choice = {name: [] for name in disk}
    yield "all", everything
    yield "synced only", nothing
    if not any(everything.values()):
        return
    for name, since in everything.items():
        if since:
            yield f"all but {name}", {**everything, name: []}
            for part in _torn(since[-1]):
                yield "torn", {**everything, name: [*since[:-1], part]}
    for _ in range(selections):
        yield (
            "selected",
            {
                name: [part for operation in since for part in _chosen(operation, dice)]
                for name, since in everything.items()
            },
        )


def _torn(operation: Operation) -> Iterator[Operation]:
    """*operation* cut off after, and begun after, each of its sectors."""
    if operation.deed is not Deed.WRITE:
        return
    for end in range(SECTOR_BYTES - operation.offset % SECTOR_BYTES, len(operation.data), SECTOR_BYTES):
        yield operation._replace(data=operation.data[:end])
        yield operation._replace(data=operation.data[end:], offset=operation.offset + end)


def _chosen(operation: Operation, dice: random.Random) -> list[Operation]:
    """*operation*, nothing of it, or some of its sectors."""
    throw = dice.random()
    if throw < 0.45:
        return [operation]
    parts = list(_torn(operation)) if throw > 0.8 else []
    return [dice.choice(parts)] if parts else []


def _left(file: _OnDisk, done: list[Operation]) -> bytes:
    content = bytearray(file.safe)
    for operation in done:
        _apply(content, operation)
    return bytes(content)


def _digest(files: dict[str, bytes]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for name, content in sorted(files.items()):
        digest.update(f"{name} {len(content)} ".encode())
        digest.update(content)
    return digest.digest()
