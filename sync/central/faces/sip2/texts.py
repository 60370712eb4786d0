"""What the screen messages (AF) say, in Chinese for language 019 and in English for every other."""

from __future__ import annotations

from sync.entries import Alert, FeeKind, Reason

CHINESE = "019"

_REASONS: dict[Reason, tuple[str, str]] = {
    Reason.ITEM_UNKNOWN: ("本馆没有这册图书", "This item is not known here"),
    Reason.ITEM_ON_LOAN_TO_OTHER: ("此书已由他人借出", "This item is on loan to somebody else"),
    Reason.ITEM_ON_HOLD_FOR_OTHER: ("此书已由他人预约", "This item is reserved for somebody else"),
    Reason.ITEM_REFERENCE: ("工具书仅供馆内阅览", "Reference works are for use in the library"),
    Reason.ITEM_SPECIAL_COLLECTION: (
        "特藏文献仅供馆内阅览",
        "Special collections are for use in the library",
    ),
    Reason.ITEM_LARGE_SERIES: ("大型丛书仅供馆内阅览", "Large series are for use in the library"),
    Reason.ITEM_LOST: ("此书登记为遗失，请交工作人员", "This item is recorded as lost; please see the staff"),
    Reason.ITEM_IN_TRANSIT: (
        "此书正在调拨途中，请交工作人员",
        "This item is in transit; please see the staff",
    ),
    Reason.ITEM_DAMAGED: (
        "此书待修补，请交工作人员",
        "This item is waiting for repair; please see the staff",
    ),
    Reason.ITEM_WITHDRAWN: ("此书已剔除，请交工作人员", "This item has been withdrawn; please see the staff"),
    Reason.ITEM_INCOMPLETE: ("此书缺件", "A part of this item is missing"),
    Reason.ITEM_AGE_RATING: ("未达到此资料的年龄要求", "This item has an age limit"),
    Reason.ITEM_NOT_FOR_LOAN: ("此书不外借", "This item is not for loan"),
    Reason.ALREADY_YOURS: ("此书已在您名下", "You have this item already"),
    Reason.LIMIT_REACHED: ("已达到可借数量上限", "The number of items you may borrow is reached"),
    Reason.RENEWAL_LIMIT: ("已达到续借次数上限", "This loan cannot be renewed again"),
    Reason.NOT_ON_LOAN: ("此书未借出", "This item is not on loan"),
    Reason.FEE_NEEDS_CONSENT: ("借阅此资料需付费，请确认", "There is a fee for this loan; please confirm"),
    Reason.PATRON_UNKNOWN: ("没有此读者证", "This card is not known here"),
    Reason.PATRON_BLOCKED: ("此证已停借，请咨询工作人员", "This card is blocked; please see the staff"),
    Reason.PATRON_EXPIRED: ("此证已过期", "This card has expired"),
    Reason.CARD_LOST: ("此证已挂失", "This card was reported lost"),
    Reason.FEES_OWED: ("欠费超过上限，请先缴清", "You owe more than the limit; please pay first"),
    Reason.LOANS_OVERDUE: ("有图书超期，请先归还", "You have overdue items; please return them first"),
    Reason.WRONG_PIN: ("密码错误", "The PIN is wrong"),
    Reason.NOT_PERMITTED_HERE: ("此处不能办理", "This is not possible here"),
    Reason.NOT_WITHOUT_SERVER: (
        "与图书馆系统断开时不能办理",
        "This cannot be done while the library's system is away",
    ),
    Reason.OFFLINE_LIMIT: (
        "断网时可借数量已达上限",
        "No more items can be lent while the library's system is away",
    ),
    Reason.NOT_DONE: ("未办理", "This was not done"),
    Reason.FEE_GONE: ("此笔费用已结清", "This fee is not open any more"),
    Reason.AMOUNT_DIFFERS: ("金额与费用不符", "The amount is not what is owed"),
    Reason.CURRENCY_DIFFERS: ("币种不符", "The currency is not the library's"),
    Reason.NOT_RETURNABLE_HERE: ("此书不能在此归还", "This item cannot be returned here"),
    Reason.OTHER: ("未办理，请咨询工作人员", "This was not done; please see the staff"),
}

_ALERTS: dict[Alert, tuple[str, str]] = {
    Alert.HOLD_HERE: (
        "此书有预约，请放到预约架",
        "This item is reserved for somebody; please put it on the hold shelf",
    ),
    Alert.HOLD_AT_BRANCH: (
        "此书有预约，请送往取书分馆",
        "This item is reserved at another branch; please send it there",
    ),
    Alert.HOLD_FOR_ILL: (
        "此书有馆际互借预约，请交工作人员",
        "This item is reserved for another library; please see the staff",
    ),
    Alert.OTHER_BRANCH: (
        "此书属于其他分馆，请送回",
        "This item belongs to another branch; please send it there",
    ),
    Alert.OTHER: ("此书请交工作人员", "Please give this item to the staff"),
}
_FEES: dict[FeeKind, tuple[str, str]] = {
    FeeKind.CHECKOUT: ("借阅费", "loan fee"),
    FeeKind.OVERDUE: ("超期费", "overdue fee"),
    FeeKind.DAMAGE: ("污损赔偿", "damage"),
    FeeKind.LOSS: ("遗失赔偿", "loss"),
    FeeKind.CARD: ("证件费", "card fee"),
    FeeKind.OTHER: ("其他费用", "other"),
}
_NOT_CANCELLED = ("不能取消，请用还书", "A cancellation is not possible; check the item in instead")


def _in(language: str, pair: tuple[str, str]) -> str:
    return pair[0] if language == CHINESE else pair[1]


def reason_text(reason: Reason, language: str) -> str:
    """What to tell the reader about *reason* in *language* (a SIP2 code)."""
    return _in(language, _REASONS.get(reason, _REASONS[Reason.OTHER]))


def alert_text(alert: Alert, language: str) -> str:
    """Why the item that came back does not simply go to its shelf."""
    return _in(language, _ALERTS[alert])


def fee_text(kind: FeeKind, language: str) -> str:
    """What a fee is for."""
    return _in(language, _FEES[kind])


def not_cancelled_text(language: str) -> str:
    """That field BI is not obeyed."""
    return _in(language, _NOT_CANCELLED)
