"""Terminals and couriers that are broken on purpose where items come back and fees are paid: the play of
`test_returns_and_payments.py` sees each of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from sync.entries import Due, Entry, GiveBack, Granted, ItemId, PatronId, Pay
from sync.questions import AccountFacts, ItemFacts
from sync.uplink import doubt
from sync.uplink.courier import Courier
from sync.uplink.reports import Verdict
from sync.uplink.start_up import AtStart, FindPayment, FinishSecuring
from tests.crash.broken_couriers import (
    CarriesWhatIsHeld,
    DropsWhatIsGivenUp,
    ForgetsWhatIsHeld,
    RepeatsWithoutAsking,
    SendsWithoutLeave,
    StartsWithNothing,
)
from tests.sync.uplink.library import Line
from tests.sync.uplink.samples import NOT_DONE
from tests.sync.uplink.test_promises import EFFORT, ITEMS, PATRONS, SERVERS
from tests.sync.uplink.test_returns_and_payments import TAKEN, Returns

SIP2, CENTRAL = "one by one, as SIP2", "in order, as central"


class TakesMoneyFirst(Returns):
    """Has the money taken, and writes that down afterwards, unless it is killed in between."""

    @rule(is_killed=st.booleans())
    def take_money(self, is_killed: bool) -> None:
        key = self.new_key()
        self.till.ask(key, TAKEN, is_charged=True)
        if is_killed:
            self.restart()


class TakesMoneyAgain(Returns):
    """Asks for the money once more when it does not know what became of it."""

    def found_at_start(self, entry: Entry, found: AtStart) -> None:
        if isinstance(found, FindPayment):
            self.till.ask(entry.key, TAKEN, is_charged=True)
        super().found_at_start(entry, found)


class TellsBeforeItIsSecured(Returns):
    """Tells the server of a return before the tags are read back."""

    @rule(item=st.sampled_from(ITEMS))
    def bring_quickly(self, item: ItemId) -> None:
        self.bring(item, is_asked=False)
        for key in sorted(self.lying):
            self.courier.proceed(self.entries[key])


class ForgetsAtStart(Returns):
    """Finishes nothing at start-up."""

    def found_at_start(self, entry: Entry, found: AtStart) -> None:
        self.lying.discard(entry.key)
        self.paying.discard(entry.key)


PLAYS = (
    TakesMoneyFirst,
    TakesMoneyAgain,
    TellsBeforeItIsSecured,
    ForgetsAtStart,
)
COURIERS = (
    (SIP2, RepeatsWithoutAsking),
    (SIP2, CarriesWhatIsHeld),
    (SIP2, ForgetsWhatIsHeld),
    (SIP2, DropsWhatIsGivenUp),
    (SIP2, StartsWithNothing),
    (CENTRAL, CarriesWhatIsHeld),
    (CENTRAL, ForgetsWhatIsHeld),
)


# --- Scenes that chance seldom plays --------------------------------------------------------------------------------


class LetsFeesBePaidAgain(Returns):
    """Takes another payment of a patron whose last one is on its way."""

    ways = SERVERS[SIP2]

    def has_unposted(self, patron: PatronId) -> bool:
        return False


class TellsWhatItCannotSee(Returns):
    """Tells the server at start-up of what nobody saw being secured."""

    ways = SERVERS[SIP2]

    def found_at_start(self, entry: Entry, found: AtStart) -> None:
        super().found_at_start(entry, found)
        if isinstance(found, FinishSecuring) and entry.key in self.refused_to_take:
            self.courier.enter([entry], is_of_session=False)


def two_payments(play: Returns) -> None:
    """Nobody posts yet; a reader pays the same sum twice; the terminal is killed twice."""
    for _ in range(2):
        play.pay(PATRONS[0], 2, TAKEN, is_charged=True, is_known=True)
        play.hear_from_the_till()
    play.restart()


class LooksForNoLaterRow(Returns):
    """Takes for never sent at start-up whatever was noted as such once, though the server was reached since."""

    ways = SERVERS[SIP2]

    def leave_asked(self, notes: int) -> None:
        noted = set(self.never_sent)
        super().leave_asked(notes)
        self.never_sent = noted


class SendsBeforeTheRow(Returns):
    """Sends what was noted as never sent before it is on disk that the server was reached."""

    ways = SERVERS[SIP2]
    courier_type = SendsWithoutLeave


def lent_anew_after_an_outage(play: Returns) -> None:
    """A return waited for the server, its reply is lost, the terminal is killed, and staff lend the item."""
    lent_and_brought(play, Line.UNREACHABLE)
    play.wait(600)
    play.serve(2)
    play.turn(Line.REPLY_LOST, 1)
    play.restart()
    play.lend_at_the_desk(ITEMS[0], PATRONS[1], 1)


def killed_before_the_row(play: Returns) -> None:
    """As before, and the terminal is killed before the disk has written that the server was reached."""
    lent_and_brought(play, Line.UNREACHABLE)
    play.slow_down(is_slow=True)
    play.wait(600)
    play.turn(Line.REPLY_LOST, 1)
    play.restart()
    play.lend_at_the_desk(ITEMS[0], PATRONS[1], 1)


def gone_at_start(play: Returns) -> None:
    """The terminal is killed while it secures, and the item is gone when it comes back."""
    play.bring(ITEMS[0], is_asked=True)
    play.restart_at_the_pad(are_tags_there=False)


def renewed_at_home(play: Returns) -> None:
    """The return does not reach the server, the terminal is killed, and the reader renews the loan by telephone."""
    lent_and_brought(play, Line.REQUEST_LOST)
    play.restart()
    play.renew_at_home(ITEMS[0])


def lent_again(play: Returns) -> None:
    """The server's word that the item is back is lost, and staff lend it to somebody else."""
    lent_and_brought(play, Line.REPLY_LOST)
    play.lend_at_the_desk(ITEMS[0], PATRONS[1], 1)


