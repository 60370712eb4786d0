"""The command `kiosk`: the way in from outside.

Start with `application.py`; beside it stands one module for each group of commands, and each puts its own into the
application.  A new group is a new module and a line here.

Everything of ours outside this room is imported inside the command that needs it, so that no command pays for another,
and the window's first frame waits for as little as possible.  Exit codes: 0 well, 1 it went wrong, 2 the configuration
or the call is.
"""

from __future__ import annotations

from kiosk.cli import (
    care,
    cases,
    central,
    devices,
    enrolment,
    events,
    exceptions,
    fees,
    health,
    journal,
    ledger,
    payment,
    receipt,
    show,
    terminal,
)
from kiosk.cli.application import app

__all__ = [
    "app",
    "care",
    "cases",
    "central",
    "devices",
    "enrolment",
    "events",
    "exceptions",
    "fees",
    "health",
    "journal",
    "ledger",
    "main",
    "payment",
    "receipt",
    "show",
    "terminal",
]


def main() -> None:
    """Runs the command that the process was started with."""
    app()
