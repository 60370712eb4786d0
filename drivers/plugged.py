"""What is plugged into this machine, as far as the kernel knows: serial ports, USB devices, key boards, GPIO chips.

Nothing is opened and nothing is asked: what a device says of itself over USB and what udev named it is all there is.
What it is taken for is decided by the drivers (`catalog.py`: *usb_ids* and `probe`).  Readers of smart cards are not
here: pcscd names them (`link/pcsc.py`).

Source: udev's properties (ID_*, systemd's 60-serial.rules and 60-persistent-input.rules); sysfs of the kernel's usb,
tty, input and gpio subsystems.  Without udev (in a container) names and serial numbers come from sysfs alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyudev

from drivers.catalog import LinkKind

__all__ = ["Plugged", "plugged"]

_OWN_NAMES = "/dev/kiosk/"
_STABLE_NAMES = (
    _OWN_NAMES,
    "/dev/serial/by-id/",
    "/dev/input/by-id/",
    "/dev/serial/by-path/",
    "/dev/input/by-path/",
)
_HUB_CLASS = "09"
_NO_UART = "0"


@dataclass(frozen=True, slots=True)
class Plugged:
    """One thing that a link can be opened to.

    *link* is its URL without options, under the most stable name it has; *names* are all its names, the stable ones
    first.  *usb_id* reads "vvvv:pppp" in lower-case hex, empty where it is not on USB; *maker*, *product* and *serial*
    as the device says, empty where it does not.
    """

    link_kind: LinkKind
    link: str
    names: tuple[str, ...]
    usb_id: str = ""
    maker: str = ""
    product: str = ""
    serial: str = ""

    @property
    def has_stable_name(self) -> bool:
        """Whether *link* means the same device after it was plugged in again, or the machine was started anew."""
        is_numbered = self.link_kind in (LinkKind.BYTES, LinkKind.INPUT) and self.usb_id != ""
        return not is_numbered or any(name.startswith(_STABLE_NAMES) for name in self.names)


def plugged() -> tuple[Plugged, ...]:
    """Everything there is now, sorted by link.  A thing that vanishes meanwhile is left out."""
    context = pyudev.Context()
    found = [
        *_of_lines(context, "tty", LinkKind.BYTES, "serial"),
        *_of_lines(context, "input", LinkKind.INPUT, "input"),
        *_of_lines(context, "gpio", LinkKind.LINES, "gpio"),
        *_of_usb(context),
    ]
    return tuple(sorted(found, key=lambda one: (one.link_kind.value, one.link)))


def _of_lines(context: pyudev.Context, subsystem: str, kind: LinkKind, scheme: str) -> Iterator[Plugged]:
    for device in context.list_devices(subsystem=subsystem):
        node = device.device_node
        if node is None or not _is_wanted(device, subsystem):
            continue
        links = str(device.properties.get("DEVLINKS", "")).split()
        names = tuple(sorted({*links, node}, key=_rank))
        usb = device.find_parent("usb", "usb_device")
        yield Plugged(kind, f"{scheme}:{names[0]}", names, *_said(usb))


def _is_wanted(device: pyudev.Device, subsystem: str) -> bool:
    match subsystem:
        case "tty":
            # Consoles and pseudo-terminals have no parent; a UART that is not fitted is of type 0.
            is_fitted = _attribute(device, "type") != _NO_UART
            return device.parent is not None and is_fitted and device.sys_name != "console"
        case "input":
            return device.sys_name.startswith("event") and _types_keys(device)
        case _:
            return str(device.sys_name).startswith("gpiochip")


def _types_keys(device: pyudev.Device) -> bool:
    if "ID_INPUT_KEYBOARD" in device.properties:
        return bool(device.properties["ID_INPUT_KEYBOARD"] == "1")
    parent = device.find_parent("input")
    keys = _attribute(parent, "capabilities/key") if parent is not None else ""
    # A key board has KEY_ENTER and the digits; a power button has one key far up.
    lowest = int(keys.split()[-1], 16) if keys else 0
    return bool(lowest >> 28 & 1) and bool(lowest >> 2 & 1)


def _of_usb(context: pyudev.Context) -> Iterator[Plugged]:
    for device in context.list_devices(subsystem="usb", DEVTYPE="usb_device"):
        if _attribute(device, "bDeviceClass") == _HUB_CLASS:
            continue
        said = _said(device)
        options = f"?serial={said[3]}" if said[3].isalnum() else ""
        if said[0]:
            names = (device.device_node,) if device.device_node is not None else ()
            yield Plugged(LinkKind.CONTROL, f"usb:{said[0]}{options}", names, *said)


def _said(usb: pyudev.Device | None) -> tuple[str, str, str, str]:
    """Id, maker, product and serial number of a USB device; empty where it says nothing or is none."""
    if usb is None:
        return "", "", "", ""
    vendor, product = _attribute(usb, "idVendor"), _attribute(usb, "idProduct")
    name = f"{vendor}:{product}".lower() if vendor and product else ""
    return name, _attribute(usb, "manufacturer"), _attribute(usb, "product"), _attribute(usb, "serial")


def _attribute(device: pyudev.Device, name: str) -> str:
    try:
        value: bytes | None = device.attributes.get(name)
    except OSError:  # unplugged since it was listed
        return ""
    text = value.decode("utf-8", errors="replace") if value else ""
    return "".join(character for character in text.strip() if character.isprintable())


def _rank(name: str) -> tuple[int, str]:
    for rank, beginning in enumerate(_STABLE_NAMES):
        if name.startswith(beginning):
            return rank, name
    return len(_STABLE_NAMES), name
