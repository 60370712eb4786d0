"""`kiosk demo --headless`: a whole session by touches on the real window, as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link.clock import RealClock
from sync.central import demo

SECONDS_MAX = 60
DEFAULT_SIGNALS = ("env", "--default-signal=INT,HUP")


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("KIVY_", "SDL_"))
    }
    return subprocess.Popen(
        # Whoever runs the tests in the background leaves them deaf to these two signals.
        [
            *DEFAULT_SIGNALS,
            sys.executable,
            "-m",
            "kiosk",
            "demo",
            "--headless",
            "--folder",
            str(folder),
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_demo_ends_with_journal_tags_and_server_in_agreement(tmp_path: Path, language: str) -> None:
    """In either language five of six books are lent, one by its strip, one is refused, and each screen is a picture."""
    with start(tmp_path, "--json", "--language", language) as process:
        out, errors = process.communicate(timeout=SECONDS_MAX)

    assert process.returncode == 0, errors
    told = json.loads(out)
    assert told["ok"] is True
    assert told["disagreements"] == []
    tagged, by_strip, refused = list(demo.ITEMS_FREE[:4]), demo.ITEMS_BY_STRIP[0], demo.ITEM_REFERENCE
    lent = [*tagged, by_strip]
    assert told["server"]["loans"] == lent
    assert told["tags"] == {item: ["C2"] for item in tagged} | {refused: ["07"]}
    assert told["strips"] == {by_strip: "inactive"}
    assert {entry["item"]: entry["ended"] for entry in told["journal"]} == dict.fromkeys(lent, "done") | {
        refused: "refused"
    }
    assert [entry["reason"] for entry in told["journal"] if "reason" in entry] == ["item-reference"]
    assert len(told["pictures"]) == 9
    for picture in told["pictures"]:
        assert Path(picture).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert told["seconds"] < SECONDS_MAX


def test_no_log_of_the_demo_names_its_reader(tmp_path: Path) -> None:
    """Card number, PIN and name of the reader are in no log file, of terminal, table or central."""
    with start(tmp_path, "--wide") as process:
        out, errors = process.communicate(timeout=SECONDS_MAX)
    logs = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("*.log"))

    assert process.returncode == 0, errors
    assert "journal, tags and server agree" in out
    assert "started" in logs
    for canary in (demo.READER, "测试读者一", f"AD{demo.PIN}", f'"{demo.PIN}"'):
        assert canary not in logs + out + errors


@pytest.fixture
def display() -> Iterator[str]:
    """A screen in memory, large enough for both windows."""
    read, write = os.pipe()
    arguments = [
        "Xvfb",
        "-displayfd",
        str(write),
        "-screen",
        "0",
        "2400x1920x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    with subprocess.Popen(arguments, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as said:
            yield f":{said.readline().strip()}"
        server.terminate()


def test_with_a_display_the_kiosk_opens_beside_the_table(tmp_path: Path, display: str) -> None:
    """Two windows stand on the display, and SIGTERM ends the demo with everything it started."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("KIVY_", "SDL_"))
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "demo", "--folder", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {"DISPLAY": display},
    )
    try:
        await_windows(display, {"Library kiosk", "Table"})
        children = children_of(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert len(children) == 3
    await_end_of(children)


def await_windows(display: str, wanted: set[str]) -> None:
    clock = RealClock()
    until = clock.monotonic() + 60
    titles: set[str] = set()
    while not wanted <= titles:
        assert clock.monotonic() < until, f"only {titles} opened"
        titles = window_titles(display)
        clock.wait(0.2)


def window_titles(display: str) -> set[str]:
    environment = os.environ | {"DISPLAY": display}

    def xdotool(*arguments: str) -> list[str]:
        done = subprocess.run(
            ["xdotool", *arguments], capture_output=True, text=True, env=environment, timeout=20
        )
        return done.stdout.splitlines()

    return {name for window in xdotool("search", "--class", ".") for name in xdotool("getwindowname", window)}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_demo_that_is_ended_takes_its_processes_with_it(tmp_path: Path, number: signal.Signals) -> None:
    """Interrupted, told to end or killed: central and the table are gone soon afterwards."""
    process = start(tmp_path)
    children = await_children(process, tmp_path)

    process.send_signal(number)
    process.communicate(timeout=30)

    await_end_of(children)
    assert process.returncode != 0


def await_end_of(children: list[int]) -> None:
    clock = RealClock()
    until = clock.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in children):
        assert clock.monotonic() < until, f"{children} live on"
        clock.wait(0.1)


def await_children(process: subprocess.Popen[str], folder: Path) -> list[int]:
    """The processes of the demo, once the table is served."""
    clock = RealClock()
    until = clock.monotonic() + 40
    while not (folder / "control").exists():
        assert clock.monotonic() < until, "the table was not served"
        clock.wait(0.05)
    children = children_of(process.pid)
    assert len(children) == 2
    return children


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]
