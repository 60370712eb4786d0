"""What a terminal and central say to each other over SIP2, without a socket between them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from sync.central import demo
from sync.central.faces.sip2.answers import Counter, DueForm
from sync.central.faces.sip2.conversation import GARBLED_MAX, Conversation, Ending
from sync.central.faces.sip2.texts import reason_text
from sync.central.store import tables as t
from sync.entries import Reason
from sync.servers.sip2.framing import checksum

NOW = "20260302    090000"
LOGIN = "9300CNkiosk1|COopen sesame|CPfloor1|"
FREE = demo.ITEMS_FREE


def checkout(item: str, patron: str = demo.READER, more: str = "", policy: str = "N") -> str:
    return f"11{policy}N{NOW}{NOW}AO|AA{patron}|AB{item}|{more}AC|"


def information(patron: str, pin: str = "", language: str = "001", summary: str = "  Y       ") -> str:
    return f"63{language}{NOW}{summary}AO|AA{patron}|AD{pin}|AC|"


def checked(text: str, sequence: int) -> bytes:
    body = f"{text}AY{sequence}AZ".encode()
    return body + checksum(body) + b"\r"


@pytest.fixture
def talk(counter: Counter) -> Conversation:
    """A conversation whose terminal is logged in."""
    conversation = Conversation(counter)
    assert conversation.feed(f"{LOGIN}\r".encode()) == [b"941\r"]
    return conversation


def ask(conversation: Conversation, text: str) -> str:
    (answer,) = conversation.feed(f"{text}\r".encode())
    return answer.decode().removesuffix("\r")


def loans(counter: Counter) -> int:
    with counter.store.reading() as connection:
        return connection.execute(select(func.count()).select_from(t.loans)).scalar_one()


GOLDEN = [
    ("9900802.00", f"98YYYYNY100003{NOW}2.00AODEMO|AM{demo.NAME}|BXYYYNYYYYYYYYNNYN|"),
    (
        information(demo.READER, demo.PIN),
        f"64              001{NOW}000100000000000000000000AODEMO|AA{demo.READER}|AE测试读者一|BZ0005|CA0000|CB0010|"
        "BLY|CQY|BHCNY|BV0.00|CC50.00|",
    ),
    (
        f"23001{NOW}AO|AA{demo.READER_OWES}|AC|AD|",
        f"24YY         Y  001{NOW}AODEMO|AA{demo.READER_OWES}|AEDemo Reader 14|BLY|BHCNY|BV62.50|"
        "AFYou owe more than the limit; please pay first|ZRfees-owed|",
    ),
    (
        checkout(FREE[0]),
        f"121NNY{NOW}AODEMO|AA{demo.READER}|AB{FREE[0]}|AJ西游记|AH20260401    235900|CK001|BK11|",
    ),
    (
        checkout(demo.ITEM_REFERENCE),
        f"120NUN{NOW}AODEMO|AA{demo.READER}|AB{demo.ITEM_REFERENCE}|AJ康熙字典|AH|CK001|"
        "AFReference works are for use in the library|ZRitem-reference|",
    ),
    (
        checkout(demo.ITEM_WITH_FEE),
        f"120NUN{NOW}AODEMO|AA{demo.READER}|AB{demo.ITEM_WITH_FEE}|AJ城市之光 City Lights (DVD)|AH|BT06|BHCNY|"
        "BV2.00|CK006|AFThere is a fee for this loan; please confirm|ZRfee-needs-consent|",
    ),
    (
        checkout(demo.ITEM_WITH_FEE, more="BOY|"),
        f"121NNY{NOW}AODEMO|AA{demo.READER}|AB{demo.ITEM_WITH_FEE}|AJ城市之光 City Lights (DVD)|"
        "AH20260310    235900|BT06|BHCNY|BV2.00|CK006|BK12|",
    ),
    (
        checkout(demo.ITEM_MAGNETIC),
        f"121NYY{NOW}AODEMO|AA{demo.READER}|AB{demo.ITEM_MAGNETIC}|AJ贵妃醉酒 京剧录音带|AH20260310    235900|"
        "CK004|BK13|",
    ),
    (
        checkout(demo.ITEM_STAYS_SECURED),
        f"121NNN{NOW}AODEMO|AA{demo.READER}|AB{demo.ITEM_STAYS_SECURED}|AJ馆内电子书阅读器 Demo e-reader|"
        "AH20260401    235900|CIY|CK001|BK14|",
    ),
    (
        f"29NN{NOW}{NOW}AO|AA{demo.READER}|AB{FREE[0]}|AC|",
        f"301YNN{NOW}AODEMO|AA{demo.READER}|AB{FREE[0]}|AJ西游记|AH20260501    235900|CK001|BK11|",
    ),
    (
        f"09N{NOW}{NOW}AP|AO|AB{demo.ITEM_WITH_FEE}|AC|",
        f"101YNN{NOW}AODEMO|AB{demo.ITEM_WITH_FEE}|AQ二楼视听 Media room|AJ城市之光 City Lights (DVD)|"
        f"CL3|AA{demo.READER}|CK006|AP二楼视听 Media room|CRmedia|CSJ937|AH20260310    235900|",
    ),
    (
        information(demo.READER),
        f"64              001{NOW}000100000003000000000000AODEMO|AA{demo.READER}|AE测试读者一|BZ0005|CA0000|CB0010|"
        f"BLY|BHCNY|BV0.00|CC50.00|AU{demo.ITEM_MAGNETIC}|AU{demo.ITEM_STAYS_SECURED}|AU{FREE[0]}|",
    ),
    (
        f"17{NOW}AO|AB{demo.ITEM_MAY_BE_INCOMPLETE}|AC|",
        f"18030001{NOW}CF0|AB{demo.ITEM_MAY_BE_INCOMPLETE}|AJDemo English Listening Course, book and CD|BGDEMO|"
        "CK009|AQ一楼 Ground floor|CRgeneral|ZP2|ZIY|CS428|",
    ),
    (
        f"17{NOW}AO|AB{demo.ITEM_SPECIAL}|AC|",
        f"18030001{NOW}CF0|AB{demo.ITEM_SPECIAL}|AJ永乐大典 影印本|BGDEMO|CK001|AQ四楼特藏 Special collection|"
        "AFSpecial collections are for use in the library|CRspecial|ZP1|ZIN|CSZ225|ZRitem-special-collection|",
    ),
    (f"35{NOW}AO|AA{demo.READER}|AC|", f"36Y{NOW}AODEMO|AA{demo.READER}|"),
]


def test_a_whole_session_reads_as_the_definition_says(talk: Conversation) -> None:
    """From status to the end of the session every answer is what SIP 2.00 and our extension fields promise."""
    assert [(request, ask(talk, request)) for request, _ in GOLDEN] == GOLDEN


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_requests_are_understood_however_their_bytes_arrive(counter: Counter, size: int) -> None:
    """Whole, byte by byte or in threes, with CR, CR LF or LF CR between: the same answers."""
    conversation = Conversation(counter)
    stream = "\r\n".join([LOGIN, *(request for request, _ in GOLDEN)]).encode() + b"\n\r"

    answers = [
        answer
        for start in range(0, len(stream), size)
        for answer in conversation.feed(stream[start : start + size])
    ]

    assert [answer.decode() for answer in answers] == ["941\r", *(f"{answer}\r" for _, answer in GOLDEN)]


@pytest.mark.parametrize(
    ("item", "patron", "reason"),
    [
        (demo.ITEM_ON_LOAN, demo.READER, Reason.ITEM_ON_LOAN_TO_OTHER),
        (demo.ITEM_ON_HOLD_FOR_OTHER, demo.READER, Reason.ITEM_ON_HOLD_FOR_OTHER),
        (demo.ITEM_AGE_16, demo.READER_CHILD, Reason.ITEM_AGE_RATING),
        (FREE[0], demo.READER_BLOCKED, Reason.PATRON_BLOCKED),
        (FREE[0], demo.READER_EXPIRED, Reason.PATRON_EXPIRED),
        (FREE[0], demo.READER_CARD_LOST, Reason.CARD_LOST),
        (FREE[0], demo.READER_AT_LIMIT, Reason.LIMIT_REACHED),
        ("1", demo.READER, Reason.ITEM_UNKNOWN),
        (FREE[0], "1", Reason.PATRON_UNKNOWN),
        ("", demo.READER, Reason.ITEM_UNKNOWN),
        (FREE[0], "", Reason.PATRON_UNKNOWN),
        ("张", demo.READER, Reason.ITEM_UNKNOWN),
    ],
)
def test_a_refusal_carries_its_exact_reason_and_a_sentence(
    talk: Conversation, counter: Counter, item: str, patron: str, reason: Reason
) -> None:
    """ZR is the reason for the machine, AF the sentence for the reader, and nothing is lent; empty numbers too."""
    before = loans(counter)

    answer = ask(talk, checkout(item, patron))

    assert answer.startswith("120NUN")
    assert f"|ZR{reason.value}|" in answer
    assert f"|AF{reason_text(reason, '000')}|" in answer
    assert loans(counter) == before


@pytest.mark.parametrize(
    ("patron", "status", "reason"),
    [
        (demo.READER_CARD_LOST, "YYYYY         ", "card-lost"),
        (demo.READER_BLOCKED, "YYYY          ", "patron-blocked"),
        (demo.READER_EXPIRED, "YYYY          ", "patron-expired"),
        (demo.READER_AT_LIMIT, "     Y        ", "limit-reached"),
        (demo.READER_OWES, "YY         Y  ", "fees-owed"),
        (demo.READER_OVERDUE, "YY    Y       ", "loans-overdue"),
        ("1", "YYYY          ", "patron-unknown"),
    ],
)
def test_a_stopped_card_shows_in_flags_and_reason(
    talk: Conversation, patron: str, status: str, reason: str
) -> None:
    """The fourteen flags say what a plain terminal needs, ZR what ours does; only an unknown card is not valid."""
    answer = ask(talk, information(patron))

    assert answer[2:16] == status
    assert answer.endswith(f"|ZR{reason}|")
    assert ("|BLN|" in answer) == (patron == "1")


def test_a_wrong_pin_shows_nothing_of_the_account(talk: Conversation) -> None:
    """Behind a wrong PIN there is no name, no count and no list; a card without PIN has no right one."""
    wrong = ask(talk, information(demo.READER_WITH_LOAN, "9999"))
    without = ask(talk, information(demo.READER_WITHOUT_PIN, demo.PIN))

    assert wrong.endswith(
        f"000000000000000000000000AODEMO|AA{demo.READER_WITH_LOAN}|AE|BLY|CQN|AFThe PIN is wrong|ZRwrong-pin|"
    )
    assert "|CQN|" in without


def test_a_pin_sent_with_a_checkout_counts(talk: Conversation) -> None:
    """Other servers ignore AD in 11; here a wrong one lends nothing and a right one does."""
    wrong = ask(talk, checkout(FREE[0], more="AD9999|"))
    right = ask(talk, checkout(FREE[0], more=f"AD{demo.PIN}|"))

    assert "|ZRwrong-pin|" in wrong
    assert right.startswith("121")


def test_a_readers_own_loan_is_renewed_only_where_the_terminal_says_so(talk: Conversation) -> None:
    """With SC renewal policy N a second checkout is refused as the reader's own; with Y it renews and says so."""
    first, second, third = (ask(talk, checkout(FREE[0], policy=policy)) for policy in "YNY")

    assert first.startswith("121N")
    assert second.startswith("120N")
    assert "|ZRalready-yours|" in second
    assert third.startswith("121Y")


