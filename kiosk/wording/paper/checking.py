"""Looks at a library's own templates before anything is printed by them."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path

from drivers.printer import Document
from kiosk.wording.paper.markup import document_of
from kiosk.wording.paper.printing import facts_of, template_of
from kiosk.wording.paper.rendering import TemplateMistake, Templates
from kiosk.wording.paper.samples import SAMPLES
from kiosk.workflow.receipts import Receipt
from kiosk.workflow.slips import RoutingSlip


def preview(folder: Path | None, printable: Receipt | RoutingSlip, zone: tzinfo | None = None) -> Document:
    """*printable* by the template that would be used.  Raises `TemplateMistake` where that cannot be."""
    return document_of(Templates(folder).text(template_of(printable), facts_of(printable, zone)))


def check_templates(folder: Path) -> None:
    """Raises `TemplateMistake` for the first of the library's own templates in *folder* that does not make a document
    of each invented receipt.
    """
    if not folder.is_dir():
        raise TemplateMistake(f"{folder}: is no folder")
    names = {template_of(sample) for sample in SAMPLES}
    unknown = sorted(path.name for path in folder.glob("*.txt") if path.name not in names)
    if unknown:
        raise TemplateMistake(f"{folder / unknown[0]}: templates are called {', '.join(sorted(names))}")
    for sample in SAMPLES:
        preview(folder, sample)
