"""The SIP2 messages about the terminal, the server and the patron: 93 94 99 98 97 96 23 24 63 64 35 36."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from drivers.masked import Secret
from sync.servers.sip2 import fields as kind
from sync.servers.sip2.fields import NO_SECRET, Summary
from sync.servers.sip2.layout import Pairs
from sync.servers.sip2.parts import (
    Count4,
    Currency,
    FeeAmount,
    Institution,
    Language,
    Message,
    Moment,
    Ok,
    Patron,
    PatronPassword,
    Print,
    Screen,
    Status,
    TerminalPassword,
    ValidPassword,
    ValidPatron,
    Yes,
    message,
)
from sync.servers.sip2.written_out import Fixed, Variable


@message("93")
@dataclass(frozen=True, slots=True, repr=False)
class Login(Message):
    """93: the terminal's account.  Algorithm "0" is clear text, the only one in use."""

    user_algorithm: Annotated[str, Fixed(kind.ONE)]
    password_algorithm: Annotated[str, Fixed(kind.ONE)]
    user: Annotated[str, Variable("CN", kind.CODE, required=True)]
    password: Annotated[Secret, Variable("CO", kind.SECRET, required=True)]
    # Sent even when empty: servers strip what is not a letter or digit from the end of a frame, as of a
    # password.
    location: Annotated[str, Variable("CP", kind.CODE, required=True)] = ""
    extra: Pairs = ()


@message("94")
@dataclass(frozen=True, slots=True, repr=False)
class LoginResponse(Message):
    """94: whether the account may work here."""

    ok: Ok
    screen_messages: Screen = ()
    extra: Pairs = ()


@message("99")
@dataclass(frozen=True, slots=True, repr=False)
class TerminalStatus(Message):
    """99: "0" ready, "1" out of paper, "2" shutting down."""

    status: Annotated[str, Fixed(kind.ONE)]
    print_width: Annotated[int | None, Fixed(kind.COUNT_3)]
    version: Annotated[str, Fixed(kind.FOUR)]
    extra: Pairs = ()


@message("98")
@dataclass(frozen=True, slots=True, repr=False)
class ServerStatus(Message):
    """98: what the server can do, as hints.  *timeout_tenths* is in tenths of a second, 999 unknown."""

    is_online: Yes
    may_check_in: Yes
    may_check_out: Yes
    may_renew: Yes
    may_update_status: Yes
    may_work_offline: Yes
    timeout_tenths: Annotated[int | None, Fixed(kind.COUNT_3)]
    retries: Annotated[int | None, Fixed(kind.COUNT_3)]
    at: Moment
    version: Annotated[str, Fixed(kind.FOUR)]
    institution: Institution = ""
    library: Annotated[str, Variable("AM", kind.TEXT)] = ""
    supported: Annotated[str, Variable("BX", kind.CODE, required=True)] = ""
    location: Annotated[str, Variable("AN", kind.TEXT)] = ""
    screen_messages: Screen = ()
    print_lines: Print = ()
    extra: Pairs = ()


@message("97")
@dataclass(frozen=True, slots=True, repr=False)
class ResendRequest(Message):
    """97: the terminal could not read the last answer.  Never carries a sequence digit."""

    extra: Pairs = ()


@message("96")
@dataclass(frozen=True, slots=True, repr=False)
class ServerResendRequest(Message):
    """96: the server could not read the last request.  Never carries a sequence digit."""

    extra: Pairs = ()


@message("23")
@dataclass(frozen=True, slots=True, repr=False)
class PatronStatusRequest(Message):
    """23: how a patron stands, without lists."""

    language: Language
    at: Moment
    institution: Institution
    patron: Patron
    patron_password: Annotated[Secret, Variable("AD", kind.SECRET, required=True)] = NO_SECRET
    terminal_password: TerminalPassword = NO_SECRET
    extra: Pairs = ()


@message("24")
@dataclass(frozen=True, slots=True, repr=False)
class PatronStatusResponse(Message):
    """24: answers 23, and 01."""

    status: Status
    language: Language
    at: Moment
    institution: Institution
    patron: Patron
    name: Annotated[str, Variable("AE", kind.TEXT, required=True)] = ""
    is_valid: ValidPatron = None
    is_password_valid: ValidPassword = None
    currency: Currency = ""
    fee_amount: FeeAmount = ""
    screen_messages: Screen = ()
    print_lines: Print = ()
    extra: Pairs = ()


@message("63")
@dataclass(frozen=True, slots=True, repr=False)
class PatronInformation(Message):
    """63: how a patron stands, with one list; *first* and *last* (from 1) page through it."""

    language: Language
    at: Moment
    summary: Annotated[Summary, Fixed(kind.SUMMARY)]
    institution: Institution
    patron: Patron
    # The password stands before the terminal's: servers strip what is not a letter or digit from the end of
    # a frame.
    patron_password: PatronPassword = NO_SECRET
    first: Annotated[int | None, Variable("BP", kind.COUNT)] = None
    last: Annotated[int | None, Variable("BQ", kind.COUNT)] = None
    terminal_password: TerminalPassword = NO_SECRET
    extra: Pairs = ()


@message("64")
@dataclass(frozen=True, slots=True, repr=False)
class PatronInformationResponse(Message):
    """64: the patron, six counts, and the list that was asked for.

    Address, e-mail and telephone (BD BE BF) have no attribute on purpose: the terminal has no use for them.
    """

    status: Status
    language: Language
    at: Moment
    hold_count: Count4
    overdue_count: Count4
    charged_count: Count4
    fine_count: Count4
    recall_count: Count4
    unavailable_count: Count4
    institution: Institution
    patron: Patron
    name: Annotated[str, Variable("AE", kind.TEXT, required=True)] = ""
    hold_limit: Annotated[int | None, Variable("BZ", kind.LIMIT)] = None
    overdue_limit: Annotated[int | None, Variable("CA", kind.LIMIT)] = None
    charged_limit: Annotated[int | None, Variable("CB", kind.LIMIT)] = None
    is_valid: ValidPatron = None
    is_password_valid: ValidPassword = None
    currency: Currency = ""
    fee_amount: FeeAmount = ""
    fee_limit: Annotated[str, Variable("CC", kind.CODE)] = ""
    hold_items: Annotated[tuple[str, ...], Variable("AS", kind.CODES)] = ()
    overdue_items: Annotated[tuple[str, ...], Variable("AT", kind.CODES)] = ()
    charged_items: Annotated[tuple[str, ...], Variable("AU", kind.CODES)] = ()
    fine_items: Annotated[tuple[str, ...], Variable("AV", kind.CODES)] = ()
    recall_items: Annotated[tuple[str, ...], Variable("BU", kind.CODES)] = ()
    unavailable_items: Annotated[tuple[str, ...], Variable("CD", kind.CODES)] = ()
    screen_messages: Screen = ()
    print_lines: Print = ()
    extra: Pairs = ()


@message("35")
@dataclass(frozen=True, slots=True, repr=False)
class EndSession(Message):
    """35: the patron is done."""

    at: Moment
    institution: Institution
    patron: Patron
    patron_password: PatronPassword = NO_SECRET
    terminal_password: TerminalPassword = NO_SECRET
    extra: Pairs = ()


@message("36")
@dataclass(frozen=True, slots=True, repr=False)
class EndSessionResponse(Message):
    """36: whether the server has ended the session."""

    is_ended: Yes
    at: Moment
    institution: Institution
    patron: Patron
    screen_messages: Screen = ()
    print_lines: Print = ()
    extra: Pairs = ()
