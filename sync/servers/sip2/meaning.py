"""What a server's replies mean as answers; pure, and different by profile.

The reason for a refusal is never read out of a sentence for people: it comes from our own server's field,
from a fee, from the patron's flags and the item's status, and last from error codes a profile names.
"""

from __future__ import annotations

from typing import Protocol

from sync.entries import Due, Granted, ItemId, Money, Reason, Refused
from sync.questions import ItemFacts, PatronFacts, Standing
from sync.servers.sip2.dates import read_due
from sync.servers.sip2.fields import PatronFlag
from sync.servers.sip2.messages import (
    LoanResponse,
    Message,
    PatronInformationResponse,
    PatronStatusResponse,
    amount,
)
from sync.servers.sip2.profile import Profile


class Spoken(Protocol):
    """A message that says something to people and has an ok flag."""

    @property
    def ok(self) -> bool:
        """The flag of the fixed part."""

    @property
    def screen_messages(self) -> tuple[str, ...]:
        """AF."""


_STANDING_REASONS = {
    Standing.ON_LOAN: Reason.ITEM_ON_LOAN_TO_OTHER,
    Standing.ON_HOLD_SHELF: Reason.ITEM_ON_HOLD_FOR_OTHER,
    Standing.IN_TRANSIT: Reason.ITEM_IN_TRANSIT,
    Standing.LOST: Reason.ITEM_LOST,
    Standing.NOT_FOR_LOAN: Reason.ITEM_NOT_FOR_LOAN,
    Standing.IN_PROCESS: Reason.ITEM_NOT_FOR_LOAN,
}
_REASONS = {reason.value: reason for reason in Reason}

_HOLDS_TAPE_OR_DISK = {
    **dict.fromkeys(("001", "002", "003", "006", "009"), False),
    **dict.fromkeys(("004", "005", "007", "008", "010"), True),
}
"""CK: audio and video tapes, floppy disks, and books that come with one; not books, journals and CDs."""


def shown(text: str) -> str:
    """*text* as people should see it: servers send the delimiter inside data as an entity."""
    return text.replace("&#124;", "|").strip()


def messages_of(reply: Spoken | PatronInformationResponse | PatronStatusResponse) -> tuple[str, ...]:
    """What the server wants people to read."""
    return tuple(text for text in map(shown, reply.screen_messages) if text)


def is_success(reply: Spoken, profile: Profile) -> bool | None:
    """Whether *reply* says that it was done; None when a server that tells it in words said nothing."""
    if profile.success == "flag":
        return reply.ok
    said = "".join(reply.screen_messages)
    if not said.strip():
        return None
    if any(word in said for word in profile.failure_words):
        return False
    return any(word in said for word in profile.success_words)


def told_reasons(reply: Message, profile: Profile) -> tuple[Reason, ...]:
    """The exact reasons our own server tells; values it does not share with us are left out."""
    if not profile.reason_field:
        return ()
    told = (value for field_id, value in reply.extra if field_id == profile.reason_field)
    return tuple(_REASONS[value] for value in told if value in _REASONS)


def holds_magnetic_media(media_type: str, flag: bool | None = None) -> bool | None:
    """Whether an item of CK *media_type*, whose magnetic media flag is *flag*, can be erased; None when not told.

    Either that says so is enough: servers send the flag by a default, and the media type by another.
    """
    by_type = _HOLDS_TAPE_OR_DISK.get(media_type.strip().zfill(3))
    if flag or by_type:
        return True
    return by_type if flag is None else flag


def due_of(due: Due, profile: Profile) -> Due:
    """*due* with its day read in the order the profile names, where the text alone did not tell."""
    return due if due.day is not None or not profile.due_order else read_due(due.text, profile.due_order)


def granted(reply: LoanResponse, profile: Profile, currency: str, *, renewed: bool) -> Granted:
    """The grant in *reply*, a 12 or 30 that succeeded.

    The item is released unless desensitize says no or CI forbids it; renewals and items for use in the
    building come with no.
    """
    may_release = profile.release == "when-granted" or reply.desensitize is not False
    return Granted(
        due=due_of(reply.due, profile),
        title=shown(reply.title),
        release=may_release and reply.security_inhibit is not True,
        magnetic=holds_magnetic_media(reply.media_type, reply.is_magnetic),
        renewed=renewed,
        fee=positive(amount(reply, currency)),
        messages=messages_of(reply),
    )


def refused_at_once(
    reply: LoanResponse, profile: Profile, currency: str, *, consented: bool
) -> Refused | None:
    """The refusal in *reply* as far as it explains itself; None when the reason has to be asked for."""
    title, said = shown(reply.title), messages_of(reply)
    fee = positive(amount(reply, currency))
    told = told_reasons(reply, profile)
    if told:
        return Refused(told[0], title, fee, said)
    if not consented and (fee is not None or (reply.fee_type.strip() and reply.fee_amount.strip(" 0.,"))):
        return Refused(Reason.FEE_NEEDS_CONSENT, title, fee, said)
    return None


def reason_for(
    reply: LoanResponse,
    profile: Profile,
    item: ItemId,
    item_facts: ItemFacts | None,
    patron_facts: PatronFacts | None,
    flags: PatronFlag,
    *,
    is_renewal: bool,
) -> Reason:
    """Why a loan or renewal was refused, by what was asked afterwards; either facts may be missing."""
    if patron_facts is not None and not patron_facts.is_known:
        return Reason.PATRON_UNKNOWN
    blocks = patron_facts.blocks if patron_facts is not None else ()
    is_theirs = _is_theirs(item, patron_facts)
    if blocks and not (is_renewal and blocks == (Reason.LIMIT_REACHED,)):
        return blocks[0]
    if item_facts is not None and not item_facts.is_known:
        return Reason.ITEM_UNKNOWN
    if item_facts is not None and item_facts.reason is not None:
        return item_facts.reason
    if is_renewal and is_theirs is False:
        return Reason.NOT_ON_LOAN
    if is_renewal and PatronFlag.TOO_MANY_RENEWALS in flags:
        return Reason.RENEWAL_LIMIT
    if item_facts is not None and not is_renewal:
        if item_facts.standing is Standing.ON_LOAN and is_theirs:
            return Reason.RENEWAL_LIMIT
        if item_facts.standing in _STANDING_REASONS:
            return _STANDING_REASONS[item_facts.standing]
    said = " ".join(reply.screen_messages)
    for word, reason in profile.reason_words:
        if word in said:
            return reason
    if not is_renewal and patron_facts is not None and _is_at_limit(patron_facts):
        return Reason.LIMIT_REACHED
    return Reason.OTHER


def _is_theirs(item: ItemId, facts: PatronFacts | None) -> bool | None:
    if facts is None or facts.loans is None:
        return None
    return any(loan.item == item for loan in facts.loans)


def _is_at_limit(facts: PatronFacts) -> bool:
    return (
        facts.loan_limit is not None and facts.loan_count is not None and facts.loan_count >= facts.loan_limit
    )


def positive(money: Money | None) -> Money | None:
    """*money* where it is more than nothing."""
    return money if money is not None and money.minor_units > 0 else None
