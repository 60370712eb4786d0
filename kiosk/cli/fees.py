"""`kiosk fees`: what readers owe central's library, and what staff book.  docs/guides/central.md goes through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import typer

from kiosk.cli.application import WRONG, app, refuse
from kiosk.cli.exceptions import BY, DATABASE, JSON, NOTE, done
from kiosk.cli.place import Said, tell

fees = typer.Typer(no_args_is_help=True, help="List, charge, waive, take and correct fees at central.")
app.add_typer(fees, name="fees")

CARD = typer.Argument(help="the number of the reader's card")
CURRENCY = typer.Option("CNY", help="as `kiosk central` has it")
ZONE = typer.Option("", help="as `kiosk central` has it; empty: the machine's")
TILL = typer.Option("counter", help="where the money is: counter, cash, card or qr")

AMOUNT = typer.Argument(help="as 12.50")


@fees.command("list")
def list_fees(
    card: str = CARD,
    database: str = DATABASE,
    currency: str = CURRENCY,
    zone: str = ZONE,
    as_json: bool = JSON,
) -> None:
    """List what a reader owes, fee by fee, and what they can have back."""
    tell(_asked(lambda desk, *at: desk.listed(*at, card), database, currency, zone), as_json, _lines)


@fees.command()
def charge(
    card: str = CARD,
    harm: str = typer.Option(
        "", help="pencil, pen, loss or what harms.csv has: reckoned from the item's price"
    ),
    item: str = typer.Option("", help="the item it is for"),
    kind: str = typer.Option("other", help="without --harm: checkout, overdue, damage, loss, card, other"),
    amount: str = typer.Option("", help="without --harm: as 12.50"),
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    currency: str = CURRENCY,
    zone: str = ZONE,
    as_json: bool = JSON,
) -> None:
    """Charge a reader for harm to an item by the library's rule, or an amount."""
    if harm and amount:
        refuse("--harm reckons the amount: give one of them")
    if not harm and not amount:
        refuse("give --harm and --item, or --amount")
    if harm:
        said = _asked(
            lambda desk, *at: desk.charged_for_harm(*at, card, item, harm, by, note), database, currency, zone
        )
    else:
        said = _asked(
            lambda desk, *at: desk.charged(*at, card, kind, amount, item, by, note), database, currency, zone
        )

    def lines(said: Said) -> Iterator[str]:
        yield f"charged: {said['amount']} {said['currency']}, fee {said['booked']} ({said['kind']})"
        if "factor" in said:
            same = ", or the same book" if said["may_replace"] else ""
            yield f"    {said['factor']} times the price of {said['price']}{same}"

    tell(said, as_json, lines)


@fees.command()
def waive(
    fee: str = typer.Argument(help="the fee, as the list names it"),
    amount: str = typer.Option("", help="as 12.50; empty: all that is open of it"),
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    currency: str = CURRENCY,
    zone: str = ZONE,
    as_json: bool = JSON,
) -> None:
    """Let a reader off a fee, or part of it."""
    said = _asked(lambda desk, *at: desk.waived(*at, fee, amount, by, note), database, currency, zone)
    tell(said, as_json, lambda said: (f"waived: {said['booked']}",))


@fees.command()
def take(
    card: str = CARD,
    fee: list[str] = typer.Argument(help="the fees that are paid, each in full"),
    till: str = typer.Option("counter", help="where the money is: counter, cash, card, qr; or deposit"),
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    currency: str = CURRENCY,
    zone: str = ZONE,
    as_json: bool = JSON,
) -> None:
    """Book that a reader paid fees at the counter, or out of their deposit."""
    said = _asked(lambda desk, *at: desk.taken(*at, card, fee, till, by, note), database, currency, zone)
    tell(said, as_json, lambda said: (f"paid: {said['amount']} {said['currency']}, {said['booked']}",))


@fees.command()
def refund(
    card: str = CARD,
    till: str = TILL,
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    currency: str = CURRENCY,
    zone: str = ZONE,
    as_json: bool = JSON,
) -> None:
    """Book that a reader was given back what was paid and is not owed any more."""
    said = _asked(lambda desk, *at: desk.refunded(*at, card, till, by, note), database, currency, zone)
    tell(said, as_json, lambda said: (f"given back: {said['amount']} {said['currency']}, {said['booked']}",))


