"""Invented receipts and slips, one for everything that a template has to cope with; no library and no reader of any."""

from __future__ import annotations

from datetime import UTC, date, datetime

from kiosk.workflow.receipts import Receipt, ReceiptKind, ReceiptLine, ReceiptWord
from kiosk.workflow.slips import RoutingSlip
from kiosk.workflow.view import Language
from sync.entries import Due, ItemId, Means, Money
from sync.rules.sorting import Bin, Colour, Route

_AT = datetime(2027, 5, 12, 9, 5, tzinfo=UTC)
_LATER = Due(date(2027, 6, 11))
_LONG = {
    Language.ENGLISH: "The Complete and Unabridged Handbook of Everything That Was Ever Forgotten on a Library Table",
    Language.CHINESE: "图书馆阅览桌上遗失物品大全(增订本):从雨伞到论文草稿的二十年记录与思考",
}
_SHORT = {Language.ENGLISH: "A Quiet Tree", Language.CHINESE: "安静的树"}
_LIBRARY = {Language.ENGLISH: "Example Library", Language.CHINESE: "示例图书馆"}


def _receipt(
    kind: ReceiptKind, language: Language, *lines: ReceiptLine, total: Money | None = None, late: bool = False
) -> Receipt:
    is_payment = kind is ReceiptKind.PAYMENT
    return Receipt(
        kind,
        "a1b2-7-1204-1",
        _LIBRARY[language],
        "kiosk-01",
        _AT,
        language.value,
        lines,
        is_provisional=late and not is_payment,
        total=total,
        means=Means.CARD if is_payment else None,
        voucher="0042" if is_payment else "",
        is_posted=not late,
        terminal_lines=("** EXAMPLE TERMINAL **", "Beleg-Nr. 0042", "############1234") if is_payment else (),
    )


def _samples(language: Language) -> tuple[Receipt | RoutingSlip, ...]:
    short, long, fee = _SHORT[language], _LONG[language], Money(350, "CNY")
    first, second, third = (ItemId(f"3000012{place}") for place in range(3))
    word = ReceiptWord
    return (
        _receipt(
            ReceiptKind.LOANS,
            language,
            ReceiptLine(word.LENT, first, short, _LATER),
            ReceiptLine(word.LENT, second, long, _LATER),
            ReceiptLine(word.RENEWED, third, "", Due(None, "2027-06-11")),
        ),
        _receipt(
            ReceiptKind.LOANS,
            language,
            ReceiptLine(word.LENT_PROVISIONALLY, first, short, _LATER),
            late=True,
        ),
        _receipt(
            ReceiptKind.RETURNS,
            language,
            ReceiptLine(word.BACK, first, short, Due(date(2027, 5, 1)), 11, fee),
            ReceiptLine(word.BACK_NO_LOAN, second, long),
            ReceiptLine(word.BACK_RECORDED, third),
            ReceiptLine(word.BACK_TO_STAFF, third, short, reference="a1b2-7-1204-2"),
        ),
        _receipt(
            ReceiptKind.PAYMENT,
            language,
            ReceiptLine(word.PAID, first, short, amount=fee),
            ReceiptLine(word.PAID, None, "", amount=Money(10_000, "CNY")),
            total=Money(10_350, "CNY"),
        ),
        _receipt(
            ReceiptKind.PAYMENT,
            language,
            ReceiptLine(word.PAID, first, long, amount=fee),
            total=fee,
            late=True,
        ),
        _receipt(
            ReceiptKind.PAYMENT,
            language,
            ReceiptLine(word.PAID_BACK, first, short, amount=fee),
            total=fee,
            late=True,
        ),
        RoutingSlip(
            "a1b2-7-1204-3",
            first,
            Route.HOLD_HERE,
            _AT,
            language,
            _LIBRARY[language],
            short,
            hold="··0042",
            bin=Bin("2", "", Colour.GREEN),
        ),
        RoutingSlip(
            "a1b2-7-1204-4",
            second,
            Route.OTHER_BRANCH,
            _AT,
            language,
            _LIBRARY[language],
            long,
            destination="East Branch" if language is Language.ENGLISH else "东区分馆",
            location="MAIN",
        ),
    )


SAMPLES: tuple[Receipt | RoutingSlip, ...] = tuple(one for language in Language for one in _samples(language))


def language_of(sample: Receipt | RoutingSlip) -> str:
    """The locale of *sample*."""
    return sample.language if isinstance(sample, Receipt) else sample.language.value
