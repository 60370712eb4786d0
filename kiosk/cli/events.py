"""`kiosk events`: what terminals told central, as it was told.

docs/guides/central.md goes through it.
"""

from __future__ import annotations

import typer

from kiosk.cli.application import WRONG, app
from kiosk.cli.exceptions import DATABASE, JSON, done
from kiosk.cli.place import Said, tell

events = typer.Typer(no_args_is_help=True, help="Check what terminals told central, and forget whose it was.")
app.add_typer(events, name="events")


@events.command()
def verify(database: str = DATABASE, as_json: bool = JSON) -> None:
    """Hold every event against the one before; exit code 1 where one is not as it was written."""
    from sync.central.events_desk import verified
    from sync.central.settings import CentralSettings

    said = done(lambda: verified(CentralSettings(database)))
    tell(said, as_json, lambda said: [*(_chain(chain) for chain in said["chains"]), _whole(said)])
    if not said["is_whole"]:
        raise typer.Exit(WRONG)


@events.command()
def forget(
    days: int = typer.Argument(min=1, max=36_500, help="what came this many days ago or earlier"),
    database: str = DATABASE,
    as_json: bool = JSON,
) -> None:
    """Wipe the cards from old events whose exceptions are closed; loans stay, and so does the proof."""
    from drivers.link.clock import RealClock
    from sync.central.events_desk import forgotten
    from sync.central.settings import CentralSettings

    said = done(lambda: forgotten(CentralSettings(database), RealClock(), days))
    tell(said, as_json, lambda said: (f"forgotten: the cards of {said['forgotten']} events",))


def _chain(chain: Said) -> str:
    found = "whole" if chain["broken_at"] is None else f"NOT as written from number {chain['broken_at']} on"
    return f"{chain['terminal']}  {chain['epoch']}  {chain['numbers']} numbers  {found}"


def _whole(said: Said) -> str:
    return "whole: it is what was told" if said["is_whole"] else "NOT whole"
