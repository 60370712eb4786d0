"""The circulation server of a configuration, ready to be connected to."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from drivers.link import Clock, SettingsError
from drivers.masked import Secret
from kiosk.config.loading import Configuration
from kiosk.config.secret_files import read_secret
from kiosk.config.sections import Server as ServerSection
from kiosk.config.ways import is_central
from kiosk.runtime.snapshots import FetchRefused, NotFetched
from sync.servers.central.client import open_central
from sync.servers.central.settings import CentralClientSettings
from sync.servers.central_office import CentralOffice
from sync.servers.ils import LoginRefused, Server, ServerSilent
from sync.servers.sip2.client import open_sip2
from sync.servers.sip2.fields import NO_SECRET
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings

LANGUAGE_CODES = {"en": "001", "zh_CN": "019"}
"""SIP2's own list of languages."""


def open_server(configuration: Configuration, clock: Clock) -> Server:
    """The circulation server that *configuration* names; nothing is connected yet.  Raises `SettingsError`."""
    if is_central(configuration.server.url):
        return _open_central(configuration.server, clock)
    return _open_sip2(configuration, clock)


def _open_central(section: ServerSection, clock: Clock) -> Server:
    settings = CentralClientSettings(
        _token(section), ca_file=section.ca_file, request_seconds=section.request_seconds
    )
    return open_central(section.url, settings, clock, clear_text_allowed=section.clear_text_allowed)


def open_office(section: ServerSection, clock: Clock) -> Callable[[int], bytes | None] | None:
    """Where the terminal asks for newer snapshots; None where the server is none that makes them.

    *fetch* raises `NotFetched` and `FetchRefused`.  Raises `SettingsError`.
    """
    if not is_central(section.url):
        return None
    token = _token(section)
    office = CentralOffice(
        section.url, clock, ca_file=section.ca_file, clear_text_allowed=section.clear_text_allowed
    )

    def fetch(have: int) -> bytes | None:
        try:
            return office.snapshot(token, have)
        except ServerSilent as silence:
            raise NotFetched(str(silence)) from None
        except LoginRefused:
            raise FetchRefused("central gives this terminal no snapshot: its token is not good") from None

    return fetch


def _token(section: ServerSection) -> Secret:
    if section.token_file is None:
        raise SettingsError("[server] token_file: is missing")
    return read_secret(section.token_file)


def _open_sip2(configuration: Configuration, clock: Clock) -> Server:
    section = configuration.server
    secrets = [
        read_secret(path) if path is not None else NO_SECRET
        for path in (section.password_file, section.terminal_password_file)
    ]
    settings = Sip2Settings(
        profile=profile(section.profile),
        institution=section.institution,
        user=section.login_user,
        password=secrets[0],
        terminal_password=secrets[1],
        location=section.location,
        language=LANGUAGE_CODES[configuration.terminal.language],
        currency=section.currency,
        request_seconds=section.request_seconds,
        login_seconds=section.login_seconds,
        zone=ZoneInfo(section.time_zone) if section.time_zone else None,
    )
    return open_sip2(section.url, settings, clock, clear_text_allowed=section.clear_text_allowed)
