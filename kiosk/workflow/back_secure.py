"""Making secure what is given back: its tags, then its strip; read back, and only then is it called done.

`two_phase.py` says what comes next.  The server is not told before the end is written, so nothing has to be taken back:
an item that goes away meanwhile was simply not given back, and one that cannot be made secure is taken all the same.

    SECURING --tags and strip read back--> secured
       |  ^--back-- PUT_BACK --left behind: does it lie there, as far as the pad could see?--yes--> not secured
       |               `----------------------------------------------------------------------no---> taken away
       `--will not be written, tried often enough--> not secured
"""

from __future__ import annotations

from dataclasses import replace

from drivers.em import Deed as StripDeed
from kiosk.workflow import strips
from kiosk.workflow.back_answers import lies_there, restored
from kiosk.workflow.back_ends import not_secured, secured, taken_away, telling, with_missing_parts
from kiosk.workflow.back_line import BackLineState, Batch, with_back
from kiosk.workflow.effects import Sound
from kiosk.workflow.events import Device, TagsRestored, TagsSecured
from kiosk.workflow.line import StripWork
from kiosk.workflow.pad import bits_of
from kiosk.workflow.release import PUT_BACK_TRIES_MAX, SIGN_OF
from kiosk.workflow.settings import ScannedItem, SessionSettings, Strips
from kiosk.workflow.state import State
from kiosk.workflow.turn import Turn
from kiosk.workflow.two_phase import Attempt, Deed, End, Phase, Policy, Sign, Standing, advance
from kiosk.workflow.view import BackStatus, Trouble
from sync.entries import (
    CaseOpened,
    CaseReason,
    EntryKey,
    GiveBack,
    ItemId,
    Secured,
    SecureFailed,
    SecureIntended,
    Strip,
    TagBits,
)
from sync.rules.strips import Interlock, StripFacts, interlock

NO_TAG = "no-tag"
_WORD = {Sign.GONE: "taken-away", Sign.REFUSED: "write-refused", Sign.DEVICE_LOST: "pad-lost"}


def needs_tag(settings: SessionSettings) -> bool:
    """Whether an item that is scanned is to show its tag as well, where there is a pad to show it to."""
    is_wanted = settings.scanned_item is ScannedItem.NEEDS_TAG and settings.strips is not Strips.UNTAGGED
    return settings.has_pad and is_wanted


def work_for(state: State, line: BackLineState) -> StripWork | None:
    """The strip's part in making *line* secure; None where no strip is touched.

    The strip of a tape was never switched off.  Where nobody could say whether it is one, its strip stays as it is.
    """
    if not strips.is_stripped(state.settings, has_tags=bool(line.uids)):
        return None
    facts = StripFacts(True, line.is_magnetic, line.media_formats, is_server_word=line.is_told)
    match interlock(facts):
        case Interlock.MAGNETIC_MEDIA:
            return None
        case None:
            return StripWork()
        case _:
            return StripWork(why=Trouble.STRIP_MEDIA_UNKNOWN)


def begin(state: State, line: BackLineState, item: ItemId, turn: Turn) -> tuple[State, BackLineState]:
    """*state* and *line* with *item* being made secure: intended, recorded, and held in its lane."""
    key = turn.new_key()
    promise = GiveBack(item, turn.wall, line.was_on_loan, line.due_before)
    line = replace(line, since=turn.seconds, why=None, strip=work_for(state, line))
    if not line.uids and line.strip is None:
        return state, _without_anything(state, line, key, promise, turn)
    before = bits_of(state.pad, line.uids)
    strip = None if line.strip is None else Strip.UNVERIFIED
    entry = turn.begin(key, promise, SecureIntended(key, turn.wall, before, strip), is_held=True)
    line = replace(line, entry=entry, before=before, status=BackStatus.SECURING, attempt=Attempt(Deed.SECURE))
    if not line.uids:
        return strips_turn(state, line, turn)
    turn.secure(key, line.uids)
    return state, line


def _without_anything(
    state: State, line: BackLineState, key: EntryKey, promise: GiveBack, turn: Turn
) -> BackLineState:
    """An item without tag and strip is told of at once; one that should show a tag, or may have one, is for staff."""
    may_have_one = needs_tag(state.settings) or (state.settings.has_pad and Device.PAD in state.down)
    if not may_have_one:
        entry = turn.begin(key, promise, Secured(key, turn.wall, ()))
        line = replace(line, entry=entry)
    else:
        entry = turn.begin(
            key,
            promise,
            SecureIntended(key, turn.wall, ()),
            SecureFailed(key, turn.wall, (), NO_TAG),
            CaseOpened(key, turn.wall, CaseReason.RETURN_NOT_SECURED, NO_TAG),
        )
        line = replace(line, entry=entry, why=Trouble.NOT_SECURED_ASK_STAFF)
    return telling(state, with_missing_parts(line, key, turn), turn)


