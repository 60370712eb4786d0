"""Strip units behind relays: a contact that charges, one that discharges, and contacts that tell.

Models      any unit with dry contacts or TTL lines for "discharge" and "charge"; vendors connect 3M 763, 930 and 895,
            Sentry, Checkpoint and Chinese units like that where they do not use a serial port
Line        lines of a GPIO chip (`gpio:/dev/gpiochip0`) to relays or opto-couplers, never to a coil itself
Supported   desensitise and sensitise outputs, one pulse per deed; inputs that say ready, fault, item there, active
            strip seen.  Without the input for items the deed is done to what somebody laid there, at once
Wrong       Two items that lie there together are one to a contact.  A pulse ends when this process ends it: a machine
            that stops while an output is active leaves the coil under current, so the relay has to be one that falls
            off by itself (a monostable timer of one to two seconds), and the unit has to stay without power where the
            terminal has none
Unverified  all of it: no protocol or pin-out of such units is public; which contact does what is told by the unit's
            manual.  The line adapter says what it leaves unproven (`link/gpio_lines.py`)
Source      device reference 8.2 and 8.3

Outputs are inactive from the moment they are claimed, never both active, inactive after every pulse however it ended,
and at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.em import Abilities, Deed, StripState
from drivers.em.duty import DutyRules
from drivers.em.laid_unit import Act, LaidRules, LaidUnit, Result, Sight
from drivers.link import Clock, DeviceLost, LineLink, SettingsError
from drivers.link.line_numbers import check_lines

__all__ = ["RelayUnitSettings", "open"]

_LOOK_SECONDS = 0.02
"""How often contacts are looked at, during a pulse too."""

# A float sum may fall short of the moment it was waited for by less than this.
_CLOCK_GRAIN_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class RelayUnitSettings:
    """Line numbers of the chip: two outputs, and the inputs that there are; *active_low* names lines of either kind.

    *active_low* has to be said, empty where there is none: many relay boards close on low, and one that is not named
    here would hold its coil under current but for its pulses.

    *strip_detected* is active while the unit sees an active strip; it is read *verify_seconds* after the pulse.
    *settle_seconds*: contacts bounce, and items are pushed into place.  See `LaidRules` for *believes_unchanged*.
    """

    desensitise: int | None = None
    sensitise: int | None = None
    ready: int | None = None
    fault: int | None = None
    item: int | None = None
    strip_detected: int | None = None
    active_low: tuple[int, ...] | None = None
    pulse_seconds: float = 0.3
    verify_seconds: float = 0.2
    settle_seconds: float = 0.3
    ready_seconds_max: float = 5.0
    believes_unchanged: bool = False
    min_interval_seconds: float = 1.0
    pulses_per_minute_max: int = 20

    @property
    def abilities(self) -> Abilities:
        """By the inputs that there are."""
        return Abilities(senses_items=self.item is not None, reads_strips=self.strip_detected is not None)

    @property
    def inputs(self) -> tuple[int, ...]:
        """The input lines that there are."""
        told = (self.ready, self.fault, self.item, self.strip_detected)
        return tuple(line for line in told if line is not None)

    def outputs(self) -> tuple[int, int]:
        """The lines that desensitise and sensitise.  Raises `SettingsError` for settings no unit can have."""
        if self.desensitise is None or self.sensitise is None:
            raise SettingsError("desensitise and sensitise: both output lines have to be named")
        check_lines((self.desensitise, self.sensitise, *self.inputs), self.active_low)
        for name, least, most in (
            ("pulse_seconds", 0.02, 1.0),
            ("verify_seconds", 0, 2),
            ("settle_seconds", 0, 2),
            ("ready_seconds_max", 0, 30),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise SettingsError(f"{name} = {value}: allowed is {least} to {most}")
        return self.desensitise, self.sensitise


def open(settings: RelayUnitSettings, link: LineLink, clock: Clock) -> LaidUnit:
    """The unit on the lines of *link*, both outputs inactive.

    Raises `SettingsError` for settings no unit can have, `DeviceFault` for lines that cannot be had, `DeviceLost`.  The
    link is closed with the unit, and also when opening fails.
    """
    try:
        duty = DutyRules(settings.min_interval_seconds, settings.pulses_per_minute_max)
        outputs = settings.outputs()
        link.claim(settings.inputs, outputs, settings.active_low or ())
        bed = _Contacts(settings, outputs, link, clock)
        bed.make_safe()
    except BaseException:
        link.close()
        raise
    rules = LaidRules(
        settings.abilities,
        duty,
        _LOOK_SECONDS,
        settings.verify_seconds,
        settings.settle_seconds,
        settings.ready_seconds_max,
        settings.believes_unchanged,
    )
    return LaidUnit(rules, bed, clock)


class _Contacts:
    """`Bed` over lines that are claimed."""

    def __init__(
        self, settings: RelayUnitSettings, outputs: tuple[int, int], link: LineLink, clock: Clock
    ) -> None:
        self._settings = settings
        self._desensitise, self._sensitise = outputs
        self._link = link
        self._clock = clock

    def look(self) -> Sight:
        if not self._settings.inputs:
            self.make_safe()  # nothing else would show that the chip is gone
        return self._contacts()

    def _contacts(self) -> Sight:
        settings = self._settings
        return Sight(
            self._is_active(settings.item, where_absent=False),
            self._is_active(settings.ready, where_absent=True),
            self._is_active(settings.fault, where_absent=False),
        )

    def strip(self) -> StripState:
        if self._settings.strip_detected is None:
            return StripState.UNVERIFIED
        is_seen = self._link.read(self._settings.strip_detected)
        return StripState.ACTIVE if is_seen else StripState.INACTIVE

    def act(self, deed: Deed) -> Act:
        line = self._desensitise if deed is Deed.DESENSITISE else self._sensitise
        self.make_safe()
        why = ""
        try:
            self._link.write(line, True)
            until = self._clock.monotonic() + self._settings.pulse_seconds
            while not why and (remaining := until - self._clock.monotonic()) > _CLOCK_GRAIN_SECONDS:
                self._clock.wait(min(_LOOK_SECONDS, remaining))
                why = self._disturbance()
        finally:
            self.make_safe()
        return Act(Result.UNKNOWN, why) if why else Act(Result.DONE)

    def make_safe(self) -> None:
        lost: DeviceLost | None = None
        for line in (self._desensitise, self._sensitise):
            try:
                self._link.write(line, False)
            except DeviceLost as error:
                lost = error
        if lost is not None:
            raise lost

    def close(self) -> None:
        self._link.close()

    def _disturbance(self) -> str:
        """Why a pulse is broken off; empty where it goes on."""
        sight = self._contacts()
        if sight.has_fault:
            return "fault"
        return "moved" if self._settings.item is not None and not sight.item else ""

    def _is_active(self, line: int | None, *, where_absent: bool) -> bool:
        return where_absent if line is None else self._link.read(line)
