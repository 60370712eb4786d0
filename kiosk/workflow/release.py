"""From the grant to the gate: releasing the tags of a lent item, and what follows when that does not work.

    RELEASING --read back--> LENT
        |--taken away, pad lost--> PUT_BACK --back in the field--> RELEASING
        |                              +--time over--> LENT_NOT_VERIFIED, a case: the book is with the reader
        +--write refused, tries over--> UNDOING: secured again and read back, then the loan is taken back

A loan is undone only when the tags were read back as secured; otherwise a book could leave without a record.  One that
was only renewed is never undone: that would take back the loan there was before.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow.borrow import given_up
from kiosk.workflow.effects import Sound
from kiosk.workflow.events import ReleaseTrouble, TagsNotReleased, TagsReleased, TagsSecured
from kiosk.workflow.state import LineState, Session, State, with_line
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Status, Trouble
from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    EntryKey,
    Granted,
    Held,
    PatronId,
    Refused,
    Released,
    ReleaseFailed,
    Settled,
    Settlement,
    Silence,
    TagBits,
    UndoLoan,
)

PUT_BACK_TRIES_MAX = 4
"""How often an item that comes and goes at the pad's edge is tried again before staff are to look."""


def released(line: LineState, event: TagsReleased, turn: Turn) -> LineState:
    """*line* after its tags were read back as released."""
    turn.record(Released(event.key, turn.wall, event.after), Settled(event.key, turn.wall, Settlement.DONE))
    turn.play(Sound.DONE)
    return replace(line, status=Status.LENT, since=turn.seconds, why=None)


def not_released(line: LineState, event: TagsNotReleased, tries_max: int, turn: Turn) -> LineState:
    """*line* after a release that did not come to a good end."""
    if event.trouble is not ReleaseTrouble.WRITE_REFUSED:
        if line.release_tries > tries_max + PUT_BACK_TRIES_MAX:
            return _not_verified(line, event.key, event.after, turn)
        turn.play(Sound.ATTENTION)
        return replace(line, status=Status.PUT_BACK, since=turn.seconds, why=Trouble.TAKEN_AWAY)
    if line.release_tries < tries_max:
        turn.release(event.key, line.uids)
        return replace(line, release_tries=line.release_tries + 1)
    turn.record(ReleaseFailed(event.key, turn.wall, event.after, event.trouble.value))
    if line.granted is not None and line.granted.renewed:
        return _leave_to_staff(line, event.key, event.after, "renewed", turn)
    turn.secure(event.key, line.uids)
    return replace(line, status=Status.UNDOING, since=turn.seconds)


def secured(line: LineState, event: TagsSecured, patron: PatronId, turn: Turn) -> LineState:
    """*line* after its tags were to be secured again so that the loan can be undone."""
    if not event.is_complete or line.item is None:
        return _leave_to_staff(line, event.key, event.after, "secure", turn)
    undo = turn.promise(UndoLoan(line.item, patron, turn.wall, undoes=event.key))
    return replace(line, undo=undo, since=turn.seconds)


def answered_undo(
    state: State, line: LineState, undo: EntryKey, loan: EntryKey, answer: Answer, turn: Turn
) -> tuple[State, LineState]:
    """*state* and *line* after the server's *answer* to entry *undo*, which was to take back entry *loan*."""
    turn.record(Answered(undo, turn.wall, answer))
    turn.play(Sound.REFUSED)
    line = replace(line, status=Status.NOT_LENT, since=turn.seconds, due=None)
    match answer:
        case Granted():
            turn.record(
                Settled(undo, turn.wall, Settlement.DONE),
                Settled(loan, turn.wall, Settlement.UNDONE),
            )
            return state, replace(line, why=Trouble.RELEASE_FAILED_LOAN_UNDONE)
        case Refused():
            turn.record(
                CaseOpened(loan, turn.wall, CaseReason.UNDO_REFUSED, answer.reason.value),
                Settled(undo, turn.wall, Settlement.REFUSED),
                Settled(loan, turn.wall, Settlement.CASE),
            )
            return state, replace(line, why=Trouble.RELEASE_FAILED_ASK_STAFF)
        case Held() | Silence():
            return given_up(state, line, undo, turn), replace(line, why=Trouble.RELEASE_FAILED_ASK_STAFF)


def not_put_back(session: Session, line: LineState, turn: Turn) -> Session:
    """*session* after the reader did not put the item of *line* back in time, or said so."""
    return with_line(session, _not_verified(line, line.key, (), turn)) if line.key else session


def out_of_patience(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after time passed: items not put back, loans whose undoing nobody answers."""
    for line in session.lines:
        waited = turn.seconds - line.since
        is_late = waited >= state.settings.put_back_seconds
        if line.status in (Status.PUT_BACK, Status.RELEASING) and is_late:
            session = not_put_back(session, line, turn)
        elif line.status is Status.UNDOING and line.undo is None and is_late and line.key is not None:
            session = with_line(session, _leave_to_staff(line, line.key, (), "secure", turn))
        elif (
            line.status is Status.UNDOING
            and line.undo is not None
            and waited >= state.settings.answer_seconds
        ):
            turn.play(Sound.REFUSED)
            state = given_up(state, line, line.undo, turn)
            told = replace(
                line, status=Status.NOT_LENT, since=turn.seconds, why=Trouble.RELEASE_FAILED_ASK_STAFF
            )
            session = with_line(session, told)
    return state, session


def _not_verified(line: LineState, key: EntryKey, after: tuple[TagBits, ...], turn: Turn) -> LineState:
    turn.record(ReleaseFailed(key, turn.wall, after, ReleaseTrouble.TAKEN_AWAY.value))
    return _leave_to_staff(line, key, after, "taken-away", turn)


def _leave_to_staff(
    line: LineState, key: EntryKey, after: tuple[TagBits, ...], detail: str, turn: Turn
) -> LineState:
    turn.record(
        CaseOpened(key, turn.wall, CaseReason.RELEASE_UNKNOWN, f"{detail}, {len(after)} tags read"),
        Settled(key, turn.wall, Settlement.CASE),
    )
    turn.play(Sound.ATTENTION)
    return replace(
        line, status=Status.LENT_NOT_VERIFIED, since=turn.seconds, why=Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK
    )
