"""Items that come back: what is said, what is understood, and what is never kept."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest

from sync.entries import (
    Alert,
    Due,
    Entry,
    GiveBack,
    Granted,
    Intended,
    ItemId,
    Money,
    PatronId,
    Reason,
    Refused,
    Silence,
    TakenBack,
)
from sync.servers.sip2.profile import profile_names
from tests.sync.servers.sip2.conftest import AT, ITEM, KEY, Desk, reply_18

BACK = GiveBack(ITEM, AT, was_on_loan=True, due_before=Due(date(2026, 11, 20), "2026-11-20"))
AGAIN = GiveBack(ITEM, AT, was_on_loan=False)
NOT_TOLD = GiveBack(ITEM, AT)
GARBAGE = "C4::SIP::SIPServer=HASH(0x55f80fe32870)"


def reply_10(flags: str = "1YNN", more: str = "AQMain|AJEmma|") -> str:
    """A check-in response in the order Koha has it."""
    return f"10{flags}20261122    160453AOBIB|AB{ITEM}|{more}"


def taken(answer: object) -> TakenBack:
    assert isinstance(answer, Granted)
    assert answer.back is not None
    return answer.back


def test_a_return_is_told_with_its_place_and_its_time() -> None:
    """A return is one 09 with the place and the moment the item came in, and no BI."""
    desk = Desk({"09": reply_10()})
    answer = desk.carry(BACK)
    assert answer == Granted(
        Due(date(2026, 11, 20), "2026-11-20"),
        "Emma",
        release=False,
        magnetic=False,
        back=TakenBack(was_on_loan=True, home="Main"),
    )
    assert desk.server.requests[-1] == "09N20261122    08045120261122    080451APdesk|AOBIB|ABB0000001|AC|"


@pytest.mark.parametrize("dialect", profile_names())
def test_a_return_is_never_called_off(dialect: str) -> None:
    """No system is ever sent BI with what lies at the terminal, nor no block while it is told at once."""
    desk = Desk(
        {"09": reply_10(more="AQMain|AJEmma|AF成功|" if "gbk" in dialect else "AQ|")}, dialect=dialect
    )
    desk.carry(BACK)
    (request,) = desk.server.asked("09")
    assert request.startswith("09N")
    assert "|BI" not in request


@pytest.mark.parametrize(
    ("dialect", "flag"),
    [("central", "Y"), ("alma", "Y"), ("koha", "N"), ("evergreen", "N"), ("standard", "N")],
)
@pytest.mark.parametrize("later", [timedelta(hours=3), timedelta(days=40)])
def test_a_return_told_later_says_when_it_was(dialect: str, flag: str, later: timedelta) -> None:
    """By the server's clock; as something that has happened only where that is honoured."""
    desk = Desk({"09": reply_10()}, dialect=dialect)
    desk.clock.wait(later.total_seconds())
    entry = Entry(KEY, BACK, (Intended(KEY, AT, BACK),), offset_seconds=900.0)
    desk.client.carry([entry])
    assert desk.server.asked("09")[0].startswith(f"09{flag}20261122    08195120261122    081951AP")


def test_all_that_is_told_of_an_item_is_understood() -> None:
    """Whose loan ended, where it goes and why, and what being late costs."""
    more = (
        "AQMain|AJEmma|CL3|AAR0001234|CK005|CRJuvenile|CSFIC 1|CTEAST|CV02|CYR0009|DAZyxel Quintana|APWEST|"
        "AH2026-11-18|BHCNY|BV0.70|AFReserved for Zyxel|AGslip|"
    )
    assert Desk({"09": reply_10("1YUY", more)}).carry(BACK) == Granted(
        Due(date(2026, 11, 18), "2026-11-18"),
        "Emma",
        release=False,
        magnetic=True,
        fee=Money(70, "CNY"),
        back=TakenBack(
            was_on_loan=True,
            patron=PatronId("R0001234"),
            hold_patron=PatronId("R0009"),
            alert=Alert.HOLD_AT_BRANCH,
            sort_bin="3",
            destination="EAST",
            location="WEST",
            home="Main",
            collection="Juvenile",
            call_number="FIC 1",
        ),
    )


