"""What start-up settles itself: releases under way when the terminal stopped, while their tags may still lie there.

The loan was granted, or promised by the terminal, and recorded, so its tags may be released: that is finished and read
back.  Where the server has refused a promised loan meanwhile, they are secured.  Where a tag is no longer in the field,
nobody can say how it left; that is a case.  What the server has not answered stays in its lane whatever comes of it.

A strip is never treated at start-up: nobody knows what lies on the unit now.  A release with a strip is a case, and the
item's tags, which may not say something else than its strip, stay as they are.

What was given back and was being made secure is finished in the same way, see `back_starting.py`.

One pass over all entries, however many; nobody is there to be asked for anything, so a tag is tried once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from drivers.rfid import LibraryItem, TagUid
from kiosk.workflow import back_starting
from kiosk.workflow.closing import go_idle, quarantine_all
from kiosk.workflow.events import TagsNotReleased, TagsReleased, TagsSecured
from kiosk.workflow.footing import footing_of, write_end
from kiosk.workflow.release import sign_of, why_of
from kiosk.workflow.state import PadState, Pending, Starting, State
from kiosk.workflow.turn import Turn
from kiosk.workflow.two_phase import Attempt, Deed, End, Phase, Policy, Standing, advance, left
from sync.entries import (
    Answer,
    Answered,
    Entry,
    EntryKey,
    GiveBack,
    Granted,
    Refused,
    ReleaseIntended,
    TagBits,
)

_ONCE = Policy(tries_max=1, returns_max=0, may_wait=False, may_restore=False)


def pad_read(state: State, phase: Starting, turn: Turn) -> State:
    """*state* after a stable reading: what lies there is released, what does not is a case."""
    on_pad = _items_on(state.pad)
    kept: dict[EntryKey, Pending] = {}
    for key, pending in phase.pending.items():
        if pending.attempt is not None:
            kept[key] = pending
            continue
        uids = _uids(pending.entry)
        if uids and all(on_pad.get(uid) == pending.entry.promise.item for uid in uids):
            kept[key] = _begun(pending, key, uids, turn)
        elif isinstance(pending.entry.promise, GiveBack):
            back_starting.write_left(pending.entry, "left the pad", turn)
        else:
            why = "left the pad" if pending.entry.strip_before is None else "strip not treated"
            _write_left(pending.entry, why, turn)
    return _ready_when_settled(state, replace(phase, pending=kept))


def _items_on(pad: PadState) -> Mapping[TagUid, str]:
    """What each tag on the pad says it is: a UID alone proves nothing."""
    return {tag.uid: tag.content.identifier for tag in pad.tags if isinstance(tag.content, LibraryItem)}


def _begun(pending: Pending, key: EntryKey, uids: tuple[TagUid, ...], turn: Turn) -> Pending:
    if isinstance(pending.entry.promise, GiveBack):
        turn.secure(key, uids)
        return replace(pending, attempt=Attempt(Deed.SECURE))
    if footing_of(pending.entry).standing is Standing.REFUSED:
        turn.secure(key, uids)
        return replace(pending, attempt=Attempt(Deed.RELEASE, Phase.RESTORING))
    turn.release(key, uids)
    return replace(pending, attempt=Attempt(Deed.RELEASE))


def _uids(entry: Entry) -> tuple[TagUid, ...]:
    """The tags that are settled here: none of an item whose strip was to be treated too."""
    if isinstance(entry.promise, GiveBack):
        return back_starting.uids_of(entry)
    if entry.strip_before is not None:
        return ()
    for row in reversed(entry.rows):
        if isinstance(row, ReleaseIntended):
            return tuple(TagUid(bits.uid) for bits in row.before)
    return ()


def told_by_pad(
    state: State, phase: Starting, event: TagsReleased | TagsNotReleased | TagsSecured, turn: Turn
) -> State:
    """*state* after the pad said what became of a release that was to be finished."""
    pending = phase.pending[event.key]
    if pending.attempt is None:
        return state
    if isinstance(pending.entry.promise, GiveBack):
        if isinstance(event, TagsSecured):
            back_starting.told_by_pad(pending.entry, event, turn)
            return _without(state, phase, event.key)
        return state
    footing, sign = footing_of(pending.entry), sign_of(event)
    following = advance(pending.attempt, sign, footing.standing, _ONCE)
    match following:
        case None:
            return state
        case Attempt():
            # Of a tag that is tried once, only securing it can follow.
            turn.secure(event.key, _uids(pending.entry))
            return _with(state, phase, event.key, replace(pending, attempt=following))
        case _:
            write_end(footing, following, event.after, why_of(pending.attempt, sign), turn)
            return _without(state, phase, event.key)


def answered(state: State, phase: Starting, key: EntryKey, answer: Answer, turn: Turn) -> State:
    """*state* after the server's *answer* to a promised loan whose release is not finished yet."""
    pending = phase.pending[key]
    if not isinstance(answer, Granted | Refused) or footing_of(pending.entry).answer is not None:
        return state
    row = Answered(key, turn.wall, answer)
    turn.record(row)
    entry = replace(pending.entry, rows=(*pending.entry.rows, row))
    return _with(state, phase, key, replace(pending, entry=entry))


def left_to_staff(state: State, phase: Starting, key: EntryKey) -> State:
    """*state* after the entry *key* was settled as a case: no more is written about it."""
    return _without(state, phase, key)


def time_passed(state: State, phase: Starting, turn: Turn) -> State:
    """*state* when start-up took too long: no pad, no answer."""
    if turn.seconds < phase.until:
        return state
    for pending in phase.pending.values():
        _write_left(pending.entry, "no pad", turn)
    return _ready_when_settled(state, replace(phase, pending={}))


def _write_left(entry: Entry, why: str, turn: Turn) -> None:
    if isinstance(entry.promise, GiveBack):
        back_starting.write_left(entry, why, turn)
        return
    footing = footing_of(entry)
    nothing_read: tuple[TagBits, ...] = ()
    end: End = left(footing.standing)
    write_end(footing, end, nothing_read, why, turn, entry.strip_before)


def _with(state: State, phase: Starting, key: EntryKey, pending: Pending) -> State:
    return replace(state, phase=replace(phase, pending={**phase.pending, key: pending}))


def _without(state: State, phase: Starting, key: EntryKey) -> State:
    kept = {known: pending for known, pending in phase.pending.items() if known != key}
    return _ready_when_settled(state, replace(phase, pending=kept))


def _ready_when_settled(state: State, phase: Starting) -> State:
    if phase.pending:
        return replace(state, phase=phase)
    if state.settings.drop is not None:
        # What lies in front of the flap still has to go into its bin.
        return go_idle(state)
    return go_idle(quarantine_all(state))
