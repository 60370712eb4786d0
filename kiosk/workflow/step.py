"""The session's one function: what an event makes of the state, and what is to be done about it.

`step` first does what the event says, then what follows from where the session stands: whatever waits is started,
whatever waited too long is given up, whatever is done is closed.  An event that means nothing in a phase changes
nothing there; that is named in the `match`, not left to chance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.workflow import borrow, closing, identify, lines, patience, release, starting, touches
from kiosk.workflow.effects import Effect, ShowOnPad
from kiosk.workflow.events import (
    CardCame,
    CardLeft,
    CardNotRead,
    Carried,
    Chosen,
    DeviceDown,
    DeviceUp,
    Event,
    Happened,
    JournalFailed,
    LeftToStaff,
    NotTold,
    NumberEntered,
    PadRead,
    PinEntered,
    RoomChanged,
    Scanned,
    ServerCame,
    ServerWent,
    SlipNotPrinted,
    SlipPrinted,
    SnapshotCame,
    TagsNotReleased,
    TagsReleased,
    TagsSecured,
    Tick,
    Told,
    ToldHere,
    Touched,
)
from kiosk.workflow.pad import free_tags, survey
from kiosk.workflow.padlight import signal_for
from kiosk.workflow.state import (
    Broken,
    Identifying,
    LineState,
    PadState,
    Serving,
    Session,
    Starting,
    State,
    with_line,
)
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Outage, Refusal, Status
from sync.entries import Answer, EntryKey, Silence
from sync.questions import ItemFacts


def step(state: State, happened: Happened) -> tuple[State, tuple[Effect, ...]]:
    """*state* after *happened*, and the effects in the order in which they are to be done."""
    state = replace(state, now=happened.at)
    if isinstance(state.phase, Broken):
        return state, ()
    turn = Turn(state, happened)
    before = signal_for(state)
    state = _apply(state, happened.event, turn)
    state = _follow_up(state, turn)
    after = signal_for(state)
    if after is not before and state.settings.has_pad:
        turn.do(ShowOnPad(after))
    return state, turn.effects


def _apply(state: State, event: Event, turn: Turn) -> State:
    match event:
        case Chosen(choice):
            return touches.chosen(touches.active(state, turn), choice, turn)
        case NumberEntered(number):
            return touches.number_entered(touches.active(state, turn), number, turn)
        case PinEntered(pin):
            return touches.pin_entered(touches.active(state, turn), pin, turn)
        case Touched():
            return touches.active(state, turn)
        case Scanned(scan):
            return touches.scanned(touches.active(state, turn), scan, turn)
        case CardCame(number):
            return touches.card_came(touches.active(state, turn), number, turn)
        case CardNotRead():
            return touches.card_not_read(touches.active(state, turn), turn)
        case CardLeft() | Tick():
            return state
        case PadRead():
            return _pad_read(state, event, turn)
        case TagsReleased() | TagsNotReleased() | TagsSecured():
            return _tags_done(state, event, turn)
        case Carried(key, answer):
            return _carried(state, key, answer, turn)
        case LeftToStaff(key):
            return _no_longer_open(state, key)
        case Told():
            return _told(state, event, turn)
        case NotTold(token):
            return _not_told(state, token, turn)
        case DeviceDown(device):
            return state if device in state.down else replace(state, down=(*state.down, device))
        case DeviceUp(device):
            return replace(state, down=tuple(known for known in state.down if known is not device))
        case ToldHere() | SlipPrinted() | SlipNotPrinted():
            return state
        case SnapshotCame(made_at):
            return replace(state, snapshot_made_at=made_at)
        case RoomChanged(is_low):
            return replace(state, is_room_low=is_low)
        case ServerCame(is_current):
            return replace(state, is_server_away=False, is_server_current=is_current)
        case ServerWent():
            return replace(state, is_server_away=True, is_server_current=False)
        case JournalFailed():
            return replace(state, phase=Broken(Outage.JOURNAL), warned_at=None)
        case _:
            assert_never(event)


def _pad_read(state: State, event: PadRead, turn: Turn) -> State:
    """A reading counts once it was the same *stable_readings* times; until then it may be a tag at the field's edge."""
    if event.readings < state.settings.stable_readings:
        return state
    present = [tag.uid for tag in event.tags]
    quarantined = tuple(uid for uid in state.pad.quarantined if uid in present)
    new = tuple(uid for uid in present if uid not in state.pad.seen)
    if new:
        state = touches.active(state, turn)
    seen = state.pad.seen + new if isinstance(state.phase, Serving) else tuple(present)
    state = replace(state, pad=PadState(event.tags, event.readings, quarantined, seen))
    match state.phase:
        case Starting():
            return starting.pad_read(state, state.phase, turn)
        case Serving(session):
            return _follow_pad(state, session, turn)
        case _:
            return state


