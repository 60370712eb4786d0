"""What the pump of the payment back end does: one payment a key, and nothing believed that the back end did not say."""

from __future__ import annotations

import json

import pytest

from drivers.sim.http_requests import response
from kiosk.runtime.qr_till import PAYMENTS_MAX
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
from tests.kit.qr_bench import PRICE, TIMES, QrBench
from tests.kit.till_bench import key

NOT_DONE = PaymentFailure.ABORTED


@pytest.fixture
def bench() -> QrBench:
    return QrBench()


def payment(**changes: object) -> bytes:
    """An answer about the payment of event 1, with *changes*; None takes a field out."""
    told = {"key": str(key(1)), "amount": 250, "currency": "CNY", "state": "pending", "code": "x"} | changes
    body = json.dumps({name: value for name, value in told.items() if value is not None})
    return response(200, body.encode(), "application/json")


NO_ANSWERS = {
    "another key": payment(key=str(key(2)), state="paid", voucher="W1"),
    "no key": payment(key=None, state="paid", voucher="W1"),
    "no state": payment(state=None),
    "a state that is none": payment(state="nearly", voucher="W1"),
    "a list for a state": payment(state=["paid"], voucher="W1"),
    "paid without a voucher": payment(state="paid"),
    "a voucher with a line feed": payment(state="paid", voucher="W1\nW2"),
    "an amount as text": payment(amount="250", state="paid", voucher="W1"),
    "half a fen": payment(amount=250.5, state="paid", voucher="W1"),
    "a yes for an amount": payment(amount=True, state="paid", voucher="W1"),
    "less than nothing": payment(amount=-250, state="paid", voucher="W1"),
    "an absurd amount": payment(amount=10**30, state="paid", voucher="W1"),
    "no currency": payment(currency=None, state="paid", voucher="W1"),
    "a list": response(200, b"[]", "application/json"),
    "no JSON": response(200, b"<html>paid</html>", "application/json"),
    "JSON nested too deeply": response(200, b"[" * 100_000, "application/json"),
    "no UTF-8": response(200, b'{"state": "\xff"}', "application/json"),
    "a redirect": response(302, b"", "text/html", {"Location": "https://elsewhere.example/"}),
    "a page that is missing": response(404, b"<html></html>", "text/html"),
    "not now": response(503, b"{}", "application/json"),
    "no entry": response(401, b"{}", "application/json"),
    "made although it was only asked": response(201, b"{}", "application/json"),
    "a refusal of something else": response(409, b'{"type": "about:blank"}', "application/problem+json"),
}
CANNOT_BE_SHOWN = {
    "no code": payment(code=None),
    "an empty code": payment(code=""),
    "a code that is too long": payment(code="x" * 601),
    "a code with control characters": payment(code="x\x1b[2J"),
    "a code that is a number": payment(code=7),
}


class TestPaying:
    """Payments as they should go."""

    def test_a_back_end_that_answers_is_ready(self, bench: QrBench) -> None:
        """It is told as up and ready, without a mark: QR payments are named by their keys."""
        assert bench.until(PaymentReady) == PaymentReady(Means.QR)
        assert bench.events[0] == DeviceUp(Device.QR_PAYMENT)

    def test_a_code_is_shown_and_paid(self, bench: QrBench) -> None:
        """The wallet sees the library and a reference; the voucher is the operator's; the till is ready again."""
        assert bench.code().startswith("https://wallet.example/pay/")
        order = bench.far_end.pay()
        assert (order.minor, order.currency, order.subject) == (
            250,
            "CNY",
            f"Example Library {key(1).reference}",
        )

        assert bench.end() == PaymentTaken(key(1), "W000001")
        assert bench.far_end.taken_minor == 250
        assert bench.events[-1] == PaymentReady(Means.QR)

    def test_a_reader_who_steps_back_does_not_pay(self, bench: QrBench) -> None:
        """The code disappears at once, and the back end withdraws the payment."""
        bench.code()
        bench.orders.post(StopPayment(key(1)))
        bench.till.turn()
        assert bench.shown == ""

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.ABORTED)
        assert bench.far_end.orders[str(key(1))].state == "cancelled"

    def test_a_code_that_nobody_pays_ends(self, bench: QrBench) -> None:
        """After its time it is taken from the screen and withdrawn."""
        bench.code()

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.TIME_OVER)
        assert bench.shown == ""
        assert bench.far_end.orders[str(key(1))].state in ("cancelled", "expired")

    def test_declined_in_the_wallet_is_not_paid(self, bench: QrBench) -> None:
        """What the back end has withdrawn was not taken."""
        bench.code()
        bench.far_end.decline()

        assert bench.end() == PaymentNotTaken(key(1), NOT_DONE)

    def test_paid_while_stepping_back_is_paid(self, bench: QrBench) -> None:
        """The answer to the withdrawal says so, and it counts: no money is lost."""
        bench.code()
        bench.far_end.pay()
        bench.orders.post(StopPayment(key(1)))

        assert bench.end() == PaymentTaken(key(1), "W000001")

    def test_a_withdrawal_that_takes_its_time_is_waited_for(self, bench: QrBench) -> None:
        """Pending is no end: the wallet may have it still, and what comes of it counts."""
        bench.far_end.settles_cancel = False
        bench.code()
        bench.orders.post(StopPayment(key(1)))
        bench.turn(20.0)
        assert not bench.ends()
        bench.far_end.pay()

        assert bench.end() == PaymentTaken(key(1), "W000001")

    def test_stopped_before_a_code_was_shown_is_not_paid(self, bench: QrBench) -> None:
        """Nobody saw a code, so nobody paid; what the back end may have begun is withdrawn."""
        bench.until(PaymentReady)
        bench.far_end.swallows = 1
        bench.take()
        bench.till.turn()
        bench.orders.post(StopPayment(key(1)))

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.ABORTED)
        bench.turn(5.0)
        assert bench.far_end.orders[str(key(1))].state == "cancelled"


