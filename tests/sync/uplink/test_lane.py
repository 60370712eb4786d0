"""Who goes next in a lane, when, and what happens to what was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.entries import (
    Answered,
    Entry,
    EntryKey,
    Granted,
    Held,
    Lend,
    Reason,
    Refused,
    Silence,
    item_id,
    patron_id,
)
from sync.servers.ils import Capabilities
from sync.uplink.lane import Lane
from sync.uplink.reports import Unclear
from sync.uplink.steps import AskAbout, Carry, Idle, Next, Wait
from sync.uplink.waiting import (
    DELAY_SECONDS_MAX,
    ENTRY_DELAY_SECONDS_MAX,
    SETTLING_SECONDS,
    Stage,
)
from tests.sync.uplink.samples import (
    ANNA,
    BOOK,
    BORIS,
    GRANTED,
    KEEP,
    NOON,
    NOT_DONE,
    OTHER_BOOK,
    entry,
    key,
    lend,
    promised,
    renew,
    undo,
)

ONE = entry(1, lend())
SAME_ITEM = entry(2, Lend(BOOK, BORIS, NOON))
SAME_PATRON = entry(3, lend(OTHER_BOOK))
FREE = entry(4, Lend(OTHER_BOOK, BORIS, NOON))
ONE_BY_ONE = Capabilities()
BATCHES = Capabilities(entries_per_exchange=3)
REPEATS = Capabilities(entries_per_exchange=3, repeats_safely=True)
CENTRAL = Capabilities(entries_per_exchange=3, repeats_safely=True, keeps_order=True)


def lane_of(*entries: Entry, is_of_session: bool = False, is_in_doubt: bool = False) -> Lane:
    lane = Lane()
    lane.enter(entries, is_of_session=is_of_session, is_in_doubt=is_in_doubt)
    return lane


def next_of(lane: Lane, now: float = 0.0, ways: Capabilities = ONE_BY_ONE) -> Next:
    return lane.next_of(now, ways)


def send(lane: Lane, number: int) -> None:
    lane.depart([key(number)], is_sent=True)


def send_in_vain(lane: Lane, number: int, now: float = 0.0, chance: float = 1.0) -> None:
    send(lane, number)
    lane.silent([key(number)], now, chance)


def send_well(lane: Lane, number: int, answer: Granted | Refused | Held = GRANTED, now: float = 0.0) -> None:
    send(lane, number)
    lane.carried(key(number), answer, now, 1.0)


def judge(lane: Lane, number: int, verdict: Granted | Refused | Unclear) -> None:
    lane.depart([key(number)], is_sent=False)
    lane.judged(key(number), verdict)


def carries(*entries: Entry, is_of_session: bool = False) -> Carry:
    return Carry(entries, is_of_session)


def test_an_empty_lane_is_idle() -> None:
    """Nothing to carry, nothing to wait for."""
    assert next_of(Lane()) == Idle()


def test_one_exchange_at_a_time() -> None:
    """While an entry is under way nothing else goes, and no second exchange can begin."""
    lane = lane_of(ONE, FREE)
    send(lane, 1)

    assert next_of(lane, 1e9) == Idle()
    with pytest.raises(ValueError, match="under way"):
        send(lane, 4)


def test_what_was_sent_is_asked_about_before_it_is_sent_again() -> None:
    """Silence puts an entry in doubt; only a verdict brings it back to be sent, and only if that must come true."""
    undoing = entry(1, undo(9))
    lane = lane_of(undoing)
    send_in_vain(lane, 1)
    assert next_of(lane, 1.0) == Wait(SETTLING_SECONDS + 1.0)
    assert next_of(lane, SETTLING_SECONDS + 1.0) == AskAbout(undoing, False)

    judge(lane, 1, NOT_DONE)

    assert next_of(lane, SETTLING_SECONDS + 1.0) == carries(undoing)


@pytest.mark.parametrize("verdict", [NOT_DONE, Unclear("dark")])
def test_a_loan_nobody_was_told_of_is_never_sent_again(verdict: Unclear) -> None:
    """Asked about and not done, or not to be told: it leaves the lane."""
    lane = lane_of(ONE, is_in_doubt=True)
    judge(lane, 1, verdict)
    assert lane.waiting == ()


def test_after_a_restart_everything_is_in_doubt() -> None:
    """What start-up enters is asked about first, in the order of the lane."""
    assert next_of(lane_of(ONE, FREE, is_in_doubt=True)) == AskAbout(ONE, False)


def test_an_entry_waits_only_behind_its_item_and_its_patron() -> None:
    """Behind an entry that waits, another of the same item or patron waits too, and a stranger to both does not."""
    for follower, expected in ((SAME_ITEM, Wait), (SAME_PATRON, Wait), (FREE, Carry)):
        lane = lane_of(ONE)
        send_in_vain(lane, 1)
        lane.answering()
        lane.enter([follower], is_of_session=False)
        assert isinstance(next_of(lane, 0.5), expected)


def test_waiting_is_passed_on() -> None:
    """What waits behind a waiting entry also holds back what touches it: the order per item and patron is one."""
    lane = lane_of(ONE)
    send_in_vain(lane, 1)
    lane.answering()
    chain = [entry(2, Lend(BOOK, BORIS, NOON)), entry(3, Lend(OTHER_BOOK, BORIS, NOON))]

    lane.enter(chain, is_of_session=False)

    assert next_of(lane, 0.5) == Wait(SETTLING_SECONDS + 1.0)


def test_the_session_goes_before_the_backlog() -> None:
    """An entry of the running session overtakes the backlog, unless it touches the same item or patron."""
    lane = lane_of(ONE)
    lane.enter([FREE], is_of_session=True)
    assert next_of(lane) == carries(FREE, is_of_session=True)


def test_what_the_session_waits_behind_goes_first() -> None:
    """A backlog entry that bars the session's way is as urgent as the session, also through others, and while the
    backlog has to wait."""
    other = entry(7, Lend(OTHER_BOOK, ANNA, NOON))
    lane = lane_of(FREE, other)
    lane.silent([], 0.0, 1.0, 99.0)
    assert next_of(lane) == Wait(99.0)

    lane.enter([SAME_ITEM], is_of_session=True)

    assert next_of(lane) == carries(FREE, is_of_session=True)


def test_what_waits_behind_a_session_that_is_gone_is_in_no_hurry() -> None:
    """When the reader has left, what barred their way waits with the rest of the backlog again."""
    lane = lane_of(FREE)
    lane.silent([], 0.0, 1.0, 99.0)
    lane.enter([SAME_PATRON], is_of_session=True)
    assert next_of(lane) == carries(FREE, is_of_session=True)

    assert lane.give_up(SAME_PATRON.key)

    assert next_of(lane) == Wait(99.0)


def test_the_sessions_first_try_does_not_wait_for_a_silent_server() -> None:
    """After silence the backlog waits, and a reader who comes now is still tried for."""
    lane = lane_of(ONE)
    send_in_vain(lane, 1)
    assert next_of(lane) == Wait(SETTLING_SECONDS + 1.0)

    lane.enter([FREE], is_of_session=True)

    assert next_of(lane) == carries(FREE, is_of_session=True)


def test_delays_double_up_to_a_limit_and_never_end() -> None:
    """Every silence doubles the wait, to five minutes; there is no count after which an entry is given up."""
    lane, now, delays = lane_of(ONE), 0.0, []
    for _ in range(2000):
        send_in_vain(lane, 1, now)
        step = next_of(lane, now)
        assert isinstance(step, Wait)
        delays.append(step.until_seconds - now)
        now = step.until_seconds

    assert delays[:4] == [SETTLING_SECONDS + longer for longer in (1.0, 2.0, 4.0, 8.0)]
    assert delays[-1] == DELAY_SECONDS_MAX
    assert isinstance(next_of(lane, now), AskAbout)


def test_chance_spreads_the_tries_of_many_terminals() -> None:
    """Half of each delay is left to chance."""
    untils = []
    for chance in (0.0, 0.5, 1.0):
        lane = lane_of(ONE)
        send_in_vain(lane, 1, 0.0, chance)
        untils.append(next_of(lane))
    assert untils == [Wait(SETTLING_SECONDS + spread) for spread in (0.5, 0.75, 1.0)]


def test_an_entrys_own_delay_ends_soon_after_the_outage() -> None:
    """Hours of silence do not make its patron wait for minutes once the server answers again."""
    lane = lane_of(ONE)
    for _ in range(30):
        send_in_vain(lane, 1)

    lane.answering()

    assert next_of(lane) == Wait(SETTLING_SECONDS + ENTRY_DELAY_SECONDS_MAX)


def test_one_entry_that_chokes_the_server_does_not_stop_the_others() -> None:
    """Once the server answers another entry the backlog goes on; the one that met silence keeps its own delay."""
    lane = lane_of(ONE, FREE)
    send_in_vain(lane, 1)
    send_well(lane, 4, now=1.0)
    lane.enter([entry(9, renew())], is_of_session=False)

    assert next_of(lane, 0.5) == Wait(SETTLING_SECONDS + 1.0)


def test_a_held_entry_is_asked_about_later() -> None:
    """Held upstream is neither done nor refused: the entry stays, and is asked about after a while."""
    lane = lane_of(ONE)
    send_well(lane, 1, Held())
    later = SETTLING_SECONDS + 1.0
    assert (next_of(lane), next_of(lane, later)) == (Wait(later), AskAbout(ONE, False))


def test_a_late_grant_bars_its_item_until_it_is_undone() -> None:
    """A loan granted after its session bars its item, not its patron, and the undoing takes its place in the lane."""
    lane = lane_of(ONE, SAME_ITEM)
    send_well(lane, 1)
    assert next_of(lane) == Idle()
    lane.enter([SAME_PATRON], is_of_session=False)
    assert next_of(lane) == carries(SAME_PATRON)
    undoing = entry(8, undo(1))

    lane.enter([undoing], is_of_session=False)

    assert next_of(lane) == carries(undoing)
    assert [waiting.entry for waiting in lane.waiting] == [undoing, SAME_ITEM, SAME_PATRON]


def test_a_grant_in_its_session_or_that_only_renewed_leaves_the_lane() -> None:
    """The session itself takes care of what it was granted; a renewal is never undone."""
    in_session = lane_of(ONE, is_of_session=True)
    for lane, answer in ((in_session, GRANTED), (lane_of(ONE), Granted(GRANTED.due, renewed=True))):
        send_well(lane, 1, answer)
        assert lane.waiting == ()


def test_what_was_never_sent_can_be_given_up() -> None:
    """What the session gave up before it was sent never will be; what undoes a loan, or was sent, stays."""
    for promise, is_gone in ((lend(), True), (renew(), True), (undo(9), False)):
        lane = lane_of(entry(1, promise), is_of_session=True)
        assert (lane.give_up(key(1)), lane.waiting == ()) == (is_gone, is_gone)

    under_way, sent = lane_of(ONE, is_of_session=True), lane_of(ONE, is_of_session=True)
    send(under_way, 1)
    send_in_vain(sent, 1)
    for lane in (under_way, sent):
        assert not lane.give_up(ONE.key)
        assert lane.backlog == 1
        assert lane.waiting[0].stage is Stage.DOUBT
    assert not sent.give_up(EntryKey("beef", 9, 9, 9))
    assert len(sent) == 1


def test_a_key_is_in_its_lane_once() -> None:
    """Entering the same entry twice is a fault of the program, and so is an answer to one that is not there."""
    with pytest.raises(ValueError, match="already"):
        lane_of(ONE, ONE)
    with pytest.raises(ValueError, match="not in the lane"):
        Lane().judged(ONE.key, NOT_DONE)


# --- What the terminal itself granted -----------------------------------------------------------------------------

OURS = entry(1, lend(), promised(1))


def test_what_the_terminal_granted_is_asked_about_before_it_is_first_sent() -> None:
    """A server that has the loan already would renew it: first it is asked, and only what is not there is sent."""
    lane = lane_of(OURS)
    assert next_of(lane) == AskAbout(OURS, False, was_sent=False)

    judge(lane, 1, NOT_DONE)

    assert next_of(lane) == carries(OURS)


def test_asking_in_vain_does_not_make_it_sent() -> None:
    """Silence to the question leaves it as it was: never sent."""
    lane = lane_of(OURS)
    lane.depart([OURS.key], is_sent=False)
    lane.silent([OURS.key], 0.0, 1.0)
    assert next_of(lane, 99.0) == AskAbout(OURS, False, was_sent=False)


def test_what_the_terminal_granted_belongs_to_no_session() -> None:
    """Its reader waits for nobody: it is backlog from the beginning."""
    lane = lane_of(OURS, is_of_session=True)
    assert lane.backlog == 1


@pytest.mark.parametrize(("was_sent", "asks"), [(True, True), (False, False)])
def test_a_session_may_grant_later_what_is_in_the_lane(was_sent: bool, asks: bool) -> None:
    """A loan that met silence, or was not sent yet, is granted by the terminal: kept, asked about, and backlog."""
    lane = lane_of(ONE, is_of_session=True)
    if was_sent:
        send_in_vain(lane, 1)

    assert lane.promise(ONE.key, promised(1))

    assert lane.backlog == 1
    kept = replace(ONE, rows=(*ONE.rows, promised(1)))
    assert next_of(lane, 99.0) == AskAbout(kept, False, was_sent=asks)
    judge(lane, 1, NOT_DONE)
    assert next_of(lane, 99.0) == carries(kept)


def test_a_grant_that_crossed_the_promise_is_not_undone() -> None:
    """The server granted it late, and the terminal promised it meanwhile: nothing waits for an undoing any more."""
    lane = lane_of(ONE)
    send_well(lane, 1)
    assert lane.promise(ONE.key, promised(1))
    assert lane.waiting == ()
    assert not lane.promise(ONE.key, promised(1))


def test_a_promise_of_ours_that_is_given_up_unsent_is_gone() -> None:
    """The book stayed: what the server never heard of is taken back without it."""
    lane = lane_of(OURS)
    assert lane.give_up(OURS.key)
    assert lane.waiting == ()


@pytest.mark.parametrize("verdict", [NOT_DONE, GRANTED])
def test_a_promise_of_ours_that_is_given_up_in_doubt_is_not_kept(verdict: Granted | Refused) -> None:
    """The book stayed, and it was perhaps sent: not done, it is not sent again; granted, it waits to be undone."""
    lane = lane_of(OURS, is_in_doubt=True)
    assert not lane.give_up(OURS.key)
    assert next_of(lane) == AskAbout(OURS, False, is_given_up=True)

    judge(lane, 1, verdict)

    assert [waiting.stage for waiting in lane.waiting] == [Stage.TO_BE_UNDONE] * (verdict == GRANTED)


@pytest.mark.parametrize("end", [Refused(Reason.ITEM_ON_LOAN_TO_OTHER), Unclear("dark")])
def test_an_undoing_whose_loan_never_was_is_asked_about_first(end: Refused | Unclear) -> None:
    """A check-in for a loan that was not granted could close somebody else's: how the item stands is asked before."""
    undoing = entry(8, undo(1))
    lane = lane_of(ONE, undoing, is_in_doubt=False)
    send(lane, 1)
    lane.silent([ONE.key], 0.0, 0.0)
    judge(lane, 1, end)

    assert next_of(lane, 99.0) == AskAbout(undoing, False)


