"""A BookCheck on its far end, for the tests of this room."""

from __future__ import annotations

from typing import cast

import pytest

from drivers.em import Deed
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.link.memory_control import MemoryControlLink
from drivers.sim.bookcheck import BookCheckFarEnd
from tests.kit.strip_bench import StripBench, bookcheck


@pytest.fixture
def bench() -> StripBench:
    return bookcheck(BookCheckSettings())


@pytest.fixture
def unit(bench: StripBench) -> BookCheckFarEnd:
    return cast(BookCheckFarEnd, bench.far_end)


@pytest.fixture
def cable(bench: StripBench) -> MemoryControlLink:
    return cast(MemoryControlLink, bench.cable)


@pytest.fixture
def live(bench: StripBench, unit: BookCheckFarEnd) -> StripBench:
    """A unit that is live: the next item is desensitised."""
    bench.unit.arm(Deed.DESENSITISE)
    assert bench.watch(4.0) == []
    assert not unit.is_safe
    return bench
