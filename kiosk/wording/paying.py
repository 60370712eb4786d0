"""Paying in words: which fees, how, and how the payment stands."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.payment import Step
from kiosk.wording.catalogue import Words, mark
from kiosk.wording.explanations import Explanation, Tone, explain
from kiosk.wording.lines import receipt_text
from kiosk.wording.page import Page
from kiosk.wording.values import money_in
from kiosk.workflow.view import ChooseFees, Paying, PaymentState
from sync.entries import Means

# Title and lead of each state.
STATES: Mapping[PaymentState, tuple[str, str]] = {
    PaymentState.AUTHORISING: (
        mark("Please pay at the card terminal"),
        mark("Nothing is charged before you agree there."),
    ),
    PaymentState.APPROVED: (
        mark("Approved, not yet on your account"),
        mark("Your money was taken. The library is entering it on your account."),
    ),
    PaymentState.POSTED: (mark("Paid. Thank you!"), mark("It is entered on your library account.")),
    PaymentState.REVERSING: (
        mark("The payment is being undone"),
        mark("The library's system did not take it, so your money goes back."),
    ),
    PaymentState.REVERSED: (
        mark("The payment was undone"),
        mark("Your money goes back to you. The fees are still open."),
    ),
    PaymentState.NOT_PAID: (mark("Not paid"), mark("Nothing was charged. The fees are still open.")),
    PaymentState.UNKNOWN: (
        mark("It is not clear whether you paid"),
        mark("Nothing more will be charged. The staff will find out: please note the reference."),
    ),
}

STEPS: Mapping[Step, str] = {
    Step.INSERT_CARD: mark("Insert your card or hold it to the terminal"),
    Step.REMOVE_CARD: mark("Please take your bank card out"),
    Step.LOOK_AT_TERMINAL: mark("Please look at the card terminal"),
    Step.ASKING_HOST: mark("Your bank is being asked"),
    Step.WAIT: mark("One moment, please"),
    Step.REVERSING: mark("The card terminal takes it back"),
    Step.DECLINED: mark("The card was declined"),
    Step.OTHER: mark("Please follow the card terminal"),
}

CODE_BYTES_MAX = 2331
"""More than a QR code holds at error correction level M (ISO/IEC 18004, table 7) cannot be drawn."""

MEANS: Mapping[Means, str] = {Means.CARD: mark("Bank card"), Means.QR: mark("QR code")}


def choose_fees_page(words: Words, view: ChooseFees) -> Page:
    """How much would be paid, and what can be left out."""
    total = money_in(words.language, view.total)
    if view.total.minor_units > 0:
        title = words.say("{amount} to pay", amount=total)
    else:
        title = words.say("Which fees do you want to pay?")
    if view.is_too_much:
        lead = words.say("This is more than can be paid here at once. Please leave something out.")
    elif view.is_whole_only:
        lead = words.say("These fees can only be paid together.")
    elif view.is_one_only and len(view.fees) > 1:
        lead = words.say("Choose one fee or all of them, then how you pay.")
    else:
        lead = words.say("Choose the fees, then how you pay.")
    remarks: tuple[Explanation, ...] = ()
    if view.is_at_counter:
        remarks = (
            Explanation(
                words.say("You can pay at the counter too."),
                words.say("Please show your library card there."),
                Tone.CALM,
            ),
        )
    return Page(title, lead, remarks=remarks)


def paying_page(words: Words, view: Paying) -> Page:
    """How the payment stands, and what to do."""
    title, lead = (words.say(text) for text in STATES[view.state])
    if view.state is PaymentState.AUTHORISING:
        title, lead = _authorising(words, view, title, lead)
    remarks = (explain(words, view.why),) if view.why else ()
    return Page(
        title,
        lead,
        money_in(words.language, view.amount),
        receipt_text(words, view.receipt),
        remarks,
        (_own_words(words, view),) if view.text.strip() else (),
    )


def _authorising(words: Words, view: Paying, title: str, lead: str) -> tuple[str, str]:
    if view.means is Means.CARD:
        return (words.say(STEPS[view.step]) if view.step else title), lead
    if view.code and not code_to_show(view):
        return words.say("Not paid"), words.say(
            "The code for your payment cannot be shown here. Nothing was charged."
        )
    if view.code:
        return words.say("Scan this code with your phone"), words.say(
            "Pay there. This screen goes on by itself."
        )
    return words.say("One moment, please"), words.say("The code for your payment is being made.")


def _own_words(words: Words, view: Paying) -> str:
    if view.means is Means.CARD:
        return words.say("The card terminal says: {message}", message=view.text.strip())
    return words.say("The payment system says: {message}", message=view.text.strip())


def is_scanned(view: Paying) -> bool:
    """Whether the reader pays with a phone, by a code on the screen."""
    return view.means is Means.QR


def payment_reference(words: Words, view: Paying) -> str:
    """By which reference staff find the payment; empty while there is nothing to find."""
    return words.say("Reference: {reference}", reference=view.reference) if view.reference else ""


def waiting_text(words: Words, view: Paying) -> str:
    """How long is left: until the payment is given up, or until the screen closes; empty for no time."""
    if view.seconds_left <= 0:
        return ""
    if view.state is PaymentState.AUTHORISING:
        return words.say_many("You have {n} more second.", "You have {n} more seconds.", view.seconds_left)
    return words.say_many(
        "This screen closes in {n} second.", "This screen closes in {n} seconds.", view.seconds_left
    )


def code_to_show(view: Paying) -> str:
    """The text of the code that is to be scanned; empty while there is none, and for one too long to be drawn."""
    is_short = len(view.code.encode()) <= CODE_BYTES_MAX
    return view.code if view.state is PaymentState.AUTHORISING and is_short else ""
