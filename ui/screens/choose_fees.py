"""Which fees are paid, and how."""

from __future__ import annotations

from kivy.properties import ObjectProperty

from kiosk.wording.account import fee_row_of
from kiosk.wording.catalogue import Words
from kiosk.workflow import view as views
from kiosk.workflow.view import Choice, View
from ui.screens.screen import Screen
from ui.widgets.buttons import Offer, Role
from ui.widgets.looks import FEE, good


class ChooseFeesScreen(Screen):
    """One row per fee with a key that takes it in or out, the ways to pay below."""

    side = frozenset({"fee"})
    books = ObjectProperty(None)

    def fill(self, view: View, words: Words) -> None:
        """Bring the rows up to date, each in its place."""
        assert isinstance(view, views.ChooseFees)
        self.books.show(
            self.entry_of(
                f"fee:{at}",
                fee_row_of(words, fee),
                good("check") if fee.is_chosen else FEE,
                fee.choices,
                view,
                words,
            )
            for at, fee in enumerate(view.fees)
        )

    def icon_of(self, choice: Choice, view: View) -> str:
        """A fee that is chosen has a check mark, as everything that is taken in."""
        if choice.id.startswith("fee:"):
            return "check" if _is_chosen(choice, view) else "coin"
        return super().icon_of(choice, view)

    def offers_of(self, choices: tuple[Choice, ...], view: View, words: Words) -> list[Offer]:
        """A fee that is chosen looks so."""
        return [
            Offer(one.id, one.label, one.is_enabled, Role.CHOSEN, one.icon)
            if choice.id.startswith("fee:") and _is_chosen(choice, view)
            else one
            for choice, one in zip(choices, super().offers_of(choices, view, words), strict=True)
        ]

    def primary_of(self, view: View) -> str:
        """Where there is one way to pay at this terminal, it is the one thing to do."""
        ways = [choice.id for choice in view.choices if choice.id.startswith("pay-by:")]
        return ways[0] if len(ways) == 1 else ""


def _is_chosen(choice: Choice, view: View) -> bool:
    return isinstance(view, views.ChooseFees) and view.fees[int(choice.id.partition(":")[2])].is_chosen
