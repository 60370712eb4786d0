"""The terminal's own SIP2 client and central, over a real socket: what one says the other understands."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from drivers.link.clock import RealClock
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.caring import open_care
from sync.central.faces.sip2.answers import Counter
from sync.central.faces.sip2.server import Sip2Server
from sync.entries import (
    Alert,
    Answer,
    Due,
    Entry,
    EntryKey,
    FeePart,
    Flaw,
    GiveBack,
    Granted,
    Intended,
    Lend,
    Means,
    Money,
    Pay,
    Promise,
    Promised,
    Reason,
    Refused,
    Renew,
    ReportCare,
    UndoLoan,
    item_id,
    patron_id,
)
from sync.questions import (
    AboutAccount,
    AboutItem,
    AboutPatron,
    AboutServer,
    AccountFacts,
    ItemFacts,
    PatronFacts,
    ServerFacts,
    Standing,
)
from sync.servers.ils import LoginRefused, Server
from sync.servers.sip2.client import open_sip2
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings

READER = patron_id(demo.READER)


@pytest.fixture
def port(counter: Counter) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Sip2Server(listener, counter, RealClock())
    server.start()
    yield listener.getsockname()[1]
    server.stop()


def connect(port: int, password: str = "open sesame") -> Server:
    settings = Sip2Settings(profile("central"), demo.INSTITUTION, "kiosk1", Secret(password), language="001")
    return open_sip2(f"tcp://127.0.0.1:{port}", settings, RealClock())


@pytest.fixture
def central(port: int) -> Iterator[Server]:
    client = connect(port)
    yield client
    client.close()


def carry(central: Server, promise: Promise, ordinal: int) -> Answer:
    (answer,) = central.carry([Entry(EntryKey("test", 1, 1, ordinal), promise)])
    return answer


def lend(central: Server, item: str, ordinal: int = 1, *, fee_consented: bool = False) -> Answer:
    promise = Lend(item_id(item), READER, RealClock().now(), fee_consented=fee_consented)
    return carry(central, promise, ordinal)


def test_a_loan_a_renewal_and_an_undone_loan(central: Server) -> None:
    """A loan is granted with its day, lengthened on request, and gone after it was undone."""
    now = RealClock().now()
    item = item_id(demo.ITEMS_FREE[0])

    lent = lend(central, item)
    renewed = carry(central, Renew(item, READER, now), 2)
    undone = carry(central, UndoLoan(item, READER, now, EntryKey("test", 1, 1, 1)), 3)
    facts = central.ask(AboutPatron(READER))

    assert isinstance(lent, Granted)
    assert (lent.due.day, lent.release, lent.renewed, lent.title) == (date(2026, 4, 1), True, False, "西游记")
    assert isinstance(renewed, Granted)
    assert renewed.due.day == date(2026, 5, 1)
    assert isinstance(undone, Granted)
    assert isinstance(facts, PatronFacts)
    assert facts.loans == ()


def test_every_refusal_reaches_the_terminal_with_its_exact_reason(central: Server) -> None:
    """What central decides is what the reader is told."""
    expected = {
        demo.ITEM_REFERENCE: Reason.ITEM_REFERENCE,
        demo.ITEM_SPECIAL: Reason.ITEM_SPECIAL_COLLECTION,
        demo.ITEM_ON_LOAN: Reason.ITEM_ON_LOAN_TO_OTHER,
        demo.ITEM_ON_HOLD_FOR_OTHER: Reason.ITEM_ON_HOLD_FOR_OTHER,
        demo.ITEM_LOST: Reason.ITEM_LOST,
        demo.ITEM_IN_TRANSIT: Reason.ITEM_IN_TRANSIT,
        demo.ITEM_DAMAGED: Reason.ITEM_DAMAGED,
        demo.ITEM_WITHDRAWN: Reason.ITEM_WITHDRAWN,
        "30999999999999": Reason.ITEM_UNKNOWN,
    }
    answers = [(item, lend(central, item, number)) for number, item in enumerate(expected, start=1)]

    assert {item: answer.reason for item, answer in answers if isinstance(answer, Refused)} == expected


def test_a_fee_is_told_consented_to_and_charged(central: Server) -> None:
    """The terminal learns the amount, sends BO after the reader agreed, and the account shows the debt."""
    refused = lend(central, demo.ITEM_WITH_FEE, 1)
    lent = lend(central, demo.ITEM_WITH_FEE, 2, fee_consented=True)
    facts = central.ask(AboutPatron(READER))

    assert isinstance(refused, Refused)
    assert (refused.reason, refused.fee) == (Reason.FEE_NEEDS_CONSENT, Money(200, "CNY"))
    assert isinstance(lent, Granted)
    assert isinstance(facts, PatronFacts)
    assert facts.fees_owed == Money(200, "CNY")


def test_what_stays_secured_and_what_is_magnetic_is_known_to_the_terminal(central: Server) -> None:
    """A loan whose security stays on is not released, a cassette is marked magnetic."""
    secured, cassette = lend(central, demo.ITEM_STAYS_SECURED, 1), lend(central, demo.ITEM_MAGNETIC, 2)

    assert isinstance(secured, Granted)
    assert isinstance(cassette, Granted)
    assert (secured.release, cassette.release, cassette.magnetic) == (False, True, True)


def test_patrons_items_and_the_server_are_understood(central: Server) -> None:
    """Name, PIN, blocks, limit, loans, parts and standing arrive as values."""
    reader = central.ask(AboutPatron(READER, Secret(demo.PIN)))
    guessed = central.ask(AboutPatron(READER, Secret("9999")))
    lost = central.ask(AboutPatron(patron_id(demo.READER_CARD_LOST)))
    nobody = central.ask(AboutPatron(patron_id("9")))
    parts = central.ask(AboutItem(item_id(demo.ITEM_MAY_BE_INCOMPLETE)))
    reference = central.ask(AboutItem(item_id(demo.ITEM_REFERENCE)))
    missing = central.ask(AboutItem(item_id("9")))
    server = central.ask(AboutServer())

    assert isinstance(reader, PatronFacts)
    assert (reader.name, reader.is_pin_right, reader.blocks, reader.loan_limit) == (
        "测试读者一",
        True,
        (),
        10,
    )
    assert isinstance(guessed, PatronFacts)
    assert (guessed.name, guessed.is_pin_right) == ("", False)
    assert isinstance(lost, PatronFacts)
    assert lost.blocks == (Reason.CARD_LOST,)
    assert isinstance(nobody, PatronFacts)
    assert not nobody.is_known
    assert isinstance(parts, ItemFacts)
    assert (parts.parts, parts.lend_incomplete, parts.standing) == (2, True, Standing.AVAILABLE)
    assert isinstance(reference, ItemFacts)
    assert reference.reason is Reason.ITEM_REFERENCE
    assert isinstance(missing, ItemFacts)
    assert not missing.is_known
    assert isinstance(server, ServerFacts)
    assert server.is_online


def test_a_wrong_account_of_the_terminal_is_the_installers_matter(port: int) -> None:
    """A wrong password is told as that, never as a patron's."""
    client = connect(port, "wrong")
    with pytest.raises(LoginRefused):
        client.ask(AboutServer())
    client.close()


