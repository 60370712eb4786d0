"""The account: what is overdue first, then the other loans, holds and fees."""

from __future__ import annotations

from collections.abc import Iterator

from kivy.properties import BooleanProperty, ObjectProperty

from kiosk.wording.account import fee_row_of, hold_row_of, loan_row_of, sections_of
from kiosk.wording.catalogue import Words
from kiosk.workflow import view as views
from kiosk.workflow.view import Choice, LoanLine, LoanStatus, View
from ui.screens.screen import SIDE, Screen
from ui.widgets.booklist import Entry, Section
from ui.widgets.looks import FEE, LOANS, OVERDUE, READY, RESERVED, Look


class AccountScreen(Screen):
    """One list, with a word above each kind of thing that is in it."""

    primary = views.FINISH
    side = SIDE | {"renew"}
    is_loading = BooleanProperty(False)
    is_empty = BooleanProperty(True)
    books = ObjectProperty(None)

    def fill(self, view: View, words: Words) -> None:
        """Bring the rows up to date, each in its place."""
        assert isinstance(view, views.Account)
        entries = [] if view.is_loading else list(self._entries(view, words))
        self.is_loading, self.is_empty = view.is_loading, not entries
        self.books.show(entries)

    def icon_of(self, choice: Choice, view: View) -> str:
        """To renew, and to ask once more, is drawn as something done again."""
        is_again = choice.id == views.ACCOUNT or choice.id.startswith("renew:")
        return "again" if is_again else super().icon_of(choice, view)

    def _entries(self, view: views.Account, words: Words) -> Iterator[Entry | Section]:
        overdue, lent, ready, reserved, fees = sections_of(words)
        loans, holds = view.loans or (), view.holds or ()
        late = [line for line in loans if line.is_overdue]
        others = [line for line in loans if not line.is_overdue]
        yield from _titled("overdue", overdue, [self._loan(line, view, words) for line in late])
        yield from _titled("loans", lent, [self._loan(line, view, words) for line in others])
        for name, title, is_ready, look in (
            ("ready", ready, True, READY),
            ("reserved", reserved, False, RESERVED),
        ):
            rows = [
                Entry(f"hold:{at}", hold_row_of(words, hold), look)
                for at, hold in enumerate(holds)
                if hold.is_ready is is_ready
            ]
            yield from _titled(name, title, rows)
        rows = [
            self.entry_of(f"fee:{at}", fee_row_of(words, fee), FEE, fee.choices, view, words)
            for at, fee in enumerate(view.fees or ())
        ]
        yield from _titled("fees", fees, rows)

    def _loan(self, line: LoanLine, view: View, words: Words) -> Entry:
        row = loan_row_of(words, line)
        return self.entry_of(f"loan:{line.item}", row, look_of(line), line.choices, view, words)


def look_of(line: LoanLine) -> Look:
    """What is overdue looks so, until it is renewed."""
    return OVERDUE if line.is_overdue and line.status is LoanStatus.LENT else LOANS[line.status]


def _titled(name: str, title: str, rows: list[Entry]) -> list[Entry | Section]:
    return [Section(f"section:{name}", f"{title} ({len(rows)})"), *rows] if rows else []