# --- Several at once ----------------------------------------------------------------------------------------------

MANY = [
    entry(
        n,
        Lend(
            item_id(f"1000001{n}"), ANNA if n < 3 else patron_id(f"230000010{n}"), NOON, if_granted_late=KEEP
        ),
    )
    for n in range(1, 7)
]


def placed(number: int, position: int) -> Entry:
    return replace(MANY[number - 1], position=position)


def test_as_many_go_together_as_the_server_takes_and_as_are_free() -> None:
    """Entries that touch nothing in common share an exchange; what waits behind one of them is in the next."""
    lane = lane_of(*MANY)
    assert next_of(lane, ways=BATCHES) == carries(MANY[0], MANY[2], MANY[3])
    for number in (1, 3, 4):
        send_well(lane, number)
    assert next_of(lane, ways=BATCHES) == carries(MANY[1], MANY[4], MANY[5])


def test_the_session_does_not_share_its_exchange_with_the_backlog() -> None:
    """A reader waits for their own entries only."""
    lane = lane_of(*MANY[2:5])
    lane.enter(MANY[:1], is_of_session=True)
    assert next_of(lane, ways=BATCHES) == carries(MANY[0], is_of_session=True)


def test_what_has_to_be_asked_about_is_in_no_batch() -> None:
    """Of a server that does not repeat safely each doubt is asked about by itself; the others go together."""
    lane = lane_of(MANY[2])
    lane.enter([MANY[3]], is_of_session=False, is_in_doubt=True)
    lane.enter(MANY[4:], is_of_session=False)
    assert next_of(lane, ways=BATCHES) == carries(MANY[2], MANY[4])


