"""What a terminal has to be told about its central, and which addresses it may be at."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from drivers.link import SettingsError
from drivers.masked import Secret

_TOKEN = re.compile(r"[!-~]{16,128}")


@dataclass(frozen=True, slots=True)
class CentralClientSettings:
    """The terminal's account and how long it waits.

    *token* names the terminal.  *ca_file* is the authority that signed central's certificate, None: those the machine
    trusts.  *request_seconds* is the total for one question or one entry, *batch_seconds* for more entries than one.
    *idle_seconds*: after how long without a word the connection is made anew.

    Raises `SettingsError`.
    """

    token: Secret
    ca_file: Path | None = None
    request_seconds: float = 5.0
    batch_seconds: float = 30.0
    idle_seconds: float = 60.0

    def __post_init__(self) -> None:
        if _TOKEN.fullmatch(self.token.reveal()) is None:
            raise SettingsError("token_file: the token has to be 16 to 128 visible ASCII characters")
        for name, seconds in (
            ("request_seconds", self.request_seconds),
            ("batch_seconds", self.batch_seconds),
            ("idle_seconds", self.idle_seconds),
        ):
            if not 0 < seconds <= 300:
                raise SettingsError(f"{name}: {seconds} has to be above 0 and at most 300")
        if self.ca_file is not None and not self.ca_file.is_file():
            raise SettingsError(f"ca_file: there is no file {self.ca_file}")


def checked_base(url: str, *, clear_text_allowed: bool) -> str:
    """*url* without a slash at its end.  Raises `SettingsError` for one that central cannot be at."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("https", "http") or not host or port == 0 or not is_plain:
        raise SettingsError(
            f"{url}: central is at https://HOST[:PORT], on this machine also at http://127.0.0.1:PORT"
        )
    if parts.scheme == "http" and not clear_text_allowed and not is_this_machine(host):
        raise SettingsError(
            f"{url}: patrons' data would cross the network in clear text; use https://, or a tunnel that ends at a "
            "loopback address, or set clear_text_allowed = true"
        )
    return url.rstrip("/")


def is_this_machine(host: str) -> bool:
    """Whether *host* is a loopback address, or the name for it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
