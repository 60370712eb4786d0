"""The client against a central that really listens."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from drivers.link.clock import RealClock
from drivers.masked import Secret
from sync.central import demo
from sync.entries import Entry, EntryKey, Granted, Held, Money, Reason, Refused, Silence, item_id, patron_id
from sync.questions import (
    AboutItem,
    AboutPatron,
    AboutServer,
    EndOfSession,
    ItemFacts,
    PatronFacts,
    ServerFacts,
    SessionEnded,
    Standing,
)
from sync.servers.central.client import CentralServer, open_central
from sync.servers.central.settings import CentralClientSettings
from sync.servers.ils import LoginRefused, Server
from tests.kit.running_central import RunningCentral
from tests.sync.servers.central.conftest import connect
from tests.sync.servers.central.entries_of import kept, lend, renew, undo

READER = patron_id(demo.READER)
FREE = demo.ITEMS_FREE


def test_the_client_is_a_server_like_every_other(client: CentralServer) -> None:
    """It says that central repeats safely, wants order, and takes a hundred entries at once."""
    server: Server = client
    can = server.capabilities()

    assert (can.repeats_safely, can.keeps_order, can.entries_per_exchange) == (True, True, 100)
    assert (can.tells_loans, can.may_ask_items, can.renews, can.ends_sessions) == (True, True, True, False)


def test_patrons_are_understood(client: CentralServer) -> None:
    """Name, PIN, blocks, limit, loans and debt arrive as values."""
    reader = client.ask(AboutPatron(READER, Secret(demo.PIN)))
    plain = client.ask(AboutPatron(READER))
    lost = client.ask(AboutPatron(patron_id(demo.READER_CARD_LOST)))
    owing = client.ask(AboutPatron(patron_id(demo.READER_OWES)))
    lender = client.ask(AboutPatron(patron_id(demo.READER_WITH_LOAN)))
    nobody = client.ask(AboutPatron(patron_id("9")))

    assert isinstance(reader, PatronFacts)
    assert (reader.name, reader.is_pin_right, reader.blocks, reader.loan_limit) == (
        "测试读者一",
        True,
        (),
        10,
    )
    assert isinstance(plain, PatronFacts)
    assert plain.is_pin_right is None
    assert isinstance(lost, PatronFacts)
    assert lost.blocks == (Reason.CARD_LOST,)
    assert isinstance(owing, PatronFacts)
    assert owing.blocks == (Reason.FEES_OWED,)
    assert owing.fees_owed is not None
    assert isinstance(lender, PatronFacts)
    assert lender.loans is not None
    assert [loan.item for loan in lender.loans] == [demo.ITEM_RENEWED_OUT, demo.ITEM_ON_LOAN]
    assert isinstance(nobody, PatronFacts)
    assert not nobody.is_known


@pytest.mark.parametrize("pin", ["9999", "", "x" * 129, "\ud800", "密码"])
def test_behind_a_wrong_pin_there_is_nothing_to_read(client: CentralServer, pin: str) -> None:
    """A wrong PIN, and one that cannot be a PIN, tells that the card is known and nothing else."""
    facts = client.ask(AboutPatron(READER, Secret(pin)))

    assert facts == PatronFacts(READER, is_known=True, is_pin_right=False)


def test_items_are_understood(client: CentralServer) -> None:
    """Standing, parts, magnetic media and the reason arrive as values."""
    found = [
        client.ask(AboutItem(item_id(number)))
        for number in (
            FREE[0],
            demo.ITEM_ON_LOAN,
            demo.ITEM_LOST,
            demo.ITEM_IN_TRANSIT,
            demo.ITEM_REFERENCE,
            demo.ITEM_ON_HOLD_FOR_DEMO_READER,
        )
    ]
    parts, magnetic, missing = (
        client.ask(AboutItem(item_id(number)))
        for number in (demo.ITEM_MAY_BE_INCOMPLETE, demo.ITEM_MAGNETIC, "9")
    )

    assert [facts.standing for facts in found if isinstance(facts, ItemFacts)] == [
        Standing.AVAILABLE,
        Standing.ON_LOAN,
        Standing.LOST,
        Standing.IN_TRANSIT,
        Standing.NOT_FOR_LOAN,
        Standing.ON_HOLD_SHELF,
    ]
    assert isinstance(found[4], ItemFacts)
    assert found[4].reason is Reason.ITEM_REFERENCE
    assert isinstance(parts, ItemFacts)
    assert (parts.parts, parts.lend_incomplete) == (2, True)
    assert isinstance(magnetic, ItemFacts)
    assert magnetic.magnetic is True
    assert isinstance(missing, ItemFacts)
    assert not missing.is_known


def test_central_tells_its_clock_and_its_name(client: CentralServer) -> None:
    """The clock comes with the question whether it is in service; ending a session needs no central."""
    facts = client.ask(AboutServer())

    assert isinstance(facts, ServerFacts)
    assert facts.is_online
    assert facts.library == demo.NAME
    assert facts.clock is not None
    assert abs((facts.clock - RealClock().now()).total_seconds()) < 60
    assert client.ask(EndOfSession(READER)) == SessionEnded()


def test_a_stack_is_lent_renewed_and_undone_in_one_exchange(
    client: CentralServer, running: RunningCentral
) -> None:
    """Wishes are granted or refused for the exact reason, facts are recorded, an undone loan is gone."""
    first, film = lend(1, FREE[0]), lend(2, demo.ITEM_WITH_FEE)
    entries = [
        first,
        film,
        lend(3, demo.ITEM_WITH_FEE, fee_consented=True),
        renew(4, FREE[0]),
        lend(5, FREE[1], promised_days=14),
        lend(6, "30999999999999", promised_days=14),
        undo(7, first),
        lend(8, demo.ITEM_STAYS_SECURED),
    ]

    lent, refused, paid, renewed, kept_, held, undone, secured = client.carry(entries)

    assert isinstance(lent, Granted)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.fee) == (Reason.FEE_NEEDS_CONSENT, Money(200, "CNY"))
    assert isinstance(paid, Granted)
    assert paid.fee == Money(200, "CNY")
    assert isinstance(renewed, Granted)
    assert renewed.renewed
    assert isinstance(kept_, Granted)
    assert kept_.due.day is not None
    assert held == Held()
    assert isinstance(undone, Granted)
    assert isinstance(secured, Granted)
    assert not secured.release
    assert running.holder_of(FREE[0]) is None
    assert running.holder_of(FREE[1]) == demo.READER


def test_what_is_told_again_is_answered_as_the_first_time(
    client: CentralServer, running: RunningCentral
) -> None:
    """Refusals, grants and what is held come again, also from another connection and mixed with what is new."""
    entries = [lend(1, FREE[0]), lend(2, demo.ITEM_REFERENCE), lend(3, FREE[1], promised_days=30)]
    other = connect(running.url)

    first = client.carry(entries)
    again = other.carry([*entries[1:], lend(4, FREE[2])])
    other.close()

    assert again[:2] == first[1:]
    assert isinstance(again[2], Granted)
    assert len(running.loans()) == 3


def test_a_wish_that_the_terminal_granted_itself_meanwhile_becomes_a_fact(
    client: CentralServer, running: RunningCentral
) -> None:
    """Its answer was lost and the reader has left with the item: refused at first, it is recorded now, once."""
    wish = lend(1, FREE[0], demo.READER_EXPIRED)
    granted = lend(2, FREE[1])

    refused, lent = client.carry([wish, granted])
    fact, same = client.carry([kept(wish), kept(granted)])
    again = client.carry([kept(wish), kept(granted)])

    assert isinstance(refused, Refused)
    assert isinstance(fact, Granted)
    assert isinstance(lent, Granted)
    assert same == lent
    assert again == (fact, same)
    assert running.holder_of(FREE[0]) == demo.READER_EXPIRED
    assert len(running.loans()) == 2


def test_an_offset_that_is_known_better_now_is_no_other_body(client: CentralServer) -> None:
    """What a terminal learned about its clock since does not make an event another one."""
    entry = lend(1, FREE[0], promised_days=30)

    first = client.carry([replace(entry, offset_seconds=None)])

    assert client.carry([replace(entry, offset_seconds=12.5)]) == first


def test_numbers_that_need_nothing_of_central_are_filled(
    client: CentralServer, running: RunningCentral
) -> None:
    """A terminal that starts late, or settled entries by itself, is not stopped by the numbers it never sent."""
    held = lend(9, FREE[1])
    late = client.carry([lend(7, FREE[0]), held, lend(205, FREE[2])])
    older = client.carry([held, lend(300, FREE[3])])

    assert all(isinstance(answer, Granted) for answer in (*late, *older))
    assert older[0] == late[1]
    assert len(running.loans()) == 4


def test_entries_of_an_earlier_installation_keep_their_epoch(
    client: CentralServer, running: RunningCentral
) -> None:
    """After a restore old keys and new ones go in one call, each in its own order."""
    answers = client.carry(
        [lend(40, FREE[0], epoch="old"), lend(41, FREE[1], epoch="old"), lend(1, FREE[2], epoch="new")]
    )

    assert all(isinstance(answer, Granted) for answer in answers)
    assert len(running.loans()) == 3


def test_more_entries_than_a_batch_takes_go_in_several(
    client: CentralServer, running: RunningCentral
) -> None:
    """250 entries with gaps among them are all answered, in their order."""
    entries = [lend(number * 2, "30999999999999") for number in range(1, 251)]

    answers = client.carry(entries)

    assert len(answers) == 250
    assert all(isinstance(answer, Refused) and answer.reason is Reason.ITEM_UNKNOWN for answer in answers)


def test_an_entry_that_central_knows_otherwise_stops_no_other(
    client: CentralServer, running: RunningCentral, caplog: pytest.LogCaptureFixture
) -> None:
    """A number used for something else is refused by itself; what stands around it is done."""
    first = lend(1, FREE[0])
    told = client.carry([first, lend(2, FREE[1])])
    wrong = lend(2, FREE[5], demo.READER_STUDENT)

    before, refused, after = client.carry([first, wrong, lend(3, FREE[2])])

    assert isinstance(after, Granted)
    assert refused == Refused(Reason.NOT_DONE)
    assert before == told[0]
    assert running.holder_of(FREE[5]) is None
    assert demo.READER_STUDENT not in caplog.text


def test_a_terminal_with_a_wrong_token_is_the_installers_matter(running: RunningCentral) -> None:
    """It is told as that, for questions and for entries, and nothing is done."""
    client = open_central(running.url, CentralClientSettings(Secret("a-token-nobody-knows")), RealClock())
    with pytest.raises(LoginRefused):
        client.ask(AboutServer())
    with pytest.raises(LoginRefused):
        client.carry([lend(1, FREE[0])])
    client.close()

    assert running.event_count() == 0


def test_an_entry_without_a_position_is_a_mistake_of_the_program(client: CentralServer) -> None:
    """It is never sent."""
    promise = lend(1, FREE[0]).promise
    with pytest.raises(ValueError, match="position"):
        client.carry([Entry(EntryKey("k7", 1, 1, 1), promise)])


def test_a_central_that_is_not_there_is_silence(running: RunningCentral) -> None:
    """Entries stay in doubt, and a refused connection says so."""
    client = connect("http://127.0.0.1:1")

    assert client.carry([lend(1, FREE[0]), lend(2, FREE[1])]) == (Silence("connect"), Silence("connect"))
    client.close()


def test_no_number_of_a_reader_reaches_a_log(client: CentralServer, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where everything is logged that any library has to say."""
    with caplog.at_level(logging.DEBUG):
        client.ask(AboutPatron(READER, Secret(demo.PIN)))
        client.carry([lend(1, FREE[0])])

    assert demo.READER not in caplog.text
    assert demo.PIN not in caplog.text
