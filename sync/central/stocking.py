"""Fills a library's store: with its own lists from a folder, or with the demo library.  Works while
central serves.
"""

from __future__ import annotations

from pathlib import Path

from drivers.link import Clock, SettingsError
from drivers.link.clock import RealClock
from sync.central import demo
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.importer import import_lists
from sync.central.lists import FORMS
from sync.central.settings import CentralSettings
from sync.central.store import queries
from sync.central.store.store import Store


def import_folder(settings: CentralSettings, folder: Path, clock: Clock | None = None) -> dict[str, int]:
    """Imports every `<list>.csv` in *folder* and says how many rows each list had; other files are left
    alone.

    Raises `SettingsError` for a folder without any list, and `ImportRefused` with every mistake; nothing
    is changed then.
    """
    settings.check()
    try:
        files = {name: path.read_bytes() for name in FORMS if (path := folder / f"{name}.csv").is_file()}
    except OSError as error:
        raise SettingsError(f"the lists in {folder} cannot be read: {error.strerror}") from None
    if not files:
        raise SettingsError(
            f"there is no list in {folder}; known are {', '.join(f'{name}.csv' for name in FORMS)}"
        )
    store = Store(settings.database_url)
    try:
        store.migrate()
        judge = SecretJudge(settings.hash_cost)
        return import_lists(store, settings.library(clock or RealClock()), judge, files)
    finally:
        store.close()


def create_demo(url: str, zone: str = "", clock: Clock | None = None) -> dict[str, int]:
    """Makes the database at *url* the demo library and says how many rows each of its lists had.

    Does nothing, and says nothing (an empty answer), where there are items already.  Raises `SettingsError`.
    """
    settings = CentralSettings(url, currency=demo.CURRENCY, zone=zone)
    settings.check()
    store = Store(url)
    try:
        store.migrate()
        with store.reading() as connection:
            if queries.count_items(connection) > 0:
                return {}
        judge = SecretJudge(CHEAP)
        return import_lists(store, settings.library(clock or RealClock()), judge, demo.library())
    finally:
        store.close()
