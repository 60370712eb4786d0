"""A USB bus without a bus: a pyusb back end that far ends are plugged into, so that pyusb itself runs before them."""

from __future__ import annotations

import errno
from array import array
from collections.abc import Iterator
from types import SimpleNamespace

import usb.backend
import usb.core

from drivers.link import Clock
from drivers.link.memory_control import ControlFarEnd

__all__ = ["Plugged", "UsbBus"]

_STANDARD_IN, _VENDOR_IN = 0x80, 0xC0
_GET_DESCRIPTOR, _STRING = 0x06, 0x03
_SERIAL_INDEX = 3
_ENGLISH = b"\x09\x04"


class Plugged:
    """*far_end* on the bus, as the device *vendor*:*product* with the serial number *serial* or none.

    *is_plugged* false: it is not there; *is_forbidden*: its node may not be opened; *is_silent*: it answers nothing.
    *handles* is how often it is open.
    """

    def __init__(self, far_end: ControlFarEnd, vendor: int, product: int, serial: str | None = None) -> None:
        self.far_end = far_end
        self.vendor = vendor
        self.product = product
        self.serial = serial
        self.is_plugged = True
        self.is_forbidden = False
        self.is_silent = False
        self.handles = 0

    def unplug(self) -> None:
        """Pulls the cable; the device itself goes on working."""
        self.is_plugged = False

    def replug(self) -> None:
        """Puts the cable back; whoever had the device open has to open it again."""
        self.is_plugged = True


class UsbBus(usb.backend.IBackend):  # type: ignore[misc]
    """Answers what libusb would ask the kernel, for *devices*; raises as libusb's back end does."""

    def __init__(self, clock: Clock, *devices: Plugged) -> None:
        super().__init__()
        self._clock = clock
        self._devices = devices

    def enumerate_devices(self) -> Iterator[Plugged]:
        """Every device that is plugged in now."""
        return iter([device for device in self._devices if device.is_plugged])

    def get_device_descriptor(self, dev: Plugged) -> SimpleNamespace:
        """The fields of USB 2.0, table 9-8, and where it is plugged in."""
        address = self._devices.index(dev) + 1
        return SimpleNamespace(
            bLength=18,
            bDescriptorType=1,
            bcdUSB=0x0110,
            bDeviceClass=0xFF,
            bDeviceSubClass=0,
            bDeviceProtocol=0,
            bMaxPacketSize0=8,
            idVendor=dev.vendor,
            idProduct=dev.product,
            bcdDevice=0x0100,
            iManufacturer=0,
            iProduct=0,
            iSerialNumber=0 if dev.serial is None else _SERIAL_INDEX,
            bNumConfigurations=1,
            address=address,
            bus=1,
            port_number=address,
            port_numbers=(address,),
            speed=1,
        )

    def open_device(self, dev: Plugged) -> Plugged:
        """A handle, which is the device."""
        self._check_plugged(dev)
        if dev.is_forbidden:
            raise usb.core.USBError("Access denied", -3, errno.EACCES)
        dev.handles += 1
        return dev

    def close_device(self, dev_handle: Plugged) -> None:
        """Gives the handle back."""
        dev_handle.handles -= 1

    def ctrl_transfer(
        self,
        dev_handle: Plugged,
        bmRequestType: int,  # noqa: N803 - as pyusb names it
        bRequest: int,  # noqa: N803
        wValue: int,  # noqa: N803
        wIndex: int,  # noqa: N803
        data: array[int],
        timeout: int,
    ) -> int:
        """Puts the answer into *data* and says how many bytes it has."""
        self._check_plugged(dev_handle)
        if dev_handle.is_silent:
            self._clock.wait(timeout / 1000)
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        answer: bytes | None = None
        if bmRequestType == _VENDOR_IN:
            answer = dev_handle.far_end.control(bRequest, wValue, wIndex, len(data))
        elif (bmRequestType, bRequest, wValue >> 8) == (_STANDARD_IN, _GET_DESCRIPTOR, _STRING):
            answer = _string(dev_handle, wValue & 0xFF)
        self._check_plugged(dev_handle)
        if answer is None:
            raise usb.core.USBError("Pipe error", -9, errno.EPIPE)
        if len(answer) > len(data):
            raise usb.core.USBError("Overflow", -8, errno.EOVERFLOW)
        data[: len(answer)] = array("B", answer)
        return len(answer)

    def _check_plugged(self, device: Plugged) -> None:
        if not device.is_plugged:
            raise usb.core.USBError("No such device (it may have been disconnected)", -4, errno.ENODEV)


def _string(device: Plugged, index: int) -> bytes | None:
    """String descriptor *index* (USB 2.0, 9.6.7); None where there is none."""
    if device.serial is None:
        return None
    text = _ENGLISH if index == 0 else device.serial.encode("utf-16-le") if index == _SERIAL_INDEX else None
    return None if text is None else bytes((len(text) + 2, _STRING)) + text
