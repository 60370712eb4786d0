"""Magnetic strips: which items have one, when its turn comes, and why it stays as it is.

A strip has no identity, so at most one item is *in process*: from its asking on until its line has ended, everything
the unit senses is taken for it.  All others that need the unit wait.

    WAITING --unit free, asked for--> ASKING --granted, interlocks, its tags--> STRIP_WANTED --treated--> LENT
       `--unit away--> NOT_LENT               `--an interlock--> LENT_STAYS_SECURED, tags and strip untouched

What unit and reader do in STRIP_WANTED is in `strip_unit.py`, what follows in `strip_orders.py`, how it can end in
`release.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from drivers.em import Deed
from kiosk.workflow.events import Device
from kiosk.workflow.line import UNDER_WAY, LineState, StripWork
from kiosk.workflow.settings import SessionSettings, Strips
from kiosk.workflow.state import NOBODYS, Session, State, with_line
from kiosk.workflow.turn import Turn
from kiosk.workflow.two_phase import End
from kiosk.workflow.view import Status, StripStep, Trouble
from sync.entries import Granted, ItemId, Strip
from sync.rules.strips import Interlock, StripFacts, interlock

_IN_PROCESS = (*UNDER_WAY, Status.UNDOING)
_HELD_BACK: Mapping[Interlock, Trouble] = {
    Interlock.MAGNETIC_MEDIA: Trouble.STRIP_MAGNETIC_MEDIA,
    Interlock.MEDIA_UNKNOWN: Trouble.STRIP_MEDIA_UNKNOWN,
    Interlock.PERMANENT: Trouble.STRIP_PERMANENT,
}

STANDS = (
    Trouble.STRIP_SECOND_ITEM,
    Trouble.STRIP_NOT_USED_IN_TIME,
    Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK,
    *_HELD_BACK.values(),
)
"""Why a strip is not treated any more although the loan stands; everything else takes the loan back."""


def has_strip(settings: SessionSettings, line: LineState) -> bool:
    """Whether the item of *line* has a strip to be desensitised, by the library's word and the tags it shows."""
    return is_stripped(settings, has_tags=bool(line.uids))


def is_stripped(settings: SessionSettings, *, has_tags: bool) -> bool:
    """Whether an item has a strip, by the library's word and whether it *has_tags*."""
    match settings.strips:
        case Strips.NONE:
            return False
        case Strips.UNTAGGED:
            return not has_tags
        case Strips.ALL:
            return True


def in_process(session: Session) -> LineState | None:
    """The one line whose item the strip unit is for now."""
    for line in session.lines:
        if line.strip is not None and line.status in _IN_PROCESS:
            return line
    return None


def is_unit_away(state: State, session: Session) -> bool:
    """Whether nothing may be asked for that needs the unit: it is down, or owes an answer to a line that ended."""
    line, order = in_process(session), state.strip_unit.order
    return Device.STRIP_UNIT in state.down or (order is not None and (line is None or line.key != order))


def work_of(line: LineState) -> StripWork:
    """How far *line* is with its strip."""
    return line.strip or StripWork()


def with_work(line: LineState, work: StripWork) -> LineState:
    """*line* as far as *work* with its strip."""
    return replace(line, strip=work)


def with_stop(line: LineState, why: Trouble) -> LineState:
    """*line* whose strip is not to be treated any more because of *why*, unless something speaks against it already."""
    work = work_of(line)
    return line if work.why is not None else with_work(line, replace(work, why=why))


def opened(state: State, line: LineState) -> tuple[State, LineState]:
    """*state* and *line* with its item in process; what lies on the unit unclaimed is taken for that item."""
    unit = state.strip_unit
    if line.strip is not None:
        return state, line
    if not unit.is_occupied or unit.of not in (None, line.id):
        return state, replace(line, strip=StripWork())
    return replace(state, strip_unit=replace(unit, of=line.id)), replace(line, strip=StripWork(sensed=1))


def held_back(
    line: LineState, release: bool, magnetic: bool | None, *, is_server_word: bool
) -> Trouble | None:
    """What keeps strip and tags of *line* as they are although it is lent; None also where it has no strip."""
    if line.strip is None:
        return None
    magnetic = True if line.holds_magnetic else magnetic
    found = interlock(StripFacts(release, magnetic, line.media_formats, is_server_word))
    return None if found is None else _HELD_BACK[found]


