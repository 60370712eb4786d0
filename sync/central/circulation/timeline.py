"""Where a loan that is told late belongs among what is known of its item; pure.

An item's loans never overlap.  A loan told late is put where it began, by corrected time, whatever came in before it:

| at that moment the item was             | the loan                            | and                       |
| --------------------------------------- | ----------------------------------- | ------------------------- |
| free, and nothing newer is known        | is open                             |                           |
| free, and was lent later                | ended when that one began (implied) | the newer loan stays      |
| free, and was seen here later           | ended then (returned)               |                           |
| on loan to the same patron              | is none: a mark "lent again"        | due as it was             |
| on loan to another, until now           | is open                             | the other ended (implied) |
| on loan to another, who gave it back    | takes over that return              | the other ended (implied) |
| on loan to another, then lent on        | ended when it was lent on (implied) | the other ended (implied) |
| on loan to another, undone later        | goes on to what comes next          | the other ended earlier   |
| on loan to another, to whom it is known | ended at that moment (implied)      | the other ended (implied) |
| to have been lent again later           |                                     | and begins anew there     |

So who has an item in the end depends on when things happened, not on when they were told; two loans of one item at
the very same moment count in the order they came in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.central.store.records import CloseHow, LoanRecord, MarkKind, MarkRecord
from sync.entries import PatronId

_HERE = (MarkKind.SEEN, MarkKind.GIVEN_BACK)


@dataclass(frozen=True, slots=True)
class Ending:
    """When and how a loan ended, and the terminal that told it."""

    at: datetime
    how: CloseHow
    terminal: str


@dataclass(frozen=True, slots=True)
class Already:
    """The patron has it already, by *loan*."""

    loan: LoanRecord


@dataclass(frozen=True, slots=True)
class Place:
    """The loan begins at its time and ends with *ending* (None: it is open).

    *cut* is the loan of somebody else that ends where this one begins; *resumed* the mark at which that patron has
    the item again, by a new loan with *cut*'s ending.  *newer* is the loan that this one is ended by, if any.
    """

    ending: Ending | None
    cut: LoanRecord | None = None
    resumed: MarkRecord | None = None
    newer: LoanRecord | None = None


def place(
    loans: Sequence[LoanRecord], marks: Sequence[MarkRecord], at: datetime, patron: PatronId, terminal: str
) -> Already | Place:
    """Where a loan to *patron* at *at*, told by *terminal*, belongs among *loans* and *marks* of its item.

    Both in the order of their time.
    """
    had = covering(loans, at)
    if had is not None and had.patron == patron:
        return Already(had)
    newer = next((loan for loan in loans if loan.lent_at > at), None)
    endings = []
    if newer is not None:
        endings.append(Ending(newer.lent_at, CloseHow.IMPLIED, newer.terminal))
    seen = next((mark for mark in marks if mark.kind in _HERE and mark.at > at), None)
    if seen is not None:
        endings.append(Ending(seen.at, CloseHow.RETURNED, seen.terminal))
    resumed = None
    if had is not None:
        if had.closed_at is not None and had.closed_how is CloseHow.RETURNED:
            endings.append(Ending(had.closed_at, CloseHow.RETURNED, had.closed_terminal))
        resumed = _had_again(had, marks, at)
    ending = min(endings, key=lambda ending: ending.at, default=None)
    if resumed is not None:
        ending = Ending(resumed.at, CloseHow.IMPLIED, resumed.terminal)
    is_lent_on = newer is not None and ending is not None and ending.at == newer.lent_at and resumed is None
    return Place(ending, had, resumed, newer if is_lent_on else None)


def covering(loans: Sequence[LoanRecord], at: datetime) -> LoanRecord | None:
    """The loan of *loans* that had the item at *at*."""
    found = None
    for loan in loans:
        if loan.lent_at <= at and (loan.closed_at is None or loan.closed_at > at):
            found = loan
    return found


def _had_again(loan: LoanRecord, marks: Sequence[MarkRecord], at: datetime) -> MarkRecord | None:
    """The first mark after *at*, within *loan*, that its patron was lent the item once more."""
    for mark in marks:
        if (
            mark.kind is MarkKind.LENT_AGAIN
            and mark.patron == loan.patron
            and mark.at > at
            and (loan.closed_at is None or mark.at < loan.closed_at)
        ):
            return mark
    return None


def not_before(
    loans: Sequence[LoanRecord], at: datetime, terminal: str, marks: Sequence[MarkRecord] = ()
) -> datetime:
    """*at*, or the latest moment at which *terminal* is known to have touched the item.

    What one terminal tells comes in the order in which it happened there, whatever its clock did meanwhile; returns
    that come by another way (SIP2, a single call) leave no mark that says so, and are no bound.
    """
    for loan in loans:
        if loan.terminal == terminal:
            at = max(at, loan.lent_at)
        is_told = loan.closed_terminal == terminal and loan.closed_how is not CloseHow.RETURNED
        if loan.closed_at is not None and is_told:
            at = max(at, loan.closed_at)
    told = (mark.at for mark in marks if mark.kind is MarkKind.GIVEN_BACK and mark.terminal == terminal)
    return max(at, *told, at)
