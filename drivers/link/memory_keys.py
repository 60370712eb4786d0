"""The input link of the tests: synchronous, on a virtual clock, with a device to plug, pull and grab away.

The far end gives events as the kernel does; what is left of them for a driver is decided by the code that the real
link has, so repeats and gaps are made in the far end.
"""

from __future__ import annotations

from typing import Protocol

from drivers.link import Clock, DeviceLost, KeyEvent
from drivers.link.key_events import EV_KEY, InputEvent, KeyQueue

__all__ = ["KeyFarEnd", "MemoryKeysLink"]


class KeyFarEnd(Protocol):
    """A simulated keyboard: what it types, and when."""

    def due_at(self) -> float | None:
        """When the next event is due, in seconds of the clock it was made with; None while it types nothing."""

    def events(self) -> tuple[InputEvent, ...]:
        """The events that are due now, oldest first; each is given once."""


class MemoryKeysLink:
    """`InputLink` to *far_end*; keys in *held* are down while it is opened."""

    def __init__(self, far_end: KeyFarEnd, clock: Clock, *, held: tuple[int, ...] = ()) -> None:
        self._far_end = far_end
        self._clock = clock
        self._keys = KeyQueue()
        self._keys.add((EV_KEY, code, 1) for code in held)
        self._is_plugged = True
        self._is_open = True

    def unplug(self) -> None:
        """Takes the device away: what was typed unread is lost and every call raises until `replug`."""
        self._is_plugged = False
        self._keys = KeyQueue()

    def replug(self) -> None:
        """Puts the device back; a closed link stays closed."""
        self._is_plugged = True

    def read(self, timeout_seconds: float) -> tuple[KeyEvent, ...]:
        """As promised by `InputLink`; the clock has moved to the moment of the first key, or by *timeout_seconds*."""
        self._check()
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            self._keys.add(self._far_end.events())
            if keys := self._keys.take():
                return keys
            due_at = self._far_end.due_at()
            until = deadline if due_at is None else min(deadline, due_at)
            self._clock.wait(until - self._clock.monotonic())
            if until == deadline:
                return ()

    def close(self) -> None:
        """As promised by `InputLink`; calls after it raise `DeviceLost`."""
        self._is_open = False

    def _check(self) -> None:
        if not self._is_open:
            raise DeviceLost("the link is closed")
        if not self._is_plugged:
            raise DeviceLost("the device is gone")
