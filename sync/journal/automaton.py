"""Which row may follow which in the life of one entry.

Where an entry stands is a small product of what was said about it, each part with its own steps:

    what it is      ASKED ----- promised, while nobody answered and no tag was touched -----> PROMISED
    the answer      NONE ------ granted, refused -----> GRANTED, REFUSED;  silence, held: stays NONE
    the tags        UNTOUCHED - release intended -----> RELEASING --- released ---> RELEASED
                                      ^                     `-- release failed ---> FAILED
                                      `---- release intended again --------------------'
    the case        no case --- case opened -----> open --- case closed -----> no open case, and so on
    the end         open ------ settled -----> settled, after which only a case that is open may be closed

and what ties the parts together:

- Only one believed answer: a second one, or silence behind it, is dropped by whoever reads the wire, never
  written.  It may come while tags are released or after, where the terminal itself promised the loan.
- No release before a grant, ours or the server's, and none after a refusal.
- How it may end:

      done               granted, tags untouched or released
      undone             granted, tags untouched or not released (failed)
      refused, not done  refused, tags untouched or not released (failed)
      case               at any time

  So a waiting entry cannot end as done or not done: somebody has to have answered.  A terminal that asked and
  saw that nothing was done writes that as `Refused(NOT_DONE)`.  A release whose result nobody can tell ends
  as a case, and so does a refusal of what lies released in somebody's bag.
- A case may be opened at any moment before the end, also a second one; closing closes every open one.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple, assert_never

from sync.entries import (
    Answered,
    CaseClosed,
    CaseOpened,
    EntryRow,
    Granted,
    Held,
    Intended,
    Promised,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
    Silence,
)


class Word(Enum):
    """What the server said."""

    NONE = "unanswered"
    GRANTED = "granted"
    REFUSED = "refused"


class Tags(Enum):
    """How far the tags are."""

    UNTOUCHED = "untouched"
    RELEASING = "releasing"
    RELEASED = "released"
    FAILED = "release failed"


class EntryState(NamedTuple):
    """Where an entry stands.  Prints as words for an error."""

    word: Word = Word.NONE
    is_promised: bool = False
    tags: Tags = Tags.UNTOUCHED
    has_open_case: bool = False
    is_settled: bool = False

    @property
    def is_over(self) -> bool:
        """Whether no row at all may follow any more."""
        return self.is_settled and not self.has_open_case

    def __str__(self) -> str:
        said = [self.word.value, self.tags.value]
        said += (
            ["promised"] * self.is_promised + ["case"] * self.has_open_case + ["settled"] * self.is_settled
        )
        return ", ".join(said)


BEGUN: Final = EntryState()
"""Where an entry stands after its `Intended`."""

Sign = (
    type[Granted | Refused | Held | Silence]
    | type[Promised | ReleaseIntended | Released | ReleaseFailed | CaseOpened | CaseClosed]
    | Settlement
)
"""What rows are told apart by: their type, the type of their answer, or how they settle."""

_UNSPOILT: Final = (Tags.UNTOUCHED, Tags.FAILED)
_ENDS: Final[dict[Settlement, tuple[Word, tuple[Tags, ...]]]] = {
    Settlement.DONE: (Word.GRANTED, (Tags.UNTOUCHED, Tags.RELEASED)),
    Settlement.UNDONE: (Word.GRANTED, _UNSPOILT),
    Settlement.REFUSED: (Word.REFUSED, _UNSPOILT),
    Settlement.NOT_DONE: (Word.REFUSED, _UNSPOILT),
}


def following(state: EntryState | None, row: EntryRow) -> EntryState | None:
    """The state after *row*, None where no such row may follow.  A *state* of None: no row yet."""
    match row:
        case Intended():
            return BEGUN if state is None else None
        case Answered():
            sign: Sign = type(row.answer)
        case Settled():
            sign = row.how
        case Promised() | ReleaseIntended() | Released() | ReleaseFailed() | CaseOpened() | CaseClosed():
            sign = type(row)
        case _:
            assert_never(row)
    if state is None:
        return None
    step = (state, sign)
    if step not in _STEPS:
        _STEPS[step] = _step(state, sign)
    return _STEPS[step]


_STEPS: Final[dict[tuple[EntryState, Sign], EntryState | None]] = {}
"""Steps that were worked out before, some hundred at most: entries that stand alike share one state."""


def _step(state: EntryState, sign: Sign) -> EntryState | None:
    if sign is CaseClosed:
        return state._replace(has_open_case=False) if state.has_open_case else None
    if state.is_settled:
        return None
    if sign is CaseOpened:
        return state._replace(has_open_case=True)
    if isinstance(sign, Settlement):
        return state._replace(is_settled=True) if _may_end(state, sign) else None
    if sign in (Granted, Refused, Held, Silence):
        return _answered(state, sign)
    return _handled(state, sign)


def _answered(state: EntryState, sign: Sign) -> EntryState | None:
    if state.word is not Word.NONE:
        return None
    if sign is Granted:
        return state._replace(word=Word.GRANTED)
    return state._replace(word=Word.REFUSED) if sign is Refused else state


def _handled(state: EntryState, sign: Sign) -> EntryState | None:
    """What the terminal itself did: promise, release."""
    word, is_promised, tags = state.word, state.is_promised, state.tags
    if sign is Promised and word is Word.NONE and tags is Tags.UNTOUCHED and not is_promised:
        return state._replace(is_promised=True)
    if sign is ReleaseIntended and tags in _UNSPOILT:
        is_granted = word is Word.GRANTED or (is_promised and word is Word.NONE)
        return state._replace(tags=Tags.RELEASING) if is_granted else None
    if sign is Released and tags is Tags.RELEASING:
        return state._replace(tags=Tags.RELEASED)
    if sign is ReleaseFailed and tags is Tags.RELEASING:
        return state._replace(tags=Tags.FAILED)
    return None


def _may_end(state: EntryState, how: Settlement) -> bool:
    if how is Settlement.CASE:
        return True
    word, tags = _ENDS[how]
    return state.word is word and state.tags in tags


def sign_name(row: EntryRow) -> str:
    """What *row* says, in a word for an error."""
    match row:
        case Answered():
            return type(row.answer).__name__
        case Settled():
            return f"Settled {row.how.value}"
        case _:
            return type(row).__name__
