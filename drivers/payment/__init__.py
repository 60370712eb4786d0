"""Terminals at which a reader pays by card.

Start with `PaymentTerminal`.  `zvt_terminal.py` is the device: `zvt.py` has its messages, `zvt_commands.py` what it
is told, `zvt_fields.py` what is in a message, `zvt_hearing.py` what all of one conversation means, `zvt_serial.py` the
blocks of a serial line, `zvt_carriers.py` the two ways a message travels, `zvt_exchange.py` one command at a time,
`zvt_task.py` all that belongs to it, `zvt_trace.py` what a trace may show, `zvt_settings.py` what an installer can say.
`card_numbers.py` keeps card numbers out of texts, `marks.py` writes down marks.

The one promise: nobody is charged twice.  A payment is asked for once and never repeated.  Whatever leaves in doubt
how it ended is `Unknown`, and the only way on is `last_payment()`; `settle` says what that means.  For this the caller
writes down the mark of the payment *before* the new one, and how much is asked for, before it asks.

A card number leaves no driver but masked, and nothing here knows who pays, or what for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

__all__ = [
    "Aborted",
    "Amount",
    "Approved",
    "DayClosed",
    "Declined",
    "Diagnosed",
    "IntermediateStatus",
    "LastPayment",
    "NotPaid",
    "PaymentEvent",
    "PaymentMark",
    "PaymentTerminal",
    "PaymentUnclear",
    "Reversed",
    "Step",
    "TerminalStatus",
    "Unknown",
    "settle",
]

MINOR_MAX = 999_999_999_999


@dataclass(frozen=True, slots=True)
class Amount:
    """*minor* smallest units (cents) of *currency*, an ISO 4217 code as "EUR".  Raises `ValueError` below 1."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not 1 <= self.minor <= MINOR_MAX:
            raise ValueError(f"an amount of {self.minor} cannot be paid; allowed is 1 to {MINOR_MAX}")
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError(f"currency {self.currency!r} is no code of ISO 4217")


class Step(Enum):
    """What the terminal wants or does while a payment runs, as far as it can be told; OTHER is the rest."""

    INSERT_CARD = "insert-card"
    REMOVE_CARD = "remove-card"
    LOOK_AT_TERMINAL = "look-at-terminal"
    ASKING_HOST = "asking-host"
    WAIT = "wait"
    REVERSING = "reversing"
    DECLINED = "declined"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class IntermediateStatus:
    """A step on the way: *code* as the terminal has it, *text* in its own words, often none."""

    code: int
    step: Step
    text: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMark:
    """By what a terminal tells its payments apart: its *trace* and *receipt* numbers, its own number, day and time.

    *date* is MMDD, *time* HHMMSS by the terminal's own clock; None and empty where it did not say.
    """

    trace: int | None = None
    receipt: int | None = None
    terminal: str = ""
    date: str = ""
    time: str = ""

    def is_same(self, other: PaymentMark) -> bool | None:
        """Whether both mark one payment; None where that cannot be told.

        Counters can start again: numbers that are equal while day or time differ tell nothing, nor do another
        terminal's.
        """
        if self.terminal and other.terminal and self.terminal != other.terminal:
            return None
        numbers = [
            mine == theirs
            for mine, theirs in ((self.trace, other.trace), (self.receipt, other.receipt))
            if mine is not None and theirs is not None
        ]
        if not numbers:
            return None
        if not all(numbers):
            return False
        times = ((self.date, other.date), (self.time, other.time))
        return None if any(mine and theirs and mine != theirs for mine, theirs in times) else True


@dataclass(frozen=True, slots=True)
class Approved:
    """The money was taken, exactly *amount*.

    *card* is masked, *card_name* its brand; *receipt* are the lines of the terminal's receipt, to be kept and printed,
    empty where the terminal prints itself.
    """

    amount: Amount
    mark: PaymentMark
    card: str = ""
    card_name: str = ""
    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """Surely nothing was taken; *why* is one word, *code* the terminal's own, *text* in its words."""

    why: str
    code: int | None = None
    text: str = ""
    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aborted:
    """Surely nothing was taken: the reader or `abort()` ended it, or nobody showed a card in time."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell here whether money was taken; *why* is one word.  Ask `last_payment()`, and nothing else."""

    why: str


