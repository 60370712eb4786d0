"""A USB bus without a bus: a pyusb back end that far ends are plugged into, so that pyusb itself runs before them."""

from __future__ import annotations

import errno
from array import array
from collections.abc import Iterator
from types import SimpleNamespace
from typing import NoReturn

import usb.backend
import usb.core

from drivers.link import Clock
from drivers.link.memory import FarEnd
from drivers.link.memory_control import ControlFarEnd

__all__ = ["Plugged", "PluggedPrinter", "UsbBus"]

_STANDARD_IN, _VENDOR_IN = 0x80, 0xC0
_GET_DESCRIPTOR, _STRING = 0x06, 0x03
_SERIAL_INDEX = 3
_ENGLISH = b"\x09\x04"
_TRANSFER_BYTES = 256


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


class PluggedPrinter(Plugged):
    """*printer*, a far end of bytes, on the bus as a device of the printer class (USB Printing Class 1.1).

    *is_held*: the kernel's usblp has it.  *takes_bytes* false: it takes none, as one without paper may.  *answers*: it
    has a way back.
    """

    def __init__(self, printer: FarEnd, vendor: int, product: int, serial: str | None = None) -> None:
        super().__init__(_Deaf(), vendor, product, serial)
        self.printer = printer
        self.is_held = False
        self.takes_bytes = True
        self.answers = True
        self.unread = b""


class _Deaf:
    """Knows no vendor request."""

    def control(self, request: int, value: int, index: int, size: int) -> bytes | None:
        return None


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
            self._time_out(timeout)
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

    def get_configuration(self, dev_handle: Plugged) -> int:
        """Each device has one, and it is set."""
        self._check_plugged(dev_handle)
        return 1

    def get_configuration_descriptor(self, dev: Plugged, config: int) -> SimpleNamespace:
        """The fields of USB 2.0, table 9-10, of the only one there is."""
        if config:
            raise IndexError(config)
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=2,
            wTotalLength=32,
            bNumInterfaces=1,
            bConfigurationValue=1,
            iConfiguration=0,
            bmAttributes=0xC0,
            bMaxPower=1,
            extra_descriptors=[],
        )

    def get_interface_descriptor(self, dev: Plugged, intf: int, alt: int, config: int) -> SimpleNamespace:
        """The fields of USB 2.0, table 9-12, of the only one there is."""
        if intf or alt:
            raise IndexError(intf)
        is_printer = isinstance(dev, PluggedPrinter)
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=4,
            bInterfaceNumber=0,
            bAlternateSetting=0,
            bNumEndpoints=len(_endpoints(dev)),
            bInterfaceClass=7 if is_printer else 0xFF,
            bInterfaceSubClass=1,
            bInterfaceProtocol=2,
            iInterface=0,
            extra_descriptors=[],
        )

    def get_endpoint_descriptor(
        self, dev: Plugged, ep: int, intf: int, alt: int, config: int
    ) -> SimpleNamespace:
        """The fields of USB 2.0, table 9-13."""
        return SimpleNamespace(
            bLength=7,
            bDescriptorType=5,
            bEndpointAddress=_endpoints(dev)[ep],
            bmAttributes=2,
            wMaxPacketSize=64,
            bInterval=0,
            bRefresh=0,
            bSynchAddress=0,
            extra_descriptors=[],
        )

    def is_kernel_driver_active(self, dev_handle: Plugged, intf: int) -> bool:
        """Whether usblp has it."""
        self._check_plugged(dev_handle)
        return isinstance(dev_handle, PluggedPrinter) and dev_handle.is_held

    def detach_kernel_driver(self, dev_handle: PluggedPrinter, intf: int) -> None:
        """usblp lets go."""
        dev_handle.is_held = False

    def attach_kernel_driver(self, dev_handle: PluggedPrinter, intf: int) -> None:
        """usblp takes it again."""
        self._check_plugged(dev_handle)
        dev_handle.is_held = True

    def claim_interface(self, dev_handle: Plugged, intf: int) -> None:
        """Refused while usblp has it."""
        self._check_plugged(dev_handle)
        if isinstance(dev_handle, PluggedPrinter) and dev_handle.is_held:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)

    def release_interface(self, dev_handle: Plugged, intf: int) -> None:
        """Nothing has to be given back here."""

    def bulk_write(
        self, dev_handle: PluggedPrinter, ep: int, intf: int, data: array[int], timeout: int
    ) -> int:
        """Brings *data*, a packet of it at a time, to the printer; the answers wait for `bulk_read`."""
        self._check_plugged(dev_handle)
        if not dev_handle.takes_bytes:
            self._time_out(timeout)
        piece = bytes(data)[:_TRANSFER_BYTES]
        dev_handle.unread += dev_handle.printer.receive(piece)
        return len(piece)

    def bulk_read(
        self, dev_handle: PluggedPrinter, ep: int, intf: int, buff: array[int], timeout: int
    ) -> int:
        """Puts what the printer answered into *buff*."""
        self._check_plugged(dev_handle)
        if not dev_handle.unread:
            self._time_out(timeout)
        piece, dev_handle.unread = dev_handle.unread[:64], dev_handle.unread[64:]
        if len(piece) > len(buff):
            raise usb.core.USBError("Overflow", -8, errno.EOVERFLOW)
        buff[: len(piece)] = array("B", piece)
        return len(piece)

    def _time_out(self, timeout: int) -> NoReturn:
        self._clock.wait(timeout / 1000)
        raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)

    def _check_plugged(self, device: Plugged) -> None:
        if not device.is_plugged:
            raise usb.core.USBError("No such device (it may have been disconnected)", -4, errno.ENODEV)


def _endpoints(device: Plugged) -> tuple[int, ...]:
    """Their addresses: a way out, and a way back where there is one."""
    if not isinstance(device, PluggedPrinter):
        return ()
    return (0x01, 0x82) if device.answers else (0x01,)


def _string(device: Plugged, index: int) -> bytes | None:
    """String descriptor *index* (USB 2.0, 9.6.7); None where there is none."""
    if device.serial is None:
        return None
    text = _ENGLISH if index == 0 else device.serial.encode("utf-16-le") if index == _SERIAL_INDEX else None
    return None if text is None else bytes((len(text) + 2, _STRING)) + text
