"""USB devices by control transfers: pyusb itself, before a bus of far ends."""

from __future__ import annotations

from collections import deque

import pytest

from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.memory import VirtualClock
from drivers.link.urls import check_control_link, open_control_link
from drivers.link.usb_control import UsbControlLink, open_usb_control
from drivers.sim.bookcheck import BookCheckFarEnd
from drivers.sim.usb_bus import Plugged, UsbBus

VENDOR, PRODUCT = 0x0D2C, 0x03AE
CHECK_IN_MODE = bytes.fromhex("01 01 00 00 00 00 00 00 00")


class Scripted:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = deque(answers)
        self.heard: list[tuple[int, int, int, int]] = []

    def control(self, request: int, value: int, index: int, size: int) -> bytes | None:
        self.heard.append((request, value, index, size))
        return self.answers.popleft()


def opened(*devices: Plugged, serial: str | None = None) -> UsbControlLink:
    clock = VirtualClock()
    return open_usb_control(VENDOR, PRODUCT, serial, clock, backend=UsbBus(clock, *devices))


def test_a_request_reaches_the_device_as_it_was_asked() -> None:
    """Request, value, index and size arrive unchanged, and the answer comes back whole or as short as it was."""
    far_end = Scripted(b"\x01\x02\x03", bytes(9))
    link = opened(Plugged(far_end, VENDOR, PRODUCT))

    assert link.control_in(0xBD, 0xFFFE, 0x0102, 9, 0.5) == b"\x01\x02\x03"
    assert link.control_in(0xB7, 0, 0, 9, 0.5) == bytes(9)
    assert far_end.heard == [(0xBD, 0xFFFE, 0x0102, 9), (0xB7, 0, 0, 9)]


def test_the_strip_unit_is_found_among_other_devices() -> None:
    """Only vendor and product decide where no serial number is asked for."""
    clock = VirtualClock()
    others = [Plugged(Scripted(), VENDOR, 0x0001), Plugged(Scripted(), 0x1234, PRODUCT)]
    link = opened(others[0], Plugged(BookCheckFarEnd(clock), VENDOR, PRODUCT), others[1])

    assert link.control_in(0xBD, 0xFFFF, 0xFFFF, 9, 0.5) == CHECK_IN_MODE


def test_one_of_two_devices_is_found_by_its_serial_number() -> None:
    """The serial number decides between two, also beside one that has none; the others are left closed."""
    first, second = Scripted(b"1"), Scripted(b"2")
    devices = [
        Plugged(first, VENDOR, PRODUCT, "A-1"),
        Plugged(second, VENDOR, PRODUCT, "B-2"),
        Plugged(Scripted(), VENDOR, PRODUCT),
    ]
    link = opened(*devices, serial="B-2")

    assert link.control_in(0xBD, 0, 0, 9, 0.5) == b"2"
    assert [device.handles for device in devices] == [0, 1, 0]
    link.close()
    assert [device.handles for device in devices] == [0, 0, 0]


def test_two_devices_that_fit_are_the_installers_matter() -> None:
    """Which of them is meant is not guessed."""
    with pytest.raises(SettingsError, match="2 devices fit; add \\?serial="):
        opened(Plugged(Scripted(), VENDOR, PRODUCT), Plugged(Scripted(), VENDOR, PRODUCT))


@pytest.mark.parametrize("serial", [None, "A-1"])
def test_a_device_that_is_not_plugged_in_is_lost(serial: str | None) -> None:
    """Nothing, something else, or another serial number on the bus: the device is away, and may come."""
    away = Plugged(Scripted(), VENDOR, PRODUCT)
    away.is_plugged = False

    with pytest.raises(DeviceLost, match=r"0d2c:03ae.*not plugged in"):
        opened(away, Plugged(Scripted(), VENDOR, 1), serial=serial)
    with pytest.raises(DeviceLost, match=r"serial number C-3.*not plugged in"):
        opened(Plugged(Scripted(), VENDOR, PRODUCT, "A-1"), serial="C-3")


