"""Giving back, the account, paying, care and receipts, as plainly invented values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from drivers.payment import Step
from kiosk.workflow import view as v
from kiosk.workflow.receipts import Receipt, ReceiptKind, ReceiptLine, ReceiptWord
from kiosk.workflow.view import (
    BackLine,
    BackStatus,
    Choice,
    DropStep,
    FeeLine,
    HoldLine,
    LoanLine,
    LoanStatus,
    Notice,
    PaymentState,
    PaymentTrouble,
    Refusal,
    SlipState,
    Trouble,
    View,
)
from sync.entries import Due, FeeKind, Flaw, ItemId, Means, Money, Reason
from sync.rules.sorting import Bin, Colour, Route

DUE = Due(date(2027, 5, 12), "2027-05-12")
WAS_DUE = Due(date(2027, 3, 30), "2027-03-30")
LATER = Due(date(2027, 6, 9), "2027-06-09")
LONG = (
    "The complete and unabridged correspondence of the invented astronomers of the northern observatory, "
    "with an introduction, a glossary, four maps and an index of places, third revised edition"
)
LONG_CHINESE = "北方虚构天文台历代观测者往来书信全集（附导言、词汇表、地图四幅及地名索引，第三次修订增补版）"
FINISH, DONE = Choice(v.FINISH), Choice(v.DONE)
RECEIPT = (DONE, Choice(v.PRINT), Choice(v.CODE))

TROLLEY = Bin("1", "", Colour.GREEN)
HOLDS = Bin("2", "left trolley", Colour.BLUE)
DESK = Bin("3", "服务台后面的书架", Colour.RED)
FOREIGN = Bin("7", "table at the door", Colour.YELLOW)
PLAIN = Bin("A12")


def back(number: int, status: BackStatus, title: str, **more: object) -> BackLine:
    """An item that is given back."""
    item = ItemId(f"1000{number:04d}")
    return BackLine(id=item, status=status, item=item, title=title, **more)  # type: ignore[arg-type]


def care(number: int) -> tuple[Choice, ...]:
    """The choice to report that an item needs care."""
    return (Choice(f"care:1000{number:04d}"),)


ON_TIME = back(
    1, BackStatus.BACK, "A Short History of Paper", bin=TROLLEY, route=Route.SHELF, choices=care(1)
)
OVERDUE = back(
    2,
    BackStatus.BACK,
    "纸的故事",
    was_due=WAS_DUE,
    days_overdue=12,
    fee=Money(120, "CNY"),
    bin=TROLLEY,
    route=Route.SHELF,
)
HELD = back(3, BackStatus.BACK, "How Bridges Stand", bin=HOLDS, route=Route.HOLD_HERE)
NO_LOAN = back(4, BackStatus.BACK_NO_LOAN, "Atlas of Invented Rivers", route=Route.SHELF)
RECORDED = back(5, BackStatus.BACK_RECORDED, "喆堃镕𠮷：四个少见的字")
TO_STAFF = back(
    6,
    BackStatus.BACK_TO_STAFF,
    "Salt",
    why=Reason.ITEM_WITHDRAWN,
    reference="k7f2-31-301-1",
    bin=DESK,
    route=Route.STAFF,
)
HANDED = BackLine("tag:E00401000000AA01", BackStatus.HANDED_BACK, why=Trouble.FOREIGN_LIBRARY)
PILED = replace(HANDED, id="tag:E00401000000AA02", bin=FOREIGN, route=Route.FOREIGN)
NOT_TAKEN = back(7, BackStatus.NOT_TAKEN, LONG, why=Trouble.TAKEN_AWAY)
PARTS = back(
    8,
    BackStatus.PARTS_MISSING,
    "Learn to Sail (book and two discs)",
    why=Trouble.PARTS_MISSING,
    parts=3,
    parts_present=2,
    choices=(Choice("give-back:10000008"),),
)
EVERY_BACK = (
    HANDED,
    PILED,
    NOT_TAKEN,
    PARTS,
    TO_STAFF,
    back(9, BackStatus.WAITING, "", why=Trouble.NOT_ON_PAD, choices=(Choice("give-back:10000009"),)),
    back(10, BackStatus.SECURING, "Tides"),
    back(11, BackStatus.STRIP_WANTED, "城市的树"),
    back(12, BackStatus.PUT_BACK, LONG_CHINESE, why=Trouble.TAKEN_AWAY),
    back(13, BackStatus.TELLING, "直门骨"),
    back(
        14,
        BackStatus.BACK,
        "New Films 2026",
        why=Trouble.NOT_SECURED_ASK_STAFF,
        reference="k7f2-31-302-1",
        slip=SlipState.PRINTED,
        message="Item is wanted at the information desk",
    ),
    replace(OVERDUE, reader=1, choices=care(2)),
    replace(HELD, reader=2, days_overdue=1, was_due=DUE),
    NO_LOAN,
    RECORDED,
    back(15, BackStatus.BACK, "Listen and Learn (tape)", bin=PLAIN, route=Route.OTHER_BRANCH, reader=2),
    back(16, BackStatus.BACK, "Tides", why=Trouble.ALREADY_BACK),
)


def giving_back(lines: tuple[BackLine, ...], **more: object) -> v.GivingBack:
    """A session in which items are given back."""
    rid = (BackStatus.BACK, BackStatus.BACK_NO_LOAN, BackStatus.BACK_RECORDED, BackStatus.BACK_TO_STAFF)
    values: dict[str, object] = {
        "done": sum(line.status in rid for line in lines),
        "choices": (FINISH,),
        **more,
    }
    return v.GivingBack(lines, **values)  # type: ignore[arg-type]


def drop(step: DropStep, line: BackLine | None = None, **more: object) -> v.BookDropping:
    """An unattended book drop."""
    return v.BookDropping(step, line, **more)  # type: ignore[arg-type]


def loan(number: int, title: str, due: Due | None = DUE, **more: object) -> LoanLine:
    """A loan that can be renewed."""
    item = ItemId(f"1000{number:04d}")
    values: dict[str, object] = {"choices": (Choice(f"renew:{item}"),), **more}
    return LoanLine(item=item, title=title, due=due, **values)  # type: ignore[arg-type]


LATE_LOANS = (
    loan(21, "Tides", WAS_DUE, is_overdue=True, days_overdue=43),
    loan(22, LONG_CHINESE, Due(None, "last week"), is_overdue=True),
)
LOANS = (
    loan(23, "A Short History of Paper"),
    loan(24, "城市的树", LATER, status=LoanStatus.RENEWED, choices=()),
    loan(25, "How Bridges Stand", status=LoanStatus.RENEWING, choices=()),
    loan(26, "Salt", status=LoanStatus.NOT_RENEWED, why=Reason.ITEM_ON_HOLD_FOR_OTHER),
    loan(27, "", None),
    loan(28, LONG, message="Recalled by the library"),
)
HOLD_LINES = (
    HoldLine("纸的故事", is_ready=True, pickup="一层预约书架", until=DUE),
    HoldLine("Atlas of Invented Rivers", is_ready=True),
    HoldLine("A Field Guide to Lighthouses", queue=3),
    HoldLine("", ItemId("10000031"), queue=0),
)
FEE_LINES = (
    FeeLine(Money(120, "CNY"), FeeKind.OVERDUE, ItemId("10000002"), "纸的故事"),
    FeeLine(Money(5600, "CNY"), FeeKind.LOSS, ItemId("10000032"), LONG, "Set of four volumes"),
    FeeLine(Money(1000, "CNY"), FeeKind.CARD),
    FeeLine(Money(300, "EUR"), FeeKind.OTHER, text="Copies", why=Reason.CURRENCY_DIFFERS),
)
ACCOUNT_CHOICES = (FINISH, Choice(v.RENEW_ALL), Choice(v.PAY), Choice(v.BORROW))


def account(**more: object) -> v.Account:
    """Somebody's account."""
    values: dict[str, object] = {
        "greeting": "Demo R.",
        "loans": LOANS[:3],
        "holds": (),
        "fees": (),
        "quota": 20,
        "quota_left": 14,
        "choices": ACCOUNT_CHOICES,
        **more,
    }
    return v.Account(**values)  # type: ignore[arg-type]


