"""Nobody is charged twice: the cable of a terminal breaks after every single byte of a payment."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from drivers.payment import Unknown
from drivers.payment.zvt_terminal import Framing
from drivers.sim.zvt_terminal import CardChoice
from tests.kit.effort import effort
from tests.kit.payment_proof import Play

EVERY_BYTE = [Play(framing) for framing in Framing]
OTHERS = [
    play
    for framing in Framing
    for play in (
        Play(framing, away_seconds=60.0),
        Play(framing, CardChoice.DECLINE),
        Play(framing, CardChoice.DECLINE, remembers_declined=True),
        Play(framing, CardChoice.NO_HOST),
        Play(framing, forgets_unacknowledged=True),
        Play(framing, forgets_unacknowledged=True, away_seconds=60.0),
    )
]
FIRST_EVER = [Play(framing, earlier=0) for framing in Framing]


def told_at(play: Play, folder: Path, step: int) -> Counter[str]:
    """What was told when the cable broke, at every *step*th byte: names of verdicts, with the why of an `Unknown`."""
    told: Counter[str] = Counter()
    for position in range(0, play.size(folder) + 1, step):
        verdict = play.cut_at(folder, position)
        told[verdict.why if isinstance(verdict, Unknown) else type(verdict).__name__] += 1
    return told


@pytest.mark.parametrize("play", EVERY_BYTE, ids=str)
def test_a_cable_that_breaks_at_any_byte_charges_nobody_twice(play: Play, tmp_path: Path) -> None:
    """After every byte: what the driver says and what the terminal holds agree, and it was told once at most."""
    told = told_at(play, tmp_path, 1)

    assert set(told) == {"Approved", "NotPaid"}
    assert min(told.values()) > 50


@pytest.mark.parametrize("play", OTHERS, ids=str)
def test_so_it_is_with_other_cards_and_other_terminals(play: Play, tmp_path: Path) -> None:
    """Declined cards, tills that come back late, terminals that give unheard payments back: the same holds."""
    told = told_at(play, tmp_path, effort(29, 1))

    assert set(told) <= {"Approved", "NotPaid"}


@pytest.mark.parametrize("play", FIRST_EVER, ids=str)
def test_a_terminal_without_a_memory_leaves_it_to_staff(play: Play, tmp_path: Path) -> None:
    """Where the terminal has never had a payment and tells of none, nobody says that nothing was taken."""
    told = told_at(play, tmp_path, effort(17, 1))

    assert set(told) == {"Approved", "no-receipt"}
