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
    Dropped,
    Due,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Intended,
    PaymentApproved,
    PaymentNotMade,
    PaymentReversed,
    Promised,
    Reason,
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
from sync.journal.automaton import begun, following, sign_name
from sync.journal.stages import EntryState, What
from tests.sync.journal.samples import NOON, lending, paying, reporting, returning

KEY = EntryKey("00", 1, 1, 1)
INTENTS: dict[str, Intended] = {
    "loan": lending(KEY),
    "return": returning(KEY),
    "payment": paying(KEY),
    "report": reporting(KEY),
}


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
    "secure intended": SecureIntended(KEY, NOON, ()),
    "secured": Secured(KEY, NOON, ()),
    "secure failed": SecureFailed(KEY, NOON, (), "write"),
    "restored": Restored(KEY, NOON, ()),
    "dropped": Dropped(KEY, NOON, "2"),
    "approved": PaymentApproved(KEY, NOON, "42"),
    "not made": PaymentNotMade(KEY, NOON, "declined"),
    "reversed": PaymentReversed(KEY, NOON, "43"),
    "case": CaseOpened(KEY, NOON, CaseReason.RELEASE_UNKNOWN),
    "case closed": CaseClosed(KEY, NOON, "self", CaseEnd.AS_IT_STANDS),
    **{f"end {how.value}": end(how) for how in Settlement},
}

# What may follow what was seen before, told by the names of the rows alone; the first is the life.
Seen = tuple[str, ...]
ANSWERS = ("granted", "refused", "held", "silence")
SECURING = ("secure intended", "secured", "secure failed", "restored")


def last(seen: Seen, *names: str) -> str:
    return next((name for name in reversed(seen) if name in names), "")


def is_ended(seen: Seen) -> bool:
    return any(name.startswith("end ") for name in seen)


def tags(seen: Seen) -> str:
    return last(seen, "release intended", "released", "release failed", *SECURING)


def word(seen: Seen) -> str:
    return last(seen, "granted", "refused")


def has_case(seen: Seen) -> bool:
    return last(seen, "case", "case closed") == "case"


def may_release(seen: Seen) -> bool:
    is_granted = word(seen) == "granted" or (word(seen) == "" and "promised" in seen)
    return seen[0] == "loan" and is_granted and tags(seen) in ("", "release failed")


def may_answer(seen: Seen) -> bool:
    """Nobody answers what was not told: a return before its securing came to something, a payment not taken."""
    if seen[0] == "return" and tags(seen) == "secure intended":
        return word(seen) == "" and any(name in ("secured", "secure failed") for name in seen)
    if seen[0] == "payment":
        return word(seen) == "" and "approved" in seen and "reversed" not in seen
    return word(seen) == ""


def may_promise(seen: Seen) -> bool:
    return seen[0] == "loan" and word(seen) == "" and tags(seen) == "" and "promised" not in seen


def may_reverse(seen: Seen) -> bool:
    is_wanted = word(seen) == "refused" or (word(seen) == "" and has_case(seen))
    return "approved" in seen and "reversed" not in seen and is_wanted


def is_back(seen: Seen, *stages: str) -> bool:
    return seen[0] == "return" and tags(seen) in stages


def may_end(how: str, seen: Seen) -> bool:
    said, stage = word(seen), tags(seen)
    match seen[0], how:
        case "loan", "done":
            return said == "granted" and stage in ("", "released")
        case "loan", "undone":
            return said == "granted" and stage in ("", "release failed")
        case "loan", "refused" | "not-done":
            return said == "refused" and stage in ("", "release failed")
        case "return", "done":
            return said == "granted" and stage in ("", "secured", "secure failed")
        case "return", "refused":
            return said == "refused" and stage != "secure intended"
        case "return", "not-done":
            return said == "refused" and stage in ("", "secure failed", "restored")
        case "payment", "done":
            return said == "granted"
        case "payment", "undone":
            return "reversed" in seen
        case "payment", "not-done":
            return "not made" in seen
        case "report", "done":
            return said == "granted"
        case "report", "refused" | "not-done":
            return said == "refused"
        case _:
            return False


RULES: dict[str, Callable[[Seen], bool]] = {
    "intended": lambda seen: False,
    "promised": may_promise,
    **dict.fromkeys(ANSWERS, may_answer),
    "release intended": may_release,
    "released": lambda seen: tags(seen) == "release intended",
    "release failed": lambda seen: tags(seen) == "release intended",
    "secure intended": lambda seen: is_back(seen, "", "secure failed"),
    "secured": lambda seen: is_back(seen, "", "secure intended"),
    "secure failed": lambda seen: is_back(seen, "secure intended"),
    "restored": lambda seen: is_back(seen, "secured", "secure failed") and word(seen) == "refused",
    "dropped": lambda seen: is_back(seen, "secured", "secure failed", "restored") and "dropped" not in seen,
    "approved": lambda seen: seen[0] == "payment" and last(seen, "approved", "not made") == "",
    "not made": lambda seen: seen[0] == "payment" and last(seen, "approved", "not made") == "",
    "reversed": may_reverse,
    "case": lambda seen: True,
    "case closed": has_case,
    "end done": lambda seen: may_end("done", seen),
    "end refused": lambda seen: may_end("refused", seen),
    "end undone": lambda seen: may_end("undone", seen),
    "end not-done": lambda seen: may_end("not-done", seen),
    "end case": lambda seen: True,
}


