"""What central's staff does at its own machine: make a code for a terminal.  Works while central serves."""

from __future__ import annotations

from drivers.link import Clock, SettingsError
from drivers.masked import Secret
from sync.central.settings import CentralSettings
from sync.central.snapshot_office.enrolling import make_code
from sync.central.snapshot_office.office_key import open_office_key
from sync.central.store.store import Store
from sync.snapshot.sealed_form import TERMINAL


def code_for(settings: CentralSettings, terminal: str, clock: Clock) -> Secret:
    """A one-time code for *terminal* at the central of *settings*.  Raises `SettingsError`."""
    settings.check()
    if not TERMINAL.fullmatch(terminal):
        raise SettingsError("a terminal is named by 1 to 32 letters, digits, dots, - or _")
    settings.check_is_there()
    path = settings.office_key_path()
    if path is None:
        raise SettingsError("this central has no office key: name its file with --office-key")
    store = Store(settings.database_url)
    try:
        store.migrate()
        return make_code(store, settings.library(clock), open_office_key(path), terminal)
    finally:
        store.close()
