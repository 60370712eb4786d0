"""Where an item goes that came back: its bin by number, place, colour and words, and why it goes there.

The words of a route and of a colour are shared with the slip that is printed for the staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.wording.catalogue import Words, mark
from sync.rules.sorting import Bin, Colour, Route

COLOURS: Mapping[Colour, str] = {
    Colour.RED: mark("red"),
    Colour.ORANGE: mark("orange"),
    Colour.YELLOW: mark("yellow"),
    Colour.GREEN: mark("green"),
    Colour.BLUE: mark("blue"),
    Colour.VIOLET: mark("violet"),
    Colour.GREY: mark("grey"),
}

ROUTES: Mapping[Route, str] = {
    Route.SHELF: mark("Goes back to its shelf"),
    Route.HOLD_HERE: mark("Reserved for another reader"),
    Route.HOLD_ELSEWHERE: mark("Reserved at another branch"),
    Route.OTHER_BRANCH: mark("Goes to another branch"),
    Route.DAMAGED: mark("Has to be mended"),
    Route.NEW: mark("A new title"),
    Route.FOREIGN: mark("Belongs to another library"),
    Route.STAFF: mark("The staff will look at it"),
}


@dataclass(frozen=True, slots=True)
class BinSign:
    """A bin as it is told: *number* as it stands on it, *order* what to do, *place* where it is and why it goes there.

    *colour* is the value of a `Colour`, empty for none; its word is in *order*.
    """

    number: str
    order: str
    place: str
    colour: str = ""


def route_text(words: Words, route: Route) -> str:
    """Why an item goes where it goes."""
    return words.say(ROUTES[route])


def colour_text(words: Words, colour: Colour) -> str:
    """What the colour is called."""
    return words.say(COLOURS[colour])


def bin_sign(words: Words, one: Bin | None, route: Route | None) -> BinSign | None:
    """The sign for the bin *one*, into which an item goes because of *route*; None where no bin is told."""
    if one is None:
        return None
    if one.colour is None:
        order = words.say("Put it into bin {number}", number=one.number)
    else:
        colour = colour_text(words, one.colour)
        order = words.say("Put it into bin {number}, the {colour} one", number=one.number, colour=colour)
    place = [one.place.strip(), route_text(words, route) if route else ""]
    return BinSign(one.number, order, " · ".join(filter(None, place)), one.colour.value if one.colour else "")
