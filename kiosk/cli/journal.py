"""`kiosk journal`: the promise book for staff and library IT.  docs/guides/journal.md goes through it."""

from __future__ import annotations

from pathlib import Path

import typer

from kiosk.cli.application import UNUSABLE, WRONG, app, refuse
from kiosk.cli.place import Said, asked, fail, is_running, keys_of, place_of, tell

journal_app = typer.Typer(
    no_args_is_help=True, help="List, verify, back up, restore, export, salvage a journal."
)
app.add_typer(journal_app, name="journal")

FILE = typer.Argument(help="the terminal's configuration (*.toml), or a journal's file")
KEY = typer.Option(None, "--key", help="the journal's key file; known from a configuration")
JSON = typer.Option(False, "--json", help="print one JSON object and nothing else")


@journal_app.command("list")
def list_entries(
    file: Path = FILE,
    limit: int = typer.Option(20, help="how many at most, up to 1000"),
    only_open: bool = typer.Option(False, "--open", help="only what is not settled, the oldest first"),
    since: str = typer.Option("", help="only what began since, as 2026-05-12T12:00:00+08:00"),
    key: Path | None = KEY,
    as_json: bool = JSON,
) -> None:
    """List what was promised and what became of it, the newest first."""
    from kiosk.journal_desk import tables

    request: dict[str, object] = {"do": "journal.list", "limit": limit, "open": only_open}
    if since:
        request["since"] = since
    tell(asked(place_of(file, key), request), as_json, tables.entries)


@journal_app.command()
def verify(file: Path = FILE, key: Path | None = KEY, as_json: bool = JSON) -> None:
    """Read a whole journal, backup or export, and say whether it is what was written; exit code 1 when not."""
    from kiosk.journal_desk import tables

    said = asked(place_of(file, key), {"do": "journal.verify"})
    tell(said, as_json, tables.report)
    raise typer.Exit(0 if said["is_whole"] else WRONG)


@journal_app.command()
def backup(
    file: Path = FILE,
    to: Path = typer.Argument(help="the new file; never written over"),
    key: Path | None = KEY,
    as_json: bool = JSON,
) -> None:
    """Make a backup, also while the terminal runs; it is read whole before it gets its name."""
    from kiosk.journal_desk import tables

    said = asked(place_of(file, key), {"do": "journal.backup", "to": str(to.absolute())})
    tell(said, as_json, lambda said: (f"backup made: {said['to']}", *tables.report(said)))


@journal_app.command()
def restore(
    backup_file: Path = typer.Argument(help="the backup; it stays as it is"),
    file: Path = typer.Argument(help="the terminal's configuration, or the journal to make"),
    key: Path | None = KEY,
    as_json: bool = JSON,
) -> None:
    """Make a backup the journal of this terminal, which must have none."""
    from drivers.link.clock import RealClock
    from kiosk.journal_desk import tables
    from kiosk.journal_desk.saying import not_done, report_said
    from sync.journal.care.restore import restore as restored

    place = place_of(file, key)
    keys = keys_of(place)
    try:
        made = restored(backup_file, place.journal, keys, RealClock().now().isoformat())
    except (ValueError, OSError, _journal_error()) as error:
        told = not_done(error)
        fail(str(told), UNUSABLE if told.is_call_wrong else WRONG)
    said = {**report_said(made.report), "to": str(place.journal), "epoch": made.epoch}
    tell(said, as_json, lambda said: (*tables.report(said), f"restored: {said['to']}, epoch {said['epoch']}"))


@journal_app.command()
def export(
    file: Path = FILE,
    to: Path = typer.Argument(help="the new file of JSON lines; never written over"),
    segments: str = typer.Option("", help="only these closed segments, as 3 or 3-7"),
    key: Path | None = KEY,
    as_json: bool = JSON,
) -> None:
    """Write the journal as lines of JSON, with its chain and without naming anybody."""
    request: dict[str, object] = {"do": "journal.export", "to": str(to.absolute())}
    if segments:
        first, _, last = segments.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal()):
            refuse(f"--segments {segments!r} has to read as 3 or 3-7")
        request["segments"] = [int(first), int(last or first)]
    said = asked(place_of(file, key), request)
    tell(said, as_json, lambda said: (f"{said['rows']} rows exported: {said['to']}",))


@journal_app.command()
def salvage(
    file: Path = FILE,
    to: Path | None = typer.Option(
        None, help="make the new journal here instead of in the damaged one's place"
    ),
    key: Path | None = KEY,
    as_json: bool = JSON,
) -> None:
    """Save what is left of a damaged journal; the damaged file is kept aside.  Exit code 1 when something is lost."""
    from drivers.link.clock import RealClock
    from kiosk.engine.errands import NotDone
    from kiosk.journal_desk import tables
    from kiosk.journal_desk.saying import not_done, salvaged_said
    from sync.journal.care.salvage import replace_damaged
    from sync.journal.care.salvage import salvage as salvaged

    place = place_of(file, key)
    keys, now = keys_of(place), RealClock().now()
    try:
        if is_running(place):
            raise NotDone("a terminal has this journal open: stop it first", is_call_wrong=True)
        if to is None:
            found, aside = replace_damaged(place.journal, keys, now)
            said: Said = {**salvaged_said(found), "to": str(place.journal), "damaged": str(aside)}
        else:
            found = salvaged(place.journal, to, keys, now)
            said = {**salvaged_said(found), "to": str(to), "damaged": str(place.journal)}
    except (NotDone, ValueError, OSError, _journal_error()) as error:
        told = not_done(error)
        fail(str(told), UNUSABLE if told.is_call_wrong else WRONG)
    tell(
        said,
        as_json,
        lambda said: (
            *tables.salvaged(said),
            f"new journal {said['to']}",
            f"damaged one {said['damaged']}",
        ),
    )
    raise typer.Exit(WRONG if said["missing_count"] or said["cases"] or said["unfinished"] else 0)


def _journal_error() -> type[Exception]:
    from sync.journal.errors import JournalError

    return JournalError
