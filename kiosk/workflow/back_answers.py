"""What the server says of an item that is given back, and what follows: taken, somebody else's, or for staff.

`back_ends.py` has the table of all ends.  Tags that were changed for nothing are put back as they were, while they
lie there, and only to what was read of them before.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow.back_ends import days_overdue, recorded, routed, write
from kiosk.workflow.back_line import BackLineState, Batch
from kiosk.workflow.effects import Restore, Sound
from kiosk.workflow.settings import ForeignItems, SessionSettings
from kiosk.workflow.state import State
from kiosk.workflow.turn import Turn
from kiosk.workflow.two_phase import Attempt, Deed, End, Phase, Policy, Sign, Standing, advance
from kiosk.workflow.view import BackStatus, DropStep, Trouble
from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    Due,
    EntryKey,
    Granted,
    Held,
    Reason,
    Refused,
    Restored,
    Settled,
    Settlement,
    Silence,
)
from sync.rules.sorting import Route, route_of


def answered(
    state: State, batch: Batch, line: BackLineState, answer: Answer, turn: Turn
) -> tuple[Batch, BackLineState]:
    """*batch* and *line* after the server's *answer* to it."""
    key, sorted_as = line.key, (line.route, line.bin)
    if key is None or line.answer is not None:
        return batch, line
    match answer:
        case Silence() | Held() | Refused(reason=Reason.NOT_DONE):
            return batch, _unanswered(state.settings, line, key, answer, turn)
        case Granted():
            line = write(line, turn, Answered(key, turn.wall, answer))
            batch, line = _granted(state.settings, batch, line, answer, turn)
        case Refused():
            line = write(line, turn, Answered(key, turn.wall, answer))
            line = replace(line, title=answer.title or line.title, message=" ".join(answer.messages))
            can_restore = not is_on_its_way(batch)
            line = _refused(state, line, key, answer.reason, turn, can_restore=can_restore)
    if is_on_its_way(batch):
        line = replace(line, route=sorted_as[0], bin=sorted_as[1])
    return replace(batch, heard_at=turn.seconds), line


def is_on_its_way(batch: Batch) -> bool:
    """Whether the flap of a book drop is open for the item: it is nobody's to put back, and its bin is chosen."""
    return batch.drop is not None and batch.drop.step is DropStep.MOVING


def _unanswered(
    settings: SessionSettings, line: BackLineState, key: EntryKey, answer: Answer, turn: Turn
) -> BackLineState:
    """Written once; not done is what the lane knows how to mend."""
    last = line.entry.rows[-1] if line.entry is not None else None
    is_known = isinstance(last, Answered) and type(last.answer) is type(answer)
    if not is_known and not isinstance(answer, Refused):
        line = write(line, turn, Answered(key, turn.wall, answer))
    return recorded(settings, line, turn) if line.status is BackStatus.TELLING else line


def _granted(
    settings: SessionSettings, batch: Batch, line: BackLineState, answer: Granted, turn: Turn
) -> tuple[Batch, BackLineState]:
    line = replace(line, title=answer.title or line.title, message=" ".join(answer.messages))
    line = routed(line, route_of(answer.back, settings.sorting), settings, answer)
    if answer.back is not None and answer.back.was_on_loan is False:
        return batch, _no_loan(settings, line, turn)
    due = _due(answer.due) or line.due_before
    line = replace(line, was_due=due, days_overdue=days_overdue(settings, due, turn.wall), fee=answer.fee)
    patron = None if answer.back is None else answer.back.patron
    if patron is not None:
        readers = batch.readers if patron in batch.readers else (*batch.readers, patron)
        batch = replace(batch, readers=readers)
        line = replace(line, reader=readers.index(patron) + 1)
    return batch, _taken(settings, line, BackStatus.BACK, turn)


def _no_loan(settings: SessionSettings, line: BackLineState, turn: Turn) -> BackLineState:
    """It had been returned before; by this reader, where its barcode or other tags of it came before."""
    if line.was_back:
        return _taken(settings, line, BackStatus.BACK, turn)
    line = replace(line, was_due=None, days_overdue=0)
    return _taken(settings, line, BackStatus.BACK_NO_LOAN, turn)


def _taken(settings: SessionSettings, line: BackLineState, status: BackStatus, turn: Turn) -> BackLineState:
    """*line* that ends well as *status*, or with staff where a case is open."""
    is_staffs = line.entry is not None and line.entry.has_open_case
    turn.play(Sound.ATTENTION if is_staffs or line.days_overdue else Sound.DONE)
    line = replace(line, status=BackStatus.BACK_TO_STAFF if is_staffs else status, since=turn.seconds)
    if is_staffs:
        line = routed(line, Route.STAFF, settings)
    return line if line.is_settled_later else settled(line, turn)


