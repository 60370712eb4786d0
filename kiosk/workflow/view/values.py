"""What views are made of: choices, why something is not going well, how a line stands, a line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sync.entries import Due, ItemId, Money, Reason

# Ids of choices without an argument.  With one: "language:zh_CN", "renew:ITEM", "lend-incomplete:ITEM",
# "leave-out:ITEM", "count:5", "care:ITEM", "flaw:FLAW", "fee:N", "pay-by:MEANS", "give-back:ITEM".
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
GIVE_BACK = "give-back"
ACCOUNT = "account"
RENEW_ALL = "renew-all"
PAY = "pay"
ALL_FEES = "all-fees"
PRINT = "print"
CODE = "code"


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
    NOT_SECURED_ASK_STAFF = "not-secured-ask-staff"
    RETURN_LEFT_TO_STAFF = "return-left-to-staff"
    ONE_AT_A_TIME = "one-at-a-time"
    STUCK_IN_DROP = "stuck-in-drop"
    NOT_IN_BIN = "not-in-bin"
    ALREADY_BACK = "already-back"


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
