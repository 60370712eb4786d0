"""The power goes at every operation of the disk while items come back and money is paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.counter_play import (
    FILES,
    ChargesFirst,
    Counter,
    GivesBackFirst,
    SealsNothing,
    TellsFirst,
    broken_promises,
)
from tests.crash.power.disk import images
from tests.kit.effort import effort
from tests.kit.proofs import note

SEED = 2611
SELECTIONS = effort(1, 20)


def cut_everywhere(
    folder: Path, counter: type[Counter], *, until_found: bool = False
) -> tuple[int, list[str]]:
    """How many distinct images of a day at *counter* were tried, and what is wrong on them."""
    (folder / "played").mkdir()
    (folder / "cut").mkdir()
    recording = counter(folder / "played").recording
    cuts = range(len(recording.operations) + 1)
    seen: set[bytes] = set()
    found: list[str] = []
    every = images(recording.start, recording.operations, FILES, cuts, seed=SEED, selections=SELECTIONS)
    for image in every:
        if image.digest in seen:
            continue
        seen.add(image.digest)
        found += broken_promises(recording, image, folder / "cut")
        if found and until_found:
            break
    return len(seen), found


def test_a_power_cut_leaves_what_was_given_back_and_paid(tmp_path: Path) -> None:
    """Wherever the power goes: nothing acknowledged is lost, no tag is changed, nobody told, no flap opened and no
    money moved without the row that allows it, and every open return and payment is found at the next start."""
    tried, found = cut_everywhere(tmp_path, Counter)

    note("power cuts at the counter", SEED, {"distinct images": tried, "broken promises": len(found)})
    assert found == []
    assert tried >= 300


@pytest.mark.parametrize(
    ("counter", "said"),
    [
        (ChargesFirst, "money was taken, and no row allows it"),
        (TellsFirst, "the server was told of the return, and no row allows it"),
        (GivesBackFirst, "money was given back, and no row allows it"),
        (SealsNothing, "what is open is not found"),
    ],
)
def test_a_counter_that_does_before_it_writes_is_caught(
    tmp_path: Path, counter: type[Counter], said: str
) -> None:
    """Negative control: money taken or given back, a return told, ahead of its row, and a return that seals nothing,
    are each found by the cuts above."""
    _, found = cut_everywhere(tmp_path, counter, until_found=True)

    assert any(said in sentence for sentence in found), found
