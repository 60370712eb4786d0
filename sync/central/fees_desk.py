"""What central's staff do about fees at its own machine: charge, waive, take and give back money, correct, check.

Works while central serves; each call opens the database for itself.  What is given back is plain values, ready for
JSON; a card is only ever shown masked.  Whoever books gives their name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, func, select

from drivers.link import Clock
from sync.central.cells import BadCell, Reading
from sync.central.cells import positive_amount as read_amount
from sync.central.circulation import desk_bookings
from sync.central.circulation.accounts import ledger_of
from sync.central.circulation.desk_bookings import Desk, PatronUnknown
from sync.central.circulation.library import Library
from sync.central.exceptions_desk import NotDone, opened, told_by
from sync.central.settings import CentralSettings
from sync.central.store import ledger_tables as m
from sync.central.store import queries
from sync.central.store.store import Store
from sync.decimals import decimal_text
from sync.entries import BadIdentifier, FeeKind, ItemId, Money, PatronId, item_id, patron_id
from sync.rules.amounts import BadAmount
from sync.rules.compensation import HarmUnknown, PriceUnknown
from sync.rules.ledger import SELF, DepositAccount, LedgerError, Till

Said = Mapping[str, Any]
TILLS = {"counter": Till.COUNTER, "cash": Till.CASH, "card": Till.CARD_TERMINAL, "qr": Till.QR}
OF_DEPOSIT = "deposit"
"""Where fees can be paid from besides the tills."""


def listed(settings: CentralSettings, clock: Clock, card: str) -> Said:
    """What *card* owes, fee by fee, and what it can have back.  Raises `SettingsError` and `NotDone`."""
    patron, library = _patron(card), settings.library(clock)
    with _asking(settings) as store, store.reading() as connection:
        _same_currency(connection, library)
        if queries.find_patron(connection, patron) is None:
            raise PatronUnknown
        fees = queries.open_fees_of_patron(connection, patron)
        ledger = ledger_of(connection, library, patron)
        owing, held = ledger.credits(patron), ledger.balance(DepositAccount(patron))
        return {
            "patron": str(patron),
            "fees": [
                {
                    "reference": fee.reference,
                    "kind": fee.kind.value,
                    "amount": decimal_text(library.money(fee.amount_minor)),
                    "item": fee.item,
                    "title": fee.title,
                    "since": fee.charged_on.isoformat(),
                }
                for fee in fees
            ],
            "owed": decimal_text(library.money(sum(fee.amount_minor for fee in fees))),
            "to_give_back": decimal_text(library.money(-sum(fee.open_minor for fee in owing))),
            "deposit": decimal_text(library.money(-held.minor_units)),
            "currency": library.currency,
        }


def charged(
    settings: CentralSettings, clock: Clock, card: str, kind: str, amount: str, item: str, by: str, note: str
) -> Said:
    """Charges *amount* for *kind* of fee, for *item* where it is about one.  Raises `SettingsError` and `NotDone`."""
    patron, number = _patron(card), _item(item) if item else None
    known = {one.value: one for one in FeeKind}
    if kind not in known:
        raise NotDone(f"{kind!r} is no kind of fee: {', '.join(known)}", is_call_wrong=True)

    def do(desk: Desk) -> Said:
        if number is not None and queries.find_item(desk.connection, number) is None:
            raise NotDone(f"there is no item {number}", is_call_wrong=True)
        owed = _amount(desk.library, amount)
        reference = desk_bookings.charge_by_hand(desk, patron, known[kind], owed, number)
        return {"booked": reference, "kind": kind, **_money(owed)}

    return _booked(settings, clock, by, note, do)


def charged_for_harm(
    settings: CentralSettings, clock: Clock, card: str, item: str, harm: str, by: str, note: str
) -> Said:
    """Charges what *harm* to *item* costs by the library's rule.  Raises `SettingsError` and `NotDone`."""
    patron, number = _patron(card), _item(item)

    def do(desk: Desk) -> Said:
        found = queries.find_item(desk.connection, number)
        if found is None:
            raise NotDone(f"there is no item {number}", is_call_wrong=True)
        reference, owed = desk_bookings.charge_harm(desk, patron, found, harm)
        return {
            "booked": reference,
            "kind": owed.fee_kind.value,
            **_money(owed.amount),
            "price": decimal_text(owed.price),
            "factor": str(owed.factor),
            "may_replace": owed.may_replace,
        }

    return _booked(settings, clock, by, note, do)


def waived(settings: CentralSettings, clock: Clock, fee: str, amount: str, by: str, note: str) -> Said:
    """Lets off *amount* of *fee*, "" all that is open of it.  Raises `SettingsError` and `NotDone`."""

    def do(desk: Desk) -> Said:
        told = _amount(desk.library, amount) if amount else None
        return {"booked": desk_bookings.waive(desk, fee, told)}

    return _booked(settings, clock, by, note, do)


def taken(
    settings: CentralSettings, clock: Clock, card: str, fees: Collection[str], till: str, by: str, note: str
) -> Said:
    """*fees* were paid at the counter, or out of the deposit, each in full.  Raises `SettingsError` and `NotDone`."""
    patron, where = _patron(card), None if till == OF_DEPOSIT else _till(till)
    if not fees:
        raise NotDone("name the fees that were paid", is_call_wrong=True)

    def do(desk: Desk) -> Said:
        reference, total = desk_bookings.take(desk, patron, fees, where)
        return {"booked": reference, **_money(total)}

    return _booked(settings, clock, by, note, do)


