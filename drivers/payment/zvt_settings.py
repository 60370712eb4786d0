"""What an installer can say about a card terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from drivers.link import SettingsError
from drivers.masked import Secret
from drivers.payment.zvt_commands import CURRENCIES
from drivers.payment.zvt_fields import Encoding
from drivers.secret_file import read_secret

__all__ = ["Encoding", "Framing", "ZvtTerminalSettings"]

_TLV_BYTES_MAX = 100


class Framing(Enum):
    """How messages travel: in blocks, as on a serial line, or as they are, as over TCP."""

    SERIAL = "serial"
    TCP = "tcp"


@dataclass(frozen=True, slots=True)
class ZvtTerminalSettings:
    """How the terminal is set up; raises `SettingsError` for values out of range when it is opened.

    *password_file* holds the till's password (six digits, a file for its owner alone).  *config_byte* says who prints
    and what the terminal tells: bits 02 payments' receipts and 04 other receipts are printed here, 08 intermediate
    status, 10 and 20 only this side begins payments and service, 80 receipts come as lines.  *registration_tlv* is the
    inside of a container for terminals that send their texts only to a till that asks for them, in hex, as the
    supplier says.  A receipt with one of *reversal_words* is that of a reversal.  *answer_seconds_max* is T3,
    *silence_seconds_max* T4, *payment_seconds_max* for a whole payment however much the terminal talks.
    """

    password_file: str = field(default="", metadata={"is_file": True})
    framing: Framing = Framing.TCP
    currency: str = "EUR"
    encoding: Encoding = Encoding.CP437
    config_byte: int = 0xBA
    registration_tlv: str = ""
    reversal_words: tuple[str, ...] = ("storno", "reversal", "annulation", "gutschrift", "refund")
    answer_seconds_max: float = 5.0
    silence_seconds_max: float = 180.0
    payment_seconds_max: float = 600.0
    enquiry_seconds_max: float = 20.0

    def check(self) -> Secret:
        """The password.  Raises `SettingsError` naming the first setting no terminal can have."""
        if self.currency not in CURRENCIES:
            raise SettingsError(f"currency is {self.currency!r}, allowed are: {', '.join(CURRENCIES)}")
        if not 0 <= self.config_byte <= 0xFF:
            raise SettingsError(f"config_byte is {self.config_byte}, allowed is 0 to 255")
        for name, least, most in (
            ("answer", 0.2, 30.0),
            ("silence", 30.0, 600.0),
            ("payment", 60.0, 3600.0),
            ("enquiry", 5.0, 60.0),
        ):
            seconds: float = getattr(self, f"{name}_seconds_max")
            if not least <= seconds <= most:
                raise SettingsError(f"{name}_seconds_max is {seconds}, allowed is {least:g} to {most:g}")
        if any(not word.strip() for word in self.reversal_words):
            raise SettingsError("reversal_words holds an empty word, which every receipt has")
        self.container()
        if not self.password_file:
            raise SettingsError("password_file has to be given: the file with the till's password")
        return read_secret(Path(self.password_file), "[0-9]{6}", "six digits")

    def container(self) -> bytes:
        """What *registration_tlv* says.  Raises `SettingsError`."""
        try:
            container = bytes.fromhex(self.registration_tlv)
        except ValueError as error:
            raise SettingsError(f"registration_tlv is {self.registration_tlv!r}, allowed is hex") from error
        if len(container) > _TLV_BYTES_MAX:
            raise SettingsError(f"registration_tlv has {len(container)} bytes, at most {_TLV_BYTES_MAX}")
        return container
