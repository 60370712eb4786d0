"""The client of a payment back end over real HTTPS: certificates are checked, and no answer leads it on."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from drivers.link import SettingsError
from drivers.link.clock import RealClock
from drivers.link.memory import FarEnd, VirtualClock
from drivers.masked import Secret
from drivers.sim.http_requests import response
from drivers.sim.qr_backend import TOKEN, QrBackendFarEnd
from sync.entries import Money
from sync.servers.central.exchange import ANSWER_SIZE_MAX
from sync.servers.central.settings import CentralClientSettings
from sync.servers.pay import (
    HttpPaymentBackend,
    LoginRefused,
    QrState,
    ServerSilent,
    checked_url,
    open_payment_backend,
)
from sync.servers.pay_trial import free_checks, paid_checks
from tests.kit.loopback_server import LoopbackServer

PRICE = Money(250, "CNY")
SHORT_SECONDS = 0.4


@dataclass
class Served:
    """The reference back end behind TLS, and who vouches for it."""

    far_end: QrBackendFarEnd
    url: str
    ca_file: Path

    def client(
        self, token: str = TOKEN, seconds: float = 10.0, ca_file: Path | None = None
    ) -> HttpPaymentBackend:
        settings = CentralClientSettings(Secret(token), ca_file or self.ca_file, request_seconds=seconds)
        return open_payment_backend(self.url, settings, RealClock())


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


def context_of(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, key_type=trustme.KeyType.ECDSA).configure_cert(context)
    return context


@pytest.fixture
def served(authority: trustme.CA, tmp_path: Path) -> Iterator[Served]:
    far_end = QrBackendFarEnd(RealClock())
    with LoopbackServer(far_end.connection, context_of(authority, "127.0.0.1")) as server:
        ca_file = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        yield Served(far_end, f"https://127.0.0.1:{server.address[1]}", ca_file)


class Liar:
    """A connection that answers everything with the same bytes."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def receive(self, data: bytes) -> bytes:
        return self._said if data else b""


@pytest.fixture
def lying(authority: trustme.CA, tmp_path: Path) -> Iterator[tuple[list[bytes], HttpPaymentBackend]]:
    """A back end that says what is in the list, and a client that knows it."""
    said = [b""]

    def liar() -> FarEnd:
        return Liar(said[0])

    with LoopbackServer(liar, context_of(authority, "127.0.0.1")) as server:
        ca_file = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        settings = CentralClientSettings(Secret(TOKEN), ca_file, request_seconds=SHORT_SECONDS)
        url = f"https://127.0.0.1:{server.address[1]}"
        client = open_payment_backend(url, settings, RealClock())
        yield said, client
        client.close()


def test_the_reference_keeps_every_promise_over_https(served: Served) -> None:
    """All checks that a library's own back end is tried with are good, those of a payment that was made too."""
    client, impostor = served.client(), served.client("no-token-of-anybody")

    def pay(_: str) -> None:
        served.far_end.pay()

    checks = [
        *free_checks(client, impostor, "CNY", "try1", RealClock()),
        *paid_checks(client, "CNY", "try1", RealClock(), pay),
    ]
    client.close()
    impostor.close()

    assert [check for check in checks if not check.is_good] == []
    assert len(checks) == 19
    assert served.far_end.taken_minor == 0


def test_a_back_end_that_nobody_vouches_for_is_not_spoken_to(served: Served, tmp_path: Path) -> None:
    """Another authority's word does not count; no token and no amount is sent."""
    other = tmp_path / "other.pem"
    trustme.CA(key_type=trustme.KeyType.ECDSA).cert_pem.write_to_path(str(other))
    client = served.client(ca_file=other)

    with pytest.raises(ServerSilent, match="connect"):
        client.create("k1", PRICE, "", 60)
    assert served.far_end.heard == []


