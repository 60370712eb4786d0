"""The hand-cranked kiosk: desk, session, journal, uplink, SIP2 client and drivers are real, on far ends, threadless.

Time is virtual and passes where a real kiosk would wait.  The verbs do what a reader, a book or a cable does; each lets
the kiosk turn until it is quiet.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from drivers.barcode import serial_scanner
from drivers.card import pcsc_card
from drivers.gpio import book_drop
from drivers.link import DeviceLost
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.memory_card import MemoryApduLink
from drivers.link.memory_lines import MemoryLineLink
from drivers.masked import Masked, Secret
from drivers.payment import zvt_terminal
from drivers.payment.zvt_terminal import ZvtTerminalSettings
from drivers.printer import escpos_printer
from drivers.rfid import obid_pad
from drivers.sim import book_drop as lines
from drivers.sim.book_drop import BookDropFarEnd
from drivers.sim.escpos_printer import EscposPrinterFarEnd
from drivers.sim.obid_reader import ObidReader
from drivers.sim.qr_backend import QrBackendFarEnd
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.shelf import item_tag
from drivers.sim.tag import SimulatedTag
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd
from kiosk.runtime.build import Devices, Kiosk, Snapshots, Surroundings, assemble
from kiosk.runtime.tills import TillParts
from kiosk.sim.cards import library_card
from kiosk.workflow.events import Chosen, NumberEntered, PinEntered
from kiosk.workflow.settings import SessionSettings, Strips
from kiosk.workflow.view import (
    BackLine,
    BackStatus,
    BackSummary,
    BookDropping,
    Borrowing,
    Choice,
    DropStep,
    GivingBack,
    Language,
    Line,
    Notice,
    Shown,
    Status,
    Summary,
    View,
)
from sync.central import demo
from sync.entries import Entry, EntryKey, Intended, Lend, Means, Renew, Row
from sync.journal.errors import JournalFull
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.journal.room import RoomLeft
from sync.journal.settings import JournalSettings
from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.servers.pay import HttpPaymentBackend
from sync.snapshot.content import Snapshot
from tests.kit.demo_server import TERMINAL, DemoServer
from tests.kit.payment_bench import password_in
from tests.kit.qr_bench import MemoryExchange
from tests.kit.recording import KeptLog
from tests.kit.strip_place import BookCheckPlace, StripPlace

RELEASED_AFI = 0xC2
SETTINGS = SessionSettings(
    library="Demo Library",
    patron_number_pattern=r"2\d{13}",
    item_number_pattern=r"3\d{13}",
    owners=("CN-",),
    language=Language.ENGLISH,
)
KEYS = JournalKeys.from_secret(bytes(range(32)))
JOURNAL = JournalSettings(reserve_bytes=2**16, margin_bytes=0)
OFFLINE = OfflinePolicy(OfflineLending.WITHIN_LIMITS)
DROP_WIRED = book_drop.BookDropSettings(
    entry=lines.ENTRY,
    passed=lines.PASSED,
    flap=lines.FLAP,
    bin_full=lines.BIN_FULL,
    flap_shut=lines.FLAP_SHUT,
    diverters={"2": lines.DIVERTER},
    active_low=lines.INPUTS,
)
LOOK_SECONDS = 5.0
TURN_SECONDS = 0.02
"""How far time goes where a pump waits for another one."""

V = TypeVar("V", bound=View)


class _Plug:
    """A far end behind a cable: opens links to it while it is plugged in."""

    def __init__(self, connect: Callable[[], MemoryLink]) -> None:
        self._connect = connect
        self.link: MemoryLink | None = None
        self.is_in = True

    def open(self) -> MemoryLink:
        if not self.is_in:
            raise DeviceLost("no such device")
        self.link = self._connect()
        return self.link

    def pull(self) -> None:
        self.is_in = False
        if self.link is not None:
            self.link.unplug()


class RigJournal(Journal):
    """A journal whose disk can be filled: then it takes only what was begun, as the reserve lets it."""

    is_full = False

    def append(self, rows: Sequence[Row]) -> dict[EntryKey, int]:
        """As `Journal.append`."""
        begun = (row.promise for row in rows if isinstance(row, Intended))
        if self.is_full and any(isinstance(promise, Lend | Renew) for promise in begun):
            raise JournalFull("no space left on this disk")
        return super().append(rows)

    def room(self) -> RoomLeft:
        """As `Journal.room`."""
        return RoomLeft(True, 0, True) if self.is_full else super().room()


class _LastSnapshot:
    """`Source` of the snapshot that was made last, as a file would give it: once to every start."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._given: Snapshot | None = None

    def newest(self) -> Snapshot | None:
        if self._rig.snapshot is self._given:
            return None
        self._given = self._rig.snapshot
        return self._given


