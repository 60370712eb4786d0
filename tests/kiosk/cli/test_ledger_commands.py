"""`kiosk ledger`, as it is called from a shell, with and without a running terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from kiosk.journal_desk.ledger_lines import closed
from sync.journal.journal import Journal
from tests.kiosk.cli.test_journal_commands import kiosk, put_key
from tests.kiosk.journal_desk.test_journal_desk import Running
from tests.kiosk.journal_desk.test_ledger import DAY, Once, take_money
from tests.sync.journal.samples import KEYS, PATRON, CountingClock


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal with payments that no terminal has open, its key beside it."""
    put_key(tmp_path)
    opened = Journal.open(tmp_path / "journal.db", KEYS, CountingClock().now)
    take_money(opened)
    opened.close()
    return tmp_path / "journal.db"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    put_key(tmp_path)
    running = Running(tmp_path)
    running.pump.do(Once(lambda: take_money(running.journal)))
    yield running
    running.stop()


def test_a_day_goes_round(journal: Path, tmp_path: Path) -> None:
    """Closed, closed again, listed, exported and verified: each with 0 and a sentence, and no reader in any."""
    done = [
        kiosk("ledger", "close", journal, "--day", DAY),
        kiosk("ledger", "close", journal, "--day", DAY),
        kiosk("ledger", "list", journal),
        kiosk("ledger", "list", journal, "--day", DAY),
        kiosk("ledger", "export", journal, tmp_path / "money.csv"),
        kiosk("ledger", "verify", journal),
    ]

    assert [one.returncode for one in done] == [0] * 6
    assert done[0].stdout == f"closed: number 1, {DAY}, 3.50 CNY (2 payments, 1 reversal)\n"
    assert done[1].stdout.startswith("closed already: ")
    assert done[2].stdout.splitlines()[-1] == "1 closing"
    assert done[3].stdout.splitlines()[-1] == f"3 transactions on {DAY}"
    assert "3 transactions exported" in done[4].stdout
    assert done[5].stdout.splitlines()[-1] == "whole: every closing is what the rows come to"
    assert not any(PATRON.reveal() in one.stdout + one.stderr for one in done)


def test_before_the_first_payment_there_is_nothing_to_close(journal: Path) -> None:
    """That is well, and is said with the day that was meant: yesterday where none was named."""
    done = kiosk("ledger", "close", journal, "--day", "2001-01-31")

    assert (done.returncode, done.stdout) == (0, "nothing to close: no payment was made up to 2001-01-31\n")
    (said,) = closed({"closed": [], "last": None, "wanted": None})
    assert said == "nothing to close: no payment was made up to yesterday"


def test_a_running_terminal_is_asked_itself(running: Running, tmp_path: Path) -> None:
    """While the journal is its own, the same command has the terminal close the day."""
    closed = kiosk("ledger", "close", running.path, "--json")
    verified = kiosk("ledger", "verify", running.path)

    assert json.loads(closed.stdout)["closed"][0]["day"] == DAY
    assert verified.returncode == 0


def test_a_row_changed_behind_our_back_is_found(journal: Path) -> None:
    """Another sum in a row of a closed day: verify ends with 1 and says where, though the figures are as signed."""
    kiosk("ledger", "close", journal, "--day", DAY)
    stranger = apsw.Connection(str(journal))
    stranger.execute("DROP TRIGGER rows_are_never_changed")
    stranger.execute(
        "UPDATE rows SET body = replace(body, '350', '150') WHERE instr(body, '\"promise\":\"pay\"')"
    )
    stranger.close()

    done = kiosk("ledger", "verify", journal)

    assert done.returncode == 1
    assert "number 1 (row " in done.stdout
    assert done.stdout.splitlines()[-1] == "NOT whole"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("close", "--day", "tomorrow"), "a day as 2026-05-12"),
        (("close", "--day", "2999-01-01"), "has not begun"),
        (("list", "--day", "1"), "a day as 2026-05-12"),
        (("export", "money.txt"), "ends with .csv"),
    ],
)
def test_a_wrong_call_ends_with_2(journal: Path, arguments: tuple[str, ...], said: str) -> None:
    """And a sentence; nothing is written."""
    done = kiosk("ledger", arguments[0], journal, *arguments[1:])

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert kiosk("ledger", "list", journal).stdout.splitlines()[0] == "0 closings"
