"""The application that all commands are put into, and the two ways to speak to who called."""

from __future__ import annotations

from typing import NoReturn

import typer

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Self-service terminal for libraries.",
)

WRONG, UNUSABLE = 1, 2


def say(line: str) -> None:
    """Writes *line* to standard output at once: whoever waits for it may read a pipe."""
    print(line, flush=True)


def refuse(sentence: str) -> NoReturn:
    """Ends the command with *sentence* on standard error and exit code 2: the call or the configuration is wrong."""
    typer.echo(sentence, err=True)
    raise typer.Exit(UNUSABLE)
