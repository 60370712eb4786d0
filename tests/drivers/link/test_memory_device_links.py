"""The control link and the line link of the tests keep the promises of their kinds, faults included."""

from __future__ import annotations

import pytest

from drivers.link import DeviceFault, DeviceLost
from drivers.link.memory import Corrupted, Cut, Late, Lost, Noise, Sound, VirtualClock
from drivers.link.memory_control import ControlFault, Gone, MemoryControlLink, Stalled, Unheard
from drivers.link.memory_lines import MemoryLineLink


class Counting:
    """Answers with how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def control(self, request: int, value: int, index: int, size: int) -> bytes | None:
        self.asked += 1
        return None if request == 0xFF else bytes((self.asked, 7, 8))


class Levels:
    """Lines with the levels they were given."""

    def __init__(self) -> None:
        self.high: dict[int, bool] = {}

    def drive(self, line: int, high: bool) -> None:
        self.high[line] = high

    def level(self, line: int) -> bool:
        return self.high.get(line, False)


@pytest.mark.parametrize(
    ("fault", "answer", "asked"),
    [
        (Sound(), b"\x01\x07\x08", 1),
        (Cut(1), b"\x01", 1),
        (Corrupted(0, 0x80), b"\x81\x07\x08", 1),
        (Noise(b"\x00\x00"), b"\x00\x00\x01", 1),
        (Late(0.4), b"\x01\x07\x08", 1),
        (Late(0.6), DeviceLost, 1),
        (Lost(), DeviceLost, 1),
        (Unheard(), DeviceLost, 0),
        (Stalled(), DeviceFault, 0),
        (Gone(), DeviceLost, 1),
    ],
)
def test_a_transfer_goes_as_the_fault_says(
    fault: ControlFault, answer: bytes | type[Exception], asked: int
) -> None:
    """One fault is for one transfer; whether the device heard it is part of the fault; time passes on the clock."""
    clock, far_end = VirtualClock(), Counting()
    link = MemoryControlLink(far_end, clock)
    link.inject(fault)
    if isinstance(answer, bytes):
        assert link.control_in(1, 2, 3, 3, 0.5) == answer
    else:
        with pytest.raises(answer):
            link.control_in(1, 2, 3, 3, 0.5)

    assert far_end.asked == asked
    assert clock.monotonic() <= 0.51
    link.replug()
    assert link.control_in(1, 2, 3, 3, 0.5) == bytes((asked + 1, 7, 8))


def test_a_device_that_refuses_or_is_gone_says_so() -> None:
    """A stall is a fault; silence, a pulled cable and a closed link are a loss; only what was heard is listed."""
    link = MemoryControlLink(Counting(), VirtualClock())
    with pytest.raises(DeviceFault):
        link.control_in(0xFF, 0, 0, 9, 0.5)
    link.silent = True
    with pytest.raises(DeviceLost):
        link.control_in(1, 0, 0, 9, 0.5)
    link.silent = False
    link.unplug()
    with pytest.raises(DeviceLost):
        link.control_in(1, 0, 0, 9, 0.5)
    link.replug()
    link.close()
    link.close()
    with pytest.raises(DeviceLost):
        link.control_in(1, 0, 0, 9, 0.5)
    assert link.requests == [(0xFF, 0, 0)]


def test_lines_are_active_whatever_their_voltage() -> None:
    """Inverted lines are low when active; outputs are inactive from the claim on and after closing."""
    far_end = Levels()
    link = MemoryLineLink(far_end, VirtualClock())
    link.claim([1, 2], [3, 4], [2, 4])
    assert far_end.high == {3: False, 4: True}
    assert (link.read(1), link.read(2)) == (False, True)
    link.write(3, True)
    link.write(4, True)
    assert far_end.high == {3: True, 4: False}
    link.close()
    link.close()

    assert far_end.high == {3: False, 4: True}
    with pytest.raises(DeviceLost):
        link.read(1)


def test_lines_are_used_as_they_were_claimed() -> None:
    """A line that is taken is a fault; another direction is a mistake."""
    link = MemoryLineLink(Levels(), VirtualClock(), taken=[3])
    with pytest.raises(DeviceFault, match="3"):
        link.claim([1], [3])
    link.claim([1], [2])
    with pytest.raises(ValueError, match="line 2"):
        link.read(2)
    with pytest.raises(ValueError, match="line 1"):
        link.write(1, True)


def test_an_edge_is_what_changed_since_the_last_look() -> None:
    """A change is told once; without one the wait moves the clock by its time."""
    far_end, clock = Levels(), VirtualClock()
    link = MemoryLineLink(far_end, clock)
    link.claim([1], [])
    far_end.high[1] = True
    assert link.wait_for_edge(1.0) is True
    assert clock.monotonic() == 0
    assert link.wait_for_edge(1.0) is False
    assert clock.monotonic() == pytest.approx(1.0)


def test_a_chip_goes_when_it_is_told_to() -> None:
    """After so many calls, or at once when it is unplugged, which lets its outputs fall."""
    far_end = Levels()
    link = MemoryLineLink(far_end, VirtualClock())
    link.claim([1], [3])
    link.fails_after = 2
    link.write(3, True)
    link.read(1)
    with pytest.raises(DeviceLost):
        link.read(1)
    assert far_end.high[3]
    link.unplug()
    assert not far_end.high[3]
    with pytest.raises(DeviceLost):
        link.wait_for_edge(0.1)
