"""HTTP/1.1 as a small server hears and answers it (RFC 9112): requests with a length, no chunks, no upgrades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Request", "RequestCutter", "WrongRequest", "response"]

HEAD_BYTES_MAX = 16 * 1024
BODY_BYTES_MAX = 64 * 1024
_REASONS: Mapping[int, str] = {
    200: "OK",
    201: "Created",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    422: "Unprocessable Content",
    503: "Service Unavailable",
}


class WrongRequest(Exception):
    """Bytes that are no request such a server takes."""


@dataclass(frozen=True, slots=True)
class Request:
    """*path* as it stands in the request; names of *headers* in small letters."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class RequestCutter:
    """Cuts a connection into requests; holds at most one that is not finished."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._buffer += data

    def next_request(self) -> Request | None:
        """The next whole request; None when it has not arrived completely.

        Raises `WrongRequest`, and forgets everything.
        """
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > HEAD_BYTES_MAX:
                raise self._wrong("a head that does not end")
            return None
        method, path, headers = self._head(bytes(self._buffer[:end]))
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            raise self._wrong("a body of a length that is not told, or too long")
        whole = end + 4 + int(length)
        if len(self._buffer) < whole:
            return None
        body = bytes(self._buffer[end + 4 : whole])
        del self._buffer[:whole]
        return Request(method, path, headers, body)

    def _head(self, head: bytes) -> tuple[str, str, dict[str, str]]:
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[1].startswith("/") or words[2] != "HTTP/1.1":
            raise self._wrong("no request line of HTTP/1.1")
        headers = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise self._wrong("a header without a name")
            headers[name.lower()] = value.strip()
        return words[0], words[1], headers

    def _wrong(self, why: str) -> WrongRequest:
        self._buffer.clear()
        return WrongRequest(why)


def response(status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The answer *status* with *body* of the media type *kind*; the connection stays open."""
    lines = [
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Other')}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
