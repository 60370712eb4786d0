"""Secrets stand in files of their own that only their owner may read."""

from __future__ import annotations

import stat
from pathlib import Path

from drivers.link import SettingsError
from drivers.masked import Secret

SECRET_LENGTH_MAX = 256


def read_secret(path: Path) -> Secret:
    """The one line in *path*, without its end.

    Raises `SettingsError`, which names the file and never what is in it, when it is missing, no plain file, open to
    group or others, empty, or more than one line of at most 256 characters.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise SettingsError(f"{path} is no plain file")
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SettingsError(
                f"{path} is open to others (mode {stat.S_IMODE(mode):04o}), allowed is 0600 or 0400"
            )
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is no UTF-8 text") from error
    line = text.removesuffix("\n").removesuffix("\r")
    if not line or "\n" in line or len(line) > SECRET_LENGTH_MAX:
        raise SettingsError(f"{path} has to hold one line of 1 to {SECRET_LENGTH_MAX} characters")
    return Secret(line)