class Rig:
    """A kiosk on a table with books, cards and cables; *folder* takes its journal and the server's database.

    Where the *settings* let it lend by itself, it has a snapshot that *server*, its own unless given, made at first.
    Two rigs of one server share their *clock*, so that time passes for both.  Its strip unit does what a unit promises
    at once; with *bookcheck* it is the real driver over the far end of one.
    """

    def __init__(
        self,
        folder: Path,
        settings: SessionSettings = SETTINGS,
        server: DemoServer | None = None,
        terminal: str = TERMINAL,
        clock: VirtualClock | None = None,
        *,
        bookcheck: bool = False,
    ) -> None:
        self.clock = VirtualClock() if clock is None else clock
        self.log = KeptLog()
        self.settings = settings
        self.terminal = terminal
        self.server = server or DemoServer(folder, self.clock)
        self.reader = ObidReader(self.clock)
        self.scanner = ScannerFarEnd(self.clock)
        self.printer = EscposPrinterFarEnd(self.clock)
        self.chute = BookDropFarEnd(self.clock)
        self.chute.fell = self._fell
        self.strips = StripPlace(self.clock, is_blind=not settings.strip_unit_senses)
        self.bookcheck = BookCheckPlace(self.strips) if bookcheck else None
        self.card_link = MemoryApduLink(self.clock)
        self.card_terminal = ZvtTerminalFarEnd(self.clock)
        self.card_terminal.card = CardChoice.APPROVE
        self.wallet = QrBackendFarEnd(self.clock)
        self.terminal_plug = _Plug(lambda: MemoryLink(self.card_terminal, self.clock))
        self._till_settings = ZvtTerminalSettings(password_in(folder), currency=settings.currency)
        self.pad_plug = _Plug(lambda: MemoryLink(self.reader, self.clock))
        self.scanner_plug = _Plug(lambda: MemoryLink(self.scanner, self.clock))
        self.printer_plug = _Plug(lambda: MemoryLink(self.printer, self.clock))
        self.shown: list[Shown] = []
        self.tags: dict[str, list[SimulatedTag]] = {}
        self.snapshot: Snapshot | None = None
        self._path = folder / "journal.db"
        self._card_plugged = True
        if settings.offline.lend is OfflineLending.WITHIN_LIMITS:
            self.make_snapshot()
        self.kiosk = self._started()

    # --- The kiosk itself

    def _started(self) -> Kiosk:
        journal = RigJournal.open(self._path, KEYS, self.clock.now, JOURNAL)
        assert isinstance(journal, RigJournal)
        self.journal = journal
        around = Surroundings(
            clock=self.clock,
            log=self.log,
            show=self.shown.append,
            chance=random.Random(7).random,
            idle=lambda seconds: self.clock.wait(min(seconds, TURN_SECONDS)),
        )
        devices = Devices(
            self._open_pad,
            self._open_scanner,
            self._open_card_reader,
            self._open_printer if self.settings.has_printer else None,
            self._strip_unit.open if self.settings.strips is not Strips.NONE else None,
            self._open_drop if self.settings.drop is not None else None,
        )
        return assemble(
            self.settings,
            self.journal,
            self.server.client(self.clock, self.terminal),
            devices,
            around,
            status_seconds=30.0,
            snapshots=Snapshots(_LastSnapshot(self), LOOK_SECONDS),
            tills_of=self._tills(),
        )

    def _tills(self) -> TillParts:
        """Those that the settings name; both far ends are there anyhow, and remember across restarts."""
        means = self.settings.means
        backend = HttpPaymentBackend(MemoryExchange(self.wallet, self.clock), 5.0)
        return TillParts(
            self._open_terminal if Means.CARD in means else None, backend if Means.QR in means else None
        )

    def _open_terminal(self) -> zvt_terminal.ZvtTerminal:
        self.card_terminal.hang_up()
        return zvt_terminal.open(self._till_settings, self.terminal_plug.open(), self.clock)

    def make_snapshot(self) -> None:
        """Central makes a snapshot now; the terminal finds it when it looks next."""
        number = 1 if self.snapshot is None else self.snapshot.number + 1
        self.snapshot = self.server.snapshot(self.terminal, number)

    def _open_pad(self) -> obid_pad.ObidPad:
        settings = obid_pad.ObidPadSettings(reads_extensions=self.settings.strips is Strips.ALL)
        return obid_pad.open(settings, self.pad_plug.open(), self.clock)

    def _open_scanner(self) -> serial_scanner.SerialScanner:
        return serial_scanner.open(
            serial_scanner.SerialScannerSettings(), self.scanner_plug.open(), self.clock
        )

    def _open_card_reader(self) -> pcsc_card.PcscCardReader:
        if not self._card_plugged:
            raise DeviceLost("no such reader")
        settings = pcsc_card.PcscCardSettings(source=pcsc_card.NumberSource.NDEF)
        return pcsc_card.open(settings, self.card_link, self.clock)

    def _open_printer(self) -> escpos_printer.EscposPrinter:
        settings = escpos_printer.EscposPrinterSettings()
        return escpos_printer.open(settings, self.printer_plug.open(), self.clock)

    def _open_drop(self) -> book_drop.LineBookDrop:
        return book_drop.open(DROP_WIRED, MemoryLineLink(self.chute, self.clock), self.clock)

    def turn(self, times: int = 1) -> None:
        """One turn of every pump, *times* over."""
        for _ in range(times):
            for pump in self.kiosk.pumps:
                pump.turn()

    def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Turns until *condition* holds; fails when *seconds* of virtual time were not enough."""
        deadline = self.clock.monotonic() + seconds
        while not condition():
            assert self.clock.monotonic() < deadline, f"not within {seconds} s; shown is {self.view}"
            self.turn()

    def settle(self) -> None:
        """Turns until nothing is under way: readings stable, lines done, nothing handed over unwritten."""
        self.turn(8)
        self.until(lambda: not self.is_busy)

    @property
    def is_busy(self) -> bool:
        """Whether a line of the session is on its way somewhere."""
        view = self.view
        if isinstance(view, BookDropping):
            return view.step in (DropStep.READING, DropStep.WORKING, DropStep.MOVING)
        return isinstance(view, Borrowing | GivingBack) and view.is_busy

    def crash(self) -> None:
        """Ends the kiosk as a power cut does: nothing that was handed over and not written is written."""
        self.journal.close()
        self._strip_unit.cut()
        for plug in (self.pad_plug, self.scanner_plug, self.printer_plug, self.terminal_plug):
            if plug.link is not None:
                plug.link.close()
        self.server.cut(self.terminal)
        self.server.mend(self.terminal)

    def restart(self) -> None:
        """Starts the kiosk again, on the same journal, and lets it turn until it is quiet."""
        self.restart_at_once()
        self.settle()

    def restart_at_once(self) -> None:
        """Starts the kiosk again, on the same journal; nothing has turned since."""
        self.card_link = MemoryApduLink(self.clock)
        self.kiosk = self._started()

    def close(self) -> None:
        """Ends everything."""
        self.kiosk.stop()
        self.server.close()

    # --- What a reader does

    def lay(self, *items: str | SimulatedTag) -> None:
        """Lays items on the pad, by number or by their tags."""
        for thing in items:
            if isinstance(thing, str):
                tags = self.tags.setdefault(thing, [item_tag(thing)])
                self.reader.lay(*tags)
            else:
                self.reader.lay(thing)
        self.settle()

    def lift(self, *items: str) -> None:
        """Takes items off the pad."""
        for item in items:
            self.reader.take(*(tag.uid for tag in self.tags[item]))
        self.settle()

    def insert(self, item: str, *tags: SimulatedTag) -> None:
        """Puts an item into the book drop, its tags in reach of the pad there; *tags* where they are not its own."""
        put = list(tags) or self.tags.setdefault(item, [item_tag(item)])
        self.tags.setdefault(item, put)
        self.chute.insert(item)
        self.reader.lay(*put)
        self.settle()

    def take_out(self) -> None:
        """Takes out what lies in front of the flap."""
        item = self.chute.take_out()
        if item is not None:
            self._fell(item)
        self.settle()

    def _fell(self, item: str) -> None:
        """What left the place in front of the flap is out of the pad's reach."""
        self.reader.take(*(tag.uid for tag in self.tags.get(item, [])))

    def show_card(self, number: str = demo.READER) -> None:
        """Lays a library card on the card reader."""
        self.card_link.put(library_card(number, self.clock))
        self.settle()

    def take_card(self) -> None:
        """Takes the card away."""
        self.card_link.take()
        self.settle()

    def scan(self, code: str) -> None:
        """Scans a barcode (Codabar, as library labels are)."""
        self.scanner.scan(code, "F0")
        self.settle()

    def slide(self, item: str) -> None:
        """Passes an item over the strip unit."""
        self._strip_unit.slide(item)
        self._strips_settle()

    def put_on_unit(self, item: str) -> None:
        """Lays an item on the strip unit, where it stays."""
        self._strip_unit.lay(item)
        self._strips_settle()

    def lift_from_unit(self) -> None:
        """Takes away what lies on the strip unit."""
        self._strip_unit.lift()
        self._strips_settle()

    @property
    def _strip_unit(self) -> StripPlace | BookCheckPlace:
        return self.bookcheck or self.strips

    def _strips_settle(self) -> None:
        """A real unit needs its time for what crosses it."""
        if self.bookcheck is not None:
            self.pass_time(4.0)
        self.settle()

    def pin(self, digits: str = demo.PIN) -> None:
        """Types a PIN."""
        self.kiosk.post(PinEntered(Secret(digits)))
        self.settle()

    def type_number(self, number: str) -> None:
        """Types a card number."""
        self.kiosk.post(NumberEntered(Masked(number)))
        self.settle()

    def choose(self, choice: str) -> None:
        """Touches what the view offers as *choice*; it has to be offered."""
        offered = [one.id for one in self.choices if one.enabled]
        assert choice in offered, f"{choice} is not among {offered} of {self.view}"
        self.kiosk.post(Chosen(choice))
        self.settle()

    def begin(self, number: str = demo.READER) -> None:
        """Card and PIN: a session runs afterwards."""
        self.show_card(number)
        self.pin()

    def pass_time(self, seconds: float) -> None:
        """Lets time go by with nobody doing anything."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.turn()

    # --- What happens around

    def cut_network(self) -> None:
        """The server cannot be reached any more."""
        self.server.cut(self.terminal)

    def mend_network(self) -> None:
        """The server can be reached again; lets the kiosk notice."""
        self.server.mend(self.terminal)
        self.settle()

    def fill_disk(self) -> None:
        """The journal's disk is full from now on; the terminal has not looked yet."""
        self.journal.is_full = True

    def clear_disk(self) -> None:
        """There is room again; lets the terminal notice."""
        self.journal.is_full = False
        self.pass_time(30)

    def unplug_pad(self) -> None:
        """The pad's cable is pulled."""
        self.pad_plug.pull()
        self.turn(4)

    def plug_pad(self) -> None:
        """The pad's cable is put back; lets the kiosk find it."""
        self.pad_plug.is_in = True
        self.until(lambda: not self.shown or "PAD_AWAY" not in repr(self.shown[-1].notices))
        self.settle()

    def unplug_card_reader(self) -> None:
        """The card reader's cable is pulled."""
        self._card_plugged = False
        self.card_link.unplug()
        self.turn(4)

    def plug_card_reader(self) -> None:
        """A card reader is there again; the kiosk has not looked yet."""
        if not self._card_plugged:
            self.card_link = MemoryApduLink(self.clock)
            self._card_plugged = True

    def unplug_strips(self) -> None:
        """The strip unit's cable is pulled."""
        self._strip_unit.is_plugged = False
        self.turn(4)

    def plug_strips(self) -> None:
        """The strip unit's cable is put back; lets the kiosk find it."""
        self._strip_unit.is_plugged = True
        self.until(lambda: not self.shown or Notice.STRIP_UNIT_AWAY not in self.shown[-1].notices)
        self.settle()

    # --- What can be seen

    @property
    def view(self) -> View | None:
        """What the screen shows, None before the first view."""
        return self.shown[-1].view if self.shown else None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What the view offers, its own and its lines' choices."""
        view = self.view
        assert view is not None
        lists = (getattr(view, name, None) or () for name in ("lines", "loans", "fees"))
        return (*view.choices, *(choice for lines in lists for line in lines for choice in line.choices))

    def seen(self, kind: type[V]) -> V:
        """The view, which has to be a *kind*."""
        assert isinstance(self.view, kind), f"{kind.__name__} is wanted, shown is {self.view}"
        return self.view

    def line(self, item: str) -> Line:
        """The line of *item* in the list or the summary."""
        view = self.view
        assert isinstance(view, Borrowing | Summary), f"no list is shown but {view}"
        return next(line for line in view.lines if line.id == item)

    def back_line(self, item: str) -> BackLine:
        """The line of *item* in the list, or the summary, of what is given back."""
        view = self.view
        assert isinstance(view, GivingBack | BackSummary), f"nothing is given back, shown is {view}"
        return next(line for line in view.lines if line.id == item)

    def back_statuses(self) -> dict[str, BackStatus]:
        """How everything that is given back stands, by its id."""
        view = self.view
        assert isinstance(view, GivingBack | BackSummary), f"nothing is given back, shown is {view}"
        return {line.id: line.status for line in view.lines}

    def lend(self, number: str, *items: str) -> None:
        """Somebody at the desk lends *items*, and releases their tags."""
        for item in items:
            self.server.desk_lends(number, item)
            for tag in self.tags.setdefault(item, [item_tag(item)]):
                tag.afi = RELEASED_AFI

    def statuses(self) -> dict[str, Status]:
        """Every line's status by its id."""
        view = self.view
        assert isinstance(view, Borrowing | Summary), f"no list is shown but {view}"
        return {line.id: line.status for line in view.lines}

    @property
    def released(self) -> set[str]:
        """The items all of whose tags a gate would let pass."""
        return {item for item, tags in self.tags.items() if all(tag.afi == RELEASED_AFI for tag in tags)}

    @property
    def inactive(self) -> set[str]:
        """The items whose strips a gate would let pass."""
        return {number for number, item in self.strips.items.items() if not item.is_active}

    def entries(self) -> tuple[Entry, ...]:
        """All entries of the journal, oldest first."""
        return tuple(reversed(self.journal.entries()))


def with_settings(**changes: object) -> SessionSettings:
    """The rig's settings with *changes*."""
    return replace(SETTINGS, **changes)  # type: ignore[arg-type]
