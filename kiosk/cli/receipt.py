"""`kiosk receipt`: what is printed for readers and staff, looked at without a printer.  See docs/guides/receipts.md."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

import typer

from kiosk.cli.application import WRONG, app, refuse, say

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
    from drivers.printer.proof import proof
    from kiosk.config.complaints import ConfigurationWrong
    from kiosk.config.loading import load
    from kiosk.wording.paper.checking import check_templates
    from kiosk.wording.paper.checking import preview as document
    from kiosk.wording.paper.printing import template_of
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
            say(proof(document(folder, sample), columns))
    except TemplateMistake as mistake:
        typer.echo(str(mistake), err=True)
        raise typer.Exit(WRONG) from mistake