class TestOnce:
    """One payment for one key."""

    def test_a_double_tap_makes_one_payment(self, bench: QrBench) -> None:
        """The order again, during and after, is answered by the one payment."""
        bench.code()
        bench.take()
        bench.turn(3.0)
        bench.far_end.pay()
        end = bench.end()
        bench.take()
        bench.turn(3.0)

        assert bench.ends() == [end, end]
        assert list(bench.far_end.orders) == [str(key(1))]
        assert [method for method, _ in bench.far_end.heard].count("PUT") == 1

    def test_an_older_key_is_never_asked_for(self, bench: QrBench) -> None:
        """Keys only grow; nothing is made for one that came before."""
        bench.code(5)
        bench.take(4)

        assert bench.end(4) == PaymentUnclear(key(4), "asked-before")
        assert list(bench.far_end.orders) == [str(key(5))]

    def test_an_answer_that_was_lost_makes_no_second_payment(self, bench: QrBench) -> None:
        """The order goes again under the same key, and the same code comes."""
        bench.until(PaymentReady)
        bench.far_end.swallows = 2
        bench.code()
        bench.far_end.pay()

        assert bench.end() == PaymentTaken(key(1), "W000001")
        assert len(bench.far_end.orders) == 1

    @pytest.mark.parametrize("price", [Money(0, "CNY"), Money(-1, "CNY"), Money(250, "EUR")])
    def test_an_amount_that_cannot_be_is_not_asked_for(self, bench: QrBench, price: Money) -> None:
        """Nothing, less, and another currency than the library's."""
        bench.take(price=price)

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.NEVER_ASKED)
        assert not bench.far_end.orders

    def test_payments_at_once_have_a_limit(self, bench: QrBench) -> None:
        """More than the limit are answered as not taken, at once."""
        bench.far_end.is_away = True
        for event in range(1, PAYMENTS_MAX + 2):
            bench.take(event)
        bench.till.turn()

        assert bench.ends(PAYMENTS_MAX + 1) == [
            PaymentNotTaken(key(PAYMENTS_MAX + 1), PaymentFailure.DEVICE_AWAY)
        ]


