"""The client where the network and the other end misbehave: silence is told as silence, and nothing is lent twice."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from drivers.link import SettingsError
from drivers.link.clock import RealClock
from sync.central import demo
from sync.central.faces.rest.server import TlsFiles
from sync.entries import Answer, Entry, Granted, Silence, patron_id
from sync.questions import AboutPatron, AboutServer
from sync.servers.central.client import open_central
from sync.servers.central.exchange import ANSWER_SIZE_MAX
from sync.servers.central.settings import CentralClientSettings
from sync.servers.ils import LoginRefused, ServerSilent
from tests.kit.fault_proxy import Fault, FaultProxy
from tests.kit.listening import Listening
from tests.kit.running_central import TOKENS, RunningCentral
from tests.sync.servers.central.conftest import connect
from tests.sync.servers.central.entries_of import lend

FREE = demo.ITEMS_FREE
SHORT_SECONDS = 0.5


def stack() -> list[Entry]:
    """Four loans that the terminal made by itself."""
    return [lend(number, FREE[number], promised_days=30) for number in range(1, 5)]


def silent(answers: tuple[Answer, ...]) -> set[str]:
    """The words of those answers that are silence."""
    return {answer.why for answer in answers if isinstance(answer, Silence)}


def test_an_answer_in_segments_of_one_byte_is_an_answer(running: RunningCentral) -> None:
    """However the bytes arrive, they are read."""
    with FaultProxy(running.address) as proxy:
        proxy.set_fault(Fault.ONE_BYTE_SEGMENTS)
        client = connect(f"http://127.0.0.1:{proxy.address[1]}")
        answers = client.carry(stack())
        client.close()

    assert all(isinstance(answer, Granted) for answer in answers)


@pytest.mark.parametrize(
    "fault", [Fault.CUT, Fault.RESET, Fault.BLACK_HOLE, Fault.LATE, Fault.PLAIN_TEXT, Fault.EMPTY_LINE]
)
def test_each_loan_counts_once_whatever_happens_to_the_answer(running: RunningCentral, fault: Fault) -> None:
    """What met silence is told again until it is answered, and central has each loan once."""
    entries = stack()
    with FaultProxy(running.address) as proxy:
        url = f"http://127.0.0.1:{proxy.address[1]}"
        proxy.set_fault(fault)
        client = connect(url, SHORT_SECONDS)
        lost = client.carry(entries)
        lost_again = client.carry(entries)
        client.close()
        proxy.set_fault(Fault.NONE)
        client = connect(url)
        answers = client.carry(entries)
        client.close()

    assert [type(answer) for answer in (*lost, *lost_again)] == [Silence] * 8
    # An answer that was cut may be one that ended early, or one that is none.
    assert silent(lost) | silent(lost_again) <= {"closed", "deadline", "garbled"}
    assert all(isinstance(answer, Granted) for answer in answers)
    assert sorted(item for item, _, _ in running.loans()) == sorted(
        str(entry.promise.item) for entry in entries
    )


def test_an_answer_with_a_turned_bit_is_never_believed_wrongly(running: RunningCentral) -> None:
    """A damaged answer is silence, or still names these numbers; each loan counts once."""
    entries = stack()
    with FaultProxy(running.address) as proxy:
        proxy.set_fault(Fault.CORRUPT)
        client = connect(f"http://127.0.0.1:{proxy.address[1]}", SHORT_SECONDS)
        damaged = client.carry(entries)
        client.close()
    client = connect(running.url)
    answers = client.carry(entries)
    client.close()

    assert len(damaged) == 4
    assert all(isinstance(answer, Granted) for answer in answers)
    assert len(running.loans()) == 4


class Liar(Listening):
    """Answers every request with *answer*; where it shall *drip*, byte by byte."""

    def __init__(self, answer: bytes | Callable[[], bytes], drip: bool = False) -> None:
        super().__init__("liar")
        self._answer = answer
        self._drip = drip
        self.heard = b""
        self.sent = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.address[1]}"

    def _serve(self, client: socket.socket) -> None:
        with client:
            client.settimeout(5)
            try:
                self.heard += client.recv(65536)
                answer = self._answer if isinstance(self._answer, bytes) else self._answer()
                if not self._drip:
                    client.sendall(answer)
                    return
                for position in range(len(answer)):
                    client.sendall(answer[position : position + 1])
                    self.sent += 1
                    if self._stopped.wait(0.05):
                        return
            except OSError:
                return


def http(body: bytes, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """An HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def receipt(*numbers: int, acknowledged: int = 4, extra: str = "") -> bytes:
    """A receipt that grants *numbers*."""
    outcomes = ",".join(
        f'{{"number":{number},"answer":{{"kind":"granted","due":"2026-12-24","due_text":"","title":"T","release":true,'
        f'"magnetic":null,"renewed":false,"fee":null,"messages":[]}},"exception":null{extra}}}'
        for number in numbers
    )
    return f'{{"acknowledged":{acknowledged},"outcomes":[{outcomes}]}}'.encode()


