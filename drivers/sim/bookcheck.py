"""The far end of a 3M BookCheck 942: answers BD and B7, and acts by itself on what crosses it (device reference 8.1).

An item that is slid over it is on the sensors from the moment it enters until it leaves and is on the coil half-way;
one that is laid on it enters and stays.  What the unit does then is decided by the mode it is in at that moment.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drivers.em import Deed
from drivers.em.bookcheck import MODE, SENSORS
from drivers.link import Clock
from drivers.sim.strip import Coil, StripItem

__all__ = ["BookCheckFarEnd"]

LEFT, RIGHT = 1, 2
FOREVER = float("inf")


@dataclass
class _Passage:
    """Items together on their way; *turns_at* is when they go back without having reached the coil."""

    items: tuple[StripItem, ...]
    direction: int
    enters_at: float
    acts_at: float
    leaves_at: float
    turns_at: float = FOREVER
    is_done: bool = False


class BookCheckFarEnd:
    """A unit that has just been switched on: check-in, normal processing, automatic.

    What it does wrong: *ignores_modes* stays in its mode and says so; *lies_about_modes* says what was asked and does
    not do it; *shows* is what the verifier shows for ever; *acts_on_standing* treats what stands there in the moment
    it becomes live; *is_stalling* refuses every request; *replies* are sent instead of the true ones, one by one; the
    *coil* has faults of its own.
    """

    def __init__(self, clock: Clock) -> None:
        self.coil = Coil()
        self.ignores_modes = False
        self.lies_about_modes = False
        self.shows: bool | None = None
        self.acts_on_standing = False
        self.is_stalling = False
        self.replies: deque[bytes] = deque()
        self.on_request: Callable[[int, int, int], None] | None = None
        self._clock = clock
        self._lock = threading.RLock()
        self._passages: list[_Passage] = []
        self._by_itself: deque[tuple[float, tuple[bool, bool, bool]]] = deque()
        self._direction = LEFT
        self._light = False
        self._checks_in, self._is_normal, self._is_manual = True, True, False
        self._claims: tuple[bool, bool, bool] | None = None

    def switch_on(self) -> None:
        """The unit lost its power and has it again: it wakes up live, as it was made."""
        with self._lock:
            self._advance()
            self._checks_in, self._is_normal, self._is_manual = True, True, False
            self._claims = None

    def change_mode(self, after_seconds: float, *, checks_in: bool, is_normal: bool) -> None:
        """Somebody presses its buttons, *after_seconds* from now."""
        with self._lock:
            at = self._clock.monotonic() + after_seconds
            self._by_itself.append((at, (checks_in, is_normal, False)))

    def slide(
        self,
        *items: StripItem,
        after_seconds: float = 0.0,
        seconds: float = 0.4,
        direction: int = RIGHT,
        acts: bool = True,
    ) -> None:
        """Moves *items*, as one, over the unit in *seconds*; *acts* false: by the edge, where the coil is not."""
        with self._lock:
            begin = self._clock.monotonic() + after_seconds
            acts_at = begin + seconds / 2 if acts else FOREVER
            self._passages.append(_Passage(items, direction, begin, acts_at, begin + seconds))

    def jerk(self, item: StripItem, *, after_seconds: float = 0.0, seconds: float = 0.4) -> None:
        """Moves *item* on and back again, before it reached the coil."""
        with self._lock:
            begin = self._clock.monotonic() + after_seconds
            turns = begin + seconds / 2
            self._passages.append(_Passage((item,), RIGHT, begin, FOREVER, begin + seconds, turns))

    def lay(self, *items: StripItem, after_seconds: float = 0.0) -> None:
        """Moves *items* on until they stand on the sensors, and leaves them there."""
        with self._lock:
            begin = self._clock.monotonic() + after_seconds
            self._passages.append(_Passage(items, RIGHT, begin, begin + 0.1, FOREVER))

    def lift(self, *, after_seconds: float = 0.0) -> None:
        """Takes away what stands there, upwards: over no coil."""
        with self._lock:
            at = self._clock.monotonic() + after_seconds
            for passage in self._passages:
                passage.leaves_at = min(passage.leaves_at, at)

    @property
    def is_safe(self) -> bool:
        """Whether it does nothing to what crosses it now."""
        with self._lock:
            self._advance()
            return not self._is_normal

    def control(self, request: int, value: int, index: int, size: int) -> bytes | None:
        """See `ControlFarEnd.control`."""
        with self._lock:
            if self.on_request is not None:
                self.on_request(request, value, index)
            self._advance()
            if self.is_stalling or request not in (MODE, SENSORS):
                return None
            if request == MODE and (value, index) != (0xFFFF, 0xFFFF):
                self._set(value, index)
            if self.replies:
                return self.replies.popleft()[:size]
            return (self._mode() if request == MODE else self._sensors())[:size]

    def _set(self, value: int, index: int) -> None:
        asked = tuple(
            {0: False, 1: True}.get(byte, now)
            for byte, now in (
                (value & 0xFF, self._checks_in),
                (value >> 8, self._is_normal),
                (index >> 8, self._is_manual),
            )
        )
        self._light = {0: False, 1: True}.get(index & 0xFF, self._light)
        checks_in, is_normal, is_manual = asked
        if self.lies_about_modes:
            self._claims = checks_in, is_normal, is_manual
        elif not self.ignores_modes:
            self._become(checks_in, is_normal, is_manual)

    def _become(self, checks_in: bool, is_normal: bool, is_manual: bool) -> None:
        wakes = is_normal and not self._is_normal
        self._checks_in, self._is_normal, self._is_manual = checks_in, is_normal, is_manual
        self._claims = None
        if wakes and self.acts_on_standing:
            now = self._clock.monotonic()
            for passage in self._there(now):
                self._act(passage, now)

    def _mode(self) -> bytes:
        checks_in, is_normal, is_manual = self._claims or (self._checks_in, self._is_normal, self._is_manual)
        return bytes((checks_in, is_normal, self._light, is_manual, 0, 0, 0, 0, 0))

    def _sensors(self) -> bytes:
        there = self._there(self._clock.monotonic())
        seen = any(item.is_active for passage in there for item in passage.items)
        is_shown = seen if self.shows is None else self.shows
        last = 0xE6 if is_shown else 0xEE
        return bytes((0, 0, bool(there), 1, 1, 0, self._direction, last, 0))

    def _there(self, now: float) -> list[_Passage]:
        return [one for one in self._passages if one.enters_at <= now < one.leaves_at]

    def _advance(self) -> None:
        """Does what was due since the last look, in the order in which it was due."""
        now = self._clock.monotonic()
        while self._by_itself and self._by_itself[0][0] <= now:
            at, mode = self._by_itself.popleft()
            self._pass(at)
            self._become(*mode)
        self._pass(now)
        for passage in self._there(now):
            turned = passage.turns_at <= now
            self._direction = LEFT + RIGHT - passage.direction if turned else passage.direction
        self._passages = [one for one in self._passages if one.leaves_at > now]

    def _pass(self, until: float) -> None:
        for passage in sorted(self._passages, key=lambda one: one.acts_at):
            if passage.acts_at <= min(until, passage.leaves_at) and not passage.is_done:
                passage.is_done = True
                self._act(passage, passage.acts_at)

    def _act(self, passage: _Passage, at: float) -> None:
        if self._is_normal and not self._is_manual:
            deed = Deed.SENSITISE if self._checks_in else Deed.DESENSITISE
            self.coil.pulse(passage.items, deed, at)
