"""The key of the closings: a secret of its own, so that who may check them need not be able to open the journal."""

from __future__ import annotations

from pathlib import Path

from drivers.link import SettingsError
from sync import private_files
from sync.snapshot.issuer import new_secret
from sync.snapshot.keys import key_line, read_key


def ledger_key(path: Path, *, may_make: bool) -> bytes:
    """The key in *path*, 32 bytes; a new one is put there, mode 0600, where there is none and it *may_make* one.

    Raises `SettingsError`, which never repeats what is in the file.
    """
    if may_make and not path.exists():
        try:
            private_files.write_whole(path, key_line(new_secret()))
        except FileExistsError:
            pass  # Somebody else was faster: that key counts.
        except OSError as error:
            raise SettingsError(
                f"{path}: the key of the ledger cannot be written ({error.strerror})"
            ) from None
    return read_key(path)
