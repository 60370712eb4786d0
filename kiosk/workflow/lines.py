"""The list of books: how lines appear, come back and vanish as things are laid on the pad, taken off and scanned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from drivers.em import Deed
from kiosk.workflow import release, strips
from kiosk.workflow.effects import Sound
from kiosk.workflow.line import LineState
from kiosk.workflow.pad import Found, Odd
from kiosk.workflow.settings import ScannedItem, SessionSettings, Strips
from kiosk.workflow.state import Session, State, with_line
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Status, Trouble
from sync.entries import ItemId
from sync.questions import AboutItem, ItemFacts

SCAN_FLAW = "scan:flaw"

_OPEN_TO_CHANGE = (Status.WAITING, Status.INCOMPLETE)
_COMES_BACK = (Status.NOT_LENT, Status.NEEDS_CONSENT)


def follow_pad(
    session: Session, found: Sequence[Found], odd: Sequence[Odd], settings: SessionSettings, turn: Turn
) -> Session:
    """*session* after a stable reading of the pad: every thing on it has its line, what left is noticed."""
    on_pad = {thing.item: thing for thing in found}
    odd_on_pad = {f"tag:{thing.uid}": thing.trouble for thing in odd}
    kept: list[LineState] = []
    for line in session.lines:
        if line.id.startswith("tag:"):
            if line.id in odd_on_pad:
                kept.append(line)
            continue
        thing = on_pad.get(line.item) if line.item is not None else None
        followed = _follow(line, thing, settings, turn)
        if followed is not None:
            kept.append(followed)
    session = replace(session, lines=tuple(kept))
    known = {line.id for line in session.lines}
    new = [thing for thing in found if thing.item not in known]
    is_expected = any(line.why is Trouble.NOT_ON_PAD for line in session.lines)
    if new:
        session, is_stopped = _unlike_the_scanned(session)
        is_expected = is_expected or is_stopped
    is_wrong = len(new) == 1 and is_expected
    for thing in new:
        if len(session.lines) < settings.lines_max:
            line = _not_the_scanned(thing, turn) if is_wrong else _new(thing, turn)
            session = replace(session, lines=(*session.lines, line))
            turn.play(Sound.REFUSED if is_wrong else Sound.READ)
    for identifier, trouble in odd_on_pad.items():
        if identifier not in known and len(session.lines) < settings.lines_max:
            line = LineState(identifier, Status.NOT_LENT, turn.seconds, why=trouble)
            session = replace(session, lines=(*session.lines, line))
            turn.play(Sound.REFUSED)
    return session


def _unlike_the_scanned(session: Session) -> tuple[Session, bool]:
    """*session* after a tag of something new came onto the pad, and whether that stopped a strip from being treated."""
    stopped = strips.stopped(session, Trouble.TAG_IS_OF_ANOTHER)
    return stopped, stopped is not session


def follow_put_back(
    session: Session, found: Sequence[Found], settings: SessionSettings, turn: Turn
) -> Session:
    """*session*, already ending, after a reading: nothing new is taken, but it may speak against what is under way."""
    on_pad = {thing.item: thing for thing in found}
    known = {line.id for line in session.lines}
    if any(thing.item not in known for thing in found):
        session, _ = _unlike_the_scanned(session)
    for line in session.lines:
        is_followed = line.status in (Status.PUT_BACK, Status.STRIP_WANTED)
        if (is_followed or (line.status is Status.ASKING and line.key)) and line.item in on_pad:
            followed = _follow(line, on_pad[line.item], settings, turn)
            session = with_line(session, followed) if followed is not None else session
    return session


def _new(thing: Found, turn: Turn) -> LineState:
    line = LineState(thing.item, Status.WAITING, turn.seconds, item=thing.item)
    return _laid(line, thing, turn)


def _not_the_scanned(thing: Found, turn: Turn) -> LineState:
    """*thing*, which came alone after another item was scanned and asked for: label and tag may disagree.

    It is not lent before it was lifted and laid down once more.
    """
    line = LineState(thing.item, Status.NOT_LENT, turn.seconds, item=thing.item, uids=thing.uids)
    return replace(line, why=Trouble.NOT_THE_SCANNED_ITEM)


def _laid(line: LineState, thing: Found, turn: Turn) -> LineState:
    """*line* as it begins with *thing* on the pad: waiting, incomplete, or refused because of its tags."""
    line = replace(
        line,
        uids=thing.uids,
        parts=thing.parts,
        parts_present=thing.parts_present,
        media_formats=thing.media_formats,
        since=turn.seconds,
        has_left=False,
        is_confirmed=line.accepts_missing_parts,
        why=None,
        message="",
    )
    if thing.trouble is not None:
        return replace(line, status=Status.NOT_LENT, why=thing.trouble)
    if not thing.is_complete and not line.accepts_missing_parts:
        return replace(line, status=Status.INCOMPLETE, why=Trouble.PARTS_MISSING)
    return replace(line, status=Status.WAITING)


def _follow(line: LineState, thing: Found | None, settings: SessionSettings, turn: Turn) -> LineState | None:
    """*line* after a reading in which its item is *thing*, or is not there; None when the line is to vanish."""
    if thing is None:
        if line.status in _OPEN_TO_CHANGE and line.uids:
            return None
        return line if line.has_left or not line.uids else replace(line, has_left=True)
    if line.status is Status.PUT_BACK:
        return release.put_back(line, turn) if all(uid in thing.uids for uid in line.uids) else line
    changed = thing.uids != line.uids
    if line.status in (Status.ASKING, Status.STRIP_WANTED) and line.strip is not None and not line.uids:
        return _tag_found(line, thing, settings, turn)
    if line.status in _OPEN_TO_CHANGE and changed:
        return _laid(replace(line, token=0), thing, turn)
    if line.status in _COMES_BACK and (line.has_left or (changed and not line.granted)):
        return _laid(_afresh(line), thing, turn)
    if line.status is Status.NOT_LENT and not line.uids:
        # It may be tried again once it was lifted, like everything whose tag is known.
        return replace(line, uids=thing.uids)
    return replace(line, has_left=False) if line.has_left else line


def _tag_found(line: LineState, thing: Found, settings: SessionSettings, turn: Turn) -> LineState:
    """*line*, scanned and asked for as an item with a strip, whose own tag came onto the pad.

    It has no strip then, or both: in that case a tag that comes after the strip's turn takes the loan back, for it
    would be half released.  Where the terminal's own books were asked, they are asked again, with what the tag says.
    """
    if line.status is Status.STRIP_WANTED:
        would_be_half = strips.work_of(line).deed is Deed.DESENSITISE and settings.strips is Strips.ALL
        return strips.with_stop(line, Trouble.RELEASE_FAILED_LOAN_UNDONE) if would_be_half else line
    if thing.trouble is not None or not thing.is_complete:
        return strips.with_stop(line, thing.trouble or Trouble.PARTS_MISSING)
    tagged = replace(
        line,
        uids=thing.uids,
        parts=thing.parts,
        parts_present=thing.parts_present,
        media_formats=thing.media_formats,
    )
    tagged = tagged if strips.has_strip(settings, tagged) else replace(tagged, strip=None)
    if line.token_here and line.key is None:
        return replace(tagged, status=Status.WAITING, token_here=0, since=turn.seconds)
    return tagged


def _afresh(line: LineState) -> LineState:
    """*line* without what became of its last try."""
    return replace(
        line,
        key=None,
        undo=None,
        granted=None,
        refused=None,
        promised=None,
        attempt=None,
        strip=None,
        fee=None,
        token_here=0,
        beside=(),
        reference="",
        slip=None,
    )


def follow_scan(
    session: Session, item: ItemId, found: Sequence[Found], settings: SessionSettings, turn: Turn
) -> Session:
    """*session* after the barcode of *item* was scanned: a line of its own, unless it has one."""
    line = next((line for line in session.lines if line.id == item), None)
    if line is not None and not (line.status in _COMES_BACK and not line.uids):
        return session
    if line is None and len(session.lines) >= settings.lines_max:
        return session
    turn.play(Sound.READ)
    fresh = LineState(item, Status.WAITING, turn.seconds, item=item)
    thing = next((thing for thing in found if thing.item == item), None)
    if thing is not None:
        return with_line(session, _laid(fresh, thing, turn))
    needs_tag = settings.scanned_item is ScannedItem.NEEDS_TAG and settings.strips is not Strips.UNTAGGED
    if settings.has_pad and needs_tag:
        return with_line(session, replace(fresh, status=Status.NOT_LENT, why=Trouble.NOT_ON_PAD))
    return with_line(session, fresh)


def flawed_scan(session: Session, trouble: Trouble, turn: Turn) -> Session:
    """*session* with a line that says what was wrong with the last scan."""
    turn.play(Sound.REFUSED)
    return with_line(session, LineState(SCAN_FLAW, Status.NOT_LENT, turn.seconds, why=trouble))


def without_scan_flaw(session: Session) -> Session:
    """*session* without the word about a bad scan: something better happened since."""
    return replace(session, lines=tuple(line for line in session.lines if line.id != SCAN_FLAW))


def ask_about_items(state: State, session: Session, turn: Turn) -> tuple[State, Session]:
    """Asks what only the server knows of an item: title, date of an own loan, rule for missing parts.

    A server that is known to be away is not asked; where it has no rule to tell, the library's own holds.
    """
    if state.is_server_away:
        return state, _without_server(state, session)
    token = state.token
    for line in session.lines:
        is_bare = line.status is Status.ALREADY_YOURS and (not line.title or line.due is None)
        is_nameless = line.status is Status.WAITING and not line.title and not session.is_ending
        is_asked = is_bare or is_nameless or line.status is Status.INCOMPLETE
        if is_asked and line.token == 0 and line.item is not None:
            token += 1
            turn.ask(token, AboutItem(line.item))
            session = with_line(session, replace(line, token=token))
    return (state if token == state.token else replace(state, token=token)), session


def _without_server(state: State, session: Session) -> Session:
    for line in session.lines:
        if line.status is Status.INCOMPLETE and line.token == 0 and line.may_lack_parts is None:
            session = with_line(session, replace(line, may_lack_parts=state.settings.lend_incomplete))
    return session


def learn_about_item(
    session: Session, token: int, facts: ItemFacts | None, settings: SessionSettings
) -> Session:
    """*session* with what the server told about an item; where it has no rule of its own, the library's holds."""
    for line in session.lines:
        if line.token != token or token == 0:
            continue
        if facts is not None and facts.magnetic:
            line = replace(line, holds_magnetic=True)
        title = facts.title if facts is not None and facts.title else line.title
        if line.status is Status.INCOMPLETE:
            rule = facts.lend_incomplete if facts is not None else None
            may = settings.lend_incomplete if rule is None else rule
            return with_line(session, replace(line, may_lack_parts=may, title=title))
        due = line.due if line.due is not None or facts is None else facts.due
        return with_line(session, replace(line, due=due, title=title))
    return session


def accept_missing_parts(session: Session, item: str, turn: Turn) -> Session:
    """*session* after the reader chose to borrow what is there of *item*."""
    for line in session.lines:
        if line.id == item and line.status is Status.INCOMPLETE and line.may_lack_parts:
            accepted = replace(
                line,
                status=Status.WAITING,
                since=turn.seconds,
                accepts_missing_parts=True,
                is_confirmed=True,
                why=None,
            )
            return with_line(session, accepted)
    return session
