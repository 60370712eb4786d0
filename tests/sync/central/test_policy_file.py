"""The library's settings for loans told late, read from their file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from drivers.link import SettingsError
from sync.central.circulation.policy import DueRule, EventPolicy, Treatment
from sync.central.policy_file import FILE_SIZE_MAX, read_policy

WHOLE = """
[events]
unknown = "refuse"
card_stopped = "hold"
item_not_lent = "refuse"
limit = "hold"
on_loan_to_other = "refuse"
due = "promised"
ahead_seconds_max = 60
"""


def policy(tmp_path: Path, text: str | bytes) -> Path:
    """A file with *text*."""
    file = tmp_path / "policy.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_every_setting_can_be_set(tmp_path: Path) -> None:
    """Each is taken from the file, and none is forgotten when one more is invented."""
    found = read_policy(policy(tmp_path, WHOLE))

    assert found == EventPolicy(
        unknown=Treatment.REFUSE,
        card_stopped=Treatment.HOLD,
        item_not_lent=Treatment.REFUSE,
        limit=Treatment.HOLD,
        on_loan_to_other=Treatment.REFUSE,
        due=DueRule.PROMISED,
        ahead_seconds_max=60.0,
    )
    usual = EventPolicy()
    assert [f.name for f in fields(found) if getattr(found, f.name) == getattr(usual, f.name)] == []


@pytest.mark.parametrize("text", ["", "[events]\n"])
def test_what_is_left_out_is_as_usual(tmp_path: Path, text: str) -> None:
    """A file that says nothing changes nothing."""
    assert read_policy(policy(tmp_path, text)) == EventPolicy()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[events]\nunknown = "apply"\n', "[events] unknown must be hold or refuse"),
        ('[events]\nlimit = "sometimes"\n', '[events] limit must be one of "apply", "hold", "refuse"'),
        ("[events]\nlimit = true\n", "[events] limit must be one of"),
        ('[events]\ndue = "later"\n', '[events] due must be one of "longer", "promised", "policy"'),
        ('[events]\nlimits = "hold"\n', "[events] limits is not known; did you mean limit?"),
        ("[events]\nahead_seconds_max = true\n", "[events] ahead_seconds_max must be a number of seconds"),
        ("[events]\nahead_seconds_max = nan\n", "[events] ahead_seconds_max must be from 0 to 86400"),
        ("[events]\nahead_seconds_max = 86401\n", "[events] ahead_seconds_max must be from 0 to 86400"),
        ("[event]\n", "[event] is not known; there is one section, [events]"),
        ("events = 3\n", "events has to be a section"),
        ("[events\n", "is no TOML"),
        (b"\xff\xfe", "it is not UTF-8"),
        (b"a = " + b"[" * 20_000, "is no TOML"),
        (b"#" * (FILE_SIZE_MAX + 1), f"has more than {FILE_SIZE_MAX} bytes"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_wrong(
    tmp_path: Path, text: str | bytes, complaint: str
) -> None:
    """The sentence names the setting and what is allowed."""
    with pytest.raises(SettingsError) as error:
        read_policy(policy(tmp_path, text))

    assert complaint in str(error.value)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Two wrong settings are two lines, and a file that is not there is a sentence too."""
    with pytest.raises(SettingsError) as error:
        read_policy(policy(tmp_path, '[events]\nlimit = 1\ndue = "never"\n'))
    with pytest.raises(SettingsError, match="cannot be read"):
        read_policy(tmp_path / "missing.toml")

    assert len(str(error.value).splitlines()) == 2


def test_central_does_not_start_with_a_policy_that_cannot_be(tmp_path: Path) -> None:
    """The command says so in one sentence, exits with 2, and has made no database."""
    file = policy(tmp_path, '[events]\nunknown = "apply"\n')
    database = tmp_path / "central.db"
    options = {
        "--database": f"sqlite:///{database}",
        "--rest-port": "0",
        "--sip2-port": "0",
        "--policy": str(file),
    }
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "central", *(part for option in options.items() for part in option)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "160"},
    )

    assert done.returncode == 2
    assert done.stderr == (
        f"{file}: [events] unknown must be hold or refuse: a loan of nothing cannot be recorded\n"
    )
    assert not database.exists()


def test_the_guide_shows_every_setting_with_its_usual_value(tmp_path: Path) -> None:
    """What an installer copies out of docs/guides/central.md changes nothing until a value is changed."""
    guide = Path("docs/guides/central.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml policy\n(.*?)```", guide, re.DOTALL)

    assert read_policy(policy(tmp_path, shown)) == EventPolicy()
    assert [field.name for field in fields(EventPolicy) if f"\n{field.name} = " not in shown] == []
