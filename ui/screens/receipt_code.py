"""Receipts as QR codes, to be taken along on a phone."""

from __future__ import annotations

from kivy.properties import ListProperty, NumericProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.pages import closing_text
from kiosk.wording.receipts import receipt_codes
from kiosk.workflow import view as views
from kiosk.workflow.view import View
from ui.screens.screen import Screen


class ReceiptCodeScreen(Screen):
    """One code at a time in sight, so that a phone takes the right one."""

    primary = views.DONE
    codes = ListProperty()
    left_seconds = NumericProperty(0)
    closing = StringProperty("")

    def fill(self, view: View, words: Words) -> None:
        """Show the codes and how long they stay."""
        assert isinstance(view, views.ReceiptCode)
        self.codes = list(receipt_codes(words, view.receipts))
        self.left_seconds = view.seconds_left
        self.closing = closing_text(words, view.seconds_left)
