"""The small HTTP server of far ends: requests in whatever pieces they come, and bytes that are none."""

from __future__ import annotations

import pytest

from drivers.link.memory import VirtualClock
from drivers.sim.http_requests import Request, RequestCutter, WrongRequest, response
from drivers.sim.qr_backend import QrBackendFarEnd

PUT = b"PUT /payments/k1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
GET = b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n"
WRONG = [
    b"GET /status\r\n\r\n",
    b"GET status HTTP/1.1\r\n\r\n",
    b"GET /status HTTP/2\r\n\r\n",
    b"GET  /status HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nno header\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    b"PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"PUT / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
    b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"x" * 20_000,
]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_requests_are_cut_however_they_arrive(size: int) -> None:
    """Whole, in threes and byte by byte; one may follow another at once."""
    cutter = RequestCutter()
    data = PUT + GET
    found: list[Request] = []
    for place in range(0, len(data), size):
        cutter.feed(data[place : place + size])
        while (request := cutter.next_request()) is not None:
            found.append(request)

    assert [(one.method, one.path, one.body) for one in found] == [
        ("PUT", "/payments/k1", b"{}"),
        ("GET", "/status", b""),
    ]


@pytest.mark.parametrize("data", WRONG)
def test_what_is_no_request_is_refused_and_forgotten(data: bytes) -> None:
    """The far end answers 400, and the next request is heard."""
    cutter = RequestCutter()
    cutter.feed(data)
    with pytest.raises(WrongRequest):
        cutter.next_request()
    cutter.feed(GET)
    assert cutter.next_request() is not None

    assert QrBackendFarEnd(VirtualClock()).receive(data).startswith(b"HTTP/1.1 400 ")


def test_an_answer_says_how_long_it_is() -> None:
    """So the connection can stay open."""
    assert response(200, b"{}", "application/json") == (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
