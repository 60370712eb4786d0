"""Journal, tags and server are compared, and every difference is a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kiosk.demo.findings import look
from sync.entries import (
    Answered,
    Due,
    Entry,
    EntryKey,
    Granted,
    Intended,
    ItemId,
    Lend,
    PatronId,
    Released,
    ReleaseIntended,
    Settled,
    Settlement,
)

AT = datetime(2026, 3, 2, tzinfo=UTC)
ITEM = "30999000010030"
KEY = EntryKey("e1", 1, 1, 1)
PROMISE = Lend(ItemId(ITEM), PatronId("20999000000017"), AT)
LENT = Entry(
    KEY,
    PROMISE,
    (
        Intended(KEY, AT, PROMISE),
        Answered(KEY, AT, Granted(Due(None))),
        ReleaseIntended(KEY, AT, ()),
        Released(KEY, AT, ()),
        Settled(KEY, AT, Settlement.DONE),
    ),
)
OPEN = replace(LENT, rows=LENT.rows[:2])


def things(afi: int) -> list[dict[str, Any]]:
    return [{"id": ITEM, "tags": [{"afi": afi}]}]


def stripped(strip: str) -> list[dict[str, Any]]:
    return [{"id": ITEM, "tags": [], "strip": strip}]


def test_three_witnesses_that_say_the_same_are_believed() -> None:
    """A loan in the journal, a released tag and a loan at the server disagree about nothing."""
    findings = look([LENT], things(0xC2), [ITEM], [ITEM])

    assert findings.disagreements == ()
    assert findings.tags == {ITEM: ("C2",)}
    assert findings.loans == (ITEM,)


@pytest.mark.parametrize(
    ("entries", "afi", "loans", "what"),
    [
        ([LENT], 0xC2, [], "server has no loan"),
        ([LENT], 0x07, [ITEM], "its tag or strip is not released"),
        ([], 0xC2, [], "its tag or strip is released and the journal has no loan"),
        ([], 0x07, [ITEM], "journal has no loan, server has the loan"),
        ([OPEN], 0x07, [], "is not settled"),
    ],
)
def test_each_difference_is_told(entries: list[Entry], afi: int, loans: list[str], what: str) -> None:
    """Whichever witness differs, there is a sentence about it."""
    findings = look(entries, things(afi), [ITEM], loans)

    assert any(what in sentence for sentence in findings.disagreements)


def test_a_strip_is_a_witness_as_a_tag_is() -> None:
    """An inactive strip belongs to a loan; one that is active does not, and a tape that was erased is told."""
    agreed = look([LENT], stripped("inactive"), [ITEM], [ITEM])
    assert (agreed.disagreements, agreed.tags, agreed.strips) == ((), {}, {ITEM: "inactive"})

    assert look([LENT], stripped("active"), [ITEM], [ITEM]).disagreements
    assert look([], stripped("inactive"), [ITEM], []).disagreements
    assert look([], stripped("erased"), [ITEM], []).disagreements


def test_no_patron_is_in_what_is_told() -> None:
    """The findings name items, never who borrowed them."""
    assert "20999000000017" not in str(look([LENT], things(0xC2), [ITEM], [ITEM]).as_json())
