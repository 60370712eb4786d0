"""`kiosk devices`: what is plugged in, what it is taken for, and whether it works."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

from kiosk.cli.application import WRONG, app, refuse

WARNING = (
    "The strip unit is about to desensitise the strip of one item.  Take everything off it and away from it, tapes\n"
    "and disks above all: its field erases them."
)
SENSING = "After your yes it treats the next item that it senses within {seconds:g} seconds: bring one test item then."
LAID = "It senses nothing and acts at once after your yes: first lay one test item on it."


@app.command()
def devices(
    file: Path | None = typer.Argument(
        None, help="a terminal's configuration: its devices are opened and tried"
    ),
    pulse: bool = typer.Option(
        False, "--pulse", help="with FILE: let the strip unit treat one item, after a warning"
    ),
    as_json: bool = typer.Option(False, "--json", help="print one JSON object"),
) -> None:
    """List what is plugged in and what it is taken for; with a configuration, try each of its devices."""
    if file is None:
        if pulse:
            refuse("--pulse: name the configuration of the terminal whose strip unit is meant")
        _list(as_json)
        return
    from kiosk.config.complaints import ConfigurationWrong
    from kiosk.config.loading import load

    try:
        configuration = load(file)
    except ConfigurationWrong as wrong:
        refuse("\n".join(wrong.complaints))
    if pulse and configuration.strip_unit is None:
        refuse("--pulse: this configuration has no [strip_unit]")
    if _tell_of_running(configuration, as_json, pulse):
        return
    trials = []
    for trial in _trials(configuration, pulse):
        trials.append(trial)
        if not as_json:
            from kiosk.devices.report import trial_line

            typer.echo(trial_line(trial))
    if as_json:
        told = [{"role": one.role, "is_good": one.is_good, "said": one.said} for one in trials]
        typer.echo(json.dumps({"devices": told}, ensure_ascii=False))
    if not all(trial.is_good for trial in trials):
        raise typer.Exit(WRONG)


def _list(as_json: bool) -> None:
    from drivers.catalog import LinkKind
    from drivers.link.clock import RealClock
    from drivers.link.urls import open_control_link, open_link
    from drivers.plugged import plugged
    from kiosk.devices.findings import findings
    from kiosk.devices.report import finding_json, finding_lines

    openers: dict[LinkKind, Callable[..., Any]] = {
        LinkKind.BYTES: open_link,
        LinkKind.CONTROL: open_control_link,
    }
    found = findings(plugged(), RealClock(), openers)
    if as_json:
        typer.echo(json.dumps({"plugged": [finding_json(one) for one in found]}, ensure_ascii=False))
    else:
        for line in finding_lines(found):
            typer.echo(line)


def _tell_of_running(configuration: Any, as_json: bool, is_pulse: bool) -> bool:
    """Whether a terminal runs that holds these devices; then its own word about them is what is told."""
    from kiosk.engine.control_call import NobodyServes, call
    from kiosk.engine.errands import NotDone

    try:
        down = call(configuration.control.folder, {"do": "health"}).get("devices_down", [])
    except NobodyServes:
        return False
    except NotDone as refusal:
        refuse(str(refusal))
    if is_pulse:
        refuse("--pulse: the terminal runs and holds its strip unit; stop it first")
    if as_json:
        typer.echo(json.dumps({"is_running": True, "devices_down": down}))
    else:
        away = f"; away: {', '.join(down)}" if down else "; all of them are there"
        typer.echo(f"the terminal runs and has its devices open{away}.  Stop it to try them one by one.")
    if down:
        raise typer.Exit(WRONG)
    return True


def _trials(configuration: Any, pulse: bool) -> Iterator[Any]:
    """A trial of each device as it is done; with *pulse* and a yes, one more of the strip unit."""
    from drivers.link.clock import RealClock
    from kiosk.config.loading import KINDS
    from kiosk.devices.trials import pulsed, tried
    from kiosk.runtime.opening import opener

    clock = RealClock()
    for role, kind in KINDS.items():
        open_device = opener(getattr(configuration, role), clock)
        if open_device is not None:
            yield tried(role, kind, open_device, clock)
    open_unit = opener(configuration.strip_unit, clock)
    if (
        pulse
        and open_unit is not None
        and _is_wanted(configuration.strip_unit.settings.abilities.senses_items)
    ):
        yield pulsed("strip_unit", open_unit, clock)


def _is_wanted(senses_items: bool) -> bool:
    """Whether the installer, warned, wants the strip unit to act."""
    from kiosk.devices.trials import PULSE_SECONDS

    typer.echo(WARNING, err=True)
    typer.echo(SENSING.format(seconds=PULSE_SECONDS) if senses_items else LAID, err=True)
    return typer.confirm("Go on?", err=True)
