"""What stands on top of the screens on which readers give items back, at the pad, the strip unit and the book drop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kiosk.wording.catalogue import Words, mark
from kiosk.wording.explanations import Explanation, Tone
from kiosk.wording.lines import Row, name_of, receipt_text
from kiosk.wording.page import Page
from kiosk.wording.returns import back_row_of, why_not_back
from kiosk.wording.strips import strip_rule
from kiosk.workflow import view as views
from kiosk.workflow.view import BackLine, BackStatus, DropStep


def giving_back_page(words: Words, view: views.GivingBack) -> Page:
    """How far the returns are; a reader without a card begins here."""
    remarks = _remarks(words, view.lines, is_recorded_only=view.is_recorded_only)
    if not view.lines:
        return Page(
            words.say("Give your books back here"),
            words.say("Lay them on the pad, or scan their barcodes one by one."),
            note=words.say("You need no card."),
            remarks=remarks,
        )
    title = words.say("{done} of {n} given back", done=view.done, n=len(view.lines))
    return Page(title, _next_step(words, view), remarks=remarks)


def _next_step(words: Words, view: views.GivingBack) -> str:
    if view.is_busy:
        return words.say("Please leave the books on the pad.")
    if any(line.bin for line in view.lines):
        return words.say("Put each book where its row says. Then add more, or finish.")
    return words.say("Add more books, or finish.")


def back_summary_page(words: Words, view: views.BackSummary) -> Page:
    """How many items are given back; what somebody has to look at is said first."""
    if view.done:
        title = words.say_many("{n} book given back", "{n} books given back", view.done)
    else:
        title = words.say("Nothing was given back")
    more = []
    if view.not_taken:
        more.append(words.say_many("{n} book was not taken.", "{n} books were not taken.", view.not_taken))
    if view.to_staff:
        more.append(
            words.say_many(
                "{n} book needs a look by the staff.", "{n} books need a look by the staff.", view.to_staff
            )
        )
    remarks = _remarks(words, view.lines, is_recorded_only=view.is_recorded_only)
    note = [receipt_text(words, view.receipt)]
    if view.readers > 1:
        note.insert(
            0, words.say("They were lent to {n} readers: each has a receipt of their own.", n=view.readers)
        )
    return Page(title, words.join(*more, words.say("Thank you.")), note=words.join(*note), remarks=remarks)


def _remarks(words: Words, lines: Sequence[BackLine], *, is_recorded_only: bool) -> tuple[Explanation, ...]:
    remarks = []
    late = sum(line.days_overdue > 0 for line in lines)
    if late:
        remarks.append(
            Explanation(
                words.say_many("{n} book was overdue.", "{n} books were overdue.", late),
                words.say("The days and the fee stand beside the book."),
                Tone.GRAVE,
            )
        )
    if is_recorded_only:
        remarks.append(recorded_only(words))
    return tuple(remarks)


def recorded_only(words: Words) -> Explanation:
    """That a return counts though the library's system is away."""
    return Explanation(
        words.say("The library's system cannot be reached at the moment."),
        words.say("Give your books back all the same: it is recorded here and passed on later."),
        Tone.CALM,
    )


def strip_back_page(words: Words, view: views.UseStripUnitBack) -> Page:
    """How an item goes over the strip unit to be made secure."""
    if view.is_working:
        title, lead = words.say("One moment, please"), words.say("Please leave it where it is.")
    elif any(choice.id == views.STRIP_READY for choice in view.choices):
        title, lead = words.say("Lay it on the strip unit"), words.say("Then touch the button below.")
    else:
        title = words.say("Slide it over the strip unit")
        lead = words.say("So its alarm is switched on again. Then it is given back.")
    return Page(title, lead, greeting=strip_rule(words))


# Title and lead of each step; what DONE says depends on how the item stands.
DROP: Mapping[DropStep, tuple[str, str]] = {
    DropStep.READY: (mark("Put in one book"), mark("You need no card.")),
    DropStep.READING: (mark("One moment, please"), mark("Please let go of the book.")),
    DropStep.WORKING: (mark("Being given back"), mark("Please wait a moment.")),
    DropStep.MOVING: (mark("Being taken in"), mark("Please keep your hands away.")),
    DropStep.TAKE_OUT: (mark("Please take it out"), ""),
    DropStep.DONE: (mark("Given back. Thank you!"), mark("Put in the next one, if you have more.")),
    DropStep.STUCK: (
        mark("The book drop is stuck"),
        mark("Please do not reach in. The staff will see to it."),
    ),
    DropStep.FULL: (
        mark("The book drop is full"),
        mark("Please give your books to the staff, or come back later."),
    ),
    DropStep.AWAY: (mark("Closed at the moment"), mark("Please give your books to the staff.")),
}

DONE: Mapping[BackStatus, tuple[str, str]] = {
    BackStatus.BACK_NO_LOAN: (mark("It had already been returned"), mark("No loan found. Thank you!")),
    BackStatus.BACK_RECORDED: (
        mark("Given back. Thank you!"),
        mark("It is recorded here, and the library's system is told later."),
    ),
    BackStatus.BACK_TO_STAFF: (mark("Taken in. Thank you!"), mark("The staff will look at it.")),
}


def drop_page(words: Words, view: views.BookDropping) -> Page:
    """What an unattended book drop says, in as few words as can be read from two metres."""
    title, lead = (words.say(text) if text else "" for text in DROP[view.step])
    if view.step is DropStep.DONE and view.line is not None and view.line.status in DONE:
        title, lead = (words.say(text) for text in DONE[view.line.status])
    if view.step is DropStep.TAKE_OUT:
        lead = _why_out(words, view)
    greeting = words.say("One book at a time") if view.step is DropStep.READY else ""
    if view.done and view.step is not DropStep.DONE:
        greeting = words.say_many("{n} book given back", "{n} books given back", view.done)
    if view.is_recorded_only and view.step is DropStep.READY:
        lead = words.join(lead, words.say("It is recorded here, and the library's system is told later."))
    return Page(title, lead, greeting)


def _why_out(words: Words, view: views.BookDropping) -> str:
    line = view.line or BackLine("drop", BackStatus.NOT_TAKEN)
    why = view.why or line.why
    if why is None:
        return words.say("It could not be read. Please try again, or give it to the staff.")
    what, advice = why_not_back(
        words, BackLine(line.id, BackStatus.NOT_TAKEN, line.item, line.title, why=why)
    )
    if why is views.Trouble.FOREIGN_LIBRARY:
        advice = words.say("Please take it along.")
    return words.join(what, advice)


def drop_row(words: Words, view: views.BookDropping) -> Row:
    """The item in the drop in words; its title is empty where nothing is known of it."""
    if view.line is None:
        return Row("", "")
    return replace(back_row_of(words, view.line), title=name_of(words, view.line.title, view.line.item))
