"""From the loan to the gate: releasing the tags of a lent item, and what follows when that does not work.

`two_phase.py` says what comes next; here it is done to tags, loans and lines.  How a line can end:

| tags | loan | status | why | left to |
|---|---|---|---|---|
| released | granted | LENT | - | nobody |
| released | by the terminal's word | LENT_PROVISIONALLY | - | the lane |
| unknown | granted | LENT_NOT_VERIFIED | RELEASE_UNKNOWN_SHOW_AT_DESK | case RELEASE_UNKNOWN, slip |
| unknown | by the terminal's word | LENT_NOT_VERIFIED, provisional | the same | the lane; case RELEASE_UNKNOWN, slip |
| secured | undone, or never sent | NOT_LENT | RELEASE_FAILED_LOAN_UNDONE | nobody: may be tried again |
| secured | refused meanwhile | NOT_LENT | the server's reason | nobody |
| secured | will not be undone | NOT_LENT | RELEASE_FAILED_ASK_STAFF | case UNDO_REFUSED, slip |
| secured | granted; no answer to the undoing | NOT_LENT | RELEASE_FAILED_ASK_STAFF | the uplink, slip |
| secured | by the terminal's word, perhaps sent | NOT_LENT | RELEASE_FAILED_ASK_STAFF | the uplink, slip |
| unknown | refused meanwhile | NOT_LENT | NOT_SECURED_LOAN_UNDONE | case NOT_SECURED, slip |

A loan is undone only when its tags were read back as secured; otherwise a book could leave without a record.  One that
was only renewed is never undone: that would take back the loan there was before.  That a release failed is written
when its repair is known: until then it is open, and start-up finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kiosk.workflow import withdrawal
from kiosk.workflow.effects import Sound
from kiosk.workflow.events import ReleaseTrouble, TagsNotReleased, TagsReleased, TagsSecured
from kiosk.workflow.footing import Footing, write_end
from kiosk.workflow.line import LineState
from kiosk.workflow.state import Session, State, with_line
from kiosk.workflow.turn import Turn
from kiosk.workflow.two_phase import Attempt, Deed, End, Phase, Policy, Sign, advance
from kiosk.workflow.view import Status, Trouble
from sync.entries import Answer, EntryKey, Granted, Reason, Refused, ReleaseFailed, TagBits

PUT_BACK_TRIES_MAX = 4
"""How often an item that comes and goes at the pad's edge is tried again before staff are to look."""

SIGN_OF: Mapping[ReleaseTrouble, Sign] = {
    ReleaseTrouble.TAKEN_AWAY: Sign.GONE,
    ReleaseTrouble.WRITE_REFUSED: Sign.REFUSED,
    ReleaseTrouble.PAD_LOST: Sign.DEVICE_LOST,
}
_WHY: Mapping[Sign | None, str] = {
    **{sign: trouble.value for trouble, sign in SIGN_OF.items()},
    Sign.VERIFIED: "loan-refused",
    Sign.NOT_RESTORED: "not-secured",
}

_ENDED: Mapping[End, tuple[Status, Trouble | None, Sound]] = {
    End.DONE: (Status.LENT, None, Sound.DONE),
    End.UNVERIFIED: (Status.LENT_NOT_VERIFIED, Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK, Sound.ATTENTION),
    End.COMPENSATED: (Status.NOT_LENT, Trouble.RELEASE_FAILED_LOAN_UNDONE, Sound.REFUSED),
    End.NEVER_STOOD: (Status.NOT_LENT, None, Sound.REFUSED),
    End.STILL_STANDS: (Status.NOT_LENT, Trouble.RELEASE_FAILED_ASK_STAFF, Sound.REFUSED),
    End.IN_DOUBT: (Status.NOT_LENT, Trouble.RELEASE_FAILED_ASK_STAFF, Sound.REFUSED),
    End.LEFT_OPEN: (Status.NOT_LENT, Trouble.NOT_SECURED_LOAN_UNDONE, Sound.ATTENTION),
}


def begin(line: LineState, key: EntryKey, turn: Turn) -> LineState:
    """*line* with its tags being released; that this is intended is recorded already."""
    turn.release(key, line.uids)
    return replace(line, status=Status.RELEASING, since=turn.seconds, attempt=Attempt(Deed.RELEASE))


def told_by_pad(
    state: State,
    session: Session,
    line: LineState,
    event: TagsReleased | TagsNotReleased | TagsSecured,
    turn: Turn,
) -> tuple[State, LineState]:
    """*state* and *line* after the pad said what became of its tags."""
    return _went(state, session, line, sign_of(event), event.after, turn)


def sign_of(event: TagsReleased | TagsNotReleased | TagsSecured) -> Sign:
    """What the pad's word means to the two-phase mechanism."""
    match event:
        case TagsReleased():
            return Sign.VERIFIED
        case TagsNotReleased(trouble=trouble):
            return SIGN_OF[trouble]
        case TagsSecured(is_complete=is_complete):
            return Sign.RESTORED if is_complete else Sign.NOT_RESTORED


def why_of(attempt: Attempt, sign: Sign) -> str:
    """The word for staff: what went wrong last."""
    return _WHY.get(sign) or _WHY.get(attempt.failed_by) or "no-answer"


