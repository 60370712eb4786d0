"""The list of what is given back: how lines appear, come back and vanish, on the pad and by their barcodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.workflow import back_secure, back_strip
from kiosk.workflow.back_answers import handed_back
from kiosk.workflow.back_ends import not_taken
from kiosk.workflow.back_line import (
    NOT_RID_OF,
    OPEN_BACK,
    RID_OF,
    BackLineState,
    Batch,
    with_back,
)
from kiosk.workflow.effects import Sound
from kiosk.workflow.events import Device
from kiosk.workflow.lines import SCAN_FLAW
from kiosk.workflow.pad import Found, Odd
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.state import State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import BackStatus, Trouble
from sync.entries import ItemId

_MAKES_ROOM = (
    (BackStatus.BACK, BackStatus.BACK_NO_LOAN),
    (BackStatus.BACK_RECORDED,),
    (BackStatus.BACK_TO_STAFF,),
)
"""Whose lines make room in a full list, the first of these first: a book is taken however many came before."""


def follow_pad(
    state: State, batch: Batch, found: Sequence[Found], odd: Sequence[Odd], turn: Turn
) -> tuple[State, Batch]:
    """*state* and *batch* after a stable reading of the pad: every thing on it has its line, what left is noticed."""
    on_pad = {thing.item: thing for thing in found}
    odd_on_pad = {f"tag:{thing.uid}": thing.trouble for thing in odd}
    kept: list[BackLineState] = []
    for line in batch.lines:
        if line.id.startswith("tag:"):
            if line.id in odd_on_pad:
                kept.append(line)
            continue
        thing = on_pad.get(line.item) if line.item is not None else None
        state, followed = _follow(state, batch, line, thing, turn)
        if followed is not None:
            kept.append(followed)
    batch = replace(batch, lines=tuple(kept))
    if batch.is_ending:
        return state, batch
    batch = _with_new(state, batch, found, turn)
    for identifier, trouble in odd_on_pad.items():
        if all(line.id != identifier for line in batch.lines):
            batch = _with_line(state, batch, _odd(state.settings, identifier, trouble, turn))
    return state, batch


def _with_new(state: State, batch: Batch, found: Sequence[Found], turn: Turn) -> Batch:
    known = {line.id for line in batch.lines}
    new = [thing for thing in found if thing.item not in known]
    if not new:
        return batch
    batch, is_stopped = back_strip.stop_untagged(batch)
    expected = [line for line in batch.lines if _is_expected(line)]
    is_wrong = len(new) == 1 and (is_stopped or bool(expected))
    for line in expected if is_wrong else ():
        batch = with_back(batch, not_taken(line, Trouble.TAG_IS_OF_ANOTHER, turn))
    for thing in new:
        line = laid(BackLineState(thing.item, BackStatus.WAITING, turn.seconds, item=thing.item), thing, turn)
        if is_wrong:
            # Label and tag may disagree: it is not taken before it was lifted and laid down once more.
            line = not_taken(line, Trouble.NOT_THE_SCANNED_ITEM, turn)
        else:
            turn.play(Sound.READ)
        batch = _with_line(state, batch, line)
    return batch


def _is_expected(line: BackLineState) -> bool:
    """Whether *line* waits for its tag to be laid on the pad."""
    is_open = line.status is BackStatus.WAITING and not line.takes_as_it_is
    return is_open and line.why is Trouble.NOT_ON_PAD


def _odd(settings: SessionSettings, identifier: str, trouble: Trouble, turn: Turn) -> BackLineState:
    """A tag that is no item of ours; another library's is not touched, and nobody is told of it."""
    line = BackLineState(identifier, BackStatus.NOT_TAKEN, turn.seconds, why=trouble, is_over=True)
    if trouble is Trouble.FOREIGN_LIBRARY:
        return handed_back(settings, line, turn)
    turn.play(Sound.REFUSED)
    return line


def _with_line(state: State, batch: Batch, line: BackLineState) -> Batch:
    """*batch* with *line* at its end; where it is full, what needs attention least, and longest ago, makes room.

    What the server was not told of yet is in its lane, and ends there.
    """
    if len(batch.lines) < state.settings.lines_max:
        return with_back(batch, line)
    gone = [old for old in batch.lines if old.status in RID_OF and (old.has_left or not old.uids)]
    for may_go in _MAKES_ROOM:
        for old in gone:
            if old.status in may_go:
                lines = tuple(known for known in batch.lines if known.id != old.id)
                return with_back(replace(batch, lines=lines, forgotten=batch.forgotten + 1), line)
    return batch


def laid(line: BackLineState, thing: Found, turn: Turn) -> BackLineState:
    """*line* as it begins with *thing* on the pad."""
    has_twice = thing.trouble is Trouble.SAME_NUMBER_TWICE
    line = replace(
        line,
        uids=thing.uids,
        parts=thing.parts,
        parts_present=thing.parts_present,
        has_part_twice=has_twice,
        media_formats=thing.media_formats,
        since=turn.seconds,
        has_left=False,
        why=None,
        message="",
    )
    if (has_twice or not thing.is_complete) and not line.takes_as_it_is:
        why = Trouble.SAME_NUMBER_TWICE if has_twice else Trouble.PARTS_MISSING
        turn.play(Sound.ATTENTION)
        return replace(line, status=BackStatus.PARTS_MISSING, why=why)
    return replace(line, status=BackStatus.WAITING)


