"""What central's staff do about its exceptions at its own machine.  Works while central serves.

Each call opens the database for itself.  What is given back is plain values, ready for JSON; a card is only ever
shown masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from drivers.link import Clock
from sync.central.circulation import deciding
from sync.central.circulation.conflicts import OpenException, close_exception, list_exceptions
from sync.central.settings import CentralSettings
from sync.central.store import event_tables as e
from sync.central.store import queries
from sync.central.store.store import Store, StoreUnusable
from sync.central.store.tables import CODE_LENGTH, TEXT_LENGTH
from sync.entries import Answer, Granted, Held
from sync.events import Outcome, from_json

APPLY, REFUSE, CLOSE, HELD = "apply", "refuse", "close", "held"
_REFERENCE = re.compile(r"[Xx]?([0-9]{1,18})")

Said = Mapping[str, Any]


class NotDone(Exception):
    """Nothing was changed; the message is one sentence.  *is_call_wrong*: the same call never succeeds."""

    def __init__(self, sentence: str, *, is_call_wrong: bool) -> None:
        super().__init__(sentence)
        self.is_call_wrong = is_call_wrong


def listed(settings: CentralSettings) -> Said:
    """The exceptions that nobody has closed, the oldest first.  Raises `SettingsError` and `NotDone`."""
    with opened(settings) as store, store.reading() as connection:
        found = list_exceptions(connection)
        loans = _loans(connection, {one.event for one in found if one.event is not None})
        titles = queries.find_items(connection, {one.item for one in found})
        return {
            "exceptions": [
                _shown(
                    one,
                    titles[one.item].title if one.item in titles else "",
                    None if one.event is None else loans.get(one.event),
                )
                for one in found
            ]
        }


def decided(
    settings: CentralSettings, clock: Clock, reference: str, by: str, note: str, *, is_applied: bool
) -> Said:
    """Decides the held event that exception *reference* is about, as `deciding.decide` does; *by* is who says so.

    Raises `SettingsError` and `NotDone`.
    """
    by, note = told_by(by, note)
    with opened(settings) as store, store.writing() as connection:
        found = _find(connection, reference)
        if found.event is None or not _is_held(connection, found):
            raise NotDone(
                f"{_reference(found.id)} is not held: there is nothing to decide; look into it, then close it",
                is_call_wrong=True,
            )
        library = settings.library(clock)
        outcome = deciding.decide(
            connection, library, settings.events, found.event, by, is_recorded=is_applied, note=note
        )
        if outcome is None or isinstance(outcome.answer, Held):
            raise NotDone(
                f"{_reference(found.id)} stays held: its item or its card is still unknown here; enter it first",
                is_call_wrong=False,
            )
        answer = outcome.answer
        due = answer.due.day if isinstance(answer, Granted) else None
        return {
            "decided": _reference(found.id),
            "loan": _loan(answer),
            "due": None if due is None else due.isoformat(),
        }


def closed(settings: CentralSettings, clock: Clock, reference: str, by: str, note: str) -> Said:
    """Closes exception *reference*, whose event is not held.  Raises `SettingsError` and `NotDone`."""
    by, note = told_by(by, note)
    with opened(settings) as store, store.writing() as connection:
        found = _find(connection, reference)
        if _is_held(connection, found):
            raise NotDone(
                f"{_reference(found.id)} is held: the terminal waits for an answer; decide it instead",
                is_call_wrong=True,
            )
        close_exception(connection, found.id, settings.library(clock).now(), by, note)
        return {"closed": _reference(found.id)}


@contextmanager
def opened(settings: CentralSettings) -> Iterator[Store]:
    """The database of *settings*, which has to be there.  Raises `SettingsError` and `NotDone`."""
    settings.check()
    settings.check_is_there()
    store = Store(settings.database_url)
    try:
        store.migrate()
        yield store
    except StoreUnusable as error:
        raise NotDone(str(error), is_call_wrong=False) from None
    except SQLAlchemyError as error:
        # Its message may hold an address with a password.
        raise NotDone(f"the database cannot be used: {type(error).__name__}", is_call_wrong=False) from None
    finally:
        store.close()


def _find(connection: Connection, reference: str) -> OpenException:
    match = _REFERENCE.fullmatch(reference.strip())
    number = 0 if match is None else int(match[1])
    found = next((one for one in list_exceptions(connection) if one.id == number), None)
    if found is None:
        raise NotDone(f"there is no open exception {reference!r}", is_call_wrong=True)
    return found


def told_by(by: str, note: str) -> tuple[str, str]:
    """Who says so and what else is worth knowing, fit to be kept.  Raises `NotDone`."""
    by, note = by.strip(), note.strip()
    if not 1 <= len(by) <= CODE_LENGTH or not by.isprintable():
        raise NotDone(f"--by is 1 to {CODE_LENGTH} printable characters", is_call_wrong=True)
    if len(note) > TEXT_LENGTH or not note.isprintable():
        raise NotDone(f"--note is one line of at most {TEXT_LENGTH} characters", is_call_wrong=True)
    return by, note


def _loans(connection: Connection, events: set[int]) -> dict[int, str]:
    """How the loan that each of *events* told stands: held, recorded, refused; without those that told of none."""
    rows = connection.execute(
        select(e.events.c.id, e.events.c.outcome, e.events.c.decision).where(e.events.c.id.in_(events))
    )
    told = {row.id: row.decision or row.outcome for row in rows}
    return {event: _loan(from_json(Outcome, outcome).answer) for event, outcome in told.items() if outcome}


def _loan(answer: Answer) -> str:
    if isinstance(answer, Held):
        return HELD
    return "recorded" if isinstance(answer, Granted) else "refused"


def _is_held(connection: Connection, found: OpenException) -> bool:
    return found.event is not None and _loans(connection, {found.event}).get(found.event) == HELD


def _reference(number: int) -> str:
    return f"X{number}"


def _shown(one: OpenException, title: str, loan: str | None) -> Said:
    return {
        "reference": _reference(one.id),
        "kind": one.kind.value,
        "opened_at": one.opened_at.isoformat(),
        "terminal": one.terminal,
        "item": one.item,
        "title": title,
        "patron": None if one.patron is None else str(one.patron),
        "other_patron": None if one.other_patron is None else str(one.other_patron),
        "told": one.told,
        "known": one.known,
        "loan": loan,
        "can": [APPLY, REFUSE] if loan == HELD else [CLOSE],
    }
