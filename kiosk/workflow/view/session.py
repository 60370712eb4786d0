"""What a reader sees from the first touch to the summary of what was borrowed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.workflow.view.values import Choice, Line, SlipState, Trouble
from sync.entries import Money, Reason
from sync.questions import News


class Way(Enum):
    """How a reader can say who they are."""

    CARD = "card"
    BARCODE = "barcode"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class OneMoment:
    """The terminal starts, or settles something before it can serve."""

    choices: tuple[Choice, ...] = ()


class Outage(Enum):
    """Why the terminal cannot serve anybody."""

    JOURNAL = "journal"
    NO_WAY_IN = "no-way-in"


@dataclass(frozen=True, slots=True)
class OutOfService:
    """Nothing can be lent here for now; somebody has to look."""

    why: Outage
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Welcome:
    """Nobody is using the terminal.

    *books* items lie on the pad and wait for their card; *left* things of the last session still lie there.  The
    choices "give-back" and "account" are there where the terminal has these services.  *is_for_account*: the account
    was chosen, and whoever shows a card now sees it; "cancel" goes back.  *is_lending*: whoever shows a card borrows.
    *troubles* are things seen that need a word before anybody starts (a card among the books, a card not read).
    """

    ways: tuple[Way, ...]
    books: int = 0
    left: int = 0
    troubles: tuple[Trouble, ...] = ()
    card_not_read: bool = False
    is_for_account: bool = False
    choices: tuple[Choice, ...] = ()
    is_lending: bool = True


@dataclass(frozen=True, slots=True)
class EnterNumber:
    """The number pad for a card number; answered by `NumberEntered`."""

    is_wrong: bool = False
    length_max: int = 20
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class EnterPin:
    """The number pad for the PIN; answered by `PinEntered`.  *tries_left* once a try was wrong."""

    tries_left: int | None = None
    length_max: int = 8
    books: int = 0
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class LookingUp:
    """The server is being asked who this is."""

    choices: tuple[Choice, ...] = ()


class Refusal(Enum):
    """Why this card is not served, where that is not a reason of the server."""

    SERVER_AWAY = "server-away"
    TOO_MANY_PIN_TRIES = "too-many-pin-tries"
    PIN_NOT_VERIFIED = "pin-not-verified"
    CARD_NUMBER_UNUSABLE = "card-number-unusable"
    SNAPSHOT_TOO_OLD = "snapshot-too-old"
    STORAGE_FULL = "storage-full"


@dataclass(frozen=True, slots=True)
class NotServed:
    """This patron cannot borrow; *reasons* in words with what to do, the gravest first."""

    reasons: tuple[Reason | Refusal, ...]
    fee: Money | None = None
    messages: tuple[str, ...] = ()
    seconds_left: int = 0
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Borrowing:
    """The list of books of a running session.

    *greeting* is the patron's name as far as it may be shown.  *books* are the items seen, *declared* how many the
    reader says there are (None: not said), *quota_left* how many more may be borrowed after those lent and in process
    (None: not known), *quota* of how many in all.  *is_busy* while something is being done.  *to_confirm* items
    wait for the reader's word: "borrow" starts them all, "leave-out:ITEM" in a line leaves that one out.
    *is_provisional*: the terminal lends by itself, and the library's server confirms later.  *news* tells what became
    of earlier provisional loans.  The choice "account" leads to the account, "care:ITEM" in a line to `MarkCare`.
    """

    greeting: str
    lines: tuple[Line, ...]
    books: int
    lent: int
    declared: int | None = None
    quota: int | None = None
    quota_left: int | None = None
    is_busy: bool = False
    to_confirm: int = 0
    is_provisional: bool = False
    news: tuple[News, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class HowMany:
    """How many books have you?  Choices "count:1" to "count:N"."""

    seen: int
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class CountDiffers:
    """The reader said *declared*, the pad sees *seen*: look again or go on with what is seen."""

    declared: int
    seen: int
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class PutBack:
    """*line* was taken away while it was being processed; it is asked for until *seconds_left* have passed."""

    line: Line
    seconds_left: int
    choices: tuple[Choice, ...] = ()


class StripStep(Enum):
    """What is to be done with an item at the strip unit: to be lent, once more, or to be made secure again.

    TAKE_AWAY: another item still lies there.  SCAN_AGAIN: it went over the unit too early, so its barcode has to be
    scanned once more before it may go over it again.
    """

    DESENSITISE = "desensitise"
    AGAIN = "again"
    SENSITISE = "sensitise"
    TAKE_AWAY = "take-away"
    SCAN_AGAIN = "scan-again"


@dataclass(frozen=True, slots=True)
class UseStripUnit:
    """*line* has to go over the strip unit, it alone; waited for until *seconds_left* have passed.

    *is_working* while the unit is at it.  Choices: "strip-ready" where the unit senses nothing by itself, "no".
    """

    line: Line
    step: StripStep
    seconds_left: int
    is_working: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class FeeConsent:
    """Borrowing *line* costs its fee: yes or no."""

    line: Line
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class StillThere:
    """Nothing happened for a while; the session ends in *seconds_left* of *seconds_total*."""

    seconds_left: int
    seconds_total: int
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a session: what was lent and renewed and what was not, with reasons; that stands first.

    *is_provisional*: at least one loan was granted by the terminal itself.  *receipt* is what became of the one that
    was wanted; choices "print" and "code" where there is one to be had.
    """

    lines: tuple[Line, ...]
    lent: int
    renewed: int
    not_lent: int
    seconds_left: int
    is_provisional: bool = False
    receipt: SlipState | None = None
    choices: tuple[Choice, ...] = ()
