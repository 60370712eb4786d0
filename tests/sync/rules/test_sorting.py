"""Where an item goes that came back, by the server's word and the library's rules."""

from __future__ import annotations

import pytest

from sync.entries import Alert, TakenBack
from sync.rules.sorting import Bin, Colour, Route, SortingRules, bin_for, route_of

BINS = {
    "1": Bin("1", "shelves", Colour.GREEN),
    "2": Bin("2", "holds", Colour.BLUE),
    "9": Bin("9", "staff", Colour.RED),
}
RULES = SortingRules(
    bins=BINS,
    by_code={"01": "1", "H": "2", "lost": "7"},
    by_route={Route.HOLD_HERE: "2", Route.STAFF: "9", Route.DAMAGED: "9", Route.OTHER_BRANCH: "8"},
    branch="MAIN",
)


@pytest.mark.parametrize(
    ("back", "route"),
    [
        (None, Route.SHELF),
        (TakenBack(), Route.SHELF),
        (TakenBack(condition="new"), Route.NEW),
        (TakenBack(condition="damaged"), Route.DAMAGED),
        (TakenBack(condition="damaged", alert=Alert.HOLD_HERE), Route.DAMAGED),
        (TakenBack(alert=Alert.HOLD_HERE), Route.HOLD_HERE),
        (TakenBack(alert=Alert.HOLD_HERE, destination="MAIN"), Route.HOLD_HERE),
        (TakenBack(alert=Alert.HOLD_HERE, destination="WEST"), Route.HOLD_ELSEWHERE),
        (TakenBack(alert=Alert.HOLD_AT_BRANCH), Route.HOLD_ELSEWHERE),
        (TakenBack(alert=Alert.HOLD_FOR_ILL), Route.HOLD_ELSEWHERE),
        (TakenBack(alert=Alert.OTHER_BRANCH), Route.OTHER_BRANCH),
        (TakenBack(alert=Alert.OTHER), Route.STAFF),
        (TakenBack(destination="WEST"), Route.OTHER_BRANCH),
        (TakenBack(destination="MAIN"), Route.SHELF),
        (TakenBack(destination="WEST", condition="new"), Route.OTHER_BRANCH),
    ],
)
def test_the_route_follows_from_the_servers_word(back: TakenBack | None, route: Route) -> None:
    """Damage before holds, holds before branches, branches before what is new."""
    assert route_of(back, RULES) is route


def test_a_library_that_does_not_say_which_branch_this_is_believes_no_destination() -> None:
    """Where the terminal's own branch is not known, a destination alone sends nothing away."""
    assert route_of(TakenBack(destination="WEST"), SortingRules()) is Route.SHELF


@pytest.mark.parametrize(
    ("route", "code", "number"),
    [
        (Route.SHELF, "01", "1"),
        (Route.HOLD_HERE, "", "2"),
        (Route.HOLD_HERE, "01", "2"),
        (Route.HOLD_ELSEWHERE, "01", "1"),
        (Route.HOLD_HERE, "unheard-of", "2"),
        (Route.DAMAGED, "01", "9"),
        (Route.STAFF, "01", "9"),
        (Route.SHELF, "", None),
        (Route.SHELF, "lost", None),
        (Route.OTHER_BRANCH, "", None),
        (Route.FOREIGN, "01", None),
    ],
)
def test_the_bin_follows_from_code_and_route(route: Route, code: str, number: str | None) -> None:
    """The server's own bin first for what goes its way, the library's for all else; a bin that is not there is none."""
    found = bin_for(route, code, RULES)

    assert (None if found is None else found.number) == number


def test_without_bins_nothing_is_sorted() -> None:
    """The route is told in words alone."""
    assert bin_for(Route.HOLD_HERE, "01", SortingRules()) is None
