"""What central makes of batches, on both databases.

| rule | proven by |
|---|---|
| a repeat gets the stored outcome | a batch is stored once and answered alike for ever |
| a gap is answered with the number that is expected | a gap is answered with ... |
| the same key with another body is refused | what was told is never told differently |
| one terminal in order, under lock; no deadlock between many | many copies of a batch, terminals that ... at once |
| the terminal's time and offset count, never the future | a loan that was made ..., nothing happens ... |
| unknown item or card: held | what nobody knows waits for staff |
| on loan to another: implied return, never before it began | what the terms forbid ..., test_events_interleaved.py |
| a stopped card: applied, or held where set so | what the terms forbid is recorded, held or refused ... |
| a return older than a newer loan: no-op, a case | test_sip2_offline.py: a late return never ends a loan ... |
| a return of what is not on loan: seen | a return that was seen before the loan was told ends it |
| the same reader again: a duplicate, no renewal | the same reader again is no renewal |
| the longer of promise and terms | which due day counts ..., a wish granted before the promise ... |
| staff resolve exceptions, each rule is a setting | test_deciding.py, test_policy_file.py |
| a chain for each terminal, patrons wiped later | every change ... is found, after retention no patron ... |
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from drivers.link import SettingsError
from drivers.link.memory import VirtualClock
from sync.central import demo
from sync.central.circulation import event_chain, event_log
from sync.central.circulation.conflicts import Conflict, close_exception, list_exceptions
from sync.central.circulation.library import Library
from sync.central.circulation.policy import DueRule, EventPolicy, Treatment
from sync.central.circulation.receiving import ToldDifferently, receive
from sync.central.circulation.returning import check_in
from sync.central.store import event_tables as e
from sync.central.store import tables as t
from sync.central.store.ledger_rows import debts_of_patrons
from sync.central.store.loan_queries import open_loan_of_item
from sync.central.store.store import Store
from sync.entries import Answer, Granted, Held, ItemId, Money, PatronId, Reason, Refused
from sync.events import Batch, GapFound, LoanMade, NeverSent, Outcome, Receipt
from tests.sync.central.events_of import DUE, Terminal, at, holder, minutes, spans, stock

FREE = demo.ITEMS_FREE
ANNA, BO, CHEN = demo.READER, demo.READER_ENGLISH, demo.READER_STAFF


def tell(
    store: Store,
    library: Library,
    terminal: Terminal,
    policy: EventPolicy | None = None,
    first: int = 1,
) -> list[Outcome]:
    """What became of the events of *terminal* from number *first* on."""
    receipt = receive(store, library, policy or EventPolicy(), terminal.name, terminal.batch(first))
    assert isinstance(receipt, Receipt)
    assert receipt.acknowledged == len(terminal.events)
    return list(receipt.outcomes)


def answer(outcomes: list[Outcome]) -> Answer:
    """The only answer."""
    (outcome,) = outcomes
    return outcome.answer


def kinds(store: Store) -> list[str]:
    """The kinds of the open cases, the oldest first."""
    with store.reading() as connection:
        return [case.kind.value for case in list_exceptions(connection)]


def with_setting(name: str, treatment: Treatment) -> EventPolicy:
    """The defaults, but for one setting."""
    changes: dict[str, Any] = {name: treatment}
    return EventPolicy(**changes)


def owed(store: Store, patron: str) -> int:
    """What *patron* owes."""
    with store.reading() as connection:
        return debts_of_patrons(connection, [PatronId(patron)])[PatronId(patron)]


# --- Numbers --------------------------------------------------------------------------------------------------------


def test_a_batch_is_stored_once_and_answered_alike_for_ever(store: Store, library: Library) -> None:
    """A repeat gets the stored outcomes, refusals too, and does nothing; what is new behind it is done."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, 0)
    terminal.lend(demo.ITEM_REFERENCE, ANNA, 1, due=None)
    terminal.lend("30999999999999", ANNA, 2)

    first = tell(store, library, terminal)
    with store.writing() as connection:
        check_in(connection, library, ItemId(FREE[0]), "kiosk9")
    again = tell(store, library, terminal)
    terminal.lend(FREE[1], ANNA, 3)
    longer = tell(store, library, terminal, first=2)

    assert again == first
    assert longer[:2] == first[1:]
    assert isinstance(longer[2].answer, Granted)
    assert [type(outcome.answer) for outcome in first] == [Granted, Refused, Held]
    assert holder(store, FREE[0]) is None


