"""The mechanism behind every deed that must match a promise: its whole table."""

from __future__ import annotations

from itertools import product

import pytest

from kiosk.workflow.two_phase import (
    Attempt,
    Deed,
    End,
    Phase,
    Policy,
    Sign,
    Standing,
    advance,
)

POLICY = Policy(tries_max=2, returns_max=1)
DOING, WANTED, RESTORING, TAKING = Phase.DOING, Phase.WANTED_BACK, Phase.RESTORING, Phase.TAKING_BACK
STANDS = (Standing.GIVEN, Standing.OWN, Standing.FIXED)
GIVEN, OWN, FIXED, REFUSED = Standing.GIVEN, Standing.OWN, Standing.FIXED, Standing.REFUSED

Outcome = Phase | End | None


def rows(
    phase: Phase, sign: Sign, outcome: Outcome, *standings: Standing
) -> dict[tuple[Phase, Sign, Standing], Outcome]:
    """One line of the table for each of *standings*."""
    return {(phase, sign, standing): outcome for standing in standings or tuple(Standing)}


TABLE: dict[tuple[Phase, Sign, Standing], Outcome] = {
    **rows(DOING, Sign.VERIFIED, End.DONE, *STANDS),
    **rows(DOING, Sign.VERIFIED, RESTORING, REFUSED),
    **rows(DOING, Sign.GONE, WANTED),
    **rows(DOING, Sign.DEVICE_LOST, WANTED),
    **rows(DOING, Sign.REFUSED, DOING, *STANDS),
    **rows(DOING, Sign.REFUSED, RESTORING, REFUSED),
    **rows(DOING, Sign.LEFT, End.UNVERIFIED, *STANDS),
    **rows(DOING, Sign.LEFT, End.LEFT_OPEN, REFUSED),
    **rows(WANTED, Sign.BACK, DOING, *STANDS),
    **rows(WANTED, Sign.BACK, RESTORING, REFUSED),
    **rows(WANTED, Sign.LEFT, End.UNVERIFIED, *STANDS),
    **rows(WANTED, Sign.LEFT, End.LEFT_OPEN, REFUSED),
    **rows(RESTORING, Sign.RESTORED, TAKING, GIVEN, OWN),
    **rows(RESTORING, Sign.RESTORED, End.UNVERIFIED, FIXED),
    **rows(RESTORING, Sign.RESTORED, End.NEVER_STOOD, REFUSED),
    **rows(RESTORING, Sign.NOT_RESTORED, End.UNVERIFIED, *STANDS),
    **rows(RESTORING, Sign.NOT_RESTORED, End.LEFT_OPEN, REFUSED),
    **rows(RESTORING, Sign.LEFT, End.UNVERIFIED, *STANDS),
    **rows(RESTORING, Sign.LEFT, End.LEFT_OPEN, REFUSED),
    **rows(TAKING, Sign.TAKEN_BACK, End.COMPENSATED),
    **rows(TAKING, Sign.NOT_TAKEN_BACK, End.STILL_STANDS),
    **rows(TAKING, Sign.SILENT, End.IN_DOUBT),
    **rows(TAKING, Sign.LEFT, End.IN_DOUBT),
}
"""Everything that can follow a first try; what is not in it means nothing."""


def outcome_of(following: Attempt | End | None) -> Outcome:
    """The phase or the end that follows."""
    return following.phase if isinstance(following, Attempt) else following


@pytest.mark.parametrize(("phase", "sign", "standing"), list(product(Phase, Sign, Standing)))
def test_every_sign_in_every_phase_has_its_one_consequence(
    phase: Phase, sign: Sign, standing: Standing
) -> None:
    """The whole product of phases, signs and standings is as the table says, and nothing else follows."""
    following = advance(Attempt(Deed.RELEASE, phase), sign, standing, POLICY)

    assert outcome_of(following) == TABLE.get((phase, sign, standing))


@pytest.mark.parametrize(("standing", "end"), [(GIVEN, RESTORING), (OWN, RESTORING), (FIXED, End.UNVERIFIED)])
def test_a_device_that_refuses_is_tried_so_often_and_then_compensated(
    standing: Standing, end: Outcome
) -> None:
    """After the last try the thing is restored, unless its promise is not ours to take back."""
    last = Attempt(Deed.RELEASE, tries=POLICY.tries_max)

    assert outcome_of(advance(last, Sign.REFUSED, standing, POLICY)) == end


def test_a_thing_that_comes_and_goes_is_not_waited_for_for_ever() -> None:
    """Back and gone, back and gone: after so many times nobody can tell, and the promise stands."""
    attempt: Attempt | End | None = Attempt(Deed.RELEASE)
    for _ in range(POLICY.tries_max + POLICY.returns_max):
        assert isinstance(attempt, Attempt)
        attempt = advance(attempt, Sign.GONE, GIVEN, POLICY)
        assert isinstance(attempt, Attempt)
        attempt = advance(attempt, Sign.BACK, GIVEN, POLICY)

    assert isinstance(attempt, Attempt)
    assert advance(attempt, Sign.GONE, GIVEN, POLICY) is End.UNVERIFIED


def test_where_nothing_can_be_restored_a_refusal_ends_unverified() -> None:
    """Money that was handed out is not put back: a case, never a silent undoing."""
    policy = Policy(tries_max=1, may_restore=False)

    assert advance(Attempt(Deed.RELEASE), Sign.REFUSED, GIVEN, policy) is End.UNVERIFIED


@pytest.mark.parametrize(("standing", "end"), [(GIVEN, End.UNVERIFIED), (REFUSED, End.LEFT_OPEN)])
def test_where_nobody_is_there_nothing_is_waited_for(standing: Standing, end: End) -> None:
    """At start-up a thing that is gone is a case at once."""
    policy = Policy(may_wait=False)

    assert advance(Attempt(Deed.RELEASE), Sign.GONE, standing, policy) is end


def test_only_what_was_read_back_is_ever_called_done() -> None:
    """DONE follows a verified reading and nothing else; COMPENSATED only a restoring that was verified."""
    done = [key for key, outcome in TABLE.items() if outcome is End.DONE]
    taken = [key for key, outcome in TABLE.items() if outcome is TAKING]

    assert {sign for _, sign, _ in done} == {Sign.VERIFIED}
    assert {sign for _, sign, _ in taken} == {Sign.RESTORED}


def test_a_deed_and_its_opposite_undo_each_other() -> None:
    """Restoring is the opposite deed, and its opposite the deed again."""
    assert [deed.opposite for deed in Deed] == [Deed.SECURE, Deed.RELEASE]
