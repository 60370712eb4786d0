"""The far end of a book drop on lines: a chute with a flap, two barriers, and bins below.

Time moves an item: while the flap is open it slides on, darkens the barrier behind the flap, and falls into the bin to
which the active diverter leads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import RLock

from drivers.link import Clock

__all__ = ["BIN_FULL", "DIVERTER", "ENTRY", "FLAP", "FLAP_SHUT", "INPUTS", "PASSED", "BookDropFarEnd"]

FLAP, DIVERTER, ENTRY, PASSED, BIN_FULL, FLAP_SHUT = 5, 6, 22, 23, 24, 25
INPUTS = (ENTRY, PASSED, BIN_FULL, FLAP_SHUT)
FOREVER = float("inf")


class BookDropFarEnd:
    """A drop on six lines, wired as in the shipped example; lines in *active_low* mean yes when they are low.

    *bins* holds what fell where: "" without a diverter, else the name that *diverters* gives to the line.  *fell* is
    called with each item.  What it does wrong: *is_jammed* (nothing slides), *stops_behind* (it stays in the light of
    the barrier), *flap_sticks* (open for ever), *is_full*.
    """

    def __init__(
        self,
        clock: Clock,
        active_low: tuple[int, ...] = INPUTS,
        diverters: Mapping[int, str] | None = None,
    ) -> None:
        self.active_low = active_low
        self.slide_seconds = 0.4
        self.behind_seconds = 0.25
        self.is_jammed = False
        self.stops_behind = False
        self.flap_sticks = False
        self.is_full = False
        self.bins: dict[str, list[str]] = {}
        self.fell: Callable[[str], None] = lambda _: None
        self.lock = RLock()
        self._clock = clock
        self._diverters = diverters if diverters is not None else {DIVERTER: "2"}
        self._active: set[int] = set()
        self._in_front: str | None = None
        self._behind: tuple[str, float] | None = None
        self._since: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the flap is open now."""
        return FLAP in self._active or self.flap_sticks

    @property
    def in_front(self) -> str | None:
        """What lies in front of the flap; None: nothing."""
        with self.lock:
            self._advance()
            return self._in_front

    def insert(self, item: str) -> None:
        """Somebody puts *item* in front of the flap.  Raises `ValueError` while something lies there."""
        with self.lock:
            self._advance()
            if self._in_front is not None:
                raise ValueError(f"{self._in_front} lies there already")
            self._in_front = item
            self._since = self._clock.monotonic() if self.is_open else None

    def take_out(self) -> str | None:
        """Somebody takes out what lies in front of the flap; what it was, None where nothing did."""
        with self.lock:
            self._advance()
            taken, self._in_front = self._in_front, None
            return taken

    def drive(self, line: int, high: bool) -> None:
        """See `LineFarEnd.drive`."""
        with self.lock:
            self._advance()
            was_open = self.is_open
            if high is not (line in self.active_low):
                self._active.add(line)
            else:
                self._active.discard(line)
            if self.is_open and not was_open:
                self._since = self._clock.monotonic()

    def level(self, line: int) -> bool:
        """See `LineFarEnd.level`."""
        with self.lock:
            self._advance()
            is_active = {
                ENTRY: self._in_front is not None,
                PASSED: self._behind is not None,
                BIN_FULL: self.is_full,
                FLAP_SHUT: not self.is_open,
            }[line]
            return is_active is not (line in self.active_low)

    def _advance(self) -> None:
        now = self._clock.monotonic()
        if self._behind is not None and not self.stops_behind and now >= self._behind[1]:
            item, _ = self._behind
            self._behind = None
            where = next((name for line, name in self._diverters.items() if line in self._active), "")
            self.bins.setdefault(where, []).append(item)
            self.fell(item)
        is_sliding = self.is_open and not self.is_jammed and self._since is not None
        if self._in_front is not None and is_sliding and self._since is not None:
            arrives = self._since + self.slide_seconds
            if now >= arrives and self._behind is None:
                self._behind = (self._in_front, arrives + self.behind_seconds)
                self._in_front, self._since = None, None
