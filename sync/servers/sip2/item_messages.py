"""The SIP2 messages about an item and its loan: 11 12 09 10 29 30 17 18 19 20."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sync.entries import Due, PatronId
from sync.servers.sip2 import fields as kind
from sync.servers.sip2.dates import NOT_DUE
from sync.servers.sip2.fields import NO_PATRON, NO_SECRET
from sync.servers.sip2.layout import Pairs
from sync.servers.sip2.parts import (
    Alerted,
    Cancel,
    Currency,
    DueDate,
    FeeAcknowledged,
    FeeAmount,
    FeeType,
    Institution,
    Item,
    MediaType,
    Message,
    Moment,
    Ok,
    Patron,
    PatronPassword,
    PermanentLocation,
    Print,
    Properties,
    Screen,
    SecurityInhibit,
    TerminalPassword,
    Title,
    Transaction,
    Yes,
    YesNoUnknown,
    message,
)
from sync.servers.sip2.written_out import Fixed, Variable


@message("11")
@dataclass(frozen=True, slots=True, repr=False)
class Checkout(Message):
    """11: lend.  *may_renew* is the SC renewal policy, *no_block* says that it has already happened."""

    may_renew: Yes
    no_block: Yes
    at: Moment
    no_block_due: Moment
    institution: Institution
    patron: Patron
    item: Item
    patron_password: PatronPassword = NO_SECRET
    properties: Properties = ""
    fee_acknowledged: FeeAcknowledged = None
    cancel: Cancel = None
    terminal_password: TerminalPassword = NO_SECRET
    extra: Pairs = ()


@dataclass(frozen=True, slots=True, repr=False)
class LoanResponse(Message):
    """What 12 and 30 have in common.

    *desensitize* true: release the security; *security_inhibit* (CI) true: never touch it, whatever
    *desensitize* says.
    """

    ok: Ok
    renewal_ok: Yes
    is_magnetic: YesNoUnknown
    desensitize: YesNoUnknown
    at: Moment
    institution: Institution
    patron: Patron
    item: Item
    title: Title = ""
    due: DueDate = NOT_DUE
    fee_type: FeeType = ""
    security_inhibit: SecurityInhibit = None
    currency: Currency = ""
    fee_amount: FeeAmount = ""
    media_type: MediaType = ""
    properties: Properties = ""
    transaction: Transaction = ""
    screen_messages: Screen = ()
    print_lines: Print = ()
    extra: Pairs = ()


@message("12")
@dataclass(frozen=True, slots=True, repr=False)
class CheckoutResponse(LoanResponse):
    """12: whether it was lent."""


@message("29")
@dataclass(frozen=True, slots=True, repr=False)
class RenewRequest(Message):
    """29: lengthen the loan.  Either *item* or *title* names it."""

    third_party_allowed: Yes
    no_block: Yes
    at: Moment
    no_block_due: Moment
    institution: Institution
    patron: Patron
    item: Annotated[str, Variable("AB", kind.CODE)]
    patron_password: PatronPassword = NO_SECRET
    title: Annotated[str, Variable("AJ", kind.TEXT)] = ""
    properties: Properties = ""
    fee_acknowledged: FeeAcknowledged = None
    terminal_password: TerminalPassword = NO_SECRET
    extra: Pairs = ()


@message("30")
@dataclass(frozen=True, slots=True, repr=False)
class RenewResponse(LoanResponse):
    """30: whether the loan was lengthened."""


@message("09")
@dataclass(frozen=True, slots=True, repr=False)
class Checkin(Message):
    """09: take back.  *returned_at* is when the item came in."""

    no_block: Yes
    at: Moment
    returned_at: Moment
    location: Annotated[str, Variable("AP", kind.CODE, required=True)]
    institution: Institution
    item: Item
    properties: Properties = ""
    cancel: Cancel = None
    terminal_password: TerminalPassword = NO_SECRET
    extra: Pairs = ()


@message("10")
@dataclass(frozen=True, slots=True, repr=False)
class CheckinResponse(Message):
    """10: whether it was taken back.  *alert* asks for attention; CV says why, where the server sends it.

    *patron* is whose loan ended, *hold_patron* for whom the item is held.  The name of the latter (DA) has no
    attribute on purpose: the terminal has no use for it.  AH, BH and BV are extensions: when the item was due, and
    what being late costs.
    """

    ok: Ok
    resensitize: YesNoUnknown
    is_magnetic: YesNoUnknown
    alert: Alerted
    at: Moment
    institution: Institution
    item: Item
    permanent_location: Annotated[str, Variable("AQ", kind.TEXT, required=True)] = ""
    title: Annotated[str, Variable("AJ", kind.TEXT)] = ""
    sort_bin: Annotated[str, Variable("CL", kind.CODE)] = ""
    patron: Annotated[PatronId, Variable("AA", kind.PATRON)] = NO_PATRON
    media_type: MediaType = ""
    properties: Properties = ""
    alert_type: Annotated[str, Variable("CV", kind.CODE)] = ""
    destination: Annotated[str, Variable("CT", kind.TEXT)] = ""
    location: Annotated[str, Variable("AP", kind.TEXT)] = ""
    collection: Annotated[str, Variable("CR", kind.TEXT)] = ""
    call_number: Annotated[str, Variable("CS", kind.TEXT)] = ""
    hold_patron: Annotated[PatronId, Variable("CY", kind.PATRON)] = NO_PATRON
    due: Annotated[Due, Variable("AH", kind.DUE)] = NOT_DUE
    currency: Currency = ""
    fee_amount: FeeAmount = ""
    screen_messages: Screen = ()
    print_lines: Print = ()
    extra: Pairs = ()


@message("17")
@dataclass(frozen=True, slots=True, repr=False)
class ItemInformation(Message):
    """17: how an item stands."""

    at: Moment
    institution: Institution
    item: Item
    terminal_password: TerminalPassword = NO_SECRET
    extra: Pairs = ()


@message("18")
@dataclass(frozen=True, slots=True, repr=False)
class ItemInformationResponse(Message):
    """18: the item; *circulation_status* is a code of two digits whose list depends on the dialect."""

    circulation_status: Annotated[str, Fixed(kind.TWO)]
    security_marker: Annotated[str, Fixed(kind.TWO)]
    fee_kind: Annotated[str, Fixed(kind.TWO)]
    at: Moment
    hold_queue_length: Annotated[int | None, Variable("CF", kind.COUNT)] = None
    due: Annotated[Due, Variable("AH", kind.DUE)] = NOT_DUE
    recall_date: Annotated[str, Variable("CJ", kind.CODE)] = ""
    hold_pickup_date: Annotated[str, Variable("CM", kind.CODE)] = ""
    item: Item = ""
    title: Title = ""
    owner: Annotated[str, Variable("BG", kind.TEXT)] = ""
    currency: Currency = ""
    fee_amount: FeeAmount = ""
    media_type: MediaType = ""
    permanent_location: PermanentLocation = ""
    location: Annotated[str, Variable("AP", kind.TEXT)] = ""
    properties: Properties = ""
    screen_messages: Screen = ()
    print_lines: Print = ()
    extra: Pairs = ()


@message("19")
@dataclass(frozen=True, slots=True, repr=False)
class ItemStatusUpdate(Message):
    """19: something about an item that is to be kept with it; *properties* is free text."""

    at: Moment
    institution: Institution
    item: Item
    properties: Annotated[str, Variable("CH", kind.TEXT, required=True)]
    terminal_password: TerminalPassword = NO_SECRET
    extra: Pairs = ()


@message("20")
@dataclass(frozen=True, slots=True, repr=False)
class ItemStatusUpdateResponse(Message):
    """20: whether it was kept."""

    ok: Ok
    at: Moment
    item: Item
    title: Annotated[str, Variable("AJ", kind.TEXT)] = ""
    properties: Properties = ""
    screen_messages: Screen = ()
    print_lines: Print = ()
    extra: Pairs = ()
