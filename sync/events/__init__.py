"""What terminals tell central in batches: every entry of a lane as an event, and central's word on each.

An event is named by (terminal, epoch, number); *number* is the entry's position, without gaps.  A batch begins where
central stands, or is answered with the number it expects; everything central decided is stored and told again when it
is asked again.  What is told of one number is never told differently: another body under the same number or the same
key is refused as a whole.

`values.py` has the values, `to_json` and `from_json` are what travels (docs/events.md tells other senders the same);
`reading.py` reads events, `outcomes.py` what central made of them.
Nothing here knows a wire, a store or a clock.
"""

from __future__ import annotations

from sync.events.codec import (
    BATCH_SIZE_MAX,
    RECEIPT_SIZE_MAX,
    BadEvent,
    event_object,
    from_json,
    to_json,
)
from sync.events.values import (
    BATCH_MAX,
    PARTS_MAX,
    Batch,
    CareReported,
    Event,
    FeesPaid,
    GapFound,
    ItemGivenBack,
    LoanMade,
    LoanUndone,
    NamedEvent,
    NeverSent,
    Outcome,
    Receipt,
    RenewalMade,
)

__all__ = [
    "BATCH_MAX",
    "BATCH_SIZE_MAX",
    "PARTS_MAX",
    "RECEIPT_SIZE_MAX",
    "BadEvent",
    "Batch",
    "CareReported",
    "Event",
    "FeesPaid",
    "GapFound",
    "ItemGivenBack",
    "LoanMade",
    "LoanUndone",
    "NamedEvent",
    "NeverSent",
    "Outcome",
    "Receipt",
    "RenewalMade",
    "event_object",
    "from_json",
    "to_json",
]
