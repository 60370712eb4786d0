"""systemd hears from us when it asked to, and only then."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.engine.notify import Notify


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """The socket systemd would listen at, and the environment it would give."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        listening.settimeout(5)
        yield listening, {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "4000000"}


def test_readiness_and_the_end_are_told(supervisor: tuple[socket.socket, dict[str, str]]) -> None:
    """A supervisor that listens hears READY and STOPPING in the words of sd_notify(3)."""
    listening, environment = supervisor
    notify = Notify(environment)

    notify.ready()
    notify.stopping()

    assert [listening.recv(100), listening.recv(100)] == [b"READY=1", b"STOPPING=1"]


def test_the_watchdog_is_fed_at_half_its_time(supervisor: tuple[socket.socket, dict[str, str]]) -> None:
    """With a watchdog of four seconds a sign of life goes out every two, however often the desk turns."""
    listening, environment = supervisor
    notify = Notify(environment)
    for tenths in range(60):
        notify.alive(tenths / 10)
    notify.stopping()

    signs = []
    while (state := listening.recv(100)) != b"STOPPING=1":
        signs.append(state)

    assert signs == [b"WATCHDOG=1"] * 3


def test_without_a_supervisor_nothing_is_sent() -> None:
    """Started by hand, and with an address nobody listens at, every call is quiet."""
    for environment in ({}, {"NOTIFY_SOCKET": "@nobody-listens-here", "WATCHDOG_USEC": "x"}):
        notify = Notify(environment)
        notify.ready()
        notify.alive(1.0)
        notify.stopping()
