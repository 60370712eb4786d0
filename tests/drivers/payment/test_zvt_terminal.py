"""A card terminal that speaks ZVT: its habits, and one that lies."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest

from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.memory import (
    AnswerFault,
    Corrupted,
    Cut,
    Late,
    Lost,
    MemoryLink,
    Noise,
    Repeated,
    VirtualClock,
)
from drivers.payment import (
    Aborted,
    Amount,
    Approved,
    DayClosed,
    Declined,
    IntermediateStatus,
    LastPayment,
    PaymentMark,
    PaymentUnclear,
    Step,
    Unknown,
    zvt_terminal,
)
from drivers.payment.zvt_terminal import Framing, ZvtTerminalSettings
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd
from drivers.sim.zvt_words import message
from tests.kit.payment_bench import EURO, PaymentBench, password_in

STATUS, COMPLETION, ABORTED = b"\x04\x0f", b"\x06\x0f", b"\x06\x1e"
ONE_EURO = "27 00 04 00 00 00 00 01 00 49 09 78 0B 47 00 09 87 00 09"


def lie(bench: PaymentBench, control: bytes, *data: str) -> None:
    """The next messages of this kind are these."""
    bench.far_end.replaced[control] = deque(message(control, bytes.fromhex(one)) for one in data)


def test_the_steps_of_a_payment_are_told_in_order(bench: PaymentBench) -> None:
    """The reader sees what the terminal wants, in its words too, however long its host takes."""
    bench.far_end.waits = 3
    steps: list[IntermediateStatus] = []
    bench.terminal.authorise(EURO, bench.mark())

    assert isinstance(bench.ended(steps), Approved)
    assert [one.step for one in steps] == [
        Step.INSERT_CARD,
        *[Step.WAIT] * 3,
        Step.ASKING_HOST,
        Step.REMOVE_CARD,
    ]
    assert steps[0].text == "Bitte Karte einstecken"


def test_a_terminal_that_prints_itself_gives_no_lines(tmp_path: Path) -> None:
    """Where the configuration byte leaves printing to the terminal, the receipt is on its own paper."""
    clock = VirtualClock()
    far_end = ZvtTerminalFarEnd(clock)
    far_end.card = CardChoice.APPROVE
    settings = ZvtTerminalSettings(password_in(tmp_path), config_byte=0x38)
    terminal = zvt_terminal.open(settings, MemoryLink(far_end, clock), clock)
    assert terminal.last_payment() is None
    terminal.authorise(EURO, None)
    while not isinstance(event := terminal.poll(0.1), Approved):
        assert event is None or isinstance(event, IntermediateStatus)

    assert event.receipt == ()
    assert "Betrag 1.00" in far_end.paper


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("27 00 04 00 00 00 00 10 00 49 09 78 0B 47 00 09", "amount"),
        ("27 00 04 00 00 00 00 01 00 49 07 56 0B 47 00 09", "amount"),
        ("27 00 04 00 00 00 00 01 00 49 99 99 0B 47 00 09", "amount"),
        ("27 00 04 00 00 00 00 00 00 49 09 78 0B 47 00 09", "amount"),
        ("27 00 49 09 78 0B 47 00 09", "amount"),
        ("27 00 EF 04 00 00 00 00 01 00 49 09 78", "amount"),
        ("27 00 04 00 00 00 0A 01 00 49 09 78", "damaged"),
        ("27 00 04 00 00 00 00 01", "damaged"),
        ("27 00 22 F9 F9 67", "damaged"),
        ("04 00 00 00 00 01 00 49 09 78", "no-result"),
        ("", "no-result"),
    ],
)
def test_a_result_that_does_not_fit_is_unknown(bench: PaymentBench, told: str, why: str) -> None:
    """Another amount, another currency, none, digits that are none, a field cut off: nobody believes any of it."""
    mark = bench.mark()
    lie(bench, STATUS, told)
    bench.terminal.authorise(EURO, mark)

    assert bench.ended() == Unknown(why)
    with pytest.raises(PaymentUnclear):
        bench.terminal.authorise(EURO, mark)
    assert bench.orders == 1


def test_a_payment_without_a_currency_is_in_the_registered_one(bench: PaymentBench) -> None:
    """A terminal that names no currency means the one it was registered with."""
    mark = bench.mark()
    lie(bench, STATUS, "27 00 04 00 00 00 00 01 00 0B 47 00 09 87 00 09")
    bench.terminal.authorise(EURO, mark)

    assert bench.ended() == Approved(EURO, PaymentMark(470009, 9), receipt=tuple(bench_lines(bench)))


def bench_lines(bench: PaymentBench) -> list[str]:
    """What the far end prints for a euro."""
    return ["** Kartenzahlung **", "Betrag 1.00", f"Karte ####{bench.far_end.card_number[-4:]}"]


def test_an_end_without_a_result_is_unknown(bench: PaymentBench) -> None:
    """A completion alone says nothing of money."""
    mark = bench.mark()
    bench.far_end.replaced[STATUS] = deque([b""])
    bench.terminal.authorise(EURO, mark)

    assert bench.ended() == Unknown("no-result")


def test_a_result_and_an_abort_contradict_each_other(bench: PaymentBench) -> None:
    """Approved, and then broken off: nobody can tell which is true."""
    mark = bench.mark()
    bench.far_end.replaced[COMPLETION] = deque([message(COMPLETION, b""), message(ABORTED, b"\x6c")])
    bench.terminal.authorise(EURO, mark)

    assert bench.ended() == Unknown("contradiction")


def test_a_terminal_that_says_everything_twice_is_understood(bench: PaymentBench) -> None:
    """The same result twice is one result, and a second ending is not the next payment's."""
    bench.far_end.says_twice = True

    first, second = bench.pay(), bench.pay(Amount(250, "EUR"))

    assert (isinstance(first, Approved), isinstance(second, Approved)) == (True, True)
    assert [one.minor for one in bench.far_end.authorised] == [100, 250]