def test_a_request_to_cancel_never_lends(talk: Conversation, counter: Counter) -> None:
    """BI=Y in a checkout is refused; real servers lend the book."""
    before = loans(counter)

    answer = ask(talk, checkout(FREE[0], more="BIY|"))

    assert answer.startswith("120NUN")
    assert loans(counter) == before


def test_the_language_of_the_reader_is_kept_until_the_session_ends(talk: Conversation) -> None:
    """After a request in Chinese (019) messages are Chinese, after the end of the session English again."""
    ask(talk, information(demo.READER, language="019"))
    chinese = ask(talk, checkout(demo.ITEM_REFERENCE))
    ask(talk, f"35{NOW}AO|AA{demo.READER}|AC|")
    english = ask(talk, checkout(demo.ITEM_REFERENCE))

    assert "|AF工具书仅供馆内阅览|" in chinese
    assert "|AFReference works are for use in the library|" in english


def test_every_reason_has_a_sentence_of_its_own_in_both_languages() -> None:
    """No two reasons are told with the same words."""
    for language in ("019", "001"):
        sentences = [reason_text(reason, language) for reason in Reason]
        assert len(set(sentences)) == len(sentences)


def test_lists_are_paged_and_only_one_is_sent(talk: Conversation) -> None:
    """BP and BQ cut the list, and of several Ys in the summary the first counts."""
    paged = ask(talk, information(demo.READER_AT_LIMIT).replace("AC|", "BP2|BQ3|AC|"))
    greedy = ask(talk, information(demo.READER_WITH_HOLDS, summary="Y YYYYYYYY"))

    assert paged.count("|AU") == 2
    assert greedy.count(f"|AS{demo.ITEM_ON_HOLD_FOR_OTHER}|") == 1
    assert "|CD" not in greedy


