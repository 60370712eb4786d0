"""Random and mutated bytes, and the search for leaks."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

import pytest

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.masked import Secret
from sync.entries import (
    FeePart,
    Flaw,
    GiveBack,
    Granted,
    Means,
    Money,
    PatronId,
    Pay,
    Promise,
    Refused,
    ReportCare,
    Silence,
)
from sync.questions import AboutAccount, AboutItem, AboutPatron, AccountFacts
from sync.servers.ils import LoginRefused, ServerSilent
from sync.servers.sip2.dates import read_date, read_due
from sync.servers.sip2.fees import OWED_MINOR_MAX, amount_in, fees_in_texts
from sync.servers.sip2.framing import Framer, FrameTooLong, deframe, enframe
from sync.servers.sip2.messages import BadMessage, BadValue, decode, encode
from sync.servers.sip2.money import read_money
from tests.kit.effort import effort
from tests.kit.sip2_server import ScriptedServer, framed
from tests.sync.servers.sip2.conftest import AT, ITEM, READER, Desk, reply_12, reply_18, reply_64

ROUNDS = effort(20_000)
PROMISES: tuple[Promise, ...] = (
    GiveBack(ITEM, AT),
    Pay(READER, Money(650, "CNY"), (FeePart("F1", Money(650, "CNY")),), Means.CARD, AT),
    ReportCare(ITEM, (Flaw.DAMAGED,), AT),
)
SEED = 20260311
CARD = READER.reveal()
SEEDS = [
    framed("941", "0"),
    framed(reply_12(), "1"),
    framed(reply_12("0NUN", "AH|AFno|BTxx|BV1,50|CIY|"), "2", "gb18030"),
    framed(reply_18(), "3"),
    framed(reply_64("YYYY", "BLY|CQN|AUB1|AUB2|BZ5|"), "4"),
    framed("98YYYYYY60000320261122    1604512.00AOBIB|BXYYYY|", "5"),
    framed("11NN20261122    08045120261122    080451AOBIB|AAR1|ABB1|AC|", "6"),
    framed("6301920261122    160451  Y       AOBIB|AAR1|AD1|", "7"),
    framed(
        f"101YUY20261122    160453AOBIB|AB{ITEM}|AQMain|AA{CARD}|CV02|CTEAST|CYR9|DAx|BV0.70|AH2026-11-30|",
        "8",
    ),
    framed(f"38Y20261122    160453AOBIB|AA{CARD}|BKT1|AFpaid|", "9"),
    framed(f"20120261122    160453AB{ITEM}|AJEmma|", "0"),
    framed(reply_64("", "BLY|BV6.50|BHCNY|ASB7|CDB8|AV6.50 late|CGF1|FA6.50|FBB1|FC2026-11-01|FH6.50|"), "2"),
    b"Problems handling the request\r",
]
TOKENS = [
    b"|",
    b"\r",
    b"\n",
    b"AY",
    b"AZ",
    b"AA",
    b"AB|",
    b"12",
    b"98",
    b"\x00",
    b"\xff",
    b"Y" * 300,
    b"9" * 40,
]


def mutated(dice: random.Random) -> bytes:
    data = (
        bytearray(dice.choice(SEEDS))
        if dice.random() < 0.85
        else bytearray(dice.randbytes(dice.randrange(200)))
    )
    for _ in range(dice.randrange(6)):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(4):
            case 0 if data:
                data[place % len(data)] = dice.randrange(256)
            case 1:
                del data[place : place + dice.randrange(1, 20)]
            case 2:
                data[place:place] = dice.choice(TOKENS)
            case _:
                data[place:place] = data[: dice.randrange(30)]
    return bytes(data)


def read_again(raw: bytes, charset: str) -> None:
    message = decode(deframe(raw, charset).text)
    again = encode(message)
    assert decode(again).id == message.id
    enframe(again, charset, "1", error_detection=True, errors="replace")


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "cp850", "ascii"])
def test_no_bytes_break_framing_and_messages(charset: str) -> None:
    """Whatever arrives is a message or the codec's own error, and a message can be written again."""
    dice = random.Random(SEED)
    understood = 0
    for _ in range(ROUNDS):
        try:
            frames = Framer(size_max=4096).feed(mutated(dice) + b"\r")
        except FrameTooLong:
            continue
        for raw in frames:
            try:
                read_again(raw, charset)
            except (BadMessage, BadValue):
                continue
            understood += 1
    assert understood > ROUNDS // 4


@pytest.mark.parametrize(
    "read",
    [
        read_date,
        read_due,
        lambda text: read_money(text, "EUR"),
        lambda text: amount_in(text, "EUR"),
        lambda text: fees_in_texts([text, text], Money(250, "EUR")),
    ],
    ids=["date", "due", "money", "amount", "fees"],
)
def test_no_text_breaks_a_value(read: Callable[[str], object]) -> None:
    """Dates, due dates and amounts are read from any text without an error."""
    dice = random.Random(SEED)
    alphabet = "0123456789012345678901234567890123456789 Z-/.,:|年月日AYN¥٣²\x00\n\ud800"
    for _ in range(ROUNDS):
        read("".join(dice.choices(alphabet, k=dice.randrange(25))))


