"""`kiosk exceptions`, as central's staff call it, at a central that serves meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from drivers.link.clock import RealClock
from drivers.link.memory import VirtualClock
from sync.central import demo
from sync.central.circulation.policy import EventPolicy, Treatment
from sync.central.store import event_tables as e
from sync.central.store import tables as t
from sync.entries import Granted, Held, Refused
from sync.servers.central.client import CentralServer
from tests.kit.demo_server import demo_database
from tests.kit.running_central import RunningCentral
from tests.sync.servers.central.conftest import connect
from tests.sync.servers.central.entries_of import lend

NEW_CARD = "20999000777731"
FREE = demo.ITEMS_FREE


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCentral]:
    with RunningCentral(tmp_path, RealClock(), policy=EventPolicy(card_stopped=Treatment.HOLD)) as central:
        yield central


@pytest.fixture
def client(running: RunningCentral) -> Iterator[CentralServer]:
    client = connect(running.url)
    yield client
    client.close()


def at(url: str) -> tuple[str, str]:
    """The option that names the database at *url*."""
    return "--database", url


def exceptions(running: RunningCentral, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`kiosk exceptions` with *arguments*, run to its end."""
    return kiosk(running, "exceptions", *arguments)


def kiosk(running: RunningCentral, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`kiosk` with *arguments* and the database, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments, *at(f"sqlite:///{running.store_path}")],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "160"},
    )


def test_staff_see_why_both_sides_and_what_to_do_and_no_card(
    running: RunningCentral, client: CentralServer
) -> None:
    """The list says it in words and as JSON; of a card only the end is shown."""
    client.carry(
        [
            lend(1, FREE[0], NEW_CARD, promised_days=30),
            lend(2, demo.ITEM_ON_LOAN, demo.READER, promised_days=30),
        ]
    )
    shown, told = exceptions(running, "list"), exceptions(running, "list", "--json")
    held, implied = json.loads(told.stdout)["exceptions"]

    assert (shown.returncode, shown.stderr, told.returncode) == (0, "", 0)
    assert f"X1  item {FREE[0]}  西游记" in shown.stdout
    assert "why       patron-unknown: no such card here" in shown.stdout
    assert "can do    decide: apply or refuse" in shown.stdout
    assert "why       implied-return: another reader had it then" in shown.stdout
    assert shown.stdout.endswith("2 open exceptions\n")
    assert (held["loan"], held["can"], held["terminal"]) == ("held", ["apply", "refuse"], "kiosk-1")
    assert (implied["loan"], implied["can"]) == ("recorded", ["close"])
    assert {"at", "due_on"} <= held["told"].keys()
    assert {"lent_at", "due_on", "terminal"} <= implied["known"].keys()
    assert held["patron"] == "···31"
    with running.store.reading() as connection:
        cards = connection.execute(select(t.patrons.c.number)).scalars().all()
    assert [card for card in (*cards, NEW_CARD) if card in shown.stdout + told.stdout] == []


def test_a_held_loan_is_decided_once_and_the_terminal_hears_it(
    running: RunningCentral, client: CentralServer
) -> None:
    """While its card is unknown it stays held (exit code 1); entered, it is applied; a second word is too late."""
    entry = lend(1, FREE[0], NEW_CARD, promised_days=30)
    assert client.carry([entry]) == (Held(),)
    early = exceptions(running, "decide", "X1", "apply", "--by", "Wang")
    with running.store.writing() as connection:
        reader = (
            connection.execute(select(t.patrons).where(t.patrons.c.number == demo.READER)).mappings().one()
        )
        connection.execute(insert(t.patrons).values(dict(reader) | {"number": NEW_CARD}))
    done = exceptions(running, "decide", "X1", "apply", "--by", "Wang", "--note", "card entered by hand")
    late = exceptions(running, "decide", "X1", "refuse", "--by", "Li")
    (answer,) = client.carry([entry])
    with running.store.reading() as connection:
        case = connection.execute(select(e.exceptions)).one()

    assert early.returncode == 1
    assert "stays held" in early.stderr
    assert done.returncode == 0
    assert done.stdout.startswith("decided: X1, the loan is recorded, due ")
    assert (late.returncode, late.stderr) == (2, "there is no open exception 'X1'\n")
    assert isinstance(answer, Granted)
    assert running.holder_of(FREE[0]) == NEW_CARD
    assert (case.closed_by, case.note) == ("Wang", "recorded: card entered by hand")


