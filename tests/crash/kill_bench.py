"""A real kiosk process between a real central and far ends on ptys, to be killed."""

from __future__ import annotations

import csv
import io
import socket
from pathlib import Path

from drivers.sim.card_serving import CardServing
from drivers.sim.obid_reader import ObidReader
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.serve import serve_pty
from drivers.sim.shelf import item_tag
from drivers.sim.tag import SimulatedTag
from kiosk.demo.settings_file import CHECKER, TERMINAL, write_settings
from kiosk.sim.cards import library_card
from sync.central import demo
from sync.central.circulation.returning import check_in
from sync.central.settings import CentralSettings
from sync.central.store import queries
from sync.central.store.store import Store
from sync.entries import ItemId
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from tests.crash.invariants import World
from tests.crash.talking import CLOCK, Child, Forked, Talk

READERS = (demo.READER, demo.READER_ENGLISH, demo.READER_STAFF, demo.READER_SENIOR, demo.READER_RARE_NAME)


def ordinary_books() -> list[str]:
    """Items of the demo library that anybody may borrow now."""
    lists = {name: _rows(content) for name, content in demo.library().items()}
    taken = {row["item"] for name in ("loans", "holds") for row in lists[name]}
    return [
        row["number"]
        for row in lists["items"]
        if row["item_type"] == "book"
        and row["number"] not in taken
        and not any(row[column] for column in ("condition", "age_min_years", "parts", "stays_secured"))
        and row["collection"] not in ("reference", "special", "series", "periodicals")
    ]


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


class KillBench:
    """Everything around the kiosk, in *folder*; *server* is the program that forks kiosks."""

    def __init__(self, folder: Path, server: str = "tests.crash.fork_server") -> None:
        self._folder = folder
        self._place = folder / "fork"
        self._forks = Talk(
            Child(["-m", server, str(self._place)], folder / "kiosk.log"), folder / "kiosk.log"
        )
        self.reader = ObidReader(CLOCK)
        self.tags: dict[str, SimulatedTag] = {}
        self.readers: dict[str, str] = {}
        self.said_lent: set[str] = set()
        self._told = 0
        secrets = write_settings(folder, folder / "kiosk.toml", "en", {})
        self._database = folder / "central.db"
        arguments = [
            *("-m", "kiosk", "central", "--demo", "--rest-port", "-1", "--sip2-port", "0"),
            *(
                "--database",
                f"sqlite:///{self._database}",
                "--terminal",
                f"{TERMINAL}={secrets[TERMINAL]}",
            ),
            *("--terminal", f"{CHECKER}={secrets[CHECKER]}"),
        ]
        self._central = Talk(Child(arguments, folder / "central.log"), folder / "central.log")
        self._central.until(lambda: bool(self._central.said), "central did not start", 40)
        self._pad = serve_pty(self.reader, folder / "pad")
        self._scanner = serve_pty(ScannerFarEnd(CLOCK), folder / "scanner")
        card_port = _free_port()
        self.card_place = CardServing("127.0.0.1", card_port)
        table = {
            "pad": self._pad.url,
            "scanner": self._scanner.url,
            "card_reader": f"vpcd://127.0.0.1:{card_port}",
            "network": f"tcp://127.0.0.1:{self._central.said[0]['sip2_port']}",
        }
        write_settings(folder, folder / "kiosk.toml", "en", table)
        self._forks.until(lambda: bool(self._forks.said), "the fork server did not start")
        self.kiosk = self._start()

    def _start(self) -> Talk:
        return Talk(Forked(self._place, self._folder / "kiosk.toml"), self._folder / "kiosk.log")

    def view(self) -> str:
        """Which view was shown last."""
        return next((said["view"] for said in reversed(self.kiosk.said) if "view" in said), "")

    def lines(self) -> dict[str, str]:
        """The lines of the list shown last."""
        return next((said["lines"] for said in reversed(self.kiosk.said) if said.get("lines")), {})

    def wait_for(self, view: str) -> None:
        """Waits until *view* is shown."""
        self.kiosk.until(lambda: self.view() == view, f"{view} was not shown")

    def begin(self, reader: str, books: list[str]) -> None:
        """Books on the pad, card, PIN: the session is about to lend them."""
        self.wait_for("Welcome")
        for book in books:
            self.tags[book] = item_tag(book)
            self.readers[book] = reader
        self.reader.lay(*(self.tags[book] for book in books))
        self.card_place.put(library_card(reader, CLOCK))
        self.wait_for("EnterPin")
        self.kiosk.tell(pin=demo.PIN)

    def kill(self) -> None:
        """Kills the kiosk; what its screen had said by then is kept."""
        self.kiosk.kill()
        for said in self.kiosk.said:
            self.said_lent |= {item for item, status in said.get("lines", {}).items() if status == "lent"}

    def start_again(self) -> None:
        """Starts the kiosk after a kill, with nobody's card on the reader."""
        self.card_place.take()
        self.kiosk = self._start()

    def come_back(self) -> None:
        """Waits until the kiosk, started again, has nothing in doubt any more."""
        self.wait_for("Welcome")
        reports = 0

        def is_settled() -> bool:
            nonlocal reports
            reports += 1
            self.kiosk.tell(report=reports)
            self.kiosk.until(lambda: any(s.get("report") == reports for s in self.kiosk.said), "no report")
            last = next(s for s in reversed(self.kiosk.said) if "report" in s)
            return bool(last["open"] == 0 and last["backlog"] == 0)

        self.kiosk.until(is_settled, "something stays in doubt", 40)

    def clear_pad(self, books: list[str]) -> None:
        """The books are taken away."""
        self.reader.take(*(self.tags[book].uid for book in books))

    def world(self) -> World:
        """Ends the kiosk in order and asks all witnesses about the books that came since they were last taken back."""
        self.kiosk.end(0)
        journal = Journal.open(
            self._folder / "journal.db", JournalKeys.from_file(self._folder / "journal.key"), CLOCK.now
        )
        entries = tuple(reversed(journal.entries(limit=1_000_000)))
        journal.close()
        since, self._told = entries[self._told :], len(entries)
        return World(
            since,
            {book: (tag.afi,) for book, tag in self.tags.items()},
            {book: self._holder(book) for book in self.tags},
            self.readers,
            frozenset(self.said_lent),
        )

    def take_back(self) -> None:
        """Staff check in every book that was brought, and the next readers find a running kiosk."""
        store = Store(f"sqlite:///{self._database}")
        settings = CentralSettings(f"sqlite:///{self._database}", currency=demo.CURRENCY, zone=demo.ZONE)
        try:
            with store.writing() as connection:
                for book in self.tags:
                    check_in(connection, settings.library(CLOCK), ItemId(book), "desk")
        finally:
            store.close()
        self.tags.clear()
        self.readers.clear()
        self.said_lent.clear()
        self.start_again()

    def _holder(self, book: str) -> str | None:
        store = Store(f"sqlite:///{self._database}")
        try:
            with store.reading() as connection:
                loan = queries.open_loan_of_item(connection, ItemId(book))
        finally:
            store.close()
        return None if loan is None else loan.patron.reveal()

    def close(self) -> None:
        """Ends everything that was started here."""
        self.card_place.close()
        self._pad.close()
        self._scanner.close()
        self._central.end()
        self._forks.end(0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
