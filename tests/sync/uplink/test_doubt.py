"""What became of an entry in doubt: every row of the decision table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sync.entries import CaseOpened, CaseReason, Due, Entry, Granted, ItemId, Promise, ReleaseFailed
from sync.questions import ItemFacts, LoanFact, PatronFacts, Standing
from sync.uplink.doubt import is_undone_when_late, judge, may_be_sent_again
from sync.uplink.reports import Unclear
from tests.sync.uplink.samples import (
    ANNA,
    BOOK,
    GRANTED,
    KEEP,
    NOON,
    NOT_DONE,
    OTHER_BOOK,
    REFUSED,
    entry,
    key,
    lend,
    promised,
    renew,
    undo,
)

MAY, JUNE, JULY = (Due(date(2026, month, 9)) for month in (5, 6, 7))
HAS = "granted"
NOT = "not done"
DARK = "unclear"


def list_of(*loans: LoanFact, count: int | None = None, is_known: bool = True) -> PatronFacts:
    return PatronFacts(ANNA, is_known, loans=loans, loan_count=count)


def stands(standing: Standing, due: Due | None = None, is_known: bool = True) -> ItemFacts:
    return ItemFacts(BOOK, is_known, "活着", standing, due)


OURS = LoanFact(BOOK, JUNE)
EARLIER = LoanFact(OTHER_BOOK, MAY)
SHORTER = LoanFact(ItemId("1000"), MAY)
NO_LIST = PatronFacts(ANNA, True)
OUT = stands(Standing.ON_LOAN)
HERE = stands(Standing.AVAILABLE)
FAILED = ReleaseFailed(key(1), NOON, (), "write-refused")
UNSEEN = CaseOpened(key(1), NOON, CaseReason.RELEASE_UNKNOWN)

Case = tuple[Promise, ItemFacts | None, PatronFacts | None, str]

LENDS: dict[str, Case] = {
    "newly on the list": (lend(), OUT, list_of(EARLIER, OURS), HAS),
    "newly on the list, item not asked": (lend(), None, list_of(EARLIER, OURS), HAS),
    "newly on a list that is not whole": (lend(), OUT, list_of(OURS, count=9), HAS),
    "on the list, as before": (lend(before=(BOOK,)), OUT, list_of(OURS), DARK),
    "on the list, before not known": (lend(before=None), OUT, list_of(OURS), DARK),
    "on the list, item says available": (lend(), HERE, list_of(OURS), DARK),
    "not on the whole list": (lend(), OUT, list_of(EARLIER), NOT),
    "not on the whole list, counted": (lend(), None, list_of(EARLIER, count=1), NOT),
    "not on the empty list": (lend(before=None), None, list_of(), NOT),
    "not on a list that is not whole": (lend(), OUT, list_of(EARLIER, count=2), DARK),
    "not on a list that is not whole, available": (lend(), HERE, list_of(EARLIER, count=2), NOT),
    "card no longer known": (lend(), OUT, list_of(is_known=False), DARK),
    "card no longer known, available": (lend(), HERE, list_of(is_known=False), NOT),
    "a shorter number newly on the list": (lend(), OUT, list_of(EARLIER, SHORTER), DARK),
    "a shorter number newly on the list, available": (lend(), HERE, list_of(SHORTER), DARK),
    "a shorter number there before": (lend(before=(SHORTER.item,)), OUT, list_of(SHORTER), NOT),
    "no list, available": (lend(), HERE, NO_LIST, NOT),
    "no list, on the hold shelf": (lend(), stands(Standing.ON_HOLD_SHELF), NO_LIST, NOT),
    "no list, in transit": (lend(), stands(Standing.IN_TRANSIT), NO_LIST, NOT),
    "no list, in process": (lend(), stands(Standing.IN_PROCESS), NO_LIST, NOT),
    "no list, not for loan": (lend(), stands(Standing.NOT_FOR_LOAN), NO_LIST, NOT),
    "no list, item unknown": (lend(), stands(Standing.OTHER, is_known=False), None, NOT),
    "no list, on loan to somebody": (lend(), OUT, NO_LIST, DARK),
    "no list, lost": (lend(), stands(Standing.LOST), NO_LIST, DARK),
    "no list, something else": (lend(), stands(Standing.OTHER), None, DARK),
    "nothing told": (lend(), None, None, DARK),
}
RENEWALS: dict[str, Case] = {
    "later day on the list": (renew(MAY), OUT, list_of(OURS), HAS),
    "same day on the list": (renew(JUNE), OUT, list_of(OURS), NOT),
    "earlier day on the list": (renew(JULY), OUT, list_of(OURS), DARK),
    "same day, text only now": (renew(JUNE), None, list_of(LoanFact(BOOK, Due(JUNE.day, "x"))), NOT),
    "same day, another text": (
        renew(Due(JUNE.day, "10:00")),
        None,
        list_of(LoanFact(BOOK, Due(JUNE.day, "12:00"))),
        DARK,
    ),
    "same text, no day": (renew(Due(None, "soon")), None, list_of(LoanFact(BOOK, Due(None, "soon"))), NOT),
    "another text, no day": (
        renew(Due(None, "soon")),
        None,
        list_of(LoanFact(BOOK, Due(None, "later"))),
        DARK,
    ),
    "due before not known": (renew(None), OUT, list_of(OURS), DARK),
    "due now only of the item, later": (renew(MAY), stands(Standing.ON_LOAN, JUNE), NO_LIST, HAS),
    "due now only of the item, same": (renew(JUNE), stands(Standing.ON_LOAN, JUNE), NO_LIST, NOT),
    "due now not known": (renew(MAY), OUT, list_of(LoanFact(BOOK)), DARK),
    "no longer on the list": (renew(MAY), None, list_of(EARLIER), NOT),
    "no longer on loan": (renew(MAY), HERE, NO_LIST, NOT),
    "list and item disagree": (renew(MAY), HERE, list_of(OURS), DARK),
    "nothing told": (renew(MAY), None, None, DARK),
}
UNDOINGS: dict[str, Case] = {
    "no longer on the list": (undo(), OUT, list_of(EARLIER), HAS),
    "no longer on loan": (undo(), HERE, NO_LIST, HAS),
    "still on the list": (undo(), OUT, list_of(OURS), NOT),
    "list and item disagree": (undo(), HERE, list_of(OURS), DARK),
    "not on a list that is not whole": (undo(), OUT, list_of(EARLIER, count=2), DARK),
    "on loan to somebody": (undo(), OUT, NO_LIST, DARK),
    "nothing told": (undo(), None, None, DARK),
}
CASES = [
    pytest.param(*case, id=f"{kind}: {name}")
    for kind, table in (("lend", LENDS), ("renew", RENEWALS), ("undo", UNDOINGS))
    for name, case in table.items()
]


@pytest.mark.parametrize(("promise", "item", "patron", "expected"), CASES)
def test_what_the_server_says_decides(
    promise: Promise, item: ItemFacts | None, patron: PatronFacts | None, expected: str
) -> None:
    """What was known before and what is told now has one verdict; what proves nothing is unclear."""
    verdict = judge(entry(1, promise), item, patron)

    found = HAS if isinstance(verdict, Granted) else NOT if verdict == NOT_DONE else DARK
    assert found == expected
    assert (found == DARK) == isinstance(verdict, Unclear)


def test_a_loan_found_done_carries_its_due_date() -> None:
    """What asking found is as good as the answer that was lost: due date, title, magnetic media."""
    item = ItemFacts(BOOK, True, "活着", Standing.ON_LOAN, magnetic=True)

    verdict = judge(entry(1, lend()), item, list_of(OURS))

    assert verdict == Granted(JUNE, "活着", magnetic=True)


def test_a_verdict_names_no_patron() -> None:
    """Why something is unclear can be shown to staff: no patron is in it."""
    for promise, item, patron, expected in (*LENDS.values(), *RENEWALS.values(), *UNDOINGS.values()):
        verdict = judge(entry(1, promise), item, patron)
        if expected == DARK:
            assert isinstance(verdict, Unclear)
            assert ANNA.reveal() not in verdict.why


def test_a_shorter_number_is_named() -> None:
    """What a request that was cut off may have lent instead is named for staff: only they can find it."""
    verdict = judge(entry(1, lend()), HERE, list_of(EARLIER, SHORTER))
    assert isinstance(verdict, Unclear)
    assert "is 1000," in verdict.why


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (entry(1, lend()), False),
        (entry(1, lend(late=KEEP)), True),
        (entry(1, lend(), promised(1)), True),
        (entry(1, lend(), promised(1), FAILED), False),
        (entry(1, lend(), promised(1), FAILED, UNSEEN), True),
        (entry(1, renew()), False),
        (entry(1, undo()), True),
    ],
    ids=["lend, undo when late", "lend, keep", "promised", "withdrawn", "release not seen", "renew", "undo"],
)
def test_only_what_must_come_true_is_sent_again(what: Entry, expected: bool) -> None:
    """What was not done is sent again only where a loan has to be undone or the reader has the book already."""
    assert may_be_sent_again(what, NOT_DONE) is expected
    for other in (GRANTED, REFUSED, Unclear("dark")):
        assert not may_be_sent_again(what, other)


def test_a_late_grant_that_only_renewed_is_not_undone() -> None:
    """Some servers renew a loan the patron has already: taking that back would take the earlier loan."""
    assert is_undone_when_late(entry(1, lend()), GRANTED)
    assert is_undone_when_late(entry(1, lend(late=KEEP), promised(1), FAILED), GRANTED)
    assert not is_undone_when_late(entry(1, lend()), replace(GRANTED, renewed=True))
    assert not is_undone_when_late(entry(1, lend(late=KEEP)), GRANTED)
    assert not is_undone_when_late(entry(1, lend(), promised(1)), GRANTED)
    assert not is_undone_when_late(entry(1, renew()), GRANTED)


# --- What the terminal itself granted -----------------------------------------------------------------------------

Kept = tuple[ItemFacts | None, PatronFacts | None, str, str]
"""Facts of item and patron; the verdict before the first sending; the verdict when it was perhaps sent."""

PROMISED: dict[str, Kept] = {
    "on the list": (OUT, list_of(EARLIER, OURS), HAS, HAS),
    "on a list that is not whole": (OUT, list_of(OURS, count=9), HAS, HAS),
    "on the list, item says available": (HERE, list_of(OURS), DARK, DARK),
    "on loan to somebody else": (OUT, list_of(EARLIER), NOT, NOT),
    "free": (HERE, list_of(EARLIER), NOT, NOT),
    "unknown": (stands(Standing.OTHER, is_known=False), list_of(), NOT, NOT),
    "card not known": (OUT, list_of(is_known=False), NOT, NOT),
    "a shorter number on the list": (HERE, list_of(SHORTER), NOT, DARK),
    "on loan, list not whole": (OUT, list_of(EARLIER, count=2), DARK, DARK),
    "on loan, no list": (OUT, NO_LIST, DARK, DARK),
    "lost, no list": (stands(Standing.LOST), NO_LIST, NOT, DARK),
    "nothing told": (None, None, NOT, DARK),
}


@pytest.mark.parametrize("was_sent", [False, True], ids=["never sent", "perhaps sent"])
@pytest.mark.parametrize("name", PROMISED)
def test_what_the_terminal_granted_is_sent_unless_it_stands_already(name: str, was_sent: bool) -> None:
    """On the patron's own account it is done, by whoever's doing; where it may be, staff look; else it is sent."""
    item, patron, before, after = PROMISED[name]

    verdict = judge(entry(1, lend(before=None), promised(1)), item, patron, was_sent=was_sent)

    found = HAS if isinstance(verdict, Granted) else NOT if verdict == NOT_DONE else DARK
    assert found == (after if was_sent else before)


def test_a_list_of_numbers_takes_the_due_date_of_the_item() -> None:
    """Most lists of loans say no more than numbers; the item tells until when."""
    item = stands(Standing.ON_LOAN, JULY)
    verdict = judge(entry(1, lend(), promised(1)), item, list_of(LoanFact(BOOK)), was_sent=False)
    assert verdict == Granted(JULY, "活着")


def test_a_promise_taken_back_is_judged_as_if_it_were_none() -> None:
    """The book stayed: whether the loan on the list is an earlier one has to be told apart, or staff do."""
    withdrawn = entry(1, lend(before=None), promised(1))
    for is_given_up, expected in ((False, Granted), (True, Unclear)):
        assert isinstance(judge(withdrawn, OUT, list_of(OURS), is_given_up=is_given_up), expected)
