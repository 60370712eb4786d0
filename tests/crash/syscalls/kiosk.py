"""A whole terminal in one thread, over a real file and a real socket; its devices are in memory, its screen a witness.

Time is the machine's for the network and virtual for everything else, so that every play makes the same calls.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.link import DeviceLost, Link
from drivers.link.clock import RealClock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.tcp import open_tcp
from drivers.masked import Masked
from drivers.rfid import obid_pad
from drivers.sim.obid_reader import ObidReader
from kiosk.runtime.build import Snapshots, Surroundings, assemble
from kiosk.runtime.devices import Devices
from kiosk.workflow.events import CardCame, Chosen
from kiosk.workflow.view import Borrowing, Notice, Shown, Status, Summary, View, Welcome
from sync.central import demo
from sync.journal.journal import Journal
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings
from sync.snapshot.content import Snapshot
from tests.crash.syscalls.witness import Witness, witnessed_tag
from tests.crash.talking import CLOCK
from tests.kit.demo_server import PASSWORD, TERMINAL
from tests.kit.recording import NoCards
from tests.kit.rig import JOURNAL, KEYS, OFFLINE, with_settings
from tests.kit.snapshots import OneSnapshot

TURN_SECONDS = 0.05
PATIENCE_SECONDS = 400.0
SAID = (Status.LENT, Status.LENT_PROVISIONALLY)


class CrankedKiosk:
    """The terminal over the journal *path* and central's SIP2 *port*; *witness* outlives it."""

    def __init__(self, path: Path, port: int, witness: Witness, snapshot: Snapshot) -> None:
        self._clock = VirtualClock(CLOCK.now())
        self._port = port
        self._witness = witness
        self._reader = ObidReader(self._clock)
        self._view: View | None = None
        self._notices: tuple[Notice, ...] = ()
        self.is_cut = False
        self.journal = Journal.open(path, KEYS, self._clock.now, JOURNAL)
        settings = Sip2Settings(
            profile=profile("central"), institution=demo.INSTITUTION, user=TERMINAL, password=PASSWORD
        )
        around = Surroundings(
            clock=self._clock,
            log=QuietLog(),
            show=self._show,
            chance=random.Random(7).random,
            idle=lambda seconds: self._clock.wait(min(seconds, TURN_SECONDS)),
        )
        self._kiosk = assemble(
            with_settings(needs_pin=False, has_scanner=False, offline=OFFLINE),
            self.journal,
            Sip2Server(self._connect, settings, RealClock()),
            Devices(pad=self._pad, card_reader=NoCards),
            around,
            status_seconds=10.0,
            snapshots=Snapshots(OneSnapshot(snapshot), 3600.0),
        )

    def _connect(self) -> Link:
        if self.is_cut:
            raise DeviceLost("connection refused")
        return open_tcp("127.0.0.1", self._port, RealClock())

    def _pad(self) -> obid_pad.ObidPad:
        return obid_pad.open(obid_pad.ObidPadSettings(), MemoryLink(self._reader, self._clock), self._clock)

    def _show(self, shown: Shown) -> None:
        self._view, self._notices = shown.view, shown.notices
        if isinstance(shown.view, Borrowing | Summary):
            for line in shown.view.lines:
                if line.status in SAID:
                    self._witness.say_lent(str(line.item))

    # --- The play

    def borrow(self, reader: str, books: Sequence[str]) -> None:
        """A reader borrows *books*, and takes them along."""
        tags = [witnessed_tag(book, self._witness) for book in books]
        self._until(lambda: isinstance(self._view, Welcome))
        self._kiosk.post(CardCame(Masked(reader)))
        self._reader.lay(*tags)
        self._until(lambda: self._is_done_with(books))
        self._kiosk.post(Chosen("finish"))
        self._until(lambda: isinstance(self._view, Summary))
        self._reader.take(*(tag.uid for tag in tags))
        self._until(lambda: isinstance(self._view, Welcome))

    def until_away(self) -> None:
        """Turns until the terminal has noticed that central cannot be reached."""
        self._until(
            lambda: Notice.SERVER_AWAY in self._notices or Notice.LENDING_PROVISIONALLY in self._notices
        )

    def lay(self, books: Sequence[str]) -> None:
        """*books* lie on the pad as the witness saw them last."""
        self._reader.lay(*(witnessed_tag(book, self._witness) for book in books))

    def catch_up(self) -> None:
        """Turns until nobody is served and every entry is settled."""
        self._until(
            lambda: (
                isinstance(self._view, Welcome)
                and self._kiosk.desk.open_count == 0
                and self._kiosk.uplink_pump.backlog == 0
                and not self.journal.unsettled()
            )
        )

    def close(self) -> None:
        """Ends it in order."""
        self._kiosk.stop()

    def _is_done_with(self, books: Sequence[str]) -> bool:
        view = self._view
        return isinstance(view, Borrowing) and len(view.lines) == len(books) and not view.is_busy

    def _until(self, condition: Callable[[], bool]) -> None:
        deadline = self._clock.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self._clock.monotonic() < deadline, f"it never came to this; shown is {self._view}"
            self._turn()

    def _turn(self) -> None:
        for pump in self._kiosk.pumps:
            pump.turn()


class QuietLog:
    """A log that nobody reads, so that it makes no calls that would be counted."""

    def info(self, sentence: str, **facts: object) -> None:
        """Nothing."""

    def warning(self, sentence: str, **facts: object) -> None:
        """Nothing."""

    def error(self, sentence: str, **facts: object) -> None:
        """Nothing."""

    def failure(self, sentence: str, mistake: BaseException, **facts: object) -> None:
        """Stops the play: a mistake of ours must not go by."""
        raise AssertionError(sentence) from mistake
