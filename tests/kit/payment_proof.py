"""The proof that nobody is charged twice: a cable that breaks anywhere in a payment, and what is said afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drivers.link import DeviceLost
from drivers.payment import Aborted, Approved, Declined, NotPaid, PaymentEvent, Unknown, settle, zvt_terminal
from drivers.payment.zvt_terminal import Framing
from drivers.sim.zvt_terminal import CardChoice
from tests.kit.payment_bench import EURO, Opener, PaymentBench

Verdict = Approved | NotPaid | Unknown


@dataclass(frozen=True)
class Play:
    """One payment of a euro, after *earlier* ones of the same amount, whose cable breaks after some bytes.

    *away_seconds* pass until the till is back.
    """

    framing: Framing
    choice: CardChoice = CardChoice.APPROVE
    away_seconds: float = 0.0
    forgets_unacknowledged: bool = False
    remembers_declined: bool = False
    earlier: int = 1

    def size(self, folder: Path) -> int:
        """How many bytes the payment has when nothing breaks."""
        bench = self._bench(folder, zvt_terminal.open)
        before = bench.mark()
        bench.cable.passed = 0
        bench.far_end.card = self.choice
        bench.terminal.authorise(EURO, before)
        bench.ended()
        return bench.cable.passed

    def cut_at(self, folder: Path, position: int, opener: Opener = zvt_terminal.open) -> Verdict:
        """Plays it with the cable cut after *position* bytes, asks, and holds the answer against the truth.

        Raises `AssertionError` where they differ, or somebody was charged twice.
        """
        bench = self._bench(folder, opener)
        before = bench.mark()
        bench.cable.bytes_left = position
        bench.far_end.card = self.choice
        said: PaymentEvent | None = None
        try:
            bench.terminal.authorise(EURO, before)
            said = bench.ended()
        except DeviceLost:
            assert bench.orders == self.earlier, "it raised where it had to say that it does not know"
        if not isinstance(said, Unknown):
            self._check(bench, said)
        bench.let_pass(self.away_seconds)
        bench.open()
        last = bench.asked_until_told()
        # A settled answer has to be one for good: whatever the terminal still did is done.
        verdict = Unknown("asked") if isinstance(last, Unknown) else settle(EURO, before, last)
        bench.let_pass(200.0, step_seconds=2.0)
        self._check(bench, verdict)
        if isinstance(verdict, NotPaid):
            self._paid_at_last(bench)
        return verdict

    def _paid_at_last(self, bench: PaymentBench) -> None:
        """Whoever was told that nothing was taken may try again, and pays once."""
        bench.far_end.card = CardChoice.APPROVE
        assert isinstance(bench.pay(), Approved)
        assert self._taken(bench) == 1

    def _check(self, bench: PaymentBench, said: PaymentEvent | Verdict | None) -> None:
        assert bench.orders <= self.earlier + 1, "it was told to take money twice"
        assert len(bench.far_end.authorised) <= self.earlier + 1, "somebody was charged twice"
        match said:
            case Approved():
                assert self._taken(bench) == 1, "told as paid, and was not"
            case Declined() | Aborted() | NotPaid():
                assert self._taken(bench) == 0, "told as not paid, and was"
            case _:
                return

    def _taken(self, bench: PaymentBench) -> float:
        """How many euros the payment took."""
        return bench.far_end.taken_minor / EURO.minor - self.earlier

    def _bench(self, folder: Path, opener: Opener) -> PaymentBench:
        bench = PaymentBench(folder, self.framing, opener=opener)
        for _ in range(self.earlier):
            assert isinstance(bench.pay(), Approved)
        bench.far_end.forgets_unacknowledged = self.forgets_unacknowledged
        bench.far_end.remembers_declined = self.remembers_declined
        return bench
