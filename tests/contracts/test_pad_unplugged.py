"""A pad whose cable is pulled at any moment, on real lines."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from drivers.link import DeviceLost
from drivers.link.clock import RealClock
from drivers.link.urls import open_link
from drivers.rfid import Pad
from drivers.sim.serve import serve_pty, serve_tcp
from tests.kit.pad_wirings import WIRINGS, PadWiring

CLOCK = RealClock()
ONE_OF_A_DRIVER = [
    next(wiring for wiring in WIRINGS if wiring.name.startswith(driver))
    for driver in sorted({wiring.name.partition("-")[0] for wiring in WIRINGS})
]


def work_hard(pad: Pad) -> None:
    for _ in range(10_000):
        for uid in pad.inventory():
            pad.read(uid)
            pad.release(uid)


@pytest.mark.parametrize("wiring", ONE_OF_A_DRIVER, ids=lambda wiring: wiring.name)
@pytest.mark.parametrize("line", ["pty", "tcp"])
@pytest.mark.parametrize("commands", [0, 1, 2, 3, 5, 8, 13, 34, 89, 144])
def test_a_cable_pulled_at_any_moment_is_a_lost_device_and_nothing_else(
    tmp_path: Path, line: str, commands: int, wiring: PadWiring
) -> None:
    """Pulled while a pad is worked hard, all a caller sees is `DeviceLost`; put back, it works again."""
    reader = wiring.reader(CLOCK)
    reader.lay(*[wiring.tags.item_tag(f"{number}") for number in range(3)])
    serving = serve_pty(reader, tmp_path / "pad") if line == "pty" else serve_tcp(reader)
    pad = wiring.open(open_link(serving.url, CLOCK), CLOCK)
    pulled_after = len(reader.commands_heard) + commands

    def pull() -> None:
        deadline = CLOCK.monotonic() + 30
        while len(reader.commands_heard) < pulled_after and CLOCK.monotonic() < deadline:
            CLOCK.wait(0.0002)
        serving.unplug()

    puller = threading.Thread(target=pull)
    puller.start()
    with pytest.raises(DeviceLost):
        work_hard(pad)
    puller.join()
    pad.close()
    with pytest.raises(DeviceLost):
        open_link(serving.url, CLOCK)
    serving.replug()

    pad = wiring.open(open_link(serving.url, CLOCK), CLOCK)
    assert len(pad.inventory()) == 3
    pad.close()
    serving.close()
    assert wiring.forbidden(reader) == []
