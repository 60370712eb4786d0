"""What the rules speak of: how an item, a patron and a loan stand, and what a library grants to whom.

All values are immutable.  Amounts are in minor units of the library's one currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum


class Use(Enum):
    """What a collection is for.  Everything but LENDING is read in the library and never released."""

    LENDING = "lending"
    REFERENCE = "reference"
    SPECIAL = "special"
    LARGE_SERIES = "large-series"
    PERIODICAL = "periodical"


class Condition(Enum):
    """Where an item is, or what is wrong with it, apart from loans and holds."""

    IN_PLACE = "in-place"
    IN_PROCESS = "in-process"
    IN_TRANSIT = "in-transit"
    LOST = "lost"
    MISSING = "missing"
    DAMAGED = "damaged"
    WITHDRAWN = "withdrawn"


class CardStatus(Enum):
    """Whether a card works."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    LOST = "lost"


class LentTo(Enum):
    """Who has an item, seen from one patron."""

    NOBODY = "nobody"
    THIS_PATRON = "this-patron"
    SOMEBODY_ELSE = "somebody-else"


@dataclass(frozen=True, slots=True)
class CategoryTerms:
    """What a patron category grants as a whole.

    *loans_max* items at once.  *fees_ceiling_minor* is the debt up to which lending goes on,
    *overdue_max* how many overdue items are put up with; None means that neither ever stops a loan.
    *age_assumed_years* counts where no date of birth is known.
    """

    loans_max: int
    fees_ceiling_minor: int | None = None
    overdue_max: int | None = None
    age_assumed_years: int = 0


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What one patron category is granted for one item type.

    *loan_days* 0: this category does not get this type.  *count_max* items of this type at once, None:
    only the category's own limit counts.
    """

    loan_days: int
    renewals_max: int = 0
    renewal_days: int = 0
    count_max: int | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the library is closed: every week on *weekdays* (Monday is 0), and on single *days*."""

    weekdays: frozenset[int] = frozenset()
    days: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Whether readers can give books back on *day*."""
        return day.weekday() not in self.weekdays and day not in self.days


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item as the rules see it for one patron.

    *is_held_for_other*: somebody else's hold comes before this patron's (a patron's own hold that is
    served first leaves it false).  *checkout_fee_minor* is what a loan of it costs, 0 for nothing.
    """

    use: Use = Use.LENDING
    condition: Condition = Condition.IN_PLACE
    lent_to: LentTo = LentTo.NOBODY
    is_held_for_other: bool = False
    age_min_years: int = 0
    checkout_fee_minor: int = 0


@dataclass(frozen=True, slots=True)
class PatronState:
    """A patron as the rules see them.

    *expires_on* is the last day the card is valid, None for ever.  *blocks* counts the blocks staff have
    set. *loans* is the number of open loans, *loans_of_type* of those of the item's type, *overdue* of
    those past due.
    """

    card: CardStatus = CardStatus.ACTIVE
    expires_on: date | None = None
    born_on: date | None = None
    blocks: int = 0
    fees_owed_minor: int = 0
    loans: int = 0
    loans_of_type: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class LoanState:
    """An open loan: the day it is due and how often it was lengthened."""

    due_on: date
    renewals: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a library grants in one case: by category, by category and item type, and the calendar."""

    category: CategoryTerms
    loan: LoanTerms
    calendar: Calendar = field(default_factory=Calendar)