class TestSilence:
    """A back end that does not answer, or not what can be believed."""

    def test_without_an_answer_no_code_is_shown(self, bench: QrBench) -> None:
        """The reader hears soon that it cannot be paid so; nobody can have paid."""
        bench.until(PaymentReady)
        bench.far_end.is_away = True
        bench.take()

        assert bench.end(seconds=40.0) == PaymentNotTaken(key(1), PaymentFailure.DEVICE_AWAY)
        assert DeviceDown(Device.QR_PAYMENT) in bench.events

    def test_silence_while_the_code_is_shown_is_asked_about(self, bench: QrBench) -> None:
        """Somebody paid, and the back end is away for a while: the payment is found when it is back."""
        bench.code()
        bench.far_end.pay()
        bench.far_end.is_away = True
        bench.turn(100.0)
        assert not bench.ends()
        bench.far_end.is_away = False

        assert bench.end() == PaymentTaken(key(1), "W000001")

    def test_a_back_end_that_stays_silent_leaves_a_case(self, bench: QrBench) -> None:
        """Asked for as long as the settings say, then nobody can tell, and staff look."""
        bench.code()
        bench.far_end.is_away = True
        began = bench.clock.monotonic()

        assert bench.end() == PaymentUnclear(key(1), "deadline")
        assert bench.clock.monotonic() - began < TIMES.pay_seconds + TIMES.settle_seconds + 20

    @pytest.mark.parametrize("name", NO_ANSWERS)
    def test_what_cannot_be_believed_is_no_answer(self, bench: QrBench, name: str) -> None:
        """It is asked again, and the true answer counts; said for good, it leaves a case and no guess."""
        bench.code()
        bench.far_end.pay()
        bench.far_end.replaced.append(NO_ANSWERS[name])
        assert bench.end() == PaymentTaken(key(1), "W000001")

        other = QrBench()
        other.code()
        other.far_end.pay()
        other.far_end.replaced.extend([NO_ANSWERS[name]] * 1000)
        assert isinstance(other.end(), PaymentUnclear)

    @pytest.mark.parametrize("name", CANNOT_BE_SHOWN)
    def test_a_code_that_cannot_be_shown_is_none(self, bench: QrBench, name: str) -> None:
        """Nothing is shown, so nothing is paid."""
        bench.until(PaymentReady)
        bench.far_end.replaced.extend([CANNOT_BE_SHOWN[name]] * 1000)
        bench.take()

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.DEVICE_AWAY)
        assert bench.shown == ""

    @pytest.mark.parametrize("change", [{"amount": 251}, {"currency": "EUR"}])
    def test_a_code_for_another_amount_is_not_shown(self, bench: QrBench, change: dict[str, object]) -> None:
        """The reader would pay something else; it is withdrawn, and told as not paid."""
        bench.until(PaymentReady)
        bench.far_end.replaced.append(payment(**change))
        bench.take()

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.DECLINED)
        assert bench.shown == ""

    @pytest.mark.parametrize("change", [{"amount": 251}, {"currency": "EUR"}])
    @pytest.mark.parametrize("state", ["paid", "pending", "cancelled"])
    def test_another_amount_for_a_code_that_was_shown_is_a_case(
        self, bench: QrBench, state: str, change: dict[str, object]
    ) -> None:
        """Money may have been taken that is not ours to judge; staff hear what the operator calls it."""
        bench.code()
        bench.far_end.replaced.append(payment(state=state, voucher="W1", **change))

        assert bench.end() == PaymentUnclear(key(1), "other-amount", "W1" if state == "paid" else "")

    def test_a_key_that_is_known_otherwise_is_a_case(self, bench: QrBench) -> None:
        """The back end has a payment of another amount under it: staff look what that is."""
        bench.code()
        bench.restart()
        bench.take(price=Money(300, "CNY"))

        assert bench.end() == PaymentUnclear(key(1), "told-differently")

    def test_an_amount_that_the_back_end_refuses_is_not_paid(self, bench: QrBench) -> None:
        """Its sentence is passed on."""
        bench.until(PaymentReady)
        bench.far_end.currencies = ["EUR"]
        bench.take()

        assert bench.end() == PaymentNotTaken(
            key(1), PaymentFailure.DECLINED, "This amount or currency is not taken."
        )

    def test_a_payment_that_the_back_end_forgot_is_a_case(self, bench: QrBench) -> None:
        """It showed a code, and knows nothing of it any more."""
        bench.code()
        bench.far_end.orders.clear()

        assert bench.end() == PaymentUnclear(key(1), "unknown-there")

    def test_money_given_back_by_somebody_else_is_a_case(self, bench: QrBench) -> None:
        """It was paid, and is refunded before the terminal heard of it: staff did that, and have to say what holds."""
        bench.code()
        bench.far_end.pay().state = "refunded"

        assert bench.end() == PaymentUnclear(key(1), "refunded")

    def test_a_back_end_without_our_currency_is_not_offered(self) -> None:
        """It answers, and takes another currency: an installer's matter, told as away and logged once."""
        bench = QrBench()
        bench.far_end.currencies = ["USD"]
        bench.turn(100.0)

        assert bench.events == [DeviceDown(Device.QR_PAYMENT)]
        assert len(bench.log.sentences("error")) == 1

    @pytest.mark.parametrize(
        "status",
        [
            b'{"version": 2, "currencies": ["CNY"]}',
            b'{"version": true, "currencies": ["CNY"]}',
            b'{"version": 1}',
            b'{"version": 1, "currencies": "CNY"}',
            b'{"version": 1, "currencies": [1]}',
            b"{}",
        ],
    )
    def test_a_status_of_another_interface_is_none(self, status: bytes) -> None:
        """A back end that speaks otherwise is away."""
        bench = QrBench()
        bench.far_end.replaced.append(response(200, status, "application/json"))
        bench.turn(1.0)

        assert bench.events == [DeviceDown(Device.QR_PAYMENT)]

    def test_a_back_end_comes_and_goes(self, bench: QrBench) -> None:
        """It is looked at now and then: away and back are told once each."""
        bench.until(PaymentReady)
        bench.events.clear()
        bench.far_end.is_failing = True
        bench.until(DeviceDown, 60.0)
        bench.far_end.is_failing = False
        bench.until(PaymentReady, 60.0)

        assert bench.events == [
            DeviceDown(Device.QR_PAYMENT),
            DeviceUp(Device.QR_PAYMENT),
            PaymentReady(Means.QR),
        ]


