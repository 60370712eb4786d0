"""Serial lines on real pseudo-terminals: exclusive use, full buffers, and settings no line has."""

from __future__ import annotations

import os
import termios
import threading
import tty
from pathlib import Path
from typing import Literal

import pytest

from drivers.link import DeviceFault, DeviceLost, SettingsError, TunableLink
from drivers.link.clock import RealClock
from drivers.link.serial_line import open_serial
from drivers.sim.serve import serve_pty

CLOCK = RealClock()


class Silence:
    """Hears everything and says nothing."""

    def receive(self, data: bytes) -> bytes:
        return b""


class Echo:
    """Answers with what it hears."""

    def receive(self, data: bytes) -> bytes:
        return data


def test_a_line_is_used_by_one_program_only(tmp_path: Path) -> None:
    """A line that is open is refused to a second driver and free again after closing."""
    serving = serve_pty(Silence(), tmp_path / "line")
    first = open_serial(str(tmp_path / "line"), CLOCK)

    with pytest.raises(DeviceLost, match="line: somebody else holds it"):
        open_serial(str(tmp_path / "line"), CLOCK)
    first.close()
    open_serial(str(tmp_path / "line"), CLOCK).close()
    serving.close()


def test_a_line_that_is_not_there_is_lost(tmp_path: Path) -> None:
    """A device that is not plugged in is a lost device, not a wrong setting."""
    with pytest.raises(DeviceLost, match=r"none: No such file or directory$"):
        open_serial(str(tmp_path / "none"), CLOCK)


def test_a_file_is_no_line(tmp_path: Path) -> None:
    """A path that leads to a file is refused without a stranger's exception."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(DeviceLost, match=r"file: is no serial line$"):
        open_serial(str(tmp_path / "file"), CLOCK)


def test_a_speed_no_line_has_is_a_settings_error(tmp_path: Path) -> None:
    """A speed that the system cannot set is the installer's matter."""
    serving = serve_pty(Silence(), tmp_path / "line")

    with pytest.raises(SettingsError, match="baud"):
        open_serial(str(tmp_path / "line"), CLOCK, baud=-5)
    serving.close()


def test_a_write_has_one_deadline_for_all_of_it() -> None:
    """A line whose other end takes nothing is lost when the time for the whole write is over."""
    master, slave = os.openpty()
    tty.setraw(slave)
    link = open_serial(os.ttyname(slave), CLOCK)
    begun = CLOCK.monotonic()

    with pytest.raises(DeviceLost, match="not taken in time"):
        link.write(bytes(1 << 20), 0.3)
    assert 0.29 <= CLOCK.monotonic() - begun < 5
    link.close()
    os.close(slave)
    os.close(master)


def test_a_babbling_device_cannot_hold_the_discarding() -> None:
    """Discarding ends although the other end never stops sending."""
    master, slave = os.openpty()
    tty.setraw(slave)
    ended = threading.Event()

    def babble() -> None:
        while not ended.is_set():
            os.write(master, b"x" * 512)

    thread = threading.Thread(target=babble, daemon=True)
    link = open_serial(os.ttyname(slave), CLOCK)
    thread.start()
    begun = CLOCK.monotonic()
    assert link.discard_input() >= 0
    assert CLOCK.monotonic() - begun < 30
    ended.set()
    while thread.is_alive():
        link.discard_input()
    link.close()
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize("parity", ["E", "O"])
def test_parity_is_set_or_refused_as_a_setting(tmp_path: Path, parity: Literal["E", "O"]) -> None:
    """Even and odd parity, which some systems refuse on a pseudo-terminal, either work or name the setting."""
    serving = serve_pty(Silence(), tmp_path / "line")
    refusal = ""
    try:
        open_serial(str(tmp_path / "line"), CLOCK, baud=38400, parity=parity).close()
    except SettingsError as error:
        refusal = str(error)

    told = f"{tmp_path / 'line'}: the line refuses 38400 baud 8{parity}1; a pseudo-terminal has no parity"
    assert refusal in ("", told)
    serving.close()


def test_a_line_goes_on_at_another_speed(tmp_path: Path) -> None:
    """The speed of an open line can be changed; a speed that no line has is a fault, and the line stays open."""
    serving = serve_pty(Echo(), tmp_path / "line")
    link = open_serial(str(tmp_path / "line"), CLOCK, baud=57600)
    assert isinstance(link, TunableLink)

    assert link.retune(115200)
    with open(tmp_path / "line", "rb", buffering=0) as line:
        assert termios.tcgetattr(line.fileno())[4:6] == [termios.B115200, termios.B115200]
    with pytest.raises(DeviceFault, match="-5 baud"):
        link.retune(-5)
    link.write(b"still here", 5)
    heard = b""
    while len(heard) < 10:
        heard += link.read(100, 5)

    assert heard == b"still here"
    link.close()
    with pytest.raises(DeviceLost):
        link.retune(9600)
    serving.close()
