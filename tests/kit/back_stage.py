"""A stage on which items are given back: what pad, strip unit, book drop and server say to it is played by the test."""

from __future__ import annotations

from dataclasses import replace

from drivers.rfid import SecurityState, Tag
from kiosk.workflow import events
from kiosk.workflow.effects import Ask, Carry, OpenDrop, Proceed, Restore, Secure
from kiosk.workflow.events import ReleaseTrouble
from kiosk.workflow.settings import DropSettings, Service, SessionSettings
from kiosk.workflow.view import BackLine, BackSummary, BookDropping, GivingBack
from sync.entries import (
    Answer,
    CaseOpened,
    CaseReason,
    Due,
    EntryKey,
    GiveBack,
    Granted,
    Intended,
    ItemId,
    PatronId,
    Settled,
    Settlement,
    TagBits,
    TakenBack,
)
from sync.questions import AboutItem, ItemFacts, Standing
from tests.kit.stage import DUE, READER, RELEASED, SECURED, SETTINGS, Stage, item, tag

TAKES_BACK = replace(
    SETTINGS, services=(Service.BORROW, Service.RETURN), has_printer=True, ask_item_seconds=0.0
)
"""A terminal that lends and takes back, and asks nothing before it secures."""
ONLY_BACK = replace(TAKES_BACK, services=(Service.RETURN,))
"""A terminal for returns alone."""
DROP = replace(ONLY_BACK, drop=DropSettings(read_seconds=8, done_seconds=4))
"""An unattended book drop."""
PATRON = PatronId(READER)


def lent(number: int, part: int = 1, parts: int = 1, owner: str = "CN-DEMO") -> Tag:
    """The tag of a part of a lent item: a gate lets it pass."""
    return replace(tag(number, part, parts, owner), security=SecurityState(RELEASED))


def back(due: Due = DUE, **said: object) -> Granted:
    """The server took it back, and says what *said* says of it."""
    facts = replace(TakenBack(was_on_loan=True, patron=PATRON), **said)  # type: ignore[arg-type]
    return Granted(due, "A title", back=facts)


class BackStage(Stage):
    """A session in which something is given back."""

    def __init__(self, settings: SessionSettings = TAKES_BACK, **more: object) -> None:
        super().__init__(settings, **more)  # type: ignore[arg-type]

    # --- what happens ---------------------------------------------------------------------------------------------

    def begin(self, *tags: Tag) -> None:
        """The reader chooses to give back, and lays *tags* down."""
        self.choose("give-back")
        if tags:
            self.lay(*tags)

    def about(self, number: int, standing: Standing = Standing.ON_LOAN, **more: object) -> None:
        """The server answers what it was asked about item *number*."""
        asked = self.question(number)
        facts = ItemFacts(item(number), True, f"Title {number}", standing, DUE)
        self.happen(events.Told(asked.token, replace(facts, **more)))  # type: ignore[arg-type]

    def secured(self, number: int) -> EntryKey:
        """The pad makes the tags of item *number* secure, as it was told last."""
        key = self.key(number)
        self.pad_secures(key)
        return key

    def not_secured(self, number: int, trouble: ReleaseTrouble, *done: Tag) -> EntryKey:
        """The pad cannot do what it was told to; *done* are the tags that it did."""
        key = self.key(number)
        after = tuple(TagBits(one.uid, SECURED) for one in done)
        self.happen(events.TagsSecured(key, after, False, trouble))
        return key

    def refused_by_pad(self, number: int) -> EntryKey:
        """The tag of item *number* will not be written, however often it is tried."""
        for _ in range(self.state.settings.release_tries_max):
            key = self.not_secured(number, ReleaseTrouble.WRITE_REFUSED)
        return key

    def says(self, number: int, answer: Answer) -> EntryKey:
        """The server answers the last entry of item *number*."""
        key = self.key(number)
        self.happen(events.Carried(key, answer))
        return key

    def give_back(self, number: int, answer: Answer | None = None) -> EntryKey:
        """Item *number*, which lies there, all the way."""
        self.secured(number)
        return self.says(number, answer or back())

    def restores(self, number: int, *, is_complete: bool = True) -> None:
        """The pad puts the tags of item *number* back as they were, or cannot."""
        order = next(e for e in reversed(self.all(Restore)) if e.key == self.key(number))
        self.happen(events.TagsRestored(order.key, order.before if is_complete else (), is_complete))

    def drop(self, *tags: Tag) -> None:
        """Something is put into the book drop, and *tags* are seen in it."""
        self.happen(events.DropCame())
        if tags:
            self.lay(*tags)

    def passes(self) -> None:
        """What the flap was opened for falls into its bin."""
        self.happen(events.DropPassed(self.last(OpenDrop).key))
        self.lay()

    # --- what can be seen -----------------------------------------------------------------------------------------

    @property
    def back_lines(self) -> dict[str, BackLine]:
        """The lines the reader sees, by id."""
        shown = self.view
        assert isinstance(shown, GivingBack | BackSummary), shown
        return {line.id: line for line in shown.lines}

    def back_line(self, number: int) -> BackLine:
        """The line of item *number* as the reader sees it."""
        return self.back_lines[item(number)]

    @property
    def dropping(self) -> BookDropping:
        """What is seen at the book drop."""
        return self.shows(BookDropping)

    def key(self, number: int) -> EntryKey:
        """The last entry begun for item *number*."""
        begun = (row for row in reversed(self.rows) if isinstance(row, Intended))
        return next(row.key for row in begun if row.promise.item == item(number))

    def promise(self, number: int) -> GiveBack:
        """What was promised last of item *number*."""
        begun = (row for row in reversed(self.rows) if isinstance(row, Intended))
        promise = next(row.promise for row in begun if row.promise.item == item(number))
        assert isinstance(promise, GiveBack)
        return promise

    def carry(self, number: int) -> Carry:
        """How the last entry of item *number* was carried."""
        return next(e for e in self.all(Carry) if e.entry.key == self.key(number))

    def question(self, number: int) -> Ask:
        """What was asked last about item *number*."""
        asked = (e for e in reversed(self.all(Ask)) if e.question == AboutItem(item(number)))
        return next(asked)

    def begun(self) -> list[ItemId | None]:
        """The items of all entries, in their order."""
        return [row.promise.item for row in self.rows if isinstance(row, Intended)]

    def cases(self) -> list[CaseReason]:
        """Why staff have to look, in the order of writing."""
        return [row.reason for row in self.rows_of(CaseOpened)]

    def ends(self) -> list[Settlement]:
        """How entries were settled, in the order of writing."""
        return [row.how for row in self.rows_of(Settled)]

    def told(self) -> list[EntryKey]:
        """The entries the server may be told of, in their order."""
        free = [e.entry.key for e in self.all(Carry) if not e.is_held]
        return free + [e.entry.key for e in self.all(Proceed)]

    def secures(self) -> list[Secure]:
        """All orders to make tags secure."""
        return self.all(Secure)
