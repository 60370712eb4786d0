"""Reads what a snapshot is drawn of: no name, no title, no amount, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select, text

from sync.central.circulation.library import Library
from sync.central.store import queries
from sync.central.store import tables as t
from sync.entries import ItemId, PatronId
from sync.rules.lending import age_years
from sync.rules.terms import CardStatus, CategoryTerms, Condition, LoanTerms, PatronState, Use
from sync.snapshot.extract import Extract, ItemKind, ItemType, LibraryTerms, PatronStanding


def read_extract(connection: Connection, library: Library) -> Extract:
    """The library as it stands at this moment.  Needs a reading transaction in which nothing was read yet."""
    if connection.dialect.name == "postgresql":
        # Elsewhere each statement would see its own moment.
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    items = _items(connection)
    on_loan, due_days = _loans(connection)
    rating_max = max((kind.age_min_years for kind in set(items.values())), default=0)
    patrons, pin_hashes = _patrons(connection, library, due_days, rating_max)
    return Extract(_terms(connection, library), items, on_loan, _holds(connection), patrons, pin_hashes)


def _terms(connection: Connection, library: Library) -> LibraryTerms:
    categories = connection.execute(select(t.categories.c.code, t.categories.c.loans_max))
    types, terms = t.item_types.c, t.loan_terms.c
    return LibraryTerms(
        library=library.institution,
        currency=library.currency,
        zone=str(library.zone) if library.zone is not None else "",
        calendar=queries.find_calendar(connection, library.today()),
        loans_max={row.code: row.loans_max for row in categories},
        item_types={
            row.code: ItemType(row.is_magnetic, row.checkout_fee_minor)
            for row in connection.execute(select(types.code, types.is_magnetic, types.checkout_fee_minor))
        },
        loan_terms={
            (row.category, row.item_type): LoanTerms(row.loan_days, count_max=row.count_max)
            for row in connection.execute(
                select(terms.category, terms.item_type, terms.loan_days, terms.count_max)
            )
        },
    )


def _items(connection: Connection) -> dict[ItemId, ItemKind]:
    items = t.items.c
    rows = connection.execute(
        select(
            items.number,
            items.item_type,
            t.collections.c.use,
            items.condition,
            items.age_min_years,
            items.stays_secured,
        ).join(t.collections, items.collection == t.collections.c.code)
    )
    kinds: dict[tuple[Any, ...], ItemKind] = {}
    found = {}
    for number, *rest in rows:
        key = tuple(rest)
        kind = kinds.get(key)
        if kind is None:
            item_type, use, condition, age_min_years, stays_secured = rest
            kind = ItemKind(item_type, Use(use), Condition(condition), age_min_years, stays_secured)
            kinds[key] = kind
        found[ItemId(number)] = kind
    return found


def _loans(connection: Connection) -> tuple[dict[ItemId, PatronId], dict[str, list[date]]]:
    loans = t.loans.c
    rows = connection.execute(
        select(loans.item, loans.patron, loans.due_on).where(loans.closed_at.is_(None)).order_by(loans.due_on)
    )
    on_loan, due_days = {}, defaultdict(list)
    for item, patron, due_on in rows:
        on_loan[ItemId(item)] = PatronId(patron)
        due_days[patron].append(due_on)
    return on_loan, due_days


def _holds(connection: Connection) -> dict[ItemId, PatronId]:
    holds = t.holds.c
    rows = connection.execute(
        select(holds.item, holds.patron)
        .where(holds.closed_at.is_(None))
        .order_by(holds.is_on_shelf.desc(), holds.placed_at, holds.id)
    )
    found: dict[ItemId, PatronId] = {}
    for item, patron in rows:
        found.setdefault(ItemId(item), PatronId(patron))
    return found


def _patrons(
    connection: Connection, library: Library, due_days: dict[str, list[date]], rating_max: int
) -> tuple[dict[PatronId, PatronStanding], dict[PatronId, str]]:
    categories = {row.code: row for row in connection.execute(select(t.categories))}
    debts, blocked = queries.all_debts(connection), _blocked(connection, library)
    today = library.today()
    patrons = t.patrons.c
    rows = connection.execute(
        select(
            patrons.number,
            patrons.category,
            patrons.card,
            patrons.expires_on,
            patrons.born_on,
            patrons.pin_hash,
        )
    )
    found, pin_hashes = {}, {}
    for row in rows:
        number, terms = PatronId(row.number), categories[row.category]
        ceiling = terms.fees_ceiling_minor
        found[number] = PatronStanding(
            category=row.category,
            card=CardStatus(row.card),
            is_blocked=row.number in blocked,
            owes_too_much=ceiling is not None and debts[number] > ceiling,
            expires_on=row.expires_on,
            overdue_from=_overdue_from(due_days.get(row.number, ()), terms.overdue_max),
            age_years=_age(row.born_on, terms.age_assumed_years, today, rating_max),
        )
        if row.pin_hash is not None:
            pin_hashes[number] = row.pin_hash
    return found, pin_hashes


def _overdue_from(due_days: Iterable[date], overdue_max: int | None) -> date | None:
    days = list(due_days)
    if overdue_max is None or len(days) <= overdue_max:
        return None
    return days[overdue_max] + timedelta(days=1)


def _age(born_on: date | None, assumed_years: int, today: date, rating_max: int) -> int:
    category = CategoryTerms(loans_max=0, age_assumed_years=assumed_years)
    return max(0, min(age_years(PatronState(born_on=born_on), category, today), rating_max))


def _blocked(connection: Connection, library: Library) -> set[str]:
    blocks, now = t.blocks.c, library.now()
    return set(
        connection.execute(
            select(blocks.patron).where(
                blocks.set_at <= now, blocks.lifted_at.is_(None) | (blocks.lifted_at > now)
            )
        ).scalars()
    )
