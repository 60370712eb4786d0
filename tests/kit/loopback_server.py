"""Puts a far end behind a real TCP port of the loopback interface, in clear text or behind TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

from drivers.link.memory import FarEnd
from tests.kit.listening import SLICE_SECONDS, Listening


class LoopbackServer(Listening):
    """Serves each connection with a far end of its own, made by *make*; use it in a `with` block."""

    def __init__(self, make: Callable[[], FarEnd], tls: ssl.SSLContext | None = None) -> None:
        super().__init__("loopback server")
        self._make = make
        self._tls = tls

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(5)
            if self._tls is not None:
                client = self._tls.wrap_socket(client, server_side=True)
            with client:
                client.settimeout(SLICE_SECONDS)
                far_end = self._make()
                while not self._stopped.is_set():
                    try:
                        data = client.recv(65536)
                    except TimeoutError:
                        continue
                    if not data:
                        return
                    client.sendall(far_end.receive(data))
