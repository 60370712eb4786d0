"""Who goes next in a lane, when, and what happens to what was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.entries import Entry, EntryKey, Granted, Held, Lend, Silence
from sync.uplink import lane
from sync.uplink.lane import (
    DELAY_SECONDS_MAX,
    ENTRY_DELAY_SECONDS_MAX,
    SETTLING_SECONDS,
    LaneState,
    Stage,
)
from sync.uplink.order import AskAbout, Carry, Idle, Wait, next_of
from sync.uplink.reports import Unclear
from tests.sync.uplink.samples import (
    ANNA,
    BOOK,
    BORIS,
    GRANTED,
    NOON,
    NOT_DONE,
    OTHER_BOOK,
    entry,
    key,
    lend,
    renew,
    undo,
)

ONE = entry(1, lend())
SAME_ITEM = entry(2, Lend(BOOK, BORIS, NOON))
SAME_PATRON = entry(3, lend(OTHER_BOOK))
FREE = entry(4, Lend(OTHER_BOOK, BORIS, NOON))


def lane_of(*entries: Entry, is_of_session: bool = False, is_in_doubt: bool = False) -> LaneState:
    return lane.enter(LaneState(), entries, is_of_session=is_of_session, is_in_doubt=is_in_doubt)


def sent_in_vain(state: LaneState, number: int, now: float = 0.0, chance: float = 1.0) -> LaneState:
    return lane.carried(lane.depart(state, key(number)), key(number), Silence("deadline"), now, chance)


def test_an_empty_lane_is_idle() -> None:
    """Nothing to carry, nothing to wait for."""
    assert next_of(LaneState(), 0.0) == Idle()


def test_one_exchange_at_a_time() -> None:
    """While an entry is under way nothing else goes, and no second exchange can begin."""
    state = lane.depart(lane_of(ONE, FREE), ONE.key)

    assert next_of(state, 1e9) == Idle()
    with pytest.raises(ValueError, match="under way"):
        lane.depart(state, FREE.key)


def test_what_was_sent_is_asked_about_before_it_is_sent_again() -> None:
    """Silence puts an entry in doubt; only a verdict brings it back to be sent, and only if that must come true."""
    undoing = entry(1, undo(9))
    state = sent_in_vain(lane_of(undoing), 1)
    assert next_of(state, 1.0) == Wait(SETTLING_SECONDS + 1.0)
    assert next_of(state, SETTLING_SECONDS + 1.0) == AskAbout(undoing, False)

    state = lane.judged(lane.depart(state, undoing.key), undoing.key, NOT_DONE)

    assert next_of(state, SETTLING_SECONDS + 1.0) == Carry(undoing, False)


@pytest.mark.parametrize("verdict", [NOT_DONE, Unclear("dark")])
def test_a_loan_nobody_was_told_of_is_never_sent_again(verdict: Unclear) -> None:
    """Asked about and not done, or not to be told: it leaves the lane."""
    state = lane.judged(lane_of(ONE, is_in_doubt=True), ONE.key, verdict)
    assert state.waiting == ()


def test_after_a_restart_everything_is_in_doubt() -> None:
    """What start-up enters is asked about first, in the order of the lane."""
    assert next_of(lane_of(ONE, FREE, is_in_doubt=True), 0.0) == AskAbout(ONE, False)


def test_an_entry_waits_only_behind_its_item_and_its_patron() -> None:
    """Behind an entry that waits, another of the same item or patron waits too, and a stranger to both does not."""
    delayed = sent_in_vain(lane_of(ONE), 1)
    delayed = replace(delayed, not_before_seconds=0.0)

    for follower, expected in ((SAME_ITEM, Wait), (SAME_PATRON, Wait), (FREE, Carry)):
        state = lane.enter(delayed, [follower], is_of_session=False, is_in_doubt=False)
        assert isinstance(next_of(state, 0.5), expected)


def test_waiting_is_passed_on() -> None:
    """What waits behind a waiting entry also holds back what touches it: the order per item and patron is one."""
    state = replace(sent_in_vain(lane_of(ONE), 1), not_before_seconds=0.0)
    chain = [entry(2, Lend(BOOK, BORIS, NOON)), entry(3, Lend(OTHER_BOOK, BORIS, NOON))]

    state = lane.enter(state, chain, is_of_session=False, is_in_doubt=False)

    assert next_of(state, 0.5) == Wait(SETTLING_SECONDS + 1.0)


def test_the_session_goes_before_the_backlog() -> None:
    """An entry of the running session overtakes the backlog, unless it touches the same item or patron."""
    backlog = lane_of(ONE)
    state = lane.enter(backlog, [FREE], is_of_session=True, is_in_doubt=False)
    assert next_of(state, 0.0) == Carry(FREE, True)


def test_what_the_session_waits_behind_goes_first() -> None:
    """A backlog entry that bars the session's way is as urgent as the session, also through others, and while the
    backlog has to wait."""
    other = entry(7, Lend(OTHER_BOOK, ANNA, NOON))
    state = replace(lane_of(FREE, other), not_before_seconds=99.0)
    state = lane.enter(state, [SAME_ITEM], is_of_session=True, is_in_doubt=False)

    assert next_of(state, 0.0) == Carry(FREE, True)


def test_the_sessions_first_try_does_not_wait_for_a_silent_server() -> None:
    """After silence the backlog waits, and a reader who comes now is still tried for."""
    state = sent_in_vain(lane_of(ONE), 1)
    assert next_of(state, 0.0) == Wait(SETTLING_SECONDS + 1.0)

    state = lane.enter(state, [FREE], is_of_session=True, is_in_doubt=False)

    assert next_of(state, 0.0) == Carry(FREE, True)


def test_delays_double_up_to_a_limit_and_never_end() -> None:
    """Every silence doubles the wait, to five minutes; there is no count after which an entry is given up."""
    state, now, delays = lane_of(ONE), 0.0, []
    for _ in range(2000):
        state = sent_in_vain(state, 1, now)
        step = next_of(state, now)
        assert isinstance(step, Wait)
        delays.append(step.until_seconds - now)
        now = step.until_seconds

    assert delays[:4] == [SETTLING_SECONDS + longer for longer in (1.0, 2.0, 4.0, 8.0)]
    assert delays[-1] == DELAY_SECONDS_MAX
    assert isinstance(next_of(state, now), AskAbout)


def test_chance_spreads_the_tries_of_many_terminals() -> None:
    """Half of each delay is left to chance."""
    untils = [next_of(sent_in_vain(lane_of(ONE), 1, 0.0, chance), 0.0) for chance in (0.0, 0.5, 1.0)]
    assert untils == [Wait(SETTLING_SECONDS + spread) for spread in (0.5, 0.75, 1.0)]


def test_an_entrys_own_delay_ends_soon_after_the_outage() -> None:
    """Hours of silence do not make its patron wait for minutes once the server answers again."""
    state, now = lane_of(ONE), 0.0
    for _ in range(30):
        state = sent_in_vain(state, 1, now)

    step = next_of(lane.answering(state), now)

    assert isinstance(step, Wait)
    assert step.until_seconds - now == SETTLING_SECONDS + ENTRY_DELAY_SECONDS_MAX


def test_one_entry_that_chokes_the_server_does_not_stop_the_others() -> None:
    """Once the server answers another entry the backlog goes on; the one that met silence keeps its own delay."""
    state = sent_in_vain(lane_of(ONE, FREE), 1)
    state = lane.carried(lane.depart(state, FREE.key), FREE.key, GRANTED, 1.0, 0.0)
    state = lane.enter(state, [entry(9, renew())], is_of_session=False, is_in_doubt=False)

    assert state.not_before_seconds == 0.0
    assert next_of(state, 0.5) == Wait(SETTLING_SECONDS + 1.0)


def test_a_held_entry_is_asked_about_later() -> None:
    """Held upstream is neither done nor refused: the entry stays, and is asked about after a while."""
    state = lane.carried(lane.depart(lane_of(ONE), ONE.key), ONE.key, Held(), 0.0, 1.0)
    later = SETTLING_SECONDS + 1.0
    assert (next_of(state, 0.0), next_of(state, later)) == (Wait(later), AskAbout(ONE, False))


def test_a_late_grant_bars_its_item_until_it_is_undone() -> None:
    """A loan granted after its session bars its item, not its patron, and the undoing takes its place in the lane."""
    state = lane.carried(lane.depart(lane_of(ONE, SAME_ITEM), ONE.key), ONE.key, GRANTED, 0.0, 1.0)
    assert next_of(state, 0.0) == Idle()
    assert isinstance(
        next_of(lane.enter(state, [SAME_PATRON], is_of_session=False, is_in_doubt=False), 0.0), Carry
    )

    undoing = entry(8, undo(1))
    state = lane.enter(state, [undoing], is_of_session=False, is_in_doubt=False)

    assert next_of(state, 0.0) == Carry(undoing, False)
    assert [waiting.entry for waiting in state.waiting] == [undoing, SAME_ITEM]


def test_a_grant_in_its_session_or_that_only_renewed_leaves_the_lane() -> None:
    """The session itself takes care of what it was granted; a renewal is never undone."""
    in_session = lane_of(ONE, is_of_session=True)
    for state, answer in ((in_session, GRANTED), (lane_of(ONE), Granted(GRANTED.due, renewed=True))):
        assert lane.carried(lane.depart(state, ONE.key), ONE.key, answer, 0.0, 0.0).waiting == ()


def test_what_was_never_sent_can_be_given_up() -> None:
    """What the session gave up before it was sent never will be; what undoes a loan, or was sent, stays."""
    for promise, is_gone in ((lend(), True), (renew(), True), (undo(9), False)):
        state, is_unsent = lane.give_up(lane_of(entry(1, promise), is_of_session=True), key(1))
        assert (is_unsent, state.waiting == ()) == (is_gone, is_gone)

    fresh = lane_of(ONE, is_of_session=True)
    for state in (lane.depart(fresh, ONE.key), sent_in_vain(fresh, 1)):
        after, is_unsent = lane.give_up(state, ONE.key)
        assert not is_unsent
        assert after.backlog == 1
        assert after.waiting[0].stage is Stage.DOUBT
    assert lane.give_up(fresh, EntryKey("beef", 9, 9, 9)) == (fresh, False)


def test_a_key_is_in_its_lane_once() -> None:
    """Entering the same entry twice is a fault of the program, and so is an answer to one that is not there."""
    with pytest.raises(ValueError, match="already"):
        lane_of(ONE, ONE)
    with pytest.raises(ValueError, match="not in the lane"):
        lane.judged(LaneState(), ONE.key, NOT_DONE)