def test_a_certificate_of_another_name_is_not_believed(authority: trustme.CA, tmp_path: Path) -> None:
    """Who can vouch for somebody else cannot take the back end's place."""
    far_end = QrBackendFarEnd(RealClock())
    with LoopbackServer(far_end.connection, context_of(authority, "pay.example.org")) as server:
        ca_file = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        settings = CentralClientSettings(Secret(TOKEN), ca_file)
        client = open_payment_backend(f"https://127.0.0.1:{server.address[1]}", settings, RealClock())

        with pytest.raises(ServerSilent, match="connect"):
            client.currencies()
    assert far_end.heard == []


def test_a_wrong_token_is_an_installers_matter(served: Served) -> None:
    """It is told apart from silence, and the sentence names no token."""
    with pytest.raises(LoginRefused, match="the payment back end answers 401") as refused:
        served.client("another-token-here").currencies()
    assert "another-token-here" not in str(refused.value)


def test_a_lost_answer_is_asked_for_again(served: Served) -> None:
    """The same payment comes, on a connection that is made anew."""
    client = served.client(seconds=SHORT_SECONDS)
    served.far_end.swallows = 1
    with pytest.raises(ServerSilent, match="deadline"):
        client.create("k1", PRICE, "Library", 60)

    assert client.create("k1", PRICE, "Library", 60).state is QrState.PENDING
    client.close()
    assert len(served.far_end.orders) == 1


LIES = {
    "a redirect": response(302, b"", "text/html", {"Location": "https://192.0.2.1/"}),
    "an answer without an end": response(200, b"x" * (ANSWER_SIZE_MAX + 5), "application/json"),
    "compressed": response(200, b"{}", "application/json", {"Content-Encoding": "gzip"}),
    "a page": response(200, b"<html></html>", "text/html"),
    "no HTTP": b"220 mail.example ESMTP\r\n",
    "a head that never ends": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500,
    "less than was promised": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{}",
    "a hundred words of going on": b"HTTP/1.1 100 Continue\r\n\r\n" * 5,
}


@pytest.mark.parametrize("name", LIES)
def test_what_is_no_answer_is_silence(lying: tuple[list[bytes], HttpPaymentBackend], name: str) -> None:
    """Nothing is followed, kept or believed, and it ends within its time."""
    said, client = lying
    said[0] = LIES[name]

    with pytest.raises(ServerSilent):
        client.find("k1")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pay.example.org",
        "ftp://pay.example.org",
        "https://",
        "https://pay.example.org:0",
        "https://pay.example.org:port",
        "https://pay.example.org/?a=b",
        "https://pay.example.org/#a",
        "https://me@pay.example.org",
        "http://pay.example.org",
        "http://192.0.2.1",
        "http://127.0.0.1.example.org",
    ],
)
def test_an_address_that_money_must_not_be_asked_at_is_refused(url: str) -> None:
    """Clear text beyond this machine, and what is no address of a service."""
    with pytest.raises(SettingsError):
        checked_url(url)


@pytest.mark.parametrize(
    "url", ["https://pay.example.org/kiosk/", "http://127.0.0.1:8800", "http://[::1]:8800"]
)
def test_an_address_may_have_a_path(url: str) -> None:
    """It is kept, without a slash at its end; this machine itself may be spoken to in clear text."""
    assert checked_url(url) == url.rstrip("/")


def test_a_key_is_one_part_of_the_path(served: Served) -> None:
    """Whatever a key was, it cannot lead elsewhere."""
    assert served.client().find("../status?x=1#y") is None
    assert served.far_end.heard == [("GET", "/payments/..%2Fstatus%3Fx%3D1%23y")]


def test_time_is_bounded_by_the_clock(served: Served) -> None:
    """A client whose time is over before it began has nothing sent."""
    clock = VirtualClock()
    settings = CentralClientSettings(Secret(TOKEN), served.ca_file, request_seconds=SHORT_SECONDS)
    client = open_payment_backend(served.url, settings, clock)

    assert client.currencies() == ("CNY", "EUR")
    client.close()
