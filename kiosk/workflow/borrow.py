"""Lending and renewing: intent first, then the question, then what the answer allows.

    WAITING --intent recorded, carried--> ASKING --granted--> RELEASING --read back--> LENT
       |                                    |  |                  |
       |  own loan                          |  +--silence--> NOT_LENT (entry left to the uplink: asked about, undone)
       +--> ALREADY_YOURS --> RENEWING      +--refused--> NOT_LENT, or NEEDS_CONSENT when only a fee stands between

Where the library wants the list confirmed, what lies on the pad stays WAITING until the reader says so; a scan is
a word of its own.

What happens from RELEASING on is in `release.py`.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.workflow.effects import Sound
from kiosk.workflow.pad import bits_of
from kiosk.workflow.state import LENT, LineState, Session, State, books_left_to_borrow, with_line
from kiosk.workflow.turn import Turn
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
    Renew,
    Settled,
    Settlement,
    Silence,
)


def start_waiting(state: State, session: Session, turn: Turn) -> Session:
    """*session* with every waiting line on its way: asked for, or stopped before the server is troubled."""
    if session.is_ending:
        return session
    for line in session.lines:
        if line.status is Status.WAITING and line.item is not None:
            session = with_line(session, _start(state, session, line, line.item, turn))
    return session


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


def _start(state: State, session: Session, line: LineState, item: ItemId, turn: Turn) -> LineState:
    # First: a loan that is in doubt, and may yet be undone, stands on the account like any other.
    if any(given == item for _, given in state.given_up):
        return _refuse(line, Trouble.NO_ANSWER, turn)
    own = next((loan for loan in session.loans or () if loan.item == item), None)
    if own is not None:
        turn.play(Sound.REFUSED)
        title = own.title or line.title
        return replace(line, status=Status.ALREADY_YOURS, due=own.due, title=title, may_renew=True)
    if state.settings.confirms_list and line.uids and not line.is_confirmed:
        return line
    left = books_left_to_borrow(session)
    if left is not None and left <= 0:
        return _refuse(line, Trouble.OVER_QUOTA, turn)
    promise = Lend(
        item=item,
        patron=session.patron,
        at=turn.wall,
        fee_consented=line.fee_consented,
        charged_before=_charged(session),
    )
    return replace(line, status=Status.ASKING, since=turn.seconds, key=turn.promise(promise), why=None)


def _charged(session: Session) -> tuple[ItemId, ...] | None:
    if session.loans is None:
        return None
    lent = (line.item for line in session.lines if line.status in LENT and line.item is not None)
    return (*(loan.item for loan in session.loans), *lent)


def _refuse(line: LineState, why: Reason | Trouble, turn: Turn, message: str = "") -> LineState:
    turn.play(Sound.REFUSED)
    return replace(line, status=Status.NOT_LENT, since=turn.seconds, why=why, message=message)


def answered_lend(
    state: State, line: LineState, key: EntryKey, answer: Answer, turn: Turn
) -> tuple[State, LineState]:
    """*state* and *line* after the server's *answer* to lending it, which was entry *key*."""
    turn.record(Answered(key, turn.wall, answer))
    match answer:
        case Granted():
            return state, _granted(state, line, key, answer, turn)
        case Refused():
            turn.record(Settled(key, turn.wall, Settlement.REFUSED))
            return state, _refused(line, answer, turn)
        case Held() | Silence():
            return given_up(state, line, key, turn), _refuse(line, Trouble.NO_ANSWER, turn)


def _granted(state: State, line: LineState, key: EntryKey, answer: Granted, turn: Turn) -> LineState:
    line = replace(
        line,
        granted=answer,
        title=answer.title or line.title,
        due=answer.due,
        since=turn.seconds,
        fee=answer.fee,
    )
    line = replace(line, message=" ".join(answer.messages))
    if not line.uids or not answer.release:
        turn.record(Settled(key, turn.wall, Settlement.DONE))
        turn.play(Sound.DONE)
        stays_secured = not answer.release and not answer.renewed
        done = (
            Status.RENEWED if answer.renewed else Status.LENT_STAYS_SECURED if stays_secured else Status.LENT
        )
        return replace(line, status=done)
    turn.record(ReleaseIntended(key, turn.wall, bits_of(state.pad, line.uids)))
    turn.release(key, line.uids)
    return replace(line, status=Status.RELEASING, release_tries=1)


