"""What an installer can say about a strip unit with a serial port: its commands and replies, as its manual has them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drivers.em import Abilities
from drivers.em.duty import DutyRules
from drivers.link import SettingsError

__all__ = ["Exchange", "SerialUnitSettings", "bytes_of", "pattern_of"]

SENT_BYTES_MAX = 128
_NONSENSE = (b"\x00", b"~", b"\xff\xff")
"""Replies of no unit at all.  A pattern that is found in each of them says nothing, and would be believed always."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A command and the reply that it has to get.

    What is sent is *text* (Latin-1, with TOML's escapes) or *hex*, never both.  *expect* is a regular expression over
    the whole reply without its end, byte for byte as Latin-1; empty: the unit says nothing to this command.
    """

    text: str = ""
    hex: str = ""
    expect: str = ""
    timeout_seconds: float = 1.0

    @property
    def is_given(self) -> bool:
        """Whether the unit has such a command."""
        return bool(self.text or self.hex)


@dataclass(frozen=True, slots=True)
class SerialUnitSettings:
    """The commands, and regular expressions that are looked for in a reply to *status*.

    *desensitise* and *sensitise* are needed.  *init* is sent when the unit is opened, *safe* then, after every deed
    that did not end well, and at the end.  *refused* is the whole of a reply that says that nothing was done.
    *reply_end* is Latin-1 text; empty: a reply ends with *silence_seconds* without a byte.  *act_seconds* is how long
    the unit works after its reply.  *item_present*, *strip_active* and *strip_inactive*, *fault*, *busy* are looked for
    in a reply to *status* that is as expected.  See `LaidRules` for *believes_unchanged*.
    """

    desensitise: Exchange = field(default_factory=Exchange)
    sensitise: Exchange = field(default_factory=Exchange)
    status: Exchange = field(default_factory=Exchange)
    init: Exchange = field(default_factory=Exchange)
    safe: Exchange = field(default_factory=Exchange)
    refused: str = ""
    reply_end: str = "\r"
    silence_seconds: float = 0.05
    item_present: str = ""
    strip_active: str = ""
    strip_inactive: str = ""
    fault: str = ""
    busy: str = ""
    act_seconds: float = 0.5
    status_seconds: float = 0.1
    settle_seconds: float = 0.2
    ready_seconds_max: float = 5.0
    believes_unchanged: bool = False
    min_interval_seconds: float = 1.0
    pulses_per_minute_max: int = 20

    @property
    def abilities(self) -> Abilities:
        """By what can be looked for in a reply to *status*."""
        reads = bool(self.strip_active and self.strip_inactive)
        return Abilities(
            senses_items=self.status.is_given and bool(self.item_present),
            reads_strips=self.status.is_given and reads,
        )

    def check(self) -> DutyRules:
        """What the coil stands.  Raises `SettingsError` for the first setting that no unit can have."""
        for name in ("desensitise", "sensitise"):
            if not getattr(self, name).is_given:
                raise SettingsError(f"{name}: text or hex has to be given")
        for name in ("desensitise", "sensitise", "status", "init", "safe"):
            _check_exchange(name, getattr(self, name))
        if bytes_of("", self.desensitise) == bytes_of("", self.sensitise):
            raise SettingsError("desensitise and sensitise send the same; they must differ")
        if self.status.is_given and not self.status.expect:
            raise SettingsError("status.expect: has to say what a reply to it looks like")
        if bool(self.strip_active) != bool(self.strip_inactive):
            raise SettingsError("strip_active and strip_inactive need each other")
        for name in ("item_present", "strip_active", "strip_inactive", "fault", "busy"):
            if getattr(self, name) and not self.status.is_given:
                raise SettingsError(f"{name}: needs the command status")
            _check_pattern(name, getattr(self, name))
        _check_pattern("refused", self.refused)
        _latin("reply_end", self.reply_end)
        for name, least, most in (
            ("silence_seconds", 0.01, 1),
            ("act_seconds", 0, 5),
            ("status_seconds", 0.02, 1),
            ("settle_seconds", 0, 2),
            ("ready_seconds_max", 0, 30),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise SettingsError(f"{name} = {value}: allowed is {least} to {most}")
        return DutyRules(self.min_interval_seconds, self.pulses_per_minute_max)


def bytes_of(name: str, exchange: Exchange) -> bytes:
    """What *exchange*, called *name*, sends.  Raises `SettingsError`."""
    if exchange.text and exchange.hex:
        raise SettingsError(f"{name}: text or hex, not both")
    if exchange.text:
        return _latin(f"{name}.text", exchange.text)
    try:
        return bytes.fromhex(exchange.hex)
    except ValueError as error:
        raise SettingsError(f"{name}.hex = {exchange.hex!r}: has to be pairs of hex digits") from error


def pattern_of(name: str, text: str) -> re.Pattern[bytes]:
    """*text* as a regular expression over bytes.  Raises `SettingsError`, naming *name*."""
    try:
        return re.compile(_latin(name, text), re.DOTALL)
    except re.error as error:
        raise SettingsError(f"{name} = {text!r}: is no regular expression ({error})") from error


def _latin(name: str, text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise SettingsError(f"{name} = {text!r}: allowed are characters up to U+00FF") from error


def _check_exchange(name: str, exchange: Exchange) -> None:
    if len(bytes_of(name, exchange)) > SENT_BYTES_MAX:
        raise SettingsError(f"{name}: allowed are {SENT_BYTES_MAX} bytes")
    if exchange.expect and not exchange.is_given:
        raise SettingsError(f"{name}.expect: there is no command of which this is the reply")
    _check_pattern(f"{name}.expect", exchange.expect)
    if not 0.05 <= exchange.timeout_seconds <= 10:
        raise SettingsError(f"{name}.timeout_seconds = {exchange.timeout_seconds}: allowed is 0.05 to 10")


def _check_pattern(name: str, text: str) -> None:
    pattern = pattern_of(name, text)
    if text and (pattern.search(b"") or all(pattern.search(reply) for reply in _NONSENSE)):
        raise SettingsError(
            f"{name} = {text!r}: is found in any reply; it has to name what the reply is known by"
        )
