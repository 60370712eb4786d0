"""Slips for the gate: what goes with an item whose tag does not say what its loan says.

A slip is asked for once and nothing waits for it: the reference stands on the screen too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from kiosk.workflow.back_line import BackLineState
from kiosk.workflow.effects import PrintSlip
from kiosk.workflow.events import Device
from kiosk.workflow.line import LineState
from kiosk.workflow.slips import Slip
from kiosk.workflow.state import BackSumming, Returning, Serving, Session, State, Summing, with_line
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import SlipState, Trouble

AnyLine = TypeVar("AnyLine", LineState, BackLineState)

FOR_THE_DESK = (
    Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK,
    Trouble.RELEASE_FAILED_ASK_STAFF,
    Trouble.NOT_SECURED_LOAN_UNDONE,
    Trouble.STRIP_SECOND_ITEM,
    Trouble.STRIP_NOT_USED_IN_TIME,
    Trouble.STRIP_NOT_CHECKED,
    Trouble.STRIP_MAGNETIC_MEDIA,
    Trouble.STRIP_MEDIA_UNKNOWN,
    Trouble.STRIP_PERMANENT,
)
"""What staff, at the desk or at the gate, have to look at: each such line has a reference, and a slip where there is a
printer."""


def give_references(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* with a reference, and a slip on its way, for every line that somebody has to look at."""
    for line in session.lines:
        if line.why in FOR_THE_DESK and not line.reference and line.key is not None:
            line = replace(line, reference=line.key.reference)
            if state.settings.has_printer:
                state, line = _print(state, line, turn)
            session = with_line(session, line)
    return state, session


def _print(state: State, line: LineState, turn: Turn) -> tuple[State, LineState]:
    if Device.PRINTER in state.down:
        return state, replace(line, slip=SlipState.NOT_PRINTED)
    if line.item is None or not isinstance(line.why, Trouble):
        return state, line
    token = state.token + 1
    slip = Slip(
        reference=line.reference,
        item=line.item,
        why=line.why,
        at=turn.wall,
        language=state.language,
        library=state.settings.library,
        title=line.title,
        due=line.due,
        is_provisional=line.is_provisional,
    )
    turn.do(PrintSlip(token, slip))
    return replace(state, token=token), replace(line, slip=SlipState.PRINTING, token_slip=token)


def printed(state: State, token: int, came: SlipState) -> State:
    """*state* after slip *token* came out, or did not; one of a session that is gone is nobody's any more."""
    match state.phase:
        case Serving(session):
            return replace(state, phase=Serving(replace(session, lines=_told(session.lines, token, came))))
        case Summing(lines):
            return replace(state, phase=replace(state.phase, lines=_told(lines, token, came)))
        case Returning(batch):
            return replace(state, phase=Returning(replace(batch, lines=_told(batch.lines, token, came))))
        case BackSumming(lines):
            return replace(state, phase=replace(state.phase, lines=_told(lines, token, came)))
        case _:
            return state


def _told(lines: tuple[AnyLine, ...], token: int, came: SlipState) -> tuple[AnyLine, ...]:
    return tuple(
        replace(line, slip=came) if line.slip is not None and line.token_slip == token else line
        for line in lines
    )