def _follow(
    state: State, batch: Batch, line: BackLineState, thing: Found | None, turn: Turn
) -> tuple[State, BackLineState | None]:
    """*state* and *line* after a reading in which its item is *thing*, or is not there; None when it is to vanish."""
    if thing is None:
        if line.status in OPEN_BACK and line.uids:
            return state, None
        return state, line if line.has_left or not line.uids else replace(line, has_left=True)
    if line.status is BackStatus.PUT_BACK:
        is_whole = all(uid in thing.uids for uid in line.uids)
        return back_secure.put_back(state, line, turn) if is_whole else (state, line)
    if batch.is_ending and line.status not in OPEN_BACK:
        return state, line
    if line.status in OPEN_BACK:
        return state, laid(line, thing, turn) if thing.uids != line.uids else line
    if line.status in NOT_RID_OF:
        if line.has_left:
            return state, laid(afresh(line), thing, turn)
        return state, line if line.uids else replace(line, uids=thing.uids)
    if line.status in RID_OF and has_new_tags(line, thing):
        return state, laid(afresh(line, was_back=True), thing, turn)
    if line.status in RID_OF and line.has_left:
        turn.play(Sound.READ)
        return state, replace(line, has_left=False, why=line.why or Trouble.ALREADY_BACK)
    return state, replace(line, has_left=False) if line.has_left else line


def has_new_tags(line: BackLineState, thing: Found) -> bool:
    """Whether *thing*, the item of *line*, shows tags that were never made secure with it.

    Its barcode came first, or a part of it comes later, or another copy bears its number: they are to be made secure
    as well, each once.
    """
    return not {*line.uids, *line.earlier_uids}.issuperset(thing.uids)


def afresh(line: BackLineState, *, was_back: bool = False) -> BackLineState:
    """*line* without what became of its last try; where that took it back, with what was said of it."""
    fresh = BackLineState(line.id, BackStatus.WAITING, line.since, item=line.item, title=line.title)
    if not was_back:
        return fresh
    return replace(
        fresh,
        was_back=line.status is not BackStatus.BACK_NO_LOAN,
        is_settled_later=line.is_settled_later,
        earlier_uids=(*line.earlier_uids, *line.uids),
        takes_as_it_is=line.takes_as_it_is,
        was_due=line.was_due,
        days_overdue=line.days_overdue,
        fee=line.fee,
        reader=line.reader,
    )


def follow_scan(
    state: State, batch: Batch, item: ItemId, found: Sequence[Found], turn: Turn
) -> tuple[State, Batch]:
    """*state* and *batch* after the barcode of *item* was scanned: a line of its own, unless it has one."""
    batch = replace(batch, lines=tuple(line for line in batch.lines if line.id != SCAN_FLAW))
    line = next((line for line in batch.lines if line.id == item), None)
    if line is not None and line.status in RID_OF:
        turn.play(Sound.READ)
        return state, with_back(batch, replace(line, why=line.why or Trouble.ALREADY_BACK))
    if line is not None and not (line.status in NOT_RID_OF and not line.uids):
        return state, batch
    turn.play(Sound.READ)
    fresh = BackLineState(item, BackStatus.WAITING, turn.seconds, item=item)
    thing = next((thing for thing in found if thing.item == item), None)
    if thing is not None:
        fresh = laid(fresh, thing, turn)
    elif back_secure.needs_tag(state.settings) and Device.PAD not in state.down:
        fresh = replace(fresh, why=Trouble.NOT_ON_PAD)
    return state, with_back(batch, fresh) if line is not None else _with_line(state, batch, fresh)


def flawed_scan(state: State, batch: Batch, trouble: Trouble, turn: Turn) -> Batch:
    """*batch* with a line that says what was wrong with the last scan."""
    turn.play(Sound.REFUSED)
    line = BackLineState(SCAN_FLAW, BackStatus.NOT_TAKEN, turn.seconds, why=trouble, is_over=True)
    return _with_line(state, batch, line)


def take_as_it_is(batch: Batch, identifier: str) -> Batch:
    """*batch* in which the item *identifier* is not waited for any more: its parts, or its tag, are missing."""
    for line in batch.lines:
        is_asked_for = line.status is BackStatus.PARTS_MISSING or _is_expected(line)
        if line.id == identifier and is_asked_for:
            return with_back(batch, replace(line, takes_as_it_is=True, status=BackStatus.WAITING, why=None))
    return batch


def without_pad(batch: Batch) -> Batch:
    """*batch* after the pad went: what was scanned is not waited for there any more."""
    lines = tuple(
        replace(line, takes_as_it_is=True, why=None) if _is_expected(line) else line for line in batch.lines
    )
    return replace(batch, lines=lines)
