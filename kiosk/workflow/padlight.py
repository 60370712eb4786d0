"""What the pad's own lamp says of a state."""

from __future__ import annotations

from drivers.rfid import PadSignal
from kiosk.workflow.back_line import is_under_way
from kiosk.workflow.line import BUSY
from kiosk.workflow.state import BackSumming, Returning, Serving, State, Summing
from kiosk.workflow.view import BackStatus, Status


def signal_for(state: State) -> PadSignal:
    """READY when nothing is under way, WORKING while it is, ATTENTION when a book is asked back, DONE at the end."""
    match state.phase:
        case Serving(session):
            statuses = [line.status for line in session.lines]
            if Status.PUT_BACK in statuses:
                return PadSignal.ATTENTION
            if any(status in BUSY for status in statuses):
                return PadSignal.WORKING
            return PadSignal.READY
        case Returning(batch):
            if any(line.status is BackStatus.PUT_BACK for line in batch.lines):
                return PadSignal.ATTENTION
            return PadSignal.WORKING if any(is_under_way(line) for line in batch.lines) else PadSignal.READY
        case Summing() | BackSumming():
            return PadSignal.DONE
        case _:
            return PadSignal.READY
