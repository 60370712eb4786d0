"""What the card terminal's pump does: money is asked for once, and every doubt ends in a clear word."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.payment import Step
from drivers.sim.zvt_terminal import CardChoice
from kiosk.engine.errands import Errand, NotDone
from kiosk.runtime.payments import CloseTerminalDay
from kiosk.workflow.effects import ReversePayment, StopPayment, TakePayment
from kiosk.workflow.events import (
    Device,
    DeviceDown,
    DeviceUp,
    PaymentFailure,
    PaymentGivenBack,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentReady,
    PaymentStepped,
    PaymentTaken,
    PaymentUnclear,
)
from sync.entries import Means, Money
from tests.kit.till_bench import PRICE, SETTLE_SECONDS, TillBench, key


@pytest.fixture
def bench(tmp_path: Path) -> TillBench:
    return TillBench(tmp_path)


def taken(bench: TillBench, event: int = 1) -> PaymentTaken:
    end = bench.pay(event)
    assert isinstance(end, PaymentTaken), end
    return end


def reverse(event: int, voucher: str, price: Money = PRICE) -> ReversePayment:
    return ReversePayment(key(event), Means.CARD, price, voucher)


class TestTaking:
    """Payments that nothing disturbs."""

    def test_the_terminal_is_ready_once_it_told_its_last_payment(self, bench: TillBench) -> None:
        """A new one remembers none, so the mark that is to be written down is empty."""
        assert bench.ready() == ""
        assert any(message[:2] == b"\x06\x20" for message in bench.far_end.heard)

    def test_a_payment_is_taken_and_told_with_its_references(self, bench: TillBench) -> None:
        """Receipt number, mark, masked card and the terminal's own receipt come with it; steps come before."""
        end = taken(bench)

        assert end.voucher == "1"
        assert end.mark.startswith("470001:1:")
        assert end.card.endswith("40")
        assert bench.far_end.card_number not in end.card
        assert any("Kartenzahlung" in line for line in end.receipt)
        steps = [one.step for one in bench.events if isinstance(one, PaymentStepped)]
        assert steps[:2] == [Step.INSERT_CARD, Step.ASKING_HOST]
        assert bench.far_end.taken_minor == PRICE.minor_units

    def test_after_a_payment_the_next_mark_is_its_own(self, bench: TillBench) -> None:
        """The till is ready again at once, with the mark of what was just paid, and takes the next payment by it."""
        first = taken(bench)

        assert bench.until(PaymentReady).mark == first.mark
        assert taken(bench, 2).voucher == "2"

    @pytest.mark.parametrize(
        ("choice", "failure"),
        [
            (CardChoice.DECLINE, PaymentFailure.DECLINED),
            (CardChoice.NO_HOST, PaymentFailure.DECLINED),
            (CardChoice.UNREADABLE, PaymentFailure.DECLINED),
            (CardChoice.ABORT, PaymentFailure.ABORTED),
        ],
    )
    def test_what_the_terminal_refuses_is_surely_not_paid(
        self, bench: TillBench, choice: CardChoice, failure: PaymentFailure
    ) -> None:
        """It is told as not taken, and the till is ready for the next card."""
        bench.far_end.card = choice
        end = bench.pay()

        assert isinstance(end, PaymentNotTaken)
        assert end.failure is failure
        assert bench.until(PaymentReady) is not None
        assert bench.far_end.taken_minor == 0

    def test_a_reader_who_steps_back_has_not_paid(self, bench: TillBench) -> None:
        """Stopped before a card was shown, the terminal takes nothing."""
        bench.far_end.card = None
        bench.take()
        bench.until(PaymentStepped)
        bench.order(StopPayment(key(1)))

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.ABORTED)

    def test_a_reader_who_shows_no_card_in_time_has_not_paid(self, bench: TillBench) -> None:
        """The terminal is told to stop after the reader's time, and what it says then counts."""
        bench.take()
        bench.until(PaymentStepped)
        bench.far_end.pace = 100.0

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.TIME_OVER)
        assert bench.far_end.taken_minor == 0

    def test_stopping_too_late_is_a_payment_all_the_same(self, bench: TillBench) -> None:
        """What the terminal had decided already is told as it went, not as it was wanted."""
        bench.take()
        while not bench.far_end.taken_minor:
            bench.pump.turn()
        bench.order(StopPayment(key(1)))

        assert isinstance(bench.end(), PaymentTaken)

    def test_a_stop_for_another_entry_stops_nothing(self, bench: TillBench) -> None:
        """Only the payment that is meant is stopped."""
        bench.take()
        bench.order(StopPayment(key(7)))

        assert isinstance(bench.end(), PaymentTaken)


