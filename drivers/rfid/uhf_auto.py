"""UHF readers that share a plug: finds out which protocol the one behind a line speaks, and opens the driver of it.

    models     whatever the drivers in the table below serve; makers sell one desktop reader with either inside
    line       serial:/dev/...: each protocol is asked for at the speeds it is sold with, whatever speed the URL says
               tcp://HOST:PORT: all are asked for on the one line there is
    supported  what the driver that was found supports, with its own settings left as they are by default
    wrong      documents of one model (IQRFID-5102) name two protocols and two speeds: only asking helps
    not        a reader whose address is not the usual one: configure its driver by name
    source     device reference 3.2.1 (order inferred)

Each question is one that harms no other reader and touches no tag; together they take about a second a line.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Protocol

from drivers.link import Clock, DeviceLost, Link, TunableLink
from drivers.probing import Identity
from drivers.rfid import a0_pad, uhf18_pad
from drivers.rfid.a0_pad import A0PadSettings
from drivers.rfid.uhf18_pad import Uhf18PadSettings
from drivers.rfid.uhf_pad import UhfPad
from drivers.rfid.uhf_settings import UhfPadSettings

__all__ = ["UhfPadSettings", "open", "redact"]


class _Driver(Protocol):
    """A driver's module."""

    def open(self, settings: Any, link: Link, clock: Clock) -> UhfPad:
        """As every driver."""

    def probe(self, link: Link, clock: Clock) -> Identity | None:
        """As promised by `drivers.probing`."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A driver and a speed at which to ask for its reader."""

    baud: int
    driver: _Driver
    settings_class: type[UhfPadSettings]


_CANDIDATES = (
    _Candidate(57600, uhf18_pad, Uhf18PadSettings),
    _Candidate(115200, uhf18_pad, Uhf18PadSettings),
    _Candidate(115200, a0_pad, A0PadSettings),
)
"""In this order."""


def open(settings: UhfPadSettings, link: Link, clock: Clock) -> UhfPad:
    """Finds the reader behind *link*, at any of its speeds, and opens it with the driver of its protocol.

    Raises `SettingsError` for a wrong password file, `DeviceLost` when no reader answers, `DeviceFault`.
    """
    settings.password()
    asked: set[type[UhfPadSettings]] = set()
    for candidate in _CANDIDATES:
        is_retuned = isinstance(link, TunableLink) and link.retune(candidate.baud)
        if not is_retuned and candidate.settings_class in asked:
            continue
        asked.add(candidate.settings_class)
        if candidate.driver.probe(link, clock) is not None:
            return candidate.driver.open(_settings_of(candidate, settings), link, clock)
    speeds = ", ".join(str(baud) for baud in sorted({candidate.baud for candidate in _CANDIDATES}))
    raise DeviceLost(f"no UHF reader answered (asked at {speeds} baud)")


def _settings_of(candidate: _Candidate, settings: UhfPadSettings) -> UhfPadSettings:
    """What the installer said of tags, for the driver that was found."""
    said = {field.name: getattr(settings, field.name) for field in fields(UhfPadSettings)}
    return candidate.settings_class(**said)


def redact(data: bytes) -> bytes:
    """*data* without what any of the protocols tells of a password; none of them begins a frame as another one does."""
    return uhf18_pad.redact(a0_pad.redact(data))