def test_due_dates_can_be_sent_as_iso(counter: Counter) -> None:
    """AH is a plain day where the installer wants that."""
    conversation = Conversation(Counter(counter.store, counter.library, counter.judge, DueForm.ISO))
    conversation.feed(f"{LOGIN}\r".encode())

    assert "|AH2026-04-01|" in ask(conversation, checkout(FREE[0]))


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_titles_and_names_survive_the_charset(counter: Counter, charset: str) -> None:
    """Rare characters come whole in UTF-8 and GB18030, and checksums count the bytes that are sent."""
    conversation = Conversation(counter, charset)
    conversation.feed(f"{LOGIN}\r".encode())

    (answer,) = conversation.feed(checked(information(demo.READER_RARER_NAME), 4))

    assert "|AE测试读者𠮷镕|" in answer.decode(charset)
    assert b"|AY4AZ" in answer
    assert checksum(answer[:-5]) == answer[-5:-1]


# --- What bad input gets ---


@pytest.mark.parametrize(
    "request_text", [checkout(FREE[0]), "9900802.00", information(demo.READER), f"35{NOW}AO|AA1|AC|"]
)
def test_nothing_is_answered_before_the_login(counter: Counter, request_text: str) -> None:
    """A terminal that has not logged in gets no answer, nothing is done, and the connection is over."""
    conversation = Conversation(counter)
    before = loans(counter)

    assert conversation.feed(f"{request_text}\r{LOGIN}\r".encode()) == []
    assert conversation.ending is Ending.NOT_LOGGED_IN
    assert loans(counter) == before


