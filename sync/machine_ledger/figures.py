"""A closing as text: canonical JSON, so that equal figures are equal bytes, and the HMAC over it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sync.rules.ledger import Closing, Transaction, close_day

FORM: Final = 1


class FiguresUnreadable(ValueError):
    """A text is not the figures of a closing; the message says in which way."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is closed: the day *day* of machine *source* as number *number*, up to the moment *until*.

    *before* is the HMAC of the closing before, empty for the first.  *sums* has a `Closing` for each currency that was
    used.  *not_booked* are references of payments that no ledger takes: their sums are in none of these figures.
    """

    source: str
    day: date
    number: int
    until: datetime
    before: str
    sums: tuple[Closing, ...]
    not_booked: tuple[str, ...]

    @property
    def text(self) -> str:
        """As canonical JSON: ASCII, members in the order of their names, no blanks; sums in minor units."""
        content = {
            "form": FORM,
            "source": self.source,
            "day": self.day.isoformat(),
            "number": self.number,
            "until": self.until.isoformat(),
            "before": self.before,
            "sums": [_sum_said(one) for one in self.sums],
            "not_booked": list(self.not_booked),
        }
        return canonical(content)


@dataclass(frozen=True, slots=True)
class Head:
    """What has to be known of a closing to tell which payments it took, read from its text; *content* is all of it."""

    source: str
    day: date
    number: int
    until: datetime
    before: str
    content: dict[str, Any]

    @property
    def references(self) -> tuple[str, ...]:
        """Everything that was counted or could not be booked."""
        every = (one for each in self.content["sums"] for one in each["references"])
        return (*every, *self.content["not_booked"])


def summed(transactions: Sequence[Transaction], day: date, source: str) -> tuple[Closing, ...]:
    """The figures of *transactions*, all of *day*, for each currency in the order of its code."""
    currencies = sorted({one.currency for one in transactions})
    return tuple(
        close_day([one for one in transactions if one.currency == currency], day, currency, source)
        for currency in currencies
    )


def head_of(text: str) -> Head:
    """What the figures *text* are about.  Raises `FiguresUnreadable`, also where it is not canonical."""
    try:
        content = json.loads(text)
        if canonical(content) != text:
            raise FiguresUnreadable("not in the form that is signed")
        if content["form"] != FORM:
            raise FiguresUnreadable(f"form {content['form']!r:.10} is not known here")
        head = Head(
            content["source"],
            date.fromisoformat(content["day"]),
            content["number"],
            datetime.fromisoformat(content["until"]),
            content["before"],
            content,
        )
        is_sound = (
            head.until.tzinfo is not None
            and type(head.number) is int
            and all(type(text) is str for text in (head.source, head.before, *head.references))
            and all(_is_sum(one) for one in content["sums"])
        )
    except FiguresUnreadable:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FiguresUnreadable(f"not the figures of a closing ({type(error).__name__})") from None
    if not is_sound:
        raise FiguresUnreadable("not the figures of a closing")
    return head


def _is_sum(one: dict[str, Any]) -> bool:
    """Whether it has the shape of `_sum_said`.  Raises what asking something else for its members raises."""
    kinds = [tuple(map(type, figures)) for figures in one["kinds"].values()]
    accounts = [tuple(map(type, sides)) for sides in one["accounts"].values()]
    is_named = type(one["currency"]) is str and "payment" in one["kinds"]
    return is_named and set(kinds) == {(int,) * 4} and set(accounts) <= {(int,) * 2}


def canonical(content: object) -> str:
    """*content* as the one text that is signed.  Raises `ValueError` for what JSON does not know."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def mac_of(key: bytes, text: str) -> str:
    """HMAC-SHA-256 of the figures *text*, in hex."""
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def is_mac(key: bytes, text: str, mac: str) -> bool:
    """Whether *mac* is that of *text*."""
    return hmac.compare_digest(mac_of(key, text).encode(), mac.encode("utf-8", "surrogatepass"))


def _sum_said(closing: Closing) -> dict[str, Any]:
    return {
        "currency": closing.currency,
        "kinds": {
            one.kind.value: [one.count, one.sum_minor, one.countered_count, one.countered_sum_minor]
            for one in closing.kinds
        },
        "accounts": {one.name: [one.debit_minor, one.credit_minor] for one in closing.accounts},
        "references": list(closing.references),
    }
