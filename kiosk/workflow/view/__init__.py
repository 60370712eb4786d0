"""What the patron sees, as values without wording.  The type of a view picks the screen.

A view carries its choices in reading order; touch, key pad and command barcodes all answer with a choice's id.  Titles
and server messages are data, everything else is worded by `kiosk/wording/`.

`values.py` is what views are made of; `session.py`, `giving_back.py`, `account.py`, `paying.py` and `care.py` are the
views of one service each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.workflow.view.account import Account, FeeLine, HoldLine, LoanLine, LoanStatus
from kiosk.workflow.view.care import MarkCare, ReceiptCode
from kiosk.workflow.view.giving_back import (
    BackLine,
    BackStatus,
    BackSummary,
    BookDropping,
    DropStep,
    GivingBack,
    UseStripUnitBack,
)
from kiosk.workflow.view.paying import ChooseFees, Paying, PaymentState, PaymentTrouble
from kiosk.workflow.view.session import (
    Borrowing,
    CountDiffers,
    EnterNumber,
    EnterPin,
    FeeConsent,
    HowMany,
    LookingUp,
    NotServed,
    OneMoment,
    Outage,
    OutOfService,
    PutBack,
    Refusal,
    StillThere,
    StripStep,
    Summary,
    UseStripUnit,
    Way,
    Welcome,
)
from kiosk.workflow.view.values import (
    ACCOUNT,
    ALL_FEES,
    BORROW,
    CANCEL,
    CODE,
    COUNT,
    DONE,
    FINISH,
    GIVE_BACK,
    MORE_TIME,
    NO,
    NUMBER,
    PAY,
    PRINT,
    RENEW_ALL,
    STRIP_READY,
    YES,
    Choice,
    Language,
    Line,
    SlipState,
    Status,
    Trouble,
)

__all__ = [
    "ACCOUNT",
    "ALL_FEES",
    "BORROW",
    "CANCEL",
    "CODE",
    "COUNT",
    "DONE",
    "FINISH",
    "GIVE_BACK",
    "MORE_TIME",
    "NO",
    "NUMBER",
    "PAY",
    "PRINT",
    "RENEW_ALL",
    "STRIP_READY",
    "YES",
    "Account",
    "BackLine",
    "BackStatus",
    "BackSummary",
    "BookDropping",
    "Borrowing",
    "Choice",
    "ChooseFees",
    "CountDiffers",
    "DropStep",
    "EnterNumber",
    "EnterPin",
    "FeeConsent",
    "FeeLine",
    "GivingBack",
    "HoldLine",
    "HowMany",
    "Language",
    "Line",
    "LoanLine",
    "LoanStatus",
    "LookingUp",
    "MarkCare",
    "NotServed",
    "Notice",
    "OneMoment",
    "OutOfService",
    "Outage",
    "Paying",
    "PaymentState",
    "PaymentTrouble",
    "PutBack",
    "ReceiptCode",
    "Refusal",
    "Shown",
    "SlipState",
    "Status",
    "StillThere",
    "StripStep",
    "Summary",
    "Trouble",
    "UseStripUnit",
    "UseStripUnitBack",
    "View",
    "Way",
    "Welcome",
]

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
    | GivingBack
    | UseStripUnitBack
    | BackSummary
    | BookDropping
    | Account
    | ChooseFees
    | Paying
    | MarkCare
    | ReceiptCode
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
    PAYMENT_TERMINAL_AWAY = "payment-terminal-away"
    QR_PAYMENT_AWAY = "qr-payment-away"
    BOOK_DROP_AWAY = "book-drop-away"


@dataclass(frozen=True, slots=True)
class Shown:
    """A view as it goes to the screen: in which language, with which notices, under which library's name."""

    view: View
    language: Language
    notices: tuple[Notice, ...] = ()
    library: str = ""
