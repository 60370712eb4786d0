"""For everything that is not going well: what is so, and what to do about it and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from kiosk.wording.catalogue import Words, mark
from kiosk.wording.reasons import REASONS
from kiosk.wording.troubles import TROUBLES
from kiosk.workflow.view import Notice, Outage, PaymentTrouble, Refusal, Trouble
from sync.entries import Reason


class Tone(Enum):
    """How something is said: good news, something to know while all goes well, something to take care of, and what
    must not be missed.
    """

    GOOD = "good"
    CALM = "calm"
    CARE = "care"
    GRAVE = "grave"


@dataclass(frozen=True, slots=True)
class Explanation:
    """*what* is so, and what the reader can do: *advice*.  Both are whole sentences."""

    what: str
    advice: str
    tone: Tone = Tone.CARE


Explained = Reason | Trouble | Refusal | Outage | Notice | PaymentTrouble

REFUSALS: Mapping[Refusal, tuple[str, str]] = {
    Refusal.SERVER_AWAY: (
        mark("The library's system cannot be reached at the moment."),
        mark("Please try again in a few minutes, or borrow at the desk."),
    ),
    Refusal.TOO_MANY_PIN_TRIES: (
        mark("A wrong PIN was entered too often."),
        mark("To protect your account, please ask at the desk."),
    ),
    Refusal.PIN_NOT_VERIFIED: (
        mark("Your PIN could not be checked at the moment."),
        mark("Please try again in a few minutes, or borrow at the desk."),
    ),
    Refusal.CARD_NUMBER_UNUSABLE: (
        mark("The number on this card cannot be used here."),
        mark("Please check that it is your library card, or ask at the desk."),
    ),
    Refusal.SNAPSHOT_TOO_OLD: (
        mark("The library's system has been out of reach for too long to lend without it."),
        mark("Please borrow at the desk, or try again later."),
    ),
    Refusal.STORAGE_FULL: (
        mark("This terminal has no room left to record loans."),
        mark("Please borrow at the desk. The staff can put it right."),
    ),
}

OUTAGES: Mapping[Outage, tuple[str, str]] = {
    Outage.JOURNAL: (
        mark("This terminal cannot record loans and returns at the moment."),
        mark("Please go to the desk. The staff can put it right."),
    ),
    Outage.NO_WAY_IN: (
        mark("This terminal cannot read cards at the moment."),
        mark("Please go to the desk. The staff can put it right."),
    ),
}

NOTICES: Mapping[Notice, tuple[str, str]] = {
    Notice.SERVER_AWAY: (
        mark("The library's system cannot be reached."),
        mark("Some things take longer or have to wait."),
    ),
    Notice.PAD_AWAY: (
        mark("The book pad is out of order."),
        mark("Please scan the barcodes one by one."),
    ),
    Notice.SCANNER_AWAY: (
        mark("The barcode scanner is out of order."),
        mark("Please use the book pad."),
    ),
    Notice.CARD_READER_AWAY: (
        mark("The card reader is out of order."),
        mark("Please scan your card's barcode or enter its number."),
    ),
    Notice.PRINTER_AWAY: (
        mark("The printer is out of order."),
        mark("Everything else works, but without paper slips."),
    ),
    Notice.STRIP_UNIT_AWAY: (
        mark("The strip unit is out of order."),
        mark("Please take items with a magnetic strip to the desk."),
    ),
    Notice.LENDING_PROVISIONALLY: (
        mark("The library's system cannot be reached."),
        mark("You can still borrow. Loans are provisional until the library confirms them."),
    ),
    Notice.STORAGE_FULL: (
        mark("This terminal has no room left to record new loans."),
        mark("Please borrow at the desk."),
    ),
    Notice.PAYMENT_TERMINAL_AWAY: (
        mark("The card terminal is out of order."),
        mark("Fees cannot be paid by bank card here at the moment."),
    ),
    Notice.QR_PAYMENT_AWAY: (
        mark("Paying by phone is out of order."),
        mark("Fees cannot be paid with a QR code here at the moment."),
    ),
    Notice.BOOK_DROP_AWAY: (
        mark("The book drop is out of order."),
        mark("Please give your items to the staff."),
    ),
}

PAYMENTS: Mapping[PaymentTrouble, tuple[str, str]] = {
    PaymentTrouble.DECLINED: (
        mark("The payment was declined."),
        mark("Please try another card or another way to pay."),
    ),
    PaymentTrouble.ABORTED: (
        mark("The payment was stopped."),
        mark("You can start again whenever you like."),
    ),
    PaymentTrouble.TIME_OVER: (
        mark("Nobody paid in time."),
        mark("You can start again whenever you like."),
    ),
    PaymentTrouble.DEVICE_AWAY: (
        mark("The payment system cannot be reached."),
        mark("Please choose another way to pay, or pay at the desk."),
    ),
    PaymentTrouble.OTHER_AMOUNT: (
        mark("The payment system answered for another amount."),
        mark("Please do not pay again. The staff at the desk will settle it."),
    ),
    PaymentTrouble.FEES_CHANGED: (
        mark("Your fees have changed in the meantime."),
        mark("Please look at your account and choose again."),
    ),
    PaymentTrouble.NOT_POSTED: (
        mark("The library's system did not take the payment into its books."),
        mark("Please do not pay again. The staff at the desk can settle it."),
    ),
    PaymentTrouble.UNCLEAR: (
        mark("No clear answer came from the payment system."),
        mark("Please do not pay again. The staff at the desk will find out."),
    ),
}


def explain(words: Words, thing: Explained) -> Explanation:
    """What *thing* means and what to do about it."""
    match thing:
        case Reason():
            what, advice = REASONS[thing]
        case Trouble():
            what, advice = TROUBLES[thing]
        case Refusal():
            what, advice = REFUSALS[thing]
        case Outage():
            what, advice = OUTAGES[thing]
        case Notice():
            what, advice = NOTICES[thing]
        case PaymentTrouble():
            what, advice = PAYMENTS[thing]
    return Explanation(words.say(what), words.say(advice))
