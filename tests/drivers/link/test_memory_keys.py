"""The input link of the tests keeps what `InputLink` promises."""

from __future__ import annotations

import pytest

from drivers.link import DeviceFault, DeviceLost, KeyEvent
from drivers.link.key_events import EV_KEY, EV_SYN, SYN_DROPPED
from drivers.link.memory import VirtualClock
from drivers.link.memory_keys import MemoryKeysLink
from drivers.sim.keyboard_scanner import KeyboardScannerFarEnd


def test_keys_come_when_they_are_due_and_time_passes_only_by_waiting() -> None:
    """A key typed later is waited for as long as the time given, and not longer than until it comes."""
    clock = VirtualClock()
    far_end = KeyboardScannerFarEnd(clock)
    link = MemoryKeysLink(far_end, clock)
    far_end.type([[(EV_KEY, 2, 1)], [(EV_KEY, 2, 0)]], 0.5)
    assert link.read(0.0) == (KeyEvent(2, True),)
    assert link.read(0.2) == ()
    assert clock.monotonic() == pytest.approx(0.2)
    assert link.read(5.0) == (KeyEvent(2, False),)
    assert clock.monotonic() == pytest.approx(0.5)
    assert link.read(0.25) == ()
    assert clock.monotonic() == pytest.approx(0.75)


def test_held_keys_and_gaps_are_told() -> None:
    """What is down while it is opened comes first; a gap is a fault of the device, after which it goes on."""
    clock = VirtualClock()
    far_end = KeyboardScannerFarEnd(clock)
    link = MemoryKeysLink(far_end, clock, held=(42,))
    assert link.read(0.0) == (KeyEvent(42, True),)
    far_end.type([[(EV_SYN, SYN_DROPPED, 0)], [(EV_KEY, 2, 1)]], 0.0)
    with pytest.raises(DeviceFault):
        link.read(1.0)
    assert link.read(1.0) == (KeyEvent(2, True),)


def test_a_pulled_plug_is_device_lost_until_it_is_back() -> None:
    """Unplugged every read raises and what was unread is gone; a closed link stays closed."""
    clock = VirtualClock()
    far_end = KeyboardScannerFarEnd(clock)
    link = MemoryKeysLink(far_end, clock, held=(42,))
    link.unplug()
    with pytest.raises(DeviceLost):
        link.read(1.0)
    link.replug()
    assert link.read(0.0) == ()
    link.close()
    link.close()
    link.replug()
    with pytest.raises(DeviceLost):
        link.read(0.0)
