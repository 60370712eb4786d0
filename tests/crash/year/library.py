"""Central with readers and books enough for a year, and the time of the whole world."""

from __future__ import annotations

import functools
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from drivers.link import Clock
from drivers.link.memory import MemoryLink
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.library import Library
from sync.central.circulation.returning import check_in
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.circulation.terminals import enter_terminal
from sync.central.faces.rest.office import Office
from sync.central.faces.rest.tokens import Tokens
from sync.central.faces.sip2.answers import Counter, DueForm
from sync.central.faces.sip2.conversation import Conversation
from sync.central.importer import import_lists
from sync.central.settings import CentralSettings
from sync.central.store import tables
from sync.central.store.store import Store
from sync.entries import ItemId
from sync.rules.terms import CardStatus

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SECRET = Secret("invented-for-simulation")
READERS = tuple(f"2899900000{number:04}" for number in range(1, 401))
BOOKS = tuple(f"3899900000{number:04}" for number in range(1, 1201))
TERMINALS = ("north", "south", "east", "west")


class WorldTime:
    """The one time that passes for everybody, in *seconds* since `START`."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        """The true time."""
        return START + timedelta(seconds=self.seconds)


class TerminalClock:
    """A machine's clock: it begins anew at every boot, and its wall time may be wrong by *skew_seconds*."""

    def __init__(self, world: WorldTime) -> None:
        self._world = world
        self._booted_at = 0.0
        self.skew_seconds = 0.0

    def boot(self) -> None:
        """The machine starts."""
        self._booted_at = self._world.seconds - 30.0

    def now(self) -> datetime:
        """What the wall clock of the machine says."""
        return self._world.now() + timedelta(seconds=self.skew_seconds)

    def monotonic(self) -> float:
        """Seconds since the machine started."""
        return self._world.seconds - self._booted_at

    def wait(self, seconds: float) -> None:
        """Time passes, for the whole world."""
        if seconds > 0:
            self._world.seconds += seconds


@functools.cache
def _filled() -> Path:
    """The database at the beginning of the year, made once in a process."""
    path = Path(tempfile.mkdtemp(prefix="kiosk-year-")) / "central.db"
    settings = CentralSettings(f"sqlite:///{path}", currency=demo.CURRENCY, zone=demo.ZONE)
    store = Store(settings.database_url)
    store.migrate()
    lists = dict(demo.library())
    for name in ("loans", "holds", "fees", "blocks"):
        lists[name] = lists[name].split(b"\n", 1)[0] + b"\n"
    for number in READERS:
        lists["patrons"] += f"{number},Invented {number[-4:]},adult,,,2099-12-31,1990-05-17\n".encode()
    for number in BOOKS:
        lists["items"] += (
            f"{number},Volume {number[-4:]},Nobody,book,general,A1,Hall,10.00,,,,,,,,\n".encode()
        )
    clock = TerminalClock(WorldTime())
    import_lists(store, settings.library(clock), SecretJudge(CHEAP), lists)
    for terminal in TERMINALS:
        enter_terminal(store, SecretJudge(CHEAP), terminal, SECRET)
    store.close()
    return path


class Central:
    """The real central over a database of its own in *folder*, in the true time."""

    def __init__(self, folder: Path, world: WorldTime) -> None:
        self.path = folder / "central.db"
        shutil.copy(_filled(), self.path)
        self.clock: Clock = _TrueClock(world)
        settings = CentralSettings(f"sqlite:///{self.path}", currency=demo.CURRENCY, zone=demo.ZONE)
        self.store = Store(settings.database_url)
        self.library: Library = settings.library(self.clock)
        self._counter = Counter(self.store, self.library, SecretJudge(CHEAP), DueForm.SIP)
        self.office = Office(self.store, self.library, SecretJudge(CHEAP), Tokens({}))

    def connection(self, clock: Clock) -> MemoryLink:
        """A new SIP2 connection of a terminal whose clock is *clock*."""
        return MemoryLink(_Face(Conversation(self._counter)), clock)

    def take_back(self, book: str) -> None:
        """Staff check *book* in at the desk, now."""
        with self.store.writing() as connection:
            check_in(connection, self.library, ItemId(book), "desk")

    def mark_card(self, reader: str, status: CardStatus) -> None:
        """Staff say how the card of *reader* stands."""
        change = update(tables.patrons).where(tables.patrons.c.number == reader).values(card=status.value)
        with self.store.writing() as connection:
            connection.execute(change)

    def close(self) -> None:
        """Frees the database."""
        self.store.close()


class _TrueClock:
    """`Clock` that shows the true time and never moves it."""

    def __init__(self, world: WorldTime) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.now()

    def monotonic(self) -> float:
        return self._world.seconds

    def wait(self, seconds: float) -> None:
        """Nobody at central waits."""


class _Face:
    """`FarEnd`: one connection to central."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def receive(self, data: bytes) -> bytes:
        return b"".join(self._conversation.feed(data)) if data else b""
