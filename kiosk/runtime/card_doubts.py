"""Payments at a card terminal of which nobody knows yet how they ended, and what a mark is to people."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock
from drivers.payment import Amount, Approved, LastPayment, NotPaid, PaymentMark, Unknown, settle
from drivers.payment.marks import mark_text
from sync.entries import EntryKey, Money


@dataclass(frozen=True, slots=True)
class _Doubt:
    key: EntryKey
    asked: Amount
    before: PaymentMark | None
    until: float


class CardDoubts:
    """What is asked about, each for its time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._doubts: dict[EntryKey, _Doubt] = {}

    def __contains__(self, key: EntryKey) -> bool:
        return key in self._doubts

    def __len__(self) -> int:
        return len(self._doubts)

    def add(self, key: EntryKey, asked: Amount, before: PaymentMark | None, seconds: float) -> None:
        """*asked* may have been taken for *key*, after the payment *before*; it is asked about for *seconds*.

        A key that is here stays as it is.
        """
        until = self._clock.monotonic() + seconds
        self._doubts.setdefault(key, _Doubt(key, asked, before, until))

    def settled(self, last: LastPayment | None) -> list[tuple[EntryKey, Approved | NotPaid | Unknown]]:
        """What *last*, the last payment that the terminal tells of, says about each; the newest entry first."""
        doubts = sorted(self._doubts.values(), key=lambda one: one.key, reverse=True)
        self._doubts.clear()
        return [(one.key, settle(one.asked, one.before, last)) for one in doubts]

    def given_up(self) -> list[EntryKey]:
        """Those that were asked about for too long; they are here no more."""
        now = self._clock.monotonic()
        late = [one.key for one in self._doubts.values() if now >= one.until]
        for key in late:
            del self._doubts[key]
        return late


def amount_of(money: Money) -> Amount:
    """*money* as a card terminal takes it.  Raises `ValueError` for what no terminal can take."""
    return Amount(money.minor_units, money.currency)


def voucher_of(mark: PaymentMark) -> str:
    """What staff find a payment by: the number of its receipt, else of its trace; "" where it has neither."""
    if mark.receipt is not None:
        return str(mark.receipt)
    return "" if mark.trace is None else f"trace-{mark.trace}"


def written(mark: PaymentMark | None) -> str | None:
    """*mark* as the journal keeps it ("" for none); None where it cannot be written down."""
    try:
        return mark_text(mark)
    except ValueError:
        return None
