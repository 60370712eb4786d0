"""What a reader is told to do at the strip unit."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.wording.catalogue import Words, mark
from kiosk.workflow.view import STRIP_READY, StripStep, UseStripUnit

# What only a unit that senses items can ask for.
SENSED_ONLY: Mapping[StripStep, tuple[str, str]] = {
    StripStep.TAKE_AWAY: (
        mark("Take away what lies on the strip unit"),
        mark("Another item still lies there. This one comes next."),
    ),
    StripStep.SCAN_AGAIN: (
        mark("Please scan its barcode again"),
        mark("It went over the strip unit too early. Scan it first, then slide it over the unit."),
    ),
}
# What to do: where the unit senses an item by itself, and where the reader has to say that it lies there.
SLIDE: Mapping[StripStep, tuple[str, str]] = {
    StripStep.DESENSITISE: (mark("Slide it over the strip unit"), mark("Then the gate lets it pass.")),
    StripStep.AGAIN: (
        mark("Once more, please"),
        mark("Its alarm is still on. Slide it over the strip unit again, slowly."),
    ),
    StripStep.SENSITISE: (
        mark("The loan was taken back"),
        mark("Please slide it over the strip unit, so that its alarm is on again."),
    ),
    **SENSED_ONLY,
}
LAY: Mapping[StripStep, tuple[str, str]] = {
    StripStep.DESENSITISE: (mark("Lay it on the strip unit"), mark("Then touch the button below.")),
    StripStep.AGAIN: (
        mark("Once more, please"),
        mark("Its alarm is still on. Lay it on the strip unit again, then touch the button below."),
    ),
    StripStep.SENSITISE: (
        mark("The loan was taken back"),
        mark("Please lay it on the strip unit and touch the button below, so that its alarm is on again."),
    ),
    **SENSED_ONLY,
}


def is_laid_down(view: UseStripUnit) -> bool:
    """Whether the reader lays the item down and says so, instead of sliding it over the unit."""
    return any(choice.id == STRIP_READY for choice in view.choices)


def strip_sentences(words: Words, view: UseStripUnit) -> tuple[str, str]:
    """The one thing to do, and what else is to be known: two texts."""
    if view.is_working:
        return words.say("One moment, please"), words.say("Please leave it where it is.")
    title, lead = (LAY if is_laid_down(view) else SLIDE)[view.step]
    return words.say(title), words.say(lead)


def strip_rule(words: Words) -> str:
    """That a strip unit takes one item at a time: it cannot tell which of two it treated."""
    return words.say("One book at a time")