def held_back_since(line: LineState) -> Trouble | None:
    """What the server said too late to keep the strip's turn from coming: that it is not to be treated."""
    granted = line.granted
    if line.strip is not None and line.holds_magnetic:
        return Trouble.STRIP_MAGNETIC_MEDIA
    if line.promised is None or not isinstance(granted, Granted):
        return None
    return held_back(line, granted.release, granted.magnetic, is_server_word=True)


def as_before(line: LineState) -> Strip | None:
    """The strip of *line* before it is treated, as the journal has it: nobody has read it yet."""
    return None if line.strip is None else Strip.UNVERIFIED


def wanted(line: LineState, deed: Deed, turn: Turn) -> LineState:
    """*line* with its strip's turn come: from here on reader and unit are asked for it."""
    work = line.strip or StripWork()
    pulses = work.pulses if deed is work.deed else 0
    work = replace(work, deed=deed, pulses=pulses, is_ready=False, is_over=False, left_at=None, lost_at=None)
    return replace(line, status=Status.STRIP_WANTED, since=turn.seconds, why=None, strip=work)


def step_of(state: State, line: LineState) -> StripStep:
    """What has to be done next with the item of *line*, which is wanted at the unit."""
    unit, work = state.strip_unit, line.strip
    is_there = unit.is_occupied and unit.of == line.id
    if unit.is_occupied and not is_there:
        return StripStep.TAKE_AWAY
    if work is None or work.deed is Deed.SENSITISE:
        return StripStep.SENSITISE
    if work.sensed > 0 and not (is_there and state.settings.strip_unit_treats_lying):
        return StripStep.SCAN_AGAIN
    return StripStep.AGAIN if work.pulses else StripStep.DESENSITISE


def is_alone(state: State, line: LineState) -> bool:
    """Whether what lies on the unit, or comes to it next, is the one item sensed since the scan."""
    match step_of(state, line):
        case StripStep.DESENSITISE | StripStep.AGAIN:
            return work_of(line).sensed < 2
        case step:
            return step is StripStep.SENSITISE


def last_word(line: LineState, end: End) -> Trouble | None:
    """What a reader is told of the strip when the release of *line* came to *end*; None where that says all."""
    if line.strip is None:
        return None
    match end:
        case End.DONE:
            return Trouble.STRIP_NOT_CHECKED if line.strip.found is Strip.UNVERIFIED else None
        case End.UNVERIFIED:
            return line.strip.why if line.strip.why in STANDS else None
        case End.COMPENSATED:
            return None if line.strip.why in STANDS else line.strip.why
        case _:
            return None


def as_found(line: LineState) -> Strip | None:
    """The strip of *line* as it was found in the end, as the journal has it."""
    return None if line.strip is None else line.strip.found or Strip.UNVERIFIED


def claimed(state: State, item: ItemId) -> State:
    """*state* after *item* was scanned: what lies on the unit unclaimed is that item, whatever becomes of its line.

    A tape that is scanned where it lies, and is not asked for, must not be taken for the item that is scanned next.
    """
    unit = state.strip_unit
    if not unit.is_occupied or unit.of is not None:
        return state
    return replace(state, strip_unit=replace(unit, of=item))


def left_unclaimed(state: State) -> State:
    """*state* in which what lies on the strip unit has to go before anything counts there again."""
    unit = state.strip_unit
    return replace(state, strip_unit=replace(unit, of=NOBODYS)) if unit.is_occupied else state


def scanned_again(state: State, session: Session, item: ItemId, turn: Turn) -> Session:
    """*session* after *item*, in process, was scanned once more: what was sensed before that counts no more."""
    line = in_process(session)
    if line is None or line.strip is None or line.id != item or state.strip_unit.order is not None:
        return session
    is_there = state.strip_unit.is_occupied and state.strip_unit.of == line.id
    since = turn.seconds if line.status is Status.STRIP_WANTED else line.since
    return with_line(session, replace(line, since=since, strip=replace(line.strip, sensed=int(is_there))))


def stopped(session: Session, why: Trouble) -> Session:
    """*session* whose untagged item in process is not to be treated, and not to be lent: what the pad saw speaks so.

    A tagged item is known by its own tag, whatever else comes to lie there.
    """
    line = in_process(session)
    if line is None or line.uids or line.strip is None or line.strip.why is not None:
        return session
    if line.status is not Status.ASKING and line.strip.deed is not Deed.DESENSITISE:
        return session
    return with_line(session, with_stop(line, why))
