"""A listener on a port of the loopback interface, with a thread for it and one for each connection."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

SLICE_SECONDS = 0.02


class Listening:
    """Use it in a `with` block: *address* is where to connect, `_serve` is what becomes of a connection."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(SLICE_SECONDS)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self._threads = [threading.Thread(target=self._accept, name=name)]
        self.connection_count = 0

    def __enter__(self) -> Self:
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
            thread = threading.Thread(target=self._serve, args=(client,), name=f"{self._name} connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        """Serves one connection until it ends or `_stopped` is set."""
        raise NotImplementedError
