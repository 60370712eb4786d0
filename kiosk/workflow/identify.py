"""Who is it?  From a card, a barcode or the number pad to a running session, or to the exact reason why not.

Idle, TypingNumber --number--> TypingPin --PIN--> Identifying --facts--> Serving
                       +--no PIN needed-->  ^ |           +--> TurnedAway
                                            |_|  wrong PIN, tries left

Whoever may not borrow but may see the account is served on its page (`account.py`).

The server is asked, and the terminal's own books where it is known to be away, or stays silent, and the library lets
this terminal lend without it.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.masked import Masked, Secret
from kiosk.workflow import account, provisional
from kiosk.workflow.effects import Sound
from kiosk.workflow.settings import Service
from kiosk.workflow.state import (
    Identifying,
    Serving,
    Session,
    State,
    TurnedAway,
    TypingPin,
)
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Refusal
from sync.entries import BadIdentifier, Money, PatronId, PinAccepted, PinRefused, Reason, patron_id
from sync.questions import AboutPatron, Facts, LocalFacts, PatronFacts

ASKING_SECONDS_MAX = 30
"""The server's own deadlines are shorter; this one is for an uplink that says nothing at all."""


def number_given(state: State, number: Masked, turn: Turn) -> State:
    """*state* after somebody said who they are."""
    try:
        patron = patron_id(number.reveal())
    except BadIdentifier:
        return turn_away(state, (Refusal.CARD_NUMBER_UNUSABLE,), turn)
    if state.is_room_low:
        return turn_away(state, (Refusal.STORAGE_FULL,), turn)
    if _is_vain(state):
        return turn_away(state, (Refusal.SERVER_AWAY,), turn)
    turn.play(Sound.READ)
    if not state.settings.needs_pin:
        return _ask(state, patron, None, turn)
    if tries_left(state, patron, turn.seconds) == 0:
        return turn_away(state, (Refusal.TOO_MANY_PIN_TRIES,), turn)
    return replace(state, phase=TypingPin(patron))


def _is_vain(state: State) -> bool:
    """Whether only the server could tell what is wanted, and it is away."""
    is_for_account = state.wants_account or Service.BORROW not in state.settings.services
    return is_for_account and state.is_server_away


def pin_given(state: State, phase: TypingPin, pin: Secret, turn: Turn) -> State:
    """*state* after the PIN was typed; an empty one is no try."""
    if not pin.reveal() or len(pin.reveal()) > state.settings.pin_length_max:
        return state
    return _ask(state, phase.patron, pin, turn)


def _ask(state: State, patron: PatronId, pin: Secret | None, turn: Turn) -> State:
    if state.is_room_low:
        return turn_away(state, (Refusal.STORAGE_FULL,), turn)
    if _is_vain(state):
        return turn_away(state, (Refusal.SERVER_AWAY,), turn)
    if state.is_server_away and provisional.may_lend_here(state):
        return _ask_here(state, patron, pin, turn)
    token = state.token + 1
    turn.ask(token, AboutPatron(patron, pin))
    until = turn.seconds + ASKING_SECONDS_MAX
    return replace(state, token=token, phase=Identifying(patron, token, pin, until))


def _ask_here(state: State, patron: PatronId, pin: Secret | None, turn: Turn) -> State:
    token = state.token + 1
    turn.ask_here(token, AboutPatron(patron, pin))
    until = turn.seconds + ASKING_SECONDS_MAX
    return replace(state, token=token, phase=Identifying(patron, token, pin, until, is_here=True))


def not_told(state: State, phase: Identifying, turn: Turn) -> State:
    """*state* after whoever was asked about the patron could not tell, or not in time."""
    if not (phase.is_here or state.wants_account) and provisional.may_lend_here(state):
        return _ask_here(state, phase.patron, phase.pin, turn)
    return turn_away(state, (provisional.why_not(state),), turn)


