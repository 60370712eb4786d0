"""What a code says under the library's rules."""

from __future__ import annotations

import random

import pytest

from drivers.barcode import Symbology
from drivers.barcode.check_digits import CODE_39_CHARACTERS
from drivers.barcode.symbology import (
    DIGITS,
    LIBRARY_CODABAR,
    PRINTABLE,
    Check,
    CodeRule,
    interpret,
    split_aim,
)
from tests.kit.effort import effort

CODE_39 = CodeRule(Symbology.CODE_39, 3, 20, CODE_39_CHARACTERS, Check.MOD_43, is_check_removed=True)
CODE_39_KEPT = CodeRule(Symbology.CODE_39, 3, 20, CODE_39_CHARACTERS, Check.MOD_43)
CODE_39_ASCII = CodeRule(Symbology.CODE_39, 1, 20, PRINTABLE, Check.MOD_43, True, is_full_ascii=True)
CODE_39_FREE = CodeRule(Symbology.CODE_39, 1, 20, PRINTABLE, is_full_ascii=True)
CODABAR_16 = CodeRule(Symbology.CODABAR, 4, 20, DIGITS, Check.MOD_16, is_check_removed=True)
EAN = CodeRule(Symbology.EAN_13, 13, 13, DIGITS, Check.EAN_13)
BOOK = CodeRule(Symbology.EAN_13, 13, 13, DIGITS, Check.ISBN)
SERIAL = CodeRule(Symbology.EAN_13, 13, 13, DIGITS, Check.ISSN)
ANY = CodeRule(Symbology.UNKNOWN, 4, 12, DIGITS)
SHORT_128 = CodeRule(Symbology.CODE_128, 8, 8, DIGITS)

GOOD = [
    ("30234000517861", LIBRARY_CODABAR, "30234000517861", Symbology.CODABAR),
    ("A30234000517861B", LIBRARY_CODABAR, "30234000517861", Symbology.CODABAR),
    ("a30234000517861d", LIBRARY_CODABAR, "30234000517861", Symbology.CODABAR),
    ("]F0A30234000517861B", LIBRARY_CODABAR, "30234000517861", Symbology.CODABAR),
    ("A21234000123456.B", CODABAR_16, "21234000123456", Symbology.CODABAR),
    ("]F4A21234000123456B", CODABAR_16, "21234000123456", Symbology.CODABAR),
    ("LIB0001234H", CODE_39, "LIB0001234", Symbology.CODE_39),
    ("*LIB0001234H*", CODE_39, "LIB0001234", Symbology.CODE_39),
    ("LIB0001234H", CODE_39_KEPT, "LIB0001234H", Symbology.CODE_39),
    ("]A0LIB0001234H", CODE_39, "LIB0001234", Symbology.CODE_39),
    ("]A1LIB0001234H", CODE_39, "LIB0001234", Symbology.CODE_39),
    ("]A3LIB0001234", CODE_39, "LIB0001234", Symbology.CODE_39),
    ("]A4Lib8", CODE_39_FREE, "Lib8", Symbology.CODE_39),
    ("]A0L+I+B8", CODE_39_FREE, "Lib8", Symbology.CODE_39),
    ("]A7Lib", CODE_39_ASCII, "Lib", Symbology.CODE_39),
    ("]E06291041500213", EAN, "6291041500213", Symbology.EAN_13),
    ("]E3629104150021312", EAN, "6291041500213", Symbology.EAN_13),
    ("0306406152", BOOK, "9780306406157", Symbology.EAN_13),
    ("9780306406157", BOOK, "9780306406157", Symbology.EAN_13),
    ("03785955", SERIAL, "9770378595002", Symbology.EAN_13),
    ("10000001", ANY, "10000001", Symbology.UNKNOWN),
    ("]C010000001", ANY, "10000001", Symbology.CODE_128),
    ("]X010000001", ANY, "10000001", Symbology.OTHER),
]


@pytest.mark.parametrize(("code", "rule", "text", "symbology"), GOOD)
def test_a_good_code_gives_its_number(code: str, rule: CodeRule, text: str, symbology: Symbology) -> None:
    """Prefix, start and stop, and a check the rule removes are gone; the number remains, its kind named."""
    scan = interpret(code, (rule,))
    assert (scan.text.reveal(), scan.symbology, scan.flaw) == (text, symbology, "")


def test_full_ascii_is_checked_over_its_pairs() -> None:
    """The check of a label in pairs fits whether the scanner joined the pairs or left them."""
    # L=21 +=41 I=18 +=41 B=11: 132 mod 43 = 3.
    for code in ("]A0L+I+B3", "]A4Lib3", "]A5Lib3"):
        assert interpret(code, (CODE_39_ASCII,)).text.reveal() == "Lib"
        assert interpret(code[:-1] + "4", (CODE_39_ASCII,)).flaw == "check"


