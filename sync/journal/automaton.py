"""Which row may follow which in the life of one entry.

Where an entry stands is a small product (`stages.py`) of what was said about it, each part with its own steps.  An
entry lives one of four lives, by what it asks for: a loan (also renewed, or undone), a return, a payment, a report.

Every life:

    the answer      NONE ------ granted, refused -----> GRANTED, REFUSED;  silence, held: stays NONE
    the case        no case --- case opened -----> open --- case closed -----> no open case, and so on
    the end         open ------ settled -----> settled, after which only a case that is open may be closed

A loan:

    what it is      ASKED ----- promised, while nobody answered and no tag was touched -----> PROMISED
    the tags        UNTOUCHED - release intended -----> RELEASING --- released ---> RELEASED
                                      ^                     `-- release failed ---> FAILED
                                      `---- release intended again --------------------'
A return:

    the tags        UNTOUCHED - secure intended -> SECURING --- secured ---> SECURED ----.
                        |                             |                                  |-- restored -> RESTORED
                        |                             `- secure failed -> NOT_SECURED ---'
                        |                                                     |     ^
                        `--- secured (nothing to secure) -> SECURED           |     |-- secure failed
                                                          secure intended ----'     |
                                                              `-> SECURING_AGAIN ---'-- secured -> SECURED
    the drop        lying ----- dropped -----> in a bin

A payment:

    the money       UNKNOWN --- payment approved ---> TAKEN --- payment reversed ---> GIVEN_BACK
                       `------- payment not made ---> NOT_TAKEN

and what ties the parts together:

- Only one believed answer: a second one, or silence behind it, is dropped by whoever reads the wire, never
  written.  It may come while tags are released or after, where the terminal itself promised the loan.
- No release before a grant, ours or the server's, and none after a refusal.
- The server hears of a return when what became of securing it is written, and of a payment when the money was
  taken: no answer comes before, and none once the money is given back.  Securing again is not waited for.
- Tags are put back as they were only for a refusal.  An item is dropped once, after it was secured as far as it
  goes.
- Whether money was taken is said once.  It is given back only where the server did not grant: it refused, or a
  case says why.
- How it may end:

                   loan                              return                        payment         report
      done         granted, tags untouched or        granted, tags not being       granted, taken  granted
                   released                          secured
      undone       granted, tags untouched or        -                             given back      -
                   not released (failed)
      refused      refused, tags untouched or        refused, tags not being       -               refused
                   not released (failed)             secured
      not done     as refused                        refused, and not secured      not taken       refused
      case         at any time, in every life

  So a waiting entry cannot end as done or not done: somebody has to have answered.  A terminal that asked and
  saw that nothing was done writes that as `Refused(NOT_DONE)`.  A release or securing whose result nobody can
  tell ends as a case, and so does a refusal of what lies released in somebody's bag, and a payment of which
  nobody can tell whether the money was taken, or which is taken and refused.
- A case may be opened at any moment before the end, also a second one; closing closes every open one.
"""

from __future__ import annotations

from typing import Final, assert_never

from sync.entries import (
    Answered,
    CaseClosed,
    CaseOpened,
    Dropped,
    EntryRow,
    Granted,
    Held,
    Intended,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Promise,
    Promised,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Restored,
    Secured,
    SecureFailed,
    SecureIntended,
    Settled,
    Settlement,
    Silence,
)
from sync.journal.stages import EntryState, Paid, Tags, What, Word, what_of

Sign = (
    type[Granted | Refused | Held | Silence]
    | type[Promised | ReleaseIntended | Released | ReleaseFailed | CaseOpened | CaseClosed]
    | type[SecureIntended | Secured | SecureFailed | Restored | Dropped]
    | type[PaymentApproved | PaymentNotMade | PaymentReversed]
    | Settlement
)
"""What rows are told apart by: their type, the type of their answer, or how they settle."""

_BEGUN: Final = {what: EntryState(what) for what in What}
_STEPS: Final[dict[tuple[EntryState, Sign], EntryState | None]] = {}
"""Steps that were worked out before, some hundred at most: entries that stand alike share one state."""

_TOUCHING: Final = (Tags.SECURING, Tags.SECURING_AGAIN)
_UNSPOILT: Final = (Tags.UNTOUCHED, Tags.FAILED)
_LOAN_ENDS: Final[dict[Settlement, tuple[Word, tuple[Tags, ...]]]] = {
    Settlement.DONE: (Word.GRANTED, (Tags.UNTOUCHED, Tags.RELEASED)),
    Settlement.UNDONE: (Word.GRANTED, _UNSPOILT),
    Settlement.REFUSED: (Word.REFUSED, _UNSPOILT),
    Settlement.NOT_DONE: (Word.REFUSED, _UNSPOILT),
}
_RETURN_ENDS: Final[dict[Settlement, tuple[Word, tuple[Tags, ...]]]] = {
    Settlement.DONE: (Word.GRANTED, (Tags.UNTOUCHED, Tags.SECURED, Tags.NOT_SECURED)),
    Settlement.REFUSED: (Word.REFUSED, (Tags.UNTOUCHED, Tags.SECURED, Tags.NOT_SECURED, Tags.RESTORED)),
    Settlement.NOT_DONE: (Word.REFUSED, (Tags.UNTOUCHED, Tags.NOT_SECURED, Tags.RESTORED)),
}


