"""The catalogue of drivers, and the list of far ends."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from drivers import catalog
from drivers.catalog import DRIVERS, DriverEntry, Kind
from drivers.link import SettingsError
from drivers.sim import FAR_ENDS, FarEndEntry, far_end_class


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_every_driver_can_be_loaded(driver: DriverEntry) -> None:
    """Each name leads to a module with `open` and a frozen dataclass of settings that has defaults."""
    settings_class = driver.settings_class()

    assert dataclasses.is_dataclass(settings_class)
    assert callable(driver.opener())
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(settings_class(), dataclasses.fields(settings_class)[0].name, None)
    for kind in driver.kinds:
        assert catalog.find(driver.name, kind) is driver
        assert driver.name in catalog.names(kind)


def test_the_catalogue_imports_no_driver() -> None:
    """Looking into the catalogue loads no device's module."""
    code = (
        "import sys, drivers.catalog as c\n"
        "c.find('obid-pad', c.Kind.PAD)\n"
        "rooms = ('drivers.rfid', 'drivers.card', 'drivers.barcode')\n"
        "print([name for name in sys.modules if name.startswith(rooms)])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    assert answer.stdout.strip() == "[]"


def test_an_unknown_driver_is_refused_with_what_there_is() -> None:
    """A name that is in no catalogue is a settings error that lists the ones that are."""
    with pytest.raises(SettingsError, match="obid-pad"):
        catalog.find("no-such-driver", Kind.PAD)


def test_a_driver_of_another_kind_is_refused() -> None:
    """A pad cannot stand where a scanner is wanted."""
    with pytest.raises(SettingsError, match="no scanner but: pad"):
        catalog.find("obid-pad", Kind.SCANNER)


def installed(folder: Path, target: str) -> None:
    """Makes *folder* a place with an installed package whose entry point leads to *target*."""
    info = folder / "outsider-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outsider\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{catalog.ENTRY_POINT_GROUP}]\noutsider = {target}\n")
    (folder / "outsider_driver.py").write_text(
        "from drivers.catalog import DriverEntry, Kind\n"
        "ENTRY = DriverEntry('outsider', 'drivers.rfid.obid_pad', 'ObidPadSettings', (Kind.PAD,))\n"
        "WRONG = 'not a driver'\n"
    )


def test_a_driver_from_outside_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that announces a driver is found, listed and loaded like our own."""
    installed(tmp_path, "outsider_driver:ENTRY")
    monkeypatch.syspath_prepend(tmp_path)

    assert catalog.find("outsider", Kind.PAD).settings_class().__name__ == "ObidPadSettings"
    assert "outsider" in catalog.names(Kind.PAD)


@pytest.mark.parametrize("target", ["outsider_driver:WRONG", "outsider_driver:MISSING", "no_such_module:X"])
def test_a_broken_driver_from_outside_is_a_settings_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """An entry point that leads nowhere, or to no driver, names the driver and does not crash the kiosk."""
    installed(tmp_path, target)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(SettingsError, match="outsider"):
        catalog.find("outsider", Kind.PAD)


def test_a_driver_whose_module_is_missing_is_a_settings_error() -> None:
    """A driver that cannot be imported, say for a missing package, is told by name."""
    entry = DriverEntry("ghost", "drivers.rfid.no_such_module", "X", (Kind.PAD,))
    with pytest.raises(SettingsError, match="ghost"):
        entry.opener()
    with pytest.raises(SettingsError, match="Missing"):
        DriverEntry("half", "drivers.rfid.obid_pad", "Missing", (Kind.PAD,)).settings_class()


@pytest.mark.parametrize("entry", FAR_ENDS, ids=lambda entry: entry.name)
def test_every_far_end_in_the_list_exists(entry: FarEndEntry) -> None:
    """Each name that `kiosk sim` lists leads to a class."""
    assert isinstance(far_end_class(entry.name), type)


def test_an_unknown_far_end_is_refused_with_what_there_is() -> None:
    """A wrong name lists the right ones."""
    with pytest.raises(SettingsError, match=r"obid-reader, .*scanner, card"):
        far_end_class("toaster")