FLAWED = [
    ("30234000517862", (LIBRARY_CODABAR,), "check"),
    ("A30234000517862B", (LIBRARY_CODABAR,), "check"),
    ("3023400051786", (LIBRARY_CODABAR,), "length"),
    ("302340005178610", (LIBRARY_CODABAR,), "length"),
    ("3023400051786A", (LIBRARY_CODABAR,), "alphabet"),
    ("LIB0001234J", (CODE_39,), "check"),
    ("lib0001234H", (CODE_39,), "alphabet"),
    ("]A0$A", (CODE_39_FREE,), "control"),
    ("]A0+", (CODE_39_FREE,), "check"),
    ("21234000123456.", (CODABAR_16,), "check"),
    ("21234000123456", (CODABAR_16,), "check"),
    ("A212340001234562B", (CODABAR_16,), "check"),
    ("]C030234000517861", (LIBRARY_CODABAR,), "symbology"),
    ("]E49638507410", (EAN,), "symbology"),
    ("]E06291041500214", (EAN,), "check"),
    ("9780306406157", (LIBRARY_CODABAR,), "symbology"),
    ("9770378595002", (LIBRARY_CODABAR, CODE_39), "symbology"),
    ("6291041500213", (BOOK,), "check"),
    ("AB", (LIBRARY_CODABAR,), "length"),
    ("]F0", (LIBRARY_CODABAR,), "length"),
    ("]", (LIBRARY_CODABAR,), "alphabet"),
    ("30234000517862", (SHORT_128, LIBRARY_CODABAR), "check"),
    ("30234000517862", (LIBRARY_CODABAR, SHORT_128), "check"),
]


@pytest.mark.parametrize(("code", "rules", "flaw"), FLAWED)
def test_a_flawed_code_says_what_is_wrong_and_nothing_else(
    code: str, rules: tuple[CodeRule, ...], flaw: str
) -> None:
    """The flaw is that of the rule which came nearest, and the text of a flawed scan is empty."""
    scan = interpret(code, rules)
    assert (scan.flaw, scan.text.reveal()) == (flaw, "")


def test_a_text_that_fits_several_kinds_is_of_unknown_kind() -> None:
    """Without an AIM prefix the kind is named only when one alone fits; the first rule gives the text."""
    free_39 = CodeRule(Symbology.CODE_39, 4, 20)
    both = (LIBRARY_CODABAR, free_39)
    assert interpret("30234000517861", both).symbology is Symbology.UNKNOWN
    assert interpret("A30234000517861B", both).text.reveal() == "30234000517861"
    assert interpret("A30234000517861B", both[::-1]).text.reveal() == "A30234000517861B"
    assert interpret("LIB42", both).symbology is Symbology.CODE_39
    assert interpret("]F030234000517861", both).symbology is Symbology.CODABAR


@pytest.mark.parametrize(
    ("letter", "symbology"),
    [
        ("A", Symbology.CODE_39),
        ("C", Symbology.CODE_128),
        ("E", Symbology.EAN_13),
        ("F", Symbology.CODABAR),
        ("G", Symbology.CODE_93),
        ("I", Symbology.INTERLEAVED_2_OF_5),
        ("Q", Symbology.QR),
        ("d", Symbology.DATA_MATRIX),
        ("L", Symbology.OTHER),
        ("z", Symbology.OTHER),
    ],
)
def test_an_aim_prefix_names_the_kind(letter: str, symbology: Symbology) -> None:
    """Each letter a library meets is known by its standard meaning, the rest as other."""
    assert split_aim(f"]{letter}0123") == (symbology, "0", "123")


@pytest.mark.parametrize("code", ["", "]", "]A", "]1A", "A]A0", "] A0"])
def test_half_an_aim_prefix_is_none(code: str) -> None:
    """A bracket that does not begin an identifier is data."""
    assert split_aim(code) is None


def test_no_text_breaks_the_rules() -> None:
    """20 000 seeded texts give a number the rules allow, or a flaw of the known words and no text."""
    chance = random.Random(11)
    rules = (LIBRARY_CODABAR, CODE_39, CODE_39_ASCII, CODE_39_FREE, CODABAR_16, EAN, BOOK, SERIAL, ANY)
    letters = "0123456789ABCDabcd*]+$%/. -X" + PRINTABLE
    for _ in range(effort(20_000)):
        aim = chance.choice(["", "", "]" + chance.choice("ACEFGIQdLz") + chance.choice("0123457A")])
        code = aim + "".join(chance.choices(letters, k=chance.randrange(24)))
        some = tuple(chance.sample(rules, chance.randrange(len(rules)) + 1))
        scan = interpret(code, some)
        assert scan.flaw in ("", "control", "length", "check", "alphabet", "symbology")
        assert bool(scan.text) != bool(scan.flaw)
        assert set(scan.text.reveal()) <= set(PRINTABLE)
        assert len(scan.text.reveal()) <= 20
