"""A snapshot in a few lines of counts and dates; nobody is named in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from sync.rules.lending import item_refusal
from sync.rules.terms import CardStatus, ItemState
from sync.snapshot.box import Label
from sync.snapshot.content import Snapshot, read_patron


def label_lines(label: Label, size: int, now: datetime) -> Iterator[str]:
    """What is written on a box of *size* bytes; nothing has vouched for it."""
    hours = (now - label.issued_at).total_seconds() / 3600
    yield f"terminal     {label.terminal}"
    yield f"number       {label.number}"
    yield f"issued       {label.issued_at.isoformat()}, {hours:.1f} hours ago"
    yield f"size         {size} bytes"


def content_lines(snapshot: Snapshot) -> Iterator[str]:
    """What *snapshot* holds."""
    terms = snapshot.terms
    kinds = Counter(int(value) for _, value in snapshot.items.pairs())
    stays = sum(count for kind, count in kinds.items() if item_refusal(_state(snapshot, kind)) is not None)
    patrons = [read_patron(token, line) for token, line in snapshot.patrons.pairs()]
    stopped = sum(
        1 for one in patrons if one.standing.card is not CardStatus.ACTIVE or one.standing.is_blocked
    )
    yield f"library      {terms.library}, {terms.currency}, {terms.zone or 'the time zone of the terminal'}"
    yield (
        f"terms        {len(terms.loans_max)} categories, {len(terms.item_types)} item types, "
        f"{len(terms.loan_terms)} loan terms, {len(terms.calendar.days)} closed days"
    )
    yield (
        f"items        {len(snapshot.items)}: {stays} not lent to anybody, {len(snapshot.on_loan)} on loan, "
        f"{len(snapshot.on_hold)} on hold"
    )
    yield (
        f"cards        {len(patrons)}: {stopped} lost or blocked, "
        f"{sum(1 for one in patrons if one.sealed_pin)} with a PIN"
    )


def _state(snapshot: Snapshot, kind: int) -> ItemState:
    found = snapshot.kinds[kind]
    return ItemState(use=found.use, condition=found.condition)
