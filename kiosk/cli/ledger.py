"""`kiosk ledger`: the money a machine took, and its days closed.  docs/guides/ledger.md goes through it."""

from __future__ import annotations

from pathlib import Path

import typer

from kiosk.cli.application import WRONG, app
from kiosk.cli.place import asked, place_of, tell

ledger_app = typer.Typer(no_args_is_help=True, help="Close days, list, export and verify a machine's ledger.")
app.add_typer(ledger_app, name="ledger")

FILE = typer.Argument(help="the terminal's configuration (*.toml), or a journal's file")
KEY = typer.Option(None, "--key", help="the journal's key file; ledger.key lies beside it")
JSON = typer.Option(False, "--json", help="print one JSON object and nothing else")


@ledger_app.command("close")
def close_days(
    file: Path = FILE,
    day: str = typer.Option("", help="up to this day, as 2026-05-12; empty: up to yesterday"),
    unfinished: bool = typer.Option(
        False, help="close today as it stands; what is paid later is booked on tomorrow"
    ),
    key: Path | None = KEY,
    as_json: bool = JSON,
) -> None:
    """Close every day that is over and not closed yet, also days without a payment; twice does no harm."""
    from kiosk.journal_desk import ledger_lines

    request: dict[str, object] = {"do": "ledger.close", "unfinished": unfinished}
    if day:
        request["day"] = day
    tell(asked(place_of(file, key), request), as_json, ledger_lines.closed)


@ledger_app.command("list")
def list_days(
    file: Path = FILE,
    day: str = typer.Option("", help="the transactions of this day, as 2026-05-12"),
    key: Path | None = KEY,
    as_json: bool = JSON,
) -> None:
    """List the closings and what is not closed yet; with --day the transactions of one day."""
    from kiosk.journal_desk import ledger_lines

    request: dict[str, object] = {"do": "ledger.list"}
    if day:
        request["day"] = day
    tell(asked(place_of(file, key), request), as_json, ledger_lines.listed)


@ledger_app.command()
def export(
    file: Path = FILE,
    to: Path = typer.Argument(help="the new file, *.csv; the closings go into *-closings.csv beside it"),
    key: Path | None = KEY,
    as_json: bool = JSON,
) -> None:
    """Write all transactions and all closings as CSV, amounts by currency, without naming anybody."""
    from kiosk.journal_desk.tables import count_of

    said = asked(place_of(file, key), {"do": "ledger.export", "to": str(to.absolute())})
    tell(
        said,
        as_json,
        lambda said: (
            f"{count_of(said['transactions'], 'transaction', 'transactions')} exported: {said['to']}",
            f"{count_of(said['closings'], 'closing', 'closings')} exported: {said['closings_to']}",
        ),
    )


@ledger_app.command()
def verify(file: Path = FILE, key: Path | None = KEY, as_json: bool = JSON) -> None:
    """Make every closing anew from the journal and check its HMAC; exit code 1 when something differs."""
    from kiosk.journal_desk import ledger_lines

    said = asked(place_of(file, key), {"do": "ledger.verify"})
    tell(said, as_json, ledger_lines.verified)
    raise typer.Exit(0 if said["is_whole"] else WRONG)
