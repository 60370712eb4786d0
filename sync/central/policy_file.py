"""Reads the library's settings for what terminals tell late: a TOML file with one section, `[events]`.

Every setting may be left out, and is then as `EventPolicy` has it; docs/guides/central.md lists them.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

from drivers.link import SettingsError
from sync.central.circulation.policy import EventPolicy

FILE_SIZE_MAX = 64 * 1024
SECTION = "events"


def read_policy(path: Path) -> EventPolicy:
    """The settings in *path*.  Raises `SettingsError` with every fault found, one a line."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_SIZE_MAX + 1)
    except OSError as error:
        raise SettingsError(f"the policy {path} cannot be read: {error.strerror}") from None
    if len(content) > FILE_SIZE_MAX:
        raise SettingsError(f"the policy {path} has more than {FILE_SIZE_MAX} bytes")
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error) or "it is nested"
        raise SettingsError(f"the policy {path} is no TOML: {why}") from None
    policy, complaints = _policy(tables)
    if complaints:
        raise SettingsError("\n".join(f"{path}: {complaint}" for complaint in complaints))
    try:
        policy.check()
    except SettingsError as error:
        raise SettingsError(f"{path}: [{SECTION}] {error}") from None
    return policy


def _policy(tables: dict[str, Any]) -> tuple[EventPolicy, list[str]]:
    """The settings in *tables*, and what is wrong with them; with a complaint the settings are not to be used."""
    complaints = [
        f"[{name}] is not known; there is one section, [{SECTION}]" for name in tables if name != SECTION
    ]
    told = tables.get(SECTION, {})
    if not isinstance(told, dict):
        return EventPolicy(), [f"{SECTION} has to be a section, [{SECTION}]"]
    usual = {field.name: getattr(EventPolicy(), field.name) for field in fields(EventPolicy)}
    found: dict[str, Any] = {}
    for name, value in told.items():
        if name not in usual:
            complaints.append(f"[{SECTION}] {name} is not known; {_hint(name, usual)}")
            continue
        try:
            found[name] = _value(value, usual[name])
        except ValueError as error:
            complaints.append(f"[{SECTION}] {name} must be {error}")
    return EventPolicy(**found) if not complaints else EventPolicy(), complaints


def _value(value: object, usual: object) -> object:
    """*value* as the type that *usual* has.  Raises `ValueError`, saying what it must be."""
    if isinstance(usual, Enum):
        allowed = {str(choice.value): choice for choice in type(usual)}
        if not isinstance(value, str) or value not in allowed:
            raise ValueError("one of " + ", ".join(f'"{name}"' for name in allowed))
        return allowed[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number of seconds")
    return float(value)


def _hint(name: str, known: dict[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else "known are " + ", ".join(known)
