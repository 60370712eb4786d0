"""The journal's secret: one file, from which one key seals and another chains."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sync.journal.errors import KeyFileError

KEY_BYTES: Final = 32
FILE_BYTES_MAX: Final = 256
HEADING: Final = "library-kiosk journal key 1"
_CONTENT = re.compile(re.escape(HEADING) + r"\n([0-9a-f]{64})\n?")


@dataclass(frozen=True, slots=True)
class JournalKeys:
    """*seal* encrypts what points to a person, *chain* binds each row to the one before; 32 bytes each."""

    seal: bytes = field(repr=False)
    chain: bytes = field(repr=False)

    @classmethod
    def from_secret(cls, secret: bytes) -> JournalKeys:
        """Both keys from one secret of 32 bytes (BLAKE2b, keyed, one personalisation per purpose)."""
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a journal secret has {KEY_BYTES} bytes, not {len(secret)}")
        return cls(_derived(secret, b"journal-seal"), _derived(secret, b"journal-chain"))

    @classmethod
    def from_file(cls, path: Path) -> JournalKeys:
        """The keys that `create_keys` put into *path*.

        Raises `KeyFileError` when it is missing, unreadable, open to group or others, or something else.
        """
        try:
            content = _read(path)
        except OSError as error:
            raise KeyFileError(f"{path}: the journal key cannot be read ({error.strerror})") from error
        match = _CONTENT.fullmatch(content.decode("ascii", "replace"))
        if match is None:
            raise KeyFileError(f'{path}: a journal key is the line "{HEADING}" and a line of 64 hex digits')
        return cls.from_secret(bytes.fromhex(match[1]))


def create_keys(path: Path) -> JournalKeys:
    """A new secret in the new file *path*, mode 0600, on the disk when this returns; the keys made from it.

    Raises `KeyFileError` when the file exists already (a key is never overwritten: the journal written with
    it would be lost) or cannot be written.
    """
    secret = secrets.token_bytes(KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{HEADING}\n{secret.hex()}\n".encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise KeyFileError(f"{path}: the journal key cannot be written ({error.strerror})") from error
    return JournalKeys.from_secret(secret)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(key=secret, person=purpose, digest_size=KEY_BYTES).digest()


def _read(path: Path) -> bytes:
    # Without O_NONBLOCK a pipe in the key's place would hold up the start for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise KeyFileError(f"{path}: the journal key must be a plain file")
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyFileError(f"{path}: only the owner may have rights to the journal key (mode 0600)")
        return os.read(descriptor, FILE_BYTES_MAX)
    finally:
        os.close(descriptor)
