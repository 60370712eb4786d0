"""Strip units with a serial port, by a table of commands and replies in the configuration.

Models      any unit that is told by a command of its own to charge and to discharge, and answers or not; vendors of
            Chinese units (充消磁仪) deliver such a table with the device
Line        as the unit's manual says; set by the link
Supported   desensitise, sensitise, status, init and safe commands in hex or text; replies by regular expressions over
            bytes; item there, active and inactive strip, fault and busy from the status
Wrong       A reply says nothing of the question it belongs to: after one that came too late or not as expected the
            line is emptied before the next question, so a unit that answers later than twice its time is not
            understood.  Two items that lie there together are one
Unverified  all of it: no such protocol is public
Source      device reference 8.2 and 8.3; `systemd/examples/strip-unit-serial.toml` is a whole example

A command to treat is sent once and never repeated.  Where its reply does not come, or is another than the table has,
nobody knows what was done.
"""

from __future__ import annotations

from contextlib import suppress

from drivers.em import Deed, StripState
from drivers.em.laid_unit import Act, LaidRules, LaidUnit, Result, Sight
from drivers.em.serial_table import Exchange, SerialUnitSettings, bytes_of, pattern_of
from drivers.link import Clock, DeviceFault, DeviceLost, Link

__all__ = ["SerialUnitSettings", "open"]

REPLY_BYTES_MAX = 256
_TRIES = 2
_EMPTYING_READS_MAX = 64
_WRITE_SECONDS_MAX = 1.0


def open(settings: SerialUnitSettings, link: Link, clock: Clock) -> LaidUnit:
    """The unit on *link*, told to be safe where it has a command for that.

    Raises `SettingsError` for a table no unit can have, `DeviceFault` for replies that are not in it, `DeviceLost`.
    The link is closed with the unit, and also when opening fails.
    """
    try:
        duty = settings.check()
        link.discard_input()
        bed = _Table(settings, link, clock)
        bed.begin()
    except BaseException:
        link.close()
        raise
    rules = LaidRules(
        settings.abilities,
        duty,
        settings.status_seconds,
        settings.act_seconds,
        settings.settle_seconds,
        settings.ready_seconds_max,
        settings.believes_unchanged,
    )
    return LaidUnit(rules, bed, clock)


class _Table:
    """`Bed` over a line on which nothing is under way."""

    def __init__(self, settings: SerialUnitSettings, link: Link, clock: Clock) -> None:
        self._settings = settings
        self._link = link
        self._clock = clock
        self._end = settings.reply_end.encode("latin-1")

    def begin(self) -> None:
        self._told("init", self._settings.init)
        self.make_safe()
        self.look()

    def look(self) -> Sight:
        settings = self._settings
        if not settings.status.is_given:
            return Sight()
        status = self._told("status", settings.status)
        return Sight(
            _has(settings.item_present, status),
            not _has(settings.busy, status),
            _has(settings.fault, status),
        )

    def strip(self) -> StripState:
        status = self._told("status", self._settings.status)
        is_active = _has(self._settings.strip_active, status)
        if is_active is _has(self._settings.strip_inactive, status):
            return StripState.UNVERIFIED
        return StripState.ACTIVE if is_active else StripState.INACTIVE

    def act(self, deed: Deed) -> Act:
        settings = self._settings
        exchange = settings.desensitise if deed is Deed.DESENSITISE else settings.sensitise
        reply = self._asked(exchange)
        if exchange.expect and reply is None:
            self._empty_line(exchange.timeout_seconds)
            return Act(Result.UNKNOWN, "silent")
        if exchange.expect and not pattern_of("expect", exchange.expect).fullmatch(reply or b""):
            if settings.refused and pattern_of("refused", settings.refused).fullmatch(reply or b""):
                return Act(Result.NOTHING, "refused")
            self._empty_line(exchange.timeout_seconds)
            return Act(Result.UNKNOWN, "answer")
        return Act(Result.DONE)

    def make_safe(self) -> None:
        self._told("safe", self._settings.safe)

    def close(self) -> None:
        with suppress(DeviceLost, DeviceFault):
            self.make_safe()
        self._link.close()

    def _told(self, name: str, exchange: Exchange) -> bytes:
        """The expected reply to a command that may be sent twice; empty where there is none or none is due."""
        if not exchange.is_given:
            return b""
        strange = b""
        for _ in range(_TRIES):
            reply = self._asked(exchange)
            if not exchange.expect:
                return b""
            if reply is not None and pattern_of("expect", exchange.expect).fullmatch(reply):
                return reply
            strange = reply or strange
            self._empty_line(exchange.timeout_seconds)
        if strange:
            raise DeviceFault(f"{name}: the unit answers {strange[:16].hex(' ')}, which is not in the table")
        raise DeviceLost(f"{name}: the unit has not answered in {exchange.timeout_seconds} seconds")

    def _asked(self, exchange: Exchange) -> bytes | None:
        """The reply to *exchange* without its end, as it came; None when none came whole."""
        self._link.discard_input()
        self._link.write(bytes_of("", exchange), _WRITE_SECONDS_MAX)
        if not exchange.expect:
            return None
        deadline = self._clock.monotonic() + exchange.timeout_seconds
        reply = b""
        while len(reply) <= REPLY_BYTES_MAX:
            wait = max(0.0, deadline - self._clock.monotonic())
            if reply and not self._end:
                wait = min(wait, self._settings.silence_seconds)
            data = self._link.read(REPLY_BYTES_MAX, wait)
            reply += data
            if self._end and self._end in reply:
                return reply.partition(self._end)[0]
            if not data:
                return (reply or None) if not self._end else None
        return None

    def _empty_line(self, seconds: float) -> None:
        """Waits until nothing has come for *seconds*: what was late belongs to no question any more."""
        deadline = self._clock.monotonic() + 2 * seconds
        for _ in range(_EMPTYING_READS_MAX):
            if self._clock.monotonic() >= deadline or not self._link.read(REPLY_BYTES_MAX, seconds):
                return


def _has(pattern: str, status: bytes) -> bool:
    return bool(pattern) and pattern_of("", pattern).search(status) is not None