def told(state: State, phase: Identifying, facts: Facts | LocalFacts, turn: Turn) -> State:
    """*state* after the patron was told about.  Nothing of the account is said before the PIN is right.

    Whom the snapshot does not know may be new: only the server can say that there is no such card.
    """
    if not isinstance(facts, PatronFacts) or facts.patron != phase.patron:
        return turn_away(state, (Refusal.SERVER_AWAY,), turn)
    if not facts.is_known:
        return turn_away(state, (Refusal.SERVER_AWAY if phase.is_here else Reason.PATRON_UNKNOWN,), turn)
    if phase.pin is not None:
        if facts.is_pin_right is None:
            return turn_away(state, (Refusal.PIN_NOT_VERIFIED,), turn)
        if not facts.is_pin_right:
            return _pin_was_wrong(state, phase.patron, turn)
        if any(patron == phase.patron for patron, _ in state.pin_refusals):
            turn.record(PinAccepted(turn.wall, phase.patron))
            kept = tuple(refusal for refusal in state.pin_refusals if refusal[0] != phase.patron)
            state = replace(state, pin_refusals=kept)
    may_borrow = account.may_borrow(state.settings, facts.blocks)
    may_look = not phase.is_here and account.may_look(state.settings, facts.blocks)
    if not (may_look or (may_borrow and not state.wants_account)):
        return turn_away(state, _why_not(state, phase, facts), turn, facts.fees_owed, facts.messages)
    session = replace(
        _session(facts),
        is_of_snapshot=phase.is_here,
        may_lend_here=provisional.may_lend_here(state),
        is_provisional=phase.is_here or provisional.would_be(state),
        may_borrow=may_borrow,
        blocks=facts.blocks,
    )
    state, session = provisional.ask_for_news(state, session, turn)
    if state.wants_account or not may_borrow:
        state, session = account.opened(state, session, turn)
    return replace(state, phase=Serving(session), active_at=turn.seconds, warned_at=None, wants_account=False)


def _why_not(state: State, phase: Identifying, facts: PatronFacts) -> tuple[Reason | Refusal, ...]:
    """Why a reader who is known can neither borrow nor look at the account now."""
    if any(reason is not Reason.LIMIT_REACHED for reason in facts.blocks):
        return facts.blocks
    return (Refusal.SERVER_AWAY,) if phase.is_here else (Reason.NOT_PERMITTED_HERE,)


def _session(facts: PatronFacts) -> Session:
    count = facts.loan_count
    if count is None and facts.loans is not None:
        count = len(facts.loans)
    limit = facts.loan_limit
    if Reason.LIMIT_REACHED in facts.blocks:
        count = limit = count if count is not None else 0
    return Session(
        patron=facts.patron, name=facts.name, loans=facts.loans, loan_count=count, loan_limit=limit
    )


def _pin_was_wrong(state: State, patron: PatronId, turn: Turn) -> State:
    turn.record(PinRefused(turn.wall, patron))
    turn.play(Sound.REFUSED)
    window = state.settings.pin_window_seconds
    counting = tuple((known, at) for known, at in state.pin_refusals if turn.seconds - at < window)
    state = replace(state, pin_refusals=(*counting, (patron, turn.seconds)), active_at=turn.seconds)
    left = tries_left(state, patron, turn.seconds)
    if left == 0:
        return turn_away(state, (Refusal.TOO_MANY_PIN_TRIES,), turn)
    return replace(state, phase=TypingPin(patron, tries_left=left))


def tries_left(state: State, patron: PatronId, seconds: float) -> int:
    """How many wrong PINs *patron* may still type at *seconds* of the monotonic clock."""
    window = state.settings.pin_window_seconds
    refusals = sum(known == patron and seconds - at < window for known, at in state.pin_refusals)
    return max(0, state.settings.pin_tries_max - refusals)


def turn_away(
    state: State,
    reasons: tuple[Reason | Refusal, ...],
    turn: Turn,
    fee: Money | None = None,
    messages: tuple[str, ...] = (),
) -> State:
    """*state* that tells somebody why they are not served."""
    turn.play(Sound.REFUSED)
    until = turn.seconds + state.settings.refusal_seconds
    phase = TurnedAway(reasons, until, fee, messages)
    return replace(state, phase=phase, warned_at=None, wants_account=False)
