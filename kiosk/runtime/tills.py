"""The tills of a terminal: a pump for each way to pay that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.link import Clock
from drivers.payment import PaymentTerminal
from kiosk.config.loading import Configuration
from kiosk.config.secret_files import read_secret
from kiosk.config.ways import is_central
from kiosk.engine.errands import Answer, Command, Errand, Request
from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import DevicePump, Pump
from kiosk.runtime.card_till import CardTill
from kiosk.runtime.opening import opener
from kiosk.runtime.payments import TillEvent, TillOrder, Tills, TillTimes
from kiosk.runtime.qr_till import QrTill
from kiosk.workflow.events import Device, DeviceDown, DeviceUp
from kiosk.workflow.settings import SessionSettings
from sync.entries import Means
from sync.servers.central.settings import CentralClientSettings
from sync.servers.pay import PaymentBackend, open_payment_backend

FIND_IN_ORDER_SECONDS = 120.0
"""How long a payment of before a restart is asked about at most where the server takes entries in their order: every
loan behind it waits for it.
"""


@dataclass(frozen=True, slots=True)
class TillParts:
    """How money can be taken: *terminal* opens the card terminal, *backend* is the library's payment back end; None
    where there is none.
    """

    terminal: Callable[[], PaymentTerminal] | None = None
    backend: PaymentBackend | None = None
    times: TillTimes = field(default_factory=TillTimes)


def till_parts(configuration: Configuration, clock: Clock) -> TillParts:
    """What *configuration* says about paying; nothing is opened yet.  Raises `SettingsError`."""
    payment = configuration.payment
    backend = None
    if payment.qr_url and payment.token_file is not None:
        settings = CentralClientSettings(
            read_secret(payment.token_file), payment.ca_file, request_seconds=payment.request_seconds
        )
        backend = open_payment_backend(payment.qr_url, settings, clock)
    find_seconds: float = payment.find_seconds
    if is_central(configuration.server.url):
        find_seconds = min(find_seconds, FIND_IN_ORDER_SECONDS)
    times = TillTimes(payment.pay_seconds, payment.poll_seconds, payment.settle_seconds, find_seconds)
    return TillParts(opener(configuration.payment_terminal, clock), backend, times)


def tills(
    parts: TillParts,
    settings: SessionSettings,
    post: Callable[[TillEvent], None],
    *,
    clock: Clock,
    log: Log,
    idle: Callable[[float], None] | None,
) -> tuple[Tills, tuple[Pump, ...]]:
    """A pump for each till, and what brings orders to them; *post* gets what comes of it."""
    orders: dict[Means, Inbox[TillOrder]] = {}
    pumps: list[Pump] = []
    if parts.terminal is not None:
        orders[Means.CARD] = Inbox(idle=idle)
        work = CardTill(orders[Means.CARD], post, times=parts.times, clock=clock, log=log)
        terminal = Device.PAYMENT_TERMINAL
        pumps.append(
            DevicePump(
                terminal.value,
                parts.terminal,
                work,
                came=lambda: post(DeviceUp(terminal)),
                went=lambda: post(DeviceDown(terminal)),
                clock=clock,
                log=log,
            )
        )
    if parts.backend is not None:
        orders[Means.QR] = Inbox(idle=idle)
        pumps.append(
            QrTill(
                parts.backend,
                orders[Means.QR],
                post,
                subject=settings.library,
                currency=settings.currency,
                times=parts.times,
                clock=clock,
                log=log,
            )
        )
    return Tills(orders, post), tuple(pumps)


def payment_commands(known: Tills) -> dict[str, Command]:
    """What staff can ask about paying on the control socket."""

    def close_day(_: Request) -> Answer | Errand:
        return known.close_day()

    return {"payment.close-day": close_day}
