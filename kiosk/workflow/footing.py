"""How the entry of a release stands, and what is written when the release ends: the same in a session and at start-up.

| end | server silent so far | granted | refused |
|---|---|---|---|
| DONE | Released | Released, Settled DONE (case DUE_DIFFERS where the reader was told another day) | - |
| UNVERIFIED | ReleaseFailed, case RELEASE_UNKNOWN | the same and Settled CASE | - |
| NEVER_STOOD | - | - | ReleaseFailed, Settled REFUSED |
| LEFT_OPEN | - | - | ReleaseFailed, case NOT_SECURED, Settled CASE |

An entry the server has not answered is never settled here: it stays in its lane.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.workflow.turn import Turn
from kiosk.workflow.two_phase import End, Standing
from sync.cases import is_same_due
from sync.entries import (
    CaseOpened,
    CaseReason,
    Entry,
    EntryKey,
    Granted,
    Promised,
    Refused,
    Released,
    ReleaseFailed,
    Settled,
    Settlement,
    Strip,
    TagBits,
)


@dataclass(frozen=True, slots=True)
class Footing:
    """How the loan of entry *key* stands: *promised* by the terminal, *answer* by the server."""

    key: EntryKey
    promised: Promised | None = None
    answer: Granted | Refused | None = None

    @property
    def standing(self) -> Standing:
        """As the two-phase mechanism sees it: a loan that was only renewed is not ours to take back."""
        match self.answer:
            case Refused():
                return Standing.REFUSED
            case Granted(renewed=True):
                return Standing.FIXED
            case Granted():
                return Standing.GIVEN
            case None:
                return Standing.OWN


def footing_of(entry: Entry) -> Footing:
    """How *entry* stands by its rows."""
    answer = entry.answer
    return Footing(entry.key, entry.promised, answer if isinstance(answer, Granted | Refused) else None)


def write_end(
    footing: Footing,
    end: End,
    after: tuple[TagBits, ...],
    why: str,
    turn: Turn,
    strip: Strip | None = None,
) -> None:
    """Has written what *end* of the release says.

    *after* are the tags as read last, *strip* the strip where one was to be treated, *why* a word for staff.
    """
    key = footing.key
    match end:
        case End.DONE:
            turn.record(Released(key, turn.wall, after, strip))
            _settle_granted(footing, turn)
        case End.UNVERIFIED:
            turn.record(ReleaseFailed(key, turn.wall, after, why, strip))
            detail = f"{why}, {len(after)} tags read"
            turn.record(CaseOpened(key, turn.wall, CaseReason.RELEASE_UNKNOWN, detail))
            _settle_case(footing, turn)
        case End.NEVER_STOOD:
            turn.record(ReleaseFailed(key, turn.wall, after, why, strip))
            turn.record(Settled(key, turn.wall, Settlement.REFUSED))
        case End.LEFT_OPEN:
            turn.record(ReleaseFailed(key, turn.wall, after, why, strip))
            said = footing.answer.reason.value if isinstance(footing.answer, Refused) else "refused"
            turn.record(CaseOpened(key, turn.wall, CaseReason.NOT_SECURED, f"{why}, {said}"))
            turn.record(Settled(key, turn.wall, Settlement.CASE))
        case End.COMPENSATED | End.STILL_STANDS | End.IN_DOUBT:
            raise ValueError(f"{end.value} is no end of a release alone")


def settle_untouched(footing: Footing, turn: Turn) -> None:
    """Has a loan settled that needs no release, where the server has granted it."""
    _settle_granted(footing, turn)


def _settle_granted(footing: Footing, turn: Turn) -> None:
    if not isinstance(footing.answer, Granted):
        return
    if _opens_due_case(footing, turn):
        turn.record(Settled(footing.key, turn.wall, Settlement.CASE))
    else:
        turn.record(Settled(footing.key, turn.wall, Settlement.DONE))


def _settle_case(footing: Footing, turn: Turn) -> None:
    if isinstance(footing.answer, Granted):
        _opens_due_case(footing, turn)
        turn.record(Settled(footing.key, turn.wall, Settlement.CASE))


def _opens_due_case(footing: Footing, turn: Turn) -> bool:
    """Whether the server's day is not the one the reader was promised, which is a case of its own."""
    promised, answer = footing.promised, footing.answer
    if promised is None or not isinstance(answer, Granted) or is_same_due(promised.due, answer.due):
        return False
    turn.record(CaseOpened(footing.key, turn.wall, CaseReason.DUE_DIFFERS, "answered during the release"))
    return True
