"""The lines of a GPIO chip, through gpiod (libgpiod 2, the kernel's character device).

Lines are asked for in one request: outputs are driven inactive by the kernel in the moment they become outputs, and
either all lines are ours or none.  `close` makes the outputs inactive before it gives them back.

Unproven without hardware: what a chip does with an output after the request is given back, or when the process ends
without `close` (the kernel promises nothing; most chips leave the line as it was).  What hangs on an output has to
bring itself to rest; `em/relay_unit.py` says what that means for a coil.  Whether a chip reports edges depends on its
driver: one that cannot refuses the request, and its inputs are then asked for without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import gpiod
from gpiod import LineSettings
from gpiod.line import Direction, Edge, Value

from drivers.link import Clock, DeviceFault, DeviceLost

__all__ = ["GpioLines", "Requested", "open_gpio_lines"]

CONSUMER = "library-kiosk"
"""By what name the kernel lists who holds the lines."""

_LOOK_SECONDS = 0.01

Config = dict[Iterable[int | str] | int | str, LineSettings | None]
Requested = Callable[[str, Config, str], Any]
"""Asks the chip at a path for lines, each with its settings, for a consumer; gives a `gpiod.LineRequest`."""


def request_lines(path: str, config: Config, consumer: str) -> gpiod.LineRequest:
    """As `gpiod.request_lines`."""
    return gpiod.request_lines(path, config=config, consumer=consumer)


def open_gpio_lines(path: str, clock: Clock, *, request: Requested = request_lines) -> GpioLines:
    """The chip at *path*; it is touched when lines are claimed.  *request* asks it for lines."""
    return GpioLines(path, clock, request)


class GpioLines:
    """`LineLink` over one request of lines."""

    def __init__(self, path: str, clock: Clock, request: Requested) -> None:
        self._path = path
        self._clock = clock
        self._request = request
        self._lines: Any = None
        self._inputs: tuple[int, ...] = ()
        self._outputs: tuple[int, ...] = ()
        self._seen: tuple[bool, ...] = ()
        self._is_open = True

    def claim(self, inputs: Sequence[int], outputs: Sequence[int], active_low: Sequence[int] = ()) -> None:
        """As promised by `LineLink`.  Raises `ValueError` when lines are claimed already or one is named twice."""
        if self._lines is not None:
            raise ValueError("lines are claimed once")
        if len({*inputs, *outputs}) != len(inputs) + len(outputs):
            raise ValueError(f"lines {[*inputs, *outputs]}: each has to be named once")
        if not self._is_open:
            raise DeviceLost(f"{self._path}: the link is closed")
        try:
            self._lines = self._asked(inputs, outputs, active_low, Edge.BOTH)
        except DeviceFault:
            if not inputs:
                raise
            self._lines = self._asked(inputs, outputs, active_low, Edge.NONE)
        self._inputs, self._outputs = tuple(inputs), tuple(outputs)
        self._seen = self._now()

    def _asked(
        self, inputs: Sequence[int], outputs: Sequence[int], active_low: Sequence[int], edge: Edge
    ) -> Any:
        config: Config = {}
        for line in inputs:
            config[line] = LineSettings(
                direction=Direction.INPUT, edge_detection=edge, active_low=line in active_low
            )
        for line in outputs:
            config[line] = LineSettings(
                direction=Direction.OUTPUT, output_value=Value.INACTIVE, active_low=line in active_low
            )
        try:
            return self._request(self._path, config, CONSUMER)
        except FileNotFoundError as error:
            raise DeviceLost(f"{self._path}: there is no such chip") from error
        except PermissionError as error:
            raise DeviceLost(
                f"{self._path}: may not be opened: its group has to be one of the kiosk's"
            ) from error
        except (OSError, ValueError) as error:
            raise DeviceFault(f"{self._path}: lines {[*inputs, *outputs]} cannot be had: {error}") from error

    def read(self, line: int) -> bool:
        """As promised by `LineLink`.  Raises `ValueError` for a line that is no claimed input."""
        if line not in self._inputs:
            raise ValueError(f"line {line} was not claimed as an input")
        return self._called(lambda lines: lines.get_value(line)) is Value.ACTIVE

    def write(self, line: int, active: bool) -> None:
        """As promised by `LineLink`.  Raises `ValueError` for a line that is no claimed output."""
        if line not in self._outputs:
            raise ValueError(f"line {line} was not claimed as an output")
        self._called(lambda lines: lines.set_value(line, Value.ACTIVE if active else Value.INACTIVE))

    def wait_for_edge(self, timeout_seconds: float) -> bool:
        """As promised by `LineLink`: by what the inputs are, so that a chip without edges is no exception."""
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            is_told = self._called(lambda lines: bool(lines.wait_edge_events(timedelta(0))))
            if is_told:
                self._called(lambda lines: lines.read_edge_events())
            now, seen = self._now(), self._seen
            self._seen = now
            if is_told or now != seen:
                return True
            remaining = deadline - self._clock.monotonic()
            if remaining <= 0:
                return False
            self._clock.wait(min(_LOOK_SECONDS, remaining))

    def close(self) -> None:
        """As promised by `LineLink`."""
        self._is_open = False
        lines, self._lines = self._lines, None
        if lines is None:
            return
        for line in self._outputs:
            with suppress(OSError, gpiod.RequestReleasedError):
                lines.set_value(line, Value.INACTIVE)
        with suppress(OSError, gpiod.RequestReleasedError):
            lines.release()

    def _now(self) -> tuple[bool, ...]:
        return tuple(self.read(line) for line in self._inputs)

    def _called(self, call: Callable[[Any], Any]) -> Any:
        if self._lines is None:
            raise DeviceLost(f"{self._path}: its lines are not ours")
        try:
            return call(self._lines)
        except (OSError, gpiod.RequestReleasedError) as error:
            raise DeviceLost(f"{self._path}: {error}") from error
