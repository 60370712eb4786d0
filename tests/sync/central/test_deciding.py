"""Staff decide about what was held, and the terminal learns it when it tells again."""

from __future__ import annotations

from sqlalchemy import insert, select

from sync.central import demo
from sync.central.circulation.conflicts import Conflict, list_exceptions
from sync.central.circulation.deciding import decide
from sync.central.circulation.library import Library
from sync.central.circulation.policy import EventPolicy, Treatment
from sync.central.circulation.receiving import receive
from sync.central.store import event_tables as e
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import Answer, Granted, Held, PatronId, Reason, Refused
from sync.events import LoanMade, Receipt
from tests.sync.central.events_of import Terminal, holder

NEW_CARD = "20999555555555"


def held(store: Store, library: Library) -> tuple[Terminal, int]:
    """A terminal whose loan to a card that is not known yet is held, and the event's row."""
    terminal = Terminal()
    terminal.lend(demo.ITEMS_FREE[0], NEW_CARD, 0)
    assert told(store, library, terminal) == Held()
    with store.reading() as connection:
        return terminal, connection.execute(select(e.events.c.id)).scalar_one()


def told(store: Store, library: Library, terminal: Terminal) -> Answer:
    """What is answered to the terminal's only event."""
    receipt = receive(store, library, EventPolicy(), terminal.name, terminal.batch())
    assert isinstance(receipt, Receipt)
    return receipt.outcomes[0].answer


def test_a_held_loan_is_recorded_once_its_card_is_known(store: Store, library: Library) -> None:
    """Before that it stays held; afterwards the terminal is granted what it promised, and the case is closed."""
    terminal, row = held(store, library)
    with store.writing() as connection:
        too_early = decide(connection, library, EventPolicy(), row, "Wang", is_recorded=True)
        reader = (
            connection.execute(select(t.patrons).where(t.patrons.c.number == demo.READER)).mappings().one()
        )
        connection.execute(insert(t.patrons).values(dict(reader) | {"number": NEW_CARD}))
        decided = decide(connection, library, EventPolicy(), row, "Wang", is_recorded=True)
        again = decide(connection, library, EventPolicy(), row, "Li", is_recorded=False)
        cases = list_exceptions(connection)

    assert too_early is not None
    assert too_early.answer == Held()
    assert decided is not None
    assert isinstance(told(store, library, terminal), Granted)
    assert told(store, library, terminal) == decided.answer
    assert again is None
    assert cases == ()
    assert holder(store, demo.ITEMS_FREE[0]) == NEW_CARD


def test_a_held_loan_that_is_refused_stays_refused(store: Store, library: Library) -> None:
    """The terminal hears it, and nothing is lent."""
    terminal, row = held(store, library)
    with store.writing() as connection:
        decide(connection, library, EventPolicy(), row, "Wang", is_recorded=False)
        cases = list_exceptions(connection)

    assert told(store, library, terminal) == Refused(Reason.OTHER)
    assert cases == ()
    assert holder(store, demo.ITEMS_FREE[0]) is None


def test_what_cannot_be_recorded_stays_held_whatever_the_policy_is_now(
    store: Store, library: Library
) -> None:
    """A library that refuses unknown cards since does not turn a word to record into a refusal."""
    terminal, row = held(store, library)
    stricter = EventPolicy(unknown=Treatment.REFUSE)
    with store.writing() as connection:
        decided = decide(connection, library, stricter, row, "Wang", is_recorded=True)

    assert decided is not None
    assert decided.answer == Held()
    assert told(store, library, terminal) == Held()


def test_what_recording_it_ends_is_a_case_of_its_own(store: Store, library: Library) -> None:
    """While it was held another reader borrowed the item; staff who record it see whose loan stands against it."""
    terminal, row = held(store, library)
    other = Terminal("kiosk2")
    other.lend(demo.ITEMS_FREE[0], demo.READER, -60)
    receive(store, library, EventPolicy(), other.name, other.batch())
    with store.writing() as connection:
        reader = (
            connection.execute(select(t.patrons).where(t.patrons.c.number == demo.READER)).mappings().one()
        )
        connection.execute(insert(t.patrons).values(dict(reader) | {"number": NEW_CARD}))
        decide(connection, library, EventPolicy(), row, "Wang", is_recorded=True, note="card entered")
        (case,) = list_exceptions(connection)
        notes = connection.execute(select(e.exceptions.c.note).where(e.exceptions.c.note.is_not(None)))

        assert list(notes.scalars()) == ["recorded: card entered"]
    assert (case.kind, case.event, case.terminal) == (Conflict.IMPLIED_RETURN, row, terminal.name)
    assert case.other_patron == PatronId(demo.READER)
    assert holder(store, demo.ITEMS_FREE[0]) == NEW_CARD


def test_a_held_loan_that_its_terminal_took_back_is_recorded_by_nobody(
    store: Store, library: Library
) -> None:
    """The item never left, so whatever staff decide the loan is refused, and the case says why."""
    terminal, row = held(store, library)
    loan = terminal.events[0]
    assert isinstance(loan, LoanMade)
    terminal.undo(loan, 1)
    receive(store, library, EventPolicy(), terminal.name, terminal.batch(2))
    with store.writing() as connection:
        reader = (
            connection.execute(select(t.patrons).where(t.patrons.c.number == demo.READER)).mappings().one()
        )
        connection.execute(insert(t.patrons).values(dict(reader) | {"number": NEW_CARD}))
        decided = decide(connection, library, EventPolicy(), row, "Wang", is_recorded=True)
        notes = connection.execute(select(e.exceptions.c.note)).scalars().all()

    assert decided is not None
    assert decided.answer == Refused(Reason.OTHER)
    assert notes == ["taken back"]
    assert holder(store, demo.ITEMS_FREE[0]) is None
