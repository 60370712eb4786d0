"""The session's one function: what an event makes of the state, and what is to be done about it.

`step` first does what the event says, then what follows from where the session stands: whatever waits is started,
whatever waited too long is given up, whatever is done is closed.  An event that means nothing in a phase changes
nothing there; that is named in the `match`, not left to chance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.workflow import (
    account,
    answers,
    back_strip,
    borrow,
    closing,
    drop,
    drop_reading,
    give_back,
    lines,
    patience,
    payments,
    printing,
    provisional,
    receipt_making,
    starting,
    strip_orders,
    strip_unit,
    touches,
)
from kiosk.workflow.account_state import Page
from kiosk.workflow.effects import Effect, LeaveStrip, ShowOnPad
from kiosk.workflow.events import (
    CardCame,
    CardLeft,
    CardNotRead,
    Carried,
    Chosen,
    Device,
    DeviceDown,
    DeviceUp,
    DropCame,
    DropEmptied,
    DropFull,
    DropPassed,
    DropStuck,
    Event,
    Happened,
    JournalFailed,
    LeftOpen,
    LeftToStaff,
    NotTold,
    NumberEntered,
    PadRead,
    PaymentGivenBack,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentReady,
    PaymentStepped,
    PaymentTaken,
    PaymentUnclear,
    PinEntered,
    RoomChanged,
    Scanned,
    ServerCame,
    ServerWent,
    SlipNotPrinted,
    SlipPrinted,
    SnapshotCame,
    StripLifted,
    StripNotTreated,
    StripSensed,
    StripSpoilt,
    StripTreated,
    TagsNotReleased,
    TagsReleased,
    TagsRestored,
    TagsSecured,
    Tick,
    Told,
    ToldHere,
    Touched,
)
from kiosk.workflow.pad import free_tags, survey
from kiosk.workflow.padlight import signal_for
from kiosk.workflow.state import Broken, PadState, Returning, Serving, Session, Starting, State
from kiosk.workflow.turn import Turn, left_open
from kiosk.workflow.view import Outage, SlipState


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
        case TagsReleased() | TagsNotReleased() | TagsSecured() | TagsRestored():
            return answers.tags_done(state, event, turn)
        case DropCame():
            return drop.told(touches.active(state, turn), event, turn)
        case DropEmptied() | DropPassed() | DropStuck() | DropFull():
            return drop.told(state, event, turn)
        case StripSensed() | StripLifted():
            return _strip_told(touches.active(state, turn), event, turn)
        case StripTreated() | StripNotTreated() | StripSpoilt():
            return _strip_told(state, event, turn)
        case Carried(key, answer, is_found):
            return answers.carried(state, key, answer, turn, is_found=is_found)
        case LeftOpen(key, item):
            return left_open(state, item, key)
        case LeftToStaff(key):
            return answers.left_to_staff(state, key, turn)
        case Told(token, facts):
            return answers.told(state, token, facts, turn)
        case ToldHere(token, facts):
            return answers.told_here(state, token, facts, turn)
        case NotTold(token):
            return answers.not_told(state, token, turn)
        case SlipPrinted(token):
            return _printed(state, token, SlipState.PRINTED)
        case SlipNotPrinted(token):
            return _printed(state, token, SlipState.NOT_PRINTED)
        case PaymentReady() | PaymentStepped() | PaymentTaken() | PaymentNotTaken() | PaymentUnclear():
            return payments.told(state, event, turn)
        case PaymentGivenBack() | PaymentNotGivenBack():
            return payments.told(state, event, turn)
        case DeviceDown(device):
            return _device_went(state, device, turn)
        case DeviceUp(device):
            down = tuple(known for known in state.down if known is not device)
            return payments.device_came(replace(state, down=down), device)
        case SnapshotCame(made_at):
            return replace(state, snapshot_made_at=made_at)
        case RoomChanged(is_low):
            return replace(state, is_room_low=is_low)
        case ServerCame(is_current):
            return replace(state, is_server_away=False, is_server_current=is_current)
        case ServerWent():
            return _server_went(replace(state, is_server_away=True, is_server_current=False), turn)
        case JournalFailed():
            if state.strip_unit.order is not None:
                turn.do(LeaveStrip(state.strip_unit.order))
            payments.journal_failed(state, turn)
            return replace(closing.forgotten(state), phase=Broken(Outage.JOURNAL), warned_at=None)
        case _:
            assert_never(event)


def _printed(state: State, token: int, came: SlipState) -> State:
    return receipt_making.printed(printing.printed(state, token, came), token, came)


def _strip_told(state: State, event: strip_unit.Happening, turn: Turn) -> State:
    if isinstance(state.phase, Returning):
        return back_strip.told(state, state.phase.batch, event, turn)
    return strip_unit.told(state, event, turn)


def _device_went(state: State, device: Device, turn: Turn) -> State:
    if device is Device.STRIP_UNIT:
        state = strip_unit.went_down(state)
    if device is Device.BOOK_DROP:
        state = drop.went_down(state, turn)
    state = payments.device_went(state, device)
    return state if device in state.down else replace(state, down=(*state.down, device))


def _server_went(state: State, turn: Turn) -> State:
    if isinstance(state.phase, Returning):
        return give_back.server_went(state, state.phase.batch, turn)
    if not isinstance(state.phase, Serving):
        return state
    state, session = provisional.server_went(state, state.phase.session, turn)
    return replace(state, phase=Serving(session))


def _pad_read(state: State, event: PadRead, turn: Turn) -> State:
    """A reading counts once it was the same *stable_readings* times; until then it may be a tag at the field's edge."""
    if event.readings < state.settings.stable_readings:
        return state
    present = [tag.uid for tag in event.tags]
    quarantined = tuple(uid for uid in state.pad.quarantined if uid in present)
    new = tuple(uid for uid in present if uid not in state.pad.seen)
    if new:
        state = touches.active(state, turn)
    is_used = isinstance(state.phase, Serving | Returning)
    seen = state.pad.seen + new if is_used else tuple(present)
    state = replace(state, pad=PadState(event.tags, event.readings, quarantined, seen))
    match state.phase:
        case Starting():
            return starting.pad_read(state, state.phase, turn)
        case Serving(session):
            return _follow_pad(state, session, turn)
        case Returning(batch) if batch.drop is not None:
            return drop_reading.follow_pad(state, batch, batch.drop, turn)
        case Returning(batch):
            return give_back.follow_pad(state, batch, turn)
        case _:
            return state


def _follow_pad(state: State, session: Session, turn: Turn) -> State:
    if session.page is not Page.BOOKS:
        # Nothing of the list is under way then, and nothing new is taken before the reader is back there.
        return state
    found, odd = survey(free_tags(state.pad), state.settings.owners)
    if session.is_ending:
        session = lines.follow_put_back(session, found, state.settings, turn)
    else:
        session = lines.follow_pad(session, found, odd, state.settings, turn)
    return replace(state, phase=Serving(session))


def _follow_up(state: State, turn: Turn) -> State:
    """*state* after everything that follows from it has been set going."""
    state = patience.time_passed(state, turn)
    if give_back.begins_by_itself(state):
        state = give_back.begin(state, turn, by_itself=True)
    state = give_back.follow_up(drop.follow_up(state, turn), turn)
    if isinstance(state.phase, Serving):
        state, session = strip_orders.follow_up(state, state.phase.session, turn)
        state, session = borrow.start_waiting(state, session, turn)
        state, session = lines.ask_about_items(state, session, turn)
        state, session = printing.give_references(state, session, turn)
        state, session = account.follow_up(state, session, turn)
        state = closing.close_when_done(state, session, turn)
    return state
