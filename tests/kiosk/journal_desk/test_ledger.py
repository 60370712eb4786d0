"""What staff ask of the ledger of a machine: the same answers from a running terminal and from its journal's file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.engine.errands import Answer, Errand, NotDone
from kiosk.engine.journal_pump import Task
from kiosk.journal_desk import ledger_lines, on_file
from kiosk.journal_desk.ledger import ROWS_AT_ONCE, LedgerPlace
from kiosk.journal_desk.ledger_over_socket import ledger_commands
from sync.entries import Answered, EntryKey, PaymentReversed, Reason, Refused, ServerClock, Settlement
from sync.journal.journal import Journal
from tests.kiosk.journal_desk.test_journal_desk import Running
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    PATRON,
    CountingClock,
    approved,
    key_of,
    paying,
    settled,
    whole_payment,
)

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]
DAY = NOON.astimezone().date().isoformat()
LATER = NOON + timedelta(days=1)


def pay_and_reverse(journal: Journal, event: int) -> EntryKey:
    """A payment that the server refused and that was given back."""
    key = key_of(journal, event)
    journal.append([paying(key, minor_units=500), approved(key)])
    journal.append([Answered(key, NOON, Refused(Reason.FEE_GONE)), PaymentReversed(key, NOON, "=1+1")])
    journal.append([settled(key, Settlement.UNDONE)])
    return key


def take_money(journal: Journal) -> None:
    """Two payments, one of them given back, and one on its way that nobody has approved."""
    whole_payment(journal, 501)
    pay_and_reverse(journal, 502)
    journal.append([paying(key_of(journal, 503))])
    journal.tidy()


@pytest.fixture(params=["socket", "file"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ask]:
    """Asks a journal in which money was taken: of the terminal that has it open, or of the file."""
    path = tmp_path / "journal.db"
    if request.param == "file":
        journal = Journal.open(path, KEYS, CountingClock().now)
        take_money(journal)
        journal.close()
        place = LedgerPlace(tmp_path / "ledger.key", "kiosk-1")
        yield lambda asked: on_file.answer(path, KEYS, asked, lambda: LATER, place)
    else:
        running = Running(tmp_path)
        running.pump.do(Once(lambda: take_money(running.journal)))
        yield running.ask
        running.stop()


class Once:
    """Something done with the journal in its own thread."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work

    def step(self) -> bool:
        self._work()
        return False

    def abandon(self) -> None:
        """Nobody waits for it."""


def test_a_day_is_closed_and_closed_again(ask: Ask, tmp_path: Path) -> None:
    """With its sums; a second time it says which closing there is, and writes nothing; the key is the owner's alone."""
    first = ask({"do": "ledger.close"})
    second = ask({"do": "ledger.close"})
    third = ask({"do": "ledger.close", "day": DAY})

    (said,) = first["closed"]
    assert (said["number"], said["day"], said["not_booked"]) == (1, DAY, 0)
    assert said["sums"] == [
        {
            "currency": "CNY", "payments": 2, "paid": "8.50", "reversals": 1, "reversed": "5.00", "net": "3.50",
            "tills": {"card-terminal": "3.50"},
        }
    ]  # fmt: skip
    assert second["closed"] == third["closed"] == []
    assert second["last"] == said
    assert list(ledger_lines.closed(first)) == [f"closed: number 1, {DAY}, 3.50 CNY (2 payments, 1 reversal)"]
    assert next(ledger_lines.closed(second)).startswith("closed already: the last closing is number 1")
    assert ((tmp_path / "ledger.key").stat().st_mode & 0o777) == 0o600


