"""Lending without the server: when it is done, what the terminal's own books are asked, and what their answer makes.

    WAITING --asked here--> ASKING --allowed--> intent and promise in one commit, carried --> RELEASING, or lent at once
                              |  `--refused--> NOT_LENT, nothing is written
                              `--asked here after the server fell silent, on the entry there is:
                                   allowed: promised and kept; refused: NO_ANSWER, left to the uplink

A session is provisional when it begins while the server has not all that this terminal did, or once the server falls
silent during it, and the library's policy allows it; it stays so to its end.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow import release, strips
from kiosk.workflow.effects import Sound
from kiosk.workflow.line import LENT, UNDER_WAY, LineState
from kiosk.workflow.pad import bits_of, usage_of
from kiosk.workflow.state import Session, State, with_line
from kiosk.workflow.turn import Turn, given_up
from kiosk.workflow.view import Refusal, Status, Trouble
from sync.entries import (
    Due,
    IfGrantedLate,
    ItemId,
    Lend,
    Promised,
    Reason,
    ReleaseIntended,
)
from sync.questions import LendingFacts, MayLend, NewsFor, PatronNews
from sync.rules.offline import OfflineLending

_COUNTED = (Reason.LIMIT_REACHED, Reason.OFFLINE_LIMIT)


def may_lend_here(state: State) -> bool:
    """Whether the library lets this terminal lend by what it knows now."""
    return state.settings.offline.may_lend(_snapshot_age_seconds(state))


def _snapshot_age_seconds(state: State) -> float | None:
    made_at = state.snapshot_made_at
    return None if made_at is None else (state.now.wall - made_at).total_seconds()


def would_be(state: State) -> bool:
    """Whether a session that begins now is provisional."""
    return (state.is_server_away or not state.is_server_current) and may_lend_here(state)


def why_not(state: State) -> Refusal:
    """What somebody is told whom neither the server nor the terminal's own books can identify."""
    policy, age = state.settings.offline, _snapshot_age_seconds(state)
    is_too_old = age is not None and age > policy.snapshot_hours_max * 3600.0
    lends = policy.lend is OfflineLending.WITHIN_LIMITS
    return Refusal.SNAPSHOT_TOO_OLD if lends and is_too_old else Refusal.SERVER_AWAY


