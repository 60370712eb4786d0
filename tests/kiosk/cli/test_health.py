"""`kiosk health`, called as from a shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.engine import control_call
from kiosk.engine.errands import NotDone

FIGURES: dict[str, Any] = {
    "is_in_service": True,
    "backlog": 3,
    "oldest_unsynced_minutes": None,
    "is_room_low": False,
    "strips_unverified": 2,
    "devices_down": ["strip-unit"],
}


def asked(folder: Path, *options: str) -> Result:
    journal = folder / "journal.db"
    journal.with_suffix(".key").write_bytes(b"")
    return CliRunner().invoke(app, ["health", str(journal), *options])


def test_a_terminal_that_runs_says_how_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every figure has a line to read; for tools they are one JSON object as they came."""
    monkeypatch.setattr(control_call, "call", lambda folder, request: dict(FIGURES))
    read, taken = asked(tmp_path), asked(tmp_path, "--json")

    assert (read.exit_code, taken.exit_code) == (0, 0), read.output
    assert [line.split() for line in read.stdout.splitlines()] == [
        ["in", "service", "yes"],
        ["backlog", "3"],
        ["oldest", "unsynced", "minutes", "-"],
        ["room", "low", "no"],
        ["strips", "unverified", "2"],
        ["devices", "down", "strip-unit"],
    ]
    assert json.loads(taken.stdout) == FIGURES


def test_a_terminal_out_of_service_ends_with_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool that looks at the end code alone notices."""
    told = FIGURES | {"is_in_service": False}
    monkeypatch.setattr(control_call, "call", lambda folder, request: dict(told))

    assert asked(tmp_path).exit_code == 1


def test_a_terminal_that_does_not_run_is_said_to_be_stopped(tmp_path: Path) -> None:
    """Nobody answers at the control folder: that is told in a sentence, with the end code 1."""
    result = asked(tmp_path)

    assert result.exit_code == 1
    assert result.stderr == "the terminal does not run\n"


def test_why_a_terminal_does_not_tell_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What keeps it from answering is passed on, and is no stranger's exception."""

    def call(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
        raise NotDone("control belongs to another user; call as that one or as root")

    monkeypatch.setattr(control_call, "call", call)
    result = asked(tmp_path)

    assert (result.exit_code, "another user" in result.stderr) == (1, True)
