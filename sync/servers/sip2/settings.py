"""What a terminal has to be told about its SIP2 server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import tzinfo

from drivers.link import SettingsError
from drivers.masked import Secret
from sync.servers.sip2.fields import NO_SECRET
from sync.servers.sip2.profile import Profile

_UNSENDABLE = re.compile(r"[|\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Sip2Settings:
    """The terminal's account and how long it waits.

    *institution* is AO, *terminal_password* AC, *user* and *password* CN and CO (no user: no login message),
    *location* CP and the place items are taken back to (AP).  *language* is the code of SIP 2.00 ("019"
    Chinese, "001" English).  *currency* counts where the server names none, and payments are made in no other.
    *request_seconds* is the total for one question or entry, neither its explanation of a refusal nor the look at an
    account before a payment counted; *login_seconds* that of connecting and logging in together.  *idle_seconds* None
    takes the profile's.  *zone* is that of the server's clock, None the terminal's own.

    Raises `SettingsError` for what SIP2 cannot carry or a time limit that is none.
    """

    profile: Profile
    institution: str
    user: str = ""
    password: Secret = NO_SECRET
    terminal_password: Secret = NO_SECRET
    location: str = ""
    language: str = "019"
    currency: str = "CNY"
    request_seconds: float = 5.0
    login_seconds: float = 8.0
    idle_seconds: float | None = None
    login_pause_seconds: float = 30.0
    zone: tzinfo | None = None

    def __post_init__(self) -> None:
        texts = {
            "institution": self.institution,
            "user": self.user,
            "password": self.password.reveal(),
            "terminal_password": self.terminal_password.reveal(),
            "location": self.location,
        }
        for name, text in texts.items():
            if _UNSENDABLE.search(text):
                raise SettingsError(f"{name}: must not hold | or control characters")
            try:
                text.encode(self.profile.charset)
            except UnicodeEncodeError:
                raise SettingsError(f"{name}: has characters that {self.profile.charset} has not") from None
        if not re.fullmatch(r"\d{3}", self.language, re.ASCII):
            raise SettingsError(
                f"language: {self.language!r} has to be a code of three digits, as 019 or 001"
            )
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise SettingsError(f"currency: {self.currency!r} has to be an ISO 4217 code, as CNY")
        for name, seconds in (
            ("request_seconds", self.request_seconds),
            ("login_seconds", self.login_seconds),
            ("login_pause_seconds", self.login_pause_seconds),
        ):
            if not 0 < seconds <= 300:
                raise SettingsError(f"{name}: {seconds} has to be above 0 and at most 300")

    @property
    def quiet_seconds_max(self) -> float:
        """After how many seconds without a word the connection is made anew before the next request."""
        return self.profile.idle_seconds if self.idle_seconds is None else self.idle_seconds
