"""What stands on top of the screens of a session that borrows, from the first book to the summary."""

from __future__ import annotations

from kiosk.wording.catalogue import Words
from kiosk.wording.explanations import Explanation
from kiosk.wording.lines import receipt_text
from kiosk.wording.page import Page
from kiosk.wording.provisional import news_of, provisional_end, provisional_text
from kiosk.workflow import view as views


def borrowing_page(words: Words, view: views.Borrowing) -> Page:
    """How far the session is, what may still be borrowed, and what became of earlier loans."""
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
    return Page(
        title,
        lead,
        greeting,
        quota_text(words, view.quota, view.quota_left),
        (*_counts(words, view), *provisional, *news_of(words, view.news)),
    )


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


def quota_text(words: Words, quota: int | None, left: int | None) -> str:
    """That *left* of *quota* items may still be borrowed; empty when that is not known."""
    if left is None:
        return ""
    if left <= 0:
        return words.say("You have reached your limit")
    if quota is None:
        return words.say("You may borrow {n} more", n=left)
    return words.say("You may borrow {n} more of {quota}", n=left, quota=quota)


def count_differs_page(words: Words, view: views.CountDiffers) -> Page:
    """Which number was said and which is seen, and what may be the matter."""
    if view.seen < view.declared:
        advice = words.say("Please spread the books on the pad, or lay them down one at a time.")
    else:
        advice = words.say("Please see whether books of somebody else lie on or beside the pad.")
    return Page(
        _difference(words, view.declared, view.seen),
        advice,
    )


def summary_page(words: Words, view: views.Summary) -> Page:
    """How many books go home and how many do not."""
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
    return Page(title, words.join(*more, thanks), note=receipt_text(words, view.receipt), remarks=remarks)
