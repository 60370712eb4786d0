"""Days and amounts as they are written in the reader's language (Unicode CLDR, through Babel)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision

from kiosk.workflow.view import Language
from sync.entries import Due, Money

# English as most of the world writes it: the day before the month.
LOCALES = {Language.ENGLISH: "en_GB", Language.CHINESE: "zh_CN"}


def day_in(language: Language, day: date) -> str:
    """*day* in full: "12 May 2027", "2027年5月12日"."""
    return format_date(day, format="long", locale=LOCALES[language])


def moment_in(language: Language, moment: datetime) -> str:
    """*moment* to the minute, in its own zone: "12 May 2027, 09:05", "2027年5月12日 09:05"."""
    gap = " " if language is Language.CHINESE else ", "
    return f"{day_in(language, moment.date())}{gap}{moment:%H:%M}"


def due_in(language: Language, due: Due) -> str:
    """When an item is due: the day, or the server's own text where no day is known; empty for neither."""
    return day_in(language, due.day) if due.day else due.text.strip()


def money_in(language: Language, money: Money) -> str:
    """*money* with its currency: "€1.50", "¥1.50"; a currency has as many decimals as CLDR says."""
    amount = Decimal(money.minor_units).scaleb(-get_currency_precision(money.currency))
    return format_currency(amount, money.currency, locale=LOCALES[language])
