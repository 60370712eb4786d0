"""What a lane says is to be done next."""

from __future__ import annotations

from dataclasses import dataclass

from sync.entries import Entry, EntryKey


@dataclass(frozen=True, slots=True)
class Carry:
    """Send these entries, together; there is at least one."""

    entries: tuple[Entry, ...]
    is_of_session: bool


@dataclass(frozen=True, slots=True)
class AskAbout:
    """Find out what became of this entry; without *was_sent*, how things stand before it is first sent.

    *is_given_up*: the terminal took back its own promise after it was perhaps sent.
    """

    entry: Entry
    is_of_session: bool
    was_sent: bool = True
    is_given_up: bool = False


@dataclass(frozen=True, slots=True)
class AskLeave:
    """*keys* would be sent, and are noted as never sent: a row has to be written before that says that they may be."""

    keys: tuple[EntryKey, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing before *until_seconds* (monotonic)."""

    until_seconds: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing until something enters, or until the exchange in flight ends."""


Next = Carry | AskAbout | AskLeave | Wait | Idle
