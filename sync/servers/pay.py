"""The library's own payment back end, which shows readers a QR code to pay by and hears from the wallet's operator.

The terminal speaks to nobody else about such money, and has no key of a wallet.  The interface is ours
(`docs/guides/payments.md`, as a schema `payment_backend.openapi.json`): a payment is named by the key of the journal's
entry, so everything may be asked again.  HTTPS with checked certificates and the token of the terminal; clear text to
this machine only.  Redirects are not followed, and an answer is read up to a limit of size and time.

What is understood is believed as far as it is about the key that was asked for; whether it is about the amount that
was asked for is judged by whoever asked (`QrPayment.amount`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

from drivers.link import Clock, SettingsError
from sync.entries import Money
from sync.servers.central.exchange import Exchange, Reply
from sync.servers.central.settings import CentralClientSettings, is_this_machine
from sync.servers.ils import LoginRefused, ServerSilent

__all__ = [
    "HttpPaymentBackend",
    "LoginRefused",
    "PaymentBackend",
    "PaymentRefused",
    "QrPayment",
    "QrState",
    "ServerSilent",
    "open_payment_backend",
]

VERSION: Final = 1
MINOR_MAX: Final = 999_999_999_999
SUBJECT_LENGTH_MAX: Final = 120
_KEY = re.compile(r"[0-9a-z-]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CODE = re.compile(r"[ -~]{1,600}")
_VOUCHER = re.compile(r"[!-~]{1,64}")
_PROBLEM = "urn:library-kiosk:payment:"
_TITLE_LENGTH_MAX = 200


class QrState(Enum):
    """How a payment stands.  CANCELLED and EXPIRED are final: it can be paid no more."""

    PENDING = "pending"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


_VOUCHERED = (QrState.PAID, QrState.REFUNDING, QrState.REFUNDED)


@dataclass(frozen=True, slots=True)
class QrPayment:
    """A payment as the back end tells it.

    *code* is the text of the QR code, only while PENDING; *voucher* what the operator calls the payment, once it was
    PAID; *refund_voucher* the same of what was given back, once REFUNDED.
    """

    state: QrState
    amount: Money
    code: str = ""
    voucher: str = ""
    refund_voucher: str = ""


class PaymentRefused(Exception):
    """The back end does not do what it was asked to, for good; *why* is one word, *text* its sentence, if any.

    told-differently (the key is that of another payment), not-paid (nothing to give back), rejected.
    """

    def __init__(self, why: str, text: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.text = text


class PaymentBackend(Protocol):
    """What a terminal asks of a payment back end; every call may be repeated and blocks for its time at most.

    Raises `ServerSilent` when no answer came that can be believed, `LoginRefused` for a token that is not good, and
    where it is said `PaymentRefused`.
    """

    def currencies(self) -> tuple[str, ...]:
        """The currencies (ISO 4217) that it takes: it is there and knows this terminal."""

    def create(self, key: str, amount: Money, subject: str, seconds: int) -> QrPayment:
        """A payment of *amount* for *key*, new or as it is, which can be paid for about *seconds* from now on.

        *subject* is what the reader sees in the wallet; nothing personal may be in it.  Raises `PaymentRefused`.
        """

    def find(self, key: str) -> QrPayment | None:
        """How the payment *key* stands; None where the back end knows none."""

    def cancel(self, key: str) -> QrPayment | None:
        """Has the payment *key* withdrawn, unless it was paid; how it stands now, None where there is none."""

    def give_back(self, key: str, amount: Money) -> QrPayment | None:
        """Has all of the payment *key* given back; None where there is none.  Raises `PaymentRefused`."""

    def close(self) -> None:
        """Ends the connection.  Never raises."""


def open_payment_backend(
    url: str, settings: CentralClientSettings, clock: Clock, *, who: str = "the payment back end"
) -> HttpPaymentBackend:
    """The back end at *url* (https://HOST[:PORT][/PATH]); nothing is connected yet.  Raises `SettingsError`."""
    exchange = Exchange(checked_url(url), settings, clock, who=who)
    return HttpPaymentBackend(exchange, settings.request_seconds)


def checked_url(url: str) -> str:
    """*url* without a slash at its end.  Raises `SettingsError` for one that no payment back end can be at."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("https", "http") or not host or port == 0 or not is_plain:
        raise SettingsError(f"{url!r} has to read https://HOST[:PORT][/PATH]")
    if parts.scheme == "http" and not is_this_machine(host):
        raise SettingsError(f"{url!r} would pay over an open wire; allowed is https://")
    return url.rstrip("/")


class Asking(Protocol):
    """`Exchange`, as far as it is needed here."""

    def begin(self, seconds: float) -> None:
        """As `Exchange.begin`."""

    def get(self, path: str) -> Reply:
        """As `Exchange.get`."""

    def put(self, path: str, body: str) -> Reply:
        """As `Exchange.put`."""

    def post(self, path: str, body: str) -> Reply:
        """As `Exchange.post`."""

    def close(self) -> None:
        """As `Exchange.close`."""


class HttpPaymentBackend:
    """`PaymentBackend` over *exchange*, each call within *seconds*."""

    def __init__(self, exchange: Asking, seconds: float) -> None:
        self._exchange = exchange
        self._seconds = seconds

    def currencies(self) -> tuple[str, ...]:
        """As promised by `PaymentBackend`."""
        reply = self._asked("GET", "/status")
        if reply.status != 200:
            raise ServerSilent("garbled")
        told = reply.fields()
        taken = told.get("currencies")
        if told.get("version") != VERSION or isinstance(told["version"], bool) or not isinstance(taken, list):
            raise ServerSilent("garbled")
        return tuple(_text(one, _CURRENCY) for one in taken)

    def create(self, key: str, amount: Money, subject: str, seconds: int) -> QrPayment:
        """As promised by `PaymentBackend`."""
        body = {**_money(amount), "subject": subject[:SUBJECT_LENGTH_MAX], "seconds": seconds}
        reply = self._asked("PUT", _path(key), body)
        if reply.status == 409 and reply.problem == _PROBLEM + "told-differently":
            raise PaymentRefused("told-differently", _title(reply))
        if reply.status == 422 and reply.problem == _PROBLEM + "rejected":
            raise PaymentRefused("rejected", _title(reply))
        return _payment(reply, key, (200, 201))

    def find(self, key: str) -> QrPayment | None:
        """As promised by `PaymentBackend`."""
        return _known(self._asked("GET", _path(key)), key)

    def cancel(self, key: str) -> QrPayment | None:
        """As promised by `PaymentBackend`."""
        return _known(self._asked("POST", f"{_path(key)}/cancel", {}), key)

    def give_back(self, key: str, amount: Money) -> QrPayment | None:
        """As promised by `PaymentBackend`."""
        reply = self._asked("POST", f"{_path(key)}/refund", _money(amount))
        for why in ("not-paid", "told-differently"):
            if reply.status == 409 and reply.problem == _PROBLEM + why:
                raise PaymentRefused(why, _title(reply))
        return _known(reply, key)

    def close(self) -> None:
        """As promised by `PaymentBackend`."""
        self._exchange.close()

    def _asked(self, method: str, path: str, body: dict[str, Any] | None = None) -> Reply:
        self._exchange.begin(self._seconds)
        if body is None:
            return self._exchange.get(path)
        said = json.dumps(body, ensure_ascii=False)
        return self._exchange.put(path, said) if method == "PUT" else self._exchange.post(path, said)


def _path(key: str) -> str:
    return f"/payments/{quote(key, safe='')}"


def _money(amount: Money) -> dict[str, Any]:
    return {"amount": amount.minor_units, "currency": amount.currency}


def _known(reply: Reply, key: str) -> QrPayment | None:
    # Any page of any proxy can be missing; only the back end itself says that there is no such payment.
    if reply.status == 404 and reply.problem == _PROBLEM + "unknown":
        return None
    return _payment(reply, key, (200,))


def _payment(reply: Reply, key: str, statuses: tuple[int, ...]) -> QrPayment:
    """The payment in *reply*.  Raises `ServerSilent` for anything that the schema does not allow."""
    if reply.status not in statuses:
        raise ServerSilent("garbled")
    told = reply.fields()
    try:
        state = QrState(told["state"])
    except (KeyError, ValueError, TypeError):
        raise ServerSilent("garbled") from None
    if _text(told.get("key"), _KEY) != key:
        raise ServerSilent("garbled")
    minor = told.get("amount")
    if isinstance(minor, bool) or not isinstance(minor, int) or not 1 <= minor <= MINOR_MAX:
        raise ServerSilent("garbled")
    return QrPayment(
        state,
        Money(minor, _text(told.get("currency"), _CURRENCY)),
        code=_text(told.get("code"), _CODE) if state is QrState.PENDING else "",
        voucher=_text(told.get("voucher"), _VOUCHER) if state in _VOUCHERED else "",
        refund_voucher=_text(told.get("refund_voucher"), _VOUCHER) if state is QrState.REFUNDED else "",
    )


def _text(found: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(found, str) or pattern.fullmatch(found) is None:
        raise ServerSilent("garbled")
    return found


def _title(reply: Reply) -> str:
    title = reply.fields().get("title")
    is_good = isinstance(title, str) and title.isprintable() and len(title) <= _TITLE_LENGTH_MAX
    return str(title) if is_good else ""
