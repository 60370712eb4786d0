"""One item of the list in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.wording.bins import BinSign
from kiosk.wording.catalogue import Words, mark
from kiosk.wording.explanations import Explanation, explain
from kiosk.wording.values import due_in, money_in
from kiosk.workflow.view import BackLine, Line, SlipState, Status, Trouble
from sync.entries import ItemId, Reason

STATUSES: Mapping[Status, str] = {
    Status.WAITING: mark("Waiting"),
    Status.ASKING: mark("Being checked"),
    Status.RELEASING: mark("Leave it on the pad"),
    Status.STRIP_WANTED: mark("Take it to the strip unit"),
    Status.LENT: mark("Borrowed"),
    Status.LENT_STAYS_SECURED: mark("Borrowed, its alarm stays on"),
    Status.LENT_PROVISIONALLY: mark("Borrowed provisionally"),
    Status.LENT_NOT_VERIFIED: mark("Borrowed, show it at the desk"),
    Status.ALREADY_YOURS: mark("Already on loan to you"),
    Status.RENEWING: mark("Being renewed"),
    Status.RENEWED: mark("Renewed"),
    Status.NEEDS_CONSENT: mark("Costs a fee"),
    Status.PUT_BACK: mark("Put it back on the pad"),
    Status.UNDOING: mark("Being taken back"),
    Status.INCOMPLETE: mark("Parts are missing"),
    Status.NOT_LENT: mark("Not borrowed"),
}

# Where the status alone does not say what to do, and no reason is set.
ADVICE: Mapping[Status, str] = {
    Status.LENT_STAYS_SECURED: mark("Please ask at the desk before you take it out."),
    Status.LENT_NOT_VERIFIED: mark("Please show it at the desk before you leave."),
    Status.PUT_BACK: mark("Please lay it on the pad again."),
    Status.INCOMPLETE: mark("Please lay the missing parts beside it."),
}

# What says of itself that it is lent, and not whether the library confirmed it.
LENT_OTHERWISE = (Status.LENT_STAYS_SECURED, Status.LENT_NOT_VERIFIED)

SLIPS: Mapping[SlipState, str] = {
    SlipState.PRINTING: mark("A slip is being printed for you."),
    SlipState.PRINTED: mark("Please take the printed slip along."),
    SlipState.NOT_PRINTED: mark("If no slip came out, please note the reference."),
}

RECEIPTS: Mapping[SlipState, str] = {
    SlipState.PRINTING: mark("Your receipt is being printed."),
    SlipState.PRINTED: mark("Please take your receipt."),
    SlipState.NOT_PRINTED: mark("No receipt could be printed."),
}

# What is wrong with a renewal is not wrong with the loan: that one stands.
RENEWALS: Mapping[Reason | Trouble, tuple[str, str]] = {
    Trouble.NO_ANSWER: (
        mark("We got no answer from the library's system, so this loan is not renewed."),
        mark("Please try again later, or ask at the desk."),
    ),
    Reason.ITEM_ON_HOLD_FOR_OTHER: (
        mark("Another reader is waiting for this item, so it cannot be renewed."),
        mark("Please return the item by the day it is due."),
    ),
    Reason.NOT_WITHOUT_SERVER: (
        mark("A loan can only be renewed while the library's system can be reached."),
        mark("Please return it by the day it is due, or try again later."),
    ),
    Reason.FEES_OWED: (
        mark("There are unpaid fees on your account, so this loan cannot be renewed."),
        mark("Please pay them first, then renew it."),
    ),
    Reason.LOANS_OVERDUE: (
        mark("Some of your loans are overdue, so this one cannot be renewed."),
        mark("Please return the overdue items first."),
    ),
    Reason.NOT_ON_LOAN: (
        mark("The library's system does not find this loan any more."),
        mark("It may have been returned already. Please ask at the desk."),
    ),
    Trouble.STORAGE_FULL: (
        mark("This terminal has no room to record the renewal, so this loan is not renewed."),
        mark("Please renew it at the desk, or try again later."),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line in words: *facts* are short (due day, fee, parts), *what* and *advice* whole sentences or empty.

    *late* says that and by how much it is overdue, *since* when it was due, *cost* what that costs.  *due* is until
    when it is lent, where that is what matters: *late* and *due* stand large.  *bin* is where the item goes.  *message*
    is the server's own text, to be shown as a quotation.  *slip* says what became of the paper slip, and by which
    reference the desk knows the case.
    """

    title: str
    status: str
    facts: tuple[str, ...] = ()
    what: str = ""
    advice: str = ""
    message: str = ""
    slip: str = ""
    late: str = ""
    since: str = ""
    cost: str = ""
    due: str = ""
    bin: BinSign | None = None


