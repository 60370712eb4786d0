"""Items that are given back, one row each: how each stands, how late it was, where it goes.

Nobody is refused and nobody is named: whoever gives something back is rid of it, or reads honestly why not.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.wording.bins import bin_sign, route_text
from kiosk.wording.catalogue import Words, mark
from kiosk.wording.explanations import Explanation, explain
from kiosk.wording.lines import Row, quote_of, slip_text, title_of
from kiosk.wording.values import day_in, money_in
from kiosk.workflow.view import BackLine, BackStatus, Trouble
from sync.entries import Due, Reason
from sync.rules.sorting import Route

STATUSES: Mapping[BackStatus, str] = {
    BackStatus.WAITING: mark("Waiting"),
    BackStatus.SECURING: mark("Leave it on the pad"),
    BackStatus.STRIP_WANTED: mark("Take it to the strip unit"),
    BackStatus.PUT_BACK: mark("Put it back on the pad"),
    BackStatus.TELLING: mark("Being given back"),
    BackStatus.BACK: mark("Given back"),
    BackStatus.BACK_NO_LOAN: mark("Given back, it was not on loan"),
    BackStatus.BACK_RECORDED: mark("Given back, recorded here"),
    BackStatus.BACK_TO_STAFF: mark("Given back, the staff will look at it"),
    BackStatus.HANDED_BACK: mark("Please take it with you"),
    BackStatus.PARTS_MISSING: mark("Parts are missing"),
    BackStatus.NOT_TAKEN: mark("Not given back"),
}

# Where nothing went wrong but the status alone leaves a question open.
SAID: Mapping[BackStatus, tuple[str, str]] = {
    BackStatus.PUT_BACK: ("", mark("Please lay it on the pad again.")),
    BackStatus.BACK_NO_LOAN: (
        mark("No loan found: it had already been returned, thank you."),
        "",
    ),
    BackStatus.BACK_RECORDED: (
        "",
        mark("You need do nothing else. The library's system is told as soon as it can be reached."),
    ),
    BackStatus.BACK_TO_STAFF: ("", mark("Please leave the item here. You need do nothing else.")),
    BackStatus.HANDED_BACK: (
        "",
        mark("It was not given back here. Please ask at the desk if you need help."),
    ),
    BackStatus.PARTS_MISSING: ("", mark("Please lay the missing parts beside it, or leave it here without.")),
    BackStatus.NOT_TAKEN: ("", mark("Please give it to the staff.")),
}

OWN_PILE = mark("Please put it on the pile for other libraries")
LEFT_TO_STAFF = mark("Please leave the item here. You need do nothing else.")
NOT_ACCEPTED = mark("The library's system did not close this loan by itself.")

# What is wrong with a loan or a patron is said otherwise when the item comes back; so is what to do about it.
RETURNS: Mapping[Reason | Trouble, tuple[str, str]] = {
    Trouble.PATRON_CARD: (
        mark("There is a card among the books."),
        mark("Please take it off the pad. Nobody needs a card to give books back."),
    ),
    Trouble.NOT_ON_PAD: (
        mark("This item was scanned but does not lie on the pad."),
        mark("Please lay it on the pad, so that its alarm can be switched on."),
    ),
    Trouble.LEFT_FROM_LAST_SESSION: (
        mark("This item was left here by the reader before you."),
        mark("Please take it off the pad. If you want to give it back, lay it down again."),
    ),
    Trouble.PARTS_MISSING: (
        mark("Not all parts of this item lie on the pad."),
        mark("Please lay the missing parts beside it, or leave it here without."),
    ),
    Trouble.SAME_NUMBER_TWICE: (
        mark("Two items on the pad have the same number."),
        mark("Please take one of them away, or leave both here for the staff."),
    ),
    Trouble.NO_ANSWER: (
        mark("We got no answer from the library's system."),
        mark("You need do nothing else. It is told again as soon as it answers."),
    ),
    Trouble.TAKEN_AWAY: (
        mark("It was taken away before it was given back, so it is still on loan."),
        mark("Please lay it on the pad again, or give it to the staff."),
    ),
    Trouble.STORAGE_FULL: (
        mark("This terminal has no room to record this return."),
        mark("Please give the item to the staff. They can put it right."),
    ),
    Trouble.STRIP_UNIT_AWAY: (
        mark("Its magnetic strip cannot be switched on here at the moment."),
        mark("Please hand the item to the staff. You need do nothing else."),
    ),
    Trouble.STRIP_SECOND_ITEM: (
        mark("More than one item came to the strip unit. The alarm of this one may still be off."),
        mark("Please hand the item to the staff. You need do nothing else."),
    ),
    Trouble.STRIP_NOT_USED_IN_TIME: (
        mark("This item did not go over the strip unit, so its alarm may still be off."),
        mark("Please hand the item to the staff. You need do nothing else."),
    ),
    Trouble.STRIP_MAGNETIC_MEDIA: (
        mark("This item holds a tape or a disk, which the strip unit would erase."),
        mark("Please hand it to the staff, and keep it away from the unit."),
    ),
    Trouble.STRIP_MEDIA_UNKNOWN: (
        mark("We cannot tell whether this item may go over the strip unit unharmed."),
        mark("Please hand the item to the staff. You need do nothing else."),
    ),
    Trouble.STRIP_NOT_CHECKED: (
        mark("Its strip was switched on, but this terminal cannot check that."),
        mark("You need do nothing else. The staff will see to it."),
    ),
    Trouble.TAG_IS_OF_ANOTHER: (
        mark("The label of another item came onto the pad."),
        mark("Please clear the pad and scan it again. The same once more? Give it to the staff."),
    ),
}

# What a server may say of an item that is true whatever is done with it; the rest is about borrowing.
TRUE_OF_ITEMS = (
    Reason.ITEM_UNKNOWN,
    Reason.ITEM_LOST,
    Reason.ITEM_IN_TRANSIT,
    Reason.ITEM_DAMAGED,
    Reason.ITEM_WITHDRAWN,
    Reason.ITEM_INCOMPLETE,
    Reason.NOT_RETURNABLE_HERE,
)


def back_row_of(words: Words, line: BackLine, *, has_readers: bool = False) -> Row:
    """*line* in words; with *has_readers*, by the number of its receipt too."""
    what, advice = why_not_back(words, line)
    return Row(
        title=title_of(words, line),
        status=words.say(OWN_PILE if _is_for_pile(line) else STATUSES[line.status]),
        facts=_facts(words, line, has_readers=has_readers),
        what=what,
        advice=advice,
        message=quote_of(words, line.message),
        slip=slip_text(words, line.slip, line.reference),
        late=late_text(words, line),
        since=was_due_text(words, line.was_due) if line.days_overdue > 0 else "",
        cost=_cost(words, line),
        bin=bin_sign(words, line.bin, line.route),
    )


def why_not_back(words: Words, line: BackLine) -> tuple[str, str]:
    """What is so with *line* and what to do: two sentences, each of them may be empty."""
    what, advice = (words.say(text) if text else "" for text in SAID.get(line.status, ("", "")))
    if line.why is None:
        return what, advice
    reason = _explained(words, line.why)
    if _is_for_pile(line):
        return reason.what, words.say("You need do nothing else. It is sent to where it belongs.")
    if line.status is BackStatus.HANDED_BACK:
        return reason.what, words.say(
            "Please take it along and give it back where it belongs, or ask at the desk."
        )
    if line.status is BackStatus.BACK_TO_STAFF and isinstance(line.why, Reason):
        return reason.what, words.say(LEFT_TO_STAFF)
    return reason.what, reason.advice


def late_text(words: Words, line: BackLine) -> str:
    """By how many days *line* was overdue; empty when it was in time, or nobody knows."""
    if line.days_overdue <= 0:
        return ""
    return words.say_many("{n} day overdue", "{n} days overdue", line.days_overdue)


def was_due_text(words: Words, due: Due | None) -> str:
    """When something overdue was due; empty where nobody knows."""
    if due is None:
        return ""
    if due.day is not None:
        return words.say("It was due on {day}", day=day_in(words.language, due.day))
    return words.say("Due date: {text}", text=due.text.strip()) if due.text.strip() else ""


def _cost(words: Words, line: BackLine) -> str:
    if line.days_overdue <= 0 or line.fee is None:
        return ""
    return words.say("Overdue fee {amount}", amount=money_in(words.language, line.fee))


def _is_for_pile(line: BackLine) -> bool:
    return line.status is BackStatus.HANDED_BACK and line.route is Route.FOREIGN


def _explained(words: Words, why: Reason | Trouble) -> Explanation:
    if why in RETURNS:
        what, advice = RETURNS[why]
        return Explanation(words.say(what), words.say(advice))
    if isinstance(why, Reason) and why not in TRUE_OF_ITEMS:
        return Explanation(words.say(NOT_ACCEPTED), words.say(LEFT_TO_STAFF))
    return explain(words, why)


def _facts(words: Words, line: BackLine, *, has_readers: bool) -> tuple[str, ...]:
    facts = []
    if line.fee and line.days_overdue <= 0:
        facts.append(words.say("Fee {amount}", amount=money_in(words.language, line.fee)))
    if line.parts > 1:
        facts.append(words.say("{present} of {parts} parts", present=line.parts_present, parts=line.parts))
    if line.route and line.bin is None:
        facts.append(route_text(words, line.route))
    if has_readers and line.reader:
        facts.append(words.say("Receipt {n}", n=line.reader))
    return tuple(facts)
