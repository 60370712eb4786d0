"""The wire to the server can be cut, silenced and mended."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from kiosk.sim.loop import Loop
from kiosk.sim.network import Network


class Bench:
    """A server, the wire, and clients of it; the loop is turned by hand."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(5)
        self.loop = Loop()
        self.network = Network(self.loop, ("127.0.0.1", int(self.server.getsockname()[1])))
        self.open: list[socket.socket] = []

    def connect(self) -> tuple[socket.socket, socket.socket]:
        """A client and its connection at the server."""
        client = socket.create_connection(("127.0.0.1", self.network.port), timeout=5)
        self.loop.turn(1)
        there, _ = self.server.accept()
        there.settimeout(5)
        self.open += [client, there]
        return client, there

    def turn(self) -> None:
        for _ in range(20):
            self.loop.turn(0.01)

    def close(self) -> None:
        for one in self.open:
            one.close()
        self.network.close()
        self.server.close()
        self.loop.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def says(sock: socket.socket) -> bytes | None:
    """What *sock* hears at once; None for nothing, b"" for an end."""
    sock.setblocking(False)
    try:
        return sock.recv(65536)
    except BlockingIOError:
        return None
    except ConnectionResetError:
        return b""


def test_a_whole_wire_passes_on_what_is_said(bench: Bench) -> None:
    """Both ways, byte for byte, also when it is much."""
    client, there = bench.connect()
    client.sendall(b"9900802.00\r")
    there.sendall(b"x" * 100_000)
    bench.turn()

    assert says(there) == b"9900802.00\r"
    heard = b""
    while len(heard) < 100_000:
        bench.turn()
        heard += says(client) or b""
    assert heard == b"x" * 100_000


def test_an_orderly_end_is_passed_on(bench: Bench) -> None:
    """When one side hangs up, so does the other."""
    client, there = bench.connect()
    client.close()
    bench.turn()

    assert says(there) == b""


def test_a_cut_wire_breaks_connections_and_refuses_new_ones(bench: Bench) -> None:
    """As when a switch loses its power; mended, the same address works again."""
    client, there = bench.connect()
    port = bench.network.port
    bench.network.cut()
    assert not bench.network.is_whole
    assert says(client) == b""
    assert says(there) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)

    bench.network.mend()
    client, there = bench.connect()
    client.sendall(b"again")
    bench.turn()

    assert bench.network.port == port
    assert says(there) == b"again"


def test_a_mute_wire_swallows_everything_and_breaks_nothing(bench: Bench) -> None:
    """Nothing arrives and nobody is told; mended, the connection breaks, and what was swallowed never comes."""
    client, there = bench.connect()
    bench.network.mute()
    client.sendall(b"lost")
    bench.turn()
    assert says(there) is None
    assert says(client) is None

    bench.network.mend()
    bench.turn()

    assert says(there) == b""
    assert says(client) == b""


def test_a_server_that_is_away_is_a_broken_connection(bench: Bench) -> None:
    """The wire is whole and nobody is at its end."""
    bench.server.close()
    client = socket.create_connection(("127.0.0.1", bench.network.port), timeout=5)
    bench.open.append(client)
    bench.turn()

    assert says(client) == b""
