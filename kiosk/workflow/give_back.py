"""Giving back: from the first item to the summary.  Nobody logs in, and nobody is refused.

    Idle --chosen, or by itself--> Returning --finished, absent, or all done--> BackSumming --> Idle
                                       `--another's card--> Identifying, once all that is under way has ended

    WAITING --asked about, intent recorded, held in the lane--> SECURING --> ... --> TELLING --answered--> BACK, ...
       |                                                                               `--silence--> BACK_RECORDED
       `--parts missing, no tag seen: waits for them, or for the reader's word, or for the end

The order is always the same: recorded that it is intended, secured, read back, recorded, told.  `back_pad.py` says how
lines come and go, `back_secure.py` and `back_strip.py` how items are made secure, `back_ends.py` (with the table of
ends) and `back_answers.py` how it ends, `drop.py` what an unattended book drop does with all that.

Before its intent an item is asked about for a moment, so that an answer that is lost can be told from a loan that is
newer.  A strip waits longer for that word: it may be a tape.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.masked import Masked
from kiosk.workflow import (
    back_pad,
    back_receipts,
    back_secure,
    back_slips,
    back_strip,
    back_waiting,
    care,
    drop,
    identify,
    strips,
    view,
)
from kiosk.workflow.back_answers import answered, left_to_staff, settled
from kiosk.workflow.back_ends import recorded
from kiosk.workflow.back_line import (
    OPEN_BACK,
    BackLineState,
    Batch,
    each_back,
    for_the_summary,
    is_under_way,
    with_back,
)
from kiosk.workflow.closing import go_idle, quarantine_all
from kiosk.workflow.effects import Sound
from kiosk.workflow.events import TagsRestored, TagsSecured
from kiosk.workflow.lines import SCAN_FLAW
from kiosk.workflow.pad import free_tags, survey
from kiosk.workflow.settings import Service, SessionSettings
from kiosk.workflow.state import BackSumming, Idle, Returning, State
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import BackStatus, Trouble
from sync.entries import Answer, EntryKey, ItemId
from sync.questions import Facts, ItemFacts, Standing


def is_offered(settings: SessionSettings) -> bool:
    """Whether a reader can choose to give something back; at a book drop nobody chooses."""
    return Service.RETURN in settings.services and settings.drop is None


def takes_returns_only(settings: SessionSettings) -> bool:
    """Whether a return is all that this terminal is for, so that it needs no choosing."""
    return is_offered(settings) and not is_for_cards(settings)


def is_for_cards(settings: SessionSettings) -> bool:
    """Whether there is anything here for somebody who shows a card."""
    return settings.drop is None and any(
        service in settings.services for service in (Service.BORROW, Service.ACCOUNT, Service.PAY)
    )


def begin(state: State, turn: Turn, *, by_itself: bool = False) -> State:
    """*state* in which items are given back; those that lie there already come first."""
    batch = Batch(began_by_itself=by_itself, heard_at=turn.seconds)
    uids = tuple(tag.uid for tag in state.pad.tags)
    state = replace(
        go_idle(state),
        language=state.language,
        pad=replace(state.pad, seen=uids),
        active_at=turn.seconds,
        phase=Returning(batch),
    )
    return follow_pad(state, batch, turn)


def may_scan(state: State) -> bool:
    """Whether the barcode of an item, scanned now, gives it back."""
    if isinstance(state.phase, Idle | BackSumming):
        return takes_returns_only(state.settings) or state.settings.drop is not None
    return isinstance(state.phase, Returning)


def begins_by_itself(state: State) -> bool:
    """Whether something lies on the pad of a terminal for returns alone, and nobody has begun."""
    is_free = isinstance(state.phase, Idle | BackSumming) and state.settings.drop is None
    if not is_free or not takes_returns_only(state.settings):
        return False
    found, odd = survey(free_tags(state.pad), state.settings.owners)
    return bool(found) or any(thing.trouble is Trouble.FOREIGN_LIBRARY for thing in odd)


def follow_pad(state: State, batch: Batch, turn: Turn) -> State:
    """*state* after a stable reading of the pad while *batch* is given back."""
    found, odd = survey(free_tags(state.pad), state.settings.owners)
    state, batch = back_pad.follow_pad(state, batch, found, odd, turn)
    return replace(state, phase=Returning(batch))


def scanned(state: State, batch: Batch, item: ItemId, turn: Turn) -> State:
    """*state* after the barcode of *item* was scanned."""
    if batch.is_ending:
        return state
    state = strips.claimed(state, item)
    found, _ = survey(free_tags(state.pad), state.settings.owners)
    state, batch = back_pad.follow_scan(state, batch, item, found, turn)
    return replace(state, phase=Returning(batch), warned_at=None)


def chosen(state: State, batch: Batch, name: str, argument: str, turn: Turn) -> State:
    """*state* after the reader chose *name* while *batch* is given back."""
    for line in batch.lines:
        if line.status is BackStatus.PUT_BACK:
            if name == view.NO:
                state, line = back_secure.left(state, line, turn)
                batch = with_back(batch, line)
            return replace(state, phase=Returning(batch))
    wanted = back_strip.wanted(batch)
    if wanted is not None:
        batch = back_strip.chosen(state, batch, wanted, name)
    elif state.care is not None and not batch.is_ending:
        return care.chosen(state, name, argument, turn)
    elif name == "care" and not batch.is_ending:
        marked = next((line for line in batch.lines if line.item == argument), None)
        return state if marked is None else care.begin(state, marked.item, marked.title)
    elif name == view.FINISH:
        batch = end(batch)
    elif name == view.GIVE_BACK and not batch.is_ending:
        batch = back_pad.take_as_it_is(batch, argument)
    return replace(state, phase=Returning(batch))


def end(batch: Batch, next_number: Masked | None = None) -> Batch:
    """*batch* that takes nothing new and ends when all that is under way has ended; asked twice, it waits for nobody.

    What waits for a part or a tag is taken as it is: the reader leaves it here.
    """
    for line in batch.lines:
        batch = back_pad.take_as_it_is(batch, line.id)
    return replace(
        batch,
        is_leaving=batch.is_ending and next_number is None,
        is_ending=True,
        next_number=next_number or batch.next_number,
    )


# --- What is answered ---------------------------------------------------------------------------------------------


def told_by_pad(state: State, batch: Batch, event: TagsSecured | TagsRestored, turn: Turn) -> State:
    """*state* after the pad said what became of the tags of an entry."""
    for line in batch.lines:
        if line.key == event.key:
            state, line = back_secure.told_by_pad(state, batch, line, event, turn)
            return replace(state, phase=Returning(with_back(batch, line)))
    return state


def carried(state: State, batch: Batch, key: EntryKey, answer: Answer, turn: Turn) -> State:
    """*state* after the server's *answer* to entry *key*, or its silence."""
    for line in batch.lines:
        if line.key == key and not line.is_over:
            batch, line = answered(state, batch, line, answer, turn)
            return replace(state, phase=Returning(with_back(batch, line)))
    return state


