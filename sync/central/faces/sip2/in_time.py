"""Does what a terminal asks for, unless it had to wait too long for the store.

Whoever asked has hung up by then, has read the account, which can be read meanwhile, and has written down that nothing
was done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection

from sync.central.faces.sip2.answers import Counter

EXECUTE_SECONDS_MAX: Final = 3.0
"""How old a request may be when it is done; less than terminals wait for the answer."""

Outcome = TypeVar("Outcome")


class TooLate(Exception):
    """The store kept a request waiting for too long: it was not done, and there is no answer to it."""


def in_time(counter: Counter, do: Callable[[Connection], Outcome]) -> Outcome:
    """What *do* did in a transaction of its own.  Raises `TooLate` with nothing changed."""
    clock = counter.library.clock
    came_at = clock.monotonic()
    with counter.store.writing() as connection:
        outcome = do(connection)
        if clock.monotonic() - came_at > EXECUTE_SECONDS_MAX:
            raise TooLate
    return outcome
