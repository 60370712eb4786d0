"""Readers who pay, at random, with everything that can go wrong; and what has to be true of money at every step.

The far end is a till that knows the truth: whose money it took.  It tells it, tells it twice, tells that it cannot
tell, or says nothing; the power fails at any moment, and what the journal has is all that is left.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from drivers.payment import Step
from kiosk.workflow import events, view
from kiosk.workflow.effects import (
    Ask,
    Carry,
    Effect,
    FindPayment,
    GiveUp,
    Proceed,
    Record,
    ReversePayment,
    TakePayment,
)
from kiosk.workflow.events import Device, PaymentFailure
from kiosk.workflow.state import Broken, begin
from kiosk.workflow.view import PaymentState
from sync.entries import (
    Answer,
    Answered,
    CaseOpened,
    Due,
    Entry,
    EntryKey,
    EntryRow,
    Granted,
    Held,
    Intended,
    Means,
    Money,
    PatronId,
    Pay,
    PaymentApproved,
    PaymentReversed,
    Reason,
    Refused,
    Settled,
    Settlement,
    Silence,
)
from sync.journal.automaton import following
from sync.journal.stages import EntryState
from sync.questions import AboutAccount, AboutItem, AboutPatron, AccountFacts, FeeFact, ItemFacts, LoanFact
from tests.kit.stage import OTHER_READER, READER, item, offers
from tests.kit.till import FEES, PAYS, Till, account_of, yuan

Move = Callable[["Watched", random.Random], None]


@dataclass
class Truth:
    """What really became of the money of one entry."""

    taken: bool | None = None
    given_back: bool = False


class Watched(Till):
    """A till that looks at every turn, and goes on after a power cut with the rows that were on disk."""

    def __init__(self) -> None:
        super().__init__(PAYS)
        self.truths: dict[EntryKey, Truth] = {}
        self.asked: Counter[EntryKey] = Counter()
        self.boot = 1

    def happen(self, event: events.Event) -> tuple[Effect, ...]:
        """As on any stage; money is asked for only behind an intent of the same turn."""
        effects = super().happen(event)
        recorded = [row for one in effects if isinstance(one, Record) for row in one.rows]
        for effect in effects:
            if isinstance(effect, TakePayment):
                self.asked[effect.key] += 1
                self.truths.setdefault(effect.key, Truth())
                begun = [row for row in recorded if isinstance(row, Intended) and row.key == effect.key]
                assert begun, "money asked for without an intent"
                assert isinstance(begun[0].promise, Pay)
                assert begun[0].promise.amount == effect.amount, "another amount asked for"
                assert _is_owed(begun[0].promise, event), "asked for what is not owed any more"
        return effects

    def entries(self) -> dict[EntryKey, Entry]:
        """Every payment, as its rows tell it."""
        rows: dict[EntryKey, list[EntryRow]] = {}
        for row in self.rows:
            if isinstance(row, EntryRow):
                rows.setdefault(row.key, []).append(row)
        return {
            key: Entry(key, told[0].promise, tuple(told))
            for key, told in rows.items()
            if isinstance(told[0], Intended) and isinstance(told[0].promise, Pay)
        }

    def power_fails(self) -> None:
        """Start anew with what is written; a payment whose money is not known to be taken is to be found."""
        self.boot += 1
        found = tuple(one for one in self.entries().values() if one.is_payment_open and not one.is_settled)
        self.state = begin(PAYS, "e1", self.boot, (), (), self.state.now, open_payments=found)


def _is_owed(pay: Pay, event: events.Event) -> bool:
    """Whether *event* told that every part of *pay* is owed now."""
    if not isinstance(event, events.Told) or not isinstance(event.facts, AccountFacts):
        return False
    facts = event.facts
    owed = {fee.id: fee.amount for fee in facts.fees or () if fee.is_payable}
    whole = facts.owed if facts.owed is not None else sum_of(owed)
    return all((whole if part.fee == "" else owed.get(part.fee)) == part.amount for part in pay.parts)


def sum_of(owed: dict[str, Money]) -> Money:
    """All of *owed*, which is of one currency."""
    return Money(sum(amount.minor_units for amount in owed.values()), PAYS.currency)


def walk(seed: int, steps: int = 90) -> Watched:
    """Everything at random; what has to be true of money is looked at after every step."""
    dice = random.Random(seed)
    till = Watched()
    for _ in range(steps):
        something_happens(till, dice)
        money_is_right(till)
    return till


def something_happens(till: Watched, dice: random.Random) -> None:
    """One random event, rather likely one that fits."""
    if isinstance(till.state.phase, Broken):
        till.power_fails()
    if isinstance(till.view, view.Welcome) and dice.random() < 0.7:
        reader = dice.choice([READER, READER, OTHER_READER])
        till.happen(events.Chosen("account"))
        till.show_card(reader)
        if isinstance(till.view, view.EnterPin):
            till.pin()
            till.happen(events.Told(till.last(Ask).token, till.facts(reader)))
        return
    if dice.random() < 0.7 and goes_on(till, dice):
        return
    moves: dict[Move, int] = {
        reader_touches: 20,
        questions_answered: 22,
        till_is_ready: 6,
        till_works: 22,
        server_posts: 14,
        world_turns: 6,
        power_fails: 2,
    }
    dice.choices(list(moves), list(moves.values()))[0](till, dice)


def goes_on(till: Watched, dice: random.Random) -> bool:
    """Whether there is a next step on the way to a payment, or of one; it is taken then."""
    shown = till.view
    match shown:
        case view.Account(is_loading=True) | view.Paying(state=PaymentState.AUTHORISING) if (
            till.asked_account() is till.all(Ask)[-1]
        ):
            questions_answered(till, dice)
        case view.Account(choices=offered) if any(one.id == "pay" and one.enabled for one in offered):
            till.happen(events.Chosen("pay"))
        case view.Account(why=why) if why is not None:
            till.happen(events.ServerCame())
            till.happen(events.Chosen("account"))
        case view.ChooseFees():
            means = dice.choice(list(Means))
            till.ready(means, mark=f"trace-{dice.randint(1, 99)}")
            till.happen(events.Chosen(f"pay-by:{means.value}"))
        case view.Paying():
            dice.choice([till_works, till_works, server_posts, reader_touches])(till, dice)
        case _:
            return False
    return True


def power_fails(till: Watched, _: random.Random) -> None:
    """At any moment."""
    till.power_fails()


def reader_touches(till: Watched, dice: random.Random) -> None:
    """What is offered, twice perhaps, or what is not; a card, of this reader or another."""
    wanted = [choice.id for choice in offers(till.view)] + ["pay", "pay-by:card", "pay-by:qr", "nothing"]
    likely = [name for name in wanted if name.startswith("pay")]
    name = dice.choice(likely if dice.random() < 0.5 else wanted)
    if dice.random() < 0.05:
        till.show_card(dice.choice([READER, OTHER_READER]))
        return
    for _ in range(dice.choice([1, 1, 2])):
        till.happen(events.Chosen(name))


def questions_answered(till: Watched, dice: random.Random) -> None:
    """One of the last questions is answered, mostly with the same account, or with one that changed."""
    asked = till.all(Ask)[-3:]
    if not asked:
        return
    ask = asked[-1] if dice.random() < 0.7 else dice.choice(asked)
    match ask.question:
        case AboutPatron(patron):
            till.happen(events.Told(ask.token, till.facts(patron.reveal())))
        case AboutItem(wanted):
            till.happen(events.Told(ask.token, ItemFacts(wanted, True, "A title")))
        case AboutAccount(patron):
            facts = replace(an_account(dice), patron=PatronId(patron.reveal()))
            till.happen(events.Told(ask.token, facts))
        case _:
            till.happen(events.NotTold(ask.token))


def an_account(dice: random.Random) -> AccountFacts:
    """The account of every reader here, with a fee that changed, vanished, or is absurd now and then."""
    roll = dice.random()
    if roll < 0.75:
        return account_of()
    bad = dice.choice([yuan(-1), yuan(0), yuan(10**14), Money(5, "EUR"), yuan(151)])
    fees = dice.choice(
        [
            FEES[1:],
            (replace(FEES[0], amount=bad), *FEES[1:]),
            (*FEES, FeeFact("f4", bad)),
            (),
            None,
            (FeeFact("", yuan(100)),),
        ]
    )
    owed = dice.choice([None, yuan(2450), yuan(100), bad])
    return account_of(fees=fees, owed=owed, pays_several=dice.random() < 0.7, loans=(LoanFact(item(1)),))


def till_is_ready(till: Watched, dice: random.Random) -> None:
    """Whoever takes money is there, with some mark."""
    till.ready(dice.choice(list(Means)), mark=f"trace-{dice.randint(1, 99)}")


def till_works(till: Watched, dice: random.Random) -> None:
    """The truth moves on, and is told, or not."""
    if not till.truths:
        return
    key = dice.choice(list(till.truths)[-3:])
    truth = till.truths[key]
    if truth.taken is None and dice.random() < 0.7:
        truth.taken = dice.random() < 0.7
    is_asked_back = any(effect.key == key for effect in till.all(ReversePayment))
    if is_asked_back and truth.taken and not truth.given_back and dice.random() < 0.7:
        truth.given_back = True
    told: list[events.Event] = [events.PaymentStepped(key, dice.choice(list(Step)), "text")]
    if truth.taken:
        told += [events.PaymentTaken(key, "0042", dice.choice(["", "trace-8"]))] * 3
    elif truth.taken is False:
        told += [events.PaymentNotTaken(key, dice.choice(list(PaymentFailure)))] * 3
    if truth.taken is not None:
        told.append(events.PaymentUnclear(key, dice.choice(["link", "other-amount"])))
    if truth.given_back:
        told += [events.PaymentGivenBack(key, "0043")] * 3
    if is_asked_back:
        told.append(events.PaymentNotGivenBack(key, "refused"))
    till.happen(dice.choice(told))


def server_posts(till: Watched, dice: random.Random) -> None:
    """One of the payments that proceeded is answered, perhaps not for the first time."""
    proceeded = till.all(Proceed)[-2:]
    if not proceeded:
        return
    answers: list[Answer] = [Granted(Due(None)), Granted(Due(None)), Silence("deadline"), Held()]
    answer = dice.choice([*answers, Refused(Reason.FEE_GONE), Refused(Reason.FEE_GONE)])
    till.happen(events.Carried(dice.choice(proceeded).entry.key, answer))


def world_turns(till: Watched, dice: random.Random) -> None:
    """Time passes; devices, the server and the journal come and go."""
    device = dice.choice([Device.PAYMENT_TERMINAL, Device.QR_PAYMENT, Device.PRINTER])
    happenings: list[events.Event] = [
        events.DeviceDown(device),
        events.DeviceUp(device),
        events.ServerWent(),
        events.ServerCame(),
        events.ServerCame(),
        events.RoomChanged(dice.random() < 0.2),
        events.RoomChanged(False),
        events.JournalFailed(),
    ]
    if dice.random() < 0.5:
        till.happen(dice.choice(happenings))
    else:
        till.pass_time(dice.choice([1, 5, 20, 50]))


# --- What has to be true ----------------------------------------------------------------------------------------


def money_is_right(till: Watched) -> None:
    """I7, and all that the screen says of money, looked up in what was recorded and asked for so far."""
    entries = till.entries()
    assert all(count == 1 for count in till.asked.values()), "money asked for twice"
    assert set(till.asked) == set(entries), "an intent without its money, or money without its intent"
    for entry in entries.values():
        _entry_is_right(till, entry)
    reversals = Counter(effect.key for effect in till.all(ReversePayment))
    assert all(count == 1 for count in reversals.values()), "money asked back twice"
    proceeded = Counter(effect.entry.key for effect in till.all(Proceed))
    assert all(count == 1 for count in proceeded.values()), "posted twice"
    for effect in till.all(FindPayment):
        assert effect.entry.key in entries
    assert not any(word in _detail(till) for word in (READER, OTHER_READER, "Demo Reader"))
    _screen_is_true(till, entries)


def _detail(till: Watched) -> str:
    return " ".join(row.detail for row in till.rows_of(CaseOpened))


def _entry_is_right(till: Watched, entry: Entry) -> None:
    pay, truth = entry.promise, till.truths[entry.key]
    assert isinstance(pay, Pay)
    assert pay.amount.minor_units == sum(part.amount.minor_units for part in pay.parts) > 0
    assert all(part.amount.currency == pay.amount.currency == PAYS.currency for part in pay.parts)
    stands: EntryState | None = None
    for row in entry.rows:
        before, stands = stands, following(stands, row)
        assert stands is not None, f"{entry.key}: no {row} after {before}"
    carried = [carry for carry in till.all(Carry) if carry.entry.key == entry.key]
    assert len(carried) == 1
    assert carried[0].is_held, "posted before the money was taken"
    is_given_up = any(effect.key == entry.key for effect in till.all(GiveUp))
    if entry.approved is not None:
        assert truth.taken, "approved, and nothing was taken"
        assert any(effect.entry.key == entry.key for effect in till.all(Proceed)), "taken, and never posted"
        assert not is_given_up, "taken, and given up"
    end = next((row.how for row in entry.rows if isinstance(row, Settled)), None)
    match end:
        case Settlement.DONE:
            assert truth.taken, "posted, and nothing was taken"
            assert not truth.given_back, "posted, and given back"
        case Settlement.UNDONE:
            assert truth.given_back, "called given back, and was not"
        case Settlement.NOT_DONE:
            assert not truth.taken, "called not paid, and money was taken"
            assert is_given_up
        case Settlement.CASE:
            assert any(isinstance(row, CaseOpened) for row in entry.rows)
        case _:
            assert end is None


def _screen_is_true(till: Watched, entries: dict[EntryKey, Entry]) -> None:
    shown = till.view
    if not isinstance(shown, view.Paying) or not shown.reference:
        return
    rows = next(entry.rows for key, entry in entries.items() if key.reference == shown.reference)
    kinds = [type(row) for row in rows]
    match shown.state:
        case PaymentState.POSTED:
            assert any(isinstance(row, Answered) and isinstance(row.answer, Granted) for row in rows), (
                "posted without a record"
            )
        case PaymentState.APPROVED | PaymentState.REVERSING:
            assert PaymentApproved in kinds, "approved without a record"
        case PaymentState.REVERSED:
            assert PaymentReversed in kinds, "reversed without a record"
        case _:
            pass


def everything_has_an_end(till: Watched) -> None:
    """Left alone for long, every payment is settled, or taken and in the lane; and nobody is kept."""
    if isinstance(till.state.phase, Broken):
        till.power_fails()
    for _ in range(40):
        till.pass_time(1)
        till.seconds += 60
    till.pass_time(3)
    for entry in till.entries().values():
        is_in_lane = entry.approved is not None and not isinstance(entry.answer, Granted | Refused)
        is_refused = isinstance(entry.answer, Refused)
        assert entry.is_settled or is_in_lane or is_refused, f"{entry.key} is nobody's: {entry.rows}"
    assert isinstance(till.view, view.Welcome), till.view
    assert READER not in repr(till.state)
