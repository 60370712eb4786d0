"""What every screen does: show a view in words, and post what was touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from kivy.properties import ListProperty, ObjectProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.choices import label_of
from kiosk.wording.lines import Row
from kiosk.wording.pages import page_of
from kiosk.workflow import view as views
from kiosk.workflow.events import Chosen, NumberEntered, PinEntered, Touched
from kiosk.workflow.view import Choice, View
from ui.widgets.booklist import Entry
from ui.widgets.buttons import Offer, Role
from ui.widgets.looks import Look
from ui.widgets.page import Page

Touch = Chosen | NumberEntered | PinEntered | Touched
Post = Callable[[Touch], None]

QUIET = frozenset({views.CANCEL, views.NO, views.COUNT})
ICONS: Mapping[str, str] = {
    views.NUMBER: "keys",
    views.CANCEL: "back",
    views.GIVE_BACK: "tray",
    views.BORROW: "book",
    views.ACCOUNT: "person",
    views.RENEW_ALL: "again",
    views.PAY: "coin",
    views.PRINT: "receipt",
    views.CODE: "code",
    "care": "torn",
    "pay-by:card": "card",
    "pay-by:qr": "phone",
    "pay-by:counter": "desk",
}

# What stands beside the words of a row, so that the row stays low.
SIDE = frozenset({"care"})


class Screen(Page):
    """A screen for one type of view.

    Its twin binds these properties; `fill` adds what is particular.  *primary* is the id of the one thing to do, *side*
    are the choices (by what stands before the colon) that stand beside the words of a row.
    """

    primary: ClassVar[str] = ""
    side: ClassVar[frozenset[str]] = SIDE

    greeting = StringProperty("")
    title = StringProperty("")
    lead = StringProperty("")
    note = StringProperty("")
    remarks = ListProperty()
    quotes = ListProperty()
    offers = ListProperty()
    choose = ObjectProperty(None)

    def __init__(self, post: Post, **kwargs: object) -> None:
        self.post = post
        super().__init__(choose=lambda choice: post(Chosen(choice)), **kwargs)

    def show(self, view: View, words: Words) -> None:
        """Show *view*, which is of this screen's type, in *words*."""
        page = page_of(words, view)
        self.greeting, self.title, self.lead = page.greeting, page.title, page.lead
        self.note = page.note
        self.remarks, self.quotes = list(page.remarks), list(page.quotes)
        self.offers = self.offers_of(self.actions_of(view), view, words)
        self.fill(view, words)

    def fill(self, view: View, words: Words) -> None:
        """Show what only this screen has."""

    def actions_of(self, view: View) -> tuple[Choice, ...]:
        """The choices that stand below each other; languages stand in the header of the stage."""
        return tuple(choice for choice in view.choices if not choice.id.startswith("language:"))

    def offers_of(self, choices: tuple[Choice, ...], view: View, words: Words) -> list[Offer]:
        """*choices* as buttons."""
        return [
            Offer(
                choice.id,
                label_of(words, choice.id, view),
                choice.enabled,
                self._role(choice, self.primary_of(view)),
                self.icon_of(choice, view),
            )
            for choice in choices
        ]

    def entry_of(
        self,
        one: str,
        row: Row,
        look: Look,
        choices: tuple[Choice, ...],
        view: View,
        words: Words,
    ) -> Entry:
        """A row of a list with what can be chosen in it."""
        side = tuple(choice for choice in choices if _head(choice) in self.side)
        below = tuple(choice for choice in choices if choice not in side)
        return Entry(
            one,
            row,
            look,
            tuple(self.offers_of(below, view, words)),
            tuple(self.offers_of(side, view, words)),
        )

    def icon_of(self, choice: Choice, view: View) -> str:
        """The icon of a button, empty for none."""
        return ICONS.get(choice.id, ICONS.get(_head(choice), "") if ":" in choice.id else "")

    def leave(self) -> None:
        """Another screen comes: forget whatever was typed or shown."""

    def primary_of(self, view: View) -> str:
        """The id of the one thing to do on *view*."""
        return self.primary

    def _role(self, choice: Choice, primary: str) -> Role:
        if choice.id == primary:
            return Role.PRIMARY
        return Role.QUIET if choice.id in QUIET else Role.PLAIN


def _head(choice: Choice) -> str:
    return choice.id.partition(":")[0]
