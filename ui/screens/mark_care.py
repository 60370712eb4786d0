"""A reader reports that a book needs care."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.lines import name_of
from kiosk.workflow import view as views
from kiosk.workflow.view import Choice, View
from ui.screens.screen import Screen
from ui.widgets.buttons import Offer, Role


class MarkCareScreen(Screen):
    """The book, and a tile for each thing that may be wrong with it."""

    book = StringProperty("")
    flaws = ListProperty()
    is_reported = BooleanProperty(False)

    def fill(self, view: View, words: Words) -> None:
        """Show what is marked; once it is reported there is nothing more to mark."""
        assert isinstance(view, views.MarkCare)
        self.book = name_of(words, view.title, view.item)
        self.is_reported = view.is_reported
        choices = tuple(choice for choice in view.choices if _is_flaw(choice))
        marked = {f"flaw:{flaw.value}" for flaw in view.flaws}
        self.flaws = [
            Offer(one.id, one.label, one.is_enabled, Role.CHOSEN, "check") if one.id in marked else one
            for one in self.offers_of(choices, view, words)
        ]

    def actions_of(self, view: View) -> tuple[Choice, ...]:
        """What is no flaw stands below the tiles."""
        return tuple(choice for choice in super().actions_of(view) if not _is_flaw(choice))

    def primary_of(self, view: View) -> str:
        """To report it; afterwards to go on."""
        return views.DONE if isinstance(view, views.MarkCare) and view.is_reported else views.YES


def _is_flaw(choice: Choice) -> bool:
    return choice.id.startswith("flaw:")