class TestOnce:
    """Money is asked for once for each key."""

    def test_a_double_tap_makes_one_payment(self, bench: TillBench) -> None:
        """The same order twice, before and after the end, is asked once and answered as it went."""
        mark = bench.ready()
        bench.take(mark=mark)
        bench.order(TakePayment(key(1), Means.CARD, PRICE, mark))
        end = bench.end()
        bench.order(TakePayment(key(1), Means.CARD, PRICE, mark))
        bench.turn(5.0)

        assert bench.ends() == [end, end]
        assert bench.asked_for_money == 1

    def test_an_older_key_is_never_asked_for(self, bench: TillBench) -> None:
        """Keys only grow; an order that comes with an older one is a mistake, and nobody pays for it."""
        taken(bench, 5)
        bench.take(4)

        assert bench.end(4) == PaymentUnclear(key(4), "asked-before")
        assert bench.asked_for_money == 1

    @pytest.mark.parametrize("mark", ["470009:9:29520012:1123:101500", "garbage", "::::"])
    def test_an_order_for_another_mark_is_not_sent(self, bench: TillBench, mark: str) -> None:
        """Without the mark that was written down nobody could tell later what was paid, so nothing is asked for."""
        bench.ready()
        bench.take(mark=mark)

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.NEVER_ASKED)
        assert bench.asked_for_money == 0

    @pytest.mark.parametrize(
        "price", [Money(0, "EUR"), Money(-5, "EUR"), Money(10**13, "EUR"), Money(1, "CNY")]
    )
    def test_an_amount_that_no_terminal_takes_is_not_sent(self, bench: TillBench, price: Money) -> None:
        """Zero, less, absurdly much and another currency are told as never asked for."""
        bench.take(price=price)

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.NEVER_ASKED)
        assert bench.asked_for_money == 0

    def test_a_second_reader_waits_for_no_payment_of_the_first(self, bench: TillBench) -> None:
        """While one payment is under way the next is answered at once as not taken, and the first goes on."""
        bench.take(1)
        mark = ""
        bench.order(TakePayment(key(2), Means.CARD, PRICE, mark))

        assert bench.end(2) == PaymentNotTaken(key(2), PaymentFailure.DEVICE_AWAY)
        assert isinstance(bench.end(1), PaymentTaken)
        assert bench.asked_for_money == 1


