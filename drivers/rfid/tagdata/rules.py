"""What a library says about its tags: which data models it uses, and how strict it is with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["DEFAULT_MODELS", "HF_MODELS", "LIBRARY_AFIS", "UHF_MODELS", "AsciiRule", "DecodeRules", "Model"]


class Model(Enum):
    """A data model.  All but ASCII and UID prove themselves, by check sum or structure."""

    ISO_28560_3 = "iso28560-3"
    ISO_28560_2 = "iso28560-2"
    LEGACY_3M = "3m-legacy"
    ISO_28560_4 = "iso28560-4"
    CN_UNIVERSITY = "cn-university"
    ASCII = "ascii"
    UID = "uid"


DEFAULT_MODELS = (
    Model.ISO_28560_3,
    Model.ISO_28560_2,
    Model.LEGACY_3M,
    Model.ISO_28560_4,
    Model.CN_UNIVERSITY,
)
"""All that prove themselves."""


HF_MODELS = frozenset(
    (Model.ISO_28560_3, Model.ISO_28560_2, Model.LEGACY_3M, Model.ASCII, Model.UID),
)
UHF_MODELS = frozenset((Model.ISO_28560_4, Model.CN_UNIVERSITY, Model.ASCII, Model.UID))
"""What an ISO 15693 tag and what a UHF tag can hold."""


LIBRARY_AFIS = (0x07, 0xC2)
"""In stock and on loan (device reference 2.0)."""


@dataclass(frozen=True, slots=True)
class AsciiRule:
    """Where the item's number stands in clear: *length* bytes at most from *offset*, without *stripped* at the ends.

    *offset* counts bytes of an ISO 15693 tag's memory, of a UHF tag's EPC.

    *pattern* is a regular expression the number has to match as a whole: nothing else proves it.
    """

    pattern: str
    offset: int = 0
    length: int = 16
    stripped: str = "\0 "


@dataclass(frozen=True, slots=True)
class DecodeRules:
    """A library's rules for its tags, the same for every reader.

    *accepts_wrong_crc* lets tags of other owners than *owner* (an ISIL) pass with a wrong check sum where
    their content is plausible.  *tries_both_orders* also tries each block's bytes the other way round.
    *models* are those that count; which goes first, the models' own proofs decide.  `Model.ASCII` needs *ascii*.
    *afis* are those a library's UHF tags may have in the PC word: a part of the proof of ISO 28560-4.
    """

    owner: str = ""
    accepts_wrong_crc: bool = False
    tries_both_orders: bool = True
    models: tuple[Model, ...] = DEFAULT_MODELS
    ascii: AsciiRule | None = None
    afis: tuple[int, ...] = LIBRARY_AFIS
