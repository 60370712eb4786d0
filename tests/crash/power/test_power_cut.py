"""The power goes at every operation of the disk, and whatever it leaves, the promises hold."""

from __future__ import annotations

import pytest

from tests.crash.broken_terminals import VARIANTS
from tests.crash.power.run import cut_everywhere
from tests.kit.effort import effort
from tests.kit.proofs import note

SEED = 26
IMAGES = effort(10_000, 100_000)


def test_every_power_cut_leaves_what_start_up_puts_right() -> None:
    """On every image a cut could leave, nothing acknowledged is lost, nothing is doubled, tags and rows agree."""
    cuts = cut_everywhere(IMAGES, SEED)

    note("power cuts", SEED, cuts.figures())
    assert not cuts.found, "\n".join(cuts.found)
    assert cuts.distinct >= IMAGES


@pytest.mark.parametrize(
    "variant", ["acknowledges first", "syncs seldom", "releases first", "does before it is written"]
)
def test_a_broken_terminal_does_not_survive_the_power_cuts(variant: str) -> None:
    """Negative control: a terminal that breaks the rules in one way breaks a promise on some image."""
    cuts = cut_everywhere(IMAGES, SEED, VARIANTS[variant], until_found=True)

    assert cuts.found
