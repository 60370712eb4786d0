"""The list of items: one row each, told apart by shape, words and colour, kept by id so that nothing flickers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kivy.properties import ColorProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.wording.lines import Row
from kiosk.workflow.view import Status
from ui import style
from ui.widgets.buttons import Choose, Offer
from ui.widgets.scrolling import Scrolling

GOOD, WAIT = (style.GOOD, style.GOOD_TINT), (style.WAIT, style.WAIT_TINT)
CARE, BAD = (style.CARE, style.CARE_TINT), (style.BAD, style.BAD_TINT)

# Shape, text colour and ground of a status; no two that mean something different share a shape.
LOOKS: Mapping[Status, tuple[str, tuple[style.Colour, style.Colour]]] = {
    Status.WAITING: ("hourglass", WAIT),
    Status.ASKING: ("hourglass", WAIT),
    Status.RELEASING: ("hourglass", WAIT),
    Status.STRIP_WANTED: ("strip", CARE),
    Status.LENT: ("check", GOOD),
    Status.LENT_STAYS_SECURED: ("lock", CARE),
    Status.LENT_PROVISIONALLY: ("check-open", GOOD),
    Status.LENT_NOT_VERIFIED: ("desk", CARE),
    Status.ALREADY_YOURS: ("card", CARE),
    Status.RENEWING: ("hourglass", WAIT),
    Status.RENEWED: ("again", GOOD),
    Status.NEEDS_CONSENT: ("coin", CARE),
    Status.PUT_BACK: ("return", CARE),
    Status.UNDOING: ("hourglass", WAIT),
    Status.INCOMPLETE: ("parts", CARE),
    Status.NOT_LENT: ("cross", BAD),
}


class BookRow(BoxLayout):
    """One item."""

    title = StringProperty("")
    status = StringProperty("")
    facts = StringProperty("")
    what = StringProperty("")
    advice = StringProperty("")
    message = StringProperty("")
    slip = StringProperty("")
    icon = StringProperty("")
    tone = ColorProperty(style.INK)
    ground = ColorProperty(style.CARD)
    offers = ListProperty()
    choose = ObjectProperty(None, allownone=True)

    def show(self, row: Row, status: Status, offers: list[Offer]) -> None:
        """Show *row*; what stays the same is not drawn again."""
        self.title, self.status, self.facts = row.title, row.status, "   ·   ".join(row.facts)
        self.what, self.advice = row.what, row.advice
        self.message, self.slip = row.message, row.slip
        self.icon, (self.tone, self.ground) = LOOKS[status]
        self.offers = offers


class BookList(Scrolling):
    """One row per item."""

    choose = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows: dict[str, BookRow] = {}

    def show(self, rows: Iterable[tuple[str, Row, Status, list[Offer]]]) -> None:
        """Show *rows* (id, words, status, offers) in this order; a row that stays keeps its widget."""
        wanted = {one[0]: one[1:] for one in rows}
        for gone in [known for known in self._rows if known not in wanted]:
            self.column.remove_widget(self._rows.pop(gone))
        for place, (one, (row, status, offers)) in enumerate(wanted.items()):
            if one not in self._rows:
                self._rows[one] = BookRow(choose=self._chosen)
            widget = self._rows[one]
            widget.show(row, status, offers)
            at = len(self.column.children) - 1 - place
            if widget.parent is None:
                self.column.add_widget(widget, index=max(0, at + 1))
            elif self.column.children[at] is not widget:
                self.column.remove_widget(widget)
                self.column.add_widget(widget, index=max(0, at + 1))

    def row(self, one: str) -> BookRow:
        """The row of the item *one*; `LookupError` when it is not in the list."""
        return self._rows[one]

    def _chosen(self, choice: str) -> None:
        chosen: Choose | None = self.choose
        if chosen:
            chosen(choice)