def lent_and_brought(play: Returns, line: Line) -> None:
    play.promise(ITEMS[0], PATRONS[0], renews=False)
    play.serve(1)
    play.bring(ITEMS[0], is_asked=True)
    play.secure(1)
    play.turn(line, 1)


def takes_another_day_for_another_loan(promise: GiveBack, item: ItemFacts | None) -> Verdict:
    """Believes that an item whose due date changed was lent anew."""
    if item is None or item.due is None or item.due == promise.due_before:
        return NOT_DONE
    return Granted(Due(None))


def takes_it_for_told(promise: GiveBack, item: ItemFacts | None) -> Verdict:
    """Believes that what was perhaps told was told."""
    return Granted(Due(None))


def tells_again(promise: GiveBack, item: ItemFacts | None) -> Verdict:
    """Tells again, whoever has the item now."""
    return NOT_DONE


def takes_it_for_posted(promise: Pay, account: AccountFacts | None) -> Verdict:
    """Believes that what was perhaps posted was posted."""
    return Granted(Due(None))


def posts_again(promise: Pay, account: AccountFacts | None) -> Verdict:
    """Posts again, whatever is owed."""
    return NOT_DONE


JUDGES: tuple[tuple[str, Callable[..., Verdict]], ...] = (
    ("judge_give_back", takes_it_for_told),
    ("judge_pay", takes_it_for_posted),
    ("judge_pay", posts_again),
)


def is_found_out(play: type[Returns]) -> bool:
    """Whether *play* breaks a promise within many rounds."""
    try:
        run_state_machine_as_test(
            play,
            settings=settings(
                EFFORT,
                max_examples=2000,
                database=None,
                phases=[Phase.generate],
                print_blob=False,
                report_multiple_bugs=False,
            ),
        )
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("play", PLAYS, ids=lambda one: one.__name__)
def test_a_terminal_that_breaks_the_order_is_found_out(play: type[Returns]) -> None:
    """Negative control: money before it is written down, money again, told before it is secured, nothing finished."""

    class Broken(play):  # type: ignore[misc, valid-type]
        ways = SERVERS[SIP2]

    assert is_found_out(Broken)


@pytest.mark.parametrize(
    ("server", "courier"), COURIERS, ids=[f"{courier.__name__}-{server[:2]}" for server, courier in COURIERS]
)
def test_a_broken_courier_of_returns_is_found_out(server: str, courier: type[Courier]) -> None:
    """Negative control: sending what is held, forgetting, dropping and repeating it blindly each break the play."""

    class Broken(Returns):
        courier_type = courier
        ways = SERVERS[server]

    assert is_found_out(Broken)


@pytest.mark.parametrize(("name", "judge"), JUDGES, ids=[judge.__name__ for _, judge in JUDGES])
def test_a_judge_that_believes_too_much_is_found_out(
    monkeypatch: pytest.MonkeyPatch, name: str, judge: Callable[..., Verdict]
) -> None:
    """Negative control: whoever guesses what became of a return or a payment loses one, or ends a newer loan."""
    monkeypatch.setattr(doubt, name, judge)

    class Judged(Returns):
        ways = SERVERS[SIP2]

    assert is_found_out(Judged)


def ends_well(play: Returns, scene: Callable[[Returns], None]) -> bool:
    """Whether every promise holds after *scene*."""
    try:
        play.start()
        scene(play)
        play.nothing_is_done_twice()
        play.teardown()
    except AssertionError:
        return False
    return True


class Right(Returns):
    """Breaks no rule."""

    ways = SERVERS[SIP2]


@pytest.mark.parametrize(
    ("broken", "scene"),
    [
        (LetsFeesBePaidAgain, two_payments),
        (TellsWhatItCannotSee, gone_at_start),
        (LooksForNoLaterRow, lent_anew_after_an_outage),
        (SendsBeforeTheRow, killed_before_the_row),
    ],
    ids=lambda one: one.__name__,
)
def test_a_rare_scene_shows_a_broken_terminal(
    broken: type[Returns], scene: Callable[[Returns], None]
) -> None:
    """Negative control: paying twice, telling of what nobody saw, and taking for never sent what may have been, break a
    promise that holds otherwise."""
    assert ends_well(Right(), scene)
    assert not ends_well(broken(), scene)


@pytest.mark.parametrize(
    ("judge", "scene"),
    [(takes_another_day_for_another_loan, renewed_at_home), (tells_again, lent_again)],
    ids=lambda one: one.__name__,
)
def test_a_rare_scene_shows_a_judge_that_guesses(
    monkeypatch: pytest.MonkeyPatch, judge: Callable[..., Verdict], scene: Callable[[Returns], None]
) -> None:
    """Negative control: neither does another due date mean a newer loan, nor silence that nothing was done."""
    assert ends_well(Right(), scene)
    monkeypatch.setattr(doubt, "judge_give_back", judge)
    assert not ends_well(Right(), scene)
