"""The control socket: JSON lines from whoever may, an answer to each, and no harm from nonsense."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kiosk.sim.control import LINE_BYTES_MAX, Answer, CannotBeDone, ControlSocket
from kiosk.sim.loop import Loop


def echo(request: Mapping[str, Any]) -> Answer:
    """Answers with what was asked; refuses one verb."""
    if request["do"] == "refuse":
        raise CannotBeDone("not today")
    return {"heard": dict(request)}


class Bench:
    """A control socket on a loop that is turned by hand, and clients of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.loop = Loop()
        self.control = ControlSocket(self.loop, path, echo)
        self.clients: list[socket.socket] = []

    def client(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.connect(str(self.path))
        client.setblocking(False)
        self.clients.append(client)
        self.loop.turn(1)
        return client

    def ask(self, client: socket.socket, data: bytes) -> list[dict[str, Any]]:
        """The answers to *data*."""
        client.sendall(data)
        received = b""
        for _ in range(50):
            self.loop.turn(0.01)
            try:
                received += client.recv(65536)
            except BlockingIOError:
                continue
            if received.count(b"\n") >= max(1, data.count(b"\n")):
                break
        return [json.loads(line) for line in received.splitlines()]

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.control.close()
        self.loop.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "control")
    yield bench
    bench.close()


def test_each_request_gets_its_answer_in_order(bench: Bench) -> None:
    """Several lines at once are answered one by one."""
    answers = bench.ask(bench.client(), b'{"do":"a"}\n{"do":"b","n":1}\n{"do":"refuse"}\n')

    assert answers == [
        {"ok": True, "heard": {"do": "a"}},
        {"ok": True, "heard": {"do": "b", "n": 1}},
        {"ok": False, "error": "not today"},
    ]


def test_only_the_owner_may_open_it(bench: Bench) -> None:
    """Nobody else on this machine can lay books on the table."""
    assert stat.S_IMODE(bench.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "line", [b"books", b"[]", b"{}", b'{"do":1}', b"\xff\xfe", b"", b"[" * 50_000, b"null", b'{"do":["a"]}']
)
def test_nonsense_is_answered_with_an_error_and_the_next_line_is_served(bench: Bench, line: bytes) -> None:
    """No line ends the process or the connection."""
    answers = bench.ask(bench.client(), line + b'\n{"do":"a"}\n')

    assert [answer["ok"] for answer in answers] == [False, True]


def test_a_line_without_end_puts_its_client_out(bench: Bench) -> None:
    """Memory is not for whoever forgets the line's end; others are served on."""
    flooding, other = bench.client(), bench.client()
    flooding.setblocking(True)
    flooding.settimeout(5)
    with pytest.raises(BrokenPipeError):  # noqa: PT012 (some of the pieces are still taken)
        for _ in range(2 * LINE_BYTES_MAX // 4096):
            flooding.send(b"x" * 4096)
            bench.loop.turn(0.01)

    assert bench.ask(other, b'{"do":"a"}\n')[0]["ok"]


def test_a_client_that_leaves_is_forgotten(bench: Bench) -> None:
    """A connection that breaks, also in the middle of a line, disturbs nobody."""
    leaving, other = bench.client(), bench.client()
    leaving.sendall(b'{"do":')
    bench.loop.turn(0.01)
    leaving.close()
    bench.loop.turn(0.01)

    assert bench.ask(other, b'{"do":"a"}\n')[0]["ok"]


def test_its_path_is_gone_afterwards_and_may_be_stale_before(tmp_path: Path) -> None:
    """A path left behind by a crash is taken over; one's own is taken away at the end."""
    path = tmp_path / "control"
    path.write_text("stale")
    bench = Bench(path)
    bench.close()

    assert not path.exists()