def put_back(line: LineState, turn: Turn) -> LineState:
    """*line* after all its tags came back to the pad."""
    if line.attempt is None or line.key is None:
        return line
    following = advance(line.attempt, Sign.BACK, _footing(line, line.key).standing, Policy())
    return _set_going(line, line.key, following, turn) if isinstance(following, Attempt) else line


def not_put_back(state: State, session: Session, line: LineState, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after the reader did not put the item of *line* back in time, or said so."""
    state, line = _went(state, session, line, Sign.LEFT, (), turn)
    return state, with_line(session, line)


def out_of_patience(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after time passed: items not put back, loans whose undoing nobody answers."""
    for line in session.lines:
        attempt = line.attempt
        if attempt is not None and turn.seconds - line.since >= patience_seconds(state, attempt):
            state, line = _went(state, session, line, Sign.LEFT, (), turn)
            session = with_line(session, line)
    return state, session


def patience_seconds(state: State, attempt: Attempt) -> int:
    """How long *attempt* is waited for: the server as for any answer, a thing as for putting it back."""
    is_server = attempt.phase is Phase.TAKING_BACK
    return state.settings.answer_seconds if is_server else state.settings.put_back_seconds


def answered(
    state: State, session: Session, line: LineState, key: EntryKey, answer: Answer, turn: Turn
) -> tuple[State, LineState]:
    """*state* and *line*, whose release is under way, after the server's *answer* to its entry *key*."""
    loan = line.key
    if line.attempt is None or loan is None:
        return state, line
    sign: Sign | None
    if key == line.undo:
        line, sign = withdrawal.undo_answered(line, key, loan, answer, turn)
    elif line.granted is not None or line.refused is not None:
        return state, line
    else:
        line, sign = withdrawal.loan_answered(line, loan, session.patron, answer, turn)
    return (state, line) if sign is None else _went(state, session, line, sign, (), turn)


def left_to_staff(line: LineState, turn: Turn) -> LineState:
    """*line*, whose release is under way, after its entry was settled as a case: no more is written about it."""
    is_secured = line.attempt is not None and line.attempt.phase is Phase.TAKING_BACK
    return _finished(line, End.IN_DOUBT if is_secured else End.UNVERIFIED, turn)


def _went(
    state: State, session: Session, line: LineState, sign: Sign, after: tuple[TagBits, ...], turn: Turn
) -> tuple[State, LineState]:
    attempt, key = line.attempt, line.key
    if attempt is None or key is None:
        return state, line
    footing, why = _footing(line, key), why_of(attempt, sign)
    policy = Policy(state.settings.release_tries_max, PUT_BACK_TRIES_MAX)
    following = advance(attempt, sign, footing.standing, policy)
    match following:
        case None:
            return state, line
        case Attempt(phase=Phase.TAKING_BACK):
            turn.record(ReleaseFailed(key, turn.wall, after, why))
            line = replace(line, attempt=following, since=turn.seconds)
            return state, withdrawal.begin(line, key, session.patron, turn)
        case Attempt():
            return state, _set_going(line, key, following, turn)
        case End.DONE | End.UNVERIFIED | End.NEVER_STOOD | End.LEFT_OPEN:
            write_end(footing, following, after, why, turn)
        case End.IN_DOUBT:
            state = withdrawal.left_in_doubt(state, line, key, turn)
        case End.COMPENSATED | End.STILL_STANDS:
            pass
    return state, _finished(line, following, turn)


def _set_going(line: LineState, key: EntryKey, attempt: Attempt, turn: Turn) -> LineState:
    """*line* with what *attempt* says asked for: of the pad, or of the reader."""
    was = line.attempt.phase if line.attempt else None
    line = replace(line, attempt=attempt, since=line.since if attempt.phase is was else turn.seconds)
    match attempt.phase:
        case Phase.DOING:
            turn.release(key, line.uids)
            return replace(line, status=Status.RELEASING)
        case Phase.WANTED_BACK:
            turn.play(Sound.ATTENTION)
            return replace(line, status=Status.PUT_BACK, why=Trouble.TAKEN_AWAY)
        case Phase.RESTORING | Phase.TAKING_BACK:
            turn.secure(key, line.uids)
            return replace(line, status=Status.UNDOING)


def _finished(line: LineState, end: End, turn: Turn) -> LineState:
    status, why, sound = _ENDED[end]
    turn.play(sound)
    line = replace(line, attempt=None, status=status, since=turn.seconds)
    if end is End.DONE and line.granted is None:
        return replace(line, status=Status.LENT_PROVISIONALLY, why=None)
    reason: Reason | Trouble | None = why
    if (
        end in (End.NEVER_STOOD, End.COMPENSATED)
        and line.refused
        and line.refused.reason is not Reason.NOT_DONE
    ):
        reason = line.refused.reason
        line = replace(line, message=" ".join(line.refused.messages))
    return replace(line, why=reason, due=None if status is Status.NOT_LENT else line.due)


def _footing(line: LineState, key: EntryKey) -> Footing:
    answer: Granted | Refused | None = line.refused or line.granted
    return Footing(key, line.promised, answer)