def test_no_answer_breaks_the_client() -> None:
    """Whatever a server sends, the client has an answer or is silent, within its time."""
    dice = random.Random(SEED)
    outcomes: set[type] = set()
    for _ in range(effort(1_500)):
        desk = Desk({message_id: mutated(dice) for message_id in ("11", "17", "63")})
        begun = desk.clock.monotonic()
        outcomes.add(type(desk.carry()))
        for question in (AboutItem(ITEM), AboutPatron(READER, Secret("1234"))):
            try:
                desk.client.ask(question)
            except ServerSilent:
                outcomes.add(ServerSilent)
        assert desk.clock.monotonic() - begun <= 20.0
    assert outcomes <= {Granted, Refused, Silence, ServerSilent}
    assert ServerSilent in outcomes


@pytest.mark.parametrize("dialect", ["standard", "koha", "gossip", "interlib-gbk"])
def test_no_answer_breaks_returns_accounts_and_payments(dialect: str) -> None:
    """Whatever a server sends, no fee is negative or of nothing, what is paid was owed, and all ends in time."""
    dice = random.Random(SEED)
    outcomes: set[type] = set()
    for _ in range(effort(300)):
        desk = Desk(
            {message_id: mutated(dice) for message_id in ("09", "17", "19", "37")}
            | {"63": [mutated(dice), mutated(dice)]},
            dialect=dialect,
        )
        begun = desk.clock.monotonic()
        for promise in PROMISES:
            outcomes.add(type(desk.carry(promise)))
        try:
            account = desk.client.ask(AboutAccount(READER))
        except ServerSilent:
            outcomes.add(ServerSilent)
        else:
            assert isinstance(account, AccountFacts)
            for fee in account.fees or ():
                assert 0 < fee.amount.minor_units <= OWED_MINOR_MAX
            if account.fees and account.owed is not None:
                assert sum(fee.amount.minor_units for fee in account.fees) == account.owed.minor_units
        assert desk.clock.monotonic() - begun <= 60.0
    assert outcomes <= {Granted, Refused, Silence, ServerSilent}
    assert {Granted, Silence} <= outcomes


# --- Leaks ----------------------------------------------------------------------------------------

CANARIES = ("R7391746", "P5550123", "Zyxel Quintana", "tanager!", "heron7")


def test_nothing_personal_is_logged_or_printed(caplog: pytest.LogCaptureFixture) -> None:
    """Card number, PIN, name and passwords are in no log line, no error and no printed form, whatever goes
    wrong.
    """
    caplog.set_level(logging.DEBUG)
    card, pin, name, password, terminal = CANARIES
    patron = PatronId(card)
    account = reply_64("", "BLY|CQN|AUB1|", patron=card, charged="0001").replace("Ada Reader", name)
    printed: list[str] = []
    scripts: list[str | bytes] = [
        account,
        account.encode() + b"AZ0000\r",
        f"Cannot find {name} with {card} and {pin}\r".encode(),
        framed(account.replace(card, "R1"), "2"),
        b"96\r" * 5,
        b"",
        b"\r",
        f"77{card}|{pin}".encode() + b"\r",
    ]
    for script in scripts:
        desk = Desk({"63": script}, password=Secret(password), terminal_password=Secret(terminal))
        question = AboutPatron(patron, Secret(pin))
        try:
            printed.append(repr(desk.client.ask(question)).replace(repr(name), ""))
        except ServerSilent as silent:
            printed.append(repr(silent))
        printed.append(repr(question))
    refused = Desk({"93": f"940AF{card} {password}|"}, password=Secret(password))
    try:
        refused.client.ask(AboutPatron(patron))
    except LoginRefused as error:
        printed.append(repr(error))
    everything = "\n".join([caplog.text, *printed, *(repr(record.args) for record in caplog.records)])
    assert "63" in caplog.text
    assert [canary for canary in CANARIES if canary in everything] == []


def test_the_search_for_leaks_finds_one(caplog: pytest.LogCaptureFixture) -> None:
    """The canaries would be found: a log line with one in it is one."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("leak").debug("sent %s", CANARIES[0])
    assert [canary for canary in CANARIES if canary in caplog.text] == [CANARIES[0]]


def test_a_trace_shows_no_more_than_which_message(caplog: pytest.LogCaptureFixture) -> None:
    """Also where the installer asks for the bytes of the line, only the id of each message is shown."""
    from drivers.link.trace import TraceLink

    caplog.set_level(logging.DEBUG)
    link = TraceLink(
        MemoryLink(ScriptedServer(), VirtualClock()), show_bytes=True, redact=lambda data: data[:2]
    )
    link.write(framed("63019AAR7391746|ADP5550123|", "1"), 1.0)
    assert b"R7391746".hex(" ") not in caplog.text
    assert b"63".hex(" ") in caplog.text