def fees(*chosen: int) -> tuple[FeeLine, ...]:
    """All fees, those at *chosen* to be paid now."""
    return tuple(
        replace(fee, is_chosen=at in chosen, choices=() if fee.why else (Choice(f"fee:{at}"),))
        for at, fee in enumerate(FEE_LINES)
    )


def paying(state: PaymentState, means: Means = Means.CARD, **more: object) -> v.Paying:
    """A payment."""
    return v.Paying(state, Money(620, "CNY"), means, **more)  # type: ignore[arg-type]


CANCEL, AT_END = (Choice(v.CANCEL),), (DONE, Choice(v.PRINT))
KNOWN = "k7f2-31-305-1"
TAKEN = datetime(2027, 4, 14, 1, 5, tzinfo=UTC)
LOAN_RECEIPT = Receipt(
    ReceiptKind.LOANS,
    "k7f2-31-305",
    "Example City Library",
    "Hall 1",
    TAKEN,
    "en",
    (
        ReceiptLine(ReceiptWord.LENT, ItemId("10000001"), "A Short History of Paper", DUE),
        ReceiptLine(ReceiptWord.LENT_PROVISIONALLY, ItemId("10000002"), "纸的故事", DUE),
    ),
    is_provisional=True,
)
BACK_RECEIPT = replace(
    LOAN_RECEIPT,
    kind=ReceiptKind.RETURNS,
    reference="k7f2-31-306",
    library="示例市图书馆",
    language="zh_CN",
    lines=(
        ReceiptLine(
            ReceiptWord.BACK,
            ItemId("10000003"),
            LONG_CHINESE,
            WAS_DUE,
            12,
            Money(120, "CNY"),
            "k7f2-31-306-1",
        ),
        ReceiptLine(ReceiptWord.BACK_NO_LOAN, ItemId("10000004"), "Salt"),
    ),
    is_provisional=False,
)
LONG_RECEIPT = replace(
    LOAN_RECEIPT,
    lines=tuple(
        ReceiptLine(ReceiptWord.LENT, ItemId(f"{10000100 + n}"), f"Invented book {n}", DUE) for n in range(60)
    ),
)
PAYMENT_RECEIPT = replace(
    LOAN_RECEIPT,
    kind=ReceiptKind.PAYMENT,
    lines=(
        ReceiptLine(ReceiptWord.PAID, ItemId("10000002"), "纸的故事", amount=Money(120, "CNY")),
        ReceiptLine(ReceiptWord.PAID, amount=Money(500, "CNY")),
    ),
    is_provisional=False,
    total=Money(620, "CNY"),
    means=Means.CARD,
    voucher="T-000123",
    is_posted=False,
)
FLAWS = tuple(Choice(f"flaw:{flaw.value}") for flaw in Flaw)

