"""What the terminal may do by itself while the server is away, and for how long: the library's policy, no decision."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
