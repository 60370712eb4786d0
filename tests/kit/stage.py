"""A stage for the session alone: no devices, no server, no files; what they would do is played by the test.

Time stands still until `pass_time`.  Whatever the session asks for is kept in `effects` and `rows` to be looked at.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from drivers.barcode import Scan, Symbology
from drivers.masked import Masked, Secret
from drivers.rfid import Content, EmptyTag, LibraryItem, SecurityState, Tag, TagUid
from kiosk.workflow import events
from kiosk.workflow.effects import Ask, AskHere, Carry, Effect, PrintSlip, Record, Release, Secure
from kiosk.workflow.events import Event, Happened, Moment
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.slips import Slip
from kiosk.workflow.state import State, begin
from kiosk.workflow.step import step
from kiosk.workflow.view import Borrowing, Choice, Line, Summary, View
from kiosk.workflow.views import view_of
from sync.entries import (
    Answer,
    Due,
    Entry,
    EntryKey,
    Granted,
    ItemId,
    PatronId,
    Promised,
    Reason,
    Row,
    TagBits,
)
from sync.questions import (
    AboutItem,
    AboutPatron,
    AccountFacts,
    ItemFacts,
    LendingFacts,
    LoanFact,
    LocalFacts,
    MayLend,
    PatronFacts,
)
from sync.rules.offline import OfflineLending, OfflinePolicy

READER = "21234000000011"
OTHER_READER = "21234000000029"
SECURED, RELEASED = 0x07, 0xC2
SETTINGS = SessionSettings(
    library="Demo Library", patron_number_pattern=r"2\d{13}", item_number_pattern=r"3\d{13}", owners=("CN-",)
)
LENDS_HERE = replace(
    SETTINGS, offline=OfflinePolicy(OfflineLending.WITHIN_LIMITS, snapshot_hours_max=24), has_printer=True
)
"""The settings of a library that lends by its snapshot, with a printer for slips."""
DUE = Due((datetime(2026, 12, 20, tzinfo=UTC)).date(), "2026-12-20")

T = TypeVar("T")
E = TypeVar("E", bound=Effect)
V = TypeVar("V", bound=View)


def item(number: int) -> ItemId:
    """The demo item *number*."""
    return ItemId(f"3{number:013}")


def tag(
    number: int,
    part: int = 1,
    parts: int = 1,
    owner: str = "CN-DEMO",
    content: Content | None = None,
    releasable: bool = True,
    media_format: int | None = None,
) -> Tag:
    """The tag of part *part* of item *number*; its UID follows from both."""
    uid = TagUid(f"E0040100{number:06X}{part:02X}")
    inside = content or LibraryItem(item(number), part, parts, owner, 0x11, media_format)
    return Tag(uid, inside, SecurityState(SECURED), releasable)


EMPTY_TAG = replace(tag(999), content=EmptyTag())


class Stage:
    """A session played by hand."""

    def __init__(
        self,
        settings: SessionSettings = SETTINGS,
        open_releases: tuple[Entry, ...] = (),
        pin_refusals: tuple[tuple[PatronId, datetime], ...] = (),
        wall: datetime = datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        left_open: tuple[tuple[EntryKey, ItemId], ...] = (),
    ) -> None:
        self.seconds = 1000.0
        self.wall = wall
        self.number = 0
        self.rows: list[Row] = []
        self.effects: list[Effect] = []
        moment = Moment(self.seconds, wall)
        self.state: State = begin(settings, "e1", 1, open_releases, pin_refusals, moment, left_open)

    # --- what happens ---------------------------------------------------------------------------------------------

    def happen(self, event: Event) -> tuple[Effect, ...]:
        """Lets *event* happen now; gives what it leads to."""
        self.number += 1
        happened = Happened(event, Moment(self.seconds, self.wall), self.number)
        self.state, effects = step(self.state, happened)
        for effect in effects:
            if isinstance(effect, Record):
                self.rows.extend(effect.rows)
            else:
                self.effects.append(effect)
        return effects

    def pass_time(self, seconds: float) -> None:
        """Lets time pass second by second."""
        for _ in range(round(seconds)):
            self.seconds += 1
            self.wall += timedelta(seconds=1)
            self.happen(events.Tick())

    def lay(self, *tags: Tag, readings: int = 2) -> None:
        """Lays exactly *tags* on the pad, seen *readings* times in a row."""
        for reading in range(1, readings + 1):
            self.happen(events.PadRead(tags, reading))

    def choose(self, choice: str) -> None:
        """Touches the choice with this id, which has to be offered."""
        offered = [offer.id for offer in offers(self.view) if offer.enabled]
        assert choice in offered, f"{choice} is not among {offered}"
        self.happen(events.Chosen(choice))

    def scan(self, text: str, flaw: str = "") -> None:
        """Scans a barcode."""
        self.happen(events.Scanned(Scan(Masked("" if flaw else text), Symbology.CODABAR, flaw)))

    def show_card(self, number: str = READER) -> None:
        """Lays a card on the card reader."""
        self.happen(events.CardCame(Masked(number)))

    def pin(self, pin: str = "1234") -> None:
        """Types a PIN."""
        self.happen(events.PinEntered(Secret(pin)))

    def tell(self, facts: PatronFacts | ItemFacts | AccountFacts) -> None:
        """Answers the last question."""
        self.happen(events.Told(self.last(Ask).token, facts))

    def facts(
        self,
        number: str = READER,
        pin_right: bool | None = True,
        loans: tuple[LoanFact, ...] | None = (),
        limit: int | None = 10,
        **more: object,
    ) -> PatronFacts:
        """What the server says of a patron in good standing."""
        facts = PatronFacts(
            PatronId(number),
            is_known=True,
            name="Demo Reader 01",
            is_pin_right=pin_right,
            loans=loans,
            loan_count=None if loans is None else len(loans),
            loan_limit=limit,
        )
        return replace(facts, **more)  # type: ignore[arg-type]

    def log_in(self, number: str = READER, loans: tuple[LoanFact, ...] = (), limit: int | None = 10) -> None:
        """Card, PIN, and a server that knows the patron."""
        self.show_card(number)
        if self.state.settings.needs_pin:
            self.pin()
        self.tell(self.facts(number, loans=loans, limit=limit))

    def lend_here(self, hours: float = 1.0, *, is_away: bool = True) -> None:
        """A snapshot is there, *hours* old, and the server is away, or not current."""
        self.happen(events.SnapshotCame(self.wall - timedelta(hours=hours)))
        self.happen(events.ServerWent() if is_away else events.ServerCame(is_current=False))

    def tell_here(self, facts: LocalFacts) -> None:
        """The terminal's own books answer the last question of the kind that *facts* are for."""
        asked = next(e for e in reversed(self.all(AskHere)) if _fits(e, facts))
        self.happen(events.ToldHere(asked.token, facts))

    def log_in_here(self, number: str = READER, limit: int | None = 10) -> None:
        """Card, PIN, and a snapshot that knows the patron; loans are not in it."""
        self.show_card(number)
        if self.state.settings.needs_pin:
            self.pin()
        self.tell_here(self.facts(number, limit=limit, loans=None))

    def allow(
        self, number: int, due: Due = DUE, *, release: bool = True, magnetic: bool | None = False
    ) -> EntryKey:
        """The terminal's own books allow lending item *number*; gives the entry that was promised."""
        asked = next(e for e in reversed(self.all(AskHere)) if _item_of(e) == item(number))
        snapshot_at = self.state.snapshot_made_at
        facts = LendingFacts(item(number), None, due, release, magnetic, snapshot_at)
        self.happen(events.ToldHere(asked.token, facts))
        return self.rows_of(Promised)[-1].key

    def forbid(self, number: int, reason: Reason) -> None:
        """The terminal's own books do not allow lending item *number*."""
        asked = next(e for e in reversed(self.all(AskHere)) if _item_of(e) == item(number))
        self.happen(events.ToldHere(asked.token, LendingFacts(item(number), reason)))

    def answer(self, number: int, answer: Answer | None = None) -> EntryKey:
        """The server answers the last entry carried for item *number*, granting it unless said otherwise."""
        key = self.carried(number).key
        self.happen(events.Carried(key, answer or Granted(DUE, f"Title {number}")))
        return key

    def pad_releases(self, key: EntryKey) -> None:
        """The pad does what the last `Release` for *key* asked for."""
        effect = next(e for e in reversed(self.effects) if isinstance(e, Release) and e.key == key)
        self.happen(events.TagsReleased(key, tuple(TagBits(uid, RELEASED) for uid in effect.uids)))

    def pad_fails(self, key: EntryKey, trouble: events.ReleaseTrouble) -> None:
        """The pad cannot do what was asked."""
        self.happen(events.TagsNotReleased(key, (), trouble))

    def pad_secures(self, key: EntryKey, is_complete: bool = True) -> None:
        """The pad secured the tags again, or could not."""
        effect = next(e for e in reversed(self.effects) if isinstance(e, Secure) and e.key == key)
        self.happen(events.TagsSecured(key, tuple(TagBits(uid, SECURED) for uid in effect.uids), is_complete))

    def borrow(self, number: int) -> None:
        """One item all the way from the pad."""
        self.pad_releases(self.answer(number))

    # --- what can be seen -----------------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """What the reader sees."""
        return view_of(self.state).view

    def shows(self, kind: type[V]) -> V:
        """What the reader sees, which has to be a *kind*."""
        seen = view_of(self.state).view
        assert isinstance(seen, kind), seen
        return seen

    def line(self, number: int) -> Line:
        """The line of item *number* as the reader sees it."""
        return self.lines[item(number)]

    @property
    def lines(self) -> dict[str, Line]:
        """The lines the reader sees, by id."""
        assert isinstance(self.view, Borrowing | Summary), self.view
        return {line.id: line for line in self.view.lines}

    def last(self, kind: type[E]) -> E:
        """The last effect of *kind*."""
        return next(effect for effect in reversed(self.effects) if isinstance(effect, kind))

    def all(self, kind: type[E]) -> list[E]:
        """All effects of *kind* so far."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def rows_of(self, kind: type[T]) -> list[T]:
        """All rows of *kind* so far."""
        return [row for row in self.rows if isinstance(row, kind)]

    @property
    def slip(self) -> Slip:
        """What was printed last, which has to be a slip for the gate."""
        slip = self.last(PrintSlip).slip
        assert isinstance(slip, Slip), slip
        return slip

    def carried(self, number: int) -> Entry:
        """The last entry carried for item *number*."""
        return next(e.entry for e in reversed(self.all(Carry)) if e.entry.promise.item == item(number))

    def asked_about_patron(self) -> AboutPatron:
        """The last question about a patron."""
        return next(q for e in reversed(self.all(Ask)) if isinstance(q := e.question, AboutPatron))

    def asked_about_item(self) -> AboutItem:
        """The last question about an item."""
        return next(q for e in reversed(self.all(Ask)) if isinstance(q := e.question, AboutItem))


def _fits(asked: AskHere, facts: LocalFacts) -> bool:
    match facts:
        case PatronFacts():
            return isinstance(asked.question, AboutPatron)
        case LendingFacts():
            return isinstance(asked.question, MayLend)
        case _:
            return not isinstance(asked.question, AboutPatron | MayLend)


def _item_of(asked: AskHere) -> ItemId | None:
    return asked.question.item if isinstance(asked.question, MayLend) else None


def offers(view: View) -> tuple[Choice, ...]:
    """Every choice the view offers, those within its lines too."""
    lists = (getattr(view, name, None) or () for name in ("lines", "loans", "fees"))
    inner = tuple(choice for lines in lists for line in lines for choice in line.choices)
    return (*view.choices, *inner)
