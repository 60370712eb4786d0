"""A library that runs a circulation system of somebody else's, behind a kiosk on the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import cast

from drivers.link import Clock, DeviceLost
from drivers.link.memory import VirtualClock
from drivers.masked import Secret
from kiosk.workflow.settings import Service
from sync.central import demo
from sync.entries import Means
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings
from tests.kit.demo_server import DemoServer
from tests.kit.rig import SETTINGS, Rig
from tests.kit.sip2_systems import BreakingLine, Fault, Fee, Loan, Personality, System

ITEMS = frozenset(demo.ITEMS_FREE)
EVERYTHING = replace(
    SETTINGS,
    needs_pin=False,
    services=(Service.BORROW, Service.RETURN, Service.ACCOUNT, Service.PAY, Service.CARE),
    means=(Means.CARD,),
)


class Sip2Library:
    """A system with the demo's free items and two of its readers; *faults* happen on its lines, each once.

    It has what `Rig` asks of the server behind it.
    """

    def __init__(self, personality: Personality, clock: VirtualClock) -> None:
        self.faults: list[Fault] = []
        readers = frozenset({demo.READER, demo.READER_ENGLISH})
        self.system = System(personality, clock, ITEMS, readers)
        self._clock = clock
        self._lines: list[BreakingLine] = []
        self._is_away = False

    def lends(self, item: str, reader: str = demo.READER, days: int = 5) -> None:
        """*item* is on loan, to be back in so many *days*."""
        self.system.loans[item] = Loan(reader, self._clock.now() + timedelta(days=days))

    def charges(self, units: int, item: str = demo.ITEMS_FREE[7], reader: str = demo.READER) -> None:
        """*reader* owes so much."""
        self.system.fees.append(Fee(str(len(self.system.fees) + 1), reader, units, item))

    def connect(self) -> BreakingLine:
        """A new line; `DeviceLost` while the network is cut."""
        if self._is_away:
            raise DeviceLost("connection refused")
        self._lines.append(BreakingLine(self.system, self._clock, self.faults))
        return self._lines[-1]

    def client(self, clock: Clock, terminal: str) -> Sip2Server:
        """The terminal's side, with the profile for this system."""
        settings = Sip2Settings(
            profile=profile(self.system.personality.dialect),
            institution="BIB",
            user=terminal,
            password=Secret("open!"),
            zone=UTC,
            location="desk",
        )
        return Sip2Server(self.connect, settings, clock)

    def cut(self, _terminal: str = "") -> None:
        """Breaks every line and refuses new ones."""
        self._is_away = True
        lines: Iterable[BreakingLine] = self._lines
        for line in lines:
            line.close()
        self._lines.clear()

    def mend(self, _terminal: str = "") -> None:
        """The system can be reached again."""
        self._is_away = False

    def close(self) -> None:
        """Nothing has to be freed."""


def rig_at(folder: Path, library: Sip2Library, clock: VirtualClock) -> Rig:
    """A terminal of *library* with every service and a card terminal, at its welcome."""
    rig = Rig(folder, EVERYTHING, cast(DemoServer, library), clock=clock)
    rig.settle()
    return rig