@pytest.mark.parametrize(
    "login",
    [
        "9300CNkiosk1|COwrong|",
        "9300CNnobody|COopen sesame|",
        "9310CNkiosk1|COopen sesame|",
        "9300CNkiosk1|CO|",
        "9300CN|CO|",
    ],
)
def test_a_wrong_login_is_refused_three_times_and_then_the_connection_ends(
    counter: Counter, login: str
) -> None:
    """Name, secret and algorithm have to be right; guessing is over after three tries."""
    conversation = Conversation(counter)

    assert conversation.feed(f"{login}\r".encode() * 5) == [b"940\r"] * 3
    assert conversation.ending is Ending.LOGIN_REFUSED


def test_a_wrong_checksum_executes_nothing(talk: Conversation, counter: Counter) -> None:
    """A frame whose checksum does not fit is asked for again (96), and its clean copy is then executed once."""
    before = loans(counter)
    good = checked(checkout(FREE[0]), 3)
    bad = good.replace(FREE[0].encode(), FREE[1].encode())

    assert talk.feed(bad) == [b"96AZFEF6\r"]
    assert loans(counter) == before
    (answer,) = talk.feed(good)
    assert answer.startswith(b"121")
    assert b"|AY3AZ" in answer
    assert loans(counter) == before + 1


