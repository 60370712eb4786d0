"""`kiosk enrolment-code`, `kiosk enrol`, `kiosk snapshot`: who a terminal is, and what it knows without the server."""

from __future__ import annotations

from pathlib import Path

import typer

from kiosk.cli.application import app, refuse

snapshot = typer.Typer(no_args_is_help=True, help="What a terminal lends by while its server is away.")
app.add_typer(snapshot, name="snapshot")


@app.command("enrolment-code")
def enrolment_code(
    terminal: str = typer.Argument(help="the terminal's name: letters, digits, . _ -"),
    database: str = typer.Option("sqlite:///central.db", help="sqlite:////path/file.db or postgresql://..."),
    office_key: Path | None = typer.Option(None, help="as `kiosk central` has it"),
) -> None:
    """Make a one-time code for `kiosk enrol`; good for a day, for one terminal, and shown only now."""
    from drivers.link import SettingsError
    from drivers.link.clock import RealClock
    from sync.central.settings import CentralSettings
    from sync.central.snapshot_office.staff import code_for

    settings = CentralSettings(database, sip2_port=None, office_key_file=office_key)
    try:
        code = code_for(settings, terminal, RealClock())
    except SettingsError as error:
        refuse(str(error))
    typer.echo(code.reveal())


@app.command()
def enrol(
    url: str = typer.Argument("", help="central's address, https://HOST[:PORT]"),
    code: str = typer.Argument("", help="the one-time code that `kiosk enrolment-code` made"),
    folder: Path = typer.Option(help="a new folder for the identity and its secrets"),
    ca: Path | None = typer.Option(
        None, help="who may vouch for central (PEM); else whom the machine trusts"
    ),
    clear_text_allowed: bool = typer.Option(False, help="plain http beyond this machine"),
    offline: bool = typer.Option(False, help="without central: the library signs its snapshots itself"),
    name: str = typer.Option("", help="--offline: the terminal's name"),
    library: str = typer.Option("", help="--offline: the library's name"),
) -> None:
    """Make this terminal's identity, whole or not at all, and say which lines its configuration needs."""
    from drivers.link import SettingsError
    from drivers.link.clock import RealClock
    from drivers.masked import Secret
    from sync.enrolment import NotEnrolled, enrol_at_central, enrol_offline
    from sync.servers.central_office import CentralOffice

    clock = RealClock()
    if offline == bool(url or code) or offline != bool(name and library) or bool(url) != bool(code):
        refuse("name central's URL and a code, or --offline with --name and --library")
    try:
        if offline:
            lines = enrol_offline(folder, name, library, clock)
        else:
            office = CentralOffice(url, clock, ca_file=ca, clear_text_allowed=clear_text_allowed)
            lines = enrol_at_central(folder, office, Secret(code), clock)
    except (SettingsError, NotEnrolled) as error:
        refuse(str(error))
    typer.echo("\n".join(lines))


@snapshot.command()
def show(
    file: Path = typer.Argument(help="a terminal's snapshot"),
    identity: Path | None = typer.Option(
        None, help="the terminal's identity folder: then it is opened and checked"
    ),
) -> None:
    """Say for whom a snapshot is, of when, and how much is in it; names nobody."""
    from drivers.link import SettingsError
    from drivers.link.clock import RealClock
    from sync.enrolment import shown
    from sync.snapshot.box import SnapshotRefused

    try:
        for line in shown(file, identity, RealClock()):
            typer.echo(line)
    except (SettingsError, SnapshotRefused) as error:
        refuse(str(error))


@snapshot.command()
def make(
    content: Path = typer.Argument(help="the library in plain JSON; see docs/guides/snapshot.md"),
    identity: Path = typer.Option(
        help="the identity folder of the terminal, made with `kiosk enrol --offline`"
    ),
    out: Path = typer.Option(help="where the terminal looks for it"),
    number: int = typer.Option(0, help="has to rise; 0: the seconds since 1970"),
) -> None:
    """Sign and seal a snapshot for one terminal, for libraries without central."""
    from drivers.link import SettingsError
    from drivers.link.clock import RealClock
    from sync.enrolment import make_snapshot
    from sync.snapshot.box import SnapshotRefused

    try:
        left_out = make_snapshot(content, identity, out, number, RealClock())
    except (SettingsError, SnapshotRefused) as error:
        refuse(str(error))
    if left_out:
        typer.echo(f"{left_out} PINs were left out: no terminal could judge their hash", err=True)
