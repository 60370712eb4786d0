"""The secrets a terminal needs for its snapshots: a file for each, so that they can lie apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from drivers.link import SettingsError
from sync import private_files

KEY_BYTES: Final = 32
_KEY_LINE = re.compile(rb"([0-9a-f]{64})\n?")


@dataclass(frozen=True, slots=True)
class SnapshotKeys:
    """*key* opens what is sealed for *terminal*, *pepper* explains the patrons in it, *issuer* is the public key of
    whoever may issue: 32 bytes each.
    """

    terminal: str
    key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)
    issuer: bytes

    def __post_init__(self) -> None:
        if {len(self.key), len(self.pepper), len(self.issuer)} != {KEY_BYTES}:
            raise ValueError(f"a snapshot's keys have {KEY_BYTES} bytes each")

    @classmethod
    def from_files(cls, terminal: str, key: Path, pepper: Path, issuer: Path) -> SnapshotKeys:
        """The keys in the three files, as `kiosk enrol` makes them.  Raises `SettingsError` naming the file."""
        return cls(terminal, read_key(key), read_key(pepper), read_key(issuer))


def key_line(key: bytes) -> bytes:
    """What a key's file holds: one line of 64 hex digits."""
    return f"{key.hex()}\n".encode("ascii")


def read_key(path: Path) -> bytes:
    """The 32 bytes of the key in *path*.

    Raises `SettingsError`, which never repeats what is in the file, when it is missing, open to group or others, or
    anything but one line of 64 hex digits.
    """
    try:
        content = private_files.read(path, 2 * KEY_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror})") from None
    match = _KEY_LINE.fullmatch(content)
    if match is None:
        raise SettingsError(f"{path} has to hold one line of 64 hex digits")
    return bytes.fromhex(match[1].decode("ascii"))
