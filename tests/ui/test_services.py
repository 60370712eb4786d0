"""The screens of giving back, the book drop, the account, fees and care."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from kiosk.workflow import view as v
from kiosk.workflow.view import BackStatus, Choice, DropStep, FeeLine, Language, LoanStatus, Notice
from sync.entries import FeeKind, Flaw, Money
from sync.rules.sorting import Bin, Colour, Route
from tests.look.samples import VIEWS, shown
from tests.look.services import FEE_LINES, LATE_LOANS, ON_TIME, OVERDUE, account, back, giving_back, loan
from tests.ui.geometry import SLACK, box, is_inside, is_scrolled, texts
from tests.ui.rig import SIZES, ScreenRig, chosen
from ui import style
from ui.widgets import looks


def titles(rig: ScreenRig) -> list[str]:
    """The titles of the rows, from the top."""
    return [row.title for row in sorted(rig.of_type("BookRow"), key=lambda row: -row.top)]


@pytest.mark.parametrize("order", list(permutations("ABC")), ids="".join)
def test_rows_that_change_places_keep_the_order_of_the_view(rig: ScreenRig, order: tuple[str, ...]) -> None:
    """However rows move, come and stay from one view to the next, they stand in the view's order."""
    lines = {name: back(at, BackStatus.BACK, name) for at, name in enumerate("ABCDE")}
    rig.show(giving_back((lines["D"], lines["B"], lines["A"])))

    rig.show(giving_back((lines["E"], *(lines[name] for name in order), lines["D"])))

    assert titles(rig) == ["E", *order, "D"]


@pytest.mark.parametrize("table", [looks.LINES, looks.BACKS, looks.LOANS])
def test_what_looks_different_differs_in_shape_too(table: dict[object, looks.Look]) -> None:
    """No two states of different colour share an icon: whoever sees no colours tells them apart."""
    for one in table.values():
        for other in table.values():
            if one.tone != other.tone:
                assert one.icon != other.icon
    assert all(looks.OVERDUE.icon != one.icon for one in looks.LOANS.values())
    assert set(looks.BACKS) == set(BackStatus)
    assert set(looks.LOANS) == set(LoanStatus)


def test_every_colour_of_a_bin_is_painted_and_its_number_stands_out() -> None:
    """Each colour a bin may have is on the screen as itself, no two alike, its number at 7 to 1 or more."""
    assert set(style.BINS) == {"", *(colour.value for colour in Colour)}
    assert len({ground for _, ground in style.BINS.values()}) == len(style.BINS)
    for ink, ground in style.BINS.values():
        assert style.contrast(ink, ground) >= 7


def test_bins_look_on_the_screen_as_in_the_library(rig: ScreenRig) -> None:
    """Each plate has its bin's number and colour, and the colour's word stands beside it."""
    rig.show(
        giving_back(
            tuple(
                replace(back(at, BackStatus.BACK, "Salt"), bin=Bin(str(at), "", colour), route=Route.SHELF)
                for at, colour in enumerate(Colour)
            )
        )
    )

    plates = {plate.number: plate for plate in rig.of_type("BinPlate")}
    assert len(plates) == len(Colour)
    for at, colour in enumerate(Colour):
        assert tuple(plates[str(at)].ground) == style.BINS[colour.value][1]
        assert colour.value in plates[str(at)].order


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("orientation", SIZES)
def test_overdue_cannot_be_missed(rig: ScreenRig, orientation: str, language: Language) -> None:
    """A banner with a clock, words larger than those around it and a ground no other row has; gone when it is not."""
    rig.show(giving_back((OVERDUE,)), language, orientation)

    (banner,) = rig.of_type("LateBanner")
    assert "12" in banner.sentence
    assert [icon.name for icon in banner.walk(restrict=True) if type(icon).__name__ == "Icon"] == ["late"]
    (row,) = rig.of_type("BookRow")
    sizes = {text.words: text.font_size for text in row.walk(restrict=True) if getattr(text, "words", "")}
    assert sizes[banner.sentence] == max(sizes.values())
    assert is_inside(box(banner), box(next(rig.of_type("BookList"))))

    rig.show(giving_back((replace(OVERDUE, days_overdue=0),)), language, orientation)
    assert not list(rig.of_type("LateBanner"))


@pytest.mark.parametrize(
    ("step", "orientation"), [(step, list(SIZES)[at % 2]) for at, step in enumerate(DropStep)]
)
def test_the_book_drop_is_read_from_two_metres(rig: ScreenRig, orientation: str, step: DropStep) -> None:
    """Title and what to do are in the two largest sizes, a picture shows the step, and nothing is to be touched."""
    rig.show(v.BookDropping(step, ON_TIME), orientation=orientation)

    unit = min(SIZES[orientation]) / style.SHORT_SIDE
    heading = next(rig.of_type("Heading"))
    words = [text for text in texts(rig) if text.text and text in heading.walk(restrict=True)]
    assert words
    assert all(text.font_size >= style.TITLE * unit - SLACK for text in words)
    assert next(rig.of_type("Illustration")).name
    assert not list(rig.player.touchables())


def test_every_step_of_the_book_drop_has_a_picture_of_its_own(rig: ScreenRig) -> None:
    """Whoever reads neither language sees what the drop is at."""
    pictures = []
    for step in DropStep:
        rig.show(v.BookDropping(step))
        pictures.append(next(rig.of_type("Illustration")).name)

    assert len(set(pictures)) == len(DropStep)


