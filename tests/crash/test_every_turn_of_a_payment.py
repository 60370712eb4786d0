"""The kiosk stops at every turn while somebody pays by card, one after the other, and comes back each time."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.link.memory import MemoryLink
from drivers.payment import Approved, zvt_terminal
from drivers.payment.zvt_terminal import ZvtTerminalSettings
from drivers.sim.zvt_terminal import CardChoice
from kiosk.runtime.dispatch import Dispatch
from kiosk.runtime.traffic import Order
from kiosk.workflow.effects import FindPayment, TakePayment
from kiosk.workflow.events import Chosen
from kiosk.workflow.view import Paying, PaymentState, Welcome
from sync.central import demo
from sync.entries import PatronId, Pay, Settled, Settlement
from sync.questions import AboutAccount, AccountFacts
from tests.crash.test_every_turn import EagerDesk
from tests.crash.test_every_turn_of_a_return import TellsAtOnce
from tests.journeys.test_paying import EARLIER, PAYS, owes, taken_by_card
from tests.kit.effort import effort
from tests.kit.payment_bench import password_in
from tests.kit.rig import Rig

CRASHES = effort(8, 1_000)
TURNS = 100
"""More than a payment takes whose card is there at once."""
SLOW_ROUNDS = 60


def begun(folder: Path, card: CardChoice) -> Rig:
    """A rig whose reader has just chosen to pay by card; nothing has turned since."""
    folder.mkdir()
    rig = Rig(folder, PAYS)
    terminal = zvt_terminal.open(
        ZvtTerminalSettings(password_in(folder), currency="CNY"),
        MemoryLink(rig.card_terminal, rig.clock),
        rig.clock,
    )
    assert terminal.last_payment() is None
    terminal.authorise(EARLIER, None)
    while not isinstance(terminal.poll(0.1), Approved):
        pass
    terminal.close()
    rig.settle()
    owes(rig)
    rig.card_terminal.card = card
    rig.kiosk.post(Chosen("pay-by:card"))
    return rig


def owed(rig: Rig) -> int:
    """What the reader owes by the library's books."""
    facts = rig.server.client(rig.clock).ask(AboutAccount(PatronId(demo.READER_OWES_LITTLE)))
    assert isinstance(facts, AccountFacts)
    return 0 if facts.owed is None else facts.owed.minor_units


Stage = Callable[[Rig], None]


def crash_after(
    folder: Path, stage: Stage, card: CardChoice = CardChoice.APPROVE, *, is_cut_off: bool = False
) -> list[str]:
    """What does not hold after a crash behind *stage*, once the kiosk has come back.

    *is_cut_off*: the network goes when the money is asked for.
    """
    rig = begun(folder, card)
    before = owed(rig)
    if is_cut_off:
        rig.server.cut(rig.terminal)
    stage(rig)
    rig.crash()
    rig.restart_at_once()
    rig.until(lambda: isinstance(rig.view, Welcome), 120)
    rig.until(lambda: rig.kiosk.uplink_pump.backlog == 0 and not rig.journal.unsettled(), 900)
    found = broken(rig, before)
    rig.close()
    return found


def random_turns(count: int, seed: int) -> Stage:
    """So many single turns of whichever pump is quicker."""
    order = random.Random(seed)

    def stage(rig: Rig) -> None:
        for _ in range(count):
            order.choice(rig.kiosk.pumps).turn()

    return stage


def all_but(name: str) -> Stage:
    """Many rounds in which the pump called *name* does not get on."""

    def stage(rig: Rig) -> None:
        for _ in range(SLOW_ROUNDS):
            for pump in rig.kiosk.pumps:
                if pump.name != name:
                    pump.turn()

    return stage


def until_it_is_taken(rig: Rig) -> None:
    """The card terminal has taken the money, and nobody here has written that down."""
    rig.until(lambda: len(rig.card_terminal.authorised) > 1)


def broken(rig: Rig, before: int) -> list[str]:
    """Every promise about money that does not hold, as a sentence; *before* was owed, all of which was to be paid."""
    found: list[str] = []
    entries = [entry for entry in rig.entries() if isinstance(entry.promise, Pay)]
    taken, posted = taken_by_card(rig), before - owed(rig)
    ends = [row.how for entry in entries for row in entry.rows if isinstance(row, Settled)]
    is_case = any(entry.has_open_case for entry in entries)
    if taken and not any(entry.approved for entry in entries):
        found.append(f"{taken} was taken, and no row says so (I7)")
    if taken not in (0, before):
        found.append(f"{taken} was taken, {before} was owed (I7)")
    if posted not in (0, before):
        found.append(f"{posted} was posted, {before} was owed (I7)")
    if taken != posted and not is_case:
        found.append(f"{taken} was taken, {posted} was posted, and it is no case (I7)")
    if Settlement.DONE in ends and (taken, posted) != (before, before):
        found.append(f"it is done, {taken} was taken and {posted} posted (I7)")
    states = {shown.view.state for shown in rig.shown if isinstance(shown.view, Paying)}
    if PaymentState.POSTED in states and posted != before:
        found.append("the screen said posted, and it is not (I1)")
    if PaymentState.NOT_PAID in states and taken:
        found.append("the screen said not paid, and the money is gone (I1)")
    return found


@pytest.mark.parametrize(
    ("seed", "card", "is_cut_off"),
    [
        (1, CardChoice.APPROVE, False),
        (2, CardChoice.DECLINE, False),
        (3, CardChoice.APPROVE, True),
    ],
    ids=["approved", "declined", "no network"],
)
def test_a_crash_at_any_turn_of_a_payment_charges_once_and_posts_once(
    tmp_path: Path, seed: int, card: CardChoice, is_cut_off: bool
) -> None:
    """Wherever the kiosk stops: paid and posted, or not paid, or before staff; and never paid twice."""
    found: list[str] = []
    for turns in range(seed % 2, TURNS + 1, max(1, TURNS // CRASHES)):
        broken_now = crash_after(
            tmp_path / str(turns), random_turns(turns, seed), card, is_cut_off=is_cut_off
        )
        found += [f"after {turns} turns: {sentence}" for sentence in broken_now]

    assert found == []


class ChargesAgain(Dispatch):
    """Broken on purpose: asks for the money once more, instead of what became of it."""

    def do(self, order: Order) -> None:
        if isinstance(order, FindPayment) and isinstance(order.entry.promise, Pay):
            promise = order.entry.promise
            order = TakePayment(order.entry.key, promise.means, promise.amount, promise.mark_before)
        super().do(order)


@pytest.mark.parametrize(
    ("place", "part", "card", "stage"),
    [
        ("kiosk.runtime.build.Desk", EagerDesk, CardChoice.APPROVE, all_but("journal")),
        ("kiosk.runtime.build.Dispatch", ChargesAgain, CardChoice.APPROVE, until_it_is_taken),
        ("kiosk.runtime.build.Dispatch", TellsAtOnce, CardChoice.DECLINE, all_but("payment-terminal")),
    ],
    ids=["takes money before it is written", "takes it again", "posts before it is taken"],
)
def test_a_broken_payment_is_found_out(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    part: object,
    card: CardChoice,
    stage: Stage,
) -> None:
    """Negative control: a crash at a bad moment costs the reader money, and does not where no rule is broken."""
    assert crash_after(tmp_path / "right", stage, card) == []
    monkeypatch.setattr(place, part)
    assert crash_after(tmp_path / "broken", stage, card) != []
