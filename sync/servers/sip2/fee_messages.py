"""The SIP2 messages about money: 37 38."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sync.servers.sip2 import fields as kind
from sync.servers.sip2.fields import NO_SECRET
from sync.servers.sip2.layout import Pairs
from sync.servers.sip2.parts import (
    Accepted,
    Institution,
    Message,
    Moment,
    Patron,
    PatronPassword,
    Print,
    Screen,
    TerminalPassword,
    Transaction,
    message,
)
from sync.servers.sip2.written_out import Fixed, Variable


@message("37")
@dataclass(frozen=True, slots=True, repr=False)
class FeePaid(Message):
    """37: money was taken.  *fee_kind* and *payment_kind* are codes of two digits, *currency* is of ISO 4217.

    *fee* (CG) names the fee it is for; without it the server decides.  *transaction* (BK) is the terminal's number.
    """

    at: Moment
    fee_kind: Annotated[str, Fixed(kind.TWO)]
    payment_kind: Annotated[str, Fixed(kind.TWO)]
    currency: Annotated[str, Fixed(kind.THREE)]
    institution: Institution
    patron: Patron
    patron_password: PatronPassword = NO_SECRET
    fee: Annotated[str, Variable("CG", kind.CODE)] = ""
    transaction: Transaction = ""
    # Behind the patron: servers execute a request that was cut off on its way, and would pay for a shorter number.
    amount: Annotated[str, Variable("BV", kind.CODE, required=True)] = ""
    terminal_password: TerminalPassword = NO_SECRET
    extra: Pairs = ()


@message("38")
@dataclass(frozen=True, slots=True, repr=False)
class FeePaidResponse(Message):
    """38: whether the payment was accepted; *transaction* is the server's number, or ours again."""

    ok: Accepted
    at: Moment
    institution: Institution
    patron: Patron
    transaction: Transaction = ""
    screen_messages: Screen = ()
    print_lines: Print = ()
    extra: Pairs = ()