def test_a_server_that_repeats_safely_is_never_asked() -> None:
    """In doubt, promised or new: it is sent, and sent again."""
    lane = lane_of(MANY[2], is_in_doubt=True)
    lane.enter([entry(1, lend(), promised(1)), MANY[4]], is_of_session=False)
    step = next_of(lane, ways=REPEATS)
    assert isinstance(step, Carry)
    assert [one.key for one in step.entries] == [key(3), key(1), key(5)]


def test_how_a_server_wants_it_is_decided_when_it_is_due() -> None:
    """The same lane asks one server and sends to another: nothing has to be known when it is filled."""
    lane = lane_of(ONE, is_in_doubt=True)
    assert (next_of(lane), next_of(lane, ways=REPEATS)) == (AskAbout(ONE, False), carries(ONE))


def test_each_answer_of_a_batch_is_its_own() -> None:
    """Granted leaves, held and silent stay, each with its own delay."""
    lane = lane_of(*MANY[2:5])
    lane.depart([key(3), key(4), key(5)], is_sent=True)
    for number, answer in ((3, GRANTED), (4, Held()), (5, Silence("garbled"))):
        lane.carried(key(number), answer, 0.0, 1.0)

    assert [waiting.entry.key for waiting in lane.waiting] == [key(4), key(5)]
    assert next_of(lane, ways=BATCHES) == Wait(SETTLING_SECONDS + 1.0)


