"""Where an item goes that came back: the server's own bin, or the library's rules by why it does not go to its shelf.

SIP2 10 tells a sort bin (CL), why an alert is given (CV) and where the item goes (CT); see 3M's extensions of 2005.

`route_of` says why, `bin_for` where to.  What staff have to see (damaged, refused, not secured) goes to them whatever
the server's machine would sort it into: the server's own bin counts for what it took back, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

from sync.entries import Alert, TakenBack

DAMAGED = "damaged"
NEW = "new"
"""The words of `TakenBack.condition`."""


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


def route_of(back: TakenBack | None, rules: SortingRules) -> Route:
    """Why an item that the server took back, saying *back*, goes where it goes; SHELF when nothing else is said.

    Damage comes first: what is held for somebody is looked at before it is handed out.  A hold whose destination is
    another branch than ours waits there, not here.
    """
    if back is None:
        return Route.SHELF
    if back.condition == DAMAGED:
        return Route.DAMAGED
    if back.alert is not None:
        return _alerted(back.alert, is_ours=is_ours(back, rules))
    if not is_ours(back, rules):
        return Route.OTHER_BRANCH
    return Route.NEW if back.condition == NEW else Route.SHELF


def is_ours(back: TakenBack, rules: SortingRules) -> bool:
    """Whether *back* names no destination, or this branch; where the library does not say which one this is, any."""
    return not back.destination or not rules.branch or back.destination == rules.branch


def _alerted(alert: Alert, *, is_ours: bool) -> Route:
    match alert:
        case Alert.HOLD_HERE:
            return Route.HOLD_HERE if is_ours else Route.HOLD_ELSEWHERE
        case Alert.HOLD_AT_BRANCH | Alert.HOLD_FOR_ILL:
            return Route.HOLD_ELSEWHERE
        case Alert.OTHER_BRANCH:
            return Route.OTHER_BRANCH
        case Alert.OTHER:
            return Route.STAFF
        case _:
            assert_never(alert)


def bin_for(route: Route, code: str, rules: SortingRules) -> Bin | None:
    """The bin for *route*, or for the server's sort bin *code* (CL, "" for none) where the library knows that.

    None: the library names no bin for it.  A code counts for what simply goes its way, never for what somebody has to
    look at.  What somebody waits for, or goes elsewhere, follows it only where the library has no bin for that: the
    rules by which servers choose codes know nothing of holds.
    """
    by_route, by_code = rules.by_route.get(route), rules.by_code.get(code)
    match route:
        case Route.DAMAGED | Route.STAFF | Route.FOREIGN:
            number = by_route
        case Route.HOLD_HERE | Route.HOLD_ELSEWHERE | Route.OTHER_BRANCH:
            number = by_code if by_route is None else by_route
        case Route.SHELF | Route.NEW:
            number = by_route if by_code is None else by_code
        case _:
            assert_never(route)
    return None if number is None else rules.bins.get(number)