def test_a_node_that_may_not_be_opened_names_the_udev_rule() -> None:
    """Without permission the device is lost with a word to the installer, when it is used or its number is read."""
    device = Plugged(Scripted(), VENDOR, PRODUCT, "A-1")
    device.is_forbidden = True

    with pytest.raises(DeviceLost, match="udev rule"):
        opened(device).control_in(0xBD, 0, 0, 9, 0.5)
    with pytest.raises(DeviceLost, match="serial number cannot be read"):
        opened(device, serial="A-1")


def test_a_stall_is_the_devices_refusal() -> None:
    """A request that is refused is a fault; the next one is answered."""
    link = opened(Plugged(Scripted(None, b"ok"), VENDOR, PRODUCT))

    with pytest.raises(DeviceFault, match="request BD: the device refused it"):
        link.control_in(0xBD, 0, 0, 9, 0.5)
    assert link.control_in(0xBD, 0, 0, 9, 0.5) == b"ok"


def test_more_than_was_asked_for_is_a_fault() -> None:
    """A device that sends more than it may is not believed in part."""
    link = opened(Plugged(Scripted(bytes(10)), VENDOR, PRODUCT))

    with pytest.raises(DeviceFault, match="more than was asked"):
        link.control_in(0xBD, 0, 0, 9, 0.5)


@pytest.mark.parametrize(("seconds", "waited"), [(0.25, 0.25), (0.0, 0.001)])
def test_silence_ends_when_its_time_is_over(seconds: float, waited: float) -> None:
    """A device that does not answer is lost after the time that was given; a time of zero is not for ever."""
    clock = VirtualClock()
    device = Plugged(Scripted(), VENDOR, PRODUCT)
    device.is_silent = True
    link = open_usb_control(VENDOR, PRODUCT, None, clock, backend=UsbBus(clock, device))

    with pytest.raises(DeviceLost, match="no answer in time"):
        link.control_in(0xBD, 0, 0, 9, seconds)
    assert clock.monotonic() == pytest.approx(waited)


def test_a_device_that_is_pulled_is_lost_and_found_again() -> None:
    """Every call after the cable was pulled raises; opened again, the device is there; an old link stays closed."""
    clock = VirtualClock()
    device = Plugged(BookCheckFarEnd(clock), VENDOR, PRODUCT)
    bus = UsbBus(clock, device)
    link = open_usb_control(VENDOR, PRODUCT, None, clock, backend=bus)
    link.control_in(0xB7, 0, 0, 9, 0.5)
    device.is_plugged = False

    for _ in range(2):
        with pytest.raises(DeviceLost, match="not plugged in"):
            link.control_in(0xB7, 0, 0, 9, 0.5)
    link.close()
    link.close()
    device.is_plugged = True
    again = open_usb_control(VENDOR, PRODUCT, None, clock, backend=bus)
    assert again.control_in(0xBD, 0xFFFF, 0xFFFF, 9, 0.5) == CHECK_IN_MODE
    with pytest.raises(DeviceLost, match="closed"):
        link.control_in(0xB7, 0, 0, 9, 0.5)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("usb:0d2c", "usb:VVVV:PPPP"),
        ("usb:0d2c:03ae:1", "usb:VVVV:PPPP"),
        ("usb:0d2g:03ae", "usb:VVVV:PPPP"),
        ("usb:0d2c:03ae?port=1", "allowed: serial"),
        ("trace+usb:0d2c:03ae", "allowed here: usb"),
        ("serial:/dev/ttyUSB0", "allowed here: usb"),
    ],
)
def test_a_wrong_usb_url_says_what_is_allowed(url: str, named: str) -> None:
    """Every mistake is a settings error, when it is checked as when it is opened."""
    for use in (check_control_link, lambda text: open_control_link(text, VirtualClock())):
        with pytest.raises(SettingsError) as caught:
            use(url)
        assert named in str(caught.value)


def test_a_usb_url_leads_to_the_bus() -> None:
    """A right URL is looked for through libusb: a device that nobody has is lost, not wrong."""
    check_control_link("usb:0d2c:03ae?serial=A-1")
    with pytest.raises(DeviceLost, match="usb:fffe:fffd"):
        open_control_link("usb:fffe:fffd", VirtualClock())
