"""Lending: intent first, then the question, then what the answer allows.

    WAITING --intent recorded, carried--> ASKING --granted--> RELEASING --read back--> LENT
       |                                    |  |                  |
       |  own loan                          |  +--silence--> NOT_LENT (entry left to the uplink: asked about, undone)
       +--> ALREADY_YOURS (`renewals.py`)   +--refused--> NOT_LENT, or NEEDS_CONSENT when only a fee stands between

Where the terminal may lend without the server, silence is not the end: see `provisional.py`.

Where the library wants the list confirmed, what lies on the pad stays WAITING until the reader says so; a scan is
a word of its own.

An item with a magnetic strip stays WAITING until the strip unit is free for it, see `strips.py`.  What happens from
RELEASING on is in `release.py`.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow import provisional, release, renewals, strips
from kiosk.workflow.effects import Sound
from kiosk.workflow.footing import Footing, settle_untouched
from kiosk.workflow.line import LineState
from kiosk.workflow.pad import bits_of
from kiosk.workflow.provisional import charged, not_lent
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.state import Session, State, books_left_to_borrow, with_line
from kiosk.workflow.turn import Turn, given_up
from kiosk.workflow.view import Status, Trouble
from sync.entries import (
    Answer,
    Answered,
    EntryKey,
    Granted,
    Held,
    ItemId,
    Lend,
    Reason,
    Refused,
    ReleaseIntended,
    Settled,
    Settlement,
    Silence,
)


def start_waiting(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* with every waiting line on its way: asked for, or stopped before anybody is troubled."""
    if session.is_ending:
        return state, session
    for line in session.lines:
        if line.status is Status.WAITING and line.item is not None:
            state, line = _start(state, session, line, line.item, turn)
            session = with_line(session, line)
    return state, session


def confirm(session: Session) -> Session:
    """*session* after the reader agreed to borrow everything that waits."""
    return replace(
        session,
        lines=tuple(
            replace(line, is_confirmed=True) if line.status is Status.WAITING else line
            for line in session.lines
        ),
    )


def leave_out(session: Session, item: str, turn: Turn) -> Session:
    """*session* without *item*, which lies in reach of the pad and is not to be borrowed."""
    for line in session.lines:
        if line.id == item and line.status is Status.WAITING:
            left = replace(line, status=Status.NOT_LENT, since=turn.seconds, why=Trouble.LEFT_OUT)
            return with_line(session, left)
    return session


def waits_for_word(settings: SessionSettings, line: LineState) -> bool:
    """Whether *line* lies there and is not asked for before the reader says so."""
    is_waiting = line.status is Status.WAITING and not line.is_confirmed
    return is_waiting and settings.confirms_list and bool(line.uids)


def _start(
    state: State, session: Session, line: LineState, item: ItemId, turn: Turn
) -> tuple[State, LineState]:
    # First: a loan that is in doubt, and may yet be undone, stands on the account like any other.
    if any(given == item for _, given in state.given_up):
        return state, not_lent(line, Trouble.NO_ANSWER, turn)
    own = _own(session, line, item, turn)
    if own is not None:
        return state, own
    if state.is_room_low:
        return state, not_lent(line, Trouble.STORAGE_FULL, turn)
    if waits_for_word(state.settings, line):
        return state, line
    left = books_left_to_borrow(session)
    if left is not None and left <= 0:
        return state, not_lent(line, Trouble.OVER_QUOTA, turn)
    if strips.has_strip(state.settings, line):
        if strips.is_unit_away(state, session):
            return state, not_lent(line, Trouble.STRIP_UNIT_AWAY, turn)
        if strips.in_process(session) is not None:
            return state, line
        state, line = strips.opened(state, line)
    if session.is_provisional:
        if line.fee_consented:
            return state, not_lent(line, Reason.NOT_WITHOUT_SERVER, turn)
        return provisional.ask(state, session, line, turn)
    promise = Lend(
        item=item,
        patron=session.patron,
        at=turn.wall,
        fee_consented=line.fee_consented,
        charged_before=charged(session),
    )
    return state, replace(line, status=Status.ASKING, since=turn.seconds, key=turn.promise(promise), why=None)


def _own(session: Session, line: LineState, item: ItemId, turn: Turn) -> LineState | None:
    """*line* as the patron's own loan, None where it is none that is known."""
    own = next((loan for loan in session.loans or () if loan.item == item), None)
    if own is None and item not in session.unconfirmed:
        return None
    turn.play(Sound.REFUSED)
    if own is None or session.is_provisional:
        title = own.title if own is not None else ""
        line = replace(line, title=title or line.title)
        return provisional.already_yours(line, own.due if own is not None else None, turn)
    title = own.title or line.title
    return replace(line, status=Status.ALREADY_YOURS, due=own.due, title=title, may_renew=True)


