"""What the kernel says of an input device, and what is left of it for a driver: keys down, keys up, and gaps.

An event is (type, code, value), as in `struct input_event` without its time (linux/input.h; numbers from
input-event-codes.h, rules from the kernel's Documentation/input/event-codes.rst).  A key has the value 1 when it goes
down, 0 when it comes up and 2 while it repeats.  SYN_DROPPED says that the reader was too slow and events were thrown
away: everything up to the next SYN_REPORT is then the rest of something half lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from drivers.link import DeviceFault, KeyEvent

__all__ = ["EV_KEY", "EV_SYN", "SYN_DROPPED", "SYN_REPORT", "InputEvent", "KeyQueue"]

EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
_UP, _DOWN = 0, 1

InputEvent = tuple[int, int, int]


class KeyQueue:
    """Events in as the kernel gives them, keys out as `InputLink.read` promises them."""

    def __init__(self) -> None:
        self._waiting: deque[KeyEvent | None] = deque()
        self._is_dropping = False

    def add(self, events: Iterable[InputEvent]) -> None:
        """Takes *events*, oldest first; what is no key, and what repeats, is left out.  Never raises."""
        for kind, code, value in events:
            if kind == EV_SYN and code == SYN_DROPPED:
                self._is_dropping = True
                self._waiting.append(None)
            elif kind == EV_SYN and code == SYN_REPORT:
                self._is_dropping = False
            elif kind == EV_KEY and value in (_UP, _DOWN) and not self._is_dropping:
                self._waiting.append(KeyEvent(code, value == _DOWN))

    def take(self) -> tuple[KeyEvent, ...]:
        """The keys up to the next gap, possibly none.

        Raises `DeviceFault` once for each gap, when it is its turn; what came behind it is given by the calls after.
        """
        keys: list[KeyEvent] = []
        while self._waiting and (key := self._waiting[0]) is not None:
            keys.append(key)
            self._waiting.popleft()
        if not keys and self._waiting:
            self._waiting.popleft()
            raise DeviceFault("keys were typed faster than they were read")
        return tuple(keys)
