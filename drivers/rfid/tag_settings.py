"""What an installer can say about tags, the same for every pad: what the gate looks at, and which data models count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from drivers.link import SettingsError
from drivers.rfid import SecurityState
from drivers.rfid.tagdata.rules import DEFAULT_MODELS, LIBRARY_AFIS, AsciiRule, DecodeRules, Model

__all__ = ["CrcPolicy", "Security", "TagSettings", "shows"]


class Security(Enum):
    """What a gate looks at.

    AFI byte or EAS bit (NXP) of an ISO 15693 tag, or both; the AFI in a UHF tag's PC word, or a bit in its EPC; or
    nothing on the tag: the gate asks the server (LOOKUP).
    """

    AFI = "afi"
    EAS = "eas"
    AFI_AND_EAS = "afi+eas"
    UHF_AFI = "uhf-afi"
    UHF_BIT = "uhf-bit"
    LOOKUP = "lookup"


class CrcPolicy(Enum):
    """Whether a tag of another owner may have a wrong check sum."""

    STRICT = "strict"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class TagSettings:
    """A library's tags; raises `SettingsError` for values out of range.

    *owner* is the library's own ISIL, needed for *crc* "warn".  *models* are the data models that count; "ascii" needs
    *ascii*.  *bit_word* is the word of the EPC bank (0 is its CRC, 1 the PC word) that holds the security bit,
    *bit_mask* the bit, *bit_released* its value when the gate lets the tag pass: with "uhf-bit" alone.
    """

    security: Security = Security.AFI
    secured_afi: int = 0x07
    released_afi: int = 0xC2
    bit_word: int = 2
    bit_mask: int = 0x8000
    bit_released: int = 0x8000
    owner: str = ""
    crc: CrcPolicy = CrcPolicy.STRICT
    models: tuple[Model, ...] = DEFAULT_MODELS
    ascii: AsciiRule | None = None

    def check_tags(self, readable: frozenset[Model]) -> None:
        """Raises `SettingsError` for the first of these settings that is wrong; *readable* is what tags can hold."""
        for name, least, most in (
            ("secured_afi", 0, 255),
            ("released_afi", 0, 255),
            ("bit_word", 1, 33),
            ("bit_mask", 1, 0xFFFF),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise SettingsError(f"{name} = {value}: allowed is {least} to {most}")
        if self.secured_afi == self.released_afi:
            raise SettingsError(f"secured_afi and released_afi are both {self.secured_afi}; they must differ")
        if self.bit_mask & (self.bit_mask - 1):
            raise SettingsError(f"bit_mask = {self.bit_mask:04X}: one bit is needed")
        if self.bit_released not in (0, self.bit_mask):
            raise SettingsError(f"bit_released = {self.bit_released:04X}: allowed is 0 or bit_mask")
        if self.crc is CrcPolicy.WARN and not self.owner:
            raise SettingsError("crc = \"warn\" needs owner: one's own tags have to be told from strangers'")
        if readable.isdisjoint(self.models):
            allowed = ", ".join(sorted(model.value for model in readable))
            raise SettingsError(
                f"models: at least one is needed of those that this pad's tags hold: {allowed}"
            )
        if (Model.ASCII in self.models) != (self.ascii is not None):
            raise SettingsError('models: "ascii" and the section ascii need each other')
        if self.ascii is not None:
            _check_ascii(self.ascii)

    @property
    def uses_afi(self) -> bool:
        """Whether an AFI is part of the security state."""
        return self.security in (Security.AFI, Security.AFI_AND_EAS, Security.UHF_AFI)

    @property
    def uses_eas(self) -> bool:
        """Whether the EAS bit is part of the security state."""
        return self.security in (Security.EAS, Security.AFI_AND_EAS)

    @property
    def uses_bit(self) -> bool:
        """Whether a bit of the EPC is the security state."""
        return self.security is Security.UHF_BIT

    def target(self, *, released: bool) -> SecurityState:
        """What a tag has to show to be *released*, or secured."""
        return SecurityState(
            (self.released_afi if released else self.secured_afi) if self.uses_afi else None,
            (not released) if self.uses_eas else None,
            (not released) if self.uses_bit else None,
        )

    def is_at(self, state: SecurityState, *, released: bool) -> bool:
        """Whether *state* is released, or secured, in all that the gate looks at."""
        return shows(state, self.target(released=released))

    def used_of(self, state: SecurityState) -> SecurityState:
        """*state* as far as the gate looks at it; None for the rest."""
        return SecurityState(
            state.afi if self.uses_afi else None,
            state.eas if self.uses_eas else None,
            state.bit if self.uses_bit else None,
        )

    def decode_rules(self, *, tries_both_orders: bool) -> DecodeRules:
        """How memory is understood; *tries_both_orders* where the reader's block order is not certain."""
        afis = (*LIBRARY_AFIS, self.secured_afi, self.released_afi)
        is_lenient = self.crc is CrcPolicy.WARN
        return DecodeRules(self.owner, is_lenient, tries_both_orders, self.models, self.ascii, afis)


def shows(state: SecurityState, wanted: SecurityState) -> bool:
    """Whether *state* is as *wanted* in all that *wanted* says anything of."""
    return (
        (wanted.afi is None or state.afi == wanted.afi)
        and (wanted.eas is None or state.eas == wanted.eas)
        and (wanted.bit is None or state.bit == wanted.bit)
    )


def _check_ascii(rule: AsciiRule) -> None:
    for name, least, most in (("offset", 0, 8191), ("length", 1, 255)):
        value = getattr(rule, name)
        if not least <= value <= most:
            raise SettingsError(f"ascii.{name} = {value}: allowed is {least} to {most}")
    try:
        re.compile(rule.pattern)
    except re.error as error:
        raise SettingsError(f"ascii.pattern is no regular expression ({error})") from error
