"""What the terminal may do by itself while the server is away: the library's policy, and the rule that obeys it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from sync.entries import Reason
from sync.rules.lending import lending_refusal
from sync.rules.terms import ItemState, PatronState, Terms


class OfflineLending(Enum):
    """Whether the terminal lends by itself."""

    NEVER = "never"
    WITHIN_LIMITS = "within-limits"


@dataclass(frozen=True, slots=True)
class OfflinePolicy:
    """How far the library trusts what the terminal knows.

    Returns are always taken (a return is never refused).  Lending by the snapshot stops when the snapshot is older
    than *snapshot_hours_max*; *loans_max* is the most items one patron gets provisionally, None: only their own limit
    counts.  Renewing without the server is never done: the loan it would lengthen is not known here.
    """

    lend: OfflineLending = OfflineLending.NEVER
    snapshot_hours_max: int = 24
    loans_max: int | None = None

    def may_lend(self, snapshot_age_seconds: float | None) -> bool:
        """Whether anything may be lent by a snapshot of this age; None: there is none.

        A snapshot from the future (negative age beyond an hour) means that a clock is wrong: nothing is lent by it.
        """
        if self.lend is OfflineLending.NEVER or snapshot_age_seconds is None:
            return False
        return -3600.0 <= snapshot_age_seconds <= self.snapshot_hours_max * 3600.0


_CIRCULATING, _NOT_CIRCULATING, _DISCARDED, _PATRON_CARD = 0x1, 0x2, 0x7, 0x8
_NO_OFFLINE_ISSUE = (0x3, 0x5)


def usage_refusal(usage: int | None) -> Reason | None:
    """Why an item with this type of usage on its tag is not lent without the server; None when the tag allows it.

    The byte is that of ISO 28560-1, OID 5 (also GB/T 35660): 0x13 says no offline issue, 0x15 neither issue nor
    return, 0x2? not for circulation, 0x7? discarded, 0x8? a patron's card.  0x14 (no offline return) may be lent, and a
    tag that says nothing, or None, forbids nothing.
    """
    if usage is None:
        return None
    kind, sub_type = usage >> 4, usage & 0x0F
    if kind == _CIRCULATING and sub_type in _NO_OFFLINE_ISSUE:
        return Reason.NOT_WITHOUT_SERVER
    if kind == _DISCARDED:
        return Reason.ITEM_WITHDRAWN
    if kind in (_NOT_CIRCULATING, _PATRON_CARD):
        return Reason.ITEM_NOT_FOR_LOAN
    return None


@dataclass(frozen=True, slots=True)
class OfflineCase:
    """One wish as the terminal knows it: the states that `lending_refusal` judges, with what only counts offline.

    *usage* is the byte on the tag, *provisional* how many items the patron has from this terminal that the server has
    not confirmed, those of the running session included.
    """

    item: ItemState
    patron: PatronState
    terms: Terms
    usage: int | None = None
    provisional: int = 0


def offline_refusal(case: OfflineCase, policy: OfflinePolicy, today: date) -> Reason | None:
    """Why nothing is lent in this *case* on *today* without the server, or None when it may be.

    Never kinder than `lending_refusal`.  A fee is never taken without the server, so what costs one waits for it.  The
    age of what the terminal knows is not asked about here: it decides whether a session may begin that way
    (`OfflinePolicy.may_lend`), and a session that has begun is finished.
    """
    if policy.lend is OfflineLending.NEVER:
        return Reason.NOT_WITHOUT_SERVER
    refused = lending_refusal(case.item, case.patron, case.terms, today, fee_consented=False)
    if refused is Reason.FEE_NEEDS_CONSENT:
        return usage_refusal(case.usage) or Reason.NOT_WITHOUT_SERVER
    if refused is not None:
        return refused
    refused = usage_refusal(case.usage)
    if refused is not None:
        return refused
    if policy.loans_max is not None and case.provisional >= policy.loans_max:
        return Reason.OFFLINE_LIMIT
    return None
