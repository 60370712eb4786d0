"""Asking central for identity and snapshots, against a central that says whatever a network can make of it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from drivers.link import SettingsError
from drivers.link.clock import RealClock
from drivers.masked import Secret
from sync.servers import central_office
from sync.servers.central_office import CentralOffice, EnrolmentRefused
from sync.servers.ils import LoginRefused, ServerSilent
from tests.kit.listening import Listening

CODE, TOKEN = Secret("ABCD-EFGH-JKMN-PQRS"), Secret("cd" * 32)
GOOD: dict[str, Any] = {
    "terminal": "kiosk-01",
    "library": "演示图书馆",
    "institution": "DEMO",
    "currency": "CNY",
    "token": "ab" * 32,
    "snapshot_key": "01" * 32,
    "pin_pepper": "02" * 32,
    "central_public_key": "03" * 32,
}


class Says(Listening):
    """Answers every request with the same bytes, and keeps what it was asked."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("central")
        self._answer = answer
        self.heard = b""

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(5)
            while b"\r\n\r\n" not in self.heard or (b"POST" in self.heard and b"}" not in self.heard):
                self.heard += client.recv(65_536)
            client.sendall(self._answer)


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    named = {"Content-Length": str(len(body)), "Connection": "close"} | headers
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} x\r\n{lines}\r\n".encode() + body


@contextmanager
def central(answer: bytes) -> Iterator[tuple[CentralOffice, Says]]:
    with Says(answer) as says:
        yield CentralOffice("http://{}:{}".format(*says.address), RealClock()), says


def test_an_identity_is_read_whole() -> None:
    """The code travels in the body, and every secret comes back as what it is."""
    with central(http(201, json.dumps(GOOD).encode())) as (office, says):
        found = office.enrol(CODE)

    assert (found.terminal, found.token.reveal()) == ("kiosk-01", "ab" * 32)
    assert (found.snapshot_key, found.pin_pepper, found.central_public_key) == (
        b"\x01" * 32,
        b"\x02" * 32,
        b"\x03" * 32,
    )
    assert says.heard.startswith(b"POST /v1/enrolments ")
    assert CODE.reveal().encode() in says.heard.partition(b"\r\n\r\n")[2]
    assert "0101" not in repr(found)
    assert "abab" not in repr(found)


def test_a_snapshot_is_asked_for_with_token_and_number() -> None:
    """304 means that the one there is still holds."""
    with central(http(200, b"box")) as (office, says):
        assert office.snapshot(TOKEN, 0) == b"box"
        assert b"If-None-Match" not in says.heard
    with central(http(304)) as (office, says):
        assert office.snapshot(TOKEN, 7) is None
        assert b'If-None-Match: "7"' in says.heard
        assert f"Authorization: Bearer {TOKEN.reveal()}".encode() in says.heard


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_a_refusal_is_centrals_own_sentence(status: int) -> None:
    """The installer reads why."""
    body = json.dumps({"title": "this enrolment code has expired"}).encode()
    with central(http(status, body)) as (office, _), pytest.raises(EnrolmentRefused, match="has expired"):
        office.enrol(CODE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"title": 7}',
        b'{"title": "a\\u001bb"}',
        b'{"title": "' + b"x" * 999 + b'"}',
    ],
)
def test_a_sentence_that_cannot_be_shown_is_replaced(body: bytes) -> None:
    """Nothing that a terminal could be tricked with is repeated."""
    with central(http(403, body)) as (office, _), pytest.raises(EnrolmentRefused, match="status 403"):
        office.enrol(CODE)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_not_good_is_a_matter_for_the_installer(status: int) -> None:
    """Not silence: asking again would not help."""
    with central(http(status)) as (office, _), pytest.raises(LoginRefused):
        office.snapshot(TOKEN, 0)


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("terminal", "../kiosk"),
        ("terminal", ""),
        ("token", "short"),
        ("token", 7),
        ("library", None),
        ("library", "x" * 501),
        ("snapshot_key", "01" * 31),
        ("pin_pepper", "ZZ" * 32),
        ("central_public_key", ["03" * 32]),
    ],
)
def test_half_an_identity_is_none(change: str, value: object) -> None:
    """An answer with one field that cannot be is not believed at all."""
    with (
        central(http(201, json.dumps(GOOD | {change: value}).encode())) as (office, _),
        pytest.raises(ServerSilent, match="garbled"),
    ):
        office.enrol(CODE)


