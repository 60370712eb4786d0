"""A TCP proxy that does to a connection what bad networks and careless servers do.

It listens on the loopback interface, and passes what the client sends on to *upstream*.  What comes back is
treated by the fault that is set when it comes; `set_fault` may be called at any time.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import Enum

from tests.kit.listening import SLICE_SECONDS, Listening


class Fault(Enum):
    """What happens to what the server sends."""

    NONE = "passes"
    ONE_BYTE_SEGMENTS = "each byte in a segment of its own"
    CORRUPT = "one bit in the middle is turned"
    LATE = "kept until the fault is taken away"
    CUT = "the first half, then the end of the connection"
    BLACK_HOLE = "nothing arrives in either direction, and the connection stays open"
    RESET = "the connection is reset instead"
    TWICE = "everything twice"
    WRONG_CHECKSUM = "the last digit before each CR is another"
    PLAIN_TEXT = "a sentence instead"
    EMPTY_LINE = "a line end instead"


class FaultProxy(Listening):
    """Use it in a `with` block: *address* is where to connect."""

    def __init__(self, upstream: tuple[str, int], rewrite: Callable[[bytes], bytes] | None = None) -> None:
        super().__init__("fault proxy")
        self._upstream = upstream
        self._rewrite = rewrite
        self._fault = Fault.NONE

    def set_fault(self, fault: Fault) -> None:
        """From now on, *fault* is what happens."""
        self._fault = fault

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(self._upstream, timeout=5) as server:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            kept = b""
            while not self._stopped.is_set():
                readable, _, _ = select.select([client, server], [], [], SLICE_SECONDS)
                if kept and self._fault is not Fault.LATE:
                    client.sendall(kept)
                    kept = b""
                for end in readable:
                    data = end.recv(65536)
                    if not data:
                        return
                    if self._fault is Fault.BLACK_HOLE:
                        continue
                    if end is client:
                        server.sendall(data)
                    elif self._fault is Fault.LATE:
                        kept += data
                    elif not self._pass_back(client, data):
                        return

    def _pass_back(self, client: socket.socket, data: bytes) -> bool:
        """Sends what becomes of *data*; false when the connection is to end."""
        if self._rewrite is not None:
            data = self._rewrite(data)
        match self._fault:
            case Fault.ONE_BYTE_SEGMENTS:
                for position in range(len(data)):
                    client.sendall(data[position : position + 1])
            case Fault.CORRUPT:
                middle = len(data) // 2
                client.sendall(data[:middle] + bytes([data[middle] ^ 0x01]) + data[middle + 1 :])
            case Fault.CUT:
                client.sendall(data[: len(data) // 2])
                return False
            case Fault.RESET:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            case Fault.TWICE:
                client.sendall(data + data)
            case Fault.WRONG_CHECKSUM:
                client.sendall(b"\r".join(_other_digit(frame) for frame in data.split(b"\r")))
            case Fault.PLAIN_TEXT:
                client.sendall(b"Problems handling the request: no such thing\r")
            case Fault.EMPTY_LINE:
                client.sendall(b"\r\n")
            case _:
                client.sendall(data)
        return True


def _other_digit(frame: bytes) -> bytes:
    if not frame:
        return frame
    return frame[:-1] + (b"0" if frame[-1:] != b"0" else b"1")
