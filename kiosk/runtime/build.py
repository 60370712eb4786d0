"""The composition root: the one place that knows real classes.

`assemble` connects pumps, desk and outlets from parts; `build` makes the parts from a configuration.  A test hands
`assemble` parts that lead to far ends and cranks what comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from drivers.barcode import Scanner
from drivers.card import CardReader
from drivers.catalog import LinkKind
from drivers.link import Clock
from drivers.link.urls import open_apdu_link, open_link
from drivers.rfid import Pad
from kiosk.config.loading import Configuration, DeviceSettings
from kiosk.config.sections import Journal as JournalSection
from kiosk.engine.inbox import Inbox
from kiosk.engine.journal_pump import JournalPump
from kiosk.engine.logs import Log
from kiosk.engine.pump import DevicePump, Pump, Work
from kiosk.engine.threads import PumpThreads
from kiosk.engine.uplink_pump import Enter, UplinkPump
from kiosk.runtime import pads
from kiosk.runtime.books_pump import BooksPump
from kiosk.runtime.desk import Desk
from kiosk.runtime.dispatch import Dispatch
from kiosk.runtime.local_books import LocalBooks
from kiosk.runtime.open_entries import OpenEntries
from kiosk.runtime.recovery import recover
from kiosk.runtime.scanners import CardWork, ScannerWork
from kiosk.runtime.servers import open_server
from kiosk.runtime.session_settings import session_settings
from kiosk.runtime.snapshots import SnapshotPump, Source
from kiosk.runtime.traffic import Arrival, replaces
from kiosk.workflow.events import Device, DeviceDown, DeviceUp, Event, Moment
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.state import begin
from kiosk.workflow.view import Shown
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys, create_keys
from sync.journal.settings import JournalSettings
from sync.servers.ils import Server

STOP_SECONDS_MAX = 10.0

D = TypeVar("D", Pad, Scanner, CardReader)


@dataclass(frozen=True, slots=True)
class Devices:
    """How each device is opened; None where the terminal has none."""

    pad: Callable[[], Pad] | None = None
    scanner: Callable[[], Scanner] | None = None
    card_reader: Callable[[], CardReader] | None = None


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


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Where the terminal's own books come from: *source* is looked into every *look_seconds*."""

    source: Source
    look_seconds: float


@dataclass(slots=True)
class Kiosk:
    """A terminal, ready to run.  `post` takes touches from the screen, from any thread."""

    desk: Desk
    journal_pump: JournalPump
    uplink_pump: UplinkPump
    other_pumps: tuple[Pump, ...]
    post: Callable[[Event], None]
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
) -> Kiosk:
    """A terminal of these parts, with what the journal left open settled or on its way.

    Without *snapshots* the books know what this terminal did, and nobody is lent anything by them.  Raises
    `JournalError` when what start-up settles cannot be written.
    """
    clock, log, idle = around.clock, around.log, around.idle
    recovered = recover(journal, clock.now())
    refusals = journal.pin_refusals(clock.now() - timedelta(seconds=settings.pin_window_seconds))
    moment = Moment(clock.monotonic(), clock.now())
    state = begin(settings, journal.epoch, journal.boot, recovered.open_releases, refusals, moment)
    log.info(
        "started",
        boot=journal.boot,
        open_releases=len(recovered.open_releases),
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
    books = BooksPump(
        LocalBooks(recovered.open_entries, settings.offline, clock.now), inbox.post, log=log, idle=idle
    )
    pad_orders: Inbox[pads.Order] | None = Inbox(idle=idle) if devices.pad is not None else None
    desk = Desk(
        state,
        OpenEntries(recovered.open_entries, recovered.undoings),
        inbox=inbox,
        write=journal_pump.write,
        outlets=Dispatch(uplink.order, pad_orders, None, books.order, inbox.post, around.show),
        clock=clock,
        log=log,
        alive=around.alive,
    )
    pumps: list[Pump] = [*_device_pumps(devices, settings, pad_orders, inbox.post, around), books]
    if snapshots is not None:
        look = snapshots.look_seconds
        pumps.append(SnapshotPump(snapshots.source, books.order, look_seconds=look, clock=clock, log=log))
    return Kiosk(desk, journal_pump, uplink, tuple(pumps), inbox.post, PumpThreads(clock, log))


def _device_pumps(
    devices: Devices,
    settings: SessionSettings,
    pad_orders: Inbox[pads.Order] | None,
    post: Callable[[Event], None],
    around: Surroundings,
) -> tuple[Pump, ...]:
    def pump(device: Device, open_device: Callable[[], D], work: Work[D]) -> Pump:
        return DevicePump(
            device.value,
            open_device,
            work,
            came=lambda: post(DeviceUp(device)),
            went=lambda: post(DeviceDown(device)),
            clock=around.clock,
            log=around.log,
        )

    pumps: list[Pump] = []
    if devices.pad is not None and pad_orders is not None:
        work = pads.PadWork(
            pad_orders, post, stable_readings=settings.stable_readings, clock=around.clock, log=around.log
        )
        pumps.append(pump(Device.PAD, devices.pad, work))
    if devices.scanner is not None:
        pumps.append(pump(Device.SCANNER, devices.scanner, ScannerWork(post)))
    if devices.card_reader is not None:
        pumps.append(pump(Device.CARD_READER, devices.card_reader, CardWork(post)))
    return tuple(pumps)


def build(configuration: Configuration, around: Surroundings) -> Kiosk:
    """The terminal that *configuration* describes.

    Raises `SettingsError` for what only shows when it is used, and `JournalError` when the journal cannot be had.
    """
    clock = around.clock
    keys = _keys(configuration)
    server = open_server(configuration, clock)
    journal = Journal.open(configuration.journal.path, keys, clock.now, _care(configuration.journal))
    devices = Devices(
        pad=_opener(configuration.pad, clock),
        scanner=_opener(configuration.scanner, clock),
        card_reader=_opener(configuration.card_reader, clock),
    )
    try:
        return assemble(
            session_settings(configuration),
            journal,
            server,
            devices,
            around,
            configuration.server.status_seconds,
        )
    except BaseException:
        journal.close()
        raise


def _keys(configuration: Configuration) -> JournalKeys:
    """The journal's keys, made now on the very first start."""
    key_file = configuration.journal.key_file
    if not key_file.exists() and not configuration.journal.path.exists():
        return create_keys(key_file)
    return JournalKeys.from_file(key_file)


def _care(section: JournalSection) -> JournalSettings:
    return JournalSettings(
        segment_rows=section.segment_rows,
        retention=timedelta(days=section.retention_days),
        reserve_bytes=section.reserve_mib * 2**20,
    )


def _opener(device: DeviceSettings | None, clock: Clock) -> Callable[[], Any] | None:
    if device is None:
        return None
    open_device = device.driver.opener()
    open_wire: Callable[..., Any] = open_apdu_link if device.driver.link_kind is LinkKind.APDU else open_link

    def opened() -> Any:
        link = open_wire(device.link, clock)
        try:
            return open_device(device.settings, link, clock)
        except BaseException:
            link.close()
            raise

    return opened
