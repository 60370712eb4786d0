"""What stands on top of each screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from kiosk.wording.catalogue import Words, mark
from kiosk.wording.explanations import Explanation, explain
from kiosk.wording.lines import quote_of, title_of
from kiosk.wording.provisional import news_of, provisional_end, provisional_text
from kiosk.wording.strips import strip_rule, strip_sentences
from kiosk.wording.values import money_in
from kiosk.workflow import view as views
from kiosk.workflow.view import Notice, Shown, View, Way


@dataclass(frozen=True, slots=True)
class Page:
    """*title* is the one thing to know, *lead* the one thing to do; *greeting* stands small above them.

    *remarks* explain what is not going well, the gravest first; *quotes* are the server's own words.
    """

    title: str
    lead: str = ""
    greeting: str = ""
    remarks: tuple[Explanation, ...] = ()
    quotes: tuple[str, ...] = ()


NOTICES_MAX = 4
"""More bars would leave no room for the screen."""

WAYS = {
    Way.CARD: mark("Lay your library card on the card reader."),
    Way.BARCODE: mark("Hold the barcode of your card below the scanner."),
    Way.NUMBER: mark("Type the number of your card."),
}


def page_of(words: Words, view: View) -> Page:
    """What *view* says on top of its screen."""
    match view:
        case views.OneMoment():
            return Page(words.say("One moment, please"), words.say("This terminal will be ready shortly."))
        case views.OutOfService():
            why = explain(words, view.why)
            return Page(words.say("Out of service"), why.what, remarks=(Explanation("", why.advice),))
        case views.Welcome():
            return _welcome(words, view)
        case views.EnterNumber():
            return _enter_number(words, view)
        case views.EnterPin():
            return _enter_pin(words, view)
        case views.LookingUp():
            return Page(words.say("One moment, please"), words.say("Your card is being checked."))
        case views.NotServed():
            return _not_served(words, view)
        case views.Borrowing():
            return _borrowing(words, view)
        case views.HowMany():
            lead = words.say("Then we can see whether one was missed.")
            return Page(words.say("How many books do you have?"), lead)
        case views.CountDiffers():
            return _count_differs(words, view)
        case views.PutBack():
            title = title_of(words, view.line)
            return Page(
                words.say("Please put it back on the pad"),
                words.say('"{title}" is lent to you, but its alarm is not switched off yet.', title=title),
            )
        case views.UseStripUnit():
            return Page(*strip_sentences(words, view), greeting=strip_rule(words))
        case views.FeeConsent():
            return _fee_consent(words, view)
        case views.StillThere():
            return Page(
                words.say("Are you still there?"),
                words.say("Your session will close by itself, so that nobody else can use it."),
            )
        case views.Summary():
            return _summary(words, view)
        case _:
            assert_never(view)


def notices_of(words: Words, shown: Shown) -> tuple[str, ...]:
    """What is shown beside any screen, one text per notice, `NOTICES_MAX` at the most.

    What the screen itself says is not said twice, nor that the server is away where lending without it says so.
    """
    unsaid = set()
    if isinstance(shown.view, views.Borrowing | views.Summary) and shown.view.is_provisional:
        unsaid.add(Notice.LENDING_PROVISIONALLY)
    if Notice.LENDING_PROVISIONALLY in shown.notices:
        unsaid.add(Notice.SERVER_AWAY)
    notices = [one for one in shown.notices if one not in unsaid]
    # Without a printer everything else works, so that is what a screen full of notices leaves out.
    notices.sort(key=lambda one: one is Notice.PRINTER_AWAY)
    explained = [explain(words, notice) for notice in notices[:NOTICES_MAX]]
    return tuple(words.join(one.what, one.advice) for one in explained)


def unit_text(words: Words, seconds: int) -> str:
    """What stands below the number of a count-down."""
    return words.say_many("second", "seconds", seconds)


def closing_text(words: Words, seconds: int) -> str:
    """How long a screen stays that closes by itself."""
    return words.say_many("This screen closes in {n} second.", "This screen closes in {n} seconds.", seconds)


def count_captions(words: Words) -> tuple[str, str]:
    """What stands below the declared number and below the seen one."""
    return words.say("You said"), words.say("The pad sees")


def ways_of(words: Words, view: views.Welcome) -> tuple[str, ...]:
    """How readers can say who they are, in the order of the view."""
    return tuple(words.say(WAYS[way]) for way in view.ways)


def _welcome(words: Words, view: views.Welcome) -> Page:
    remarks = []
    if view.card_not_read:
        remarks.append(
            Explanation(
                words.say("Your card could not be read."),
                words.say("Please hold it still on the card reader, or type its number."),
            )
        )
    remarks += [explain(words, trouble) for trouble in view.troubles]
    if view.left:
        remarks.append(
            Explanation(
                words.say_many(
                    "{n} item of the last session still lies on the pad.",
                    "{n} items of the last session still lie on the pad.",
                    view.left,
                ),
                words.say("Please clear the pad first."),
            )
        )
    if view.books:
        seen = words.say_many("{n} book is on the pad", "{n} books are on the pad", view.books)
        return Page(seen, words.say("Show your card to borrow."), remarks=tuple(remarks))
    return Page(words.say("Borrow books here"), words.say("Begin with your card."), remarks=tuple(remarks))


def _enter_number(words: Words, view: views.EnterNumber) -> Page:
    wrong = Explanation(
        words.say("This number cannot be a card number."),
        words.say("Please compare it with your card and try again."),
    )
    return Page(
        words.say("Type your card number"),
        words.say("It stands on your library card."),
        remarks=(wrong,) if view.is_wrong else (),
    )


def _enter_pin(words: Words, view: views.EnterPin) -> Page:
    remarks: tuple[Explanation, ...] = ()
    if view.tries_left is not None:
        left = words.say_many("You can try once more.", "You can try {n} more times.", view.tries_left)
        remarks = (Explanation(words.say("That is not the PIN of this card."), left),)
    greeting = (
        words.say_many("{n} book is on the pad", "{n} books are on the pad", view.books) if view.books else ""
    )
    return Page(
        words.say("Type your PIN"),
        words.say("Nobody can see the digits."),
        greeting,
        remarks,
    )


def _not_served(words: Words, view: views.NotServed) -> Page:
    lead = ""
    if view.fee:
        lead = words.say("Open fees: {amount}", amount=money_in(words.language, view.fee))
    return Page(
        words.say("You cannot borrow now"),
        lead,
        remarks=tuple(explain(words, reason) for reason in view.reasons),
        quotes=tuple(quote_of(words, message) for message in view.messages if message.strip()),
    )


def _borrowing(words: Words, view: views.Borrowing) -> Page:
    greeting = words.say("Hello, {name}", name=view.greeting) if view.greeting else ""
    if not view.lines:
        title = words.say("Lay your books on the pad")
        lead = words.say("Or scan their barcodes one by one.")
    elif view.to_confirm:
        title = words.say_many("Borrow this {n} book?", "Borrow these {n} books?", view.to_confirm)
        lead = words.say("Leave out what you do not want, then say yes.")
    else:
        title = words.say("{lent} of {books} borrowed", lent=view.lent, books=view.books)
        lead = _next_step(words, view)
    provisional = (provisional_text(words),) if view.is_provisional else ()
    return Page(title, lead, greeting, (*_counts(words, view), *provisional, *news_of(words, view.news)))


def _next_step(words: Words, view: views.Borrowing) -> str:
    if view.is_busy:
        return words.say("Please leave the books on the pad.")
    if view.quota_left is not None and view.quota_left <= 0:
        return words.say("Please touch Finish.")
    return words.say("Add more books, or finish.")


def _counts(words: Words, view: views.Borrowing) -> tuple[Explanation, ...]:
    if view.declared is None or view.declared == view.books:
        return ()
    return (
        Explanation(
            _difference(words, view.declared, view.books), words.say("Please spread the books on the pad.")
        ),
    )


def _difference(words: Words, declared: int, seen: int) -> str:
    return words.say("You said {declared}, the pad sees {seen}.", declared=declared, seen=seen)


def quota_text(words: Words, view: views.Borrowing) -> str:
    """How many more items may be borrowed; empty when that is not known."""
    if view.quota_left is None:
        return ""
    if view.quota_left <= 0:
        return words.say("You have reached your limit")
    if view.quota is None:
        return words.say("You may borrow {n} more", n=view.quota_left)
    return words.say("You may borrow {n} more of {quota}", n=view.quota_left, quota=view.quota)


def _count_differs(words: Words, view: views.CountDiffers) -> Page:
    if view.seen < view.declared:
        advice = words.say("Please spread the books on the pad, or lay them down one at a time.")
    else:
        advice = words.say("Please see whether books of somebody else lie on or beside the pad.")
    return Page(
        _difference(words, view.declared, view.seen),
        advice,
    )


def _fee_consent(words: Words, view: views.FeeConsent) -> Page:
    amount = money_in(words.language, view.line.fee) if view.line.fee else words.say("a fee")
    return Page(
        words.say("Borrowing this costs {amount}", amount=amount),
        words.say("The fee is put on your account. Do you agree?"),
    )


def _summary(words: Words, view: views.Summary) -> Page:
    more = []
    if view.lent:
        title = words.say_many("{n} book borrowed", "{n} books borrowed", view.lent)
        if view.renewed:
            more.append(words.say_many("{n} loan was renewed.", "{n} loans were renewed.", view.renewed))
    elif view.renewed:
        title = words.say_many("{n} loan renewed", "{n} loans renewed", view.renewed)
    else:
        title = words.say("Nothing was borrowed")
    if view.not_lent:
        more.append(
            words.say_many("{n} book was not borrowed.", "{n} books were not borrowed.", view.not_lent)
        )
    if view.lent:
        thanks = words.say("Thank you. Please take your card and the borrowed books with you.")
    else:
        thanks = words.say("Thank you. Please take your card with you.")
    remarks = (provisional_end(words, view.lines),) if view.is_provisional else ()
    return Page(title, words.join(*more, thanks), remarks=remarks)
