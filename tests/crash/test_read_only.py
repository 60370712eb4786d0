"""A terminal whose journal cannot be written says so and does not start half."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.demo.settings_file import write_settings
from kiosk.engine.control_folder import SOCKET_NAME
from sync.journal.journal import Journal
from sync.journal.keys import create_keys
from tests.crash.talking import CLOCK, ROOT

NOWHERE = {
    "pad": "serial:///dev/no-pad",
    "scanner": "serial:///dev/no-scanner",
    "strip_unit": "usb:0d2c:03ae",
    "card_reader": "vpcd://127.0.0.1:9",
    "network": "tcp://127.0.0.1:9",
    **dict.fromkeys(("printer", "card_terminal", "payment_backend"), "tcp://127.0.0.1:9"),
}


def in_read_only(folder: Path, command: list[str]) -> list[str]:
    """*command* where nothing in *folder* can be written, not even by root."""
    mounting = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"
    return ["unshare", "--mount", "--map-root-user", "sh", "-c", f'{mounting} && exec "$@"', "sh", *command]


def in_failing(folder: Path, command: list[str]) -> list[str]:
    """*command* under strace that answers EROFS where a machine lets nobody mount: nothing in *folder* opens."""
    return [
        *("strace", "-f", "-qq", "-o", "/dev/null", "-P", str(folder / "journal.db")),
        *("-e", "trace=openat", "-e", "inject=openat:error=EROFS", *command),
    ]


@pytest.mark.parametrize("has_journal", [True, False], ids=["a journal", "no journal"])
def test_a_journal_that_cannot_be_written_ends_the_start(tmp_path: Path, has_journal: bool) -> None:
    """On a read-only file system, with a journal from before and without one, `kiosk run` names the journal, ends with
    an error, and has neither served its control socket nor changed a byte."""
    write_settings(tmp_path, tmp_path / "kiosk.toml", "en", {})
    write_settings(tmp_path, tmp_path / "kiosk.toml", "en", NOWHERE)
    text = (tmp_path / "kiosk.toml").read_text(encoding="utf-8")
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "kiosk.toml").write_text(text.replace('"journal.db"', '"kept/journal.db"'), encoding="utf-8")
    keys = create_keys(tmp_path / "journal.key")
    if has_journal:
        Journal.open(kept / "journal.db", keys, CLOCK.now).close()
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    can_mount = subprocess.run(in_read_only(kept, ["true"]), capture_output=True, check=False).returncode == 0
    wrap = in_read_only if can_mount else in_failing

    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        wrap(kept, [sys.executable, "-m", "kiosk", "run", str(tmp_path / "kiosk.toml")]),
        cwd=ROOT,
        env={**environment, "SDL_VIDEODRIVER": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode in (1, 2), done.stderr
    assert "journal" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "service" / SOCKET_NAME).exists()
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before
