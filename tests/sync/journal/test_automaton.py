"""Which row may follow which: the whole table, from outside."""

from __future__ import annotations

import pytest

from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    CaseReason,
    Due,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
    Silence,
)
from sync.journal.automaton import EntryState, following
from tests.sync.journal.samples import NOON, lending

KEY = EntryKey("00", 1, 1, 1)


def answer(value: Answer) -> Answered:
    return Answered(KEY, NOON, value)


def end(how: Settlement) -> Settled:
    return Settled(KEY, NOON, how)


ROWS: dict[str, EntryRow] = {
    "intended": lending(KEY),
    "granted": answer(Granted(Due(None))),
    "refused": answer(Refused(Reason.OTHER)),
    "held": answer(Held()),
    "silence": answer(Silence("deadline")),
    "release intended": ReleaseIntended(KEY, NOON, ()),
    "released": Released(KEY, NOON, ()),
    "release failed": ReleaseFailed(KEY, NOON, (), "write"),
    "case": CaseOpened(KEY, NOON, CaseReason.RELEASE_UNKNOWN),
    "end done": end(Settlement.DONE),
    "end refused": end(Settlement.REFUSED),
    "end undone": end(Settlement.UNDONE),
    "end not-done": end(Settlement.NOT_DONE),
    "end case": end(Settlement.CASE),
}

ALLOWED: dict[str | None, dict[str, str]] = {
    None: {"intended": "waiting"},
    "waiting": {
        "granted": "granted",
        "refused": "refused",
        "held": "waiting",
        "silence": "waiting",
        "case": "waiting",
        "end case": "settled",
    },
    "granted": {
        "release intended": "releasing",
        "case": "granted",
        "end done": "settled",
        "end undone": "settled",
        "end case": "settled",
    },
    "refused": {
        "case": "refused",
        "end refused": "settled",
        "end not-done": "settled",
        "end case": "settled",
    },
    "releasing": {
        "released": "released",
        "release failed": "release-failed",
        "case": "releasing",
        "end case": "settled",
    },
    "released": {"case": "released", "end done": "settled", "end case": "settled"},
    "release-failed": {
        "release intended": "releasing",
        "case": "release-failed",
        "end undone": "settled",
        "end case": "settled",
    },
    "settled": {},
}


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("state", ALLOWED)
def test_a_row_follows_only_where_the_table_says_so(state: str | None, row: str) -> None:
    """In each state exactly the listed rows may follow: no release before a grant, no row after the end."""
    before = None if state is None else EntryState(state)
    expected = ALLOWED[state].get(row)

    after = following(before, ROWS[row])

    assert (None if after is None else after.value) == expected


def test_the_table_of_this_test_knows_every_state() -> None:
    """A state added to the product without its line here fails."""
    assert set(ALLOWED) - {None} == {state.value for state in EntryState}