def test_a_result_told_before_is_not_this_payments(bench: PaymentBench) -> None:
    """A terminal that answers with the approval of the payment before has approved nothing."""
    assert isinstance(bench.pay(), Approved)
    mark = bench.mark()
    assert bench.far_end.last is not None
    status = bench.far_end.last.status
    bench.far_end.card = CardChoice.DECLINE
    lie(bench, STATUS, status.hex())
    bench.far_end.replaced[ABORTED] = deque([message(COMPLETION, b"")])
    bench.terminal.authorise(EURO, mark)

    assert bench.ended() == Unknown("stale")


@pytest.mark.parametrize("code", ["9A", "FF"])
def test_a_fault_in_the_terminal_is_unknown(bench: PaymentBench, code: str) -> None:
    """A terminal that breaks off because of a fault of its own may have taken money before."""
    mark = bench.mark()
    bench.far_end.card = CardChoice.ABORT
    lie(bench, ABORTED, code)
    bench.terminal.authorise(EURO, mark)

    assert bench.ended() == Unknown("terminal")


def test_a_refused_payment_was_not_begun(bench: PaymentBench) -> None:
    """A terminal that lost its registration refuses; the next payment registers again."""
    mark = bench.mark()
    bench.far_end.is_registered = False
    bench.terminal.authorise(EURO, mark)
    assert bench.ended() == Declined("not-registered", 0x6B)

    bench.terminal.authorise(EURO, mark)
    assert isinstance(bench.ended(), Approved)


def test_a_busy_terminal_is_not_told_to_take_money(bench: PaymentBench) -> None:
    """Nothing is sent to a terminal that says it is busy, and its last payment cannot be told either."""
    mark = bench.mark()
    bench.far_end.is_busy = True
    bench.terminal.authorise(EURO, mark)

    assert bench.ended() == Declined("busy", 0x9C)
    assert bench.terminal.last_payment() == Unknown("busy")
    assert not bench.terminal.status().is_ready
    assert bench.orders == 0


def test_a_busy_terminal_can_be_opened(tmp_path: Path, framing: Framing) -> None:
    """What an earlier process left running is no fault; it is registered when it has ended."""
    bench = PaymentBench(tmp_path, framing)
    bench.far_end.is_busy = True
    bench.open()
    bench.far_end.is_busy = False

    assert isinstance(bench.pay(), Approved)


def test_aborting_before_the_card_takes_nothing(bench: PaymentBench) -> None:
    """A payment that nobody has shown a card for ends when the till wants it."""
    bench.far_end.card = None
    bench.terminal.authorise(EURO, bench.mark())
    while bench.terminal.poll(0.1) is None:
        continue
    bench.terminal.abort()
    began = bench.clock.monotonic()

    assert bench.ended() == Aborted()
    assert bench.clock.monotonic() - began < 5.0
    assert bench.far_end.authorised == []


def test_aborting_at_once_sends_nothing(bench: PaymentBench) -> None:
    """An abort that comes before the order went out keeps it back."""
    bench.terminal.authorise(EURO, bench.mark())
    bench.terminal.abort()

    assert bench.ended() == Aborted()
    assert bench.orders == 0


def test_aborting_too_late_is_told_as_it_was(bench: PaymentBench) -> None:
    """An abort after the money was taken changes nothing, and the payment is told as paid."""
    bench.terminal.authorise(EURO, bench.mark())
    while not bench.far_end.authorised:
        bench.terminal.poll(0.1)
    bench.terminal.abort()

    assert isinstance(bench.ended(), Approved)


