"""A patron who is easily found goes through all that terminals tell central; afterwards every place is searched."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import insert

from drivers.link.clock import RealClock
from drivers.masked import Secret
from kiosk.engine.logs import adopt_standard_logging
from sync.central import care_desk, demo, exceptions_desk, fees_desk
from sync.central.circulation.desk_bookings import Desk, charge_by_hand
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.settings import CentralSettings
from sync.central.store import tables as t
from sync.entries import (
    Entry,
    FeeKind,
    FeePart,
    Flaw,
    GiveBack,
    Granted,
    ItemId,
    Means,
    Money,
    Pay,
    PaymentApproved,
    Refused,
    ReportCare,
    patron_id,
)
from sync.questions import AboutAccount, AboutPatron
from sync.servers.central.client import CentralServer
from tests.kit.canary import BANK_CARD, NAME, NUMBER, PIN, columns_naming, found_in
from tests.kit.running_central import RunningCentral
from tests.sync.servers.central.entries_of import entry, lend, renew, undo

LENT, WAITED_FOR, UNDONE, FORBIDDEN = (*demo.ITEMS_FREE[:3], demo.ITEM_REFERENCE)
CARD = patron_id(NUMBER)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any library has to say, as a process of ours writes it."""
    loggers = [logging.getLogger(name) for name in (None, "urllib3", "asyncio", "uvicorn")]
    before = [(one, one.level, one.disabled) for one in loggers]
    handlers = loggers[0].handlers[:]
    stream = io.StringIO()
    adopt_standard_logging(stream, logging.DEBUG)
    for one in loggers:
        one.setLevel(logging.DEBUG)
        one.disabled = False
    yield stream
    loggers[0].handlers[:] = handlers
    for one, level, disabled in before:
        one.setLevel(level)
        one.disabled = disabled


def enter(running: RunningCentral) -> str:
    """The canary is entered, waits for an item and owes a fee, whose reference it is."""
    patron = {"number": NUMBER, "name": NAME, "category": "adult", "card": "active"}
    hold = {"item": WAITED_FOR, "patron": NUMBER, "placed_at": RealClock().now(), "is_on_shelf": False}
    with running.store.writing() as connection:
        hashed = SecretJudge(CHEAP).hash(Secret(PIN))
        connection.execute(insert(t.patrons).values(**patron, pin_hash=hashed))
        connection.execute(insert(t.holds).values(**hold, pickup_location="Shelf", pickup_branch=""))
        desk = Desk(connection, running.library, "Li")
        return charge_by_hand(desk, CARD, FeeKind.DAMAGE, Money(350, "CNY"), ItemId(LENT))


def paid(position: int, fee: str, units: int) -> Entry:
    """A payment of *fee*, with all that its terminal told of the card."""
    at = RealClock().now()
    pay = Pay(CARD, Money(units, "CNY"), (FeePart(fee, Money(units, "CNY")),), Means.CARD, at)
    made = entry(position, pay)
    row = PaymentApproved(made.key, at, "0017", "1:17", f"card {BANK_CARD}", (f"Karte {BANK_CARD}",))
    return replace(made, rows=(*made.rows, row))


def everything(client: CentralServer, fee: str) -> None:
    """Every kind of event, granted and refused, and what is asked."""
    now = RealClock().now
    client.ask(AboutPatron(CARD, Secret(PIN)))
    client.ask(AboutPatron(CARD, Secret("5151")))
    undone = lend(4, UNDONE, NUMBER)
    told = client.carry(
        [
            lend(1, LENT, NUMBER),
            renew(2, LENT, NUMBER),
            entry(3, GiveBack(ItemId(WAITED_FOR), now(), was_on_loan=True)),
            undone,
            undo(5, undone),
            paid(6, fee, 350),
            paid(7, fee, 350),
            entry(8, ReportCare(ItemId(LENT), (Flaw.DAMAGED,), now())),
            lend(9, FORBIDDEN, NUMBER, promised_days=30),
            entry(10, GiveBack(ItemId(LENT), now(), was_on_loan=True)),
            entry(11, GiveBack(ItemId("39999000000019"), now())),
        ]
    )
    kinds = [type(answer) for answer in told]
    assert kinds[2] is Granted
    assert kinds[5:7] == [Granted, Refused]
    client.ask(AboutAccount(CARD))


def test_central_names_a_patron_where_accounts_need_it_and_nowhere_else(
    client: CentralServer, running: RunningCentral, log: io.StringIO
) -> None:
    """The card stands in columns of its own, which a library can empty; in no text of an event, an answer, a ledger or
    a case, and a bank card, a name or a PIN in none at all.
    """
    fee = enter(running)
    everything(client, fee)

    assert columns_naming(running.store_path) == {
        "patrons.number": {"number"},
        "patrons.name": {"name"},
        "loans.patron": {"number"},
        "holds.patron": {"number"},
        "ledger.patron": {"number"},
        "events.patron": {"number"},
        "exceptions.patron": {"number"},
    }
    logging.getLogger("urllib3").debug("the last line")
    assert "the last line" in log.getvalue()
    assert found_in(log.getvalue()) == set()


def test_lists_for_centrals_staff_name_only_whom_they_are_about(
    client: CentralServer, running: RunningCentral
) -> None:
    """Care names nobody, the check of the ledger names nobody; fees and exceptions name the card they are about."""
    everything(client, enter(running))
    settings = CentralSettings(f"sqlite:///{running.store_path}", currency=demo.CURRENCY, zone=demo.ZONE)

    care = care_desk.listed(settings)["care"]
    assert [one["item"] for one in care] == [LENT]
    assert found_in(json.dumps(care, ensure_ascii=False)) == set()
    assert found_in(json.dumps(fees_desk.checked(settings, RealClock()), ensure_ascii=False)) == set()
    exceptions = exceptions_desk.listed(settings)["exceptions"]
    assert exceptions
    shown = [{**one, "patron": ""} for one in exceptions]
    assert found_in(json.dumps(shown, ensure_ascii=False, default=str)) == set()
