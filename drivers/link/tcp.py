"""Byte streams over TCP, in clear text or through TLS with a checked certificate.

The TLS side accepts TLS 1.2 and later, checks the chain and the host's name, and has no switch to turn that
off: a server with a certificate of its own is named by `ca`.
"""

from __future__ import annotations

import select
import socket
import ssl

from drivers.link import Clock, DeviceLost, PeerUntrusted, SettingsError

__all__ = ["TcpLink", "open_tcp", "open_tls"]

_DISCARD_BYTES_MAX = 1 << 20


def open_tcp(host: str, port: int, clock: Clock, *, connect_seconds: float = 5.0) -> TcpLink:
    """Connects within *connect_seconds* over all addresses of *host* together.

    Looking the name up is left to the system and its own time limit.  Raises `DeviceLost`.
    """
    return TcpLink(
        _connected(host, port, clock, clock.monotonic() + connect_seconds), f"{host}:{port}", clock
    )


def open_tls(
    host: str,
    port: int,
    clock: Clock,
    *,
    ca: str | None = None,
    server_name: str | None = None,
    connect_seconds: float = 5.0,
) -> TcpLink:
    """Connects and shakes hands within *connect_seconds*.

    *ca* is a file of PEM certificates that are trusted instead of the system's; *server_name* is the name
    that the certificate has to bear where it is not *host*.  Raises `SettingsError` for an unreadable *ca*,
    `PeerUntrusted` when the other end cannot prove who it is, `DeviceLost` for the rest.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"ca {ca}: not a readable file of PEM certificates: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    deadline = clock.monotonic() + connect_seconds
    plain = _connected(host, port, clock, deadline)
    peer = f"{host}:{port}"
    try:
        secured = context.wrap_socket(
            plain, server_hostname=server_name or host, do_handshake_on_connect=False
        )
    except (OSError, ValueError) as error:
        plain.close()
        raise DeviceLost(f"{peer}: {error}") from error
    try:
        _shake_hands(secured, clock, deadline)
    except ssl.SSLCertVerificationError as error:
        secured.close()
        raise PeerUntrusted(f"{peer}: certificate refused: {error.verify_message}") from error
    except OSError as error:
        secured.close()
        raise DeviceLost(f"{peer}: {error}") from error
    return TcpLink(secured, peer, clock)


def _connected(host: str, port: int, clock: Clock, deadline: float) -> socket.socket:
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeviceLost(f"{host}: {error}") from error
    why: object = "no address"
    for family, kind, protocol, _, address in addresses:
        remaining = deadline - clock.monotonic()
        if remaining <= 0:
            why = "no connection in time"
            break
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(remaining)
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.setblocking(False)
        except OSError as error:
            connection.close()
            why = error
        else:
            return connection
    raise DeviceLost(f"{host}:{port}: {why}")


def _shake_hands(secured: ssl.SSLSocket, clock: Clock, deadline: float) -> None:
    while True:
        try:
            secured.do_handshake()
            return
        except ssl.SSLWantReadError:
            event = select.POLLIN
        except ssl.SSLWantWriteError:
            event = select.POLLOUT
        if not _ready(secured, event, deadline - clock.monotonic()):
            raise TimeoutError("no TLS handshake in time")


def _ready(connection: socket.socket, event: int, timeout_seconds: float) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), event)
    return bool(poll.poll(max(0.0, timeout_seconds) * 1000))


class TcpLink:
    """`Link` over a connected, non-blocking socket, plain or TLS."""

    def __init__(self, connection: socket.socket, peer: str, clock: Clock) -> None:
        self._connection = connection
        self._peer = peer
        self._clock = clock
        self._open = True

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """As promised by `Link`."""
        deadline = self._clock.monotonic() + timeout_seconds
        while True:
            event = select.POLLIN
            try:
                data = self._alive().recv(size_max)
            except (BlockingIOError, ssl.SSLWantReadError):
                pass
            except ssl.SSLWantWriteError:
                event = select.POLLOUT
            except OSError as error:
                raise self._lost(error) from error
            else:
                if not data:
                    raise self._lost("closed by the other end")
                return data
            if not self._wait(event, deadline):
                return b""

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """As promised by `Link`; *timeout_seconds* is for all of *data*, not for each piece."""
        deadline = self._clock.monotonic() + timeout_seconds
        rest = memoryview(data)
        while rest:
            event = select.POLLOUT
            try:
                rest = rest[self._alive().send(rest) :]
                continue
            except (BlockingIOError, ssl.SSLWantWriteError):
                pass
            except ssl.SSLWantReadError:
                event = select.POLLIN
            except OSError as error:
                raise self._lost(error) from error
            if not self._wait(event, deadline):
                raise self._lost(f"{len(rest)} of {len(data)} bytes not taken in time")

    def discard_input(self) -> int:
        """As promised by `Link`; stops after 1 MiB, so that a babbling peer cannot hold it."""
        count = 0
        while count < _DISCARD_BYTES_MAX:
            piece = self.read(4096, 0.0)
            if not piece:
                break
            count += len(piece)
        return count

    def close(self) -> None:
        """Closes the connection without waiting for the other end's goodbye."""
        self._open = False
        self._connection.close()

    def _alive(self) -> socket.socket:
        if not self._open:
            raise self._lost("the link is closed")
        return self._connection

    def _wait(self, event: int, deadline: float) -> bool:
        remaining = deadline - self._clock.monotonic()
        if remaining <= 0:
            return False
        try:
            return _ready(self._connection, event, remaining)
        except (OSError, ValueError) as error:
            raise self._lost(error) from error

    def _lost(self, why: object) -> DeviceLost:
        return DeviceLost(f"{self._peer}: {why}")
