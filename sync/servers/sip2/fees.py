"""What a server tells of money that is owed; pure.

Nothing is guessed: a sum that is no sum, is negative or absurdly large is not told, and fees are told one by one only
where each amount can be read in one way and all of them together are what is owed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sync.entries import BadIdentifier, ItemId, Money, item_id
from sync.questions import FeeFact
from sync.servers.sip2.dates import read_due
from sync.servers.sip2.layout import Pairs
from sync.servers.sip2.meaning import shown
from sync.servers.sip2.messages import PatronInformationResponse, PatronStatusResponse
from sync.servers.sip2.money import minor_digits, read_money
from sync.servers.sip2.profile import Profile

OWED_MINOR_MAX = 99_999_999
"""No reader owes more than that; a server that says so has been misunderstood."""

_NUMBER = re.compile(r"(?<![\d.,:/-])(\d{1,7})([.,]\d{1,3})?(?![\d:/-]|[.,]\d)")
_SIGN_BEFORE = re.compile(r"([¥￥$€£]|\b[A-Z]{3})\s?$")
_SIGN_AFTER = re.compile(r"\s?([元¥￥$€£]|[A-Z]{3}\b)")


def owed_in_all(
    reply: PatronInformationResponse | PatronStatusResponse, profile: Profile, currency: str
) -> Money | None:
    """What the patron owes, nothing too; None where it was not told or cannot be understood.

    Servers leave the field out where nothing is owed, and count no fees then.
    """
    text = reply.fee_amount if profile.owed_field == "BV" else reply.extra_value(profile.owed_field)
    told = reply.currency.strip() or currency
    if not text.strip():
        is_none = isinstance(reply, PatronInformationResponse) and reply.fine_count == 0
        return Money(0, told) if is_none else None
    return sound(read_money(text, told))


def sound(money: Money | None) -> Money | None:
    """*money* where a reader can owe it."""
    return money if money is not None and 0 <= money.minor_units <= OWED_MINOR_MAX else None


def fees_in_detail(
    pairs: Pairs, owed: Money | None, currency: str, due_order: str
) -> tuple[FeeFact, ...] | None:
    """The fees that *pairs* tell one by one, as Gossip does; None unless all of them can be believed.

    Each begins with CG, its number; FA is its amount, FB the item, FC since when, FD the title, FF what it is for, FH
    how much of it can be paid now and FI why it cannot.
    """
    groups: list[dict[str, str]] = []
    for field_id, value in pairs:
        if field_id == "CG":
            groups.append({"CG": value})
        elif groups and field_id.startswith("F"):
            groups[-1].setdefault(field_id, value)
    fees = [_detailed(group, currency, due_order) for group in groups]
    whole = [fee for fee in fees if fee is not None]
    if not whole or len(whole) < len(fees) or len({fee.id for fee in whole}) < len(whole):
        return None
    if owed is not None and sum(fee.amount.minor_units for fee in whole) != owed.minor_units:
        return None
    return tuple(whole)


def _detailed(group: dict[str, str], currency: str, due_order: str) -> FeeFact | None:
    amount = sound(read_money(group.get("FA", ""), currency))
    number = group["CG"].strip()
    if amount is None or not number or amount.minor_units == 0:
        return None
    payable = read_money(group["FH"], currency) if group.get("FH", "").strip() else amount
    texts = (shown(group.get(name, "")) for name in ("FF", "FI"))
    return FeeFact(
        number,
        amount,
        item=_item(group.get("FB", "")),
        title=shown(group.get("FD", "")),
        since=read_due(group.get("FC", ""), due_order).day,
        text=" ".join(text for text in texts if text),
        is_payable=payable == amount,
    )


def _item(text: str) -> ItemId | None:
    try:
        return item_id(text)
    except BadIdentifier:
        return None


def fees_in_texts(texts: Sequence[str], owed: Money | None) -> tuple[FeeFact, ...] | None:
    """The fees that *texts* (AV) tell, which together are *owed*; all of it as one fee where they cannot be read.

    None where it was not told what is owed.  None of them has a number.
    """
    if owed is None:
        return None
    if owed.minor_units == 0:
        return ()
    shown_texts = [text for text in map(shown, texts) if text]
    amounts = [amount_in(text, owed.currency) for text in shown_texts]
    told = [amount.minor_units for amount in amounts if amount is not None]
    if len(told) < len(amounts) or sum(told) != owed.minor_units or not all(told):
        return (FeeFact("", owed, text="\n".join(shown_texts)),)
    return tuple(
        FeeFact("", Money(units, owed.currency), text=text)
        for units, text in zip(told, shown_texts, strict=True)
    )


def amount_in(text: str, currency: str) -> Money | None:
    """The one amount a sentence names; None where it names none or several, or one of another currency.

    An amount has all decimals of its currency, or stands beside a currency's sign; other numbers are none.
    """
    digits = minor_digits(currency)
    found: list[Money] = []
    for match in _NUMBER.finditer(text):
        sign = _SIGN_BEFORE.search(text[: match.start()]) or _SIGN_AFTER.match(text, match.end())
        has_decimals = digits > 0 and len((match[2] or "").lstrip(".,")) == digits
        if not has_decimals and (sign is None or match[2]):
            continue
        if sign is not None and len(sign[1]) == 3 and sign[1] != currency:
            continue
        money = sound(read_money(match[0], currency))
        if money is None:
            return None
        found.append(money)
    return found[0] if len(found) == 1 else None
