"""What the uplink tells the desk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sync.entries import Answer, EntryKey, Granted, Refused, ServerClock
from sync.questions import Facts


@dataclass(frozen=True, slots=True)
class Unclear:
    """Neither done nor not done can be shown; *why* is for staff and names no patron."""

    why: str


Verdict = Granted | Refused | Unclear
"""What asking found about an entry in doubt: it was done, it was not (`Reason.NOT_DONE`), or nobody can
tell.
"""


@dataclass(frozen=True, slots=True)
class Carried:
    """*answer* to an entry that was sent, alone or with others.  After `Silence` the entry stays in its lane, in
    doubt unless it could not be sent; `NEVER_SENT`: it never was, and waits for leave.
    """

    key: EntryKey
    answer: Answer


@dataclass(frozen=True, slots=True)
class Judged:
    """What asking found about an entry in doubt.

    *is_carried_next*: it was not done, and it stays in its lane to be sent; otherwise it has left the lane.
    """

    key: EntryKey
    verdict: Verdict
    is_carried_next: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """The facts that question *token* asked for."""

    token: int
    facts: Facts


class Unanswered(Enum):
    """Why a question has no answer."""

    SILENT = "silent"
    LOGIN_REFUSED = "login-refused"


@dataclass(frozen=True, slots=True)
class NotTold:
    """Question *token* stays unanswered."""

    token: int
    why: Unanswered


class Link(Enum):
    """How the server answered last; UNKNOWN until the first exchange."""

    UNKNOWN = "unknown"
    UP = "up"
    SILENT = "silent"
    LOGIN_REFUSED = "login-refused"


@dataclass(frozen=True, slots=True)
class LinkState:
    """How the way to the server stands.

    *backlog* counts entries of no session.  *is_in_service*: the server says of itself that it is.  Reported whenever
    link or `is_current` change; of a long backlog also now and then on its way down.
    """

    link: Link
    backlog: int
    is_in_service: bool = True

    @property
    def is_current(self) -> bool:
        """Whether what the server says takes all into account that this terminal did: the last answer was a good one,
        and nothing waits.
        """
        return self.link is Link.UP and self.backlog == 0 and self.is_in_service


@dataclass(frozen=True, slots=True)
class ClockTold:
    """The server told its time, and it is not what was last told: *clock* is for the journal."""

    clock: ServerClock


@dataclass(frozen=True, slots=True)
class LeaveAsked:
    """The server was reached: before what was told as `NEVER_SENT` is sent, `ServerReached` has to be committed behind
    all that was told, and leave to be given for *notes*.
    """

    notes: int


Report = Carried | Judged | Told | NotTold | LinkState | ClockTold | LeaveAsked
