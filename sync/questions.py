"""What a circulation server can be asked without effect, and what it tells: values shared by session and servers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from drivers.masked import Secret
from sync.entries import Due, FeeKind, ItemId, Money, PatronId, Reason

# --- Questions: without effect, may be asked again ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AboutPatron:
    """Who is this, may they borrow, what have they got?  With *pin*, is it right?"""

    patron: PatronId
    pin: Secret | None = None


@dataclass(frozen=True, slots=True)
class AboutItem:
    """What is this item and how does it stand?"""

    item: ItemId


@dataclass(frozen=True, slots=True)
class AboutAccount:
    """What has *patron*, whose identity is known already, got, waited for, and to pay?"""

    patron: PatronId


@dataclass(frozen=True, slots=True)
class AboutServer:
    """Is the server in service, and what time is it there?"""


@dataclass(frozen=True, slots=True)
class EndOfSession:
    """The patron is done; the server may forget what it kept for them."""

    patron: PatronId


@dataclass(frozen=True, slots=True)
class MayLend:
    """May the terminal itself lend *item* to *patron*, without the server?  Asked of the snapshot, never of a server.

    *usage* is the type of usage byte of its tag (ISO 28560-1, OID 5), None without a tag.  *already* are the items of
    the running session that are lent or on their way and in no journal row of a loan yet.
    """

    item: ItemId
    patron: PatronId
    usage: int | None = None
    already: tuple[ItemId, ...] = ()


@dataclass(frozen=True, slots=True)
class NewsFor:
    """What became of *patron*'s provisional loans?  Asked of the terminal's own books, never of a server."""

    patron: PatronId


Question = AboutPatron | AboutAccount | AboutItem | AboutServer | EndOfSession
LocalQuestion = AboutPatron | MayLend | NewsFor


@dataclass(frozen=True, slots=True)
class LoanFact:
    """One loan on a patron's account; title and due where the server tells them."""

    item: ItemId
    due: Due | None = None
    title: str = ""
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class PatronFacts:
    """How a patron stands.

    *is_known* false: no such card.  *is_pin_right* None when no PIN was given or the server did not judge it (which
    counts as not verified).  *blocks* are the reasons borrowing is refused, the gravest first; empty means may
    borrow.  *loans* is None when the server did not tell them.  *loan_limit* None: not told.
    """

    patron: PatronId
    is_known: bool
    name: str = ""
    is_pin_right: bool | None = None
    blocks: tuple[Reason, ...] = ()
    loans: tuple[LoanFact, ...] | None = None
    loan_count: int | None = None
    loan_limit: int | None = None
    fees_owed: Money | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldFact:
    """One hold of a patron: *is_ready* to be picked up at *pickup* until *until*, else number *queue* in the queue.

    None and empty where the server does not tell.
    """

    item: ItemId | None = None
    title: str = ""
    is_ready: bool = False
    pickup: str = ""
    until: Due | None = None
    queue: int | None = None


@dataclass(frozen=True, slots=True)
class FeeFact:
    """One fee that is open: *id* names it to the server; *text* is the server's own, for display.

    Fees without an id cannot be told apart when they are paid: only all that is owed together.  *is_payable* false:
    the server takes no money for it here, or not yet.
    """

    id: str
    amount: Money
    kind: FeeKind = FeeKind.OTHER
    item: ItemId | None = None
    title: str = ""
    since: date | None = None
    text: str = ""
    is_payable: bool = True


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A patron's account; what the server does not tell is None.

    *owed* is the sum of all that is open, also where *fees* does not name each.  *blocks* as in `PatronFacts`.
    *takes_payments* and *pays_several* as in the server's `Capabilities`: whether the terminal can pay fees there at
    all, and some of them together.
    """

    patron: PatronId
    is_known: bool
    loans: tuple[LoanFact, ...] | None = None
    holds: tuple[HoldFact, ...] | None = None
    fees: tuple[FeeFact, ...] | None = None
    owed: Money | None = None
    loan_count: int | None = None
    loan_limit: int | None = None
    blocks: tuple[Reason, ...] = ()
    messages: tuple[str, ...] = ()
    takes_payments: bool = True
    pays_several: bool = True


class Standing(Enum):
    """How an item stands (SIP2 circulation status, reduced to what the terminal tells apart)."""

    AVAILABLE = "available"
    ON_LOAN = "on-loan"
    ON_HOLD_SHELF = "on-hold-shelf"
    IN_TRANSIT = "in-transit"
    IN_PROCESS = "in-process"
    LOST = "lost"
    NOT_FOR_LOAN = "not-for-loan"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """How an item stands.

    *parts* and *lend_incomplete* (may it be lent with parts missing?) are None where the server has no such rule.
    *reason* is the exact reason it cannot be lent to anybody, where the server tells one.
    """

    item: ItemId
    is_known: bool
    title: str = ""
    standing: Standing = Standing.OTHER
    due: Due | None = None
    magnetic: bool | None = None
    parts: int | None = None
    lend_incomplete: bool | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """Whether the server is in service; its clock where it told it (for the offset, never for setting ours)."""

    is_online: bool
    lends: bool = True
    clock: datetime | None = None
    library: str = ""


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The server acknowledged the end of a session."""


@dataclass(frozen=True, slots=True)
class LendingFacts:
    """What the snapshot allows: *refusal* None means the item may be lent until *due*, provisionally.

    *release* false: lent, but its tag or strip stays secured (permanent strips).  *magnetic* None: not known, which
    means that a strip is not desensitised.  *snapshot_at* is when the snapshot was made.
    """

    item: ItemId
    refusal: Reason | None
    due: Due | None = None
    release: bool = True
    magnetic: bool | None = None
    snapshot_at: datetime | None = None


class NewsKind(Enum):
    """What a reader is told later about something that was provisional."""

    CONFIRMED = "confirmed"
    DUE_CHANGED = "due-changed"
    NOT_CONFIRMED = "not-confirmed"


@dataclass(frozen=True, slots=True)
class News:
    """What became of one provisional loan: *promised* is the due date the reader was told, *due* what holds now."""

    kind: NewsKind
    item: ItemId
    promised: Due
    due: Due | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class PatronNews:
    """*news*, the oldest first, and the items lent to the patron here that the server has not confirmed yet.

    *is_payment_open*: they paid here, or began to, and it is neither settled nor have staff found out about it.
    """

    patron: PatronId
    news: tuple[News, ...] = ()
    provisional: tuple[ItemId, ...] = ()
    is_payment_open: bool = False


Facts = PatronFacts | AccountFacts | ItemFacts | ServerFacts | SessionEnded
LocalFacts = PatronFacts | LendingFacts | PatronNews
