"""The check characters of library codes, against published examples and python-stdnum."""

from __future__ import annotations

import random

import pytest
from stdnum import ean, isbn, issn, luhn

from drivers.barcode import check_digits
from drivers.barcode.check_digits import (
    CODABAR_CHARACTERS,
    CODE_39_CHARACTERS,
    ean_13_check,
    ean_13_fits,
    isbn_as_ean_13,
    issn_as_ean_13,
    luhn_check,
    luhn_fits,
    mod_16_check,
    mod_16_fits,
    mod_43_check,
    mod_43_fits,
)
from tests.kit.effort import effort


@pytest.mark.parametrize(
    ("body", "check"), [("3023400051786", "1"), ("3319100010586", "4"), ("2123400012345", "5")]
)
def test_library_codabar_carries_a_luhn_check(body: str, check: str) -> None:
    """The published library numbers have the check digit computed here, and no other."""
    assert luhn_check(body) == check
    assert [digit for digit in "0123456789" if luhn_fits(body + digit)] == [check]


@pytest.mark.parametrize(("body", "check"), [("CODE39", "W"), ("12345", "F"), ("LIB0001234", "H")])
def test_code_39_carries_a_modulo_43_check(body: str, check: str) -> None:
    """The published Code 39 texts have the check character computed here, and no other."""
    assert mod_43_check(body) == check
    assert [one for one in CODE_39_CHARACTERS if mod_43_fits(body + one)] == [check]


def test_codabar_modulo_16_counts_start_and_stop() -> None:
    """The check character of A21234000123456B is a full stop, between the number and the stop letter."""
    assert mod_16_check("A21234000123456B") == "."
    fitting = [one for one in CODABAR_CHARACTERS if mod_16_fits(f"A21234000123456{one}B")]
    assert fitting == ["."]


def test_ean_isbn_and_issn_are_one_number() -> None:
    """An ISBN of ten digits and an ISSN become the EAN-13 printed on the cover."""
    assert ean_13_check("629104150021") == "3"
    assert isbn_as_ean_13("0306406152") == "9780306406157"
    assert isbn_as_ean_13("0-306-40615-2") == "9780306406157"
    assert issn_as_ean_13("0378-5955") == "9770378595002"


def test_checks_agree_with_python_stdnum() -> None:
    """On 20 000 seeded numbers every rule says what python-stdnum says."""
    chance = random.Random(4301)
    for _ in range(effort(20_000)):
        digits = "".join(chance.choices("0123456789", k=14))
        assert luhn_fits(digits) == luhn.is_valid(digits)
        assert luhn_check(digits[:13]) == luhn.calc_check_digit(digits[:13])
        assert ean_13_fits(digits[:13]) == ean.is_valid(digits[:13])
        assert ean_13_check(digits[:12]) == ean.calc_check_digit(digits[:12])
        ten = digits[:9] + chance.choice("0123456789X")
        assert isbn_as_ean_13(ten) == (isbn.to_isbn13(ten) if isbn.is_valid(ten) else None)
        eight = digits[:7] + chance.choice("0123456789X")
        assert issn_as_ean_13(eight) == (issn.to_ean(eight) if issn.is_valid(eight) else None)
        bookland = "978" + digits[:10]
        assert isbn_as_ean_13(bookland) == (bookland if ean.is_valid(bookland) else None)


HOSTILE = [
    "",
    "0",
    "X",
    "A",
    "AB",
    "ABC",
    "²³",
    "٣" * 14,
    "12345\n",
    "-",
    "\x00" * 13,
    "D" * 300,
    "978" + "é" * 10,
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("rule", ["luhn_fits", "mod_43_fits", "mod_16_fits", "ean_13_fits"])
def test_a_text_without_a_check_does_not_fit(rule: str, text: str) -> None:
    """Empty, foreign and far too long texts fit no rule, and none raises."""
    assert getattr(check_digits, rule)(text) is False
    assert isbn_as_ean_13(text) is None
    assert issn_as_ean_13(text) is None