def test_a_refusal_is_told_to_the_terminal(running: RunningCentral, client: CentralServer) -> None:
    """What the library's policy held for a stopped card is refused, and nobody has the item."""
    entry = lend(1, FREE[0], demo.READER_EXPIRED, promised_days=30)
    assert client.carry([entry]) == (Held(),)
    done = exceptions(running, "decide", "x1", "refuse", "--by", "Wang", "--json")
    (answer,) = client.carry([entry])

    assert json.loads(done.stdout) == {"decided": "X1", "loan": "refused", "due": None}
    assert isinstance(answer, Refused)
    assert running.holder_of(FREE[0]) is None


def test_what_is_held_is_not_closed_over_and_what_is_not_is_not_decided(
    running: RunningCentral, client: CentralServer
) -> None:
    """A closed case of a held loan would leave its terminal waiting for ever; so each has its one command."""
    client.carry(
        [
            lend(1, FREE[0], NEW_CARD, promised_days=30),
            lend(2, demo.ITEM_ON_LOAN, demo.READER, promised_days=30),
        ]
    )
    over = exceptions(running, "close", "X1", "--by", "Wang")
    undecidable = exceptions(running, "decide", "X2", "apply", "--by", "Wang")
    closed = exceptions(running, "close", "X2", "--by", "Wang", "--note", "spoke to both")
    left = json.loads(exceptions(running, "list", "--json").stdout)["exceptions"]

    assert over.returncode == 2
    assert "decide it instead" in over.stderr
    assert undecidable.returncode == 2
    assert "is not held" in undecidable.stderr
    assert (closed.returncode, closed.stdout) == (0, "closed: X2\n")
    assert [one["reference"] for one in left] == ["X1"]


def test_what_terminals_told_is_verified_and_forgotten(tmp_path: Path) -> None:
    """Old events lose their cards and stay provable, those of open exceptions keep them; a changed one is found."""
    # Its clock stands in spring: for the commands, months have gone by since.
    with RunningCentral(tmp_path, VirtualClock()) as running:
        client = connect(running.url)
        client.carry([lend(1, FREE[0], promised_days=30), lend(2, FREE[1], NEW_CARD, promised_days=30)])
        client.close()
        young = kiosk(running, "events", "forget", "36500", "--json")
        old = kiosk(running, "events", "forget", "30")
        whole = kiosk(running, "events", "verify")
        with running.store.writing() as connection:
            patrons = (
                connection.execute(select(e.events.c.patron).order_by(e.events.c.number)).scalars().all()
            )
            connection.execute(update(e.events).where(e.events.c.number == 2).values(body="{}"))
        broken = kiosk(running, "events", "verify", "--json")

    assert json.loads(young.stdout)["forgotten"] == 0
    assert (old.returncode, old.stdout) == (0, "forgotten: the cards of 1 events\n")
    assert patrons == [None, NEW_CARD]
    assert whole.returncode == 0
    assert whole.stdout == "kiosk-1  k7  2 numbers  whole\nwhole: it is what was told\n"
    assert broken.returncode == 1
    assert [chain["broken_at"] for chain in json.loads(broken.stdout)["chains"]] == [2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("close", "X9", "--by", "Wang"), "there is no open exception 'X9'"),
        (("close", "49f7-1-38-5", "--by", "Wang"), "there is no open exception '49f7-1-38-5'"),
        (("close", "X1", "--by", " "), "--by is 1 to 32 printable characters"),
        (("close", "X1", "--by", "W" * 33), "--by is 1 to 32 printable characters"),
        (
            ("close", "X1", "--by", "Wang", "--note", "n" * 501),
            "--note is one line of at most 500 characters",
        ),
        (("decide", "X1", "perhaps", "--by", "Wang"), "'perhaps' is no decision: apply or refuse"),
        (("list", "--database", "sqlite:////nowhere/central.db"), "there is no database /nowhere/central.db"),
        (("list", "--database", "mysql://x/y"), "the database must be SQLite or PostgreSQL, not mysql"),
    ],
)
def test_a_wrong_call_changes_nothing_and_says_why(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    """One sentence, exit code 2; a database that is not there is not made."""
    database = () if "--database" in arguments else at(f"sqlite:///{demo_database()}")
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "exceptions", *arguments, *database],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "160"},
    )

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_one_sentence_without_its_password() -> None:
    """Exit code 1: the same call may succeed later."""
    url = "postgresql://library:hush-hush@127.0.0.1:1/central"
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "exceptions", "list", *at(url)],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert done.stderr == "the database cannot be used: OperationalError\n"
