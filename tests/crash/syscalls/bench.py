"""A real central process, and a terminal that is killed at one system call after the other and has to come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import delete

from sync.central import demo
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.circulation.terminals import enter_terminal
from sync.central.settings import CentralSettings
from sync.central.store import queries, tables
from sync.central.store.store import Store
from sync.entries import ItemId
from sync.journal.journal import Journal
from tests.crash.invariants import World, broken
from tests.crash.syscalls.kiosk import CrankedKiosk
from tests.crash.syscalls.tracing import CALLS, killed_at
from tests.crash.syscalls.witness import Witness
from tests.crash.talking import CLOCK, Child, Talk
from tests.kit.demo_server import PASSWORD, TERMINAL
from tests.kit.rig import JOURNAL, KEYS
from tests.kit.snapshots import drawn

BOOKS = tuple(demo.ITEMS_FREE[:2])

Play = Callable[[CrankedKiosk], None]


def one_borrow(kiosk: CrankedKiosk) -> None:
    """A reader borrows two books."""
    kiosk.borrow(demo.READER, BOOKS)


def one_catch_up(kiosk: CrankedKiosk) -> None:
    """A reader borrows two books while the network is gone; it comes back, and all is carried to central."""
    kiosk.is_cut = True
    kiosk.until_away()
    kiosk.borrow(demo.READER, BOOKS)
    kiosk.is_cut = False
    kiosk.catch_up()


@dataclass(frozen=True, slots=True)
class Killed:
    """How many calls there were to be killed at, and what was found."""

    calls: int
    found: tuple[str, ...]


class SyscallBench:
    """Central with its database in *folder*; every play begins with all books on their shelves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = f"sqlite:///{folder / 'central.db'}"
        secret = folder / "terminal.secret"
        secret.write_text(PASSWORD.reveal() + "\n")
        secret.chmod(0o600)
        arguments = [
            *("-m", "kiosk", "central", "--demo", "--rest-port", "-1", "--sip2-port", "0"),
            *("--database", self._database, "--zone", demo.ZONE, "--terminal", f"{TERMINAL}={secret}"),
        ]
        self._central = Talk(Child(arguments, folder / "central.log"), folder / "central.log")
        self._central.until(lambda: bool(self._central.said), "central did not start", 60)
        self._port = int(self._central.said[0]["sip2_port"])
        self._store = Store(self._database)
        enter_terminal(self._store, SecretJudge(CHEAP), TERMINAL, PASSWORD)
        library = CentralSettings(self._database, currency=demo.CURRENCY, zone=demo.ZONE).library(CLOCK)
        self._snapshot = drawn(self._store, library, TERMINAL, 1, CLOCK.now())
        self._plays = 0

    def kill_everywhere(self, play: Play) -> Killed:
        """Plays *play* again and again, killed at one call after the other of each kind, until none is left."""
        found: list[str] = []
        calls = 0
        for call in CALLS:
            for number in count(1):
                was_killed, sentences = self._kill_at(play, call, number)
                found += [f"killed at {call} {number}: {sentence}" for sentence in sentences]
                if not was_killed:
                    break
                calls += 1
        return Killed(calls, tuple(found))

    def _kill_at(self, play: Play, call: str, number: int) -> tuple[bool, Iterator[str]]:
        self._plays += 1
        path = self._folder / f"play-{self._plays}" / "journal.db"
        path.parent.mkdir()
        Journal.open(path, KEYS, CLOCK.now, JOURNAL).close()
        witness = Witness(BOOKS)

        def body() -> None:
            play(CrankedKiosk(path, self._port, witness, self._snapshot))

        was_killed = killed_at(call, number, body)
        kiosk = CrankedKiosk(path, self._port, witness, self._snapshot)
        if number % 2 == 0:
            kiosk.lay(BOOKS)
        kiosk.catch_up()
        entries = tuple(reversed(kiosk.journal.entries()))
        kiosk.close()
        world = World(
            entries,
            {book: (witness.afi(book),) for book in BOOKS},
            {book: self._holder(book) for book in BOOKS},
            dict.fromkeys(BOOKS, demo.READER),
            witness.said,
        )
        self._begin_anew()
        return was_killed, iter(broken(world))

    def _holder(self, book: str) -> str | None:
        with self._store.reading() as connection:
            loan = queries.open_loan_of_item(connection, ItemId(book))
        return None if loan is None else loan.patron.reveal()

    def _begin_anew(self) -> None:
        """Central forgets what the play did: the next one begins with all books on their shelves."""
        with self._store.writing() as connection:
            for table in (tables.marks, tables.loans):
                connection.execute(delete(table).where(table.c.item.in_(BOOKS)))

    def close(self) -> None:
        """Ends central."""
        self._store.close()
        self._central.end()