def begun(promise: Promise) -> EntryState:
    """Where an entry stands after its `Intended`."""
    return _BEGUN[what_of(promise)]


def following(state: EntryState | None, row: EntryRow) -> EntryState | None:
    """The state after *row*, None where no such row may follow.  A *state* of None: no row yet."""
    if isinstance(row, Intended):
        return begun(row.promise) if state is None else None
    if state is None:
        return None
    sign: Sign
    match row:
        case Answered():
            sign = type(row.answer)
        case Settled():
            sign = row.how
        case _:
            sign = type(row)
    step = (state, sign)
    try:
        return _STEPS[step]
    except KeyError:
        return _STEPS.setdefault(step, _step(state, sign))


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
    match state.what:
        case What.LOAN:
            return _lent(state, sign)
        case What.RETURN:
            return _given_back(state, sign)
        case What.PAYMENT:
            return _paid(state, sign)
        case What.REPORT:
            return None
        case _:
            assert_never(state.what)


def _answered(state: EntryState, sign: Sign) -> EntryState | None:
    is_told = state.tags is not Tags.SECURING and (state.what is not What.PAYMENT or state.paid is Paid.TAKEN)
    if state.word is not Word.NONE or not is_told:
        return None
    if sign is Granted:
        return state._replace(word=Word.GRANTED)
    return state._replace(word=Word.REFUSED) if sign is Refused else state


def _lent(state: EntryState, sign: Sign) -> EntryState | None:
    """What the terminal itself did about a loan: promise, release."""
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


def _given_back(state: EntryState, sign: Sign) -> EntryState | None:
    """What the terminal itself did about a return: secure, restore, drop."""
    tags = state.tags
    if sign is SecureIntended and tags is Tags.UNTOUCHED:
        # Once the server answered, nobody is to be told of it any more.
        again = state.word is not Word.NONE
        return state._replace(tags=Tags.SECURING_AGAIN if again else Tags.SECURING)
    if sign is SecureIntended and tags is Tags.NOT_SECURED:
        return state._replace(tags=Tags.SECURING_AGAIN)
    if sign is Secured and tags in (Tags.UNTOUCHED, *_TOUCHING):
        return state._replace(tags=Tags.SECURED)
    if sign is SecureFailed and tags in _TOUCHING:
        return state._replace(tags=Tags.NOT_SECURED)
    if sign is Restored and state.word is Word.REFUSED and tags in (Tags.SECURED, Tags.NOT_SECURED):
        return state._replace(tags=Tags.RESTORED)
    if sign is Dropped and not state.is_dropped and tags not in (Tags.UNTOUCHED, *_TOUCHING):
        return state._replace(is_dropped=True)
    return None


def _paid(state: EntryState, sign: Sign) -> EntryState | None:
    """What became of the money."""
    if sign is PaymentApproved and state.paid is Paid.UNKNOWN:
        return state._replace(paid=Paid.TAKEN)
    if sign is PaymentNotMade and state.paid is Paid.UNKNOWN:
        return state._replace(paid=Paid.NOT_TAKEN)
    if sign is PaymentReversed and state.paid is Paid.TAKEN:
        is_not_granted = state.word is Word.REFUSED or (state.word is Word.NONE and state.has_open_case)
        return state._replace(paid=Paid.GIVEN_BACK) if is_not_granted else None
    return None


def _may_end(state: EntryState, how: Settlement) -> bool:
    if how is Settlement.CASE:
        return True
    match state.what:
        case What.LOAN:
            return _is_end(_LOAN_ENDS, state, how)
        case What.RETURN:
            return _is_end(_RETURN_ENDS, state, how)
        case What.PAYMENT:
            is_done = state.paid is Paid.TAKEN and state.word is Word.GRANTED
            return {
                Settlement.DONE: is_done,
                Settlement.UNDONE: state.paid is Paid.GIVEN_BACK,
                Settlement.NOT_DONE: state.paid is Paid.NOT_TAKEN,
            }.get(how, False)
        case What.REPORT:
            # Nothing was touched: it ends as the server said, and cannot be undone.
            return how is not Settlement.UNDONE and _is_end(_LOAN_ENDS, state, how)
        case _:
            assert_never(state.what)


def _is_end(
    ends: dict[Settlement, tuple[Word, tuple[Tags, ...]]], state: EntryState, how: Settlement
) -> bool:
    if how not in ends:
        return False
    word, tags = ends[how]
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