def test_a_gap_is_answered_with_the_number_that_is_expected(store: Store, library: Library) -> None:
    """Nothing of such a batch is stored, not even that the epoch exists."""
    terminal = Terminal()
    for item in FREE[:3]:
        terminal.lend(item, ANNA, 0)

    unknown = receive(store, library, EventPolicy(), "kiosk1", terminal.batch(2))
    receive(store, library, EventPolicy(), "kiosk1", terminal.batch(1, 1))
    late = receive(store, library, EventPolicy(), "kiosk1", terminal.batch(3))

    assert (unknown, late) == (GapFound(1), GapFound(2))
    assert holder(store, FREE[2]) is None
    with store.reading() as connection:
        assert connection.execute(select(e.epochs.c.next_number)).scalars().all() == [2]


def test_numbers_that_were_never_sent_are_filled(store: Store, library: Library) -> None:
    """They count as told; told over numbers that are stored, they ask for nothing and change nothing."""
    terminal = Terminal()
    loans = [
        replace(terminal.lend(item, ANNA, 0), number=number)
        for item, number in zip(FREE, (5, 6), strict=False)
    ]
    batch = Batch("e1", (NeverSent(1, 4), *loans))

    first = receive(store, library, EventPolicy(), "kiosk1", batch)
    again = receive(
        store, library, EventPolicy(), "kiosk1", Batch("e1", (NeverSent(3, 5), loans[1], NeverSent(7, 9)))
    )

    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert first.acknowledged == 6
    assert [outcome.number for outcome in first.outcomes] == [5, 6]
    assert (again.acknowledged, again.outcomes) == (9, first.outcomes[1:])


def changed(terminal: Terminal, what: str) -> Batch:
    """The terminal's two events, one of them told differently."""
    one, two = terminal.events
    assert isinstance(one, LoanMade)
    assert isinstance(two, LoanMade)
    return Batch(
        "e1",
        {
            "another item": (replace(one, item=ItemId(FREE[5])), two),
            "another patron": (one, replace(two, patron=PatronId(BO))),
            "another moment": (replace(one, at=one.at + timedelta(seconds=1)), two),
            "another due day": (one, replace(two, promised_due=DUE + timedelta(days=1))),
            "a fact that is a wish now": (one, replace(two, promised_due=None)),
            "another key": (replace(one, key="other"), two),
            "a key of another number": (one, two, replace(one, number=3)),
            "a loan that was never sent": (one, two, NeverSent(3, 3), replace(one, number=4)),
        }[what],
    )


@pytest.mark.parametrize(
    "what",
    [
        "another item",
        "another patron",
        "another moment",
        "another due day",
        "a fact that is a wish now",
        "another key",
        "a key of another number",
        "a loan that was never sent",
    ],
)
def test_what_was_told_is_never_told_differently(store: Store, library: Library, what: str) -> None:
    """Another body under a known number or key is refused as a whole, and nothing of it is stored."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, 0)
    terminal.lend(FREE[1], ANNA, 1)
    tell(store, library, terminal)

    with pytest.raises(ToldDifferently):
        receive(store, library, EventPolicy(), "kiosk1", changed(terminal, what))

    with store.reading() as connection:
        assert connection.execute(select(e.epochs.c.next_number)).scalar_one() == 3
        assert len(connection.execute(select(e.events)).all()) == 2
    assert holder(store, FREE[5]) is None


def test_the_same_key_of_another_terminal_is_another_key(store: Store, library: Library) -> None:
    """Keys and numbers belong to a terminal and its epoch."""
    one, other = Terminal("kiosk1"), Terminal("kiosk2")
    one.lend(FREE[0], ANNA, 0)
    other.lend(FREE[1], BO, 0)

    assert isinstance(answer(tell(store, library, one)), Granted)
    assert isinstance(answer(tell(store, library, other)), Granted)


def test_a_wish_that_became_a_fact_is_judged_as_one(store: Store, library: Library) -> None:
    """The terminal asked, heard nothing, and lent the item itself: what was refused then is recorded now, once."""
    terminal = Terminal()
    terminal.lend(FREE[0], demo.READER_EXPIRED, 0, due=None)
    terminal.lend(FREE[1], ANNA, 1, due=None)
    before = tell(store, library, terminal)
    terminal.events = [
        replace(event, promised_due=DUE) for event in terminal.events if isinstance(event, LoanMade)
    ]

    after, again = tell(store, library, terminal), tell(store, library, terminal)

    assert isinstance(before[0].answer, Refused)
    assert isinstance(after[0].answer, Granted)
    assert after[0].exception == "card-stopped"
    assert after[1] == before[1]
    assert again == after
    assert holder(store, FREE[0]) == demo.READER_EXPIRED
    assert kinds(store) == ["card-stopped"]


@pytest.mark.parametrize(("rule", "days"), [(DueRule.LONGER, 3), (DueRule.PROMISED, 3), (DueRule.POLICY, 0)])
def test_a_wish_granted_before_the_promise_keeps_the_later_day(
    store: Store, library: Library, rule: DueRule, days: int
) -> None:
    """The reader was told a later day than central's lost answer had: that day counts, where promises count."""
    terminal, policy = Terminal(), EventPolicy(due=rule)
    wish = terminal.lend(FREE[0], ANNA, 0, due=None)
    granted = answer(tell(store, library, terminal, policy))
    assert isinstance(granted, Granted)
    assert granted.due.day is not None
    terminal.events = [replace(wish, promised_due=granted.due.day + timedelta(days=3))]

    told, again = (answer(tell(store, library, terminal, policy)) for _ in range(2))

    assert isinstance(told, Granted)
    assert told.due.day == granted.due.day + timedelta(days=days)
    assert again == told
    with store.reading() as connection:
        loan = open_loan_of_item(connection, ItemId(FREE[0]))
    assert loan is not None
    assert loan.due_on == told.due.day


