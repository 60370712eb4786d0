"""Loans, renewals and undoing, with servers that behave as Koha, Evergreen and others do."""

from __future__ import annotations

from datetime import date

import pytest

from sync.entries import Due, Granted, ItemId, Lend, Money, PatronId, Reason, Refused, Renew
from sync.questions import (
    AboutItem,
    AboutPatron,
    EndOfSession,
    ItemFacts,
    PatronFacts,
)
from tests.kit.sip2_server import ScriptedServer
from tests.sync.servers.sip2.conftest import (
    AT,
    ITEM,
    LEND,
    READER,
    RENEW,
    UNDO,
    Desk,
    reply_12,
    reply_18,
    reply_64,
)

CHECKED_IN = f"101YNN20261122    160452AOBIB|AB{ITEM}|AQMAIN|AJEmma|"
RENEWED = reply_12("1YNN").replace("12", "30", 1)


def test_a_loan_logs_in_asks_and_is_granted() -> None:
    """A loan is a login, a status, and one checkout with both numbers, and its answer has due date and title."""
    desk = Desk({"11": reply_12()})
    assert desk.carry() == Granted(
        Due(date(2026, 12, 20), "20261220    235900"), "Emma", release=True, magnetic=False
    )
    assert desk.server.requests == [
        "9300CNterm|COopen!|CPdesk|",
        "9900802.00",
        "11NN20261122    08045120261122    080451AOBIB|AAR0001234|ABB0000001|AC|",
    ]
    assert [raw[-9:-4] for raw in desk.server.raw] == [b"AY0AZ", b"AY1AZ", b"AY2AZ"]


def test_one_connection_serves_many_requests_and_digits_wrap() -> None:
    """The connection is kept, and the sequence digit runs from 9 to 0."""
    desk = Desk({"17": reply_18()})
    for _ in range(12):
        desk.client.ask(AboutItem(ITEM))
    assert len(desk.links) == 1
    digits = [raw[-7:-6] for raw in desk.server.raw]
    assert digits == [str(number % 10).encode() for number in range(14)]


@pytest.mark.parametrize("chunk_bytes", [0, 1, 3])
def test_replies_arrive_in_any_pieces(chunk_bytes: int) -> None:
    """A loan is granted alike whether the reply comes whole, byte by byte or in threes."""
    desk = Desk(server=ScriptedServer({"11": reply_12()}, terminator=b"\r\n"), dialect="koha")
    desk.chunk_bytes = chunk_bytes
    assert isinstance(desk.carry(), Granted)


@pytest.mark.parametrize(
    ("flags", "more", "release"),
    [
        ("1NNY", "", True),
        ("1NUU", "", True),
        ("1NNN", "", False),
        ("1NNY", "CIY|", False),
        ("1NNY", "CIN|", True),
    ],
)
def test_an_item_is_released_as_the_server_says(flags: str, more: str, release: bool) -> None:
    """Desensitize N and the security inhibit keep an item secured; unknown releases what was lent."""
    answer = Desk({"11": reply_12(flags, more)}).carry()
    assert isinstance(answer, Granted)
    assert answer.release is release


@pytest.mark.parametrize(
    ("flag", "media_type", "of_loan", "of_item"),
    [
        *(("N", code, True, True) for code in ("004", "005", "007", "008", "010")),
        *(("U", code, False, False) for code in ("001", "002", "003", "006", "009")),
        ("Y", "001", True, False),
        ("U", "5", True, True),
        ("U", "000", None, None),
        ("U", "", None, None),
        ("U", "tape", None, None),
        ("N", "000", False, None),
        ("Y", "", True, None),
    ],
)
def test_tapes_and_disks_are_known_by_flag_or_media_type(
    flag: str, media_type: str, of_loan: bool | None, of_item: bool | None
) -> None:
    """A loan and a renewal tell it where the flag or CK does, whichever says so, and item information by CK alone."""
    more = f"AH20261220    235900|CK{media_type}|"
    reply = reply_12(f"1N{flag}Y", more)
    desk = Desk({"11": reply, "29": "30" + reply[2:], "17": reply_18(more=f"CK{media_type}|")})
    for promise in (LEND, RENEW):
        answer = desk.carry(promise)
        assert isinstance(answer, Granted)
        assert answer.magnetic is of_loan
    item = desk.client.ask(AboutItem(ITEM))
    assert isinstance(item, ItemFacts)
    assert item.magnetic is of_item


