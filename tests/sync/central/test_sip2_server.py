"""The SIP2 face on a real socket: time limits, cut lines, encryption, several terminals."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import trustme
from sqlalchemy import select

from drivers.link.clock import RealClock
from drivers.link.memory import VirtualClock
from sync.central import demo
from sync.central.faces.sip2 import in_time
from sync.central.faces.sip2.answers import Counter
from sync.central.faces.sip2.server import Sip2Server, Sip2Timing
from sync.central.store import tables as t

NOW = "20260302    090000"
LOGIN = b"9300CNkiosk1|COopen sesame|\r"
Serve = Callable[..., tuple[str, int]]


@pytest.fixture
def serve(counter: Counter) -> Iterator[Serve]:
    servers: list[Sip2Server] = []

    def start(timing: Sip2Timing | None = None, tls: ssl.SSLContext | None = None) -> tuple[str, int]:
        listener = socket.create_server(("127.0.0.1", 0))
        servers.append(Sip2Server(listener, counter, RealClock(), timing=timing, tls=tls))
        servers[-1].start()
        host, port = listener.getsockname()
        return host, port

    yield start
    for server in servers:
        server.stop()


def connect(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=10)


def answer(terminal: socket.socket, request: bytes) -> bytes:
    terminal.sendall(request)
    return line(terminal)


def line(terminal: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\r"):
        data = terminal.recv(4096)
        assert data, f"the connection ended after {received!r}"
        received += data
    return received


def checkout(item: str, patron: str = demo.READER) -> bytes:
    return f"11NN{NOW}{NOW}AO|AA{patron}|AB{item}|AC|\r".encode()


def test_a_terminal_logs_in_and_lends_over_tcp(serve: Serve) -> None:
    """Bytes over a real socket do what the conversation does."""
    with connect(serve()) as terminal:
        assert answer(terminal, LOGIN) == b"941\r"
        assert answer(terminal, checkout(demo.ITEMS_FREE[0])).startswith(b"121NNY")


def test_a_checkout_cut_off_before_its_end_is_not_executed(serve: Serve, counter: Counter) -> None:
    """A terminal that dies in the middle of a frame has lent nothing; SIPServer and Koha would have."""
    with connect(serve()) as terminal:
        answer(terminal, LOGIN)
        terminal.sendall(checkout(demo.ITEMS_FREE[0]).rstrip(b"\r"))
        terminal.shutdown(socket.SHUT_WR)
        assert terminal.recv(4096) == b""

    with counter.store.reading() as connection:
        found = connection.execute(select(t.loans.c.id).where(t.loans.c.item == demo.ITEMS_FREE[0]))
        assert found.all() == []


class SlowClock(VirtualClock):
    """Every look at it is two seconds after the last one."""

    def monotonic(self) -> float:
        self.wait(2.0)
        return super().monotonic()


@pytest.mark.parametrize("looks", ["in time", "too late"])
def test_what_the_store_kept_waiting_too_long_is_not_done_any_more(
    counter: Counter, looks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal has hung up, asked, and written "not done" by then; a loan would be nobody's."""
    library = replace(counter.library, clock=SlowClock())
    if looks == "too late":
        monkeypatch.setattr(in_time, "EXECUTE_SECONDS_MAX", 1.0)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Sip2Server(listener, replace(counter, library=library), RealClock())
    server.start()
    with connect(listener.getsockname()) as terminal:
        answer(terminal, LOGIN)
        terminal.sendall(checkout(demo.ITEMS_FREE[0]))
        replied = terminal.recv(4096)
    server.stop()

    with counter.store.reading() as connection:
        found = connection.execute(select(t.loans.c.id).where(t.loans.c.item == demo.ITEMS_FREE[0])).all()
    assert (bool(replied), len(found)) == ((True, 1) if looks == "in time" else (False, 0))


def test_who_does_not_log_in_is_disconnected(serve: Serve) -> None:
    """A connection that only waits, or dribbles bytes, ends when the time for the login is over."""
    address = serve(Sip2Timing(login_seconds=0.2))
    with connect(address) as silent, connect(address) as dribbling:
        dribbling.sendall(b"93")
        assert silent.recv(10) == b""
        assert dribbling.recv(10) == b""


def test_an_idle_terminal_is_disconnected_and_may_come_back(serve: Serve) -> None:
    """After the idle time the server closes; a new connection works at once."""
    address = serve(Sip2Timing(idle_seconds=0.2))
    with connect(address) as terminal:
        answer(terminal, LOGIN)
        assert terminal.recv(10) == b""
    with connect(address) as terminal:
        assert answer(terminal, LOGIN) == b"941\r"


def test_dribbled_bytes_do_not_hold_a_connection(serve: Serve) -> None:
    """Only answered requests count against the idle time, not bytes that never become one."""
    address = serve(Sip2Timing(idle_seconds=0.3))
    with connect(address) as terminal:
        answer(terminal, LOGIN)
        ended = False
        terminal.settimeout(0.05)
        for _ in range(200):
            try:
                terminal.sendall(b"1")
                ended = terminal.recv(10) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
            if ended:
                break
    assert ended


def test_the_line_can_be_encrypted_and_clear_text_is_then_no_way_in(serve: Serve) -> None:
    """With a certificate the face speaks TLS only."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    address = serve(Sip2Timing(login_seconds=1), context)

    with connect(address) as plain, trusting.wrap_socket(plain, server_hostname="127.0.0.1") as terminal:
        assert answer(terminal, LOGIN) == b"941\r"
    with connect(address) as terminal:
        received = b""
        with contextlib.suppress(ConnectionResetError):
            terminal.sendall(LOGIN)
            received = terminal.recv(100)
        assert b"941" not in received


def test_four_terminals_at_once_each_get_their_own_answers(serve: Serve, counter: Counter) -> None:
    """Four terminals asking for the same eight books lend each book once, and no answer goes astray."""
    address = serve()

    def work(patron: str) -> list[str]:
        lent = []
        with connect(address) as terminal:
            answer(terminal, LOGIN)
            for item in demo.ITEMS_FREE:
                reply = answer(terminal, checkout(item, patron)).decode()
                assert f"|AA{patron}|AB{item}|" in reply
                if reply.startswith("121"):
                    lent.append(item)
        return lent

    patrons = (demo.READER, demo.READER_ENGLISH, demo.READER_STUDENT, demo.READER_SENIOR)
    with ThreadPoolExecutor(4) as pool:
        lent = [item for items in pool.map(work, patrons) for item in items]

    assert sorted(lent) == sorted(demo.ITEMS_FREE)


def test_stopping_ends_every_connection(counter: Counter) -> None:
    """A server that is told to stop closes its terminals' lines and returns."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Sip2Server(listener, counter, RealClock())
    server.start()
    host, port = listener.getsockname()
    with connect((host, port)) as terminal:
        answer(terminal, LOGIN)
        server.stop()
        assert terminal.recv(10) == b""