VIEWS: Mapping[str, View] = {
    "giving-back-empty": giving_back(()),
    "giving-back": giving_back((ON_TIME, OVERDUE, HELD, back(7, BackStatus.SECURING, "Tides")), is_busy=True),
    "giving-back-away": giving_back(
        (RECORDED, back(7, BackStatus.BACK_RECORDED, "Tides")), is_recorded_only=True
    ),
    "giving-back-every-status": giving_back(EVERY_BACK),
    "strip-back-slide": v.UseStripUnitBack(
        back(11, BackStatus.STRIP_WANTED, "城市的树"), 28, choices=(Choice(v.NO),)
    ),
    "strip-back-lay": v.UseStripUnitBack(
        back(11, BackStatus.STRIP_WANTED, LONG), 28, choices=(Choice(v.STRIP_READY), Choice(v.NO))
    ),
    "strip-back-working": v.UseStripUnitBack(back(11, BackStatus.STRIP_WANTED, "城市的树"), 27, True),
    "back-summary": v.BackSummary((TO_STAFF, OVERDUE, ON_TIME, NO_LOAN), 4, 1, 0, 15, 1, choices=RECEIPT),
    "back-summary-readers": v.BackSummary(
        tuple(replace(line, choices=()) for line in EVERY_BACK if line.status is not BackStatus.WAITING),
        8,
        1,
        3,
        15,
        2,
        is_recorded_only=True,
        receipt=SlipState.PRINTED,
        choices=RECEIPT,
    ),
    "back-summary-nothing": v.BackSummary((), 0, 0, 0, 8, choices=(DONE,)),
    "drop-ready": drop(DropStep.READY),
    "drop-ready-away": drop(DropStep.READY, done=3, is_recorded_only=True),
    "drop-reading": drop(DropStep.READING, done=1),
    "drop-working": drop(DropStep.WORKING, back(1, BackStatus.SECURING, LONG_CHINESE)),
    "drop-moving": drop(DropStep.MOVING, ON_TIME),
    "drop-take-out": drop(DropStep.TAKE_OUT, HANDED, why=Trouble.FOREIGN_LIBRARY),
    "drop-take-out-two": drop(DropStep.TAKE_OUT, why=Trouble.ONE_AT_A_TIME),
    "drop-take-out-unread": drop(DropStep.TAKE_OUT),
    "drop-done": drop(DropStep.DONE, ON_TIME, done=1),
    "drop-done-overdue": drop(DropStep.DONE, OVERDUE, done=2),
    "drop-done-no-loan": drop(DropStep.DONE, replace(NO_LOAN, title=LONG), done=2),
    "drop-done-recorded": drop(DropStep.DONE, RECORDED, done=2, is_recorded_only=True),
    "drop-done-to-staff": drop(DropStep.DONE, TO_STAFF, done=2),
    "drop-stuck": drop(DropStep.STUCK, ON_TIME, why=Trouble.STUCK_IN_DROP),
    "drop-full": drop(DropStep.FULL),
    "drop-away": drop(DropStep.AWAY),
    "account-loading": account(loans=None, holds=None, is_loading=True, choices=(FINISH,)),
    "account-not-heard": account(
        loans=None, holds=None, why=Refusal.SERVER_AWAY, choices=(FINISH, Choice(v.ACCOUNT))
    ),
    "account": account(holds=HOLD_LINES[2:3]),
    "account-overdue": account(
        loans=(*LATE_LOANS, *LOANS),
        holds=HOLD_LINES,
        fees=FEE_LINES,
        owed=Money(6720, "CNY"),
        blocks=(Reason.LOANS_OVERDUE, Reason.FEES_OWED),
        choices=(FINISH, Choice(v.RENEW_ALL), Choice(v.PAY), Choice(v.PRINT), Choice(v.CODE)),
    ),
    "account-blocked": account(
        blocks=(Reason.CARD_LOST,), loans=(), messages=("Please come to the first floor.",), choices=(FINISH,)
    ),
    "account-untold": account(loans=None, holds=None, fees=None, owed=Money(120, "EUR"), choices=(FINISH,)),
    "choose-fees": v.ChooseFees(
        fees(0, 2),
        Money(1120, "CNY"),
        is_at_counter=True,
        choices=(Choice("pay-by:card"), Choice("pay-by:qr"), Choice(v.ALL_FEES), Choice(v.CANCEL)),
    ),
    "choose-fees-none": v.ChooseFees(
        fees(),
        Money(0, "CNY"),
        choices=(Choice("pay-by:qr", enabled=False), Choice(v.ALL_FEES), Choice(v.CANCEL)),
    ),
    "choose-fees-whole": v.ChooseFees(
        (FeeLine(Money(6720, "CNY"), FeeKind.OTHER, is_chosen=True),),
        Money(6720, "CNY"),
        is_whole_only=True,
        choices=(Choice("pay-by:card"), Choice(v.CANCEL)),
    ),
    "paying-card": paying(PaymentState.AUTHORISING, step=Step.INSERT_CARD, choices=CANCEL, seconds_left=60),
    "paying-card-words": paying(
        PaymentState.AUTHORISING, step=Step.LOOK_AT_TERMINAL, text="Bitte PIN eingeben", choices=CANCEL
    ),
    "paying-qr": paying(
        PaymentState.AUTHORISING,
        Means.QR,
        code="https://pay.example.org/p/5f3a9c?amount=620&currency=CNY&order=k7f2-31-305-1",
        choices=CANCEL,
        seconds_left=115,
    ),
    "paying-qr-soon": paying(PaymentState.AUTHORISING, Means.QR, choices=CANCEL),
    "paying-qr-too-long": paying(PaymentState.AUTHORISING, Means.QR, code="x" * 4000, choices=CANCEL),
    "paying-approved": paying(PaymentState.APPROVED, reference=KNOWN),
    "paying-posted": paying(
        PaymentState.POSTED, reference=KNOWN, seconds_left=20, receipt=SlipState.PRINTING, choices=AT_END
    ),
    "paying-reversing": paying(PaymentState.REVERSING, why=PaymentTrouble.NOT_POSTED, reference=KNOWN),
    "paying-reversed": paying(
        PaymentState.REVERSED, why=Reason.FEE_GONE, reference=KNOWN, seconds_left=20, choices=AT_END
    ),
    "paying-not-paid": paying(
        PaymentState.NOT_PAID, why=PaymentTrouble.DECLINED, seconds_left=20, choices=(DONE,)
    ),
    "paying-unknown": paying(
        PaymentState.UNKNOWN,
        Means.QR,
        why=PaymentTrouble.UNCLEAR,
        reference=KNOWN,
        seconds_left=20,
        choices=AT_END,
    ),
    "mark-care": v.MarkCare(
        ItemId("10000001"),
        "A Short History of Paper",
        (Flaw.LOOSE_PAGES,),
        choices=(*FLAWS, Choice(v.YES), Choice(v.CANCEL)),
    ),
    "mark-care-none": v.MarkCare(
        ItemId("10000001"), LONG, choices=(*FLAWS, Choice(v.YES, enabled=False), Choice(v.CANCEL))
    ),
    "mark-care-reported": v.MarkCare(
        ItemId("10000001"), "城市的树", (Flaw.LOOSE_PAGES,), is_reported=True, choices=(DONE,)
    ),
    "receipt-code": v.ReceiptCode((LOAN_RECEIPT,), 30, (DONE,)),
    "receipt-code-readers": v.ReceiptCode((BACK_RECEIPT, LOAN_RECEIPT), 30, (DONE,)),
    "receipt-code-long": v.ReceiptCode((LONG_RECEIPT, PAYMENT_RECEIPT), 30, (DONE,)),
}
# One of each view.
MAIN = frozenset(
    {
        "giving-back",
        "strip-back-slide",
        "back-summary",
        "drop-done-overdue",
        "account-overdue",
        "choose-fees",
        "paying-qr",
        "mark-care",
        "receipt-code-readers",
    }
)
NOTICES: Mapping[str, tuple[Notice, ...]] = {
    "giving-back-away": (Notice.SERVER_AWAY, Notice.PRINTER_AWAY),
    "drop-done-recorded": (Notice.SERVER_AWAY,),
    "choose-fees-none": (Notice.PAYMENT_TERMINAL_AWAY,),
}
