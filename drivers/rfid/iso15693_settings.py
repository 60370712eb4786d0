"""What an installer can say about any pad for ISO 15693 tags; the base of such pads' settings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drivers.link import SettingsError
from drivers.rfid.tag_settings import Security, TagSettings
from drivers.rfid.tagdata.rules import HF_MODELS

__all__ = ["Iso15693Settings", "ReleaseCheck"]

_SECURITY = (Security.AFI, Security.EAS, Security.AFI_AND_EAS, Security.LOOKUP)


class ReleaseCheck(Enum):
    """How it is found out, before a loan is asked for, that a tag could not be released.

    REWRITE writes the security state that the tag has once more: the only way to see a locked AFI and a tag
    too weak to be written.  LOCK_STATE asks for the lock bits of the blocks and takes a tag with all of them
    locked for one that was locked as a whole.  NONE leaves it to the release.
    """

    REWRITE = "rewrite"
    LOCK_STATE = "lock-state"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Iso15693Settings(TagSettings):
    """A pad for ISO 15693 tags.

    *reads_extensions* also reads what stands behind the fixed part of a tag (the media format, which keeps
    magnetic tape away from a strip unit) for one more read per tag.  *retries* is how often a question is repeated
    that was not answered, or not heard by the tag.
    """

    release_check: ReleaseCheck = ReleaseCheck.REWRITE
    reads_extensions: bool = False
    answer_seconds_max: float = 1.5
    retries: int = 3
    pause_seconds: float = 0.005

    def check_pad(self) -> None:
        """Raises `SettingsError` for the first of these settings that is wrong, those of the tags included."""
        self.check_ranges(
            ("answer_seconds_max", 0.1, 10),
            ("retries", 0, 10),
            ("pause_seconds", 0, 1),
        )
        if self.security not in _SECURITY:
            allowed = ", ".join(security.value for security in _SECURITY)
            raise SettingsError(f"security = {self.security.value}: allowed on this pad is {allowed}")
        self.check_tags(HF_MODELS)

    def check_ranges(self, *ranges: tuple[str, float, float]) -> None:
        """Raises `SettingsError` for the first setting outside its *ranges*: name, least, most."""
        for name, least, most in ranges:
            value = getattr(self, name)
            if not least <= value <= most:
                raise SettingsError(f"{name} = {value}: allowed is {least} to {most}")
