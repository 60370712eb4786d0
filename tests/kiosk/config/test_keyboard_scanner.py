"""A scanner that types is configured like any other device, and its mistakes are told the same way."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.barcode.keyboard_scanner import EndKey, KeyboardScannerSettings, Layout
from drivers.barcode.symbology import DIGITS
from kiosk.config.complaints import ConfigurationWrong
from kiosk.config.loading import Configuration, load

TERMINAL = """
[terminal]
name = "kiosk-01"
library = "Example"
[session]
scanned_item = "lend"
[server]
url = "tcp://127.0.0.1:6001"
login_user = "kiosk"
password_file = "password"
[journal]
path = "journal.db"
key_file = "journal.key"
[scanner]
driver = "keyboard-scanner"
"""


def loaded(folder: Path, scanner: str) -> Configuration:
    (folder / "password").write_text("s3cret\n")
    (folder / "password").chmod(0o600)
    (folder / "kiosk.toml").write_text(TERMINAL + scanner)
    return load(folder / "kiosk.toml")


def test_country_end_keys_and_rules_are_read(tmp_path: Path) -> None:
    """The driver's own settings become its own values, those it shares with scanners on lines among them."""
    scanner = loaded(
        tmp_path,
        """
        link = "input:/dev/kiosk/scanner"
        [scanner.settings]
        layout = "fr"
        end_keys = ["tab"]
        silence_seconds = 0.06
        rules = [{symbology = "code128", length_min = 8, length_max = 8, alphabet = "0123456789"}]
        """,
    ).scanner
    assert scanner is not None
    assert scanner.link == "input:/dev/kiosk/scanner"
    settings = scanner.settings
    assert isinstance(settings, KeyboardScannerSettings)
    assert (settings.layout, settings.end_keys, settings.silence_seconds) == (Layout.FR, (EndKey.TAB,), 0.06)
    assert [rule.alphabet for rule in settings.rules] == [DIGITS]


WRONG = [
    ('link = "serial:/dev/ttyUSB0"', "input"),
    ('link = "input:event5"', "whole path"),
    ('link = "input:/dev/kiosk/scanner"\n[scanner.settings]\nlayout = "cn"', "layout"),
    ('link = "input:/dev/kiosk/scanner"\n[scanner.settings]\nend_keys = []', "end_keys"),
    ('link = "input:/dev/kiosk/scanner"\n[scanner.settings]\nstart_command = "<H>"', "start_command"),
]


@pytest.mark.parametrize(("scanner", "named"), WRONG, ids=[named for _, named in WRONG])
def test_a_mistake_is_named(tmp_path: Path, scanner: str, named: str) -> None:
    """A line of another kind, a number of the kernel for a path, an unknown country: each is told with its key."""
    with pytest.raises(ConfigurationWrong) as caught:
        loaded(tmp_path, scanner)
    assert len(caught.value.complaints) == 1
    assert named in caught.value.complaints[0]
