"""What is written on the button of a choice."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.wording.care import flaw_text
from kiosk.wording.catalogue import Words, mark
from kiosk.workflow import view as views
from kiosk.workflow.view import Language
from sync.entries import Flaw, Means

# Every language is called what its own readers call it.
LANGUAGES: Mapping[str, str] = {Language.ENGLISH.value: "English", Language.CHINESE.value: "中文"}

LABELS: Mapping[str, str] = {
    views.NUMBER: mark("Enter the card number"),
    views.CANCEL: mark("Cancel"),
    views.BORROW: mark("Borrow these books"),
    views.FINISH: mark("Finish"),
    views.MORE_TIME: mark("More time, please"),
    views.COUNT: mark("Count my books"),
    views.YES: mark("Yes"),
    views.NO: mark("No"),
    views.DONE: mark("Done"),
    views.STRIP_READY: mark("It lies on the unit"),
    views.GIVE_BACK: mark("Give books back"),
    views.ACCOUNT: mark("My account"),
    views.RENEW_ALL: mark("Renew all"),
    views.PAY: mark("Pay fees"),
    views.ALL_FEES: mark("Choose all fees"),
    views.PRINT: mark("Print a receipt"),
    views.CODE: mark("Receipt by phone"),
    "renew": mark("Renew"),
    "care": mark("Damaged?"),
    "leave-out": mark("Leave out"),
    "lend-incomplete": mark("Borrow without the missing parts"),
}

PARTICULAR: Mapping[tuple[type[views.View], str], str] = {
    (views.Welcome, views.BORROW): mark("Borrow books"),
    (views.Account, views.BORROW): mark("Borrow books"),
    (views.Account, views.ACCOUNT): mark("Try again"),
    (views.MarkCare, views.YES): mark("Report it"),
    (views.MarkCare, views.CANCEL): mark("Back"),
    (views.ChooseFees, views.CANCEL): mark("Back"),
    (views.Paying, views.CANCEL): mark("Do not pay"),
    (views.UseStripUnitBack, views.NO): mark("Give it to the staff"),
    (views.FeeConsent, views.YES): mark("Yes, borrow it for this fee"),
    (views.FeeConsent, views.NO): mark("No, leave it here"),
    (views.CountDiffers, views.COUNT): mark("Count again"),
    (views.CountDiffers, views.YES): mark("Go on with what the pad sees"),
    (views.CountDiffers, views.NO): mark("Look again"),
    (views.NotServed, views.DONE): mark("Understood"),
    (views.StillThere, views.FINISH): mark("I have finished"),
    (views.HowMany, views.CANCEL): mark("Back"),
    (views.EnterNumber, views.CANCEL): mark("Back"),
    (views.PutBack, views.NO): mark("I cannot put it back"),
    (views.UseStripUnit, views.NO): mark("Have it done at the desk"),
}


PAY_BY: Mapping[str, str] = {
    Means.CARD.value: mark("Pay by bank card"),
    Means.QR.value: mark("Pay by phone"),
    "counter": mark("Pay at the counter"),
}


def label_of(words: Words, choice_id: str, view: views.View) -> str:
    """What stands on the button of *choice_id* when *view* offers it.

    Raises `LookupError` for an id that no view offers: a button without a word is worse than none.
    """
    head, _, argument = choice_id.partition(":")
    if head == "language":
        return LANGUAGES[argument]
    if head == views.COUNT and argument:
        return argument
    if head == "flaw":
        return flaw_text(words, Flaw(argument))
    if head == "pay-by":
        return words.say(PAY_BY[argument])
    if head == "fee":
        is_chosen = isinstance(view, views.ChooseFees) and view.fees[int(argument)].is_chosen
        return words.say("Chosen") if is_chosen else words.say("Choose")
    if head == views.GIVE_BACK and argument:
        return words.say("Give it back as it is")
    return words.say(PARTICULAR.get((type(view), head)) or LABELS[head])


def enter_label(words: Words) -> str:
    """What stands on the key that ends typing a number."""
    return words.say("Continue")


def key_label(words: Words, key: str) -> str:
    """How the keys of the number pad without a digit are called: "erase" and "clear"."""
    return words.say(KEYS[key])


KEYS: Mapping[str, str] = {"erase": mark("Erase"), "clear": mark("Clear")}
