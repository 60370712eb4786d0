"""A terminal's identity is made as a whole or not at all, and never over another."""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.link import SettingsError
from sync import identity
from sync.identity import FolderTaken, Given
from sync.journal.keys import JournalKeys
from sync.snapshot.keys import SnapshotKeys, read_key
from tests.kit.power_cut import Cut, power_until

GIVEN = Given(
    terminal="kiosk-01",
    library='学校图书馆 "School" 𠮷\n',
    at=datetime(2026, 5, 12, 8, 0, tzinfo=UTC),
    snapshot_key=b"k" * 32,
    pepper=b"p" * 32,
    public_key=b"c" * 32,
    url="https://central.example.org",
    token="ab" * 32,
)
FILES = {
    "identity.toml",
    "journal.key",
    "ledger.key",
    "server.token",
    "snapshot.key",
    "snapshot.pepper",
    "central.pub",
}


def make(folder: Path) -> None:
    with identity.new_folder(folder) as beside:
        identity.make_own_secrets(beside)
        identity.put_given(beside, GIVEN)


def test_every_purpose_has_a_secret_of_its_own_that_only_the_owner_may_read(tmp_path: Path) -> None:
    """A file each, mode 0600 in a folder of 0700, no two the same, and nothing beside it."""
    folder = tmp_path / "identity"
    make(folder)

    assert {one.name for one in folder.iterdir()} == FILES
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len({one.read_bytes() for one in folder.iterdir()}) == len(FILES)
    assert os.listdir(tmp_path) == ["identity"]


def test_what_was_written_is_what_the_terminal_reads(tmp_path: Path) -> None:
    """Journal and snapshot open with it, and people read who the terminal is."""
    folder = tmp_path / "identity"
    make(folder)
    facts = tomllib.loads((folder / "identity.toml").read_text(encoding="utf-8"))
    keys = SnapshotKeys.from_files(
        "kiosk-01", folder / "snapshot.key", folder / "snapshot.pepper", folder / "central.pub"
    )

    assert keys == SnapshotKeys("kiosk-01", b"k" * 32, b"p" * 32, b"c" * 32)
    assert JournalKeys.from_file(folder / "journal.key") != JournalKeys.from_secret(
        read_key(folder / "ledger.key")
    )
    assert (facts["terminal"], facts["library"]) == ("kiosk-01", '学校图书馆 "School" 𠮷')
    assert facts["enrolled_at"] == "2026-05-12T08:00:00+00:00"


def test_the_lines_for_the_configuration_are_toml_and_name_files_that_exist(tmp_path: Path) -> None:
    """An installer pastes them and is done; no secret stands in them."""
    folder = tmp_path / "identity"
    make(folder)
    lines = "\n".join(identity.configuration_lines(folder, GIVEN))
    found = tomllib.loads(lines)
    paths = [
        Path(text) for section in found.values() for name, text in section.items() if name.endswith("_file")
    ]

    assert found["terminal"]["name"] == "kiosk-01"
    assert found["server"]["url"] == "https://central.example.org"
    assert [path.name for path in paths if path.is_absolute() and not path.is_file()] == []
    assert len(paths) == 6
    assert GIVEN.token not in lines
    assert GIVEN.pepper.hex() not in lines


@pytest.mark.parametrize("what", ["file", "full", "link"])
def test_nothing_is_put_where_something_is(tmp_path: Path, what: str) -> None:
    """An identity, a file or a link that stands there already stays as it is."""
    folder = tmp_path / "identity"
    if what == "file":
        folder.write_text("x")
    elif what == "link":
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir()
        (folder / "journal.key").write_text("old")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(FolderTaken, match="never overwritten"):
        make(folder)

    assert sorted(os.listdir(tmp_path)) == before
    assert what != "full" or (folder / "journal.key").read_text() == "old"


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    """What set-up made for it is taken over."""
    folder = tmp_path / "identity"
    folder.mkdir()
    make(folder)

    assert {one.name for one in folder.iterdir()} == FILES


def test_an_error_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    """A code that is refused, a disk that is full: the folder is not there and nothing lies beside it."""

    def fail_halfway() -> None:
        with identity.new_folder(tmp_path / "identity") as beside:
            identity.make_own_secrets(beside)
            raise LookupError

    with pytest.raises(LookupError):
        fail_halfway()
    assert os.listdir(tmp_path) == []


def test_a_cut_at_any_step_leaves_all_or_nothing_and_the_next_try_succeeds(tmp_path: Path) -> None:
    """Whenever the power goes, the folder is whole or not there; what lies beside it goes with the next try."""
    with power_until(10**9) as made:
        make(tmp_path / "whole")
    steps, whole = made[0], 0
    assert steps > 30
    for count in range(steps):
        root = tmp_path / str(count)
        root.mkdir()
        with power_until(count), pytest.raises(Cut):
            make(root / "identity")
        if (root / "identity").exists():
            whole += 1
            assert {one.name for one in (root / "identity").iterdir()} == FILES
            continue
        make(root / "identity")
        assert os.listdir(root) == ["identity"]
    # Only what follows the one rename may find it done.
    assert 0 < whole < 6


@pytest.mark.parametrize(
    "content", [b"", b"ab" * 31, b"AB" * 32, b"ab" * 33, b"ab" * 32 + b"\n\n", b"\xff" * 64]
)
def test_a_key_that_is_none_is_refused_without_being_repeated(tmp_path: Path, content: bytes) -> None:
    """One line of 64 small hex digits, and nothing else."""
    path = tmp_path / "snapshot.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="64 hex digits") as caught:
        read_key(path)

    assert "abab" not in str(caught.value)


def test_a_key_that_others_may_read_is_refused_and_a_credential_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd gives a service its credentials with the group's right to read shown, and means nobody else by it."""
    path = tmp_path / "snapshot.pepper"
    path.write_bytes(b"ab" * 32)
    path.chmod(0o440)
    with pytest.raises(SettingsError, match="open to others"):
        read_key(path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert read_key(path) == bytes.fromhex("ab" * 32)
    path.chmod(0o444)
    with pytest.raises(SettingsError, match="open to others"):
        read_key(path)


def test_a_key_that_is_a_pipe_a_link_or_missing_is_refused(tmp_path: Path) -> None:
    """Nothing waits for ever, and no link leads elsewhere."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "link").symlink_to("/dev/zero")
    for name in ("pipe", "link", "missing"):
        with pytest.raises(SettingsError, match=name):
            read_key(tmp_path / name)
