"""Who may open a journal, and what happens to a file that is not one."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from sync.entries import GiveBack, Lend, Pay, ReportCare
from sync.journal.errors import JournalBroken, JournalDamaged, JournalError, JournalKeyWrong, JournalLocked
from sync.journal.file import FORMAT, migration, schema
from sync.journal.journal import Journal
from tests.sync.journal.samples import KEYS, OTHER_KEYS, PATRON, CountingClock, key_of, lending, whole_loan

Opened = Callable[[], Journal]
FIXTURES = Path(__file__).parent / "fixtures"


def definitions(sql: list[str]) -> list[tuple[str, str]]:
    connection = apsw.Connection(":memory:")
    for statements in sql:
        connection.execute(statements)
    found = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
    ).fetchall()
    return [(str(name), " ".join(str(text).split())) for name, text in found]


def test_migrations_lead_to_the_schema() -> None:
    """An empty file led through every migration has the same tables, indexes and triggers as a new one."""
    assert definitions([migration(number) for number in range(1, FORMAT + 1)]) == definitions([schema()])


@pytest.mark.parametrize("number", range(1, FORMAT + 1))
def test_a_journal_of_every_format_can_be_read(tmp_path: Path, clock: CountingClock, number: int) -> None:
    """A journal written by any earlier format opens, keeps its open entries, verifies, and takes new ones."""
    path = tmp_path / "old.sqlite"
    shutil.copy(FIXTURES / f"format-{number:04}.sqlite", path)

    journal = Journal.open(path, KEYS, clock.now)

    (entry,) = journal.unsettled()
    assert (entry.promise.item, entry.promise.patron, journal.boot) == ("10000002", PATRON, 2)
    assert journal.verify().is_whole
    whole_loan(journal, 1)
    assert journal.verify().entries == (3 if number < 5 else 6)
    journal.close()


def test_the_newest_format_keeps_all_it_was_given(tmp_path: Path, clock: CountingClock) -> None:
    """The journal left by this format still tells its promise, its closed case, its measure of the server's clock and
    its closed segment."""
    path = tmp_path / "old.sqlite"
    shutil.copy(FIXTURES / "format-0005.sqlite", path)

    journal = Journal.open(path, KEYS, clock.now)

    (entry,) = journal.unsettled()
    assert entry.promised is not None
    assert (entry.position, entry.is_release_open, entry.has_open_case) == (2, True, False)
    assert [(told.boot, told.told.seconds) for told in journal.clocks()] == [(1, 12.5)]
    spans = [(segment.first, segment.last) for segment in journal.segments()]
    assert spans == [(n, n + 4) for n in range(1, 27, 5)][: len(spans)]
    assert len(spans) >= 4
    kinds = [type(entry.promise) for entry in journal.newest_first()]
    assert kinds == [ReportCare, Pay, GiveBack, Lend, Lend]
    journal.close()


def test_a_program_of_the_format_before_takes_nothing_for_damage(path: Path, opened: Opened) -> None:
    """A journal says its format before anything is read of it: a program that knows fewer kinds of rows is told so, and
    neither tidies nor salvages what it could not read."""
    opened().close()
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(JournalDamaged, match=f"format {FORMAT + 1}; this program knows 1 to {FORMAT}"):
        opened()

    assert path.read_bytes() == before


def test_a_new_journal_is_the_owners_alone(journal: Journal, path: Path) -> None:
    """File, log and reserve have mode 0600, and nothing of the making is left behind."""
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "journal.sqlite",
        "journal.sqlite-reserve",
        "journal.sqlite-wal",
    ]


HOLD = """
import sys
from pathlib import Path
from tests.sync.journal.samples import KEYS, CountingClock
from sync.journal.journal import Journal
journal = Journal.open(Path(sys.argv[1]), KEYS, CountingClock().now)
print(journal.boot, flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_turned_away(opened: Opened, path: Path, clock: CountingClock) -> None:
    """While one process has the journal another gets `JournalLocked` at once; when that one is killed it is free."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "1\n"
        with pytest.raises(JournalLocked, match="another process"):
            opened()
        holder.kill()

    assert opened().boot == 2


def test_the_wrong_key_is_named_and_changes_nothing(opened: Opened, path: Path, clock: CountingClock) -> None:
    """A journal is not opened, nor its boot counted, with a key it was not written with."""
    opened().close()

    with pytest.raises(JournalKeyWrong):
        Journal.open(path, OTHER_KEYS, clock.now)

    assert opened().boot == 2


def filled(opened: Opened, path: Path) -> bytes:
    journal = opened()
    for event in range(1, 41):
        journal.append([lending(key_of(journal, event))])
    journal.close()
    return path.read_bytes()


@pytest.mark.parametrize("what", ["empty", "text", "half", "header", "another program", "tables gone"])
def test_a_damaged_file_is_named_and_left_alone(
    opened: Opened, path: Path, clock: CountingClock, what: str
) -> None:
    """A file that is cut, overwritten or another program's is `JournalDamaged`, and stays as it is for salvage."""
    whole = filled(opened, path)
    other = path.with_name("other.sqlite")
    apsw.Connection(str(other)).execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    damaged = {
        "empty": b"",
        "text": b"not a journal at all\n" * 1000,
        "half": whole[: len(whole) // 2],
        "header": whole[:60] + b"\xff" * 40 + whole[100:],
        "another program": other.read_bytes(),
        "tables gone": whole[:100] + b"\x00" * 3996 + whole[4096:],
    }[what]
    path.write_bytes(damaged)

    with pytest.raises(JournalDamaged):
        opened()

    assert path.read_bytes() == damaged


def test_a_lost_file_beside_its_log_is_not_made_anew(opened: Opened, path: Path) -> None:
    """When the file is gone and its log is not, nothing new is made in its place."""
    filled(opened, path)
    path.rename(path.with_name("elsewhere"))
    path.with_name("journal.sqlite-wal").write_bytes(b"what was acknowledged last")

    with pytest.raises(JournalDamaged, match="log"):
        opened()

    assert not path.exists()


def test_a_row_altered_behind_our_back_is_found_at_start(opened: Opened, path: Path) -> None:
    """The last rows are held against the chain whenever the journal is opened."""
    filled(opened, path)
    stranger = apsw.Connection(str(path))
    stranger.execute("DROP TRIGGER rows_are_never_changed")
    stranger.execute("UPDATE rows SET body = replace(body, '10000001', '10000002') WHERE number = 30")
    stranger.close()

    with pytest.raises(JournalDamaged, match="row 30"):
        opened()


def test_leftovers_of_a_killed_installation_do_not_matter(opened: Opened, path: Path) -> None:
    """A draft left by a process that was killed while making the journal is replaced."""
    path.with_name("journal.sqlite.new").write_bytes(b"half a file")
    path.with_name("journal.sqlite.new-journal").write_bytes(b"half a log")

    assert opened().boot == 1
    assert not path.with_name("journal.sqlite.new").exists()


def test_a_place_that_cannot_hold_a_journal_is_named(tmp_path: Path, clock: CountingClock) -> None:
    """A folder that is missing, or a folder in the file's place, is a named error."""
    (tmp_path / "folder.sqlite").mkdir()
    for name in ("missing/journal.sqlite", "folder.sqlite"):
        with pytest.raises(JournalBroken) as caught:
            Journal.open(tmp_path / name, KEYS, clock.now)
        assert isinstance(caught.value, JournalError)
