"""`kiosk enrolment-code`, `kiosk enrol` and `kiosk snapshot`, as they are called from a shell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from drivers.link.clock import RealClock
from sync.snapshot.keeping import SnapshotFile
from sync.snapshot.keys import SnapshotKeys
from tests.kit.demo_server import demo_database
from tests.sync.snapshot.samples import FILE


def kiosk(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`kiosk` with *arguments*, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "160"},
    )


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """An identity made without central."""
    folder = tmp_path / "identity"
    done = kiosk("enrol", "--offline", "--name", "school", "--library", "学校图书馆", "--folder", folder)
    assert (done.returncode, done.stderr) == (0, "")
    found = tomllib.loads(done.stdout)
    assert found["terminal"]["name"] == "school"
    assert "server" not in found
    return folder


def test_a_library_without_central_makes_identity_and_snapshots_itself(
    tmp_path: Path, identity: Path
) -> None:
    """Its own file becomes a snapshot that its terminal opens; what is shown of it names nobody."""
    content, out = tmp_path / "content.json", tmp_path / "snapshot.box"
    content.write_text(json.dumps(FILE))
    made = kiosk("snapshot", "make", content, "--identity", identity, "--out", out)
    label, whole = kiosk("snapshot", "show", out), kiosk("snapshot", "show", out, "--identity", identity)

    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    assert out.stat().st_mode & 0o777 == 0o600
    assert "terminal     school" in label.stdout
    assert "not opened" in label.stdout
    assert "items        2: 1 not lent to anybody, 1 on loan, 1 on hold" in whole.stdout
    assert "cards        2: 1 lost or blocked, 1 with a PIN" in whole.stdout
    assert "signature, seal and terminal are right" in whole.stdout
    assert "P-1" not in whole.stdout + label.stdout
    keys = SnapshotKeys.from_files(
        "school", identity / "snapshot.key", identity / "snapshot.pepper", identity / "central.pub"
    )
    first = SnapshotFile(out, keys).load(RealClock().now())
    assert first is not None


def test_snapshots_made_one_after_the_other_rise(tmp_path: Path, identity: Path) -> None:
    """Without a number of its own, each is newer than the one before; a number may be given."""
    content, out = tmp_path / "content.json", tmp_path / "snapshot.box"
    content.write_text(json.dumps(FILE))
    kiosk("snapshot", "make", content, "--identity", identity, "--out", out, "--number", "7")
    small = kiosk("snapshot", "show", out).stdout
    kiosk("snapshot", "make", content, "--identity", identity, "--out", out)
    large = kiosk("snapshot", "show", out).stdout

    assert "number       7\n" in small
    assert int(large.split("number")[1].split()[0]) > 1_700_000_000


def test_an_identity_is_never_overwritten(identity: Path) -> None:
    """A second call says so and changes nothing."""
    before = {path.name: path.read_bytes() for path in identity.iterdir()}
    again = kiosk("enrol", "--offline", "--name", "school", "--library", "x", "--folder", identity)

    assert again.returncode == 2
    assert "never overwritten" in again.stderr
    assert {path.name: path.read_bytes() for path in identity.iterdir()} == before


def test_a_code_is_printed_once_and_alone(tmp_path: Path) -> None:
    """Four groups of four on one line, and the office key beside the database."""
    shutil.copy(demo_database(), tmp_path / "central.db")
    done = kiosk("enrolment-code", "kiosk-01", "--database", f"sqlite:///{tmp_path / 'central.db'}")
    groups = done.stdout.strip().split("-")

    assert (done.returncode, [len(group) for group in groups]) == (0, [4, 4, 4, 4])
    assert (tmp_path / "central.key").stat().st_mode & 0o777 == 0o600
    assert done.stdout.strip().encode() not in (tmp_path / "central.db").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("enrol", "--folder", "x"), "--offline"),
        (("enrol", "https://central.example.org", "--folder", "x"), "--offline"),
        (("enrol", "--offline", "--name", "a", "--folder", "x"), "--offline"),
        (
            ("enrol", "--offline", "--name", "a b", "--library", "x", "--folder", "x"),
            "a terminal is named by",
        ),
        (("enrol", "http://central.example.org", "CODE", "--folder", "x"), "https"),
        (("enrolment-code", "a b"), "a terminal is named by"),
        (("enrolment-code", "a", "--database", "postgresql://x/y"), "--office-key"),
        (("snapshot", "show", "/nonexistent"), "cannot be read"),
        (("snapshot", "show", __file__), "this is no snapshot"),
        (("snapshot", "make", __file__, "--identity", "/nonexistent", "--out", "x"), "cannot be read"),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], sentence: str
) -> None:
    """Exit code 2, why, no traceback, and no folder was made."""
    monkeypatch.chdir(tmp_path)
    done = kiosk(*arguments)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_in_the_librarys_file_is_named_by_its_place(tmp_path: Path, identity: Path) -> None:
    """And the snapshot that is there stays."""
    content, out = tmp_path / "content.json", tmp_path / "snapshot.box"
    out.write_bytes(b"the one before")
    content.write_text(json.dumps(FILE | {"items": [{"number": "1", "type": "scroll"}]}))
    done = kiosk("snapshot", "make", content, "--identity", identity, "--out", out)

    assert done.returncode == 2
    assert "items[0].type: is not among item_types" in done.stderr
    assert out.read_bytes() == b"the one before"


def test_the_lines_that_are_printed_make_a_configuration_that_can_be_used(tmp_path: Path) -> None:
    """With what only the installer knows put beside them, `kiosk check` has no complaint."""
    printed = kiosk(
        "enrol", "--offline", "--name", "school", "--library", "x", "--folder", tmp_path / "identity"
    ).stdout
    whole = printed.replace("[terminal]", '[terminal]\nlibrary = "School"').replace(
        "[journal]", '[journal]\npath = "journal.db"'
    )
    whole = (
        whole.replace("[offline]", '[offline]\nlend = "within-limits"')
        + """
[server]
url = "tcp://127.0.0.1:6001"

[scanner]
driver = "serial-scanner"
link = "serial:/dev/kiosk-scanner?baud=9600"
"""
    )
    (tmp_path / "kiosk.toml").write_text(whole, encoding="utf-8")
    done = kiosk("check", tmp_path / "kiosk.toml")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_code_of_a_mistyped_database_is_not_made(tmp_path: Path) -> None:
    """It would be good at no central: the command says so, and leaves neither a database nor an office key behind."""
    done = kiosk("enrolment-code", "kiosk-01", "--database", f"sqlite:///{tmp_path / 'centrall.db'}")

    assert done.returncode == 2
    assert done.stderr.startswith(f"there is no database {tmp_path / 'centrall.db'}")
    assert list(tmp_path.iterdir()) == []
