"""How the terminal is, in figures for staff and their tools: nothing in them points to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.runtime.open_entries import OpenEntries
from kiosk.workflow.state import Broken, State
from sync.entries import (
    CaseClosed,
    CaseOpened,
    CaseReason,
    Entry,
    EntryKey,
    Intended,
    Pay,
    Released,
    ReleaseFailed,
    Row,
    Secured,
    Settled,
    Strip,
)
from sync.uplink.reports import Link


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the desk knew at its last turn.

    *unsynced_since* is when the oldest entry began that the server has not answered, *snapshot_at* when the snapshot
    was issued; None: there is none.
    """

    is_in_service: bool
    link: Link
    is_current: bool
    open_entries: int
    unsynced_since: datetime | None
    snapshot_at: datetime | None
    is_room_low: bool
    devices_down: tuple[str, ...]


def pulse_of(state: State, way: tuple[Link, bool], entries: OpenEntries, is_room_low: bool) -> Pulse:
    """How the terminal stands; *way* is the link, and whether the server has everything."""
    return Pulse(
        is_in_service=not isinstance(state.phase, Broken),
        link=way[0],
        is_current=way[1],
        open_entries=len(entries),
        unsynced_since=entries.unanswered_since(),
        snapshot_at=state.snapshot_made_at,
        is_room_low=is_room_low,
        devices_down=tuple(device.value for device in state.down),
    )


class OpenCases:
    """Counts the entries with an open case: begins with those of the journal and follows every row that is on disk."""

    def __init__(self, keys: Iterable[EntryKey]) -> None:
        self._keys = set(keys)

    def follow(self, rows: Iterable[Row]) -> None:
        """*rows* are on disk.  From any thread."""
        for row in rows:
            if isinstance(row, CaseOpened):
                self._keys.add(row.key)
            elif isinstance(row, CaseClosed):
                self._keys.discard(row.key)

    def __len__(self) -> int:
        return len(self._keys)


class OpenPayments:
    """Counts the payments that have not come to their end: begins with what start-up found and follows every row."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._keys = {entry.key for entry in entries if isinstance(entry.promise, Pay)}

    def follow(self, rows: Iterable[Row]) -> None:
        """*rows* are on disk.  From one thread."""
        for row in rows:
            match row:
                case Intended(key, promise=Pay()):
                    self._keys.add(key)
                case Settled(key):
                    self._keys.discard(key)
                case _:
                    pass

    def __len__(self) -> int:
        return len(self._keys)


_NOBODY_KNOWS = (CaseReason.RELEASE_UNKNOWN, CaseReason.NOT_SECURED)


class StripCounts:
    """Counts the strips that were to be treated since the start, by the rows that are on disk.

    Of those that were to be desensitised, *treated* were read back as inactive; *unverified* are those of which nobody
    can tell, lent or left to staff.  One that was left alone, so that the loan could be taken back, is neither: it was
    never read, and is on.  *given_back_unverified* came back and were sensitised by a unit that cannot read them.
    """

    def __init__(self) -> None:
        self.treated = 0
        self.unverified = 0
        self.given_back_unverified = 0

    def follow(self, rows: Iterable[Row]) -> None:
        """*rows* are on disk, those of one commit at once.  From one thread."""
        rows = tuple(rows)
        left = {row.key for row in rows if isinstance(row, CaseOpened) and row.reason in _NOBODY_KNOWS}
        for row in rows:
            match row:
                case Released(strip=Strip.INACTIVE):
                    self.treated += 1
                case Released(strip=Strip.UNVERIFIED):
                    self.unverified += 1
                case ReleaseFailed(strip=Strip.UNVERIFIED, key=key) if key in left:
                    self.unverified += 1
                case Secured(strip=Strip.UNVERIFIED):
                    self.given_back_unverified += 1
                case _:
                    pass


class Health:
    """Tells how the terminal is; may be asked from any thread and waits for nobody."""

    def __init__(
        self,
        pulse: Callable[[], Pulse],
        backlog: Callable[[], int],
        cases: OpenCases,
        strips: StripCounts,
        now: Callable[[], datetime],
        payments: OpenPayments,
    ) -> None:
        self._pulse = pulse
        self._backlog = backlog
        self._cases = cases
        self._strips = strips
        self._now = now
        self._payments = payments

    def told(self) -> dict[str, Any]:
        """The figures as values that JSON has; minutes are whole, None where there is nothing to count from.

        Strips are counted since the start.
        """
        pulse = self._pulse()
        return {
            "is_in_service": pulse.is_in_service,
            "link": pulse.link.value,
            "is_current": pulse.is_current,
            "backlog": self._backlog(),
            "open_entries": pulse.open_entries,
            "oldest_unsynced_minutes": self._minutes_since(pulse.unsynced_since),
            "open_cases": len(self._cases),
            "snapshot_age_minutes": self._minutes_since(pulse.snapshot_at),
            "is_room_low": pulse.is_room_low,
            "strips_treated": self._strips.treated,
            "strips_unverified": self._strips.unverified,
            "returns_unverified": self._strips.given_back_unverified,
            "open_payments": len(self._payments),
            "devices_down": list(pulse.devices_down),
        }

    def _minutes_since(self, moment: datetime | None) -> int | None:
        return None if moment is None else int((self._now() - moment).total_seconds() // 60)
