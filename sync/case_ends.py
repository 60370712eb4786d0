"""What staff can do about a case: which ways of closing fit which reason.

| Reason | what fits |
|---|---|
| release-unknown, not-secured, undo-refused | stands, lent, returned, not found |
| outcome-unknown, journal-damaged | of a loan as above, of a return the same; of a payment and a report as below |
| loan-refused: the reader has the item and the server has no loan | lent at the desk, returned, not found |
| due-differs | the due date agreed with the reader, as it stands (the server's date), returned |
| return-refused, return-unknown, parts-missing | stands, returned at the desk, not found |
| return-not-secured | secured at the desk, returned, not found |
| not-in-bin: told, and not seen to fall | stands, lent at the desk, returned, not found |
| payment-unknown: nobody knows whether the money was taken | posted, paid back, not paid |
| payment-not-posted: taken, and the server has not got it | posted, paid back |
| care-refused | stands, not found |

One closing ends every open case of an entry, so it has to fit all of them.  Those of loans and returns all know
"returned at the desk", those of payments "posted" and "paid back".
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final, assert_never

from sync.entries import CaseEnd, CaseReason, GiveBack, Lend, Pay, Promise, Renew, ReportCare, UndoLoan


class Wish(Enum):
    """What the entry asked for."""

    LOAN = "loan"
    RENEWAL = "renewal"
    TAKING_BACK = "taking-back"
    RETURN = "return"
    PAYMENT = "payment"
    CARE = "care"


def wish_of(promise: Promise) -> Wish:
    """What *promise* asks for."""
    match promise:
        case Lend():
            return Wish.LOAN
        case Renew():
            return Wish.RENEWAL
        case UndoLoan():
            return Wish.TAKING_BACK
        case GiveBack():
            return Wish.RETURN
        case Pay():
            return Wish.PAYMENT
        case ReportCare():
            return Wish.CARE
        case _:
            assert_never(promise)


_ANY: Final = (CaseEnd.AS_IT_STANDS, CaseEnd.LENT_AT_DESK, CaseEnd.RETURNED_AT_DESK, CaseEnd.NOT_FOUND)
_BACK: Final = (CaseEnd.AS_IT_STANDS, CaseEnd.RETURNED_AT_DESK, CaseEnd.NOT_FOUND)
_MONEY: Final = (CaseEnd.POSTED_AT_DESK, CaseEnd.PAID_BACK_AT_DESK)
_SEEN: Final = (CaseEnd.AS_IT_STANDS, CaseEnd.NOT_FOUND)

_FITTING: Final[dict[CaseReason, tuple[CaseEnd, ...]]] = {
    CaseReason.RELEASE_UNKNOWN: _ANY,
    CaseReason.NOT_SECURED: _ANY,
    CaseReason.UNDO_REFUSED: _ANY,
    CaseReason.OUTCOME_UNKNOWN: _ANY,
    CaseReason.JOURNAL_DAMAGED: _ANY,
    # A book that left without a loan cannot be left as it stands.
    CaseReason.LOAN_REFUSED: (CaseEnd.LENT_AT_DESK, CaseEnd.RETURNED_AT_DESK, CaseEnd.NOT_FOUND),
    CaseReason.DUE_DIFFERS: (CaseEnd.DUE_AGREED, CaseEnd.AS_IT_STANDS, CaseEnd.RETURNED_AT_DESK),
    CaseReason.RETURN_REFUSED: _BACK,
    CaseReason.RETURN_UNKNOWN: _BACK,
    CaseReason.PARTS_MISSING: _BACK,
    # Nor can a book that would pass the gate unheard.
    CaseReason.RETURN_NOT_SECURED: (
        CaseEnd.SECURED_AT_DESK,
        CaseEnd.RETURNED_AT_DESK,
        CaseEnd.NOT_FOUND,
    ),
    CaseReason.NOT_IN_BIN: _ANY,
    CaseReason.PAYMENT_UNKNOWN: (*_MONEY, CaseEnd.NOT_PAID),
    # Money that was taken never just stays.
    CaseReason.PAYMENT_NOT_POSTED: _MONEY,
    CaseReason.CARE_REFUSED: _SEEN,
}
_OF_ANY_ENTRY: Final = (CaseReason.OUTCOME_UNKNOWN, CaseReason.JOURNAL_DAMAGED)
_INSTEAD: Final = {Wish.PAYMENT: (*_MONEY, CaseEnd.NOT_PAID), Wish.CARE: _SEEN}


def ends_of(reasons: Iterable[CaseReason], wish: Wish = Wish.LOAN) -> tuple[CaseEnd, ...]:
    """What can be done about a case of all these *reasons*, of an entry that asked for *wish*; as `CaseEnd` is ordered.

    Never empty for at least one: where nothing fits all of them (no entry has such reasons together), it is what fits
    any of them, so that no case stays for ever.
    """
    fitting = [_fitting(reason, wish) for reason in reasons]
    fit_all = tuple(end for end in CaseEnd if fitting and all(end in ends for ends in fitting))
    return fit_all or tuple(end for end in CaseEnd if any(end in ends for ends in fitting))


def _fitting(reason: CaseReason, wish: Wish) -> tuple[CaseEnd, ...]:
    return _INSTEAD.get(wish, _FITTING[reason]) if reason in _OF_ANY_ENTRY else _FITTING[reason]