class TestRestart:
    """The back end knows payments by their keys; the journal knows the keys."""

    def test_paid_while_the_terminal_was_off_is_found(self, bench: QrBench) -> None:
        """It is told with its voucher."""
        bench.code()
        bench.restart()
        bench.far_end.pay()
        bench.find()

        assert bench.end() == PaymentTaken(key(1), "W000001")

    def test_pending_after_a_restart_is_withdrawn(self, bench: QrBench) -> None:
        """Its code is on no screen any more; whoever has it on the telephone may still be faster, and that counts."""
        bench.code()
        bench.restart()
        bench.find()

        assert bench.end() == PaymentNotTaken(key(1), NOT_DONE)
        assert bench.far_end.orders[str(key(1))].state == "cancelled"

    def test_faster_than_the_withdrawal_is_paid(self, bench: QrBench) -> None:
        """The answer to the withdrawal counts."""
        bench.far_end.settles_cancel = False
        bench.code()
        bench.restart()
        bench.find()
        bench.turn(3.0)
        bench.far_end.pay()

        assert bench.end() == PaymentTaken(key(1), "W000001")

    def test_what_the_back_end_never_heard_of_was_not_taken(self, bench: QrBench) -> None:
        """Only its own word for that is believed."""
        bench.far_end.replaced.extend([NO_ANSWERS["a page that is missing"]] * 3)
        bench.find()

        assert bench.end() == PaymentNotTaken(key(1), PaymentFailure.NEVER_ASKED)
        assert len([path for _, path in bench.far_end.heard if str(key(1)) in path]) >= 3

    def test_a_silent_back_end_leaves_a_case_after_a_restart(self, bench: QrBench) -> None:
        """It is asked for as long as the settings say."""
        bench.far_end.is_away = True
        bench.find()

        assert bench.end() == PaymentUnclear(key(1), "deadline")

    def test_nothing_is_made_for_a_payment_that_is_looked_for(self, bench: QrBench) -> None:
        """Looking moves no money and orders none."""
        bench.find()
        bench.end()

        assert "PUT" not in [method for method, _ in bench.far_end.heard]
        assert not bench.far_end.orders


