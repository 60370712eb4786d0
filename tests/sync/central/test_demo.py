"""The demo library: enough of everything, nobody real, and every promise of its README kept."""

from __future__ import annotations

import csv
import re
import unicodedata
from importlib.resources import files

import pytest
from stdnum import luhn

from sync.central import demo


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(demo.library()[name].decode().splitlines()))


def constants(prefix: str) -> dict[str, str]:
    return {
        name: getattr(demo, name) for name in dir(demo) if name.startswith(prefix) and name != "ITEMS_FREE"
    }


def test_there_are_enough_items_in_both_languages() -> None:
    """At least 300 items, more than a hundred Chinese and more than a hundred English titles."""
    titles = [row["title"] for row in rows("items")]
    chinese = sum(any("\u4e00" <= letter <= "\u9fff" for letter in title) for title in titles)

    assert len(titles) >= 300
    assert chinese > 100
    assert len(titles) - chinese > 100


def test_nobody_in_it_is_real() -> None:
    """Every one of at least 30 patrons is plainly invented by name, and they are of several categories."""
    patrons = rows("patrons")

    assert len(patrons) >= 30
    assert all(re.match(r"测试|Demo ", row["name"]) for row in patrons)
    assert {row["category"] for row in patrons} == {row["code"] for row in rows("categories")}
    assert {letter for row in patrons for letter in row["name"]} >= set("喆堃镕𠮷")


@pytest.mark.parametrize(("name", "first"), [("items", "3"), ("patrons", "2")])
def test_numbers_are_those_of_codabar_labels(name: str, first: str) -> None:
    """Fourteen digits, the kind in front, a Luhn check digit at the end, each once."""
    numbers = [row["number"] for row in rows(name)]

    assert all(len(number) == 14 and number[0] == first and luhn.is_valid(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_every_notable_number_is_in_the_lists_and_in_the_readme() -> None:
    """Whatever the demo script or a test calls by name is there and explained."""
    readme = (files(demo) / "README.md").read_text("utf-8")
    items = {row["number"] for row in rows("items")}
    patrons = {row["number"] for row in rows("patrons")}

    assert set(constants("ITEM_").values()) | set(demo.ITEMS_FREE) <= items
    assert set(constants("READER").values()) <= patrons
    for name, number in (constants("ITEM_") | constants("READER")).items():
        assert f"| `{name}` | {number} |" in readme


def test_the_lists_print_everywhere() -> None:
    """No cell holds a character that is not printable or not normalised."""
    for content in demo.library().values():
        text = content.decode("utf-8")
        assert unicodedata.is_normalized("NFC", text)
        assert all(letter.isprintable() or letter == "\n" for letter in text)
