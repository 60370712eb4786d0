"""Where an item goes that came back: the server's own bin, or the library's rules by why it does not go to its shelf.

SIP2 10 tells a sort bin (CL), why an alert is given (CV) and where the item goes (CT); see 3M's extensions of 2005.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Route(Enum):
    """Why an item goes where it goes."""

    SHELF = "shelf"
    HOLD_HERE = "hold-here"
    HOLD_ELSEWHERE = "hold-elsewhere"
    OTHER_BRANCH = "other-branch"
    DAMAGED = "damaged"
    NEW = "new"
    FOREIGN = "foreign"
    STAFF = "staff"


class Colour(Enum):
    """What a bin looks like, for people; always beside its number and words."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    VIOLET = "violet"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin, trolley or shelf: *number* as it is written on it, *place* in the library's own words."""

    number: str
    place: str = ""
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class SortingRules:
    """*bins* by their number; *by_code* leads from the server's sort bin (CL), *by_route* from a route, to a number.

    Without bins nothing is sorted: the route is told in words alone.
    """

    bins: Mapping[str, Bin] = field(default_factory=dict)
    by_code: Mapping[str, str] = field(default_factory=dict)
    by_route: Mapping[Route, str] = field(default_factory=dict)
    branch: str = ""
