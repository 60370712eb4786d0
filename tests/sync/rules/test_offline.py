"""What may be lent without the server: the library's policy, the tag's type of usage, and never more than with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.entries import Reason
from sync.rules.lending import lending_refusal
from sync.rules.offline import OfflineCase, OfflineLending, OfflinePolicy, offline_refusal, usage_refusal
from sync.rules.terms import (
    CardStatus,
    CategoryTerms,
    Condition,
    ItemState,
    LentTo,
    LoanTerms,
    PatronState,
    Terms,
    Use,
)
from tests.kit.effort import effort

TODAY = date(2026, 5, 12)
TERMS = Terms(CategoryTerms(loans_max=5, fees_ceiling_minor=0, overdue_max=0), LoanTerms(30, count_max=2))
CASE = OfflineCase(ItemState(), PatronState(), TERMS)
WITHIN = OfflinePolicy(OfflineLending.WITHIN_LIMITS, loans_max=3)
HOUR = 3600.0


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (None, None),
        (0x00, None),
        (0x11, None),
        (0x12, None),
        (0x13, Reason.NOT_WITHOUT_SERVER),
        (0x14, None),
        (0x15, Reason.NOT_WITHOUT_SERVER),
        (0x20, Reason.ITEM_NOT_FOR_LOAN),
        (0x21, Reason.ITEM_NOT_FOR_LOAN),
        (0x31, None),
        (0x60, None),
        (0x71, Reason.ITEM_WITHDRAWN),
        (0x72, Reason.ITEM_WITHDRAWN),
        (0x81, Reason.ITEM_NOT_FOR_LOAN),
        (0x91, None),
    ],
)
def test_the_type_of_usage_on_the_tag_is_obeyed(usage: int | None, reason: Reason | None) -> None:
    """13 and 15 wait for the server, 2x, 7x and 8x are not lent, 14 speaks of returns only (ISO 28560-1, OID 5)."""
    assert usage_refusal(usage) is reason
    assert offline_refusal(replace(CASE, usage=usage), WITHIN, TODAY) is reason


def test_what_the_rules_refuse_with_a_server_is_refused_by_the_same_reason() -> None:
    """The reader hears the exact reason, not that the server is away."""
    reference = replace(CASE, item=ItemState(use=Use.REFERENCE), usage=0x13)
    lost_card = replace(CASE, patron=PatronState(card=CardStatus.LOST), usage=0x21)

    assert offline_refusal(reference, WITHIN, TODAY) is Reason.ITEM_REFERENCE
    assert offline_refusal(lost_card, WITHIN, TODAY) is Reason.CARD_LOST


def test_what_costs_a_fee_waits_for_the_server() -> None:
    """No money is owed without the server having said so."""
    assert (
        offline_refusal(replace(CASE, item=ItemState(checkout_fee_minor=200)), WITHIN, TODAY)
        is Reason.NOT_WITHOUT_SERVER
    )


def test_the_library_limits_what_is_lent_provisionally() -> None:
    """So many items and no more; without a limit of its own only the patron's counts."""
    assert offline_refusal(replace(CASE, provisional=2), WITHIN, TODAY) is None
    assert offline_refusal(replace(CASE, provisional=3), WITHIN, TODAY) is Reason.OFFLINE_LIMIT
    assert offline_refusal(replace(CASE, provisional=99), replace(WITHIN, loans_max=None), TODAY) is None


def test_a_library_that_never_lends_by_itself_lends_nothing() -> None:
    """The default policy is to wait for the server."""
    assert offline_refusal(CASE, OfflinePolicy(), TODAY) is Reason.NOT_WITHOUT_SERVER


def test_the_policy_trusts_a_snapshot_for_its_hours_and_no_longer() -> None:
    """A day by default; none, one that is too old, and one from the future are not trusted."""
    assert WITHIN.may_lend(0.0)
    assert WITHIN.may_lend(24 * HOUR)
    assert WITHIN.may_lend(-HOUR)
    assert not WITHIN.may_lend(24 * HOUR + 1)
    assert not WITHIN.may_lend(-HOUR - 1)
    assert not WITHIN.may_lend(None)
    assert not OfflinePolicy().may_lend(0.0)


@settings(max_examples=effort(200), deadline=None)
@given(st.floats(0, 1000 * HOUR), st.floats(0, 1000 * HOUR), st.integers(1, 700))
def test_an_older_snapshot_is_never_trusted_more(age: float, more: float, hours_max: int) -> None:
    """What may not be lent by a snapshot today may not be lent by it tomorrow."""
    policy = OfflinePolicy(OfflineLending.WITHIN_LIMITS, hours_max)

    assert policy.may_lend(age) or not policy.may_lend(age + more)


ITEMS = st.builds(
    ItemState,
    use=st.sampled_from(Use),
    condition=st.sampled_from(Condition),
    lent_to=st.sampled_from(LentTo),
    is_held_for_other=st.booleans(),
    age_min_years=st.sampled_from((0, 0, 16, 18)),
    checkout_fee_minor=st.sampled_from((0, 0, 200)),
)
PATRONS = st.builds(
    PatronState,
    card=st.sampled_from(CardStatus),
    expires_on=st.sampled_from((None, TODAY, date(2026, 5, 11))),
    blocks=st.integers(0, 1),
    fees_owed_minor=st.integers(0, 1),
    loans=st.integers(0, 7),
    loans_of_type=st.integers(0, 3),
    overdue=st.integers(0, 1),
)
CASES = st.builds(
    OfflineCase,
    ITEMS,
    PATRONS,
    st.just(TERMS),
    st.none() | st.integers(0, 255),
    st.integers(0, 6),
)


@settings(max_examples=effort(500), deadline=None)
@given(CASES, st.none() | st.integers(0, 5))
def test_the_terminal_is_never_kinder_than_the_server(case: OfflineCase, loans_max: int | None) -> None:
    """Whatever the server's own rules refuse is refused here too, and limits hold to the item."""
    policy = OfflinePolicy(OfflineLending.WITHIN_LIMITS, loans_max=loans_max)
    refused = offline_refusal(case, policy, TODAY)

    if lending_refusal(case.item, case.patron, case.terms, TODAY, fee_consented=False) is not None:
        assert refused is not None
    if refused is None:
        assert case.item.use is Use.LENDING
        assert case.patron.loans < TERMS.category.loans_max
        assert case.patron.loans_of_type < 2
        assert loans_max is None or case.provisional < loans_max
        assert case.item.checkout_fee_minor == 0