def told_by_pad(
    state: State, batch: Batch, line: BackLineState, event: TagsSecured | TagsRestored, turn: Turn
) -> tuple[State, BackLineState]:
    """*state* and *line* after the pad said what became of its tags; said twice, it counts once."""
    if line.attempt is None:
        return state, line
    if isinstance(event, TagsRestored):
        line = replace(line, after=event.after or line.after)
        return state, restored(state, line, Sign.RESTORED if event.is_complete else Sign.NOT_RESTORED, turn)
    if line.status is not BackStatus.SECURING:
        return state, line
    sign = Sign.VERIFIED
    if not event.is_complete:
        sign = Sign.REFUSED if event.trouble is None else SIGN_OF[event.trouble]
    may_wait = batch.drop is None or state.drop_unit.is_occupied
    return went(state, line, sign, event.after, turn, may_wait=may_wait)


def put_back(state: State, line: BackLineState, turn: Turn) -> tuple[State, BackLineState]:
    """*state* and *line* after all its tags came back to the pad."""
    return went(state, line, Sign.BACK, (), turn)


def went(
    state: State,
    line: BackLineState,
    sign: Sign,
    after: tuple[TagBits, ...],
    turn: Turn,
    *,
    may_wait: bool = True,
) -> tuple[State, BackLineState]:
    """*state* and *line*, whose tags are being secured, after *sign*; *after* are its tags where they were read now."""
    attempt, key = line.attempt, line.key
    if attempt is None or key is None:
        return state, line
    line = replace(line, after=after or line.after)
    policy = Policy(state.settings.release_tries_max, PUT_BACK_TRIES_MAX, may_wait, may_restore=False)
    match advance(attempt, sign, Standing.OWN, policy):
        case None:
            return state, line
        case End.DONE if line.strip is not None:
            return strips_turn(state, line, turn)
        case End.DONE:
            return state, secured(state, line, turn)
        case End():
            return state, _unverified(state, line, sign, turn)
        case Attempt(phase=Phase.WANTED_BACK) as following:
            turn.play(Sound.ATTENTION)
            line = replace(line, attempt=following, since=turn.seconds, why=Trouble.TAKEN_AWAY)
            return state, replace(line, status=BackStatus.PUT_BACK)
        case Attempt() as following:
            turn.secure(key, line.uids)
            was_back = line.status is BackStatus.PUT_BACK
            since = turn.seconds if was_back else line.since
            return state, replace(line, attempt=following, status=BackStatus.SECURING, since=since, why=None)


def _unverified(state: State, line: BackLineState, sign: Sign, turn: Turn) -> BackLineState:
    """Left behind where the pad cannot do it, it is the library's all the same; gone, it is not."""
    failed_by = line.attempt.failed_by if line.attempt is not None else None
    word = _WORD.get(sign) or (_WORD.get(failed_by) if failed_by is not None else None) or "no-answer"
    is_gone = sign is Sign.GONE or not lies_there(state, line)
    return taken_away(line, word, turn) if is_gone else not_secured(state, line, word, turn)


def strips_turn(state: State, line: BackLineState, turn: Turn) -> tuple[State, BackLineState]:
    """*state* and *line*, whose tags are done or which has none, with its strip wanted at the unit."""
    work, unit = line.strip, state.strip_unit
    if work is None:
        return state, line
    if work.why is not None:
        return state, not_secured(state, line, work.why.value, turn, work.why)
    if Device.STRIP_UNIT in state.down or unit.order is not None:
        away = Trouble.STRIP_UNIT_AWAY
        return state, not_secured(state, line, away.value, turn, away)
    turn.play(Sound.ATTENTION)
    if unit.is_occupied and unit.of is None:
        # What lies there unclaimed is the item that was scanned, or lies on the pad, just now.
        state = replace(state, strip_unit=replace(unit, of=line.id))
    line = replace(line, status=BackStatus.STRIP_WANTED, since=turn.seconds, why=None)
    return state, replace(line, strip=replace(work, deed=StripDeed.SENSITISE))


def out_of_patience(state: State, batch: Batch, turn: Turn) -> tuple[State, Batch]:
    """*state* and *batch* after time passed: items not put back, tags that nobody says anything about."""
    for line in batch.lines:
        if line.attempt is None or line.status is BackStatus.STRIP_WANTED:
            continue
        if turn.seconds - line.since >= state.settings.put_back_seconds:
            state, line = left(state, line, turn)
            batch = with_back(batch, line)
    return state, batch


def left(state: State, line: BackLineState, turn: Turn) -> tuple[State, BackLineState]:
    """*state* and *line*, whose item is not waited for any longer."""
    if line.attempt is not None and line.attempt.phase is Phase.RESTORING:
        return state, restored(state, line, Sign.LEFT, turn)
    return went(state, line, Sign.LEFT, (), turn)
