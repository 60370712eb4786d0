"""Several terminals tell of wandering items in any interleaving, with repeats and lost replies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from sync.central.circulation import event_chain
from sync.central.circulation.library import Library
from sync.central.circulation.policy import EventPolicy
from sync.central.circulation.receiving import receive
from sync.central.store import event_tables as e
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import ItemId, PatronId
from sync.events import Batch, Event, LoanMade, LoanUndone, Outcome, Receipt
from tests.kit.effort import effort
from tests.sync.central.events_of import Terminal, holder, minutes_or_none, spans, stock

INTERLEAVINGS = 3


@dataclass(frozen=True)
class Story:
    """What really happened: the terminals with their events, and all events in the order of time."""

    terminals: tuple[Terminal, ...]
    events: tuple[LoanMade | LoanUndone, ...]
    items: tuple[str, ...]

    def holders(self) -> dict[str, str | None]:
        """Who has each item in the end, told in the order of time: the simple model."""
        current: dict[str, tuple[str, str] | None] = dict.fromkeys(self.items)
        for event in self.events:
            now = current[event.item]
            if isinstance(event, LoanUndone):
                if now is not None and now[1] == event.undoes:
                    current[event.item] = None
            elif now is None or now[0] != event.patron.reveal():
                current[event.item] = (event.patron.reveal(), event.key)
        return {item: None if now is None else now[0] for item, now in current.items()}


def story(seed: random.Random, tag: str, items: list[str], patrons: list[str]) -> Story:
    """Two to four terminals lend a few items by turns, and undo some of what they lent.

    Who is lent what will be undone has a card of their own: to undo what a reader had already is no promise.
    """
    shared, own = patrons[:3], iter(patrons[3:])
    terminals = tuple(Terminal(f"t{number}", f"{tag}{number}") for number in range(seed.randint(2, 4)))
    told: list[LoanMade | LoanUndone] = []
    busy_until: dict[str, float] = {}
    minute = 0.0
    for _ in range(seed.randint(6, 16)):
        minute += seed.uniform(0.1, 9)
        free = [terminal for terminal in terminals if busy_until.get(terminal.name, 0.0) <= minute]
        if not free:
            continue
        terminal, item = seed.choice(free), seed.choice(items)
        if seed.random() < 0.25:
            loan = terminal.lend(item, next(own), minute)
            told.append(loan)
            if seed.random() < 0.4:
                # Others may lend it before this one is undone.
                late = seed.uniform(0.05, 6)
                told.append(terminal.undo(loan, minute + late))
                busy_until[terminal.name] = minute + late
        else:
            told.append(terminal.lend(item, seed.choice(shared), minute))
    told.sort(key=lambda event: event.at)
    return Story(terminals, tuple(told), tuple(items))


def deliveries(seed: random.Random, terminals: tuple[Terminal, ...]) -> Iterator[tuple[Terminal, Batch]]:
    """Batches of every terminal in its order, interleaved, some told again from anywhere before."""
    done = dict.fromkeys((terminal.name for terminal in terminals), 0)
    while True:
        open_ones = [terminal for terminal in terminals if done[terminal.name] < len(terminal.events)]
        if not open_ones:
            return
        terminal = seed.choice(open_ones)
        first = done[terminal.name] + 1
        if first > 1 and seed.random() < 0.35:
            first = seed.randint(1, first)
        last = min(len(terminal.events), done[terminal.name] + seed.randint(1, 4))
        batch = terminal.batch(first, last)
        yield terminal, batch
        if seed.random() < 0.3:
            yield terminal, batch
        done[terminal.name] = last


def told_again(terminal: Terminal, tag: str, items: dict[str, str], patrons: dict[str, str]) -> Terminal:
    """The same happenings with other items, cards and keys, for another interleaving beside the first."""
    copied: list[Event] = []
    for event in terminal.events:
        assert isinstance(event, LoanMade | LoanUndone)
        changed = replace(
            event,
            key=tag + event.key,
            item=ItemId(items[event.item]),
            patron=PatronId(patrons[event.patron.reveal()]),
        )
        if isinstance(changed, LoanUndone):
            changed = replace(changed, undoes=tag + changed.undoes)
        copied.append(changed)
    return Terminal(terminal.name, tag + terminal.epoch, copied)


def test_every_interleaving_ends_alike_and_as_it_really_happened(store: Store, library: Library) -> None:
    """Whatever comes in first and however often, who has an item is who took it last.

    Each event counts once and is answered alike every time; loans of an item never overlap, none ends before it
    began, and none is ended by what happened before it began.
    """
    for number in range(effort(5)):
        seed = random.Random(f"interleaved {number}")
        names = [f"{chr(97 + turn)}{number}x" for turn in range(INTERLEAVINGS)]
        items, patrons = stock(store, 3, 24, f"{number:05}0")
        plot = story(seed, f"{names[0]}", items, patrons)
        expected = list(plot.holders().values())
        for turn in range(INTERLEAVINGS):
            new_items, new_patrons = (
                (items, patrons) if turn == 0 else stock(store, 3, 24, f"{number:05}{turn}")
            )
            renamed = dict(zip(items, new_items, strict=True)), dict(zip(patrons, new_patrons, strict=True))
            terminals = tuple(told_again(one, names[turn], *renamed) for one in plot.terminals)
            tell(store, library, seed, terminals)
            found = [holder(store, item) for item in new_items]
            back = {new: old for old, new in renamed[1].items()}
            assert [None if who is None else back[who] for who in found] == expected, (
                f"story {number}, turn {turn}"
            )
            for item in new_items:
                assert_in_order(store, item)


def tell(store: Store, library: Library, seed: random.Random, terminals: tuple[Terminal, ...]) -> None:
    """Delivers everything, and checks that each event is stored once and answered alike every time."""
    answered: dict[tuple[str, int], Outcome] = {}
    for terminal, batch in deliveries(seed, terminals):
        receipt = receive(store, library, EventPolicy(), terminal.name, batch)
        assert isinstance(receipt, Receipt)
        assert [outcome.number for outcome in receipt.outcomes] == [event.number for event in batch.events]
        for outcome in receipt.outcomes:
            assert answered.setdefault((terminal.name, outcome.number), outcome) == outcome
    with store.reading() as connection:
        for terminal in terminals:
            count = connection.execute(
                select(func.count()).where(
                    e.events.c.terminal == terminal.name, e.events.c.epoch == terminal.epoch
                )
            ).scalar_one()
            assert count == len(terminal.events)
            assert event_chain.first_broken(connection, terminal.name, terminal.epoch) is None


def assert_in_order(store: Store, item: str) -> None:
    """Loans of *item* follow each other without overlap, and only the last is open."""
    loans = spans(store, item)
    for earlier, later in pairwise(loans):
        assert earlier[1] is not None
        assert earlier[0] <= earlier[1] <= later[0]


def test_every_conflict_is_before_staff(store: Store, library: Library) -> None:
    """Each loan that ended because its item was lent to another has a case that names both."""
    seed = random.Random("conflicts")
    for number in range(effort(2)):
        items, patrons = stock(store, 3, 24, f"9{number:05}")
        plot = story(seed, f"c{number}x", items, patrons)
        tell(store, library, seed, plot.terminals)
        with store.reading() as connection:
            implied = connection.execute(
                select(t.loans.c.item, t.loans.c.patron, t.loans.c.closed_at).where(
                    t.loans.c.closed_how == "implied", t.loans.c.item.in_(items)
                )
            ).all()
            cases = connection.execute(select(e.exceptions).where(e.exceptions.c.item.in_(items))).all()
        named = {(row.item, patron) for row in cases for patron in (row.patron, row.other_patron)}
        followers = {item: spans(store, item) for item in items}
        for item, patron, closed_at in implied:
            ended = minutes_or_none(closed_at)
            after = [who for began, _, who, _ in followers[item] if began == ended]
            # The same reader lent the same item twice is no conflict.
            assert (item, patron) in named or after == [patron]


@pytest.mark.parametrize("ahead", [0, 30])
def test_the_interleaving_model_can_fail(store: Store, library: Library, ahead: int) -> None:
    """Control: where a terminal's offset is lied about, the end differs from what really happened."""
    items, patrons = stock(store, 1, 2, "777")
    first, second = Terminal("t0", "lie0"), Terminal("t1", "lie1")
    first.lend(items[0], patrons[0], 10, offset=ahead * 60.0)
    second.lend(items[0], patrons[1], 20)
    tell(store, library, random.Random(1), (first, second))

    assert holder(store, items[0]) == patrons[1 if ahead == 0 else 0]