def ask_for_news(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """Asks what became of the patron's earlier provisional loans, once they are known to be who they say."""
    token = state.token + 1
    turn.ask_here(token, NewsFor(session.patron))
    return replace(state, token=token), replace(session, token_news=token)


def learn_news(session: Session, facts: PatronNews) -> Session:
    """*session* with the news, unless they are somebody else's."""
    if facts.patron != session.patron:
        return session
    return replace(
        session,
        token_news=0,
        news=facts.news,
        unconfirmed=facts.provisional,
        is_payment_open=session.is_payment_open or facts.is_payment_open,
    )


def server_went(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after the server fell silent: provisional from here on, where that is allowed."""
    if not may_turn(state, session):
        return state, session
    session = replace(session, is_provisional=True)
    for line in session.lines:
        if is_in_doubt(line):
            state, line = ask(state, session, line, turn)
            session = with_line(session, line)
    return state, session


def may_turn(state: State, session: Session) -> bool:
    """Whether *session* may lend without the server; one that began when it might is finished that way."""
    return session.is_provisional or session.may_lend_here or may_lend_here(state)


def is_in_doubt(line: LineState) -> bool:
    """Whether *line* waits for the server, and the terminal could promise its loan: a fee is never taken here."""
    waits = line.status is Status.ASKING and line.key is not None
    return waits and line.token_here == 0 and not line.fee_consented


def ask(state: State, session: Session, line: LineState, turn: Turn) -> tuple[State, LineState]:
    """*state* and *line* with the terminal's own books asked whether its item may be lent."""
    if line.item is None:
        return state, line
    token = state.token + 1
    beside = _beside(session, line)
    turn.ask_here(token, MayLend(line.item, session.patron, usage_of(state.pad, line.uids), beside))
    line = replace(line, status=Status.ASKING, since=turn.seconds, why=None, token_here=token, beside=beside)
    return replace(state, token=token), line


def _beside(session: Session, line: LineState) -> tuple[ItemId, ...]:
    """The items of *session* that are lent or on their way and of which the terminal's books know no promise."""
    return tuple(
        other.item
        for other in session.lines
        if other.item is not None
        and other.id != line.id
        and other.status in (*UNDER_WAY, *LENT)
        and other.promised is None
    )


def told(
    state: State, session: Session, line: LineState, facts: LendingFacts | None, turn: Turn
) -> tuple[State, LineState]:
    """*state* and *line* after the terminal's own books told *facts*, or None when they could not."""
    line = replace(line, token_here=0)
    if line.status is not Status.ASKING or line.item is None:
        return state, line
    if facts is None or facts.item != line.item:
        return _not_told(state, line, turn)
    if facts.refusal is not None or facts.due is None or facts.snapshot_at is None:
        return _refused(state, session, line, facts, turn)
    if line.key is None and state.is_room_low:
        return state, not_lent(line, Trouble.STORAGE_FULL, turn)
    return state, _promise(state, session, line, line.item, facts, facts.due, turn)


def _not_told(state: State, line: LineState, turn: Turn) -> tuple[State, LineState]:
    if line.key is not None:
        state = given_up(state, line.item, line.key, turn)
    return state, not_lent(line, Trouble.NO_ANSWER, turn)


def _refused(
    state: State, session: Session, line: LineState, facts: LendingFacts, turn: Turn
) -> tuple[State, LineState]:
    if line.key is not None:
        # The server may have lent it; what it did is found out, and undone.
        return _not_told(state, line, turn)
    reason = facts.refusal or Reason.NOT_WITHOUT_SERVER
    if reason in _COUNTED and _counted_too_many(session, line):
        return ask(state, session, line, turn)
    if reason is Reason.ALREADY_YOURS:
        turn.play(Sound.REFUSED)
        return state, already_yours(line, facts.due, turn)
    return state, not_lent(
        line, Reason.NOT_WITHOUT_SERVER if reason is Reason.FEE_NEEDS_CONSENT else reason, turn
    )


def _counted_too_many(session: Session, line: LineState) -> bool:
    """Whether something that counted as lent when *line* was asked about was refused since."""
    refused = [other.item for other in session.lines if other.status is Status.NOT_LENT]
    return any(item in refused for item in line.beside)


def _promise(
    state: State,
    session: Session,
    line: LineState,
    item: ItemId,
    facts: LendingFacts,
    due: Due,
    turn: Turn,
) -> LineState:
    snapshot_at = facts.snapshot_at or turn.wall
    held_back = strips.held_back(line, facts.release, facts.magnetic, is_server_word=False)
    is_released = facts.release and held_back is None and bool(line.uids or line.strip)
    before = bits_of(state.pad, line.uids) if is_released else None
    if line.key is None:
        lend = Lend(
            item=item,
            patron=session.patron,
            at=turn.wall,
            charged_before=charged(session),
            if_granted_late=IfGrantedLate.KEEP,
        )
        promised = turn.promise_here(lend, due, snapshot_at, before, strips.as_before(line))
    else:
        promised = Promised(line.key, turn.wall, due, snapshot_at)
        turn.keep(promised)
        if before is not None:
            turn.record(ReleaseIntended(line.key, turn.wall, before, strips.as_before(line)))
    line = replace(line, key=promised.key, promised=promised, due=due, since=turn.seconds)
    if before is not None:
        return release.begin(line, promised.key, turn)
    turn.play(Sound.DONE)
    stays_secured = held_back is not None or not facts.release
    status = Status.LENT_STAYS_SECURED if stays_secured else Status.LENT_PROVISIONALLY
    return replace(line, status=status, why=held_back, strip=None)


def already_yours(line: LineState, due: Due | None, turn: Turn) -> LineState:
    """*line*, which the patron has on loan already; renewing it is not done without the server."""
    return replace(
        line,
        status=Status.ALREADY_YOURS,
        since=turn.seconds,
        due=due,
        why=Reason.NOT_WITHOUT_SERVER,
        may_renew=False,
        strip=None,
    )


def charged(session: Session) -> tuple[ItemId, ...] | None:
    """The items on the patron's account as the server told them, with those lent since; None when it did not."""
    if session.loans is None or session.is_of_snapshot:
        return None
    lent = (line.item for line in session.lines if line.status in LENT and line.item is not None)
    return (*(loan.item for loan in session.loans), *lent)


def not_lent(line: LineState, why: Reason | Trouble, turn: Turn, message: str = "") -> LineState:
    """*line*, which is not lent, and why."""
    turn.play(Sound.REFUSED)
    return replace(line, status=Status.NOT_LENT, since=turn.seconds, why=why, message=message, strip=None)