def reached() -> dict[EntryState, Seen]:
    """Every state that rows can lead to, with one way there."""
    ways: dict[EntryState, Seen] = {begun(row.promise): (life,) for life, row in INTENTS.items()}
    frontier = list(ways)
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
    grant or a promise, no answer to what was not told, one believed answer, money said once, nothing behind the end
    but the closing of an open case."""
    for state, seen in WAYS.items():
        is_allowed = RULES[name](seen) and (not is_ended(seen) or name == "case closed")
        assert (following(state, ROWS[name]) is not None) == is_allowed, (str(state), seen)


def stages(what: What) -> dict[tuple[str, bool], set[str]]:
    return {
        (state.word.value, state.is_promised): {
            s.tags.value
            for s in WAYS
            if (s.what, s.word, s.is_promised) == (what, state.word, state.is_promised)
        }
        for state in WAYS
        if state.what is what
    }


def test_states_are_told_apart_by_all_that_matters() -> None:
    """Unanswered, granted and refused, asked or promised, with the stages of tags or money each can have, a case or
    none, open or settled: what no life can reach is no state."""
    every = {"untouched", "releasing", "released", "release failed"}
    back = {"untouched", "secured", "securing failed", "securing again"}

    assert stages(What.LOAN) == {
        ("unanswered", False): {"untouched"},
        ("unanswered", True): every,
        ("granted", False): every,
        ("granted", True): every,
        ("refused", False): {"untouched"},
        ("refused", True): every,
    }
    assert stages(What.RETURN) == {
        ("unanswered", False): {*back, "securing"},
        ("granted", False): back,
        ("refused", False): {*back, "restored"},
    }
    assert {(s.word.value, s.paid.value) for s in WAYS if s.what is What.PAYMENT} == {
        ("unanswered", "money unknown"),
        ("unanswered", "no money taken"),
        ("unanswered", "money taken"),
        ("granted", "money taken"),
        ("refused", "money taken"),
        ("refused", "money given back"),
        ("unanswered", "money given back"),
    }
    assert len([state for state in WAYS if state.what is What.LOAN]) == 18 * 2 * 2
    assert len({str(state) for state in WAYS}) == len(WAYS)


def test_an_entry_begins_once() -> None:
    """Only an intent begins an entry, and nothing else can stand first."""
    assert [name for name, row in ROWS.items() if following(None, row) is not None] == ["intended"]


@pytest.mark.parametrize(
    ("life", "rows", "ends"),
    [
        ("loan", "granted", {"done", "undone", "case"}),
        ("loan", "refused", {"refused", "not-done", "case"}),
        ("loan", "silence", {"case"}),
        ("loan", "promised", {"case"}),
        ("loan", "granted, release intended", {"case"}),
        ("loan", "granted, release intended, released", {"done", "case"}),
        ("loan", "granted, release intended, release failed", {"undone", "case"}),
        (
            "loan",
            "granted, release intended, release failed, release intended, released",
            {"done", "case"},
        ),
        ("loan", "promised, release intended, silence, held, silence, released, granted", {"done", "case"}),
        ("loan", "promised, release intended, granted, released", {"done", "case"}),
        ("loan", "promised, release intended, released, refused", {"case"}),
        ("loan", "promised, release intended, release failed, refused", {"refused", "not-done", "case"}),
        ("loan", "promised, release intended, release failed, granted", {"undone", "case"}),
        ("loan", "promised, release intended, case, granted", {"case"}),
        ("return", "secure intended", {"case"}),
        ("return", "secure intended, secured", {"case"}),
        ("return", "secure intended, secured, silence, granted", {"done", "case"}),
        ("return", "secured, granted", {"done", "case"}),
        ("return", "secure intended, secured, dropped, granted", {"done", "case"}),
        ("return", "secure intended, secure failed, case, granted", {"done", "case"}),
        ("return", "secure intended, secure failed, secure intended, granted", {"case"}),
        ("return", "secure intended, secure failed, secure intended, granted, secured", {"done", "case"}),
        ("return", "secure intended, secured, refused", {"refused", "case"}),
        ("return", "secure intended, secured, refused, restored", {"refused", "not-done", "case"}),
        ("payment", "case", {"case"}),
        ("payment", "not made", {"not-done", "case"}),
        ("payment", "approved", {"case"}),
        ("payment", "approved, silence, held, granted", {"done", "case"}),
        ("payment", "approved, refused", {"case"}),
        ("payment", "approved, refused, reversed", {"undone", "case"}),
        ("payment", "approved, silence, case, reversed", {"undone", "case"}),
        ("report", "granted", {"done", "case"}),
        ("report", "silence, refused", {"refused", "not-done", "case"}),
    ],
)
def test_how_an_entry_may_end(life: str, rows: str, ends: set[str]) -> None:
    """The lives of a loan, asked or promised, of a return, a payment and a report, and the ends they may have."""
    state: EntryState | None = begun(INTENTS[life].promise)
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
