"""The command `kiosk`, as it is started from a shell."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from drivers.link.clock import RealClock
from drivers.link.urls import open_link
from drivers.rfid import obid_pad
from drivers.rfid.obid import FrameType
from drivers.sim import FAR_ENDS
from kiosk.cli import app

COMMANDS = (
    "run",
    "check",
    "central",
    "import",
    "enrolment-code",
    "enrol",
    "snapshot",
    "sim",
    "demo",
    "version",
    "journal",
    "cases",
    "events",
    "exceptions",
    "devices",
    "care",
    "fees",
    "health",
    "ledger",
    "payment",
    "receipt",
)


def kiosk(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`kiosk` with *arguments*, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "160"},
    )


def test_help_names_every_command() -> None:
    """Whoever asks is told what there is, with a sentence each."""
    said = kiosk("--help").stdout

    assert [command for command in COMMANDS if f" {command} " not in said] == []


def test_help_of_every_command_can_be_shown() -> None:
    """Whatever stands in it, also what looks like markup: of groups, and of each command in them."""
    ways = list(_ways(get_command(app), ()))

    assert {("fees", "charge"), ("payment", "try-backend"), ("run",)} <= set(ways)
    told = {way: CliRunner().invoke(app, [*way, "--help"]) for way in ways}
    assert [way for way, said in told.items() if said.exit_code or "Usage" not in said.output] == []


def _ways(command: Any, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield way
    for name, one in getattr(command, "commands", {}).items():
        yield from _ways(one, (*way, name))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_of_its_own(command: str) -> None:
    """Help needs no configuration and no device."""
    done = kiosk(command, "--help")

    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_check_says_all_that_is_wrong_and_exits_with_2(tmp_path: Path) -> None:
    """Complaints go to standard error, one a line, without a traceback."""
    file = tmp_path / "kiosk.toml"
    file.write_text('[terminal]\nname = "k"\n[session]\nidle_seconds = 3\n', encoding="utf-8")

    done = kiosk("check", file)

    assert done.returncode == 2
    assert "[session] idle_seconds: 3 is too small, allowed 10 to 600" in done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_check_sums_up_what_can_be_used(tmp_path: Path) -> None:
    """The shipped example, given its secret, is summed up without anything being touched or made."""
    example = Path(__file__).parents[3] / "systemd" / "kiosk.example.toml"
    (tmp_path / "kiosk.toml").write_bytes(example.read_bytes())
    secret = tmp_path / "kiosk-01.secret"
    secret.write_text("not-a-secret\n")
    secret.chmod(0o600)

    done = kiosk("check", tmp_path / "kiosk.toml")

    assert done.returncode == 0
    assert "this configuration can be used" in done.stdout
    assert "not-a-secret" not in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kiosk-01.secret", "kiosk.toml"]


def test_run_with_a_wrong_configuration_says_so_and_exits_with_2(tmp_path: Path) -> None:
    """The window closes again and the complaints are read in the journal of the service."""
    file = tmp_path / "kiosk.toml"
    file.write_text("[terminal]\n", encoding="utf-8")

    done = kiosk("run", file)

    assert done.returncode == 2
    assert "[server]: the section is missing" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("sim",),
        ("sim", "obid-reader"),
        ("sim", "toaster", "--port", "0"),
        ("sim", "shelf", "--server", "nowhere"),
        ("sim", "obid-reader", "--pty", "/nonexistent/folder/pad"),
        ("central", "--terminal", "noequals"),
        ("central", "--database", "oracle://x"),
        ("central", "--bind", "0.0.0.0"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_with_a_sentence(arguments: tuple[str, ...]) -> None:
    """Exit code 2, a line that says why, and no traceback."""
    done = kiosk(*arguments)

    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_sim_lists_its_far_ends() -> None:
    """All that can be served by name, and the table."""
    said = kiosk("sim", "--list").stdout

    names = [line.split()[0] for line in said.splitlines()]
    assert names == [*(entry.name for entry in FAR_ENDS if entry.speaks != "apdu"), "shelf"]
    assert {"obid-reader", "m210-reader", "scanner", "escpos-printer"} < set(names)


def test_a_far_end_serves_the_real_driver_and_ends_in_order() -> None:
    """The pad driver opens what `kiosk sim` serves over TCP and sees the book laid down by a word; SIGTERM ends it.

    A word that makes no sense is answered, and so is one after it.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "kiosk", "sim", "obid-reader", "--port", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        url = json.loads(process.stdout.readline())["url"]
        clock = RealClock()
        settings = obid_pad.ObidPadSettings(frame=FrameType.ADVANCED)
        pad = obid_pad.open(settings, open_link(url, clock), clock)
        assert pad.inventory() == ()
        process.stdin.write(b"dance\nlay 10000001\n")
        process.stdin.flush()
        said = [json.loads(process.stdout.readline()) for _ in range(2)]
        assert [one["ok"] for one in said] == [False, True]
        assert len(pad.inventory()) == 1
        pad.close()

        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0


def test_the_table_is_served_with_its_control_socket(tmp_path: Path) -> None:
    """One line says where everything is; the control socket answers; at the end nothing is left behind."""
    arguments = ["sim", "shelf", "--folder", str(tmp_path), "--card-port", "9", "--server", "127.0.0.1:9"]
    with subprocess.Popen([sys.executable, "-m", "kiosk", *arguments], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(said["control"])
            client.sendall(b'{"do":"state"}\n')
            with client.makefile("rb") as stream:
                state = json.loads(stream.readline())
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0

    names = ("pad", "scanner", "strip-unit", "printer", "card-terminal", "payment-backend")
    assert state["devices"] == dict.fromkeys(names, True)
    assert said["network"].startswith("tcp://127.0.0.1:")
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_the_installed_one() -> None:
    """It is what the package says."""
    assert kiosk("version").stdout.strip() == "0.1.0"


def test_the_first_frame_waits_for_nothing_heavy() -> None:
    """What `kiosk run` imports before its window stands has no pydantic, no journal, no client and no driver in it."""
    code = (
        "import sys, kiosk.cli, kiosk.config.screen, ui.app, ui.kiosk_app;"
        "heavy = {'pydantic', 'structlog', 'apsw', 'cryptography', 'requests', 'sqlalchemy', 'serial', 'smartcard'};"
        "print(sorted(heavy & set(sys.modules)), 'kiosk.runtime.build' in sys.modules)"
    )
    environment = os.environ | {
        "KIVY_NO_ARGS": "1",
        "SDL_VIDEODRIVER": "offscreen",
        "KIVY_LOG_MODE": "PYTHON",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment
    )

    assert done.stdout.strip() == "[] False", done.stderr


def test_import_takes_a_folder_of_lists_or_names_every_mistake(tmp_path: Path) -> None:
    """A good folder is counted; a bad one changes nothing and says where it is wrong, without a traceback."""
    good, bad, database = tmp_path / "good", tmp_path / "bad", f"sqlite:///{tmp_path / 'central.db'}"
    good.mkdir()
    bad.mkdir()
    (good / "categories.csv").write_text("code,name,loans_max\nadult,成人读者 Adult,10\n", encoding="utf-8")
    (bad / "patrons.csv").write_text("number,name,category\n2|1,somebody,nowhere\n", encoding="utf-8")

    done = kiosk("import", good, "--database", database)
    refused = kiosk("import", bad, "--database", database)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "categories: 1\n"
    assert refused.returncode == 2
    assert "patrons line 2, column number" in refused.stderr
    assert "somebody" not in refused.stderr
    assert "Traceback" not in refused.stderr
