"""What central's staff do about what terminals told: check that it is as it was written, and forget whose it was.

Works while central serves; each call opens the database for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from drivers.link import Clock, SettingsError
from sync.central.circulation.event_chain import first_broken
from sync.central.circulation.event_log import pseudonymise
from sync.central.exceptions_desk import opened
from sync.central.settings import CentralSettings
from sync.central.store import event_tables as e


def verified(settings: CentralSettings) -> Mapping[str, Any]:
    """Each terminal's chains, and the first number of each that is not as it was written (None: all are).

    Raises `SettingsError` and `NotDone`.
    """
    with opened(settings) as store, store.reading() as connection:
        heads = connection.execute(select(e.epochs).order_by(e.epochs.c.terminal, e.epochs.c.epoch)).all()
        chains = [
            {
                "terminal": head.terminal,
                "epoch": head.epoch,
                "numbers": head.next_number - 1,
                "broken_at": first_broken(connection, head.terminal, head.epoch),
            }
            for head in heads
        ]
    return {"chains": chains, "is_whole": all(chain["broken_at"] is None for chain in chains)}


def forgotten(settings: CentralSettings, clock: Clock, days: int) -> Mapping[str, Any]:
    """Wipes the cards from events that came more than *days* ago and whose exceptions are closed.

    Raises `SettingsError` and `NotDone`.
    """
    settings.check()
    now = settings.library(clock).now()
    try:
        before = datetime.fromtimestamp(now.timestamp() - days * 86_400, now.tzinfo)
    except (OverflowError, ValueError, OSError):
        raise SettingsError(f"{days} days ago there was no calendar") from None
    with opened(settings) as store, store.writing() as connection:
        return {"forgotten": pseudonymise(connection, before), "before": before.isoformat()}