def test_wishes_that_became_facts_at_two_terminals_never_stop_each_other(
    store: Store, library: Library
) -> None:
    """Both tell the same items of the same readers again, in opposite orders: all are answered, none waits for ever."""
    items, patrons = stock(store, 20, 20)
    with store.writing() as connection:
        connection.execute(update(t.patrons).where(t.patrons.c.number.in_(patrons)).values(card="lost"))
    terminals = [Terminal("t0"), Terminal("t1")]
    for terminal, places in zip(terminals, (range(20), range(19, -1, -1)), strict=True):
        for place in places:
            terminal.lend(items[place], patrons[place], place, due=None)
        refused = tell(store, library, terminal)
        assert {type(outcome.answer) for outcome in refused} == {Refused}
        terminal.events = [
            replace(event, promised_due=DUE) for event in terminal.events if isinstance(event, LoanMade)
        ]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda terminal: tell(store, library, terminal), terminals))

    assert all(isinstance(outcome.answer, Granted) for told in outcomes for outcome in told)


def test_many_copies_of_a_batch_at_once_are_one_batch(store: Store, library: Library) -> None:
    """Eight connections telling the same at the same moment get the same receipt, and each loan is one."""
    terminal = Terminal()
    for number, item in enumerate(FREE[:4]):
        terminal.lend(item, ANNA, number)
    batch = terminal.batch()
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: receive(store, library, EventPolicy(), "kiosk1", batch), range(8)))

    assert all(receipt == receipts[0] for receipt in receipts)
    assert all(len(spans(store, item)) == 1 for item in FREE[:4])


def test_terminals_that_tell_of_the_same_items_at_once_never_stop_each_other(
    store: Store, library: Library
) -> None:
    """Six terminals lending the same items in opposite orders are all answered, and each item has one loan."""
    items, patrons = stock(store, 10, 6)
    terminals = [Terminal(f"t{number}") for number in range(6)]
    for place, terminal in enumerate(terminals):
        for number, item in enumerate(items if place % 2 else reversed(items)):
            terminal.lend(item, patrons[place], number * 10 + place)
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda terminal: tell(store, library, terminal), terminals))

    assert all(isinstance(outcome.answer, Granted) for told in outcomes for outcome in told)
    assert all(holder(store, item) is not None for item in items)


# --- Facts ----------------------------------------------------------------------------------------------------------


