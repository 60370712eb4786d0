"""`kiosk run`, `kiosk check`, `kiosk version`: the terminal itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from kiosk.cli.application import UNUSABLE, app, refuse
from kiosk.cli.window import Window


@app.command()
def run(file: Path = typer.Argument(help="the terminal's configuration (TOML)")) -> None:
    """Serve readers at this terminal until the window is closed or SIGTERM comes."""
    from kiosk.config.screen import screen_size

    size = screen_size(file)
    window = Window(size.width, size.height, size.is_fullscreen)
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
    from kiosk.wording.paper.checking import check_templates
    from kiosk.wording.paper.rendering import TemplateMistake

    try:
        configuration = load(file)
        if configuration.receipts.templates is not None:
            check_templates(configuration.receipts.templates)
    except ConfigurationWrong as wrong:
        for complaint in wrong.complaints:
            typer.echo(complaint, err=True)
        raise typer.Exit(UNUSABLE) from None
    except TemplateMistake as mistake:
        refuse(f"[receipts] templates: {mistake}")
    for line in summary(configuration):
        typer.echo(line)


@app.command()
def version() -> None:
    """Say which version this is."""
    from importlib.metadata import version as installed

    typer.echo(installed("library-kiosk"))