def test_a_terminal_that_talks_for_ever_is_stopped(bench: PaymentBench) -> None:
    """However often it says "please wait", a payment is asked to stop in time."""
    bench.far_end.waits = 5000
    bench.terminal.authorise(EURO, bench.mark())
    began = bench.clock.monotonic()

    assert bench.ended() == Aborted()
    assert bytes.fromhex("06 B0 00") in bench.far_end.heard
    assert bench.clock.monotonic() - began < bench.settings.payment_seconds_max + 20
    assert bench.far_end.authorised == []


def test_a_terminal_that_cannot_be_stopped_leaves_it_unknown(bench: PaymentBench) -> None:
    """One that talks on after the abort is given up, and nobody says how it ended."""
    bench.far_end.waits = 5000
    mark = bench.mark()
    bench.terminal.authorise(EURO, mark)
    while bench.terminal.poll(0.1) is None:
        continue
    bench.far_end.ignores_abort = True

    assert bench.ended() == Unknown("time")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_terminal_that_falls_silent_leaves_it_unknown(bench: PaymentBench, moment: str) -> None:
    """Silence in the middle is `Unknown`; later the terminal itself tells whether it took the money."""
    mark = bench.mark()
    bench.far_end.cuts_off = moment
    bench.terminal.authorise(EURO, mark)
    assert bench.ended() == Unknown("silent")
    bench.far_end.is_unreachable = False

    last = bench.asked_until_told()

    assert isinstance(last, LastPayment)
    assert (last.amount, last.is_approved, len(bench.far_end.authorised)) == (EURO, True, 1)


@pytest.mark.parametrize(
    "faults",
    [
        [Lost()],
        [Corrupted(0, 0xFF)],
        [Corrupted(-1)],
        [Cut(3)],
        [Late(1.0)],
        [Repeated()],
        [Noise(b"\x00\x15\x06")],
        [Noise(b"\x10\x02\x04")],
    ],
    ids=str,
)
def test_one_fault_on_a_serial_line_never_charges_twice(tmp_path: Path, faults: list[AnswerFault]) -> None:
    """Whatever answer of a payment is damaged: what is said is true, and the order went out once."""
    for sound in range(24):
        bench = PaymentBench(tmp_path, Framing.SERIAL)
        mark = bench.mark()
        bench.link.inject(*[Late(0.0)] * sound, *faults)
        bench.terminal.authorise(EURO, mark)
        said = bench.ended()
        if isinstance(said, Unknown):
            last = bench.asked_until_told()
            assert isinstance(last, LastPayment) == bool(bench.far_end.authorised), sound
        else:
            assert isinstance(said, Approved) == bool(bench.far_end.authorised), (sound, said)
        assert bench.orders <= 1
        assert len(bench.far_end.authorised) <= 1


def test_the_day_is_closed_once_and_the_memory_is_asked_anew(bench: PaymentBench) -> None:
    """End of day gives its receipt; before the next payment the last one has to be asked for again."""
    paid = bench.pay()
    assert isinstance(paid, Approved)
    bench.terminal.close_day()

    assert bench.ended() == DayClosed(("Kassenschnitt", "Summe 1.00"))
    assert bench.far_end.days_closed == 1
    with pytest.raises(PaymentUnclear):
        bench.terminal.authorise(EURO, paid.mark)


def test_after_a_reversal_the_memory_is_asked_anew(bench: PaymentBench) -> None:
    """The terminal's last payment is the reversal now: no caller goes on with the mark of the one before."""
    paid = bench.pay()
    assert isinstance(paid, Approved)
    bench.terminal.reverse(1, EURO)
    bench.ended()

    with pytest.raises(PaymentUnclear):
        bench.terminal.authorise(EURO, paid.mark)


def test_a_reversal_of_a_payment_that_is_none_is_declined(bench: PaymentBench) -> None:
    """A receipt number nobody knows, or one given back already, gives nothing back."""
    paid = bench.pay()
    assert isinstance(paid, Approved)
    assert paid.mark.receipt is not None
    for receipt in (9, paid.mark.receipt, paid.mark.receipt):
        bench.terminal.reverse(receipt, EURO)
        bench.ended()

    assert bench.far_end.taken_minor == 0
    assert sum(one.is_reversed for one in bench.far_end.authorised) == 1


def test_nothing_is_begun_while_something_is_under_way(bench: PaymentBench) -> None:
    """A double tap, a status, a question about the last payment: all have to wait for the end."""
    mark = bench.mark()
    bench.terminal.authorise(EURO, mark)
    for call in (
        lambda: bench.terminal.authorise(EURO, mark),
        bench.terminal.last_payment,
        bench.terminal.status,
    ):
        with pytest.raises(ValueError, match="under way"):
            call()
    assert isinstance(bench.ended(), Approved)
    assert bench.orders == 1


