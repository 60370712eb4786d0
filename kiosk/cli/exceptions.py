"""`kiosk exceptions`: where what terminals told central and what central knew do not agree.

docs/guides/central.md goes through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from kiosk.cli.application import UNUSABLE, WRONG, app, refuse
from kiosk.cli.place import Said, fail, tell

exceptions = typer.Typer(
    no_args_is_help=True, help="List what central's staff have to look at, and settle it."
)
app.add_typer(exceptions, name="exceptions")

DATABASE = typer.Option("sqlite:///central.db", help="as `kiosk central` has it")
REFERENCE = typer.Argument(help="the exception, as the list names it")
BY = typer.Option(help="who says so")
NOTE = typer.Option("", help="what else is worth knowing; no names of readers")
JSON = typer.Option(False, "--json", help="print one JSON object and nothing else")


@exceptions.command("list")
def list_exceptions(database: str = DATABASE, as_json: bool = JSON) -> None:
    """List the open exceptions: why, what the terminal told, what central knew, and what can be done."""
    from sync.central.exceptions_desk import listed
    from sync.central.settings import CentralSettings

    tell(done(lambda: listed(CentralSettings(database))), as_json, _lines)


@exceptions.command()
def decide(
    reference: str = REFERENCE,
    how: str = typer.Argument(help="apply: the loan stands; refuse: it was none"),
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    policy: Path | None = typer.Option(None, help="as `kiosk central` has it; says which due day counts"),
    currency: str = typer.Option("CNY", help="as `kiosk central` has it"),
    zone: str = typer.Option("", help="as `kiosk central` has it; empty: the machine's"),
    as_json: bool = JSON,
) -> None:
    """Decide a loan that is held; the terminal hears it when it tells the loan again, by itself."""
    from drivers.link.clock import RealClock
    from sync.central.circulation.policy import EventPolicy
    from sync.central.exceptions_desk import decided
    from sync.central.policy_file import read_policy
    from sync.central.settings import CentralSettings

    if how not in ("apply", "refuse"):
        refuse(f"{how!r} is no decision: apply or refuse")

    def do() -> Said:
        events = EventPolicy() if policy is None else read_policy(policy)
        settings = CentralSettings(database, currency=currency, zone=zone, events=events)
        return decided(settings, RealClock(), reference, by, note, is_applied=how == "apply")

    def lines(said: Said) -> Iterator[str]:
        due = f", due {said['due']}" if said["due"] else ""
        yield f"decided: {said['decided']}, the loan is {said['loan']}{due}"

    tell(done(do), as_json, lines)


@exceptions.command()
def close(
    reference: str = REFERENCE,
    by: str = BY,
    note: str = NOTE,
    database: str = DATABASE,
    as_json: bool = JSON,
) -> None:
    """Close an exception that was looked into; the loans stay as they are."""
    from drivers.link.clock import RealClock
    from sync.central.exceptions_desk import closed
    from sync.central.settings import CentralSettings

    said = done(lambda: closed(CentralSettings(database), RealClock(), reference, by, note))
    tell(said, as_json, lambda said: (f"closed: {said['closed']}",))


def done(do: Callable[[], Said]) -> Said:
    """What *do* says; ends the command with its sentence when nothing was done."""
    from drivers.link import SettingsError
    from sync.central.exceptions_desk import NotDone

    try:
        return do()
    except SettingsError as error:
        refuse(str(error))
    except NotDone as error:
        fail(str(error), UNUSABLE if error.is_call_wrong else WRONG)


_WHY = {
    "item-unknown": "no such item here",
    "patron-unknown": "no such card here",
    "implied-return": "another reader had it then, so it must have come back unseen",
    "lent-on": "it was lent to another reader since; that loan stays",
    "newer-loan": "it came back or was taken back, but a newer loan had begun; that one stays",
    "undo-unknown": "the terminal takes back a loan that central does not have",
    "events-lost": "central acknowledged what this terminal told, and does not have it any more",
    "card-stopped": "the card should not have had it",
    "item-not-lent": "the item should not have been lent",
    "limit-reached": "the reader had as much as they may have",
    "fee-not-agreed": "it costs a fee that nobody agreed to; none is charged",
    "item-found": "it was recorded as lost or missing and came back; what was charged for it is still owed",
    "hold-waits": "somebody waits for it, and it came back while the terminal was away: put it on the hold shelf",
}


def _lines(said: Said) -> Iterator[str]:
    found = said["exceptions"]
    for one in found:
        about = f"item {one['item']}  {one['title']}" if one["item"] else f"terminal {one['terminal']}"
        yield f"{one['reference']}  {about}".rstrip()
        yield f"    why       {one['kind']}: {_WHY[one['kind']]}"
        if one["patron"]:
            other = f", other reader {one['other_patron']}" if one["other_patron"] else ""
            yield f"    card      {one['patron']}{other}"
        yield f"    terminal  {one['terminal']}: {_side(one['told'])}"
        yield f"    central   {_side(one['known']) or 'knows nothing against it'}"
        yield f"    since     {_moment(one['opened_at'])}"
        if one["loan"]:
            yield f"    loan      {one['loan']}"
        how = "close" if one["can"] == ["close"] else "decide: " + " or ".join(one["can"])
        yield f"    can do    {how}"
        yield ""
    yield "1 open exception" if len(found) == 1 else f"{len(found)} open exceptions"


def _side(side: Any) -> str:
    words = {
        "at": "at",
        "due_on": "due",
        "lent_at": "lent since",
        "terminal": "by",
        "first": "from number",
        "last": "to number",
        "last_told_at": "what it has ends at",
        "reason": "reason",
    }
    parts = []
    for name in ("reason", "at", "lent_at", "terminal", "due_on", "first", "last", "last_told_at"):
        if name in side:
            value = _moment(side[name]) if name in ("at", "lent_at", "last_told_at") else side[name]
            parts.append(f"{words[name]} {value}")
    return ", ".join(parts)


def _moment(text: str) -> str:
    """The minute, by the clock of whoever reads it."""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
