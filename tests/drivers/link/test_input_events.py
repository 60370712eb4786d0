"""The real adapter for input devices, on a device that umockdev holds under the real evdev package.

umockdev grants every grab, so what is shown here is that the grab is asked for before the first read and given back;
that the kernel honours it is shown in a virtual machine (`test_grab.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.link import DeviceFault, DeviceLost
from drivers.link.clock import RealClock
from drivers.link.input_events import open_input_events

ROOT = Path(__file__).parents[3]
DEVICE = "/dev/input/event5"
EV_SYN, EV_KEY, EV_REL, EV_MSC, EV_REP = 0, 1, 2, 4, 20
ENTER = 28
GRAB_REQUEST = "request 40044590"  # _IOW('E', 0x90, int)

DESCRIPTION = f"""\
P: /devices/pci0000:00/usb1/1-2/1-2:1.0/0003:0C2E:0B81.0001/input/input5/event5
N: input/event5
E: DEVNAME={DEVICE}
E: MAJOR=13
E: MINOR=69
E: SUBSYSTEM=input
A: dev=13:69
"""


def bits(size: int, numbers: Iterable[int]) -> str:
    """A set of numbers as the kernel gives it: a bit for each, lowest first."""
    told = bytearray(size)
    for number in numbers:
        told[number // 8] |= 1 << number % 8
    return told.hex().upper()


def answers(*, kinds: Iterable[int] = (EV_SYN, EV_KEY, EV_MSC, EV_REP), held: Iterable[int] = ()) -> str:
    """What the device answers to the requests of evdev, of the very sizes that it asks for."""
    texts = [text.encode().ljust(256, b"\0").hex().upper() for text in ("Scanner", "usb-1-2/input0", "S123")]
    return "\n".join(
        (
            f"@DEV {DEVICE}",
            "EVIOCGVERSION 0 01000100",
            "EVIOCGID 0 03002E0C810B1101",
            f"EVIOCGNAME 8 {texts[0]}",
            f"EVIOCGPHYS 15 {texts[1]}",
            f"EVIOCGUNIQ 5 {texts[2]}",
            f"EVIOCGBIT(0) 4 {bits(4, kinds)}",
            f"EVIOCGBIT(1) 96 {bits(96, range(1, 128))}",
            "EVIOCGEFFECTS 0 00000000",
            f"EVIOCGKEY 96 {bits(96, held)}",
            "",
        )
    )


def typed(codes: Iterable[int]) -> list[tuple[int, int, int]]:
    """The events of keys pressed one after another, scan codes and repeats among them."""
    events = []
    for code in codes:
        events += [(EV_MSC, 4, 0x70000 + code), (EV_KEY, code, 1), (EV_SYN, 0, 0)]
        events += [(EV_KEY, code, 2), (EV_SYN, 0, 1), (EV_KEY, code, 0), (EV_SYN, 0, 0)]
    return events


@dataclass
class Seen:
    """What a scenario said, and the system calls that umockdev answered, in order."""

    said: object
    calls: list[str]


Run = Callable[..., Seen]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a scenario on a device that gives *told* to requests and types *events*."""

    def run(scenario: str, told: str, events: Iterable[tuple[int, int, int]] = ()) -> Seen:
        described, asked, played = (tmp_path / name for name in ("described", "asked", "played"))
        described.write_text(DESCRIPTION)
        asked.write_text(told)
        lines = [f"E: {1 + place / 1000:.6f} {kind:04x} {code:04x} {value:d}" for place, (kind, code, value) in
                 enumerate(events)]  # fmt: skip
        played.write_text("\n".join([*lines, ""]))
        command = ["umockdev-run", "-d", described, "-i", f"{DEVICE}={asked}"]
        command += ["-e", f"{DEVICE}={played}"] if lines else []
        command += ["--", sys.executable, "-m", "tests.drivers.link.input_scenarios", scenario, DEVICE]
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            env=os.environ | {"UMOCKDEV_DEBUG": "ioctl"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return Seen(json.loads(done.stdout), done.stderr.splitlines())

    return run


def test_a_code_is_read_from_the_device_key_by_key(run: Run) -> None:
    """What is typed into the event device arrives as text, without its scan codes and repeats."""
    codes = [4, 11, 3, 4, 5, 11, 11, 11, 6, 2, 8, 9, 7, 2, ENTER]
    assert run("text", answers(), typed(codes)).said == "30234000517861\r"


def test_the_grab_is_asked_for_before_anything_is_read_and_given_back(run: Run) -> None:
    """Of the requests the device gets, one grab comes at opening and one release at the first close, no more."""
    seen = run("keys", answers(), typed([ENTER]))
    assert seen.said == [[ENTER, True], [ENTER, False]]
    requests = [line for line in seen.calls if "request" in line and "emulated" in line]
    grabs = [place for place, line in enumerate(requests) if GRAB_REQUEST in line]
    assert len(grabs) == 2
    assert all("result 0" in requests[place] for place in grabs)
    held_keys = next(place for place, line in enumerate(requests) if "request 80604518" in line)
    assert grabs[0] < held_keys < grabs[1]


def test_keys_held_at_opening_and_gaps_are_told(run: Run) -> None:
    """A shift that is down comes first; where the kernel dropped events is a gap, and reading goes on behind it."""
    events = [*typed([2]), (EV_SYN, 3, 0), (EV_KEY, 3, 1), (EV_SYN, 0, 0), *typed([ENTER])]
    seen = run("keys", answers(held=(42,)), events)
    assert seen.said == [[42, True], [2, True], [2, False], "gap", [ENTER, True], [ENTER, False]]


def test_a_device_without_keys_is_refused_with_its_reason(run: Run) -> None:
    """A mouse named by mistake is told from a scanner that is away, and is not grabbed."""
    seen = run("fault", answers(kinds=(EV_SYN, EV_REL)))
    assert seen.said == ["DeviceFault", f"{DEVICE}: the device has no keys"]
    assert not any(GRAB_REQUEST in line for line in seen.calls)


def test_what_is_not_there_is_lost_and_what_is_no_input_device_is_a_fault(tmp_path: Path) -> None:
    """A path that leads nowhere may be plugged in later; one that leads to something else is the installer's."""
    with pytest.raises(DeviceLost, match="No such file"):
        open_input_events(str(tmp_path / "by-id-of-nothing"), RealClock())
    with pytest.raises(DeviceFault, match="is no input device"):
        open_input_events("/dev/null", RealClock())