class TestAfterwards:
    """Money that comes too late, and money that goes back."""

    def test_paid_after_it_was_withdrawn_goes_back(self, bench: QrBench) -> None:
        """The reader heard that nothing was paid, and the fee is there still: a back end that breaks its word gives
        the money back when the terminal looks.
        """
        bench.far_end.keeps_its_word = False
        bench.code()
        bench.orders.post(StopPayment(key(1)))
        bench.end()
        bench.turn(5.0)
        bench.far_end.pay()
        assert bench.far_end.taken_minor == 250
        bench.turn(60.0)

        assert bench.far_end.taken_minor == 0
        assert len(bench.ends()) == 1
        assert "a QR payment was paid after it had ended; it is given back" in bench.log.sentences("error")

    def test_what_ended_is_not_looked_at_for_ever(self, bench: QrBench) -> None:
        """After a while only the back end itself is asked whether it is there."""
        bench.code()
        bench.orders.post(StopPayment(key(1)))
        bench.end()
        bench.turn(TIMES.settle_seconds + 30)
        bench.far_end.heard.clear()
        bench.turn(300.0)

        assert {path for _, path in bench.far_end.heard} == {"/status"}

    def test_a_payment_is_given_back_once(self, bench: QrBench) -> None:
        """However often it is ordered, and however many answers are lost."""
        bench.code()
        bench.far_end.pay()
        bench.end()
        bench.far_end.swallows = 2
        order = ReversePayment(key(1), Means.QR, PRICE, "W000001")
        bench.orders.post(order)
        bench.turn(30.0)
        bench.orders.post(order)
        bench.turn(5.0)

        backs = [one for one in bench.events if isinstance(one, PaymentGivenBack)]
        assert backs == [PaymentGivenBack(key(1), "R000001")] * 2
        assert bench.far_end.orders[str(key(1))].refunds == 1

    def test_a_refund_that_takes_its_time_is_waited_for(self, bench: QrBench) -> None:
        """It is told when it is done."""
        bench.far_end.refunds_at_once = False
        bench.code()
        bench.far_end.pay()
        bench.end()
        bench.orders.post(ReversePayment(key(1), Means.QR, PRICE, "W000001"))
        bench.turn(20.0)
        assert not [one for one in bench.events if isinstance(one, PaymentGivenBack)]
        bench.far_end.settle()

        assert bench.until(PaymentGivenBack).voucher == "R000001"

    def test_a_refund_that_never_comes_is_for_staff(self, bench: QrBench) -> None:
        """It is given up in time."""
        bench.far_end.refunds_at_once = False
        bench.code()
        bench.far_end.pay()
        bench.end()
        bench.orders.post(ReversePayment(key(1), Means.QR, PRICE, "W000001"))

        assert bench.until(PaymentNotGivenBack).why == "unclear"

    @pytest.mark.parametrize(
        ("price", "voucher", "is_paid", "why"),
        [
            (Money(200, "CNY"), "W000001", True, "told-differently"),
            (PRICE, "W000002", True, "other-payment"),
            (PRICE, "W000001", False, "not-paid"),
        ],
    )
    def test_what_cannot_be_given_back_is_for_staff(
        self, bench: QrBench, price: Money, voucher: str, is_paid: bool, why: str
    ) -> None:
        """Another amount, another voucher, nothing paid."""
        bench.code()
        if is_paid:
            bench.far_end.pay()
        bench.orders.post(ReversePayment(key(1), Means.QR, price, voucher))

        assert bench.until(PaymentNotGivenBack).why == why

    def test_giving_back_what_is_unknown_there_is_for_staff(self, bench: QrBench) -> None:
        """The back end knows no such payment."""
        bench.orders.post(ReversePayment(key(1), Means.QR, PRICE, "W000001"))

        assert bench.until(PaymentNotGivenBack).why == "unknown-there"


def test_two_readers_payments_do_not_mix(bench: QrBench) -> None:
    """The first reader left while his wallet was slow; the second pays meanwhile, and each payment ends as its own."""
    bench.far_end.settles_cancel = False
    bench.code(1)
    bench.orders.post(StopPayment(key(1)))
    bench.code(2)
    bench.far_end.pay(str(key(2)))
    assert bench.end(2) == PaymentTaken(key(2), "W000002")
    bench.far_end.pay(str(key(1)))

    assert bench.end(1) == PaymentTaken(key(1), "W000001")


def test_nothing_of_a_payment_is_in_the_log(bench: QrBench) -> None:
    """Neither voucher nor amount nor code is written, whatever happens."""
    bench.far_end.keeps_its_word = False
    bench.code()
    bench.orders.post(StopPayment(key(1)))
    bench.end()
    bench.far_end.pay()
    bench.turn(60.0)
    bench.far_end.is_away = True
    bench.orders.post(TakePayment(key(2), Means.QR, PRICE, ""))
    bench.turn(400.0)

    said = repr(bench.log.lines)
    assert bench.log.lines
    assert not [word for word in ("W0000", "250", "wallet.example") if word in said]


def test_the_code_is_in_the_first_step(bench: QrBench) -> None:
    """A screen that shows the last step shows a code as long as it can be paid, and none afterwards."""
    bench.code()
    steps = [one for one in bench.events if isinstance(one, PaymentStepped)]
    assert len(steps) == 1
    bench.turn(20.0)
    assert bench.shown == steps[0].code
    bench.turn(TIMES.pay_seconds)
    assert bench.shown == ""
