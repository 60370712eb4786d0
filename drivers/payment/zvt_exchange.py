"""One command at a time, from the till's word to the terminal's last one.

The terminal acknowledges a command (80 00 00), then speaks as long as it likes, each message acknowledged here, and
ends with 06 0F or 06 1E.  What it says before it has acknowledged belongs to something older and is passed over: it
gets its acknowledgement, so that the terminal is done with it.
"""

from __future__ import annotations

from drivers.link import Clock
from drivers.payment.zvt import ACKNOWLEDGED, Apdu, Control
from drivers.payment.zvt_carriers import Carrier, CarrierBroken
from drivers.payment.zvt_commands import ABORT

__all__ = ["SLICE_SECONDS_MAX", "Exchange", "ExchangeBroken", "Refused"]

SLICE_SECONDS_MAX = 0.1
_ENDS = (Control.COMPLETION, Control.ABORTED)
_SPOKEN = frozenset(
    (
        Control.STATUS_INFORMATION,
        Control.INTERMEDIATE_STATUS,
        Control.PRINT_LINE,
        Control.PRINT_TEXT_BLOCK,
        *_ENDS,
    )
)
# What is said unasked has to end at some time, or nothing else would ever be asked.
_STALE_MAX = 200


class Refused(Exception):
    """The terminal has not begun what it was told; *code* is its reason (84 xx 00)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code:02X}")
        self.code = code


class ExchangeBroken(Exception):
    """Nobody can tell here whether the command was carried out; *args* is one word."""


class Exchange:
    """Commands over *carrier*; *answer_seconds_max* (T3) is for an acknowledgement, *silence_seconds_max* (T4) for the
    next word of a terminal that works.
    """

    def __init__(
        self, carrier: Carrier, clock: Clock, *, answer_seconds_max: float, silence_seconds_max: float
    ) -> None:
        self._carrier = carrier
        self._clock = clock
        self._answer_seconds_max = answer_seconds_max
        self._silence_seconds_max = silence_seconds_max
        self._is_under_way = False
        self._is_acknowledged = False
        self._has_end = True
        self._deadline = 0.0
        self._stale = 0

    @property
    def is_under_way(self) -> bool:
        """Whether a command has been begun and not ended."""
        return self._is_under_way

    def begin(self, command: Apdu, *, is_repeatable: bool, has_end: bool = True) -> None:
        """Sends *command* and returns.  Raises `DeviceLost`; then it may have arrived.

        *is_repeatable*: a line that damages it may send it again.  Not *has_end*: its acknowledgement is all.
        """
        self._is_under_way, self._is_acknowledged, self._has_end = True, False, has_end
        self._stale = 0
        self._deadline = self._clock.monotonic() + self._answer_seconds_max
        self._carrier.send(command, is_repeatable=is_repeatable)

    def poll(self, timeout_seconds: float) -> Apdu | None:
        """A word of the terminal, after at most a slice; the last one is 06 0F or 06 1E.

        Raises `Refused` and `ExchangeBroken`, which end the command, and `DeviceLost`.
        """
        try:
            apdu = self._carrier.receive(min(timeout_seconds, SLICE_SECONDS_MAX))
        except CarrierBroken as error:
            raise self._broken(str(error)) from error
        if apdu is None:
            if self._clock.monotonic() >= self._deadline:
                raise self._broken("silent")
            return None
        return self._heard(apdu)

    def abort(self) -> None:
        """Asks the terminal to stop.  Raises `DeviceLost`."""
        self._carrier.send(ABORT, is_repeatable=True)

    def discard(self) -> None:
        """Forgets what has arrived and what is under way.  Raises `DeviceLost`."""
        self._is_under_way = False
        self._carrier.discard()

    def _heard(self, apdu: Apdu) -> Apdu | None:
        if apdu.refusal is not None:
            if self._is_acknowledged:
                return None
            self._is_under_way = False
            raise Refused(apdu.refusal)
        if apdu.is_acknowledgement:
            self._is_acknowledged = True
            self._is_under_way = self._has_end
            self._deadline = self._clock.monotonic() + self._silence_seconds_max
            return None
        self._carrier.send(ACKNOWLEDGED, is_repeatable=True)
        if not self._is_acknowledged:
            self._stale += 1
            if self._stale > _STALE_MAX:
                raise self._broken("babbling")
            return None
        self._deadline = self._clock.monotonic() + self._silence_seconds_max
        if apdu.control not in _SPOKEN:
            return None
        self._is_under_way = apdu.control not in _ENDS
        return apdu

    def _broken(self, why: str) -> ExchangeBroken:
        self._is_under_way = False
        return ExchangeBroken(why)
