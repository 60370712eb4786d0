"""A library's own file for its snapshots, where there is no central to draw them (docs/guides/snapshot.md).

The file is JSON in plain: it holds card numbers and PIN hashes and stays where the library's own system is.
"""

from __future__ import annotations

from typing import Final

from sync.entries import BadIdentifier, ItemId, PatronId, item_id, patron_id
from sync.rules.terms import CardStatus
from sync.snapshot.extract import Extract, ItemKind, LibraryTerms, PatronStanding
from sync.snapshot.fields import CODE, ContentWrong, Fields, parse
from sync.snapshot.terms_form import kind_from_json, terms_from_json

PLAIN_FILE_BYTES_MAX: Final = 512 * 1024 * 1024


def read_plain_file(data: bytes) -> Extract:
    """The library in *data*.  Raises `ContentWrong` with the first mistake, naming its place and never its content."""
    fields = parse(data)
    terms = terms_from_json(fields)
    items = _items(fields, terms)
    patrons, pin_hashes = _patrons(fields, terms)
    on_loan, on_hold = (_pairs(fields.inner(name), items, patrons) for name in ("on_loan", "on_hold"))
    fields.done()
    return Extract(terms, items, on_loan, on_hold, patrons, pin_hashes)


def _items(fields: Fields, terms: LibraryTerms) -> dict[ItemId, ItemKind]:
    found: dict[ItemId, ItemKind] = {}
    interned: dict[ItemKind, ItemKind] = {}
    for value, where in fields.members("items"):
        one = Fields(value, where)
        kind = kind_from_json(one)
        number = _item(one.any_text("number"), one.place("number"))
        one.done()
        if kind.type not in terms.item_types:
            raise ContentWrong(f"{one.place('type')}: is not among item_types")
        if number in found:
            raise ContentWrong(f"{one.place('number')}: stands in the list twice")
        found[number] = interned.setdefault(kind, kind)
    return found


def _patrons(
    fields: Fields, terms: LibraryTerms
) -> tuple[dict[PatronId, PatronStanding], dict[PatronId, str]]:
    found: dict[PatronId, PatronStanding] = {}
    pin_hashes: dict[PatronId, str] = {}
    for value, where in fields.members("patrons"):
        one = Fields(value, where)
        number = _patron(one.any_text("number"), one.place("number"))
        standing = PatronStanding(
            category=one.text("category", CODE),
            card=one.one_of("card", CardStatus, CardStatus.ACTIVE),
            is_blocked=one.yes("is_blocked", False),
            owes_too_much=one.yes("owes_too_much", False),
            expires_on=one.day("expires_on"),
            overdue_from=one.day("overdue_from"),
            age_years=one.whole("age_years", 0, 150, 0),
        )
        if standing.category not in terms.loans_max:
            raise ContentWrong(f"{one.place('category')}: is not among categories")
        if number in found:
            raise ContentWrong(f"{one.place('number')}: stands in the list twice")
        found[number] = standing
        if not one.is_null("pin_hash"):
            pin_hashes[number] = one.any_text("pin_hash")
        one.done()
    return found, pin_hashes


def _pairs(
    fields: Fields, items: dict[ItemId, ItemKind], patrons: dict[PatronId, PatronStanding]
) -> dict[ItemId, PatronId]:
    found = {}
    for place, name in enumerate(fields.names()):
        where = f"{fields.place('')}[{place}]"
        item, patron = _item(name, where), _patron(fields.any_text(name), where)
        if item not in items or patron not in patrons:
            raise ContentWrong(f"{where}: names an item or a patron that is not in the list")
        found[item] = patron
    return found


def _item(text: str, where: str) -> ItemId:
    try:
        return item_id(text)
    except BadIdentifier as error:
        raise ContentWrong(f"{where}: {error}") from None


def _patron(text: str, where: str) -> PatronId:
    try:
        return patron_id(text)
    except BadIdentifier as error:
        raise ContentWrong(f"{where}: {error}") from None
