"""Salvage that believes what it reads is caught by the oracle of the tests of salvage."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from sync.journal.care import proof
from sync.journal.care.proof import Proven
from sync.journal.care.reading_only import log_of
from sync.journal.care.salvage import salvage
from sync.journal.care.shapes import RowFound
from sync.journal.errors import JournalDamaged
from tests.sync.journal.care.test_salvage import judge
from tests.sync.journal.care.wrecks import Wreck, flip_bytes, wreck
from tests.sync.journal.samples import KEYS, NOON

SEEDS = 30


def believe(result: Proven, rows: Mapping[int, list[RowFound]], number: int, _: object) -> None:
    """The broken variant: the last thing that looks like a row is one."""
    result.rows[number] = rows[number][-1].record


def caught(sound: Wreck, folder: Path) -> int:
    """In how many of the damaged journals the oracle finds something wrong with what was salvaged."""
    count = 0
    for seed in range(SEEDS):
        image, log = bytearray(sound.image), bytearray(sound.log)
        chance = random.Random(seed)
        # Flips all over the file, and in texts: what still looks like a row.
        flip_bytes(chance, image, log)
        for part in (image, log):
            for place in [at for at in range(len(part)) if part.startswith(b'"item":"1000', at)]:
                part[place + 14] ^= chance.randrange(2)
        path, made = folder / f"{seed}.sqlite", folder / f"{seed}.new"
        path.write_bytes(image)
        log_of(path).write_bytes(log)
        try:
            judge(sound, salvage(path, made, KEYS, NOON), made, (bytes(image), bytes(log)))
        except (AssertionError, KeyError, JournalDamaged):
            count += 1
    return count


def test_salvage_that_believes_what_it_reads_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the chain's proof altered rows come back, and the oracle says so; with it none does."""
    sound = wreck(tmp_path)
    (tmp_path / "proving").mkdir()
    assert caught(sound, tmp_path / "proving") == 0
    monkeypatch.setattr(proof, "_judge", believe)
    (tmp_path / "believing").mkdir()

    assert caught(sound, tmp_path / "believing") > SEEDS // 2
