"""The thread for long work: everything in order, and no mistake ends it."""

from __future__ import annotations

from drivers.link.memory import VirtualClock
from kiosk.engine.work_pump import WorkPump
from tests.kit.recording import KeptLog


def test_work_is_done_in_order_and_a_mistake_ends_only_itself() -> None:
    """The second piece fails, is logged, and the third is done."""
    done: list[int] = []
    log = KeptLog()
    pump = WorkPump(log, idle=VirtualClock().wait)
    pump.do(lambda: done.append(1))
    pump.do(lambda: done.append(1 // 0))
    pump.do(lambda: done.append(3))

    pump.turn()
    pump.turn()
    pump.close()

    assert done == [1, 3]
    assert log.sentences("failure") == ["work failed"]