class TestDoubt:
    """What is not told clearly is asked about, for a while."""

    @pytest.mark.parametrize("choice", [CardChoice.WRONG_AMOUNT, CardChoice.WRONG_CURRENCY])
    def test_another_amount_is_unclear(self, bench: TillBench, choice: CardChoice) -> None:
        """A terminal that answers for another amount or currency has not answered for ours; staff hear its receipt."""
        bench.far_end.card = choice
        end = bench.pay()

        assert isinstance(end, PaymentUnclear)
        receipt = bench.far_end.authorised[-1].receipt
        assert (end.why, end.seen) == ("other-amount", str(receipt))

    def test_a_terminal_that_never_comes_back_is_unclear_in_time(self, bench: TillBench) -> None:
        """It is asked for as long as the settings say, then the payment is for staff; nothing is guessed."""
        bench.take()
        bench.until(PaymentStepped)
        bench.is_plugged = False
        assert bench.cable is not None
        bench.cable.inner.unplug()
        began = bench.clock.monotonic()
        end = bench.end()

        assert end == PaymentUnclear(key(1), "device-away")
        assert SETTLE_SECONDS <= bench.clock.monotonic() - began < SETTLE_SECONDS + 10

    def test_a_payment_across_a_lost_link_is_found(self, bench: TillBench) -> None:
        """The cable breaks while the host is asked; the terminal goes on, and tells of the payment when it is back."""
        bench.take()
        bench.until(PaymentStepped)
        assert bench.cable is not None
        bench.cable.inner.unplug()
        bench.let_pass(20.0)
        end = bench.end()

        assert isinstance(end, PaymentTaken)
        assert end.voucher == "1"
        assert bench.asked_for_money == 1
        assert DeviceDown(Device.PAYMENT_TERMINAL) in bench.events
        assert bench.until(PaymentReady).mark == end.mark

    def test_an_order_while_the_terminal_is_away_is_not_taken(self, bench: TillBench) -> None:
        """It is answered at once, and never sent later."""
        mark = bench.ready()
        bench.is_plugged = False
        bench.pump.close()
        bench.take(mark=mark)

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.DEVICE_AWAY)
        bench.is_plugged = True
        bench.turn(60.0)
        assert bench.asked_for_money == 0

    def test_a_cable_that_broke_while_nobody_paid_is_noticed(self, bench: TillBench) -> None:
        """A terminal that stands about is asked now and then; away, it is told as away, and comes back by itself."""
        bench.ready()
        assert bench.cable is not None
        bench.cable.inner.unplug()
        bench.until(DeviceDown, 40.0)
        bench.events.clear()

        assert bench.until(DeviceUp) == DeviceUp(Device.PAYMENT_TERMINAL)
        assert bench.ready() == ""

    def test_a_busy_terminal_is_told_as_down_and_up(self, bench: TillBench) -> None:
        """While it does something of its own nobody is offered to pay by card."""
        bench.ready()
        bench.far_end.is_busy = True
        bench.until(DeviceDown, 40.0)
        bench.far_end.is_busy = False
        bench.events.clear()
        bench.until(DeviceUp, 40.0)

        assert bench.ready() == ""


class TestRestart:
    """The journal has the mark of before; the terminal tells the rest."""

    def test_a_payment_of_before_the_restart_is_found(self, bench: TillBench) -> None:
        """The terminal took it while nobody listened; it is told with all references, and not asked for again."""
        mark = bench.ready()
        bench.take(mark=mark)
        bench.until(PaymentStepped)
        bench.let_pass(30.0)
        bench.restart()
        bench.order(bench.find(1, mark))
        end = bench.end()

        assert isinstance(end, PaymentTaken)
        assert end.voucher == "1"
        assert end.card
        assert bench.asked_for_money == 1

    def test_what_was_never_sent_is_found_as_not_taken(self, bench: TillBench) -> None:
        """The last payment is still the one whose mark was written down, so nothing was taken for the entry."""
        first = taken(bench)
        bench.restart()
        bench.order(bench.find(2, first.mark))

        assert bench.end(2) == PaymentNotTaken(key(2), PaymentFailure.DEVICE_AWAY)

    def test_a_terminal_that_still_works_is_asked_until_it_is_done(self, bench: TillBench) -> None:
        """Found busy after a restart, it is told to stop and asked again, and what it says then counts."""
        mark = bench.ready()
        bench.far_end.card = None
        bench.take(mark=mark)
        bench.until(PaymentStepped)
        bench.restart()
        bench.order(bench.find(1, mark))

        assert bench.end() == PaymentUnclear(key(1), "no-receipt")
        assert bench.far_end.taken_minor == 0

    @pytest.mark.parametrize("mark", ["garbage", "1:2", "a:b:c:d:e"])
    def test_a_mark_that_cannot_be_read_is_unclear(self, bench: TillBench, mark: str) -> None:
        """Without knowing what was paid before nobody can tell; staff look."""
        bench.order(bench.find(1, mark))

        assert bench.end() == PaymentUnclear(key(1), "mark")

    def test_one_payment_is_not_that_of_two_entries(self, bench: TillBench) -> None:
        """Two open entries and one payment: the newer entry has it, the other is for staff."""
        first = taken(bench)
        bench.pay(2)
        bench.restart()
        bench.order(bench.find(2, first.mark))
        bench.order(bench.find(1, first.mark))

        assert isinstance(bench.end(2), PaymentTaken)
        assert bench.end(1) == PaymentUnclear(key(1), "of-another")

    def test_a_terminal_away_too_long_after_a_restart_is_unclear(self, bench: TillBench) -> None:
        """The payment of before becomes a case, and the terminal is used again once it is back."""
        bench.ready()
        bench.is_plugged = False
        bench.restart()
        bench.order(bench.find(1, ""))
        assert bench.end() == PaymentUnclear(key(1), "device-away")

        bench.is_plugged = True
        assert bench.ready() == ""

    def test_asking_twice_tells_the_same(self, bench: TillBench) -> None:
        """What was found once is answered again as it was."""
        end = taken(bench)
        bench.order(bench.find(1, ""))
        bench.turn(3.0)

        assert bench.ends() == [end, end]


