"""What central was told by one terminal, for whoever compares it with that terminal's own journal.  Nobody is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from sync.central.settings import CentralSettings
from sync.central.store import ledger_tables as m
from sync.central.store import tables as t
from sync.central.store.records import MarkKind
from sync.central.store.store import Store
from sync.rules.ledger import Kind


@dataclass(frozen=True, slots=True)
class Audit:
    """*returns*: how often each item was told to be back; *payments* by the terminal's own references.

    Amounts are in the smallest units; *ledger_sum* is what all legs of the ledger come to, 0 where it is whole.
    """

    returns: Mapping[str, int]
    payments: Mapping[str, int]
    ledger_sum: int


def audited(settings: CentralSettings, terminal: str) -> Audit:
    """What *terminal* told the central that has these *settings*, which may be serving meanwhile."""
    legs, ledger = m.ledger_legs.c, m.ledger.c
    told = select(t.marks.c.item).where(
        t.marks.c.kind == MarkKind.GIVEN_BACK.value, t.marks.c.terminal == terminal
    )
    paid = (
        select(ledger.reference, func.sum(legs.minor_units))
        .join_from(m.ledger, m.ledger_legs)
        .where(ledger.source == terminal, ledger.kind == Kind.PAYMENT.value, legs.minor_units > 0)
        .group_by(ledger.reference)
    )
    store = Store(settings.database_url)
    try:
        with store.reading() as connection:
            returns = Counter(str(item) for (item,) in connection.execute(told))
            payments = {
                # Central names what a terminal tells by the terminal and its own key.
                str(name).removeprefix(f"{terminal}:"): int(minor)
                for name, minor in connection.execute(paid)
            }
            total = connection.execute(select(func.sum(legs.minor_units))).scalar_one()
    finally:
        store.close()
    return Audit(returns, payments, int(total or 0))
