"""A book drop on the lines of a GPIO chip: two light barriers, a flap or a belt behind it, a sensor for a full bin.

Models      any drop whose flap (magnet, motor, belt) is switched by a relay and whose barriers are contacts or
            opto-couplers; with diverters, one relay for each bin but the one below
Line        lines of a GPIO chip (`gpio:/dev/gpiochip0`), never a motor itself
Supported   one item at a time; the flap is opened by command alone, and shut when the barrier behind it is free
            again; a barrier that stays dark, an item that is pulled out, a bin that is full
Wrong       Two items pushed in as one are one to a barrier: that they are two is for whoever reads their tags.  The
            flap shuts when this process says so: a machine that stops while it is open leaves it open, so its relay has
            to be one that falls off by itself, and its spring has to shut it
Unverified  all of it: no drop of this kind was at hand.  The line adapter says what it leaves unproven
            (`link/gpio_lines.py`)
Source      device reference 11 (times; a light barrier after the flap confirms; on a time-out everything stops)

Outputs are inactive from the moment they are claimed, after every opening however it ended, and at the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.gpio import BinLevel, DropEvent, ItemCame, ItemPassed, ItemStuck, ItemTaken
from drivers.link import Clock, DeviceLost, LineLink, SettingsError
from drivers.link.line_numbers import check_lines

__all__ = ["BookDropSettings", "LineBookDrop", "open"]

_LOOK_SECONDS = 0.01
"""How often barriers are looked at: a thin book passes in a fifth of a second."""

# A float sum may fall short of the moment it was waited for by less than this.
_CLOCK_GRAIN_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class BookDropSettings:
    """Line numbers of the chip.  *entry* and *passed* are the barriers before and behind the flap, active while dark.

    *flap* opens it (or runs the belt); *diverters* name the line of each bin but the one that needs none.  *bin_full*
    is active while the bin is full up to it, *flap_shut* while the flap is shut, each where there is such a contact.
    *active_low* has to be said, empty where there is none: many relay boards close on low.

    A barrier counts once it was so for *settle_seconds*, the bin as full (or not any more) after *full_seconds*; a
    barrier behind the flap that stays dark while that is shut counts as a full bin too.  An item has *pass_seconds_max*
    to reach the barrier behind the flap, and *clear_seconds_max* to leave it.
    """

    entry: int | None = None
    passed: int | None = None
    flap: int | None = None
    bin_full: int | None = None
    flap_shut: int | None = None
    diverters: Mapping[str, int] = field(default_factory=dict)
    active_low: tuple[int, ...] | None = None
    settle_seconds: float = 0.05
    full_seconds: float = 5.0
    pass_seconds_max: float = 8.0
    clear_seconds_max: float = 3.0
    shut_seconds_max: float = 2.0

    @property
    def inputs(self) -> tuple[int, ...]:
        """The input lines that there are."""
        told = (self.entry, self.passed, self.bin_full, self.flap_shut)
        return tuple(line for line in told if line is not None)

    def required(self) -> tuple[int, int, int]:
        """The lines *entry*, *passed* and *flap*.  Raises `SettingsError` for settings no drop can have."""
        if self.entry is None or self.passed is None or self.flap is None:
            raise SettingsError("entry, passed and flap: all three lines have to be named")
        check_lines((self.flap, *self.diverters.values(), *self.inputs), self.active_low)
        for name, least, most in (
            ("settle_seconds", 0.0, 1.0),
            ("full_seconds", 0.5, 60.0),
            ("pass_seconds_max", 1.0, 60.0),
            ("clear_seconds_max", 0.5, 30.0),
            ("shut_seconds_max", 0.1, 10.0),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise SettingsError(f"{name} = {value}: allowed is {least} to {most}")
        return self.entry, self.passed, self.flap


def open(settings: BookDropSettings, link: LineLink, clock: Clock) -> LineBookDrop:
    """The drop on the lines of *link*, its flap shut.

    Raises `SettingsError` for settings no drop can have, `DeviceFault` for lines that cannot be had, `DeviceLost`.  The
    link is closed with the drop, and also when opening fails.
    """
    try:
        required = settings.required()
        outputs = (required[2], *settings.diverters.values())
        link.claim(settings.inputs, outputs, settings.active_low or ())
        drop = LineBookDrop(settings, required, link, clock)
        drop.shut()
    except BaseException:
        link.close()
        raise
    return drop


class _Contact:
    """One input, debounced: *is_active* is what it was for long enough."""

    def __init__(self, link: LineLink, line: int, clock: Clock, settle_seconds: float) -> None:
        self._link = link
        self._line = line
        self._clock = clock
        self._settle_seconds = settle_seconds
        # What the first look shows was so before anybody looked.
        self.is_active = link.read(line)
        self._differs_since: float | None = None

    def reads_active(self) -> bool:
        """Whether it is active at this very moment, debounced or not."""
        return self._link.read(self._line)

    def look(self) -> bool:
        """Whether it changed by now."""
        now = self._clock.monotonic()
        if self._link.read(self._line) is self.is_active:
            self._differs_since = None
            return False
        if self._differs_since is None:
            self._differs_since = now
        if now - self._differs_since + _CLOCK_GRAIN_SECONDS < self._settle_seconds:
            return False
        self._differs_since = None
        self.is_active = not self.is_active
        return True


@dataclass(slots=True)
class _Opening:
    """One item on its way.  *is_behind* while it darkens the barrier behind the flap, *is_through* once it left that,
    and the flap is to shut; *until* is how long the step may take.
    """

    until: float
    is_behind: bool = False
    is_through: bool = False


class LineBookDrop:
    """A `BookDrop` on lines that are claimed; made by `open`."""

    def __init__(
        self, settings: BookDropSettings, required: tuple[int, int, int], link: LineLink, clock: Clock
    ) -> None:
        entry, passed, self._flap = required
        self._settings = settings
        self._link = link
        self._clock = clock
        self._entry = _Contact(link, entry, clock, settings.settle_seconds)
        self._passed = _Contact(link, passed, clock, settings.settle_seconds)
        self._full = self._slow(settings.bin_full)
        # The same barrier, much slower: what lies in its light is the top of a full bin.
        self._heap = self._slow(passed)
        self._opening: _Opening | None = None
        self._told: deque[DropEvent] = deque([BinLevel(self._is_full)])
        if self._entry.is_active:
            self._told.append(ItemCame(was_there=True))

    def poll(self, timeout_seconds: float) -> DropEvent | None:
        """See `BookDrop.poll`."""
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            self._look()
            if self._told:
                return self._told.popleft()
            remaining = deadline - self._clock.monotonic()
            if remaining <= _CLOCK_GRAIN_SECONDS:
                return None
            self._clock.wait(min(_LOOK_SECONDS, remaining))

    def open(self, bin_number: str = "") -> None:
        """See `BookDrop.open`."""
        if self._opening is not None:
            raise ValueError("the flap is open already")
        if not (self._entry.is_active and self._entry.reads_active()):
            raise ValueError("nothing lies in front of the flap")
        diverters = self._settings.diverters
        if self._passed.is_active:
            self._end(ItemStuck("not-clear"))
            return
        if bin_number in diverters:
            self._link.write(diverters[bin_number], True)
        self._link.write(self._flap, True)
        self._opening = _Opening(self._clock.monotonic() + self._settings.pass_seconds_max)

    def shut(self) -> None:
        """See `BookDrop.shut`."""
        self._make_safe()
        if self._opening is not None:
            self._end(ItemStuck("not-passed"))

    def close(self) -> None:
        """See `BookDrop.close`."""
        self._link.close()

    @property
    def _is_full(self) -> bool:
        return any(level is not None and level.is_active for level in (self._full, self._heap))

    def _slow(self, line: int | None) -> _Contact | None:
        if line is None:
            return None
        return _Contact(self._link, line, self._clock, self._settings.full_seconds)

    def _look(self) -> None:
        was_full = self._is_full
        for level in (self._full, self._heap):
            if level is not None:
                level.look()
        if self._is_full is not was_full:
            self._told.append(BinLevel(self._is_full))
        has_entry_changed, _ = self._entry.look(), self._passed.look()
        if self._opening is not None:
            self._follow(self._opening)
        elif has_entry_changed:
            self._told.append(ItemCame() if self._entry.is_active else ItemTaken())

    def _follow(self, opening: _Opening) -> None:
        now = self._clock.monotonic()
        if opening.is_through:
            if self._is_shut():
                self._end(ItemPassed())
            elif now >= opening.until:
                self._end(ItemStuck("not-shut"))
        elif opening.is_behind and not self._passed.is_active:
            # The diverter still guides what falls; it goes back with the end.
            self._link.write(self._flap, False)
            opening.is_through = True
            opening.until = now + self._settings.shut_seconds_max
        elif not opening.is_behind and self._passed.is_active:
            opening.is_behind = True
            opening.until = now + self._settings.clear_seconds_max
        elif now >= opening.until:
            self._end(ItemStuck(self._why_stuck(opening)))

    def _why_stuck(self, opening: _Opening) -> str:
        if opening.is_behind:
            return "not-clear"
        return "not-passed" if self._entry.is_active else "not-seen"

    def _is_shut(self) -> bool:
        line = self._settings.flap_shut
        return line is None or self._link.read(line)

    def _end(self, event: ItemPassed | ItemStuck) -> None:
        """Tells how it ended, everything at rest; what lies in front of the flap by now came for the next turn."""
        self._make_safe()
        self._opening = None
        self._told.append(event)
        if isinstance(event, ItemPassed) and self._entry.is_active:
            self._told.append(ItemCame())
        elif isinstance(event, ItemStuck) and not self._entry.is_active:
            self._told.append(ItemTaken())

    def _make_safe(self) -> None:
        lost: DeviceLost | None = None
        for line in (self._flap, *self._settings.diverters.values()):
            try:
                self._link.write(line, False)
            except DeviceLost as error:
                lost = error
        if lost is not None:
            raise lost
