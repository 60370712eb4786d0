"""The keys of an input device of the kernel (evdev), grabbed: what it types reaches this reader and nobody else.

The grab (EVIOCGRAB) is the device's, not the screen's: while it lasts neither the console nor a display server nor
another program gets a key, and a second grab is refused.  It ends with the descriptor, so also when the process dies.
Between plugging in and opening nobody holds the device: `systemd/udev/70-library-kiosk.rules` tells display servers to
leave it alone meanwhile.

That all of this holds was tried on a real kernel with devices made through uinput (Linux 6.1 in a virtual machine, by
the soak), and request by request under umockdev; no scanner of metal was ever plugged in.

The kernel keeps 63 events of a keyboard per reader (drivers/input/evdev.c) and drops all of them for one more; a reader
that comes later hears of a gap.  Each press is four to six events.  The scan codes among them are declined (EVIOCSMASK,
since Linux 4.4), so that fourteen digits and Enter fit, however long nobody reads.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import select
import struct
from array import array

import evdev

from drivers.link import Clock, DeviceFault, DeviceLost, KeyEvent
from drivers.link.key_events import EV_KEY, KeyQueue

__all__ = ["InputEventsLink", "open_input_events"]

_DOWN = 1
_EV_MSC = 4
_SET_MASK = 0x40104593  # EVIOCSMASK, _IOW('E', 0x93, struct input_mask)
_MASK = struct.Struct("=IIQ")  # type of event, bytes of the set of codes that are wanted, and where it lies


def open_input_events(path: str, clock: Clock) -> InputEventsLink:
    """Opens and grabs the input device at *path*, best a name that outlives plugging (/dev/kiosk/scanner).

    Keys that are held down while it is opened are given by the first read.  Raises `DeviceLost` when it is not there,
    may not be read or somebody else has grabbed it, `DeviceFault` when it is no input device or has no keys.
    """
    try:
        device = evdev.InputDevice(path, readonly=True)
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EINVAL):
            raise DeviceFault(f"{path}: is no input device") from error
        raise DeviceLost(f"{path}: {error.strerror or error}") from error
    link = InputEventsLink(device, path, clock)
    try:
        link.grab()
    except BaseException:
        link.close()
        raise
    return link


class InputEventsLink:
    """`InputLink` over an open event device."""

    def __init__(self, device: evdev.InputDevice[str], path: str, clock: Clock) -> None:
        self._device = device
        self._path = path
        self._clock = clock
        self._keys = KeyQueue()
        self._is_grabbed = False

    def grab(self) -> None:
        """Takes the device for this reader alone; raises as `open_input_events`."""
        try:
            if EV_KEY not in self._device.capabilities():
                raise DeviceFault(f"{self._path}: the device has no keys")
            self._device.grab()
            self._is_grabbed = True
            self._decline_scan_codes()
            self._keys.add((EV_KEY, code, _DOWN) for code in self._device.active_keys())
        except OSError as error:
            if error.errno == errno.EBUSY:
                raise DeviceLost(f"{self._path}: somebody else has grabbed it") from error
            raise DeviceLost(f"{self._path}: {error.strerror or error}") from error
        except SystemError as error:  # what evdev makes of a device that leaves before it told its keys
            raise DeviceLost(f"{self._path}: the device is gone") from error

    def read(self, timeout_seconds: float) -> tuple[KeyEvent, ...]:
        """As promised by `InputLink`; after a gap the next read goes on behind it."""
        deadline = self._clock.monotonic() + timeout_seconds
        while not (keys := self._keys.take()):
            remaining = max(0.0, deadline - self._clock.monotonic())
            self._collect(remaining)
            if remaining == 0.0:
                return self._keys.take()
        return keys

    def close(self) -> None:
        """As promised by `InputLink`; the grab ends."""
        if self._is_grabbed:
            self._is_grabbed = False
            with contextlib.suppress(OSError):
                self._device.ungrab()
        with contextlib.suppress(OSError):
            self._device.close()

    def _decline_scan_codes(self) -> None:
        """Has the kernel keep no MSC events for this reader; one that cannot keeps them, and the queue drops them."""
        wanted = array("Q", [0])
        place, count = wanted.buffer_info()
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._device.fd, _SET_MASK, _MASK.pack(_EV_MSC, count * wanted.itemsize, place))

    def _collect(self, seconds: float) -> None:
        """Takes what the kernel has, as soon as it has anything, at most *seconds* from now.  Raises `DeviceLost`."""
        if self._device.fd < 0:
            raise DeviceLost(f"{self._path}: the link is closed")
        poll = select.poll()
        poll.register(self._device.fd, select.POLLIN)
        try:
            for _, state in poll.poll(seconds * 1000):
                if state & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                    raise DeviceLost(f"{self._path}: the device is gone")
                self._keys.add((event.type, event.code, event.value) for event in self._device.read())
        except BlockingIOError:
            return
        except OSError as error:
            raise DeviceLost(f"{self._path}: {error.strerror or error}") from error
