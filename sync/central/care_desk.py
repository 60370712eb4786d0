"""What central's staff do about items that need care.  Works while central serves; a report names nobody's card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drivers.link import Clock
from sync.central.circulation.caring import end_care, open_care
from sync.central.exceptions_desk import NotDone, opened, told_by
from sync.central.settings import CentralSettings
from sync.rules.terms import Condition

Said = Mapping[str, Any]
_REFERENCE = re.compile(r"[Nn]?([0-9]{1,18})")


def listed(settings: CentralSettings) -> Said:
    """What waits for staff, the oldest first.  Raises `SettingsError` and `NotDone`."""
    with opened(settings) as store, store.reading() as connection:
        return {
            "care": [
                {
                    "reference": f"N{report.id}",
                    "item": report.item,
                    "title": report.title,
                    "call_number": report.call_number,
                    "condition": report.condition.value,
                    "flaws": [flaw.value for flaw in report.flaws],
                    "by": report.by,
                    "terminal": report.terminal,
                    "at": report.at.isoformat(),
                }
                for report in open_care(connection)
            ]
        }


def done(
    settings: CentralSettings, clock: Clock, reference: str, by: str, note: str, condition: str = ""
) -> Said:
    """*reference* was seen to; the item is in *condition* from now on, "" as it was.

    Raises `SettingsError` and `NotDone`.
    """
    by, note = told_by(by, note)
    known = {one.value: one for one in Condition}
    if condition and condition not in known:
        raise NotDone(f"{condition!r} is no condition: {', '.join(known)}", is_call_wrong=True)
    match = _REFERENCE.fullmatch(reference.strip())
    number = 0 if match is None else int(match[1])
    with opened(settings) as store, store.writing() as connection:
        library = settings.library(clock)
        if not end_care(connection, library, number, by, note, known.get(condition)):
            raise NotDone(f"there is nothing open under {reference!r}", is_call_wrong=True)
    return {"done": f"N{number}", "condition": condition or None}
