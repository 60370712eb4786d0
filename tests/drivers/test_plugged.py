"""What is plugged in, on a machine whose devices are described: real udev and sysfs code, no hardware."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from drivers.catalog import LinkKind
from drivers.plugged import Plugged

MACHINE = """\
P: /devices/pci0/usb1/1-1
N: bus/usb/001/002
E: DEVNAME=/dev/bus/usb/001/002
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
A: idVendor=0d2c
A: idProduct=03ae
A: manufacturer=3M
A: product=BookCheck 942
A: serial=
A: bDeviceClass=ff

P: /devices/pci0/usb1
N: bus/usb/001/001
E: DEVNAME=/dev/bus/usb/001/001
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
A: idVendor=1d6b
A: idProduct=0002
A: bDeviceClass=09

P: /devices/pci0/usb1/1-2
N: bus/usb/001/003
E: DEVNAME=/dev/bus/usb/001/003
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
A: idVendor=0403
A: idProduct=6001
A: manufacturer=FTDI
A: product=FT232R\\x07 USB UART
A: serial=A50285BI
A: bDeviceClass=00

P: /devices/pci0/usb1/1-2/1-2:1.0/ttyUSB3/tty/ttyUSB3
N: ttyUSB3
E: DEVNAME=/dev/ttyUSB3
E: DEVLINKS=/dev/serial/by-path/pci-0:00-usb-0:2-port0 /dev/serial/by-id/usb-FTDI_A50285BI-if00-port0 /dev/kiosk/pad
E: SUBSYSTEM=tty

P: /devices/pci0/usb1/1-3
N: bus/usb/001/004
E: DEVNAME=/dev/bus/usb/001/004
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
A: idVendor=05e0
A: idProduct=1200
A: product=Bar Code Scanner
A: bDeviceClass=00

P: /devices/pci0/usb1/1-3/1-3:1.0/input/input7
E: SUBSYSTEM=input
A: capabilities/key=e080ffdf01cfffff fffffffffffffffe

P: /devices/pci0/usb1/1-3/1-3:1.0/input/input7/event5
N: input/event5
E: DEVNAME=/dev/input/event5
E: SUBSYSTEM=input

P: /devices/platform/power/input/input1
E: SUBSYSTEM=input
A: capabilities/key=10000000000000 0

P: /devices/platform/power/input/input1/event0
N: input/event0
E: DEVNAME=/dev/input/event0
E: SUBSYSTEM=input

P: /devices/virtual/tty/tty1
N: tty1
E: DEVNAME=/dev/tty1
E: SUBSYSTEM=tty

P: /devices/platform/serial/tty/ttyS0
N: ttyS0
E: DEVNAME=/dev/ttyS0
E: SUBSYSTEM=tty
A: type=4

P: /devices/platform/serial/tty/ttyS1
N: ttyS1
E: DEVNAME=/dev/ttyS1
E: SUBSYSTEM=tty
A: type=0

P: /devices/platform/serial
E: SUBSYSTEM=platform

P: /devices/platform/gpio/gpiochip0
N: gpiochip0
E: DEVNAME=/dev/gpiochip0
E: SUBSYSTEM=gpio
"""

ASK = """
import dataclasses, json
from drivers.plugged import plugged
print(json.dumps([dataclasses.asdict(one) | {"link_kind": one.link_kind.value, "names": one.names,
    "stable": one.has_stable_name} for one in plugged()]))
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Plugged, bool]]:
    """The described machine, by link."""
    description = tmp_path_factory.mktemp("machine") / "devices"
    description.write_text(MACHINE, encoding="utf-8")
    asked = ["umockdev-run", "--device", str(description), "--", sys.executable, "-c", ASK]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found = {}
    for one in json.loads(done.stdout):
        stable = one.pop("stable")
        kind, names = LinkKind(one.pop("link_kind")), tuple(one.pop("names"))
        found[one["link"]] = (Plugged(link_kind=kind, names=names, **one), stable)
    return found


def test_only_what_a_link_leads_to_is_listed(machine: dict[str, tuple[Plugged, bool]]) -> None:
    """Hubs, consoles, power buttons and ports that are not fitted are left out."""
    assert sorted(machine) == [
        "gpio:/dev/gpiochip0",
        "input:/dev/input/event5",
        "serial:/dev/kiosk/pad",
        "serial:/dev/ttyS0",
        "usb:0403:6001?serial=A50285BI",
        "usb:05e0:1200",
        "usb:0d2c:03ae",
    ]


def test_a_port_is_named_by_its_most_stable_name(machine: dict[str, tuple[Plugged, bool]]) -> None:
    """Our own name first, then by id, by path, and the number last."""
    port, is_stable = machine["serial:/dev/kiosk/pad"]

    assert port.names == (
        "/dev/kiosk/pad",
        "/dev/serial/by-id/usb-FTDI_A50285BI-if00-port0",
        "/dev/serial/by-path/pci-0:00-usb-0:2-port0",
        "/dev/ttyUSB3",
    )
    assert is_stable


def test_a_port_knows_what_its_plug_says(machine: dict[str, tuple[Plugged, bool]]) -> None:
    """Maker, product and serial number come from the USB device above, without what cannot be printed."""
    port, _ = machine["serial:/dev/kiosk/pad"]

    assert (port.usb_id, port.maker, port.serial) == ("0403:6001", "FTDI", "A50285BI")
    assert port.product.isprintable()


def test_a_number_alone_is_no_stable_name(machine: dict[str, tuple[Plugged, bool]]) -> None:
    """A key board on USB that is known by its number only may be another one tomorrow; a built-in port is not."""
    assert not machine["input:/dev/input/event5"][1]
    assert machine["serial:/dev/ttyS0"][1]
