"""The circulation server of a configuration, ready to be connected to."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from drivers.link import Clock
from kiosk.config.loading import Configuration
from kiosk.config.secret_files import read_secret
from sync.servers.ils import Server
from sync.servers.sip2.client import open_sip2
from sync.servers.sip2.fields import NO_SECRET
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings

LANGUAGE_CODES = {"en": "001", "zh_CN": "019"}
"""SIP2's own list of languages."""


def open_server(configuration: Configuration, clock: Clock) -> Server:
    """The circulation server that *configuration* names; nothing is connected yet.  Raises `SettingsError`."""
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
