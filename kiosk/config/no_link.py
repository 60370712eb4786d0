"""A link that leads nowhere: a driver opened on it judges its settings and then finds no device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from drivers.link import DeviceLost


class NoLink:
    """Every kind of link with nothing at the other end; every call but `close` raises `DeviceLost`."""

    def read(self, size_max: float, timeout_seconds: float = 0.0) -> NoReturn:
        """Nothing will ever come: no bytes, no line's state, no keys (whose reading is given a time alone)."""
        raise DeviceLost("this link leads nowhere")

    def write(self, data: bytes, timeout_seconds: float) -> NoReturn:
        """Nobody takes it."""
        raise DeviceLost("this link leads nowhere")

    def discard_input(self) -> NoReturn:
        """There is none."""
        raise DeviceLost("this link leads nowhere")

    def wait_for_change(self, timeout_seconds: float) -> NoReturn:
        """There is no reader."""
        raise DeviceLost("this link leads nowhere")

    def transmit(self, command: bytes, timeout_seconds: float) -> NoReturn:
        """There is no card."""
        raise DeviceLost("this link leads nowhere")

    def control_in(self, request: int, value: int, index: int, size: int, timeout_seconds: float) -> NoReturn:
        """There is no device."""
        raise DeviceLost("this link leads nowhere")

    def claim(
        self, inputs: Sequence[int], outputs: Sequence[int], active_low: Sequence[int] = ()
    ) -> NoReturn:
        """There are no lines."""
        raise DeviceLost("this link leads nowhere")

    def close(self) -> None:
        """Nothing is held."""
