"""`kiosk fees` and `kiosk care`, as central's staff call them, at a central that serves meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link.clock import RealClock
from sync.central import demo
from sync.entries import Flaw, Granted, ReportCare, item_id, patron_id
from sync.questions import AboutAccount, AccountFacts
from sync.servers.central.client import CentralServer
from tests.kit.running_central import RunningCentral
from tests.sync.servers.central.conftest import connect
from tests.sync.servers.central.entries_of import entry

CARD = demo.READER
READER = patron_id(CARD)
BOOK = demo.ITEMS_FREE[0]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCentral]:
    with RunningCentral(tmp_path, RealClock()) as central:
        yield central


@pytest.fixture
def client(running: RunningCentral) -> Iterator[CentralServer]:
    client = connect(running.url)
    yield client
    client.close()


def kiosk(running: RunningCentral, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`kiosk` with *arguments* and the database, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments, "--database", f"sqlite:///{running.store_path}"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "160"},
    )


def test_staff_charge_for_harm_and_the_reader_sees_it_at_the_terminal(
    running: RunningCentral, client: CentralServer
) -> None:
    """The fee is reckoned and told with factor and price, no more of the card is shown than its end, and it is owed."""
    told = kiosk(running, "fees", "charge", CARD, "--harm", "pen", "--item", BOOK, "--by", "Wang")
    shown = kiosk(running, "fees", "list", CARD)
    account = client.ask(AboutAccount(READER))
    reference = told.stdout.partition("fee ")[2].partition(" ")[0]
    let_off = kiosk(running, "fees", "waive", reference, "--by", "Wang", "--json")
    checked = kiosk(running, "fees", "check")

    assert (told.returncode, told.stderr) == (0, "")
    assert "2 times the price of" in told.stdout
    assert "or the same book" in told.stdout
    assert CARD not in shown.stdout
    assert f"item {BOOK}  西游记" in shown.stdout
    assert isinstance(account, AccountFacts)
    assert account.fees is not None
    assert [(fee.id, fee.item) for fee in account.fees] == [(reference, BOOK)]
    assert json.loads(let_off.stdout)["booked"].startswith("W")
    assert "sum zero" in checked.stdout


def test_a_call_without_a_name_or_with_two_amounts_is_wrong(running: RunningCentral) -> None:
    """Exit code 2, and a sentence that says what is missing."""
    calls = (
        ("charge", CARD, "--amount", "1.00"),
        ("charge", CARD, "--amount", "1.00", "--harm", "pen", "--by", "Wang"),
        ("charge", CARD, "--by", "Wang"),
        ("waive", "F999", "--by", "Wang"),
    )
    results = [kiosk(running, "fees", *call) for call in calls]

    assert [result.returncode for result in results] == [2] * len(calls)
    assert all(result.stderr for result in results)


def test_what_a_reader_reports_is_on_the_list_until_staff_end_it(
    running: RunningCentral, client: CentralServer
) -> None:
    """The list names the item, what is wrong and how it stands."""
    report = ReportCare(item_id(BOOK), (Flaw.LOOSE_PAGES,), RealClock().now())
    (answer,) = client.carry([entry(1, report)])
    listed = kiosk(running, "care", "list")
    ended = kiosk(running, "care", "done", "N1", "--by", "Wang", "--condition", "damaged")
    empty = kiosk(running, "care", "list", "--json")

    assert isinstance(answer, Granted)
    assert f"N1  item {BOOK}  西游记" in listed.stdout
    assert "loose-pages" in listed.stdout
    assert (ended.returncode, json.loads(empty.stdout)["care"]) == (0, [])


def test_staff_take_a_deposit_and_give_it_back(running: RunningCentral) -> None:
    """Only what is there goes back; nothing names the card in full."""
    left = kiosk(running, "fees", "deposit", CARD, "100.00", "--till", "cash", "--by", "Wang")
    too_much = kiosk(running, "fees", "deposit-back", CARD, "100.01", "--by", "Wang")

    assert left.stdout.startswith("deposited: 100.00 CNY, H")
    assert (too_much.returncode, too_much.stdout) == (2, "")
    assert CARD not in left.stdout + too_much.stderr
