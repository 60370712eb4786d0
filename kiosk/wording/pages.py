"""What stands on top of each screen."""

from __future__ import annotations

from typing import assert_never

from kiosk.wording.account import account_page
from kiosk.wording.care import care_page
from kiosk.wording.catalogue import Words
from kiosk.wording.explanations import Explanation, explain
from kiosk.wording.giving_back import back_summary_page, drop_page, giving_back_page, strip_back_page
from kiosk.wording.lending import borrowing_page, count_differs_page, summary_page
from kiosk.wording.lines import quote_of, title_of
from kiosk.wording.page import Page
from kiosk.wording.paying import choose_fees_page, paying_page
from kiosk.wording.receipts import receipt_code_page
from kiosk.wording.strips import strip_rule, strip_sentences
from kiosk.wording.values import money_in
from kiosk.wording.welcome import welcome_page
from kiosk.workflow import view as views
from kiosk.workflow.view import Notice, Shown, View

NOTICES_MAX = 4
"""More bars would leave no room for the screen."""

GIVING_BACK = (views.GivingBack, views.BackSummary, views.BookDropping)


def page_of(words: Words, view: View) -> Page:
    """What *view* says on top of its screen."""
    match view:
        case views.OneMoment():
            return Page(words.say("One moment, please"), words.say("This terminal will be ready shortly."))
        case views.OutOfService():
            why = explain(words, view.why)
            return Page(words.say("Out of service"), why.what, remarks=(Explanation("", why.advice),))
        case views.Welcome():
            return welcome_page(words, view)
        case views.EnterNumber():
            return _enter_number(words, view)
        case views.EnterPin():
            return _enter_pin(words, view)
        case views.LookingUp():
            return Page(words.say("One moment, please"), words.say("Your card is being checked."))
        case views.NotServed():
            return _not_served(words, view)
        case views.Borrowing():
            return borrowing_page(words, view)
        case views.HowMany():
            lead = words.say("Then we can see whether one was missed.")
            return Page(words.say("How many books do you have?"), lead)
        case views.CountDiffers():
            return count_differs_page(words, view)
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
            return summary_page(words, view)
        case _:
            return _page_of_service(words, view)


def _page_of_service(
    words: Words,
    view: views.GivingBack
    | views.UseStripUnitBack
    | views.BackSummary
    | views.BookDropping
    | views.Account
    | views.ChooseFees
    | views.Paying
    | views.MarkCare
    | views.ReceiptCode,
) -> Page:
    match view:
        case views.GivingBack():
            return giving_back_page(words, view)
        case views.UseStripUnitBack():
            return strip_back_page(words, view)
        case views.BackSummary():
            return back_summary_page(words, view)
        case views.BookDropping():
            return drop_page(words, view)
        case views.Account():
            return account_page(words, view)
        case views.ChooseFees():
            return choose_fees_page(words, view)
        case views.Paying():
            return paying_page(words, view)
        case views.MarkCare():
            return care_page(words, view)
        case views.ReceiptCode():
            return receipt_code_page(words, view)
        case _:
            assert_never(view)


def notices_of(words: Words, shown: Shown) -> tuple[str, ...]:
    """What is shown beside any screen, one text per notice, `NOTICES_MAX` at the most.

    What the screen itself says is not said twice, nor that the server is away where lending without it says so.
    """
    unsaid = set()
    if isinstance(shown.view, views.Borrowing | views.Summary) and shown.view.is_provisional:
        unsaid.add(Notice.LENDING_PROVISIONALLY)
    if isinstance(shown.view, GIVING_BACK):
        # A return needs no server and is no loan: the screen itself says what is recorded only.
        unsaid.add(Notice.LENDING_PROVISIONALLY)
        if shown.view.is_recorded_only:
            unsaid.add(Notice.SERVER_AWAY)
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
        remarks=remarks,
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


def _fee_consent(words: Words, view: views.FeeConsent) -> Page:
    amount = money_in(words.language, view.line.fee) if view.line.fee else words.say("a fee")
    return Page(
        words.say("Borrowing this costs {amount}", amount=amount),
        words.say("The fee is put on your account. Do you agree?"),
    )
