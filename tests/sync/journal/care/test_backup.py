"""A backup is the journal as it is when the copy is done, whole, its owner's alone, and never over another file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sync.journal.care import backup
from sync.journal.care.backup import Copy, back_up
from sync.journal.care.publishing import CareRefused
from sync.journal.care.reading_only import log_of, reading_only
from sync.journal.errors import JournalDamaged, JournalFull, JournalKeyWrong
from sync.journal.journal import Journal
from sync.journal.reading import Reading
from sync.journal.verification import verify
from tests.sync.journal.samples import (
    KEYS,
    OTHER_KEYS,
    PATRON,
    key_of,
    lending,
    whole_loan,
)

Opened = Callable[[], Journal]


def keys_in(path: Path) -> set[str]:
    """The keys of all entries in the journal *path*, which must be whole."""
    with reading_only(path, KEYS) as file:
        assert verify(file).is_whole
        return {str(entry.key) for entry in Reading(file).newest_first(0)}


@pytest.fixture
def long_journal(journal: Journal) -> Journal:
    for event in range(1, 101):
        whole_loan(journal, event)
    return journal


def test_appends_go_on_between_two_slices(
    long_journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while the copy is made is in it, and the copy is whole."""
    monkeypatch.setattr(backup, "STEP_BYTES", 8 * 1024)
    copy = Copy(long_journal._file, tmp_path / "backup.sqlite")
    slices = 1
    while copy.step():
        slices += 1
        whole_loan(long_journal, 1000 + slices)
        if slices % 3 == 0:
            long_journal.tidy()
    report = copy.publish(KEYS)

    assert slices > 10
    assert report.entries == 100 + slices - 1
    assert keys_in(tmp_path / "backup.sqlite") == {str(e.key) for e in long_journal.entries()}


def test_a_backup_is_its_owners_alone(journal: Journal, tmp_path: Path) -> None:
    """It has mode 0600 from its first byte on, and nothing else is left beside it."""
    folder = tmp_path / "backups"
    folder.mkdir()
    whole_loan(journal, 1)
    copy = Copy(journal._file, folder / "backup.sqlite")
    copy.step()
    modes = {path.stat().st_mode & 0o777 for path in folder.iterdir()}
    copy.publish(KEYS)

    assert modes == {0o600}
    assert [path.name for path in folder.iterdir()] == ["backup.sqlite"]
    assert (folder / "backup.sqlite").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_over(journal: Journal, tmp_path: Path) -> None:
    """A file, a link or a left-over log in the backup's place is refused, also one that came while copying."""
    taken, link, logged, late = (tmp_path / name for name in ("taken", "link", "logged", "late"))
    taken.write_bytes(b"precious")
    link.symlink_to(tmp_path / "elsewhere")
    log_of(logged).write_bytes(b"")
    for target in (taken, link, logged):
        with pytest.raises(CareRefused, match="not written over"):
            back_up(journal._file, target, KEYS)
    copy = Copy(journal._file, late)
    while copy.step():
        pass
    late.write_bytes(b"precious")

    with pytest.raises(CareRefused, match="not written over"):
        copy.publish(KEYS)

    assert taken.read_bytes() == late.read_bytes() == b"precious"
    assert not list(tmp_path.glob("*.part"))


def test_a_damaged_journal_makes_no_backup(long_journal: Journal, tmp_path: Path) -> None:
    """Whoever relies on a backup must not learn at the restore that it never was one."""
    connection = long_journal._connection
    connection.execute("DROP TRIGGER rows_are_never_changed")
    connection.execute("UPDATE rows SET body = replace(body, '10000001', '10000002') WHERE number = 6")

    with pytest.raises(JournalDamaged, match="damaged at row 6"):
        back_up(long_journal._file, tmp_path / "backup.sqlite", KEYS)

    assert not list(tmp_path.glob("backup.sqlite*"))


def test_a_copy_that_is_given_up_leaves_nothing(long_journal: Journal, tmp_path: Path) -> None:
    """The journal goes on as if nobody had asked."""
    copy = Copy(long_journal._file, tmp_path / "backup.sqlite")
    copy.step()
    copy.discard()
    copy.discard()
    whole_loan(long_journal, 200)

    assert not list(tmp_path.glob("backup.sqlite*"))
    assert long_journal.verify().is_whole


def test_a_disk_without_room_for_it_gets_no_backup(
    long_journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal's own room is worth more than a copy."""
    monkeypatch.setattr(backup, "_free_bytes", lambda _: 10_000)

    with pytest.raises(JournalFull, match="a copy needs 1 MiB"):
        back_up(long_journal._file, tmp_path / "backup.sqlite", KEYS)

    assert not list(tmp_path.glob("backup.sqlite*"))


def test_a_folder_that_is_not_there_is_said(journal: Journal, tmp_path: Path) -> None:
    """A stick that is not plugged in is no reason to make a folder in its place."""
    with pytest.raises(CareRefused, match="is no folder"):
        back_up(journal._file, tmp_path / "stick" / "backup.sqlite", KEYS)


def test_a_backup_names_nobody_without_the_key(journal: Journal, tmp_path: Path) -> None:
    """The patron's number is in no form in the copy of a journal with an open loan, and opens with the key alone."""
    journal.append([lending(key_of(journal, 1))])
    back_up(journal._file, tmp_path / "backup.sqlite", KEYS)
    image = (tmp_path / "backup.sqlite").read_bytes()

    assert PATRON.reveal().encode() not in image
    with pytest.raises(JournalKeyWrong), reading_only(tmp_path / "backup.sqlite", OTHER_KEYS):
        pass
    with reading_only(tmp_path / "backup.sqlite", KEYS) as file:
        assert next(Reading(file).newest_first(0)).promise.patron == PATRON


def test_looking_at_a_journal_changes_nothing(opened: Opened, path: Path) -> None:
    """Neither the file nor a log that a killed terminal left is another byte after it was read whole."""
    journal = opened()
    key = key_of(journal, 1)
    journal.append([lending(key)])
    copies = path.with_name("copy.sqlite"), path.with_name("copy.sqlite-wal")
    for source, copy in zip((path, log_of(path)), copies, strict=True):
        copy.write_bytes(source.read_bytes())
    before = {file: file.read_bytes() for file in path.parent.glob("copy*")}
    assert [len(content) > 0 for content in before.values()] == [True, True]

    assert keys_in(copies[0]) == {str(key)}

    assert {file: file.read_bytes() for file in path.parent.glob("copy*")} == before