def test_positions_count_where_the_server_keeps_order() -> None:
    """By position, whatever they touch, and no further than the first gap."""
    lane = lane_of(placed(3, 12), placed(1, 10), placed(2, 11), placed(4, 14))
    assert next_of(lane, ways=CENTRAL) == carries(placed(1, 10), placed(2, 11), placed(3, 12))
    lane.depart([key(1), key(2), key(3)], is_sent=True)
    for number in (1, 2, 3):
        lane.carried(key(number), GRANTED, 0.0, 0.0)
    assert next_of(lane, ways=CENTRAL) == carries(placed(4, 14))


def test_a_gap_ends_a_batch() -> None:
    """What was given up unsent leaves a gap in the numbers: what follows it is another batch."""
    lane = lane_of(placed(3, 10), placed(4, 12))
    assert next_of(lane, ways=CENTRAL) == carries(placed(3, 10))


def test_an_earlier_epoch_is_told_before_a_later_one() -> None:
    """A restored journal numbers its new entries from one: the old ones still come first, in a batch of their own."""
    old = [replace(placed(n, n + 50), key=replace(key(n), epoch="abba")) for n in (3, 4)]
    lane = lane_of(old[1], placed(5, 1), old[0])
    assert next_of(lane, ways=CENTRAL) == carries(*old)
    lane.depart([one.key for one in old], is_sent=True)
    for one in old:
        lane.carried(one.key, GRANTED, 0.0, 0.0)
    assert next_of(lane, ways=CENTRAL) == carries(placed(5, 1))


