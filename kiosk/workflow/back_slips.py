"""Slips that go into items that were given back: for whom one is held, where it is on its way to.

A slip is asked for once, as soon as its route is known, and nothing waits for it.  What staff have to look at has a
reference, which they find its case by.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow.back_line import BackLineState, Batch, with_back
from kiosk.workflow.effects import PrintSlip
from kiosk.workflow.events import Device
from kiosk.workflow.slips import RoutingSlip
from kiosk.workflow.state import State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import BackStatus, SlipState
from sync.entries import Granted, ItemId, TakenBack
from sync.rules.sorting import Route

WITH_SLIP = (Route.HOLD_HERE, Route.HOLD_ELSEWHERE, Route.OTHER_BRANCH)
"""The routes on which an item carries a slip."""


def print_slips(state: State, batch: Batch, turn: Turn) -> tuple[State, Batch]:
    """*state* and *batch* with a reference for what staff look at, and a slip for what goes to somebody else."""
    for line in batch.lines:
        if line.key is not None and not line.reference and _is_for_staff(line):
            line = replace(line, reference=line.key.reference)
            batch = with_back(batch, line)
        back = line.answer.back if isinstance(line.answer, Granted) else None
        if line.route not in WITH_SLIP or back is None or line.item is None or line.slip is not None:
            continue
        if state.settings.has_printer:
            state, line = _print(state, line, line.item, line.route, back, turn)
            batch = with_back(batch, line)
    return state, batch


def _is_for_staff(line: BackLineState) -> bool:
    has_case = line.entry is not None and line.entry.has_open_case
    return has_case or line.status is BackStatus.BACK_TO_STAFF


def _print(
    state: State, line: BackLineState, item: ItemId, route: Route, back: TakenBack, turn: Turn
) -> tuple[State, BackLineState]:
    if Device.PRINTER in state.down:
        return state, replace(line, slip=SlipState.NOT_PRINTED)
    token = state.token + 1
    slip = RoutingSlip(
        reference=line.key.reference if line.key is not None else "",
        item=item,
        route=route,
        at=turn.wall,
        language=state.language,
        library=state.settings.library,
        title=line.title,
        destination=back.destination,
        location=back.location or back.home,
        hold=back.hold_patron.mask() if back.hold_patron is not None else "",
        bin=line.bin,
    )
    turn.do(PrintSlip(token, slip))
    return replace(state, token=token), replace(line, slip=SlipState.PRINTING, token_slip=token)
