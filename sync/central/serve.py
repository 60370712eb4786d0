"""Runs central: both faces over one store, in one process, until it is told to stop."""

from __future__ import annotations

import json
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from drivers.link import Clock, SettingsError
from drivers.link.clock import RealClock
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import SecretJudge
from sync.central.circulation.terminals import enter_terminal
from sync.central.faces.rest.app import Office, make_app
from sync.central.faces.rest.enrolment_calls import EnrolmentDesk
from sync.central.faces.rest.server import RestServer, TlsFiles
from sync.central.faces.rest.tokens import Tokens
from sync.central.faces.sip2.answers import Counter
from sync.central.faces.sip2.server import Sip2Server, Sip2Timing
from sync.central.settings import CentralSettings
from sync.central.snapshot_office.issuing import SnapshotOffice
from sync.central.snapshot_office.office_key import open_office_key
from sync.central.stocking import create_demo
from sync.central.store.store import Store

__all__ = ["CentralSettings", "Ready", "create_demo", "main", "serve"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """Central listens: where, and on which ports; None for a face that was left out."""

    bind: str
    sip2_port: int | None
    rest_port: int | None

    def line(self) -> str:
        """This as one line of JSON, with `"ready": true`."""
        return json.dumps({"ready": True} | asdict(self))


def serve(
    settings: CentralSettings,
    ready: Callable[[Ready], None],
    stop: threading.Event,
    clock: Clock | None = None,
) -> None:
    """Serves until *stop* is set; calls *ready* once, when both faces listen.  Blocks.

    Brings the store up to date first.  Requests that have begun are ended before it returns.  Raises
    `SettingsError` before anything is opened.
    """
    settings.check()
    secrets, tokens, tls = settings.terminal_secrets(), settings.token_secrets(), _tls(settings)
    clock = clock or RealClock()
    judge = SecretJudge(settings.hash_cost)
    library = settings.library(clock)
    with ExitStack() as closing:
        store = Store(settings.database_url)
        closing.callback(store.close)
        store.migrate()
        for name, secret in secrets.items():
            enter_terminal(store, judge, name, secret)
        # Bound here, listened to by the faces: a port that is taken ends this before anybody is served.
        sip2_socket = _bind(settings.bind, settings.sip2_port, closing)
        rest_socket = _bind(settings.bind, settings.rest_port, closing)
        if sip2_socket is not None:
            sip2 = Sip2Server(
                sip2_socket,
                Counter(store, library, judge, settings.due_form, settings.events),
                clock,
                charset=settings.charset,
                tls=tls,
                timing=Sip2Timing(idle_seconds=settings.sip2_idle_seconds),
            )
            sip2.start()
            closing.callback(sip2.stop)
        if rest_socket is not None:
            enrolment = _enrolment(settings, store, library, judge)
            office = Office(store, library, judge, Tokens(tokens, enrolment.asker), settings.events)
            app = make_app(office, enrolment)
            rest = RestServer(rest_socket, app, _tls_files(settings))
            rest.start()
            closing.callback(rest.stop)
        where = Ready(settings.bind, _port(sip2_socket), _port(rest_socket))
        log.info("central: ready, SIP2 on port %s, REST on port %s", where.sip2_port, where.rest_port)
        ready(where)
        stop.wait()
        log.info("central: stopping")


def main(settings: CentralSettings) -> None:
    """Serves until SIGTERM or SIGINT; prints one line of JSON on standard output when ready.  Main thread
    only.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    serve(settings, lambda ready: print(ready.line(), flush=True), stop)


def _enrolment(
    settings: CentralSettings, store: Store, library: Library, judge: SecretJudge
) -> EnrolmentDesk:
    path = settings.office_key_path()
    office = None if path is None else SnapshotOffice(store, library, open_office_key(path))
    return EnrolmentDesk(store, library, judge, office)


def _bind(address: str, port: int | None, closing: ExitStack) -> socket.socket | None:
    if port is None:
        return None
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listener = socket.create_server((address, port), family=family)
    except OSError as error:
        raise SettingsError(f"cannot listen on {address} port {port}: {error.strerror}") from None
    closing.callback(listener.close)
    return listener


def _port(listener: socket.socket | None) -> int | None:
    return None if listener is None else int(listener.getsockname()[1])


def _tls(settings: CentralSettings) -> ssl.SSLContext | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except OSError as error:
        raise SettingsError(f"tls_certificate and tls_key cannot be used: {type(error).__name__}") from None
    return context


def _tls_files(settings: CentralSettings) -> TlsFiles | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return TlsFiles(str(settings.tls_certificate), str(settings.tls_key))
