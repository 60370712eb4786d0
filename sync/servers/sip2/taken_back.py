"""What a server's reply to a check-in means; pure, and different by profile."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sync.entries import (
    Alert,
    BadIdentifier,
    Due,
    GiveBack,
    Granted,
    PatronId,
    Reason,
    TakenBack,
    patron_id,
)
from sync.questions import ItemFacts, Standing
from sync.servers.sip2.meaning import due_of, holds_magnetic_media, messages_of, positive, shown, told_reasons
from sync.servers.sip2.messages import CheckinResponse, amount
from sync.servers.sip2.profile import Profile

_ALERTS: Final = {
    "01": Alert.HOLD_HERE,
    "02": Alert.HOLD_AT_BRANCH,
    "03": Alert.HOLD_FOR_ILL,
    "04": Alert.OTHER_BRANCH,
}
_NOT_TAKEN: Final = frozenset({"98", "99"})
"""CV of a reply that is not ok: the item is withdrawn, lost or held back (Koha 99), or its record is damaged (98)."""
_IN_THE_LIBRARY: Final = frozenset(
    {
        Standing.AVAILABLE,
        Standing.ON_HOLD_SHELF,
        Standing.IN_TRANSIT,
        Standing.IN_PROCESS,
        Standing.NOT_FOR_LOAN,
    }
)
_PROGRAM_TEXT = re.compile(r"(?:HASH|ARRAY|SCALAR|CODE|GLOB)\(0x[0-9a-fA-F]+\)")
_NAME_FIELDS: Final = ("AE", "DA")
_WORD = re.compile(r"\w{2,}")
_NUMBER = re.compile(r"\S{3,}")
_HELD: Final = frozenset({"01", "02", "03"})
"""CV of an item that somebody waits for."""


def granted(
    reply: CheckinResponse,
    profile: Profile,
    promise: GiveBack,
    currency: str,
    here: str,
    *,
    was_on_loan: bool | None,
) -> Granted:
    """The grant in *reply*, a 10 that took the item back at the place *here* (AP).

    When the item was due is told by few servers; then it is as asked before.
    """
    told = due_of(reply.due, profile)
    return Granted(
        due=told if told.text else promise.due_before or Due(None),
        title=shown(reply.title),
        release=False,
        magnetic=holds_magnetic_media(reply.media_type, reply.is_magnetic),
        fee=positive(amount(reply, currency)),
        messages=messages_shown(reply),
        back=TakenBack(
            was_on_loan=was_on_loan,
            patron=_patron(reply.patron),
            hold_patron=_patron(reply.hold_patron),
            secure=profile.release == "when-granted" or reply.resensitize is not False,
            alert=alert_of(reply, here),
            sort_bin=shown(reply.sort_bin),
            destination=shown(reply.destination),
            location=shown(reply.location),
            home=shown(reply.permanent_location),
            collection=shown(reply.collection),
            call_number=shown(reply.call_number),
        ),
    )


def was_on_loan(reply: CheckinResponse, profile: Profile, before: bool | None) -> bool | None:
    """Whether *reply*, which is ok, ended a loan: it names whose, or else as the item stood *before*."""
    if _patron(reply.patron) is not None:
        return True
    return False if profile.names_borrower else before


def alert_of(reply: CheckinResponse, here: str) -> Alert | None:
    """Why the item does not simply go to its shelf; None where it does.

    An alert without a code (CV) is told apart by who it is held for (CY) and where it goes (CT), which some servers
    send always.
    """
    code = reply.alert_type.strip()
    if code in _ALERTS:
        return _ALERTS[code]
    if not reply.alert:
        return None
    is_for_here = reply.destination.strip() in ("", here.strip())
    if _patron(reply.hold_patron) is not None:
        return Alert.HOLD_HERE if is_for_here else Alert.HOLD_AT_BRANCH
    return Alert.OTHER if is_for_here else Alert.OTHER_BRANCH


def refusal_of(
    reply: CheckinResponse, profile: Profile, ask: Callable[[], ItemFacts | None]
) -> Reason | None:
    """Why *reply*, which is not ok, did not take the item back; None where there was no loan to end.

    Servers say the same of an item they do not know, of one that is not on loan and of one they do not take here: *ask*
    tells how the item stands now, None where that cannot be asked.
    """
    told = told_reasons(reply, profile)
    if told:
        return told[0]
    said = " ".join(reply.screen_messages)
    for word, reason in profile.reason_words:
        if word in said:
            return reason
    facts = ask()
    is_named = bool(reply.permanent_location.strip() or reply.title.strip())
    if facts is None:
        return _unasked(reply, profile, is_named)
    if not facts.is_known:
        return Reason.ITEM_UNKNOWN
    if facts.standing is Standing.LOST:
        return Reason.ITEM_LOST
    if facts.standing is Standing.ON_LOAN or _is_kept_away(reply):
        return Reason.NOT_RETURNABLE_HERE
    return None if facts.standing in _IN_THE_LIBRARY or reply.resensitize else Reason.OTHER


def _unasked(reply: CheckinResponse, profile: Profile, is_named: bool) -> Reason | None:
    if _is_kept_away(reply):
        return Reason.NOT_RETURNABLE_HERE if is_named else Reason.ITEM_UNKNOWN
    if profile.success != "flag":
        return Reason.OTHER
    if not is_named:
        return Reason.ITEM_UNKNOWN
    return None if reply.resensitize else Reason.OTHER


def _is_kept_away(reply: CheckinResponse) -> bool:
    return reply.alert_type.strip() in _NOT_TAKEN or (reply.alert and reply.alert_type.strip() not in _ALERTS)


def _patron(told: PatronId) -> PatronId | None:
    """*told* as a patron; None for what cannot be one, as what a program printed of itself."""
    try:
        parsed = patron_id(told.reveal())
    except BadIdentifier:
        return None
    return None if _PROGRAM_TEXT.search(parsed.reveal()) else parsed


def messages_shown(reply: CheckinResponse) -> tuple[str, ...]:
    """What the server wants people to read, without what could tell whoever stands there of somebody else.

    Nobody is logged in at a return: nothing is shown that holds a number (AA, CY) or a part of a name (AE, DA) of this
    reply, and nothing at all of an item that is held, for texts about holds name who waits.
    """
    if reply.alert_type.strip() in _HELD or _patron(reply.hold_patron) is not None:
        return ()
    names = " ".join(shown(reply.extra_value(field)) for field in _NAME_FIELDS)
    numbers = " ".join(told.reveal() for told in (reply.patron, reply.hold_patron))
    hidden = {one.casefold() for one in (*_WORD.findall(names), *_NUMBER.findall(numbers))}
    return tuple(text for text in messages_of(reply) if not any(one in text.casefold() for one in hidden))
