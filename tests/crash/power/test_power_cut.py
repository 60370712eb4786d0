"""The power goes at every operation of the disk, and whatever it leaves, the promises hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.power.run import cut_everywhere, recorded, summed
from tests.crash.power.synced import acknowledged_unsynced
from tests.kit.effort import effort
from tests.kit.proofs import note

SEED = 26
IMAGES = 10_000
PLAYS = effort(1, 10)


@pytest.mark.timeout(effort(400, 7_200))
def test_every_power_cut_leaves_what_start_up_puts_right() -> None:
    """On every image a cut could leave, nothing acknowledged is lost, nothing is doubled, tags and rows agree."""
    plays = [cut_everywhere(IMAGES, SEED + number) for number in range(PLAYS)]

    found = [sentence for cuts in plays for sentence in cuts.found]
    note("power cuts", SEED, {"plays": PLAYS, **summed(plays)})
    assert not found, "\n".join(found)
    assert all(cuts.distinct >= IMAGES for cuts in plays)


def test_nothing_is_acknowledged_before_it_is_synced(tmp_path: Path) -> None:
    """Whenever the journal has said "written", there is nothing of it left that the disk might still lose."""
    recording = recorded(tmp_path / "play")

    assert recording.moments[-1][1].rows > 30
    assert acknowledged_unsynced(recording) == []
