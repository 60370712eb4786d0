"""The shipped configurations with strip units are whole, and work with the far ends they are written for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.em import Abilities, Deed, StripState, Treated
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.em.relay_unit import RelayUnitSettings
from drivers.em.serial_table import SerialUnitSettings
from drivers.sim.strip import plain_item
from kiosk.config.loading import Configuration, load
from tests.kit.strip_bench import CONTACTS, TABLE, StripBench, bookcheck, contacts, serial

EXAMPLES = Path(__file__).parents[3] / "systemd" / "examples"
NAMES = ("bookcheck", "relay", "serial")


def loaded(folder: Path, name: str, text: str = "") -> Configuration:
    secret = folder / "kiosk-01.secret"
    secret.write_text("s3cret\n", encoding="utf-8")
    secret.chmod(0o600)
    file = folder / "kiosk.toml"
    file.write_text(
        text or (EXAMPLES / f"strip-unit-{name}.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    return load(file)


def bench_of(settings: object) -> StripBench:
    match settings:
        case BookCheckSettings():
            return bookcheck(settings)
        case RelayUnitSettings():
            return contacts(settings)
        case SerialUnitSettings():
            return serial(settings)
    raise AssertionError(f"{settings!r} are no strip unit's settings")


def opened_comments(text: str) -> str:
    """*text* with every setting that stands in a comment opened; a section in a comment stays one."""
    lines = text.partition("[strip_unit.settings]")[2].splitlines()
    keys = [line for line in lines if line.startswith("# ") and " = " in line and '"..."' not in line]
    for line in keys:
        text = text.replace(line, line.removeprefix("# "))
    return text


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_whole_and_its_unit_treats_an_item(tmp_path: Path, name: str) -> None:
    """The file loads, and its strip unit, opened with its settings, desensitises and verifies."""
    device = loaded(tmp_path, name).strip_unit
    assert device is not None
    bench = bench_of(device.settings)
    item = plain_item("10000001")
    ended = bench.treat(item, Deed.DESENSITISE)

    assert isinstance(ended, Treated)
    assert (ended.strip, item.is_active) == (StripState.INACTIVE, False)


@pytest.mark.parametrize("name", NAMES)
def test_every_default_in_an_example_is_the_real_one(tmp_path: Path, name: str) -> None:
    """A setting of the unit shown as a comment is what holds without it."""
    text = (EXAMPLES / f"strip-unit-{name}.toml").read_text(encoding="utf-8")
    assert opened_comments(text) != text

    assert loaded(tmp_path, name, opened_comments(text)).strip_unit == loaded(tmp_path, name).strip_unit


def test_the_tables_of_examples_are_those_the_contracts_are_tried_with(tmp_path: Path) -> None:
    """What every promise of a strip unit is tried with is what an installer begins from."""
    serial_unit, relays = (loaded(tmp_path, name).strip_unit for name in ("serial", "relay"))

    assert serial_unit is not None
    assert relays is not None
    assert serial_unit.settings == TABLE
    assert relays.settings == replace(CONTACTS, active_low=(22, 23, 24, 25))


@pytest.mark.parametrize(
    ("settings", "abilities"),
    [
        (BookCheckSettings(), Abilities(True, reads_strips=True, treats_lying=False)),
        (BookCheckSettings(verifies=False), Abilities(True, reads_strips=False, treats_lying=False)),
        (CONTACTS, Abilities(senses_items=True, reads_strips=True)),
        (replace(CONTACTS, item=None), Abilities(senses_items=False, reads_strips=True)),
        (replace(CONTACTS, strip_detected=None), Abilities(senses_items=True, reads_strips=False)),
        (TABLE, Abilities(senses_items=True, reads_strips=True)),
        (replace(TABLE, item_present=""), Abilities(senses_items=False, reads_strips=True)),
        (SerialUnitSettings(), Abilities(senses_items=False, reads_strips=False)),
    ],
)
def test_settings_tell_what_a_unit_can_tell(
    settings: BookCheckSettings | RelayUnitSettings | SerialUnitSettings, abilities: Abilities
) -> None:
    """What a unit senses and reads is known before it is opened."""
    assert settings.abilities == abilities
