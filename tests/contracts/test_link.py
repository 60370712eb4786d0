"""What every byte link promises: memory, pseudo-terminal, TCP, TLS, and any of them with a trace around it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from drivers.link import Clock, DeviceLost, Link
from drivers.link.clock import RealClock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.trace import TraceLink
from drivers.link.urls import open_link
from drivers.sim.serve import serve_pty, serve_tcp

LONG = bytes(range(256)) * 8


class Echo:
    """Answers with what it hears."""

    def receive(self, data: bytes) -> bytes:
        return data


@dataclass
class Wired:
    link: Link
    clock: Clock
    unplug: Callable[[], None]


class TlsEcho:
    """An echo behind TLS, for one client."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            plain, _ = self._listener.accept()
            self._client = plain
            with self._context.wrap_socket(plain, server_side=True) as client:
                self._client = client
                while data := client.recv(4096):
                    client.sendall(data)

    def close(self) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=10)


@pytest.fixture(params=["memory", "traced", "pty", "tcp", "tls"])
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wired]:
    clock: Clock = RealClock()
    match request.param:
        case "memory" | "traced":
            clock = VirtualClock()
            memory = MemoryLink(Echo(), clock)
            link: Link = TraceLink(memory) if request.param == "traced" else memory
            yield Wired(link, clock, memory.unplug)
        case "tls":
            server = TlsEcho(tmp_path)
            link = open_link(f"tls://127.0.0.1:{server.port}?ca={server.ca}", clock)
            yield Wired(link, clock, server.close)
            server.close()
        case line:
            serving = serve_pty(Echo(), tmp_path / "line") if line == "pty" else serve_tcp(Echo())
            link = open_link(serving.url, clock)
            yield Wired(link, clock, serving.close)
            serving.close()
    link.close()


def read_all(link: Link, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = link.read(count - len(data), 10.0)
        assert piece
        data += piece
    return data


def write_on(link: Link) -> None:
    """Writes until the other end's absence shows: the system takes the first pieces without asking."""
    for _ in range(1000):
        link.write(LONG, 0.1)


def test_what_is_written_comes_back_in_order(wired: Wired) -> None:
    """Every byte value crosses the link both ways unchanged and in order."""
    wired.link.write(LONG, 10.0)

    assert read_all(wired.link, len(LONG)) == LONG


def test_a_read_gives_what_is_there_without_waiting_for_more(wired: Wired) -> None:
    """A read for a thousand bytes returns with the three that have come."""
    wired.link.write(b"abc", 10.0)
    data = wired.link.read(1000, 10.0)
    data += read_all(wired.link, 3 - len(data))
    begun = wired.clock.monotonic()

    assert data == b"abc"
    assert wired.link.read(1000, 0.0) == b""
    assert wired.clock.monotonic() - begun < 5


def test_a_read_without_input_returns_empty_after_its_timeout(wired: Wired) -> None:
    """Silence is an empty answer, not before the time is over."""
    begun = wired.clock.monotonic()

    assert wired.link.read(10, 0.1) == b""
    assert wired.clock.monotonic() - begun >= 0.099


def test_a_read_gives_at_most_what_it_may(wired: Wired) -> None:
    """The rest stays for the next read."""
    wired.link.write(b"abcdef", 10.0)

    assert len(wired.link.read(2, 10.0)) <= 2


def test_discarded_input_is_gone(wired: Wired) -> None:
    """After discarding what has arrived, the next answer is the first thing that is read."""
    wired.link.write(b"old!", 10.0)
    first = wired.link.read(1, 10.0)
    counted = 0
    deadline = wired.clock.monotonic() + 10
    while counted < 3 and wired.clock.monotonic() < deadline:
        counted += wired.link.discard_input()
    wired.link.write(b"new", 10.0)

    assert (first, counted) == (b"o", 3)
    assert read_all(wired.link, 3) == b"new"


def test_when_the_other_end_goes_the_device_is_lost(wired: Wired) -> None:
    """Reading and then writing to an end that is gone raises `DeviceLost` and nothing else."""
    wired.link.write(b"abc", 10.0)
    read_all(wired.link, 3)
    wired.unplug()

    with pytest.raises(DeviceLost):
        wired.link.read(1, 10.0)
    with pytest.raises(DeviceLost):
        write_on(wired.link)


def test_a_closed_link_raises_device_lost_and_closes_again(wired: Wired) -> None:
    """Close may be called twice; any other call afterwards finds the device lost."""
    wired.link.close()
    wired.link.close()

    with pytest.raises(DeviceLost):
        wired.link.read(1, 0.0)
    with pytest.raises(DeviceLost):
        wired.link.write(b"x", 0.1)
    with pytest.raises(DeviceLost):
        wired.link.discard_input()
