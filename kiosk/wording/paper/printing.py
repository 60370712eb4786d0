"""Makes the document of whatever is to be printed: slips for the gate are ours alone, the rest comes from templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import assert_never

from drivers.printer import Document
from kiosk.wording.paper.facts import receipt_facts, routing_facts
from kiosk.wording.paper.markup import document_of
from kiosk.wording.paper.rendering import TemplateMistake, Templates
from kiosk.wording.paper.samples import SAMPLES
from kiosk.wording.slips import slip_document
from kiosk.workflow.receipts import Receipt
from kiosk.workflow.slips import Printable, RoutingSlip, Slip
from kiosk.workflow.view import Language

ROUTING = "routing.txt"


class Paper:
    """Documents by the templates in *folder*, and by ours where it has none, for staff who read *staff*.

    *failed* is told why a template of the library's own was not used; times are in *zone*, None: the terminal's own.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        staff: Language,
        failed: Callable[[str], None] = lambda _: None,
        zone: tzinfo | None = None,
    ) -> None:
        self._templates = Templates(folder)
        self._staff = staff
        self._failed = failed
        self._zone = zone

    def document(self, printable: Printable) -> Document:
        """What goes on paper for *printable*."""
        if isinstance(printable, Slip):
            return slip_document(printable, self._staff, self._zone)
        name, facts = template_of(printable), _facts_of(printable, self._zone)
        try:
            return document_of(self._templates.text(name, facts))
        except TemplateMistake as mistake:
            self._failed(str(mistake))
            return document_of(self._templates.our_text(name, facts))


def preview(folder: Path | None, printable: Receipt | RoutingSlip, zone: tzinfo | None = None) -> Document:
    """*printable* by the template that would be used.  Raises `TemplateMistake` where that cannot be."""
    return document_of(Templates(folder).text(template_of(printable), _facts_of(printable, zone)))


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


def template_of(printable: Receipt | RoutingSlip) -> str:
    """The name of the template by which *printable* is printed."""
    return ROUTING if isinstance(printable, RoutingSlip) else f"{printable.kind.value}.txt"


def _facts_of(printable: Receipt | RoutingSlip, zone: tzinfo | None) -> dict[str, object]:
    match printable:
        case Receipt():
            return receipt_facts(printable, zone)
        case RoutingSlip():
            return routing_facts(printable, zone)
        case _:
            assert_never(printable)