def row_of(words: Words, line: Line) -> Row:
    """*line* in words."""
    explanation = _explanation(words, line)
    advice = words.say(ADVICE[line.status]) if line.status in ADVICE else ""
    return Row(
        title=title_of(words, line),
        status=words.say(STATUSES[line.status]),
        facts=_facts(words, line),
        what=explanation.what if explanation else "",
        advice=explanation.advice if explanation else advice,
        message=quote_of(words, line.message),
        slip=slip_text(words, line.slip, line.reference),
    )


def slip_text(words: Words, slip: SlipState | None, reference: str) -> str:
    """Where the slip is, and the reference: a reader without paper can say that at the desk."""
    known_by = reference_text(words, reference)
    return "\n".join(filter(None, (words.say(SLIPS[slip]) if slip else "", known_by)))


def reference_text(words: Words, reference: str) -> str:
    """By which reference the desk knows it; empty without one."""
    return words.say("Reference for the desk: {reference}", reference=reference) if reference else ""


def receipt_text(words: Words, receipt: SlipState | None) -> str:
    """What became of the receipt that was wanted; empty when none was."""
    return words.say(RECEIPTS[receipt]) if receipt else ""


def _explanation(words: Words, line: Line) -> Explanation | None:
    if line.why is None:
        return None
    if line.status is Status.ALREADY_YOURS:
        return why_not_renewed(words, line.why)
    return explain(words, line.why)


def why_not_renewed(words: Words, why: Reason | Trouble) -> Explanation:
    """Why a loan, which stands, was not renewed."""
    if why in RENEWALS:
        what, advice = RENEWALS[why]
        return Explanation(words.say(what), words.say(advice))
    return explain(words, why)


def quote_of(words: Words, message: str) -> str:
    """What the server said in its own words, as a quotation; empty when it said nothing."""
    return (
        words.say("The library's system says: {message}", message=message.strip()) if message.strip() else ""
    )


def title_of(words: Words, line: Line | BackLine) -> str:
    """The title; else the item's number; else what kind of thing it is."""
    name = name_of(words, line.title, line.item)
    if name:
        return name
    if line.id.startswith("scan:"):
        return words.say("A scanned barcode")
    return words.say("Something on the pad")


def name_of(words: Words, title: str, item: ItemId | None) -> str:
    """The title; else the item's number; empty for neither."""
    if title.strip():
        return title.strip()
    return words.say("Item {number}", number=item) if item is not None else ""


def _facts(words: Words, line: Line) -> tuple[str, ...]:
    facts = []
    if line.is_provisional and line.status in LENT_OTHERWISE:
        facts.append(words.say("Provisional"))
    due = due_in(words.language, line.due) if line.due else ""
    if due:
        facts.append(words.say("Due back {day}", day=due))
    if line.fee:
        facts.append(words.say("Fee {amount}", amount=money_in(words.language, line.fee)))
    if line.parts > 1:
        facts.append(words.say("{present} of {parts} parts", present=line.parts_present, parts=line.parts))
    return tuple(facts)
