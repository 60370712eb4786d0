"""What is wrong with a thing on the pad, a scan or a strip, as the terminal found it: what is so, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.wording.catalogue import mark
from kiosk.workflow.view import Trouble

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
    Trouble.NOT_SECURED_ASK_STAFF: (
        mark("Its alarm could not be switched on again."),
        mark("Please hand the item to the staff. You need do nothing else."),
    ),
    Trouble.RETURN_LEFT_TO_STAFF: (
        mark("The library's staff will look at this return."),
        mark("Please leave the item here. You need do nothing else."),
    ),
    Trouble.ONE_AT_A_TIME: (
        mark("More than one item was put in at once."),
        mark("Please put them in one by one."),
    ),
    Trouble.STUCK_IN_DROP: (
        mark("The item got stuck in the book drop."),
        mark("Please do not reach in. The staff will see to it."),
    ),
    Trouble.NOT_IN_BIN: (
        mark("This item did not arrive in the bin."),
        mark("If you still have it, please hand it to the staff."),
    ),
    Trouble.ALREADY_BACK: (
        mark("It was given back here already, a moment ago."),
        mark("You need do nothing else. Thank you."),
    ),
}
