"""The journal's secret: made once, readable by its owner, never printed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from drivers.link import SettingsError
from sync.journal.errors import KeyFileError
from sync.journal.keys import JournalKeys, create_keys
from tests.sync.journal.samples import KEYS


def test_a_new_secret_is_the_owners_alone_and_reads_back(tmp_path: Path) -> None:
    """A key file has mode 0600 and gives the same keys again; the sealing and the chaining key differ."""
    path = tmp_path / "journal.key"

    keys = create_keys(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert JournalKeys.from_file(path) == keys
    assert keys.seal != keys.chain


def test_a_secret_is_never_overwritten(tmp_path: Path) -> None:
    """Making a key where there is one is refused, for the journal written with it would be lost."""
    path = tmp_path / "journal.key"
    keys = create_keys(path)

    with pytest.raises(KeyFileError):
        create_keys(path)

    assert JournalKeys.from_file(path) == keys


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """The installer is told when group or others may read the key."""
    path = tmp_path / "journal.key"
    create_keys(path)
    path.chmod(mode)

    with pytest.raises(KeyFileError, match="0600"):
        JournalKeys.from_file(path)


GOOD = "library-kiosk journal key 1\n" + "5a" * 32 + "\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 300,
        GOOD[:-3].encode(),
        GOOD.upper().encode(),
        (GOOD + "x").encode(),
        b"\xff\xfe" + GOOD.encode(),
    ],
)
def test_what_is_no_key_file_is_refused_and_not_quoted(tmp_path: Path, content: bytes) -> None:
    """Another file, or half a key file, names the file and the format, and shows nothing of what is in it."""
    path = tmp_path / "journal.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(KeyFileError) as caught:
        JournalKeys.from_file(path)

    assert isinstance(caught.value, SettingsError)
    assert "journal.key" in str(caught.value)
    assert "5a5a" not in str(caught.value).lower()


def test_missing_linked_and_special_files_are_refused(tmp_path: Path) -> None:
    """A key is a plain file of its own: not missing, not a link, not a folder, not a pipe to hang on."""
    create_keys(tmp_path / "real.key")
    (tmp_path / "link.key").symlink_to(tmp_path / "real.key")
    (tmp_path / "folder.key").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe.key", 0o600)
    for name in ("missing.key", "link.key", "folder.key", "pipe.key"):
        with pytest.raises(KeyFileError, match=name):
            JournalKeys.from_file(tmp_path / name)
    with pytest.raises(KeyFileError):
        create_keys(tmp_path / "no such folder" / "journal.key")
    assert not os.path.exists(tmp_path / "no such folder")


def test_keys_do_not_print() -> None:
    """No traceback or log line can show a key."""
    assert KEYS.seal.hex() not in repr(KEYS)
    assert repr(KEYS) == "JournalKeys()"


def test_a_secret_of_another_length_is_refused() -> None:
    """Half a secret is no secret."""
    with pytest.raises(ValueError, match="32 bytes"):
        JournalKeys.from_secret(bytes(16))
