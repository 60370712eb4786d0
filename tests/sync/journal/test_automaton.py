"""Which row may follow which: every state that can be reached, against the rules one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync.entries import (
    Answer,
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Promised,
    Reason,
    Refused,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Settled,
    Settlement,
    Silence,
)
from sync.journal.automaton import BEGUN, EntryState, following, sign_name
from tests.sync.journal.samples import NOON, lending

KEY = EntryKey("00", 1, 1, 1)


def answer(value: Answer) -> Answered:
    return Answered(KEY, NOON, value)


def end(how: Settlement) -> Settled:
    return Settled(KEY, NOON, how)


ROWS: dict[str, EntryRow] = {
    "intended": lending(KEY),
    "promised": Promised(KEY, NOON, Due(None), NOON),
    "granted": answer(Granted(Due(None))),
    "refused": answer(Refused(Reason.OTHER)),
    "held": answer(Held()),
    "silence": answer(Silence("deadline")),
    "release intended": ReleaseIntended(KEY, NOON, ()),
    "released": Released(KEY, NOON, ()),
    "release failed": ReleaseFailed(KEY, NOON, (), "write"),
    "case": CaseOpened(KEY, NOON, CaseReason.RELEASE_UNKNOWN),
    "case closed": CaseClosed(KEY, NOON, "self", CaseEnd.AS_IT_STANDS),
    **{f"end {how.value}": end(how) for how in Settlement},
}

# What may follow what was seen before, told by the names of the rows alone.
Seen = tuple[str, ...]


def last(seen: Seen, *names: str) -> str:
    return next((name for name in reversed(seen) if name in names), "")


def is_ended(seen: Seen) -> bool:
    return any(name.startswith("end ") for name in seen)


def tags(seen: Seen) -> str:
    return last(seen, "release intended", "released", "release failed")


def word(seen: Seen) -> str:
    return last(seen, "granted", "refused")


def may_release(seen: Seen) -> bool:
    is_granted = word(seen) == "granted" or (word(seen) == "" and "promised" in seen)
    return is_granted and tags(seen) in ("", "release failed")


RULES: dict[str, Callable[[Seen], bool]] = {
    "intended": lambda seen: False,
    "promised": lambda seen: word(seen) == "" and tags(seen) == "" and "promised" not in seen,
    "granted": lambda seen: word(seen) == "",
    "refused": lambda seen: word(seen) == "",
    "held": lambda seen: word(seen) == "",
    "silence": lambda seen: word(seen) == "",
    "release intended": may_release,
    "released": lambda seen: tags(seen) == "release intended",
    "release failed": lambda seen: tags(seen) == "release intended",
    "case": lambda seen: True,
    "case closed": lambda seen: last(seen, "case", "case closed") == "case",
    "end done": lambda seen: word(seen) == "granted" and tags(seen) in ("", "released"),
    "end refused": lambda seen: word(seen) == "refused" and tags(seen) in ("", "release failed"),
    "end undone": lambda seen: word(seen) == "granted" and tags(seen) in ("", "release failed"),
    "end not-done": lambda seen: word(seen) == "refused" and tags(seen) in ("", "release failed"),
    "end case": lambda seen: True,
}


def reached() -> dict[EntryState, Seen]:
    """Every state that rows can lead to, with one way there."""
    ways: dict[EntryState, Seen] = {BEGUN: ()}
    frontier = [BEGUN]
    while frontier:
        state = frontier.pop(0)
        for name, row in ROWS.items():
            after = following(state, row)
            if after is not None and after not in ways:
                ways[after] = (*ways[state], name)
                frontier.append(after)
    return ways


WAYS = reached()


@pytest.mark.parametrize("name", ROWS)
def test_a_row_follows_only_where_the_rules_say_so(name: str) -> None:
    """From every state that can be reached a row may follow exactly where its rule allows it: no release before a
    grant or a promise, one believed answer, nothing behind the end but the closing of an open case."""
    for state, seen in WAYS.items():
        is_allowed = RULES[name](seen) and (not is_ended(seen) or name == "case closed")
        assert (following(state, ROWS[name]) is not None) == is_allowed, (str(state), seen)


def test_states_are_told_apart_by_all_that_matters() -> None:
    """Unanswered, granted and refused, asked or promised, with the stages of the tags each can have, a case or none,
    open or settled: what no life can reach is no state."""
    stages = {
        (state.word.value, state.is_promised): {s.tags.value for s in WAYS if s[:2] == state[:2]}
        for state in WAYS
    }
    every = {"untouched", "releasing", "released", "release failed"}

    assert stages == {
        ("unanswered", False): {"untouched"},
        ("unanswered", True): every,
        ("granted", False): every,
        ("granted", True): every,
        ("refused", False): {"untouched"},
        ("refused", True): every,
    }
    assert len(WAYS) == len({str(state) for state in WAYS}) == 18 * 2 * 2


def test_an_entry_begins_once() -> None:
    """Only an intent begins an entry, and nothing else can stand first."""
    assert [name for name, row in ROWS.items() if following(None, row) is not None] == ["intended"]


@pytest.mark.parametrize(
    ("rows", "ends"),
    [
        ("granted", {"done", "undone", "case"}),
        ("refused", {"refused", "not-done", "case"}),
        ("silence", {"case"}),
        ("promised", {"case"}),
        ("granted, release intended", {"case"}),
        ("granted, release intended, released", {"done", "case"}),
        ("granted, release intended, release failed", {"undone", "case"}),
        ("granted, release intended, release failed, release intended, released", {"done", "case"}),
        ("promised, release intended, silence, held, silence, released, granted", {"done", "case"}),
        ("promised, release intended, granted, released", {"done", "case"}),
        ("promised, release intended, released, refused", {"case"}),
        ("promised, release intended, release failed, refused", {"refused", "not-done", "case"}),
        ("promised, release intended, release failed, granted", {"undone", "case"}),
        ("promised, release intended, case, granted", {"case"}),
    ],
)
def test_how_an_entry_may_end(rows: str, ends: set[str]) -> None:
    """The life of a loan, asked or promised, and the ends it may have."""
    state: EntryState | None = BEGUN
    for name in rows.split(", "):
        state = following(state, ROWS[name])
        assert state is not None, name

    assert {how.value for how in Settlement if following(state, end(how)) is not None} == ends


def test_an_entry_is_over_when_nothing_may_follow() -> None:
    """Settled and without an open case: exactly then no row at all may follow."""
    for state in WAYS:
        assert state.is_over == all(following(state, row) is None for row in ROWS.values())


def test_a_row_is_named_for_an_error() -> None:
    """An error says what a row is, without what it holds."""
    assert [sign_name(ROWS[name]) for name in ("granted", "end not-done", "case closed")] == [
        "Granted",
        "Settled not-done",
        "CaseClosed",
    ]
