"""A restored journal goes on where the backup was made, and nothing it sends is a second entry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sync.entries import Entry, EntryKey, ItemId, Settlement
from sync.journal.care.backup import back_up
from sync.journal.care.publishing import CareRefused
from sync.journal.care.restore import restore
from sync.journal.errors import JournalDamaged, JournalKeyWrong, JournalLocked
from sync.journal.journal import Journal
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    OTHER_KEYS,
    PATRON,
    CountingClock,
    granted,
    key_of,
    lending,
    settled,
    whole_loan,
)

Opened = Callable[[], Journal]
NOW = NOON.isoformat()


class KeyedServer:
    """A server that knows keys: a repeat is answered as the first time and does nothing."""

    def __init__(self) -> None:
        self.loans: dict[EntryKey, ItemId | None] = {}
        self.carried = 0

    def carry(self, entry: Entry) -> None:
        self.carried += 1
        assert self.loans.setdefault(entry.key, entry.promise.item) == entry.promise.item


def deliver(journal: Journal, server: KeyedServer) -> None:
    """Carries whatever is open to *server*, which grants everything."""
    for entry in journal.unsettled():
        server.carry(entry)
        journal.append([granted(entry.key), settled(entry.key)])


def test_no_loan_is_doubled_when_the_original_goes_on(journal: Journal, tmp_path: Path) -> None:
    """Original and restored copy both deliver what was open at the backup, and both go on: every loan is made once."""
    for event in (1, 2, 3):
        journal.append([lending(key_of(journal, event), f"1000000{event}")])
    back_up(journal._file, tmp_path / "backup.sqlite", KEYS)
    restore(tmp_path / "backup.sqlite", tmp_path / "restored.sqlite", KEYS, NOW)
    restored = Journal.open(tmp_path / "restored.sqlite", KEYS, CountingClock().now)
    server = KeyedServer()

    deliver(journal, server)
    for one, item in ((journal, "20000001"), (restored, "20000002")):
        # The same boot and event in both: only the epoch tells the new keys apart.
        one.append([lending(EntryKey(one.epoch, one.boot, 50, 1), item)])
    deliver(journal, server)
    deliver(restored, server)

    assert server.carried == 8
    assert sorted(map(str, server.loans.values())) == [
        "10000001",
        "10000002",
        "10000003",
        "20000001",
        "20000002",
    ]
    restored.close()


def test_what_was_open_is_open_again(journal: Journal, tmp_path: Path) -> None:
    """Entries keep key, position, patron and rows; settled ones stay settled; new ones count from 1 in a new epoch."""
    done = whole_loan(journal, 1)
    open_key = key_of(journal, 2)
    journal.append([lending(open_key)])
    before = journal.unsettled()
    back_up(journal._file, tmp_path / "backup.sqlite", KEYS)

    made = restore(tmp_path / "backup.sqlite", tmp_path / "restored.sqlite", KEYS, NOW)
    restored = Journal.open(tmp_path / "restored.sqlite", KEYS, CountingClock().now)

    assert restored.epoch == made.epoch != journal.epoch
    assert restored.unsettled() == before
    assert before[0].promise.patron == PATRON
    entry = restored.entry(done)
    assert entry is not None
    assert entry.is_settled
    new = EntryKey(restored.epoch, restored.boot, 1, 1)
    assert restored.append([lending(new)]) == {new: 1}
    assert restored.verify().is_whole
    restored.close()


def test_every_restore_is_an_epoch_of_its_own(journal: Journal, tmp_path: Path) -> None:
    """Two machines restored from one backup, and one restored from the backup of a restored one, never meet."""
    back_up(journal._file, tmp_path / "backup.sqlite", KEYS)
    epochs = {journal.epoch}
    for name in ("a", "b"):
        epochs.add(restore(tmp_path / "backup.sqlite", tmp_path / name, KEYS, NOW).epoch)
    epochs.add(restore(tmp_path / "a", tmp_path / "c", KEYS, NOW).epoch)

    assert len(epochs) == 4


def test_a_journal_is_never_restored_over(journal: Journal, path: Path, tmp_path: Path) -> None:
    """What is there may hold loans that the backup does not know."""
    back_up(journal._file, tmp_path / "backup.sqlite", KEYS)
    whole_loan(journal, 7)

    with pytest.raises(CareRefused, match="not written over"):
        restore(tmp_path / "backup.sqlite", path, KEYS, NOW)

    assert journal.entry(key_of(journal, 7)) is not None


def test_a_backup_that_is_damaged_or_of_another_key_is_not_restored(journal: Journal, tmp_path: Path) -> None:
    """Nothing is made of it, not even half."""
    for event in range(1, 30):
        whole_loan(journal, event)
    back_up(journal._file, tmp_path / "backup.sqlite", KEYS)
    image = (tmp_path / "backup.sqlite").read_bytes()
    place = image.rindex(b"10000001")
    (tmp_path / "damaged.sqlite").write_bytes(image[:place] + b"2" + image[place + 1 :])

    with pytest.raises(JournalDamaged, match="damaged at row"):
        restore(tmp_path / "damaged.sqlite", tmp_path / "restored.sqlite", KEYS, NOW)
    with pytest.raises(JournalKeyWrong):
        restore(tmp_path / "backup.sqlite", tmp_path / "restored.sqlite", OTHER_KEYS, NOW)
    with pytest.raises(FileNotFoundError):
        restore(tmp_path / "nothing.sqlite", tmp_path / "restored.sqlite", KEYS, NOW)

    assert not list(tmp_path.glob("restored.sqlite*"))


def test_a_journal_in_use_is_no_backup(journal: Journal, path: Path, tmp_path: Path) -> None:
    """The file of a running terminal is refused: its own backup command makes a copy of it."""
    whole_loan(journal, 1)

    with pytest.raises(JournalLocked):
        restore(path, tmp_path / "restored.sqlite", KEYS, NOW)

    assert not list(tmp_path.glob("restored.sqlite*"))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_backup_of_an_older_format_is_restored(number: int, tmp_path: Path) -> None:
    """It is led to the newest format on the way; the backup itself stays as it was."""
    backup = tmp_path / "old.sqlite"
    backup.write_bytes((Path(__file__).parents[1] / "fixtures" / f"format-{number:04}.sqlite").read_bytes())
    before = backup.read_bytes()

    restore(backup, tmp_path / "restored.sqlite", KEYS, NOW)

    journal = Journal.open(tmp_path / "restored.sqlite", KEYS, CountingClock().now)
    assert journal.verify().is_whole
    assert journal.entries()
    journal.close()
    assert backup.read_bytes() == before


def test_a_restored_journal_settles_what_it_took_over(journal: Journal, tmp_path: Path) -> None:
    """Rows may follow entries of the old epoch as before."""
    key = key_of(journal, 1)
    journal.append([lending(key)])
    back_up(journal._file, tmp_path / "backup.sqlite", KEYS)
    restore(tmp_path / "backup.sqlite", tmp_path / "restored.sqlite", KEYS, NOW)
    restored = Journal.open(tmp_path / "restored.sqlite", KEYS, CountingClock().now)

    restored.append([granted(key), settled(key, Settlement.DONE)])

    assert restored.unsettled() == ()
    assert restored.verify().is_whole
    restored.close()
