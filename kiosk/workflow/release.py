"""From the loan to the gate: releasing the tags and the strip of a lent item, and what follows when that does not work.

`two_phase.py` says what comes next; here it is done to tags, strips, loans and lines.  How a line can end ("tags" are
tags and strip, both or neither):

| tags | loan | status | why | left to |
|---|---|---|---|---|
| released | granted | LENT | - (1) | nobody |
| released | by the terminal's word | LENT_PROVISIONALLY | - (1) | the lane |
| unknown | granted | LENT_NOT_VERIFIED | RELEASE_UNKNOWN_SHOW_AT_DESK (2) | case RELEASE_UNKNOWN, slip |
| unknown | by the terminal's word | LENT_NOT_VERIFIED, provisional | the same | the lane; case RELEASE_UNKNOWN, slip |
| secured | undone, or never sent | NOT_LENT | RELEASE_FAILED_LOAN_UNDONE (3) | nobody: may be tried again |
| secured | refused meanwhile | NOT_LENT | the server's reason | nobody |
| secured | will not be undone | NOT_LENT | RELEASE_FAILED_ASK_STAFF | case UNDO_REFUSED, slip |
| secured | granted; no answer to the undoing | NOT_LENT | RELEASE_FAILED_ASK_STAFF | the uplink, slip |
| secured | by the terminal's word, perhaps sent | NOT_LENT | RELEASE_FAILED_ASK_STAFF | the uplink, slip |
| unknown | refused meanwhile | NOT_LENT | NOT_SECURED_LOAN_UNDONE | case NOT_SECURED, slip |

(1) STRIP_NOT_CHECKED where the unit treated the strip and cannot read it: a slip for the gate.  (2) Of a strip also
STRIP_SECOND_ITEM, STRIP_NOT_USED_IN_TIME, or the interlock that came late.  (3) Also TAG_IS_OF_ANOTHER.

Tags come first, then the strip; securing goes the same way.  A loan is undone only when its tags were read back as
secured; otherwise a book could leave without a record.  One that was only renewed is never undone: that would take back
the loan there was before.  That a release failed is written when its repair is known: until then it is open, and
start-up finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from drivers.em import Deed as StripDeed
from kiosk.workflow import strips, withdrawal
from kiosk.workflow.effects import Sound
from kiosk.workflow.events import ReleaseTrouble, TagsNotReleased, TagsReleased, TagsSecured
from kiosk.workflow.footing import Footing, write_end
from kiosk.workflow.line import LineState
from kiosk.workflow.state import Session, State, with_line
from kiosk.workflow.turn import Turn
from kiosk.workflow.two_phase import Attempt, Deed, End, Phase, Policy, Sign, Standing, advance
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
    """*line* with its tags, or its strip, being released; that this is intended is recorded already."""
    attempt = Attempt(Deed.RELEASE)
    line = replace(line, attempt=attempt)
    if not line.uids:
        return _strips_turn(line, attempt, Sign.VERIFIED, turn)
    turn.release(key, line.uids)
    return replace(line, status=Status.RELEASING, since=turn.seconds)


def told_by_pad(
    state: State,
    session: Session,
    line: LineState,
    event: TagsReleased | TagsNotReleased | TagsSecured,
    turn: Turn,
) -> tuple[State, LineState]:
    """*state* and *line* after the pad said what became of its tags; said twice, it counts once."""
    if line.status is Status.STRIP_WANTED:
        return state, line
    return went(state, session, line, sign_of(event), event.after, turn)


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
    state, line = went(state, session, line, Sign.LEFT, (), turn)
    return state, with_line(session, line)


def out_of_patience(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """*state* and *session* after time passed: items not put back, loans whose undoing nobody answers.

    What is wanted at the strip unit is waited for in `strip_unit.py`.
    """
    for line in session.lines:
        attempt = line.attempt
        if attempt is None or line.status is Status.STRIP_WANTED:
            continue
        if turn.seconds - line.since >= patience_seconds(state, line, attempt):
            state, line = went(state, session, line, Sign.LEFT, (), turn)
            session = with_line(session, line)
    return state, session


def patience_seconds(state: State, line: LineState, attempt: Attempt) -> int:
    """How long *attempt* is waited for: the server as for any answer, a thing as for putting it back."""
    if line.status is Status.STRIP_WANTED:
        return state.settings.strip_seconds
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
    return (state, line) if sign is None else went(state, session, line, sign, (), turn)


def left_to_staff(line: LineState, turn: Turn) -> LineState:
    """*line*, whose release is under way, after its entry was settled as a case: no more is written about it."""
    is_secured = line.attempt is not None and line.attempt.phase is Phase.TAKING_BACK
    return _finished(line, End.IN_DOUBT if is_secured else End.UNVERIFIED, turn)


def went(
    state: State,
    session: Session,
    line: LineState,
    sign: Sign,
    after: tuple[TagBits, ...],
    turn: Turn,
    tries_max: int | None = None,
) -> tuple[State, LineState]:
    """*state* and *line*, whose release is under way, after *sign*; *after* are its tags where they were just read.

    *tries_max* where it is not the library's own number of tries.
    """
    attempt, key = line.attempt, line.key
    if attempt is None or key is None:
        return state, line
    line, after = _with_tags(line, after)
    footing = _footing(line, key)
    if _is_strips_turn(line, attempt, sign, footing.standing):
        return state, _strips_turn(line, attempt, sign, turn)
    why = why_of(attempt, sign) if line.strip is None else line.strip.word or why_of(attempt, sign)
    tries = state.settings.release_tries_max if tries_max is None else tries_max
    following = advance(attempt, sign, footing.standing, Policy(tries, PUT_BACK_TRIES_MAX))
    match following:
        case None:
            return state, line
        case Attempt(phase=Phase.TAKING_BACK):
            turn.record(ReleaseFailed(key, turn.wall, after, why, strips.as_found(line)))
            line = replace(line, status=Status.UNDOING, attempt=following, since=turn.seconds)
            return state, withdrawal.begin(line, key, session.patron, turn)
        case Attempt(phase=Phase.RESTORING) if not line.uids:
            # Without tags there is only the strip, and perhaps nothing at all to be restored.
            line = _set_going(line, key, following, turn)
            return went(state, session, line, Sign.RESTORED, (), turn)
        case Attempt():
            return state, _set_going(line, key, following, turn)
        case End.DONE | End.UNVERIFIED | End.NEVER_STOOD | End.LEFT_OPEN:
            write_end(footing, following, after, why, turn, strips.as_found(line))
        case End.IN_DOUBT:
            state = withdrawal.left_in_doubt(state, line, key, turn)
        case End.COMPENSATED | End.STILL_STANDS:
            pass
    return state, _finished(line, following, turn)


def _with_tags(line: LineState, after: tuple[TagBits, ...]) -> tuple[LineState, tuple[TagBits, ...]]:
    """*line* that remembers its tags as read *after* they were written, and what was read of them last."""
    if line.strip is None:
        return line, after
    after = after or line.strip.after
    return replace(line, strip=replace(line.strip, after=after)), after


def _is_strips_turn(line: LineState, attempt: Attempt, sign: Sign, standing: Standing) -> bool:
    """Whether *sign* tells that the tags of *line* are done, or that it has none, and its strip is not done yet."""
    work = line.strip
    match attempt.phase, sign:
        case Phase.DOING, Sign.VERIFIED:
            return work is not None and work.deed is None and standing is not Standing.REFUSED
        case Phase.RESTORING, Sign.RESTORED:
            return work is not None and not work.is_as_before
        case _:
            return False


def _strips_turn(line: LineState, attempt: Attempt, sign: Sign, turn: Turn) -> LineState:
    deed = StripDeed.DESENSITISE if sign is Sign.VERIFIED else StripDeed.SENSITISE
    line = replace(line, attempt=replace(attempt, tries=1))
    turn.play(Sound.ATTENTION)
    return strips.wanted(line, deed, turn)


def _set_going(line: LineState, key: EntryKey, attempt: Attempt, turn: Turn) -> LineState:
    """*line* with what *attempt* says asked for: of the pad, or of the reader."""
    was = line.attempt.phase if line.attempt else None
    line = replace(line, attempt=attempt, since=line.since if attempt.phase is was else turn.seconds)
    match attempt.phase:
        case Phase.DOING if line.strip is not None and line.strip.deed is not None:
            turn.play(Sound.ATTENTION)
            return strips.wanted(line, line.strip.deed, turn)
        case Phase.DOING:
            turn.release(key, line.uids)
            return replace(line, status=Status.RELEASING)
        case Phase.WANTED_BACK:
            turn.play(Sound.ATTENTION)
            return replace(line, status=Status.PUT_BACK, why=Trouble.TAKEN_AWAY)
        case Phase.RESTORING | Phase.TAKING_BACK:
            if line.uids:
                turn.secure(key, line.uids)
            return replace(line, status=Status.UNDOING)


def _finished(line: LineState, end: End, turn: Turn) -> LineState:
    status, why, sound = _ENDED[end]
    turn.play(sound)
    why = strips.last_word(line, end) or why
    line = replace(line, attempt=None, strip=None, status=status, since=turn.seconds)
    if end is End.DONE and line.granted is None:
        return replace(line, status=Status.LENT_PROVISIONALLY, why=why)
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