def test_a_loan_that_was_made_is_recorded_at_its_time(store: Store, library: Library) -> None:
    """By central's clock: the terminal's, corrected by its offset.  The day is the later of promise and terms."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, 10, offset=120.0, due=date(2026, 3, 1))
    terminal.lend(FREE[1], ANNA, 11, due=date(2026, 4, 30))
    terminal.lend(FREE[2], ANNA, 12, offset=None)

    by_terms, promised, unknown_offset = tell(store, library, terminal)

    assert spans(store, FREE[0]) == [(12.0, None, ANNA, "")]
    assert spans(store, FREE[2]) == [(12.0, None, ANNA, "")]
    assert isinstance(by_terms.answer, Granted)
    assert isinstance(promised.answer, Granted)
    assert isinstance(unknown_offset.answer, Granted)
    # Thirty days from 20 February is Sunday 22 March.
    assert by_terms.answer.due.day == date(2026, 3, 22)
    assert promised.answer.due.day == date(2026, 4, 30)
    assert by_terms.exception is None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (DueRule.LONGER, date(2026, 3, 22)),
        (DueRule.PROMISED, date(2026, 3, 1)),
        (DueRule.POLICY, date(2026, 3, 22)),
    ],
)
def test_which_due_day_counts_is_the_librarys_setting(
    store: Store, library: Library, rule: DueRule, expected: date
) -> None:
    """Promise, terms, or the later of both."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, 10, due=date(2026, 3, 1))

    granted = answer(tell(store, library, terminal, EventPolicy(due=rule)))

    assert isinstance(granted, Granted)
    assert granted.due.day == expected


STOPPED = [
    (demo.READER_CARD_LOST, FREE[0], "card-stopped", "card_stopped"),
    (demo.READER_EXPIRED, FREE[0], "card-stopped", "card_stopped"),
    (demo.READER_BLOCKED_BY_STAFF, FREE[0], "card-stopped", "card_stopped"),
    (demo.READER_OWES, FREE[0], "card-stopped", "card_stopped"),
    (demo.READER_OVERDUE, FREE[0], "card-stopped", "card_stopped"),
    (ANNA, demo.ITEM_REFERENCE, "item-not-lent", "item_not_lent"),
    (ANNA, demo.ITEM_LOST, "item-not-lent", "item_not_lent"),
    (ANNA, demo.ITEM_ON_HOLD_FOR_OTHER, "item-not-lent", "item_not_lent"),
    (demo.READER_CHILD, demo.ITEM_AGE_16, "item-not-lent", "item_not_lent"),
    (demo.READER_AT_LIMIT, FREE[0], "limit-reached", "limit"),
    (BO, demo.ITEM_ON_LOAN, "implied-return", "on_loan_to_other"),
]


@pytest.mark.parametrize(("patron", "item", "kind", "setting"), STOPPED)
def test_what_the_terms_forbid_is_recorded_held_or_refused_as_the_library_says(
    store: Store, library: Library, patron: str, item: str, kind: str, setting: str
) -> None:
    """By default the loan is a fact and staff see a case; held or refused where the library set it so."""
    when = minutes(library.now()) - 5
    held, refused, applied = Terminal("t1"), Terminal("t2"), Terminal("t3")
    for terminal in (held, refused, applied):
        terminal.lend(item, patron, when)

    (first,) = tell(store, library, held, with_setting(setting, Treatment.HOLD))
    (second,) = tell(store, library, refused, with_setting(setting, Treatment.REFUSE))
    before = holder(store, item)
    (third,) = tell(store, library, applied)

    assert first.answer == Held()
    assert isinstance(second.answer, Refused)
    assert isinstance(third.answer, Granted)
    assert {first.exception, second.exception, third.exception} == {kind}
    assert before != patron
    assert holder(store, item) == patron
    assert [found for found in kinds(store) if found != "fee-not-agreed"] == [kind] * 3


def test_what_nobody_knows_waits_for_staff(store: Store, library: Library) -> None:
    """A loan of an unknown item or to an unknown card is held with both its sides, or refused where set so."""
    terminal, strict = Terminal("t1"), Terminal("t2")
    for one in (terminal, strict):
        one.lend("30999999999999", ANNA, 0)
        one.lend(FREE[0], "20999999999999", 1)
    held = tell(store, library, terminal)
    refused = tell(store, library, strict, EventPolicy(unknown=Treatment.REFUSE))
    with store.reading() as connection:
        cases = list_exceptions(connection)

    assert [outcome.answer for outcome in held] == [Held(), Held()]
    assert [outcome.answer.reason for outcome in refused if isinstance(outcome.answer, Refused)] == [
        Reason.ITEM_UNKNOWN,
        Reason.PATRON_UNKNOWN,
    ]
    assert [(case.kind, case.item, case.told["due_on"]) for case in cases[:2]] == [
        (Conflict.ITEM_UNKNOWN, "30999999999999", DUE.isoformat()),
        (Conflict.PATRON_UNKNOWN, FREE[0], DUE.isoformat()),
    ]
    with pytest.raises(SettingsError):
        EventPolicy(unknown=Treatment.APPLY).check()