def _refused(
    state: State, line: BackLineState, key: EntryKey, reason: Reason, turn: Turn, *, can_restore: bool
) -> BackLineState:
    is_staffs = line.entry is not None and line.entry.has_open_case
    if reason is Reason.NOT_ON_LOAN:
        return _no_loan(state.settings, line, turn)
    if reason is Reason.ITEM_INCOMPLETE:
        return _to_staff(state.settings, line, key, CaseReason.PARTS_MISSING, reason, turn)
    if reason is not Reason.ITEM_UNKNOWN or is_staffs or line.strip is not None:
        return _to_staff(state.settings, line, key, CaseReason.RETURN_REFUSED, reason, turn)
    if not can_restore:
        return _to_staff(state.settings, line, key, CaseReason.RETURN_REFUSED, reason, turn)
    if not line.uids or (lies_there(state, line) and not _was_changed(line)):
        return handed_back(state.settings, settled(line, turn), turn)
    if not lies_there(state, line):
        return _to_staff(state.settings, line, key, CaseReason.RETURN_REFUSED, reason, turn)
    turn.do(Restore(key, line.before))
    attempt = Attempt(Deed.SECURE, Phase.RESTORING)
    return replace(line, status=BackStatus.TELLING, since=turn.seconds, attempt=attempt)


def lies_there(state: State, line: BackLineState) -> bool:
    """Whether every tag of *line* lay on the pad when that was read last."""
    present = {tag.uid for tag in state.pad.tags}
    return all(uid in present for uid in line.uids)


def _was_changed(line: BackLineState) -> bool:
    return sorted(line.before, key=lambda bits: bits.uid) != sorted(line.after, key=lambda bits: bits.uid)


def restored(state: State, line: BackLineState, sign: Sign, turn: Turn) -> BackLineState:
    """*line*, whose tags were to be put back as they were, after *sign*."""
    key = line.key
    if key is None or line.attempt is None or line.attempt.phase is not Phase.RESTORING:
        return line
    match advance(line.attempt, sign, Standing.REFUSED, Policy()):
        case End.NEVER_STOOD:
            line = write(line, turn, Restored(key, turn.wall, line.after))
            return handed_back(state.settings, settled(replace(line, attempt=None), turn), turn)
        case End():
            line = replace(line, attempt=None)
            reason = Reason.ITEM_UNKNOWN
            return _to_staff(state.settings, line, key, CaseReason.RETURN_REFUSED, reason, turn)
        case _:
            return line


def handed_back(settings: SessionSettings, line: BackLineState, turn: Turn) -> BackLineState:
    """*line*, whose item is not ours: back to the reader, or onto a pile of its own, as the library wants it."""
    turn.play(Sound.ATTENTION)
    line = replace(
        line,
        status=BackStatus.HANDED_BACK,
        since=turn.seconds,
        why=line.why or Reason.ITEM_UNKNOWN,
        route=None,
        bin=None,
    )
    is_piled = settings.foreign_items is ForeignItems.OWN_PILE
    return routed(line, Route.FOREIGN, settings) if is_piled else line


def _to_staff(
    settings: SessionSettings,
    line: BackLineState,
    key: EntryKey,
    case: CaseReason,
    reason: Reason,
    turn: Turn,
) -> BackLineState:
    line = write(line, turn, CaseOpened(key, turn.wall, case, reason.value))
    return _taken(settings, replace(line, why=line.why or reason), BackStatus.BACK_TO_STAFF, turn)


def left_to_staff(settings: SessionSettings, line: BackLineState, turn: Turn) -> BackLineState:
    """*line* after its entry was settled as a case: no more is written about it."""
    turn.play(Sound.ATTENTION)
    line = replace(
        line,
        status=BackStatus.BACK_TO_STAFF,
        since=turn.seconds,
        why=line.why or Trouble.RETURN_LEFT_TO_STAFF,
        attempt=None,
        is_over=True,
    )
    return routed(line, Route.STAFF, settings)


def settled(line: BackLineState, turn: Turn) -> BackLineState:
    """*line* with its answered entry settled; one that nobody answered stays in its lane, and is waited for no more."""
    if line.is_over or line.key is None or line.entry is None:
        return line
    if line.answer is None:
        return replace(line, is_over=True)
    how = Settlement.DONE if isinstance(line.answer, Granted) else Settlement.REFUSED
    how = Settlement.CASE if line.entry.has_open_case else how
    return replace(write(line, turn, Settled(line.key, turn.wall, how)), is_over=True)


def _due(due: Due) -> Due | None:
    return due if due.day is not None or due.text else None
