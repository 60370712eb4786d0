"""Loans that the terminal granted by itself: what provisional means, and what became of them."""

from __future__ import annotations

from itertools import accumulate
from typing import assert_never
from unicodedata import east_asian_width

from kiosk.wording.catalogue import Words
from kiosk.wording.explanations import Explanation, Tone
from kiosk.wording.values import due_in
from kiosk.workflow.view import Line, Status
from sync.questions import News, NewsKind

NEWS_MAX = 2
"""Of one kind told each by itself; more are counted."""

TITLE_COLUMNS_MAX = 40
"""Of a title within a sentence; a Chinese character takes two."""


def provisional_text(words: Words) -> Explanation:
    """What a reader knows before the first loan: this terminal lends by itself just now."""
    return Explanation(
        words.say("Loans are provisional at the moment."),
        words.say("The library confirms them as soon as the network is back."),
        Tone.CALM,
    )


def provisional_end(words: Words, lines: tuple[Line, ...]) -> Explanation:
    """What a reader takes home: how many loans are provisional, until when they are lent, and what comes next."""
    loans = [line for line in lines if line.is_provisional or line.status is Status.LENT_PROVISIONALLY]
    what = _unconfirmed(words, len(loans))
    days = {due_in(words.language, line.due) if line.due else "" for line in loans}
    if len(days) == 1 and (day := days.pop()):
        keep = words.say_many(
            "Please bring it back by {day}.", "Please bring them back by {day}.", len(loans), day=day
        )
    else:
        keep = words.say("Please keep to the dates shown below.")
    return Explanation(
        what, words.join(keep, words.say("If anything changes, you read it here next time.")), Tone.CALM
    )


def one_provisional(words: Words) -> str:
    """What is said of one loan that the library's system may not know yet."""
    return _unconfirmed(words, 1)


def _unconfirmed(words: Words, count: int) -> str:
    return words.say_many(
        "{n} loan is provisional: the library confirms it as soon as the network is back.",
        "{n} loans are provisional: the library confirms them as soon as the network is back.",
        count,
    )


def news_of(words: Words, news: tuple[News, ...]) -> tuple[Explanation, ...]:
    """What became of earlier provisional loans, the gravest first."""
    told: list[Explanation] = []
    for kind in (NewsKind.NOT_CONFIRMED, NewsKind.DUE_CHANGED, NewsKind.CONFIRMED):
        some = [one for one in news if one.kind is kind]
        if kind is NewsKind.CONFIRMED or len(some) > NEWS_MAX:
            told += [_counted(words, kind, len(some))] if some else []
        else:
            told += [_told(words, one) for one in some]
    return tuple(told)


def _told(words: Words, news: News) -> Explanation:
    title = _short(news.title.strip()) or words.say("Item {number}", number=news.item)
    if news.kind is NewsKind.NOT_CONFIRMED:
        return Explanation(
            words.say('The library could not confirm your loan of "{title}".', title=title),
            words.say("Please take it to the desk. Nothing is lost, and the staff will settle it."),
        )
    due = due_in(words.language, news.due) if news.due else ""
    return Explanation(
        words.say('"{title}" has another due date than you were told.', title=title),
        words.say(
            "It was {promised}, now it is {day}. If that does not suit you, please ask at the desk.",
            promised=due_in(words.language, news.promised),
            day=due,
        )
        if due
        else words.say("The staff at the desk can tell you the new date."),
    )


def _short(title: str) -> str:
    ends = accumulate(2 if east_asian_width(character) in "WF" else 1 for character in title)
    room = sum(end <= TITLE_COLUMNS_MAX for end in ends)
    return title if room == len(title) else title[:room].rstrip() + "…"


def _counted(words: Words, kind: NewsKind, count: int) -> Explanation:
    match kind:
        case NewsKind.CONFIRMED:
            return Explanation(
                words.say_many(
                    "Your provisional loan is confirmed.", "Your {n} provisional loans are confirmed.", count
                ),
                words.say("The dates you were told hold."),
                Tone.GOOD,
            )
        case NewsKind.DUE_CHANGED:
            return Explanation(
                words.say("{n} loans have other due dates than you were told.", n=count),
                words.say("The staff at the desk can tell you the new dates."),
            )
        case NewsKind.NOT_CONFIRMED:
            return Explanation(
                words.say("The library could not confirm {n} of your loans.", n=count),
                words.say(
                    "Please take the items to the desk. Nothing is lost, and the staff will settle it."
                ),
            )
        case _:
            assert_never(kind)
