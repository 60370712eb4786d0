"""Cuts the power everywhere: a play, its images, a start on each of them, on all processors."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from drivers.link.clock import RealClock
from tests.crash.power.disk import images
from tests.crash.power.play import FILES, Recording, record
from tests.crash.power.verdict import verdict

CUTS_AT_ONCE = 10
SELECTIONS = 20
FOUND_MAX = 20


@dataclass(frozen=True, slots=True)
class Cuts:
    """What was tried: *distinct* images by their bytes, *doubles* that were equal to one seen, and what was *found*."""

    operations: int
    distinct: int
    doubles: int
    seconds: float
    found: tuple[str, ...]


def summed(plays: Sequence[Cuts]) -> dict[str, int | float]:
    """What was tried in all *plays*, by name; no two have an image in common, for each journal has its own keys."""
    distinct = sum(cuts.distinct for cuts in plays)
    return {
        "operations": sum(cuts.operations for cuts in plays),
        "distinct images": distinct,
        "doubles": sum(cuts.doubles for cuts in plays),
        "images a second": distinct / max(sum(cuts.seconds for cuts in plays), 1e-9),
        "broken promises": sum(len(cuts.found) for cuts in plays),
    }


def cut_everywhere(
    wanted: int, seed: int, prepare: Callable[[], None] | None = None, *, until_found: bool = False
) -> Cuts:
    """Plays, and starts on *wanted* distinct images or a few more, spread over the whole play.

    *prepare* breaks the terminal on purpose, in every process; *until_found* stops at the first broken promise.
    """
    clock = RealClock()
    with tempfile.TemporaryDirectory(dir=fast_folder()) as name:
        folder = Path(name)
        recording = recorded(folder / "play", prepare, seed)
        begun = clock.monotonic()
        seen: set[bytes] = set()
        total = 0
        found: list[str] = []
        with ProcessPoolExecutor(
            os.cpu_count(), multiprocessing.get_context("spawn"), initializer=_adopt, initargs=(recording,)
        ) as pool:
            for work in _rounds(folder, recording, seed, prepare):
                before = len(seen)
                for digests, sentences in pool.map(work, _parts(len(recording.operations))):
                    total += len(digests)
                    seen.update(digests)
                    found += sentences
                    if len(found) > FOUND_MAX or (found and until_found):
                        pool.shutdown(cancel_futures=True)
                        break
                if len(seen) >= wanted or len(seen) == before or found:
                    break
        seconds = clock.monotonic() - begun
    return Cuts(len(recording.operations), len(seen), total - len(seen), seconds, tuple(found[:FOUND_MAX]))


_recording: list[Recording] = []
_judged: set[bytes] = set()
"""What this process has judged already, in any round."""


def _adopt(recording: Recording) -> None:
    _recording[:] = [recording]


def recorded(folder: Path, prepare: Callable[[], None] | None = None, seed: int = 0) -> Recording:
    """The play of *seed* in *folder*, made in a process of its own: a terminal broken on purpose stays there."""
    folder.mkdir()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_record, folder, prepare, seed).result()


def _record(folder: Path, prepare: Callable[[], None] | None, seed: int) -> Recording:
    if prepare is not None:
        prepare()
    return record(folder, seed)


def _rounds(
    folder: Path, recording: Recording, seed: int, prepare: Callable[[], None] | None
) -> Iterator[Callable[[range], tuple[list[bytes], list[str]]]]:
    """Every round tries the whole play; each later one adds other selections of what was not synced."""
    for number in count():
        yield partial(_judge_part, folder, seed * 1000 + number, SELECTIONS, prepare, number == 0)


def _parts(operations: int) -> Iterator[range]:
    for begin in range(0, operations + 1, CUTS_AT_ONCE):
        yield range(begin, min(begin + CUTS_AT_ONCE, operations + 1))


def _judge_part(
    folder: Path, seed: int, selections: int, prepare: Callable[[], None] | None, is_first: bool, cuts: range
) -> tuple[list[bytes], list[str]]:
    if prepare is not None:
        prepare()
    recording = _recording[0]
    place = folder / f"cuts-{os.getpid()}"
    place.mkdir(exist_ok=True)
    digests: list[bytes] = []
    found: list[str] = []
    for image in images(
        recording.start,
        recording.operations,
        FILES,
        cuts,
        seed=seed + 7919 * cuts.start,
        selections=selections,
    ):
        if image.kind != "selected" and not is_first:
            continue
        digests.append(image.digest)
        if image.digest in _judged:
            continue
        _judged.add(image.digest)
        found += verdict(recording, image, place)
        if len(found) > FOUND_MAX:
            break
    return digests, found


def fast_folder() -> str | None:
    """A folder in memory: what a sync costs is no part of this proof."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