@pytest.mark.parametrize(
    ("flag", "more", "alert"),
    [
        ("Y", "CV01|", Alert.HOLD_HERE),
        ("Y", "CV02|", Alert.HOLD_AT_BRANCH),
        ("Y", "CV03|", Alert.HOLD_FOR_ILL),
        ("Y", "CV04|", Alert.OTHER_BRANCH),
        ("1", "CV04|", Alert.OTHER_BRANCH),
        ("N", "CV01|", Alert.HOLD_HERE),
        ("Y", "CV99|", Alert.OTHER),
        ("Y", "CV98|", Alert.OTHER),
        ("Y", "CV00|", Alert.OTHER),
        ("N", "CV00|", None),
        ("N", "CV99|", None),
        ("0", "", None),
        ("Y", "", Alert.OTHER),
        ("Y", "CYR0009|", Alert.HOLD_HERE),
        ("Y", "CYR0009|CTEAST|", Alert.HOLD_AT_BRANCH),
        ("Y", "CYR0009|CTdesk|", Alert.HOLD_HERE),
        ("Y", "CTEAST|", Alert.OTHER_BRANCH),
        ("Y", "CTdesk|", Alert.OTHER),
        ("Y", f"CY{GARBAGE}|", Alert.OTHER),
        ("N", "CTEAST|", None),
    ],
)
def test_an_alert_says_why_with_and_without_a_code(flag: str, more: str, alert: Alert | None) -> None:
    """CV tells it; without CV it is told by who waits and where the item goes; flags may be Y or 1."""
    assert taken(Desk({"09": reply_10(f"1YN{flag}", f"AQMain|{more}")}).carry(BACK)).alert is alert


@pytest.mark.parametrize(
    ("flag", "dialect", "secure"),
    [("Y", "standard", True), ("N", "standard", False), (" ", "standard", True), ("N", "interlib-gbk", True)],
)
def test_an_item_stays_secured_unless_the_server_says_no(flag: str, dialect: str, secure: bool) -> None:
    """Only a clear N of a system whose flags count keeps an item from being armed."""
    reply = reply_10(f"1{flag}NN", "AQMain|AJEmma|AF成功|")
    assert taken(Desk({"09": reply}, dialect=dialect).carry(BACK)).secure is secure


@pytest.mark.parametrize(
    ("dialect", "more", "promise", "was_on_loan"),
    [
        ("koha", "AAR0001234|", NOT_TOLD, True),
        ("koha", "AAR0001234|", AGAIN, True),
        ("koha", "", BACK, False),
        ("evergreen", "", NOT_TOLD, False),
        ("standard", "", BACK, True),
        ("standard", "", AGAIN, False),
        ("standard", "", NOT_TOLD, None),
        ("standard", f"AA{GARBAGE}|", NOT_TOLD, None),
    ],
)
def test_whether_a_loan_ended_is_told_or_not_said(
    dialect: str, more: str, promise: GiveBack, was_on_loan: bool | None
) -> None:
    """By the borrower's number where the system names them, else as the item stood before, else not at all."""
    assert (
        taken(Desk({"09": reply_10(more=f"AQMain|{more}")}, dialect=dialect).carry(promise)).was_on_loan
        is was_on_loan
    )


@pytest.mark.parametrize(
    ("flags", "more", "item", "reason"),
    [
        # What a server says of an item without a loan, and how the item stands then.
        ("0YNN", "AQMain|AJEmma|", reply_18("03"), None),
        ("0YNN", "AQMain|", reply_18("08"), None),
        ("0NUN", "AQMain|", reply_18("10"), None),
        ("0YNN", "AQMain|", reply_18("01"), None),
        ("0NNN", "AQMain|", reply_18("01"), Reason.OTHER),
        ("0YNN", "AQMain|", b"", None),
        ("0NNN", "AQMain|", b"", Reason.OTHER),
        # What it says of an item it does not know.
        ("0NUN", "", reply_18("01", title=""), Reason.ITEM_UNKNOWN),
        ("0NUN", "AQ|AJ|", b"", Reason.ITEM_UNKNOWN),
        ("0NNY", "CV99|", b"", Reason.ITEM_UNKNOWN),
        ("0NNY", "CV99|", reply_18("01", title=""), Reason.ITEM_UNKNOWN),
        ("0YNN", "", reply_18("03"), None),
        # And of one it does not take here.
        ("0NNN", "AQMain|", reply_18("04"), Reason.NOT_RETURNABLE_HERE),
        ("0YNN", "AQMain|", reply_18("04"), Reason.NOT_RETURNABLE_HERE),
        ("0NNY", "AQMain|CV99|", reply_18("03"), Reason.NOT_RETURNABLE_HERE),
        ("0NNY", "AQMain|CV99|", b"", Reason.NOT_RETURNABLE_HERE),
        ("0NNY", "AQMain|CV98|", reply_18("01"), Reason.NOT_RETURNABLE_HERE),
        ("0NNY", "AQMain|CV00|", reply_18("03"), Reason.NOT_RETURNABLE_HERE),
        ("0NNN", "AQMain|", reply_18("12"), Reason.ITEM_LOST),
    ],
)
def test_a_reply_that_is_not_ok_is_asked_about(
    flags: str, more: str, item: str | bytes, reason: Reason | None
) -> None:
    """One flag means three things; how the item stands tells them apart, and no sentence is read."""
    answer = Desk({"09": reply_10(flags, f"{more}AFNot checked out|"), "17": item}).carry(NOT_TOLD)
    if reason is None:
        assert taken(answer).was_on_loan is False
    else:
        assert isinstance(answer, Refused)
        assert answer.reason is reason


