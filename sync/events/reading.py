"""Reads one event of a batch; strictly, as `codec.py` says."""

from __future__ import annotations

from sync.entries import BadIdentifier, FeeKind, FeePart, Flaw, ItemId, Means, PatronId, item_id, patron_id
from sync.events.fields import BadEvent, Fields
from sync.events.values import (
    PARTS_MAX,
    CareReported,
    Event,
    FeesPaid,
    ItemGivenBack,
    LoanMade,
    LoanUndone,
    NamedEvent,
    NeverSent,
    RenewalMade,
)

BY_LENGTH_MAX = 40
REFERENCE_LENGTH_MAX = 80

_NAMED = frozenset({"kind", "number", "key", "at", "offset_seconds"})
_LENT = _NAMED | {"item", "patron"}
_KINDS = {
    "loan": _LENT | {"fee_consented", "promised_due"},
    "renewal": _LENT | {"fee_consented", "due_before"},
    "loan-undone": _LENT | {"undoes"},
    "given-back": _NAMED | {"item", "was_on_loan", "due_before"},
    "fees-paid": _NAMED | {"patron", "amount", "parts", "means", "voucher"},
    "care": _NAMED | {"item", "flaws", "by"},
    "never-sent": frozenset({"kind", "number", "through"}),
    "told-before": frozenset({"kind", "number", "through"}),
}
_PART = frozenset({"fee", "amount", "kind", "item"})


def read_event(fields: Fields) -> Event:
    """The event that *fields* hold.  Raises `BadEvent`."""
    kind = fields.text("kind", 32)
    if kind not in _KINDS:
        raise BadEvent("kind: not known")
    fields.are_exactly(_KINDS[kind])
    if kind in ("never-sent", "told-before"):
        number, through = fields.number("number"), fields.number("through")
        if through < number:
            raise BadEvent("through: before number")
        return NeverSent(number, through, was_told=kind == "told-before")
    return _named(kind, fields)


def _named(kind: str, fields: Fields) -> NamedEvent:
    number, key = fields.number("number"), fields.key("key")
    at, offset = fields.moment("at"), fields.offset("offset_seconds")
    match kind:
        case "loan":
            item, patron = _item(fields), _patron(fields)
            consented, due = fields.flag("fee_consented"), fields.day("promised_due")
            return LoanMade(number, key, at, offset, item, patron, consented, due)
        case "renewal":
            item, patron = _item(fields), _patron(fields)
            consented, due = fields.flag("fee_consented"), fields.day("due_before")
            return RenewalMade(number, key, at, offset, item, patron, consented, due)
        case "loan-undone":
            undoes = fields.key("undoes")
            return LoanUndone(number, key, at, offset, _item(fields), _patron(fields), undoes)
        case "given-back":
            was = fields.flag("was_on_loan") if fields.has("was_on_loan") else None
            return ItemGivenBack(number, key, at, offset, _item(fields), was, fields.day("due_before"))
        case "fees-paid":
            return _paid(number, key, fields)
        case _:
            by = fields.shown("by")
            if not 1 <= len(by) <= BY_LENGTH_MAX or by != by.strip():
                raise BadEvent(f"by: has to be a name of 1 to {BY_LENGTH_MAX} characters")
            return CareReported(number, key, at, offset, _item(fields), _flaws(fields), by)


def _paid(number: int, key: str, fields: Fields) -> FeesPaid:
    parts = tuple(_part(part) for part in fields.objects("parts", PARTS_MAX))
    if not parts:
        raise BadEvent("parts: there are none")
    return FeesPaid(
        number,
        key,
        fields.moment("at"),
        fields.offset("offset_seconds"),
        _patron(fields),
        fields.amount("amount"),
        parts,
        fields.one_of("means", Means),
        _reference(fields, "voucher"),
    )


def _part(fields: Fields) -> FeePart:
    fields.are_exactly(_PART)
    item = _item(fields) if fields.has("item") else None
    return FeePart(_reference(fields, "fee"), fields.amount("amount"), fields.one_of("kind", FeeKind), item)


def _reference(fields: Fields, name: str) -> str:
    text = fields.shown(name)
    if len(text) > REFERENCE_LENGTH_MAX:
        raise BadEvent(f"{name}: has to be a text of at most {REFERENCE_LENGTH_MAX} printable characters")
    return text


def _flaws(fields: Fields) -> tuple[Flaw, ...]:
    known = {flaw.value: flaw for flaw in Flaw}
    told = fields.shown_list("flaws", len(Flaw))
    if not told or len(set(told)) != len(told) or not set(told) <= set(known):
        raise BadEvent("flaws: has to be a list of known flaws, each once")
    return tuple(flaw for flaw in Flaw if flaw.value in told)


def _item(fields: Fields) -> ItemId:
    text = fields.text("item", 64)
    try:
        found = item_id(text)
    except BadIdentifier as error:
        raise BadEvent(f"item: {error}") from None
    if found != text:
        raise BadEvent("item: has blanks around it")
    return found


def _patron(fields: Fields) -> PatronId:
    text = fields.text("patron", 64)
    try:
        found = patron_id(text)
    except BadIdentifier as error:
        raise BadEvent(f"patron: {error}") from None
    if found != PatronId(text):
        raise BadEvent("patron: has blanks around it")
    return found