def _ask_enrol(office: CentralOffice) -> object:
    return office.enrol(CODE)


def _ask_snapshot(office: CentralOffice) -> object:
    return office.snapshot(TOKEN, 0)


@pytest.mark.parametrize("ask", [_ask_enrol, _ask_snapshot])
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1",
        b"\x00" * 500,
        b"SSH-2.0-OpenSSH\r\n",
        http(200, b"half", Content_Length="5000"),
        http(201, b"half", Content_Length="5000"),
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 201 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_an_answer_cut_off_or_garbled_is_silence(
    answer: bytes, ask: Callable[[CentralOffice], object]
) -> None:
    """What cannot be believed is no answer."""
    with central(answer) as (office, _), pytest.raises(ServerSilent):
        ask(office)


def test_an_answer_beyond_all_measure_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor held in memory."""
    monkeypatch.setattr(central_office, "BOX_BYTES_MAX", 1000)
    with central(http(200, bytes(2000))) as (office, _), pytest.raises(ServerSilent, match="garbled"):
        office.snapshot(TOKEN, 0)


class Drips(Says):
    """Answers with an endless header, a byte at a time, each in good time."""

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(5)
            client.recv(65_536)
            client.sendall(b"HTTP/1.1 200 x\r\nX: ")
            while not self._stopped.wait(0.01):
                client.sendall(b"x")


def test_an_answer_that_only_drips_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is for the whole answer, not for each byte of it."""
    monkeypatch.setattr(central_office, "SNAPSHOT_SECONDS", 0.3)
    with Drips(b"") as drips, pytest.raises(ServerSilent):
        CentralOffice("http://{}:{}".format(*drips.address), RealClock()).snapshot(TOKEN, 0)


def test_an_answer_that_has_to_be_unpacked_is_not_believed() -> None:
    """It was not asked for, and might be a bomb."""
    with central(http(200, b"box", Content_Encoding="gzip")) as (office, _), pytest.raises(ServerSilent):
        office.snapshot(TOKEN, 0)


def test_a_redirect_is_not_followed() -> None:
    """A token goes to central and nowhere else."""
    with central(http(302, Location="http://127.0.0.1:9/")) as (office, says):
        with pytest.raises(ServerSilent):
            office.snapshot(TOKEN, 0)
        assert says.connection_count == 1


def test_the_environments_proxy_and_netrc_are_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a terminal says to central depends on its configuration alone."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with central(http(200, b"box")) as (office, says):
        assert office.snapshot(TOKEN, 0) == b"box"
    assert b"Bearer" in says.heard


def test_nobody_there_is_silence() -> None:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ServerSilent, match="connect"):
        CentralOffice(f"http://127.0.0.1:{port}", RealClock()).snapshot(TOKEN, 0)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "central.example.org",
        "ftp://central.example.org",
        "https://",
        "https://central.example.org/v1",
        "https://central.example.org?x=1",
        "https://user:secret@central.example.org",
        "https://central.example.org:99999",
        "http://central.example.org",
        "http://192.0.2.1:8086",
    ],
)
def test_an_address_that_cannot_be_or_could_be_overheard_is_refused(url: str) -> None:
    """Before anything is sent; clear text is for this machine only, unless the installer says otherwise."""
    with pytest.raises(SettingsError, match="central's address") as caught:
        CentralOffice(url, RealClock())

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://central.example.org", "http://127.0.0.1:8086", "http://[::1]:8086"])
def test_addresses_that_are_safe_are_taken(url: str) -> None:
    """HTTPS anywhere, plain HTTP on this machine."""
    assert CentralOffice(url + "/", RealClock()).url == url


def test_clear_text_needs_the_installers_word() -> None:
    """As with every other server."""
    office = CentralOffice("http://192.0.2.1:8086", RealClock(), clear_text_allowed=True)

    assert office.url == "http://192.0.2.1:8086"
