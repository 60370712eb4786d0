"""Process one of the virtual machine: runs every scenario, says what held, and switches off."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import evdev
from evdev import ecodes

from drivers.barcode import keyboard_scanner
from drivers.barcode.keyboard_scanner import KeyboardScannerSettings
from drivers.link import DeviceFault, DeviceLost, KeyEvent
from drivers.link.clock import RealClock
from drivers.link.input_events import InputEventsLink, open_input_events

CLOCK = RealClock()
A, SHIFT, ENTER = ecodes.KEY_A, ecodes.KEY_LEFTSHIFT, ecodes.KEY_ENTER
CODE = "30234000517861"
DIGITS = {str(digit): code for digit, code in zip((1, 2, 3, 4, 5, 6, 7, 8, 9, 0), range(2, 12), strict=True)}
FINIT_MODULE, POWER_OFF = 313, 0x4321FEDC
ARRIVES_SECONDS = 20.0

LIBC = ctypes.CDLL(None, use_errno=True)


def prepare() -> None:
    """Mounts what programs expect and loads the two modules."""
    for kind, folder in (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev")):
        Path(folder).mkdir(exist_ok=True)
        if LIBC.mount(kind.encode(), folder.encode(), kind.encode(), 0, None) != 0:
            raise OSError(ctypes.get_errno(), f"mount {folder}")
    for module in ("evdev.ko", "uinput.ko"):
        descriptor = os.open(f"/modules/{module}", os.O_RDONLY)
        if LIBC.syscall(FINIT_MODULE, descriptor, b"", 0) != 0:
            raise OSError(ctypes.get_errno(), module)
        os.close(descriptor)


def until(condition: Callable[[], bool]) -> None:
    """Waits until *condition* holds; fails when it does not in time."""
    deadline = CLOCK.monotonic() + ARRIVES_SECONDS
    while not condition():
        assert CLOCK.monotonic() < deadline, "did not come true in time"
        CLOCK.wait(0.01)


@contextmanager
def keyboard(name: str = "Scanner") -> Iterator[evdev.UInput]:
    """A keyboard, plugged in for as long as the block lasts."""
    events: dict[int, Any] = {
        ecodes.EV_KEY: list(range(1, 128)),
        ecodes.EV_MSC: [ecodes.MSC_SCAN],
        ecodes.EV_REP: [],
    }
    plugged = evdev.UInput(events, name=name, vendor=0x0C2E, product=0x0B81, bustype=ecodes.BUS_USB)
    until(lambda: plugged.device is not None and os.path.exists(plugged.device.path))
    try:
        yield plugged
    finally:
        with suppress(OSError):
            plugged.close()


def path_of(plugged: evdev.UInput) -> str:
    assert plugged.device is not None
    return str(plugged.device.path)


def press(plugged: evdev.UInput, codes: Iterable[int]) -> None:
    """Presses and lets go one key after the other, slowly enough for every reader."""
    for code in codes:
        for value in (1, 0):
            plugged.write(ecodes.EV_MSC, ecodes.MSC_SCAN, 0x70000 + code)
            plugged.write(ecodes.EV_KEY, code, value)
            plugged.syn()
        CLOCK.wait(0.005)


def downs(device: evdev.InputDevice[str]) -> list[int]:
    """The keys that went down, as another reader of the device sees them."""
    seen = []
    with suppress(BlockingIOError):
        while True:
            seen += [one.code for one in device.read() if one.type == ecodes.EV_KEY and one.value == 1]
    return seen


def heard(link: InputEventsLink, count: int) -> list[KeyEvent]:
    """The next *count* keys."""
    keys: list[KeyEvent] = []
    deadline = CLOCK.monotonic() + ARRIVES_SECONDS
    while len(keys) < count and CLOCK.monotonic() < deadline:
        keys += link.read(0.05)
    return keys


def why_not(call: Callable[[], object]) -> str:
    """Why the device is lost to *call*, empty when it is not."""
    try:
        call()
    except DeviceLost as error:
        return str(error)
    return ""


def a_grabbed_device_reaches_nobody_else() -> None:
    """Before and after the grab another reader and the console hear the keys; during it this link alone does."""
    console = os.open("/dev/tty1", os.O_RDONLY | os.O_NONBLOCK)

    def typed_on_console() -> bytes:
        try:
            return os.read(console, 100)
        except BlockingIOError:
            return b""

    with keyboard() as plugged:
        other = evdev.InputDevice(path_of(plugged))
        press(plugged, [A, ENTER])
        said = b""

        def console_hears() -> bool:
            nonlocal said
            said += typed_on_console()
            return b"a\n" in said

        until(console_hears)
        assert downs(other) == [A, ENTER]

        link = open_input_events(path_of(plugged), CLOCK)
        press(plugged, [A, A, ENTER])
        assert [key.code for key in heard(link, 6) if key.is_down] == [A, A, ENTER]
        CLOCK.wait(0.2)
        assert downs(other) == []
        assert typed_on_console() == b""

        link.close()
        press(plugged, [A, ENTER])
        until(lambda: typed_on_console() != b"")
        assert downs(other) == [A, ENTER]
    os.close(console)


def a_second_grab_is_refused_with_its_reason() -> None:
    """Somebody else's grab is told as such, and once it ends the device can be had."""
    with keyboard() as plugged:
        first = open_input_events(path_of(plugged), CLOCK)
        assert "somebody else has grabbed it" in why_not(lambda: open_input_events(path_of(plugged), CLOCK))
        first.close()
        open_input_events(path_of(plugged), CLOCK).close()


