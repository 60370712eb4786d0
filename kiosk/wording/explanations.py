"""For everything that is not going well: what is so, and what to do about it and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from kiosk.wording.catalogue import Words, mark
from kiosk.wording.reasons import REASONS
from kiosk.workflow.view import Notice, Outage, Refusal, Trouble
from sync.entries import Reason


class Tone(Enum):
    """How something is said: good news, something to know while all goes well, something to take care of."""

    GOOD = "good"
    CALM = "calm"
    CARE = "care"


@dataclass(frozen=True, slots=True)
class Explanation:
    """*what* is so, and what the reader can do: *advice*.  Both are whole sentences."""

    what: str
    advice: str
    tone: Tone = Tone.CARE


Explained = Reason | Trouble | Refusal | Outage | Notice

TROUBLES: Mapping[Trouble, tuple[str, str]] = {
    Trouble.FOREIGN_LIBRARY: (
        mark("This item belongs to another library."),
        mark("Please take it off the pad. It cannot be borrowed here."),
    ),
    Trouble.EMPTY_TAG: (
        mark("The label in this item is empty."),
        mark("Please take the item to the desk, so that its label can be written."),
    ),
    Trouble.UNREADABLE_TAG: (
        mark("The label in this item cannot be read."),
        mark("Please scan its barcode, or take it to the desk."),
    ),
    Trouble.PATRON_CARD: (
        mark("There is a card among the books."),
        mark("Please take it off the pad and lay it on the card reader."),
    ),
    Trouble.SAME_NUMBER_TWICE: (
        mark("Two items on the pad have the same number."),
        mark("Please take both to the desk."),
    ),
    Trouble.TAG_CANNOT_BE_RELEASED: (
        mark("The alarm of this item cannot be switched off here."),
        mark("Please borrow it at the desk."),
    ),
    Trouble.NOT_ON_PAD: (
        mark("This item was scanned but does not lie on the pad."),
        mark("Please lay it on the pad, so that the gate lets it pass."),
    ),
    Trouble.BARCODE_UNREADABLE: (
        mark("The barcode could not be read."),
        mark("Please hold it still below the scanner and try again."),
    ),
    Trouble.NOT_THE_LIBRARYS_BARCODE: (
        mark("That is not the library's barcode."),
        mark("Please scan the label with the library's name."),
    ),
    Trouble.NOT_THE_SCANNED_ITEM: (
        mark("The tag on the pad is not that of the barcode you scanned."),
        mark("Another book? Lift it and lay it down again. The same one? Please give it to the staff."),
    ),
    Trouble.BARCODE_UNKNOWN: (
        mark("This barcode belongs to no book and no card of this library."),
        mark("Please scan the label with the library's name, or ask at the desk."),
    ),
    Trouble.CARD_FIRST: (
        mark("This is the barcode of a book."),
        mark("Please show your card first, then scan your books."),
    ),
    Trouble.LEFT_FROM_LAST_SESSION: (
        mark("This item was left here by the reader before you."),
        mark("Please take it off the pad. If you want to borrow it, lay it down again."),
    ),
    Trouble.PARTS_MISSING: (
        mark("Not all parts of this item lie on the pad."),
        mark("Please lay the missing parts beside it."),
    ),
    Trouble.OVER_QUOTA: (
        mark("With this item you would have more than you may borrow."),
        mark("Please leave it here, or return something first."),
    ),
    Trouble.LEFT_OUT: (
        mark("You left this item out."),
        mark("Its alarm stays on. To borrow it after all, take it off the pad and lay it down again."),
    ),
    Trouble.NO_ANSWER: (
        mark("We got no answer from the library's system, so this item is not lent to you."),
        mark("Please give it to the staff, or try again later."),
    ),
    Trouble.RELEASE_FAILED_LOAN_UNDONE: (
        mark("Its alarm could not be switched off, so the loan was taken back."),
        mark("Please lay the item in the middle of the pad and try again, or go to the desk."),
    ),
    Trouble.RELEASE_FAILED_ASK_STAFF: (
        mark("Its alarm could not be switched off. The loan may still be on your account."),
        mark("Please give it to the staff at the desk, so that they can settle it."),
    ),
    Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK: (
        mark("The item is lent to you, but its alarm may still be on."),
        mark("Please show it at the desk before you leave."),
    ),
    Trouble.TAKEN_AWAY: (
        mark("The item is lent to you, but its alarm is not switched off yet."),
        mark("Please lay it on the pad again."),
    ),
    Trouble.NOT_SECURED_LOAN_UNDONE: (
        mark("The loan was taken back, but its alarm could not be switched on again."),
        mark("Please hand the item in at the desk. It is not on your account."),
    ),
    Trouble.STORAGE_FULL: (
        mark("This terminal has no room to record this loan, so the item is not lent to you."),
        mark("Please borrow it at the desk. The staff can put it right."),
    ),
    Trouble.STRIP_UNIT_AWAY: (
        mark("Items with a magnetic strip cannot be lent here at the moment."),
        mark("Please borrow this one at the desk."),
    ),
    Trouble.STRIP_NOT_CHECKED: (
        mark("Its strip was switched off, but this terminal cannot check that."),
        mark("You may take it along. If the gate sounds, show the slip or come to the desk."),
    ),
    Trouble.STRIP_SECOND_ITEM: (
        mark("More than one item came to the strip unit. The alarm of this one may still be on."),
        mark("Please show it at the desk before you leave."),
    ),
    Trouble.STRIP_NOT_USED_IN_TIME: (
        mark("This item did not go over the strip unit, so its alarm may still be on."),
        mark("Please show it at the desk before you leave."),
    ),
    Trouble.STRIP_MAGNETIC_MEDIA: (
        mark("This item holds a tape or a disk, which the strip unit would erase."),
        mark("Please have its alarm switched off at the desk, and keep it away from the unit."),
    ),
    Trouble.STRIP_MEDIA_UNKNOWN: (
        mark("We cannot tell whether this item may go over the strip unit unharmed."),
        mark("Please have its alarm switched off at the desk."),
    ),
    Trouble.STRIP_PERMANENT: (
        mark("The library keeps the alarm of this item on."),
        mark("Please ask at the desk before you take it out."),
    ),
    Trouble.TAG_IS_OF_ANOTHER: (
        mark("The label of another item came onto the pad, so the loan was taken back."),
        mark("Please clear the pad and scan it again. The same once more? Give it to the staff."),
    ),
}

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
        mark("This terminal cannot record loans at the moment."),
        mark("Please borrow at the desk. The staff can put it right."),
    ),
    Outage.NO_WAY_IN: (
        mark("This terminal cannot read cards at the moment."),
        mark("Please borrow at the desk. The staff can put it right."),
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
        mark("Please borrow items with a magnetic strip at the desk."),
    ),
    Notice.LENDING_PROVISIONALLY: (
        mark("The library's system cannot be reached."),
        mark("You can still borrow. Loans are provisional until the library confirms them."),
    ),
    Notice.STORAGE_FULL: (
        mark("This terminal has no room left to record new loans."),
        mark("Please borrow at the desk."),
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
    return Explanation(words.say(what), words.say(advice))
