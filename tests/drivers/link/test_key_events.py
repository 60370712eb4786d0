"""What is left of the kernel's events: keys down and up, and gaps."""

from __future__ import annotations

import random

import pytest

from drivers.link import DeviceFault, KeyEvent
from drivers.link.key_events import EV_KEY, EV_SYN, SYN_DROPPED, SYN_REPORT, InputEvent, KeyQueue
from tests.kit.effort import effort

REPORT: InputEvent = (EV_SYN, SYN_REPORT, 0)
GAP: InputEvent = (EV_SYN, SYN_DROPPED, 0)


def test_keys_are_given_once_and_in_order() -> None:
    """Downs and ups come as they were, without scan codes, lamps, ends of reports and repeats."""
    queue = KeyQueue()
    queue.add(
        [(4, 4, 0x70004), (EV_KEY, 30, 1), REPORT, (EV_KEY, 30, 2), (17, 0, 1), (EV_KEY, 30, 0), REPORT]
    )
    assert queue.take() == (KeyEvent(30, True), KeyEvent(30, False))
    assert queue.take() == ()


def test_a_gap_is_told_in_its_place() -> None:
    """What came before the gap is given, then the gap is told once; the rest of its report is left out."""
    queue = KeyQueue()
    queue.add([(EV_KEY, 2, 1), GAP, (EV_KEY, 3, 1)])
    queue.add([(EV_KEY, 4, 1), REPORT, (EV_KEY, 5, 1), REPORT])
    assert queue.take() == (KeyEvent(2, True),)
    with pytest.raises(DeviceFault, match="faster than they were read"):
        queue.take()
    assert queue.take() == (KeyEvent(5, True),)


def test_no_events_break_the_queue() -> None:
    """20 000 seeded runs of events, sensible or not, give keys or tell of gaps, and are never kept."""
    chance = random.Random(4)
    queue = KeyQueue()
    for _ in range(effort(20_000)):
        queue.add(
            (chance.randrange(6), chance.choice((0, 3, 28, 70_000)), chance.choice((-1, 0, 1, 2, 2**31)))
            for _ in range(chance.randrange(6))
        )
        while True:
            try:
                if not queue.take():
                    break
            except DeviceFault:
                continue
