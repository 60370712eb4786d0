"""What a tag's other words for an item's medium say in the code of ISO 28560-3 (extension block 1).

Only what is certain is translated, since "magnetic" keeps an item away from a strip unit and the rest decides nothing.
Diskettes count as magnetic tape: the coil wipes both.
"""

from __future__ import annotations

__all__ = ["BOOK", "DISC", "LEGACY_3M", "MARC", "ONIX", "OTHER", "TAPE", "known"]

BOOK, DISC, TAPE, OTHER = 1, 2, 3, 4
_KNOWN = range(7)

ONIX = {
    **dict.fromkeys(("AB", "AD", "AF", "DF", "VJ", "VK"), TAPE),
    **dict.fromkeys(("AC", "AI", "DB", "DI", "VI", "VO"), DISC),
    **dict.fromkeys(("BA", "BB", "BC"), BOOK),
}
"""ONIX code list 7: cassette, DAT, reel, diskette, VHS, Betamax; CD, DVD, Blu-ray; book, hardback, paperback."""

MARC = {
    **dict.fromkeys(("SS", "ST", "SG", "VF", "VR", "VC", "CA", "CF", "CH", "CJ"), TAPE),
    **dict.fromkeys(("SD", "VD", "CO"), DISC),
    "TA": BOOK,
}
"""The first two characters of MARC 21 field 007, here in upper case: sound, video and computer tapes and cartridges,
magnetic disk; sound, video and optical disc; regular print.
"""

LEGACY_3M = {
    1: BOOK,
    2: OTHER,
    3: OTHER,
    4: TAPE,
    5: TAPE,
    6: DISC,
    7: TAPE,
    8: TAPE,
    9: DISC,
    13: TAPE,
}
"""3M's media types (device reference 2.3): book, magazine, bound journal, audio tape, video, CD, diskette, book with
disk, book with CD, book with tape.  0 is "other", which says nothing.
"""


def known(value: int) -> int | None:
    """*value* where the code has it, else None."""
    return value if value in _KNOWN else None