def _follow_pad(state: State, session: Session, turn: Turn) -> State:
    found, odd = survey(free_tags(state.pad), state.settings.owners)
    if session.is_ending:
        session = lines.follow_put_back(session, found, turn)
    else:
        session = lines.follow_pad(session, found, odd, state.settings, turn)
    return replace(state, phase=Serving(session))


def _tags_done(state: State, event: TagsReleased | TagsNotReleased | TagsSecured, turn: Turn) -> State:
    if isinstance(state.phase, Starting) and any(entry.key == event.key for entry in state.phase.pending):
        match event:
            case TagsReleased():
                return starting.released(state, state.phase, event, turn)
            case TagsNotReleased():
                return starting.not_released(state, state.phase, event, turn)
            case TagsSecured():
                return state
    found = _line_of(state, event.key)
    if found is None:
        return state
    session, line = found
    match event:
        case TagsReleased() if line.status is Status.RELEASING:
            line = release.released(line, event, turn)
        case TagsNotReleased() if line.status is Status.RELEASING:
            line = release.not_released(line, event, state.settings.release_tries_max, turn)
        case TagsSecured() if line.status is Status.UNDOING and line.undo is None:
            line = release.secured(line, event, session.patron, turn)
        case _:
            return state
    return replace(state, phase=Serving(with_line(session, line)))


def _carried(state: State, key: EntryKey, answer: Answer, turn: Turn) -> State:
    if not isinstance(answer, Silence):
        state = _no_longer_open(state, key)
    found = _line_of(state, key)
    if found is None:
        return state
    session, line = found
    if not isinstance(answer, Silence):
        session = replace(session, heard_at=turn.seconds)
    match line.status:
        case Status.ASKING:
            state, line = borrow.answered_lend(state, line, key, answer, turn)
        case Status.RENEWING:
            state, line = borrow.answered_renew(state, line, key, answer, turn)
        case Status.UNDOING if line.undo == key and line.key is not None:
            state, line = release.answered_undo(state, line, key, line.key, answer, turn)
        case _:
            return state
    return replace(state, phase=Serving(with_line(session, line)))


def _no_longer_open(state: State, key: EntryKey) -> State:
    return replace(state, given_up=tuple(given for given in state.given_up if given[0] != key))


def _line_of(state: State, key: EntryKey) -> tuple[Session, LineState] | None:
    if isinstance(state.phase, Serving):
        for line in state.phase.session.lines:
            if key in (line.key, line.undo):
                return state.phase.session, line
    return None


def _told(state: State, event: Told, turn: Turn) -> State:
    match state.phase:
        case Identifying(_, token) if token == event.token:
            # What lies on the pad is taken from its next reading: the last one may be older than the patron.
            return identify.told(state, state.phase, event.facts, turn)
        case Serving(session):
            facts = event.facts if isinstance(event.facts, ItemFacts) else None
            learnt = lines.learn_about_item(session, event.token, facts, state.settings)
            return replace(state, phase=Serving(learnt))
        case _:
            return state


def _not_told(state: State, token: int, turn: Turn) -> State:
    match state.phase:
        case Identifying(_, asked) if asked == token:
            return identify.turn_away(state, (Refusal.SERVER_AWAY,), turn)
        case Serving(session):
            return replace(state, phase=Serving(lines.learn_about_item(session, token, None, state.settings)))
        case _:
            return state


def _follow_up(state: State, turn: Turn) -> State:
    """*state* after everything that follows from it has been set going."""
    state = patience.time_passed(state, turn)
    if isinstance(state.phase, Serving):
        session = borrow.start_waiting(state, state.phase.session, turn)
        session, token = lines.ask_about_items(session, state.token, turn)
        state = closing.close_when_done(replace(state, token=token), session, turn)
    return state