def test_a_renewal_in_disguise_is_seen() -> None:
    """When the server lends the patron's own loan again, the answer says that it was a renewal."""
    said = "Item already checked out to you: renewing item."
    answer = Desk({"11": reply_12("1YNY", f"AH20270103    235900|AF{said}|")}, dialect="koha").carry()
    assert answer == Granted(
        Due(date(2027, 1, 3), "20270103    235900"), "Emma", magnetic=False, renewed=True, messages=(said,)
    )


def test_evergreen_due_dates_and_long_titles_are_read() -> None:
    """An ISO due date and a long title outside ASCII come through."""
    title = "L'été — 夏 " * 40
    reply = reply_12("1NNY", "AH2026-11-30 23:59:59|").replace("AJEmma", f"AJ{title}")
    answer = Desk({"11": reply}, dialect="evergreen").carry()
    assert isinstance(answer, Granted)
    assert (answer.due.day, answer.title) == (date(2026, 11, 30), title.strip())


def test_a_fee_is_shown_and_consented_to() -> None:
    """A loan that costs something is refused with the amount; with consent it is sent again with BO."""
    desk = Desk({"11": [reply_12("0NUN", "AH|BT06|BHUSD|BV1.50|"), reply_12("1NNY")]}, dialect="evergreen")
    assert desk.carry() == Refused(Reason.FEE_NEEDS_CONSENT, "Emma", Money(150, "USD"))
    assert not desk.server.asked("63")
    assert isinstance(desk.carry(Lend(ITEM, READER, AT, fee_consented=True)), Granted)
    assert ["BOY" in request for request in desk.server.asked("11")] == [False, True]


@pytest.mark.parametrize(
    ("flags", "more", "reason"),
    [
        ("YYYY      YY", "BLY|BHCNY|BV6.50|", Reason.FEES_OWED),
        ("YYYYY", "BLY|", Reason.CARD_LOST),
        ("YYYY", "BLY|", Reason.PATRON_BLOCKED),
        ("YYYY", "BLN|", Reason.PATRON_UNKNOWN),
        ("YYYY  Y", "BLY|", Reason.LOANS_OVERDUE),
        ("Y    Y", "BLY|", Reason.LIMIT_REACHED),
        ("YYYY", "BLY|PA20260101|", Reason.PATRON_EXPIRED),
    ],
)
def test_a_blocked_patron_is_told_why(flags: str, more: str, reason: Reason) -> None:
    """Behind one and the same message the flags tell which block it is."""
    desk = Desk(
        {"11": reply_12("0NUN", "AH|AFPatron Blocked|BLY|"), "63": reply_64(flags, more), "17": reply_18()},
        dialect="evergreen",
    )
    answer = desk.carry()
    assert isinstance(answer, Refused)
    assert (answer.reason, answer.messages) == (reason, ("Patron Blocked",))
    assert answer.fee == (Money(650, "CNY") if reason is Reason.FEES_OWED else None)


@pytest.mark.parametrize(
    ("status", "title", "said", "reason"),
    [
        ("04", "Emma", "Item checked out to another patron", Reason.ITEM_ON_LOAN_TO_OTHER),
        ("08", "Emma", "no", Reason.ITEM_ON_HOLD_FOR_OTHER),
        ("10", "Emma", "no", Reason.ITEM_IN_TRANSIT),
        ("12", "Emma", "no", Reason.ITEM_LOST),
        ("13", "Emma", "no", Reason.ITEM_LOST),
        ("06", "Emma", "no", Reason.ITEM_NOT_FOR_LOAN),
        ("01", "", "Invalid Item", Reason.ITEM_UNKNOWN),
        ("03", "Emma", "Issue failed : NOT_FOR_LOAN", Reason.ITEM_NOT_FOR_LOAN),
        ("03", "Emma", "Item cannot be issued: TOO_MANY", Reason.LIMIT_REACHED),
        ("03", "Emma", "Patron Blocked", Reason.OTHER),
    ],
)
def test_a_refused_item_is_told_why(status: str, title: str, said: str, reason: Reason) -> None:
    """The item's status tells the reason, and after it the error codes of the profile; never a sentence."""
    desk = Desk(
        {
            "11": reply_12("0NUN", f"AH|AF{said}|"),
            "63": reply_64(),
            "17": reply_18(status, title=title),
        },
        dialect="koha",
    )
    answer = desk.carry()
    assert isinstance(answer, Refused)
    assert answer.reason is reason


