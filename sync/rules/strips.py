"""Whether an item's magnetic strip may be switched off once the item is lent.

A strong field erases tapes and floppy disks, and a strip that was switched off in a reading room's book lets it leave
the house.  So a strip is desensitised only where nothing speaks against it; sources: device reference 8.3, SIP2
reference (*Magnetic media*, *desensitize*, CI, CK), experience C 16 and 17.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

MAGNETIC_TAPE = 3
"""The ISO 28560-3 media format (extension block 1) of magnetic tape."""


class Interlock(Enum):
    """Why a strip is not desensitised, although the item is lent."""

    MAGNETIC_MEDIA = "magnetic-media"
    MEDIA_UNKNOWN = "media-unknown"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class StripFacts:
    """What is known of an item that is lent.

    *release* false: it is not to be released at all (SIP2 desensitize N, CI Y, permanent strip, reading room).
    *magnetic* as the server or the snapshot tells it (SIP2 magnetic media, CK; item type), None: not told.
    *media_formats* are those its tags name, None in it where a tag does not say.  *is_server_word* false: lent by the
    terminal's own books.
    """

    release: bool
    magnetic: bool | None
    media_formats: tuple[int | None, ...] = ()
    is_server_word: bool = True


def interlock(facts: StripFacts) -> Interlock | None:
    """What keeps the strip as it is; None: it may be desensitised.

    Anything that says "magnetic" wins over everything that does not.  Not told: the server's grant is enough, the
    terminal's own books are not.
    """
    if facts.magnetic or MAGNETIC_TAPE in facts.media_formats:
        return Interlock.MAGNETIC_MEDIA
    if not facts.release:
        return Interlock.PERMANENT
    if facts.magnetic is None and not facts.is_server_word:
        return Interlock.MEDIA_UNKNOWN
    return None
