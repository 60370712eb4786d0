"""A reader whose number, name and PIN are like no other's, followed through all that central keeps and says."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from drivers.link.clock import RealClock
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.conflicts import close_exception, list_exceptions
from sync.central.circulation.event_log import pseudonymise
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.exceptions_desk import listed
from sync.central.settings import CentralSettings
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import FeePart, Flaw, GiveBack, Granted, Means, Money, Pay, ReportCare, item_id, patron_id
from sync.questions import AboutPatron
from tests.kit.running_central import RunningCentral
from tests.sync.servers.central.conftest import connect
from tests.sync.servers.central.entries_of import entry, lend

CARD, NAME, PIN = "20999774411553", "金丝雀叫得早", "pin-8842-only"
WORDS = (CARD, NAME, PIN)
FEE = FeePart("", Money(200, "CNY"))
ALLOWED = {
    ("patrons", "number"),
    ("patrons", "name"),
    ("loans", "patron"),
    ("ledger", "patron"),
    ("events", "patron"),
    ("exceptions", "patron"),
}
"""Where the library's own record and the proof of what a terminal told need it."""


def spellings(word: str) -> list[bytes]:
    """*word* as it might stand in a file or a line."""
    plain = [word.encode(encoding) for encoding in ("utf-8", "gb18030", "utf-16-le")]
    coded = [base64.b64encode(data).rstrip(b"=") for data in plain] + [data.hex().encode() for data in plain]
    return [*plain, *coded, word.encode("unicode_escape")]


def is_in(data: bytes) -> bool:
    """Whether anything of the reader is in *data*."""
    return any(spelling in data for word in WORDS for spelling in spellings(word))


def places(store: Store) -> set[tuple[str, str]]:
    """The tables and columns that hold anything of the reader."""
    with store.reading() as connection:
        return {
            (table.name, column)
            for table in t.metadata.sorted_tables
            for row in connection.execute(select(table)).mappings()
            for column, value in row.items()
            if is_in(str(value).encode())
        }


def follow(running: RunningCentral, caplog: pytest.LogCaptureFixture) -> bytes:
    """Every answer that a terminal gets about the reader's doings, and every line that was logged."""
    with running.store.writing() as connection:
        reader = (
            connection.execute(select(t.patrons).where(t.patrons.c.number == demo.READER)).mappings().one()
        )
        own = {"number": CARD, "name": NAME, "pin_hash": SecretJudge(CHEAP).hash(Secret(PIN))}
        connection.execute(insert(t.patrons).values(dict(reader) | own))
    with caplog.at_level(logging.DEBUG):
        client = connect(running.url)
        client.ask(AboutPatron(patron_id(CARD), Secret(PIN)))
        client.ask(AboutPatron(patron_id(CARD), Secret(PIN + "x")))
        answers = client.carry(
            [
                lend(1, demo.ITEMS_FREE[0], CARD, promised_days=30),
                lend(2, demo.ITEM_ON_LOAN, CARD, promised_days=30),
                lend(3, "30999999999999", CARD, promised_days=30),
                lend(4, demo.ITEM_REFERENCE, CARD),
                lend(5, demo.ITEM_WITH_FEE, CARD, promised_days=7, fee_consented=True),
            ]
        )
        returned, paid, reported = client.carry(
            [
                entry(6, GiveBack(item_id(demo.ITEM_WITH_FEE), RealClock().now(), was_on_loan=True)),
                entry(7, Pay(patron_id(CARD), FEE.amount, (FEE,), Means.QR, RealClock().now())),
                entry(8, ReportCare(item_id(demo.ITEM_WITH_FEE), (Flaw.DAMAGED,), RealClock().now())),
            ]
        )
        assert isinstance(returned, Granted)
        assert isinstance(paid, Granted)
        assert isinstance(reported, Granted)
        answers += (paid, reported)
        told_differently = client.carry([lend(1, demo.ITEMS_FREE[1], CARD, promised_days=30)])
        client.close()
    lines = "".join(f"{record.name} {record.getMessage()} {record.args}" for record in caplog.records)
    return repr((answers, told_differently)).encode() + lines.encode()


def test_a_reader_stands_only_where_the_library_needs_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of them is in an answer, a line of the log, a list for staff, or any column but those named above."""
    with RunningCentral(tmp_path, RealClock()) as running:
        said = follow(running, caplog)
        found = places(running.store)
        shown = listed(CentralSettings(f"sqlite:///{running.store_path}"))

        assert found == ALLOWED
        assert not is_in(said)
        assert len(shown["exceptions"]) == 2
        assert not is_in(repr(shown).encode())


def test_after_retention_what_terminals_told_names_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Once their cases are closed, the reader is only in the library's own record of readers, loans and money."""
    with RunningCentral(tmp_path, RealClock()) as running:
        follow(running, caplog)
        now = running.library.now()
        with running.store.writing() as connection:
            for case in list_exceptions(connection):
                close_exception(connection, case.id, now, "Wang")
            pseudonymise(connection, now + timedelta(days=1))

        assert places(running.store) == ALLOWED - {("events", "patron"), ("exceptions", "patron")}
