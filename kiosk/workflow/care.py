"""A book needs care: whoever has it in hand marks what is wrong with it, and is thanked.

It belongs to no session: whoever gives something back may say so too, and nobody's name is written down.  What was said
is an entry like any other, told to the server whenever it is there; nobody waits for its answer.  What costs money is
settled by staff, never here.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow import view
from kiosk.workflow.account_state import CareMark
from kiosk.workflow.effects import Sound
from kiosk.workflow.settings import Service
from kiosk.workflow.state import State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Choice, MarkCare
from sync.entries import Flaw, ItemId, ReportCare

FLAWS = (
    Flaw.BARCODE_MISSING,
    Flaw.BARCODE_UNREADABLE,
    Flaw.LOOSE_PAGES,
    Flaw.WRITTEN_IN,
    Flaw.DAMAGED,
    Flaw.PART_MISSING,
)
"""What a reader can see; that tag and label disagree is for staff."""

THANKS_SECONDS = 8


def may_mark(state: State, item: ItemId | None) -> bool:
    """Whether it can be said of *item* now that it needs care: once in a session, and not on a disk nearly full."""
    is_on = Service.CARE in state.settings.services and not state.is_room_low
    return is_on and item is not None and item not in state.cared_for


def choices(state: State, item: ItemId | None) -> tuple[Choice, ...]:
    """What the line of *item* offers."""
    return (Choice(f"care:{item}"),) if may_mark(state, item) else ()


def begin(state: State, item: ItemId | None, title: str = "") -> State:
    """*state* in which somebody marks what is wrong with *item*; where it may not be marked, as it was."""
    if item is None or not may_mark(state, item) or state.care is not None:
        return state
    return replace(state, care=CareMark(item, title))


def chosen(state: State, name: str, argument: str, turn: Turn) -> State:
    """*state* after the reader chose *name* with *argument* on the page of what is wrong; "yes" counts once."""
    mark = state.care
    if mark is None:
        return state
    match name:
        case "flaw" if not mark.is_reported:
            return replace(state, care=replace(mark, flaws=_toggled(mark.flaws, argument)))
        case view.YES if mark.flaws and not mark.is_reported:
            return _reported(state, mark, turn)
        case view.CANCEL if not mark.is_reported:
            return replace(state, care=None)
        case view.DONE if mark.is_reported:
            return replace(state, care=None)
        case _:
            return state


def _toggled(flaws: tuple[Flaw, ...], name: str) -> tuple[Flaw, ...]:
    return tuple(flaw for flaw in FLAWS if (flaw in flaws) is not (flaw.value == name))


def _reported(state: State, mark: CareMark, turn: Turn) -> State:
    if not may_mark(state, mark.item):
        turn.play(Sound.REFUSED)
        return replace(state, care=None)
    turn.promise(ReportCare(mark.item, mark.flaws, turn.wall))
    turn.play(Sound.DONE)
    thanks = replace(mark, is_reported=True, until=turn.seconds + THANKS_SECONDS)
    return replace(state, care=thanks, cared_for=(*state.cared_for, mark.item))


def time_passed(state: State, turn: Turn) -> State:
    """*state* after the thanks were there to be read."""
    is_over = state.care is not None and state.care.is_reported and turn.seconds >= state.care.until
    return replace(state, care=None) if is_over else state


def due(state: State) -> list[float]:
    """When the thanks go."""
    return [state.care.until] if state.care is not None and state.care.is_reported else []


def forgotten(state: State) -> State:
    """*state* after whoever was there is gone."""
    return replace(state, care=None, cared_for=())


def view_of(state: State) -> MarkCare | None:
    """The page of what is wrong with an item; None where nobody is at it."""
    mark = state.care
    if mark is None:
        return None
    if mark.is_reported:
        return MarkCare(mark.item, mark.title, mark.flaws, True, (Choice(view.DONE),))
    flaws = tuple(Choice(f"flaw:{flaw.value}") for flaw in FLAWS)
    ends = (Choice(view.YES, bool(mark.flaws)), Choice(view.CANCEL))
    return MarkCare(mark.item, mark.title, mark.flaws, choices=(*flaws, *ends))
