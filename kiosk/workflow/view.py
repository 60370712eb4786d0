"""What the patron sees, as values without wording.  The type of a view picks the screen.

A view carries its choices in reading order; touch, key pad and command barcodes all answer with a choice's id.  Titles
and server messages are data, everything else is worded by `kiosk/wording/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sync.entries import Due, ItemId, Money, Reason
from sync.questions import News

# Ids of choices without an argument.  With one: "language:zh_CN", "renew:ITEM", "lend-incomplete:ITEM",
# "leave-out:ITEM", "count:5".
NUMBER = "number"
CANCEL = "cancel"
BORROW = "borrow"
FINISH = "finish"
MORE_TIME = "more-time"
COUNT = "count"
YES = "yes"
NO = "no"
DONE = "done"
STRIP_READY = "strip-ready"


class Language(Enum):
    """The languages of the screens; the value is the locale of the message catalogue."""

    ENGLISH = "en"
    CHINESE = "zh_CN"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the reader can choose; shown but not to be chosen while *enabled* is false."""

    id: str
    enabled: bool = True


class Trouble(Enum):
    """What is wrong with a thing on the pad or a scan, found by the terminal itself (`Reason` is the server's)."""

    FOREIGN_LIBRARY = "foreign-library"
    EMPTY_TAG = "empty-tag"
    UNREADABLE_TAG = "unreadable-tag"
    PATRON_CARD = "patron-card"
    SAME_NUMBER_TWICE = "same-number-twice"
    TAG_CANNOT_BE_RELEASED = "tag-cannot-be-released"
    NOT_ON_PAD = "not-on-pad"
    NOT_THE_SCANNED_ITEM = "not-the-scanned-item"
    BARCODE_UNREADABLE = "barcode-unreadable"
    NOT_THE_LIBRARYS_BARCODE = "not-the-librarys-barcode"
    BARCODE_UNKNOWN = "barcode-unknown"
    CARD_FIRST = "card-first"
    LEFT_FROM_LAST_SESSION = "left-from-last-session"
    PARTS_MISSING = "parts-missing"
    OVER_QUOTA = "over-quota"
    LEFT_OUT = "left-out"
    NO_ANSWER = "no-answer"
    RELEASE_FAILED_LOAN_UNDONE = "release-failed-loan-undone"
    RELEASE_FAILED_ASK_STAFF = "release-failed-ask-staff"
    RELEASE_UNKNOWN_SHOW_AT_DESK = "release-unknown-show-at-desk"
    TAKEN_AWAY = "taken-away"
    NOT_SECURED_LOAN_UNDONE = "not-secured-loan-undone"
    STORAGE_FULL = "storage-full"
    STRIP_UNIT_AWAY = "strip-unit-away"
    STRIP_NOT_CHECKED = "strip-not-checked"
    STRIP_SECOND_ITEM = "strip-second-item"
    STRIP_NOT_USED_IN_TIME = "strip-not-used-in-time"
    STRIP_MAGNETIC_MEDIA = "strip-magnetic-media"
    STRIP_MEDIA_UNKNOWN = "strip-media-unknown"
    STRIP_PERMANENT = "strip-permanent"
    TAG_IS_OF_ANOTHER = "tag-is-of-another"


class Status(Enum):
    """How a line stands.

    Only LENT, LENT_STAYS_SECURED, LENT_PROVISIONALLY and RENEWED are promises, and only once recorded.
    """

    WAITING = "waiting"
    ASKING = "asking"
    RELEASING = "releasing"
    STRIP_WANTED = "strip-wanted"
    LENT = "lent"
    LENT_STAYS_SECURED = "lent-stays-secured"
    LENT_PROVISIONALLY = "lent-provisionally"
    LENT_NOT_VERIFIED = "lent-not-verified"
    ALREADY_YOURS = "already-yours"
    RENEWING = "renewing"
    RENEWED = "renewed"
    NEEDS_CONSENT = "needs-consent"
    PUT_BACK = "put-back"
    UNDOING = "undoing"
    INCOMPLETE = "incomplete"
    NOT_LENT = "not-lent"


class SlipState(Enum):
    """What became of the slip for the gate that goes with a line."""

    PRINTING = "printing"
    PRINTED = "printed"
    NOT_PRINTED = "not-printed"


@dataclass(frozen=True, slots=True)
class Line:
    """One item (or thing) in the list.

    *id* is the item number, or "tag:UID" / "scan:N" for a thing that has none.  *title* is empty until the server told
    it; then the item number is shown.  *why* is set for everything that is not going well, and where a strip was
    treated that cannot be read back (LENT with STRIP_NOT_CHECKED).  *is_provisional*: lent by the terminal's word alone
    so far, whatever the status.  *choices* are offered in the line itself.  *reference* is what staff, at the desk or
    at the gate, find it by, empty where they need not; *slip* is None where none belongs to it.
    """

    id: str
    status: Status
    item: ItemId | None = None
    title: str = ""
    due: Due | None = None
    why: Reason | Trouble | None = None
    fee: Money | None = None
    parts: int = 1
    parts_present: int = 1
    message: str = ""
    is_provisional: bool = False
    reference: str = ""
    slip: SlipState | None = None
    choices: tuple[Choice, ...] = ()


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

    *books* items lie on the pad and wait for their card; *left* things of the last session still lie there.
    *troubles* are things seen that need a word before anybody starts (a card among the books, a card not read).
    """

    ways: tuple[Way, ...]
    books: int = 0
    left: int = 0
    troubles: tuple[Trouble, ...] = ()
    card_not_read: bool = False
    choices: tuple[Choice, ...] = ()


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
    of earlier provisional loans.
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

    *is_provisional*: at least one loan was granted by the terminal itself.
    """

    lines: tuple[Line, ...]
    lent: int
    renewed: int
    not_lent: int
    seconds_left: int
    is_provisional: bool = False
    choices: tuple[Choice, ...] = ()


View = (
    OneMoment
    | OutOfService
    | Welcome
    | EnterNumber
    | EnterPin
    | LookingUp
    | NotServed
    | Borrowing
    | HowMany
    | CountDiffers
    | PutBack
    | UseStripUnit
    | FeeConsent
    | StillThere
    | Summary
)


class Notice(Enum):
    """What is shown beside any view: something does not work, but the terminal serves on."""

    SERVER_AWAY = "server-away"
    PAD_AWAY = "pad-away"
    SCANNER_AWAY = "scanner-away"
    CARD_READER_AWAY = "card-reader-away"
    PRINTER_AWAY = "printer-away"
    STRIP_UNIT_AWAY = "strip-unit-away"
    LENDING_PROVISIONALLY = "lending-provisionally"
    STORAGE_FULL = "storage-full"


@dataclass(frozen=True, slots=True)
class Shown:
    """A view as it goes to the screen: in which language, with which notices, under which library's name."""

    view: View
    language: Language
    notices: tuple[Notice, ...] = ()
    library: str = ""