def given_to_staff(state: State, batch: Batch, key: EntryKey, turn: Turn) -> State:
    """*state* after entry *key* was settled as a case: no more may be written about it."""
    for line in batch.lines:
        if line.key == key and not line.is_over:
            batch = with_back(batch, left_to_staff(state.settings, line, turn))
            return replace(state, phase=Returning(batch))
    return state


def told(state: State, batch: Batch, token: int, facts: Facts | None, turn: Turn) -> State:
    """*state* after the server told *facts* about an item, or None when it could not."""
    for line in batch.lines:
        if line.token != token or token == 0:
            continue
        if isinstance(facts, ItemFacts) and facts.item == line.item:
            batch = replace(batch, heard_at=turn.seconds)
            line = replace(line, title=line.title or facts.title)
            line = _with_facts(line, facts) if line.entry is None else line
        batch = with_back(batch, replace(line, is_heard=True))
        return replace(state, phase=Returning(batch))
    return state


def _with_facts(line: BackLineState, facts: ItemFacts) -> BackLineState:
    was_on_loan = _was_on_loan(facts)
    due = None if was_on_loan is False else facts.due
    return replace(line, is_told=True, was_on_loan=was_on_loan, due_before=due, is_magnetic=facts.magnetic)


def _was_on_loan(facts: ItemFacts) -> bool | None:
    match facts.standing:
        case Standing.ON_LOAN:
            return True
        case Standing.AVAILABLE | Standing.ON_HOLD_SHELF | Standing.IN_TRANSIT | Standing.IN_PROCESS:
            return False
        case _:
            # A lost item may be on loan still, and what has no name may be anything.
            return None


def server_went(state: State, batch: Batch, turn: Turn) -> State:
    """*state* after the server fell silent: what it was to be told is told later."""
    return replace(state, phase=Returning(_told_later(state, batch, turn)))


def _told_later(state: State, batch: Batch, turn: Turn) -> Batch:
    for line in batch.lines:
        if line.status is BackStatus.TELLING and line.attempt is None:
            batch = with_back(batch, recorded(state.settings, line, turn))
    return batch


def follow_up(state: State, turn: Turn) -> State:
    """*state* after everything that follows from what is given back has been set going."""
    if not isinstance(state.phase, Returning):
        return state
    state, batch = back_waiting.start(state, state.phase.batch, turn)
    state, batch = back_strip.follow_up(state, batch, turn)
    state, batch = back_slips.print_slips(state, batch, turn)
    if batch.drop is not None:
        return drop.follow_up(replace(state, phase=Returning(batch)), turn)
    return close_when_done(state, batch, turn)


def close_when_done(state: State, batch: Batch, turn: Turn) -> State:
    """*state* after *batch*: over when it is ending and nothing is under way, else still going on."""
    if batch.began_by_itself and _is_done_by_itself(state, batch):
        batch = end(batch)
    if not batch.is_ending or any(is_under_way(line) for line in batch.lines):
        return replace(state, phase=Returning(batch))
    batch = each_back(batch, lambda line: settled(line, turn))
    state = care.forgotten(quarantine_all(strips.left_unclaimed(state)))
    state = replace(state, warned_at=None, active_at=turn.seconds)
    if batch.next_number is not None:
        state = replace(state, phase=Idle(), language=state.settings.language)
        return identify.number_given(state, batch.next_number, turn)
    lines = tuple(for_the_summary(line) for line in batch.lines if line.id != SCAN_FLAW)
    if not (lines or batch.forgotten):
        return go_idle(state)
    turn.play(Sound.DONE)
    until = turn.seconds + state.settings.summary_seconds
    on_hand = back_receipts.on_hand(state, lines, turn)
    return replace(state, phase=BackSumming(lines, until, batch.forgotten), on_hand=on_hand)


def _is_done_by_itself(state: State, batch: Batch) -> bool:
    """Whether everything was taken off the pad again and nothing waits: whoever laid it there is gone, or done."""
    if any(is_under_way(line) or line.status in OPEN_BACK for line in batch.lines):
        return False
    was_laid = any(line.uids for line in batch.lines) or not batch.lines
    return was_laid and not free_tags(state.pad)


def is_busy(batch: Batch) -> bool:
    """Whether somebody waits for the terminal now, and not the terminal for somebody."""
    return any(is_under_way(line) for line in batch.lines)
