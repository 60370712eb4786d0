"""`kiosk journal` and `kiosk cases`, as they are called from a shell, with and without a running terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from kiosk.cli import app
from sync.journal.journal import Journal
from sync.journal.keys import HEADING, JournalKeys, create_keys
from tests.kiosk.journal_desk.test_journal_desk import Running, fill
from tests.sync.journal.samples import KEYS, PATRON, CountingClock

SECRET = bytes(range(32)).hex()


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def kiosk(*arguments: str | Path) -> Done:
    """The command `kiosk` with *arguments*, run to its end in this process."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal that no terminal has open, its key beside it."""
    put_key(tmp_path)
    opened = Journal.open(tmp_path / "journal.db", KEYS, CountingClock().now)
    fill(opened)
    opened.close()
    return tmp_path / "journal.db"


def put_key(folder: Path) -> None:
    (folder / "journal.key").write_text(f"{HEADING}\n{SECRET}\n", encoding="ascii")
    (folder / "journal.key").chmod(0o600)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    put_key(tmp_path)
    running = Running(tmp_path)
    yield running
    running.stop()


def test_entries_are_a_table(journal: Path) -> None:
    """Columns, the newest first, patrons masked; the file is as it was."""
    before = journal.read_bytes()
    done = kiosk("journal", "list", journal)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["entry", "begun", "wish", "item", "patron", "how", "it", "stands", "title"]
    assert [line.split()[4] for line in lines[1:-1]] == ["10000004", "10000003", "10000002", "10000001"]
    assert lines[-1] == "4 entries"
    assert PATRON.reveal() not in done.stdout
    assert journal.read_bytes() == before


def test_it_is_the_installed_command(journal: Path) -> None:
    """Started as a process of its own it says the same."""
    arguments = [sys.executable, "-m", "kiosk", "journal", "list", str(journal)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60)

    assert done.stdout == kiosk("journal", "list", journal).stdout


def test_json_is_one_object_and_nothing_else(journal: Path) -> None:
    """For other programs."""
    said = json.loads(kiosk("journal", "list", journal, "--open", "--json").stdout)

    assert [entry["item"] for entry in said["entries"]] == ["10000003"]


def test_a_backup_goes_round(journal: Path, tmp_path: Path) -> None:
    """Made, verified, restored elsewhere, listed again: the same entries; nothing is written over."""
    (tmp_path / "other").mkdir()
    made = kiosk("journal", "backup", journal, tmp_path / "backup.db")
    again = kiosk("journal", "backup", journal, tmp_path / "backup.db")
    checked = kiosk("journal", "verify", tmp_path / "backup.db", "--key", tmp_path / "journal.key")
    target = tmp_path / "other" / "journal.db"
    restored = kiosk("journal", "restore", tmp_path / "backup.db", target, "--key", tmp_path / "journal.key")
    listed = kiosk("journal", "list", target, "--key", tmp_path / "journal.key")

    assert [one.returncode for one in (made, again, checked, restored, listed)] == [0, 2, 0, 0, 0]
    assert "not written over" in again.stderr
    assert "whole: it is what was written" in checked.stdout
    assert "restored: " in restored.stdout
    assert listed.stdout == kiosk("journal", "list", journal).stdout


def test_a_case_is_closed(journal: Path) -> None:
    """Listed with what fits, closed by its reference, gone from the list; what does not fit is refused with 2."""
    listed = kiosk("cases", "list", journal).stdout
    reference = listed.split()[0]
    close = ("cases", "close", journal, reference, "--by", "desk")
    wrong = kiosk(*close, "--how", "as-it-stands")
    closed = kiosk(*close, "--how", "returned-at-desk", "--note", "on the shelf")

    assert "loan-refused" in listed
    assert "close as  lent-at-desk, returned-at-desk, not-found" in listed
    assert (wrong.returncode, closed.returncode) == (2, 0)
    assert closed.stdout == f"closed: {reference}, returned-at-desk\n"
    assert kiosk("cases", "list", journal).stdout == "0 open cases\n"