def _refused(line: LineState, answer: Refused, turn: Turn) -> LineState:
    line = replace(line, title=answer.title or line.title, fee=answer.fee)
    if answer.reason is Reason.FEE_NEEDS_CONSENT and not line.fee_consented and answer.fee is not None:
        turn.play(Sound.ATTENTION)
        return replace(line, status=Status.NEEDS_CONSENT, since=turn.seconds)
    if answer.reason is Reason.ALREADY_YOURS:
        turn.play(Sound.REFUSED)
        return replace(line, status=Status.ALREADY_YOURS, since=turn.seconds, may_renew=True, token=0)
    return _refuse(line, answer.reason, turn, " ".join(answer.messages))


def given_up(state: State, line: LineState, key: EntryKey, turn: Turn) -> State:
    """*state* that no longer waits for entry *key* of *line*, and remembers that its outcome is open."""
    turn.give_up(key)
    if line.item is None:
        return state
    return replace(state, given_up=(*state.given_up, (key, line.item)))


def consented(session: Session, consents: bool, turn: Turn) -> Session:
    """*session* after the reader agreed to the fee in question, or did not."""
    for line in session.lines:
        if line.status is Status.NEEDS_CONSENT:
            if consents:
                return with_line(session, replace(line, status=Status.WAITING, fee_consented=True, why=None))
            return with_line(session, _refuse(line, Reason.FEE_NEEDS_CONSENT, turn))
    return session


def renew(session: Session, item: str, turn: Turn) -> Session:
    """*session* with the renewal of *item* under way, where it was offered."""
    for line in session.lines:
        if (
            line.id == item
            and line.item is not None
            and line.status is Status.ALREADY_YOURS
            and line.may_renew
        ):
            key = turn.promise(Renew(line.item, session.patron, turn.wall, due_before=line.due))
            line = replace(line, status=Status.RENEWING, since=turn.seconds, key=key, may_renew=False)
            return with_line(session, line)
    return session


def answered_renew(
    state: State, line: LineState, key: EntryKey, answer: Answer, turn: Turn
) -> tuple[State, LineState]:
    """*state* and *line* after the server's *answer* to renewing it, which was entry *key*."""
    turn.record(Answered(key, turn.wall, answer))
    match answer:
        case Granted():
            turn.record(Settled(key, turn.wall, Settlement.DONE))
            turn.play(Sound.DONE)
            title = answer.title or line.title
            return state, replace(line, status=Status.RENEWED, due=answer.due, title=title, why=None)
        case Refused():
            turn.record(Settled(key, turn.wall, Settlement.REFUSED))
            turn.play(Sound.REFUSED)
            message = " ".join(answer.messages)
            return state, replace(line, status=Status.ALREADY_YOURS, why=answer.reason, message=message)
        case Held() | Silence():
            turn.play(Sound.REFUSED)
            return given_up(state, line, key, turn), replace(
                line, status=Status.ALREADY_YOURS, why=Trouble.NO_ANSWER
            )


def out_of_patience(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* without the lines the server has left waiting for longer than the library allows.

    A server that answers one book after the other is at work: the time runs from its last answer.
    """
    for line in session.lines:
        waits = line.status in (Status.ASKING, Status.RENEWING)
        is_late = turn.seconds - max(line.since, session.heard_at) >= state.settings.answer_seconds
        if waits and is_late and line.key is not None:
            state = given_up(state, line, line.key, turn)
            if line.status is Status.RENEWING:
                line = replace(line, status=Status.ALREADY_YOURS, why=Trouble.NO_ANSWER)
            else:
                line = _refuse(line, Trouble.NO_ANSWER, turn)
            session = with_line(session, line)
    return state, session