GAP = b'{"type":"urn:library-kiosk:problem:gap","expected":%d}'
LIES = {
    "nothing": b"",
    "no HTTP": b"\x00\xff" * 50,
    "a page": http(b"<html>Log in to the network</html>", kind="text/html"),
    "no JSON": http(b"{"),
    "a list": http(b"[]"),
    "deep": http(b"[" * 50_000),
    "no outcomes": http(b'{"acknowledged":4,"outcomes":[]}'),
    "other numbers": http(receipt(1, 2, 3, 5)),
    "too few": http(receipt(1, 2, 3)),
    "not acknowledged": http(receipt(1, 2, 3, 4, acknowledged=3)),
    "silence as an answer": http(receipt(1, 2, 3, 4).replace(b"granted", b"silence")),
    "compressed": http(receipt(1, 2, 3, 4), more="Content-Encoding: gzip\r\n"),
    "endless": http(b" " * (ANSWER_SIZE_MAX + 10)),
    "shorter than said": http(receipt(1, 2, 3, 4)).replace(b"Content-Length: ", b"Content-Length: 9"),
    "elsewhere": http(b"{}", "307 Temporary Redirect", more="Location: http://127.0.0.1:1/\r\n"),
    "a failure": http(b"{}", "500 Internal Server Error"),
    "too busy": http(b"{}", "503 Service Unavailable"),
    "too often": http(b"{}", "429 Too Many Requests"),
    "not found": http(b"{}", "404 Not Found"),
    "a gap that is none": http(GAP % 9, "409 Conflict", "application/problem+json"),
    "a gap without a number": http(GAP.replace(b"%d", b"null"), "409 Conflict", "application/problem+json"),
    "a conflict of nobody": http(b'{"type":"urn:somebody"}', "422 Unprocessable", "application/problem+json"),
}


@pytest.mark.parametrize("name", sorted(LIES))
def test_what_cannot_be_believed_is_silence(name: str) -> None:
    """No answer of a stranger settles an entry, tells a reader's standing, or raises anything else."""
    with Liar(LIES[name]) as liar:
        client = connect(liar.url, 2.0)
        answers = client.carry(stack())
        with pytest.raises(ServerSilent):
            client.ask(AboutPatron(patron_id(demo.READER)))
        with pytest.raises(ServerSilent):
            client.ask(AboutServer())
        client.close()

    assert len(answers) == 4
    assert all(isinstance(answer, Silence) for answer in answers)


def test_the_liar_can_tell_the_truth() -> None:
    """Control: the same stranger with a right receipt is believed."""
    with Liar(http(receipt(1, 2, 3, 4, extra=',"new":1'))) as liar:
        client = connect(liar.url)
        answers = client.carry(stack())
        client.close()

    assert all(isinstance(answer, Granted) for answer in answers)


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_drips_ends_at_the_deadline(part: str) -> None:
    """One byte before each limit does not make the terminal listen for ever: the deadline counts for the whole."""
    answer = http(receipt(1, 2, 3, 4)) if part == "body" else b"HTTP/1.1 200 OK\r\n" + b"X-More: 1\r\n" * 90
    with Liar(answer, drip=True) as liar:
        client = connect(liar.url, SHORT_SECONDS)
        answers = client.carry(stack())
        client.close()

    assert silent(answers) == {"deadline"}
    # All of it would take more than twenty seconds.
    assert 0 < liar.sent < len(answer) // 2


def test_a_refused_token_is_no_silence() -> None:
    """401 and 403 are told apart from everything else."""
    for status in ("401 Unauthorized", "403 Forbidden"):
        with Liar(http(b"{}", status, "application/problem+json")) as liar:
            client = connect(liar.url)
            with pytest.raises(LoginRefused):
                client.carry(stack())
            client.close()


def test_a_redirection_is_not_followed_and_the_token_stays() -> None:
    """Nobody is told the token but central itself."""
    with Liar(http(receipt(1, 2, 3, 4))) as thief:
        away = http(b"{}", "307 Temporary Redirect", more=f"Location: {thief.url}/v1/events\r\n")
        with Liar(away) as liar:
            client = connect(liar.url)
            answers = client.carry(stack())
            client.close()

    assert silent(answers) == {"garbled"}
    assert thief.heard == b""


def test_surroundings_do_not_redirect_the_terminal(
    running: RunningCentral, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy in the environment is not used."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    client = connect(running.url)

    assert all(isinstance(answer, Granted) for answer in client.carry(stack()))
    client.close()


def test_an_encrypted_central_has_to_prove_itself(tmp_path: Path) -> None:
    """With the authority's certificate it is believed; with another authority nothing is said to it."""
    ours, other = trustme.CA(), trustme.CA()
    certificate = ours.issue_cert("127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    certificate.cert_chain_pems[0].write_to_path(str(chain))
    certificate.private_key_pem.write_to_path(str(key))
    for name, authority in (("ours", ours), ("other", other)):
        authority.cert_pem.write_to_path(str(tmp_path / f"{name}.pem"))

    found = {}
    with RunningCentral(tmp_path, RealClock(), tls=TlsFiles(str(chain), str(key))) as central:
        for name in ("other", "ours"):
            settings = CentralClientSettings(TOKENS["kiosk-1"], tmp_path / f"{name}.pem")
            client = open_central(central.url, settings, RealClock())
            found[name] = client.carry([lend(1, FREE[0])])[0]
            client.close()
        stored = central.event_count()

    assert found["other"] == Silence("connect")
    assert isinstance(found["ours"], Granted)
    assert stored == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://central.example",
        "http://10.0.0.1:8086",
        "ftp://127.0.0.1",
        "https://",
        "https://user:secret@central.example",
        "https://central.example/?x=1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "tcp://127.0.0.1:6001",
        "",
    ],
)
def test_an_address_that_central_cannot_be_at_is_a_settings_error(url: str) -> None:
    """Clear text over a network, and what is no address, is refused before anything is opened."""
    with pytest.raises(SettingsError):
        open_central(url, CentralClientSettings(TOKENS["kiosk-1"]), RealClock())


def test_clear_text_over_a_network_needs_the_librarys_word() -> None:
    """With it, and on this machine itself, the address is taken."""
    settings = CentralClientSettings(TOKENS["kiosk-1"])

    open_central("http://central.example", settings, RealClock(), clear_text_allowed=True).close()
    open_central("http://[::1]:8086/", settings, RealClock()).close()
    open_central("http://localhost:8086", settings, RealClock()).close()
