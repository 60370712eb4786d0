"""The password of a library's tags: 32 bits, in a file of its own that only its owner may read."""

from __future__ import annotations

from pathlib import Path

from drivers.masked import Secret
from drivers.secret_file import read_secret

__all__ = ["read_password"]


def read_password(path: Path) -> Secret:
    """The eight hex digits in *path*, most significant byte first, upper case.

    Raises `SettingsError`, which never shows what is in the file.
    """
    return Secret(read_secret(path, "[0-9A-Fa-f]{8}", "eight hex digits").reveal().upper())
