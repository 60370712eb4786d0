"""Central with the demo library, in memory: every connection is a link to a conversation of the real SIP2 face."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from drivers.link import Clock, DeviceLost
from drivers.link.memory import MemoryLink
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.circulation.terminals import enter_terminal
from sync.central.faces.sip2.answers import Counter, DueForm
from sync.central.faces.sip2.conversation import Conversation
from sync.central.serve import create_demo
from sync.central.settings import CentralSettings
from sync.central.store import queries
from sync.central.store.store import Store
from sync.entries import ItemId, PatronId
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings

TERMINAL = "kiosk-1"
PASSWORD = Secret("not-a-secret-9")


@functools.cache
def demo_database() -> Path:
    """A database file with the demo library, made once for all tests of this process; copy it before use."""
    path = Path(tempfile.mkdtemp(prefix="kiosk-demo-")) / "demo.db"
    create_demo(f"sqlite:///{path}", demo.ZONE)
    store = Store(f"sqlite:///{path}")
    enter_terminal(store, SecretJudge(CHEAP), TERMINAL, PASSWORD)
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
        return b"".join(self._conversation.feed(data))


class DemoServer:
    """Central on a database of its own in *folder*, reached over memory links that can be cut or silenced."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        path = folder / "central.db"
        shutil.copy(demo_database(), path)
        settings = CentralSettings(f"sqlite:///{path}", currency=demo.CURRENCY, zone=demo.ZONE)
        self._store = Store(settings.database_url)
        library = Library(clock, demo.CURRENCY, demo.INSTITUTION, demo.NAME, settings.time_zone())
        self.counter = Counter(self._store, library, SecretJudge(CHEAP), DueForm.SIP)
        self.heard: list[bytes] = []
        self.is_reachable = True
        self.is_silent = False
        self._clock = clock
        self._links: list[MemoryLink] = []

    def connect(self) -> MemoryLink:
        """A new connection; `DeviceLost` while the network is cut."""
        if not self.is_reachable:
            raise DeviceLost("connection refused")
        link = MemoryLink(_Face(self), self._clock)
        link.silent = self.is_silent
        self._links.append(link)
        return link

    def client(self, clock: Clock) -> Sip2Server:
        """The terminal's side: the real client with the terminal's account."""
        settings = Sip2Settings(
            profile=profile("central"), institution=demo.INSTITUTION, user=TERMINAL, password=PASSWORD
        )
        return Sip2Server(self.connect, settings, clock)

    def cut(self) -> None:
        """Breaks every connection and refuses new ones."""
        self.is_reachable = False
        for link in self._links:
            link.unplug()
        self._links.clear()

    def silence(self, is_silent: bool = True) -> None:
        """Lets connections stand and swallows everything, or ends that."""
        self.is_silent = is_silent
        for link in self._links:
            link.silent = is_silent

    def mend(self) -> None:
        """Makes the server reachable again."""
        self.is_reachable = True
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

    def close(self) -> None:
        """Frees the database."""
        self._store.close()
