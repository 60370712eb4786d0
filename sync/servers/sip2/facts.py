"""What a server's replies tell about patrons and items; pure, and different by profile."""

from __future__ import annotations

import re
from datetime import date

from sync.entries import BadIdentifier, ItemId, Money, Reason, item_id
from sync.questions import ItemFacts, LoanFact, Standing
from sync.servers.sip2.dates import read_due
from sync.servers.sip2.fields import NO_FLAGS, PatronFlag
from sync.servers.sip2.meaning import due_of, holds_magnetic_media, positive, shown, told_reasons
from sync.servers.sip2.messages import (
    LEND_INCOMPLETE_FIELD,
    PARTS_FIELD,
    ItemInformationResponse,
    PatronInformationResponse,
    PatronStatusResponse,
    amount,
)
from sync.servers.sip2.money import read_money
from sync.servers.sip2.profile import Profile

_STANDINGS = {
    "sip2": {
        "02": Standing.IN_PROCESS,
        "03": Standing.AVAILABLE,
        "04": Standing.ON_LOAN,
        "05": Standing.ON_LOAN,
        "06": Standing.IN_PROCESS,
        "07": Standing.ON_LOAN,
        "08": Standing.ON_HOLD_SHELF,
        # To be reshelved: who has it in hand may borrow it.
        "09": Standing.AVAILABLE,
        "10": Standing.IN_TRANSIT,
        "12": Standing.LOST,
        "13": Standing.LOST,
    },
    "interlib": {
        "00": Standing.IN_PROCESS,
        "01": Standing.AVAILABLE,
        "02": Standing.IN_PROCESS,
        "04": Standing.IN_PROCESS,
        "05": Standing.LOST,
        "06": Standing.NOT_FOR_LOAN,
        "07": Standing.ON_LOAN,
        "08": Standing.ON_HOLD_SHELF,
        "09": Standing.ON_LOAN,
        "11": Standing.IN_TRANSIT,
    },
}
# A number the server does not know is answered with these and without a title.
_UNKNOWN_STATUS = {"sip2": ("00", "01", "  ", ""), "interlib": ("18", "  ", "")}
# The gravest first; each with the flags that mean it.
_FLAG_REASONS = (
    (Reason.CARD_LOST, PatronFlag.CARD_LOST),
    (
        Reason.FEES_OWED,
        PatronFlag.EXCESSIVE_FINES | PatronFlag.EXCESSIVE_FEES | PatronFlag.TOO_MANY_BILLED,
    ),
    (Reason.LOANS_OVERDUE, PatronFlag.TOO_MANY_OVERDUE | PatronFlag.RECALL_OVERDUE),
    (Reason.LIMIT_REACHED, PatronFlag.TOO_MANY_CHARGED),
)
_ALWAYS_BLOCKING = PatronFlag.CHARGE_DENIED | PatronFlag.CARD_LOST | PatronFlag.TOO_MANY_CHARGED


def item_facts(reply: ItemInformationResponse, item: ItemId, profile: Profile) -> ItemFacts:
    """What 18 tells about *item*."""
    title = shown(reply.title)
    status = reply.circulation_status
    parts = reply.extra_value(PARTS_FIELD) if profile.parts_told else ""
    lend_incomplete = reply.extra_value(LEND_INCOMPLETE_FIELD) if profile.parts_told else ""
    told = told_reasons(reply, profile)
    is_known = Reason.ITEM_UNKNOWN not in told and (
        bool(title) or status not in _UNKNOWN_STATUS[profile.item_status]
    )
    return ItemFacts(
        item,
        is_known=is_known,
        title=title,
        standing=_STANDINGS[profile.item_status].get(status, Standing.OTHER),
        due=due_of(reply.due, profile) if reply.due.text else None,
        magnetic=holds_magnetic_media(reply.media_type),
        parts=int(parts) if re.fullmatch(r"[1-9][0-9]{0,2}", parts) else None,
        lend_incomplete={"Y": True, "N": False}.get(lend_incomplete),
        reason=told[0] if told else None,
    )


def blocks_of(
    reply: PatronInformationResponse | PatronStatusResponse, profile: Profile, today: date
) -> tuple[Reason, ...]:
    """Why the patron may not borrow, the gravest first; empty when they may."""
    told = told_reasons(reply, profile)
    if told:
        return tuple(dict.fromkeys(told))
    status = reply.status
    if status & _ALWAYS_BLOCKING is NO_FLAGS:
        return ()
    found = [reason for reason, flags in _FLAG_REASONS if status & flags]
    if profile.expiry_field:
        expiry = read_due(reply.extra_value(profile.expiry_field), profile.due_order).day
        if expiry is not None and expiry < today:
            found.append(Reason.PATRON_EXPIRED)
    return tuple(found) if found else (Reason.PATRON_BLOCKED,)


def is_pin_right(reply: PatronInformationResponse | PatronStatusResponse) -> bool | None:
    """True only where the server says that card and PIN are valid (BL and CQ); None when it did not judge the
    PIN.
    """
    if reply.is_valid is True and reply.is_password_valid is True:
        return True
    return False if reply.is_password_valid is False else None


def owed(
    reply: PatronInformationResponse | PatronStatusResponse, profile: Profile, currency: str
) -> Money | None:
    """What the patron owes, None when nothing is owed or it was not told."""
    if profile.owed_field == "BV":
        return positive(amount(reply, currency))
    return positive(read_money(reply.extra_value(profile.owed_field), reply.currency.strip() or currency))


def loan_limit(reply: PatronInformationResponse, profile: Profile) -> int | None:
    """How many loans the patron may have."""
    if reply.charged_limit is not None or not profile.limit_from_remaining:
        return reply.charged_limit
    if reply.hold_limit is None or reply.charged_count is None:
        return None
    return reply.charged_count + reply.hold_limit


def loans_in(texts: tuple[str, ...], profile: Profile, *, is_overdue: bool) -> tuple[LoanFact, ...]:
    """The loans an AU or AT list names; numbers that no item of ours can have are left out."""
    if profile.loans_list == "commas":
        texts = tuple(part for text in texts for part in text.replace("，", ",").split(","))
    found: dict[ItemId, LoanFact] = {}
    for text in texts:
        try:
            item = item_id(text)
        except BadIdentifier:
            continue
        found.setdefault(item, LoanFact(item, is_overdue=is_overdue))
    return tuple(found.values())