def refunded(settings: CentralSettings, clock: Clock, card: str, till: str, by: str, note: str) -> Said:
    """What was paid and is not owed any more was given back.  Raises `SettingsError` and `NotDone`."""
    patron, where = _patron(card), _till(till)

    def do(desk: Desk) -> Said:
        reference, total = desk_bookings.give_money_back(desk, patron, where)
        return {"booked": reference, **_money(total)}

    return _booked(settings, clock, by, note, do)


def deposited(
    settings: CentralSettings, clock: Clock, card: str, amount: str, till: str, by: str, note: str
) -> Said:
    """*amount* was left with the library as a deposit.  Raises `SettingsError` and `NotDone`."""
    patron, where = _patron(card), _till(till)

    def do(desk: Desk) -> Said:
        left = _amount(desk.library, amount)
        return {"booked": desk_bookings.take_deposit(desk, patron, left, where), **_money(left)}

    return _booked(settings, clock, by, note, do)


def deposit_returned(
    settings: CentralSettings, clock: Clock, card: str, amount: str, till: str, by: str, note: str
) -> Said:
    """*amount* of the deposit was given back.  Raises `SettingsError` and `NotDone`."""
    patron, where = _patron(card), _till(till)

    def do(desk: Desk) -> Said:
        back = _amount(desk.library, amount)
        return {"booked": desk_bookings.give_deposit_back(desk, patron, back, where), **_money(back)}

    return _booked(settings, clock, by, note, do)


def corrected(settings: CentralSettings, clock: Clock, reference: str, by: str, note: str) -> Said:
    """Counters the transaction *reference*.  Raises `SettingsError` and `NotDone`."""
    return _booked(settings, clock, by, note, lambda desk: {"booked": desk_bookings.correct(desk, reference)})


def checked(settings: CentralSettings, clock: Clock) -> Said:
    """Whether the ledger follows from itself: every patron's part is posted anew, and all legs sum to zero.

    Raises `SettingsError` and `NotDone`.
    """
    library = settings.library(clock)
    with _asking(settings) as store, store.reading() as connection:
        _same_currency(connection, library)
        wrong = []
        for number in connection.execute(select(m.ledger.c.patron).distinct()).scalars():
            try:
                ledger_of(connection, library, PatronId(number))
            except (LedgerError, ValueError) as error:
                wrong.append({"patron": str(PatronId(number)), "why": str(error)})
        count = connection.execute(select(func.count()).select_from(m.ledger)).scalar_one()
        total = connection.execute(
            select(func.coalesce(func.sum(m.ledger_legs.c.minor_units), 0))
        ).scalar_one()
        is_whole = not wrong and int(total) == 0
        return {"transactions": count, "sum_minor": int(total), "wrong": wrong, "is_whole": is_whole}


# --- What they have in common ---------------------------------------------------------------------------------------


def _booked(settings: CentralSettings, clock: Clock, by: str, note: str, do: Callable[[Desk], Said]) -> Said:
    by, note = told_by(by, note)
    if by == SELF:
        raise NotDone("--by is a name: what staff book is not booked by the reader alone", is_call_wrong=True)
    library = settings.library(clock)
    with _asking(settings) as store, store.writing() as connection:
        _same_currency(connection, library)
        return do(Desk(connection, library, by, note))


@contextmanager
def _asking(settings: CentralSettings) -> Iterator[Store]:
    """The database; what speaks against a booking is one sentence."""
    try:
        with opened(settings) as store:
            yield store
    except PatronUnknown:
        raise NotDone("there is no such card", is_call_wrong=True) from None
    except (LedgerError, HarmUnknown, PriceUnknown, BadAmount) as error:
        said = str(error.args[0] if error.args else error)
        shown = "".join(letter if letter.isprintable() else "?" for letter in said)
        raise NotDone(shown, is_call_wrong=True) from None


def _same_currency(connection: Connection, library: Library) -> None:
    """Raises `NotDone` where the ledger is kept in another currency than the call names."""
    kept = set(connection.execute(select(m.ledger.c.currency).distinct()).scalars()) - {"", library.currency}
    if kept:
        raise NotDone(
            f"the ledger is kept in {', '.join(sorted(kept))}: name it by --currency", is_call_wrong=True
        )


def _patron(card: str) -> PatronId:
    try:
        return patron_id(card)
    except BadIdentifier:
        raise NotDone("that is no number of a card", is_call_wrong=True) from None


def _item(number: str) -> ItemId:
    try:
        return item_id(number)
    except BadIdentifier as error:
        raise NotDone(f"--item: {error}", is_call_wrong=True) from None


def _till(name: str) -> Till:
    if name not in TILLS:
        raise NotDone(f"{name!r} is no till: {', '.join(TILLS)}", is_call_wrong=True)
    return TILLS[name]


def _amount(library: Library, text: str) -> Money:
    try:
        units = read_amount(text.strip(), Reading(library.today(), library.zone, library.currency))
    except BadCell as error:
        raise NotDone(f"--amount {error}", is_call_wrong=True) from None
    return library.money(units)


def _money(amount: Money) -> dict[str, str]:
    return {"amount": decimal_text(amount), "currency": amount.currency}