def test_a_stranger_on_the_line_is_lost(tmp_path: Path, framing: Framing) -> None:
    """What does not speak ZVT, or nothing at all, is no terminal."""

    class Stranger:
        def receive(self, data: bytes) -> bytes:
            return b"HTTP/1.1 400 Bad Request\r\n" if data else b""

    clock = VirtualClock()
    settings = ZvtTerminalSettings(password_in(tmp_path), framing)
    with pytest.raises(DeviceLost):
        zvt_terminal.open(settings, MemoryLink(Stranger(), clock), clock)
    assert clock.monotonic() < 60


def test_a_wrong_password_is_the_staffs_business(tmp_path: Path, framing: Framing) -> None:
    """A terminal that refuses to be registered is a fault that names the code, never the password."""
    clock = VirtualClock()
    settings = ZvtTerminalSettings(password_in(tmp_path, "654321"), framing)

    with pytest.raises(DeviceFault, match="83") as caught:
        zvt_terminal.open(settings, MemoryLink(ZvtTerminalFarEnd(clock), clock), clock)
    assert "654321" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"password_file": ""},
        {"currency": "XXX"},
        {"currency": "eur"},
        {"config_byte": 256},
        {"registration_tlv": "GG"},
        {"registration_tlv": "00" * 101},
        {"reversal_words": ("storno", " ")},
        {"answer_seconds_max": 0.0},
        {"silence_seconds_max": float("nan")},
        {"payment_seconds_max": 1e9},
        {"enquiry_seconds_max": 1.0},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_settings_no_terminal_can_have_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    """Each setting out of range is named before the line is touched."""
    clock = VirtualClock()
    far_end = ZvtTerminalFarEnd(clock)
    settings = ZvtTerminalSettings(**{"password_file": password_in(tmp_path), **wrong})  # type: ignore[arg-type]

    with pytest.raises(SettingsError, match=next(iter(wrong))):
        zvt_terminal.open(settings, MemoryLink(far_end, clock), clock)
    assert far_end.heard == []


def test_amounts_in_another_currency_are_not_asked(bench: PaymentBench) -> None:
    """The terminal is never told another currency than it was registered with."""
    with pytest.raises(ValueError, match="EUR"):
        bench.terminal.authorise(Amount(100, "CHF"), bench.mark())
    assert bench.orders == 0


def test_a_terminal_that_answers_that_it_waits_is_busy_too(bench: PaymentBench) -> None:
    """The state behind the version counts: with "please wait" nothing is sent that takes money."""
    mark = bench.mark()
    lie(bench, COMPLETION, "F0 F0 F0 9C")
    bench.terminal.authorise(EURO, mark)

    assert bench.ended() == Declined("busy", 0x9C)
    assert bench.orders == 0


def test_a_card_left_in_the_terminal_keeps_the_last_payment_open(bench: PaymentBench) -> None:
    """Somebody may be about to pay: what was remembered before is not told, and the terminal is told to stop."""
    assert isinstance(bench.pay(), Approved)
    lie(bench, COMPLETION, "F0 F0 F0 DC")

    assert bench.terminal.last_payment() == Unknown("busy")
    assert bench.far_end.heard[-1] == bytes.fromhex("06 B0 00")
    assert isinstance(bench.terminal.last_payment(), LastPayment)


def test_the_other_acknowledgement_is_no_refusal(bench: PaymentBench) -> None:
    """84 00 00 acknowledges as 80 00 00 does: the payment runs, and nobody says that it was not begun."""
    mark = bench.mark()
    bench.far_end.replaced[b"\x80\x00"] = deque([bytes.fromhex("80 00 00"), bytes.fromhex("84 00 00")])
    bench.terminal.authorise(EURO, mark)

    assert isinstance(bench.ended(), Approved)


def test_an_abort_that_the_terminal_refuses_changes_nothing(bench: PaymentBench) -> None:
    """A refusal of the abort is not taken for one of the payment."""
    bench.terminal.authorise(EURO, bench.mark())
    while not bench.far_end.authorised:
        bench.terminal.poll(0.1)
    bench.far_end.replaced[b"\x80\x00"] = deque([bytes.fromhex("84 83 00")])
    bench.terminal.abort()

    assert isinstance(bench.ended(), Approved)


def test_a_line_of_print_sent_again_is_one_line(tmp_path: Path) -> None:
    """A terminal that has not had its acknowledgement sends a block again: the receipt has the line once."""
    bench = PaymentBench(tmp_path, Framing.SERIAL)
    mark = bench.mark()
    for repeated in range(4, 20):
        bench.link.inject(*[Late(0.0)] * repeated, Repeated())
    bench.terminal.authorise(EURO, mark)
    paid = bench.ended()

    assert isinstance(paid, Approved)
    assert paid.receipt == tuple(bench_lines(bench))
