"""What a session remembers between two events: all of it, as immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from drivers.masked import Masked, Secret
from drivers.rfid import Tag, TagUid
from kiosk.workflow.account_state import AccountState, CareMark, Choosing, OnHand, Page, Payment
from kiosk.workflow.back_line import BackLineState, Batch
from kiosk.workflow.events import Device, Moment
from kiosk.workflow.line import BUSY, LENT, UNDER_WAY, LineState
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.two_phase import Attempt
from kiosk.workflow.view import Language, LoanStatus, Outage, PaymentState, Refusal, Trouble
from sync.entries import Entry, EntryKey, ItemId, Means, Money, PatronId, Reason
from sync.questions import LoanFact, News


class Dialog(Enum):
    """A question about the number of books that stands before the list."""

    HOW_MANY = "how-many"
    DIFFERS_AT_FINISH = "differs-at-finish"


@dataclass(frozen=True, slots=True)
class Session:
    """A patron's time at the terminal.

    *loans* and *loan_count* are as they were told at the start, by the server, or by the terminal's own books where
    *is_of_snapshot*; *heard_at* is when the server last answered an entry.  *may_lend_here* whether the terminal may
    lend by itself in this session, *is_provisional* once it does.  *news*, asked for as *token_news*, and
    *unconfirmed*, the items the patron has from here by the terminal's word alone.

    *page* is what is open; *may_borrow* false: the account is all there is for this patron here, *blocks* say why.
    *account* is as last told, *choosing* the fees chosen of it, *paying* the payment that is shown.
    *is_payment_open*: nobody knows yet what became of a payment of theirs, so that no other is taken.
    """

    patron: PatronId
    name: str = ""
    loans: tuple[LoanFact, ...] | None = None
    loan_count: int | None = None
    loan_limit: int | None = None
    lines: tuple[LineState, ...] = ()
    declared: int | None = None
    dialog: Dialog | None = None
    heard_at: float = 0.0
    is_of_snapshot: bool = False
    may_lend_here: bool = False
    is_provisional: bool = False
    token_news: int = 0
    news: tuple[News, ...] = ()
    unconfirmed: tuple[ItemId, ...] = ()
    is_ending: bool = False
    next_number: Masked | None = None
    page: Page = Page.BOOKS
    may_borrow: bool = True
    blocks: tuple[Reason, ...] = ()
    account: AccountState = field(default_factory=AccountState)
    choosing: Choosing = field(default_factory=Choosing)
    paying: EntryKey | None = None
    is_payment_open: bool = False


# --- Phases -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pending:
    """A release, or the securing of what was given back, that was under way when the terminal stopped.

    *attempt* once its tags were found on the pad.
    """

    entry: Entry
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Starting:
    """What was under way at tags when the terminal stopped is settled while these may still lie there."""

    pending: Mapping[EntryKey, Pending]
    until: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody is here.  *trouble* is a word about the last scan, *card_not_read* about the last card."""

    trouble: Trouble | None = None
    card_not_read: bool = False


@dataclass(frozen=True, slots=True)
class TypingNumber:
    """Somebody types a card number."""

    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class TypingPin:
    """*patron* is to type the PIN."""

    patron: PatronId
    tries_left: int | None = None


@dataclass(frozen=True, slots=True)
class Identifying:
    """The server, or with *is_here* the terminal's own books, was asked about *patron*; *pin* as it was typed."""

    patron: PatronId
    token: int
    pin: Secret | None
    until: float
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """This card is not served; says why until *until*."""

    reasons: tuple[Reason | Refusal, ...]
    until: float
    fee: Money | None = None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Serving:
    """A session runs."""

    session: Session


@dataclass(frozen=True, slots=True)
class Summing:
    """The session is over; its lines stay to be read until *until*.  No patron is remembered any more."""

    lines: tuple[LineState, ...]
    until: float


