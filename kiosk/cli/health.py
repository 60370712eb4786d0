"""`kiosk health`: how a running terminal is, in figures for staff and their tools."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

from kiosk.cli.application import UNUSABLE, WRONG, app
from kiosk.cli.place import Said, fail, place_of, tell

NAMES = {True: "yes", False: "no", None: "-"}


@app.command()
def health(
    file: Path = typer.Argument(help="the terminal's configuration (*.toml)"),
    as_json: bool = typer.Option(False, "--json", help="print one JSON object and nothing else"),
) -> None:
    """Say how the running terminal is, naming nobody; exit code 1 where it does not run or is out of service."""
    from kiosk.engine.control_call import NobodyServes, call
    from kiosk.engine.errands import NotDone

    try:
        said = call(place_of(file, None).control, {"do": "health"})
    except NobodyServes:
        fail("the terminal does not run", WRONG)
    except NotDone as refusal:
        fail(str(refusal), UNUSABLE if refusal.is_call_wrong else WRONG)
    tell(said, as_json, _lines)
    if said.get("is_in_service") is not True:
        raise typer.Exit(WRONG)


def _lines(said: Said) -> Iterable[str]:
    for name, value in said.items():
        if isinstance(value, list):
            shown = ", ".join(value) or "none"
        else:
            shown = NAMES[value] if value is None or isinstance(value, bool) else str(value)
        yield f"{name.removeprefix('is_').replace('_', ' '):24} {shown}"
