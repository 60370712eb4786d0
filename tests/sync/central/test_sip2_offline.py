"""Over SIP2 too, a loan that was made off-line is recorded as what it is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from drivers.link.memory import VirtualClock
from sync.central import demo
from sync.central.circulation.conflicts import list_exceptions
from sync.central.faces.sip2.answers import Counter
from sync.central.faces.sip2.conversation import Conversation
from sync.central.store import queries
from sync.entries import ItemId, PatronId
from sync.servers.sip2.messages import (
    Checkin,
    CheckinResponse,
    Checkout,
    CheckoutResponse,
    Message,
    decode,
    encode,
)

ITEM, OTHER = demo.ITEMS_FREE[:2]
EARLIER = datetime(2026, 3, 1, 10)
DUE = datetime(2026, 4, 20, 23, 59)


@pytest.fixture
def talk(counter: Counter) -> Conversation:
    conversation = Conversation(counter)
    assert conversation.feed(b"9300CNkiosk1|COopen sesame|CPfloor1|\r") == [b"941\r"]
    return conversation


def ask(talk: Conversation, message: Message) -> Message:
    """The answer to *message*."""
    (answer,) = talk.feed(f"{encode(message)}\r".encode())
    return decode(answer.decode().rstrip("\r"))


def lent_earlier(
    talk: Conversation,
    item: str = ITEM,
    patron: str = demo.READER,
    at: datetime = EARLIER,
    due: datetime | None = DUE,
) -> CheckoutResponse:
    """11 with no block Y."""
    request = Checkout(
        may_renew=False,
        no_block=True,
        at=at,
        no_block_due=due,
        institution="DEMO",
        patron=PatronId(patron),
        item=item,
    )
    answer = ask(talk, request)
    assert isinstance(answer, CheckoutResponse)
    return answer


def back(
    talk: Conversation,
    item: str = ITEM,
    at: datetime = EARLIER,
    *,
    no_block: bool,
    cancel: bool | None = None,
) -> CheckinResponse:
    """09 with a return date."""
    request = Checkin(
        no_block=no_block, at=at, returned_at=at, location="", institution="DEMO", item=item, cancel=cancel
    )
    answer = ask(talk, request)
    assert isinstance(answer, CheckinResponse)
    return answer


def loans(counter: Counter, item: str = ITEM) -> list[tuple[str, datetime, date, str]]:
    """Patron, beginning, due day and ending of the item's loans."""
    with counter.store.reading() as connection:
        found = queries.loans_of_items(connection, [ItemId(item)], datetime(2020, 1, 1, tzinfo=UTC))
    return [
        (loan.patron.reveal(), loan.lent_at, loan.due_on, loan.closed_how.value if loan.closed_how else "")
        for loan in found
    ]


def kinds(counter: Counter) -> list[str]:
    """The open cases."""
    with counter.store.reading() as connection:
        return [case.kind.value for case in list_exceptions(connection)]


def test_the_time_of_the_loan_and_the_promised_day_count(talk: Conversation, counter: Counter) -> None:
    """No block Y with a nb due date: lent when it was lent, due when the reader was told."""
    answer = lent_earlier(talk)

    assert answer.ok
    assert answer.due.day == date(2026, 4, 20)
    assert not answer.renewal_ok
    assert loans(counter) == [(demo.READER, EARLIER.replace(tzinfo=UTC), date(2026, 4, 20), "")]


def test_the_same_loan_told_again_is_no_renewal(talk: Conversation, counter: Counter) -> None:
    """There is no key over SIP2: the account says that it is done."""
    first, again = lent_earlier(talk), lent_earlier(talk)

    assert (again.ok, again.due, again.transaction) == (True, first.due, first.transaction)
    assert len(loans(counter)) == 1


def test_a_stopped_card_does_not_undo_what_has_happened(talk: Conversation, counter: Counter) -> None:
    """The book has left the building: recorded, with a case.  Online the same card is refused."""
    online = ask(
        talk, Checkout(False, False, EARLIER, EARLIER, "DEMO", PatronId(demo.READER_CARD_LOST), OTHER)
    )
    answer = lent_earlier(talk, patron=demo.READER_CARD_LOST)

    assert isinstance(online, CheckoutResponse)
    assert not online.ok
    assert answer.ok
    assert kinds(counter) == ["card-stopped"]


def test_what_nobody_knows_is_refused_and_before_staff(talk: Conversation, counter: Counter) -> None:
    """SIP2 has no word for held."""
    unknown = lent_earlier(talk, item="30999999999999")
    broken = lent_earlier(talk, item=" ")

    assert not unknown.ok
    assert not broken.ok
    assert kinds(counter) == ["item-unknown"]


def test_without_a_due_date_no_block_means_nothing(talk: Conversation, counter: Counter) -> None:
    """A terminal that sets the flag and promises nothing asks like every other."""
    answer = lent_earlier(talk, patron=demo.READER_CARD_LOST, due=None)

    assert not answer.ok
    assert loans(counter) == []


def test_a_late_return_never_ends_a_loan_that_began_after_it(talk: Conversation, counter: Counter) -> None:
    """It is taken, and staff see it; the newer loan stays."""
    lent_earlier(talk, at=datetime(2026, 3, 1, 12))
    answer = back(talk, at=datetime(2026, 3, 1, 11), no_block=True)

    assert answer.ok
    assert [how for *_, how in loans(counter)] == [""]
    assert kinds(counter) == ["newer-loan"]


def test_a_late_return_ends_the_loan_at_its_own_time(
    talk: Conversation, counter: Counter, clock: VirtualClock
) -> None:
    """Also one that was thought to have gone on until the item was lent on."""
    lent_earlier(talk, at=datetime(2026, 3, 1, 10))
    lent_earlier(talk, patron=demo.READER_ENGLISH, at=datetime(2026, 3, 1, 14))
    back(talk, at=datetime(2026, 3, 1, 12), no_block=True)

    with counter.store.reading() as connection:
        found = queries.loans_of_items(connection, [ItemId(ITEM)], datetime(2020, 1, 1, tzinfo=UTC))
    assert [loan.closed_at for loan in found] == [datetime(2026, 3, 1, 12, tzinfo=UTC), None]
    assert [how for *_, how in loans(counter)] == ["returned", ""]


def test_a_return_at_the_desk_is_never_refused_by_a_wrong_clock(talk: Conversation, counter: Counter) -> None:
    """Without no block, a terminal whose clock is a year slow still ends the loan, at its beginning."""
    lent_earlier(talk)
    answer = back(talk, at=datetime(2025, 3, 1, 11), no_block=False)

    assert answer.ok
    assert [how for *_, how in loans(counter)] == ["returned"]


def test_bi_undoes_the_loan_whenever_it_was_made(
    talk: Conversation, counter: Counter, clock: VirtualClock
) -> None:
    """BI=Y says that the item never left: no guess by the clock is needed."""
    lent_earlier(talk)
    back(talk, at=EARLIER.replace(hour=20), no_block=True, cancel=True)

    assert [how for *_, how in loans(counter)] == ["undone"]
    assert kinds(counter) == []


def test_the_server_says_that_it_takes_what_was_done_off_line(talk: Conversation) -> None:
    """98: off-line ok."""
    (answer,) = talk.feed(b"9900802.00\r")

    assert answer.decode()[7] == "Y"
