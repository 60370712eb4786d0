"""The composition root: the one place that knows real classes.

`assemble` connects pumps, desk and outlets from parts; `build` makes the parts from a configuration.  A test hands
`assemble` parts that lead to far ends and cranks what comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from drivers.link import Clock
from kiosk.config.loading import Configuration
from kiosk.engine.control import ControlSocket
from kiosk.engine.inbox import Inbox
from kiosk.engine.journal_pump import JournalPump
from kiosk.engine.logs import Log
from kiosk.engine.pump import Pump
from kiosk.engine.threads import PumpThreads
from kiosk.engine.uplink_pump import Enter, UplinkPump
from kiosk.engine.work_pump import WorkPump
from kiosk.journal_desk.ledger import LedgerPlace
from kiosk.journal_desk.ledger_over_socket import ledger_commands
from kiosk.journal_desk.over_socket import commands
from kiosk.runtime.books_pump import BooksPump, Remember
from kiosk.runtime.day_closing import DayClosingPump
from kiosk.runtime.desk import Desk
from kiosk.runtime.devices import Devices, device_pumps
from kiosk.runtime.dispatch import Dispatch
from kiosk.runtime.health import Health, OpenCases, OpenPayments, StripCounts
from kiosk.runtime.local_books import LocalBooks
from kiosk.runtime.open_entries import OpenEntries
from kiosk.runtime.opening import journal_keys, journal_settings, open_snapshots, opener
from kiosk.runtime.payment_guard import PaymentGuard
from kiosk.runtime.payments import Tills
from kiosk.runtime.printers import paper
from kiosk.runtime.recovery import recover
from kiosk.runtime.servers import open_server
from kiosk.runtime.session_settings import session_settings
from kiosk.runtime.snapshots import SnapshotPump, Snapshots
from kiosk.runtime.tills import TillParts, payment_commands, till_parts, tills
from kiosk.runtime.traffic import Arrival, replaces
from kiosk.workflow.events import Event, Moment
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.state import begin
from kiosk.workflow.view import Shown
from sync.entries import CaseClosed
from sync.identity import LEDGER_KEY
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.servers.ils import Server

__all__ = ["Devices", "Kiosk", "Snapshots", "Surroundings", "assemble", "build"]

STOP_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the machine gives: time, chance, a log, a screen, and signs of life for a supervisor.

    *idle* moves the time of a hand-cranked kiosk where a real one waits for another thread.
    """

    clock: Clock
    log: Log
    show: Callable[[Shown], None]
    chance: Callable[[], float]
    alive: Callable[[float], None] = lambda _: None
    idle: Callable[[float], None] | None = None


@dataclass(slots=True)
class Kiosk:
    """A terminal, ready to run.

    `post` takes touches from the screen, `case_closed` the row by which staff closed a case, once it is written: both
    from any thread.
    """

    desk: Desk
    journal_pump: JournalPump
    uplink_pump: UplinkPump
    other_pumps: tuple[Pump, ...]
    post: Callable[[Event], None]
    health: Health
    case_closed: Callable[[CaseClosed], None]
    tills: Tills
    _threads: PumpThreads
    _is_started: bool = field(default=False)

    @property
    def pumps(self) -> tuple[Pump, ...]:
        """All there is to turn; the journal first, so that a crank writes what the desk handed over."""
        return (self.journal_pump, *self.other_pumps, self.uplink_pump, self.desk)

    def start(self) -> None:
        """Gives every pump its thread."""
        self._is_started = True
        for pump in self.pumps:
            self._threads.start(pump)

    def stop(self) -> tuple[str, ...]:
        """Ends all, writes what is handed over, closes everything; the names of pumps that did not end in time."""
        stuck = self._threads.stop(STOP_SECONDS_MAX) if self._is_started else ()
        for pump in self.pumps:
            if pump.name not in stuck and not self._is_started:
                pump.close()
        if self.journal_pump.name not in stuck:
            self.journal_pump.shut()
        return stuck