class TestGivingBack:
    """Money that the library's books do not take goes back, once."""

    def test_a_payment_is_given_back_once(self, bench: TillBench) -> None:
        """The second order for it is answered as the first went, and the terminal is told once."""
        end = taken(bench)
        for _ in range(2):
            bench.order(reverse(1, end.voucher))
            bench.turn(20.0)

        backs = [one for one in bench.events if isinstance(one, PaymentGivenBack)]
        assert backs == [PaymentGivenBack(key(1), "2", backs[0].receipt)] * 2
        assert bench.far_end.taken_minor == 0
        assert bench.reversals == 1

    def test_after_giving_back_the_next_payment_is_taken(self, bench: TillBench) -> None:
        """The till asks for the last payment again and is ready with the reversal's mark."""
        end = taken(bench)
        bench.order(reverse(1, end.voucher))
        bench.until(PaymentGivenBack)
        bench.events.clear()

        assert bench.ready() != end.mark
        assert taken(bench, 2).voucher == "3"

    def test_the_last_payment_of_before_a_restart_is_given_back(self, bench: TillBench) -> None:
        """The terminal itself tells of it as its last one, so its number can mean nothing else."""
        end = taken(bench)
        bench.restart()
        bench.order(reverse(1, end.voucher))

        assert bench.until(PaymentGivenBack).key == key(1)

    @pytest.mark.parametrize("price", [PRICE, Money(200, "EUR")])
    def test_an_old_number_is_never_given_back(self, bench: TillBench, price: Money) -> None:
        """After a restart, an earlier payment than the last is for staff: its number may be another's by now."""
        first = taken(bench)
        taken(bench, 2)
        bench.restart()
        bench.order(reverse(1, first.voucher, price))

        assert bench.until(PaymentNotGivenBack).why in ("no-receipt", "too-old")
        assert bench.reversals == 0

    def test_a_lost_link_while_giving_back_is_for_staff(self, bench: TillBench) -> None:
        """Nobody can tell whether the money went back; it is not tried again."""
        end = taken(bench)
        bench.order(reverse(1, end.voucher))
        while not bench.reversals:
            bench.pump.turn()
        assert bench.cable is not None
        bench.cable.inner.unplug()

        assert bench.until(PaymentNotGivenBack).why == "unclear"
        bench.turn(60.0)
        assert bench.reversals == 1

    def test_giving_back_waits_for_the_terminal(self, bench: TillBench) -> None:
        """A terminal that is away for a moment gives back when it is there; one that stays away is for staff."""
        end = taken(bench)
        bench.is_plugged = False
        bench.pump.close()
        bench.order(reverse(1, end.voucher))
        bench.turn(20.0)
        bench.is_plugged = True

        assert bench.until(PaymentGivenBack).key == key(1)

    def test_giving_back_to_a_terminal_that_stays_away_is_for_staff(self, bench: TillBench) -> None:
        """It is given up in time."""
        end = taken(bench)
        bench.is_plugged = False
        bench.pump.close()
        bench.order(reverse(1, end.voucher))

        assert bench.until(PaymentNotGivenBack).why == "device-away"


