"""The command `kiosk`: the way in from outside.

Everything of ours is imported inside the command that needs it, so that no command pays for another, and the window's
first frame waits for as little as possible.  Exit codes: 0 well, 1 it went wrong, 2 the configuration or the call is.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

import typer

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Self-service terminal for libraries.",
)

WRONG, UNUSABLE = 1, 2


class DemoLanguage(Enum):
    """The languages the demo speaks."""

    ENGLISH = "en"
    CHINESE = "zh_CN"


def main() -> None:
    """Runs the command that the process was started with."""
    app()


@app.command()
def run(file: Path = typer.Argument(help="the terminal's configuration (TOML)")) -> None:
    """Serve readers at this terminal until the window is closed or SIGTERM comes."""
    from kiosk.config.screen import screen_size

    size = screen_size(file)
    window = _Window(size.width, size.height, size.is_fullscreen)
    behind: list[Any] = []

    def started(show: Callable[[Any], None]) -> None:
        # Everything heavy is imported here: the first frame stands.
        from kiosk.runtime.running import Terminal

        behind.append(Terminal(window.close))
        behind[0].start(file, show)

    code = window.serve(lambda touch: behind[0].post(touch) if behind else None, started)
    raise typer.Exit(behind[0].stop(code) if behind else code)


@app.command()
def check(file: Path = typer.Argument(help="the terminal's configuration (TOML)")) -> None:
    """Say what is wrong with a configuration, all of it at once, without touching a device or a server."""
    from kiosk.config.complaints import ConfigurationWrong
    from kiosk.config.loading import load
    from kiosk.config.summary import summary

    try:
        configuration = load(file)
    except ConfigurationWrong as wrong:
        for complaint in wrong.complaints:
            typer.echo(complaint, err=True)
        raise typer.Exit(UNUSABLE) from None
    for line in summary(configuration):
        typer.echo(line)


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
        )
        if demo:
            create_demo(database, zone)
        serve(settings, lambda ready: _say(ready.line()), stop)
    except SettingsError as error:
        _refuse(str(error))


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
        _refuse(str(error))
    for name, count in counts.items():
        typer.echo(f"{name}: {count}")


@app.command()
def sim(
    name: str = typer.Argument("", help="a far end by name, or `shelf` for the demo's whole table"),
    list_all: bool = typer.Option(False, "--list", help="list the far ends there are"),
    pty: Path | None = typer.Option(None, help="serve on a pseudo-terminal that this new link leads to"),
    port: int | None = typer.Option(None, help="serve on this TCP port of 127.0.0.1 (0: any free one)"),
    folder: Path = typer.Option(Path("build/sim"), help="shelf: where ptys and control socket are made"),
    card_port: int = typer.Option(35963, help="shelf: where a virtual card reader listens (vpcd)"),
    pad_tcp: bool = typer.Option(False, help="shelf: the pad is on TCP with advanced frames"),
    server: str = typer.Option("", help="shelf: HOST:PORT of the server behind the network that can be cut"),
    network_port: int = typer.Option(0, help="shelf: where that network begins (0: any free port)"),
    end_with_parent: int = typer.Option(
        0, help="end when the process that started this one, of this id, is gone"
    ),
) -> None:
    """Serve simulated devices that speak the real bytes, until SIGTERM; says one line of JSON when ready."""
    from drivers.link import SettingsError
    from kiosk.sim.process import TablePlan, names, run_one, run_table

    if list_all:
        for known, summary in names():
            typer.echo(f"{known:14} {summary}")
        typer.echo(f"{'shelf':14} the demo's whole table, with a control socket")
        return
    if name != "shelf" and (pty is None) == (port is None):
        _refuse("name a far end and either --pty LINK or --port NUMBER; --list lists them")
    try:
        if name == "shelf":
            host, _, number = server.rpartition(":")
            if server and not (host and number.isdecimal()):
                _refuse(f"--server {server!r} has to read HOST:PORT")
            plan = TablePlan(
                folder, card_port, pad_tcp, (host, int(number)) if server else None, network_port
            )
            run_table(plan, _say, end_with_parent)
        else:
            run_one(name, pty, port, _say, end_with_parent)
    except SettingsError as error:
        _refuse(str(error))
    except OSError as error:
        _refuse(f"cannot be served: {error}")


@app.command()
def demo(
    headless: bool = typer.Option(False, help="play a whole session without a display, and save pictures"),
    as_json: bool = typer.Option(
        False, "--json", help="print one JSON object and nothing else (with --headless)"
    ),
    language: DemoLanguage = typer.Option(DemoLanguage.ENGLISH, help="of the terminal"),
    folder: Path = typer.Option(Path("build/demo"), help="where everything of the demo lies"),
    wide: bool = typer.Option(False, help="a screen of 1920x1080 instead of 1080x1920"),
) -> None:
    """Show a whole library on this machine: terminal, table, network and server, without any hardware."""
    from drivers.link.clock import RealClock
    from kiosk.demo.report import lines
    from kiosk.demo.running import run_demo
    from kiosk.demo.world import DoesNotStart, World

    clock = RealClock()
    size = (1920, 1080) if wide else (1080, 1920)
    window = _Window(*size, False, video="offscreen" if headless else "", state=folder / "window")
    try:
        with World(folder, language.value, clock) as world:
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


@app.command()
def version() -> None:
    """Say which version this is."""
    from importlib.metadata import version as installed

    typer.echo(installed("library-kiosk"))


def _say(line: str) -> None:
    print(line, flush=True)


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(UNUSABLE)


def _named_files(option: str, pairs: list[str]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for pair in pairs:
        name, equals, file = pair.partition("=")
        if not (name and equals and file):
            _refuse(f"{option} {pair!r} has to read NAME=FILE")
        named[name] = Path(file)
    return named


class _Window:
    """The kiosk's window, in pixels."""

    def __init__(
        self, width: int, height: int, is_fullscreen: bool, video: str = "", state: Path = Path("build/kivy")
    ) -> None:
        self._size = (width, height)
        self._is_fullscreen = is_fullscreen
        self._video = video
        self._state = state
        self._app: Any = None

    def serve(self, post: Callable[[Any], None], started: Callable[[Callable[[Any], None]], None]) -> int:
        """Opens and blocks until closed; *started* gets the way to show views once the first frame stands."""
        from ui import environment
        from ui.app import FIRST

        settings = environment.WindowSettings(
            *self._size, is_fullscreen=self._is_fullscreen, video=self._video, state=self._state
        )
        try:
            environment.prepare(settings)
        except environment.ScreenUnusable as error:
            _refuse(str(error))
        from ui.kiosk_app import KioskApp

        self._app = KioskApp(post, lambda bridge: started(bridge.show), settings, FIRST)
        return int(self._app.serve())

    def play(
        self, folder: Path, script: Callable[[Any], Any], finished: Callable[[BaseException | None], None]
    ) -> None:
        """Drives *script* by touches on the window."""
        from ui.player import Player

        Player(self._app.stage, folder).play(script, finished)

    def close(self) -> None:
        """Ends `serve`."""
        self._app.stop()