def test_what_is_open_and_what_is_closed_is_listed(ask: Ask) -> None:
    """Before the closing as open, behind it as a closing and by its day; nobody is named."""
    before = ask({"do": "ledger.list"})
    ask({"do": "ledger.close"})
    after = ask({"do": "ledger.list"})
    day = ask({"do": "ledger.list", "day": DAY})
    none = ask({"do": "ledger.list", "day": "2020-01-01"})

    assert [(one["kind"], one["amount"], one["till"]) for one in before["open"]] == [
        ("payment", "3.50", "card-terminal"),
        ("payment", "5.00", "card-terminal"),
        ("correction", "-5.00", "card-terminal"),
    ]
    assert (before["closings"], after["open"], len(after["closings"])) == ([], [], 1)
    assert [one["closing"] for one in day["transactions"]] == [1, 1, 1]
    assert day["transactions"][0]["fees"] == ["F-1", "F-2"]
    assert none["transactions"] == []
    lines = [*ledger_lines.listed(before), *ledger_lines.listed(after), *ledger_lines.listed(day)]
    assert "not closed yet:" in lines
    assert not any(PATRON.reveal() in line for line in lines)


def test_the_ledger_is_verified(ask: Ask) -> None:
    """Nothing closed, then a day: whole both times; what is open is counted."""
    nothing = ask({"do": "ledger.verify"})
    ask({"do": "ledger.close"})
    said = ask({"do": "ledger.verify"})

    assert (nothing["is_whole"], nothing["closings"], nothing["open_rows"]) == (True, 0, 3)
    assert (said["is_whole"], said["closings"], said["open_rows"], said["findings"]) == (True, 1, 0, [])
    assert list(ledger_lines.verified(said))[-1] == "whole: every closing is what the rows come to"


def test_without_its_key_the_ledger_is_neither_closed_nor_verified(ask: Ask, tmp_path: Path) -> None:
    """A key that was lost is asked back: no other one is made in its place while there are closings of it."""
    ask({"do": "ledger.close"})
    (tmp_path / "ledger.key").rename(tmp_path / "away")

    with pytest.raises(NotDone, match="the key of the earlier closings is missing"):
        ask({"do": "ledger.close", "unfinished": True})
    with pytest.raises(NotDone, match="cannot be read"):
        ask({"do": "ledger.verify"})
    assert not (tmp_path / "ledger.key").exists()


