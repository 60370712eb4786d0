"""How giving back ends: what is written and said when securing ended, and when the server answered.

A reader is never refused.  What the server does not want stays here, or goes back to its owner as it was.

| tags and strip | server | written | line | left to |
|---|---|---|---|---|
| secured | granted | Secured, Settled DONE | BACK (1) | nobody |
| secured | granted, no loan found; or refused NOT_ON_LOAN | Secured, Settled DONE; REFUSED | BACK_NO_LOAN | nobody |
| secured | silent, held, away | Secured | BACK_RECORDED | the lane |
| secured, a part missing | granted | Secured, case PARTS_MISSING, Settled CASE | BACK_TO_STAFF | staff |
| secured | refused ITEM_INCOMPLETE | Secured, case PARTS_MISSING, Settled CASE | BACK_TO_STAFF | staff |
| not secured | granted | SecureFailed, case RETURN_NOT_SECURED, Settled CASE | BACK_TO_STAFF | staff |
| not secured | silent, held, away | SecureFailed, case RETURN_NOT_SECURED | BACK_TO_STAFF | staff, the lane |
| not secured | refused | the same, case RETURN_REFUSED, Settled CASE | BACK_TO_STAFF | staff |
| secured, then as before | refused ITEM_UNKNOWN | Secured, Restored, Settled REFUSED | HANDED_BACK | nobody |
| were as they are (2) | refused ITEM_UNKNOWN | Secured, Settled REFUSED | HANDED_BACK | nobody |
| secured (3) | refused ITEM_UNKNOWN | Secured, case RETURN_REFUSED, Settled CASE | BACK_TO_STAFF | staff |
| secured | refused otherwise | Secured, case RETURN_REFUSED, Settled CASE | BACK_TO_STAFF | staff |
| unknown: taken away | never told | SecureFailed, case RETURN_UNKNOWN, Settled CASE | NOT_TAKEN | staff |
| untouched: another's tag came | never told | SecureFailed, Settled NOT_DONE | NOT_TAKEN | nobody |
| secured, or not | nobody can tell | case OUTCOME_UNKNOWN, by the uplink | BACK_TO_STAFF | staff |

(1) With what the server says: overdue, its fee, whose hold it is, the bin.  (2) Nothing was changed: the tags were
secured already, or there is nothing to secure.  (3) Gone from the pad, not to be put back as it was, or with a strip
that was treated: nothing makes a strip what it was.

At a book drop an entry that was answered is settled once its item is in the bin, see `drop.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.workflow.back_line import BackLineState, with_rows
from kiosk.workflow.effects import GiveUp, Proceed, Sound
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.state import State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import BackStatus, Trouble
from sync.entries import (
    Answered,
    CaseOpened,
    CaseReason,
    Due,
    EntryKey,
    EntryRow,
    Granted,
    Reason,
    Refused,
    Secured,
    SecureFailed,
    Settled,
    Settlement,
    Strip,
)
from sync.rules.sorting import Route, bin_for


def write(line: BackLineState, turn: Turn, *rows: EntryRow) -> BackLineState:
    """*line* with *rows* of its entry written."""
    turn.record(*rows)
    return with_rows(line, *rows)


def secured(state: State, line: BackLineState, turn: Turn) -> BackLineState:
    """*line* after all of it was read back as secured: recorded, and the server is told."""
    key = line.key
    if key is None:
        return line
    line = write(line, turn, Secured(key, turn.wall, line.after, _strip_of(line)))
    return _proceed(state, replace(line, why=None), key, turn)


def not_secured(
    state: State, line: BackLineState, word: str, turn: Turn, why: Trouble = Trouble.NOT_SECURED_ASK_STAFF
) -> BackLineState:
    """*line*, which is not known to be secure, *word* says why: staff see to that, and the server is told all the same.

    *why* is what the reader is told.
    """
    key = line.key
    if key is None:
        return line
    line = write(
        line,
        turn,
        SecureFailed(key, turn.wall, line.after, word, _strip_of(line)),
        CaseOpened(key, turn.wall, CaseReason.RETURN_NOT_SECURED, word),
    )
    return _proceed(state, replace(line, why=why), key, turn)


def _strip_of(line: BackLineState) -> Strip | None:
    return None if line.strip is None else line.strip.found or Strip.UNVERIFIED


def _proceed(state: State, line: BackLineState, key: EntryKey, turn: Turn) -> BackLineState:
    line = with_missing_parts(line, key, turn)
    if line.entry is not None:
        turn.do(Proceed(line.entry))
    return telling(state, replace(line, attempt=None), turn)


def with_missing_parts(line: BackLineState, key: EntryKey, turn: Turn) -> BackLineState:
    """*line* with a case where not every part of it came back, or a part came twice."""
    if not line.has_part_twice and line.parts_present == line.parts:
        return line
    why = Trouble.SAME_NUMBER_TWICE if line.has_part_twice else Trouble.PARTS_MISSING
    detail = why.value if line.has_part_twice else f"{line.parts_present} of {line.parts}"
    line = write(line, turn, CaseOpened(key, turn.wall, CaseReason.PARTS_MISSING, detail))
    return replace(line, why=line.why or why)


def telling(state: State, line: BackLineState, turn: Turn) -> BackLineState:
    """*line* while the server is told; where it is known to be away it is told later."""
    line = replace(line, status=BackStatus.TELLING, since=turn.seconds)
    return recorded(state.settings, line, turn) if state.is_server_away else line


def recorded(settings: SessionSettings, line: BackLineState, turn: Turn) -> BackLineState:
    """*line*, which the server is told of later: nobody knows yet where it is to go.

    Whether it is late is told all the same where the server said before until when it was on loan.
    """
    is_staffs = line.entry is not None and line.entry.has_open_case
    if line.due_before is not None:
        days = days_overdue(settings, line.due_before, turn.wall)
        line = replace(line, was_due=line.due_before, days_overdue=days)
    turn.play(Sound.ATTENTION if is_staffs or line.days_overdue else Sound.DONE)
    status = BackStatus.BACK_TO_STAFF if is_staffs else BackStatus.BACK_RECORDED
    line = replace(line, status=status, since=turn.seconds)
    return routed(line, Route.STAFF, settings) if settings.sorting.bins else line


def taken_away(line: BackLineState, word: str, turn: Turn) -> BackLineState:
    """*line*, whose item is gone before it was known to be secure: nobody is told that it came back."""
    key = line.key
    if key is None:
        return line
    line = write(
        line,
        turn,
        SecureFailed(key, turn.wall, line.after, word, _strip_of(line)),
        CaseOpened(key, turn.wall, CaseReason.RETURN_UNKNOWN, word),
        Settled(key, turn.wall, Settlement.CASE),
    )
    turn.do(GiveUp(key))
    return not_taken(replace(line, is_over=True), Trouble.TAKEN_AWAY, turn)


def stopped(line: BackLineState, why: Trouble, turn: Turn) -> BackLineState:
    """*line*, of which surely nothing was touched, and the server is not told: it may be somebody else's number."""
    if line.key is not None:
        key = line.key
        line = write(
            line,
            turn,
            SecureFailed(key, turn.wall, (), why.value, _strip_of(line)),
            Answered(key, turn.wall, Refused(Reason.NOT_DONE)),
            Settled(key, turn.wall, Settlement.NOT_DONE),
        )
        turn.do(GiveUp(key))
        line = replace(line, is_over=True)
    return not_taken(line, why, turn)


def not_taken(line: BackLineState, why: Trouble, turn: Turn) -> BackLineState:
    """*line*, which is not given back, and why; it may be tried again."""
    turn.play(Sound.REFUSED)
    return replace(line, status=BackStatus.NOT_TAKEN, since=turn.seconds, why=why, attempt=None, strip=None)


def routed(
    line: BackLineState, route: Route, settings: SessionSettings, answer: Granted | None = None
) -> BackLineState:
    """*line* with *route*, and the bin for it; *answer* where the server itself may sort."""
    code = "" if answer is None or answer.back is None else answer.back.sort_bin
    return replace(line, route=route, bin=bin_for(route, code, settings.sorting))


def days_overdue(settings: SessionSettings, due: Due | None, at: datetime) -> int:
    """By how many days of the library's calendar *at* is later than *due*; 0 where that is not known."""
    if due is None or due.day is None:
        return 0
    return max(0, (at.astimezone(settings.zone).date() - due.day).days)