class TestReady:
    """Whoever hears that something is unclear does not rely on the mark any more, so it is told again."""

    def test_the_mark_is_told_again_after_what_is_not_given_back(self, bench: TillBench) -> None:
        """The till is as ready as before."""
        mark = taken(bench).mark
        bench.order(reverse(7, "99"))
        bench.until(PaymentNotGivenBack)
        bench.turn(1.0)

        assert bench.events[-2:] == [
            PaymentNotGivenBack(key(7), "too-old"),
            PaymentReady(Means.CARD, mark),
        ]

    def test_the_mark_is_told_again_after_an_order_that_is_unclear(self, bench: TillBench) -> None:
        """A mistake in one order does not end paying by card."""
        mark = taken(bench, 5).mark
        bench.take(4)
        bench.end(4)

        assert bench.events[-1] == PaymentReady(Means.CARD, mark)

    def test_the_mark_is_told_again_after_a_refused_return(self, bench: TillBench) -> None:
        """The card terminal itself does not give it back: it was given back there by hand."""
        end = taken(bench)
        bench.far_end.authorised[0].is_reversed = True
        bench.order(reverse(1, end.voucher))
        bench.until(PaymentNotGivenBack)

        assert bench.events[-1] == PaymentReady(Means.CARD, end.mark)


class TestDay:
    """The terminal's day ends when staff say so."""

    def test_staff_close_the_terminals_day(self, bench: TillBench) -> None:
        """They get its receipt; afterwards nothing of that day is given back, and payments go on."""
        first = taken(bench)
        errand = Errand()
        bench.order(CloseTerminalDay(errand))
        bench.turn(20.0)
        assert errand.outcome == {"receipt": ["Kassenschnitt", "Summe 1.00"]}

        bench.order(reverse(1, first.voucher))
        assert bench.until(PaymentNotGivenBack).why == "too-old"
        assert isinstance(bench.pay(2), PaymentTaken)

    def test_no_day_ends_in_the_middle_of_a_payment(self, bench: TillBench) -> None:
        """Staff are told to try again; the payment goes on."""
        bench.take()
        bench.until(PaymentStepped)
        errand = Errand()
        bench.order(CloseTerminalDay(errand))

        assert isinstance(bench.end(), PaymentTaken)
        assert isinstance(errand.outcome, NotDone)
        assert "under way" in str(errand.outcome)
        assert bench.far_end.days_closed == 0

    def test_a_day_cannot_end_while_the_terminal_is_away(self, bench: TillBench) -> None:
        """Staff hear so at once; one whose link breaks meanwhile they have to look at."""
        bench.ready()
        errands = [Errand(), Errand()]
        bench.order(CloseTerminalDay(errands[0]))
        while not bench.far_end.days_closed:
            bench.pump.turn()
        bench.is_plugged = False
        assert bench.cable is not None
        bench.cable.inner.unplug()
        bench.until(DeviceDown)
        bench.order(CloseTerminalDay(errands[1]))
        bench.turn(1.0)

        assert [str(one.outcome) for one in errands] == [
            "nobody can tell whether the card terminal closed its day; look at the terminal",
            "the card terminal is away",
        ]


def test_nothing_of_a_payment_is_in_the_log(tmp_path: Path) -> None:
    """Neither card nor voucher nor amount is written, whatever happens."""
    bench = TillBench(tmp_path)
    bench.far_end.card = CardChoice.WRONG_AMOUNT
    bench.pay()
    bench.far_end.card = CardChoice.APPROVE
    bench.order(bench.find(3, "garbage"))
    bench.turn(5.0)

    said = repr(bench.log.lines)
    assert "470001" not in said
    assert "1100" not in said
    assert bench.far_end.card_number[-4:] not in said
