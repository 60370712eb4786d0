"""What is printed for the gate, as values without wording: no name, no card number, nothing that points to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.workflow.view import Language, Trouble
from sync.entries import Due, ItemId


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip that goes with an item whose tag does not say what the loan says.

    *reference* names the case at the desk; *why* what went wrong; *due* until when it is lent, None when it is not.
    *is_provisional*: lent by the terminal's word alone so far, so the library's system may not know it yet.
    """

    reference: str
    item: ItemId
    why: Trouble
    at: datetime
    language: Language
    library: str
    title: str = ""
    due: Due | None = None
    is_provisional: bool = False
