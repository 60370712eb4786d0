"""What was found and how it did, in lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kiosk.devices.findings import Finding, Ground
from kiosk.devices.trials import Trial

_ROLE_WIDTH = len("payment_terminal")


def finding_lines(found: Iterable[Finding]) -> Iterator[str]:
    """Each finding: where it is, what it says it is, what it is taken for."""
    is_empty = True
    for one in found:
        is_empty = False
        thing = one.thing
        said = " ".join(part for part in (thing.usb_id, thing.maker, thing.product, thing.serial) if part)
        yield one.link + (f"  ({said})" if said else "")
        yield f"    {_taken_for(one)}"
        if not thing.has_stable_name:
            yield "    no stable name: it may be another one after the next start (docs/guides/devices.md)"
    if is_empty:
        yield "nothing is plugged in that a device of a kiosk could be on"


def _taken_for(one: Finding) -> str:
    match one.ground:
        case Ground.ANSWER if one.identity is not None:
            who = one.identity
            parts = [
                who.model,
                who.firmware and f"firmware {who.firmware}",
                who.serial and f"serial {who.serial}",
            ]
            return f"{one.driver}: it answers as {', '.join(part for part in parts if part)}"
        case Ground.USB_ID:
            return f"{one.driver}: by its USB id"
        case Ground.IN_USE:
            return "cannot be opened: in use, or not permitted to this user"
        case _:
            return "not known: a scanner, a printer, or nothing of ours"


def finding_json(one: Finding) -> dict[str, Any]:
    """One finding as values that JSON has."""
    who = one.identity
    return {
        "link": one.link,
        "names": list(one.thing.names),
        "usb_id": one.thing.usb_id,
        "maker": one.thing.maker,
        "product": one.thing.product,
        "serial": one.thing.serial,
        "has_stable_name": one.thing.has_stable_name,
        "ground": one.ground.value,
        "driver": one.driver,
        "model": who.model if who else "",
        "firmware": who.firmware if who else "",
    }


def trial_line(trial: Trial) -> str:
    """How a device did, in a column as wide as the longest of the roles."""
    return f"{trial.role:{_ROLE_WIDTH}} {trial.said}"
