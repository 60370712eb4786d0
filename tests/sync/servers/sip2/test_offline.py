"""How SIP2 is told of what the terminal did by itself: the time by the server's clock, the due date the reader was
told, no block only where it is honoured."""

from __future__ import annotations

from datetime import date

import pytest

from sync.entries import Due, Entry, Granted, Intended, Promise, Promised
from sync.servers.sip2.profile import profile, profile_names
from tests.sync.servers.sip2.conftest import AT, ITEM, KEY, LEND, RENEW, UNDO, Desk, reply_12

PROMISED = Promised(KEY, AT, Due(date(2026, 12, 20)), AT)
BACK = f"101YNN20261122    160452AOBIB|AB{ITEM}|AQ|"


def entry(promise: Promise, *, is_promised: bool = False, offset_seconds: float | None = None) -> Entry:
    rows = (Intended(KEY, AT, promise), *((PROMISED,) if is_promised else ()))
    return Entry(KEY, promise, rows, offset_seconds=offset_seconds)


def sent(dialect: str, one: Entry) -> str:
    """The one request of a loan, renewal or check-in that *one* leads to."""
    desk = Desk({"11": reply_12(), "29": "30" + reply_12()[2:], "09": BACK}, dialect=dialect)
    (answer,) = desk.client.carry([one])
    assert isinstance(answer, Granted)
    (request,) = (r for r in desk.server.requests if r[:2] in ("11", "29", "09"))
    return request


@pytest.mark.parametrize(("dialect", "no_block"), [("central", "Y"), ("koha", "N"), ("standard", "N")])
def test_a_loan_the_terminal_granted_bears_what_the_reader_was_told(dialect: str, no_block: str) -> None:
    """The due date always; "it has happened" only to a server that honours it and would not just drop the checks."""
    request = sent(dialect, entry(LEND, is_promised=True))
    assert request.startswith(f"11N{no_block}20261122    08045120261220    235900AO")


def test_a_wish_is_never_told_as_a_fact() -> None:
    """What the server is still free to refuse is not sent with no block, whatever the server honours."""
    assert sent("central", entry(LEND)).startswith("11NN20261122    08045120261122    080451AO")


@pytest.mark.parametrize(
    ("promise", "begins"),
    [
        (LEND, "11NN20261122    081951"),
        (RENEW, "29NN20261122    081951"),
        (UNDO, "09N20261122    08195120261122    081951AP"),
    ],
)
def test_times_are_told_by_the_servers_clock(promise: Promise, begins: str) -> None:
    """A terminal whose clock is a quarter of an hour behind still tells when it happened."""
    assert sent("standard", entry(promise, offset_seconds=900.0)).startswith(begins)


@pytest.mark.parametrize("dialect", ["central", "koha", "evergreen", "sipserver", "alma"])
def test_cancel_is_sent_in_a_check_in_where_it_is_understood(dialect: str) -> None:
    """BI says that a loan never came about; servers that do not know it get an ordinary check-in."""
    assert ("|BIY|" in sent(dialect, entry(UNDO))) is profile(dialect).honours_cancel
    assert profile(dialect).honours_cancel is (dialect == "central")


@pytest.mark.parametrize("is_promised", [False, True])
@pytest.mark.parametrize("dialect", ["central", "koha", "evergreen", "sipserver", "alma"])
def test_cancel_is_never_sent_in_a_loan(dialect: str, is_promised: bool) -> None:
    """Servers lend on a cancelled loan."""
    assert "|BI" not in sent(dialect, entry(LEND, is_promised=is_promised))


def test_only_our_own_server_is_trusted_to_honour_a_fact() -> None:
    """Of every other system it is known that it does not, or not known."""
    assert {name for name in profile_names() if profile(name).offline_replay == "yes"} == {"central"}
