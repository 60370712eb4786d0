"""What stands on the first screen: what can be done here, and how it begins."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.wording.catalogue import Words, mark
from kiosk.wording.explanations import Explanation, explain
from kiosk.wording.page import Page
from kiosk.workflow import view as views
from kiosk.workflow.view import Way, Welcome

WAYS: Mapping[Way, str] = {
    Way.CARD: mark("Lay your library card on the card reader."),
    Way.BARCODE: mark("Hold the barcode of your card below the scanner."),
    Way.NUMBER: mark("Type the number of your card."),
}


def welcome_page(words: Words, view: Welcome) -> Page:
    """What is offered here; where it is one service only, that one by its name."""
    remarks = _remarks(words, view)
    if view.is_for_account:
        return Page(words.say("My account"), words.say("Begin with your card."), remarks=remarks)
    if view.books:
        seen = words.say_many("{n} book is on the pad", "{n} books are on the pad", view.books)
        return Page(seen, _with_books(words, view), remarks=remarks)
    if _offers(view, views.GIVE_BACK) and not view.is_lending and not _offers(view, views.ACCOUNT):
        lead = words.say("Lay them on the pad, or scan their barcodes one by one.")
        return Page(
            words.say("Give your books back here"), lead, note=words.say("You need no card."), remarks=remarks
        )
    if _offers(view, views.GIVE_BACK) or _offers(view, views.ACCOUNT):
        return Page(words.say("Welcome"), words.say("What would you like to do?"), remarks=remarks)
    return Page(words.say("Borrow books here"), words.say("Begin with your card."), remarks=remarks)


def _with_books(words: Words, view: Welcome) -> str:
    if not _offers(view, views.GIVE_BACK):
        return words.say("Show your card to borrow.")
    if not view.is_lending:
        return words.say("Touch the button to give them back.")
    return words.say("Show your card to borrow, or touch the button to give them back.")


def _remarks(words: Words, view: Welcome) -> tuple[Explanation, ...]:
    remarks = []
    if view.card_not_read:
        remarks.append(
            Explanation(
                words.say("Your card could not be read."),
                words.say("Please hold it still on the card reader, or type its number."),
            )
        )
    remarks += [explain(words, trouble) for trouble in view.troubles]
    if view.left:
        remarks.append(
            Explanation(
                words.say_many(
                    "{n} item of the last session still lies on the pad.",
                    "{n} items of the last session still lie on the pad.",
                    view.left,
                ),
                words.say("Please clear the pad first."),
            )
        )
    return tuple(remarks)


def ways_of(words: Words, view: Welcome) -> tuple[str, ...]:
    """How readers can say who they are, in the order of the view."""
    return tuple(words.say(WAYS[way]) for way in view.ways)


def ways_caption(words: Words, view: Welcome) -> str:
    """What the ways lead to; empty where the title says that already."""
    if (
        view.is_for_account
        or not view.ways
        or not (_offers(view, views.GIVE_BACK) or _offers(view, views.ACCOUNT))
    ):
        return ""
    if view.is_lending:
        return words.say("To borrow, begin with your card")
    return words.say("Begin with your card")


def _offers(view: Welcome, choice: str) -> bool:
    return any(one.id == choice for one in view.choices)
