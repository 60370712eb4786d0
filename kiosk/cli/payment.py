"""`kiosk payment`: the day of a card terminal, and a payment back end that is being written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from kiosk.cli.application import UNUSABLE, WRONG, app, refuse, say
from kiosk.cli.place import fail, place_of, tell

payment_app = typer.Typer(
    no_args_is_help=True,
    help="Close a card terminal's day; try a payment back end (docs/guides/payments.md).",
)
app.add_typer(payment_app, name="payment")


@payment_app.command("close-day")
def close_day(
    file: Path = typer.Argument(help="the terminal's configuration (*.toml)"),
    as_json: bool = typer.Option(False, "--json", help="print one JSON object and nothing else"),
) -> None:
    """Have the card terminal of the running terminal hand in its payments, and print its receipt."""
    from kiosk.engine.control_call import NobodyServes, call
    from kiosk.engine.errands import NotDone

    try:
        said = call(place_of(file, None).control, {"do": "payment.close-day"})
    except NobodyServes:
        fail("the terminal does not run", WRONG)
    except NotDone as refusal:
        fail(str(refusal), UNUSABLE if refusal.is_call_wrong else WRONG)
    tell(said, as_json, lambda said: said["receipt"] or ("the card terminal's day is closed",))


@payment_app.command("try-backend")
def try_backend(
    url: str = typer.Argument(help="where the back end is, as https://pay.example.org/kiosk"),
    token_file: Path = typer.Option(help="the file with a terminal's token, mode 0600"),
    ca_file: Path | None = typer.Option(None, help="who may vouch for it (PEM), where the machine does not"),
    currency: str = typer.Option("CNY", help="the currency of the smallest payments, ISO 4217"),
    pay: bool = typer.Option(False, "--pay", help="also show a code, and wait for somebody to pay it"),
    as_json: bool = typer.Option(False, "--json", help="print one JSON object and nothing else"),
) -> None:
    """Try a payment back end against the interface: payments of the smallest amount, withdrawn again."""
    checks = []
    for check in _checks(url, token_file, ca_file, currency, pay):
        checks.append(check)
        if not as_json:
            say(
                f"{'good' if check.is_good else 'NOT '}  {check.sentence}"
                + (f": {check.why}" if check.why else "")
            )
    if as_json:
        told = [{"sentence": one.sentence, "is_good": one.is_good, "why": one.why} for one in checks]
        say(json.dumps({"checks": told}, ensure_ascii=False))
    if not all(check.is_good for check in checks):
        raise typer.Exit(WRONG)


def _checks(url: str, token_file: Path, ca_file: Path | None, currency: str, pay: bool) -> Any:
    import secrets

    from drivers.link import SettingsError
    from drivers.link.clock import RealClock
    from drivers.masked import Secret
    from kiosk.config.secret_files import read_secret
    from sync.servers.central.settings import CentralClientSettings
    from sync.servers.pay import open_payment_backend
    from sync.servers.pay_trial import free_checks, paid_checks

    clock, name = RealClock(), f"try{secrets.token_hex(8)}"
    try:
        backend, impostor = (
            open_payment_backend(url, CentralClientSettings(token, ca_file), clock)
            for token in (read_secret(token_file), Secret(secrets.token_hex(16)))
        )
    except SettingsError as error:
        refuse(str(error))
    yield from free_checks(backend, impostor, currency, name, clock)
    if pay:
        yield from paid_checks(
            backend, currency, name, clock, lambda code: typer.echo(f"pay this code now: {code}", err=True)
        )