def answered_lend(
    state: State,
    session: Session,
    line: LineState,
    key: EntryKey,
    answer: Answer,
    turn: Turn,
    *,
    is_found: bool,
) -> tuple[State, LineState]:
    """*state* and *line* after the server's *answer* to lending it, entry *key*; *is_found* as in `Carried`."""
    turn.record(Answered(key, turn.wall, answer))
    match answer:
        case Granted():
            return state, _granted(state, line, key, answer, is_found, turn)
        case Refused():
            turn.record(Settled(key, turn.wall, Settlement.REFUSED))
            return state, _refused(line, answer, turn)
        case Silence() if line.token_here or _may_become_provisional(state, session, line):
            return state, line
        case Held() | Silence():
            return given_up(state, line.item, key, turn), not_lent(line, Trouble.NO_ANSWER, turn)


def _may_become_provisional(state: State, session: Session, line: LineState) -> bool:
    return provisional.is_in_doubt(line) and provisional.may_turn(state, session)


def _granted(
    state: State, line: LineState, key: EntryKey, answer: Granted, is_found: bool, turn: Turn
) -> LineState:
    line = replace(
        line,
        granted=answer,
        title=answer.title or line.title,
        due=answer.due,
        since=turn.seconds,
        fee=answer.fee,
        message=" ".join(answer.messages),
        token_here=0,
    )
    # Of a loan that was found the server says neither whether it may be released nor, often, what it holds.
    magnetic = answer.magnetic or None if is_found else answer.magnetic
    held_back = strips.held_back(line, answer.release, magnetic, is_server_word=not is_found)
    is_done = not answer.release or held_back is not None
    if answer.renewed and line.strip is not None:
        # The strip of a loan that exists was seen to when it was made.
        is_done, held_back = True, None
    if is_done or not (line.uids or line.strip):
        settle_untouched(Footing(key, None, answer), turn)
        turn.play(Sound.DONE)
        done = Status.LENT_STAYS_SECURED if is_done else Status.LENT
        return replace(line, status=Status.RENEWED if answer.renewed else done, why=held_back, strip=None)
    turn.record(ReleaseIntended(key, turn.wall, bits_of(state.pad, line.uids), strips.as_before(line)))
    return release.begin(line, key, turn)


def _refused(line: LineState, answer: Refused, turn: Turn) -> LineState:
    line = replace(line, title=answer.title or line.title, fee=answer.fee, token_here=0)
    if answer.reason is Reason.FEE_NEEDS_CONSENT and not line.fee_consented and answer.fee is not None:
        turn.play(Sound.ATTENTION)
        return replace(line, status=Status.NEEDS_CONSENT, since=turn.seconds)
    if answer.reason is Reason.ALREADY_YOURS:
        turn.play(Sound.REFUSED)
        return replace(
            line, status=Status.ALREADY_YOURS, since=turn.seconds, may_renew=True, token=0, strip=None
        )
    return not_lent(line, answer.reason, turn, " ".join(answer.messages))


def consented(session: Session, consents: bool, turn: Turn) -> Session:
    """*session* after the reader agreed to the fee in question, or did not."""
    for line in session.lines:
        if line.status is Status.NEEDS_CONSENT:
            if consents:
                return with_line(session, replace(line, status=Status.WAITING, fee_consented=True, why=None))
            return with_line(session, not_lent(line, Reason.FEE_NEEDS_CONSENT, turn))
    return session


def left_to_staff(line: LineState, turn: Turn) -> LineState:
    """*line*, which waited for its answer, after its entry was settled as a case."""
    return not_lent(replace(line, token_here=0), Trouble.NO_ANSWER, turn)


def out_of_patience(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* without the lines the server has left waiting for longer than the library allows.

    A server that answers one book after the other is at work: the time runs from its last answer.
    """
    for place in range(len(session.lines)):
        line = session.lines[place]
        waits = line.status in (Status.ASKING, Status.RENEWING)
        heard_at = max(line.since, session.heard_at)
        if waits and turn.seconds - heard_at >= state.settings.answer_seconds:
            state, session = _waited_too_long(state, session, line, turn)
    return state, session


def _waited_too_long(state: State, session: Session, line: LineState, turn: Turn) -> tuple[State, Session]:
    if _may_become_provisional(state, session, line):
        return provisional.server_went(state, session, turn)
    if line.token_here:
        state, line = provisional.told(state, session, line, None, turn)
        return state, with_line(session, line)
    if line.status is Status.RENEWING:
        state, line = renewals.line_out_of_patience(state, line, turn)
        return state, with_line(session, line)
    if line.key is not None:
        state = given_up(state, line.item, line.key, turn)
    return state, with_line(session, not_lent(line, Trouble.NO_ANSWER, turn))