@pytest.mark.parametrize("orientation", SIZES)
def test_overdue_loans_stand_first_on_the_account(rig: ScreenRig, orientation: str) -> None:
    """Whatever order they come in, what is overdue stands on top under its own word, in sight without scrolling."""
    rig.show(account(loans=(loan(23, "Salt"), *LATE_LOANS)), orientation=orientation)

    assert titles(rig)[0] == "Tides"
    assert titles(rig)[-1] == "Salt"
    first = max(rig.of_type("SectionRow"), key=lambda row: row.top)
    assert first.title == "Overdue (2)"
    banner = max(rig.of_type("LateBanner"), key=lambda row: box(row)[3])
    assert is_inside(box(banner), box(next(rig.of_type("BookList"))))


def test_sixty_loans_scroll_and_the_last_one_can_be_renewed(rig: ScreenRig) -> None:
    """Of the longest account there is every loan has a row, and the last row's key can be reached and touched."""
    rig.show(account(loans=tuple(loan(100 + at, f"Invented book {at}") for at in range(60))))
    books = next(rig.of_type("BookList"))
    assert len(titles(rig)) == 60
    assert books.can_scroll

    books.entries.scroll_y = 0
    rig.settle()

    assert rig.choose("renew:10000159") == chosen("renew:10000159")


def test_a_fee_that_is_chosen_is_seen_by_its_check_mark(rig: ScreenRig) -> None:
    """Taken in, a fee's key has a check mark and the word for it; taken out again, neither."""
    fee = FeeLine(Money(120, "EUR"), FeeKind.OTHER, choices=(Choice("fee:0"),))

    rig.show(v.ChooseFees((replace(fee, is_chosen=True),), Money(120, "EUR")))
    (key,) = rig.of_type("SideKey")
    assert (key.icon, key.label) == ("check", "Chosen")

    rig.show(v.ChooseFees((fee,), Money(0, "EUR")))
    assert (key.icon, key.label) == ("coin", "Choose")


def test_the_account_tells_fees_without_offering_to_choose_them(rig: ScreenRig) -> None:
    """On the account fees are read; they are chosen on the screen for paying."""
    rig.show(account(fees=FEE_LINES))

    assert not [key for key in rig.of_type("SideKey") if key.id.startswith("fee:")]
    assert "Compensation for loss" in rig.texts()


def test_a_flaw_that_is_marked_is_seen_by_its_check_mark(rig: ScreenRig) -> None:
    """Every flaw is one tile; those that are marked have a check mark, whatever their colour."""
    rig.show(VIEWS["mark-care"])

    tiles = {tile.id: tile.icon for tile in rig.of_type("ToggleTile")}
    assert set(tiles) == {f"flaw:{flaw.value}" for flaw in Flaw}
    assert [one for one, icon in tiles.items() if icon == "check"] == [f"flaw:{Flaw.LOOSE_PAGES.value}"]


@pytest.mark.parametrize("orientation", SIZES)
@pytest.mark.parametrize("language", Language)
def test_giving_back_and_the_account_are_large_on_the_first_screen(
    rig: ScreenRig, language: Language, orientation: str
) -> None:
    """Each service has a tile of its own with an icon and a word, twice as high as what is touched elsewhere."""
    rig.show(shown("welcome-services", language), orientation=orientation)

    unit = min(SIZES[orientation]) / style.SHORT_SIDE
    tiles = list(rig.of_type("ServiceTile"))
    assert {tile.id for tile in tiles} == {v.GIVE_BACK, v.ACCOUNT}
    assert len({tile.icon for tile in tiles}) == 2
    for tile in tiles:
        assert tile.height >= 2 * style.TOUCH_MIN * unit
        assert tile.height > max(one.height for one in rig.of_type("ChoiceButton"))


def test_where_nobody_borrows_giving_back_is_the_one_thing_to_do(rig: ScreenRig) -> None:
    """A terminal for returns asks for no card, and its one button is the raised one."""
    rig.show(VIEWS["welcome-return-only"])

    (tile,) = rig.of_type("ServiceTile")
    assert (tile.id, tile.role.value) == (v.GIVE_BACK, "primary")
    assert "card." not in rig.texts().replace("You need no card.", "")


def test_the_bar_of_time_measures_each_state_of_a_payment_by_itself(rig: ScreenRig) -> None:
    """When the wait for a card has ended, the new screen's time begins with the whole bar."""
    rig.show(VIEWS["paying-card"])
    (bar,) = rig.of_type("TimeBar")
    assert bar.left_seconds == bar.total_seconds == 60

    rig.show(VIEWS["paying-not-paid"])
    assert bar.left_seconds == bar.total_seconds == 20


def test_no_bar_of_time_stands_where_no_time_runs_out(rig: ScreenRig) -> None:
    """While the library's books are being written nothing counts down."""
    rig.show(VIEWS["paying-approved"])

    (bar,) = rig.of_type("TimeBar")
    assert (bar.height, bar.opacity) == (0, 0)


def test_at_most_four_notices_stand_above_a_return(rig: ScreenRig) -> None:
    """However much is out of order, the book list keeps its place and nothing of it is covered."""
    view = giving_back((OVERDUE, ON_TIME))
    rig.show(v.Shown(view, Language.ENGLISH, tuple(Notice), "Example City Library"))

    assert len(list(rig.of_type("NoticeBar"))) == 4
    assert not is_scrolled(next(rig.of_type("BookList")))
    assert next(rig.of_type("BookList")).height > 0
