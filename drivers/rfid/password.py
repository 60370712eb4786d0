"""The password of a library's tags: 32 bits, in a file of its own that only its owner may read."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from drivers.link import SettingsError
from drivers.masked import Secret

__all__ = ["read_password"]

_HEX = re.compile(r"[0-9A-Fa-f]{8}")
_SIZE_MAX = 64


def read_password(path: Path) -> Secret:
    """The eight hex digits in *path*, most significant byte first, upper case.

    Raises `SettingsError`, which never shows what is in the file.
    """
    try:
        # Without O_NONBLOCK a pipe in the file's place would hold up the start for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror})") from error
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise SettingsError(f"{path} is no plain file")
        is_credential = str(path.parent) == os.environ.get("CREDENTIALS_DIRECTORY")
        if mode & (stat.S_IRWXG | stat.S_IRWXO) & ~(stat.S_IRGRP if is_credential else 0):
            raise SettingsError(f"{path} is open to others (mode {stat.S_IMODE(mode):04o}), allowed is 0600")
        text = file.read(_SIZE_MAX).decode("ascii", errors="replace").strip()
    if not _HEX.fullmatch(text):
        raise SettingsError(f"{path} has to hold eight hex digits and nothing else")
    return Secret(text.upper())
