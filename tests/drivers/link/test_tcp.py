"""TCP and TLS: who may be talked to, and how long anything may take."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from drivers.link import DeviceLost, PeerUntrusted, SettingsError
from drivers.link.clock import RealClock
from drivers.link.tcp import open_tcp, open_tls

CLOCK = RealClock()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


@contextlib.contextmanager
def tls_server(listener: socket.socket, authority: trustme.CA, *names: str) -> Iterator[int]:
    """Shakes hands with whoever comes, until the end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError):
                plain, _ = listener.accept()
                with context.wrap_socket(plain, server_side=True) as client:
                    client.sendall(b"welcome")
                    client.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield port_of(listener)
    ended.set()
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=10)


def test_a_refused_connection_is_a_lost_device(listener: socket.socket) -> None:
    """Nobody listening is a lost device."""
    port = port_of(listener)
    listener.close()

    with pytest.raises(DeviceLost):
        open_tcp("127.0.0.1", port, CLOCK)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 300, ".."])
def test_a_name_that_leads_nowhere_is_a_lost_device(host: str) -> None:
    """A name that cannot be looked up, or is no name at all, is a lost device and no other exception."""
    with pytest.raises(DeviceLost):
        open_tcp(host, 6001, CLOCK, connect_seconds=1)


def test_a_certificate_of_the_right_authority_and_name_is_accepted(
    listener: socket.socket, tmp_path: Path
) -> None:
    """With the authority's file a server that proves its name is talked to."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with tls_server(listener, authority, "127.0.0.1") as port:
        link = open_tls("127.0.0.1", port, CLOCK, ca=str(tmp_path / "ca.pem"))

        assert link.read(100, 10.0) == b"welcome"
        link.close()


@pytest.mark.parametrize("wrong", ["authority", "system", "name"])
def test_an_unproven_server_is_never_talked_to(listener: socket.socket, tmp_path: Path, wrong: str) -> None:
    """Another authority's certificate, one the system does not know, or another name ends before a byte is
    sent.
    """
    authority, other = trustme.CA(), trustme.CA()
    (other if wrong == "authority" else authority).cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    ca = None if wrong == "system" else str(tmp_path / "ca.pem")
    with (
        tls_server(listener, authority, "elsewhere.example" if wrong == "name" else "127.0.0.1") as port,
        pytest.raises(PeerUntrusted),
    ):
        open_tls("127.0.0.1", port, CLOCK, ca=ca)


def test_the_expected_name_can_be_given(listener: socket.socket, tmp_path: Path) -> None:
    """A server reached by address may prove another name where the installer says which."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with tls_server(listener, authority, "ils.library.example") as port:
        link = open_tls(
            "127.0.0.1", port, CLOCK, ca=str(tmp_path / "ca.pem"), server_name="ils.library.example"
        )

        assert link.read(100, 10.0) == b"welcome"
        link.close()


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_an_unreadable_authority_file_is_a_settings_error(tmp_path: Path, content: bytes | None) -> None:
    """A missing or broken certificate file is the installer's matter, and named."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingsError, match=r"ca\.pem"):
        open_tls("127.0.0.1", 1, CLOCK, ca=str(path))


def test_a_server_that_never_shakes_hands_is_given_up(listener: socket.socket) -> None:
    """A peer that accepts and stays silent costs the connect time and no more."""
    begun = CLOCK.monotonic()

    with pytest.raises(DeviceLost):
        open_tls("127.0.0.1", port_of(listener), CLOCK, connect_seconds=0.3)
    assert CLOCK.monotonic() - begun < 5


def test_a_server_that_speaks_no_tls_is_a_lost_device(listener: socket.socket) -> None:
    """Plain text where TLS is expected ends the connection."""

    def answer() -> None:
        client, _ = listener.accept()
        with client, contextlib.suppress(OSError):
            client.sendall(b"98YYYYYY plain text, no handshake at all\r")
            client.recv(1000)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()

    with pytest.raises(DeviceLost):
        open_tls("127.0.0.1", port_of(listener), CLOCK, connect_seconds=5)
    thread.join(timeout=10)


def test_a_write_has_one_deadline_for_all_of_it(listener: socket.socket) -> None:
    """A peer that reads nothing is lost when the time for the whole write is over."""
    link = open_tcp("127.0.0.1", port_of(listener), CLOCK)
    begun = CLOCK.monotonic()

    with pytest.raises(DeviceLost, match="not taken in time"):
        link.write(bytes(64 << 20), 0.3)
    assert CLOCK.monotonic() - begun < 10
    link.close()
