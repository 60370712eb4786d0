"""The reader says how many books there are."""

from __future__ import annotations

from kivy.properties import ListProperty

from kiosk.wording.catalogue import Words
from kiosk.workflow import view as views
from kiosk.workflow.view import Choice, View
from ui.screens.screen import Screen


class HowManyScreen(Screen):
    """One tile per number."""

    counts = ListProperty()

    def fill(self, view: View, words: Words) -> None:
        """Show the numbers."""
        choices = tuple(choice for choice in view.choices if _is_count(choice))
        self.counts = self.offers_of(choices, view, words)

    def actions_of(self, view: View) -> tuple[Choice, ...]:
        """What is no number stands below the tiles."""
        return tuple(choice for choice in super().actions_of(view) if not _is_count(choice))


def _is_count(choice: Choice) -> bool:
    return choice.id.startswith(f"{views.COUNT}:")
