"""The library's terms as JSON: the same fields in a sealed snapshot and in a library's own file."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sync.rules.terms import Calendar, Condition, LoanTerms, Use
from sync.snapshot.extract import ItemKind, ItemType, LibraryTerms
from sync.snapshot.fields import CODE, CURRENCY, WORDS, ZONE, ContentWrong, Fields, read_day

COUNT_MAX = 1_000_000
DAYS_MAX = 100_000


def terms_to_json(terms: LibraryTerms) -> dict[str, object]:
    """*terms* as JSON; `terms_from_json` takes it back."""
    loan_terms: dict[str, dict[str, object]] = {}
    for (category, item_type), loan in sorted(terms.loan_terms.items()):
        granted = {"days": loan.loan_days, "count_max": loan.count_max}
        loan_terms.setdefault(category, {})[item_type] = granted
    return {
        "library": terms.library,
        "currency": terms.currency,
        "zone": terms.zone,
        "calendar": {
            "weekdays": sorted(terms.calendar.weekdays),
            "days": [day.isoformat() for day in sorted(terms.calendar.days)],
        },
        "categories": {code: {"loans_max": count} for code, count in sorted(terms.loans_max.items())},
        "item_types": {
            code: {"magnetic": one.magnetic, "checkout_fee": one.checkout_fee_minor}
            for code, one in sorted(terms.item_types.items())
        },
        "loan_terms": loan_terms,
    }


def terms_from_json(fields: Fields) -> LibraryTerms:
    """The terms in *fields*.  Raises `ContentWrong`."""
    categories, types = fields.inner("categories"), fields.inner("item_types")
    return LibraryTerms(
        library=fields.text("library", WORDS),
        currency=fields.text("currency", CURRENCY),
        zone=_zone(fields),
        calendar=_calendar(fields.inner("calendar")),
        loans_max={
            _code(code, categories): _whole_object(categories, code, "loans_max")
            for code in categories.names()
        },
        item_types={_code(code, types): _item_type(types.inner(code)) for code in types.names()},
        loan_terms=_loan_terms(fields.inner("loan_terms")),
    )


def kind_to_json(kind: ItemKind) -> dict[str, object]:
    """*kind* as JSON, without what is as usual; `kind_from_json` takes it back."""
    usual = ItemKind(kind.type)
    found: dict[str, object] = {"type": kind.type}
    if kind.use is not usual.use:
        found["use"] = kind.use.value
    if kind.condition is not usual.condition:
        found["condition"] = kind.condition.value
    if kind.age_min_years:
        found["age_min_years"] = kind.age_min_years
    if kind.stays_secured:
        found["stays_secured"] = True
    return found


def kind_from_json(fields: Fields) -> ItemKind:
    """The kind in *fields*.  Raises `ContentWrong`."""
    return ItemKind(
        type=fields.text("type", CODE),
        use=fields.one_of("use", Use, Use.LENDING),
        condition=fields.one_of("condition", Condition, Condition.IN_PLACE),
        age_min_years=fields.whole("age_min_years", 0, 150, 0),
        stays_secured=fields.yes("stays_secured", False),
    )


def _code(code: str, fields: Fields) -> str:
    if not CODE.fullmatch(code):
        raise ContentWrong(f"{fields.place('')}: a code must read {CODE.pattern}")
    return code


def _zone(fields: Fields) -> str:
    name = fields.text("zone", ZONE, "")
    try:
        if name:
            ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ContentWrong(f"{fields.place('zone')}: must be an IANA name such as Asia/Shanghai") from None
    return name


def _calendar(fields: Fields) -> Calendar:
    weekdays = [value for value, _ in fields.members("weekdays")]
    if any(type(value) is not int or not 0 <= value <= 6 for value in weekdays):
        raise ContentWrong(f"{fields.place('weekdays')}: must be weekdays from 0 (Monday) to 6 (Sunday)")
    days = frozenset(read_day(value, where) for value, where in fields.members("days"))
    fields.done()
    return Calendar(frozenset(value for value in weekdays if isinstance(value, int)), days)


def _whole_object(fields: Fields, code: str, name: str) -> int:
    inner = fields.inner(code)
    value = inner.whole(name, 0, COUNT_MAX)
    inner.done()
    return value


def _item_type(fields: Fields) -> ItemType:
    magnetic = None if fields.is_null("magnetic") else fields.yes("magnetic")
    found = ItemType(magnetic, fields.whole("checkout_fee", 0, 10**12, 0))
    fields.done()
    return found


def _loan_terms(fields: Fields) -> dict[tuple[str, str], LoanTerms]:
    found = {}
    for category in fields.names():
        by_type = fields.inner(category)
        for item_type in by_type.names():
            one = by_type.inner(item_type)
            count_max = None if one.is_null("count_max") else one.whole("count_max", 0, COUNT_MAX)
            found[_code(category, fields), _code(item_type, by_type)] = LoanTerms(
                one.whole("days", 0, DAYS_MAX), count_max=count_max
            )
            one.done()
    return found
