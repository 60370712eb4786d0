"""The far end of a strip unit with a serial port, as the table in `systemd/examples/strip-unit-serial.toml` has it.

Commands end with CR: `D` discharge, `C` charge, `R` rest, `S` status.  Replies: the letter, `0` done or `1` refused;
to `S` the letter, item `0`/`1`, strip `A` active, `I` inactive or `-` none, fault `0`/`1`, busy `0`/`1`; then CR.  What
it does not know is answered `E`.
"""

from __future__ import annotations

from collections import deque

from drivers.em import Deed
from drivers.link import Clock
from drivers.sim.bed import UnitWithBed

__all__ = ["SerialStripUnitFarEnd"]

_COMMAND_BYTES_MAX = 16
_DEEDS = {b"D": Deed.DESENSITISE, b"C": Deed.SENSITISE}


class SerialStripUnitFarEnd(UnitWithBed):
    """A unit at rest.

    What it does wrong: *has_fault*, *is_busy*; *refuses* deeds; *lies_done* says done and does nothing; *replies* are
    sent instead of the true ones, one by one, each as it is, *deed_replies* to commands to treat; the bed's coil and
    verifier have faults of their own.
    *heard* is every command.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.has_fault = False
        self.is_busy = False
        self.refuses = False
        self.lies_done = False
        self.replies: deque[bytes] = deque()
        self.deed_replies: deque[bytes] = deque()
        self.heard: list[bytes] = []
        self._pending = b""

    @property
    def is_safe(self) -> bool:
        """It does nothing but what a command tells it."""
        return True

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`."""
        with self.bed.lock:
            *commands, rest = (self._pending + data).split(b"\r")
            self._pending = rest[-_COMMAND_BYTES_MAX:]
            return b"".join(self._answer(command) for command in commands)

    def _answer(self, command: bytes) -> bytes:
        self.heard.append(command[:_COMMAND_BYTES_MAX])
        true = self._done(command)
        if command in _DEEDS and self.deed_replies:
            return self.deed_replies.popleft()
        return self.replies.popleft() if self.replies else true + b"\r"

    def _done(self, command: bytes) -> bytes:
        if command == b"S":
            return self._status()
        if command == b"R":
            return b"R0"
        deed = _DEEDS.get(command)
        if deed is None:
            return b"E"
        if self.refuses or self.has_fault or self.is_busy:
            return command + b"1"
        if not self.lies_done:
            self.bed.pulse(deed, self._clock.monotonic())
        return command + b"0"

    def _status(self) -> bytes:
        strip = b"A" if self.bed.shows_active else b"I" if self.bed.has_item else b"-"
        return b"S%d%b%d%d" % (self.bed.has_item, strip, self.has_fault, self.is_busy)
