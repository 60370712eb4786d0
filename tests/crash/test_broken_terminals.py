"""Terminals that are broken on purpose: each is found out by two of the proofs, which stop at the first finding."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.uplink.courier import Courier
from tests.crash.broken_couriers import LetsTheNewestGoFirst, RepeatsWithoutAsking, SendsUnderNewKeys
from tests.crash.broken_terminals import VARIANTS
from tests.crash.invariants import broken
from tests.crash.power.run import cut_everywhere, fast_folder, recorded
from tests.crash.power.synced import acknowledged_unsynced
from tests.crash.test_every_turn import BOOKS, crash_after, turns_of_a_session, witness
from tests.crash.test_strip_turns import Disaster, broken_down, found_at_every_turn, power_cut, unplugged
from tests.crash.year.days import Plan
from tests.crash.year.run import live
from tests.journeys.test_random_days import NEVER, days
from tests.journeys.test_random_strip_days import strip_days
from tests.kit.rig import Rig
from tests.sync.uplink.test_promises import EFFORT, SERVERS, Promises

SEED = 26
IMAGES = 10_000
SEEDS = range(SEED, SEED + 4)
ROUGH = Plan(days=1, terminals=2, sessions=25, outages=1.0, power_cuts=0.2, injuries=0.4, damaged_tags=0.2)
COURIERS: dict[str, tuple[str, type[Courier]]] = {
    "has no keys": ("in order, as central", SendsUnderNewKeys),
    "lets the newest go first": ("one by one, as SIP2", LetsTheNewestGoFirst),
    "repeats without asking": ("one by one, as SIP2", RepeatsWithoutAsking),
}


def power_cuts(variant: str) -> list[str]:
    """A start on the images that power cuts leave."""
    return list(cut_everywhere(IMAGES, SEED, VARIANTS[variant], until_found=True).found)


def synced(variant: str) -> list[str]:
    """What the disk had when rows were acknowledged."""
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        return acknowledged_unsynced(recorded(Path(folder) / "play", VARIANTS[variant]))


def every_turn(variant: str) -> list[str]:
    """A crash at each turn of a session."""
    return _every_turn(variant, lambda _: None)


def every_turn_alone(variant: str) -> list[str]:
    """The same, and the reader is gone with the books."""

    def walk_off(rig: Rig) -> None:
        for book in BOOKS:
            rig.reader.take(*(tag.uid for tag in rig.tags[book]))

    return _every_turn(variant, walk_off)


def _every_turn(variant: str, lift: Callable[[Rig], None]) -> list[str]:
    VARIANTS[variant]()
    with tempfile.TemporaryDirectory(dir=fast_folder()) as name:
        folder = Path(name)
        for turn in range(turns_of_a_session(folder / "whole") + 1):
            rig = crash_after(folder / str(turn), turn, lift=lift)
            found = broken(witness(rig))
            rig.close()
            if found:
                return found
    return []


def a_year(variant: str) -> list[str]:
    """Rough days of a library."""
    return next((list(found) for seed in SEEDS if (found := _rough_day(seed, VARIANTS[variant]))), [])


def _rough_day(seed: int, prepare: Callable[[], None] | None = None) -> tuple[str, ...]:
    return live(seed, ROUGH, prepare).lived.found


def power_cut_at_the_strip_unit(variant: str) -> list[str]:
    """A power cut at every turn of a session with strips."""
    return _strip_turns(variant, power_cut)


def unplugged_strip_unit(variant: str) -> list[str]:
    """The strip unit is unplugged at every turn, and plugged in again."""
    return _strip_turns(variant, unplugged)


def broken_strip_unit(variant: str) -> list[str]:
    """The strip unit breaks down at every turn, and is opened again."""
    return _strip_turns(variant, broken_down)


def _strip_turns(variant: str, disaster: Disaster) -> list[str]:
    VARIANTS[variant]()
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        return found_at_every_turn(Path(folder), disaster, 9, first_only=True)


def random_strip_days(variant: str) -> list[str]:
    """Random days of one terminal with a strip unit."""
    VARIANTS[variant]()
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        return strip_days(Path(folder), range(12), NEVER, first_only=True)[0]


def random_days(variant: str) -> list[str]:
    """Random days of one terminal with real frames."""
    VARIANTS[variant]()
    policy = OfflinePolicy(OfflineLending.WITHIN_LIMITS)
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        for seed in range(20):
            found, *_ = days(Path(folder), range(seed, seed + 1), policy)
            if found:
                return found
    return []


def uplink_play(variant: str) -> list[str]:
    """The play of sessions, silence and restarts, on the broken courier."""
    served, courier = COURIERS[variant]

    class Broken(Promises):
        courier_type = courier
        ways = SERVERS[served]

    try:
        run_state_machine_as_test(
            Broken,
            settings=settings(
                EFFORT,
                max_examples=500,
                database=None,
                phases=[Phase.generate],
                print_blob=False,
                report_multiple_bugs=False,
            ),
        )
    except AssertionError as found:
        return [str(found) or "a promise is broken"]
    return []


CONTROLS: dict[str, tuple[Callable[[str], list[str]], Callable[[str], list[str]]]] = {
    "acknowledges first": (power_cuts, every_turn),
    "syncs seldom": (power_cuts, synced),
    "releases first": (power_cuts, every_turn),
    "does before it is written": (power_cuts, every_turn),
    "has no keys": (uplink_play, a_year),
    "does not read back": (random_days, a_year),
    "lets the newest go first": (uplink_play, a_year),
    "repeats without asking": (uplink_play, every_turn),
    "deletes cases": (every_turn_alone, power_cuts),
    "treats strips first": (power_cut_at_the_strip_unit, random_strip_days),
    "treats strips again": (unplugged_strip_unit, broken_strip_unit),
    "takes tapes for books": (unplugged_strip_unit, random_strip_days),
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("variant", "proof"),
    [(variant, proof) for variant, proofs in CONTROLS.items() for proof in proofs],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)
def test_a_broken_terminal_is_found_out(variant: str, proof: Callable[[str], list[str]]) -> None:
    """Negative control: a terminal that breaks one rule breaks a promise in this proof, and in another one."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(proof, variant).result()

    assert found


def test_rough_days_do_a_terminal_no_harm_that_is_not_broken() -> None:
    """What the rough days of these controls find is the broken terminal's fault."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = [sentence for day in pool.map(_rough_day, SEEDS) for sentence in day]

    assert found == []


def test_every_broken_terminal_has_two_proofs() -> None:
    """None of the ways to break a terminal is left out, and no proof counts twice."""
    assert set(CONTROLS) == set(VARIANTS)
    assert all(len(set(proofs)) == 2 for proofs in CONTROLS.values())