def test_a_case_is_closed_by_a_person_once(store: Store, library: Library) -> None:
    """It says who closed it, and is off the list."""
    terminal = Terminal()
    terminal.lend("30999999999999", ANNA, 0)
    tell(store, library, terminal)
    with store.writing() as connection:
        (case,) = list_exceptions(connection)
        closed = close_exception(connection, case.id, library.now(), "Wang", "entered by hand")
        again = close_exception(connection, case.id, library.now(), "Li")

    assert (closed, again) == (True, False)
    assert kinds(store) == []


def test_the_same_reader_again_is_no_renewal(store: Store, library: Library) -> None:
    """It is answered with the day the item is due already, opens no case, and lengthens nothing."""
    one, other = Terminal("t1"), Terminal("t2")
    one.lend(FREE[0], ANNA, 0, due=date(2026, 4, 1))
    other.lend(FREE[0], ANNA, 30, due=date(2026, 5, 1))

    first, again = answer(tell(store, library, one)), answer(tell(store, library, other))

    assert first == again
    assert len(spans(store, FREE[0])) == 1
    assert kinds(store) == []


def test_a_fee_is_charged_where_the_reader_agreed(store: Store, library: Library) -> None:
    """Without consent the loan stands, nothing is charged, and staff see it."""
    terminal = Terminal()
    terminal.lend(demo.ITEM_WITH_FEE, ANNA, 0, fee_consented=True)
    other = Terminal("t2")
    other.lend(demo.ITEM_WITH_FEE, BO, 10)

    charged = answer(tell(store, library, terminal))
    (free,) = tell(store, library, other)

    assert isinstance(charged, Granted)
    assert charged.fee == Money(200, "CNY")
    assert (owed(store, ANNA), owed(store, BO)) == (200, 0)
    assert free.exception == "implied-return"
    assert kinds(store) == ["implied-return", "fee-not-agreed"]


def test_ones_own_hold_is_served(store: Store, library: Library) -> None:
    """The reader who waited for the item waits no longer."""
    terminal = Terminal()
    terminal.lend(demo.ITEM_ON_HOLD_FOR_DEMO_READER, ANNA, 0)
    (outcome,) = tell(store, library, terminal)

    assert outcome.exception is None
    with store.reading() as connection:
        hold = connection.execute(
            select(t.holds).where(t.holds.c.item == demo.ITEM_ON_HOLD_FOR_DEMO_READER)
        ).one()
    assert hold.closed_at is not None
    assert hold.loan is not None


# --- Times ----------------------------------------------------------------------------------------------------------


def test_nothing_happens_in_the_future(store: Store, library: Library) -> None:
    """What a terminal with a fast clock tells counts as now, and that is noted; a little ahead is believed."""
    now = minutes(library.now())
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, now + 60 * 24 * 365)
    terminal.lend(FREE[1], ANNA, now + 2)
    tell(store, library, terminal)

    assert [span[0] for span in spans(store, FREE[0]) + spans(store, FREE[1])] == [now, now + 2]
    with store.reading() as connection:
        assert connection.execute(
            select(e.events.c.is_clamped).order_by(e.events.c.number)
        ).scalars().all() == [
            True,
            False,
        ]


def test_the_counter_orders_what_one_terminal_tells_of_an_item(store: Store, library: Library) -> None:
    """A clock that was set back between two loans of an item does not turn them round."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, 60)
    terminal.lend(FREE[0], BO, 0)
    tell(store, library, terminal)

    assert spans(store, FREE[0]) == [(60.0, 60.0, ANNA, "implied"), (60.0, None, BO, "")]


def test_a_return_that_was_seen_before_the_loan_was_told_ends_it(
    store: Store, library: Library, clock: VirtualClock
) -> None:
    """The item came back at the desk while the terminal that lent it was cut off."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, minutes(clock.now()) - 30)
    with store.writing() as connection:
        check_in(connection, library, ItemId(FREE[0]), "desk")
    (outcome,) = tell(store, library, terminal)

    assert isinstance(outcome.answer, Granted)
    assert holder(store, FREE[0]) is None
    assert [span[3] for span in spans(store, FREE[0])] == ["returned"]


