"""`kiosk demo --headless`: a whole session by touches on the real window, as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.link.clock import RealClock
from kiosk.demo.settling import PAYS, RENEWS
from kiosk.demo.story import Story
from sync.central import demo

SECONDS_MAX = 150
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


def test_the_demo_ends_with_journal_tags_money_and_server_in_agreement(tmp_path: Path) -> None:
    """Books are lent, given back and renewed, fees are paid by card and by code, and each screen is a picture."""
    with start(tmp_path, "--json") as process:
        out, errors = process.communicate(timeout=SECONDS_MAX)

    assert process.returncode == 0, out + errors
    told = json.loads(out)
    assert told["ok"] is True
    assert told["disagreements"] == []
    tagged, by_strip, refused = list(demo.ITEMS_FREE[:4]), demo.ITEMS_BY_STRIP[0], demo.ITEM_REFERENCE
    came_back = [demo.ITEM_OVERDUE, demo.ITEM_OUT_AND_WAITED_FOR, demo.ITEM_OF_OTHER_BRANCH]
    not_lent, in_the_cut = demo.ITEMS_FREE[5], tagged[0]
    assert told["server"]["loans"] == [*tagged[1:], by_strip]
    secured = [in_the_cut, not_lent, refused, *came_back]
    assert told["tags"] == {item: ["C2"] for item in tagged[1:]} | {item: ["07"] for item in secured}
    assert told["strips"] == {by_strip: "inactive"}
    ended = {(entry["promise"], entry["item"]): entry["ended"] for entry in told["journal"]}
    assert ended == dict.fromkeys(
        [
            *(("lend", item) for item in (*tagged, by_strip)),
            *(("giveback", item) for item in (*came_back, not_lent, in_the_cut)),
            ("reportcare", not_lent),
            ("renew", demo.ITEM_ON_LOAN),
            ("pay", ""),
        ],
        "done",
    ) | dict.fromkeys([("lend", refused), ("renew", demo.ITEM_RENEWED_OUT)], "refused")
    assert_returns_are_told(told)
    assert_money_is_told(told)
    assert len(told["pictures"]) == 24
    for picture in told["pictures"]:
        assert Path(picture).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def assert_returns_are_told(told: dict[str, Any]) -> None:
    """What was late costs, what is waited for or of another branch goes on with a slip, the rest is plain."""
    back = {entry["item"]: entry for entry in told["journal"] if entry["promise"] == "giveback"}
    assert {item: entry["alert"] for item, entry in back.items() if entry["alert"]} == {
        demo.ITEM_OUT_AND_WAITED_FOR: "hold-here",
        demo.ITEM_OF_OTHER_BRANCH: "other-branch",
    }
    assert [item for item, entry in back.items() if entry["fee"]] == [demo.ITEM_OVERDUE]
    assert [item for item, entry in back.items() if entry["was_on_loan"] is False] == [demo.ITEMS_FREE[5]]
    assert [item for item, entry in back.items() if entry["silences"]] == [demo.ITEMS_FREE[0]]
    reasons = [entry["reason"] for entry in told["journal"] if "reason" in entry]
    assert reasons == ["item-reference", "renewal-limit"]
    assert told["server"]["care"] == [{"item": demo.ITEMS_FREE[5], "flaws": ["loose-pages"]}]


def assert_money_is_told(told: dict[str, Any]) -> None:
    """Both fees were paid once, each in its way, and both ledgers come to nothing."""
    money = told["money"]
    assert money["far_ends"] == {"card": 250, "qr": 6000}
    assert sorted(money["machine"]["payments"].values()) == [250, 6000]
    assert money["central"]["payments"] == money["machine"]["payments"]
    assert (money["machine"]["sum"], money["central"]["sum"]) == (0, 0)
    assert any("Kartenzahlung" in line for line in told["paper"])


def test_the_book_drop_takes_what_is_the_librarys_and_nothing_else(tmp_path: Path) -> None:
    """Foreign things and two at once come out again; the rest falls into its bin, or to staff without a network."""
    with start(tmp_path, "--drop", "--json") as process:
        out, errors = process.communicate(timeout=SECONDS_MAX)

    assert process.returncode == 0, out + errors
    told = json.loads(out)
    assert told["disagreements"] == []
    assert told["bins"] == {
        "": [demo.ITEM_OVERDUE, demo.ITEM_ON_LOAN, demo.ITEM_RENEWED_OUT],
        "2": [demo.ITEM_OUT_AND_WAITED_FOR, demo.ITEM_OF_OTHER_BRANCH],
    }
    assert {entry["item"]: entry["ended"] for entry in told["journal"]} == {
        item: "done" for items in told["bins"].values() for item in items
    }
    assert [entry["item"] for entry in told["journal"] if entry["late"]] == [demo.ITEM_OF_OTHER_BRANCH]
    assert len(told["pictures"]) == 7


def test_no_log_of_the_demo_names_its_readers(tmp_path: Path) -> None:
    """Card numbers, PIN and names are in no log file, of terminal, table or central, and not on the paper."""
    with start(tmp_path, "--wide", "--language", "zh_CN") as process:
        out, errors = process.communicate(timeout=SECONDS_MAX)
    logs = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("*.log"))

    assert process.returncode == 0, out + errors
    assert "journal, tags, money and server agree" in out
    assert "started" in logs
    cards = (*Story.cards, RENEWS, PAYS, demo.READER_WAITING)
    for canary in (*cards, "测试读者一", "测试读者十五", f"AD{demo.PIN}", f'"{demo.PIN}"'):
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