def test_our_own_server_tells_the_reason() -> None:
    """The central server's field names it, so nothing more is asked."""
    desk = Desk({"09": reply_10("0NUY", "CV99|ZRitem-unknown|"), "17": reply_18()}, dialect="central")
    assert desk.carry(BACK) == Refused(Reason.ITEM_UNKNOWN)
    assert not desk.server.asked("17")


def test_words_of_a_profile_tell_a_reason() -> None:
    """What a library knows its system to say is a profile's word; anything else is asked about."""
    changes = {"reason_words": {"WRONGBRANCH": "not-returnable-here"}}
    replies = {"09": reply_10("0YNN", "AQMain|AFcode WRONGBRANCH|"), "17": reply_18("03")}
    answer = Desk(replies, dialect="koha", changes=changes).carry(BACK)
    assert isinstance(answer, Refused)
    assert answer.reason is Reason.NOT_RETURNABLE_HERE


def test_interlib_takes_back_by_words() -> None:
    """Where words count the flag does not, and without words nothing is believed."""
    said = {"还书成功": Granted, "还书失败": Refused, "": Silence}
    for words, kind in said.items():
        replies = {"09": reply_10("0NNN", f"AJEmma|AF{words}|"), "17": reply_18("07")}
        desk = Desk(replies, dialect="interlib-gbk")
        answer = desk.carry(BACK)
        assert type(answer) is kind
        assert desk.server.asked("09")[0].endswith("|AC|CNterm|")


@pytest.mark.parametrize("reply", [reply_10().replace(ITEM, "B9"), reply_10().replace(f"AB{ITEM}", "AB")])
def test_a_reply_about_another_item_is_no_answer(reply: str) -> None:
    """A grant for another item, or for none, ends no return."""
    assert Desk({"09": reply}).carry(BACK) == Silence("deadline")


def test_a_return_without_a_number_is_never_sent() -> None:
    """An empty or impossible number goes over no line."""
    desk = Desk({"09": reply_10()})
    assert desk.carry(GiveBack(ItemId(""), AT)) == Refused(Reason.NOT_DONE)
    assert not desk.server.asked("09")


def test_what_a_server_prints_of_itself_is_no_reader() -> None:
    """Garbage in AA, CY and DA is neither kept nor shown, and the return is understood."""
    more = f"AQCPL|AJMort|AAP0001|CSFIC 1|CY{GARBAGE}|DA{GARBAGE}|"
    back = taken(Desk({"09": reply_10(more=more)}, dialect="koha").carry(BACK))
    assert (back.patron, back.hold_patron, back.alert) == (PatronId("P0001"), None, None)
    assert "HASH" not in repr(back)


def test_nobody_who_is_named_in_a_reply_is_printed(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the reader nor who waits stands in a log line or in the printed answer."""
    caplog.set_level(logging.DEBUG)
    more = "AQMain|AJEmma|AAR7391746|CV01|CYR5550123|DAZyxel Quintana|AFfor ZYXEL QUINTANA|"
    answer = Desk({"09": reply_10("1YNY", more)}).carry(BACK)
    refused = Desk({"09": reply_10("0YNN", more), "17": reply_18("04")}).carry(BACK)
    everything = caplog.text + repr(answer) + repr(refused)
    assert [one for one in ("R7391746", "R5550123", "Quintana", "QUINTANA") if one in everything] == []
    assert taken(answer).hold_patron == PatronId("R5550123")


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ("AAR7391746|AFPut it on the cart|AFthank you|", ("Put it on the cart", "thank you")),
        ("AAR7391746|AEQuintana, Zyxel|AFThank you, Zyxel|AFbye|", ("bye",)),
        ("AAR7391746|AFlent to r7391746 until today|AFbye|", ("bye",)),
        ("AAR7391746|AE欧阳锋|AF欧阳锋，谢谢|AF再见|", ("再见",)),
        ("CYR5550123|AFreserved for Zyxel Quintana|", ()),
        ("CV01|AFreserved for Zyxel Quintana|", ()),
        ("AA1|AFplease take 1 step back|", ("please take 1 step back",)),
    ],
)
@pytest.mark.parametrize("flags", ["1YNY", "0YNN"])
def test_whoever_brings_a_book_reads_nothing_about_anybody(
    flags: str, more: str, shown: tuple[str, ...]
) -> None:
    """A server's words are shown where they name neither the reader nor who waits; of a held item none are."""
    desk = Desk({"09": reply_10(flags, f"AQMain|AJEmma|{more}"), "17": reply_18("04")})
    answer = desk.carry(BACK)
    assert isinstance(answer, Granted | Refused)
    assert answer.messages == shown
