"""What is wrong with an item that needs care."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.wording.catalogue import Words, mark
from kiosk.wording.page import Page
from kiosk.workflow.view import MarkCare
from sync.entries import Flaw

FLAWS: Mapping[Flaw, str] = {
    Flaw.BARCODE_MISSING: mark("The barcode is missing"),
    Flaw.BARCODE_UNREADABLE: mark("The barcode cannot be read"),
    Flaw.TAG_DISAGREES: mark("It is recorded as another book"),
    Flaw.LOOSE_PAGES: mark("Pages are loose"),
    Flaw.WRITTEN_IN: mark("Somebody wrote in it"),
    Flaw.DAMAGED: mark("It is torn, wet or broken"),
    Flaw.PART_MISSING: mark("A part is missing"),
}


def flaw_text(words: Words, flaw: Flaw) -> str:
    """What is wrong, as a reader would say it; staff read the same words in their list."""
    return words.say(FLAWS[flaw])


def care_page(words: Words, view: MarkCare) -> Page:
    """What is asked; nobody is blamed, and nothing is charged here."""
    if view.is_reported:
        return Page(
            words.say("Thank you for telling us"), words.say("It is written down. The staff will look at it.")
        )
    return Page(
        words.say("What is wrong with it?"),
        words.say("The staff will look at it. Nothing is charged here."),
        greeting=words.say("This book needs care"),
    )
