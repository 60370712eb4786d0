"""Puts a far end behind a real TCP port of the loopback interface, in clear text or behind TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from drivers.link.memory import FarEnd

_SLICE_SECONDS = 0.02


class LoopbackServer:
    """Serves each connection with a far end of its own, made by *make*; use it in a `with` block."""

    def __init__(self, make: Callable[[], FarEnd], tls: ssl.SSLContext | None = None) -> None:
        self._make = make
        self._tls = tls
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_SLICE_SECONDS)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self._threads = [threading.Thread(target=self._accept, name="loopback server")]
        self.connection_count = 0

    def __enter__(self) -> LoopbackServer:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connection_count += 1
            thread = threading.Thread(target=self._serve, args=(client,), name="loopback connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(5)
            if self._tls is not None:
                client = self._tls.wrap_socket(client, server_side=True)
            with client:
                client.settimeout(_SLICE_SECONDS)
                far_end = self._make()
                while not self._stopped.is_set():
                    try:
                        data = client.recv(65536)
                    except TimeoutError:
                        continue
                    if not data:
                        return
                    client.sendall(far_end.receive(data))
