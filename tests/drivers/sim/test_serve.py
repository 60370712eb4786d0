"""Far ends on real lines: a stable path, one driver at a time, cables pulled and put back."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path

import pytest

from drivers.link import DeviceLost, Link
from drivers.link.clock import RealClock
from drivers.link.urls import open_link
from drivers.sim.serve import Serving, serve_pty, serve_tcp

CLOCK = RealClock()


class Talker:
    """Answers with what it hears, and says what is put into `unasked`."""

    def __init__(self) -> None:
        self.unasked: deque[bytes] = deque()

    def receive(self, data: bytes) -> bytes:
        return data or (self.unasked.popleft() if self.unasked else b"")


def served(line: str, far_end: Talker, folder: Path) -> Serving:
    return serve_pty(far_end, folder / "line") if line == "pty" else serve_tcp(far_end)


def read_all(link: Link, count: int) -> bytes:
    data = b""
    deadline = CLOCK.monotonic() + 10
    while len(data) < count and CLOCK.monotonic() < deadline:
        data += link.read(count, 1.0)
    return data


@pytest.mark.parametrize("line", ["pty", "tcp"])
def test_what_a_far_end_says_unasked_arrives(line: str, tmp_path: Path) -> None:
    """A scanner that speaks first is heard without being asked."""
    talker = Talker()
    serving = served(line, talker, tmp_path)
    link = open_link(serving.url, CLOCK)
    link.write(b"hello", 5.0)
    assert read_all(link, 5) == b"hello"
    talker.unasked.append(b"scan\r")

    assert read_all(link, 5) == b"scan\r"
    link.close()
    serving.close()


@pytest.mark.parametrize("line", ["pty", "tcp"])
def test_a_cable_can_be_pulled_and_put_back_under_the_same_url(line: str, tmp_path: Path) -> None:
    """Three times: open, pull (the open link breaks, a new one is refused), put back (a new one works)."""
    serving = served(line, Talker(), tmp_path)
    url = serving.url
    for _ in range(3):
        link = open_link(url, CLOCK)
        link.write(b"hello", 5.0)
        assert read_all(link, 5) == b"hello"
        serving.unplug()
        serving.unplug()
        assert not serving.is_plugged
        with pytest.raises(DeviceLost):
            link.read(1, 10.0)
        link.close()
        with pytest.raises(DeviceLost):
            open_link(url, CLOCK)
        serving.replug()
        serving.replug()
        assert serving.is_plugged
    assert serving.url == url
    serving.close()


@pytest.mark.parametrize("line", ["pty", "tcp"])
def test_a_driver_may_close_and_open_again(line: str, tmp_path: Path) -> None:
    """A far end outlives its drivers."""
    serving = served(line, Talker(), tmp_path)
    for _ in range(3):
        link = open_link(serving.url, CLOCK)
        link.write(b"hello", 5.0)
        assert read_all(link, 5) == b"hello"
        link.close()
    serving.close()


@pytest.mark.parametrize("line", ["pty", "tcp"])
def test_closing_ends_the_thread_and_frees_the_place(line: str, tmp_path: Path) -> None:
    """After closing, nothing is left: no thread, no path, no port; closing again is harmless."""
    before = set(threading.enumerate())
    serving = served(line, Talker(), tmp_path)
    started = set(threading.enumerate()) - before
    assert started
    serving.close()
    serving.close()
    serving.replug()

    assert not any(thread.is_alive() for thread in started)
    with pytest.raises(DeviceLost):
        open_link(serving.url, CLOCK)


def test_a_new_connection_replaces_the_one_before() -> None:
    """A device has one driver: when a second connects, the first is cut off."""
    serving = serve_tcp(Talker())
    first = open_link(serving.url, CLOCK)
    first.write(b"a", 5.0)
    assert read_all(first, 1) == b"a"
    second = open_link(serving.url, CLOCK)
    second.write(b"b", 5.0)

    assert read_all(second, 1) == b"b"
    with pytest.raises(DeviceLost):
        first.read(1, 10.0)
    second.close()
    first.close()
    serving.close()


def test_a_port_that_is_taken_is_refused() -> None:
    """Two far ends cannot serve one port."""
    serving = serve_tcp(Talker())

    with pytest.raises(OSError, match="in use"):
        serve_tcp(Talker(), port=int(serving.url.rpartition(":")[2]))
    serving.close()


@pytest.mark.parametrize("line", ["pty", "tcp"])
def test_a_far_end_that_fails_is_unplugged_and_told(
    line: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A far end that raises does not leave its driver waiting: the line breaks and the log says why."""

    class Broken(Talker):
        def receive(self, data: bytes) -> bytes:
            if data:
                raise ZeroDivisionError
            return b""

    serving = served(line, Broken(), tmp_path)
    link = open_link(serving.url, CLOCK)
    link.write(b"hello", 5.0)

    with pytest.raises(DeviceLost):
        link.read(1, 10.0)
    assert not serving.is_plugged
    assert "ZeroDivisionError" in caplog.text
    link.close()
    serving.close()
