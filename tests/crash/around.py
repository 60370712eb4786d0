"""What stands around a kiosk process that is to be killed: a real central, far ends on ptys, and the witnesses."""

from __future__ import annotations

import csv
import io
import socket
from pathlib import Path

from drivers.sim.bookcheck import BookCheckFarEnd
from drivers.sim.card_serving import CardServing
from drivers.sim.obid_reader import ObidReader
from drivers.sim.remote import ServedControl
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.serve import serve_pty, serve_tcp
from drivers.sim.shelf import item_tag
from drivers.sim.tag import SimulatedTag
from kiosk.demo.settings_file import CHECKER, TERMINAL, write_settings
from kiosk.sim.cards import library_card
from sync.central import demo
from sync.central.circulation.returning import check_in
from sync.central.settings import CentralSettings
from sync.central.store import queries
from sync.central.store.store import Store
from sync.entries import Entry, ItemId
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from tests.crash.invariants import RELEASED_AFI, World
from tests.crash.talking import CLOCK, Child, Talk

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


SWITCHED_OFF = frozenset(("printer", "payment-terminal", "qr-payment"))
"""Nobody pays or prints here: by these names the kiosk says what it has and cannot reach."""


class Around:
    """Everything around a kiosk, in *folder*, where its configuration stands too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "kiosk.toml"
        self.reader = ObidReader(CLOCK)
        self.tags: dict[str, SimulatedTag] = {}
        self.readers: dict[str, str] = {}
        self._told = 0
        secrets = write_settings(folder, self.configuration, "en", {})
        self._database = f"sqlite:///{folder / 'central.db'}"
        arguments = [
            *("-m", "kiosk", "central", "--demo", "--rest-port", "-1", "--sip2-port", "0"),
            *("--database", self._database, "--terminal", f"{TERMINAL}={secrets[TERMINAL]}"),
            *("--terminal", f"{CHECKER}={secrets[CHECKER]}"),
        ]
        self._central = Talk(Child(arguments, folder / "central.log"), folder / "central.log")
        self._central.until(lambda: bool(self._central.said), "central did not start", 40)
        self._pad = serve_pty(self.reader, folder / "pad")
        self._scanner = serve_pty(ScannerFarEnd(CLOCK), folder / "scanner")
        self._strip_unit = serve_tcp(ServedControl(BookCheckFarEnd(CLOCK)))
        card_port = _free_port()
        self.card_place = CardServing("127.0.0.1", card_port)
        table = {
            "pad": self._pad.url,
            "scanner": self._scanner.url,
            "strip_unit": f"usb+{self._strip_unit.url}",
            "card_reader": f"vpcd://127.0.0.1:{card_port}",
            "network": f"tcp://127.0.0.1:{self._central.said[0]['sip2_port']}",
            **dict.fromkeys(("printer", "card_terminal", "payment_backend"), "tcp://127.0.0.1:9"),
        }
        write_settings(folder, self.configuration, "en", table)

    def bring(self, reader: str, books: list[str]) -> None:
        """*reader* lays *books* on the pad and the card on its place."""
        for book in books:
            self.tags[book] = item_tag(book)
            self.readers[book] = reader
        self.reader.lay(*(self.tags[book] for book in books))
        self.card_place.put(library_card(reader, CLOCK))

    def clear_pad(self, books: list[str]) -> None:
        """The books are taken away."""
        self.reader.take(*(self.tags[book].uid for book in books))

    @property
    def released(self) -> set[str]:
        """The books that a gate would let pass."""
        return {book for book, tag in self.tags.items() if tag.afi == RELEASED_AFI}

    def entries(self) -> tuple[Entry, ...]:
        """The journal's entries in their order; the kiosk has to be gone."""
        keys = JournalKeys.from_file(self.folder / "journal.key")
        journal = Journal.open(self.folder / "journal.db", keys, CLOCK.now)
        try:
            return tuple(reversed(journal.entries(limit=1_000_000)))
        finally:
            journal.close()

    def witnesses(self, said_lent: frozenset[str] = frozenset()) -> World:
        """What all witnesses say about the books since they were last taken back; the kiosk has to be gone."""
        entries = self.entries()
        since, self._told = entries[self._told :], len(entries)
        return World(
            since,
            {book: (tag.afi,) for book, tag in self.tags.items()},
            {book: self._holder(book) for book in self.tags},
            dict(self.readers),
            said_lent,
        )

    def check_in_all(self) -> None:
        """Staff check in every book that was brought."""
        store = Store(self._database)
        settings = CentralSettings(self._database, currency=demo.CURRENCY, zone=demo.ZONE)
        try:
            with store.writing() as connection:
                for book in self.tags:
                    check_in(connection, settings.library(CLOCK), ItemId(book), "desk")
        finally:
            store.close()
        self.tags.clear()
        self.readers.clear()

    def _holder(self, book: str) -> str | None:
        store = Store(self._database)
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
        self._strip_unit.close()
        self._central.end()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