def test_in_order_a_silent_batch_holds_everything_back() -> None:
    """Nothing overtakes the first by position; it is repeated whole."""
    lane = lane_of(placed(3, 10), placed(4, 11))
    lane.depart([key(3), key(4)], is_sent=True)
    lane.silent([key(3), key(4)], 0.0, 1.0)
    lane.answering()
    lane.enter([placed(5, 12)], is_of_session=False)
    later = SETTLING_SECONDS + 1.0

    assert next_of(lane, ways=CENTRAL) == Wait(later)
    assert next_of(lane, later, CENTRAL) == carries(placed(3, 10), placed(4, 11), placed(5, 12))


def test_what_the_server_holds_is_in_nobodys_way() -> None:
    """It has arrived in its order: the next go on, and it is repeated in its own time, after a restart too."""
    held = replace(placed(3, 10), rows=(*MANY[2].rows, Answered(key(3), NOON, Held())))
    for lane in (lane_of(placed(3, 10), placed(4, 11)), lane_of(held, placed(4, 11), is_in_doubt=True)):
        if lane.waiting[0].entry != held:
            send_well(lane, 3, Held())
            assert next_of(lane, 1.0, CENTRAL) == carries(placed(4, 11))
        send_well(lane, 4)
        step = next_of(lane, 99.0, CENTRAL)
        assert isinstance(step, Carry)
        assert [one.key for one in step.entries] == [key(3)]
