"""A pump owns one device: works it slice by slice, and opens it again when it was lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from drivers.link import Clock, DeviceFault, DeviceLost, SettingsError
from kiosk.engine.logs import Log

SLICE_SECONDS = 0.1
"""About the longest turn while nothing is to be done: stopping and orders are not kept waiting."""

REOPEN_SECONDS_MIN = 0.5
REOPEN_SECONDS_MAX = 30.0


class Pump(Protocol):
    """Something that is worked turn by turn, from a thread of its own or by hand."""

    @property
    def name(self) -> str:
        """What logs call it."""

    def turn(self) -> None:
        """Does what there is to do, or waits for it for at most about `SLICE_SECONDS`."""

    def close(self) -> None:
        """Frees what the pump holds; the next `turn` takes it again.  Never raises."""


class Closable(Protocol):
    """A device as far as a pump has to know it."""

    def close(self) -> None:
        """Frees the device.  Never raises."""


D = TypeVar("D", bound=Closable)
D_in = TypeVar("D_in", contravariant=True)


class Work(Protocol[D_in]):
    """What is done with a device that is there, and instead of it while it is away."""

    def begin(self, device: D_in) -> None:
        """The device was just opened; what was known of it before is void."""

    def turn(self, device: D_in) -> None:
        """One slice.  Raises `DeviceLost` or `DeviceFault` when the device has to be opened again."""

    def lost(self) -> None:
        """The device is away: answers what was ordered of it.  Called at once and then in every slice."""


class DevicePump(Generic[D]):
    """Keeps one device open and its *work* going.

    *went* and *came* are called when the device can no longer, and can again be used; `went` also when the very
    first opening fails.  Openings are tried with a delay that doubles from 0.5 to 30 seconds and starts anew once
    the device has answered.
    """

    def __init__(
        self,
        name: str,
        open_device: Callable[[], D],
        work: Work[D],
        *,
        came: Callable[[], None],
        went: Callable[[], None],
        clock: Clock,
        log: Log,
    ) -> None:
        self.name = name
        self._open_device = open_device
        self._work = work
        self._came = came
        self._went = went
        self._clock = clock
        self._log = log
        self._device: D | None = None
        self._is_reported_away = False
        self._delay_seconds = REOPEN_SECONDS_MIN
        self._open_at = clock.monotonic()

    @property
    def is_open(self) -> bool:
        """Whether the device is there as far as is known."""
        return self._device is not None

    def turn(self) -> None:
        """One slice of work, or of waiting for the device."""
        if self._device is None:
            self._try_to_open()
            return
        try:
            self._work.turn(self._device)
        except (DeviceLost, DeviceFault) as error:
            self._log.warning("device lost", device=self.name, kind=type(error).__name__, why=str(error))
            self._let_go()
        else:
            self._delay_seconds = REOPEN_SECONDS_MIN

    def close(self) -> None:
        """Lets the device go; the next turn opens it again."""
        if self._device is not None:
            self._let_go()

    def _try_to_open(self) -> None:
        remaining = self._open_at - self._clock.monotonic()
        if remaining > 0:
            self._work.lost()
            self._clock.wait(min(SLICE_SECONDS, remaining))
            return
        try:
            device = self._open_device()
        except (DeviceLost, DeviceFault, SettingsError) as error:
            if not self._is_reported_away:
                self._log.warning("device away", device=self.name, kind=type(error).__name__, why=str(error))
            self._report_away()
            return
        self._device = device
        self._is_reported_away = False
        self._work.begin(device)
        self._log.info("device there", device=self.name)
        self._came()

    def _let_go(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            device.close()
        self._report_away()

    def _report_away(self) -> None:
        self._open_at = self._clock.monotonic() + self._delay_seconds
        self._delay_seconds = min(REOPEN_SECONDS_MAX, self._delay_seconds * 2)
        self._work.lost()
        if not self._is_reported_away:
            self._is_reported_away = True
            self._went()
