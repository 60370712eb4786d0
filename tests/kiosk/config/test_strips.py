"""What a configuration says of strips: which items have one, who treats them, and what that needs beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.em.bookcheck_settings import BookCheckSettings
from kiosk.config.complaints import ConfigurationWrong
from kiosk.config.loading import Configuration, load
from kiosk.config.summary import summary
from kiosk.runtime.session_settings import session_settings
from kiosk.workflow.settings import Strips

GOOD = """
[terminal]
name = "kiosk-01"
library = "Example"
[session]
strips = "untagged"
scanned_item = "lend"
strip_seconds = 45
[pad]
driver = "obid-pad"
link = "serial:/dev/pad"
[scanner]
driver = "serial-scanner"
link = "serial:/dev/scanner"
[strip_unit]
driver = "bookcheck"
link = "usb:0d2c:03ae"
[server]
url = "tcp://127.0.0.1:6001"
[journal]
path = "journal.db"
key_file = "journal.key"
"""
PAD = '[pad]\ndriver = "obid-pad"\nlink = "serial:/dev/pad"\n'
SCANNER = '[scanner]\ndriver = "serial-scanner"\nlink = "serial:/dev/scanner"\n'
UNIT = '[strip_unit]\ndriver = "bookcheck"\nlink = "usb:0d2c:03ae"\n'
LINK = 'link = "usb:0d2c:03ae"'


def loaded(folder: Path, text: str) -> Configuration:
    """*text* as a configuration in *folder*."""
    file = folder / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_the_session_gets_what_is_said_of_strips(tmp_path: Path) -> None:
    """Which items have one, how long the unit waits, what it can do by itself; the unit is in the summary."""
    configuration = loaded(tmp_path, GOOD)

    settings = session_settings(configuration)

    assert (settings.strips, settings.strip_seconds, settings.strip_unit_senses) == (
        Strips.UNTAGGED,
        45,
        True,
    )
    assert not settings.strip_unit_treats_lying, "a BookCheck treats what crosses it"
    assert configuration.strip_unit is not None
    assert configuration.strip_unit.settings == BookCheckSettings()
    assert [line for line in summary(configuration) if line.startswith("strip")] == [
        "strip unit   bookcheck at usb:0d2c:03ae",
        "strips       of items without a tag",
    ]


def test_without_a_word_of_strips_nothing_has_one(tmp_path: Path) -> None:
    """A terminal is none with strips unless the library says so."""
    configuration = loaded(tmp_path, GOOD.replace('strips = "untagged"\n', "").replace(UNIT, ""))

    assert session_settings(configuration).strips is Strips.NONE
    assert [line for line in summary(configuration) if line.startswith("strip")] == ["strip unit   none"]


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (PAD, ""),
        (PAD + SCANNER, PAD + SCANNER.replace("serial:/dev/scanner", "serial:/dev/other")),
        ('scanned_item = "lend"\n', 'scanned_item = "lend"\nlend_incomplete = true\n'),
        (PAD, PAD + "[pad.settings]\nreads_extensions = true\n"),
        (LINK, LINK[:-1] + '?serial=A1"'),
    ],
)
def test_what_fits_together_is_taken(tmp_path: Path, found: str, put: str) -> None:
    """With or without a pad, and whatever else is set."""
    assert found in GOOD

    assert loaded(tmp_path, GOOD.replace(found, put)).strip_unit is not None


def test_where_every_item_has_a_strip_the_pad_reads_which_ones_are_tapes(tmp_path: Path) -> None:
    """A tape is known by what stands behind the fixed part of its tag; without a pad there is nothing to read."""
    text = GOOD.replace('"untagged"', '"all"')
    with pytest.raises(ConfigurationWrong) as caught:
        loaded(tmp_path, text)
    [complaint] = caught.value.complaints
    assert complaint.startswith("[pad.settings] reads_extensions: false hides from [session] strips")

    assert (
        loaded(tmp_path, text.replace(PAD, PAD + "[pad.settings]\nreads_extensions = true\n")).pad is not None
    )
    assert loaded(tmp_path, text.replace(PAD, "")).pad is None


@pytest.mark.parametrize(
    ("found", "put", "sentence"),
    [
        (UNIT, "", "[session] strips: 'untagged' needs a section [strip_unit]"),
        ('"untagged"', '"none"', "[strip_unit]: no item is said to have a strip; [session] strips may be "),
        (
            'strips = "untagged"\n',
            "",
            "[strip_unit]: no item is said to have a strip; [session] strips may be ",
        ),
        (SCANNER, "", "[session] strips: 'untagged' needs a section [scanner]"),
        (
            '"untagged"',
            '"some"',
            "[session] strips: 'some' does not fit, allowed is 'none', 'untagged', 'all'",
        ),
        ('"untagged"', "[]", "[session] strips: [] does not fit, allowed is 'none', 'untagged', 'all'"),
        ('"untagged"', "{a = 1}", "[session] strips: {'a': 1} does not fit"),
        ('"untagged"', "true", "[session] strips: True does not fit"),
        (
            "strip_seconds = 45",
            "strip_seconds = 4",
            "[session] strip_seconds: 4 is too small, allowed 5 to 300",
        ),
        (
            "strip_seconds = 45",
            "strip_seconds = 301",
            "[session] strip_seconds: 301 is too great, allowed 5 to 300",
        ),
        ("strip_seconds = 45", "strip_seconds = 1e9", "[session] strip_seconds: 1000000000.0 does not fit"),
        (
            "strip_seconds = 45",
            "strip_second = 45",
            "[session] strip_second: unknown key; did you mean strip_seconds?",
        ),
        (
            '"bookcheck"',
            '"bookchek"',
            "[strip_unit] driver: driver 'bookchek' is not known; a strip unit can be: ",
        ),
        ('"bookcheck"', '"obid-pad"', "[strip_unit] driver: driver 'obid-pad' is no strip unit but: pad"),
        (
            '"serial-scanner"',
            '"bookcheck"',
            "[scanner] driver: driver 'bookcheck' is no scanner but: strip unit",
        ),
        (LINK, 'link = "serial:/dev/unit"', "[strip_unit] link 'serial:/dev/unit': "),
        (LINK, 'link = "usb:0d2c"', "[strip_unit] link 'usb:0d2c': "),
        (LINK, LINK + "\n[strip_unit.settings]\nverify = true", "[strip_unit.settings] verify: unknown key"),
        (
            LINK,
            LINK + "\n[strip_unit.settings]\npulses_per_minute_max = 5000",
            "[strip_unit.settings] pulses_per_minute_max = 5000: allowed is 1 to 120",
        ),
        (
            LINK,
            LINK + "\n[strip_unit.settings]\nmin_interval_seconds = nan",
            "[strip_unit.settings] min_interval",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_one_sentence(
    tmp_path: Path, found: str, put: str, sentence: str
) -> None:
    """Strips without a unit, a unit without strips, and every value that cannot be meant."""
    assert found in GOOD

    with pytest.raises(ConfigurationWrong) as caught:
        loaded(tmp_path, GOOD.replace(found, put))

    [complaint] = caught.value.complaints
    assert complaint.startswith(sentence)


@pytest.mark.parametrize(
    "text", ["strip_unit = 3", "strip_unit = []", "[[strip_unit]]", "[strip_unit]\nlink = 3"]
)
def test_a_strip_unit_of_the_wrong_shape_is_complained_about(tmp_path: Path, text: str) -> None:
    """Whatever stands where the section belongs gets a sentence that names it."""
    rest = GOOD.replace(UNIT, "")

    with pytest.raises(ConfigurationWrong) as caught:
        loaded(tmp_path, f"{text}\n{rest}" if "=" in text.split()[1:2] else rest + text)

    assert any(complaint.startswith("[strip_unit]") for complaint in caught.value.complaints)
