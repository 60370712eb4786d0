"""A library's payment back end, as terminals see it: the reference for `docs/guides/payments.md`, with a wallet beside.

It is what a library's own back end is compared with, and the far end of the demo and of tests: it keeps its payments in
memory, and instead of an operator somebody says `pay`.  Every connection is a far end of its own (`connection`); all of
them share the payments.  `receive` is one connection for those who have only one.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from drivers.link import Clock
from drivers.sim.http_requests import Request, RequestCutter, WrongRequest, response

__all__ = ["TOKEN", "QrBackendFarEnd", "QrOrder"]

TOKEN: Final = "reference-backend-token"
_MINOR_MAX = 999_999_999_999
_PROBLEM = "urn:library-kiosk:payment:"
_TITLES: Final = {
    "unknown": "There is no such payment.",
    "told-differently": "This payment has another amount or currency.",
    "not-paid": "This payment was not paid.",
    "rejected": "This amount or currency is not taken.",
}
_FINAL = ("cancelled", "expired")


@dataclass
class QrOrder:
    """A payment: the truth that tests compare everything with.

    *taken* is how much the wallet has paid, *given_back* how much went back to it.
    """

    key: str
    minor: int
    currency: str
    subject: str
    number: int
    until: float
    state: str = "pending"
    taken: int = 0
    given_back: int = 0
    refunds: int = 0

    def told(self) -> dict[str, Any]:
        """The payment as the interface has it."""
        told: dict[str, Any] = {
            "key": self.key,
            "amount": self.minor,
            "currency": self.currency,
            "state": self.state,
        }
        if self.state == "pending":
            told["code"] = f"https://wallet.example/pay/{self.number}"
        if self.state in ("paid", "refunding", "refunded"):
            told["voucher"] = f"W{self.number:06}"
        if self.state == "refunded":
            told["refund_voucher"] = f"R{self.number:06}"
        return told


class QrBackendFarEnd:
    """A back end without payments.

    *orders* are all payments by their keys.  Habits and faults: *token*, *currencies*; *is_away* answers nothing;
    *is_failing* answers 503; *swallows* so many answers, after their requests were obeyed; *replaced* answers are
    sent instead of the true ones, whole, the request not being obeyed; *settles_cancel* false says pending to a cancel
    and settles it later (`settle`); *refunds_at_once* false says refunding until `settle`; *keeps_its_word* false lets
    what was cancelled be paid.  *heard* is method and path of every request.
    """

    def __init__(self, clock: Clock) -> None:
        self.token = TOKEN
        self.currencies = ["CNY", "EUR"]
        self.is_away = False
        self.is_failing = False
        self.swallows = 0
        self.replaced: deque[bytes] = deque()
        self.settles_cancel = True
        self.refunds_at_once = True
        self.keeps_its_word = True
        self.orders: dict[str, QrOrder] = {}
        self.heard: list[tuple[str, str]] = []
        self._clock = clock
        self._lock = threading.RLock()
        self._only = self.connection()

    def connection(self) -> QrConnection:
        """A far end for one connection."""
        return QrConnection(self)

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`: the one connection."""
        return self._only.receive(data)

    # --- A wallet in somebody's hand --------------------------------------------------------------------------------

    def pay(self, key: str = "") -> QrOrder:
        """Somebody pays: the payment *key*, or the newest that can be paid.  Raises `ValueError`."""
        with self._lock:
            order = self._wanted(key, ("pending",) if self.keeps_its_word else ("pending", *_FINAL))
            order.state, order.taken = "paid", order.taken + order.minor
            return order

    def decline(self, key: str = "") -> QrOrder:
        """Somebody looks at the code and does not want to pay.  Raises `ValueError`."""
        with self._lock:
            order = self._wanted(key, ("pending",))
            order.state = "cancelled"
            return order

    def settle(self) -> None:
        """What the operator had still to say is said: cancelled payments are cancelled, refunds are made."""
        with self._lock:
            for order in self.orders.values():
                if order.state == "refunding":
                    self._given_back(order)
                elif order.state == "pending":
                    order.state = "cancelled"

    @property
    def taken_minor(self) -> int:
        """How much was paid and not given back."""
        return sum(order.taken - order.given_back for order in self.orders.values())

    def _wanted(self, key: str, states: tuple[str, ...]) -> QrOrder:
        self._let_expire()
        found = [one for one in self.orders.values() if one.state in states and key in ("", one.key)]
        if not found:
            raise ValueError("there is no payment that this can be done to")
        return found[-1]

    # --- The interface ----------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> bytes | None:
        """What is answered to *request*; None when nothing comes."""
        with self._lock:
            self.heard.append((request.method, request.path))
            if self.is_away:
                return None
            if self.replaced:
                return self.replaced.popleft()
            self._let_expire()
            status, told = self._obeyed(request)
            if self.swallows:
                self.swallows -= 1
                return None
        kind = "application/json" if status < 400 else "application/problem+json"
        return response(status, json.dumps(told).encode(), kind)

    def _obeyed(self, request: Request) -> tuple[int, dict[str, Any]]:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"type": "about:blank", "title": "The token is not good."}
        if self.is_failing:
            return 503, {"type": "about:blank", "title": "Not now."}
        match request.method, *[unquote(part) for part in request.path.strip("/").split("/")]:
            case ["GET", "status"]:
                return 200, {"version": 1, "currencies": self.currencies}
            case ["PUT", "payments", key]:
                return self._created(key, _object(request.body))
            case ["GET", "payments", key]:
                return self._of(key)
            case ["POST", "payments", key, "cancel"]:
                order = self.orders.get(key)
                if order is not None and order.state == "pending" and self.settles_cancel:
                    order.state = "cancelled"
                return self._of(key)
            case ["POST", "payments", key, "refund"]:
                return self._refunded(key, _object(request.body))
            case _:
                return 404, {"type": "about:blank", "title": "There is nothing here."}

    def _created(self, key: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        minor, currency = said.get("amount"), said.get("currency")
        known = self.orders.get(key)
        if known is not None:
            is_same = (known.minor, known.currency) == (minor, currency)
            return (200, known.told()) if is_same else _problem(409, "told-differently")
        seconds = said.get("seconds")
        is_good = isinstance(minor, int) and not isinstance(minor, bool) and 1 <= minor <= _MINOR_MAX
        if not is_good or currency not in self.currencies or not isinstance(seconds, int):
            return _problem(422, "rejected")
        until = self._clock.monotonic() + seconds
        subject = str(said.get("subject", ""))
        order = QrOrder(key, int(str(minor)), str(currency), subject, len(self.orders) + 1, until)
        self.orders[key] = order
        return 201, order.told()

    def _refunded(self, key: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        order = self.orders.get(key)
        if order is None:
            return self._of(key)
        if (said.get("amount"), said.get("currency")) != (order.minor, order.currency):
            return _problem(409, "told-differently")
        if order.state not in ("paid", "refunding", "refunded"):
            return _problem(409, "not-paid")
        if order.state == "paid":
            order.state, order.refunds = "refunding", order.refunds + 1
            if self.refunds_at_once:
                self._given_back(order)
        return self._of(key)

    def _given_back(self, order: QrOrder) -> None:
        order.state, order.given_back = "refunded", order.given_back + order.minor

    def _of(self, key: str) -> tuple[int, dict[str, Any]]:
        order = self.orders.get(key)
        return _problem(404, "unknown") if order is None else (200, order.told())

    def _let_expire(self) -> None:
        now = self._clock.monotonic()
        for order in self.orders.values():
            if order.state == "pending" and now >= order.until and self.settles_cancel:
                order.state = "expired"


class QrConnection:
    """One connection to *backend*."""

    def __init__(self, backend: QrBackendFarEnd) -> None:
        self._backend = backend
        self._requests = RequestCutter()

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`."""
        self._requests.feed(data)
        said = b""
        try:
            while (request := self._requests.next_request()) is not None:
                said += self._backend.answer(request) or b""
        except WrongRequest:
            said += response(400, b"{}", "application/problem+json", {"Connection": "close"})
        return said


def _problem(status: int, name: str) -> tuple[int, dict[str, Any]]:
    return status, {"type": _PROBLEM + name, "title": _TITLES[name]}


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