def test_a_damaged_journal_is_found_and_salvaged(journal: Path, tmp_path: Path) -> None:
    """Verify says so with 1; salvage says what is lost with 1, keeps the damaged file, and the new one is whole."""
    image = journal.read_bytes()
    place = image.index(b'"item":"10000001"')
    journal.write_bytes(image[:place] + bytes(40) + image[place + 40 :])
    found = kiosk("journal", "verify", journal)
    salvaged = kiosk("journal", "salvage", journal)
    after = kiosk("journal", "verify", journal)

    assert [one.returncode for one in (found, salvaged, after)] == [1, 1, 0]
    assert "NOT whole" in found.stdout
    assert "missing     1 row: 1" in salvaged.stdout
    assert (tmp_path / "journal.db.damaged-1").exists()


def test_an_export_is_checked(journal: Path, tmp_path: Path) -> None:
    """Lines of JSON that verify as a journal does; a segment that is not there is refused."""
    out = tmp_path / "journal.jsonl"
    made = kiosk("journal", "export", journal, out)
    checked = kiosk("journal", "verify", out, "--key", tmp_path / "journal.key")
    refused = kiosk("journal", "export", journal, tmp_path / "two.jsonl", "--segments", "1-2")
    nonsense = kiosk("journal", "export", journal, tmp_path / "two.jsonl", "--segments", "one")

    assert [one.returncode for one in (made, checked, refused, nonsense)] == [0, 0, 2, 2]
    assert PATRON.reveal() not in out.read_text(encoding="utf-8")


def test_a_running_terminal_is_asked(running: Running, tmp_path: Path) -> None:
    """Its file is locked, so the answers can only come from itself; a backup of it is a whole journal."""
    listed = kiosk("journal", "list", running.path)
    backed_up = kiosk("journal", "backup", running.path, tmp_path / "backup.db")
    closed = kiosk(
        "cases", "close", running.path, running.case.reference, "--how", "not-found", "--by", "desk"
    )
    salvaged = kiosk("journal", "salvage", running.path)

    assert [one.returncode for one in (listed, backed_up, closed, salvaged)] == [0, 0, 0, 2]
    assert "4 entries" in listed.stdout
    assert [row.key for row in running.closed] == [running.case]
    assert "a terminal has this journal open" in salvaged.stderr
    assert (
        kiosk("journal", "verify", tmp_path / "backup.db", "--key", tmp_path / "journal.key").returncode == 0
    )


def test_the_file_beside_a_running_terminals_is_not_mistaken_for_it(running: Running, tmp_path: Path) -> None:
    """A backup in the same folder is read itself, not the journal of the terminal that serves there."""
    other = Journal.open(tmp_path / "older.db", KEYS, CountingClock().now)
    other.close()

    assert (
        kiosk("journal", "list", tmp_path / "older.db", "--key", tmp_path / "journal.key").stdout
        == "0 entries\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("journal", "list", "nowhere.db"), 2),
        (("journal", "list", "nowhere.toml"), 2),
        (("journal", "list", "journal.db", "--limit", "0"), 2),
        (("journal", "list", "journal.db", "--key", "other.key"), 1),
        (("journal", "list", "journal.db", "--key", "missing.key"), 2),
        (("journal", "restore", "nowhere.db", "new.db", "--key", "journal.key"), 2),
        (("journal", "restore", "journal.db", "journal.db"), 2),
        (("journal", "salvage", "journal.key", "--key", "journal.key", "--to", "new.db"), 1),
        (("cases", "close", "journal.db", "no-such-case", "--how", "not-found", "--by", "desk"), 2),
    ],
)
def test_what_cannot_be_done_is_said(
    journal: Path, tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    """A sentence on standard error, 2 where the call is wrong and 1 where it went wrong, and no traceback."""
    create_keys(tmp_path / "other.key")
    names = ("nowhere.db", "nowhere.toml", "journal.db", "other.key", "missing.key", "journal.key", "new.db")
    done = kiosk(*(tmp_path / one if one in names else one for one in arguments))

    assert done.returncode == code
    assert done.stderr.strip()
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr
    assert JournalKeys.from_file(tmp_path / "journal.key") == KEYS
