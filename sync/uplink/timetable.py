"""Those that may be tried: in the lane's order once their time has come, by time until then.

Every step costs the logarithm of how many there are: what is put again or dropped leaves a stale mark in a heap, which
is passed over when it comes to the top.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Final

from sync.uplink.waiting import Waiting

STALE_MARKS_MAX: Final = 64


class Timetable:
    """Each place is in it once at most; `put` again whenever its time changes."""

    def __init__(self) -> None:
        self._valid: dict[int, tuple[int, Waiting]] = {}
        self._ready: list[tuple[int, int]] = []
        self._later: list[tuple[float, int, int]] = []
        self._marks = 0

    def put(self, waiting: Waiting) -> None:
        """*waiting* may be tried from its time on."""
        self._marks += 1
        self._valid[waiting.place] = (self._marks, waiting)
        if waiting.not_before_seconds > 0.0:
            heappush(self._later, (waiting.not_before_seconds, waiting.place, self._marks))
        else:
            heappush(self._ready, (waiting.place, self._marks))
        if len(self._ready) + len(self._later) > 2 * len(self._valid) + STALE_MARKS_MAX:
            self._ready = [mark for mark in self._ready if self._is_valid(*mark)]
            self._later = [mark for mark in self._later if self._is_valid(*mark[1:])]
            heapify(self._ready)
            heapify(self._later)

    def drop(self, waiting: Waiting) -> None:
        """*waiting* may not be tried; nothing happens where it was not in here."""
        found = self._valid.get(waiting.place)
        if found is not None and found[1] is waiting:
            del self._valid[waiting.place]

    def first(self, now_seconds: float) -> Waiting | None:
        """The earliest in the lane whose time has come."""
        taken = self.ready(now_seconds, 1)
        return taken[0] if taken else None

    def ready(self, now_seconds: float, count_max: int) -> list[Waiting]:
        """The earliest in the lane whose time has come, *count_max* at most, in order."""
        while self._later and self._later[0][0] <= now_seconds:
            _, place, mark = heappop(self._later)
            if self._is_valid(place, mark):
                heappush(self._ready, (place, mark))
        marks: list[tuple[int, int]] = []
        while self._ready and len(marks) < count_max:
            if not self._is_valid(*self._ready[0]):
                heappop(self._ready)
            elif count_max == 1:
                marks.append(self._ready[0])
            else:
                marks.append(heappop(self._ready))
        if count_max > 1:
            for taken in marks:
                heappush(self._ready, taken)
        return [self._valid[place][1] for place, _ in marks]

    def soonest_seconds(self) -> float | None:
        """When the next one's time comes, of those whose time had not come at the last look."""
        while self._later and not self._is_valid(*self._later[0][1:]):
            heappop(self._later)
        return self._later[0][0] if self._later else None

    def _is_valid(self, place: int, mark: int) -> bool:
        found = self._valid.get(place)
        return found is not None and found[0] == mark