def test_a_full_account_is_told_by_its_limit() -> None:
    """A refusal without flags for an available item is the limit when the account is full."""
    desk = Desk(
        {
            "11": reply_12("0NUN", "AH|"),
            "63": reply_64("", "BLY|CB0002|AUB7|AUB8|", charged="0002"),
            "17": reply_18(),
        }
    )
    assert desk.carry() == Refused(Reason.LIMIT_REACHED, "Emma")


@pytest.mark.parametrize("silent", ["63", "17"])
def test_a_refusal_stays_one_when_asking_why_fails(silent: str) -> None:
    """When the questions after a refusal are not answered, it is still a refusal, in bounded time."""
    replies: dict[str, str | bytes] = {"11": reply_12("0NUN", "AH|AFno|"), "63": reply_64(), "17": reply_18()}
    replies[silent] = b""
    desk = Desk(replies)
    assert desk.carry() == Refused(Reason.OTHER, "Emma", messages=("no",))
    assert desk.clock.monotonic() <= 10.0


def test_our_own_server_tells_the_exact_reason() -> None:
    """The central server's field names the reason, so nothing more is asked; other servers' fields do not
    count.
    """
    replies = {"11": reply_12("0NUN", "AH|ZRitem-reference|"), "63": reply_64(), "17": reply_18()}
    desk = Desk(replies, dialect="central")
    assert desk.carry() == Refused(Reason.ITEM_REFERENCE, "Emma")
    assert not desk.server.asked("63")
    assert Desk(replies).carry() == Refused(Reason.OTHER, "Emma")


def test_a_renewal_asks_29_and_is_granted() -> None:
    """A renewal is a 29 and its grant a longer loan of an item that is not released."""
    desk = Desk({"29": RENEWED})
    answer = desk.carry(RENEW)
    assert answer == Granted(
        Due(date(2026, 12, 20), "20261220    235900"), "Emma", release=False, magnetic=False, renewed=True
    )
    assert desk.server.asked("29") == [
        "29NN20261122    08045120261122    080451AOBIB|AAR0001234|ABB0000001|AC|"
    ]


@pytest.mark.parametrize(
    ("flags", "more", "reason"),
    [
        ("", "BLY|", Reason.NOT_ON_LOAN),
        ("", f"BLY|AU{ITEM}|", Reason.OTHER),
        ("YYYY      Y", f"BLY|AU{ITEM}|", Reason.FEES_OWED),
        (" Y     Y", f"BLY|AU{ITEM}|", Reason.RENEWAL_LIMIT),
    ],
)
def test_a_refused_renewal_is_told_why(flags: str, more: str, reason: Reason) -> None:
    """A renewal is refused because the loan is not theirs, because of a block, or because it was renewed
    enough.
    """
    charged = f"{more.count('AU'):04}"
    desk = Desk(
        {
            "29": reply_12("0NUN", "AH|").replace("12", "30", 1),
            "63": reply_64(flags, more, charged=charged),
            "17": reply_18("04"),
        }
    )
    answer = desk.carry(RENEW)
    assert isinstance(answer, Refused)
    assert answer.reason is reason


def test_a_renewal_is_not_asked_where_there_is_none() -> None:
    """A system without 29 is not asked for a renewal."""
    desk = Desk(changes={"supports": ["93", "99", "63", "11", "09", "17"]})
    assert desk.carry(RENEW) == Refused(Reason.NOT_PERMITTED_HERE)
    assert desk.server.requests == []


def test_a_loan_is_undone_by_taking_the_item_back() -> None:
    """Undoing is a 09 with the date of the loan, never an 11 with BI, and leaves the item secured."""
    desk = Desk({"09": CHECKED_IN})
    answer = desk.carry(UNDO)
    assert answer == Granted(Due(None), "Emma", release=False, magnetic=False)
    assert desk.server.requests[-1] == ("09N20261122    08045120261122    080451APdesk|AOBIB|ABB0000001|AC|")
    assert not any("BI" in request.split("BIB")[0] for request in desk.server.requests)


