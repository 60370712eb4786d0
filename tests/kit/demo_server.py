"""Central with the demo library, in memory: every connection is a link to a conversation of the real SIP2 face."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, update

from drivers.link import Clock, DeviceLost
from drivers.link.memory import MemoryLink
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation import lending, returning
from sync.central.circulation.accounts import ledger_of
from sync.central.circulation.desk_bookings import Desk, charge_by_hand, take, waive
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.circulation.terminals import enter_terminal
from sync.central.faces.sip2.answers import Counter, DueForm
from sync.central.faces.sip2.conversation import Conversation
from sync.central.serve import create_demo
from sync.central.settings import CentralSettings
from sync.central.store import queries, tables
from sync.central.store.ledger_tables import ledger_legs
from sync.central.store.store import Store
from sync.entries import FeeKind, ItemId, PatronId
from sync.rules.ledger import Till
from sync.rules.terms import CardStatus
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings
from sync.snapshot.content import Snapshot
from tests.kit.snapshots import drawn

TERMINAL = "kiosk-1"
OTHER_TERMINAL = "kiosk-2"
PASSWORD = Secret("not-a-secret-9")


@functools.cache
def demo_database() -> Path:
    """A database file with the demo library, made once for all tests of this process; copy it before use."""
    path = Path(tempfile.mkdtemp(prefix="kiosk-demo-")) / "demo.db"
    create_demo(f"sqlite:///{path}", demo.ZONE)
    store = Store(f"sqlite:///{path}")
    for terminal in (TERMINAL, OTHER_TERMINAL):
        enter_terminal(store, SecretJudge(CHEAP), terminal, PASSWORD)
    store.close()
    return path


class _Face:
    """`FarEnd`: one connection to central."""

    def __init__(self, server: DemoServer) -> None:
        self._server = server
        self._conversation = Conversation(server.counter)

    def receive(self, data: bytes) -> bytes:
        if not data:
            return b""
        self._server.heard.append(data)
        return self._server.said(b"".join(self._conversation.feed(data)))


class DemoServer:
    """Central on a database of its own in *folder*, reached over memory links that can be cut or silenced."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        path = folder / "central.db"
        shutil.copy(demo_database(), path)
        settings = CentralSettings(f"sqlite:///{path}", currency=demo.CURRENCY, zone=demo.ZONE)
        self._store = Store(settings.database_url)
        self._library = Library(clock, demo.CURRENCY, demo.INSTITUTION, demo.NAME, settings.time_zone())
        self.counter = Counter(self._store, self._library, SecretJudge(CHEAP), DueForm.SIP)
        self.heard: list[bytes] = []
        self.said: Callable[[bytes], bytes] = lambda answers: answers
        """What goes over the line in place of what the server says."""
        self.is_silent = False
        self.takes_facts = True
        """Whether terminals may tell what happened without asking (no block); else they ask as at any time."""
        self._clock = clock
        self._links: list[MemoryLink] = []
        self._links_of: dict[str, list[MemoryLink]] = {}
        self._cut_off: set[str] = set()

    def connect(self, terminal: str = TERMINAL) -> MemoryLink:
        """A new connection of *terminal*; `DeviceLost` while its network is cut."""
        if terminal in self._cut_off:
            raise DeviceLost("connection refused")
        link = MemoryLink(_Face(self), self._clock)
        link.silent = self.is_silent
        self._links.append(link)
        self._links_of.setdefault(terminal, []).append(link)
        return link

    def client(self, clock: Clock, terminal: str = TERMINAL) -> Sip2Server:
        """The terminal's side: the real client with the terminal's account."""
        dialect = profile("central")
        if not self.takes_facts:
            dialect = replace(dialect, offline_replay="no")
        settings = Sip2Settings(
            profile=dialect, institution=demo.INSTITUTION, user=terminal, password=PASSWORD
        )
        return Sip2Server(lambda: self.connect(terminal), settings, clock)

    def snapshot(self, terminal: str, number: int) -> Snapshot:
        """What central would issue to *terminal* now."""
        return drawn(self._store, self._library, terminal, number, self._clock.now())

    def cut(self, terminal: str = TERMINAL) -> None:
        """Breaks every connection of *terminal* and refuses new ones."""
        self._cut_off.add(terminal)
        for link in self._links_of.pop(terminal, []):
            link.unplug()
            self._links.remove(link)

    def silence(self, is_silent: bool = True) -> None:
        """Lets connections stand and swallows everything, or ends that."""
        self.is_silent = is_silent
        for link in self._links:
            link.silent = is_silent

    def mend(self, terminal: str = TERMINAL) -> None:
        """Makes the server reachable again."""
        self._cut_off.discard(terminal)
        self.silence(False)

    @property
    def is_connected(self) -> bool:
        """Whether there was a connection since the last cut."""
        return bool(self._links)

    def link(self) -> MemoryLink:
        """The connection made last, to injure its answers."""
        return self._links[-1]

    def loans_of(self, number: str) -> set[str]:
        """The items on a patron's account."""
        with self._store.reading() as connection:
            return {str(loan.item) for loan in queries.open_loans_of_patron(connection, PatronId(number))}

    def holder_of(self, item: str) -> str | None:
        """The number of the patron who has *item* on loan."""
        with self._store.reading() as connection:
            loan = queries.open_loan_of_item(connection, ItemId(item))
        return None if loan is None else loan.patron.reveal()

    def due_of(self, item: str) -> date | None:
        """The day on which the loan of *item* ends."""
        with self._store.reading() as connection:
            loan = queries.open_loan_of_item(connection, ItemId(item))
        return None if loan is None else loan.due_on

    def lent_at(self, item: str) -> datetime | None:
        """When the loan of *item* began."""
        with self._store.reading() as connection:
            loan = queries.open_loan_of_item(connection, ItemId(item))
        return None if loan is None else loan.lent_at

    def desk_lends(self, number: str, item: str) -> None:
        """Somebody at the desk lends *item* to the patron with this number."""
        self._at_the_desk(
            lambda connection: lending.lend(
                connection, self._library, lending.Wish(ItemId(item), PatronId(number), "desk", True)
            )
        )

    def desk_takes_fees(self, number: str) -> None:
        """The patron pays all that is owed, at the desk."""

        def pay(connection: Connection) -> None:
            patron = PatronId(number)
            fees = [fee.reference for fee in queries.open_fees_of_patron(connection, patron)]
            take(Desk(connection, self._library, "desk"), patron, fees, Till.COUNTER)

        self._at_the_desk(pay)

    def desk_takes_back(self, item: str) -> None:
        """Somebody returns *item* at the desk."""
        self._at_the_desk(
            lambda connection: returning.check_in(
                connection, self._library, ItemId(item), "desk", is_undo=False
            )
        )

    def desk_marks_card(self, number: str, status: CardStatus) -> None:
        """Somebody at the desk says how the patron's card stands."""
        change = update(tables.patrons).where(tables.patrons.c.number == number).values(card=status.value)
        self._at_the_desk(lambda connection: connection.execute(change))

    def desk_enters(self, number: str, name: str, pin: str) -> None:
        """A new patron, of the category of most, with a card and a PIN."""
        row = {"number": number, "name": name, "pin_hash": SecretJudge(CHEAP).hash(Secret(pin))}
        self._at_the_desk(
            lambda connection: connection.execute(
                insert(tables.patrons).values(**row, category="adult", card=CardStatus.ACTIVE.value)
            )
        )

    def desk_buys(self, *items: str) -> None:
        """The library has *items* from now on, each as the first of those that anybody may borrow."""

        def enter(connection: Connection) -> None:
            first = select(tables.items).where(tables.items.c.number == demo.ITEMS_FREE[0])
            like = dict(connection.execute(first).mappings().one())
            connection.execute(insert(tables.items), [{**like, "number": item} for item in items])

        self._at_the_desk(enter)

    def desk_holds(self, number: str, item: str) -> None:
        """The patron waits for *item* from now on."""
        row = {"patron": number, "item": item, "placed_at": self._clock.now(), "is_on_shelf": False}
        self._at_the_desk(
            lambda connection: connection.execute(
                insert(tables.holds).values(**row, pickup_location="Hold shelf", pickup_branch="")
            )
        )

    def desk_charges(self, number: str, minor_units: int, kind: FeeKind = FeeKind.DAMAGE) -> str:
        """The patron owes *minor_units* more; the fee's reference."""
        made: list[str] = []
        amount = self._library.money(minor_units)
        self._at_the_desk(
            lambda connection: made.append(
                charge_by_hand(Desk(connection, self._library, "desk"), PatronId(number), kind, amount, None)
            )
        )
        return made[0]

    def desk_waives_all(self, number: str) -> None:
        """Somebody at the desk lets the patron off all that is owed."""

        def do(connection: Connection) -> None:
            patron = PatronId(number)
            for fee in ledger_of(connection, self._library, patron).open_fees(patron):
                waive(Desk(connection, self._library, "desk"), fee.reference)

        self._at_the_desk(do)

    def owed_by(self, number: str) -> int:
        """What the patron owes, in minor units, by the library's ledger, which is posted anew for it."""
        patron = PatronId(number)
        with self._store.reading() as connection:
            fees = ledger_of(connection, self._library, patron).open_fees(patron)
        return sum(fee.open_minor for fee in fees)

    def ledger_sum(self) -> int:
        """All legs of the library's ledger together, in minor units."""
        with self._store.reading() as connection:
            return int(connection.execute(select(func.sum(ledger_legs.c.minor_units))).scalar_one())

    def _at_the_desk(self, do: Callable[[Connection], object]) -> None:
        with self._store.writing() as connection:
            do(connection)

    def close(self) -> None:
        """Frees the database."""
        self._store.close()
