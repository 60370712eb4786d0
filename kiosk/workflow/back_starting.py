"""What start-up settles of what was given back: securing that was under way when the terminal stopped.

The entry is held in its lane, so the server knows nothing yet.  Where all tags lie there still they are secured, and
the server is told.  Where they do not, nobody can say whether the item is here: a case, and the server is never told.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.rfid import TagUid
from kiosk.workflow.effects import GiveUp, Proceed
from kiosk.workflow.events import ReleaseTrouble, TagsSecured
from kiosk.workflow.turn import Turn
from sync.entries import (
    CaseOpened,
    CaseReason,
    Entry,
    EntryRow,
    Secured,
    SecureFailed,
    Settled,
    Settlement,
    Strip,
)

STRIP_NOT_TREATED = "strip not treated"


def uids_of(entry: Entry) -> tuple[TagUid, ...]:
    """The tags that were being secured; none of an item that has a strip alone."""
    intended = entry.secure_intended
    return () if intended is None else tuple(TagUid(bits.uid) for bits in intended.before)


def told_by_pad(entry: Entry, event: TagsSecured, turn: Turn) -> None:
    """Has written what the pad said of the tags of *entry*, and the server told where the item is surely here.

    A strip is never treated at start-up: nobody knows what lies on the unit now.
    """
    key, strip = entry.key, _strip_of(entry)
    if event.is_complete and strip is None:
        _tell(entry, turn, Secured(key, turn.wall, event.after))
    elif event.is_complete or event.trouble is ReleaseTrouble.WRITE_REFUSED:
        word = STRIP_NOT_TREATED if event.is_complete else ReleaseTrouble.WRITE_REFUSED.value
        failed = SecureFailed(key, turn.wall, event.after, word, strip)
        _tell(entry, turn, failed, CaseOpened(key, turn.wall, CaseReason.RETURN_NOT_SECURED, word))
    else:
        write_left(entry, (event.trouble or ReleaseTrouble.TAKEN_AWAY).value, turn)


def _tell(entry: Entry, turn: Turn, *rows: EntryRow) -> None:
    turn.record(*rows)
    turn.do(Proceed(replace(entry, rows=(*entry.rows, *rows))))


def write_left(entry: Entry, why: str, turn: Turn) -> None:
    """Has written that nobody can say whether the item of *entry* is here; *why* is for staff."""
    key = entry.key
    turn.record(
        SecureFailed(key, turn.wall, (), why, _strip_of(entry)),
        CaseOpened(key, turn.wall, CaseReason.RETURN_UNKNOWN, why),
        Settled(key, turn.wall, Settlement.CASE),
    )
    turn.do(GiveUp(key))


def _strip_of(entry: Entry) -> Strip | None:
    intended = entry.secure_intended
    return None if intended is None else intended.strip
