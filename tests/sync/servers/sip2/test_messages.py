"""Messages in both directions, as the definition has them and as servers send them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from drivers.masked import Secret
from sync.entries import Due, Money, PatronId
from sync.servers.sip2.messages import (
    BadMessage,
    BadValue,
    Checkin,
    CheckinResponse,
    Checkout,
    CheckoutResponse,
    EndSession,
    EndSessionResponse,
    FeePaid,
    FeePaidResponse,
    ItemInformation,
    ItemInformationResponse,
    ItemStatusUpdate,
    ItemStatusUpdateResponse,
    Login,
    LoginResponse,
    Message,
    PatronFlag,
    PatronInformation,
    PatronInformationResponse,
    PatronStatusRequest,
    PatronStatusResponse,
    RenewRequest,
    RenewResponse,
    ResendRequest,
    ServerResendRequest,
    ServerStatus,
    Summary,
    TerminalStatus,
    amount,
    decode,
    encode,
)

AT = datetime(2026, 11, 22, 16, 4, 51)
AT_TEXT = "20261122    160451"
DUE = Due(date(2026, 12, 20), "20261220    235900")
READER = PatronId("R0001")
PIN = Secret("1234")
TERMINAL = Secret("t0")

BOTH_WAYS: list[tuple[str, Message]] = [
    ("9300CNterm|COopen!|CPdesk|", Login("0", "0", "term", Secret("open!"), "desk")),
    ("93  CNterm|COopen!|CP|", Login(" ", " ", "term", Secret("open!"))),
    ("941", LoginResponse(True)),
    ("940AFno such account|", LoginResponse(False, ("no such account",))),
    ("9900802.00", TerminalStatus("0", 80, "2.00")),
    (
        f"98YNYYNN600003{AT_TEXT}2.00AOBIB|AMTown|BXYYYYYYYYYYYYYYYY|AFhello|",
        ServerStatus(
            True,
            False,
            True,
            True,
            False,
            False,
            600,
            3,
            AT,
            "2.00",
            "BIB",
            "Town",
            "Y" * 16,
            screen_messages=("hello",),
        ),
    ),
    ("97", ResendRequest()),
    ("96", ServerResendRequest()),
    (
        f"23019{AT_TEXT}AOBIB|AAR0001|AD1234|ACt0|",
        PatronStatusRequest("019", AT, "BIB", READER, PIN, TERMINAL),
    ),
    (
        f"24YY  Y         001{AT_TEXT}AOBIB|AAR0001|AEAda|BLY|CQN|AFsee staff|",
        PatronStatusResponse(
            PatronFlag.CHARGE_DENIED | PatronFlag.RENEWAL_DENIED | PatronFlag.CARD_LOST,
            "001",
            AT,
            "BIB",
            READER,
            "Ada",
            is_valid=True,
            is_password_valid=False,
            screen_messages=("see staff",),
        ),
    ),
    (
        f"63019{AT_TEXT}  Y       AOBIB|AAR0001|AD1234|BP6|BQ10|ACt0|",
        PatronInformation("019", AT, Summary.CHARGED, "BIB", READER, PIN, 6, 10, TERMINAL),
    ),
    (
        f"64              019{AT_TEXT}000000010002    00000000"
        "AOBIB|AAR0001|AE王芳|BZ0005|CA0003|CB0010|BLY|CQY|BHCNY|BV1.50|AUB1|AUB2|AF您好|XX7|",
        PatronInformationResponse(
            PatronFlag(0),
            "019",
            AT,
            0,
            1,
            2,
            None,
            0,
            0,
            "BIB",
            READER,
            "王芳",
            5,
            3,
            10,
            True,
            True,
            "CNY",
            "1.50",
            charged_items=("B1", "B2"),
            screen_messages=("您好",),
            extra=(("XX", "7"),),
        ),
    ),
    (
        f"11NN{AT_TEXT}{AT_TEXT}AOBIB|AAR0001|ABB1|BOY|AC|",
        Checkout(False, False, AT, AT, "BIB", READER, "B1", fee_acknowledged=True),
    ),
    (
        f"121NUY{AT_TEXT}AOBIB|AAR0001|ABB1|AJEmma|AH{DUE.text}|CIN|CK001|AFone|AFtwo|AGslip|",
        CheckoutResponse(
            True,
            False,
            None,
            True,
            AT,
            "BIB",
            READER,
            "B1",
            "Emma",
            DUE,
            security_inhibit=False,
            media_type="001",
            screen_messages=("one", "two"),
            print_lines=("slip",),
        ),
    ),
    (
        f"120NUN{AT_TEXT}AOBIB|AAR0001|ABB1|AJEmma|AH|BT06|BHCNY|BV2.00|ZRfee-needs-consent|",
        CheckoutResponse(
            False,
            False,
            None,
            False,
            AT,
            "BIB",
            READER,
            "B1",
            "Emma",
            fee_type="06",
            currency="CNY",
            fee_amount="2.00",
            extra=(("ZR", "fee-needs-consent"),),
        ),
    ),
    (
        f"29NN{AT_TEXT}{AT_TEXT}AOBIB|AAR0001|ABB1|AC|",
        RenewRequest(False, False, AT, AT, "BIB", READER, "B1"),
    ),
    (
        f"301YNN{AT_TEXT}AOBIB|AAR0001|ABB1|AJEmma|AH{DUE.text}|",
        RenewResponse(True, True, False, False, AT, "BIB", READER, "B1", "Emma", DUE),
    ),
    (f"09N{AT_TEXT}{AT_TEXT}APdesk|AOBIB|ABB1|AC|", Checkin(False, AT, AT, "desk", "BIB", "B1")),
    (
        f"101YNN{AT_TEXT}AOBIB|ABB1|AQMAIN|AJEmma|CL2|AAR0001|CV01|",
        CheckinResponse(
            True, True, False, False, AT, "BIB", "B1", "MAIN", "Emma", "2", READER, alert_type="01"
        ),
    ),
    (
        f"101UNY{AT_TEXT}AOBIB|ABB1|AQMAIN|CV02|CTEAST|APWEST|CRJuvenile|CSML 25|CYR0002|AH2026-11-30|BHCNY|BV0.70|",
        CheckinResponse(
            True,
            None,
            False,
            True,
            AT,
            "BIB",
            "B1",
            "MAIN",
            alert_type="02",
            destination="EAST",
            location="WEST",
            collection="Juvenile",
            call_number="ML 25",
            hold_patron=PatronId("R0002"),
            due=Due(date(2026, 11, 30), "2026-11-30"),
            currency="CNY",
            fee_amount="0.70",
        ),
    ),
    (
        f"19{AT_TEXT}AOBIB|ABB1|CHneeds care: damaged|AC|",
        ItemStatusUpdate(AT, "BIB", "B1", "needs care: damaged"),
    ),
    (
        f"201{AT_TEXT}ABB1|AJEmma|CHdamaged|AFthank you|",
        ItemStatusUpdateResponse(True, AT, "B1", "Emma", "damaged", ("thank you",)),
    ),
    (
        f"37{AT_TEXT}0402CNYAOBIB|AAR0001|CG17|BKT1|BV6.50|AC|",
        FeePaid(AT, "04", "02", "CNY", "BIB", READER, fee="17", transaction="T1", amount="6.50"),
    ),
    (
        f"38Y{AT_TEXT}AOBIB|AAR0001|BK4711|AFpaid|",
        FeePaidResponse(True, AT, "BIB", READER, "4711", ("paid",)),
    ),
    (f"17{AT_TEXT}AOBIB|ABB1|AC|", ItemInformation(AT, "BIB", "B1")),
    (
        f"18030001{AT_TEXT}CF2|AH{DUE.text}|ABB1|AJEmma|CK001|ZP3|ZIN|",
        ItemInformationResponse(
            "03",
            "00",
            "01",
            AT,
            2,
            DUE,
            item="B1",
            title="Emma",
            media_type="001",
            extra=(("ZP", "3"), ("ZI", "N")),
        ),
    ),
    (f"35{AT_TEXT}AOBIB|AAR0001|AC|", EndSession(AT, "BIB", READER)),
    (f"36Y{AT_TEXT}AOBIB|AAR0001|AFbye|", EndSessionResponse(True, AT, "BIB", READER, ("bye",))),
]


@pytest.mark.parametrize(("text", "message"), BOTH_WAYS, ids=lambda value: str(value)[:2])
def test_a_message_reads_and_writes_the_same(text: str, message: Message) -> None:
    """Each message is one value in both directions."""
    assert decode(text) == message
    assert encode(message) == text
    assert hash(decode(text)) == hash(message)


@pytest.mark.parametrize(
    ("message_id", "length"),
    [
        ("93", 4),
        ("99", 10),
        ("23", 23),
        ("63", 33),
        ("11", 40),
        ("09", 39),
        ("29", 40),
        ("17", 20),
        ("35", 20),
        ("98", 36),
        ("24", 37),
        ("64", 61),
        ("12", 24),
        ("30", 24),
        ("10", 24),
        ("18", 26),
        ("36", 21),
        ("19", 20),
        ("20", 21),
        ("37", 27),
        ("38", 21),
    ],
)
def test_the_fixed_part_has_the_length_of_the_definition(message_id: str, length: int) -> None:
    """Of each message that has fields, the first one begins where the definition says."""
    text, message = next((text, message) for text, message in BOTH_WAYS if message.id == message_id)
    first = text[length : length + 2]
    assert first.isalpha() or (message_id, first) == ("99", "")
    assert decode(text) == message


def test_fields_may_come_in_any_order_and_the_first_value_counts() -> None:
    """Order does not matter, the first of two values counts, and an empty one is no value."""
    text = f"121NNY{AT_TEXT}AJEmma|ABB1|AH|AA|AAR0001|AAR0002|AH{DUE.text}|AO|AOBIB|"
    assert decode(text) == CheckoutResponse(True, False, False, True, AT, "BIB", READER, "B1", "Emma", DUE)


def test_unknown_fields_are_kept_in_order() -> None:
    """Fields nobody knows, repeated ones too, stay as pairs in the order they came."""
    reply = decode(f"101YNN{AT_TEXT}AOBIB|ABB1|XYX=HASH(0x1)|DAX=HASH(0x1)|KC1|XYagain|AQ|")
    assert reply.extra == (("XY", "X=HASH(0x1)"), ("DA", "X=HASH(0x1)"), ("KC", "1"), ("XY", "again"))
    assert reply.extra_value("XY") == "X=HASH(0x1)"
    assert reply.extra_value("ZZ") == ""


def test_a_raw_delimiter_in_a_title_does_not_become_a_field() -> None:
    """What follows a stray delimiter and cannot be a field is kept aside, without an id."""
    reply = decode(f"121NNY{AT_TEXT}AOBIB|AAR0001|ABB1|AJWar | and peace|AH|")
    assert isinstance(reply, CheckoutResponse)
    assert reply.title == "War "
    assert reply.extra == (("", " and peace"),)


@pytest.mark.parametrize(
    "text",
    [
        "121NNY20261122160451AOBIB|AAR0001|ABB1|AJEmma|AH|",
        "121NNY20261122   160451AOBIB|AAR0001|ABB1|AJEmma|AH|",
        f"121NNY{AT_TEXT}|AOBIB|AAR0001|ABB1|AJEmma|AH|",
        f"121NNY{AT_TEXT}AOBIB|AAR0001|ABB1|AJEmma",
    ],
)
def test_a_fixed_part_as_servers_send_it_is_read(text: str) -> None:
    """Dates of 14 and 17 characters, a delimiter before the first field and none after the last change
    nothing.
    """
    assert decode(text) == CheckoutResponse(True, False, False, True, AT, "BIB", READER, "B1", "Emma")


@pytest.mark.parametrize(
    ("text", "timeout", "retries", "version"),
    [
        (f"98YNNYNN000000{AT_TEXT}2.0EAOBIB|", 0, 0, "2.0E"),
        (f"98YNNYNN999999{AT_TEXT}2.0E|AOBIB|", 999, 999, "2.0E"),
        (f"98YNNYNN 10  3{AT_TEXT}2.00AOBIB|BXYY|", 10, 3, "2.00"),
        (f"98YNNYNN      {AT_TEXT}1.00AOBIB|", None, None, "1.00"),
    ],
)
def test_a_careless_server_status_is_read(
    text: str, timeout: int | None, retries: int | None, version: str
) -> None:
    """Odd time limits, versions and lists of messages do not hide that the server is there."""
    status = decode(text)
    assert isinstance(status, ServerStatus)
    assert (status.is_online, status.timeout_tenths, status.retries) == (True, timeout, retries)
    assert (status.version, status.institution) == (version, "BIB")


def test_limits_without_leading_zeros_are_read() -> None:
    """Limits come with and without padding; what is no number is not given."""
    reply = decode(f"64{'':14}001{AT_TEXT}{'':24}AOBIB|AAR0001|AE|BZ5|CA30|CBlots|")
    assert isinstance(reply, PatronInformationResponse)
    assert (reply.hold_limit, reply.overdue_limit, reply.charged_limit) == (5, 30, None)
    assert (reply.charged_count, reply.is_valid, reply.is_password_valid) == (None, None, None)


@pytest.mark.parametrize("text", ["12", "121", "121NNY2026", "64", "18", "98Y", "10|||", "30|AO"])
def test_a_message_cut_short_is_read_as_far_as_it_goes(text: str) -> None:
    """A fragment has the values that came and none that did not."""
    message = decode(text)
    assert message.id == text[:2]
    assert message.extra == ()


@pytest.mark.parametrize(
    "text", ["", "1", "Problems handling the request: no", "00", "login: ", "１２1NNY", "None"]
)
def test_what_is_no_message_is_refused(text: str) -> None:
    """Plain text, an unknown id and nothing at all are no messages, and the error repeats none of it but an
    id.
    """
    with pytest.raises(BadMessage) as caught:
        decode(text)
    assert str(caught.value) in {"not a message", "00"}


@pytest.mark.parametrize("bad", ["B|1", "B1\r", "B1\n", "B\x001"])
def test_identifiers_with_delimiters_are_not_sent(bad: str) -> None:
    """A number, PIN or place that would break the frame is refused, and the error does not repeat it."""
    for message in (
        ItemInformation(AT, "BIB", bad),
        EndSession(AT, "BIB", PatronId(bad)),
        Login("0", "0", "term", Secret(bad)),
        TerminalStatus("|", 80, "2.00"),
    ):
        with pytest.raises(BadValue) as caught:
            encode(message)
        assert bad not in str(caught.value)


def test_text_for_people_loses_what_the_line_cannot_carry() -> None:
    """Titles, names and messages are sent with blanks for delimiters and line ends."""
    reply = CheckoutResponse(
        True,
        False,
        False,
        True,
        AT,
        "BIB",
        READER,
        "B1",
        "War|and\rpeace",
        Due(None, "soon|ish"),
        screen_messages=("a|b", "full　width"),
    )
    sent = decode(encode(reply))
    assert isinstance(sent, CheckoutResponse)
    assert (sent.title, sent.due.text, sent.screen_messages) == (
        "War and peace",
        "soon ish",
        ("a b", "full　width"),
    )
    assert sent.extra == ()


def test_the_fee_is_counted_in_the_server_s_currency_or_ours() -> None:
    """BH names the currency of BV; without it the terminal's own counts."""
    assert amount(_with_fee("2.00", "EUR"), "CNY") == Money(200, "EUR")
    assert amount(_with_fee("2.00", ""), "CNY") == Money(200, "CNY")
    assert amount(_with_fee("", ""), "CNY") is None


