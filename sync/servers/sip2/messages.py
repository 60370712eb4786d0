"""The SIP2 messages of a terminal as typed values, for both ends of the line.

`decode` makes a message of a text without checksum, `encode` the text of a message; `framing.py` adds and
checks the rest.  The attributes of a class are its fixed part and its fields in the order they are sent;
`extra` keeps every other field in the order it came, as pairs of id and value ("" as id for what cannot be a
field).

What identifies a patron is as it came, unchecked: use `patron_id` on it before it means anything.  A message
prints its id and which fields it has, never a value.
"""

from __future__ import annotations

import re

from sync.entries import Money
from sync.servers.sip2.fee_messages import FeePaid, FeePaidResponse
from sync.servers.sip2.fields import BadValue, PatronFlag, Summary
from sync.servers.sip2.item_messages import (
    Checkin,
    CheckinResponse,
    Checkout,
    CheckoutResponse,
    ItemInformation,
    ItemInformationResponse,
    ItemStatusUpdate,
    ItemStatusUpdateResponse,
    LoanResponse,
    RenewRequest,
    RenewResponse,
)
from sync.servers.sip2.layout import Pairs
from sync.servers.sip2.money import read_money
from sync.servers.sip2.parts import LAYOUTS, Message
from sync.servers.sip2.patron_messages import (
    EndSession,
    EndSessionResponse,
    Login,
    LoginResponse,
    PatronInformation,
    PatronInformationResponse,
    PatronStatusRequest,
    PatronStatusResponse,
    ResendRequest,
    ServerResendRequest,
    ServerStatus,
    TerminalStatus,
)

__all__ = [
    "LEND_INCOMPLETE_FIELD",
    "PARTS_FIELD",
    "REASON_FIELD",
    "BadMessage",
    "BadValue",
    "Checkin",
    "CheckinResponse",
    "Checkout",
    "CheckoutResponse",
    "EndSession",
    "EndSessionResponse",
    "FeePaid",
    "FeePaidResponse",
    "ItemInformation",
    "ItemInformationResponse",
    "ItemStatusUpdate",
    "ItemStatusUpdateResponse",
    "LoanResponse",
    "Login",
    "LoginResponse",
    "Message",
    "Pairs",
    "PatronFlag",
    "PatronInformation",
    "PatronInformationResponse",
    "PatronStatusRequest",
    "PatronStatusResponse",
    "RenewRequest",
    "RenewResponse",
    "ResendRequest",
    "ServerResendRequest",
    "ServerStatus",
    "Summary",
    "TerminalStatus",
    "amount",
    "decode",
    "encode",
]

# Extra fields with which our own central server tells what SIP2 has no place for (profile "central").
REASON_FIELD = "ZR"
"""In 10, 12, 18, 20, 30, 38 and 64: the value of a `Reason`."""
PARTS_FIELD = "ZP"
"""In 18: how many parts the item has."""
LEND_INCOMPLETE_FIELD = "ZI"
"""In 18: Y or N, whether the item may be lent with parts missing."""


class BadMessage(ValueError):
    """A text that is no SIP2 message we know.  The message names its first two characters when they are
    digits.
    """


def decode(text: str) -> Message:
    """The message in *text* (no checksum).  Raises `BadMessage` when its id is not known here."""
    layout = LAYOUTS.get(text[:2])
    if layout is None:
        raise BadMessage(text[:2] if re.match(r"[0-9]{2}", text) else "not a message")
    message: Message = layout.read(text)
    return message


def encode(message: Message) -> str:
    """The text of *message*, without checksum.  Raises `BadValue` for what SIP2 cannot carry."""
    try:
        return message.layout.write(message)
    except KeyError:
        raise BadValue(f"{message.id}: a flag is neither yes nor no") from None


def amount(
    message: LoanResponse | CheckinResponse | PatronInformationResponse | PatronStatusResponse, currency: str
) -> Money | None:
    """The fee in *message* (BV, in the currency of BH or else in *currency*); None when none was told or it
    is unclear.
    """
    return read_money(message.fee_amount, message.currency.strip() or currency)
