"""Of a damaged journal everything that can be proven comes back, nothing is invented, and what is lost is told."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sync.entries import CaseReason, EntryKey, EntryRow, Settled, Settlement
from sync.journal import codec
from sync.journal.care.publishing import CareRefused
from sync.journal.care.reading_only import log_of, reading_only
from sync.journal.care.salvage import Salvaged, replace_damaged, salvage
from sync.journal.care.wreck import remains_of
from sync.journal.errors import JournalDamaged, JournalKeyWrong
from sync.journal.journal import Journal
from sync.journal.settings import JournalSettings
from tests.kit.effort import effort
from tests.sync.journal.care.wrecks import DAMAGES, PAGE_BYTES, Wreck, wreck
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    OTHER_KEYS,
    PATRON,
    CountingClock,
    approved,
    key_of,
    lending,
    paying,
    returning,
    secured,
    securing,
    whole_loan,
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    return wreck(tmp_path_factory.mktemp("sound"))


def rows_of(path: Path) -> dict[str, list[tuple[str, str]]]:
    """The rows of the journal *path* by entry, as (kind, body), in order."""
    found: dict[str, list[tuple[str, str]]] = {}
    names: dict[int, str] = {}
    with reading_only(path, KEYS) as file:
        for number, entry, kind, key, body in file.connection.execute(
            "SELECT number, entry, kind, key, body FROM rows ORDER BY number"
        ):
            if key is not None:
                names[int(number)] = str(key)
            if entry is not None:
                found.setdefault(names[int(entry)], []).append((str(kind), str(body)))
    return found


def originals(sound: Wreck) -> dict[str, list[tuple[str, str]]]:
    """What `rows_of` would say of the sound journal."""
    found: dict[str, list[tuple[str, str]]] = {}
    for number in sorted(sound.rows):
        entry, kind, body = sound.rows[number]
        if entry is not None:
            found.setdefault(sound.keys[entry], []).append((kind, body))
    return found


def is_added(kind: str, body: str) -> bool:
    """Whether salvage may have written this row itself."""
    return kind in (codec.CASE_OPENED, codec.SETTLED, codec.CASE_CLOSED) and (
        CaseReason.JOURNAL_DAMAGED.value in body or '"how":"case"' in body or "as-it-stands" in body
    )


def intact_numbers(sound: Wreck, image: bytes, log: bytes) -> set[int]:
    """Rows of which a whole cell still lies in the file, page for page, or in a commit of the log."""
    from sync.journal.care import log_frames

    places = [image[at : at + PAGE_BYTES] for at in range(0, len(image), PAGE_BYTES)]
    places += [frame.page for frame in log_frames.frames(log, PAGE_BYTES).committed]
    text = b"|".join(places)
    return {number for number, cells in sound.cells.items() if any(cell in text for cell in cells)}


def judge(sound: Wreck, told: Salvaged, path: Path, damaged: tuple[bytes, bytes]) -> None:
    """The oracle: proven rows come back as they were, nothing else does, and the rest is told."""
    before, after = originals(sound), rows_of(path)
    doubtful = {sound.keys.get(number) for number in told.doubtful_used}
    for key, rows in after.items():
        kept = [row for row in rows if row in before.get(key, []) or not is_added(*row)]
        if key not in doubtful:
            rest = iter(before[key])
            assert all(row in rest for row in kept), f"{key} says what was never written"
    missing = {n for first, last in told.missing for n in range(first, last + 1)}
    left_out = set(told.left_out)
    intact = intact_numbers(sound, *damaged)
    # A row is proven by itself and by the link of the one before.
    provable = {n for n in intact if n == 1 or n - 1 in intact}
    assert provable & missing == set(), "what was whole is told to be missing"
    assert len(sound.rows) <= told.proven + told.missing_count + len(
        range(max(intact, default=0), len(sound.rows))
    )
    for number in provable - left_out:
        entry, kind, body = sound.rows[number]
        if entry is not None:
            assert (kind, body) in after[sound.keys[entry]], f"row {number} was whole and is gone"
    for number in left_out:
        entry = sound.rows[number][0]
        assert entry in missing or set(range(entry or 0, number)) & missing, (
            f"row {number} left out for nothing"
        )


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("seed", range(effort(30)))
def test_whatever_is_damaged_what_can_be_proven_comes_back(
    sound: Wreck, tmp_path: Path, damage: str, seed: int
) -> None:
    """Flipped, zeroed, cut, overwritten, exchanged: the new journal is whole, says nothing that was not written, and is
    opened and written on; the damaged file stays as it is.
    """
    chance = random.Random(f"{damage} {seed}")
    image, log = bytearray(sound.image), bytearray(sound.log)
    DAMAGES[damage](chance, image, log)
    path = tmp_path / "journal.sqlite"
    path.write_bytes(image)
    log_of(path).write_bytes(log)
    try:
        told = salvage(path, tmp_path / "new.sqlite", KEYS, NOON)
    except JournalDamaged:
        # Only where nothing at all is left to prove anything by.
        assert intact_numbers(sound, bytes(image), bytes(log)) == set()
        return

    judge(sound, told, tmp_path / "new.sqlite", (bytes(image), bytes(log)))
    assert (path.read_bytes(), log_of(path).read_bytes()) == (bytes(image), bytes(log))
    journal = Journal.open(tmp_path / "new.sqlite", KEYS, CountingClock().now)
    whole_loan(journal, 1)
    assert journal.verify().is_whole
    assert {str(entry.key) for entry in journal.unsettled()} == set(told.in_doubt)
    assert {str(entry.key) for entry in journal.open_cases()} >= set(told.cases)
    journal.close()


def test_a_sound_journal_comes_back_whole(sound: Wreck, tmp_path: Path) -> None:
    """Without damage nothing is missing, doubtful or a case, and what was open is open, by the same patron."""
    told = salvage(sound.put(tmp_path / "journal.sqlite"), tmp_path / "new.sqlite", KEYS, NOON)

    assert (told.proven, told.missing, told.doubtful, told.left_out, told.cases) == (
        len(sound.rows), (), (), (), (),
    )  # fmt: skip
    assert told.is_readable_by_sql
    assert rows_of(tmp_path / "new.sqlite") == originals(sound)
    journal = Journal.open(tmp_path / "new.sqlite", KEYS, CountingClock().now)
    assert [entry.promise.item for entry in journal.unsettled()] == ["20000001", "20000002"]
    assert {entry.promise.patron for entry in journal.unsettled()} == {PATRON}
    assert [entry.promise.item for entry in journal.open_cases()] == ["20000003"]
    journal.close()


def without_row(sound: Wreck, number: int) -> tuple[bytes, bytes]:
    """File and log with every copy of a row destroyed."""
    image, log = sound.image, sound.log
    for cell in sound.cells[number]:
        image, log = (part.replace(cell, b"\xff" * len(cell)) for part in (image, log))
    return image, log


def salvaged_without(sound: Wreck, number: int, folder: Path) -> Salvaged:
    image, log = without_row(sound, number)
    (folder / "journal.sqlite").write_bytes(image)
    log_of(folder / "journal.sqlite").write_bytes(log)
    return salvage(folder / "journal.sqlite", folder / "new.sqlite", KEYS, NOON)


@pytest.mark.parametrize("seed", range(effort(40)))
def test_a_row_that_is_lost_is_told_and_never_sent_around(sound: Wreck, tmp_path: Path, seed: int) -> None:
    """Its number is missing; no entry of which it may have been is asked of a server again."""
    number = random.Random(seed).choice(sorted(sound.rows))

    told = salvaged_without(sound, number, tmp_path)

    missing = {n for first, last in told.missing for n in range(first, last + 1)}
    assert number in missing
    assert not any(first <= number for first, key in sound.keys.items() if key in told.in_doubt)
    for key in told.cases:
        (end,) = [row for row in entry_of(tmp_path / "new.sqlite", key) if isinstance(row, Settled)]
        assert end.how is Settlement.CASE


def entry_of(path: Path, key: str) -> tuple[EntryRow, ...]:
    journal = Journal.open(path, KEYS, CountingClock().now)
    try:
        entry = journal.entry(EntryKey.parse(key))
        assert entry is not None
        return entry.rows
    finally:
        journal.close()


def test_a_settled_loan_that_lost_a_row_asks_nobody(sound: Wreck, tmp_path: Path) -> None:
    """The grant of a loan that ended long ago is lost: no case, and what began later goes on as if nothing had been."""
    number = next(n for n, (_, kind, _) in sound.rows.items() if kind == codec.ANSWERED)

    told = salvaged_without(sound, number, tmp_path)

    assert (told.missing, told.cases, len(told.in_doubt)) == (((number, number + 1),), (), 2)


def test_an_open_loan_that_may_have_lost_a_row_becomes_a_case(sound: Wreck, tmp_path: Path) -> None:
    """Rows behind it are gone: it may have been settled, so it is never sent again, and staff see it."""
    last = max(sound.rows)

    told = salvaged_without(sound, last - 1, tmp_path)

    assert [key.split("-")[2] for key in told.cases] == ["901", "902", "904"]
    assert told.in_doubt == told.nameless == ()
    journal = Journal.open(tmp_path / "new.sqlite", KEYS, CountingClock().now)
    assert {entry.promise.patron for entry in journal.open_cases()} == {PATRON}
    journal.close()


def test_an_open_loan_whose_beginning_is_gone_is_told(sound: Wreck, tmp_path: Path) -> None:
    """What may have been open and cannot come back is named by its first row; a settled loan's beginning is no loss."""
    first = {key.split("-")[2]: number for number, key in sound.keys.items()}

    told = salvaged_without(sound, first["902"], tmp_path)

    assert told.beheaded == (first["902"],)
    assert not any(key.split("-")[2] == "902" for key in (*told.cases, *told.in_doubt))
    again = tmp_path / "again"
    again.mkdir()
    assert salvaged_without(sound, first["3"], again).beheaded == ()


