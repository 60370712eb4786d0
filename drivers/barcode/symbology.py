"""What a code of each kind may look like, and the item or card number in it.

A scanner may say the kind by an AIM prefix: `]`, a letter for the kind, a modifier for what it did (ISO/IEC
15424). Where it does not, the text is tried against every rule of the settings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from drivers.barcode import Scan, Symbology
from drivers.barcode.check_digits import (
    ean_13_fits,
    isbn_as_ean_13,
    issn_as_ean_13,
    luhn_fits,
    mod_16_fits,
    mod_43_fits,
)
from drivers.barcode.code_39_ascii import full_ascii_of, pairs_of
from drivers.masked import Masked

__all__ = ["DIGITS", "LIBRARY_CODABAR", "PRINTABLE", "Check", "CodeRule", "interpret", "split_aim"]

DIGITS = "0123456789"
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


class Check(Enum):
    """How the last character vouches for the others; ISBN and ISSN also bring the text to EAN-13."""

    NONE = "none"
    LUHN = "luhn"
    MOD_43 = "mod43"
    MOD_16 = "mod16"
    EAN_13 = "ean13"
    ISBN = "isbn"
    ISSN = "issn"


@dataclass(frozen=True, slots=True)
class CodeRule:
    """A kind of code the library uses.

    *symbology* UNKNOWN takes any kind.  Lengths and *alphabet* are of the text that remains: without AIM
    prefix, start and stop characters, and without the check character when *is_check_removed*.
    *is_full_ascii* reads Code 39 pairs as one character each, unless the scanner says that it has done so.
    """

    symbology: Symbology
    length_min: int = 1
    length_max: int = 32
    alphabet: str = PRINTABLE
    check: Check = Check.NONE
    is_check_removed: bool = False
    is_full_ascii: bool = False


LIBRARY_CODABAR = CodeRule(Symbology.CODABAR, 14, 14, DIGITS, Check.LUHN)
"""The 14-digit library number: 2 patron or 3 item, institution of 4, serial of 8, Luhn check."""

_AIM_LETTERS = {
    "A": Symbology.CODE_39,
    "C": Symbology.CODE_128,
    "E": Symbology.EAN_13,
    "F": Symbology.CODABAR,
    "G": Symbology.CODE_93,
    "I": Symbology.INTERLEAVED_2_OF_5,
    "Q": Symbology.QR,
    "d": Symbology.DATA_MATRIX,
}
# Modifiers of Code 39 and Codabar by which the scanner says what it did to the text.
_CODE_39_CHECK_STRIPPED = "37"
_CODE_39_CONVERTED = "457"
_CODABAR_CHECK_STRIPPED = "4"
_EAN_WITH_ADD_ON = "3"
_EAN_THIRTEEN = "0" + _EAN_WITH_ADD_ON

_BY_HOW_FAR = ("symbology", "alphabet", "control", "length", "check", "")


def split_aim(code: str) -> tuple[Symbology, str, str] | None:
    """Kind, modifier and data of a *code* with an AIM prefix; None when it has none.  Never raises."""
    match = re.match(r"\]([A-Za-z])([0-9A-Za-z])", code)
    if match is None:
        return None
    symbology = _AIM_LETTERS.get(match[1], Symbology.OTHER)
    if symbology is Symbology.EAN_13 and match[2] not in _EAN_THIRTEEN:
        symbology = Symbology.OTHER
    return symbology, match[2], code[match.end() :]


def interpret(code: str, rules: tuple[CodeRule, ...]) -> Scan:
    """The scan that *code*, as framed, is under *rules*, of which the first that fits decides the text.

    Without an AIM prefix the kind is named only when the fitting rules agree on it.  The flaw is that of the
    rule which came nearest; "symbology" is a kind no rule takes, such as the publisher's EAN on the back of a
    book. Never raises.
    """
    aim = split_aim(code)
    said, modifier, data = aim if aim is not None else (Symbology.UNKNOWN, "", code)
    applicable = [rule for rule in rules if _applies(rule, said)]
    tried = [(rule, *_read(rule, said, modifier, data)) for rule in applicable]
    fitting = [(rule, text) for rule, text, flaw in tried if not flaw]
    if not fitting:
        if said is Symbology.UNKNOWN and _is_publishers(code):
            return Scan(Masked(""), Symbology.EAN_13, "symbology")
        flaws = [flaw for _, _, flaw in tried]
        return Scan(Masked(""), said, max(flaws, key=_BY_HOW_FAR.index, default="symbology"))
    kinds = {rule.symbology for rule, _ in fitting}
    alone = kinds.pop() if len(kinds) == 1 else Symbology.UNKNOWN
    return Scan(Masked(fitting[0][1]), alone if said is Symbology.UNKNOWN else said)


def _applies(rule: CodeRule, said: Symbology) -> bool:
    return said is Symbology.UNKNOWN or rule.symbology in (said, Symbology.UNKNOWN)


def _is_publishers(code: str) -> bool:
    """Whether *code* is the ISBN or ISSN bar code that a book was printed with."""
    return code.startswith(("977", "978", "979")) and ean_13_fits(code)


def _read(rule: CodeRule, said: Symbology, modifier: str, data: str) -> tuple[str, str]:
    """The text of *data* under one rule, and the first flaw of it in the order alphabet, length, check."""
    kind = rule.symbology if said is Symbology.UNKNOWN else said
    if kind is Symbology.CODE_39:
        text, is_checked = _code_39(rule, modifier, data)
    elif kind is Symbology.CODABAR:
        text, is_checked = _codabar(rule, modifier, data)
    else:
        cut = data[:13] if kind is Symbology.EAN_13 and modifier == _EAN_WITH_ADD_ON else data
        text, is_checked = _plain(rule, cut)
    if any(character not in rule.alphabet for character in text):
        has_control = any(character not in PRINTABLE for character in text)
        return "", "control" if has_control else "alphabet"
    if not rule.length_min <= len(text) <= rule.length_max or not text:
        return "", "length"
    return (text, "") if is_checked else ("", "check")


def _plain(rule: CodeRule, data: str) -> tuple[str, bool]:
    """Text and whether its check holds, for the checks that need neither shift pairs nor start letters."""
    match rule.check:
        case Check.NONE:
            return data, True
        case Check.ISBN | Check.ISSN:
            whole = isbn_as_ean_13(data) if rule.check is Check.ISBN else issn_as_ean_13(data)
            return (data, False) if whole is None else (whole[: 12 if rule.is_check_removed else 13], True)
        case Check.LUHN:
            is_checked = luhn_fits(data)
        case Check.EAN_13:
            is_checked = ean_13_fits(data)
        case Check.MOD_43:
            is_checked = mod_43_fits(data)
        case Check.MOD_16:
            is_checked = mod_16_fits(data)
        case _:
            assert_never(rule.check)
    return data[:-1] if rule.is_check_removed else data, is_checked


def _code_39(rule: CodeRule, modifier: str, data: str) -> tuple[str, bool]:
    """Text and whether its check holds; the check is over the plain characters, before pairs are joined."""
    is_converted = bool(modifier) and modifier in _CODE_39_CONVERTED
    if not is_converted and len(data) > 1 and data[0] == data[-1] == "*":
        data = data[1:-1]
    if rule.check is not Check.MOD_43:
        whole = _joined(rule, is_converted, data)
        return (data, False) if whole is None else _plain(rule, whole)
    if modifier and modifier in _CODE_39_CHECK_STRIPPED:
        body, check, is_checked = data, "", True
    else:
        body, check = data[:-1], data[-1:]
        spelt = pairs_of(body) if is_converted else body
        is_checked = spelt is not None and mod_43_fits(spelt + check)
    text = _joined(rule, is_converted, body)
    if text is None:
        return data, False
    return text if rule.is_check_removed else text + check, is_checked


def _joined(rule: CodeRule, is_converted: bool, data: str) -> str | None:
    return full_ascii_of(data) if rule.is_full_ascii and not is_converted else data


def _codabar(rule: CodeRule, modifier: str, data: str) -> tuple[str, bool]:
    """Text without start and stop letters, and whether its check holds: modulo 16 needs those letters."""
    framed = data.upper()
    has_letters = len(framed) > 1 and framed[0] in "ABCD" and framed[-1] in "ABCD"
    body = data[1:-1] if has_letters else data
    if rule.check is not Check.MOD_16:
        return _plain(rule, body)
    if modifier == _CODABAR_CHECK_STRIPPED:
        return body, True
    return body[:-1] if rule.is_check_removed else body, has_letters and mod_16_fits(framed)
