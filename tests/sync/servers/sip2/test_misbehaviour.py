"""Servers and lines that misbehave, on a memory link and a virtual clock: every silence ends in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import pytest

from drivers.link.memory import Corrupted, Cut, Late, Lost, MemoryLink, Noise, Repeated, VirtualClock
from sync.entries import Entry, Granted, Intended, Promise, Refused, Silence
from sync.questions import AboutItem, AboutPatron, AboutServer, ItemFacts, PatronFacts, ServerFacts
from sync.servers.ils import LoginRefused, ServerSilent
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings
from tests.kit.sip2_server import STATUS, Script, ScriptedServer, framed
from tests.sync.servers.sip2.conftest import (
    AT,
    ITEM,
    KEY,
    LEND,
    READER,
    UNDO,
    Desk,
    reply_12,
    reply_18,
    reply_64,
)

TEXT = b"Problems handling the request: boom\r"
OTHER_ITEM = framed(reply_18(item="B9"), "2")
GARBLED: dict[str, Script] = {
    "plain text": TEXT,
    "an empty line": b"\r",
    "nothing but line ends": b"\r\n\r\n",
    "None": b"None\r",
    "a telnet banner": b"login: \r",
    "telnet negotiation": b"\xff\xfd\x18\xff\xfb\x01\r",
    "an endless frame": b"18" + b"9" * 70_000,
    "a request": framed("1720261122    080451AOBIB|", "2"),
    "an unknown id": framed("7720261122", "2"),
    "another charset": "错误".encode("gbk") + b"\r",
    "96 without end": b"96AZFEF6\r" * 200,
    "replies to somebody else": OTHER_ITEM * 100,
}


@pytest.mark.parametrize("script", GARBLED.values(), ids=GARBLED.keys())
def test_what_cannot_be_believed_is_silence(script: Script) -> None:
    """No unreadable answer becomes a fact: the call is silent within its time, and the next one connects
    anew.
    """
    desk = Desk({"17": [script, reply_18()]})
    with pytest.raises(ServerSilent) as caught:
        desk.client.ask(AboutItem(ITEM))
    assert str(caught.value) in {"garbled", "deadline"}
    assert desk.clock.monotonic() <= 5.0
    assert isinstance(desk.client.ask(AboutItem(ITEM)), ItemFacts)
    assert len(desk.links) == 2


@pytest.mark.parametrize("script", GARBLED.values(), ids=GARBLED.keys())
def test_a_loan_that_cannot_be_believed_is_in_doubt(script: Script) -> None:
    """No unreadable answer to a loan becomes a grant or a refusal, and the loan is not asked for again."""
    desk = Desk({"11": script})
    answer = desk.carry()
    assert isinstance(answer, Silence)
    assert answer.why in {"garbled", "deadline"}
    sent = len(desk.server.asked("11"))
    # Only a server that says it could not read a request (96) is sent it again, and not for ever.
    assert sent == (3 if script == GARBLED["96 without end"] else 1)


def _silent(desk: Desk) -> None:
    desk.links[0].silent = True


def _gone(desk: Desk) -> None:
    desk.links[0].unplug()


def _stuck(desk: Desk) -> None:
    desk.links[0].refuses_writes = True


def _lost(desk: Desk) -> None:
    desk.links[0].inject(Lost())


def _late(desk: Desk) -> None:
    desk.links[0].inject(Late(60.0))


def _cut(desk: Desk) -> None:
    desk.links[0].inject(Cut(20))


WAYS_TO_BE_SILENT: list[tuple[Callable[[Desk], None], str]] = [
    (_silent, "deadline"),
    (_stuck, "write"),
    (_lost, "deadline"),
    (_late, "deadline"),
    (_cut, "deadline"),
]


@pytest.mark.parametrize(("fail", "why"), WAYS_TO_BE_SILENT)
@pytest.mark.parametrize("promise", [LEND, UNDO])
def test_every_silence_ends_in_time(fail: Callable[[Desk], None], why: str, promise: Promise) -> None:
    """However a server falls silent, the entry is in doubt within the time limit, and what comes late finds
    nobody.
    """
    desk = Desk({"11": reply_12(), "17": reply_18(), "09": f"101YNN20261122    160452AOBIB|AB{ITEM}|AQ|"})
    desk.client.ask(AboutItem(ITEM))
    fail(desk)
    begun = desk.clock.monotonic()
    assert desk.carry(promise) == Silence(why)
    assert desk.clock.monotonic() - begun <= 5.0
    assert len(desk.server.asked("11") + desk.server.asked("09")) <= 1
    assert isinstance(desk.carry(promise), Granted)
    assert len(desk.links) == 2


def test_a_connection_the_server_left_is_made_anew_without_silence() -> None:
    """When the server hung up while nothing was under way, nobody notices."""
    desk = Desk({"11": reply_12(), "17": reply_18()})
    desk.client.ask(AboutItem(ITEM))
    _gone(desk)
    assert isinstance(desk.carry(), Granted)
    assert len(desk.links) == 2


def test_a_server_that_may_have_left_is_not_trusted_after_a_pause() -> None:
    """After a pause longer than the server waits, the connection is made anew before anything is sent."""
    desk = Desk({"11": reply_12(), "17": reply_18()}, idle_seconds=50.0)
    desk.client.ask(AboutItem(ITEM))
    desk.clock.wait(49.0)
    desk.client.ask(AboutItem(ITEM))
    assert len(desk.links) == 1
    desk.clock.wait(51.0)
    assert isinstance(desk.carry(), Granted)
    assert len(desk.links) == 2


def test_a_late_reply_counts_until_the_time_is_over() -> None:
    """A reply within the time limit counts; one after it is silence, exactly at the limit."""
    desk = Desk({"11": reply_12(), "17": reply_18()})
    desk.client.ask(AboutItem(ITEM))
    desk.links[0].inject(Late(4.9))
    assert isinstance(desk.carry(), Granted)
    desk.links[0].inject(Late(5.1))
    assert desk.carry() == Silence("deadline")
    assert desk.clock.monotonic() <= 4.9 + 5.0 + 0.001


class _Dripping:
    """A far end that answers the login and then one byte of an endless reply for each time it is looked at."""

    def __init__(self, server: ScriptedServer, clock: VirtualClock) -> None:
        self._server = server
        self._clock = clock
        self._is_dripping = False

    def receive(self, data: bytes) -> bytes:
        self._is_dripping = self._is_dripping or data.startswith(b"17")
        if not self._is_dripping:
            return self._server.receive(data)
        self._clock.wait(0.5)
        return b"1"


def test_bytes_that_trickle_do_not_extend_the_time() -> None:
    """The time limit is for the whole reply, however many pieces keep coming."""
    desk = Desk()
    dripping = _Dripping(desk.server, desk.clock)
    client = Sip2Server(
        lambda: MemoryLink(dripping, desk.clock),
        Sip2Settings(profile=profile("standard"), institution="BIB", request_seconds=5.0),
        desk.clock,
    )
    with pytest.raises(ServerSilent, match="deadline"):
        client.ask(AboutItem(ITEM))
    assert desk.clock.monotonic() <= 5.5


def test_a_repeated_reply_is_dropped() -> None:
    """A reply that comes twice answers one request; its double is dropped and counted before the next."""
    desk = Desk({"11": reply_12(), "17": [reply_18(), reply_18("04")]})
    desk.client.ask(AboutServer())
    desk.links[0].inject(Repeated())
    assert isinstance(desk.client.ask(AboutItem(ITEM)), ItemFacts)
    facts = desk.client.ask(AboutItem(ITEM))
    assert isinstance(facts, ItemFacts)
    assert facts.standing.value == "on-loan"
    desk.client.close()
    assert desk.client.leftover_count == 1


@pytest.mark.parametrize(
    "noise",
    [
        framed(reply_12("1NNY", item="B9"), "3"),
        framed(reply_12("1NNY", patron="R9"), "3"),
        framed(reply_12("1NNY", item=""), "3"),
        framed(reply_12("1NNY"), "2"),
        framed(reply_18("03"), "3"),
        framed(STATUS, "3"),
    ],
    ids=["another item", "another patron", "no item", "another digit", "another message", "a status"],
)
def test_a_grant_for_somebody_else_is_not_ours(noise: bytes) -> None:
    """A grant with another item, patron, digit or id in front of the real answer is dropped."""
    desk = Desk({"11": reply_12("0NUN", "AH|BV1.00|"), "17": reply_18()})
    desk.client.ask(AboutServer())
    desk.links[0].inject(Noise(noise))
    # The fourth request has digit 3: the noise is about something else, or bears another digit.
    assert isinstance(desk.carry(), Refused)


def test_a_grant_that_names_nothing_lends_nothing() -> None:
    """A success without the number of the item is not believed."""
    assert Desk({"11": reply_12("1NNY", item="")}).carry() == Silence("deadline")


def test_a_damaged_reply_is_asked_for_once_more() -> None:
    """A wrong checksum costs one 97, and the repeated reply counts whatever digit it bears."""
    desk = Desk({"11": reply_12()})
    desk.client.ask(AboutServer())
    desk.links[0].inject(Corrupted(30))
    assert isinstance(desk.carry(), Granted)
    assert desk.server.requests[-2:] == [desk.server.asked("11")[0], "97"]
    assert len(desk.server.asked("11")) == 1


def test_a_reply_damaged_twice_is_silence() -> None:
    """After one 97 the line is given up."""
    desk = Desk({"11": reply_12()})
    desk.client.ask(AboutServer())
    desk.links[0].inject(Corrupted(30), Corrupted(31))
    assert desk.carry() == Silence("garbled")
    assert len(desk.server.asked("97")) == 1


def test_no_resend_is_asked_for_before_the_first_reply() -> None:
    """A damaged first reply is not asked for again: a server may answer with what it told somebody else."""
    desk = Desk({"93": framed("941", "0").replace(b"941", b"951")})
    assert desk.carry() == Silence("login")
    assert desk.server.requests == ["9300CNterm|COopen!|CPdesk|"]


def test_a_request_the_server_could_not_read_is_sent_again_as_it_was() -> None:
    """After 96 the same bytes go out again, with the same digit."""
    desk = Desk({"11": [b"96AZFEF6\r", b"96\r", reply_12()]})
    assert isinstance(desk.carry(), Granted)
    assert len(set(desk.server.raw[-3:])) == 1
    assert len(desk.server.asked("11")) == 3


def test_a_server_without_checksums_is_believed_where_the_profile_says_so() -> None:
    """A reply without checksum to a request with one counts for most systems, and not for our own."""
    script = reply_12().encode() + b"\r"
    assert isinstance(Desk({"11": script}).carry(), Granted)
    assert Desk({"11": script}, dialect="central").carry() == Silence("garbled")


def test_a_refused_account_is_its_own_outcome() -> None:
    """940 is no silence: nothing is sent, the line is closed, and the account is left alone for a while."""
    desk = Desk({"93": ["940", "941"], "11": reply_12()}, login_pause_seconds=30.0)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            desk.carry()
        with pytest.raises(LoginRefused):
            desk.client.ask(AboutPatron(READER))
    assert desk.server.requests == ["9300CNterm|COopen!|CPdesk|"]
    desk.clock.wait(30.0)
    assert isinstance(desk.carry(), Granted)


def test_no_connection_is_silence() -> None:
    """A server that cannot be reached is silent, for questions and entries alike."""
    desk = Desk()
    desk.refuses_connections = True
    assert desk.carry() == Silence("connect")
    assert desk.client.capabilities().may_ask_items
    with pytest.raises(ServerSilent, match="connect"):
        desk.client.ask(AboutServer())


@pytest.mark.parametrize("script", [b"", b"\r", TEXT, b"login: \r", b"96\r" * 9])
@pytest.mark.parametrize("message_id", ["93", "99"])
def test_a_login_that_fails_is_silence_in_time(message_id: str, script: bytes) -> None:
    """Connecting and logging in have one time limit together, whatever the server says or does not say."""
    desk = Desk({message_id: script}, login_seconds=8.0)
    assert desk.carry() == Silence("login")
    assert desk.clock.monotonic() <= 8.0
    assert not desk.server.asked("11")


def test_a_server_out_of_service_is_not_asked() -> None:
    """While the status says off-line nothing is carried; once it says on-line again, it is."""
    off = STATUS.replace("98Y", "98N")
    desk = Desk({"99": [off, off, STATUS], "11": reply_12()})
    facts = desk.client.ask(AboutServer())
    assert isinstance(facts, ServerFacts)
    assert facts.is_online is False
    assert isinstance(desk.carry(), Granted)
    away = Desk({"99": off})
    assert away.carry() == Silence("offline")
    assert not away.server.asked("11")


def test_an_unknown_card_is_told_without_more() -> None:
    """A card the server does not know is known to be unknown, also where its flags look like a block."""
    desk = Desk({"63": reply_64("YYYY", "BLN|")})
    facts = desk.client.ask(AboutPatron(READER))
    assert isinstance(facts, PatronFacts)
    assert (facts.is_known, facts.blocks, facts.loans) == (False, (), None)


# --- Would these tests notice?  Broken variants that they catch. ----------------------------------


class _RepeatingLink(MemoryLink):
    """Writes its last request again when nothing came, as terminals do that follow SIP2 to the letter."""

    def write(self, data: bytes, timeout_seconds: float) -> None:
        self._written = data
        super().write(data, timeout_seconds)

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        data = super().read(size_max, timeout_seconds / 2)
        if not data:
            super().write(self._written, timeout_seconds / 2)
        return data


def test_a_client_that_repeats_lends_twice() -> None:
    """With a link that repeats an unanswered request, the server is asked to lend twice."""
    desk = Desk({"11": [b"", reply_12()]})
    broken = Sip2Server(
        lambda: _RepeatingLink(desk.server, desk.clock),
        Sip2Settings(profile=profile("standard"), institution="BIB", zone=UTC),
        desk.clock,
    )
    answers = broken.carry([Entry(KEY, LEND, (Intended(KEY, AT, LEND),))])
    assert len(desk.server.asked("11")) == 2
    assert isinstance(answers[0], Granted)


def test_a_client_that_does_not_compare_takes_the_grant_of_another() -> None:
    """Without comparing numbers and digits, the grant for another item would count."""
    desk = Desk({"11": reply_12("0NUN", "AH|BV1.00|")}, changes={"echoes_ids": False, "sequence": "ignored"})
    desk.client.ask(AboutServer())
    desk.links[0].inject(Noise(framed(reply_12("1NNY", item="B9"), "3")))
    assert isinstance(desk.carry(), Granted)
