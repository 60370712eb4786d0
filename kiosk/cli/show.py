"""`kiosk sim`, `kiosk demo`: far ends, and a whole library on one machine."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path

import typer

from kiosk.cli.application import WRONG, app, refuse, say
from kiosk.cli.window import Window


class DemoLanguage(Enum):
    """The languages the demo speaks."""

    ENGLISH = "en"
    CHINESE = "zh_CN"


@app.command()
def sim(
    name: str = typer.Argument("", help="a far end by name, or `shelf` for the demo's whole table"),
    list_all: bool = typer.Option(False, "--list", help="list the far ends there are"),
    pty: Path | None = typer.Option(
        None, help="serve on a pseudo-terminal, without parity, that this new link leads to"
    ),
    port: int | None = typer.Option(None, help="serve on this TCP port of 127.0.0.1 (0: any free one)"),
    folder: Path = typer.Option(Path("build/sim"), help="shelf: where ptys and control socket are made"),
    card_port: int = typer.Option(35963, help="shelf: where a virtual card reader listens (vpcd)"),
    pad_tcp: bool = typer.Option(False, help="shelf: the pad is on TCP with advanced frames"),
    server: str = typer.Option("", help="shelf: HOST:PORT of the server behind the network that can be cut"),
    network_port: int = typer.Option(0, help="shelf: where that network begins (0: any free port)"),
    drop: bool = typer.Option(False, help="shelf: the pad is the antenna in the chute of a book drop"),
    end_with_parent: int = typer.Option(
        0, help="end when the process that started this one, of this id, is gone"
    ),
) -> None:
    """Serve simulated devices that speak the real bytes, until SIGTERM; says one line of JSON when ready.

    What is typed is what a person does to the one device that is served: `help` lists the words for it.
    """
    from drivers.link import SettingsError
    from kiosk.sim.process import TablePlan, names, run_one, run_table

    if list_all:
        for known, summary in names():
            typer.echo(f"{known:18} {summary}")
        typer.echo(f"{'shelf':18} the demo's whole table, with a control socket")
        return
    if name != "shelf" and (pty is None) == (port is None):
        refuse("name a far end and either --pty LINK or --port NUMBER; --list lists them")
    try:
        if name == "shelf":
            host, _, number = server.rpartition(":")
            if server and not (host and number.isdecimal()):
                refuse(f"--server {server!r} has to read HOST:PORT")
            behind = (host, int(number)) if server else None
            plan = TablePlan(folder, card_port, pad_tcp, behind, network_port, drop)
            run_table(plan, say, end_with_parent)
        else:
            run_one(name, pty, port, say, end_with_parent)
    except SettingsError as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"cannot be served: {error}")


@app.command()
def demo(
    headless: bool = typer.Option(False, help="play a whole session without a display, and save pictures"),
    as_json: bool = typer.Option(
        False, "--json", help="print one JSON object and nothing else (with --headless)"
    ),
    language: DemoLanguage = typer.Option(DemoLanguage.ENGLISH, help="of the terminal"),
    folder: Path = typer.Option(Path("build/demo"), help="where everything of the demo lies"),
    wide: bool = typer.Option(False, help="a screen of 1920x1080 instead of 1080x1920"),
    drop: bool = typer.Option(False, help="the terminal is an unattended book drop"),
) -> None:
    """Show a whole library on this machine: terminal, table, network and server, without any hardware."""
    from drivers.link.clock import RealClock
    from kiosk.demo.report import lines
    from kiosk.demo.running import run_demo
    from kiosk.demo.world import DoesNotStart, World

    clock = RealClock()
    size = (1920, 1080) if wide else (1080, 1920)
    window = Window(*size, False, video="offscreen" if headless else "", state=folder / "window")
    try:
        with World(folder, language.value, clock, has_drop=drop) as world:
            if not headless:
                world.start_table_window(
                    ["-m", "ui.table", str(world.control_path), "--language", language.value]
                )
            outcome = run_demo(world, window, clock, plays_itself=headless)
    except DoesNotStart as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG) from None
    if as_json:
        typer.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
    elif headless:
        typer.echo("\n".join(lines(outcome)))
    raise typer.Exit(0 if outcome.is_good or not headless else WRONG)
