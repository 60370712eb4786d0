"""`kiosk receipt`: what is printed for readers and staff, looked at without a printer.  See docs/guides/receipts.md."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

import typer

from kiosk.cli.application import WRONG, app, refuse, say

if TYPE_CHECKING:
    from drivers.printer.layout import PaperLine

receipt_app = typer.Typer(no_args_is_help=True, help="Look at receipts and slips, by your own templates.")
app.add_typer(receipt_app, name="receipt")


class Kind(Enum):
    """What there is to look at; each is a template of that name."""

    ALL = "all"
    LOANS = "loans"
    RETURNS = "returns"
    PAYMENT = "payment"
    ROUTING = "routing"


class PreviewLanguage(Enum):
    """The languages of receipts."""

    ENGLISH = "en"
    CHINESE = "zh_CN"


@receipt_app.callback()
def receipt() -> None:
    """Look at receipts and slips, by your own templates."""


@receipt_app.command()
def preview(
    file: Path | None = typer.Argument(
        None, help="the terminal's configuration; without one our own templates"
    ),
    kind: Kind = typer.Option(Kind.ALL, help="which template"),
    language: PreviewLanguage | None = typer.Option(None, help="in one language only"),
    columns: int = typer.Option(42, min=24, max=64, help="of the printer's font A: 32, 42 or 48"),
    templates: Path | None = typer.Option(
        None, help="a folder with templates, instead of the configuration's"
    ),
) -> None:
    """Print invented receipts as they come out of the printer; exit code 1 when a template has a mistake."""
    from drivers.printer.layout import lay_out
    from kiosk.config.complaints import ConfigurationWrong
    from kiosk.config.loading import load
    from kiosk.wording.paper.printing import check_templates, template_of
    from kiosk.wording.paper.printing import preview as document
    from kiosk.wording.paper.rendering import TemplateMistake
    from kiosk.wording.paper.samples import SAMPLES, language_of

    folder = templates
    if file is not None and folder is None:
        try:
            folder = load(file).receipts.templates
        except ConfigurationWrong as wrong:
            refuse("\n".join(wrong.complaints))
    shown = [
        sample
        for sample in SAMPLES
        if kind is Kind.ALL or template_of(sample) == f"{kind.value}.txt"
        if language is None or language_of(sample) == language.value
    ]
    try:
        if folder is not None:
            check_templates(folder)
        for sample in shown:
            say(f"{template_of(sample)}, {language_of(sample)}")
            lines = lay_out(document(folder, sample), columns, is_wide=True)
            say("\n".join(("┌" + "─" * columns + "┐", *(_drawn(line, columns) for line in lines))))
            say("└" + "╌" * columns + "┘")
    except TemplateMistake as mistake:
        typer.echo(str(mistake), err=True)
        raise typer.Exit(WRONG) from mistake


def _drawn(line: PaperLine, columns: int) -> str:
    """*line* as it stands on paper of so many columns, between two edges; large letters are set apart."""
    from drivers.printer import Align, Size

    words = line.words
    if line.size is Size.LARGE:
        words = "".join(letter + " " * _width(letter) for letter in words)
    left = max(0, columns - _width(words + line.right))
    if line.right:
        return f"│{words}{' ' * left}{line.right}│"
    before = left // 2 if line.align is Align.CENTRE else 0
    return f"│{' ' * before}{words}{' ' * (left - before)}│"


def _width(text: str) -> int:
    """How many cells of a terminal *text* takes."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