@dataclass(frozen=True, slots=True)
class Returning:
    """Items are given back, at the pad or into a book drop; nobody says who they are."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class BackSumming:
    """Giving back is over; its lines stay to be read until *until*, *forgotten* more ended well long before.

    Late answers are nobody's news any more.
    """

    lines: tuple[BackLineState, ...]
    until: float
    forgotten: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """Nothing may be promised any more until the terminal starts anew."""

    why: Outage


Phase = (
    Starting
    | Idle
    | TypingNumber
    | TypingPin
    | Identifying
    | TurnedAway
    | Serving
    | Summing
    | Returning
    | BackSumming
    | Broken
)


@dataclass(frozen=True, slots=True)
class PadState:
    """What lies on the pad: *tags* and in how many inventories in a row.

    *quarantined* tags belong to nobody.  *seen* are all tags of the running session: one that comes and goes at the
    field's edge is a sign of life only once.
    """

    tags: tuple[Tag, ...] = ()
    readings: int = 0
    quarantined: tuple[TagUid, ...] = ()
    seen: tuple[TagUid, ...] = ()


@dataclass(frozen=True, slots=True)
class StripUnitState:
    """What is known of the strip unit.

    *order* is the entry whose strip it was told to treat and about which it has not answered.  *is_occupied* while an
    item lies on it; *of* is the line that item came for, None as long as it may be anybody's.
    """

    order: EntryKey | None = None
    is_occupied: bool = False
    of: str | None = None


@dataclass(frozen=True, slots=True)
class DropUnitState:
    """What is known of the book drop: whether an item lies in front of its flap, and whether its bin is full.

    *done* items were taken in a row, since somebody was here last.
    """

    is_occupied: bool = False
    is_full: bool = False
    done: int = 0


NOBODYS = ""
"""What `StripUnitState.of` says of an item that was left there by the last reader: no line has this id."""


@dataclass(frozen=True, slots=True)
class State:
    """The whole of what the terminal remembers.  *now* is the moment of the last event.

    *strip_unit* and *drop_unit* are what is known of these devices.  *pin_refusals* are dated by the monotonic clock,
    so that setting the time gives no new tries and takes none.  *given_up* are entries whose outcome the session no
    longer waits for, with the item they touch: that item is not asked for again before their outcome is known.
    *is_server_current* while the server also has all that this terminal did; *is_room_low* while the journal's disk
    takes only what was begun, and returns.

    *payments* are those whose end is not written, and those a reader still looks at.  *marks* are the means by which
    money can be taken now, each with the mark of its last payment.  *wants_account*: the next card opens the account.
    *care* is what somebody marks just now, *cared_for* the items it was done for in this session, *on_hand* the
    receipts that can be had.
    """

    settings: SessionSettings
    epoch: str
    boot: int
    now: Moment
    phase: Phase
    language: Language
    pad: PadState = PadState()
    strip_unit: StripUnitState = StripUnitState()
    drop_unit: DropUnitState = DropUnitState()
    down: tuple[Device, ...] = ()
    is_server_away: bool = False
    is_server_current: bool = True
    snapshot_made_at: datetime | None = None
    is_room_low: bool = False
    pin_refusals: tuple[tuple[PatronId, float], ...] = ()
    given_up: tuple[tuple[EntryKey, ItemId], ...] = ()
    payments: tuple[Payment, ...] = ()
    marks: tuple[tuple[Means, str], ...] = ()
    wants_account: bool = False
    care: CareMark | None = None
    cared_for: tuple[ItemId, ...] = ()
    on_hand: OnHand | None = None
    token: int = 0
    active_at: float = 0.0
    warned_at: float | None = None


def begin(
    settings: SessionSettings,
    epoch: str,
    boot: int,
    open_releases: tuple[Entry, ...],
    pin_refusals: tuple[tuple[PatronId, datetime], ...],
    at: Moment,
    left_open: tuple[tuple[EntryKey, ItemId], ...] = (),
    open_secures: tuple[Entry, ...] = (),
    open_payments: tuple[Entry, ...] = (),
) -> State:
    """The state at start-up.

    *open_releases* are the journal's entries whose release was intended and has no result; without any, or without a
    pad to settle them on, the terminal is at once ready (the latter's are settled by the first `Tick`).  *left_open*
    are entries on their way that may still be undone, with their items.  *open_secures* are items given back whose
    securing was intended and has no result, *open_payments* those of which nobody wrote down whether the money was
    taken; both are in the lane and held there, so each needs one `Proceed`, or its end and one `GiveUp`.
    """
    phase: Phase = Idle()
    if open_releases or open_secures:
        until = at.seconds + settings.start_seconds if settings.has_pad else at.seconds
        phase = Starting({entry.key: Pending(entry) for entry in (*open_releases, *open_secures)}, until)
    return State(
        settings=settings,
        epoch=epoch,
        boot=boot,
        now=at,
        phase=phase,
        language=settings.language,
        pin_refusals=tuple((patron, _moment_of(refused_at, at)) for patron, refused_at in pin_refusals),
        given_up=left_open,
        payments=tuple(
            Payment(entry, PaymentState.AUTHORISING, at.seconds, is_found=True) for entry in open_payments
        ),
        active_at=at.seconds,
    )


def _moment_of(wall: datetime, now: Moment) -> float:
    """When *wall* was on the monotonic clock; now, for a moment that is still to come by the wall clock."""
    return now.seconds - max(0.0, (now.wall - wall).total_seconds())


def owns(state: State, key: EntryKey) -> bool:
    """Whether the running session, or the start-up, waits for the outcome of the entry *key*."""
    if any(payment.entry.key == key and not payment.is_over for payment in state.payments):
        return True
    match state.phase:
        case Serving(session):
            is_renewed = any(
                loan.key == key and loan.status is LoanStatus.RENEWING for loan in session.account.loans or ()
            )
            return is_renewed or any(
                line.status in BUSY and key in (line.key, line.undo) for line in session.lines
            )
        case Returning(batch):
            return any(line.key == key and not line.is_over for line in batch.lines)
        case Starting(pending):
            return key in pending
        case _:
            return False


def with_line(session: Session, line: LineState) -> Session:
    """*session* with *line* in the place of the one with the same id, or at the end."""
    if any(known.id == line.id for known in session.lines):
        return replace(
            session, lines=tuple(line if known.id == line.id else known for known in session.lines)
        )
    return replace(session, lines=(*session.lines, line))


def books_left_to_borrow(session: Session) -> int | None:
    """How many more items the patron may borrow, after those lent and those under way; None when not known."""
    if session.loan_limit is None or session.loan_count is None:
        return None
    counted = sum(line.status in (*UNDER_WAY, *LENT) for line in session.lines)
    return max(0, session.loan_limit - session.loan_count - counted)