def _with_fee(text: str, currency: str) -> CheckoutResponse:
    return CheckoutResponse(
        False, False, None, False, AT, "BIB", READER, "B1", currency=currency, fee_amount=text
    )


def test_only_the_first_list_asked_for_counts() -> None:
    """Of several Y in a summary the first counts, as in the servers that were tried."""
    request = decode(f"63001{AT_TEXT}YYYYYYYYY AOBIB|AAR0001|")
    assert isinstance(request, PatronInformation)
    assert request.summary is Summary.HOLDS


def test_the_password_of_the_patron_is_never_the_last_field() -> None:
    """No request ends in a password: servers strip what is no letter or digit from the end of a frame."""
    for _, message in BOTH_WAYS:
        ids = [chunk[:2] for chunk in encode(message).split("|")]
        assert ids[-2:-1] not in (["AD"], ["CO"])


def test_a_message_prints_no_content() -> None:
    """The printed form of a message is its name and id, whatever it holds."""
    for _, message in BOTH_WAYS:
        assert repr(message) == f"<{type(message).__name__} {message.id}>"


def test_a_message_has_only_its_own_attributes() -> None:
    """A name no message has is an error also on a message that was read."""
    with pytest.raises(AttributeError):
        decode("941").nonsense  # type: ignore[attr-defined]  # noqa: B018
