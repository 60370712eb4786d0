"""The power goes at every operation of the disk, and whatever it leaves, the promises hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.power.run import cut_everywhere, recorded
from tests.crash.power.synced import acknowledged_unsynced
from tests.kit.effort import effort
from tests.kit.proofs import note

SEED = 26
IMAGES = effort(10_000, 100_000)


@pytest.mark.timeout(effort(400, 7_200))
def test_every_power_cut_leaves_what_start_up_puts_right() -> None:
    """On every image a cut could leave, nothing acknowledged is lost, nothing is doubled, tags and rows agree."""
    cuts = cut_everywhere(IMAGES, SEED)

    note("power cuts", SEED, cuts.figures())
    assert not cuts.found, "\n".join(cuts.found)
    assert cuts.distinct >= IMAGES


def test_nothing_is_acknowledged_before_it_is_synced(tmp_path: Path) -> None:
    """Whenever the journal has said "written", there is nothing of it left that the disk might still lose."""
    recording = recorded(tmp_path / "play")

    assert recording.moments[-1][1].rows > 30
    assert acknowledged_unsynced(recording) == []
