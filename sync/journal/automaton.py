"""Which row may follow which in the life of one entry.

An entry begins with `Intended` and ends with `Settled`; what lies between is this table:

                 silence, held                     released
                    .---.                        .----------> RELEASED --- done, case ---.
                    v   |                        |                                       |
    Intended --> WAITING --- granted --> GRANTED --> RELEASING --- case -----------------+
                    |                      |     ^       |                               v
                    |                      |     |       | release failed             SETTLED
                    |                      |     `-- RELEASE_FAILED -- undone, case -----^
                    |                      `------- done, undone, case ------------------|
                    |--- refused --> REFUSED ------ refused, not done, case -------------|
                    `------------- case (nobody could tell) -----------------------------'

- Only one believed answer: a second one is dropped by whoever reads the wire, never written.
- No release before a grant; a release whose result nobody can tell ends as a case, never as done or undone.
- A waiting entry cannot end as done or not done: somebody has to have answered.  A terminal that asked and
  saw that nothing was done writes that as `Refused(NOT_DONE)`.
- A case may be opened at any moment before the end and changes nothing else.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, assert_never

from sync.entries import (
    Answered,
    CaseOpened,
    EntryRow,
    Granted,
    Held,
    Intended,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
    Silence,
)


class EntryState(Enum):
    """Where an entry stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"
    RELEASING = "releasing"
    RELEASED = "released"
    RELEASE_FAILED = "release-failed"
    SETTLED = "settled"


Sign = (
    type[Granted | Refused | Held | Silence]
    | type[ReleaseIntended | Released | ReleaseFailed | CaseOpened]
    | Settlement
)
"""What the table tells rows apart by: their type, the type of their answer, or how they settle."""

_S = EntryState
_ENDS: Final[dict[EntryState, tuple[Settlement, ...]]] = {
    _S.WAITING: (Settlement.CASE,),
    _S.GRANTED: (Settlement.DONE, Settlement.UNDONE, Settlement.CASE),
    _S.REFUSED: (Settlement.REFUSED, Settlement.NOT_DONE, Settlement.CASE),
    _S.RELEASING: (Settlement.CASE,),
    _S.RELEASED: (Settlement.DONE, Settlement.CASE),
    _S.RELEASE_FAILED: (Settlement.UNDONE, Settlement.CASE),
}

FOLLOWING: Final[dict[tuple[EntryState, Sign], EntryState]] = {
    (_S.WAITING, Silence): _S.WAITING,
    (_S.WAITING, Held): _S.WAITING,
    (_S.WAITING, Granted): _S.GRANTED,
    (_S.WAITING, Refused): _S.REFUSED,
    (_S.GRANTED, ReleaseIntended): _S.RELEASING,
    (_S.RELEASING, Released): _S.RELEASED,
    (_S.RELEASING, ReleaseFailed): _S.RELEASE_FAILED,
    (_S.RELEASE_FAILED, ReleaseIntended): _S.RELEASING,
    **{(state, CaseOpened): state for state in EntryState if state is not _S.SETTLED},
    **{(state, how): _S.SETTLED for state, ends in _ENDS.items() for how in ends},
}
"""The whole table: what is not in it is refused."""


def following(state: EntryState | None, row: EntryRow) -> EntryState | None:
    """The state after *row*, None where the table has no such step.  A *state* of None: no row yet."""
    match row:
        case Intended():
            return EntryState.WAITING if state is None else None
        case Answered():
            sign: Sign = type(row.answer)
        case Settled():
            sign = row.how
        case ReleaseIntended() | Released() | ReleaseFailed() | CaseOpened():
            sign = type(row)
        case _:
            assert_never(row)
    return None if state is None else FOLLOWING.get((state, sign))


def sign_name(row: EntryRow) -> str:
    """What *row* says, in a word for an error."""
    match row:
        case Answered():
            return type(row.answer).__name__
        case Settled():
            return f"Settled {row.how.value}"
        case _:
            return type(row).__name__
