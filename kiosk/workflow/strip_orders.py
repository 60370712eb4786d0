"""What is ordered of the strip unit, and when its item is not waited for any longer.

The unit is told to treat a strip only while exactly one item was sensed since the scan, nothing speaks against it and
nobody else's item lies there; each order is answered before the next.  Whatever happens only changes what is known
(`strip_unit.py`, `chosen`); `follow_up` then orders, leaves or ends, so that no order of events can forget a rule:

| why it is not treated (any longer) | it ends |
|---|---|
| a second item was sensed, time ran out, the reader said no, the server forbade it late | unverified (1) |
| the promised loan was refused | as it was before |
| a tag says that this is another item | as it was before, the loan undone |

(1) Of an item with tags and a strip that is surely still active the tags are secured first; where they are read back as
secured, neither is released, and the loan is undone.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.em import Deed
from kiosk.workflow import release, strips, view
from kiosk.workflow.effects import LeaveStrip, TreatStrip
from kiosk.workflow.events import Device
from kiosk.workflow.line import LineState
from kiosk.workflow.state import Session, State, with_line
from kiosk.workflow.strips import with_work, work_of
from kiosk.workflow.turn import Turn
from kiosk.workflow.two_phase import Sign
from kiosk.workflow.view import Status, Trouble
from sync.entries import Strip

SECOND_ITEM = "second-item"
"""The word of a `StripSpoilt` for more than one item."""
RETRY_SECONDS = 1.0
"""How long a unit that was not there is left alone before it is told again."""
LEAVE_SECONDS_MAX = 10
"""How long the answer to a `LeaveStrip` is waited for; then nobody can tell what the unit did."""


def follow_up(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after what follows: the unit is told to treat, or to leave, or is waited for no longer."""
    line = strips.in_process(session)
    if line is None or line.strip is None or line.status is not Status.STRIP_WANTED:
        return state, session
    line = _with_time(state, session, line, turn)
    why = _why_not(state, line)
    if state.strip_unit.order is not None:
        state, line = _ordered(state, session, line, why, turn)
    elif why is not None:
        state, line = concluded(state, session, line, why, turn)
        # What has to be restored is asked for at once.
        return follow_up(state, with_line(session, line), turn)
    elif _may_order(state, line, turn):
        state, line = _order(state, line, turn)
    return state, with_line(session, line)


def _with_time(state: State, session: Session, line: LineState, turn: Turn) -> LineState:
    """*line* with its time measured: it stands still while the reader is asked for something else."""
    if work_of(line).is_over:
        return line
    if any(other.status is Status.PUT_BACK for other in session.lines):
        return replace(line, since=turn.seconds)
    is_over = turn.seconds - line.since >= state.settings.strip_seconds
    return with_work(line, replace(work_of(line), is_over=True)) if is_over else line


def _why_not(state: State, line: LineState) -> Trouble | None:
    """Why the strip of *line* is not to be treated, or not waited for any longer."""
    work = work_of(line)
    is_over = Trouble.STRIP_NOT_USED_IN_TIME if work.is_over else None
    if work.deed is Deed.SENSITISE:
        return is_over
    if line.refused is not None:
        return Trouble.RELEASE_FAILED_LOAN_UNDONE
    second = Trouble.STRIP_SECOND_ITEM if work.sensed > 1 else None
    return work.why or strips.held_back_since(line) or second or is_over


def _ordered(
    state: State, session: Session, line: LineState, why: Trouble | None, turn: Turn
) -> tuple[State, LineState]:
    """*state* and *line* while the unit owes an answer: it is told to leave what must not be treated any more."""
    left_at = work_of(line).left_at
    if left_at is not None:
        is_silent = turn.seconds - left_at >= LEAVE_SECONDS_MAX
        return spoilt(state, session, line, "no-answer", turn) if is_silent else (state, line)
    if (why is None and strips.is_alone(state, line)) or line.key is None:
        return state, line
    turn.do(LeaveStrip(line.key))
    return state, with_work(line, replace(work_of(line), left_at=turn.seconds))


def _may_order(state: State, line: LineState, turn: Turn) -> bool:
    work = work_of(line)
    if Device.STRIP_UNIT in state.down or not strips.is_alone(state, line):
        return False
    rests = work.lost_at is not None and turn.seconds - work.lost_at < RETRY_SECONDS
    return not rests and (state.settings.strip_unit_senses or work.is_ready)


def _order(state: State, line: LineState, turn: Turn) -> tuple[State, LineState]:
    work = work_of(line)
    if line.key is None or work.deed is None:
        return state, line
    turn.do(TreatStrip(line.key, work.deed))
    return replace(state, strip_unit=replace(state.strip_unit, order=line.key)), line


def chosen(state: State, session: Session, line: LineState, choice: str) -> Session:
    """*session* after the reader chose something while *line* is wanted at the unit."""
    match choice:
        case view.NO:
            return with_line(session, with_work(line, replace(work_of(line), is_over=True)))
        case view.STRIP_READY if may_be_ready(state, line):
            return with_line(session, with_work(line, replace(work_of(line), is_ready=True)))
        case _:
            return session


def may_be_ready(state: State, line: LineState) -> bool:
    """Whether the reader may say that the item of *line* lies on the unit, which cannot sense it."""
    is_free = state.strip_unit.order is None and Device.STRIP_UNIT not in state.down
    return not state.settings.strip_unit_senses and is_free


def is_working(state: State, line: LineState) -> bool:
    """Whether the unit is at the item of *line*: it lies there, and the unit was told."""
    unit, work = state.strip_unit, work_of(line)
    lies_there = unit.is_occupied and unit.of == line.id and state.settings.strip_unit_treats_lying
    is_there = work.is_ready or lies_there
    return unit.order == line.key and (is_there or work.left_at is not None)


def concluded(
    state: State, session: Session, line: LineState, why: Trouble, turn: Turn
) -> tuple[State, LineState]:
    """*state* and *line* after it is clear that the strip will not be treated any more, because of *why*."""
    work = work_of(line)
    is_own = work.deed is Deed.SENSITISE and work.why is not None
    line = with_work(
        line, replace(work_of(line), why=work.why if is_own else why, word=work.word or why.value)
    )
    if work.deed is Deed.SENSITISE:
        return release.went(state, session, line, Sign.NOT_RESTORED, (), turn)
    # Both or neither: tags are not left open beside a strip that is surely still active.
    is_half = bool(line.uids) and work.is_as_before
    if line.refused is not None or why not in strips.STANDS or is_half:
        return release.went(state, session, line, Sign.REFUSED, (), turn, tries_max=0)
    return release.went(state, session, line, Sign.LEFT, (), turn)


def spoilt(state: State, session: Session, line: LineState, word: str, turn: Turn) -> tuple[State, LineState]:
    """Nobody can tell what became of the strip: it is never treated as if somebody could."""
    is_second = word == SECOND_ITEM
    why = Trouble.STRIP_SECOND_ITEM if is_second else Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK
    line = with_work(line, replace(work_of(line), found=Strip.UNVERIFIED, word=word))
    if work_of(line).deed is Deed.SENSITISE:
        return release.went(state, session, line, Sign.NOT_RESTORED, (), turn)
    return concluded(state, session, line, why, turn)
