"""`kiosk devices`, called as from a shell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from drivers.link.clock import RealClock
from drivers.sim import shelf
from drivers.sim.obid_reader import ObidReader
from drivers.sim.scanner import ScannerFarEnd
from drivers.sim.serve import Serving, serve_tcp
from kiosk.cli import app

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

    def devices(self, *options: str) -> Result:
        return CliRunner().invoke(app, ["devices", str(self.file), *options])


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
    assert "pad          works; tags on it: library item 1" in result.output
    assert "scanner      opened; no code came" in result.output
    assert "10000001" not in result.output


def test_a_device_that_does_not_answer_is_pointed_out(place: Place) -> None:
    """One that is away does not keep the others from being tried; the end code says that something is wrong."""
    place.cables["pad"].unplug()
    result = place.devices("--json")

    assert result.exit_code == 1
    told = {one["role"]: one["is_good"] for one in json.loads(result.stdout)["devices"]}
    assert told == {"pad": False, "scanner": True}


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
