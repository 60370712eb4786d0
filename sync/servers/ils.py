"""What any circulation server can be asked, and what its answers are once they are understood.

Three ways to end, never mixed: an answer; `ServerSilent` (nothing that can be believed came; for an entry that means
"in doubt"); `LoginRefused` (the terminal's own account is wrong: an installer's matter, never shown as a patron's).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sync.entries import Answer, Entry
from sync.questions import (
    AboutAccount,
    AboutItem,
    AboutPatron,
    AboutServer,
    AccountFacts,
    EndOfSession,
    Facts,
    ItemFacts,
    LoanFact,
    PatronFacts,
    Question,
    ServerFacts,
    SessionEnded,
    Standing,
)

__all__ = [
    "AboutAccount",
    "AboutItem",
    "AboutPatron",
    "AboutServer",
    "AccountFacts",
    "Capabilities",
    "EndOfSession",
    "Facts",
    "ItemFacts",
    "LoanFact",
    "LoginRefused",
    "PatronFacts",
    "Question",
    "Server",
    "ServerFacts",
    "ServerSilent",
    "SessionEnded",
    "Standing",
]


class ServerSilent(Exception):
    """No answer that can be believed.

    *why* (the first argument) is one word: connect, login, deadline, closed, garbled, write, offline.
    """


class LoginRefused(Exception):
    """The server is there and refuses the terminal's account.  Back off slowly; staff must act."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a server can do: *may_ask_items* (SIP2 17), *tells_loans* (63 with a charged list), *ends_sessions* (35),
    *takes_payments* (37), *takes_care* (19).  *pays_several*: one payment may be for some fees out of several; where
    it may not, it is for one fee, or for all that is owed.

    *entries_per_exchange*: how many entries one `carry` may take (1 for SIP2).  *repeats_safely*: a repeat with the
    same key is answered as the first time, so nothing has to be asked about before it is sent again;
    *repeats_payments*: at least a payment is.  *keeps_order*: entries have to arrive in the order of their positions,
    whatever they touch.
    """

    may_ask_items: bool = True
    tells_loans: bool = True
    ends_sessions: bool = True
    renews: bool = True
    takes_payments: bool = False
    pays_several: bool = True
    takes_care: bool = False
    entries_per_exchange: int = 1
    repeats_safely: bool = False
    repeats_payments: bool = False
    keeps_order: bool = False


class Server(Protocol):
    """A circulation server.  One call at a time; every call has a total deadline of its own."""

    def capabilities(self) -> Capabilities:
        """What can be asked; may need the connection.  Raises `ServerSilent` or `LoginRefused`."""

    def ask(self, question: Question) -> Facts:
        """Facts of the kind the question asks for.  Raises `ServerSilent` or `LoginRefused`."""

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        """One answer per entry, in order.  Never raises for want of an answer: that is `Silence` for the entries.

        `LoginRefused` is raised only when nothing has been sent.
        """

    def close(self) -> None:
        """Ends the connection.  Never raises."""
