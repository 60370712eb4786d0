"""The office's secret: made at the first start, in a file that only its owner may read.

Whoever has it can issue snapshots and unlock terminals' keys; without it every terminal has to be enrolled again.  Back
it up apart from the database.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from drivers.link import SettingsError
from sync import private_files
from sync.snapshot.issuer import Issuer, new_secret

HEADING: Final = "library-kiosk office key 1"
_CONTENT = re.compile(re.escape(HEADING) + r"\n([0-9a-f]{64})\n?")


def open_office_key(path: Path) -> Issuer:
    """The issuer whose secret is in *path*; a new one where there is no such file.  Raises `SettingsError`."""
    try:
        with suppress(FileExistsError):
            private_files.write_whole(path, f"{HEADING}\n{new_secret().hex()}\n".encode("ascii"))
        content = private_files.read(path, 256)
    except OSError as error:
        raise SettingsError(f"the office key {path} cannot be used: {error.strerror}") from None
    match = _CONTENT.fullmatch(content.decode("ascii", "replace"))
    if match is None:
        raise SettingsError(f'{path}: an office key is the line "{HEADING}" and a line of 64 hex digits')
    return Issuer(bytes.fromhex(match[1]))