def test_another_key_is_found_out(ask: Ask, tmp_path: Path) -> None:
    """Closings that were not made with the key that is there are told, one by one."""
    ask({"do": "ledger.close"})
    (tmp_path / "ledger.key").write_text("0" * 64 + "\n")

    said = ask({"do": "ledger.verify"})

    assert not said["is_whole"]
    assert [one["number"] for one in said["findings"]] == [1]
    assert list(ledger_lines.verified(said))[-1] == "NOT whole"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_transactions_and_closings_are_exported(ask: Ask, tmp_path: Path) -> None:
    """A line for each leg, sums as decimals beside their currency, debits and credits alike; nobody's number; what a
    spreadsheet would take for a formula is none."""
    ask({"do": "ledger.close"})
    said = ask({"do": "ledger.export", "to": str(tmp_path / "money.csv")})

    legs, closings = read(tmp_path / "money.csv"), read(tmp_path / "money-closings.csv")
    assert (said["transactions"], said["closings"]) == (3, 1)
    assert len(legs) == 9
    assert {leg["currency"] for leg in legs} == {"CNY"}
    assert [leg["debit"] for leg in legs if leg["account"] == "till:card-terminal"] == ["3.50", "5.00", ""]
    assert sum(float(leg["debit"] or 0) - float(leg["credit"] or 0) for leg in legs) == 0
    assert {leg["voucher"] for leg in legs} == {"000042", "'=1+1"}
    assert [(one["account"], one["debit"], one["credit"]) for one in closings] == [
        ("patrons", "5.00", "8.50"),
        ("till:card-terminal", "8.50", "5.00"),
    ]
    assert PATRON.reveal() not in (tmp_path / "money.csv").read_text("utf-8")
    assert (tmp_path / "money.csv").stat().st_mode & 0o777 == 0o600
    with pytest.raises(NotDone, match="not written over"):
        ask({"do": "ledger.export", "to": str(tmp_path / "money.csv")})


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"do": "ledger.close", "day": 7}, '"day" is a day as'),
        ({"do": "ledger.close", "day": "2026-02-30"}, '"day" is a day as'),
        ({"do": "ledger.close", "day": "20260512"}, '"day" is a day as'),
        ({"do": "ledger.close", "unfinished": 1}, '"unfinished" is true or false'),
        ({"do": "ledger.close", "day": "2999-01-01"}, "has not begun"),
        ({"do": "ledger.list", "day": []}, '"day" is a day as'),
        ({"do": "ledger.export"}, '"to" is a text'),
        ({"do": "ledger.export", "to": "money.csv"}, "whole path"),
        ({"do": "ledger.export", "to": "/tmp/money.txt"}, "ends with .csv"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(
    tmp_path: Path, request_: Mapping[str, Any], said: str
) -> None:
    """With a sentence that says what would."""
    path = tmp_path / "journal.db"
    Journal.open(path, KEYS, CountingClock().now).close()
    place = LedgerPlace(tmp_path / "ledger.key", "kiosk-1")
    with pytest.raises(NotDone, match=said) as refused:
        on_file.answer(path, KEYS, request_, lambda: LATER, place)

    assert refused.value.is_call_wrong


def outcome(errand: object) -> Mapping[str, Any]:
    assert isinstance(errand, Errand)
    assert isinstance(errand.outcome, Mapping)
    return errand.outcome


class Pump:
    """Keeps a task and does it slice by slice."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def do(self, task: Task) -> None:
        self.tasks.append(task)


class Worker:
    """Does long work at once."""

    def do(self, work: Callable[[], None]) -> None:
        work()


def test_a_closing_counts_what_is_paid_while_it_reads(tmp_path: Path) -> None:
    """Rows are read some at a time, so that a reader's commit comes between; a payment of that moment is in the closing
    as it is in the day."""
    journal = Journal.open(tmp_path / "journal.db", KEYS, CountingClock().now)
    for event in range(1, ROWS_AT_ONCE + 1):
        whole_payment(journal, event)
    pump = Pump()
    place = LedgerPlace(tmp_path / "ledger.key", "kiosk-1")
    served = ledger_commands(journal, pump, Worker(), place, now=lambda: LATER, monotonic=lambda: 0.0)
    errand = served["ledger.close"]({})
    (task,) = pump.tasks

    assert task.step()
    whole_payment(journal, ROWS_AT_ONCE + 1)
    assert not task.step()

    assert outcome(errand)["closed"][0]["sums"][0]["payments"] == ROWS_AT_ONCE + 1
    verified = served["ledger.verify"]({})
    while pump.tasks[-1].step():
        continue
    assert outcome(verified)["is_whole"]
    journal.close()


@pytest.mark.parametrize(
    ("told", "seconds", "is_closed"),
    [
        (None, 700.0, False),
        (LATER, 700.0, True),
        (LATER + timedelta(hours=8), 700.0, True),
        (LATER + timedelta(days=400), 700.0, False),
        (LATER - timedelta(days=400), 700.0, False),
        # It agreed when it was told, and the wall clock was set since.
        (LATER - timedelta(days=3), 700.0 + timedelta(days=3).total_seconds(), True),
        (LATER, 700.0 + timedelta(days=3).total_seconds(), False),
    ],
)
def test_no_day_is_closed_by_itself_unless_the_server_bears_the_clock_out(
    tmp_path: Path, told: datetime | None, seconds: float, is_closed: bool
) -> None:
    """A machine that begins in another year would bar the way to every day of this one; staff may close it."""
    journal = Journal.open(tmp_path / "journal.db", KEYS, CountingClock().now)
    whole_payment(journal, 501)
    if told is not None:
        journal.append([ServerClock(LATER, 700.0, told)])
    pump, place = Pump(), LedgerPlace(tmp_path / "ledger.key", "kiosk-1")
    served = ledger_commands(journal, pump, Worker(), place, now=lambda: LATER, monotonic=lambda: seconds)

    def close(request: Mapping[str, Any]) -> Answer | NotDone | None:
        errand = served["ledger.close"](request)
        assert isinstance(errand, Errand)
        while pump.tasks[-1].step():
            continue
        return errand.outcome

    assert isinstance(close({"unattended": True}), NotDone) is not is_closed
    said = close({})
    assert not isinstance(said, NotDone)
    assert said is not None
    assert bool(said["closed"]) is not is_closed
    journal.close()
