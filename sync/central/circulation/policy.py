"""What central makes of a loan that a terminal has already made: the library's settings.

The defaults treat it as what it is, a fact: the book has left the building.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from enum import Enum

from drivers.link import SettingsError


class Treatment(Enum):
    """APPLY records the loan all the same, HOLD leaves it to staff, REFUSE does not record it.

    Each opens a case.
    """

    APPLY = "apply"
    HOLD = "hold"
    REFUSE = "refuse"


class DueRule(Enum):
    """Which day counts: the one the reader was promised, the one by the library's terms, or the later of both."""

    LONGER = "longer"
    PROMISED = "promised"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class EventPolicy:
    """How each conflict is treated.

    *unknown*: there is no such item or card (cannot be APPLY).  *card_stopped*: blocked, expired, lost, too much
    owed or overdue.  *item_not_lent*: not for loan, lost, held for somebody else, above the reader's age.  *limit*:
    more than the reader may have.  *on_loan_to_other*: somebody else has it, so it must have come back unseen.

    *ahead_seconds_max*: how far a terminal's corrected time may lie ahead of central's; what lies further ahead
    counts as now.
    """

    unknown: Treatment = Treatment.HOLD
    card_stopped: Treatment = Treatment.APPLY
    item_not_lent: Treatment = Treatment.APPLY
    limit: Treatment = Treatment.APPLY
    on_loan_to_other: Treatment = Treatment.APPLY
    due: DueRule = DueRule.LONGER
    ahead_seconds_max: float = 300.0

    def check(self) -> None:
        """Raises `SettingsError` for a setting that cannot be."""
        if self.unknown is Treatment.APPLY:
            raise SettingsError("unknown must be hold or refuse: a loan of nothing cannot be recorded")
        if not 0 <= self.ahead_seconds_max <= 86_400:
            raise SettingsError("ahead_seconds_max must be from 0 to 86400")

    @property
    def version(self) -> str:
        """Twelve hex digits that differ where any setting differs; kept with every event that was judged by it."""
        told = sorted((name, getattr(value, "value", value)) for name, value in asdict(self).items())
        return hashlib.sha256(repr(told).encode()).hexdigest()[:12]
