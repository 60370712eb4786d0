"""What start-up settles itself: releases under way when the terminal stopped, while their tags may still lie there.

The loan was granted and recorded, so the tag may be released: that is finished and read back.  Where the tag is no
longer in the field, nobody can say how it left; that is a case.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.rfid import LibraryItem, TagUid
from kiosk.workflow.closing import go_idle, quarantine_all
from kiosk.workflow.events import TagsNotReleased, TagsReleased
from kiosk.workflow.state import PadState, Starting, State
from kiosk.workflow.turn import Turn
from sync.entries import (
    CaseOpened,
    CaseReason,
    Entry,
    EntryKey,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
)


def pad_read(state: State, phase: Starting, turn: Turn) -> State:
    """*state* after a stable reading: what lies there is released, what does not is a case."""
    for entry in phase.pending:
        if entry.key in phase.asked:
            continue
        uids = _uids(entry)
        if uids and all(_is_same(state.pad, uid, entry) for uid in uids):
            turn.release(entry.key, uids)
            phase = replace(phase, asked=(*phase.asked, entry.key))
        else:
            phase = _make_case(phase, entry.key, "left the pad", turn)
    return _ready_when_settled(state, phase)


def _uids(entry: Entry) -> tuple[TagUid, ...]:
    for row in reversed(entry.rows):
        if isinstance(row, ReleaseIntended):
            return tuple(TagUid(bits.uid) for bits in row.before)
    return ()


def _is_same(pad: PadState, uid: TagUid, entry: Entry) -> bool:
    """Whether *uid* lies on the pad and still says it is the entry's item: a UID alone proves nothing."""
    return any(
        tag.uid == uid
        and isinstance(tag.content, LibraryItem)
        and tag.content.identifier == entry.promise.item
        for tag in pad.tags
    )


def released(state: State, phase: Starting, event: TagsReleased, turn: Turn) -> State:
    """*state* after a release was finished."""
    turn.record(Released(event.key, turn.wall, event.after), Settled(event.key, turn.wall, Settlement.DONE))
    return _ready_when_settled(state, _without(phase, event.key))


def not_released(state: State, phase: Starting, event: TagsNotReleased, turn: Turn) -> State:
    """*state* after a release could not be finished."""
    turn.record(ReleaseFailed(event.key, turn.wall, event.after, event.trouble.value))
    return _ready_when_settled(state, _make_case(phase, event.key, event.trouble.value, turn))


def time_passed(state: State, phase: Starting, turn: Turn) -> State:
    """*state* when start-up took too long: no pad, no answer."""
    if turn.seconds < phase.until:
        return state
    for entry in phase.pending:
        phase = _make_case(phase, entry.key, "no pad", turn)
    return _ready_when_settled(state, phase)


def _make_case(phase: Starting, key: EntryKey, detail: str, turn: Turn) -> Starting:
    turn.record(
        CaseOpened(key, turn.wall, CaseReason.RELEASE_UNKNOWN, detail),
        Settled(key, turn.wall, Settlement.CASE),
    )
    return _without(phase, key)


def _without(phase: Starting, key: EntryKey) -> Starting:
    return replace(phase, pending=tuple(entry for entry in phase.pending if entry.key != key))


def _ready_when_settled(state: State, phase: Starting) -> State:
    if phase.pending:
        return replace(state, phase=phase)
    return go_idle(quarantine_all(state))
