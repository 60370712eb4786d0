"""Every view with its notable variants, as plainly invented values: what pictures and screen tests are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from kiosk.workflow import view as v
from kiosk.workflow.view import (
    Choice,
    Language,
    Line,
    Notice,
    Refusal,
    Shown,
    SlipState,
    Status,
    StripStep,
    Trouble,
    View,
    Way,
)
from sync.entries import Due, ItemId, Money, Reason
from sync.questions import News, NewsKind
from tests.look import services

LIBRARY = {Language.ENGLISH: "Example City Library", Language.CHINESE: "示例市图书馆"}
DUE = Due(date(2027, 5, 12), "2027-05-12")
LANGUAGES = tuple(Choice(f"language:{language.value}") for language in Language)
BORROW_CHOICES = (Choice(v.COUNT), Choice(v.FINISH))
ALL_WAYS = (Way.CARD, Way.BARCODE, Way.NUMBER)
LONG_TITLE = (
    "The complete and unabridged correspondence of the invented astronomers of the northern observatory, "
    "with an introduction, a glossary, four maps and an index of places, third revised edition"
)
LONG_CHINESE_TITLE = (
    "北方虚构天文台历代观测者往来书信全集（附导言、词汇表、地图四幅及地名索引，第三次修订增补版）"
)


def line(number: int, status: Status, title: str, **more: object) -> Line:
    """An item of the demo library."""
    item = ItemId(f"1000{number:04d}")
    return Line(id=item, status=status, item=item, title=title, **more)  # type: ignore[arg-type]


LENT = line(1, Status.LENT, "A Short History of Paper", due=DUE)
REFUSED = line(4, Status.NOT_LENT, "Atlas of Invented Rivers", why=Reason.ITEM_REFERENCE)
STACK = (
    LENT,
    line(2, Status.LENT, "纸的故事", due=DUE),
    line(3, Status.RELEASING, "How Bridges Stand"),
    REFUSED,
    line(5, Status.ASKING, "喆堃镕𠮷：四个少见的字"),
)
PROVISIONAL = (
    line(1, Status.LENT_PROVISIONALLY, "A Short History of Paper", due=DUE, is_provisional=True),
    line(2, Status.LENT_PROVISIONALLY, "纸的故事", due=DUE, is_provisional=True),
    line(6, Status.NOT_LENT, "Atlas of Invented Rivers", why=Reason.NOT_WITHOUT_SERVER),
    line(7, Status.NOT_LENT, "城市的树", why=Reason.OFFLINE_LIMIT),
)
SLIPS = (
    line(
        13,
        Status.LENT_NOT_VERIFIED,
        "A Field Guide to Lighthouses",
        due=DUE,
        why=Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK,
        is_provisional=True,
        reference="k7f2-31-213-1",
        slip=SlipState.PRINTED,
    ),
    line(
        24,
        Status.NOT_LENT,
        "How Bridges Stand",
        why=Trouble.RELEASE_FAILED_ASK_STAFF,
        reference="k7f2-31-214-1",
        slip=SlipState.PRINTING,
    ),
    line(
        25,
        Status.NOT_LENT,
        LONG_CHINESE_TITLE,
        why=Trouble.NOT_SECURED_LOAN_UNDONE,
        reference="k7f2-31-215-2",
        slip=SlipState.NOT_PRINTED,
    ),
    line(26, Status.NOT_LENT, "Salt", why=Trouble.STORAGE_FULL),
)
STRIPS = (
    line(
        28,
        Status.LENT,
        "城市的树",
        due=DUE,
        why=Trouble.STRIP_NOT_CHECKED,
        reference="k7f2-31-216-1",
        slip=SlipState.PRINTED,
    ),
    line(29, Status.LENT_STAYS_SECURED, "Listen and Learn (tape)", due=DUE, why=Trouble.STRIP_MAGNETIC_MEDIA),
    line(
        30,
        Status.LENT_NOT_VERIFIED,
        "A Field Guide to Lighthouses",
        due=DUE,
        why=Trouble.STRIP_SECOND_ITEM,
        reference="k7f2-31-217-1",
    ),
    line(31, Status.NOT_LENT, "Salt", why=Trouble.TAG_IS_OF_ANOTHER),
    line(32, Status.STRIP_WANTED, "How Bridges Stand"),
)
LATER = Due(date(2027, 5, 19), "2027-05-19")
EARLIER = Due(date(2027, 4, 28), "2027-04-28")
NEWS = (
    News(NewsKind.CONFIRMED, ItemId("10000031"), DUE, DUE, "纸的故事"),
    News(NewsKind.CONFIRMED, ItemId("10000032"), DUE, DUE, "Salt"),
    News(NewsKind.DUE_CHANGED, ItemId("10000033"), DUE, EARLIER, "A Field Guide to Lighthouses"),
    News(NewsKind.NOT_CONFIRMED, ItemId("10000034"), DUE, None, LONG_CHINESE_TITLE),
)
TO_CONFIRM = tuple(
    line(number, Status.WAITING, title, choices=(Choice(f"leave-out:1000{number:04d}"),))
    for number, title in ((1, "A Short History of Paper"), (2, "纸的故事"), (3, LONG_TITLE))
)
EVERY_STATUS = (
    LENT,
    line(12, Status.LENT_STAYS_SECURED, LONG_CHINESE_TITLE, due=DUE),
    line(11, Status.LENT_PROVISIONALLY, "Tides", due=DUE),
    *SLIPS,
    line(14, Status.ALREADY_YOURS, "城市的树", due=DUE, choices=(Choice("renew:10000014"),)),
    line(15, Status.RENEWED, LONG_TITLE, due=Due(None, "four weeks from today")),
    line(16, Status.RENEWING, "直门骨"),
    line(
        17,
        Status.INCOMPLETE,
        "Learn to Sail (book and two discs)",
        why=Trouble.PARTS_MISSING,
        parts=3,
        parts_present=2,
        choices=(Choice("lend-incomplete:10000017"),),
    ),
    line(18, Status.NEEDS_CONSENT, "New Films 2026", fee=Money(150, "CNY"), why=Reason.FEE_NEEDS_CONSENT),
    line(19, Status.PUT_BACK, "How Bridges Stand", why=Trouble.TAKEN_AWAY),
    line(20, Status.UNDOING, "Salt"),
    STRIPS[-1],
    line(21, Status.WAITING, ""),
    Line(id="tag:E00401000000AA01", status=Status.NOT_LENT, why=Trouble.FOREIGN_LIBRARY),
    Line(id="scan:3", status=Status.NOT_LENT, why=Trouble.BARCODE_UNKNOWN),
    line(
        23,
        Status.NOT_LENT,
        LONG_TITLE,
        why=Reason.ITEM_ON_HOLD_FOR_OTHER,
        message="Item is on hold for another patron; pick-up shelf 4 until the end of the month",
    ),
)
NINE_DIGITS = tuple(Choice(f"count:{n}") for n in range(1, 13))


COUNTED = (Status.LENT, Status.LENT_STAYS_SECURED, Status.LENT_PROVISIONALLY, Status.LENT_NOT_VERIFIED)


def borrowing(lines: tuple[Line, ...], **more: object) -> v.Borrowing:
    """A running session."""
    lent = sum(one.status in COUNTED for one in lines)
    values: dict[str, object] = {
        "greeting": "Demo R.",
        "lines": lines,
        "books": len(lines),
        "lent": lent,
        "quota": 20,
        "quota_left": 16,
        "choices": BORROW_CHOICES,
        **more,
    }
    return v.Borrowing(**values)  # type: ignore[arg-type]


LAID_DOWN = (Choice(v.STRIP_READY), Choice(v.NO))


def strip(
    title: str, step: StripStep, seconds_left: int, *choices: Choice, is_working: bool = False
) -> v.UseStripUnit:
    """An item that has to go over the strip unit."""
    return v.UseStripUnit(line(27, Status.STRIP_WANTED, title), step, seconds_left, is_working, choices)


SERVICES = (Choice(v.GIVE_BACK), Choice(v.ACCOUNT))

VIEWS: Mapping[str, View] = {
    **services.VIEWS,
    "one-moment": v.OneMoment(),
    "out-of-service-journal": v.OutOfService(v.Outage.JOURNAL),
    "out-of-service-no-way-in": v.OutOfService(v.Outage.NO_WAY_IN),
    "welcome": v.Welcome(ALL_WAYS, choices=(Choice(v.NUMBER), *LANGUAGES)),
    "welcome-card-only": v.Welcome((Way.CARD,), choices=LANGUAGES),
    "welcome-services": v.Welcome(ALL_WAYS, choices=(*SERVICES, Choice(v.NUMBER), *LANGUAGES)),
    "welcome-services-books": v.Welcome(ALL_WAYS, books=3, choices=(*SERVICES, Choice(v.NUMBER), *LANGUAGES)),
    "welcome-three": v.Welcome(
        ALL_WAYS,
        choices=(Choice(v.GIVE_BACK), Choice(v.BORROW), Choice(v.ACCOUNT), Choice(v.NUMBER), *LANGUAGES),
    ),
    "welcome-no-lending": v.Welcome(
        ALL_WAYS, choices=(*SERVICES, Choice(v.NUMBER), *LANGUAGES), is_lending=False
    ),
    "welcome-return-only": v.Welcome((), choices=(Choice(v.GIVE_BACK), *LANGUAGES), is_lending=False),
    "welcome-account": v.Welcome(
        ALL_WAYS, is_for_account=True, choices=(Choice(v.NUMBER), Choice(v.CANCEL), *LANGUAGES)
    ),
    "welcome-books": v.Welcome(ALL_WAYS, books=5, choices=(Choice(v.NUMBER), *LANGUAGES)),
    "welcome-troubles": v.Welcome(
        ALL_WAYS,
        books=2,
        left=3,
        troubles=(Trouble.PATRON_CARD, Trouble.FOREIGN_LIBRARY),
        card_not_read=True,
        choices=(Choice(v.NUMBER), *LANGUAGES),
    ),
    "enter-number": v.EnterNumber(choices=(Choice(v.CANCEL),)),
    "enter-number-wrong": v.EnterNumber(is_wrong=True, choices=(Choice(v.CANCEL),)),
    "enter-pin": v.EnterPin(choices=(Choice(v.CANCEL),)),
    "enter-pin-books": v.EnterPin(books=5, choices=(Choice(v.CANCEL),)),
    "enter-pin-wrong": v.EnterPin(tries_left=1, books=1, choices=(Choice(v.CANCEL),)),
    "looking-up": v.LookingUp(),
    "not-served": v.NotServed((Reason.PATRON_EXPIRED,), seconds_left=20, choices=(Choice(v.DONE),)),
    "not-served-long": v.NotServed(
        (Reason.CARD_LOST, Reason.PATRON_BLOCKED, Reason.FEES_OWED, Reason.LOANS_OVERDUE),
        Money(123456, "CNY"),
        (
            "Your account was suspended by the main library; please bring an identity document to the first floor.",
        ),
        20,
        (Choice(v.DONE),),
    ),
    "not-served-snapshot": v.NotServed(
        (Refusal.SNAPSHOT_TOO_OLD,), seconds_left=20, choices=(Choice(v.DONE),)
    ),
    "not-served-storage": v.NotServed((Refusal.STORAGE_FULL,), seconds_left=20, choices=(Choice(v.DONE),)),
    "borrowing-empty": borrowing((), books=0),
    "borrowing-empty-provisional": borrowing((), books=0, is_provisional=True),
    "borrowing-provisional": borrowing(
        (*PROVISIONAL, line(8, Status.RELEASING, "Tides")), is_provisional=True, is_busy=True
    ),
    "borrowing-news": borrowing(STACK[:2], news=NEWS),
    "borrowing-good-news": borrowing((), books=0, news=NEWS[:1], is_provisional=True),
    "borrowing-slips": borrowing(SLIPS),
    "borrowing-strips": borrowing(STRIPS),
    "borrowing-stack": borrowing(STACK, is_busy=True),
    "borrowing-care": borrowing(
        tuple(replace(one, choices=(Choice(f"care:{one.item}"),)) for one in STACK[:4]),
        choices=(Choice(v.COUNT), Choice(v.ACCOUNT), Choice(v.FINISH)),
    ),
    "borrowing-to-confirm": borrowing(
        (*TO_CONFIRM, line(9, Status.NOT_LENT, "A Field Guide to Lighthouses", why=Trouble.LEFT_OUT)),
        to_confirm=3,
        choices=(Choice(v.BORROW), *BORROW_CHOICES),
    ),
    "borrowing-counted": borrowing(STACK, declared=6, books=5),
    "borrowing-every-status": borrowing(EVERY_STATUS, quota=5, quota_left=0),
    "borrowing-ending": borrowing(
        STACK, is_busy=True, choices=(Choice(v.COUNT, enabled=False), Choice(v.FINISH, enabled=False))
    ),
    "how-many": v.HowMany(5, (*NINE_DIGITS, Choice(v.CANCEL))),
    "count-differs-fewer": v.CountDiffers(6, 5, (Choice(v.NO), Choice(v.YES))),
    "count-differs-more": v.CountDiffers(5, 7, (Choice(v.NO), Choice(v.YES))),
    "put-back": v.PutBack(line(3, Status.PUT_BACK, "How Bridges Stand"), 12, (Choice(v.NO),)),
    "put-back-long": v.PutBack(line(3, Status.PUT_BACK, LONG_TITLE), 3, (Choice(v.NO),)),
    "strip-slide": strip("How Bridges Stand", StripStep.DESENSITISE, 28, Choice(v.NO)),
    "strip-lay": strip("喆堃镕𠮷：四个少见的字", StripStep.DESENSITISE, 30, *LAID_DOWN),
    "strip-working": strip("How Bridges Stand", StripStep.DESENSITISE, 27, is_working=True),
    "strip-again": strip(LONG_TITLE, StripStep.AGAIN, 9, Choice(v.NO)),
    "strip-again-lay": strip(LONG_CHINESE_TITLE, StripStep.AGAIN, 9, *LAID_DOWN),
    "strip-take-away": strip("How Bridges Stand", StripStep.TAKE_AWAY, 28, Choice(v.NO)),
    "strip-scan-again": strip("城市的树", StripStep.SCAN_AGAIN, 28, Choice(v.NO)),
    "strip-sensitise": strip("", StripStep.SENSITISE, 1, Choice(v.NO)),
    "strip-sensitise-lay": strip(LONG_TITLE, StripStep.SENSITISE, 17, *LAID_DOWN),
    "fee-consent": v.FeeConsent(
        line(18, Status.NEEDS_CONSENT, "New Films 2026", fee=Money(150, "CNY")), (Choice(v.YES), Choice(v.NO))
    ),
    "fee-consent-long": v.FeeConsent(
        line(18, Status.NEEDS_CONSENT, LONG_CHINESE_TITLE, fee=Money(1234567, "EUR")),
        (Choice(v.YES), Choice(v.NO)),
    ),
    "still-there": v.StillThere(14, 20, (Choice(v.MORE_TIME), Choice(v.FINISH))),
    "summary": v.Summary((LENT, STACK[1], REFUSED), 2, 0, 1, 15, choices=(Choice(v.DONE),)),
    "summary-receipt": v.Summary(
        (LENT, STACK[1]), 2, 0, 0, 15, receipt=SlipState.PRINTING, choices=services.RECEIPT
    ),
    "summary-every-status": v.Summary(EVERY_STATUS, 3, 1, 3, 15, choices=(Choice(v.DONE),)),
    "summary-provisional": v.Summary(PROVISIONAL, 2, 0, 2, 15, True, choices=(Choice(v.DONE),)),
    "summary-partly-provisional": v.Summary(
        (
            line(3, Status.LENT, "How Bridges Stand", due=DUE),
            PROVISIONAL[0],
            line(9, Status.LENT_PROVISIONALLY, LONG_TITLE, due=LATER),
        ),
        3,
        0,
        0,
        15,
        True,
        choices=(Choice(v.DONE),),
    ),
    "summary-slips": v.Summary((*SLIPS, LENT), 2, 0, 3, 15, choices=(Choice(v.DONE),)),
    "summary-nothing": v.Summary((), 0, 0, 0, 8, choices=(Choice(v.DONE),)),
}
# Variants of a view that is there in full already.
MORE = ("welcome-services-books", "welcome-three", "welcome-no-lending", "welcome-account", "summary-receipt")
VARIANTS = (*(name for name in services.VIEWS if name not in services.MAIN), *MORE)

NOTICES: Mapping[str, tuple[Notice, ...]] = {
    **services.NOTICES,
    "welcome-troubles": (Notice.SERVER_AWAY,),
    "borrowing-every-status": tuple(Notice),
    "borrowing-empty": (Notice.PAD_AWAY,),
    "borrowing-strips": (Notice.STRIP_UNIT_AWAY,),
    "welcome": (Notice.LENDING_PROVISIONALLY,),
    "borrowing-provisional": (Notice.LENDING_PROVISIONALLY,),
    "borrowing-slips": (Notice.PRINTER_AWAY,),
    "not-served-storage": (Notice.STORAGE_FULL,),
    "welcome-card-only": tuple(Notice),
}


def shown(name: str, language: Language) -> Shown:
    """The sample *name* as it goes to the screen."""
    return Shown(VIEWS[name], language, NOTICES.get(name, ()), LIBRARY[language])


def samples() -> Mapping[str, Shown]:
    """Every sample in every language, named "view-variant.locale"."""
    return {f"{name}.{language.value}": shown(name, language) for name in VIEWS for language in Language}
