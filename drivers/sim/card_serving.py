"""Lays a simulated card on a virtual reader, ours (`vpcd.py`) or pcscd's, from a thread of its own."""

from __future__ import annotations

import os
import select
import socket
import threading
from contextlib import suppress

from drivers.link.memory_card import CardFarEnd
from drivers.sim.card import VpcdCard

__all__ = ["CardServing"]

_AGAIN_SECONDS = 0.05
_CONNECT_SECONDS_MAX = 1.0


class CardServing:
    """A place on the reader at *host*:*port* for one card at a time.

    A card that lies there stays there when the reader goes and comes back: it is offered again until it is
    taken.
    """

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._taken = threading.Event()
        self._wake_write = -1

    @property
    def has_card(self) -> bool:
        """Whether a card lies there that has not left by itself."""
        return self._thread is not None and self._thread.is_alive()

    def put(self, card: CardFarEnd) -> None:
        """Lays *card* down, in place of one that lies there."""
        self.take()
        with self._lock:
            self._taken = threading.Event()
            wake_read, self._wake_write = os.pipe()
            self._thread = threading.Thread(
                target=self._run, args=(card, self._taken, wake_read), name="card far end", daemon=True
            )
            self._thread.start()

    def take(self) -> None:
        """Takes the card away; returns when its connection is broken.  Nothing happens when none is there."""
        with self._lock:
            if self._thread is None:
                return
            self._taken.set()
            os.close(self._wake_write)
            self._thread.join(timeout=10)
            self._thread = None

    def close(self) -> None:
        """Ends the thread.  May be called twice."""
        self.take()

    def _run(self, card: CardFarEnd, taken: threading.Event, wake_read: int) -> None:
        try:
            while not taken.is_set():
                with (
                    suppress(OSError),
                    socket.create_connection(self._address, _CONNECT_SECONDS_MAX) as reader,
                ):
                    if self._serve(card, reader, wake_read):
                        return
                taken.wait(_AGAIN_SECONDS)
        finally:
            os.close(wake_read)

    def _serve(self, card: CardFarEnd, reader: socket.socket, wake_read: int) -> bool:
        """Answers until the card is gone (True) or the reader is (False, or `OSError`)."""
        reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        far_end = VpcdCard(card)
        poll = select.poll()
        poll.register(reader, select.POLLIN)
        poll.register(wake_read, select.POLLIN)
        while True:
            if wake_read in [descriptor for descriptor, _ in poll.poll()]:
                return True
            # Taken back by the kernel after each read; without it every exchange waits 40 ms for an ACK.
            reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            data = reader.recv(4096)
            if not data:
                return False
            reader.sendall(far_end.receive(data))
            if far_end.has_left:
                return True
