"""Random days with a strip unit: whatever happens in whatever order, no strip is treated that must not be."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest

from kiosk.workflow import view
from kiosk.workflow.effects import LeaveStrip
from kiosk.workflow.state import Serving
from kiosk.workflow.view import Status, StripStep, Trouble
from tests.kiosk.workflow.strip_days import QUICK, StripDay, a_day, something_happens
from tests.kiosk.workflow.test_walks import everything_is_settled_or_in_the_lane, order_is_legal, rows_by_key
from tests.kit.effort import effort


@pytest.mark.parametrize("block", range(effort(4)))
def test_random_days_treat_no_strip_that_must_not_be(block: int) -> None:
    """Never without a record of leave and intent, never two at once, never an interlocked one, never a second item."""
    for seed in range(block * 100, block * 100 + 100):
        day = a_day(seed)
        for key, told in rows_by_key(day).items():
            order_is_legal(key, told)


def test_every_item_at_the_unit_comes_to_an_end_and_leaves_it_safe() -> None:
    """Left alone, with a unit that says no more, the session ends, all is written, and the unit was told to leave."""
    for seed in range(80):
        day = a_day(seed, 60)
        day.pass_time(300)
        assert not isinstance(day.state.phase, Serving), f"seed {seed} never ends"
        day.shows(view.Welcome)
        everything_is_settled_or_in_the_lane(day)
        assert day.open is None or LeaveStrip(day.open.key) in day.left


def test_days_come_everywhere() -> None:
    """They are worth something: every step at the unit, every reason, every end."""
    steps: set[StripStep] = set()
    whys: set[object] = set()
    statuses: set[Status] = set()
    for seed in range(200):
        day, dice = StripDay(QUICK), random.Random(seed)
        if seed % 2:
            day.lend_here()
        for _ in range(80):
            something_happens(day, dice)
            if isinstance(day.view, view.UseStripUnit):
                steps.add(day.view.step)
            if isinstance(day.state.phase, Serving):
                whys.update(line.why for line in day.state.phase.session.lines)
                statuses.update(line.status for line in day.state.phase.session.lines)

    assert steps == set(StripStep)
    assert whys >= {
        Trouble.STRIP_UNIT_AWAY,
        Trouble.STRIP_NOT_CHECKED,
        Trouble.STRIP_SECOND_ITEM,
        Trouble.STRIP_NOT_USED_IN_TIME,
        Trouble.STRIP_MAGNETIC_MEDIA,
        Trouble.STRIP_MEDIA_UNKNOWN,
        Trouble.STRIP_PERMANENT,
        Trouble.TAG_IS_OF_ANOTHER,
        Trouble.NOT_SECURED_LOAN_UNDONE,
    }
    assert statuses >= {Status.LENT, Status.LENT_PROVISIONALLY, Status.LENT_NOT_VERIFIED, Status.UNDOING}


def test_a_day_with_strips_replays_bit_by_bit_under_another_hash_seed() -> None:
    """The same events give the same rows and effects for ever, whatever the interpreter's hash seed."""
    program = (
        "from tests.kiosk.workflow.strip_days import a_day\n"
        "for seed in range(6):\n"
        "    d = a_day(seed); print(repr(d.rows), repr(d.effects), repr(d.view))\n"
    )
    outputs = set()
    for hash_seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=True
        )
        outputs.add(done.stdout)

    assert len(outputs) == 1
    assert b"TreatStrip" in outputs.pop()