@dataclass(frozen=True, slots=True)
class Reversed:
    """The payment that was named has been given back; *mark* is the reversal's own."""

    amount: Amount
    mark: PaymentMark
    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayClosed:
    """The terminal has handed in its payments; *receipt* is what it says about them."""

    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """The terminal has spoken with its host; *receipt* is what it says about that."""

    receipt: tuple[str, ...] = ()


PaymentEvent = IntermediateStatus | Approved | Declined | Aborted | Unknown | Reversed | DayClosed | Diagnosed


@dataclass(frozen=True, slots=True)
class LastPayment:
    """What the terminal remembers as its last one; *amount* is None where it names none that can be.

    *is_reversal*: its receipt calls it one.
    """

    amount: Amount | None
    mark: PaymentMark
    is_approved: bool
    is_reversal: bool = False
    card: str = ""
    card_name: str = ""
    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotPaid:
    """Surely nothing was taken for what was asked."""


@dataclass(frozen=True, slots=True)
class TerminalStatus:
    """How a terminal is: *code* 0 is ready; *version* of its software, empty where it does not say."""

    is_ready: bool
    code: int = 0
    version: str = ""


class PaymentUnclear(Exception):
    """The caller has not asked `last_payment()` since the terminal was opened or an answer was `Unknown`."""


def settle(
    asked: Amount, before: PaymentMark | None, last: LastPayment | None
) -> Approved | NotPaid | Unknown:
    """What became of a payment of *asked* that ended in doubt, when *last* is what the terminal told afterwards.

    *before* is the mark that was handed to `authorise`.  A terminal that tells of no payment at all tells nothing, and
    one whose last payment is of another amount has been used by somebody else.
    """
    if last is None:
        return Unknown("no-receipt")
    is_old = False if before is None else last.mark.is_same(before)
    if is_old is None:
        return Unknown("not-telling")
    if is_old:
        return NotPaid()
    if last.is_reversal:
        return Unknown("reversal")
    if not last.is_approved:
        return NotPaid()
    if last.amount != asked:
        return Unknown("amount")
    return Approved(asked, last.mark, last.card, last.card_name, last.receipt)


class PaymentTerminal(Protocol):
    """A card terminal that does one thing at a time: begun by a call that returns at once, told by `poll`.

    What is begun ends with exactly one event that is no `IntermediateStatus`, within the terminal's own time limits.
    Beginning while something is under way raises `ValueError`.  Outside of what is under way a call may raise
    `DeviceLost` (open it again) or `DeviceFault` (it refuses).
    """

    def authorise(self, amount: Amount, before: PaymentMark | None) -> None:
        """Begins to take *amount* from a card; ends with `Approved`, `Declined`, `Aborted` or `Unknown`.

        *before* is the mark of the payment before this one, written down by the caller: that of the last
        `last_payment()` or `Approved`, None where the terminal remembered none.  Raises `PaymentUnclear` when it is
        another, or was never asked for: then nothing was sent, nor when `DeviceLost` or `DeviceFault` is raised.
        """

    def reverse(self, receipt: int, amount: Amount) -> None:
        """Begins to give back the payment with the number *receipt*; ends with `Reversed`, `Declined`, `Aborted` or
        `Unknown`, which is for staff.
        """

    def close_day(self) -> None:
        """Begins the end of day; ends with `DayClosed`, `Declined` or `Unknown`."""

    def diagnose(self) -> None:
        """Begins a diagnosis, in which the terminal speaks with its host; ends with `Diagnosed`, `Declined` or
        `Unknown`.
        """

    def poll(self, timeout_seconds: float) -> PaymentEvent | None:
        """What happened, at most 0.1 s, or less if *timeout_seconds* is less, after the call; None when nothing did.

        A link that breaks while something is under way ends it, and raises `DeviceLost` from the next call on.
        """

    def abort(self) -> None:
        """Asks the terminal to stop what is under way.  It may be too late: `poll` tells how it ended."""

    def last_payment(self) -> LastPayment | Unknown | None:
        """What the terminal remembers as its last payment; None when it tells of none.

        Takes a few seconds.  `Unknown` when the terminal is busy, or its answer cannot be believed: ask again.  What
        an earlier process left running is aborted first.  Never moves money.
        """

    def status(self) -> TerminalStatus:
        """How the terminal is now; takes a few seconds at most."""

    def close(self) -> None:
        """Logs off where the terminal can be reached, and frees the line.  Never raises."""
