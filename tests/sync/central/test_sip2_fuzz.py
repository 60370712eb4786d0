"""Twenty thousand broken requests against one SIP2 conversation after another."""

from __future__ import annotations

import random
import re

from sqlalchemy import func, select

from sync.central import demo
from sync.central.faces.sip2.answers import Counter
from sync.central.faces.sip2.conversation import Conversation
from sync.central.store import ledger_tables as m
from sync.central.store import tables as t
from sync.central.store.ledger_rows import debts_of_patrons
from sync.entries import PatronId
from sync.servers.sip2.framing import Checksum, checksum, deframe
from tests.kit.effort import effort

FRAMES = effort(20_000)
NOW = "20260302    090000"
LOGIN = b"9300CNkiosk1|COopen sesame|\r"
SEEDS = [
    f"11YN{NOW}{NOW}AO|AA{demo.READER}|AB{demo.ITEMS_FREE[0]}|AD1234|BON|AC|",
    f"29NN{NOW}{NOW}AO|AA{demo.READER_WITH_LOAN}|AB{demo.ITEM_ON_LOAN}|AC|",
    f"09N{NOW}{NOW}APx|AO|AB{demo.ITEM_CD}|AC|",
    f"63019{NOW}  Y       AO|AA{demo.READER}|AD1234|BP1|BQ9|AC|",
    f"23001{NOW}AO|AA{demo.READER}|AC|AD|",
    f"17{NOW}AO|AB{demo.ITEM_REFERENCE}|AC|",
    f"35{NOW}AO|AA{demo.READER}|AC|",
    f"37{NOW}0402CNYBV2.50|AO|AA{demo.READER_OWES}|AD1234|BK17|AC|",
    f"63001{NOW}      Y   AO|AA{demo.READER_OWES}|AD1234|AC|",
    f"19{NOW}AO|AB{demo.ITEM_CD}|CHneeds care: damaged|AC|",
    "9900802.00",
    "9300CNkiosk1|COwrong|",
    "97",
]
ANSWER = re.compile(rb"(94|98|24|64|12|30|10|18|20|36|38|96)[^\r]*\r")


def broken(chance: random.Random) -> bytes:
    """A request with one to four injuries, and with a checksum of what is left half of the time."""
    data = bytearray(chance.choice(SEEDS).encode())
    for _ in range(chance.randint(1, 4)):
        spot = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0:
                data[spot:] = b""
            case 1:
                data[spot:spot] = chance.randbytes(chance.randint(1, 8))
            case 2:
                data[spot : spot + chance.randint(1, 6)] = b""
            case 3:
                data[spot : spot + 1] = bytes([chance.randrange(256)])
            case 4:
                data[spot:spot] = chance.choice(
                    [b"|", b"\r", b"AA|", b"AB|", b"AY1AZ0000", b"\n", b"ZZ", b"\xff"]
                )
            case _:
                data += data[: chance.randint(0, 40)]
    if chance.random() < 0.5:
        data += b"AY%dAZ" % chance.randrange(10)
        data += checksum(bytes(data))
    return bytes(data) + chance.choice([b"\r", b"\r\n"])


def test_no_broken_request_breaks_the_server_or_gets_an_answer_that_cannot_be_read(counter: Counter) -> None:
    """Every answer is a whole frame of a known kind with a right checksum; no item is lent twice, the books balance."""
    chance = random.Random(20_261_122)
    conversation = Conversation(counter)
    conversation.feed(LOGIN)
    answered = ended = 0
    for _ in range(FRAMES):
        for answer in conversation.feed(broken(chance)):
            answered += 1
            assert ANSWER.fullmatch(answer)
            # A number that looks like a checksum is told back within its field, which ends with a bar.
            if answer[-2:] != b"|\r":
                assert deframe(answer.rstrip(b"\r"), "utf-8").checksum is not Checksum.BAD
        if conversation.ending is not None:
            ended += 1
            conversation = Conversation(counter)
            conversation.feed(LOGIN)

    with counter.store.reading() as connection:
        per_item = select(func.count()).where(t.loans.c.closed_at.is_(None)).group_by(t.loans.c.item)
        assert set(connection.execute(per_item).scalars()) == {1}
        assert connection.execute(select(func.sum(m.ledger_legs.c.minor_units))).scalar_one() == 0
        owed = debts_of_patrons(connection, [PatronId(demo.READER_OWES)])[PatronId(demo.READER_OWES)]
        assert 0 <= owed <= 6250
    assert answered > FRAMES / 2
    assert ended > 0