def test_a_damaged_file_is_kept_aside(sound: Wreck, tmp_path: Path) -> None:
    """The new journal takes its name; the damaged one and its log keep their bytes, and a second one its own name."""
    path = sound.put(tmp_path / "journal.sqlite")

    _, first = replace_damaged(path, KEYS, NOON)
    log_of(path).unlink(missing_ok=True)
    again = path.read_bytes()
    _, second = replace_damaged(path, KEYS, NOON)

    assert (first.read_bytes(), log_of(first).read_bytes()) == (sound.image, sound.log)
    assert second.read_bytes() == again
    assert first != second
    journal = Journal.open(path, KEYS, CountingClock().now)
    assert len(journal.unsettled()) == 2
    journal.close()


def test_a_wrong_key_salvages_nothing(sound: Wreck, tmp_path: Path) -> None:
    """Nothing can be proven without the key, so nothing is made, and it is said why."""
    path = sound.put(tmp_path / "journal.sqlite")

    with pytest.raises(JournalKeyWrong):
        salvage(path, tmp_path / "new.sqlite", OTHER_KEYS, NOON)

    assert not list(tmp_path.glob("new.sqlite*"))


@pytest.mark.parametrize("content", [b"", b"hello", bytes(100_000), b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_journal_salvages_nothing(tmp_path: Path, content: bytes) -> None:
    """An empty file, a text, zeros, another database: said, and nothing made."""
    (tmp_path / "journal.sqlite").write_bytes(content)

    with pytest.raises(JournalDamaged):
        salvage(tmp_path / "journal.sqlite", tmp_path / "new.sqlite", KEYS, NOON)

    assert not list(tmp_path.glob("new.sqlite*"))


def test_salvage_writes_over_nothing(sound: Wreck, tmp_path: Path) -> None:
    """A file in the new journal's place is kept."""
    (tmp_path / "new.sqlite").write_bytes(b"precious")

    with pytest.raises(CareRefused):
        salvage(sound.put(tmp_path / "journal.sqlite"), tmp_path / "new.sqlite", KEYS, NOON)

    assert (tmp_path / "new.sqlite").read_bytes() == b"precious"


def test_a_chain_of_another_journal_proves_nothing(sound: Wreck, tmp_path: Path) -> None:
    """Rows of a journal with another key, whole as they are, do not come back."""
    other = Journal.open(tmp_path / "other.sqlite", OTHER_KEYS, CountingClock().now)
    for event in range(1, 9):
        whole_loan(other, event, f"9999{event:04}")
    other.close()
    pages = (tmp_path / "other.sqlite").read_bytes()
    sound.put(tmp_path / "journal.sqlite")
    (tmp_path / "journal.sqlite").write_bytes(sound.image + pages)

    told = salvage(tmp_path / "journal.sqlite", tmp_path / "new.sqlite", KEYS, NOON)

    assert any(
        "99990001" in found.record.body
        for rows in remains_of(tmp_path / "journal.sqlite").rows.values()
        for found in rows
    )
    assert told.missing == ()
    assert rows_of(tmp_path / "new.sqlite") == originals(sound)


def test_what_was_purged_stays_purged(tmp_path: Path) -> None:
    """Rows the library no longer keeps do not come back from old pages, and the chain goes on behind the anchor."""
    from datetime import timedelta

    clock = CountingClock()
    path = tmp_path / "journal.sqlite"
    settings = JournalSettings(segment_rows=10, retention=timedelta(days=2))
    journal = Journal.open(path, KEYS, clock.now, settings)
    for event in range(1, 11):
        whole_loan(journal, event, f"1000{event:04}")
    journal.tidy()
    stale = path.read_bytes(), log_of(path).read_bytes()
    clock.moment += timedelta(days=40)
    while journal.tidy():
        pass
    journal.append([lending(key_of(journal, 99), "20000001")])
    journal.close()
    # As if the file's end had been written over with pages from before the purge.
    path.write_bytes(path.read_bytes() + stale[0])

    told = salvage(path, tmp_path / "new.sqlite", KEYS, NOON)

    assert told.purged_to == 50
    assert told.missing == ()
    assert len(told.in_doubt) == told.entries == 1


def test_a_return_without_its_box_has_lost_nothing(tmp_path: Path) -> None:
    """Where only boxes are lost an open return goes on as it stood, for nobody was named in it; an open payment becomes
    a case, for nobody can tell any more whose it is."""
    path = tmp_path / "journal"
    journal = Journal.open(path, KEYS, CountingClock().now, JournalSettings(reserve_bytes=0))
    back, pay = key_of(journal, 1), key_of(journal, 2)
    journal.append([returning(back), securing(back), secured(back)])
    journal.append([paying(pay), approved(pay)])
    journal._connection.execute("DELETE FROM sealed")
    journal.close()

    salvaged = salvage(path, tmp_path / "new", KEYS, NOON)

    assert (salvaged.in_doubt, salvaged.cases, salvaged.nameless) == ((str(back),), (str(pay),), (str(pay),))
    again = Journal.open(tmp_path / "new", KEYS, CountingClock().now, JournalSettings(reserve_bytes=0))
    assert [entry.key for entry in again.unsettled()] == [back]
    assert again.case_keys() == (pay,)
    assert again.verify().is_whole
    again.close()
