"""The control link of the tests: synchronous, on a virtual clock, with faults to inject."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from drivers.link import Clock, DeviceFault, DeviceLost
from drivers.link.memory import AnswerFault, Late, Lost, Sound, damaged

__all__ = ["ControlFarEnd", "ControlFault", "Gone", "MemoryControlLink", "Stalled", "Unheard"]


class ControlFarEnd(Protocol):
    """A simulated USB device: this link and the pyusb back end of the far ends hand it the same requests."""

    def control(self, request: int, value: int, index: int, size: int) -> bytes | None:
        """At most *size* bytes in answer to a vendor request; None for a stall.  Never raises."""


class Unheard:
    """The device never gets this request, and the answer times out."""


class Stalled:
    """The device refuses this request without doing anything."""


class Gone:
    """The cable is pulled when the device has done what this request asks, before it can answer."""


ControlFault = AnswerFault | Unheard | Stalled | Gone


class MemoryControlLink:
    """`ControlLink` to *far_end*; *transfer_seconds* pass with each transfer."""

    def __init__(self, far_end: ControlFarEnd, clock: Clock, transfer_seconds: float = 0.001) -> None:
        self.transfer_seconds = transfer_seconds
        self.silent = False
        self.requests: list[tuple[int, int, int]] = []
        self._far_end = far_end
        self._clock = clock
        self._faults: deque[ControlFault] = deque()
        self._plugged = True
        self._open = True

    def inject(self, *faults: ControlFault) -> None:
        """Queues one fault for each of the next transfers, in order; further ones are sound."""
        self._faults.extend(faults)

    def unplug(self) -> None:
        """Pulls the cable: every call raises until `replug`.  The device itself goes on working."""
        self._plugged = False

    def replug(self) -> None:
        """Puts the cable back; a closed link stays closed."""
        self._plugged = True

    def control_in(self, request: int, value: int, index: int, size: int, timeout_seconds: float) -> bytes:
        """As promised by `ControlLink`."""
        self._check()
        self._clock.wait(self.transfer_seconds)
        fault = self._faults.popleft() if self._faults else Sound()
        if self.silent or isinstance(fault, Unheard):
            raise self._timed_out(timeout_seconds)
        if isinstance(fault, Stalled):
            raise DeviceFault(f"request {request:02X}: stall")
        self.requests.append((request, value, index))
        answer = self._far_end.control(request, value, index, size)
        if isinstance(fault, Gone):
            self.unplug()
        self._check()
        if answer is None:
            raise DeviceFault(f"request {request:02X}: stall")
        if isinstance(fault, Lost) or (isinstance(fault, Late) and fault.seconds > timeout_seconds):
            raise self._timed_out(timeout_seconds)
        if isinstance(fault, Late):
            self._clock.wait(fault.seconds)
        return damaged(answer, fault)[:size] if not isinstance(fault, Stalled | Gone | Unheard) else answer

    def close(self) -> None:
        """As promised by `ControlLink`."""
        self._open = False

    def _check(self) -> None:
        if not self._open:
            raise DeviceLost("the link is closed")
        if not self._plugged:
            raise DeviceLost("the device is gone")

    def _timed_out(self, timeout_seconds: float) -> DeviceLost:
        self._clock.wait(timeout_seconds)
        return DeviceLost("no answer in time")
