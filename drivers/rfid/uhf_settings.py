"""What an installer can say about a UHF pad of any maker."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from drivers.link import Link, SettingsError
from drivers.link.trace import conceal
from drivers.masked import Secret
from drivers.rfid.password import read_password
from drivers.rfid.tag_settings import Security, TagSettings
from drivers.rfid.tagdata.rules import UHF_MODELS
from drivers.rfid.uhf_module import NO_PASSWORD, PC_WORD

__all__ = ["UhfPadSettings", "check_range"]

_ALLOWED = (Security.UHF_AFI, Security.UHF_BIT, Security.LOOKUP)
_AFI_BITS = 0x00FF


@dataclass(frozen=True, slots=True)
class UhfPadSettings(TagSettings):
    """A UHF pad; raises `SettingsError` for values out of range.

    *password_file* holds the tags' access password (eight hex digits, a file for its owner alone); without one the tags
    have none.  *retries* is how often a tag that was not heard, or a write that failed, is tried again.
    """

    security: Security = Security.UHF_AFI
    password_file: str = field(default="", metadata={"is_file": True})
    retries: int = 3

    def __post_init__(self) -> None:
        self.check_uhf()

    def check_uhf(self) -> None:
        """Raises `SettingsError` for the first of these settings that is wrong."""
        check_range(self, "retries", 0, 10)
        if self.security not in _ALLOWED:
            allowed = ", ".join(one.value for one in _ALLOWED)
            raise SettingsError(f"security = {self.security.value}: a UHF pad can be: {allowed}")
        self.check_tags(UHF_MODELS)
        if self.uses_bit and self.bit_word == PC_WORD and self.bit_mask & ~_AFI_BITS:
            raise SettingsError(
                f"bit_mask = {self.bit_mask:04X}: of the PC word (bit_word = 1) only bits 0 to 7 are free,"
                " the others say what the tag is"
            )

    def password(self) -> Secret:
        """The tags' access password; all zeros without *password_file*.  Raises `SettingsError`."""
        return read_password(Path(self.password_file)) if self.password_file else NO_PASSWORD

    def keep_secret(self, link: Link) -> None:
        """Keeps the access password out of a trace around *link*; a driver's `open` calls it before anything else."""
        if self.password_file:
            conceal(link, bytes.fromhex(self.password().reveal()))


def check_range(settings: object, name: str, least: float, most: float) -> None:
    """Raises `SettingsError` unless *least* <= *name* of *settings* <= *most*."""
    value = getattr(settings, name)
    if not least <= value <= most:
        raise SettingsError(f"{name} = {value}: allowed is {least} to {most}")
