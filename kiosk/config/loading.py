"""Reads the file, checks every section, and says all that is wrong at once."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from drivers.catalog import DriverEntry, Kind, LinkKind, find
from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.memory import VirtualClock
from drivers.link.urls import (
    check_apdu_link,
    check_control_link,
    check_input_link,
    check_line_link,
    check_link,
)
from kiosk.config.complaints import ConfigurationWrong, from_validation, unknown
from kiosk.config.no_link import NoLink
from kiosk.config.sections import (
    DEVICES,
    REQUIRED,
    SECTIONS,
    Control,
    Device,
    Journal,
    Offline,
    Payment,
    Receipts,
    Screen,
    Server,
    Session,
    Terminal,
)
from kiosk.config.sorting import Sorting
from kiosk.config.together import bins_out_of_reach, hidden_tapes, missing, other_currency
from kiosk.config.values import Section
from kiosk.config.ways import checked_offline, checked_payment, checked_server, written_over
from sync.journal.keys import JournalKeys

FILE_SIZE_MAX = 256 * 1024

KINDS = {
    "pad": Kind.PAD,
    "scanner": Kind.SCANNER,
    "card_reader": Kind.CARD_READER,
    "printer": Kind.PRINTER,
    "strip_unit": Kind.STRIP_UNIT,
    "book_drop": Kind.BOOK_DROP,
    "payment_terminal": Kind.PAYMENT_TERMINAL,
}
LINK_CHECKS = {
    LinkKind.BYTES: check_link,
    LinkKind.APDU: check_apdu_link,
    LinkKind.CONTROL: check_control_link,
    LinkKind.LINES: check_line_link,
    LinkKind.INPUT: check_input_link,
}

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """A device that is configured: which driver, on which line, with that driver's own settings."""

    driver: DriverEntry
    link: str
    settings: object


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration that fits; paths in it are whole.  A device that is None is not there."""

    terminal: Terminal
    session: Session
    pad: DeviceSettings | None
    scanner: DeviceSettings | None
    card_reader: DeviceSettings | None
    printer: DeviceSettings | None
    strip_unit: DeviceSettings | None
    book_drop: DeviceSettings | None
    payment_terminal: DeviceSettings | None
    server: Server
    payment: Payment
    journal: Journal
    offline: Offline
    receipts: Receipts
    sorting: Sorting
    control: Control
    screen: Screen


def load(path: Path) -> Configuration:
    """The configuration in *path*; relative paths in it count from its folder.

    Touches no device and no wire; secret files are looked at and closed again.  Raises `ConfigurationWrong` with
    every fault found.
    """
    tables = _tables(path)
    reading = _Reading(tables, path.resolve().parent)
    configuration = reading.configuration()
    if reading.complaints or configuration is None:
        raise ConfigurationWrong(reading.complaints)
    return configuration


def _tables(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > FILE_SIZE_MAX:
            raise ConfigurationWrong(
                [f"{path}: is larger than a configuration can be ({FILE_SIZE_MAX} bytes)"]
            )
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationWrong([f"{path}: cannot be read ({error.strerror})"]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationWrong([f"{path}: is not UTF-8 from byte {error.start + 1} on"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationWrong([f"{path}: is no TOML: {error}"]) from error
    if _has_nul(tables):
        raise ConfigurationWrong([f"{path}: a text holds the character \\u0000, which nothing here can have"])
    return tables


def _has_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_has_nul(one) for pair in value.items() for one in pair)
        case list():
            return any(map(_has_nul, value))
        case _:
            return False


class _Reading:
    """One pass over the file; collects complaints and goes on."""

    def __init__(self, tables: dict[str, Any], folder: Path) -> None:
        self._tables = tables
        self._folder = folder
        self.complaints: list[str] = []

    def configuration(self) -> Configuration | None:
        for name in self._tables:
            if name not in SECTIONS:
                self.complaints.append(f"[{name}]: {unknown('section', name, SECTIONS, '[{}]')}")
        terminal = self._section("terminal", Terminal)
        session = self._section("session", Session)
        screen = self._section("screen", Screen)
        server = self._section("server", Server)
        journal = self._section("journal", Journal)
        payment = self._section("payment", Payment)
        offline = self._section("offline", Offline)
        receipts = self._section("receipts", Receipts)
        sorting = self._section("sorting", Sorting)
        control = self._section("control", Control)
        devices = {name: self._device(name) for name in DEVICES}
        self.complaints += missing(self._tables)
        if session is not None and (pad := devices["pad"]) is not None:
            self.complaints += hidden_tapes(session, pad.settings)
        if server is not None:
            server, complaints = checked_server(server, self._folder)
            self.complaints += complaints
        if journal is not None:
            journal = self._with_key(journal)
        if payment is not None:
            payment, complaints = checked_payment(payment, self._folder)
            self.complaints += complaints
        if server is not None and (card_terminal := devices["payment_terminal"]) is not None:
            self.complaints += other_currency(server, card_terminal.settings)
        if sorting is not None and (drop := devices["book_drop"]) is not None:
            self.complaints += bins_out_of_reach(sorting, drop.settings)
        if offline is not None:
            offline, complaints = checked_offline(offline, self._folder)
            self.complaints += complaints
        if server is not None and journal is not None and offline is not None:
            self.complaints += written_over(server, journal, offline, payment)
        if terminal is None or session is None or screen is None or server is None or journal is None:
            return None
        if payment is None or offline is None or receipts is None or control is None:
            return None
        if sorting is None:
            return None
        if receipts.templates is not None:
            folder = self._folder / receipts.templates
            receipts = receipts.model_copy(update={"templates": folder})
            if not folder.is_dir():
                self.complaints.append(f"[receipts] templates: there is no folder {folder}")
        control = control.model_copy(update={"folder": self._folder / control.folder})
        return Configuration(
            terminal=terminal,
            session=session,
            **devices,
            server=server,
            payment=payment,
            journal=journal,
            offline=offline,
            receipts=receipts,
            sorting=sorting,
            control=control,
            screen=screen,
        )

    def _section(self, name: str, model: type[S]) -> S | None:
        table = self._tables.get(name)
        if table is None:
            if name in REQUIRED:
                self.complaints.append(f"[{name}]: the section is missing")
                return None
            table = {}
        if not isinstance(table, dict):
            self.complaints.append(f"[{name}]: has to be a section, not {table!r}")
            return None
        try:
            # JSON is the strict mode in which enumerations, tuples and paths may be written as text and lists.
            return model.model_validate_json(_as_json(table))
        except ValidationError as error:
            self.complaints += from_validation(name, error, model.model_fields, model.model_fields)
            return None

    def _device(self, name: str) -> DeviceSettings | None:
        if name not in self._tables:
            return None
        section = self._section(name, Device)
        if section is None:
            return None
        try:
            entry = find(section.driver, KINDS[name])
        except SettingsError as error:
            self.complaints.append(f"[{name}] driver: {error}")
            return None
        try:
            LINK_CHECKS[entry.link_kind](section.link)
        except SettingsError as error:
            self.complaints.append(f"[{name}] {error}")
        settings = self._driver_settings(f"{name}.settings", entry, section.settings)
        return None if settings is None else DeviceSettings(entry, section.link, settings)

    def _driver_settings(self, name: str, entry: DriverEntry, table: Mapping[str, Any]) -> object | None:
        """The driver's own dataclass, checked by the driver itself on a link that leads nowhere."""
        try:
            kind = entry.settings_class()
            table = self._with_whole_paths(kind, table)
            settings: object = TypeAdapter(kind).validate_json(_as_json(table), strict=True, extra="forbid")
            entry.opener()(settings, NoLink(), VirtualClock())
        except ValidationError as error:
            self.complaints += from_validation(name, error, [field.name for field in fields(kind)])
            return None
        except SettingsError as error:
            self.complaints.append(f"[{name}] {error}")
            return None
        except (DeviceLost, DeviceFault):
            return settings
        return settings

    def _with_whole_paths(self, kind: type[Any], table: Mapping[str, Any]) -> Mapping[str, Any]:
        """*table* with the files whole that the driver's settings name (fields with the metadata `is_file`)."""
        named = (field.name for field in fields(kind) if field.metadata.get("is_file"))
        whole = {
            name: str(self._folder / path)
            for name in named
            if isinstance(path := table.get(name), str) and path
        }
        return {**table, **whole}

    def _with_key(self, journal: Journal) -> Journal:
        path, key_file = self._folder / journal.path, self._folder / journal.key_file
        try:
            self._look_at_journal(path, key_file)
        except OSError as error:
            self.complaints.append(f"[journal] path, key_file: cannot be looked at ({error.strerror})")
        return journal.model_copy(update={"path": path, "key_file": key_file})

    def _look_at_journal(self, path: Path, key_file: Path) -> None:
        if not path.parent.is_dir():
            self.complaints.append(f"[journal] path: the folder {path.parent} does not exist")
        if key_file.exists() or path.exists():
            try:
                JournalKeys.from_file(key_file)
            except SettingsError as error:
                self.complaints.append(f"[journal] key_file: {error}")
        elif not key_file.parent.is_dir():
            self.complaints.append(f"[journal] key_file: the folder {key_file.parent} does not exist")


def _as_json(table: Mapping[str, Any]) -> str:
    # A date of TOML has no place in any section; as text it is refused like any other wrong value.
    return json.dumps(table, default=str)
