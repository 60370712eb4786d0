"""One terminal between power cuts: the real kiosk of `kiosk.runtime.build`, its pumps cranked by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from drivers.masked import Masked
from kiosk.runtime.build import Devices, Kiosk, Snapshots, Surroundings, assemble
from kiosk.workflow.events import CardCame, Chosen
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.view import Borrowing, Language, Line, NotServed, PutBack, Shown, Summary, View, Welcome
from sync.central import demo
from sync.entries import Entry
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.servers.ils import Server
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings
from sync.snapshot.content import Snapshot
from tests.crash.year.devices import Book, FrailPad, Frailty
from tests.crash.year.library import SECRET, Central, TerminalClock, WorldTime
from tests.crash.year.network import ANSWER_SECONDS, CentralByWire, Network
from tests.kit.recording import KeptLog, NoCards
from tests.kit.snapshots import drawn

KEYS = JournalKeys.from_secret(bytes(range(32)))
SETTINGS = SessionSettings(
    library="Year Library",
    patron_number_pattern=r"2\d{13}",
    item_number_pattern=r"3\d{13}",
    owners=("CN-",),
    language=Language.ENGLISH,
    needs_pin=False,
    has_scanner=False,
    has_number_pad=False,
    answer_seconds=8,
    offline=OfflinePolicy(OfflineLending.WITHIN_LIMITS, snapshot_hours_max=24 * 40),
)
TURN_SECONDS = 0.1
"""How far time goes where a pump waits for another one; further where nobody is there (`Terminal.rest_seconds`)."""
YEAR_OF_SECONDS = 365 * 86_400.0
VIEWS_KEPT = 200
LOOK_SECONDS = 1_800.0
CLOCK_LOST = 0.2

V = TypeVar("V", bound=View)


class Terminal:
    """A terminal called *name*, with its journal in *folder*; it speaks SIP2, or REST where *speaks_rest*."""

    def __init__(
        self,
        name: str,
        folder: Path,
        world: WorldTime,
        central: Central,
        dice: random.Random,
        frailty: Frailty,
        *,
        speaks_rest: bool,
    ) -> None:
        folder.mkdir()
        self.name = name
        self.speaks_rest = speaks_rest
        self.clock = TerminalClock(world)
        self.network = Network(central, name, self.clock)
        self.pad = FrailPad(dice, frailty)
        self.log = KeptLog()
        self.boots = 0
        self.rest_seconds = TURN_SECONDS
        self._path = folder / "journal.db"
        self._central = central
        self._dice = dice
        self._shown: list[Shown] = []
        self._snapshot: Snapshot | None = None
        self._snapshot_number = 0
        self.fetch_snapshot()
        self.start()

    # --- The machine

    def start(self) -> None:
        """The machine boots, on the journal there is."""
        self.clock.boot()
        self.boots += 1
        self._shown.clear()
        self._is_snapshot_new = True
        self.journal = Journal.open(self._path, KEYS, self.clock.now)
        around = Surroundings(
            clock=self.clock,
            log=self.log,
            show=self._show,
            chance=self._dice.random,
            idle=lambda seconds: self.clock.wait(min(seconds, self.rest_seconds)),
        )
        self.kiosk: Kiosk = assemble(
            SETTINGS,
            self.journal,
            self._server(),
            Devices(pad=lambda: self.pad, card_reader=NoCards),
            around,
            status_seconds=60.0,
            snapshots=Snapshots(self, LOOK_SECONDS),
        )

    def set_clock(self, skew_seconds: float) -> None:
        """The wall clock is wrong by *skew_seconds* from now on."""
        self.clock.skew_seconds = skew_seconds

    def power_cut(self) -> None:
        """The power goes and comes back: what was not written is gone, and every connection is.

        Now and then the wall clock has lost its time as well.
        """
        if self._dice.random() < CLOCK_LOST:
            self.set_clock(self._dice.choice((0.0, -3_600.0, 60.0, -YEAR_OF_SECONDS)))
        self.journal.close()
        self.network.drop()
        self.start()

    def close(self) -> None:
        """Ends everything in order."""
        self.kiosk.stop()

    def _server(self) -> Server:
        if self.speaks_rest:
            return CentralByWire(self.network.wire, self.clock)
        settings = Sip2Settings(
            profile=profile("central"),
            institution=demo.INSTITUTION,
            user=self.name,
            password=SECRET,
            request_seconds=ANSWER_SECONDS,
            login_seconds=ANSWER_SECONDS,
        )
        return Sip2Server(self.network.connect, settings, self.clock)

    def fetch_snapshot(self) -> None:
        """Central makes a snapshot, which the terminal finds when it looks next."""
        self._snapshot_number += 1
        self._snapshot = drawn(
            self._central.store, self._central.library, self.name, self._snapshot_number, self.clock.now()
        )
        self._is_snapshot_new = True

    def newest(self) -> Snapshot | None:
        """As promised by `Source`: the last one, once to every start."""
        is_new, self._is_snapshot_new = self._is_snapshot_new, False
        return self._snapshot if is_new else None

    def _show(self, shown: Shown) -> None:
        self._shown.append(shown)
        del self._shown[:-VIEWS_KEPT]

    # --- Turning it

    def turn(self) -> None:
        """One turn of every pump."""
        for pump in self.kiosk.pumps:
            pump.turn()

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Turns until *condition* holds, for *seconds* at most; whether it came to hold."""
        deadline = self.clock.monotonic() + seconds
        while not condition():
            if self.clock.monotonic() >= deadline:
                return False
            self.turn()
        return True

    @property
    def view(self) -> View | None:
        """What the screen shows."""
        return self._shown[-1].view if self._shown else None

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the list or summary on the screen."""
        view = self.view
        return view.lines if isinstance(view, Borrowing | Summary) else ()

    @property
    def is_idle(self) -> bool:
        """Whether nobody is being served."""
        return isinstance(self.view, Welcome)

    def show_card(self, reader: str) -> None:
        """A card is laid on the reader."""
        self.kiosk.post(CardCame(Masked(reader)))

    def touch(self, choice: str) -> None:
        """The reader chooses what the screen offers as *choice*, if it does."""
        view = self.view
        if view is not None and any(one.id == choice and one.enabled for one in view.choices):
            self.kiosk.post(Chosen(choice))

    def is_done_with(self, books: list[Book]) -> bool:
        """Whether each of *books* has a line on the screen and none is on its way; or nobody is served."""
        view = self.view
        if isinstance(view, Borrowing):
            seen = {line.item for line in view.lines}
            return not view.is_busy and all(book.number in seen for book in books)
        return isinstance(view, NotServed | Summary | PutBack)

    # --- What it wrote

    def unsettled(self) -> tuple[Entry, ...]:
        """The entries that are not settled."""
        return self.journal.unsettled()
