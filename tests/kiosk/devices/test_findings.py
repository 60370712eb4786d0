"""What a thing on a line turns out to be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivers.catalog import LinkKind
from drivers.link.clock import RealClock
from drivers.link.memory import VirtualClock
from drivers.link.memory_control import MemoryControlLink
from drivers.link.urls import open_link
from drivers.plugged import Plugged
from drivers.sim.bookcheck import BookCheckFarEnd
from drivers.sim.obid_reader import ObidReader
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.serve import serve_pty
from kiosk.devices.findings import Finding, Ground, findings
from kiosk.devices.report import finding_json, finding_lines


def thing(link: str, kind: LinkKind = LinkKind.BYTES, usb_id: str = "") -> Plugged:
    return Plugged(kind, link, (link.partition(":")[2],), usb_id, product="Something" if usb_id else "")


def found(*things: Plugged) -> list[Finding]:
    return list(findings(things, RealClock(), {LinkKind.BYTES: open_link}))


def test_a_reader_on_an_unknown_plug_is_known_by_its_answer(tmp_path: Path) -> None:
    """A pad behind a nameless serial port is taken for what it answers, on the line on which it answered."""
    clock = RealClock()
    serving = serve_pty(ObidReader(clock), tmp_path / "port")
    try:
        (one,) = found(thing(serving.url))
    finally:
        serving.close()

    assert (one.ground, one.driver) == (Ground.ANSWER, "obid-pad")
    assert one.link.startswith(serving.url)
    assert one.identity is not None
    assert f"obid-pad: it answers as {one.identity.model}" in "\n".join(finding_lines([one]))


def test_what_answers_nobody_is_not_known(tmp_path: Path) -> None:
    """A scanner says nothing unasked; it is listed all the same, and not called something that it is not."""
    serving = serve_pty(ScannerFarEnd(RealClock()), tmp_path / "port")
    try:
        (one,) = found(thing(serving.url))
    finally:
        serving.close()

    assert (one.ground, one.driver, one.identity) == (Ground.NONE, "", None)


def test_a_device_with_a_number_of_its_own_is_known_unasked() -> None:
    """A 3M strip unit is known by its USB id; it is not opened."""
    (one,) = found(thing("usb:0d2c:03ae", LinkKind.CONTROL, "0d2c:03ae"))

    assert (one.ground, one.driver) == (Ground.USB_ID, "bookcheck")


def test_a_usb_device_is_asked_by_its_own_driver_alone() -> None:
    """What is no strip unit is sent nothing of a strip unit's; one that is tells its mode."""
    clock = VirtualClock()
    unit = MemoryControlLink(BookCheckFarEnd(clock), clock)
    openers = {LinkKind.CONTROL: lambda url, clock: unit}
    named = thing("usb:0d2c:03ae", LinkKind.CONTROL, "0d2c:03ae")
    other = thing("usb:05e0:1200", LinkKind.CONTROL, "05e0:1200")

    assert [one.ground for one in findings([other], clock, openers)] == [Ground.NONE]
    assert unit.requests == []
    assert [one.ground for one in findings([named], clock, openers)] == [Ground.ANSWER]


def test_what_somebody_else_holds_is_not_asked(tmp_path: Path) -> None:
    """The port of the running terminal is said to be in use, and nothing is sent on it."""
    serving = serve_pty(ObidReader(RealClock()), tmp_path / "port")
    held = open_link(serving.url, RealClock())
    try:
        (one,) = found(thing(serving.url))
    finally:
        held.close()
        serving.close()

    assert one.ground is Ground.IN_USE
    assert "in use" in "\n".join(finding_lines([one]))


def test_a_port_without_a_stable_name_is_pointed_out() -> None:
    """The installer is told when the next start may give the number to another device."""
    usb = thing("serial:/dev/null/ttyUSB0", usb_id="0403:6001")
    lines = "\n".join(finding_lines([Finding(usb, Ground.NONE, usb.link)]))

    assert "no stable name" in lines
    assert "0403:6001 Something" in lines


def test_an_empty_machine_is_said_to_be_empty() -> None:
    """Nothing plugged in is an answer in words."""
    assert list(finding_lines([])) == ["nothing is plugged in that a device of a kiosk could be on"]


@pytest.mark.parametrize("name", ["\x1b[2Jreader", "читатель", "读者", '"quoted"\n'])
def test_any_name_of_a_device_is_data(name: str) -> None:
    """Whatever a device calls itself survives JSON and breaks no line."""
    one = Finding(
        Plugged(LinkKind.BYTES, "serial:/dev/x", ("/dev/x",), product=name), Ground.NONE, "serial:/dev/x"
    )

    assert json.loads(json.dumps(finding_json(one)))["product"] == name


def test_no_clock_is_needed_where_nothing_is_asked() -> None:
    """Things that are no byte lines cost no time."""
    clock = VirtualClock()
    list(findings([thing("gpio:/dev/gpiochip0", LinkKind.LINES)], clock, {LinkKind.BYTES: open_link}))

    assert clock.monotonic() == 0
