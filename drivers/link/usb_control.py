"""USB devices that are spoken to by vendor control transfers, through pyusb.

No interface is claimed and no configuration is set: endpoint 0 is there as soon as the device is, so a kernel driver
that holds an interface is left alone.  pyusb needs the system's libusb 1.0, and the device's node has to be writable
for the kiosk (a udev rule).  The bus is looked through each time a device is opened; a device that was unplugged and
comes back is found again by opening it again.
"""

from __future__ import annotations

import errno
import math
from contextlib import suppress
from typing import Any

import usb.core
import usb.util
from usb.core import USBError as UsbError

from drivers.link import Clock, DeviceFault, DeviceLost, SettingsError

__all__ = ["UsbControlLink", "UsbError", "dispose", "find_one", "open_usb_control", "words_of"]

_VENDOR_IN = 0xC0
"""bmRequestType: device to host, vendor, device (USB 2.0, 9.3.1)."""

_MALFORMED = (ValueError, IndexError)
"""What pyusb raises for a string descriptor that is none, and for one that may not be read."""


def open_usb_control(
    vendor: int, product: int, serial: str | None, clock: Clock, *, backend: Any = None
) -> UsbControlLink:
    """The one device of *vendor* and *product*, with the serial number *serial* where one is given.

    *backend* is a pyusb back end (`usb.backend.IBackend`); None: libusb.  Raises `DeviceLost` when no such device is
    plugged in or its serial number cannot be read, and `SettingsError` when libusb is not installed or more than one
    device fits.  Whether its node may be written to shows with the first transfer, as `DeviceLost`: udev may still be
    at work on a device that was just plugged in.
    """
    name = f"usb:{vendor:04x}:{product:04x}" + (f" with serial number {serial}" if serial is not None else "")
    return UsbControlLink(find_one(vendor, product, serial, name, backend), name, clock)


def find_one(vendor: int, product: int, serial: str | None, name: str, backend: Any) -> Any:
    """The pyusb device that fits, called *name* in errors; raises as `open_usb_control`."""
    try:
        found = list(usb.core.find(find_all=True, backend=backend, idVendor=vendor, idProduct=product))
    except usb.core.NoBackendError as error:
        raise SettingsError(f"{name}: libusb 1.0 is not installed") from error
    except UsbError as error:
        raise DeviceLost(f"{name}: the bus cannot be looked through: {error}") from error
    refused: list[str] = []
    if serial is not None:
        found = [device for device in found if _serial_of(device, refused) == serial]
    if len(found) > 1:
        raise SettingsError(f"{name}: {len(found)} devices fit; add ?serial= to the link")
    if not found:
        raise DeviceLost(f"{name}: {refused[0] if refused else 'is not plugged in'}")
    return found[0]


def _serial_of(device: Any, refused: list[str]) -> str | None:
    """The device's serial number; None when it has none or does not tell, then *refused* has the reason."""
    try:
        text: str | None = device.serial_number
    except (UsbError, *_MALFORMED) as error:
        why = words_of(error) if isinstance(error, UsbError) else str(error)
        refused.append(f"its serial number cannot be read: {why}")
        return None
    finally:
        usb.util.dispose_resources(device)
    return text


class UsbControlLink:
    """`ControlLink` over a device that pyusb found."""

    def __init__(self, device: Any, name: str, clock: Clock) -> None:
        self._device = device
        self._name = name
        self._clock = clock
        self._is_open = True

    def control_in(self, request: int, value: int, index: int, size: int, timeout_seconds: float) -> bytes:
        """As promised by `ControlLink`."""
        if not self._is_open:
            raise DeviceLost(f"{self._name}: the link is closed")
        # To libusb a time limit of zero is none.
        milliseconds = max(1, math.ceil(timeout_seconds * 1000))
        try:
            answer = self._device.ctrl_transfer(_VENDOR_IN, request, value, index, size, milliseconds)
        except UsbError as error:
            what = f"{self._name}: request {request:02X}: {words_of(error)}"
            if error.errno in (errno.EPIPE, errno.EOVERFLOW):
                raise DeviceFault(what) from error
            raise DeviceLost(what) from error
        return bytes(answer)

    def close(self) -> None:
        """Frees the device.  May be called twice; never raises."""
        self._is_open = False
        dispose(self._device)


def dispose(device: Any) -> None:
    """Frees *device*; never raises."""
    with suppress(UsbError):  # a device that is gone is free
        usb.util.dispose_resources(device)


def words_of(error: UsbError) -> str:
    """What went wrong, for the log."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return "may not be opened: a udev rule has to give its node to the kiosk's group"
        case errno.EPIPE:
            return "the device refused it (stall)"
        case errno.EOVERFLOW:
            return "the device sent more than was asked for"
        case errno.ETIMEDOUT:
            return "no answer in time"
        case errno.ENODEV | errno.ENOENT:
            return "is not plugged in"
        case _:
            return str(error)
