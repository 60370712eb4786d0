"""Whatever an installer writes in place of any value, a sentence comes back, and never a mistake of ours."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from drivers.link import SettingsError
from kiosk.config.loading import load
from kiosk.runtime.session_settings import session_settings
from tests.kit.effort import effort

EXAMPLES = Path(__file__).parents[3] / "systemd" / "examples"
SORTING = """\
[terminal]
name = "kiosk-01"
library = "Example Library"
services = ["borrow", "return", "account", "pay", "care"]
foreign_items = "to-reader"
[scanner]
driver = "serial-scanner"
link = "serial:/dev/kiosk/scanner?baud=9600"
[server]
url = "tcp://127.0.0.1:6001"
institution = "EXAMPLE"
[journal]
path = "journal.db"
key_file = "journal.key"
[receipts]
templates = "receipts"
[sorting]
branch = "main"
by_code = { AB = "1" }
by_route = { hold-here = "2", other-branch = "2" }
[sorting.bins.1]
place = "Shelves"
colour = "green"
[sorting.bins.2]
"""
VALUES = (
    '""', '"x"', '"\\u0000"', f'"{"y" * 3000}"', '"../../x"', '"https://"', '"https://x y"', '"tcp://"',
    "-1", "0", "99999999999999999999", "1.5", "nan", "inf", "true", "2026-01-01",
    "[]", '["x"]', "[[1]]", "[{}]", "{}", "{ a = 1 }",
)  # fmt: skip


def changed(text: str) -> list[str]:
    """*text* with each value replaced by each of `VALUES`, comments that show a value included, and without lines."""
    lines = text.splitlines()
    found = []
    for place, line in enumerate(lines):
        shown = line.lstrip("# ") if line.startswith("#") else line
        key, mark, _ = shown.partition("=")
        before, after = lines[:place], lines[place + 1 :]
        if mark and not shown.startswith("["):
            found += ["\n".join((*before, f"{key}= {value}", *after)) for value in VALUES]
        elif shown.startswith("["):
            found += ["\n".join((*before, *other, *after)) for other in ((), (f"[{shown}]",))]
    return found


@pytest.mark.parametrize("name", ["sorting and services", "payments.toml", "book-drop.toml"])
def test_no_value_breaks_reading_a_configuration(tmp_path: Path, name: str) -> None:
    """Sections of sorting, services, receipts, payment and book drop: a usable configuration, or `SettingsError`."""
    text = (EXAMPLES / name).read_text(encoding="utf-8") if name.endswith("toml") else SORTING
    file = tmp_path / "kiosk.toml"
    every = changed(text)
    refused = []
    for one in random.Random(name).sample(every, min(len(every), effort(60))):
        file.write_text(one, encoding="utf-8")
        try:
            session_settings(load(file))
        except SettingsError as error:
            refused.append(str(error).strip())
    assert len(refused) > 20
    assert all(refused)


@pytest.mark.parametrize(
    ("found", "put", "said"),
    [
        ('path = "journal.db"', 'path = "\\u0000"', "holds the character"),
        ('path = "journal.db"', f'path = "{"y" * 3000}"', "[journal] path, key_file: cannot be looked at"),
        ('institution = "EXAMPLE"', 'institution = "a\\u0000b"', "holds the character"),
    ],
)
def test_what_no_file_can_be_called_is_told(tmp_path: Path, found: str, put: str, said: str) -> None:
    """A name that is too long, and a character that the system takes for an end."""
    (tmp_path / "kiosk.toml").write_text(SORTING.replace(found, put), encoding="utf-8")
    with pytest.raises(SettingsError, match=re.escape(said)):
        load(tmp_path / "kiosk.toml")
