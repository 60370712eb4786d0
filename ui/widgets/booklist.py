"""The list of items: one row each, told apart by shape, words and colour, kept by id so that nothing flickers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kivy.properties import ColorProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.wording.lines import Row
from ui import style
from ui.widgets.banners import BinPlate, LateBanner
from ui.widgets.buttons import Choose, Offer, SideKey
from ui.widgets.looks import Look
from ui.widgets.scrolling import Scrolling


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the list: *offers* stand below its words, *side* to the right of them."""

    id: str
    row: Row
    look: Look
    offers: tuple[Offer, ...] = ()
    side: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A word above some rows."""

    id: str
    title: str


class SectionRow(BoxLayout):
    """A word above some rows."""

    title = StringProperty("")

    def show(self, section: Section) -> None:
        """Show *section*."""
        self.title = section.title


class BookRow(BoxLayout):
    """One item."""

    title = StringProperty("")
    status = StringProperty("")
    facts = StringProperty("")
    due = StringProperty("")
    what = StringProperty("")
    advice = StringProperty("")
    message = StringProperty("")
    slip = StringProperty("")
    icon = StringProperty("")
    tone = ColorProperty(style.INK)
    ground = ColorProperty(style.CARD)
    offers = ListProperty()
    choose = ObjectProperty(None, allownone=True)
    signs = ObjectProperty(None)
    beside = ObjectProperty(None)

    def show(self, entry: Entry) -> None:
        """Show *entry*; what stays the same is not drawn again."""
        row, look = entry.row, entry.look
        self.title, self.status, self.facts = row.title, row.status, "   ·   ".join(row.facts)
        self.due, self.what, self.advice = row.due, row.what, row.advice
        self.message, self.slip = row.message, row.slip
        self.icon, self.tone, self.ground = look.icon, look.tone, look.ground
        self.offers = list(entry.offers)
        self._show_signs(row)
        self._show_side(entry.side)

    def _show_signs(self, row: Row) -> None:
        """Most rows have none of these: they are made where they are needed."""
        wanted = [LateBanner] * bool(row.late) + [BinPlate] * (row.bin is not None)
        if [type(sign) for sign in reversed(self.signs.children)] != wanted:
            self.signs.clear_widgets()
            for kind in wanted:
                self.signs.add_widget(kind())
        for sign in self.signs.children:
            if isinstance(sign, LateBanner):
                sign.sentence, sign.since, sign.cost = row.late, row.since, row.cost
            elif row.bin is not None:
                sign.show(row.bin)

    def _show_side(self, side: tuple[Offer, ...]) -> None:
        if [key.id for key in reversed(self.beside.children)] != [offer.id for offer in side]:
            self.beside.clear_widgets()
            for _ in side:
                self.beside.add_widget(SideKey(choose=lambda choice: self.choose and self.choose(choice)))
        for key, offer in zip(reversed(self.beside.children), side, strict=True):
            key.show(offer)


class BookList(Scrolling):
    """One row per item, perhaps with words above some."""

    choose = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows: dict[str, BookRow | SectionRow] = {}

    def show(self, entries: Iterable[Entry | Section]) -> None:
        """Show *entries* in this order; a row that stays keeps its widget."""
        wanted = {one.id: one for one in entries}
        for gone in [known for known in self._rows if known not in wanted]:
            self.column.remove_widget(self._rows.pop(gone))
        for place, (one, entry) in enumerate(wanted.items()):
            widget = self._widget(one, entry)
            at = len(self.column.children) - 1 - place
            if widget.parent is None:
                self.column.add_widget(widget, index=max(0, at + 1))
            elif self.column.children[at] is not widget:
                self.column.remove_widget(widget)
                self.column.add_widget(widget, index=at)

    def _widget(self, one: str, entry: Entry | Section) -> BookRow | SectionRow:
        known = self._rows.get(one)
        if isinstance(entry, Section):
            section = known if isinstance(known, SectionRow) else SectionRow()
            section.show(entry)
            self._rows[one] = section
            return section
        row = known if isinstance(known, BookRow) else BookRow(choose=self._chosen)
        row.show(entry)
        self._rows[one] = row
        return row

    def row(self, one: str) -> BookRow:
        """The row of the item *one*; `LookupError` when it is not in the list."""
        return self._rows[one]

    def _chosen(self, choice: str) -> None:
        chosen: Choose | None = self.choose
        if chosen:
            chosen(choice)
