"""3M BookCheck 940 series on USB: a unit that treats by itself what crosses its sensors, in the mode it is set to.

Models      3M (Bibliotheca) BookCheck 942; 943 and 946 are of the same family; USB 0D2C:03AE
Line        USB control transfers on endpoint 0 (`usb:0d2c:03ae`, `?serial=` where there are two); no kernel driver.
            The node has to be writable for the kiosk (udev)
Supported   desensitise, sensitise, sensing of items, verifier; magnetic-media mode as the safe one
Wrong       Nothing says that a strip was treated: an item crossed, and the verifier saw what it saw.  What stands on
            the sensors when the unit is armed cannot be treated (nobody knows whether the unit acts on it): it has to
            be taken off and moved over once more.  Items that follow each other within a look (50 ms, at worst
            `unwatched_seconds_max`) are one to it.  The unit keeps its mode when the host goes: a kiosk that dies, or
            a cable that breaks while it is armed, leaves it treating whatever crosses until it is opened again, which
            makes it safe first; so does a unit that is switched on, in the mode it wakes up in.  Give it the kiosk's
            power, so that both go at once
Unverified  the verifier's bit (`active_clears_bit`; with `verifies` false it is not looked at); when in a crossing
            the unit acts; what it does with what stands there.  No transfer of this driver was seen on a device
Source      device reference 8.1; the unit's user manual on magnetic-media mode

Safe is magnetic-media mode, set and read back before anything else, after every deed and at the end.  While a deed is
armed the unit is watched: one item that comes, keeps its direction and leaves, in a mode that is still the one that
was set.  Anything else (a second item, one that turns back or stays, a look that came too late, a mode nobody set, a
transfer that failed) ends the deed without a word about the strip.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from drivers.em import (
    Abilities,
    Deed,
    ItemLifted,
    ItemSensed,
    NotTreated,
    Spoilt,
    StripEvent,
    StripState,
    Treated,
)
from drivers.em.bookcheck import (
    MODE,
    READ_ONLY,
    REPLY_BYTES,
    SAFE,
    SENSORS,
    Mode,
    ReplyError,
    Sensors,
    live,
    parse_mode,
    parse_sensors,
)
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.em.crossing import Crossing
from drivers.em.duty import CoilDuty, DutyRules
from drivers.link import Clock, ControlLink, DeviceFault, DeviceLost
from drivers.probing import Identity

__all__ = ["BookCheckSettings", "BookCheckUnit", "open", "probe"]

_PROBE_SECONDS_MAX = 0.5
_MODE_CHECK_SECONDS = 0.5
_SAFE_TRIES = 2
_CLEAR_SECONDS = 0.1
"""How long the sensors have to be clear before the unit goes live: what follows an item closely came too early."""
# A float sum may fall short of the moment it was waited for by less than this.
_CLOCK_GRAIN_SECONDS = 1e-6


def open(settings: BookCheckSettings, link: ControlLink, clock: Clock) -> BookCheckUnit:
    """The unit on *link*, safe.

    Raises `DeviceLost`, and `DeviceFault` when it cannot be made safe.  The link is closed with the unit, and also
    when opening fails.
    """
    unit = BookCheckUnit(settings, link, clock)
    try:
        unit.begin()
    except BaseException:
        link.close()
        raise
    return unit


def probe(link: ControlLink, clock: Clock) -> Identity | None:
    """Reads the mode and changes nothing.  None when no such mode comes back."""
    try:
        parse_mode(link.control_in(MODE, *READ_ONLY, REPLY_BYTES, _PROBE_SECONDS_MAX))
    except (DeviceLost, DeviceFault, ReplyError):
        return None
    return Identity("3M BookCheck 940 series")


class BookCheckUnit:
    """A `StripUnit`; see the front page of the room for what it promises."""

    def __init__(self, settings: BookCheckSettings, link: ControlLink, clock: Clock) -> None:
        self._settings = settings
        self._link = link
        self._clock = clock
        rules = DutyRules(settings.min_interval_seconds, settings.pulses_per_minute_max)
        self._duty = CoilDuty(rules, clock.monotonic())
        self._deed: Deed | None = None
        self._is_live = False
        self._lies_there = False
        self._crossing: Crossing | None = None
        self._clear_at = clock.monotonic()
        self._looked_at = self._mode_read_at = clock.monotonic()

    @property
    def abilities(self) -> Abilities:
        """See `StripUnit.abilities`."""
        return self._settings.abilities

    def begin(self) -> None:
        """Makes the unit safe and hears its sensors.  Raises `DeviceLost` and `DeviceFault`."""
        self._make_safe()
        self._sensors()

    def poll(self, timeout_seconds: float) -> StripEvent | None:
        """See `StripUnit.poll`."""
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            event = self._guarded(self._watching) if self._is_live else self._seen_while_safe()
            remaining = deadline - self._clock.monotonic()
            if event is not None or remaining <= _CLOCK_GRAIN_SECONDS:
                return event
            self._clock.wait(min(self._settings.poll_seconds, remaining))

    def arm(self, deed: Deed) -> None:
        """See `StripUnit.arm`: the mode is set by the next `poll` that finds the sensors clear and the coil rested."""
        if self._deed is not None:
            raise ValueError("a deed is armed already")
        self._deed = deed

    def disarm(self) -> StripEvent | None:
        """See `StripUnit.disarm`."""
        if self._deed is None:
            return None
        if not self._is_live:
            self._deed = None
            self._make_safe()
            return None
        ended = self._broken_off("left")
        return None if isinstance(ended, NotTreated) else ended

    def close(self) -> None:
        """See `StripUnit.close`."""
        with suppress(DeviceLost, DeviceFault):
            self._make_safe()
        self._link.close()

    def _seen_while_safe(self) -> StripEvent | None:
        self._check_it_stays_safe()
        is_sensed = self._sensors().is_sensed
        now = self._clock.monotonic()
        if is_sensed:
            self._clear_at = now + _CLEAR_SECONDS
        if is_sensed != self._lies_there:
            self._lies_there = is_sensed
            return ItemSensed(stays=True) if is_sensed else ItemLifted()
        if self._deed is None or now < self._clear_at or self._duty.rest_seconds(now) > 0:
            return None
        return self._guarded(self._going_live)

    def _check_it_stays_safe(self) -> None:
        if self._clock.monotonic() - self._mode_read_at < _MODE_CHECK_SECONDS:
            return
        if self._mode(READ_ONLY).is_normal:
            self._make_safe()
            raise DeviceFault("the unit left magnetic-media mode by itself; it is in it again")

    def _going_live(self, deed: Deed) -> StripEvent | None:
        self._crossing = None
        self._is_live = True
        watched_until = self._looked_at
        answers = self._mode(live(checks_in=deed is Deed.SENSITISE)), self._mode(READ_ONLY)
        if any(not _is_live_for(deed, answer) for answer in answers):
            return self._broken_off("mode")
        is_sensed = self._sensors().is_sensed
        if is_sensed or self._looked_at - watched_until > self._settings.unwatched_seconds_max:
            # It came before the mode was there, or after, or is gone already: nobody can tell what the unit did to it.
            return self._broken_off("too-early", in_doubt=True)
        return None

    def _watching(self, deed: Deed) -> StripEvent | None:
        watched_until = self._looked_at
        sensors = self._sensors()
        if self._looked_at - watched_until > self._settings.unwatched_seconds_max:
            return self._broken_off("unwatched", in_doubt=True)
        if sensors.is_sensed:
            self._crossing = self._crossing or Crossing(self._looked_at)
            is_active = sensors.bit is not self._settings.active_clears_bit
            reading = StripState.ACTIVE if is_active else StripState.INACTIVE
            self._crossing.see(self._looked_at, sensors.direction, reading)
        if not _is_live_for(deed, self._mode(READ_ONLY)):
            return self._broken_off("mode")
        if self._crossing is None:
            return None
        if self._crossing.has_turned:
            return self._broken_off("moved-back")
        if not sensors.is_sensed:
            return self._crossed(deed, self._crossing)
        if self._clock.monotonic() - self._crossing.begun_at > self._settings.crossing_seconds_max:
            return self._broken_off("stuck")
        return None

    def _crossed(self, deed: Deed, crossing: Crossing) -> Treated | Spoilt:
        """One item came and went: the unit is made safe before another can come."""
        self._deed = None
        left_at = self._looked_at
        self._make_safe()
        self._duty.pulsed(self._clock.monotonic())
        if self._sensors().is_sensed:
            return Spoilt(deed, "second-item")
        if self._looked_at - left_at > self._settings.unwatched_seconds_max:
            return Spoilt(deed, "unwatched")
        if not self._settings.verifies:
            return Treated(deed, StripState.UNVERIFIED)
        return Treated(deed, crossing.strip(deed, left_at - crossing.seen_at))

    def _guarded(self, step: Callable[[Deed], StripEvent | None]) -> StripEvent | None:
        """What *step* says of the armed deed; a transfer that fails in it is raised only where making safe fails."""
        if self._deed is None:
            raise ValueError("no deed is armed")
        try:
            return step(self._deed)
        except (DeviceLost, DeviceFault) as error:
            if not self._is_live:
                raise
            return self._broken_off("unheard" if isinstance(error, DeviceLost) else "fault")

    def _broken_off(self, why: str, *, in_doubt: bool = False) -> NotTreated | Spoilt:
        """Ends the armed deed; it surely was not done where the sensors were clear in every look, and looked at."""
        if self._deed is None:
            raise ValueError("no deed is armed")
        deed, self._deed = self._deed, None
        watched_until = self._looked_at
        self._make_safe()
        is_clear = not self._sensors().is_sensed
        was_watched = self._looked_at - watched_until <= self._settings.unwatched_seconds_max
        if self._crossing is None and is_clear and was_watched and not in_doubt:
            return NotTreated(deed, why)
        self._duty.pulsed(self._clock.monotonic())
        return Spoilt(deed, why)

    def _make_safe(self) -> None:
        """Sets magnetic-media mode and reads it back.  Raises `DeviceLost` and `DeviceFault` where it cannot."""
        self._is_live = False
        why: DeviceLost | DeviceFault = DeviceFault("the unit does not go into magnetic-media mode")
        for _ in range(_SAFE_TRIES):
            try:
                if not (self._mode(SAFE).is_normal or self._mode(READ_ONLY).is_normal):
                    return
            except (DeviceLost, DeviceFault) as error:
                why = error
        raise why

    def _mode(self, words: tuple[int, int]) -> Mode:
        try:
            mode = parse_mode(self._asked(MODE, words))
        except ReplyError as error:
            raise DeviceFault(str(error)) from error
        self._mode_read_at = self._clock.monotonic()
        return mode

    def _sensors(self) -> Sensors:
        try:
            sensors = parse_sensors(self._asked(SENSORS, (0, 0)))
        except ReplyError as error:
            raise DeviceFault(str(error)) from error
        self._looked_at = self._clock.monotonic()
        return sensors

    def _asked(self, request: int, words: tuple[int, int]) -> bytes:
        return self._link.control_in(request, *words, REPLY_BYTES, self._settings.transfer_seconds_max)


def _is_live_for(deed: Deed, mode: Mode) -> bool:
    return mode.is_normal and not mode.is_manual and mode.checks_in is (deed is Deed.SENSITISE)
