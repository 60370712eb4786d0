"""Serial lines on real pseudo-terminals: exclusive use, full buffers, and a cable pulled at any moment."""

from __future__ import annotations

import os
import threading
import tty
from pathlib import Path

import pytest

from drivers.link import DeviceLost, SettingsError
from drivers.link.clock import RealClock
from drivers.link.serial_line import open_serial
from drivers.rfid import Pad, obid_pad
from drivers.rfid.obid_settings import ObidPadSettings
from drivers.sim import shelf
from drivers.sim.obid_reader import ObidReader
from drivers.sim.serve import serve_pty

CLOCK = RealClock()


class Silence:
    """Hears everything and says nothing."""

    def receive(self, data: bytes) -> bytes:
        return b""


def work_hard(pad: Pad) -> None:
    for _ in range(10_000):
        for uid in pad.inventory():
            pad.read(uid)
            pad.release(uid)


def test_a_line_is_used_by_one_program_only(tmp_path: Path) -> None:
    """A line that is open is refused to a second driver and free again after closing."""
    serving = serve_pty(Silence(), tmp_path / "line")
    first = open_serial(str(tmp_path / "line"), CLOCK)

    with pytest.raises(DeviceLost):
        open_serial(str(tmp_path / "line"), CLOCK)
    first.close()
    open_serial(str(tmp_path / "line"), CLOCK).close()
    serving.close()


def test_a_line_that_is_not_there_is_lost(tmp_path: Path) -> None:
    """A device that is not plugged in is a lost device, not a wrong setting."""
    with pytest.raises(DeviceLost):
        open_serial(str(tmp_path / "none"), CLOCK)


def test_a_file_is_no_line(tmp_path: Path) -> None:
    """A path that leads to a file is refused without a stranger's exception."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(DeviceLost):
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


@pytest.mark.parametrize("commands", [0, 1, 2, 3, 5, 8, 13, 34, 89, 144])
def test_a_cable_pulled_at_any_moment_is_a_lost_device_and_nothing_else(
    tmp_path: Path, commands: int
) -> None:
    """Pulled while a pad is being worked hard, the only thing a caller sees is `DeviceLost`; put back, it
    works.
    """
    reader = ObidReader(CLOCK)
    tags = [shelf.item_tag(f"{number}") for number in range(3)]
    reader.lay(*tags)
    serving = serve_pty(reader, tmp_path / "pad")
    settings = ObidPadSettings(answer_seconds_max=0.5, pause_seconds=0)
    pad = obid_pad.open(settings, open_serial(str(tmp_path / "pad"), CLOCK), CLOCK)
    calls_before = len(reader.commands_heard) + commands

    def pull() -> None:
        deadline = CLOCK.monotonic() + 30
        while len(reader.commands_heard) < calls_before and CLOCK.monotonic() < deadline:
            CLOCK.wait(0.0002)
        serving.unplug()

    puller = threading.Thread(target=pull)
    puller.start()
    with pytest.raises(DeviceLost):
        work_hard(pad)
    puller.join()
    pad.close()
    with pytest.raises(DeviceLost):
        open_serial(str(tmp_path / "pad"), CLOCK)
    serving.replug()

    pad = obid_pad.open(settings, open_serial(str(tmp_path / "pad"), CLOCK), CLOCK)
    assert len(pad.inventory()) == 3
    pad.close()
    serving.close()
