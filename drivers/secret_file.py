"""A secret that an installer has put into a file of its own, which only its owner may read."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from drivers.link import SettingsError
from drivers.masked import Secret

__all__ = ["read_secret"]

_SIZE_MAX = 64


def read_secret(path: Path, pattern: str, expected: str) -> Secret:
    """The text in *path*, without white space around it.

    Raises `SettingsError`, which never shows what is in the file, when others may read it or the whole text does not
    fit the regular expression *pattern*, described by *expected* ("eight hex digits").
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
    if not re.fullmatch(pattern, text):
        raise SettingsError(f"{path} has to hold {expected} and nothing else")
    return Secret(text)