def test_a_loan_the_terminal_granted_is_recorded_as_it_was_told(central: Server) -> None:
    """Told later over SIP2, a loan made without the server has the day the reader was told, and the time it was made;
    told again it is the same loan, not a renewal."""
    key, at = EntryKey("test", 1, 1, 1), RealClock().now() - timedelta(hours=6)
    promise = Lend(item_id(demo.ITEMS_FREE[0]), READER, at)
    told = Due((at + timedelta(days=45)).date())
    entry = Entry(key, promise, (Intended(key, at, promise), Promised(key, at, told, at)))

    answers = (*central.carry([entry]), *central.carry([entry]))

    assert [(one.due.day, one.renewed) for one in answers if isinstance(one, Granted)] == [
        (told.day, False)
    ] * 2


def test_a_return_tells_whose_it_was_what_it_costs_and_where_it_goes(central: Server) -> None:
    """AA, AH, BV, CL, CV, CY and AP of 10 arrive as values; what is not on loan is taken back all the same."""
    now = RealClock().now()
    late = carry(central, GiveBack(item_id(demo.ITEM_OVERDUE), now), 1)
    waited_for = carry(central, GiveBack(item_id(demo.ITEM_WAITED_FOR), now), 2)
    unknown = carry(central, GiveBack(item_id("99"), now), 3)

    assert isinstance(late, Granted)
    assert late.back is not None
    assert (late.fee, late.due.day) == (Money(120, "CNY"), date(2026, 2, 15))
    assert (late.back.was_on_loan, late.back.patron) == (True, patron_id(demo.READER_OVERDUE))
    assert (late.back.sort_bin, late.back.alert) == ("1", None)
    assert isinstance(waited_for, Granted)
    assert waited_for.back is not None
    assert (waited_for.back.was_on_loan, waited_for.back.alert) == (False, Alert.HOLD_HERE)
    assert waited_for.back.hold_patron == patron_id(demo.READER_WITH_HOLDS)
    assert waited_for.back.location == "一楼预约架 Hold shelf"
    assert isinstance(unknown, Refused)
    assert unknown.reason is Reason.ITEM_UNKNOWN


