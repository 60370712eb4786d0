"""Links that are no byte streams, to a far end behind one."""

from __future__ import annotations

import random

import pytest

from drivers.link import DeviceFault, DeviceLost, KeyEvent, SettingsError
from drivers.link.clock import RealClock
from drivers.link.key_events import EV_KEY, EV_SYN, SYN_REPORT
from drivers.link.memory import Corrupted, Cut, Late, Lost, MemoryLink, VirtualClock
from drivers.link.remote import RemoteControl, RemoteKeys, RemoteLines, framed
from drivers.link.urls import open_control_link, open_input_link
from drivers.sim.keyboard_scanner import KeyboardScannerFarEnd
from drivers.sim.remote import ServedControl, ServedKeys, ServedLines
from drivers.sim.serve import serve_tcp
from tests.kit.effort import effort


class Echo:
    """A USB device that answers with what it was asked; request FF is refused."""

    def control(self, request: int, value: int, index: int, size: int) -> bytes | None:
        if request == 0xFF:
            return None
        return bytes((request, value >> 8, value & 0xFF, index >> 8, index & 0xFF, 0, 0))[:size]


@pytest.mark.parametrize("piece", [0, 1, 3])
def test_a_control_transfer_arrives_whole(piece: int) -> None:
    """Request, value, index and size reach the device, and its answer comes back, in whatever pieces."""
    clock = VirtualClock()
    link = RemoteControl(MemoryLink(ServedControl(Echo()), clock, chunk_bytes=piece), clock)

    assert link.control_in(0xBD, 0x01FF, 0xFF00, 5, 1.0) == bytes.fromhex("BD01FFFF00")


def test_a_stall_is_a_refusal() -> None:
    """What the device refuses is a fault, and the next transfer is a new one."""
    clock = VirtualClock()
    link = RemoteControl(MemoryLink(ServedControl(Echo()), clock), clock)

    with pytest.raises(DeviceFault):
        link.control_in(0xFF, 0, 0, 9, 1.0)
    assert link.control_in(1, 0, 0, 1, 1.0) == b"\1"


@pytest.mark.parametrize("fault", [Lost(), Cut(2), Late(5.0), Corrupted(0, 0x40), Corrupted(1, 0x70)])
def test_a_disturbed_line_is_a_lost_device(fault: Lost | Cut | Late | Corrupted) -> None:
    """An answer that does not come whole in time loses the device: a late one is never taken for the next one's."""
    clock = VirtualClock()
    wire = MemoryLink(ServedControl(Echo()), clock)
    link = RemoteControl(wire, clock)
    wire.inject(fault)

    with pytest.raises(DeviceLost):
        link.control_in(0xBD, 0, 0, 5, 1.0)
    with pytest.raises(DeviceLost):
        link.control_in(0xB7, 0, 0, 1, 10.0)


def test_any_bytes_to_a_served_device_are_refused_or_answered() -> None:
    """Random bytes never break the far end: each message gets a framed answer."""
    chance = random.Random(4)
    for _ in range(effort(2_000, 20_000)):
        far_end = ServedControl(Echo())
        data = chance.randbytes(chance.randrange(40))
        assert isinstance(far_end.receive(data), bytes)


def test_keys_come_as_they_are_typed_over_tcp() -> None:
    """A keyboard scanner behind a TCP port types into a driver of another process."""
    clock = RealClock()
    scanner = KeyboardScannerFarEnd(clock)
    serving = serve_tcp(ServedKeys(scanner))
    link = open_input_link(f"input+{serving.url}", clock)
    keys: list[KeyEvent] = []
    try:
        assert link.read(0.2) == ()
        scanner.type([[(EV_KEY, 30, 1)], [(EV_KEY, 30, 0)]])
        until = clock.monotonic() + 10
        while len(keys) < 2 and clock.monotonic() < until:
            keys += link.read(0.1)
    finally:
        link.close()
        serving.close()

    assert keys == [KeyEvent(30, True), KeyEvent(30, False)]


def test_what_is_no_key_event_loses_the_device() -> None:
    """A far end that says something else is not believed."""

    class Babbling:
        def receive(self, data: bytes) -> bytes:
            return b"\x03abc"

    clock = VirtualClock()
    with pytest.raises(DeviceLost):
        RemoteKeys(MemoryLink(Babbling(), clock), clock).read(0.1)


def test_a_url_of_a_far_end_has_to_name_a_byte_stream() -> None:
    """Behind `usb+` stands tcp or serial, nothing else."""
    with pytest.raises(SettingsError):
        open_control_link("usb+usb:0d2c:03ae", VirtualClock())
    with pytest.raises(SettingsError):
        open_input_link("input+pcsc:reader", VirtualClock())


def test_reports_of_the_kernel_keep_their_sense() -> None:
    """Synchronising events are carried too, so that a gap stays a gap."""
    clock = VirtualClock()
    scanner = KeyboardScannerFarEnd(clock)
    scanner.type([[(EV_SYN, SYN_REPORT, 0)], [(EV_SYN, 3, 0), (EV_KEY, 2, 1)]])
    clock.wait(1.0)
    with pytest.raises(DeviceFault):
        RemoteKeys(MemoryLink(ServedKeys(scanner), clock), clock).read(0.1)


class Wires:
    """What hangs on a chip's lines: line 7 is a sensor, the rest are lamps."""

    def __init__(self) -> None:
        self.high: dict[int, bool] = {}

    def drive(self, line: int, high: bool) -> None:
        self.high[line] = high

    def level(self, line: int) -> bool:
        return self.high.get(line, False)


def test_lines_are_driven_and_read_at_a_far_end() -> None:
    """Outputs are inactive once they are claimed, inverted where that was said, and inactive again in the end."""
    clock, wires = VirtualClock(), Wires()
    link = RemoteLines(MemoryLink(ServedLines(wires), clock), clock)
    link.claim([7], [3, 4], active_low=[4])

    assert wires.high == {3: False, 4: True}
    assert not link.read(7)
    link.write(3, True)
    link.write(4, True)
    assert wires.high == {3: True, 4: False}
    wires.high[7] = True
    assert link.wait_for_edge(0.0)
    assert link.read(7)
    assert not link.wait_for_edge(0.1)
    link.close()
    assert (wires.high[3], wires.high[4]) == (False, True)


def test_a_line_that_nobody_claimed_is_refused() -> None:
    """Neither read nor driven, and the lines that were claimed still work."""
    clock, wires = VirtualClock(), Wires()
    link = RemoteLines(MemoryLink(ServedLines(wires), clock), clock)
    link.claim([7], [3])

    with pytest.raises(DeviceFault):
        link.read(3)
    with pytest.raises(DeviceFault):
        link.write(7, True)
    assert not link.read(7)


def test_any_bytes_to_served_lines_are_refused_or_answered() -> None:
    """Random messages never break it, and drive no line that was not claimed."""
    chance = random.Random(5)
    for _ in range(effort(2_000, 20_000)):
        wires = Wires()
        data = framed(bytes((chance.choice(b"CRWE"),)) + chance.randbytes(chance.randrange(12)))
        answer = ServedLines(wires).receive(data)
        assert answer[1:2] in (b"\0", b"\1")
        assert not wires.high or answer[1:2] == b"\0"
