"""Taking a loan back whose tags could not be released and were read back as secured.

A loan the server gave is undone by a check-in, an entry of its own.  One that only the terminal gave is withdrawn where
it was not sent yet; where it was, the server's word is waited for, and a grant is undone like any other.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow.line import LineState
from kiosk.workflow.state import State
from kiosk.workflow.turn import Turn, given_up, left_open
from kiosk.workflow.two_phase import Phase, Sign
from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    EntryKey,
    Granted,
    Held,
    PatronId,
    Reason,
    Refused,
    Settled,
    Settlement,
    Silence,
    UndoLoan,
)


def begin(line: LineState, key: EntryKey, patron: PatronId, turn: Turn) -> LineState:
    """*line* with its loan, entry *key*, on the way back."""
    if line.granted is None:
        turn.give_up(key)
        return line
    return _undo(line, key, patron, turn)


def _undo(line: LineState, key: EntryKey, patron: PatronId, turn: Turn) -> LineState:
    if line.item is None:
        return line
    undo = turn.promise(UndoLoan(line.item, patron, turn.wall, undoes=key))
    return replace(line, undo=undo, since=turn.seconds)


def undo_answered(
    line: LineState, undo: EntryKey, loan: EntryKey, answer: Answer, turn: Turn
) -> tuple[LineState, Sign]:
    """*line* after the server's *answer* to entry *undo*, which was to take back entry *loan*; and what that means."""
    turn.record(Answered(undo, turn.wall, answer))
    match answer:
        case Granted():
            turn.record(Settled(undo, turn.wall, Settlement.DONE))
            turn.record(Settled(loan, turn.wall, Settlement.UNDONE))
            return line, Sign.TAKEN_BACK
        case Refused(reason=Reason.NOT_ON_LOAN):
            turn.record(Settled(undo, turn.wall, Settlement.NOT_DONE))
            turn.record(Settled(loan, turn.wall, Settlement.UNDONE))
            return line, Sign.TAKEN_BACK
        case Refused():
            turn.record(
                CaseOpened(loan, turn.wall, CaseReason.UNDO_REFUSED, answer.reason.value),
                Settled(undo, turn.wall, Settlement.REFUSED),
                Settled(loan, turn.wall, Settlement.CASE),
            )
            return line, Sign.NOT_TAKEN_BACK
        case Held() | Silence():
            return line, Sign.SILENT


def loan_answered(
    line: LineState, key: EntryKey, patron: PatronId, answer: Answer, turn: Turn
) -> tuple[LineState, Sign | None]:
    """*line* after the server's *answer* to the loan the terminal had promised, while its release is under way.

    The sign is None while the release itself decides how it goes on.
    """
    is_withdrawing = line.attempt is not None and line.attempt.phase is Phase.TAKING_BACK
    match answer:
        case Held() | Silence():
            return line, Sign.SILENT if is_withdrawing else None
        case Granted():
            turn.record(Answered(key, turn.wall, answer))
            line = replace(line, granted=answer, due=answer.due, title=answer.title or line.title)
            if not is_withdrawing:
                return line, None
            if answer.renewed:
                turn.record(
                    CaseOpened(key, turn.wall, CaseReason.RELEASE_UNKNOWN, "secured, and only renewed"),
                    Settled(key, turn.wall, Settlement.CASE),
                )
                return line, Sign.NOT_TAKEN_BACK
            return _undo(line, key, patron, turn), None
        case Refused():
            turn.record(Answered(key, turn.wall, answer))
            line = replace(line, refused=answer, title=answer.title or line.title)
            if not is_withdrawing:
                return line, None
            was_sent = answer.reason is not Reason.NOT_DONE
            turn.record(Settled(key, turn.wall, Settlement.REFUSED if was_sent else Settlement.NOT_DONE))
            return line, Sign.TAKEN_BACK


def left_in_doubt(state: State, line: LineState, key: EntryKey, turn: Turn) -> State:
    """*state* that no longer waits for the end of the loan, entry *key* of *line*: the uplink takes it back.

    It finishes an undoing, and a withdrawn loan that was perhaps sent is undone when it turns out to be granted.
    """
    if line.undo is not None:
        return given_up(state, line.item, line.undo, turn)
    return left_open(state, line.item, key)