@pytest.mark.parametrize(("status", "reason"), [("03", Reason.NOT_ON_LOAN), ("04", Reason.OTHER)])
def test_an_undo_that_is_refused_says_how_the_item_stands(status: str, reason: Reason) -> None:
    """A refused 09 for an item that is in the library means that there was no loan."""
    desk = Desk({"09": CHECKED_IN.replace("101", "100"), "17": reply_18(status)})
    assert desk.carry(UNDO) == Refused(reason, "Emma")


def test_interlib_tells_success_in_words() -> None:
    """A GBK system that judges by its message lends, refuses and releases by what it says."""
    said = {"成功": Granted, "借书成功": Granted, "借书不成功": Refused, "该书不存在": Refused}
    for words, kind in said.items():
        desk = Desk(
            {"11": reply_12("0NUN", f"AF{words}|"), "63": reply_64(), "17": reply_18("07")},
            dialect="interlib-gbk",
        )
        answer = desk.carry()
        assert isinstance(answer, Granted | Refused)
        assert type(answer) is kind
        assert answer.messages == (words,)
        if isinstance(answer, Granted):
            assert answer.release
    assert desk.server.asked("93") == ["93  CNterm|COopen!|CPdesk|"]
    assert desk.server.asked("11")[0].endswith("|AC|CNterm|")
    assert all(b"AZ" not in raw for raw in desk.server.raw)


def test_a_reply_without_end_is_taken_where_the_system_sends_none() -> None:
    """A system that never ends its replies is understood after a short pause; others are not."""
    text = reply_12("1NNY", "AF借书成功|").encode("gb18030")
    script = {"93": b"941", "99": b"98YYYYYY60000320261122    1604512.00AOBIB|", "11": text}
    assert isinstance(Desk(script, dialect="interlib-gbk").carry(), Granted)


def test_dp2_counts_the_loans_still_allowed() -> None:
    """Where BZ is the number of loans left, the limit is that and the loans there are."""
    desk = Desk({"63": reply_64("", "BLY|BZ0003|AUB1|AUB2|", charged="0002")}, dialect="dp2")
    facts = desk.client.ask(AboutPatron(READER))
    assert isinstance(facts, PatronFacts)
    assert facts.loan_limit == 5


def test_dp2_checksums_over_characters_are_let_pass() -> None:
    """A reply with the constant digit and checksum of dp2 is read by its profile and by no other."""
    text = reply_12("1NNY", "AF成功|")
    data = f"{text}AY4AZ{-sum(map(ord, text)) & 0xFFFF:04X}\r".encode()
    assert isinstance(Desk({"11": data}, dialect="dp2").carry(), Granted)
    assert not isinstance(Desk({"11": data}).carry(), Granted)


@pytest.mark.parametrize("number", ["", " ", "B|1", "B1\r", "书1", "B" * 65])
def test_a_number_that_is_none_is_never_sent(number: str) -> None:
    """No request leaves with an empty or impossible number: nothing is sent and nothing was done."""
    desk = Desk({"11": reply_12(), "29": RENEWED})
    for promise in (
        Lend(ItemId(number), READER, AT),
        Lend(ITEM, PatronId(number), AT),
        Renew(ItemId(number), READER, AT),
    ):
        assert desk.carry(promise) == Refused(Reason.NOT_DONE)
    for question in (
        AboutPatron(PatronId(number)),
        AboutItem(ItemId(number)),
        EndOfSession(PatronId(number)),
    ):
        with pytest.raises(ValueError, match="identifier"):
            desk.client.ask(question)
    assert not any(desk.server.asked(message_id) for message_id in ("11", "29", "63", "17", "35"))


def test_several_entries_are_carried_in_order() -> None:
    """Entries of one call have one answer each, in their order."""
    desk = Desk({"11": [reply_12(), reply_12("0NUN", "AH|BV1.00|")]})
    first, second = (desk.carry(LEND) for _ in range(2))
    assert isinstance(first, Granted)
    assert isinstance(second, Refused)