def test_a_repeated_request_gets_its_answer_again_and_is_not_executed_again(
    talk: Conversation, counter: Counter
) -> None:
    """The same sequence digit and checksum give the same bytes; the next digit is a new request."""
    request = checked(checkout(FREE[0], policy="Y"), 5)
    first, second = talk.feed(request + request)
    (third,) = talk.feed(checked(checkout(FREE[0], policy="Y"), 6))

    assert first == second
    assert third.startswith(b"121Y")
    with counter.store.reading() as connection:
        assert connection.execute(
            select(t.loans.c.renewals).where(t.loans.c.item == FREE[0])
        ).scalars().all() == [1]


def test_a_resend_request_repeats_this_connections_last_answer_only(
    talk: Conversation, counter: Counter
) -> None:
    """97 gives the last answer as often as asked; on a new connection there is none to give."""
    (answer,) = talk.feed(checked(checkout(FREE[0]), 1))

    assert talk.feed(b"97\r97AZFEF5\r") == [answer, answer]
    assert Conversation(counter).feed(b"97AZFEF5\r") == [b"96AZFEF6\r"]
    assert Conversation(counter).feed(b"97\r") == [b"96\r"]


@pytest.mark.parametrize(
    "garbled",
    ["XX", "11", "11NN2026", "1", "85201", "9900", "12345", "\x01\x02", "|||"],
)
def test_what_is_no_whole_request_is_asked_for_again(
    talk: Conversation, counter: Counter, garbled: str
) -> None:
    """Unknown ids and fixed parts that are cut short are answered 96 and do nothing."""
    before = loans(counter)

    (answer,) = talk.feed(f"{garbled}\r".encode())

    assert answer == b"96\r"
    assert loans(counter) == before


def test_endless_garbage_ends_the_connection(talk: Conversation) -> None:
    """After five unreadable requests in a row the line is given up; a good one between them starts anew."""
    four = b"garbage\r" * (GARBLED_MAX - 1)
    assert len(talk.feed(four + b"9900802.00\r" + four)) == 2 * GARBLED_MAX - 1
    assert talk.ending is None

    talk.feed(b"garbage\r")

    assert talk.ending is Ending.GARBLED
    assert talk.feed(b"9900802.00\r") == []


def test_a_request_without_an_end_is_never_executed(talk: Conversation, counter: Counter) -> None:
    """A checkout that is cut before its CR does nothing, however complete it looks."""
    before = loans(counter)

    assert talk.feed(checkout(FREE[0]).encode()) == []
    assert loans(counter) == before


def test_a_request_of_absurd_length_ends_the_connection(talk: Conversation) -> None:
    """Megabytes without an end are not collected."""
    for _ in range(3):
        talk.feed(b"11" + b"A" * 4000)

    assert talk.ending is Ending.TOO_LONG


def test_empty_frames_are_ignored(talk: Conversation) -> None:
    """Bare line ends neither hang nor end the connection."""
    assert talk.feed(b"\r\n\r\r\n\r\r") == []
    assert ask(talk, "9900802.00").startswith("98YYYYNY")