def account(central: Server, patron: str) -> AccountFacts:
    facts = central.ask(AboutAccount(patron_id(patron)))
    assert isinstance(facts, AccountFacts)
    return facts


def test_an_account_tells_every_fee_with_its_number(central: Server) -> None:
    """Fees come one by one with number, amount, item and what they are for; holds say which are ready."""
    owing, holding = account(central, demo.READER_OWES), account(central, demo.READER_WITH_HOLDS)

    assert owing.fees is not None
    assert [(fee.amount, fee.item, fee.text) for fee in owing.fees] == [
        (Money(6000, "CNY"), demo.ITEM_DAMAGED, "damage"),
        (Money(250, "CNY"), None, "overdue fee"),
    ]
    assert all(fee.id for fee in owing.fees)
    assert (owing.owed, owing.takes_payments, owing.pays_several) == (Money(6250, "CNY"), True, False)
    assert holding.holds is not None
    assert [(hold.item, hold.is_ready) for hold in holding.holds] == [
        (demo.ITEM_ON_HOLD_FOR_OTHER, True),
        (demo.ITEM_WAITED_FOR, False),
    ]


def pay(central: Server, amount: int, fee: str, ordinal: int, patron: str = demo.READER_OWES) -> Answer:
    part = FeePart(fee, Money(amount, "CNY"))
    owed = account(central, patron).owed
    return carry(
        central, Pay(patron_id(patron), part.amount, (part,), Means.QR, RealClock().now(), owed), ordinal
    )


def test_a_fee_is_paid_once_and_the_rest_stays_owed(central: Server) -> None:
    """38 gives the payment's number, also to a repeat; what is gone or of another amount is refused."""
    fees = account(central, demo.READER_OWES).fees or ()
    wrong = pay(central, 1, fees[1].id, 1)
    paid = pay(central, 250, fees[1].id, 2)
    again = pay(central, 250, fees[1].id, 2)
    gone = pay(central, 250, fees[1].id, 3)

    assert isinstance(wrong, Refused)
    assert wrong.reason is Reason.AMOUNT_DIFFERS
    assert isinstance(paid, Granted)
    assert paid.reference.startswith("P")
    assert again == paid
    assert isinstance(gone, Refused)
    assert gone.reason is Reason.FEE_GONE
    assert account(central, demo.READER_OWES).owed == Money(6000, "CNY")


def test_an_item_that_needs_care_is_put_on_the_list(central: Server, counter: Counter) -> None:
    """19 keeps what is wrong with it; an unknown item is refused."""
    now = RealClock().now()
    flaws = (Flaw.LOOSE_PAGES, Flaw.PART_MISSING)
    kept = carry(central, ReportCare(item_id(demo.ITEMS_FREE[0]), flaws, now), 1)
    unknown = carry(central, ReportCare(item_id("99"), flaws, now), 2)
    with counter.store.reading() as connection:
        (report,) = open_care(connection)

    assert isinstance(kept, Granted)
    assert (report.item, report.flaws, report.terminal) == (demo.ITEMS_FREE[0], flaws, "kiosk1")
    assert isinstance(unknown, Refused)