def test_a_loan_older_than_the_one_that_is_open_ends_where_that_begins(
    store: Store, library: Library
) -> None:
    """It is recorded, staff see it, and the newer loan stays."""
    early, late = Terminal("t1"), Terminal("t2")
    late.lend(FREE[0], BO, 60)
    early.lend(FREE[0], ANNA, 0)
    tell(store, library, late)
    (outcome,) = tell(store, library, early)

    assert isinstance(outcome.answer, Granted)
    assert outcome.exception == "lent-on"
    assert spans(store, FREE[0]) == [(0.0, 60.0, ANNA, "implied"), (60.0, None, BO, "")]


# --- Undone loans ---------------------------------------------------------------------------------------------------


def test_an_undone_loan_leaves_neither_fee_nor_lost_hold(store: Store, library: Library) -> None:
    """Undone in the same batch or later, the fee is not owed, the hold is open again, and the next may borrow."""
    terminal = Terminal()
    film = terminal.lend(demo.ITEM_WITH_FEE, ANNA, 0, fee_consented=True)
    book = terminal.lend(demo.ITEM_ON_HOLD_FOR_DEMO_READER, ANNA, 1)
    terminal.undo(film, 2)
    tell(store, library, terminal)
    terminal.undo(book, 3)
    terminal.lend(demo.ITEM_WITH_FEE, BO, 4, due=None, fee_consented=True)
    *_, lent = tell(store, library, terminal, first=4)

    assert owed(store, ANNA) == 0
    assert isinstance(lent.answer, Granted)
    assert holder(store, demo.ITEM_ON_HOLD_FOR_DEMO_READER) is None
    with store.reading() as connection:
        hold = connection.execute(
            select(t.holds).where(t.holds.c.item == demo.ITEM_ON_HOLD_FOR_DEMO_READER)
        ).one()
    assert (hold.closed_at, hold.loan) == (None, None)
    assert kinds(store) == []


def test_an_undone_loan_never_ends_one_that_began_later(store: Store, library: Library) -> None:
    """The item was lent on before the undoing came in: the newer loan stays, and staff see it."""
    one, other = Terminal("t1"), Terminal("t2")
    loan = one.lend(FREE[0], ANNA, 0)
    one.undo(loan, 90)
    other.lend(FREE[0], BO, 60)
    receive(store, library, EventPolicy(), "t1", one.batch(1, 1))
    tell(store, library, other)
    outcomes = tell(store, library, one)

    assert outcomes[1].exception == "newer-loan"
    assert spans(store, FREE[0]) == [(0.0, 60.0, ANNA, "undone"), (60.0, None, BO, "")]


def test_to_undo_what_was_no_loan_does_nothing(store: Store, library: Library) -> None:
    """The loan was refused, or never told, or was the reader's already: nobody loses an item by it."""
    terminal, other = Terminal("t1"), Terminal("t2")
    refused = terminal.lend(demo.ITEM_REFERENCE, ANNA, 0, due=None)
    terminal.undo(refused, 1)
    never = replace(refused, key="never-told", item=ItemId(FREE[1]))
    terminal.undo(never, 2)
    other.lend(FREE[0], ANNA, 0)
    again = terminal.lend(FREE[0], ANNA, 5)
    terminal.undo(again, 6)
    tell(store, library, other)
    outcomes = tell(store, library, terminal)

    assert all(isinstance(outcomes[place].answer, Granted) for place in (1, 2, 3, 4))
    assert holder(store, FREE[0]) == ANNA
    assert kinds(store) == []


# --- Wishes ---------------------------------------------------------------------------------------------------------


