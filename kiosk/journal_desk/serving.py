"""Puts a terminal's journal on its control socket: what a composition root calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from drivers.link import Clock
from kiosk.engine.control import ControlSocket
from kiosk.engine.errands import Command
from kiosk.engine.journal_pump import JournalPump
from kiosk.engine.logs import Log
from kiosk.engine.pump import Pump
from kiosk.engine.work_pump import WorkPump
from kiosk.journal_desk.over_socket import commands
from sync.entries import CaseClosed
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys


def control_pumps(
    folder: Path,
    path: Path,
    journal: Journal,
    keys: JournalKeys,
    journal_pump: JournalPump,
    *,
    clock: Clock,
    log: Log,
    health: Callable[[], Mapping[str, Any]],
    closed: Callable[[CaseClosed], None] = lambda _: None,
    more: Mapping[str, Command] | None = None,
    idle: Callable[[float], None] | None = None,
) -> tuple[Pump, ...]:
    """The pumps that answer on the socket in *folder* about *journal*, which lies at *path*; *more* commands beside.

    *health* is asked in the socket's thread and must not wait.  *closed* is told of every case that staff closed, in
    the journal's thread.  Raises `SettingsError` when the socket cannot be had.
    """
    work = WorkPump(log, idle=idle)
    served = commands(path, journal, keys, journal_pump, work, now=clock.now, health=health, closed=closed)
    control = ControlSocket(folder, {**served, **(more or {})}, monotonic=clock.monotonic, log=log)
    control.open()
    return control, work
