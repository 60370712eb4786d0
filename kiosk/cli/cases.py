"""`kiosk cases`: what a human must settle.  docs/guides/journal.md goes through it."""

from __future__ import annotations

from pathlib import Path

import typer

from kiosk.cli.application import app
from kiosk.cli.place import asked, place_of, tell

cases_app = typer.Typer(no_args_is_help=True, help="List what staff have to settle, and close it.")
app.add_typer(cases_app, name="cases")

FILE = typer.Argument(help="the terminal's configuration (*.toml), or a journal's file")
KEY = typer.Option(None, "--key", help="the journal's key file; known from a configuration")
JSON = typer.Option(False, "--json", help="print one JSON object and nothing else")


@cases_app.command("list")
def list_cases(file: Path = FILE, key: Path | None = KEY, as_json: bool = JSON) -> None:
    """List the open cases: why, what the terminal did, what the server said, and what can be done."""
    from kiosk.journal_desk import tables

    tell(asked(place_of(file, key), {"do": "cases.list"}), as_json, tables.cases)


@cases_app.command("close")
def close_case(
    file: Path = FILE,
    reference: str = typer.Argument(help="the case, as the list and the slip name it"),
    how: str = typer.Option(help="what was done, one of those the list names"),
    by: str = typer.Option(help="who says so"),
    note: str = typer.Option("", help="what else is worth knowing; no names of readers"),
    key: Path | None = KEY,
    as_json: bool = JSON,
) -> None:
    """Close a case; from then on the patron's number is not kept for it."""
    request = {"do": "cases.close", "reference": reference, "how": how, "by": by}
    if note:
        request["note"] = note
    said = asked(place_of(file, key), request)
    tell(said, as_json, lambda said: (f"closed: {said['closed']}, {said['how']}",))
