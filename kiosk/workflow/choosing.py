"""Which fees are paid: what can be taken here at all, what the reader chose of it, and what that comes to.

Every amount is looked at before anybody is asked for money: it has to be above nothing, of the library's one currency,
and not more than the library takes at once.  What the server does not name fee by fee is paid as a whole, or not here.

| the server | what can be chosen |
|---|---|
| names each fee, and takes some of them together | any of them |
| names each fee, and takes one or all | one, or all that is owed |
| names no fee, or not every one | all that is owed |
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow.account_state import Choosing
from kiosk.workflow.settings import SessionSettings
from sync.entries import FeeKind, FeePart, Money, Reason
from sync.questions import AccountFacts, FeeFact

PARTS_MAX = 50
"""Fees paid in one payment; more are left for the next."""

FEES_MAX = 200
"""Fees looked at; no reader has more, and a server that tells of more is mistaken."""


def shown_fees(facts: AccountFacts) -> tuple[FeeFact, ...]:
    """The fees as they are listed; where the server tells only a sum, that as one."""
    if facts.fees is not None and (facts.fees or facts.owed is None):
        return facts.fees[:FEES_MAX]
    if facts.owed is None or facts.owed.minor_units == 0:
        return ()
    return (FeeFact("", facts.owed, FeeKind.OTHER),)


def why_not(amount: Money, settings: SessionSettings) -> Reason | None:
    """Why *amount* is not taken here, whoever is to pay it; None where it may be."""
    if amount.currency != settings.currency:
        return Reason.CURRENCY_DIFFERS
    is_sum = type(amount.minor_units) is int and 0 < amount.minor_units <= settings.payment_max
    return None if is_sum else Reason.AMOUNT_DIFFERS


def is_payable(fee: FeeFact, settings: SessionSettings) -> bool:
    """Whether *fee* by itself may be paid here."""
    return fee.is_payable and why_not(fee.amount, settings) is None


def is_whole_only(facts: AccountFacts) -> bool:
    """Whether all that is owed is paid together, because the server does not name every fee by a name of its own."""
    ids = [fee.id for fee in shown_fees(facts)]
    return not all(ids) or len(set(ids)) != len(ids)


def owed(facts: AccountFacts) -> Money | None:
    """All that is owed together; None where the server does not tell, or in more than one currency."""
    if facts.owed is not None:
        return facts.owed
    amounts = [fee.amount for fee in shown_fees(facts)]
    if not amounts or len({amount.currency for amount in amounts}) != 1:
        return None
    return Money(sum(amount.minor_units for amount in amounts), amounts[0].currency)


def choosable(facts: AccountFacts, settings: SessionSettings) -> tuple[str, ...]:
    """The ids of the fees that can be chosen; of a whole that cannot be parted, all or none."""
    fees = shown_fees(facts)
    if is_whole_only(facts):
        whole = owed(facts)
        is_good = whole is not None and why_not(whole, settings) is None
        return tuple(fee.id for fee in fees) if is_good and all(fee.is_payable for fee in fees) else ()
    return tuple(fee.id for fee in fees if is_payable(fee, settings))


def all_of(facts: AccountFacts, settings: SessionSettings) -> tuple[str, ...]:
    """What is chosen at first: everything that can be paid in one payment."""
    can = choosable(facts, settings)
    if facts.pays_several or is_whole_only(facts):
        return can if is_whole_only(facts) else can[:PARTS_MAX]
    return can if len(can) == len(shown_fees(facts)) else can[:1]


def begin(facts: AccountFacts, settings: SessionSettings) -> Choosing:
    """The page of fees as it is opened."""
    return Choosing(chosen=all_of(facts, settings))


def toggled(choosing: Choosing, facts: AccountFacts, settings: SessionSettings, place: str) -> Choosing:
    """*choosing* after line *place* was touched, counted from 0; what cannot be chosen changes nothing."""
    fees = shown_fees(facts)
    if is_whole_only(facts) or not (place.isascii() and place.isdigit() and int(place) < len(fees)):
        return choosing
    fee = fees[int(place)].id
    if fee not in choosable(facts, settings):
        return choosing
    if not facts.pays_several:
        return replace(choosing, chosen=() if choosing.chosen == (fee,) else (fee,))
    if fee in choosing.chosen:
        return replace(choosing, chosen=tuple(known for known in choosing.chosen if known != fee))
    return replace(choosing, chosen=(*choosing.chosen, fee)) if len(choosing.chosen) < PARTS_MAX else choosing


def parts_of(
    facts: AccountFacts, chosen: tuple[str, ...], settings: SessionSettings
) -> tuple[FeePart, ...] | None:
    """What a payment of *chosen* is for; None where one of them is not there any more, or cannot be paid."""
    if not chosen or any(fee not in choosable(facts, settings) for fee in chosen):
        return None
    if is_whole_only(facts):
        whole = owed(facts)
        return None if whole is None else (FeePart("", whole),)
    fees = [fee for fee in shown_fees(facts) if fee.id in chosen]
    if len(fees) > 1 and not facts.pays_several:
        whole = owed(facts)
        if whole is None or len(fees) < len(shown_fees(facts)):
            return None
        return (FeePart("", whole),)
    return tuple(FeePart(fee.id, fee.amount, fee.kind, fee.item) for fee in fees)


def total_of(parts: tuple[FeePart, ...] | None, settings: SessionSettings) -> Money:
    """What *parts* come to; nothing, where there are none."""
    return Money(sum(part.amount.minor_units for part in parts or ()), settings.currency)
