"""The real udevadm reads the rules, on devices that umockdev holds, where nothing of this machine is touched.

`udevadm test` follows every rule of the machine and ours, in their order, and tells names, rights and properties; it
writes no attribute and runs no program, so those are read from what it says it would do.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = ROOT / "systemd" / "udev"
PCI = "/devices/pci0000:00/0000:00:14.0"

# A /dev, a /run and an /etc/group of its own; udevadm may link what it likes.
SEALED = """
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/dev/pts /run/udev/rules.d
mount -t devpts -o newinstance,ptmxmode=0666 devpts /run/dev/pts
ln -s pts/ptmx /run/dev/ptmx
for name in null zero full random urandom; do
    touch /run/dev/$name
    mount --bind /dev/$name /run/dev/$name
done
cp "$1"/*.rules /run/udev/rules.d
grep -v '^kiosk:' /etc/group > /run/group
echo 'kiosk:x:64999:' >> /run/group
mount --bind /run/group /etc/group
mount --rbind /run/dev /dev
umockdev-run -d "$2" -- udevadm test --action=add "/sys$3" 2>&1
"""


@dataclass
class Told:
    """What udevadm says of a device: its links below /dev, its properties, and the lines about our rules."""

    links: set[str] = field(default_factory=set)
    properties: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def usb_device(ids: str, *, port: str = "2", serial: str = "S123") -> str:
    vendor, product = ids.split(":")
    return f"""\
P: {PCI}/usb1/1-{port}
N: bus/usb/001/00{port}
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
E: DEVNAME=/dev/bus/usb/001/00{port}
E: MAJOR=189
E: MINOR={port}
A: idVendor={vendor}
A: idProduct={product}
A: bcdDevice=0111
A: manufacturer=Maker
A: product=Thing
A: serial={serial}

P: {PCI}
E: SUBSYSTEM=pci

"""


def interface(port: str, kind: str) -> str:
    return f"""\
P: {PCI}/usb1/1-{port}/1-{port}:1.0
E: SUBSYSTEM=usb
E: DEVTYPE=usb_interface
A: bInterfaceNumber=00
A: bInterfaceClass={kind}
A: bInterfaceSubClass=01
A: bInterfaceProtocol=01

"""


def keyboard(ids: str, *, port: str = "2", number: int = 5) -> tuple[str, str]:
    """The path and the description of a USB keyboard."""
    parent = f"{PCI}/usb1/1-{port}/1-{port}:1.0/0003:{ids.upper()}.0001/input/input{number}"
    keys = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
    node = f"""\
P: {parent}/event{number}
N: input/event{number}
E: DEVNAME=/dev/input/event{number}
E: MAJOR=13
E: MINOR={64 + number}
E: SUBSYSTEM=input
A: dev=13:{64 + number}

P: {parent}
E: SUBSYSTEM=input
E: EV=120013
E: KEY={keys}
A: id/bustype=0003
A: capabilities/ev=120013
A: capabilities/key={keys}
A: capabilities/abs=0
A: capabilities/rel=0
A: properties=0

"""
    return f"{parent}/event{number}", node + interface(port, "03") + usb_device(ids, port=port)


def modem_line(ids: str, *, port: str = "2", number: int = 0) -> tuple[str, str]:
    """The path and the description of a CDC-ACM line."""
    path = f"{PCI}/usb1/1-{port}/1-{port}:1.0/tty/ttyACM{number}"
    node = f"""\
P: {path}
N: ttyACM{number}
E: DEVNAME=/dev/ttyACM{number}
E: MAJOR=166
E: MINOR={number}
E: SUBSYSTEM=tty

"""
    return path, node + interface(port, "02") + usb_device(ids, port=port)


def bridged_line(ids: str, *, port: str = "2", number: int = 0, serial: str = "S123") -> tuple[str, str]:
    """The path and the description of a line behind a USB bridge."""
    bus = f"{PCI}/usb1/1-{port}/1-{port}:1.0/ttyUSB{number}"
    node = f"""\
P: {bus}/tty/ttyUSB{number}
N: ttyUSB{number}
E: DEVNAME=/dev/ttyUSB{number}
E: MAJOR=188
E: MINOR={number}
E: SUBSYSTEM=tty

P: {bus}
E: SUBSYSTEM=usb-serial
E: DRIVER=ftdi_sio
A: latency_timer=16
A: port_number=0
L: driver=../../../../../../../bus/usb-serial/drivers/ftdi_sio

"""
    return f"{bus}/tty/ttyUSB{number}", node + interface(port, "ff") + usb_device(
        ids, port=port, serial=serial
    )


class Bench:
    """udevadm with our rules and, where a test writes them, those of a place."""

    def __init__(self, folder: Path) -> None:
        self.rules = folder / "rules"
        self.rules.mkdir()
        self.described = folder / "described"
        for file in RULES.glob("*.rules"):
            (self.rules / file.name).write_bytes(file.read_bytes())

    def here(self, rule: str) -> None:
        """Puts *rule* where the installer does."""
        (self.rules / "69-library-kiosk-here.rules").write_text(rule + "\n")

    def ask(self, device: tuple[str, str], path: str = "") -> Told:
        """What udevadm says of *device*, or of its ancestor *path*."""
        self.described.write_text(device[1])
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        command = ["unshare", "--mount", *as_root, "sh", "-c", SEALED, "sh"]
        done = subprocess.run(
            [*command, str(self.rules), str(self.described), path or device[0]],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        told = Told(lines=[line for line in done.stdout.splitlines() if "library-kiosk" in line])
        for line in done.stdout.splitlines():
            if match := re.fullmatch(r"([A-Z_]+)=(.*)", line):
                told.properties[match[1]] = match[2]
        told.links = set(told.properties.get("DEVLINKS", "").split())
        return told


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_scanner_that_types_has_its_name_and_nobody_else_listens(bench: Bench) -> None:
    """A maker's scanner is /dev/kiosk/scanner for the group kiosk, and libinput is told to leave it alone."""
    told = bench.ask(keyboard("0c2e:0b81"))
    assert "/dev/kiosk/scanner" in told.links
    assert told.properties["LIBINPUT_IGNORE_DEVICE"] == "1"
    assert {line.partition(" ")[2].partition(" ")[2] for line in told.lines if ":" in line} >= {
        "GROUP 64999",
        "MODE 0660",
    }


def test_a_keyboard_of_anybody_else_stays_a_keyboard(bench: Bench) -> None:
    """A keyboard that no rule names gets no name of ours and goes on typing into the screen."""
    told = bench.ask(keyboard("046d:c31c"))
    assert not any(link.startswith("/dev/kiosk") for link in told.links)
    assert "LIBINPUT_IGNORE_DEVICE" not in told.properties
    assert not any("GROUP" in line for line in told.lines)


def test_an_unknown_scanner_is_named_by_the_plug_it_is_in(bench: Bench) -> None:
    """A line of the installer names the plug; whatever is plugged in there, as event5 or event9, is the scanner."""
    bench.here(
        'SUBSYSTEM=="input", ENV{ID_INPUT_KEYBOARD}=="1", ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:4:1.0", '
        'ENV{KIOSK_NAME}="scanner"'
    )
    for ids, number in (("ffff:0035", 5), ("1234:5678", 9)):
        told = bench.ask(keyboard(ids, port="4", number=number))
        assert "/dev/kiosk/scanner" in told.links
        assert told.properties["LIBINPUT_IGNORE_DEVICE"] == "1"
        assert told.properties["DEVNAME"] == f"/dev/input/event{number}"
    elsewhere = bench.ask(keyboard("ffff:0035", port="3"))
    assert "/dev/kiosk/scanner" not in elsewhere.links
    assert "LIBINPUT_IGNORE_DEVICE" not in elsewhere.properties


def test_a_scanner_on_a_line_has_the_same_name(bench: Bench) -> None:
    """A CDC-ACM scanner of a maker is /dev/kiosk/scanner, and modem managers leave it alone."""
    told = bench.ask(modem_line("05f9:4204"))
    assert "/dev/kiosk/scanner" in told.links
    assert told.properties["ID_MM_PORT_IGNORE"] == "1"


def test_another_unit_on_the_same_plug_keeps_the_name(bench: Bench) -> None:
    """A pad named by its plug stays /dev/kiosk/pad when a unit with another serial comes up as ttyUSB3."""
    bench.here('SUBSYSTEM=="tty", ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:2:1.0", ENV{KIOSK_NAME}="pad"')
    for number, serial in ((0, "A10KZP45"), (3, "B22")):
        told = bench.ask(bridged_line("0403:6001", number=number, serial=serial))
        assert "/dev/kiosk/pad" in told.links
        assert told.properties["DEVNAME"] == f"/dev/ttyUSB{number}"


def test_a_unit_named_by_its_serial_keeps_the_name_on_any_plug(bench: Bench) -> None:
    """Named by serial number, a unit is found wherever it is plugged in, and its twin is not taken for it."""
    bench.here('SUBSYSTEM=="tty", ENV{ID_SERIAL_SHORT}=="A10KZP45", ENV{KIOSK_NAME}="pad"')
    for port in ("2", "4"):
        assert "/dev/kiosk/pad" in bench.ask(bridged_line("0403:6001", port=port, serial="A10KZP45")).links
    assert "/dev/kiosk/pad" not in bench.ask(bridged_line("0403:6001", serial="B22")).links


def test_the_m210_pad_has_its_name_and_its_driver(bench: Bench) -> None:
    """The pad with a number of its own is named by itself, and the kernel's driver would be told that number."""
    device = bridged_line("0d2c:032a")
    assert "/dev/kiosk/pad" in bench.ask(device).links
    told = bench.ask(device, f"{PCI}/usb1/1-2")
    runs = [line.partition("RUN ")[2] for line in told.lines if "RUN " in line]
    assert [run.partition(" ")[0].strip("'") for run in runs] == ["/sbin/modprobe", "/bin/sh"]


def test_a_3m_strip_unit_may_be_opened_by_the_terminal(bench: Bench) -> None:
    """The device node of the BookCheck unit belongs to the group kiosk."""
    path = f"{PCI}/usb1/1-2"
    told = bench.ask((path, interface("2", "ff") + usb_device("0d2c:03ae")), path)
    assert any("MODE 0660" in line for line in told.lines)
    other = bench.ask((path, interface("2", "ff") + usb_device("0d2c:0001")), path)
    assert not any("MODE" in line for line in other.lines)


def test_ftdi_bridges_answer_at_once(bench: Bench) -> None:
    """The bridge's timer would be set to one millisecond; a bridge of another kind has none and is left alone."""
    device = bridged_line("0403:6001")
    path = f"{PCI}/usb1/1-2/1-2:1.0/ttyUSB0"
    assert [
        line for line in bench.ask(device, path).lines if line.endswith("latency_timer' writing '1'")
    ] != []
    other = device[1].replace("ftdi_sio", "ch341").replace("A: latency_timer=16\n", "")
    assert not any("latency_timer" in line for line in bench.ask((device[0], other), path).lines)


def test_nothing_in_the_rules_is_unknown_to_udev(bench: Bench) -> None:
    """udevadm complains about no line of ours, also with every example of the installer's file in force."""
    lines = (RULES / "69-library-kiosk-here.rules").read_text().splitlines()
    examples = [re.sub(r"^#(?=[A-Z]+[={+])", "", line) for line in lines]
    assert sum(one != other for one, other in zip(lines, examples, strict=True)) >= 5
    bench.here("\n".join(examples))
    told = bench.ask(keyboard("0c2e:0b81"))
    wrong = ("nvalid", "nknown", "gnoring", "ailed", "not found")
    assert [line for line in told.lines if any(word in line for word in wrong)] == []


def test_a_line_that_udev_cannot_read_would_be_seen(bench: Bench) -> None:
    """The complaint that the test before looks for is really made: a misspelt key is named."""
    bench.here('SUBSISTEM=="tty", ENV{KIOSK_NAME}="pad"')
    told = bench.ask(keyboard("0c2e:0b81"))
    assert any("nvalid" in line or "nknown" in line for line in told.lines)
