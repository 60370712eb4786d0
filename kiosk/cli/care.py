"""`kiosk care`: items that readers and staff reported as in need of care.  docs/guides/central.md goes through it."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from kiosk.cli.application import app
from kiosk.cli.exceptions import BY, DATABASE, JSON, NOTE, done
from kiosk.cli.place import Said, tell

care = typer.Typer(no_args_is_help=True, help="List items that need care, and end their reports.")
app.add_typer(care, name="care")


@care.command("list")
def list_care(database: str = DATABASE, as_json: bool = JSON) -> None:
    """List what needs care, the oldest first: the item, what is wrong, and its condition as recorded."""
    from sync.central.care_desk import listed
    from sync.central.settings import CentralSettings

    tell(done(lambda: listed(CentralSettings(database))), as_json, _lines)


@care.command("done")
def end(
    reference: str = typer.Argument(help="the report, as the list names it"),
    condition: str = typer.Option(
        "", help="the item's from now on: in-place, in-process, damaged, withdrawn, ...; empty: as it was"
    ),
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    as_json: bool = JSON,
) -> None:
    """End a report that was seen to.  What costs money is charged by `kiosk fees charge --harm`."""
    from drivers.link.clock import RealClock
    from sync.central.care_desk import done as ended
    from sync.central.settings import CentralSettings

    settings = CentralSettings(database)
    said = done(lambda: ended(settings, RealClock(), reference, by, note, condition))
    tell(said, as_json, lambda said: (f"done: {said['done']}",))


def _lines(said: Said) -> Iterator[str]:
    found = said["care"]
    for one in found:
        yield f"{one['reference']}  item {one['item']}  {one['title']}  {one['call_number']}".rstrip()
        yield f"    wrong     {', '.join(one['flaws'])}"
        yield f"    condition {one['condition']}"
        yield f"    told      by {one['by']} at {one['terminal']}, {one['at'][:16].replace('T', ' ')} UTC"
    yield "1 item needs care" if len(found) == 1 else f"{len(found)} items need care"
