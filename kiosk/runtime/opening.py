"""Makes real things of what a configuration names: keys, devices on their lines, the snapshot's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from drivers.catalog import LinkKind
from drivers.link import Clock, SettingsError
from drivers.link.urls import (
    open_apdu_link,
    open_control_link,
    open_input_link,
    open_line_link,
    open_link,
)
from kiosk.config.loading import Configuration, DeviceSettings
from kiosk.config.sections import Journal
from kiosk.runtime.servers import open_office
from kiosk.runtime.snapshots import LOOK_SECONDS, Fetching, FileSource, Snapshots
from sync.journal.keys import JournalKeys, create_keys
from sync.journal.settings import JournalSettings
from sync.snapshot.keeping import SnapshotFile
from sync.snapshot.keys import SnapshotKeys

OPENERS: Mapping[LinkKind, Callable[[str, Clock], Any]] = {
    LinkKind.BYTES: open_link,
    LinkKind.APDU: open_apdu_link,
    LinkKind.CONTROL: open_control_link,
    LinkKind.LINES: open_line_link,
    LinkKind.INPUT: open_input_link,
}


def journal_keys(configuration: Configuration) -> JournalKeys:
    """The journal's keys, made now on the very first start.  Raises `SettingsError`."""
    key_file = configuration.journal.key_file
    if not key_file.exists() and not configuration.journal.path.exists():
        return create_keys(key_file)
    return JournalKeys.from_file(key_file)


def journal_settings(section: Journal) -> JournalSettings:
    """What *section* says about the journal's size."""
    return JournalSettings(
        segment_rows=section.segment_rows,
        retention=timedelta(days=section.retention_days),
        reserve_bytes=section.reserve_mib * 2**20,
    )


def open_snapshots(configuration: Configuration, clock: Clock) -> Snapshots | None:
    """Where the terminal's own books come from; None where it never lends without the server.

    Raises `SettingsError` for a key that is none.
    """
    offline = configuration.offline
    if offline.lend == "never" or offline.snapshot_file is None:
        return None
    key, pepper, issuer = (
        _named(path)
        for path in (offline.snapshot_key_file, offline.pin_pepper_file, offline.central_public_key_file)
    )
    keys = SnapshotKeys.from_files(configuration.terminal.name, key, pepper, issuer)
    fetch = open_office(configuration.server, clock)
    fetching = None if fetch is None else Fetching(fetch, offline.refresh_minutes * 60.0)
    file = SnapshotFile(offline.snapshot_file, keys)
    return Snapshots(FileSource(offline.snapshot_file, file, clock, fetching), LOOK_SECONDS)


def _named(path: Path | None) -> Path:
    if path is None:
        raise SettingsError("[offline]: a file that lending without the server needs is not named")
    return path


def opener(device: DeviceSettings | None, clock: Clock) -> Callable[[], Any] | None:
    """What opens *device* on its line; None where there is no such device."""
    if device is None:
        return None
    open_device = device.driver.opener()
    open_wire = OPENERS[device.driver.link_kind]
    redact = device.driver.redactor()
    if redact is not None and device.driver.link_kind is LinkKind.BYTES:
        open_wire = partial(open_link, redact=redact)

    def opened() -> Any:
        link = open_wire(device.link, clock)
        try:
            return open_device(device.settings, link, clock)
        except BaseException:
            link.close()
            raise

    return opened
