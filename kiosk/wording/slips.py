"""What is printed: slips for the desk, as documents for a printer.

A slip goes with a book through a library, perhaps in somebody else's hands, so it says what is the matter with the
book and never whose it is.  The reader's part is in the reader's language, the part for the staff in theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from drivers.printer import Align, Block, Document, Gap, Pair, Rule, Size, Text
from kiosk.wording.catalogue import mark, words_in
from kiosk.wording.explanations import explain
from kiosk.wording.provisional import one_provisional
from kiosk.wording.values import due_in, moment_in
from kiosk.workflow.slips import Slip
from kiosk.workflow.view import Language, Trouble

TITLE_LINES_MAX = 3

# What the staff do; a trouble that is not here has the last sentence.
TASKS: Mapping[Trouble, str] = {
    Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK: mark(
        "The loan is recorded. Please switch the alarm of this item off, then close the case."
    ),
    Trouble.TAKEN_AWAY: mark(
        "The loan is recorded. Please switch the alarm of this item off, then close the case."
    ),
    Trouble.RELEASE_FAILED_LOAN_UNDONE: mark(
        "The loan was taken back. Please see that the alarm is on, and lend the item here if it is wanted."
    ),
    Trouble.RELEASE_FAILED_ASK_STAFF: mark(
        "Please look whether the item is lent. If so, switch its alarm off; if not, keep it here. Then close the case."
    ),
    Trouble.NOT_SECURED_LOAN_UNDONE: mark(
        "The loan was taken back. Please switch the alarm on before the item goes back to its shelf."
    ),
    Trouble.STRIP_NOT_CHECKED: mark(
        "The item is lent and may pass. If the gate sounds, its strip was not quite off: please do that once more."
    ),
    Trouble.STRIP_SECOND_ITEM: mark(
        "The loan is recorded. Please switch the strip of this item off, see that of the others, then close the case."
    ),
    Trouble.STRIP_NOT_USED_IN_TIME: mark(
        "The loan is recorded. Please switch the strip of this item off, then close the case."
    ),
    Trouble.STRIP_MAGNETIC_MEDIA: mark(
        "The loan is recorded. Please let the item pass by hand: tapes and disks must not go over a strip unit."
    ),
    Trouble.STRIP_MEDIA_UNKNOWN: mark(
        "The loan is recorded. Please look for a tape or a disk before you switch the strip of this item off."
    ),
    Trouble.STRIP_PERMANENT: mark(
        "The loan is recorded. The strip of this item is not to be switched off: please let it pass by hand if it may."
    ),
    Trouble.TAG_IS_OF_ANOTHER: mark(
        "The loan was taken back. Please see that barcode and label belong together and that the alarm is on."
    ),
}

# Here nothing is left for the desk to do: the slip is for the gate, should that sound after all.
HEADS: Mapping[Trouble, str] = {Trouble.STRIP_NOT_CHECKED: mark("Please show this slip if the gate sounds")}
HEAD = mark("Please show this slip at the desk")
TASK = mark("Please settle the case with this reference.")


def slip_document(slip: Slip, staff: Language, zone: tzinfo | None = None) -> Document:
    """*slip* for a printer, with what the staff do in the language *staff*; times in *zone*, None: the terminal's own.

    What is on it: the library, where to go, title, number, reference, due day where it is lent, when, what happened,
    what the staff do.
    """
    words, theirs = words_in(slip.language), words_in(staff)
    blocks: list[Block] = [
        Text(slip.library, align=Align.CENTRE),
        Gap(),
        Text(words.say(HEADS.get(slip.why, HEAD)), Size.LARGE, Align.CENTRE, is_bold=True),
        Gap(),
    ]
    if slip.title.strip():
        blocks.append(Text(slip.title, is_bold=True, lines_max=TITLE_LINES_MAX))
    blocks += [
        Rule(),
        Pair(words.say("Item number"), str(slip.item)),
        Pair(words.say("Reference"), slip.reference, is_bold=True),
    ]
    due = due_in(slip.language, slip.due) if slip.due else ""
    if due:
        blocks.append(Pair(words.say("Lent until"), due, is_bold=True))
    blocks += [
        Pair(words.say("Printed"), moment_in(slip.language, slip.at.astimezone(zone))),
        Rule(),
        Text(explain(words, slip.why).what),
        Gap(),
        Text(theirs.say("For the staff"), is_bold=True),
    ]
    if slip.is_provisional:
        # Who looks for the loan in the library's system does not find it yet.
        blocks.append(Text(one_provisional(theirs)))
    blocks.append(Text(theirs.say(TASKS.get(slip.why, TASK))))
    return Document(tuple(blocks))
