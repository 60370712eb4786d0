"""`kiosk central`, `kiosk import`: the circulation server and what it is filled with."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import typer

from kiosk.cli.application import app, refuse, say


@app.command()
def central(
    database: str = typer.Option("sqlite:///central.db", help="sqlite:////path/file.db or postgresql://..."),
    bind: str = typer.Option("127.0.0.1", help="address to listen at; beyond loopback needs TLS"),
    sip2_port: int = typer.Option(6001, help="0 takes any free one, -1 leaves SIP2 out"),
    rest_port: int = typer.Option(8086, help="0 takes any free one, -1 leaves REST out"),
    terminal: list[str] = typer.Option(
        [], help="NAME=FILE: a terminal and the file with its secret; repeatable"
    ),
    token: list[str] = typer.Option(
        [], help="NAME=FILE: a REST client and the file with its token; repeatable"
    ),
    institution: str = typer.Option("", help="the library's SIP2 institution id (AO)"),
    library: str = typer.Option("", help="the library's name"),
    currency: str = typer.Option("CNY", help="ISO 4217 code"),
    zone: str = typer.Option("", help="time zone, as Asia/Shanghai; empty: the machine's"),
    charset: str = typer.Option("utf-8", help="of SIP2"),
    tls_certificate: Path | None = typer.Option(None, help="PEM file"),
    tls_key: Path | None = typer.Option(None, help="PEM file"),
    clear_text_allowed: bool = typer.Option(False, help="listen beyond loopback without TLS"),
    office_key: Path | None = typer.Option(
        None, help="secret that snapshots are signed with; made where it is not; beside an SQLite database"
    ),
    policy: Path | None = typer.Option(
        None,
        help="TOML file: what becomes of loans that terminals made by themselves; docs/guides/central.md",
    ),
    demo: bool = typer.Option(False, help="fill an empty database with the demo library first"),
    end_with_parent: int = typer.Option(
        0, help="end when the process that started this one, of this id, is gone"
    ),
) -> None:
    """Serve a library's items, patrons and loans over SIP2 and REST; says one line of JSON when ready."""
    from drivers.link import SettingsError
    from kiosk.engine.logs import adopt_standard_logging
    from kiosk.engine.parent import Parent, SetOrOrphaned
    from sync.central import demo as demo_library
    from sync.central.circulation.policy import EventPolicy
    from sync.central.policy_file import read_policy
    from sync.central.serve import CentralSettings, create_demo, serve

    stop = SetOrOrphaned(Parent(end_with_parent)) if end_with_parent else threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    adopt_standard_logging()
    if demo:
        institution, library = institution or demo_library.INSTITUTION, library or demo_library.NAME
        zone, currency = zone or demo_library.ZONE, demo_library.CURRENCY
    try:
        settings = CentralSettings(
            database,
            bind=bind,
            sip2_port=None if sip2_port < 0 else sip2_port,
            rest_port=None if rest_port < 0 else rest_port,
            terminals=_named_files("--terminal", terminal),
            tokens=_named_files("--token", token),
            institution=institution,
            library_name=library,
            currency=currency,
            zone=zone,
            charset=charset,
            tls_certificate=tls_certificate,
            tls_key=tls_key,
            clear_text_allowed=clear_text_allowed,
            office_key_file=office_key,
            events=EventPolicy() if policy is None else read_policy(policy),
        )
        if demo:
            create_demo(database, zone)
        serve(settings, lambda ready: say(ready.line()), stop)
    except SettingsError as error:
        refuse(str(error))


@app.command("import")
def import_lists(
    folder: Path = typer.Argument(help="with items.csv, patrons.csv and so on; see docs/guides/import.md"),
    database: str = typer.Option("sqlite:///central.db", help="sqlite:////path/file.db or postgresql://..."),
    currency: str = typer.Option("CNY", help="ISO 4217 code of the amounts"),
    zone: str = typer.Option("", help="time zone, as Asia/Shanghai; empty: the machine's"),
) -> None:
    """Fill central's database from CSV files: all of them, or nothing and every mistake by line and column."""
    from drivers.link import SettingsError
    from sync.central.importer import ImportRefused
    from sync.central.settings import CentralSettings
    from sync.central.stocking import import_folder

    try:
        settings = CentralSettings(database, currency=currency, zone=zone, sip2_port=None)
        counts = import_folder(settings, folder)
    except (SettingsError, ImportRefused) as error:
        refuse(str(error))
    for name, count in counts.items():
        typer.echo(f"{name}: {count}")


def _named_files(option: str, pairs: list[str]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for pair in pairs:
        name, equals, file = pair.partition("=")
        if not (name and equals and file):
            refuse(f"{option} {pair!r} has to read NAME=FILE")
        named[name] = Path(file)
    return named
