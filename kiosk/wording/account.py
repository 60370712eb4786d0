"""The account in words: loans, what is overdue first, holds, fees, and why somebody may not borrow."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.wording.catalogue import Words, mark
from kiosk.wording.explanations import Explanation, Tone, explain
from kiosk.wording.lending import quota_text
from kiosk.wording.lines import Row, name_of, quote_of, receipt_text, why_not_renewed
from kiosk.wording.page import Page
from kiosk.wording.returns import was_due_text
from kiosk.wording.values import due_in, money_in
from kiosk.workflow import view as views
from kiosk.workflow.view import Account, FeeLine, HoldLine, LoanLine, LoanStatus, Refusal
from sync.entries import FeeKind, Reason

LOANS: Mapping[LoanStatus, str] = {
    LoanStatus.LENT: mark("On loan to you"),
    LoanStatus.RENEWING: mark("Being renewed"),
    LoanStatus.RENEWED: mark("Renewed"),
    LoanStatus.NOT_RENEWED: mark("Not renewed"),
}

FEES: Mapping[FeeKind, str] = {
    FeeKind.CHECKOUT: mark("Fee for borrowing"),
    FeeKind.OVERDUE: mark("Fee for being overdue"),
    FeeKind.DAMAGE: mark("Compensation for damage"),
    FeeKind.LOSS: mark("Compensation for loss"),
    FeeKind.CARD: mark("Fee for the card"),
    FeeKind.OTHER: mark("Other fee"),
}


def account_page(words: Words, view: Account) -> Page:
    """How the account stands: what is overdue, what is ready, what blocks it and what to do about that."""
    greeting = words.say("Hello, {name}", name=view.greeting) if view.greeting else ""
    if view.is_loading:
        return Page(words.say("My account"), words.say("One moment, please"), greeting)
    if view.why is not None:
        return Page(words.say("My account"), greeting=greeting, remarks=(not_heard(words, view.why),))
    # Whoever may not borrow is not told how much more they might.
    quota = "" if view.blocks else quota_text(words, view.quota, view.quota_left)
    notes = [_ready(words, view), _owed(words, view), quota, receipt_text(words, view.receipt)]
    return Page(
        _title(words, view),
        _lead(words, view),
        greeting,
        "   ·   ".join(filter(None, notes)),
        (*_blocks(words, view), *_untold(words, view)),
        tuple(quote_of(words, message) for message in view.messages if message.strip()),
    )


def not_heard(words: Words, why: Refusal) -> Explanation:
    """Why an account cannot be shown."""
    if why is Refusal.SERVER_AWAY:
        return Explanation(
            words.say("Your account cannot be shown: the library's system cannot be reached."),
            words.say("Please try again in a few minutes. You can give books back all the same."),
        )
    return explain(words, why)


def _title(words: Words, view: Account) -> str:
    if view.loans is None:
        return words.say("My account")
    late = overdue_count(view)
    if late:
        return words.say_many("{n} book is overdue", "{n} books are overdue", late)
    if not view.loans:
        return words.say("Nothing is on loan to you")
    return words.say_many("{n} book on loan to you", "{n} books on loan to you", len(view.loans))


def _lead(words: Words, view: Account) -> str:
    """What to do about what is overdue and what is owed, in one sentence: so the list below has room."""
    late, pays = overdue_count(view), _is_paid_here(view)
    said = ""
    if late and pays:
        said = words.say_many(
            "Please return or renew it and pay the fees.",
            "Please return or renew them and pay the fees.",
            late,
        )
    elif late:
        said = words.say_many("Please return or renew it.", "Please return or renew them.", late)
    elif pays:
        said = words.say("Please pay the open fees.")
    is_blocked = bool(view.blocks) and set(view.blocks) <= {Reason.LOANS_OVERDUE, Reason.FEES_OWED}
    return words.join(said, words.say("Then you can borrow again.") if said and is_blocked else "")


def _is_paid_here(view: Account) -> bool:
    """Whether it is the open fees that keep somebody from borrowing, and they can be paid at once."""
    return Reason.FEES_OWED in view.blocks and any(
        choice.id == views.PAY and choice.enabled for choice in view.choices
    )


def _ready(words: Words, view: Account) -> str:
    ready = sum(hold.is_ready for hold in view.holds or ())
    if not ready:
        return ""
    return words.say_many("{n} reserved book is ready", "{n} reserved books are ready", ready)


def overdue_count(view: Account) -> int:
    """How many loans are overdue."""
    return sum(line.is_overdue for line in view.loans or ())


def _owed(words: Words, view: Account) -> str:
    if view.owed is None or view.owed.minor_units <= 0:
        return ""
    return words.say("Open fees: {amount}", amount=money_in(words.language, view.owed))


def _blocks(words: Words, view: Account) -> tuple[Explanation, ...]:
    said_above = set()
    if overdue_count(view):
        said_above.add(Reason.LOANS_OVERDUE)
    if _is_paid_here(view):
        said_above.add(Reason.FEES_OWED)
    return tuple(explain(words, reason) for reason in view.blocks if reason not in said_above)


def _untold(words: Words, view: Account) -> tuple[Explanation, ...]:
    if view.loans is not None:
        return ()
    return (
        Explanation(
            words.say("The library's system does not tell this terminal what you have on loan."),
            words.say("The staff at the desk can look it up for you."),
            Tone.CALM,
        ),
    )


def sections_of(words: Words) -> tuple[str, str, str, str, str]:
    """What stands above the overdue loans, the other loans, the holds that are ready, the others, and the fees."""
    return (
        words.say("Overdue"),
        words.say("On loan"),
        words.say("Ready for you"),
        words.say("Reserved"),
        words.say("Fees"),
    )


def loan_row_of(words: Words, line: LoanLine) -> Row:
    """A loan in words; when it is due stands large."""
    why = why_not_renewed(words, line.why) if line.why else Explanation("", "")
    due = due_in(words.language, line.due) if line.due else ""
    return Row(
        title=name_of(words, line.title, line.item),
        # That it is overdue stands there already, and larger.
        status="" if line.is_overdue and line.status is LoanStatus.LENT else words.say(LOANS[line.status]),
        what=why.what,
        advice=why.advice,
        message=quote_of(words, line.message),
        late=_late(words, line),
        since=was_due_text(words, line.due) if line.is_overdue else "",
        due=words.say("Due back {day}", day=due) if due and not line.is_overdue else "",
    )


def _late(words: Words, line: LoanLine) -> str:
    if not line.is_overdue:
        return ""
    if line.days_overdue <= 0:
        return words.say("Overdue")
    return words.say_many("{n} day overdue", "{n} days overdue", line.days_overdue)


def hold_row_of(words: Words, line: HoldLine) -> Row:
    """A hold in words: where it lies ready and until when, or how many wait before."""
    facts = []
    if line.is_ready:
        if line.pickup.strip():
            facts.append(words.say("Pick it up here: {place}", place=line.pickup.strip()))
        until = due_in(words.language, line.until) if line.until else ""
        due = words.say("Kept for you until {day}", day=until) if until else ""
    else:
        due = ""
        if line.queue is not None and line.queue > 0:
            facts.append(words.say_many("{n} reader is before you", "{n} readers are before you", line.queue))
        elif line.queue is not None:
            facts.append(words.say("You are the next"))
    return Row(
        title=name_of(words, line.title, line.item) or words.say("A reserved book"),
        status=words.say("Ready for you") if line.is_ready else words.say("Reserved for you"),
        facts=tuple(facts),
        due=due,
    )


def fee_row_of(words: Words, line: FeeLine) -> Row:
    """A fee in words: for which item, what for, how much; the server's own text as a quotation."""
    why = explain(words, line.why) if line.why else Explanation("", "")
    return Row(
        title=name_of(words, line.title, line.item) or words.say("Your account"),
        status=words.say(FEES[line.kind]),
        what=why.what,
        advice=why.advice,
        message=quote_of(words, line.text),
        due=money_in(words.language, line.amount),
    )
