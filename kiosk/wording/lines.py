"""One item of the list in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.wording.catalogue import Words, mark
from kiosk.wording.explanations import Explanation, explain
from kiosk.wording.values import due_in, money_in
from kiosk.workflow.view import Line, SlipState, Status, Trouble
from sync.entries import Reason

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
    Trouble.STORAGE_FULL: (
        mark("This terminal has no room to record the renewal, so this loan is not renewed."),
        mark("Please renew it at the desk, or try again later."),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line in words: *facts* are short (due day, fee, parts), *what* and *advice* whole sentences or empty.

    *message* is the server's own text, to be shown as a quotation.  *slip* says what became of the paper slip, and by
    which reference the desk knows the case.
    """

    title: str
    status: str
    facts: tuple[str, ...]
    what: str = ""
    advice: str = ""
    message: str = ""
    slip: str = ""


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
        slip=_slip(words, line),
    )


def _slip(words: Words, line: Line) -> str:
    """Where the slip is, and the reference: a reader without paper can say that at the desk."""
    reference = (
        words.say("Reference for the desk: {reference}", reference=line.reference) if line.reference else ""
    )
    if line.slip is None:
        return reference
    return "\n".join(filter(None, (words.say(SLIPS[line.slip]), reference)))


def _explanation(words: Words, line: Line) -> Explanation | None:
    if line.why is None:
        return None
    if line.status is Status.ALREADY_YOURS and line.why in RENEWALS:
        what, advice = RENEWALS[line.why]
        return Explanation(words.say(what), words.say(advice))
    return explain(words, line.why)


def quote_of(words: Words, message: str) -> str:
    """What the server said in its own words, as a quotation; empty when it said nothing."""
    return (
        words.say("The library's system says: {message}", message=message.strip()) if message.strip() else ""
    )


def title_of(words: Words, line: Line) -> str:
    """The title; else the item's number; else what kind of thing it is."""
    if line.title.strip():
        return line.title.strip()
    if line.item is not None:
        return words.say("Item {number}", number=line.item)
    if line.id.startswith("scan:"):
        return words.say("A scanned barcode")
    return words.say("Something on the pad")


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