def assemble(
    settings: SessionSettings,
    journal: Journal,
    server: Server,
    devices: Devices,
    around: Surroundings,
    status_seconds: float,
    snapshots: Snapshots | None = None,
    tills_of: TillParts | None = None,
) -> Kiosk:
    """A terminal of these parts, with what the journal left open settled or on its way.

    Without *snapshots* the books know what this terminal did, and nobody is lent anything by them; without *tills_of*
    nobody pays here.  Raises `JournalError` when what start-up settles cannot be written.
    """
    clock, log, idle = around.clock, around.log, around.idle
    recovered = recover(journal, clock.now(), clock.monotonic())
    refusals = journal.pin_refusals(clock.now() - timedelta(seconds=settings.pin_window_seconds))
    moment = Moment(clock.monotonic(), clock.now())
    state = begin(
        settings,
        journal.epoch,
        journal.boot,
        recovered.open_releases,
        refusals,
        moment,
        recovered.left_open,
        recovered.open_secures,
        recovered.open_payments,
    )
    log.info(
        "started",
        boot=journal.boot,
        open_releases=len(recovered.open_releases),
        open_secures=len(recovered.open_secures),
        open_payments=len(recovered.open_payments),
        in_doubt=len(recovered.in_doubt),
        fresh=len(recovered.fresh),
    )
    inbox: Inbox[Arrival] = Inbox(replaces=replaces, idle=idle)
    journal_pump = JournalPump(journal, inbox.post, log=log, monotonic=clock.monotonic, idle=idle)
    uplink = UplinkPump(
        server,
        inbox.post,
        clock=clock,
        chance=around.chance,
        log=log,
        status_seconds=status_seconds,
        idle=idle,
        epoch=journal.epoch,
        boot=journal.boot,
        clocks=journal.clocks(),
    )
    uplink.order(Enter(recovered.in_doubt, is_of_session=False, is_in_doubt=True))
    uplink.order(Enter(recovered.fresh, is_of_session=False))
    settled_cases = tuple(entry for entry in journal.open_cases() if entry.is_settled)
    books = BooksPump(LocalBooks(settings.offline, clock), inbox.post, log=log, idle=idle)
    # In the thread of the books: a month of loans is not indexed while the first reader waits.
    books.order(Remember((*recovered.open_entries, *settled_cases)))
    cases, counts = OpenCases(journal.case_keys()), StripCounts()
    payments = OpenPayments(recovered.open_entries)
    there = device_pumps(devices, settings, inbox.post, clock=clock, log=log, idle=idle)
    known_tills, till_pumps = tills(
        tills_of or TillParts(), settings, inbox.post, clock=clock, log=log, idle=idle
    )
    entries = OpenEntries(recovered.open_entries, recovered.undoings)
    desk = Desk(
        state,
        entries,
        inbox=inbox,
        write=journal_pump.write,
        outlets=Dispatch(
            uplink.order,
            there.pad_orders,
            there.strip_orders,
            there.printer_orders,
            books.order,
            cases,
            counts,
            payments,
            inbox.post,
            around.show,
            drop_orders=there.drop_orders,
            payment_orders=known_tills.order,
        ),
        clock=clock,
        log=log,
        alive=around.alive,
        guard=PaymentGuard(entries, settled_cases),
    )
    pumps: list[Pump] = [*there.pumps, *till_pumps, books]
    if snapshots is not None:
        look = snapshots.look_seconds
        pumps.append(SnapshotPump(snapshots.source, books.order, look_seconds=look, clock=clock, log=log))

    health = Health(lambda: desk.pulse, lambda: uplink.backlog, cases, counts, clock.now, payments)
    threads = PumpThreads(clock, log)
    return Kiosk(
        desk, journal_pump, uplink, tuple(pumps), inbox.post, health, inbox.post, known_tills, threads
    )


def build(configuration: Configuration, around: Surroundings) -> Kiosk:
    """The terminal that *configuration* describes.

    Raises `SettingsError` for what only shows when it is used, and `JournalError` when the journal cannot be had.
    """
    clock = around.clock
    keys = journal_keys(configuration)
    server = open_server(configuration, clock)
    snapshots = open_snapshots(configuration, clock)
    parts = till_parts(configuration, clock)
    care = journal_settings(configuration.journal)
    journal = Journal.open(configuration.journal.path, keys, clock.now, care)
    devices = Devices(
        pad=opener(configuration.pad, clock),
        scanner=opener(configuration.scanner, clock),
        card_reader=opener(configuration.card_reader, clock),
        printer=opener(configuration.printer, clock),
        strip_unit=opener(configuration.strip_unit, clock),
        book_drop=opener(configuration.book_drop, clock),
        document=paper(configuration, around.log),
    )
    try:
        kiosk = assemble(
            session_settings(configuration),
            journal,
            server,
            devices,
            around,
            configuration.server.status_seconds,
            snapshots,
            parts,
        )
        control = open_control(configuration, journal, keys, kiosk, around)
    except BaseException:
        journal.close()
        raise
    return replace(kiosk, other_pumps=(*kiosk.other_pumps, *control))


def open_control(
    configuration: Configuration, journal: Journal, keys: JournalKeys, kiosk: Kiosk, around: Surroundings
) -> tuple[Pump, ...]:
    """What answers staff and tools: the control socket, taken already, and a thread for what takes long; where money
    is taken, also what closes the days of its ledger.

    Raises `SettingsError` when the socket's path cannot be had.
    """
    clock, log = around.clock, around.log
    work = WorkPump(log, around.idle)
    asked = commands(
        configuration.journal.path,
        journal,
        keys,
        kiosk.journal_pump,
        work,
        now=clock.now,
        health=kiosk.health.told,
        closed=kiosk.case_closed,
    )
    asked |= payment_commands(kiosk.tills)
    place = LedgerPlace(configuration.journal.key_file.with_name(LEDGER_KEY), configuration.terminal.name)
    ledger = ledger_commands(
        journal, kiosk.journal_pump, work, place, now=clock.now, monotonic=clock.monotonic
    )
    control = ControlSocket(configuration.control.folder, asked | ledger, monotonic=clock.monotonic, log=log)
    control.open()
    if not session_settings(configuration).means:
        return (control, work)
    return (control, work, DayClosingPump(ledger["ledger.close"], clock=clock, log=log))
