"""Makes the document of whatever is to be printed: slips for the gate are ours alone, the rest comes from templates.

Jinja2 is imported with the first receipt: no terminal waits for it to start, and one without a printer never.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from drivers.printer import Document
from kiosk.wording.paper.facts import receipt_facts, routing_facts
from kiosk.wording.paper.markup import document_of
from kiosk.wording.slips import slip_document
from kiosk.workflow.receipts import Receipt
from kiosk.workflow.slips import Printable, RoutingSlip, Slip
from kiosk.workflow.view import Language

if TYPE_CHECKING:
    from kiosk.wording.paper.rendering import Templates

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
        self._folder = folder
        self._staff = staff
        self._failed = failed
        self._zone = zone

    def document(self, printable: Printable) -> Document:
        """What goes on paper for *printable*."""
        if isinstance(printable, Slip):
            return slip_document(printable, self._staff, self._zone)
        facts = facts_of(printable, self._zone)
        return document_of(self._templates.text_or_ours(template_of(printable), facts, self._failed))

    @cached_property
    def _templates(self) -> Templates:
        from kiosk.wording.paper.rendering import Templates

        return Templates(self._folder)


def template_of(printable: Receipt | RoutingSlip) -> str:
    """The name of the template by which *printable* is printed."""
    return ROUTING if isinstance(printable, RoutingSlip) else f"{printable.kind.value}.txt"


def facts_of(printable: Receipt | RoutingSlip, zone: tzinfo | None) -> dict[str, object]:
    """What its template is told of *printable*."""
    match printable:
        case Receipt():
            return receipt_facts(printable, zone)
        case RoutingSlip():
            return routing_facts(printable, zone)
        case _:
            assert_never(printable)
