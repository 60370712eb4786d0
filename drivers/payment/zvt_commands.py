"""What a terminal is told.  There is no message here that gives money without a receipt number, or changes a terminal.

Amounts are six bytes of decimal digits, currencies the numeric code of ISO 4217 as two bytes, a password is three
bytes of decimal digits.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.masked import Secret
from drivers.payment import Amount
from drivers.payment.zvt import Apdu, Control
from drivers.payment.zvt_fields import Field, bcd

__all__ = [
    "ABORT",
    "CURRENCIES",
    "DIAGNOSIS",
    "LOG_OFF",
    "STATUS_ENQUIRY",
    "authorisation",
    "end_of_day",
    "registration",
    "repeat_receipt",
    "reversal",
]

CURRENCIES: Mapping[str, str] = {
    "AUD": "0036",
    "BGN": "0975",
    "CHF": "0756",
    "CNY": "0156",
    "CZK": "0203",
    "DKK": "0208",
    "EUR": "0978",
    "GBP": "0826",
    "HUF": "0348",
    "ISK": "0352",
    "NOK": "0578",
    "PLN": "0985",
    "RON": "0946",
    "SEK": "0752",
    "USD": "0840",
}
"""ISO 4217: alphabetic codes and the numeric ones, in four digits."""

ABORT = Apdu(Control.ABORT)
DIAGNOSIS = Apdu(Control.DIAGNOSIS)
LOG_OFF = Apdu(Control.LOG_OFF)
STATUS_ENQUIRY = Apdu(Control.STATUS_ENQUIRY)


def registration(password: Secret, config: int, currency: str, tlv: bytes = b"") -> Apdu:
    """06 00: the terminal is told how receipts and texts are to be handled, and the currency; *tlv* is a container."""
    container = bytes((Field.TLV, len(tlv))) + tlv if tlv else b""
    data = bcd(password.reveal()) + bytes((config,)) + bcd(CURRENCIES[currency]) + container
    return Apdu(Control.REGISTRATION, data)


def authorisation(amount: Amount) -> Apdu:
    """06 01: take *amount* from a card."""
    return Apdu(Control.AUTHORISATION, _amount(amount))


def reversal(password: Secret, receipt: int) -> Apdu:
    """06 30: give back the payment with this receipt number."""
    return Apdu(Control.REVERSAL, bcd(password.reveal()) + bytes((Field.RECEIPT,)) + bcd(f"{receipt:04}"))


def end_of_day(password: Secret) -> Apdu:
    """06 50: hand in the payments."""
    return Apdu(Control.END_OF_DAY, bcd(password.reveal()))


def repeat_receipt(password: Secret) -> Apdu:
    """06 20: say once more what the last payment was."""
    return Apdu(Control.REPEAT_RECEIPT, bcd(password.reveal()))


def _amount(amount: Amount) -> bytes:
    digits = bcd(f"{amount.minor:012}")
    return bytes((Field.AMOUNT,)) + digits + bytes((Field.CURRENCY,)) + bcd(CURRENCIES[amount.currency])