def a_grab_ends_with_its_process() -> None:
    """A terminal that is killed leaves nothing grabbed."""
    with keyboard() as plugged:
        ready, told = os.pipe()
        child = os.fork()
        if child == 0:
            open_input_events(path_of(plugged), CLOCK)
            os.write(told, b"!")
            while True:
                signal.pause()
        assert os.read(ready, 1) == b"!"
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        open_input_events(path_of(plugged), CLOCK).close()


def an_unplugged_device_is_lost_and_its_successor_is_used() -> None:
    """Pulled while it is read, the link says so; the next device that is plugged in can be opened and read."""
    with keyboard() as plugged:
        link = open_input_events(path_of(plugged), CLOCK)
        path = path_of(plugged)
    assert "No such device" in why_not(lambda: heard(link, 1)) or "is gone" in why_not(lambda: heard(link, 1))
    link.close()
    assert "No such file" in why_not(lambda: open_input_events(path, CLOCK))
    with keyboard("Another scanner") as plugged:
        link = open_input_events(path_of(plugged), CLOCK)
        press(plugged, [A])
        assert heard(link, 2) == [KeyEvent(A, True), KeyEvent(A, False)]
        link.close()


def keys_held_at_opening_come_first() -> None:
    """A shift that is down before the device is opened is told of, and its release too."""
    with keyboard() as plugged:
        plugged.write(ecodes.EV_KEY, SHIFT, 1)
        plugged.syn()
        link = open_input_events(path_of(plugged), CLOCK)
        assert heard(link, 1) == [KeyEvent(SHIFT, True)]
        plugged.write(ecodes.EV_KEY, SHIFT, 0)
        plugged.syn()
        assert heard(link, 1) == [KeyEvent(SHIFT, False)]
        link.close()


def what_nobody_read_in_time_is_a_gap() -> None:
    """The kernel drops what does not fit; the link tells of the gap once and then gives what comes."""
    with keyboard() as plugged:
        link = open_input_events(path_of(plugged), CLOCK)
        press(plugged, [A] * 200)
        gaps, keys = 0, 0
        for _ in range(50):
            try:
                keys += len(link.read(0.01))
            except DeviceFault:
                gaps += 1
        assert gaps == 1, gaps
        assert keys < 400, keys
        press(plugged, [ENTER])
        assert heard(link, 2) == [KeyEvent(ENTER, True), KeyEvent(ENTER, False)]
        link.close()


def a_whole_number_waits_until_it_is_read() -> None:
    """Fourteen digits and Enter fit into what the kernel keeps; another reader, who takes all there is, hears a gap."""
    with keyboard() as plugged:
        other = evdev.InputDevice(path_of(plugged))
        codes = [*(DIGITS[digit] for digit in CODE), ENTER]
        press(plugged, codes)
        assert any(one.code == ecodes.SYN_DROPPED for one in other.read() if one.type == ecodes.EV_SYN)
        link = open_input_events(path_of(plugged), CLOCK)
        press(plugged, codes)
        assert [key.code for key in heard(link, 2 * len(codes)) if key.is_down] == codes
        link.close()


def repeats_are_left_out() -> None:
    """A key that is held down is repeated by the kernel, as another reader hears, and is one press to the link."""
    with keyboard() as plugged:
        other = evdev.InputDevice(path_of(plugged))
        for is_grabbed in (False, True):
            link = open_input_events(path_of(plugged), CLOCK) if is_grabbed else None
            plugged.write(ecodes.EV_KEY, A, 1)
            plugged.syn()
            CLOCK.wait(1.0)
            plugged.write(ecodes.EV_KEY, A, 0)
            plugged.syn()
            if link is None:
                assert sum(one.value == 2 for one in other.read() if one.type == ecodes.EV_KEY) > 2
                continue
            assert heard(link, 2) == [KeyEvent(A, True), KeyEvent(A, False)]
            assert link.read(0.1) == ()
            link.close()


def a_code_is_scanned_while_another_keyboard_types() -> None:
    """The scanner's driver reads its code; the other keyboard's keys are not in it and stay where they were."""
    with keyboard() as plugged, keyboard("Somebody's keyboard") as somebody:
        other = evdev.InputDevice(path_of(somebody))
        scanner = keyboard_scanner.open(
            KeyboardScannerSettings(silence_seconds=5.0), open_input_events(path_of(plugged), CLOCK), CLOCK
        )
        others = []
        for digit in CODE:
            press(plugged, [DIGITS[digit]])
            press(somebody, [A])
            others += downs(other)
        press(plugged, [ENTER])
        scan = scanner.read(ARRIVES_SECONDS)
        assert scan is not None
        assert scan.text.reveal() == CODE
        assert others == [A] * len(CODE)
        scanner.close()


SCENARIOS: tuple[Callable[[], None], ...] = (
    a_grabbed_device_reaches_nobody_else,
    a_second_grab_is_refused_with_its_reason,
    a_grab_ends_with_its_process,
    an_unplugged_device_is_lost_and_its_successor_is_used,
    keys_held_at_opening_come_first,
    what_nobody_read_in_time_is_a_gap,
    a_whole_number_waits_until_it_is_read,
    repeats_are_left_out,
    a_code_is_scanned_while_another_keyboard_types,
)


def main() -> None:
    """Says one line of JSON on the second serial line for each scenario, and for a failure to begin."""
    with open("/dev/ttyS1", "w", encoding="utf-8") as out:
        for scenario in SCENARIOS:
            try:
                scenario()
            except BaseException:
                told = traceback.format_exc()
            else:
                told = ""
            print(json.dumps({"scenario": scenario.__name__, "failure": told}), file=out, flush=True)


if __name__ == "__main__":
    try:
        prepare()
        main()
    except BaseException:
        traceback.print_exc()
    finally:
        os.sync()
        LIBC.reboot(POWER_OFF)
