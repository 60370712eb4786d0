"""A payment under way, or how it ended."""

from __future__ import annotations

from collections.abc import Mapping

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.wording.catalogue import Words
from kiosk.wording.paying import code_to_show, is_scanned, payment_reference, waiting_text
from kiosk.workflow import view as views
from kiosk.workflow.view import PaymentState, View
from ui.screens.screen import Post, Screen

PICTURES: Mapping[PaymentState, str] = {
    PaymentState.AUTHORISING: "terminal",
    PaymentState.APPROVED: "coin",
    PaymentState.POSTED: "finished",
    PaymentState.REVERSING: "undone",
    PaymentState.REVERSED: "undone",
    PaymentState.NOT_PAID: "not-done",
    PaymentState.UNKNOWN: "unclear",
}
BUSY = (PaymentState.AUTHORISING, PaymentState.APPROVED, PaymentState.REVERSING)


class PayingScreen(Screen):
    """The state in words and a picture, the code to be scanned, the reference to be noted."""

    primary = views.DONE
    picture = StringProperty("")
    code = StringProperty("")
    reference = StringProperty("")
    closing = StringProperty("")
    left_seconds = NumericProperty(0)
    total_seconds = NumericProperty(1)
    is_working = BooleanProperty(False)

    def __init__(self, post: Post, **kwargs: object) -> None:
        self._state: PaymentState | None = None
        super().__init__(post, **kwargs)

    def fill(self, view: View, words: Words) -> None:
        """Show the state; a code counts only while the payment waits for it."""
        assert isinstance(view, views.Paying)
        self.code = code_to_show(view)
        # A code that cannot be shown is as good as none: nothing is waited for.
        is_stuck = bool(view.code) and not self.code and view.state is PaymentState.AUTHORISING
        self.picture = "not-done" if is_stuck else picture_of(view)
        self.is_working = view.state in BUSY and not view.code
        self.reference = payment_reference(words, view)
        if view.state is not self._state:
            # What was left of another wait is no measure for this one.
            self._state, self.total_seconds = view.state, max(1, view.seconds_left)
        self.closing, self.left_seconds = waiting_text(words, view), view.seconds_left


def picture_of(view: views.Paying) -> str:
    """The name of the picture of a state; until a code is there to be scanned, of somebody who waits."""
    is_awaited = view.state is PaymentState.AUTHORISING and is_scanned(view)
    return "hourglass" if is_awaited else PICTURES[view.state]