def test_a_wish_is_judged_by_the_same_rules_as_a_single_loan(store: Store, library: Library) -> None:
    """Limits count within a batch, a renewal lengthens, and every refusal has its reason and its fee."""
    terminal = Terminal()
    with store.writing() as connection:
        connection.execute(update(t.categories).values(loans_max=2))
    terminal.lend(FREE[0], BO, 0, due=None)
    terminal.lend(FREE[0], BO, 1, due=None)
    terminal.renew(FREE[0], BO, 2)
    terminal.lend(demo.ITEM_WITH_FEE, BO, 3, due=None)
    terminal.lend(FREE[1], BO, 4, due=None)
    terminal.lend(FREE[2], BO, 5, due=None)
    terminal.renew(FREE[3], BO, 6)
    lent, twice, renewed, fee, second, third, not_lent = (
        one.answer for one in tell(store, library, terminal)
    )

    assert isinstance(lent, Granted)
    assert twice == Refused(Reason.ALREADY_YOURS, lent.title)
    assert isinstance(renewed, Granted)
    assert renewed.renewed
    assert isinstance(fee, Refused)
    assert (fee.reason, fee.fee) == (Reason.FEE_NEEDS_CONSENT, Money(200, "CNY"))
    assert isinstance(second, Granted)
    assert isinstance(third, Refused)
    assert third.reason is Reason.LIMIT_REACHED
    assert isinstance(not_lent, Refused)
    assert not_lent.reason is Reason.NOT_ON_LOAN
    assert kinds(store) == []


# --- What is kept ---------------------------------------------------------------------------------------------------


def test_every_change_of_what_was_kept_is_found(store: Store, library: Library) -> None:
    """The chain breaks at the first row whose body, time, patron or outcome is another, or that is missing."""
    terminal = Terminal()
    for number, item in enumerate(FREE[:4]):
        terminal.lend(item, ANNA, number)
    tell(store, library, terminal)
    changes: list[dict[str, object]] = [
        {"body": "{}"},
        {"patron": BO},
        {"at": at(99)},
        {"received_at": at(99)},
        {"outcome": "{}"},
        {"offset_seconds": 7.0},
        {"is_clamped": True},
        {"policy": "other"},
        {"patron_mac": "00"},
    ]
    found = []
    for change in changes:
        with store.reading() as connection:
            connection.execute(update(e.events).where(e.events.c.number == 3).values(change))
            found.append(event_chain.first_broken(connection, "kiosk1", "e1"))
            connection.rollback()
    with store.reading() as connection:
        whole = event_chain.first_broken(connection, "kiosk1", "e1")
        connection.execute(e.events.delete().where(e.events.c.number == 4))
        shorter = event_chain.first_broken(connection, "kiosk1", "e1")
        connection.rollback()

    assert found == [3] * len(changes)
    assert (whole, shorter) == (None, 4)


def test_after_retention_no_patron_is_left_and_the_chain_holds(store: Store, library: Library) -> None:
    """Events without an open case lose their patron, repeats of them are still known, the chain is whole."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, 0)
    terminal.lend("30999999999999", ANNA, 1)
    told = tell(store, library, terminal)
    with store.writing() as connection:
        wiped = event_log.pseudonymise(connection, library.now() + timedelta(days=1))
    with store.reading() as connection:
        rows = connection.execute(select(e.events).order_by(e.events.c.number)).mappings().all()
        broken = event_chain.first_broken(connection, "kiosk1", "e1")

    assert wiped == 1
    assert ANNA not in str(dict(rows[0]))
    assert rows[1]["patron"] == ANNA
    assert broken is None
    assert tell(store, library, terminal) == told


def test_what_is_kept_says_by_which_settings_it_was_judged(store: Store, library: Library) -> None:
    """Two policies have two versions, and the body is kept as it was told but for the patron."""
    terminal = Terminal()
    terminal.lend(FREE[0], ANNA, 0)
    tell(store, library, terminal)
    with store.reading() as connection:
        row = connection.execute(select(e.events)).one()

    assert row.policy == EventPolicy().version != EventPolicy(due=DueRule.PROMISED).version
    body = json.loads(row.body)
    assert (body["kind"], body["item"], body["promised_due"]) == ("loan", FREE[0], DUE.isoformat())
    assert "patron" not in body


def test_an_older_database_is_brought_along_with_its_rows(store: Store, library: Library) -> None:
    """A loan that ended before endings were told apart counts as given back."""
    with store.writing() as connection:
        connection.execute(
            insert(t.loans).values(
                item=FREE[0],
                patron=ANNA,
                lent_at=at(0),
                due_on=DUE,
                terminal="old",
                renewals=0,
                closed_at=at(60),
                closed_terminal="old",
            )
        )
    terminal = Terminal()
    terminal.lend(FREE[0], BO, 30)
    (outcome,) = tell(store, library, terminal)

    assert outcome.exception == "implied-return"
    assert spans(store, FREE[0]) == [(0.0, 30.0, ANNA, "implied"), (30.0, 60.0, BO, "returned")]
