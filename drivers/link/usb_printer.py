"""Printers of the USB printer class without their kernel driver: bytes by bulk transfers (USB Printing Class 1.1).

usblp, where it holds the interface, is asked to let go and gets it back when the link is closed; where it may stay,
`file:/dev/usb/lp0` is the simpler way.  Everything of pyusb's own is in `usb_control.py`.
"""

from __future__ import annotations

import errno
import math
from contextlib import suppress
from typing import Any, NamedTuple

from drivers.link import Clock, DeviceLost
from drivers.link.usb_control import UsbError, dispose, find_one, words_of

__all__ = ["UsbPrinterLink", "open_usb_printer"]

_PRINTER_CLASS = 7
_DIRECTION_IN = 0x80
_TRANSFER_TYPE, _BULK = 0x03, 0x02
_DISCARD_BYTES_MAX = 1 << 20
_PACKET_BYTES = 512
"""The largest of a bulk packet: whoever asks for less loses what is longer (libusb's LIBUSB_ERROR_OVERFLOW)."""


class _Way(NamedTuple):
    interface: int
    out: int
    answers: int | None


def open_usb_printer(
    vendor: int, product: int, serial: str | None, clock: Clock, *, backend: Any = None
) -> UsbPrinterLink:
    """The one printer of *vendor* and *product*; otherwise as `usb_control.open_usb_control`.

    Raises `DeviceLost` also for a device that is no printer or may not be had.
    """
    name = f"usbprinter:{vendor:04x}:{product:04x}" + (f" with serial number {serial}" if serial else "")
    device = find_one(vendor, product, serial, name, backend)
    try:
        way = _way_into(device)
        if way is None:
            raise DeviceLost(f"{name}: is no printer")
        was_held = _take(device, way.interface)
    except UsbError as error:
        dispose(device)
        raise DeviceLost(f"{name}: {words_of(error)}") from error
    except DeviceLost:
        dispose(device)
        raise
    return UsbPrinterLink(device, way, name, clock, was_held=was_held)


def _way_into(device: Any) -> _Way | None:
    """The first printer interface with a way out, and its way back where it has one."""
    for interface in device.get_active_configuration():
        if interface.bInterfaceClass != _PRINTER_CLASS:
            continue
        bulk = [
            endpoint.bEndpointAddress
            for endpoint in interface
            if endpoint.bmAttributes & _TRANSFER_TYPE == _BULK
        ]
        out = [address for address in bulk if not address & _DIRECTION_IN]
        back = [address for address in bulk if address & _DIRECTION_IN]
        if out:
            return _Way(interface.bInterfaceNumber, out[0], back[0] if back else None)
    return None


def _take(device: Any, interface: int) -> bool:
    """Whether the kernel held the interface, which it does not any more."""
    try:
        is_held = bool(device.is_kernel_driver_active(interface))
    except NotImplementedError:
        return False
    if is_held:
        device.detach_kernel_driver(interface)
    return is_held


class UsbPrinterLink:
    """`Link` over a printer that pyusb found; the interface is claimed with the first byte."""

    def __init__(self, device: Any, way: _Way, name: str, clock: Clock, *, was_held: bool) -> None:
        self._device = device
        self._way = way
        self._name = name
        self._clock = clock
        self._was_held = was_held
        self._unread = b""
        self._is_open = True

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """As promised by `Link`; a printer without a way back never says anything."""
        self._check_open()
        if not self._unread:
            if self._way.answers is None:
                if timeout_seconds > 0:
                    self._clock.wait(timeout_seconds)
                return b""
            self._unread = self._heard(self._way.answers, timeout_seconds)
        data, self._unread = self._unread[:size_max], self._unread[size_max:]
        return data

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """As promised by `Link`; *timeout_seconds* is for all of *data*."""
        self._check_open()
        deadline = self._clock.monotonic() + timeout_seconds
        rest = data
        while rest:
            left = max(0.0, deadline - self._clock.monotonic())
            try:
                taken = self._device.write(self._way.out, rest, _milliseconds(left))
            except UsbError as error:
                if error.errno == errno.ETIMEDOUT:
                    lost = f"{len(rest)} of {len(data)} bytes not taken in time"
                    raise DeviceLost(f"{self._name}: {lost}") from error
                raise DeviceLost(f"{self._name}: {words_of(error)}") from error
            rest = rest[taken:]

    def discard_input(self) -> int:
        """As promised by `Link`; stops after 1 MiB, so that a babbling device cannot hold it."""
        count = 0
        while count < _DISCARD_BYTES_MAX and (piece := self.read(_PACKET_BYTES, 0.0)):
            count += len(piece)
        return count

    def close(self) -> None:
        """As promised by `Link`; the kernel's driver gets the printer back where it had it."""
        if not self._is_open:
            return
        self._is_open = False
        dispose(self._device)
        if self._was_held:
            with suppress(UsbError, NotImplementedError):
                self._device.attach_kernel_driver(self._way.interface)
            dispose(self._device)

    def _heard(self, endpoint: int, timeout_seconds: float) -> bytes:
        try:
            return bytes(self._device.read(endpoint, _PACKET_BYTES, _milliseconds(timeout_seconds)))
        except UsbError as error:
            if error.errno == errno.ETIMEDOUT:
                return b""
            raise DeviceLost(f"{self._name}: {words_of(error)}") from error

    def _check_open(self) -> None:
        if not self._is_open:
            raise DeviceLost(f"{self._name}: the link is closed")


def _milliseconds(seconds: float) -> int:
    # To libusb a time limit of zero is none.
    return max(1, math.ceil(seconds * 1000))
