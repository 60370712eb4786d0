"""`kiosk devices`, called as from a shell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from drivers.link.clock import RealClock
from drivers.sim import shelf
from drivers.sim.obid_reader import ObidReader
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.serial_strip_unit import SerialStripUnitFarEnd
from drivers.sim.serve import Serving, serve_tcp
from drivers.sim.strip import plain_item
from kiosk.cli import app
from kiosk.engine import control_call
from kiosk.engine.errands import NotDone

EXAMPLES = Path(__file__).parents[3] / "systemd" / "examples"

CONFIGURATION = """
[terminal]
name = "kiosk-01"
library = "Example Library"

[pad]
driver = "obid-pad"
link = "{pad}"

[pad.settings]
frame = "advanced"

[scanner]
driver = "serial-scanner"
link = "{scanner}"

[server]
url = "tcp://127.0.0.1:6001"

[journal]
path = "journal.db"
key_file = "journal.key"
"""


class Place:
    """A configuration whose pad and scanner are at far ends."""

    def __init__(self, folder: Path) -> None:
        clock = RealClock()
        self.reader = ObidReader(clock)
        self.cables: dict[str, Serving] = {
            "pad": serve_tcp(self.reader),
            "scanner": serve_tcp(ScannerFarEnd(clock)),
        }
        self.file = folder / "kiosk.toml"
        urls = {role: cable.url for role, cable in self.cables.items()}
        self.file.write_text(CONFIGURATION.format(**urls), encoding="utf-8")

    def devices(self, *options: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, ["devices", str(self.file), *options], input=typed)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    for cable in place.cables.values():
        cable.close()


def test_each_configured_device_is_tried(place: Place) -> None:
    """Every device has a line, and all being well ends with 0."""
    place.reader.lay(shelf.item_tag("10000001"))
    result = place.devices()

    assert result.exit_code == 0, result.output
    assert "pad              works; tags on it: library item 1" in result.output
    assert "scanner          opened; no code came" in result.output
    assert "10000001" not in result.output


def test_a_device_that_does_not_answer_is_pointed_out(place: Place) -> None:
    """One that is away does not keep the others from being tried; the end code says that something is wrong."""
    place.cables["pad"].unplug()
    result = place.devices("--json")

    assert result.exit_code == 1
    told = {one["role"]: one["is_good"] for one in json.loads(result.stdout)["devices"]}
    assert told == {"pad": False, "scanner": True}


@pytest.fixture
def unit(place: Place) -> Iterator[SerialStripUnitFarEnd]:
    """A strip unit that acts on what lies there, added to the configuration."""
    far_end = SerialStripUnitFarEnd(RealClock())
    serving = serve_tcp(far_end)
    example = (EXAMPLES / "strip-unit-serial.toml").read_text(encoding="utf-8")
    tables = example[example.index("[strip_unit]") : example.index("[server]")]
    wired = re.sub(r"(?m)^link = .*$", f'link = "{serving.url}"', tables)
    session = '[session]\nscanned_item = "lend"\nstrips = "untagged"\n'
    place.file.write_text(place.file.read_text(encoding="utf-8") + wired + session, encoding="utf-8")
    yield far_end
    serving.close()


def test_a_strip_unit_acts_only_when_it_was_ordered_and_after_a_yes(
    place: Place, unit: SerialStripUnitFarEnd
) -> None:
    """Tried, warned of and refused it does nothing; what the others say is told all the same; a yes is one deed."""
    item = plain_item("10000001")
    unit.lay(item)
    tried, refused = place.devices(), place.devices("--pulse", typed="n\n")

    assert (tried.exit_code, refused.exit_code, item.treatments) == (0, 0, [])
    assert "its field erases them" in refused.stderr
    assert "strip_unit       works, and is safe" in refused.stdout

    done = place.devices("--pulse", typed="y\n")
    assert (done.exit_code, len(item.treatments)) == (0, 1)
    assert "desensitised one item; its strip is inactive" in done.stdout


def test_a_pulse_that_was_not_given_ends_with_one(place: Place, unit: SerialStripUnitFarEnd) -> None:
    """A unit that says that it is broken has not done what it was told to."""
    unit.lay(plain_item("10000001"))
    unit.has_fault = True
    result = place.devices("--pulse", typed="y\n")

    assert result.exit_code == 1
    assert "did nothing: fault" in result.stdout


def test_a_pulse_waits_until_the_terminal_is_stopped(
    place: Place, unit: SerialStripUnitFarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal that runs keeps its unit: the order is refused, and not forgotten behind a good end code."""
    item = plain_item("10000001")
    unit.lay(item)
    monkeypatch.setattr(control_call, "call", lambda folder, request: {"devices_down": []})
    listed, pulsed = place.devices(), place.devices("--pulse", typed="y\n")

    assert (listed.exit_code, pulsed.exit_code, item.treatments) == (0, 2, [])
    assert "all of them are there" in listed.stdout
    assert "stop it first" in pulsed.stderr


def test_devices_of_a_terminal_that_may_not_be_asked_are_not_touched(
    place: Place, unit: SerialStripUnitFarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody else's terminal may be running, the reason is told instead of opening what it holds."""

    def call(folder: Path, request: dict[str, str]) -> dict[str, object]:
        raise NotDone("control belongs to another user; call as that one or as root")

    monkeypatch.setattr(control_call, "call", call)
    result = place.devices("--pulse", typed="y\n")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "another user" in result.stderr


def test_a_pulse_needs_a_configuration() -> None:
    """`--pulse` alone is a wrong call: which unit is meant stands in a configuration."""
    result = CliRunner().invoke(app, ["devices", "--pulse"])

    assert result.exit_code == 2
    assert "name the configuration" in result.stderr


def test_a_strip_unit_that_is_not_there_cannot_be_pulsed(place: Place) -> None:
    """`--pulse` without a strip unit is a wrong call."""
    result = place.devices("--pulse")

    assert result.exit_code == 2
    assert "no [strip_unit]" in result.output


def test_a_wrong_configuration_is_refused_before_a_device_is_touched(place: Place) -> None:
    """What is wrong with the file is told, and nothing is opened."""
    place.file.write_text("[pad]\n", encoding="utf-8")
    result = place.devices()

    assert result.exit_code == 2
    assert "[terminal]" in result.output


def test_what_is_plugged_in_is_listed_without_a_configuration() -> None:
    """Without a file this machine's own ports are listed, whatever they are."""
    result = CliRunner().invoke(app, ["devices", "--json"])

    assert result.exit_code == 0, result.output
    assert all({"link", "ground", "driver"} <= one.keys() for one in json.loads(result.stdout)["plugged"])
