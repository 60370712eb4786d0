"""What an installer can say about the lines of a GPIO chip, and what is no such thing."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.link import SettingsError

__all__ = ["check_lines"]

_LINE_MAX = 1023


def check_lines(lines: Sequence[int], active_low: Sequence[int] | None) -> None:
    """Raises `SettingsError` unless *lines* are different lines of a chip and *active_low* names some of them.

    *active_low* None: it was not said, and has to be.
    """
    if len(set(lines)) < len(lines):
        raise SettingsError(f"lines {sorted(lines)}: each has to be used for one thing only")
    for line in lines:
        if not 0 <= line <= _LINE_MAX:
            raise SettingsError(f"line {line}: allowed is 0 to {_LINE_MAX}")
    if active_low is None:
        raise SettingsError("active_low: has to be said, [] where no line is; a relay board may close on low")
    if not set(active_low) <= set(lines):
        raise SettingsError(f"active_low: lines {sorted(set(active_low) - set(lines))} are not used")