@fees.command()
def deposit(
    card: str = CARD,
    amount: str = AMOUNT,
    till: str = TILL,
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    currency: str = CURRENCY,
    zone: str = ZONE,
    as_json: bool = JSON,
) -> None:
    """Book that a reader left money with the library."""
    said = _asked(
        lambda desk, *at: desk.deposited(*at, card, amount, till, by, note), database, currency, zone
    )
    tell(said, as_json, lambda said: (f"deposited: {said['amount']} {said['currency']}, {said['booked']}",))


@fees.command("deposit-back")
def deposit_back(
    card: str = CARD,
    amount: str = AMOUNT,
    till: str = TILL,
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    currency: str = CURRENCY,
    zone: str = ZONE,
    as_json: bool = JSON,
) -> None:
    """Book that a reader was given back their deposit, or part of it."""
    said = _asked(
        lambda desk, *at: desk.deposit_returned(*at, card, amount, till, by, note), database, currency, zone
    )
    tell(said, as_json, lambda said: (f"given back: {said['amount']} {said['currency']}, {said['booked']}",))


@fees.command()
def correct(
    reference: str = typer.Argument(help="the charge, payment, waiver, deposit or refund that was wrong"),
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    currency: str = CURRENCY,
    zone: str = ZONE,
    as_json: bool = JSON,
) -> None:
    """Counter what was booked wrongly; both stay to be seen."""
    said = _asked(lambda desk, *at: desk.corrected(*at, reference, by, note), database, currency, zone)
    tell(said, as_json, lambda said: (f"countered by {said['booked']}",))


@fees.command()
def check(database: str = DATABASE, currency: str = CURRENCY, zone: str = ZONE, as_json: bool = JSON) -> None:
    """Post the whole ledger anew; exit code 1 where something does not follow, or the sum is not zero."""
    said = _asked(lambda desk, *at: desk.checked(*at), database, currency, zone)

    def lines(said: Said) -> Iterator[str]:
        for one in said["wrong"]:
            yield f"{one['patron']}  {one['why']}"
        balanced = "sum zero" if said["sum_minor"] == 0 else f"the sum is {said['sum_minor']}, NOT zero"
        yield f"{said['transactions']} transactions, {balanced}"

    tell(said, as_json, lines)
    if not said["is_whole"]:
        raise typer.Exit(WRONG)


@fees.command()
def export(
    to: Path = typer.Argument(help="the new file, *.csv; the day's figures go into *-closing.csv beside it"),
    day: str = typer.Option("", help="a day that is over, as 2026-05-12; empty: yesterday"),
    database: str = DATABASE,
    currency: str = CURRENCY,
    zone: str = ZONE,
    as_json: bool = JSON,
) -> None:
    """Write a day's transactions and its closing as CSV, without naming anybody."""
    from datetime import date

    from drivers.link.clock import RealClock
    from sync.central.closing_tables import exported
    from sync.central.settings import CentralSettings

    try:
        closed = date.fromisoformat(day) if day else None
    except ValueError:
        refuse(f"{day!r} is no day: write 2026-05-12")
    settings = CentralSettings(database, currency=currency, zone=zone)
    said = done(lambda: exported(settings, RealClock(), closed, to))
    tell(
        said,
        as_json,
        lambda said: (
            f"{said['day']}: {said['transactions']} transactions exported: {said['to']}",
            f"closing exported: {said['closing_to']}",
        ),
    )


def _asked(do: Callable[..., Said], database: str, currency: str, zone: str) -> Said:
    """What *do* says, given the desk, central's settings and the clock."""
    from drivers.link.clock import RealClock
    from sync.central import fees_desk
    from sync.central.settings import CentralSettings

    settings = CentralSettings(database, currency=currency, zone=zone)
    return done(lambda: do(fees_desk, settings, RealClock()))


def _lines(said: Said) -> Iterator[str]:
    for fee in said["fees"]:
        item = f"  item {fee['item']}  {fee['title']}" if fee["item"] else ""
        yield f"{fee['reference']}  {fee['amount']}  {fee['kind']}  since {fee['since']}{item}".rstrip()
    yield f"{said['patron']} owes {said['owed']} {said['currency']}"
    if said["to_give_back"].strip("0."):
        yield f"    can have back {said['to_give_back']}: kiosk fees refund"
    if said["deposit"].strip("0."):
        yield f"    has a deposit of {said['deposit']}"
