"""What central has to be told, checked before anything is opened."""

from __future__ import annotations

import codecs
import ipaddress
import logging
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from drivers.link import Clock, SettingsError
from drivers.masked import Secret
from sync.central.circulation.library import Library
from sync.central.circulation.policy import EventPolicy
from sync.central.circulation.secrets import SECRET_LENGTH_MAX, HashCost
from sync.central.faces.rest.tokens import TOKEN_LENGTH_MIN
from sync.central.faces.sip2.answers import DueForm

CHARSETS = ("utf-8", "gb18030", "gbk", "ascii", "cp850")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CentralSettings:
    """How one central runs.  Port 0 takes any free one; None leaves that face out.

    *terminals* name those that may log in over SIP2, *tokens* those that may call REST, each with the
    file that holds its secret.  *zone* is an IANA name, "" the machine's own.  Beyond loopback, clear
    text needs *clear_text_allowed*.  *office_key_file* holds the secret that snapshots are signed with, made
    at the first start; None puts it beside an SQLite database, and leaves enrolment out on PostgreSQL.
    *events* says what becomes of loans that terminals made by themselves.
    """

    database_url: str
    bind: str = "127.0.0.1"
    sip2_port: int | None = 6001
    rest_port: int | None = 8086
    terminals: Mapping[str, Path] = field(default_factory=dict)
    tokens: Mapping[str, Path] = field(default_factory=dict)
    institution: str = ""
    library_name: str = ""
    currency: str = "CNY"
    zone: str = ""
    charset: str = "utf-8"
    due_form: DueForm = DueForm.SIP
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    clear_text_allowed: bool = False
    hash_cost: HashCost = field(default_factory=HashCost)
    sip2_idle_seconds: float = 600.0
    office_key_file: Path | None = None
    events: EventPolicy = field(default_factory=EventPolicy)

    def check(self) -> None:
        """Raises `SettingsError` for the first setting that cannot be, naming it and what is allowed."""
        for name, port in (("sip2_port", self.sip2_port), ("rest_port", self.rest_port)):
            if port is not None and not 0 <= port <= 65_535:
                raise SettingsError(f"{name} must be from 0 to 65535, not {port}")
        if self.charset not in CHARSETS:
            raise SettingsError(f"charset must be one of {', '.join(CHARSETS)}, not {self.charset}")
        codecs.lookup(self.charset)
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise SettingsError(f"currency must be an ISO 4217 code such as CNY, not {self.currency}")
        if not 1 <= self.sip2_idle_seconds <= 86_400:
            raise SettingsError("sip2_idle_seconds must be from 1 to 86400")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise SettingsError("tls_certificate and tls_key belong together")
        for name in (*self.terminals, *self.tokens):
            if not _NAME.fullmatch(name):
                raise SettingsError("a terminal is named by 1 to 32 letters, digits, dots, - or _")
        if "|" in self.institution + self.library_name:
            raise SettingsError("institution and library_name must not contain |")
        self.events.check()
        self._check_reach()
        self.time_zone()

    def _check_reach(self) -> None:
        try:
            address = ipaddress.ip_address(self.bind)
        except ValueError:
            raise SettingsError(f"bind must be an IP address, not {self.bind}") from None
        if not address.is_loopback and self.tls_certificate is None and not self.clear_text_allowed:
            raise SettingsError(
                f"bind {self.bind} is not loopback: set tls_certificate and tls_key, or clear_text_allowed"
            )

    def time_zone(self) -> tzinfo | None:
        """The library's zone, None for the machine's own.  Raises `SettingsError`."""
        if not self.zone:
            return None
        try:
            return ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError):
            raise SettingsError(f"zone must be an IANA name such as Asia/Shanghai, not {self.zone}") from None

    def office_key_path(self) -> Path | None:
        """Where the office's secret lies, None where there is to be none."""
        if self.office_key_file is not None:
            return self.office_key_file
        if not self.database_url.startswith("sqlite:///"):
            return None
        return Path(self.database_url.removeprefix("sqlite:///")).with_suffix(".key")

    def check_is_there(self) -> None:
        """Raises `SettingsError` where the database would be a new, empty file: a name was mistyped."""
        path = Path(self.database_url.removeprefix("sqlite:///"))
        if self.database_url.startswith("sqlite:///") and not path.is_file():
            raise SettingsError(f"there is no database {path}: name the one that `kiosk central` serves")

    def library(self, clock: Clock) -> Library:
        """The library these settings describe.  Raises `SettingsError`."""
        return Library(clock, self.currency, self.institution, self.library_name, self.time_zone())

    def terminal_secrets(self) -> dict[str, Secret]:
        """The secret of each terminal, read from its file.  Raises `SettingsError`."""
        return {name: read_secret(path, 1) for name, path in self.terminals.items()}

    def token_secrets(self) -> dict[str, Secret]:
        """The token of each REST client, read from its file.  Raises `SettingsError`."""
        return {name: read_secret(path, TOKEN_LENGTH_MIN) for name, path in self.tokens.items()}


def read_secret(path: Path, length_min: int) -> Secret:
    """The first line of *path*, of *length_min* to 128 printable ASCII characters without "|".

    Raises `SettingsError`.
    """
    try:
        text = path.read_text("ascii").partition("\n")[0].strip()
        mode = path.stat().st_mode
    except UnicodeDecodeError:
        raise SettingsError(f"the secret in {path} must be ASCII") from None
    except OSError as error:
        raise SettingsError(f"the secret file {path} cannot be read: {error.strerror}") from None
    if not length_min <= len(text) <= SECRET_LENGTH_MAX or not text.isprintable() or "|" in text:
        raise SettingsError(
            f"the secret in {path} must have {length_min} to {SECRET_LENGTH_MAX} printable characters other than |"
        )
    if stat.S_IMODE(mode) & 0o007:
        log.warning("central: the secret file %s can be read by everybody on this machine", path)
    return Secret(text)
